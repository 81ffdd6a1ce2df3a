"""What is wrong with a policy file, beyond the form of its keys: all faults at once.

`policy.model` has seen that each key is there and of its type; here it is seen that names exist,
dates are in order, tests can hold, tiers leave no gap, and caps keep returns within what was borne.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal

from compensation.language import Text, same
from compensation.ledger.records import TABLE_OF
from compensation.policy.check_caps import CapChecker
from compensation.policy.check_quantities import CALENDAR_YEARS, SETTLED_LINES, reached
from compensation.policy.check_rates import RateChecker
from compensation.policy.check_returns import ReturnsChecker
from compensation.policy.check_series import check_series
from compensation.policy.check_tests import TestChecker
from compensation.policy.faults import Findings, base_element, element
from compensation.policy.kinds import KIND_NAMES, NO_NUMBERS, TIME_OF, Kind
from compensation.policy.model import (
    NOBODY,
    Cap,
    Compensation,
    ExtraColumn,
    Operation,
    Payer,
    PolicyFile,
    Series,
)
from compensation.policy.open_years import moved_by_payments
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    QUANTITY_PREFIX,
    always_known,
    depth_of,
    names_in,
    names_in_tests,
    payer_names,
    resolved,
)
from compensation.policy.regions import Allowed, allowed
from compensation.policy.variables import (
    COMPUTED_COLUMNS,
    POOL_COLUMNS,
    STANDARD_INDICATORS,
    TESTED_TABLES,
    YEAR_COLUMNS,
    columns_of_decisions,
)
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import BY_YEAR_OF, ROWS_OF
from compensation.schema.parties import PARTIES
from compensation.schema.units import is_of_currencies, split_unit, units_in
from compensation.tables.headings import SHARE_HEADING, normalise, recogniser
from compensation.values.choices import plain_name

RESULT_COLUMNS = frozenset(
    {"institution_id", "eligible", "reasons", "rate", "claims", "eligible_claims"}
    | {"compensation", "payable", "set_off", "policy"}
)
"""The columns of institutions in results beside indicators, which are columns by their ids."""
DECLARED = Text("", "")
DECLARED_REQUIRED = Text("了 required = true ", " with required = true")
DEEPEST = 50
"""How many operations and names of quantities may stand inside one another."""
REASONS_OF_RATES = frozenset({"tier", "decided_rate", "base", "payer"})
"""The reasons of claims that get no rate; conditions and caps go by other ids."""
TOO_LITTLE = "minimum"
"""The reason of a case that comes to less than the least amount, under a policy that has one."""


def check(rules: PolicyFile, series: Mapping[str, Series], findings: Findings) -> bool:
    """Note everything that is wrong with a policy file; ``series``: those it may use, by id.

    Returns whether it could look at everything.
    """
    checker = Checker(rules, series, findings)
    checker.check_depth()
    if findings.faults:
        # What is made of itself has no kind, and can't be followed to its end.
        return False
    checker.check_named_tests()
    if findings.faults:
        # They stand in many places, and would be spoken of in each.
        return False
    checker.check_dates()
    checker.check_ids()
    checker.check_columns()
    checker.check_quantities()
    checker.check_conditions()
    checker.rates.check()
    checker.check_base()
    checker.caps.check()
    checker.check_days()
    checker.check_payers()
    checker.check_stages()
    checker.check_compensation()
    checker.returns.check()
    check_series(rules.series, findings)
    return True


class Checker:
    """Checks one policy file, part by part."""

    def __init__(self, rules: PolicyFile, series: Mapping[str, Series], findings: Findings) -> None:
        self.rules = rules
        self.findings = findings
        self.tests: TestChecker = TestChecker(rules, series, findings)
        self.rates: RateChecker = RateChecker(rules, self.tests, findings)
        self.caps: CapChecker = CapChecker(rules, self.tests, findings)
        self.returns: ReturnsChecker = ReturnsChecker(rules, self.tests, findings)

    def check_depth(self) -> None:
        """Check that no indicator or quantity is made of itself, or of too many inside others."""
        named = {
            f"{prefix}{each.id}": (each.value, f"{element(key, position, each.id)}.value")
            for prefix, key, listed in (
                (INDICATOR_PREFIX, "indicators", self.rules.indicators),
                (QUANTITY_PREFIX, "quantities", self.rules.quantities),
            )
            for position, each in enumerate(listed)
        }
        uses = {name: names_in(value) & named.keys() for name, (value, _) in named.items()}
        depth: dict[str, int] = {}
        for _ in range(DEEPEST):
            for name in named.keys() - depth.keys():
                if uses[name] <= depth.keys():
                    depth[name] = depth_of(named[name][0], depth)
        for name, (_, key) in named.items():
            if name not in depth and name in reached(name, uses):
                message = Text("{name} 用到了它自己", "{name} is made of itself")
                self.findings.add("circle", key, message, name=name)
            elif depth.get(name, DEEPEST + 1) > DEEPEST:
                message = Text(
                    "{name} 层层用到的算式超过 {most} 层",
                    "{name} is made of operations inside operations, more than {most} deep",
                )
                self.findings.add("too_deep", key, message, name=name, most=DEEPEST)

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
        least = rules.compensation is not None and rules.compensation.at_least is not None
        refusing = [
            cap.id
            for cap in rules.caps
            if cap.refuses or least or not all(map(always_known, cap.quantities))
        ]
        self._unique("claim_conditions", [c.id for c in rules.claim_conditions])
        self._unique("caps", [cap.id for cap in rules.caps])
        self._unique("rates.additions", [addition.id for addition in rules.rates.additions])
        self._unique("indicators", [indicator.id for indicator in rules.indicators])
        self._unique("tests", [test.id for test in rules.tests])
        self._unique("quantities", [quantity.id for quantity in rules.quantities])
        self._unique("series", [series.id for series in rules.series])
        self._unique("definitions", [definition.id for definition in rules.definitions])
        self._unique("clauses", [clause.id for clause in rules.clauses])
        # A payer may be there several times, with other shares under other tests.
        self._unique("payers", [payer.id for payer in rules.payers if not payer.when])
        conditions = {condition.id for condition in rules.claim_conditions}
        special = REASONS_OF_RATES | ({TOO_LITTLE} if rules.compensation else set())
        for key, ids, taken in (
            ("claim_conditions", conditions, special),
            ("caps", refusing, special | conditions),
        ):
            for id_ in ids:
                if id_ in taken:
                    message = Text(
                        "编号 {id} 已用作另一个不予补偿的理由，请换一个",
                        "the id {id} is already the name of another reason; choose another",
                    )
                    self.findings.add("id_taken", element(key, 0, id_), message, id=id_)

    def _unique(self, key: str, ids: Sequence[str]) -> None:
        """Check that ids differ; in the names of steps, - and _ are the same."""
        by_step = {id_.replace("-", "_"): id_ for id_ in ids}
        for id_, count in Counter(by_step[id_.replace("-", "_")] for id_ in ids).items():
            if count > 1:
                message = Text("编号 {id} 出现了 {count} 次", "the id {id} is there {count} times")
                self.findings.add(
                    "duplicate_id", element(key, 0, id_), message, id=id_, count=count
                )

    def check_columns(self) -> None:
        """Check the policy's own columns against the dictionary and one another."""
        decided = columns_of_decisions(self.rules)
        recognise = {
            table.name: recogniser(table, decided.get(table.name, ())) for table in TESTED_TABLES
        }
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
                elif extra.type == "text" and is_of_currencies(normalise(value)):
                    message = Text(
                        "台账以“{value}”作标题时，其中的美元等会被读作金额的单位而拒收；请换一个，"
                        "如 fx_kind、外汇类别。金额列仍以人民币元计",
                        "in a column that a ledger heads “{value}”, a currency such as 美元 is "
                        "read as the unit of the amounts and refused; choose another, such as "
                        "fx_kind or 外汇类别. Columns of money are in yuan in any case",
                    )
                    self.findings.add("heading_unit", f"{key}.{part}", message, value=value)
                elif _states_a_unit(value):
                    message = Text(
                        "台账以“{value}”作标题时，会被读作整张表的金额单位；请换一个，如 "
                        "export_amount、美元出口额",
                        "“{value}” as a heading of a ledger would be read as the unit of money of "
                        "its table; choose another, such as export_amount or 美元出口额",
                    )
                    self.findings.add("heading_unit", f"{key}.{part}", message, value=value)
            for name in (extra.name, extra.heading):
                taken[extra.table, normalise(name)] = same(f"{extra.heading} ({extra.name})")
            self._check_values(extra, key)
            if extra.agreed is not None and extra.type != "date":
                message = Text(
                    'agreed 只用于 type = "date" 的列', '`agreed` goes with type = "date"'
                )
                self.findings.add("column_agreed", f"{key}.agreed", message)
            if extra.constant and (extra.table not in BY_YEAR_OF or extra.type == "date"):
                message = Text(
                    "constant（各年度相同）只用于机构表、担保合同表中日期以外的列：其他的值本来就"
                    "属于一个年度",
                    "`constant` (the same in all years) is for columns of institutions and "
                    "contracts that are no dates: other values are of one year in any case",
                )
                self.findings.add("column_constant", f"{key}.constant", message)
            unit = split_unit(normalise(extra.heading))[1] or ""
            alone = _states_a_unit(extra.heading)
            if extra.type == "money" and unit.endswith("元") and not alone:
                message = Text(
                    "标题末尾不要写“{unit}”：读取时那里的元、万元表示金额单位；外币名称写在前面，如"
                    "美元出口额",
                    "“{unit}” may not end the heading, where it says the unit of a file; a foreign "
                    "currency stands before: 美元出口额",
                )
                self.findings.add("heading_unit", f"{key}.heading", message, unit=unit)

    def _check_values(self, extra: ExtraColumn, key: str) -> None:
        """Check the list of values that a text may take: two at least, which no cell confuses."""
        plain = [plain_name(value) for value in extra.values]
        if extra.values and extra.type != "text":
            message = Text('只有 type = "text" 的列写 values', 'values go with type = "text"')
        elif len(set(plain)) < len(plain) or len(plain) == 1:
            message = Text("要有两个以上不同的值", "two values or more are needed, all different")
        else:
            return
        self.findings.add("column_values", f"{key}.values", message)

    def check_quantities(self) -> None:
        """Check the policy's own indicators and quantities."""
        for position, indicator in enumerate(self.rules.indicators):
            key = element("indicators", position, indicator.id)
            if indicator.id in STANDARD_INDICATORS:
                message = Text(
                    "{id} 是标准指标，自定指标要换一个编号",
                    "{id} is a standard indicator; an indicator of your own needs another id",
                )
                self.findings.add("indicator_clash", f"{key}.id", message, id=indicator.id)
            if indicator.id in RESULT_COLUMNS:
                message = Text(
                    "{id} 是结果中机构的一列，自定指标要换一个编号",
                    "{id} is a column of the institutions in results; an indicator of your own "
                    "needs another id",
                )
                self.findings.add("indicator_clash", f"{key}.id", message, id=indicator.id)
            kind = self.tests.quantities.kind(indicator.value, f"{key}.value", "institution")
            if kind in TIME_OF:
                self.tests.quantities.wanted(
                    indicator.value, f"{key}.value", "institution", Kind.MONEY
                )
            before = isinstance(indicator.value, Operation) and indicator.value.year_before
            if kind is not None and kind in NO_NUMBERS and not before:
                found = KIND_NAMES[kind]
                self.findings.add("indicator_kind", f"{key}.value", NO_NUMBER, found=found)
        for position, quantity in enumerate(self.rules.quantities):
            key = element("quantities", position, quantity.id)
            self.tests.quantities.kind(quantity.value, f"{key}.value", "claim")

    def check_named_tests(self) -> None:
        """Check the tests that others name: where they stand, they are checked for their place.

        Here one may look at what a case may, or at what the `where` of a measure may.
        """
        for position, test in enumerate(self.rules.tests):
            of_where = TestChecker(self.rules, self.tests.quantities.series, Findings(""))
            of_where.check(test, "", "contract")
            if of_where.findings.faults:
                self.tests.check(test, element("tests", position, test.id), "claim")

    def check_conditions(self) -> None:
        """Check the conditions, one by one and together."""
        rules = self.rules
        before = len(self.findings.faults)
        for position, condition in enumerate(rules.institution_conditions):
            key = element("institution_conditions", position, condition.id)
            self.tests.check(condition, key, "institution")
        for position, condition in enumerate(rules.claim_conditions):
            key = element("claim_conditions", position, condition.id)
            self.tests.check(condition, key, "claim", eligibility=True)
        if len(self.findings.faults) == before:
            self._check_together()

    def _check_together(self) -> None:
        so_far = Allowed()
        for name in ("institution_conditions", "claim_conditions"):
            for position, condition in enumerate(getattr(self.rules, name)):
                so_far &= allowed([condition], self.tests.variable, self.tests.effective)
                if so_far.contradictory:
                    message = Text(
                        "与前面的条件矛盾（{what}），没有业务能同时满足",
                        "contradicts a condition before it ({what}): no claim can meet both",
                    )
                    key = element(name, position, condition.id)
                    what = ", ".join(so_far.contradictory)
                    self.findings.add("conditions_contradict", key, message, what=what)
                    return

    def check_base(self) -> None:
        """Check what the rate is applied to, and the party that is paid."""
        for position, base in enumerate(self.rules.base):
            key = base_element(position, len(self.rules.base))
            self.tests.quantities.wanted(base.value, f"{key}.value", "claim", Kind.MONEY)
            self.tests.check_all(base.when, f"{key}.when", "claim")
        self.tests.quantities.party(self.rules.beneficiary.party, "beneficiary.party")

    def check_days(self) -> None:
        """Check the columns of days that put claims into a year and in order, and decided rates."""
        rules = self.rules
        may_come_later = rules.trigger.until is None and rules.trigger.date in self._own_days()
        if rules.record != "institution" and not may_come_later:
            own = DECLARED if rules.trigger.until is None else DECLARED_REQUIRED
            self._required_day(rules.trigger.date, "trigger.date", own)
        if rules.trigger.until is not None:
            self._check_until(rules.trigger.until)
        if rules.trigger.year_begins is not None:
            self._check_calendar_years()
        if rules.trigger.order is not None:
            self._required_day(rules.trigger.order, "trigger.order")
        if rules.trigger.settled == "by_case":
            self._check_by_case()
        self.caps.check_first(rules.budget.first, "budget.first")
        self.caps.check_unit(rules.budget.round_to, "budget.round_to")
        self.caps.check_ratio_unit(rules.budget, "budget")
        self.caps.check_unit(rules.budget.at_least, "budget.at_least")
        self._check_budget()
        if rules.budget.method == "first_come":
            if rules.budget.order is None:
                message = Text(
                    'method = "first_come" 要用 order 写明按哪个日期排先后',
                    'method = "first_come" needs `order`: the date that says who comes first',
                )
                self.findings.add("missing_order", "budget.order", message)
            else:
                self._required_day(rules.budget.order, "budget.order")
            for name in ("left_over", "ratio_to", "at_least"):
                if getattr(rules.budget, name) is not None:
                    message = Text(
                        '{name} 只和 method = "pro_rata" 一起写',
                        '`{name}` stands with method = "pro_rata" only',
                    )
                    self.findings.add("budget_form", f"budget.{name}", message, name=name)
        elif rules.budget.order is not None:
            message = Text(
                'order 只和 method = "first_come" 一起写',
                'order stands only with method = "first_come"',
            )
            self.findings.add("budget_form", "budget.order", message)

    def _check_lapsing(self) -> None:
        """Check that what a budget leaves can lapse: the cases of a year share one known sum."""
        budget, trigger = self.rules.budget, self.rules.trigger
        if budget.unpaid != "lapses":
            return
        if budget.at_most is None:
            message = Text(
                "分不到的不再补的预算，要用 at_most 写明一年的总数：以后各次核算都按它算",
                "where what is not paid lapses, `at_most` says the sum of a year, by which every "
                "later run goes, too",
            )
            self.findings.add("budget_form", "budget.unpaid", message)
        elif changing := names_in(budget.at_most) & SETTLED_LINES:
            message = Text(
                "{names} 因支付而变；分不到的不再补的预算是一年的总数，不减已支付的",
                "{names} changes with what is paid: where what is not paid lapses, the budget is "
                "the sum of a year, and nothing that was paid is taken off",
            )
            names = ", ".join(sorted(changing))
            self.findings.add("wrong_place", "budget.at_most", message, names=names)
        order = trigger.order or trigger.date
        in_order = budget.order in (None, order) and not budget.first and budget.round_to is None
        pools = any(cap.exceeding == "pro_rata" and cap.payer is None for cap in self.rules.caps)
        if budget.method == "first_come" and (pools or not in_order):
            message = Text(
                "先到先得而分不到的不再补的，按各笔的先后（{order}），不写 first、round_to，也不与"
                "按比例分配的资金（pro_rata）同用",
                "what lapses of a budget by who comes first goes by the order of cases ({order}), "
                "without `first`, `round_to`, or money that groups share in proportion (pro_rata)",
            )
            self.findings.add("budget_form", "budget.unpaid", message, order=order)

    def _check_budget(self) -> None:
        """Check the sum of a budget, which is the same for all cases."""
        at_most, key = self.rules.budget.at_most, "budget.at_most"
        self._check_lapsing()
        if at_most is None or not self.tests.quantities.wanted(at_most, key, "claim", Kind.MONEY):
            return
        if isinstance(at_most, Decimal):
            self.caps.check_limit(at_most, key)
        names = resolved(self.rules, names_in(at_most))
        if not names <= POOL_COLUMNS.keys() | YEAR_COLUMNS.keys():
            message = Text(
                "预算是一个总数，只能用数、按日期的值（values）、year.* 和资金池的 pool.*",
                "a budget is one sum for all cases: of numbers, dated values (`values`), year.* "
                "and pool.* (the lines of the pool)",
            )
            self.findings.add("wrong_place", key, message)

    def _check_calendar_years(self) -> None:
        """Check that nothing of a policy with years of its own is of calendar years."""
        if self.rules.indicators or self.rules.record == "institution":
            key = "indicators" if self.rules.indicators else "record"
            self.findings.add("year_begins", key, CALENDAR_YEARS)

    def _check_by_case(self) -> None:
        """Check that a case can be decided, and paid, before its year is over."""
        rules, key = self.rules, "trigger.settled"
        trigger = rules.trigger
        of_the_year = rules.record == "institution" or trigger.until or trigger.year_begins
        if of_the_year:
            message = Text(
                "机构年度、跨几个年度的合同（until）和不从 1 月 1 日开始的年度（year_begins）"
                "不能逐笔清算；年度未结束的，用 assess 的 --as-of 核算",
                "institutions' years, contracts of several years (`until`) and years that begin on "
                "another day (`year_begins`) are not settled case by case; `assess` with --as-of "
                "computes a part of a year",
            )
            self.findings.add("trigger_form", key, message)
        agreed = {f"{each.table}.{each.name}" for each in rules.columns if each.agreed}
        if trigger.date in agreed:
            message = Text(
                "事先约定的日期（agreed）可能在清算日之后，不能作为逐笔清算的日期",
                "a date that is agreed beforehand may be after the day of a settlement; cases that "
                "are settled one by one go by the date of an event",
            )
            self.findings.add("trigger_form", "trigger.date", message)
        late = {
            f"{element('caps', position, cap.id)}.{name}": "cap_form"
            for position, cap in enumerate(rules.caps)
            for name, value in (("exceeding", "pro_rata"), ("keep", "highest"))
            if getattr(cap, name) == value
        }
        if rules.budget.unpaid == "lapses" and rules.budget.method == "pro_rata":
            late["budget.unpaid"] = "budget_form"
        for at, kind in late.items():
            message = Text(
                "按比例分配、就高要等全年的业务都有了才能确定，不能与逐笔清算（settled）同用",
                "parts in proportion, and which cases come to most, are known once all cases of "
                "the year are; they do not go with cases that are settled one by one (`settled`)",
            )
            self.findings.add(kind, at, message)
        moved = moved_by_payments(rules)
        if moved:
            message = Text(
                "补偿要看 {names}，而每次支付都会改变它，逐笔清算的结果不能确定；请用上年的数或"
                "台账中的一列代替",
                "cases are decided by {names}, which every payment changes, so that a settlement "
                "case by case would not stay the same; use a figure of the year before or a column "
                "of the ledger",
            )
            self.findings.add("trigger_form", key, message, names=", ".join(moved))

    def _required_day(self, name: str, key: str, own: Text = DECLARED_REQUIRED) -> None:
        found = self.tests.column_of_type(name, key, "claim", ColumnType.DATE)
        table = TABLE_OF[self.rules.record]
        if found is not None and (name.partition(".")[0] != table or found.may_be_blank):
            message = Text(
                "要用表 {table} 中必填的日期列，或 columns 中声明{own}的日期列",
                "a required date of the table {table} is needed, or one declared under "
                "columns{own}",
            )
            self.findings.add("required_day", key, message, table=table, own=own)

    def _own_days(self) -> set[str]:
        """Return the policy's own dates of cases: a row is no case before there is one."""
        table = TABLE_OF[self.rules.record]
        own = (each for each in self.rules.columns if each.table == table and each.type == "date")
        return {f"{table}.{each.name}" for each in own}

    def _check_until(self, name: str) -> None:
        found = self.tests.column_of_type(name, "trigger.until", "claim", ColumnType.DATE)
        if found is not None and name.partition(".")[0] in ROWS_OF:
            message = Text("要用担保合同表的列", "a column of the table contracts is needed")
            self.findings.add("wrong_place", "trigger.until", message)
        elif found is not None and self.rules.record != "contract":
            message = Text(
                '只有按合同计算（record = "contract"）才写 until',
                '`until` is for cases that are contracts (record = "contract")',
            )
            self.findings.add("trigger_form", "trigger.until", message)

    def check_compensation(self) -> None:
        """Check what the amount is rounded to, and what is too little."""
        rule = self.rules.compensation
        if rule is None:
            return
        if rule.round_to is None and rule.at_least is None:
            message = Text(
                "要写 round_to（以多少元为单位）或 at_least（不足多少元的不予补偿）",
                "round_to (the unit in yuan) or at_least (what is too little) is needed",
            )
            self.findings.add("missing", "compensation", message)
        if rule.round_to is None and "rounding" in rule.written:
            message = Text("rounding 和 round_to 一起写", "rounding stands with round_to")
            self.findings.add("operator", "compensation.rounding", message)
        if rule.per is not None:
            self._check_total(rule)
        for name in ("round_to", "at_least"):
            self.caps.check_unit(getattr(rule, name), f"compensation.{name}")

    def _check_total(self, rule: Compensation) -> None:
        """Check a total that is rounded: its group, and that caps leave room to round up."""
        self.caps.check_groups(rule.per, "compensation")
        if rule.at_least is not None:
            message = Text(
                "per（合计取整）和 round_to 一起写，不和 at_least（不足多少元的不予补偿）一起写",
                "`per`, whose total is rounded, stands with round_to, and not with at_least (what "
                "is too little)",
            )
            self.findings.add("operator", "compensation.per", message)
        if self.rules.trigger.settled == "by_case":
            message = Text(
                "合计要等全年的业务都有了才能取整，不能与逐笔清算（settled）同用",
                "a total is known once all cases of the year are; it does not go with cases that "
                "are settled one by one (`settled`)",
            )
            self.findings.add("operator", "compensation.per", message)
        if self.rules.budget.unpaid == "lapses" and rule.rounding != "down":
            message = Text(
                '合计进位后可能超过当年失效的预算（unpaid = "lapses"）；合计取整要写 '
                'rounding = "down"',
                'a total that is rounded up may pass a budget that lapses (unpaid = "lapses"); it '
                'is rounded "down" instead',
            )
            self.findings.add("budget_form", "budget.unpaid", message)
        for position, cap in enumerate(self.rules.caps):
            key = element("caps", position, cap.id)
            if cap.at_least is not None:
                message = Text(
                    "合计取整以后各笔还会变，不能与 at_least（压缩后不足多少元的不发放）同用",
                    "a total that is rounded changes its cases once more, and does not go with "
                    "`at_least` (what is too little once it is cut)",
                )
                self.findings.add("cap_form", f"{key}.at_least", message)
            if cap.payer is not None:
                message = Text(
                    "出资方的上限不能与合计取整（compensation 的 per）同用",
                    "a cap on a payer's part does not go with a total that is rounded (`per` of "
                    "`compensation`)",
                )
                self.findings.add("cap_form", f"{key}.payer", message)
            elif rule.rounding != "down" and _may_be_passed(cap, rule):
                message = Text(
                    "合计进位后可能超过这一上限：per 要与 compensation 的相同，金额是取整单位的"
                    '整数倍，不写 when、years、in_all；否则合计取整写 rounding = "down"',
                    "a total that is rounded up may pass this cap: it needs the same `per` as "
                    "`compensation`, a number that is a multiple of its unit, and no `when`, "
                    '`years` or `in_all`; or the total is rounded "down"',
                )
                self.findings.add("cap_form", key, message)

    def check_payers(self) -> None:
        """Check that several payers pay everything between them."""
        payers, names = self.rules.payers, payer_names(self.rules)
        takes_over = {taker.payer for cap in self.rules.caps for taker in cap.takers}
        for position, payer in enumerate(payers):
            key = element("payers", position, payer.id)
            self.tests.quantities.wanted(payer.share, f"{key}.share", "claim", Kind.RATIO)
            self.tests.check_all(payer.when, f"{key}.when", "claim")
            if payer.share == 0 and payer.id not in takes_over:
                message = Text(
                    "出资份额要大于 0；只承担其他出资方超出部分的，才写 0",
                    "a payer's share is above 0, but for one that only pays what others leave",
                )
                self.findings.add("payer_share", f"{key}.share", message)
            self._check_paid(payer, key)
            if payer.name != names[payer.id]:
                message = Text(
                    "{id} 前面已有另一个名称，同一出资方的名称要相同",
                    "{id} has another name above; a payer has one name",
                )
                self.findings.add("payer_name", f"{key}.name", message, id=payer.id)
            if payer.id in PARTIES or payer.id == NOBODY:
                message = Text(
                    "{id} 另有所指（分担的一方，或不再承担），出资方要换一个编号",
                    "{id} means a party that bears payouts, or that none pays; a payer needs "
                    "another id",
                )
                self.findings.add("id_taken", f"{key}.id", message, id=payer.id)
        constant = [payer.share for payer in payers if isinstance(payer.share, Decimal)]
        total = sum(constant)
        if (
            payers
            and len(constant) == len(payers)
            and not any(p.when for p in payers)
            and total != 1
        ):
            message = Text(
                "各出资方的份额合计要等于 1，现为 {total}", "the payers' shares make 1, not {total}"
            )
            self.findings.add("payers_total", "payers", message, total=total)

    def _check_paid(self, payer: Payer, key: str) -> None:
        """Check the column of what a payer has paid: each payer has one of its own, or none has."""
        said = {(each.id, each.paid) for each in self.rules.payers}
        columns, table = {paid for _, paid in said}, TABLE_OF[self.rules.record]
        each_its_own = len(said) == len(columns) == len(payer_names(self.rules))
        if columns != {None} and (None in columns or not each_its_own):
            message = Text(
                "paid 各出资方都要写，一方一列；或都不写",
                "`paid` is said of all payers, a column of its own for each, or of none",
            )
            self.findings.add("payer_paid", f"{key}.paid", message)
        elif payer.paid is not None and (
            self.tests.quantities.wanted(payer.paid, f"{key}.paid", "claim", Kind.MONEY)
            and not payer.paid.startswith(f"{table}.")
        ):
            message = Text("要用表 {table} 的金额列", "an amount of the table {table} is needed")
            self.findings.add("wrong_place", f"{key}.paid", message, table=table)

    def check_stages(self) -> None:
        """Check the stages of payment: one that is never left keeps the rest from being paid."""
        stages = self.rules.stages
        for position, stage in enumerate(stages):
            key = element("stages", position)
            self.tests.quantities.wanted(stage.share, f"{key}.share", "claim", Kind.RATIO)
            self.tests.check_all(stage.when, f"{key}.when", "claim")
            if not stage.when and position < len(stages) - 1:
                message = Text(
                    "没有 when，后面各期都轮不到",
                    "it has no `when`, so that none after it is reached",
                )
                self.findings.add("stage_order", f"{key}.when", message)
        tested = names_in_tests(test for stage in stages for test in stage.when)
        tested = tested.union(*(names_in(stage.share) for stage in stages))
        if any(name.endswith(".closed_date") for name in resolved(self.rules, tested)):
            message = Text(
                "closed_date（结案日期）之后不再支付，不能作为付清其余部分的条件；请另设一个日期列",
                "nothing is paid from closed_date on, so that it lets nothing be paid; use a date "
                "column of your own",
            )
            self.findings.add("stage_closed", "stages", message)
        fixed = all(isinstance(stage.share, Decimal) for stage in stages)
        if stages and fixed and all(stage.share != 1 for stage in stages):
            message = Text(
                "没有 share = 1 的一期：其余部分永远不能支付；只付这一部分的，写进补偿比例",
                "there is no stage with share = 1: the rest could never be paid; if no more than "
                "that is compensated, it belongs to the rate",
            )
            self.findings.add("stage_share", "stages", message)


NO_NUMBER = Text(
    "指标是数，这里是{found}：检验直接写机构表、机构分年数据表的列；算出的日期写在 quantities 中",
    "an indicator is a number, and this is {found}: let tests look at the column of the "
    "institutions itself, and write a date that is computed under quantities",
)


def _may_be_passed(cap: Cap, rule: Compensation) -> bool:
    """Return whether a total that is rounded up may come to more than a cap that cases share."""
    if cap.on != "compensation" or cap.per is None or rule.round_to is None:
        return False
    limit = cap.at_most
    whole = isinstance(limit, Decimal) and limit % rule.round_to == 0
    return (
        not whole
        or cap.per != rule.per
        or bool(cap.when)
        or cap.years != "this"
        or cap.in_all is not None
        or cap.stops
    )


def _states_a_unit(heading: str) -> bool:
    """Return whether nothing but a unit other than yuan stands in a heading, as in USD."""
    return any(unit.worth != 1 and not unit.beside for unit in units_in(heading))
