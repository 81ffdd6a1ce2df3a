"""What the elements of a policy say, in words: conditions, rates, rules, payers.

Every output takes these words: explanations, sheets, the command line and the API.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compensation.language import Text, joined, same
from compensation.policy.cap_words import describe_cap, group_name
from compensation.policy.case_words import CASES
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import (
    Addition,
    Base,
    Beneficiary,
    Budget,
    Cap,
    Cited,
    Compensation,
    Condition,
    Decided,
    Definition,
    Effective,
    ExpectedInstitutions,
    Indicator,
    Operation,
    Payer,
    Quantity,
    RateBounds,
    Returns,
    Review,
    RowQuantity,
    Series,
    Stage,
    Tier,
    Trigger,
)
from compensation.policy.party_words import BORROWER, recipient_of, recipient_title
from compensation.policy.quantities import FORM, MEASURED_GROUPS
from compensation.policy.quantity_words import (
    describe_quantity,
    describe_test,
    limit_in_words,
    part_between,
    turns,
    with_tests,
)
from compensation.policy.return_words import describe_returns
from compensation.policy.tiers import end_of, tests_of
from compensation.policy.value_words import (
    amount,
    days_in_words,
    in_units,
    in_whole_units,
    name_title,
    spaced,
    too_little_once_cut,
    what_is_left_over,
)
from compensation.schema.dictionary import CLAIMS
from compensation.values.printing import percent

TREATMENTS = {
    "computed": Text("计算", "computed"),
    "input": Text("由输入提供", "given in the input"),
    "out_of_scope": Text("不在计算范围", "not computed"),
}
_KINDS: Mapping[type[Cited], Text] = {
    Effective: Text("适用期间", "effective days"),
    Indicator: Text("指标", "indicator"),
    RowQuantity: Text("计算项", "quantity"),
    Trigger: Text("归属年度", "year of a case"),
    Base: Text("补偿基数", "base"),
    Beneficiary: Text("受偿方", "beneficiary"),
    RateBounds: Text("比例范围", "range of rates"),
    Tier: Text("补偿档次", "tier"),
    Addition: Text("比例加点", "points added"),
    Decided: Text("个案核定比例", "rate decided case by case"),
    Cap: Text("补偿上限", "cap"),
    Payer: Text("出资方", "payer"),
    Stage: Text("分期支付", "stage of payment"),
    Review: Text("审核", "review"),
    Budget: Text("预算分配", "budget"),
    Returns: Text("追偿返还", "returns"),
    ExpectedInstitutions: Text("机构数", "number of institutions"),
    Compensation: Text("补偿金额", "compensation"),
    Definition: Text("定义", "definition"),
}
_ELEMENTS = {
    "base": _KINDS[Base],
    "rates": _KINDS[Tier],
    "rates.decided": _KINDS[Decided],
    "budget": _KINDS[Budget],
    FORM: _KINDS[Compensation],
    "returns": _KINDS[Returns],
    "trigger": _KINDS[Trigger],
    "stages": _KINDS[Stage],
    "beneficiary": _KINDS[Beneficiary],
    "borne_by": Text("各方承担的金额", "what parties bear"),
    MEASURED_GROUPS: Text("按组计的数（measure）", "a measure of groups"),
}
"""What elements of a policy that have no id are called."""


def element_in_words(policy: Policy, user: str) -> Text:
    """Return an element of a policy for messages: by its kind, with its id where it has one.

    `user`: its id, or its key, as `rules.decision.variables_needed` has it.
    """
    key, _, place = user.partition(".tiers[")
    if place:
        number = place.removesuffix("]")
        return Text(f"第 {number} 档补偿比例", f"tier {number}")
    if (said := _ELEMENTS.get(key)) is not None:
        return said
    payer = user.removeprefix("payers[").removesuffix("]")
    if payer != user:
        return spaced(_KINDS[Payer], Text(f"“{payer}”", f"“{payer}”"))
    # What looks at something is no quantity: that is part of what computes with it.
    others = (
        each.cited for each in policy.cited() if not isinstance(each.cited, (RowQuantity, Payer))
    )
    found = (cited for cited in others if getattr(cited, "id", None) == user)
    kind = next((kind_of(policy, cited) for cited in found), same(""))
    return Text(f"{kind.zh}“{user}”", f"{kind.en} “{user}”".lstrip())


def figures_in_words(policy: Policy, names: Iterable[str]) -> Text:
    """Return what figures are called, those that have no name by what they are."""
    called = (_ELEMENTS.get(name) or name_title(policy, name) for name in names)
    return joined(called, "、", ", ")


def kind_of(policy: Policy, cited: Cited) -> Text:
    """Return what an element of the policy is, in one word."""
    if isinstance(cited, Condition):
        if cited in policy.rules.institution_conditions:
            return Text("机构条件", "condition of institutions")
        case, years = CASES[policy.rules.record].case, policy.rules.record == "institution"
        return Text(f"{case.zh}条件", f"condition of {case.en}s" + ("' years" if years else ""))
    if isinstance(cited, Series):
        return series_kind(cited)
    if isinstance(cited, Cap) and cited.sets_off:
        return Text("抵扣", "set-off")
    return next((word for kind, word in _KINDS.items() if isinstance(cited, kind)), same(""))


def series_kind(series: Series) -> Text:
    """Return what a series is: rates by their days, or the calendar of working days."""
    calendar = Text("工作日历", "calendar of working days")
    return Text("参考利率", "reference series") if series.points else calendar


def figure_of(policy: Policy, cited: Cited) -> Text:
    """Return the limit, rate or rule that an element of the policy sets; may be blank."""
    match cited:
        case Condition():
            return describe_test(policy, cited)
        case Effective():
            others = Text("期间以外不排除", "other days are not excluded")
            said = days_in_words(cited)
            return said if cited.excludes else joined([said, others], "；", "; ")
        case Tier():
            rate = describe_quantity(policy, cited.rate, Kind.RATIO)
            if policy.rules.rates.hit == "slices":
                return _slice(policy, cited, rate)
            return with_tests(policy, rate, tests_of(policy.rules.rates, cited))
        case Addition():
            return with_tests(policy, _points(policy, cited.points), cited.when)
        case RateBounds():
            least, most = percent(cited.at_least), percent(cited.at_most)
            if not cited.at_least:
                return Text(f"不超过 {most}", f"at most {most}")
            return same(f"{least}—{most}")
        case Base():
            said = describe_quantity(policy, cited.value, Kind.MONEY)
            return with_tests(policy, said, cited.when)
        case Beneficiary():
            title = recipient_title(policy)
            if recipient_of(policy.rules) != BORROWER or "借款" in title.zh:
                return title
            return Text(f"{title.zh}（合同的借款人）", f"{title.en} (the contract's borrower)")
        case Cap():
            return describe_cap(policy, cited)
        case Indicator() | RowQuantity():
            said = describe_quantity(policy, cited.value)
            return Text(f"{cited.name.zh}：{said.zh}", f"{cited.name.en}: {said.en}")
        case _:
            return _rule(policy, cited)


def _points(policy: Policy, points: Quantity) -> Text:
    """Return what an addition adds; what is taken off nothing is taken off."""
    if isinstance(points, Operation) and points.minus is not None and points.minus[0] == 0:
        less = joined([describe_quantity(policy, one, Kind.RATIO) for one in points.minus[1:]])
        return Text(f"减 {less.zh}", f"less {less.en}")
    more = describe_quantity(policy, points, Kind.RATIO)
    return Text(f"加 {more.zh}", f"plus {more.en}")


def _slice(policy: Policy, tier: Tier, rate: Text) -> Text:
    tiers = policy.rules.rates.tiers
    place = tiers.index(tier)
    start, end = end_of(tiers[place - 1]) if place else None, end_of(tier)
    if start is None and end is None:
        return rate
    part = part_between(policy, start, end)
    return Text(f"{rate.zh}：{part.zh}", f"{rate.en}: {part.en}")


def _rule(policy: Policy, cited: Cited) -> Text:
    match cited:
        case Trigger():
            title = name_title(policy, cited.date)
            said = Text(f"{title.zh}所在年度", f"the year of {title.en}")
            if cited.until is not None:
                until = name_title(policy, cited.until)
                said = Text(
                    f"{title.zh}至{until.zh}所跨的各个年度",
                    f"every year from {title.en} to {until.en}",
                )
            if cited.year_begins is not None:
                month, of_month = map(int, cited.year_begins.split("-"))
                said = Text(
                    f"{said.zh}（年度自上年 {month} 月 {of_month} 日起）",
                    f"{said.en} (which begins on {cited.year_begins} of the year before)",
                )
            own = {f"{each.table}.{each.name}": each for each in policy.rules.columns}
            if cited.date in own and not own[cited.date].required:
                said = Text(
                    f"{said.zh}；日期未填的，尚不计入任何年度",
                    f"{said.en}; without that date yet, of no year",
                )
            if cited.settled == "by_case":
                said = Text(
                    f"{said.zh}；清算时逐笔核定，年度未结束的也核定",
                    f"{said.en}; settled case by case, also in a year that is not over",
                )
            if cited.order is None:
                return said
            by = name_title(policy, cited.order)
            return Text(
                f"{said.zh}；合计的上限按{by.zh}先后占用",
                f"{said.en}; shared caps go in order of {by.en}",
            )
        case Decided():
            title = name_title(policy, cited.column)
            ceiling = cited.above_ceiling == "ceiling"
            return Text(
                f"按“{title.zh}”；超过档次比例的，{'按上限计' if ceiling else '不予补偿'}",
                f"{title.en}; above the tier's rate "
                + ("the tier's rate counts" if ceiling else "nothing is compensated"),
            )
        case Review():
            columns = {column.name: column for column in CLAIMS.columns}
            listed = [Text(columns[n].heading, n.replace("_", " ")) for n in cited.required]
            return joined(listed) if listed else Text("不要求审核", "no review")
        case Budget():
            said = Text("按比例分配", "in proportion")
            if cited.method == "first_come":
                order = "" if cited.order is None else cited.order
                title = name_title(policy, order)
                zh = f"（按{title.zh}）" if order else ""
                said = Text(f"先到先得{zh}", f"first come, first served, by {title.en}")
            parts = [said, *turns(policy, cited.first), *in_whole_units(cited.round_to)]
            parts += [*what_is_left_over(cited), *too_little_once_cut(cited)]
            if cited.unpaid != "owed":
                parts.append(_UNPAID[cited.unpaid])
            said = joined(parts, "；", "; ")
            if cited.at_most is None:
                return said
            limit = limit_in_words(policy, cited.at_most, Kind.MONEY)
            whole = spaced(Text("预算不超过", "at most"), limit)
            return joined([whole, said], "；", "; ")
        case Returns():
            return describe_returns(policy, cited)
        case Payer():
            share = limit_in_words(policy, cited.share, Kind.RATIO)
            said = spaced(Text(f"{cited.name.zh}承担", f"{cited.name.en} pays"), share)
            if cited.paid is not None:
                paid = name_title(policy, cited.paid)
                said = Text(
                    f"{said.zh}（已支付的见{paid.zh}）", f"{said.en} (paid so far: {paid.en})"
                )
            return with_tests(policy, said, cited.when)
        case Stage():
            share = limit_in_words(policy, cited.share, Kind.RATIO)
            said = Text(spaced(same("可付"), share).zh, f"{share.en} is payable")
            return with_tests(policy, said, cited.when)
        case Compensation():
            return _form_of_amount(policy, cited)
        case ExpectedInstitutions():
            return Text(f"不超过 {cited.at_most} 家", f"{cited.at_most} at most")
        case Series():
            return Text(
                f"{cited.name.zh}（{cited.source.zh}），核对至 {cited.checked_until}",
                f"{cited.name.en} ({cited.source.en}), checked until {cited.checked_until}",
            )
        case _:
            return same("")


def _form_of_amount(policy: Policy, rule: Compensation) -> Text:
    said = []
    if rule.round_to is not None:
        units = in_units(amount(rule.round_to), rule)
        if rule.per is not None:
            whose = group_name(policy, rule.per)
            units = Text(f"{whose.zh}合计{units.zh}", f"the total of {whose.en} {units.en}")
        said.append(units)
    if rule.at_least is not None:
        least = amount(rule.at_least)
        said.append(Text(f"不足 {least.zh}的不予补偿", f"nothing below {least.en}"))
    return joined(said, "；", "; ")


_UNPAID = {
    "owed_first": Text(
        "没有付的以后先于下一年度的业务支付", "what is not paid comes before cases of later years"
    ),
    "lapses": Text("分不到的不再补", "what is not paid lapses"),
}
