"""How texts name a unit of money: what is understood, what is refused, what is no unit at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.schema.unit_words import Named
from compensation.schema.units import split_unit, unit_of, units_in
from compensation.tables.headings import normalise

WAN = 10_000

UNDERSTOOD: dict[int, list[str]] = {
    1: [
        "元",
        "(元)",
        "单位:元",
        "币种:人民币 单位:元",
        "单位:人民币",
        "(Unit: RMB)",
        "人民币元",
        "以元为单位",
        "Unit: yuan",
        "金额:元",
    ],
    1_000: ["千元", "单位:千元", "单位：仟元", "Unit: RMB'000", "Amounts in RMB thousand"],
    WAN: [
        "万元",
        "（万元）",
        "萬元",
        "单位:万元",
        "单位:萬元",
        "単位：万元",
        "『单位：万元』",
        "填报说明:金额请按万元填写",
        "金额以万元录入",
        "单位：万圆",
        "单位万元",
        "单位 万元",
        "单位是万元",
        "【单位：万元】",
        "［单位：万元］",
        "单位（万元）",
        "单位【万元】",
        "单 位 : 万 元",
        "单位——万元",
        "单位:1万元",
        "单位:万元  截止日期:2023年03月31日",
        "截止日期:2023年03月31日  单位:万元",
        "2022-12-31 万元",
        "2022.12.31 万元",
        "单位:万元 第1页",
        "第1页 共3页 单位:万元",
        "1/3 万元",
        "(单位:万元,除特别说明外)",
        "单位:万元（保留两位小数）",
        "金额单位为万元",
        "金额单位:人民币万元",
        "单位:人民币（万元）",
        "单位:万元人民币",
        "货币单位:人民币 万元",
        "计量单位:万元",
        "以万元计",
        "本表以万元为单位",
        "本表计量单位为“万元”",
        "金额均为万元",
        "注:以上金额单位均为万元",
        "金额以万元列示",
        "除特别说明外，金额单位均为人民币万元",
        "说明：1.本表金额以万元为单位；2.其他",
        "本套报表金额单位均为万元",
        "单位:户、万元",
        "单位：万元/户",
        "单位:人、万元",
        "编制单位:济源担保 单位:万元",
        "填报单位:甲公司　　单位:万元",
        "2022年代偿明细表(万元)",
        "2022年代偿明细表万元",
        "代偿台账(单位:万元)",
        "企业财务(万元)",
        "金额（万元）",
        "Unit: RMB 10,000",
        "Unit: 10,000 yuan",
        "in 10,000 yuan",
        "Unit: ten thousand yuan",
        "Unit: CNY 10k",
        "RMB'0000",
        "Unit: 万元",
        "RMB万元",
        "单位:10,000元",
        "单\u200b位:万元",
        "(人民币:万元)",
        "万元 2022年度",
        "万元版",
        "单位:一万元",
        "填报口径:万元",
        "数据单位为“万元”",
    ],
    100_000: ["单位:十万元"],
    1_000_000: [
        "百万元",
        "单位:百万元",
        "单位:佰万元",
        "Unit: RMB million",
        "金额以人民币百万元列示",
    ],
    100_000_000: ["亿元", "单位:亿元", "单位:億元", "Unit: RMB 100 million"],
}

REFUSED = [
    "单位:美元",
    "单位:USD",
    "币种:美元",
    "单位:万美元",
    "单位:万円",
    "单位：¥10,000",
    "RMB: 10 thousand",
    "单位:港币",
    "Unit: USD 10,000",
    "(美元)",
    "单位:日元",
    "单位:百万",
    "单位:万",
    "单位:亿",
    "Unit: thousand",
    "Currency: CNY, Unit: 10,000",
    "单位:10000",
    "单位:人民币 第1页",
    "Unit: RMB (W)",
    "Unit: RMB, 10K",
    "金额单位:斤",
    "金额单位:见表",
    "单位:角",
    "金额单位:分",
    "单位:w元",
    "单位：W",
    "Unit: k",
    "单位:KRMB",
    "RMB0,000",
    "¥'000",
    "单位:5万元",
    "单位:1.5万元",
    "单位:十亿元",
    "RMB 10,000",
    "2022 万元",
    "以万计",
    "金额以“万”为单位",
    "本表金额按万填列",
    "金额（万）",
    "金额：万",
    "金额:w",
    "元（万）",
    "￥：万",
    "¥10k",
    "明细表（万）",
    "(万)",
    "(w)",
    "单位:万亓",
    "单位：万园",
    "In 10,000s",
    "Amounts in ten thousands",
]
"""It is said that there is a unit, and not which, or none of those that are supported."""

NONE = [
    "",
    "单位",
    "单位:",
    "填报单位:某公司",
    "编制单位:济源担保公司",
    "单位负责人:张三",
    "单位:某某县财政局",
    "单位:万达集团",
    "元氏县融资担保公司",
    "开元担保公司",
    "单位:元氏县担保公司",
    "填报单位：三元",
    "编制单位：元创担保",
    "代偿台账(第一单元)",
    "万元户贷款台账",
    "亿元担保有限公司",
    "单位:万元通担保公司",
    "美元贷款公司",
    "公元2022年",
    "元旦",
    "元/户",
    "万元/户",
    "合计担保金额：500万元",
    "合计担保金额: 500 万元",
    "共 12 笔, 合计 3,000 万元",
    "代偿总额 300万元",
    "逾期3万元",
    "注册资本壹亿元整",
    "五百万元",
    "500余万元",
    "500万元以下",
    "合计(万元):500",
    "合计 2022 万元",
    "Total: RMB 10,000",
    "附表(十)",
    "2022年度",
    "截止日期:2022-12-31",
    "币种:人民币",
    "截至2022年末",
    "户数数以百计",
    "注:按千分之三计收保费",
    "附表(k)",
    "in 10,000 cases",
    "金额:见万达集团合同",
    "(千里马公司)",
]


def all_understood() -> list[tuple[str, int]]:
    return [(text, worth) for worth, texts in UNDERSTOOD.items() for text in texts]


@pytest.mark.parametrize(("text", "worth"), all_understood())
def test_a_unit_is_understood_whatever_stands_beside_it(text: str, worth: int) -> None:
    assert {named.worth for named in units_in(text)} == {worth}


@pytest.mark.parametrize("text", REFUSED)
def test_what_may_be_a_unit_and_is_not_understood_is_said(text: str) -> None:
    assert {named.worth for named in units_in(text)} == {None}


@pytest.mark.parametrize("text", NONE)
def test_names_and_amounts_are_no_units(text: str) -> None:
    assert units_in(text) == []


def test_two_units_in_one_cell_are_both_found() -> None:
    assert units_in("单位:元 单位:万元") == [Named(1, True), Named(WAN, True)]


def test_words_behind_a_unit_line_name_no_group_of_columns() -> None:
    behind, before = units_in("单位:万元(保留两位小数)"), units_in("企业财务(单位:万元,含息)")
    assert [named.over for named in (*behind, *before)] == ["", "企业财务"]


@pytest.mark.parametrize(
    ("heading", "base", "worth"),
    [
        ("担保金额(万元)", "担保金额", WAN),
        ("担保金额（单位：万元）", "担保金额", WAN),
        ("担保金额(单位:人民币万元)", "担保金额", WAN),
        ("担保金额【万元】", "担保金额", WAN),
        ("担保金额[百万元]", "担保金额", 10**6),
        ("担保金额/万元", "担保金额", WAN),
        ("担保金额/(万元)", "担保金额", WAN),
        ("担保金额：(万元)", "担保金额", WAN),
        ("担保金额「万元」", "担保金额", WAN),
        ("担保金额_万元", "担保金额", WAN),
        ("担保金额 万元", "担保金额", WAN),
        ("担保金额—亿元", "担保金额", 10**8),
        ("担保金额：千元", "担保金额", 1_000),
        ("担保金额元", "担保金额", 1),
        ("担保金额(RMB 10,000)", "担保金额", WAN),
        ("guaranteed_amount_yuan", "guaranteed_amount", 1),
        ("担保金额(RMB)", "担保金额", 1),
        ("担保金额(￥)", "担保金额", 1),
        ("担保金额(美元)", "担保金额", None),
        ("担保金额(万元,不含息)", "担保金额", None),
        ("担保金额(新)", "担保金额", None),
        ("担保金额()", "担保金额", None),
    ],
)
def test_the_unit_at_the_end_of_a_heading(heading: str, base: str, worth: int | None) -> None:
    found, unit = split_unit(normalise(heading))
    assert found == base
    assert unit is not None
    assert unit_of(unit) == worth


@pytest.mark.parametrize("heading", ["担保金额", "从业人员", "合同编号", "元", ""])
def test_a_heading_without_a_unit(heading: str) -> None:
    assert split_unit(heading) == (heading, None)


@given(st.text("单位:万元千百亿人民币rmbunit 0123,./()年第公司", max_size=60))
def test_any_text_is_looked_at_without_an_error(text: str) -> None:
    for named in units_in(text):
        assert named.worth is None or str(named.worth).strip("0") == "1"
    base, _ = split_unit(normalise(text))
    assert normalise(text).startswith(base)
