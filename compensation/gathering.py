"""From ledgers to the columns that the rules look at: books, subjects, the year's cases.

Nothing is decided here; tables are joined by row numbers, and only the columns that the policy
names are brought along.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
import pyarrow as pa

from compensation.arrays import flags, known
from compensation.columns import Flags, Integers, distinct, group_sum
from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.books import Books, Openings
from compensation.ledger.column import Column, ColumnType
from compensation.ledger.dictionary import table
from compensation.ledger.fault_groups import FaultGroup, whole
from compensation.ledger.parties import SHARE_PREFIX, party_name
from compensation.ledger.portfolio import NO_DAY, Ledgers, numbers_of
from compensation.ledger.table_reader import ARROW_TYPES
from compensation.policy.catalogue import Policy
from compensation.policy.model import Indicator, Measure, SeriesLimit, Test
from compensation.policy.series import value_on
from compensation.policy.subjects import (
    INDICATOR_PREFIX,
    YEAR_END,
    extra_columns,
    indicator_definition,
    indicator_unit,
)
from compensation.rules.balances import exposure, exposure_events, released_by
from compensation.rules.conditions import INSTITUTION, Subject, subjects_of, take
from compensation.rules.decision import (
    Cases,
    Verdicts,
    holding,
    institution_subject,
    rate_is_institutions,
    subjects_needed,
    tests_by_id,
)
from compensation.rules.indicators import (
    Ratio,
    borrower_balance,
    derived_openings,
    growth,
    measure,
    over,
    year_ends,
    zero_where_both_are,
)

REPORTED_INDICATORS = (
    "opening_balance",
    "closing_balance",
    "balance_growth",
    "opening_borrowers",
    "closing_borrowers",
    "borrower_growth",
    "small_agri_balance",
    "small_agri_share",
    "released_amount",
    "payout_amount",
    "payout_rate",
)
"""The indicators that every result shows, in the order of the result table."""


def policy_faults(
    policy: Policy,
    present: Mapping[str, Container[str]],
    rows: Callable[[str], int],
    said: Iterable[FaultGroup],
) -> list[FaultGroup]:
    """Return a fault for each column that the policy needs and the input lacks.

    `present`: the columns of each table of the input, also those that the policy adds. `rows`: how
    many rows a table has. A column of which the faults ``said`` so far speak has none.
    """
    faults = [*missing_columns(policy, present, rows), *party_faults(policy, present)]
    known = {(group.table, group.column) for group in said}
    return [group for group in faults if (group.table, group.column) not in known]


def missing_columns(
    policy: Policy, present: Mapping[str, Container[str]], rows: Callable[[str], int]
) -> list[FaultGroup]:
    """Return a fault for each column that the policy tests and the input lacks.

    A fault names the policy and what tests the column. A column whose blank cells have a meaning of
    their own (interest, reviews) may be missing, and so may one of a table without rows. See
    `policy_faults`.
    """
    declared = {
        f"{name}.{column.name}": column
        for name, columns in extra_columns(policy.rules).items()
        for column in columns
    }
    faults = []
    for key, users in subjects_needed(policy).items():
        name, _, column_name = key.partition(".")
        if name not in present or key in DERIVED or column_name in present[name]:
            continue
        column = declared.get(key) or table(name).column(column_name)
        if column.default is not None or key == BORROWER_TYPE or not rows(name):
            continue
        message = Text(
            "政策 {policy} 的 {users} 要用到列 {title}，输入中没有这一列",
            "policy {policy} ({users}) tests column {title}, which the input lacks",
        ).fill(policy=policy.id, users="、".join(users), title=column.title)
        faults.append(whole("missing_policy_column", message, table=name, column=column_name))
    return faults


def party_faults(policy: Policy, present: Mapping[str, Container[str]]) -> list[FaultGroup]:
    """Return a fault for each party that the policy speaks of and the contracts do not have."""
    if "contracts" not in present:
        return []
    rules = policy.rules
    wanted = {"beneficiary": rules.beneficiary.party, "base": rules.base.party}
    faults = []
    for user, party in wanted.items():
        if party is None or party == "institution":  # the institution is always a party
            continue
        column = f"{SHARE_PREFIX}{party}"
        if column not in present["contracts"]:
            message = Text(
                "政策 {policy} 的 {user} 是{name}，担保合同表中没有它的分担比例列",
                "policy {policy} ({user}) speaks of the {name}, whose share the contracts lack",
            ).fill(policy=policy.id, user=user, name=party_name(party))
            faults.append(whole("missing_policy_column", message, table="contracts", column=column))
    return faults


PAYOUT = "claims.payout"
APPROVED_AMOUNT = "claims.approved_amount"
EXPOSURE = "claims.borrower_exposure"
BORROWER_BALANCE = "contracts.borrower_balance"
BORROWER_TYPE = "contracts.borrower_type"
DERIVED = frozenset({PAYOUT, EXPOSURE, BORROWER_BALANCE})
"""Columns that are computed; the input does not have them."""


def indicators_needed(policy: Policy) -> list[str]:
    """Return the name of every indicator that is reported or that the policy tests."""
    tested = [
        key.removeprefix(INDICATOR_PREFIX)
        for key in subjects_needed(policy)
        if key.startswith(INDICATOR_PREFIX)
    ]
    return list(dict.fromkeys((*REPORTED_INDICATORS, *tested)))


def measures_of(policy: Policy) -> list[Measure]:
    """Return every measure that indicators are made of, each once.

    Also of those of the policy that nothing tests: explanations give them for information.
    """
    own = (indicator.id for indicator in policy.rules.indicators)
    names = dict.fromkeys((*indicators_needed(policy), *own))
    definitions = [indicator_definition(policy.rules, name) for name in names]
    both = [part for each in definitions for part in (each.numerator, each.denominator)]
    return list(dict.fromkeys(part for part in both if part is not None))


def subject_of(array: pa.Array, column: Column) -> Subject:
    """Return a column as a subject; texts and choices as places among their distinct words."""
    if column.type is ColumnType.TEXT:
        places, words = ids.codes(array)
        return Subject(places, places >= 0, None, column.type, tuple(words.to_pylist()))
    if column.type is ColumnType.BOOLEAN:
        true = flags(array).astype(np.int64)
        return Subject(true, known(array), None, column.type)
    words = tuple(choice.value for choice in column.choices)
    return Subject(numbers_of(array), known(array), None, column.type, words)


def indicator_subject(definition: Indicator, measured: Callable[[Measure], Ratio]) -> Subject:
    """Return an indicator as a subject; ``measured`` gives a measure of each institution."""
    ratio = measured(definition.numerator)
    if definition.denominator is None:
        count = indicator_unit(definition) == "count"
        kind = ColumnType.COUNT if count else ColumnType.MONEY
        known = np.ones(len(ratio.numerator), dtype=np.bool_)
        whole_numbers = bool((ratio.denominator == 1).all())
        return Subject(ratio.numerator, known, None if whole_numbers else ratio.denominator, kind)
    ratio = over(ratio, measured(definition.denominator))
    if definition.zero_over_zero == "zero":
        ratio = zero_where_both_are(ratio)
    if definition.growth:
        ratio = growth(ratio)
    return Subject(ratio.numerator, ratio.denominator > 0, ratio.denominator, None)


def tested_contract_columns(policy: Policy) -> set[str]:
    """Return the columns of contracts that measures test, of all contracts.

    Without the borrower's type, which is held in any case.
    """
    tests = chain.from_iterable(of.where for of in measures_of(policy))
    keys = set().union(*map(subjects_of, tests)) - DERIVED - {BORROWER_TYPE}
    return {key.partition(".")[2] for key in keys}


def gather(ledgers: Ledgers, policy: Policy, year: int) -> Gathering:
    """Return what the rules see of ledgers, whose own books stay as they are."""
    return Gathering(ledgers, policy, year, replace(ledgers.books, held={}, openings={}))


@dataclass(frozen=True, eq=False)
class Gathering:
    """Ledgers, a policy and a year, and what the rules see of them; `books`: of all contracts."""

    ledgers: Ledgers
    policy: Policy
    year: int
    books: Books
    taken: dict[Measure, Ratio] = field(default_factory=dict, repr=False)
    """Measures, once they have been asked for."""

    def column(self, key: str) -> Subject:
        """Return a whole column of a table by its ``table.column`` name."""
        if key == PAYOUT:
            return sure(self.books.payout, ColumnType.MONEY)
        if key == BORROWER_BALANCE:
            return take(self._borrower_balance(), self.ledgers.links.contract_row)
        return self._column(self.ledgers, key)

    def _borrower_balance(self) -> Subject:
        return sure(borrower_balance(self.books, self.year), ColumnType.MONEY)

    def _column(self, ledgers: Ledgers, key: str) -> Subject:
        """Return a column that ledgers hold."""
        name, _, column_name = key.partition(".")
        if key == BORROWER_TYPE:
            words = tuple(choice.value for choice in table(name).column(column_name).choices)
            types = ledgers.borrower_type.astype(np.int64)
            return sure(types, ColumnType.CHOICE, words)
        if name == "contracts" and column_name.startswith(SHARE_PREFIX):
            place = ledgers.parties.index(column_name.removeprefix(SHARE_PREFIX))
            return sure(ledgers.shares[:, place], ColumnType.SHARE)
        for column in extra_columns(self.policy.rules).get(name, ()):
            if column.name == column_name:
                # Only a table without rows may lack it; see `missing_columns`.
                blank = pa.nulls(ledgers.rows(name), ARROW_TYPES[column.type])
                return subject_of(ledgers.tables[name].get(column_name, blank), column)
        known = table(name).column(column_name)
        return subject_of(ledgers.column(name, column_name), known)

    def counted(self, where: Sequence[Test]) -> Flags | None:
        """Return which contracts of the books pass the tests of a measure; None: all of them."""
        if not where:
            return None
        every = self.ledgers.every_contract or self.ledgers
        subjects = {
            key: self._borrower_balance() if key == BORROWER_BALANCE else self._column(every, key)
            for key in set().union(*map(subjects_of, where))
        }
        return holding(self.policy, where, subjects, len(self.books.guaranteed))

    def measure(self, of: Measure) -> Ratio:
        """Return a measure of each institution."""
        if of not in self.taken:
            counted = self.counted(of.where)
            self.taken[of] = measure(self.books, of.of, self.year, of.years, counted)
        return self.taken[of]

    def derived_openings(self) -> Openings:
        """Return what the contracts alone say of each institution's opening figures."""
        return derived_openings(self.books, self.year)

    def indicator(self, name: str) -> Subject:
        """Return an indicator of each institution as a subject; see `policy.subjects`."""
        definition = indicator_definition(self.policy.rules, name)
        return indicator_subject(definition, self.measure)

    def indicators(self) -> dict[str, Subject]:
        """Return every indicator that is reported or that the policy tests, by its own name."""
        return {name: self.indicator(name) for name in indicators_needed(self.policy)}

    def institution_subjects(self, indicators: Mapping[str, Subject]) -> dict[str, Subject]:
        """Return what institution tests look at, a row for each institution."""
        subjects = {INDICATOR_PREFIX + name: subject for name, subject in indicators.items()}
        for key in subjects_needed(self.policy):
            if key.startswith("institutions."):
                subjects[key] = self.column(key)
        end = np.full(self.books.institutions, year_ends(self.year)[1])
        subjects[YEAR_END] = sure(end, ColumnType.DATE)
        return subjects

    def year_claims(self) -> Integers:
        """Return the rows of the claims that the trigger's day puts into the year."""
        day = self.column(self.policy.rules.trigger.date).numerator
        before, last = year_ends(self.year)
        return np.flatnonzero((day > before) & (day <= last)).astype(np.int64)

    def exposures(self, claims: Integers) -> Integers:
        """Return the borrower exposure of each claim on its payout day, in fen."""
        books = self.books
        borrower = books.borrower[books.payout_of[claims]].astype(np.int64)
        concerned = np.zeros(len(books.borrower_institution), dtype=np.bool_)
        concerned[borrower] = True
        rows = np.flatnonzero(concerned[books.borrower])
        parts = concerned[books.borrower[books.release_of]]
        partial_of = books.release_of[parts]
        ever = released_by(
            NO_DAY,
            partial_of,
            books.release_day[parts],
            books.release_amount[parts],
            len(books.guaranteed),
        )
        events = exposure_events(
            books.borrower[rows].astype(np.int64),
            books.guaranteed[rows],
            books.start[rows].astype(np.int64),
            books.release[rows].astype(np.int64),
            ever[rows],
            books.borrower[partial_of].astype(np.int64),
            books.release_day[parts],
            books.release_amount[parts],
        )
        return exposure(borrower, books.payout_day[claims], events)

    def cases(
        self,
        claims: Integers,
        institution_subjects: Mapping[str, Subject],
        verdicts: Verdicts,
        earlier: Flags | None = None,
    ) -> Cases:
        """Return the claims at rows ``claims`` as cases to decide.

        `earlier`: which claims count against caps over all years by what was paid for them; None:
        every one that is not among ``claims``.
        """
        ledgers, links = self.ledgers, self.ledgers.links
        contract = links.claim_contract[claims]
        institution = links.contract_institution[contract]
        subjects: dict[str, Subject] = {
            INSTITUTION: take(institution_subject(verdicts.eligible), institution),
            EXPOSURE: sure(self.exposures(claims), ColumnType.MONEY),
        }
        rows_of = {"claims": claims, "contracts": contract}
        for key in subjects_needed(self.policy):
            name = key.partition(".")[0]
            if key not in subjects and name in rows_of:
                subjects[key] = take(self.column(key), rows_of[name])
        for key, subject in institution_subjects.items():
            subjects[key] = take(subject, institution)
        reviews = tuple(
            ledgers.numbers("claims", review)[claims]
            for review in self.policy.rules.review.required
        )
        paid = ledgers.numbers("claims", "compensation_paid")
        groups = {
            "borrower": self.books.borrower[self.books.payout_of].astype(np.int64),
            "institution": links.contract_institution[links.claim_contract],
            "programme": np.zeros(ledgers.rows("claims"), dtype=np.int64),
        }
        elsewhere = paid.copy() if earlier is None else np.where(earlier, paid, 0)
        elsewhere[claims] = 0
        day = self.column(self.policy.rules.trigger.date).numerator[claims]
        return Cases(
            parties=ledgers.parties,
            subjects=subjects,
            principal=ledgers.numbers("claims", "principal")[claims],
            interest=ledgers.numbers("claims", "interest")[claims],
            shares=ledgers.shares[contract],
            reviews=reviews,
            compensation_paid=paid[claims],
            borrower=groups["borrower"][claims],
            institution=institution,
            day=day,
            rank=ids.ranks(ledgers.column("claims", "claim_id"))[claims],
            paid_earlier={
                per: group_sum(elsewhere, group, int(group.max(initial=0)) + 1)[group[claims]]
                for per, group in groups.items()
            },
            tier=verdicts.tier[institution] if rate_is_institutions(self.policy) else None,
            approved=take(self.column(APPROVED_AMOUNT), claims)
            if "approved_amount" in ledgers.present["claims"]
            else None,
            closed=ledgers.known("claims", "closed_date")[claims]
            if "closed_date" in ledgers.present["claims"]
            else None,
        )


def sure(values: Integers, kind: ColumnType, words: tuple[str, ...] = ()) -> Subject:
    """Return a subject none of whose values is blank."""
    return Subject(values, np.ones(len(values), dtype=np.bool_), None, kind, words)


def figures_used(policy: Policy) -> tuple[str, ...]:
    """Return the columns that are taken off the base or count against a cap."""
    rules = policy.rules
    used = [*rules.base.less, *(name for cap in rules.caps for name in cap.less)]
    return tuple(dict.fromkeys(used))


def blank_figures(gathering: Gathering, claims: Integers) -> list[FaultGroup]:
    """Return a fault for each of the year's claims that lacks a figure the policy computes with.

    What is taken off a base or counts against a cap has no value of its own when blank; none is
    made up. `claims`: rows of the year's claims.
    """
    message = Text(
        "政策 {policy} 要用这一格计算，不能为空",
        "policy {policy} computes with this cell: it is blank",
    ).fill(policy=gathering.policy.id)
    expected = Text("没有发生的，填 0", "0 where there was none")
    faults = []
    used = figures_used(gathering.policy)
    order = gathering.policy.rules.budget.order
    for key in used if order is None or order in used else (*used, order):
        rows = claims[~gathering.column(key).known[claims]]
        if len(rows):
            name, _, column = key.partition(".")
            locate = gathering.ledgers.leftover[name].locate
            faults.append(FaultGroup("blank", message, name, column, expected, rows, None, locate))
    return faults


def series_gaps(gathering: Gathering, contract: Integers, claims: Integers) -> list[FaultGroup]:
    """Return a fault for each row whose date a reference series that the policy uses lacks.

    A date after the series' last check, or before its first value, has no value; the nearest one
    is never taken instead. `contract`, `claims`: rows of the year's claims and their contracts.
    """
    faults = []
    for limit in series_limits(gathering.policy):
        name = limit.on.partition(".")[0]
        rows = distinct({"contracts": contract, "claims": claims}[name])
        day = take(gathering.column(limit.on), rows)
        months = None
        if limit.term is not None:
            months = np.zeros(len(rows), dtype=np.int64)
        series = gathering.policy.series[limit.series]
        _, outside = value_on(series, day.numerator, months)
        wrong = rows[outside & day.known]
        if len(wrong):
            raw = gathering.ledgers.leftover[name]
            message = Text(
                "参考利率 {series} 只有 {first} 至 {last} 的值；要用其他日期，请另备一份更新的序列"
                "文件，用 --series 给出（见 docs/policy-format.zh-CN.md）",
                "series {series} has values from {first} to {last} only; for another date give a "
                "newer series file with --series (see docs/policy-format.md)",
            ).fill(
                series=series.id,
                first=min(point.from_ for point in series.points),
                last=series.checked_until,
            )
            column = limit.on.partition(".")[2]
            shown = [str(np.datetime64(int(d), "D")) for d in day.numerator[outside & day.known]]
            faults.append(
                FaultGroup(
                    "series_gap", message, name, column, rows=wrong, values=shown, locate=raw.locate
                )
            )
    return faults


def series_limits(policy: Policy) -> list[SeriesLimit]:
    """Return every limit of the policy's claim tests that is taken from a series."""
    limits = []
    for tests in tests_by_id(policy).values():
        for test in tests:
            for part in (test, *(test.any or ())):
                bounds = (part.at_least, part.above, part.at_most, part.below)
                limits += [bound for bound in bounds if isinstance(bound, SeriesLimit)]
    return limits
