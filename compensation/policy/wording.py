"""What a policy says, in words, in both languages: tests, quantities, rates, caps, payers.

Every output takes these words: explanations, sheets, the command line and the API.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from compensation.language import Text, day, joined, same
from compensation.policy.case_words import CASES
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import (
    BOUNDS,
    NOBODY,
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
    PolicyFile,
    Quantity,
    RateBounds,
    Returns,
    Review,
    RowQuantity,
    Series,
    Stage,
    Test,
    Tier,
    Trigger,
)
from compensation.policy.quantities import (
    MEASURED_GROUPS,
    QUANTITY_PREFIX,
    alike,
    carries_over,
    operations_in,
    payer_names,
)
from compensation.policy.tiers import end_of, tests_of
from compensation.policy.variables import (
    AS_OF,
    INSTITUTION,
    INSTITUTION_ELIGIBLE,
    MULTIPLE,
    YEAR_START,
    inferred_kind,
    is_mere_number,
    is_mere_test,
    variable_info,
)
from compensation.schema.choices import BORROWER_GROUPS, BORROWER_TYPES
from compensation.schema.dictionary import CLAIMS
from compensation.schema.parties import party_name
from compensation.values.printing import YES_NO, percent

TREATMENTS = {
    "computed": Text("计算", "computed"),
    "input": Text("由输入提供", "given in the input"),
    "out_of_scope": Text("不在计算范围", "not computed"),
}
_NUMBERS = {
    "at_least": Text("不低于", "at least"),
    "above": Text("高于", "above"),
    "at_most": Text("不超过", "at most"),
    "below": Text("低于", "below"),
}
_DATES = {
    "at_least": Text("不早于", "on or after"),
    "above": Text("晚于", "after"),
    "at_most": Text("不晚于", "on or before"),
    "below": Text("早于", "before"),
}
_EXTREMES = {
    ("min", False): Text("较低", "lower"),
    ("max", False): Text("较高", "higher"),
    ("min", True): Text("较早", "earlier"),
    ("max", True): Text("较晚", "later"),
}
_SPANS = {
    "at_least": Text("至少", "at least"),
    "above": Text("超过", "more than"),
    "at_most": Text("最多", "at most"),
    "below": Text("不足", "less than"),
}
UNITS = {"days": Text("天", "days"), "months": Text("个月", "months")}
_MEASURES = {
    "opening_balance": Text("年初在保余额", "opening balance"),
    "closing_balance": Text("年末在保余额", "closing balance"),
    "average_balance": Text("平均在保余额", "average balance"),
    "opening_borrowers": Text("年初在保户数", "opening borrowers"),
    "closing_borrowers": Text("年末在保户数", "closing borrowers"),
    "new_guarantees": Text("本年新增担保额", "new guarantees"),
    "released_amount": Text("本年解除担保额", "released amount"),
    "payout_amount": Text("本年代偿额", "payout amount"),
    "compensation_paid": Text("本年业务已补偿金额", "compensation paid"),
    "month_end_balances": Text("本年各月末在保余额之和", "balances of the month ends, added up"),
    "balance_days": Text(
        "本年各日在保余额之和（元·天）", "balances of the year's days, added up (yuan-days)"
    ),
    "sum": Text("之和", "the sum"),
    "borrowers": Text("借款人数", "the number of borrowers"),
}
_GROUPS = {
    "contracts.borrower_id": Text("单个借款人", "each borrower"),
    "contracts.institution_id": Text("单家机构", "each institution"),
}
_PARTS = {
    "month": Text("月份", "month"),
    "quarter": Text("季度", "quarter"),
    "half": Text("半年", "half-year"),
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


def days_in_words(effective: Effective) -> Text:
    """Return the days that a policy covers: 2022年1月1日至2022年12月31日."""
    first = Text(day(effective.from_).zh, f"from {effective.from_}")
    if effective.to is None:
        return Text(f"{first.zh}起，未规定失效日期", f"{first.en}, no end given")
    return joined([first, day(effective.to)], "至", " to ")


def amount(yuan: Decimal) -> Text:
    """Return an amount in yuan, in Chinese in 万元 where that is a whole number.

    >>> amount(Decimal(5000000)).zh
    '500 万元'
    """
    english = f"{yuan.normalize():,f} yuan"
    if yuan and yuan % 10_000 == 0:
        return Text(f"{int(yuan // 10_000):,} 万元", english)
    return Text(f"{yuan.normalize():,f} 元", english)


@functools.lru_cache(maxsize=1024)
def name_title(policy: Policy, name: str) -> Text:
    """Return what people call ``table.column``, ``indicator.id`` or ``quantity.id``."""
    if name.startswith(QUANTITY_PREFIX):
        own = {QUANTITY_PREFIX + each.id: each.name.text for each in policy.rules.quantities}
        return own.get(name, same(name))
    info = variable_info(policy.rules, name)
    if info is None:
        return same(name)
    column = name.partition(".")[2]
    english = info.title.en
    if english.startswith(f"{column} ("):
        english = column.replace("_", " ")
    return Text(info.title.zh.removesuffix(f"（{column}）"), english)


def is_multiple(title: Text, limits: Iterable[Decimal]) -> bool:
    """Return whether a ratio is a multiple: 放大倍数 is one by its name, and 10 by its limit."""
    return "倍" in title.zh or any(abs(limit) >= MULTIPLE for limit in limits)


def times(value: Decimal) -> Text:
    """Return a multiple in words: 1.2 倍."""
    number = f"{value.normalize():,f}"
    return Text(f"{number} 倍", f"{number} times")


def plain(value: Decimal | datetime.date, kind: Kind) -> Text:
    """Return a number or a date as a quantity of its kind is written for people.

    A ratio of 2 or more is a multiple: 5 倍, not 500%.
    """
    if isinstance(value, datetime.date):
        return day(value)
    if kind is Kind.MONEY:
        return amount(value)
    if kind is Kind.RATIO:
        return same(percent(value)) if abs(value) < MULTIPLE else times(value)
    number = same(f"{value.normalize():,f}")
    if kind is Kind.DAYS:
        return Text(f"{number.zh} 天", f"{number.en} days")
    return Text(f"{number.zh} 个月", f"{number.en} months") if kind is Kind.MONTHS else number


def describe_quantity(
    policy: Policy, quantity: Quantity, kind: Kind | None = None, *, inner: bool = False
) -> Text:
    """Return a quantity in words: 年末在保余额 × 2%.

    `kind`: that of what it stands beside, for a number alone. `inner`: inside another one.
    """
    if isinstance(quantity, str):
        return name_title(policy, quantity)
    if isinstance(quantity, Decimal | datetime.date):
        return plain(quantity, kind or Kind.NUMBER)
    found = _describe_operation(policy, quantity, kind)
    names = ("sum", "minus", "times", "over", "values", "choose", "min", "max")
    compound = any(getattr(quantity, name) for name in names)
    return _bracketed(found) if inner and compound else found


def _describe_operation(policy: Policy, operation: Operation, kind: Kind | None) -> Text:
    (name, *_) = operations_in(operation)
    mere = is_mere_number(policy.rules, operation)
    found = inferred_kind(policy.rules, operation)
    if found is Kind.RATIO and mere:
        kind = Kind.NUMBER
    elif found not in (None, Kind.NUMBER):
        kind = found
    if kind in (None, Kind.NUMBER) and not mere and _all_below_one(alike(operation)):
        kind = Kind.RATIO

    def each(listed: Sequence[Quantity], of: Kind | None = kind) -> list[Text]:
        return [describe_quantity(policy, one, of, inner=True) for one in listed]

    match name:
        case "sum" | "minus":
            return _added(policy, getattr(operation, name), kind, "+" if name == "sum" else "−")
        case "times":
            factors = operation.times or ()
            kinds = [Kind.RATIO if _all_below_one([one]) else Kind.NUMBER for one in factors]
            factors_said = (
                describe_quantity(policy, one, of, inner=True)
                for one, of in zip(factors, kinds, strict=True)
            )
            return joined(factors_said, " × ", " × ")
        case "over":
            of_parts = Kind.RATIO if _all_below_one(operation.over or ()) else None
            return joined(each(operation.over or (), of_parts), " ÷ ", " / ")
        case "min" | "max":
            listed = joined(each(getattr(operation, name)))
            chosen = _EXTREMES[name, kind is Kind.DATE]
            return Text(
                f"{_before_a_word(listed)}中的{chosen.zh}者", f"the {chosen.en} of {listed.en}"
            )
        case "first_given":
            first, *others = each(operation.first_given or ())
            blank = (operation.first_given or ())[0] != AS_OF
            when = Text("未填" if blank else "未指定", "blank" if blank else "none is said")
            then = joined(others, "，再没有的按", ", or else ")
            return Text(
                f"{first.zh}（{when.zh}的按{then.zh}）", f"{first.en} (if {when.en}, {then.en})"
            )
        case "days" | "months" | "days_in_year" | "working_days" | "balance_days":
            said = _between(name, each(getattr(operation, name), None))
            if operation.last == "excluded":
                return Text(f"{said.zh}（不计最后一天）", f"{said.en} (without the last day)")
            return said
        case "months_later" | "days_later":
            # A policy's own year begins on another day.
            calendar = policy.rules.trigger.year_begins is None
            if calendar and (said_of := _day_of_year(operation.months_later or ())) is not None:
                return said_of
            date, time = each(getattr(operation, name), None)
            zh, en = ("前", "before") if time.en.startswith("-") else ("后", "after")
            count = Text(time.zh.removeprefix("-"), time.en.removeprefix("-"))
            unit = UNITS[name.removesuffix("_later")]
            return Text(
                f"{date.zh}{zh} {count.zh} {unit.zh}", f"{count.en} {unit.en} {en} {date.en}"
            )
        case "yuan":
            return amount(operation.yuan or Decimal(0))
        case "choose":
            return _choices(policy, operation, kind)
        case "round_to":
            of = describe_quantity(policy, operation.of or "", kind, inner=True)
            said = _in_units(
                plain(operation.round_to or Decimal(1), kind or Kind.NUMBER), operation
            )
            return Text(f"{of.zh}（{said.zh}）", f"{of.en} {said.en}")
        case "borne_by":
            of = describe_quantity(policy, operation.of or "", kind, inner=True)
            party = party_title(policy, operation.borne_by or "")
            return Text(f"{of.zh}中{party.zh}承担部分", f"the {party.en}'s part of {of.en}")
        case "series":
            return _reading(policy, operation)
        case "values":
            steps = [
                Text(f"{said.zh}（{day(v.from_).zh}起）", f"{said.en} (from {v.from_})")
                for v in operation.values or ()
                for said in (describe_quantity(policy, v.value, kind),)
            ]
            of = describe_quantity(policy, operation.on or "")
            listed = joined(steps)
            return Text(f"{listed.zh}，按{of.zh}", f"{listed.en}, by {of.en}")
        case "year_before":
            of = name_title(policy, operation.year_before or "")
            return Text(f"上年{of.zh.removeprefix('本年')}", f"{of.en} of the year before")
        case "total" | "rank":
            return _among_institutions(policy, operation)
        case _:
            return _measured(policy, operation)


def _among_institutions(policy: Policy, operation: Operation) -> Text:
    columns = joined(name_title(policy, name) for name in operation.per or ())
    among = Text("全部机构", "all institutions")
    if operation.per:
        among = Text(f"同一{columns.zh}各机构", f"the institutions of the same {columns.en}")
    if operation.total == 1:
        return Text(f"{among.zh}家数", f"the number of {among.en}")
    of = describe_quantity(policy, operation.total or operation.rank or "", inner=True)
    if operation.rank is None:
        return Text(f"{among.zh}{of.zh}合计", f"{of.en} of {among.en} together")
    return Text(f"{of.zh}在{among.zh}中的名次", f"the place among {among.en} by {of.en}")


def _choices(policy: Policy, operation: Operation, kind: Kind | None) -> Text:
    """Return values with the tests for which each is taken."""
    listed = []
    for choice in operation.choose or ():
        said = describe_quantity(policy, choice.value, kind, inner=True)
        when, other = _all_of(policy, choice.when), Text("其余的", "otherwise")
        listed.append(
            Text(f"{_before_a_word(when)}的，{said.zh}", f"{said.en} if {when.en}")
            if choice.when
            else Text(f"{other.zh}，{said.zh}", f"{other.en} {said.en}")
        )
    return joined(listed, "；", "; ")


def _added(policy: Policy, listed: Sequence[Quantity], kind: Kind | None, sign: str) -> Text:
    """Return a sum or a difference in words; a negative number is taken off."""
    said = describe_quantity(policy, listed[0], kind, inner=True)
    for each in listed[1:]:
        own, shown = sign, each
        if isinstance(each, Decimal) and each < 0:
            own, shown = ("−" if sign == "+" else "+"), -each
        part = describe_quantity(policy, shown, kind, inner=True)
        said = Text(f"{said.zh} {own} {part.zh}", f"{said.en} {own} {part.en}")
    return said


def _all_below_one(quantities: Sequence[Quantity]) -> bool:
    """Return whether numbers among some quantities are written as percentages: all are below 1."""
    numbers = [each for each in quantities if isinstance(each, Decimal)]
    return any(numbers) and all(abs(number) < 1 for number in numbers)


def _between(name: str, dates: Sequence[Text]) -> Text:
    first, last = dates
    if name == "days_in_year":
        return Text(
            f"{first.zh}至{last.zh}在本年度内的天数",
            f"the days of the year from {first.en} to {last.en}",
        )
    if name == "working_days":
        return Text(
            f"{first.zh}至{last.zh}的工作日数", f"working days from {first.en} to {last.en}"
        )
    if name == "balance_days":
        return Text(
            f"{first.zh}至{last.zh}各日余额之和（元·天）",
            f"the balances of the days from {first.en} to {last.en}, added up (yuan-days)",
        )
    unit = UNITS[name]
    return Text(
        f"{first.zh}至{last.zh}的{'天数' if name == 'days' else '月数'}",
        f"{unit.en} from {first.en} to {last.en}",
    )


_YEARS_AWAY = {
    -1: Text("上年", "of the year before"),
    0: Text("当年", "of the year"),
    1: Text("次年", "of the year after"),
}


def _day_of_year(later: Sequence[Quantity]) -> Text | None:
    """Return the first of a month in or beside the year assessed by its name; None of others."""
    match later:
        case (date, Decimal() as months) if date == YEAR_START:
            years, month = divmod(int(months), 12)
            if (year := _YEARS_AWAY.get(years)) is not None:
                return Text(f"{year.zh}{month + 1}月1日", f"{month + 1:02}-01 {year.en}")
    return None


def _reading(policy: Policy, operation: Operation) -> Text:
    name = policy.series[operation.series or ""].name.text
    of = describe_quantity(policy, operation.on or "", inner=True)
    if operation.term is None:
        return Text(f"{of.zh}当日的{name.zh}", f"{name.en} on {of.en}")
    term = describe_quantity(policy, operation.term, Kind.MONTHS, inner=True)
    of_term = f"与{term.zh}对应的"
    if isinstance(operation.term, Decimal):
        of_term = f"、期限 {term.zh}的"
    return Text(f"{of.zh}当日{of_term}{name.zh}", f"{name.en} for {term.en} on {of.en}")


def limit_in_words(policy: Policy, limit: Quantity, kind: Kind | None) -> Text:
    """Return a quantity that stands in a sentence; one that is a sentence itself in brackets."""
    inner = isinstance(limit, Operation) and bool(limit.choose)
    return describe_quantity(policy, limit, kind, inner=inner)


def _measured(policy: Policy, operation: Operation) -> Text:
    name = _MEASURES[operation.measure or ""]
    years = operation.years
    if operation.on is not None:
        name = _of_rows(policy, operation, name)
    elif years > 1:
        name = Text(f"近 {years} 年{name.zh.removeprefix('本年')}", f"{name.en} of {years} years")
    if operation.per is not None:
        whose = _group_measured(policy, operation.per)
        name = Text(f"{whose.zh}{name.zh}", f"{name.en} of {whose.en}")
    if not operation.where:
        return name
    tests = _all_of(policy, operation.where)
    return Text(f"{name.zh}（{tests.zh}）", f"{name.en} ({tests.en})")


def _group_measured(policy: Policy, per: tuple[str, ...]) -> Text:
    """Return which contracts a measure of groups counts: 同一机构、贷款银行的."""
    if not per:
        return Text("台账全部合同的", "all contracts of the ledger")
    own = Text("机构", "institution")
    titles = (own if name.endswith(".institution_id") else name_title(policy, name) for name in per)
    columns = joined(titles, "、", " and ")
    return Text(f"同一{columns.zh}的", f"contracts of the same {columns.en}")


def _of_rows(policy: Policy, operation: Operation, name: Text) -> Text:
    """Return a measure of the rows that a date puts into the year.

    起始日期在本年的担保合同笔数.
    """
    on = describe_quantity(policy, operation.on or "")
    claims = isinstance(operation.on, str) and operation.on.startswith("claims.")
    rows = Text("代偿", "claims") if claims else Text("担保合同", "contracts")
    if operation.of is None:
        what = name
    elif operation.of == 1:
        what = Text("笔数", "the number")
    else:
        of = describe_quantity(policy, operation.of, inner=True)
        what = Text(f"的{of.zh}之和", f"{of.en} added up")
    years = Text("本年", "the year")
    if operation.years > 1:
        years = Text(f"近 {operation.years} 年", f"{operation.years} years")
    return Text(
        f"{on.zh}在{years.zh}的{rows.zh}{what.zh}",
        f"{what.en} of {rows.en} with {on.en} in {years.en}",
    )


def measure_name(measure: str) -> Text:
    """Return the name of a measure."""
    return _MEASURES[measure]


def describe_test(policy: Policy, test: Test) -> Text:
    """Return what a test asks for: 支小支农占比不低于 80%."""
    if test.parts:
        return made_of(test, [describe_test(policy, part) for part in test.parts])
    if test.value == INSTITUTION:
        return INSTITUTION_ELIGIBLE
    value = test.value if test.value is not None else ""
    kind = Kind.NUMBER if is_mere_test(policy.rules, test) else inferred_kind(policy.rules, value)
    title = describe_quantity(policy, value)
    if test.since is not None:
        return _describe_time(policy, test, title)
    words = _DATES if kind is Kind.DATE else _NUMBERS
    limits = {name: limit for name in BOUNDS if (limit := getattr(test, name)) is not None}
    numbers = [limit for limit in limits.values() if isinstance(limit, Decimal)]
    multiple = kind is Kind.RATIO and is_multiple(title, numbers)
    asked = [
        spaced(
            words[operator],
            times(limit)
            if multiple and isinstance(limit, Decimal)
            else limit_in_words(policy, limit, kind),
        )
        for operator, limit in limits.items()
    ]
    asked += [said for said, _ in asked_beside_bounds(test)]
    if test.within is not None:
        asked.append(Text("在政策适用期间内", "is among the policy's effective days"))
    says = joined(asked, "且", " and ")
    return Text(title.zh + says.zh, f"{title.en} {says.en}")


def what_is_tested(policy: Policy, test: Test) -> Text:
    """Return what a test is about: the names of what it tests."""
    if test.parts:
        parts = dict.fromkeys(what_is_tested(policy, part) for part in test.parts)
        return joined(parts, "或" if test.any else "且", " or " if test.any else " and ")
    if test.value == INSTITUTION:
        return INSTITUTION_ELIGIBLE
    return describe_quantity(policy, test.value if test.value is not None else "")


def asked_beside_bounds(test: Test) -> list[tuple[Text, Text]]:
    """Return what a test asks for beside numbers and dates: in a sentence, and by itself."""
    asked = []
    if test.is_ is not None:
        asked.append(
            (Text("为“{what}”", "is {what}").fill(what=YES_NO[test.is_]), YES_NO[test.is_])
        )
    if test.one_of is not None:
        listed = joined(map(word_name, test.one_of), "、", " or ")
        asked.append((spaced(Text("为", "is"), listed), listed))
    if test.starts_with is not None:
        places = joined((same(f"“{word}”") for word in test.starts_with), "或", " or ")
        asked.append((Text(f"以{places.zh}开头", f"is in {places.en}"),) * 2)
    if test.given:
        asked.append((Text("已填写", "is given"),) * 2)
    return asked


def made_of(test: Test, parts: Sequence[Text]) -> Text:
    """Return a test that is made of others, by what is said of each of these."""
    said = [_bracketed(part) for part in parts]
    if test.not_ is not None:
        return Text(f"不是{said[0].zh}", f"not {said[0].en}")
    return joined(said, "或" if test.any else "且", " or " if test.any else " and ")


def _all_of(policy: Policy, tests: Sequence[Test]) -> Text:
    """Return tests that must all hold; those that are made of others in brackets."""
    several = len(tests) > 1
    parts = (
        _bracketed(said) if several and test.parts and test.not_ is None else said
        for test in tests
        for said in (describe_test(policy, test),)
    )
    return joined(parts, "，且", " and ")


def _bracketed(said: Text) -> Text:
    return Text(f"（{said.zh}）", f"({said.en})")


def _describe_time(policy: Policy, test: Test, title: Text) -> Text:
    since = describe_quantity(policy, test.since if test.since is not None else "")
    unit = UNITS[test.unit or "days"]
    asked = [
        Text(f"{word.zh} {limit.normalize():f} {unit.zh}", f"{word.en} {limit.normalize():f}")
        for operator, word in _SPANS.items()
        if isinstance(limit := getattr(test, operator), Decimal)
    ]
    says = joined(asked, "、", " and ")
    if not asked:
        return Text(f"{title.zh}不早于{since.zh}", f"{title.en} on or after {since.en}")
    return Text(
        f"{since.zh}至{title.zh}{says.zh}", f"from {since.en} to {title.en}: {says.en} {unit.en}"
    )


def spaced(first: Text, second: Text) -> Text:
    """Return two texts as one; in Chinese, a blank before a number."""
    blank = " " if second.zh[:1].isascii() else ""
    return Text(f"{first.zh}{blank}{second.zh}", f"{first.en} {second.en}")


def _before_a_word(text: Text) -> str:
    """Return a Chinese text that words follow: with a blank where it ends in a letter or digit."""
    return f"{text.zh} " if re.search("[A-Za-z0-9]$", text.zh) else text.zh


def word_name(value: str) -> Text:
    """Return a value of a choice by its name; any other text stands for itself."""
    if value in BORROWER_GROUPS:
        return BORROWER_GROUPS[value]
    for choice in BORROWER_TYPES:
        if choice.value == value:
            return choice.name
    return same(value)


def kind_of(policy: Policy, cited: Cited) -> Text:
    """Return what an element of the policy is, in one word."""
    if isinstance(cited, Condition):
        if cited in policy.rules.institution_conditions:
            return Text("机构条件", "condition of institutions")
        case, years = CASES[policy.rules.record].case, policy.rules.record == "institution"
        return Text(f"{case.zh}条件", f"condition of {case.en}s" + ("' years" if years else ""))
    if isinstance(cited, Series):
        return series_kind(cited)
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
            return _with_tests(policy, rate, tests_of(policy.rules.rates, cited))
        case Addition():
            return _with_tests(policy, _points(policy, cited.points), cited.when)
        case RateBounds():
            least, most = percent(cited.at_least), percent(cited.at_most)
            if not cited.at_least:
                return Text(f"不超过 {most}", f"at most {most}")
            return same(f"{least}—{most}")
        case Base():
            said = describe_quantity(policy, cited.value, Kind.MONEY)
            return _with_tests(policy, said, cited.when)
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


def _with_tests(policy: Policy, said: Text, tests: Sequence[Test]) -> Text:
    if not tests:
        return said
    when = joined((describe_test(policy, test) for test in tests), "；", "; ")
    return Text(f"{said.zh}：{when.zh}", f"{said.en}: {when.en}")


def _slice(policy: Policy, tier: Tier, rate: Text) -> Text:
    tiers = policy.rules.rates.tiers
    place = tiers.index(tier)
    start, end = end_of(tiers[place - 1]) if place else None, end_of(tier)
    if start is None and end is None:
        return rate
    part = _part_between(policy, start, end)
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
            said = joined([said, *_turns(policy, cited.first)], "；", "; ")
            if cited.at_most is None:
                return said
            limit = limit_in_words(policy, cited.at_most, Kind.MONEY)
            whole = spaced(Text("预算不超过", "at most"), limit)
            return joined([whole, said], "；", "; ")
        case Returns():
            to = [*_before_others(policy, cited), _by_what_each_bears(policy, cited)]
            return joined([_COSTS[cited.costs], joined(to, "；", "; ")], "，", ", ")
        case Payer():
            share = limit_in_words(policy, cited.share, Kind.RATIO)
            said = spaced(Text(f"{cited.name.zh}承担", f"{cited.name.en} pays"), share)
            if cited.paid is not None:
                paid = name_title(policy, cited.paid)
                said = Text(
                    f"{said.zh}（已支付的见{paid.zh}）", f"{said.en} (paid so far: {paid.en})"
                )
            return _with_tests(policy, said, cited.when)
        case Stage():
            share = limit_in_words(policy, cited.share, Kind.RATIO)
            said = Text(spaced(same("可付"), share).zh, f"{share.en} is payable")
            return _with_tests(policy, said, cited.when)
        case Compensation():
            return _form_of_amount(cited)
        case ExpectedInstitutions():
            return Text(f"不超过 {cited.at_most} 家", f"{cited.at_most} at most")
        case Series():
            return Text(
                f"{cited.name.zh}（{cited.source.zh}），核对至 {cited.checked_until}",
                f"{cited.name.en} ({cited.source.en}), checked until {cited.checked_until}",
            )
        case _:
            return same("")


def _before_others(policy: Policy, returns: Returns) -> list[Text]:
    """Return who gets back before the others share what is left, if anybody does."""
    payers = payer_names(policy.rules)

    def named(party: str) -> Text:
        return payers[party].text if party in payers else party_title(policy, party)

    said = []
    if returns.first:
        names = joined(map(named, returns.first), "、", ", ")
        first = Text(
            "先返还{names}，以各自承担的金额为限", "first to the {names}, up to what each bears"
        )
        said.append(first.fill(names=names))
    if returns.computed_shares:
        each_gets = [
            spaced(named(each.party), limit_in_words(policy, each.share, Kind.RATIO))
            for each in returns.shares
        ]
        text = Text(
            "按份额返还（{shares}），以各自承担的金额为限，超出的由其余各方按份额分得",
            "by shares ({shares}), up to what each bears; what is more goes to the others by their "
            "shares",
        )
        said.append(text.fill(shares=joined(each_gets, "，", ", ")))
    elif returns.shares:
        shares = Text(
            "按 {shares} 返还{names}，以各自承担的金额为限，超出的由其余各方按份额分得",
            "to the {names} by {shares}, up to what each bears; what is more goes to the others by "
            "their shares",
        )
        names = joined([named(each.party) for each in returns.shares], "、", ", ")
        parts = [each.share for each in returns.shares if isinstance(each.share, Decimal)]
        said_as = percent if sum(parts) == 1 else "{:f}".format
        printed = " : ".join(map(said_as, parts))
        said.append(shares.fill(names=names, shares=printed))
    return said


def _by_what_each_bears(policy: Policy, returns: Returns) -> Text:
    """Return how parties share what is left for them; of what, where something came before."""
    of, others = same(""), same("")
    if returns.recovered_before is not None:
        before = describe_quantity(policy, returns.recovered_before, Kind.MONEY, inner=True)
        of = Text(f"代偿金额减去{before.zh}后的金额中", f" of the payout less {before.en}")
    if returns.first or returns.shares:
        others = Text("其余", "the rest ")
    said = Text(
        "{others}按{of}政府补偿后各方承担的部分返还",
        "{others}by what each bears{of} once government has paid",
    )
    return said.fill(others=others, of=of)


_ROUNDING = {
    "down": Text("不足的舍去", "rounded down to"),
    "up": Text("不足的进位", "rounded up to"),
    "half_up": Text("四舍五入", "rounded half up to"),
}


def _in_units(unit: Text, rule: Compensation | Operation) -> Text:
    how = _ROUNDING[rule.rounding]
    return Text(f"以 {_before_a_word(unit)}为单位，{how.zh}", f"{how.en} multiples of {unit.en}")


def _form_of_amount(rule: Compensation) -> Text:
    said = []
    if rule.round_to is not None:
        said.append(_in_units(amount(rule.round_to), rule))
    if rule.at_least is not None:
        least = amount(rule.at_least)
        said.append(Text(f"不足 {least.zh}的不予补偿", f"nothing below {least.en}"))
    return joined(said, "；", "; ")


_COSTS = {
    "net": Text("扣除追偿费用后", "net of the costs of recovery"),
    "gross": Text("不扣除追偿费用", "gross"),
}


def called_party(rules: PolicyFile) -> tuple[tuple[str, Text], ...]:
    """Return the party that a policy calls by a name of its own, and that name, if there is one.

    Contracts and institutions' years have no guarantor; who is paid need not be the institution.
    """
    beneficiary = rules.beneficiary
    if rules.record != "payout":
        return (("institution", INSTITUTION_ALONE),)
    return () if beneficiary.name is None else ((beneficiary.party, beneficiary.name.text),)


INSTITUTION_ALONE = Text("机构", "institution")


def party_title(policy: Policy, party: str) -> Text:
    """Return what a policy calls a party."""
    return dict(called_party(policy.rules)).get(party) or party_name(party)


BORROWER = "borrower"
"""Who is paid where a policy names neither a party nor an institution."""
_INSTITUTION_WORDS = re.compile(
    "银行|机构|担保|信用社|联社|农信|保险|小贷|小额贷款|金融|基金|典当|租赁|保理"
)


def recipient_of(rules: PolicyFile) -> str:
    """Return the party that is paid; the borrower where a name says so.

    Where a policy names a beneficiary that is no party, such as 企业 or 借款人, it is the borrower
    of the contract, unless the name is of a bank or another institution: that is a row of the
    institutions table, as institutions are whose years are compensated.
    """
    beneficiary = rules.beneficiary
    name = "" if beneficiary.name is None else beneficiary.name.zh
    if beneficiary.party != "institution" or not name or rules.record == "institution":
        return beneficiary.party
    return "institution" if _INSTITUTION_WORDS.search(name) else BORROWER


def recipient_title(policy: Policy) -> Text:
    """Return what a policy calls who is paid."""
    beneficiary = policy.rules.beneficiary
    if beneficiary.name is not None:
        return beneficiary.name.text
    return party_title(policy, beneficiary.party)


def party_of_all(policies: Sequence[Policy], party: str) -> Text:
    """Return what policies call a party; what the trade calls it where they differ."""
    called = {party_title(policy, party) for policy in policies}
    return called.pop() if len(called) == 1 else party_name(party)


def group_name(policy: Policy, per: tuple[str, ...] | None) -> Text:
    """Return what is added up by some columns: whose compensation a cap limits."""
    if per is None:
        return CASES[policy.rules.record].each
    if not per:
        return Text("全部", "all claims together")
    if set(per) == {"contracts.institution_id", "contracts.borrower_id"}:
        return Text("单个借款人", "each borrower of an institution")
    parts = []
    for name in per:
        part, _, column = name.rpartition(" ")
        title = name_title(policy, column)
        each = _GROUPS.get(column) or Text(f"每个{title.zh}", f"each {title.en}")
        if part:
            of = _PARTS[part]
            each = Text(f"{title.zh}的每个{of.zh}", f"each {of.en} of {title.en}")
        parts.append(each)
    return joined(parts, "、", " and ")


CAP_BY_SHARE = Text("按{party}承担金额的上限", "cap by what the {party} bore")
CAP_TITLES = {
    "单笔代偿": Text("每笔的上限", "cap on each claim"),
    "单份合同": Text("每份合同的上限", "cap on each contract"),
    "单个借款人": Text("每户的上限", "cap on each borrower"),
    "单家机构": Text("每家机构的上限", "cap on each institution"),
    "全部": Text("全部合计的上限", "cap on all claims together"),
}


@functools.lru_cache(maxsize=1024)
def cap_title(policy: Policy, cap: Cap) -> Text:
    """Return what a cap is called: by what it limits, as its id says nothing to readers."""
    limit = cap.limit
    if isinstance(limit, Operation) and limit.times is not None:
        limit = limit.times[0]
    if isinstance(limit, Operation) and limit.borne_by is not None:
        return CAP_BY_SHARE.fill(party=party_title(policy, limit.borne_by))
    name = group_name(policy, cap.per)
    if cap.on == "cases":
        return Text(f"{name.zh}的笔数上限", f"number of cases, {name.en}")
    title = CAP_TITLES.get(name.zh) or Text(f"{name.zh}的上限", f"cap on {name.en}")
    if cap.payer is None:
        return title
    payer = payer_names(policy.rules)[cap.payer]
    return Text(f"{payer.zh}{title.zh}", f"{title.en}, paid by {payer.en}")


OF_ALL = Text("无论是否补偿，全部计入", "compensated or not")
"""Which cases use a limit or slices that all use."""


def describe_cap(policy: Policy, cap: Cap) -> Text:
    """Return what a cap limits, and to how much."""
    whose = group_name(policy, cap.per)
    what = Text("的基数", " (base)") if cap.on == "base" else same("")
    if cap.of is not None:
        of = describe_quantity(policy, cap.of, Kind.MONEY)
        what = Text(f"的{of.zh}", f" ({of.en})")
    if cap.payer is not None:
        payer = payer_names(policy.rules)[cap.payer]
        case = CASES[policy.rules.record].case.zh
        of_all = Text(f"{case}合计中", "") if cap.per == () else same("")
        what = Text(f"{of_all.zh}由{payer.zh}承担的部分", f" (part of {payer.en})")
    several = Text(f"（近 {cap.years} 年合计）", f" over {cap.years} years")
    years = same("") if carries_over(cap) else _YEARS.get(str(cap.years), several)
    if cap.counts_all:
        years = Text(f"{years.zh}（{OF_ALL.zh}）", f"{years.en}, {OF_ALL.en}")
    refuse = cap.refuses
    over = _EXCEEDING.get("refuse" if cap.on == "cases" else cap.exceeding)
    over = over or (same("") if cap.rest is None else _rest(policy, cap))
    passes = Text("超出", "passes") if cap.below is None else Text("达到", "reaches")
    over = over.fill(passes=passes)
    said = (
        _part_that_counts(policy, cap) if cap.on == "base" and not refuse else _limit(policy, cap)
    )
    text = Text(
        f"{whose.zh}{what.zh}{years.zh}{said.zh}{over.zh}",
        f"{whose.en}{what.en}{years.en}: {said.en}{over.en}",
    )
    if cap.in_all is not None:
        limit = limit_in_words(policy, cap.in_all, Kind.MONEY)
        whole = spaced(Text("；各组全部资金", "; of"), limit)
        others = Text(
            "，有的组用不完的，由不足的组按不足的金额分配",
            " for all groups, what some leave over is shared by the others in proportion to what "
            "they are short of",
        )
        text = joined([text, whole, others], "", "")
    text = joined([text, *_turns(policy, cap.first)], "；", "; ")
    return _with_tests(policy, text, cap.when)


def _turns(policy: Policy, first: Sequence[Test]) -> list[Text]:
    """Return who comes first where money falls short, if anybody does."""
    if not first:
        return []
    turns = joined([describe_test(policy, test) for test in first], "，其次", "; then ")
    return [Text(f"先满足{turns.zh}的，再分给其余的", f"first where {turns.en}; then the others")]


_YEARS = {"this": same(""), "all": Text("（历年合计）", " over all years")}
_EXCEEDING = {
    "refuse": Text("；超过的不予补偿", "; more is refused"),
    "stop_before": Text(
        "；{passes}的一笔及其后各笔不予补偿", "; what {passes} it is refused, and all after it"
    ),
    "stop_after": Text(
        "；{passes}的一笔照常补偿，其后各笔不予补偿",
        "; what {passes} it is the last that is compensated",
    ),
    "pro_rata": Text("；合计超过的按比例分配", "; more is shared in proportion"),
}


def _rest(policy: Policy, cap: Cap) -> Text:
    """Return who pays what lies above a cap on a payer's part."""
    names = payer_names(policy.rules)
    if isinstance(cap.rest, str):
        if cap.rest == NOBODY:
            return Text("；超出的部分不再补偿", "; what lies above falls away")
        payer = names[cap.rest]
        return Text(f"；超出的部分由{payer.zh}承担", f"; {payer.en} pays what lies above")
    parts = []
    for taker in cap.takers:
        share = limit_in_words(policy, taker.share, Kind.RATIO)
        if taker.payer == NOBODY:
            parts.append(Text(f"{share.zh}不再补偿", f"{share.en} falls away"))
        else:
            payer = names[taker.payer]
            parts.append(spaced(Text(f"由{payer.zh}承担", f"{payer.en} pays"), share))
    said = joined(parts, "，", ", ")
    return Text(f"；超出的部分{said.zh}", f"; of what lies above, {said.en}")


def _limit(policy: Policy, cap: Cap) -> Text:
    assert cap.limit is not None
    if cap.on == "cases":
        number, of = limit_in_words(policy, cap.limit, None), CASES[policy.rules.record].counted
        limit = Text(f"{number.zh} {of.zh}", f"{number.en} {of.en}")
    else:
        limit = limit_in_words(policy, cap.limit, Kind.MONEY)
    word = Text("不超过", "at most") if cap.below is None else Text("低于", "below")
    return spaced(word, limit)


def _part_that_counts(policy: Policy, cap: Cap) -> Text:
    """Return what of a base counts, which is no condition on the case."""
    part = _part_between(policy, cap.above, cap.at_most)
    said = spaced(Text("只计", "only"), part)
    return Text(said.zh, f"{said.en} counts")


def _part_between(policy: Policy, start: Quantity | None, end: Quantity | None) -> Text:
    limits = []
    for limit, word in ((start, "above"), (end, "up to")):
        if limit is not None:
            said = describe_quantity(policy, limit, Kind.MONEY, inner=True)
            of = "以上" if word == "above" else "以内"
            limits.append(Text(f"{said.zh}{of}", f"{word} {said.en}"))
    said = joined(limits, "、", " and ")
    return Text(f"{said.zh}的部分", f"what lies {said.en}")
