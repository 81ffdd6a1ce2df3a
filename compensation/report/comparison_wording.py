"""What the columns, figures and effects of a comparison are called."""

from __future__ import annotations

from compensation.language import Text
from compensation.whatif.compare import INTERPLAY, Comparison

HEADINGS = {
    "year": Text("年度", "year"),
    "variant": Text("方案", "variant"),
    "institution_id": Text("机构代码", "institution"),
    "claim_id": Text("代偿编号", "claim"),
    "eligible": Text("是否符合条件", "eligible"),
    "reasons": Text("不符合原因（编号）", "reasons"),
    "rate": Text("补偿比例", "rate"),
    "rate_before": Text("原补偿比例", "rate before"),
    "eligible_institutions": Text("符合条件机构", "eligible institutions"),
    "claims": Text("代偿笔数", "claims"),
    "eligible_claims": Text("符合条件笔数", "eligible claims"),
    "compensation": Text("补偿金额", "compensation"),
    "compensation_before": Text("原补偿金额", "compensation before"),
    "payable": Text("应付金额", "payable"),
    "payable_before": Text("原应付金额", "payable before"),
    "paid": Text("已补偿金额", "paid"),
    "returned_to_government": Text("返还政府", "to government"),
    "net_cost": Text("财政净支出", "net cost"),
    "claims_gaining": Text("增加笔数", "gaining"),
    "claims_losing": Text("减少笔数", "losing"),
    "claims_switching": Text("条件改变笔数", "switching"),
    "effect": Text("变动", "effect"),
    "conditions": Text("改变结果的条件", "conditions"),
    "change": Text("补偿增减", "change"),
}
EFFECTS = {
    "becomes_eligible": Text("转为符合条件", "becomes eligible"),
    "becomes_ineligible": Text("转为不符合条件", "becomes ineligible"),
    "gains": Text("补偿增加", "gains"),
    "loses": Text("补偿减少", "loses"),
    "payable_only": Text("仅应付金额变动", "payable only"),
}
STRICT = Text("政策按其规定的施行日期测算", "the policies have their own days")
ALL_YEARS = Text("合计", "all")
INTERPLAY_NAME = Text("各项相互影响", "interplay")


def variant_names(comparison: Comparison) -> dict[str, Text]:
    """Return what each variant is called in tables: its number; the legend says what it is."""
    found = {
        variant.name: Text(f"方案 {number}", f"variant {number}")
        for number, variant in enumerate(comparison.variants, 1)
    }
    return {**found, INTERPLAY: INTERPLAY_NAME}


def variant_title(comparison: Comparison, number: int) -> Text:
    """Return what the variant of a number, from 0, is: its policy, and what was changed in it."""
    variant = comparison.variants[number]
    changes = list(map(str, variant.settings))
    said = (f"{variant.policy.id} {mark.join(changes)}".rstrip() for mark in ("；", "; "))
    return Text(*said)
