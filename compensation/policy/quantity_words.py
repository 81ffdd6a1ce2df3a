"""Quantities and tests of a policy in words; each may stand inside the other."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal

from compensation.language import Text, day, joined, same
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import BOUNDS, Operation, Quantity, Test
from compensation.policy.party_words import party_title
from compensation.policy.quantities import alike, day_measured, operations_in
from compensation.policy.value_words import (
    PERIOD_NAMES,
    UNITS,
    amount,
    before_a_word,
    in_units,
    is_multiple,
    name_title,
    plain,
    spaced,
    times,
    word_name,
)
from compensation.policy.variables import (
    AS_OF,
    INSTITUTION,
    INSTITUTION_ELIGIBLE,
    YEAR_START,
    inferred_kind,
    is_mere_number,
    is_mere_test,
)
from compensation.values.printing import YES_NO

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
    "exposure": Text("担保余额", "what is in force"),
}


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
                f"{before_a_word(listed)}中的{chosen.zh}者", f"the {chosen.en} of {listed.en}"
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
            if (said_of := _first_of_month(policy, operation.months_later or ())) is not None:
                return said_of
            date, time = each(getattr(operation, name), None)
            zh, en = ("前", "before") if time.en.startswith("-") else ("后", "after")
            count = Text(time.zh.removeprefix("-"), time.en.removeprefix("-"))
            unit = UNITS[name.removesuffix("_later")]
            return Text(
                f"{date.zh}{zh} {count.zh} {unit.zh}", f"{count.en} {unit.en} {en} {date.en}"
            )
        case "period_end":
            lies, months = operation.period_end or ()
            of, period = describe_quantity(policy, lies, inner=True), PERIOD_NAMES[months]
            return Text(
                f"{of.zh}所在{period.zh}的最后一日", f"the last day of the {period.en} of {of.en}"
            )
        case "yuan":
            return amount(operation.yuan or Decimal(0))
        case "choose":
            return _choices(policy, operation, kind)
        case "round_to":
            of = describe_quantity(policy, operation.of or "", kind, inner=True)
            said = in_units(plain(operation.round_to or Decimal(1), kind or Kind.NUMBER), operation)
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
            zh, en = "上年", "the year before"
            if operation.years > 1:
                zh, en = f"{operation.years} 年前的", f"{operation.years} years before"
            return Text(f"{zh}{of.zh.removeprefix('本年')}", f"{of.en} of {en}")
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
    ties = [describe_quantity(policy, tie, inner=True) for tie in operation.then]
    by = joined([of, *ties], "、", ", then ")
    by = Text(f"依次按{by.zh}" if ties else by.zh, by.en)
    return Text(f"{by.zh}在{among.zh}中的名次", f"the place among {among.en} by {by.en}")


def _choices(policy: Policy, operation: Operation, kind: Kind | None) -> Text:
    """Return values with the tests for which each is taken."""
    listed = []
    for choice in operation.choose or ():
        said = describe_quantity(policy, choice.value, kind, inner=True)
        when, other = _all_of(policy, choice.when), Text("其余的", "otherwise")
        listed.append(
            Text(f"{before_a_word(when)}的，{said.zh}", f"{said.en} if {when.en}")
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


_MONTHS_AWAY = {
    0: Text("{date}当月1日", "the first of the month of {date}"),
    1: Text("{date}次月1日", "the first of the month after {date}"),
}


def _first_of_month(policy: Policy, later: Sequence[Quantity]) -> Text | None:
    """Return the first of the month of a date, or the next, counted from that of an earlier one."""
    match later:
        case (datetime.date(day=1) as first, Operation(months=(start, date))):
            away = 0
        case (
            datetime.date(day=1) as first,
            Operation(sum=(Operation(months=(start, date)), Decimal() as months)),
        ):
            away = int(months)
        case _:
            return None
    if start != first or away not in _MONTHS_AWAY:
        return None
    return _MONTHS_AWAY[away].fill(date=describe_quantity(policy, date, inner=True))


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
    if day_measured(operation) is not None:
        return _where(policy, operation, _on_a_day(policy, operation, name))
    if operation.on is not None:
        name = _of_rows(policy, operation, name)
    elif years > 1:
        name = Text(f"近 {years} 年{name.zh.removeprefix('本年')}", f"{name.en} of {years} years")
    if operation.per is not None:
        whose = _group_measured(policy, operation.per)
        name = Text(f"{whose.zh}{name.zh}", f"{name.en} of {whose.en}")
    return _where(policy, operation, name)


def _on_a_day(policy: Policy, operation: Operation, name: Text) -> Text:
    """Return a measure of a group on a day of the case: 代偿日期当日同一机构的担保余额."""
    on = describe_quantity(policy, operation.on or "", inner=True)
    whose = _group_measured(policy, operation.per or ())
    match operation.measure:
        case "exposure" | "closing_balance":
            end = Text("日终", "at the end of ") if operation.measure != "exposure" else same("")
            zh = name.zh.removeprefix("年末")
            said = "balance" if end.en else name.en
            return Text(
                f"{on.zh}当日{end.zh}{whose.zh}{zh}",
                f"{said} {end.en or 'on '}{on.en} of {whose.en}",
            )
        case "opening_balance":
            return Text(
                f"{on.zh}当年{whose.zh}{name.zh}", f"{name.en} of the year of {on.en} of {whose.en}"
            )
    span = (
        Text("当年", "the year")
        if operation.years == 1
        else Text(f"近 {operation.years} 年", f"{operation.years} years")
    )
    return Text(
        f"{span.zh}截至{on.zh}{whose.zh}{name.zh.removeprefix('本年')}",
        f"{name.en} of {span.en} up to {on.en} of {whose.en}",
    )


def _where(policy: Policy, operation: Operation, name: Text) -> Text:
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


def with_tests(policy: Policy, said: Text, tests: Sequence[Test]) -> Text:
    """Return what a policy says, and the tests under which it holds."""
    if not tests:
        return said
    when = joined((describe_test(policy, test) for test in tests), "；", "; ")
    return Text(f"{said.zh}：{when.zh}", f"{said.en}: {when.en}")


def turns(policy: Policy, first: Sequence[Test]) -> list[Text]:
    """Return who comes first where money falls short, if anybody does."""
    if not first:
        return []
    turns = joined([describe_test(policy, test) for test in first], "，其次", "; then ")
    return [Text(f"先满足{turns.zh}的，再分给其余的", f"first where {turns.en}; then the others")]


def part_between(policy: Policy, start: Quantity | None, end: Quantity | None) -> Text:
    """Return the part of an amount that lies between two limits."""
    limits = []
    for limit, word in ((start, "above"), (end, "up to")):
        if limit is not None:
            said = describe_quantity(policy, limit, Kind.MONEY, inner=True)
            of = "以上" if word == "above" else "以内"
            limits.append(Text(f"{said.zh}{of}", f"{word} {said.en}"))
    said = joined(limits, "、", " and ")
    return Text(f"{said.zh}的部分", f"what lies {said.en}")
