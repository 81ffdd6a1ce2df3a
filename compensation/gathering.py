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
from compensation.ledger.records import PAID_BEFORE
from compensation.ledger.table_reader import ARROW_TYPES
from compensation.policy.catalogue import Policy
from compensation.policy.model import Indicator, Operation, Quantity, Test
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    Measure,
    columns_of_cap,
    measure_of,
    measured_ratio,
    names_in,
    names_in_tests,
    needed_names,
    operations_of,
    parties_named,
    resolved,
)
from compensation.policy.series import value_on
from compensation.policy.subjects import (
    INSTITUTION,
    YEAR_COLUMNS,
    YEAR_DAYS,
    YEAR_END,
    YEAR_START,
    extra_columns,
    indicator_definition,
    measure_unit,
)
from compensation.rules.balances import exposure, exposure_events, released_by
from compensation.rules.decision import (
    Cases,
    Verdicts,
    figures_of,
    holding,
    institution_subject,
    rate_is_institutions,
    subjects_needed,
)
from compensation.rules.indicators import (
    Ratio,
    borrower_balance,
    derived_openings,
    growth,
    measure,
    openings_count,
    over,
    year_ends,
    zero_where_both_are,
)
from compensation.rules.quantities import Evaluator, subject_in_fractions
from compensation.rules.returns import Lost, lost
from compensation.rules.subjects import Subject, take

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
    faults = []
    grouped = {name: [cap.id] for cap in policy.rules.caps for name in columns_of_cap(cap)}
    for key, users in {**grouped, **subjects_needed(policy)}.items():
        name, _, column_name = key.partition(".")
        if name not in present or key in DERIVED or column_name in present[name]:
            continue
        column = _column_of(policy, key)
        if column.default is not None or key == BORROWER_TYPE or not rows(name):
            continue
        message = Text(
            "政策 {policy} 的 {users} 要用到列 {title}，输入中没有这一列",
            "policy {policy} ({users}) tests column {title}, which the input lacks",
        ).fill(policy=policy.id, users="、".join(users), title=column.title)
        faults.append(whole("missing_policy_column", message, table=name, column=column_name))
    return faults


def _column_of(policy: Policy, key: str) -> Column:
    """Return a column of a table by its ``table.column`` name, the policy's own or a standard."""
    name, _, column_name = key.partition(".")
    for column in extra_columns(policy.rules).get(name, ()):
        if column.name == column_name:
            return column
    return table(name).column(column_name)


def party_faults(policy: Policy, present: Mapping[str, Container[str]]) -> list[FaultGroup]:
    """Return a fault for each party that the policy speaks of and the contracts do not have."""
    if "contracts" not in present:
        return []
    rules = policy.rules
    wanted = dict.fromkeys(parties_named(rules), "borne_by")
    wanted[rules.beneficiary.party] = "beneficiary"
    faults = []
    for party, user in wanted.items():
        if party == "institution":  # the institution is always a party
            continue
        column = f"{SHARE_PREFIX}{party}"
        if column not in present["contracts"]:
            message = Text(
                "政策 {policy} 的 {user} 是{name}，担保合同表中没有它的分担比例列",
                "policy {policy} ({user}) speaks of the {name}, whose share the contracts lack",
            ).fill(policy=policy.id, user=user, name=party_name(party))
            faults.append(whole("missing_policy_column", message, table="contracts", column=column))
    return faults


CONTRACT_INSTITUTION = "contracts.institution_id"
BORROWER_OF_INSTITUTION = {CONTRACT_INSTITUTION, "contracts.borrower_id"}
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


def tables_measured(policy: Policy) -> set[str]:
    """Return which of contracts and claims the indicators count that the policy looks at."""
    named = [
        key.removeprefix(INDICATOR_PREFIX)
        for key in subjects_needed(policy)
        if key.startswith(INDICATOR_PREFIX)
    ]
    values = [indicator_definition(policy.rules, name).value for name in named]
    values += [indicator.value for indicator in policy.rules.indicators]
    return _tables_measured(tuple(values))


def _tables_measured(values: tuple[Quantity, ...]) -> set[str]:
    measures = (each.measure for each in operations_of(values))
    return {"claims" if of == "payout_amount" else "contracts" for of in measures if of is not None}


def measures_of(policy: Policy) -> list[Measure]:
    """Return every measure that indicators are made of, each once.

    Also of those of the policy that nothing tests: explanations give them for information.
    """
    own = (indicator.id for indicator in policy.rules.indicators)
    names = dict.fromkeys((*indicators_needed(policy), *own))
    values = [indicator_definition(policy.rules, name).value for name in names]
    found = [measure_of(operation) for value in values for operation in operations_of(value)]
    return list(dict.fromkeys(measure for measure in found if measure is not None))


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


def indicator_subject(indicator: Indicator, measured: Callable[[Measure], Ratio]) -> Subject | None:
    """Return an indicator as a subject; ``measured`` gives a measure of each institution.

    None where it is made of more than a measure over another.
    """
    made_of = measured_ratio(indicator.value)
    if made_of is None:
        return None
    ratio = measured(made_of.numerator)
    if made_of.denominator is None:
        count = measure_unit(made_of.numerator.of) == "count"
        kind = ColumnType.COUNT if count else ColumnType.MONEY
        known = np.ones(len(ratio.numerator), dtype=np.bool_)
        whole_numbers = bool((ratio.denominator == 1).all())
        return Subject(ratio.numerator, known, None if whole_numbers else ratio.denominator, kind)
    ratio = over(ratio, measured(made_of.denominator))
    if made_of.zero_over_zero == "zero":
        ratio = zero_where_both_are(ratio)
    if made_of.growth:
        ratio = growth(ratio)
    return Subject(ratio.numerator, ratio.denominator > 0, ratio.denominator, None)


def tested_contract_columns(policy: Policy) -> set[str]:
    """Return the columns of contracts that measures test, of all contracts.

    Without the borrower's type, which is held in any case.
    """
    tests = chain.from_iterable(of.where for of in measures_of(policy))
    keys = names_in_tests(tests) - DERIVED - {BORROWER_TYPE}
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
    exposed: dict[bytes, Integers] = field(default_factory=dict, repr=False)
    """Exposures by the rows of the claims, once they have been asked for."""
    columns: dict[str, Subject] | None = field(default=None, repr=False)
    """Whole columns by name, once they have been asked for; None: none is kept."""

    def column(self, key: str) -> Subject:
        """Return a whole column of a table by its ``table.column`` name."""
        if self.columns is None:
            return self._whole(key)
        if key not in self.columns:
            self.columns[key] = self._whole(key)
        return self.columns[key]

    def _whole(self, key: str) -> Subject:
        if key == PAYOUT:
            return sure(self.ledgers.payout, ColumnType.MONEY)
        if key == BORROWER_BALANCE:
            return take(self._borrower_balance(), self.ledgers.links.contract_row)
        return self.column_of(self.ledgers, key)

    def _borrower_balance(self) -> Subject:
        return sure(borrower_balance(self.books, self.year), ColumnType.MONEY)

    def column_of(self, ledgers: Ledgers, key: str) -> Subject:
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
            key: self._borrower_balance() if key == BORROWER_BALANCE else self.column_of(every, key)
            for key in names_in_tests(where)
        }
        return holding(Evaluator(self.policy, subjects, len(self.books.guaranteed)), where)

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
        found = indicator_subject(definition, self.measure) or self._computed(definition)
        if self.books.absent.isdisjoint(_tables_measured((definition.value,))):
            return found
        given = {
            "opening_balance": self.books.opening_balance_given,
            "opening_borrowers": self.books.opening_borrowers_given,
        }.get(name, np.zeros_like(found.known))
        return found._replace(known=given & openings_count(self.books, self.year))

    def _computed(self, indicator: Indicator) -> Subject:
        """Return an indicator that is more than a measure over another."""
        names = resolved(self.policy.rules, names_in(indicator.value))
        subjects = {
            name: self.indicator(name.removeprefix(INDICATOR_PREFIX))
            if name.startswith(INDICATOR_PREFIX)
            else self.column(name)
            for name in names - YEAR_COLUMNS.keys()
        } | self._year(self.books.institutions)
        evaluator = Evaluator(self.policy, subjects, self.books.institutions, measured=self.measure)
        return subject_in_fractions(evaluator.compute(indicator.value))

    def _year(self, rows: int) -> dict[str, Subject]:
        """Return the first and the last day of the year, and the number of its days."""
        return year_subjects(year_ends(self.year)[1], rows)

    def indicators(self) -> dict[str, Subject]:
        """Return every indicator that is reported or that the policy tests, by its own name."""
        return {name: self.indicator(name) for name in indicators_needed(self.policy)}

    def institution_subjects(self, indicators: Mapping[str, Subject]) -> dict[str, Subject]:
        """Return what institution tests look at, a row for each institution."""
        subjects = {INDICATOR_PREFIX + name: subject for name, subject in indicators.items()}
        for key in subjects_needed(self.policy):
            if key.startswith("institutions."):
                subjects[key] = self.column(key)
        return subjects | self._year(self.books.institutions)

    def applies(self, tests: Sequence[Test], claims: Integers) -> Flags:
        """Return which of the claims at rows ``claims`` pass all tests of a `when`."""
        return holding(self.evaluator(names_in_tests(tests), claims), tests)

    def lost(self, claims: Integers) -> Lost:
        """Return what recoveries of the claims at rows ``claims`` are returned of."""
        before, payout = self.policy.rules.returns.recovered_before, self.ledgers.payout[claims]
        if before is None:
            return lost(payout)
        return lost(payout, self.evaluator(names_in(before), claims))

    def every_claim(self) -> Integers:
        """Return the rows of all claims of the ledgers."""
        return np.arange(self.ledgers.rows("claims"), dtype=np.int64)

    def evaluator(self, used: Iterable[str], claims: Integers) -> Evaluator:
        """Return what computes quantities of the claims at rows ``claims``; `used`: their names."""
        names = resolved(self.policy.rules, used)
        links = self.ledgers.links
        contract = links.claim_contract[claims]
        rows_of = {"claims": claims, "contracts": contract}
        subjects: dict[str, Subject] = {}
        if EXPOSURE in names:
            subjects[EXPOSURE] = sure(self.exposures(claims), ColumnType.MONEY)
        of_institution: Mapping[str, Subject] = {}
        if any(name.partition(".")[0] not in rows_of for name in names):
            of_institution = self.institution_subjects(self.indicators())
        for name in names - subjects.keys():
            table_name = name.partition(".")[0]
            subjects[name] = (
                take(self.column(name), rows_of[table_name])
                if table_name in rows_of
                else take(of_institution[name], links.contract_institution[contract])
            )
        return Evaluator(
            self.policy,
            subjects,
            len(claims),
            self.ledgers.parties,
            self.ledgers.shares[contract],
        )

    def year_day(self, name: str) -> Subject:
        """Return the first or the last day of the year, as one row."""
        return self._year(1)[name]

    def year_claims(self) -> Integers:
        """Return the rows of the claims that the trigger's day puts into the year."""
        day = self.case_days()
        before, last = year_ends(self.year)
        within = (day > before) & (day <= last)
        if self.policy.rules.trigger.until is not None:
            until = self.column(self.policy.rules.trigger.until)
            within = (day <= last) & (~until.known | (until.numerator > before))
        return np.flatnonzero(within).astype(np.int64)

    def case_days(self) -> Integers:
        """Return the day of each case, see `policy.model.Trigger`."""
        if self.policy.rules.record != "payout":
            return self.ledgers.numbers("claims", "payout_date")
        return self.column(self.policy.rules.trigger.date).numerator

    def exposures(self, claims: Integers) -> Integers:
        """Return the borrower exposure of each claim on its payout day, in fen."""
        if self.policy.rules.record != "payout":
            return np.zeros(len(claims), dtype=np.int64)
        rows = claims.tobytes()
        if rows not in self.exposed:
            self.exposed[rows] = self._exposures(claims)
        return self.exposed[rows]

    def _exposures(self, claims: Integers) -> Integers:
        books, links = self.books, self.ledgers.links
        contract = links.contract_row[links.claim_contract[claims]]
        borrower = books.borrower[contract].astype(np.int64)
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
        return exposure(borrower, self.ledgers.numbers("claims", "payout_date")[claims], events)

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
            cap.per: self.group(cap.per) for cap in self.policy.rules.caps if cap.per is not None
        }
        elsewhere = self.paid_elsewhere(claims, earlier)
        day = self.case_days()[claims]
        return Cases(
            parties=ledgers.parties,
            subjects=subjects,
            principal=ledgers.numbers("claims", "principal")[claims],
            interest=ledgers.numbers("claims", "interest")[claims],
            shares=ledgers.shares[contract],
            reviews=reviews,
            compensation_paid=paid[claims],
            institution=institution,
            day=day,
            rank=ledgers.claim_ranks[claims],
            groups={per: group[claims] for per, group in groups.items()},
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

    def paid_elsewhere(self, claims: Integers, earlier: Flags | None) -> Integers:
        """Return (claims of the ledger,) what caps over all years count beside this year's claims.

        What was paid for claims of other years; and of a claim that belongs to several years, what
        was paid for those before. `earlier`: as for `cases`.
        """
        paid = self.ledgers.numbers("claims", "compensation_paid")
        elsewhere = paid.copy() if earlier is None else np.where(earlier, paid, 0)
        elsewhere[claims] = 0
        if self.policy.rules.trigger.until is not None:
            elsewhere += self.column(f"contracts.{PAID_BEFORE.name}").numerator
        return elsewhere

    def group(self, per: tuple[str, ...]) -> Integers:
        """Return the group of each claim of the ledgers, by the columns of a cap's `per`."""
        links, books = self.ledgers.links, self.books
        if set(per) == BORROWER_OF_INSTITUTION:
            return books.borrower[links.contract_row[links.claim_contract]].astype(np.int64)
        group = np.zeros(self.ledgers.rows("claims"), dtype=np.int64)
        for name in per:
            part, _, key = name.rpartition(" ")
            if key == CONTRACT_INSTITUTION:
                values = links.contract_institution[links.claim_contract]
            else:
                values = self._of_claims(key)
            if part:
                values = period_of(values, part)
            _, values = np.unique(values, return_inverse=True)
            group = group * (int(values.max(initial=0)) + 1) + values
            _, group = np.unique(group, return_inverse=True)
        return group.astype(np.int64)

    def _of_claims(self, key: str) -> Integers:
        """Return the values of a column, of claims or their contracts, for each claim."""
        subject, links = self.column(key), self.ledgers.links
        if key.startswith("contracts."):
            subject = take(subject, links.claim_contract)
        if key.startswith("institutions."):
            subject = take(subject, links.contract_institution[links.claim_contract])
        # A blank is a group of its own.
        return np.where(subject.known, subject.numerator, -1)


def year_subjects(last: int, rows: int = 1) -> dict[str, Subject]:
    """Return the days of a year as subjects; ``last``: its last day."""
    first = int(
        np.datetime64(last, "D").astype("datetime64[Y]").astype("datetime64[D]").astype(int)
    )
    days = {YEAR_START: first, YEAR_END: last, YEAR_DAYS: last - first + 1}
    return {name: sure(np.full(rows, days[name]), kind) for name, (_, kind) in YEAR_COLUMNS.items()}


def sure(values: Integers, kind: ColumnType, words: tuple[str, ...] = ()) -> Subject:
    """Return a subject none of whose values is blank."""
    return Subject(values, np.ones(len(values), dtype=np.bool_), None, kind, words)


def period_of(days: Integers, part: str) -> Integers:
    """Return the month or the quarter that each day is in, counted from 1970."""
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months if part == "month" else months // 3


def figures_used(policy: Policy) -> tuple[str, ...]:
    """Return the columns of claims and contracts that amounts are computed with."""
    used = (_columns_of(policy, each.quantities) for each in figures_of(policy))
    return tuple(dict.fromkeys(chain.from_iterable(used)))


def _columns_of(policy: Policy, quantities: Iterable[Quantity]) -> list[str]:
    """Return the columns of claims and contracts without which quantities have no value."""
    names = set().union(*(needed_names(policy.rules, each) for each in quantities))
    computed = {*DERIVED, "claims.principal", "claims.interest"}
    return sorted(n for n in names - computed if n.startswith(("claims.", "contracts.")))


ZERO_IF_NONE = Text("没有发生的，填 0", "0 where there was none")
A_DATE = Text(
    "日期；允许空白的，在政策中用 first_given 写明空白时按什么日期计算",
    "a date; where it may be blank, first_given in the policy says what counts instead",
)


def blank_figures(gathering: Gathering, claims: Integers) -> list[FaultGroup]:
    """Return a fault for each of the year's claims that lacks a figure the policy computes with.

    What a base, a rate or a cap is computed from has no value of its own when blank; none is made
    up. Only claims count to which it applies. `claims`: rows of the year's claims.
    """
    policy, ledgers = gathering.policy, gathering.ledgers
    contracts = ledgers.links.claim_contract[claims]
    rows_of = {"claims": claims, "contracts": contracts}
    lacking: dict[str, Flags] = {}
    order = policy.rules.budget.order
    if order is not None:
        lacking[order] = ~gathering.column(order).known[claims]
    for figures in figures_of(policy):
        for key in _columns_of(policy, figures.quantities):
            blank = ~gathering.column(key).known[rows_of[key.partition(".")[0]]]
            if blank.any() and figures.when:
                blank = blank & gathering.applies(figures.when, claims)
            lacking[key] = lacking.get(key, np.zeros_like(blank)) | blank
    return _blank(gathering, lacking, rows_of)


def _blank(
    gathering: Gathering, lacking: Mapping[str, Flags], rows_of: Mapping[str, Integers]
) -> list[FaultGroup]:
    """Return a fault for each cell of a column that is lacking; `rows_of`: its rows, by table."""
    policy, ledgers = gathering.policy, gathering.ledgers
    message = Text(
        "政策 {policy} 要用这一格计算，不能为空",
        "policy {policy} computes with this cell: it is blank",
    ).fill(policy=policy.id)
    faults = []
    for key, blank in lacking.items():
        name, _, column = key.partition(".")
        rows = distinct(rows_of[name][blank])
        if len(rows):
            locate = ledgers.leftover[name].locate
            dated = _column_of(policy, key).type is ColumnType.DATE
            expected = A_DATE if dated else ZERO_IF_NONE
            faults.append(FaultGroup("blank", message, name, column, expected, rows, None, locate))
    return faults


def blank_recovered(gathering: Gathering, of: Integers, without: Integers) -> list[FaultGroup]:
    """Return a fault for each claim with recoveries that lacks what was recovered before.

    `of`: the rows of claims whose recoveries return by this policy. `without`: those of claims that
    `blank_figures` looks at.
    """
    policy, ledgers = gathering.policy, gathering.ledgers
    before = policy.rules.returns.recovered_before
    if before is None:
        return []
    rows = np.setdiff1d(np.intersect1d(ledgers.links.recovery_claim, of), without)
    rows_of = {"claims": rows, "contracts": ledgers.links.claim_contract[rows]}
    lacking = {
        key: ~gathering.column(key).known[rows_of[key.partition(".")[0]]]
        for key in _columns_of(policy, (before,))
    }
    return _blank(gathering, lacking, rows_of)


def series_gaps(gathering: Gathering, contract: Integers, claims: Integers) -> list[FaultGroup]:
    """Return a fault for each row whose date a reference series that the policy uses lacks.

    A date after the series' last check, or before its first value, has no value; the nearest one
    is never taken instead. `contract`, `claims`: rows of the year's claims and their contracts.
    """
    faults = []
    ledgers = gathering.ledgers
    concerned = {
        "contracts": distinct(contract),
        "claims": distinct(claims),
        "institutions": np.arange(ledgers.rows("institutions")),
    }
    for reading in readings(gathering.policy):
        on = reading.on or ""
        name, _, column = on.partition(".")
        series = gathering.policy.series[reading.series or ""]
        if name == "year":
            day = gathering.year_day(on)
        else:
            day = take(gathering.column(on), concerned[name])
        months = None if reading.term is None else np.zeros(len(day.numerator), dtype=np.int64)
        _, outside = value_on(series, day.numerator, months)
        outside = outside & day.known
        if not outside.any():
            continue
        message = SERIES_GAP.fill(
            series=series.id,
            first=series.first,
            last=series.checked_until,
        )
        shown = [str(np.datetime64(int(d), "D")) for d in day.numerator[outside]]
        if name == "year":
            faults.append(whole("series_gap", message, value=shown[0]))
            continue
        locate = ledgers.leftover[name].locate
        rows = concerned[name][outside]
        faults.append(
            FaultGroup("series_gap", message, name, column, rows=rows, values=shown, locate=locate)
        )
    return faults


SERIES_GAP = Text(
    "参考利率 {series} 只有 {first} 至 {last} 的值；要用其他日期，请另备一份更新的序列"
    "文件，用 --series 给出（见 docs/policy-format.zh-CN.md）",
    "series {series} has values from {first} to {last} only; for another date give a "
    "newer series file with --series (see docs/policy-format.md)",
)


def readings(policy: Policy) -> list[Operation]:
    """Return every reading of a series in the policy, each once; a calendar is read on each day."""
    found = []
    for each in operations_of(policy.rules):
        if each.series is not None:
            found.append(each)
        days = (day for day in each.working_days or () if isinstance(day, str))
        found += (Operation(series=each.calendar, on=day) for day in days)
    return list(dict.fromkeys(found))
