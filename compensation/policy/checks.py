"""What is wrong with a policy file, beyond the form of its keys: all faults at once.

`policy.model` has seen that each key is there and of its type; here it is seen that names exist,
dates are in order, tests can hold, tiers leave no gap, and caps keep returns within what was borne.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from compensation.language import Text, same
from compensation.ledger.column import ColumnType
from compensation.ledger.headings import SHARE_HEADING, normalise, recogniser
from compensation.ledger.parties import GOVERNMENT, PARTIES
from compensation.ledger.units import split_unit
from compensation.policy.check_rates import RateChecker
from compensation.policy.check_tests import TestChecker, check_ascending
from compensation.policy.faults import Findings, PolicyFault, element
from compensation.policy.model import Cap, Indicator, Measure, PolicyFile, Series
from compensation.policy.regions import Allowed, allowed
from compensation.policy.subjects import (
    COMPUTED_COLUMNS,
    STANDARD_INDICATORS,
    TESTED_TABLES,
    Level,
    measure_unit,
    nearest,
)

REASONS_OF_RATES = frozenset({"tier", "decided_rate"})
"""The reasons of claims that get no rate; conditions and caps go by other ids."""
FLOWS = frozenset({"new_guarantees", "released_amount", "payout_amount"})
"""Measures that can be added up over several years."""


def check(rules: PolicyFile, series: Mapping[str, Series], file: str) -> list[PolicyFault]:
    """Return everything that is wrong with a policy file; ``series``: those it may use, by id."""
    findings = Findings(file)
    checker = Checker(rules, series, findings)
    checker.check_dates()
    checker.check_ids()
    checker.check_columns()
    checker.check_indicators()
    checker.check_conditions()
    checker.rates.check()
    checker.check_caps()
    checker.check_money_columns()
    checker.check_days()
    checker.check_payers()
    check_series(rules.series, findings)
    return findings.faults


class Checker:
    """Checks one policy file, part by part."""

    def __init__(self, rules: PolicyFile, series: Mapping[str, Series], findings: Findings) -> None:
        self.rules = rules
        self.findings = findings
        self.tests = TestChecker(rules, series, findings)
        self.rates = RateChecker(rules, self.tests, findings)

    def check_dates(self) -> None:
        """Check the days that the policy covers."""
        effective = self.rules.effective
        if effective.to is not None and effective.to < effective.from_:
            message = Text(
                "止日 {to} 早于起日 {from_}", "the last day {to} is before the first {from_}"
            )
            self.findings.add(
                "dates_order", "effective.to", message, to=effective.to, from_=effective.from_
            )

    def check_ids(self) -> None:
        """Check that ids are not repeated where something is named by them."""
        rules = self.rules
        self._unique("institution_conditions", [c.id for c in rules.institution_conditions])
        refusing = [cap.id for cap in rules.caps if cap.over == "refuse"]
        self._unique("claim_conditions", [c.id for c in rules.claim_conditions])
        self._unique("caps", [cap.id for cap in rules.caps])
        self._unique("rates.additions", [addition.id for addition in rules.rates.additions])
        self._unique("indicators", [indicator.id for indicator in rules.indicators])
        self._unique("series", [series.id for series in rules.series])
        self._unique("definitions", [definition.id for definition in rules.definitions])
        self._unique("clauses", [clause.id for clause in rules.clauses])
        self._unique("payers", [payer.id for payer in rules.payers])
        conditions = {condition.id for condition in rules.claim_conditions}
        for key, ids, taken in (
            ("claim_conditions", conditions, REASONS_OF_RATES),
            ("caps", refusing, REASONS_OF_RATES | conditions),
        ):
            for id_ in ids:
                if id_ in taken:
                    message = Text(
                        "编号 {id} 已用作另一个不予补偿的理由，请换一个",
                        "the id {id} is already the name of another reason; choose another",
                    )
                    self.findings.add("id_taken", element(key, 0, id_), message, id=id_)

    def _unique(self, key: str, ids: Iterable[str]) -> None:
        for id_, count in Counter(ids).items():
            if count > 1:
                message = Text("编号 {id} 出现了 {count} 次", "the id {id} is there {count} times")
                self.findings.add(
                    "duplicate_id", element(key, 0, id_), message, id=id_, count=count
                )

    def check_columns(self) -> None:
        """Check the policy's own columns against the dictionary and one another."""
        recognise = {table.name: recogniser(table) for table in TESTED_TABLES}
        taken: dict[tuple[str, str], Text] = {}
        for table, columns in COMPUTED_COLUMNS.items():
            for column in columns:
                taken[table, normalise(column.name)] = column.title
                taken[table, normalise(column.heading)] = column.title
        for position, extra in enumerate(self.rules.columns):
            key = element("columns", position)
            for part in ("name", "heading"):
                value = getattr(extra, part)
                known = recognise[extra.table](value)
                clash = taken.get((extra.table, normalise(value)))
                if known is not None:
                    clash = known[0].title
                elif extra.table == "contracts" and normalise(value).endswith(SHARE_HEADING):
                    clash = Text("各方分担比例（share_*）", "the shares of the parties (share_*)")
                if clash is not None:
                    message = Text(
                        "{value} 与已有的列{clash}重名",
                        "{value} is the name of another column: {clash}",
                    )
                    self.findings.add(
                        "column_clash", f"{key}.{part}", message, value=value, clash=clash
                    )
            for name in (extra.name, extra.heading):
                taken[extra.table, normalise(name)] = same(f"{extra.heading} ({extra.name})")
            unit = split_unit(normalise(extra.heading))[1] or ""
            if extra.type == "money" and unit.endswith("元"):
                message = Text(
                    "标题不要带金额单位（{unit}）：读取时（元）、（万元）表示单位",
                    "leave the unit ({unit}) out of the heading: there it says the unit of a file",
                )
                self.findings.add("heading_unit", f"{key}.heading", message, unit=unit)

    def check_indicators(self) -> None:
        """Check the policy's own indicators."""
        for position, indicator in enumerate(self.rules.indicators):
            key = element("indicators", position, indicator.id)
            if indicator.id in STANDARD_INDICATORS:
                message = Text(
                    "{id} 是标准指标，自定指标要换一个编号",
                    "{id} is a standard indicator; an indicator of your own needs another id",
                )
                self.findings.add("indicator_clash", f"{key}.id", message, id=indicator.id)
            self._check_measure(indicator.numerator, f"{key}.numerator")
            if indicator.denominator is not None:
                self._check_measure(indicator.denominator, f"{key}.denominator")
            self._check_ratio(indicator, key)

    def _check_ratio(self, indicator: Indicator, key: str) -> None:
        if indicator.denominator is None:
            for name in ("growth", "zero_over_zero"):
                if name in indicator.written:
                    message = Text(
                        "没有 denominator（分母）就不是比率，不能写 {name}",
                        "without a denominator it is no ratio, and {name} says nothing",
                    )
                    self.findings.add("no_ratio", f"{key}.{name}", message, name=name)
        elif measure_unit(indicator.numerator) != measure_unit(indicator.denominator):
            message = Text(
                "分子、分母要同为金额或同为户数",
                "numerator and denominator are both amounts or both numbers of borrowers",
            )
            self.findings.add("mixed_units", f"{key}.denominator", message)

    def _check_measure(self, measure: Measure, key: str) -> None:
        if measure.years > 1 and measure.of not in FLOWS:
            message = Text(
                "{of} 是某一天的数，不能跨年累计；years 只用于 {flows}",
                "{of} is the figure of a day and not added up over years; `years` is for {flows}",
            )
            flows = ", ".join(sorted(FLOWS))
            self.findings.add("years", f"{key}.years", message, of=measure.of, flows=flows)
        for number, test in enumerate(measure.where, 1):
            self.tests.check(test, f"{key}.where[{number}]", "contract")

    def check_conditions(self) -> None:
        """Check the conditions, one by one and together."""
        rules = self.rules
        before = len(self.findings.faults)
        asked = [c for c in rules.claim_conditions if c.institution is not None]
        for position, condition in enumerate(rules.institution_conditions):
            key = element("institution_conditions", position, condition.id)
            self.tests.check(condition, key, "institution")
        for position, condition in enumerate(rules.claim_conditions):
            key = element("claim_conditions", position, condition.id)
            self.tests.check(condition, key, "claim", eligibility=True)
        if rules.institution_conditions and not asked:
            message = Text(
                '有机构条件，但没有一项业务条件写 institution = "eligible"，机构条件就不起作用',
                "there are conditions of institutions, but no claim condition says institution = "
                '"eligible", so they have no effect',
            )
            self.findings.add("institution_unasked", "claim_conditions", message)
        if len(self.findings.faults) == before:
            self._check_together()

    def _check_together(self) -> None:
        so_far = Allowed()
        for name in ("institution_conditions", "claim_conditions"):
            for position, condition in enumerate(getattr(self.rules, name)):
                so_far &= allowed([condition], self.tests.subject, self.tests.effective)
                if so_far.contradictory:
                    message = Text(
                        "与前面的条件矛盾（{what}），没有业务能同时满足",
                        "contradicts a condition before it ({what}): no claim can meet both",
                    )
                    key = element(name, position, condition.id)
                    what = ", ".join(so_far.contradictory)
                    self.findings.add("conditions_contradict", key, message, what=what)
                    return

    def check_caps(self) -> None:
        """Check the caps; without one by what was borne, returns could pass it."""
        for position, cap in enumerate(self.rules.caps):
            self._check_cap(cap, element("caps", position, cap.id))
        if not any(cap.share_of_borne is not None for cap in self.rules.caps):
            message = Text(
                "至少要有一项 share_of_borne 封顶（最高为 1）：补偿不能超过受偿方自己承担的金额",
                "one cap by share_of_borne (at most 1) is needed: compensation may not pass what "
                "the beneficiary bore",
            )
            self.findings.add("no_cap_by_borne", "caps", message)

    def _check_cap(self, cap: Cap, key: str) -> None:
        if (cap.share_of_borne is None) == (cap.amount is None):
            message = Text(
                "share_of_borne 和 amount 要写且只写一个",
                "one of share_of_borne and amount is needed",
            )
            self.findings.add("cap_limit", key, message)
            return
        name = "amount" if cap.share_of_borne is None else "share_of_borne"
        limit = cap.amount if cap.share_of_borne is None else cap.share_of_borne
        if limit is not None and limit <= 0:
            message = Text("封顶要大于 0", "a cap is above 0")
            self.findings.add("cap_limit", f"{key}.{name}", message)
        if cap.amount is not None and cap.amount % Decimal("0.01"):
            message = Text("金额最多 2 位小数", "an amount has at most 2 decimals")
            self.findings.add("limit_decimals", f"{key}.amount", message)
        for only in ("per", "years"):
            if cap.amount is None and only in cap.written:
                message = Text("{only} 只和 amount 一起写", "{only} stands only with amount")
                self.findings.add("cap_form", f"{key}.{only}", message, only=only)
        if cap.years == "all" and cap.per == "claim":
            message = Text(
                "每笔业务的封顶不分年度；years 用于 per = borrower、institution、programme",
                "a cap on each claim has no years; per = borrower, institution, programme have",
            )
            self.findings.add("cap_form", f"{key}.years", message)
        if cap.less and cap.per != "claim":
            message = Text("less 只用于每笔业务的封顶", "less is for caps on each claim only")
            self.findings.add("cap_form", f"{key}.less", message)

    def check_money_columns(self) -> None:
        """Check the columns that are taken off a base or a cap."""
        lists = [("base.less", self.rules.base.less)]
        for position, cap in enumerate(self.rules.caps):
            lists.append((f"{element('caps', position, cap.id)}.less", cap.less))
        own = {f"claims.{extra.name}" for extra in self.rules.columns if extra.table == "claims"}
        for key, names in lists:
            for number, name in enumerate(names, 1):
                here = f"{key}[{number}]"
                found = self.tests.column_of_type(name, here, "claim", ColumnType.MONEY)
                if found is not None and name not in own:
                    message = Text(
                        "要用本政策在 columns 中声明的代偿表（claims）金额列",
                        "an amount of the claims table, declared under columns, is needed",
                    )
                    self.findings.add("own_column", here, message)
        self._check_party(self.rules.base.party, "base.party")
        self._check_party(self.rules.beneficiary.party, "beneficiary.party")

    def _check_party(self, party: str | None, key: str) -> None:
        if party is None or party in PARTIES:
            return
        likely = nearest(party, PARTIES)
        if party == GOVERNMENT or likely is not None:
            message = Text(
                "没有 {party} 这一方；已有 {known}；其他各方按 share_ 后面的名称写",
                "there is no party {party}; known are {known}, and others by what follows share_",
            )
            known = ", ".join(PARTIES)
            self.findings.add("unknown_party", key, message, party=party, known=known)

    def check_days(self) -> None:
        """Check the columns of days that put claims into a year and in order, and decided rates."""
        rules = self.rules
        self._required_day(rules.trigger.date, "trigger.date")
        if rules.budget.method == "first_come":
            if rules.budget.order is None:
                message = Text(
                    'method = "first_come" 要用 order 写明按哪个日期排先后',
                    'method = "first_come" needs `order`: the date that says who comes first',
                )
                self.findings.add("missing_order", "budget.order", message)
            else:
                self._required_day(rules.budget.order, "budget.order")
        elif rules.budget.order is not None:
            message = Text(
                'order 只和 method = "first_come" 一起写',
                'order stands only with method = "first_come"',
            )
            self.findings.add("budget_form", "budget.order", message)

    def _required_day(self, name: str, key: str) -> None:
        found = self.tests.column_of_type(name, key, "claim", ColumnType.DATE)
        level: Level = "claim"
        if found is not None and (found.level != level or found.may_be_blank):
            message = Text(
                "要用代偿表（claims）中必填的日期列：claims.payout_date，或 columns 中声明了 "
                "required = true 的列",
                "a required date of the claims table is needed: claims.payout_date, or one "
                "declared under columns with required = true",
            )
            self.findings.add("required_day", key, message)

    def check_payers(self) -> None:
        """Check that several payers pay everything between them."""
        payers = self.rules.payers
        for position, payer in enumerate(payers):
            key = element("payers", position, payer.id)
            if payer.share == 0:
                message = Text("出资份额要大于 0", "a payer's share is above 0")
                self.findings.add("payer_share", f"{key}.share", message)
            if payer.id in PARTIES:
                message = Text(
                    "{id} 是分担各方的名称，出资方要换一个编号",
                    "{id} is a party that bears payouts; a payer needs another id",
                )
                self.findings.add("id_taken", f"{key}.id", message, id=payer.id)
        total = sum(payer.share for payer in payers)
        if payers and total != 1:
            message = Text(
                "各出资方的份额合计要等于 1，现为 {total}", "the payers' shares make 1, not {total}"
            )
            self.findings.add("payers_total", "payers", message, total=total)


def check_series(series: Iterable[Series], findings: Findings) -> None:
    """Check reference series, of a policy file or of a file of their own."""
    for position, one in enumerate(series):
        key = element("series", position, one.id)
        check_ascending([point.from_ for point in one.points], f"{key}.points", findings)
        if one.checked_until < one.points[-1].from_:
            message = Text(
                "核对截止日 {until} 早于最后一个值的日期 {last}",
                "checked_until {until} is before the last point, {last}",
            )
            findings.add(
                "dates_order",
                f"{key}.checked_until",
                message,
                until=one.checked_until,
                last=one.points[-1].from_,
            )
        _check_terms(one, key, findings)
        for number, point in enumerate(one.points, 1):
            here = f"{key}.points[{number}].values"
            if len(point.values) != len(one.terms):
                message = Text(
                    "有 {values} 个值，而 terms 有 {terms} 个期限",
                    "{values} values, but {terms} terms",
                )
                counts = {"values": len(point.values), "terms": len(one.terms)}
                findings.add("series_values", here, message, **counts)
            if not all(0 <= value <= 1 for value in point.values):
                message = Text(
                    "值要在 0 和 1 之间：百分之 3.45 写作 0.0345",
                    "values lie between 0 and 1: 3.45 percent is 0.0345",
                )
                findings.add("series_values", here, message)


def _check_terms(series: Series, key: str, findings: Findings) -> None:
    ends = [term for term in series.terms if term != 0]
    open_at = [place for place, term in enumerate(series.terms) if term == 0]
    rising = all(a < b for a, b in itertools.pairwise(ends))
    if not rising or min(ends, default=1) < 1 or open_at not in ([], [len(series.terms) - 1]):
        message = Text(
            "期限（月）要从短到长，只有最后一个可以写 0（不限）",
            "terms (months) go up, and only the last may be 0 (open)",
        )
        findings.add("series_terms", f"{key}.terms", message)
