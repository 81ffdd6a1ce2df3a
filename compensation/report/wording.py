"""What a policy says, in Chinese, as it stands on the sheets: limits and rates in natural units."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal

from compensation.language import day
from compensation.ledger.dictionary import (
    BORROWER_GROUPS,
    BORROWER_TYPES,
    ColumnType,
    party_name,
    table,
)
from compensation.policy.catalogue import Policy
from compensation.policy.model import (
    Addition,
    Base,
    Beneficiary,
    Budget,
    Cap,
    Cited,
    Condition,
    DatedLimit,
    Decided,
    Definition,
    Effective,
    ExpectedInstitutions,
    Indicator,
    Limit,
    Payer,
    PolicyFile,
    RateBounds,
    Returns,
    Review,
    Series,
    SeriesLimit,
    Test,
    Tier,
    Trigger,
)
from compensation.policy.subjects import INDICATOR_PREFIX, subject_info
from compensation.rules.conditions import COMPARISONS, subject_name
from compensation.rules.decision import NO_RATE_DECIDED, NO_TIER, tier_tests
from compensation.values.printing import percent

TREATMENTS = {"computed": "计算", "input": "由输入提供", "out_of_scope": "不在计算范围"}

_NUMBERS = {"at_least": "不低于", "above": "高于", "at_most": "不超过", "below": "低于"}
_DATES = {"at_least": "不早于", "above": "晚于", "at_most": "不晚于", "below": "早于"}
_OF = {"payout": "代偿金额（本金+利息）", "principal": "代偿本金"}
_PER = {
    "claim": "单笔代偿",
    "borrower": "单个借款人",
    "institution": "单家机构",
    "programme": "全部",
}
_KINDS: Mapping[type[Cited], str] = {
    Effective: "适用期间",
    Indicator: "指标",
    Trigger: "归属年度",
    Base: "补偿基数",
    Beneficiary: "受偿方",
    RateBounds: "比例范围",
    Tier: "补偿档次",
    Addition: "比例加点",
    Decided: "个案核定比例",
    Cap: "补偿上限",
    Payer: "出资方",
    Review: "审核",
    Budget: "预算分配",
    Returns: "追偿返还",
    ExpectedInstitutions: "机构数",
    Series: "参考利率",
    Definition: "定义",
}
_SPECIAL_REASONS = {
    NO_TIER: "有适用的补偿档次",
    NO_RATE_DECIDED: "补偿比例已核定且不超过档次比例",
}


def column_title(rules: PolicyFile, name: str) -> str:
    """Return the Chinese heading of ``table.column``, or of ``indicator.id``."""
    info = subject_info(rules, name)
    if info is None:
        return name
    return info.title.zh.removesuffix(f"（{name.partition('.')[2]}）")


def describe_test(policy: Policy, test: Test) -> str:
    """Return what a test asks for: 支小支农占比不低于 80%."""
    rules = policy.rules
    if test.any is not None:
        return "或".join(f"（{describe_test(policy, part)}）" for part in test.any)
    if test.institution is not None:
        return "机构当年符合补偿条件"
    name = subject_name(test)
    info = subject_info(rules, name)
    title = column_title(rules, name)
    kind = ColumnType.TEXT if info is None else info.type
    asked = [
        (_DATES if kind is ColumnType.DATE else _NUMBERS)[operator] + _limit(policy, limit, kind)
        for operator in COMPARISONS
        if (limit := getattr(test, operator)) is not None
    ]
    if test.is_ is not None:
        asked.append("为“是”" if test.is_ else "为“否”")
    if test.one_of is not None:
        asked.append("为" + "、".join(map(_word, test.one_of)))
    if test.starts_with is not None:
        asked.append("以" + "或".join(f"“{word}”" for word in test.starts_with) + "开头")
    if test.given:
        asked.append("已填写")
    if test.within is not None:
        asked.append("在政策适用期间内")
    if test.within_days is not None:
        counted_from = column_title(rules, test.of or "")
        asked.append(f"不晚于{counted_from}后 {test.within_days} 天")
    return title + "且".join(asked)


def kind_of(policy: Policy, cited: Cited) -> str:
    """Return what an element of the policy is, in one word."""
    if isinstance(cited, Condition):
        of_institution = cited in policy.rules.institution_conditions
        return "机构条件" if of_institution else "代偿条件"
    return next((word for kind, word in _KINDS.items() if isinstance(cited, kind)), "")


def figure_of(policy: Policy, cited: Cited) -> str:
    """Return the limit, rate or rule that an element of the policy sets; may be blank."""
    rules = policy.rules
    match cited:
        case Condition():
            return describe_test(policy, cited)
        case Effective():
            return f"{day(cited.from_).zh}起" + (
                "" if cited.to is None else f"，至{day(cited.to).zh}止"
            )
        case Tier():
            place = next(i for i, tier in enumerate(rules.rates.tiers) if tier is cited)
            when = "；".join(describe_test(policy, test) for test in tier_tests(policy)[place])
            return f"{percent(cited.rate)}" + (f"：{when}" if when else "")
        case Addition():
            when = "；".join(describe_test(policy, test) for test in cited.when)
            return f"加 {percent(cited.points)}：{when}"
        case RateBounds():
            return f"{percent(cited.at_least)}—{percent(cited.at_most)}"
        case Base():
            party = "" if cited.party is None else f"，{party_name(cited.party).zh}承担部分"
            less = "".join(f"，减去{column_title(rules, name)}" for name in cited.less)
            return _OF[cited.of] + party + less
        case Beneficiary():
            return party_name(cited.party).zh
        case Cap():
            return _cap(rules, cited)
        case _:
            return _rule(rules, cited)


def _rule(rules: PolicyFile, cited: Cited) -> str:
    match cited:
        case Trigger():
            return column_title(rules, cited.date) + "所在年度"
        case Decided():
            above = "按上限计" if cited.above_ceiling == "ceiling" else "不予补偿"
            return f"按“{column_title(rules, cited.column)}”；超过档次比例的，{above}"
        case Review():
            required = [table("claims").column(name).heading for name in cited.required]
            return "、".join(required) or "不要求审核"
        case Budget():
            order = "" if cited.order is None else f"（按{column_title(rules, cited.order)}）"
            return "按比例分配" if cited.method == "pro_rata" else f"先到先得{order}"
        case Returns():
            return "扣除追偿费用后返还" if cited.costs == "net" else "不扣除追偿费用"
        case Payer():
            return f"{cited.name.zh}承担 {percent(cited.share)}"
        case ExpectedInstitutions():
            return f"不超过 {cited.at_most} 家"
        case Series():
            return f"{cited.name.zh}（{cited.source.zh}），核对至 {cited.checked_until}"
        case Indicator():
            return cited.name.zh
        case _:
            return ""


def _cap(rules: PolicyFile, cap: Cap) -> str:
    whose = _PER[cap.per]
    if cap.share_of_borne is not None:
        party = party_name(rules.beneficiary.party).zh
        limit = f"{party}承担金额的 {percent(cap.share_of_borne)}"
    else:
        assert cap.amount is not None
        limit = " " + _amount(cap.amount)
    years = "（历年合计）" if cap.years == "all" else ""
    less = "".join(f"，先减去{column_title(rules, name)}" for name in cap.less)
    over = "；超过的不予补偿" if cap.over == "refuse" else ""
    return f"{whose}{years}不超过{limit}{less}{over}"


def _amount(yuan: Decimal) -> str:
    """Return an amount in yuan, in 万元 where that is a whole number.

    >>> _amount(Decimal(5000000))
    '500 万元'
    """
    if yuan and yuan % 10_000 == 0:
        return f"{int(yuan // 10_000):,} 万元"
    return f"{yuan.normalize():,f} 元"


def _limit(policy: Policy, limit: Limit, kind: ColumnType) -> str:
    if isinstance(limit, SeriesLimit):
        series = policy.series[limit.series].name.zh
        plus = f" + {percent(limit.plus)}" if limit.plus else ""
        return f"{column_title(policy.rules, limit.on)}当日的{series}{plus}"
    if isinstance(limit, DatedLimit):
        steps = [f"{_plain(v.value, kind).strip()}（{day(v.from_).zh}起）" for v in limit.values]
        return " " + "、".join(steps)
    return _plain(limit, kind)


def _plain(value: Decimal | datetime.date, kind: ColumnType) -> str:
    if isinstance(value, datetime.date):
        return f" {value}"
    if kind is ColumnType.MONEY:
        return f" {_amount(value)}"
    return f" {percent(value)}" if kind is ColumnType.SHARE else f" {value.normalize():,f}"


def _word(value: str) -> str:
    """Return a value of a choice by its Chinese name; any other text stands for itself."""
    if value in BORROWER_GROUPS:
        return BORROWER_GROUPS[value].zh
    return next((choice.zh for choice in BORROWER_TYPES if choice.value == value), value)


class Reasons:
    """Says in Chinese what the ids of a result's reasons ask for; each combination once."""

    def __init__(self, policy: Policy) -> None:
        rules = policy.rules
        self._meaning = dict(_SPECIAL_REASONS)
        self._meaning |= {cap.id: _cap(rules, cap) for cap in rules.caps}
        self._asked: dict[str, dict[str, str]] = {}
        for name, conditions in (
            ("claims", rules.claim_conditions),
            ("institutions", rules.institution_conditions),
        ):
            self._asked[name] = {c.id: describe_test(policy, c) for c in conditions}
        self._seen: dict[tuple[str, str], str] = {}

    def explain(self, result: str, ids: object) -> str:
        """Return what was not met, in Chinese; ``result`` is claims or institutions."""
        if not isinstance(ids, str):
            return ""
        if (result, ids) not in self._seen:
            meaning = self._asked[result] | self._meaning
            self._seen[result, ids] = "；".join(meaning.get(id_, id_) for id_ in ids.split(";"))
        return self._seen[result, ids]


def indicator_title(rules: PolicyFile, name: str) -> str:
    """Return the Chinese name of an indicator."""
    return column_title(rules, INDICATOR_PREFIX + name)
