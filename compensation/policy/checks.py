"""What is wrong with a policy file, beyond the form of its keys: all faults at once.

`policy.model` has seen that each key is there and of its type; here it is seen that names exist,
dates are in order, tests can hold, tiers leave no gap, and caps keep returns within what was borne.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from compensation.language import Text, same
from compensation.ledger.records import TABLE_OF
from compensation.policy.check_quantities import BORROWER_BALANCE, CALENDAR_YEARS, check_ascending
from compensation.policy.check_rates import RateChecker
from compensation.policy.check_tests import TestChecker
from compensation.policy.defaults import PAYOUT
from compensation.policy.faults import Findings, base_element, element
from compensation.policy.kinds import TIME_OF, Kind
from compensation.policy.model import (
    NOBODY,
    Cap,
    ExtraColumn,
    Operation,
    Payer,
    PolicyFile,
    Quantity,
    Series,
    Test,
)
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    MONTHS_OF,
    QUANTITY_PREFIX,
    always_known,
    depth_of,
    names_in,
    names_in_tests,
    operations_in,
    operations_of,
    paid_columns,
    payer_names,
    resolved,
)
from compensation.policy.regions import Allowed, allowed
from compensation.policy.variables import (
    COMPENSATED_BEFORE,
    COMPUTED_COLUMNS,
    POOL_COLUMNS,
    STANDARD_INDICATORS,
    TESTED_TABLES,
    YEAR_COLUMNS,
    columns_of_decisions,
    most_like,
)
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import ROWS_OF
from compensation.schema.parties import GOVERNMENT, PARTIES
from compensation.schema.units import split_unit, units_in
from compensation.tables.headings import SHARE_HEADING, normalise, recogniser
from compensation.values.choices import plain_name

RESULT_COLUMNS = frozenset(
    {"institution_id", "eligible", "reasons", "rate", "claims", "eligible_claims"}
    | {"compensation", "payable", "policy"}
)
"""The columns of institutions in results beside indicators, which are columns by their ids."""
DECLARED = Text("", "")
DECLARED_REQUIRED = Text("了 required = true ", " with required = true")
COMPUTED_NAMES = frozenset(
    f"{table}.{column.name}" for table, columns in COMPUTED_COLUMNS.items() for column in columns
)
"""Columns that the ledgers do not have."""
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
    checker.check_caps()
    checker.check_days()
    checker.check_payers()
    checker.check_stages()
    checker.check_compensation()
    checker.check_returns()
    check_series(rules.series, findings)
    return True


class Checker:
    """Checks one policy file, part by part."""

    def __init__(self, rules: PolicyFile, series: Mapping[str, Series], findings: Findings) -> None:
        self.rules = rules
        self.findings = findings
        self.tests: TestChecker = TestChecker(rules, series, findings)
        self.rates: RateChecker = RateChecker(rules, self.tests, findings)

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
            if name not in depth and name in _reached(name, uses):
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

    def check_caps(self) -> None:
        """Check the caps; without one by what was borne, returns could pass it."""
        for position, cap in enumerate(self.rules.caps):
            self._check_cap(cap, element("caps", position, cap.id))
        self._check_groups(self.rules.rates.per, "rates")
        if self.rules.record != "payout":
            return
        party = self.rules.beneficiary.party
        limits = [
            cap.at_most
            for cap in self.rules.caps
            if cap.on == "compensation" and cap.per is None and cap.payer is None and not cap.when
        ]
        lost = lost_of(self.rules)
        if not any(limit is not None and within_borne(limit, party, lost) for limit in limits):
            message = Text(
                "至少要有一项每笔的封顶用到受偿方承担的金额（borne_by）：补偿不能超过受偿方自己承担的"
                "金额；写了 recovered_before 的，按扣除后的代偿损失计",
                "one cap on each claim by what the beneficiary bore (borne_by) is needed: "
                "compensation may not pass it; with recovered_before, of the payout less that",
            )
            self.findings.add("no_cap_by_borne", "caps", message)

    def _check_cap(self, cap: Cap, key: str) -> None:
        quantities = self.tests.quantities
        limits = [name for name in ("at_most", "below", "above") if getattr(cap, name) is not None]
        needed = ("at_most", "below", "above") if cap.on == "base" else ("at_most", "below")
        counted = Kind.COUNT if cap.on == "cases" else Kind.MONEY
        if not set(needed) & set(limits):
            message = Text("要写封顶的金额 at_most", "at_most, the limit, is needed")
            self.findings.add("cap_limit", key, message)
        for name in (*limits, *(n for n in ("of", "in_all") if getattr(cap, n) is not None)):
            limit = getattr(cap, name)
            here = f"{key}.{name}"
            kind = counted if name == "at_most" else Kind.MONEY
            over_years = name == cap.limit_key and cap.years != "this" and cap.on == "compensation"
            quantities.wanted(limit, here, "cap" if over_years else "claim", kind)
            if kind is Kind.COUNT and isinstance(limit, Decimal) and limit % 1:
                message = Text("次数要写整数", "a number of cases is whole")
                self.findings.add("limit_decimals", here, message)
            if isinstance(limit, Decimal) and not (limit == 0 and name in ("above", "at_most")):
                self._check_limit(limit, here)
        both = (cap.above, cap.at_most)
        if all(isinstance(limit, Decimal) for limit in both) and cap.above >= cap.at_most:  # type: ignore[operator]
            message = Text("above 要低于 at_most", "`above` must be below `at_most`")
            self.findings.add("cap_limit", f"{key}.above", message)
        self._check_form_of_cap(cap, key)
        self._check_pool(cap, key)
        self._check_groups(cap.per, key)
        self._check_payer_of_cap(cap, key)
        self.tests.check_all(cap.when, f"{key}.when", "claim")

    def _check_pool(self, cap: Cap, key: str) -> None:
        """Check who comes first in a pool, and the sum of the pools of all groups."""
        self._check_first(cap.first, f"{key}.first")
        wrong = [name for name in ("first", "in_all") if name in cap.written]
        if cap.exceeding == "pro_rata":
            wrong = ["in_all"] if cap.in_all is not None and not cap.per else []
        for name in wrong:
            message = Text(
                '{name} 只和 exceeding = "pro_rata" 一起写，in_all（各组合计的资金）还要有 per',
                '`{name}` stands with exceeding = "pro_rata" only, and `in_all` (the money of all '
                "groups) with groups in `per`",
            )
            self.findings.add("cap_form", f"{key}.{name}", message, name=name)

    def _check_first(self, first: tuple[Test, ...], key: str) -> None:
        """Check the tests of who comes first, each of which is a turn of its own."""
        self.tests.check_all(first, key, "claim")
        for position, test in enumerate(first):
            if test in first[:position]:
                message = Text(
                    "与前面的一项相同，轮不到", "it is the same as one before, so never its turn"
                )
                self.findings.add("duplicate_id", element(key, position), message)

    def _check_payer_of_cap(self, cap: Cap, key: str) -> None:
        """Check that a cap on what a payer pays says who pays the rest, and goes with its keys."""
        if cap.payer is None and cap.rest is None:
            return
        known = payer_names(self.rules)
        for name in (name for name in ("payer", "rest") if getattr(cap, name) is None):
            message = Text(
                "payer（谁承担的部分）和 rest（超出的部分由谁承担：另一出资方的编号，"
                '不再补偿的写 "nobody"）一起写',
                "`payer` (whose part) and `rest` (who pays what lies above: the id of another "
                'payer, or "nobody" where it falls away) stand together',
            )
            self.findings.add("cap_form", f"{key}.{name}", message)
        several = isinstance(cap.rest, tuple)
        takers = {
            f"{key}.rest[{place}].payer" if several else f"{key}.rest": taker.payer
            for place, taker in enumerate(cap.takers, 1)
        }
        for here, value in {f"{key}.payer": cap.payer, **takers}.items():
            if value not in (None, *known, *([NOBODY] if here in takers else [])):
                message = Text(
                    "没有出资方 {name}{nearest}", "there is no payer {name} in payers{nearest}"
                )
                near = most_like(value or "", known)
                self.findings.add("unknown_payer", here, message, name=value, nearest=near)
        if several:
            self._check_shares_of_rest(cap, f"{key}.rest")
        for name in (name for name in ("on", "exceeding") if name in cap.written):
            message = Text(
                "{name} 不和 payer 一起写：按出资方的上限计补偿金额，超出的按 rest 办",
                "{name} does not stand with `payer`: such a cap counts the compensation, and `rest`"
                " says what becomes of more",
            )
            self.findings.add("cap_form", f"{key}.{name}", message, name=name)
        if cap.years != "this" and (not paid_columns(self.rules) or self.rules.trigger.until):
            message = Text(
                "以前年度各出资方支付的金额，要在 payers 中用 paid 写明所在的列；"
                "跨几个年度的业务不能写",
                "what payers paid in earlier years takes the columns named by `paid` of the payers,"
                " and cases that belong to one year",
            )
            self.findings.add("cap_form", f"{key}.years", message)
        caps = self.rules.caps
        before = {each.payer for each in caps[: caps.index(cap) + 1]} - {None}
        for here, value in takers.items():
            if value in before:
                message = Text(
                    "{name} 的上限要写在这一项之后，否则转给它的部分可能超过它的上限",
                    "the cap on {name} comes after this one, or what it takes over could pass it",
                )
                self.findings.add("cap_form", here, message, name=value)

    def _check_shares_of_rest(self, cap: Cap, key: str) -> None:
        """Check that those who take over what lies above a cap take all of it between them."""
        shares = [taker.share for taker in cap.takers]
        for place, taker in enumerate(cap.takers):
            here = element(key, place)
            self.tests.quantities.wanted(taker.share, f"{here}.share", "claim", Kind.RATIO)
            if taker.payer in (each.payer for each in cap.takers[:place]):
                message = Text("{id} 写了两次", "{id} is a duplicate")
                self.findings.add("duplicate_id", f"{here}.payer", message, id=taker.payer)
        fixed = [share for share in shares if isinstance(share, Decimal)]
        if len(fixed) == len(shares) and (sum(fixed) != 1 or not all(fixed)):
            message = Text(
                "各方承担的份额要大于 0，合计等于 1，现为 {total}",
                "the shares of what lies above are above 0 and make 1, not {total}",
            )
            self.findings.add("payers_total", key, message, total=sum(fixed))

    def _check_form_of_cap(self, cap: Cap, key: str) -> None:
        """Check that the keys of a cap go together."""
        if cap.years != "this":
            self._check_years_of_cap(cap, f"{key}.years")
        self._check_counts_of_cap(cap, f"{key}.counts")
        if cap.on == "cases" and (cap.per is None or "exceeding" in cap.written):
            message = Text(
                "次数的上限和 per 一起写，不写 exceeding：超过次数的不予补偿",
                "a number of cases stands with `per` and without `exceeding`: the cases after them "
                "are refused",
            )
            self.findings.add("cap_form", f"{key}.on", message)
        if cap.exceeding == "pro_rata" and (cap.per is None or cap.on == "base"):
            message = Text(
                "按比例分配（pro_rata）的是几笔业务合计的补偿金额：和 per 一起写，不用于基数",
                "what is shared in proportion (pro_rata) is the compensation of several cases: it "
                "stands with `per`, and not for the base",
            )
            self.findings.add("cap_form", f"{key}.exceeding", message)
        if cap.stops and (cap.per is None or cap.on == "cases"):
            message = Text(
                "stop_before、stop_after 看几笔业务合计的金额：和 per 一起写，不用于次数",
                "what stops (stop_before, stop_after) goes by an amount of several cases: it "
                "stands with `per`, and not for a number of cases",
            )
            self.findings.add("cap_form", f"{key}.exceeding", message)
        if cap.below is not None and (not cap.stops or cap.at_most is not None):
            message = Text(
                "below（达到即停止）只和 stop_before、stop_after 一起写，代替 at_most",
                "`below` (a limit that may not be reached) stands with stop_before or stop_after "
                "only, in place of at_most",
            )
            self.findings.add("cap_form", f"{key}.below", message)
        if cap.on != "base":
            for name in ("above", "of"):
                if getattr(cap, name) is not None:
                    message = Text(
                        '{name} 只用于基数的封顶（on = "base"）',
                        '{name} is for caps on the base (on = "base") only',
                    )
                    self.findings.add("cap_form", f"{key}.{name}", message, name=name)
            return
        if cap.refuses and cap.above is not None:
            message = Text(
                "有起算点 above 的封顶只能计到上限为止（count_up_to）",
                "a cap with `above`, from where it counts, counts up to it (count_up_to)",
            )
            self.findings.add("cap_form", f"{key}.exceeding", message)

    def _check_counts_of_cap(self, cap: Cap, key: str) -> None:
        """Check that what says which cases use a cap can be so."""
        if cap.counts == "all" and (cap.on != "base" or cap.per is None):
            message = Text(
                'counts 只用于写有 per 的基数的封顶（on = "base"）',
                '`counts` stands with `per`, for caps on the base (on = "base") only',
            )
        elif cap.counts == "all" and cap.exceeding == "refuse":
            message = Text(
                '每笔都计入的，超过的一笔和其后各笔都不予补偿；写 exceeding = "stop_before"',
                "where all cases count, the one that goes over is refused and so are those after "
                'it: write exceeding = "stop_before"',
            )
        elif "counts" in cap.written and cap.counts != "all" and cap.counts_all:
            message = Text(
                "停止补偿的基数封顶总是全部计入；不写 counts",
                "a cap on the base that stops counts all cases: leave out `counts`",
            )
        else:
            return
        self.findings.add("cap_form", key, message)

    def _check_years_of_cap(self, cap: Cap, key: str) -> None:
        """Check that what a cap counts of earlier years is in the ledger."""
        if cap.per is None:
            message = Text(
                "每笔业务的封顶不分年度；years 和 per 一起写",
                "a cap on each claim has no years; `years` stands with `per`",
            )
        elif cap.on == "base" and cap.stops:
            message = Text(
                "停止补偿的基数封顶只按当年计",
                "a cap on the base that stops counts the claims of the year only",
            )
        elif cap.on == "base" and cap.above is not None and not cap.counts_all:
            message = Text(
                "写有 above 的封顶，没有得到补偿的也可能占用，只按当年计；各笔都占用的，"
                '写 counts = "all"',
                "a cap with `above` may be used by what is not compensated, too; it counts the "
                'claims of the year only, unless all use it (counts = "all")',
            )
        elif cap.on == "base" and self.rules.trigger.until is not None:
            message = Text(
                "跨几个年度的合同，以前年度计入的基数不知道；基数的封顶只按当年计",
                "of contracts of several years it is not known what counted in the earlier ones: "
                "a cap on the base counts the year only",
            )
        elif cap.on == "base" and (unknown := self._of_the_year(cap)):
            message = Text(
                "以前年度的业务也要算出计入的金额，只能看合同和代偿的列；{names} 是所计算年度的",
                "what counts of cases of earlier years is computed, too, so that it can look at "
                "columns of contracts and claims only; {names} is of the year assessed",
            ).fill(names=", ".join(sorted(unknown)))
        elif self.rules.record == "institution":
            message = Text(
                "机构表没有以前年度；已补偿的可以设一列填写，从 at_most 中减去",
                "the institutions table has no earlier years; what was paid can be a column, taken "
                "off `at_most`",
            )
        elif self.rules.trigger.until is not None and cap.on == "cases":
            message = Text(
                "跨几个年度的合同，以前年度已补偿金额是一个合计，分不出次数；次数只能按当年计，"
                "不写 years",
                "of contracts of several years one sum of all earlier years is known, not how "
                "often: cases are counted in the year only, without `years`",
            )
        elif self.rules.trigger.until is not None and cap.years != "all":
            message = Text(
                '跨几个年度的合同，以前年度已补偿金额是一个合计，分不出年度；只能写 "all"',
                "of contracts of several years one sum of all earlier years is known, not of "
                'which years: only "all" can be counted',
            )
        else:
            return
        self.findings.add("cap_form", key, message)

    def _of_the_year(self, cap: Cap) -> set[str]:
        """Return what a cap on the base counts with that is of the year assessed."""
        bases = self.rules.base if cap.of is None else ()
        when = cap.when if cap.counts_all else ()
        names = names_in_tests((*when, *(test for base in bases for test in base.when)))
        names = names.union(*map(names_in, (cap.of,) if cap.of else (b.value for b in bases)))
        own = {QUANTITY_PREFIX + each.id: each.value for each in self.rules.quantities}
        uses = {name: names_in(value) & own.keys() for name, value in own.items()}
        reached = names.union(*(_reached(name, uses) for name in names & own.keys()))
        said = (when, bases, cap.of or (), tuple(own[name] for name in reached & own.keys()))
        operations = {name for each in operations_of(said) for name in operations_in(each)}
        of_rows = {
            n for n in resolved(self.rules, names) if n.startswith(("claims.", "contracts."))
        }
        of_year = COMPENSATED_BEFORE | {BORROWER_BALANCE}
        return (resolved(self.rules, names) - (of_rows - of_year)) | operations & {"days_in_year"}

    def _check_groups(self, per: tuple[str, ...] | None, key: str) -> None:
        for position, name in enumerate(per or ()):
            self._check_group(name, f"{key}.per[{position + 1}]")

    def _check_group(self, name: str, key: str) -> None:
        part, _, column = name.rpartition(" ")
        if self.tests.quantities.kind(column, key, "claim") is None:
            return
        if (
            column.startswith(("indicator.", "year.", "quantity.", "pool.", "cap."))
            or column in COMPUTED_NAMES
            or column.partition(".")[0] in ROWS_OF
        ):
            message = Text(
                "要用机构、担保合同、代偿表中的列",
                "a column of institutions, contracts or claims is needed",
            )
            self.findings.add("wrong_place", key, message)
        elif part and part not in MONTHS_OF:
            message = Text(
                "列名前只能写 {known}", "what may stand before a column is {known}"
            ).fill(known=", ".join(MONTHS_OF))
            self.findings.add("cap_form", key, message)
        elif part:
            self.tests.column_of_type(column, key, "claim", ColumnType.DATE)

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
        self._check_first(rules.budget.first, "budget.first")
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
        elif rules.budget.order is not None:
            message = Text(
                'order 只和 method = "first_come" 一起写',
                'order stands only with method = "first_come"',
            )
            self.findings.add("budget_form", "budget.order", message)

    def _check_budget(self) -> None:
        """Check the sum of a budget, which is the same for all cases."""
        at_most, key = self.rules.budget.at_most, "budget.at_most"
        if at_most is None or not self.tests.quantities.wanted(at_most, key, "claim", Kind.MONEY):
            return
        if isinstance(at_most, Decimal):
            self._check_limit(at_most, key)
        names = resolved(self.rules, names_in(at_most))
        if not names <= POOL_COLUMNS.keys() | YEAR_COLUMNS.keys():
            message = Text(
                "预算是一个总数，只能用数、按日期的值（values）、year.* 和资金池的 pool.*",
                "a budget is one sum for all cases: of numbers, dated values (`values`), year.* "
                "and pool.* (the lines of the pool)",
            )
            self.findings.add("wrong_place", key, message)

    def _check_limit(self, limit: Decimal, key: str) -> None:
        """Check an amount that limits: above 0, in whole fen."""
        if limit <= 0:
            self.findings.add("cap_limit", key, Text("封顶要大于 0", "a cap is above 0"))
        elif limit % Decimal("0.01"):
            message = Text("金额最多 2 位小数", "an amount has at most 2 decimals")
            self.findings.add("limit_decimals", key, message)

    def _check_calendar_years(self) -> None:
        """Check that nothing of a policy with years of its own is of calendar years."""
        if self.rules.indicators or self.rules.record == "institution":
            key = "indicators" if self.rules.indicators else "record"
            self.findings.add("year_begins", key, CALENDAR_YEARS)

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
        for name in ("round_to", "at_least"):
            value = getattr(rule, name)
            if value is not None and (value <= 0 or value % Decimal("0.01")):
                message = Text(
                    "要大于 0，最多 2 位小数", "an amount above 0 with at most 2 decimals is needed"
                )
                self.findings.add("limit_decimals", f"compensation.{name}", message)

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

    def check_returns(self) -> None:
        """Check who gets back before the others, and what was recovered before.

        That is of columns of the claim, since it is asked of any year.
        """
        returns, payers = self.rules.returns, payer_names(self.rules)
        keys = [f"returns.first[{n}]" for n, _ in enumerate(returns.first, 1)]
        keys += [f"returns.shares[{n}].party" for n, _ in enumerate(returns.shares, 1)]
        for position, (party, key) in enumerate(zip(returns.named, keys, strict=True)):
            if party in payers:
                self._check_payer_named(party, key)
            elif party != GOVERNMENT:
                self.tests.quantities.party(party, key)
            if party in returns.named[:position]:
                message = Text("{party} 写了两次", "{party} is a duplicate")
                self.findings.add("duplicate_id", key, message, party=party)
        self._check_return_shares()
        before, key = self.rules.returns.recovered_before, "returns.recovered_before"
        if before is None or not self.tests.quantities.wanted(before, key, "claim", Kind.MONEY):
            return
        if self.rules.record != "payout":
            message = Text(
                "合同和机构年度没有代偿，也就没有追回",
                "contracts and institutions have no payouts, so nothing of them is recovered",
            )
            self.findings.add("wrong_place", key, message)
            return
        names = resolved(self.rules, names_in(before))
        used = {name for each in operations_of(before) for name in operations_in(each)}
        own = names_in(before) - names
        if own or used - _NEVER_UNDEFINED or not all(n.startswith("claims.") for n in names):
            message = Text(
                "只能用代偿表中的金额列，及其和、差、倍数、较大或较小者",
                "only amounts of the claims table are used here, their sum, difference, multiples, "
                "the larger or smaller of them",
            )
            self.findings.add("wrong_place", key, message)

    def _check_return_shares(self) -> None:
        """Check that shares of recoveries are whole numbers, such as 4 : 3 : 2, or make 1."""
        shares = [each.share for each in self.rules.returns.shares]
        fixed = [share for share in shares if isinstance(share, Decimal)]
        for place, share in enumerate(shares, 1):
            key = f"returns.shares[{place}].share"
            if isinstance(share, Decimal):
                low, high = (share < 0, share > 1) if len(fixed) < len(shares) else (share <= 0, 0)
                if low or high:
                    message = Text("份额不能是 {share}", "a share cannot be {share}")
                    self.findings.add("return_share", key, message, share=share)
            elif self.tests.quantities.wanted(share, key, "claim", Kind.RATIO):
                self._check_of_any_year(share, key)
        total = sum(fixed)
        if len(fixed) == len(shares) and any(share % 1 for share in fixed) and total != 1:
            message = Text(
                "各份额合计 {total}：写整数（4、3、2、1），或写合计正好为 1 的份额",
                "the shares come to {total}: write whole numbers (4, 3, 2, 1), or shares that make "
                "exactly 1",
            )
            self.findings.add("return_share", "returns.shares", message, total=total)

    def _check_of_any_year(self, quantity: Quantity, key: str) -> None:
        """Check that a quantity is of columns of the claim and its contract, in whatever year."""
        names = resolved(self.rules, names_in(quantity))
        of_a_year = {
            f"{table}.{column.name}"
            for table, columns in COMPUTED_COLUMNS.items()
            for column in columns
        } - {"claims.payout"}
        wrong = sorted(
            name
            for name in names
            if name in of_a_year or not name.startswith(("claims.", "contracts."))
        )
        if wrong:
            message = Text(
                "追偿不分年度，只能用代偿表、担保合同表中填报的列，不能用 {names}",
                "recoveries are of any year: only columns of claims and contracts that the ledger "
                "holds are used here, not {names}",
            )
            self.findings.add("wrong_place", key, message, names=", ".join(wrong))

    def _check_payer_named(self, payer: str, key: str) -> None:
        """Check that it is known what a payer that gets back by itself has paid, and no more."""
        if not paid_columns(self.rules):
            message = Text(
                "返还时单列出资方 {payer} 的，要在 payers 中用 paid 写明各方已支付的金额",
                "returns that name the payer {payer} take what each payer has paid: `paid` of the "
                "payers",
            )
            self.findings.add("payer_first", key, message, payer=payer)
        if GOVERNMENT in self.rules.returns.named:
            message = Text(
                "government 是全部出资方；写了 {payer} 的，不写 government，各出资方逐一列出",
                "`government` is all payers together: beside {payer}, list each payer instead",
            )
            self.findings.add("payer_first", key, message, payer=payer)


def _states_a_unit(heading: str) -> bool:
    """Return whether nothing but a unit other than yuan stands in a heading, as in USD."""
    return any(unit.worth != 1 and not unit.beside for unit in units_in(heading))


_NEVER_UNDEFINED = {"sum", "minus", "times", "min", "max", "first_given"}


def lost_of(rules: PolicyFile) -> Quantity:
    """Return what recoveries are returned of: the payout, less what came before filing."""
    before = rules.returns.recovered_before
    return PAYOUT if before is None else Operation(minus=(PAYOUT, before))


def within_borne(limit: Quantity, party: str, lost: Quantity) -> bool:
    """Return whether a limit is surely no more than what a party bore of what was lost."""
    if not isinstance(limit, Operation):
        return False
    if limit.borne_by is not None:
        return limit.borne_by == party and limit.of == lost
    if limit.minus is not None:
        first, *less = limit.minus
        never_negative = all(
            each.startswith(("claims.", "contracts."))
            if isinstance(each, str)
            else isinstance(each, Decimal) and each >= 0
            for each in less
        )
        return never_negative and within_borne(first, party, lost)
    if limit.times is not None:
        others = [each for each in limit.times if not within_borne(each, party, lost)]
        parts = all(isinstance(each, Decimal) and 0 <= each <= 1 for each in others)
        return parts and len(others) == len(limit.times) - 1
    each = [within_borne(operand, party, lost) for operand in limit.min or limit.max or ()]
    return any(each) if limit.min is not None else bool(each) and all(each)


def _reached(name: str, uses: Mapping[str, set[str]]) -> set[str]:
    """Return the names that what goes by a name is made of, all the way down."""
    reached, waiting = set[str](), [name]
    while waiting:
        new = uses[waiting.pop()] - reached
        reached |= new
        waiting += new
    return reached


def check_series(series: Iterable[Series], findings: Findings) -> None:
    """Check reference series, of a policy file or of a file of their own."""
    for position, one in enumerate(series):
        key = element("series", position, one.id)
        if one.from_ is not None or one.days_off or one.days_on or not one.points:
            _check_calendar(one, key, findings)
            continue
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


def _check_calendar(series: Series, key: str, findings: Findings) -> None:
    if series.from_ is None or series.points or series.terms:
        message = Text(
            "序列要写 terms 和 points；日历要写 from、days_off 和 days_on，两者只写一种",
            "a series has terms and points; a calendar has from, days_off and days_on; not both",
        )
        findings.add("series_form", key, message)
        return
    if series.checked_until < series.from_:
        message = Text(
            "核对截止日 {until} 早于起始日 {first}",
            "checked_until {until} is before the first day, {first}",
        )
        days = {"until": series.checked_until, "first": series.from_}
        findings.add("dates_order", f"{key}.checked_until", message, **days)
    for name in ("days_off", "days_on"):
        listed = getattr(series, name)
        for number, day in enumerate(listed, 1):
            weekend = day.weekday() >= SATURDAY
            within = series.from_ <= day <= series.checked_until
            if not within or weekend == (name == "days_off") or day in listed[: number - 1]:
                message = Text(
                    "{day} 不在日历的期间内，或重复，或不用写：days_off 写放假的周一至周五，"
                    "days_on 写上班的周六、周日",
                    "{day} is not within the calendar, is a duplicate, or goes without saying: "
                    "days_off are days off from Monday to Friday, days_on worked weekends",
                )
                findings.add("calendar_day", f"{key}.{name}[{number}]", message, day=day)


SATURDAY = 5
"""The first day of the weekend, from 0, Monday."""


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
