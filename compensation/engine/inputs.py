"""From ledgers to the columns that the rules look at: books, variables, the year's cases.

Nothing is decided here; tables are joined by row numbers, and only the columns that the policy
names are brought along.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow
from compensation.columns import Flags, Integers, Whole, group_sum, some_at_a_time
from compensation.engine.earlier_returns import returned_by
from compensation.engine.input_variables import (
    all_known,
    at_rows,
    borrower_types,
    indicator_variable,
    period_of,
    row_table,
    variable_of,
    year_variables,
)
from compensation.engine.measures_needed import (
    APPROVED_AMOUNT,
    BORROWER_ID,
    BORROWER_OF_INSTITUTION,
    BORROWER_SINCE,
    BORROWER_TYPE,
    COMPENSATION_PAID,
    CONTRACT_INSTITUTION,
    EXPOSURE,
    OF_BORROWERS,
    PAYOUT,
    indicators_needed,
    measures_of,
    tables_counted,
    tables_measured_in,
)
from compensation.engine.movements import pool_of_year
from compensation.ledger import ids
from compensation.ledger.books import Books, Openings
from compensation.ledger.portfolio import NO_DAY, Ledgers
from compensation.ledger.table_reader import ARROW_TYPES
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import NO_NUMBERS
from compensation.policy.model import Cap, Indicator, Operation, Test
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    OF_ROWS,
    PAID_EARLIER,
    Measure,
    decided_before,
    group_measures,
    groupings,
    name_before,
    names_in,
    names_in_tests,
    operations_of,
    paid_columns,
    payer_names,
    resolved,
    sums_up_balances,
)
from compensation.policy.variables import (
    COMPENSATED_BEFORE,
    INSTITUTION,
    OF_CASES,
    OF_ENTERPRISES,
    POOL_COLUMNS,
    POOL_PREFIX,
    YEAR_COLUMNS,
    YEARS_BEFORE,
    extra_columns,
    indicator_definition,
    inferred_kind,
)
from compensation.policy.years_read import CONTRACTS, is_of_contracts, years_read
from compensation.rules import among, award
from compensation.rules.balances import (
    Held,
    held_by,
    on_days,
)
from compensation.rules.caps import in_fen
from compensation.rules.compensation import base_of
from compensation.rules.conditions import counting_tests, holding
from compensation.rules.decision import (
    Cases,
    Verdicts,
    institution_variable,
    rate_is_institutions,
    variables_needed,
)
from compensation.rules.indicators import (
    GroupsOfCases,
    Ratio,
    balances,
    borrower_balance,
    borrower_since,
    borrowers_of,
    derived_openings,
    first_days,
    measure,
    openings_count,
    policy_years,
    regrouped,
    sums_of,
    year_ends,
)
from compensation.rules.institutions import origin_of
from compensation.rules.losses import Lost, lost
from compensation.rules.quantities import Evaluator, step_name, variable_in_fractions
from compensation.rules.returns import Payers
from compensation.rules.steps import Recorded
from compensation.rules.variables import Variable, take
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import INSTITUTION_YEARS, PAID_BEFORE, ROWS_OF, table
from compensation.schema.parties import SHARE_PREFIX

MANY_CONTRACTS = 1 << 17
"""From this many contracts on, threads for the measures cost less than they save."""


def rule_inputs(ledgers: Ledgers, policy: Policy, year: int) -> RuleInputs:
    """Return what the rules see of ledgers, whose own books stay as they are."""
    return RuleInputs(ledgers, policy, year, replace(ledgers.books, held={}, openings={}))


@dataclass(frozen=True, eq=False)
class RuleInputs:
    """Ledgers, a policy and a year, and what the rules see of them; `books`: of all contracts."""

    ledgers: Ledgers
    policy: Policy
    year: int
    books: Books
    taken: dict[Measure, Ratio] = field(default_factory=dict, repr=False)
    """Measures, once they have been asked for."""
    exposed: dict[bytes, Integers] = field(default_factory=dict, repr=False)
    """Exposures by the rows of the claims, once they have been asked for."""
    granted: Integers | None = field(default=None, repr=False)
    """What caps over years count of each claim of an earlier year, in fen; None: what was paid."""
    granted_by: Mapping[str, Integers] | None = field(default=None, repr=False)
    """What caps on payers over years count of it, by payer, likewise."""
    supposing: bool = False
    """Whether choices of indicators are taken wherever blanks leave it open, see `holding`."""
    counting_blanks: bool = False
    """Whether rows count in measures wherever blanks leave it open."""
    origins: dict[str, Recorded] = field(default_factory=dict, init=False, repr=False)
    """How indicators of the policy's own came about, once somebody has asked."""
    columns: dict[str, Variable] | None = field(default=None, repr=False)
    """Whole columns by name, once they have been asked for; None: none is kept."""
    groups: dict[tuple[str, ...], Integers] = field(default_factory=dict, repr=False)
    """The group of each contract, by the columns of measures of groups."""
    regrouped: dict[tuple[str, ...], Books] = field(default_factory=dict, repr=False)
    """The books by these groups."""

    @property
    def ends(self) -> tuple[int, int]:
        """The last day of the year before, and of the year: of the policy's years, for cases."""
        return year_ends(self.year, self.policy.rules.trigger.year_begins)

    def column(self, key: str) -> Variable:
        """Return a whole column of a table by its ``table.column`` name."""
        if self.columns is None or key in COMPENSATED_BEFORE:  # which goes by what is granted
            return self._whole(key)
        if key not in self.columns:
            self.columns[key] = self._whole(key)
        return self.columns[key]

    def _whole(self, key: str) -> Variable:
        if key == PAYOUT:
            return all_known(self.ledgers.payout, ColumnType.MONEY)
        if key in OF_BORROWERS:
            return take(
                self._of_borrowers(key), self.books.borrower[self.ledgers.links.contract_row]
            )
        if key in COMPENSATED_BEFORE:
            return all_known(self._compensated_before(key), ColumnType.COUNT)
        if key in OF_CASES:
            return all_known(self._exposure_of(key), ColumnType.MONEY)
        return self.column_of(self.ledgers, key)

    def _of_borrowers(self, key: str) -> Variable:
        """Return what is known of each borrower of the books."""
        if key == BORROWER_SINCE:
            return all_known(borrower_since(self.books), ColumnType.DATE)
        return all_known(borrower_balance(self.books, self.year), ColumnType.MONEY)

    def column_of(self, ledgers: Ledgers, key: str) -> Variable:
        """Return a column that ledgers hold; of a table by year, for the rows that it is of."""
        name, _, column_name = key.partition(".")
        if name in ROWS_OF:
            return at_rows(self.held_column(ledgers, key), self.rows_by_year(ledgers, name))
        if key == BORROWER_TYPE:
            return borrower_types(ledgers.borrower_type)
        if name == "contracts" and column_name.startswith(SHARE_PREFIX):
            place = ledgers.parties.index(column_name.removeprefix(SHARE_PREFIX))
            return all_known(ledgers.shares[:, place], ColumnType.SHARE)
        return self.held_column(ledgers, key)

    def rows_by_year(self, ledgers: Ledgers, name: str) -> Integers:
        """Return the row of the year in a table by year, for each row that it is of.

        `ids.UNKNOWN` where there is none.
        """
        of = table(name).columns[0].name
        rows = np.flatnonzero(ledgers.numbers(name, "year") == self.year)
        named = ledgers.column(name, of).take(arrow(rows))
        place = ids.Index(named).positions_of(ledgers.column(ROWS_OF[name], of))
        found = np.full(len(place), ids.UNKNOWN, dtype=np.int64)
        found[place != ids.UNKNOWN] = rows[place[place != ids.UNKNOWN]]
        return found

    def held_column(self, ledgers: Ledgers, key: str) -> Variable:
        """Return a column of a table, row by row."""
        name, _, column_name = key.partition(".")
        for column in extra_columns(self.policy.rules).get(name, ()):
            if column.name == column_name:
                # Only a table without rows may lack it; see `missing_columns`.
                blank = pa.nulls(ledgers.rows(name), ARROW_TYPES[column.type])
                return variable_of(ledgers.tables[name].get(column_name, blank), column)
        known = table(name).column(column_name)
        return variable_of(ledgers.column(name, column_name), known)

    def counted(self, where: Sequence[Test]) -> Flags | None:
        """Return which contracts of the books pass the tests of a measure; None: all of them."""
        return self._passing(where, supposing=self.counting_blanks) if where else None

    def left_out(self, of: Measure) -> Flags:
        """Return which contracts, or payouts, a measure leaves out for want of a value alone."""
        if of.on.startswith("claims."):
            evaluator = self._of_payouts(of.names, self._contracts_of_payouts())
            return holding(of.where, replace(evaluator, supposing=True)) & ~holding(
                of.where, evaluator
            )
        left_open = self._passing(of.where, supposing=True)
        # Those without an amount stand for institutions that are cases.
        return left_open & ~self._passing(of.where, supposing=False) & (self.books.guaranteed > 0)

    def _passing(self, where: Sequence[Test], *, supposing: bool) -> Flags:
        """Return which contracts of the books pass some tests; `supposing`: see `holding`."""
        names = resolved(self.policy.rules, names_in_tests(where))
        every = self.ledgers.every_contract or self.ledgers
        of_borrowers = {key: self._of_borrowers(key) for key in names & OF_BORROWERS}
        columns = {
            key: self.column_of(every, key) for key in names - OF_BORROWERS - {BORROWER_TYPE}
        }
        passed = np.empty(len(self.books.guaranteed), dtype=np.bool_)
        # What a test looks at and works out takes ten times the memory of what it says.
        for rows in some_at_a_time(len(passed)):
            variables = {key: take(each, rows) for key, each in columns.items()}
            borrower = self.books.borrower[rows]
            variables |= {key: take(each, borrower) for key, each in of_borrowers.items()}
            if BORROWER_TYPE in names:
                variables[BORROWER_TYPE] = borrower_types(every.borrower_type[rows])
            evaluator = Evaluator(self.policy, variables, len(borrower), supposing=supposing)
            passed[rows] = holding(where, evaluator)
        return passed

    def _of_contracts(self, names: Iterable[str]) -> Evaluator:
        """Return what computes quantities of the contracts of the books."""
        every = self.ledgers.every_contract or self.ledgers
        variables = {
            key: take(self._of_borrowers(key), self.books.borrower)
            if key in OF_BORROWERS
            else self.column_of(every, key)
            for key in resolved(self.policy.rules, names)
        }
        return Evaluator(self.policy, variables, len(self.books.guaranteed))

    def _of_payouts(self, names: Iterable[str], contract: Integers) -> Evaluator:
        """Return what computes quantities of the payouts; `contract`: that of each in the books."""
        payouts = self.ledgers.payouts or self.ledgers
        variables = {}
        for key in resolved(self.policy.rules, names):
            if key == PAYOUT:
                variables[key] = all_known(payouts.payout, ColumnType.MONEY)
            elif key in OF_BORROWERS:
                variables[key] = take(self._of_borrowers(key), self.books.borrower[contract])
            else:
                found = self.column_of(payouts, key)
                of_claims = key.startswith("claims.")
                variables[key] = found if of_claims else take(found, payouts.links.claim_contract)
        return Evaluator(self.policy, variables, len(contract))

    def _contracts_of_payouts(self) -> Integers:
        links = (self.ledgers.payouts or self.ledgers).links
        return links.contract_row[links.claim_contract].astype(np.int64)

    def _of_rows(self, of: Measure, books: Books) -> Ratio:
        """Return a measure of the contracts or the payouts whose date lies in the years."""
        if of.on.startswith("claims."):
            contract = self._contracts_of_payouts()
            evaluator = self._of_payouts(of.names, contract)
        else:
            contract = np.arange(len(self.books.guaranteed))
            evaluator = self._of_contracts(of.names)
        day = evaluator.variables[of.on]
        within = day.known & (day.numerator > year_ends(self.year - of.years + 1)[0])
        within &= day.numerator <= year_ends(self.year)[1]
        counting = replace(evaluator, supposing=self.counting_blanks)
        rows = np.flatnonzero(within & holding(of.where, counting))
        if of.quantity is None:
            return borrowers_of(books, contract[rows])
        variables = {key: take(each, rows) for key, each in evaluator.variables.items()}
        values = Evaluator(self.policy, variables, len(rows)).compute(of.quantity).values
        return sums_of(books, values, contract[rows])

    def measure(self, of: Measure) -> Ratio:
        """Return a measure of each institution."""
        return self._taken(of, self.books)

    def _taken(self, of: Measure, books: Books) -> Ratio:
        """Return a measure of each institution of some books, which may be groups of contracts."""
        if of not in self.taken:
            if of.of in OF_ROWS:
                self.taken[of] = self._of_rows(of, books)
                return self.taken[of]
            counted = self.counted(of.where)
            self.taken[of] = (
                self._compensation_paid(of.years, counted)
                if of.of == COMPENSATION_PAID
                else measure(books, of.of, self.year, of.years, counted)
            )
        return self.taken[of]

    def _measure_of_groups(
        self, of: Measure, contracts: Integers, day: Integers | None = None
    ) -> Ratio:
        """Return a measure of the group of each of some contracts, rows of the books.

        `day`: (contracts,) that on which it is taken, where it is not of the year. Undefined where
        a contract is of none, or the table that is counted is not there.
        """
        per = of.per or ()
        if per not in self.groups:
            self.groups[per] = self._groups(per)
        place = self.groups[per][contracts]
        known = (place >= 0) & self.books.absent.isdisjoint(tables_counted(of))
        if day is not None:
            where, group = self.counted(of.where), self.groups[per] + 1
            begins = self.policy.rules.trigger.year_begins
            first = first_days(policy_years(day, begins) - of.years + 1, begins)
            fen = on_days(self.books, of.of, group[contracts], day, group, first, where)
            return Ratio(fen, known.astype(np.int64))
        if per not in self.regrouped:
            self.regrouped[per] = regrouped(self.books, self.groups[per])
        found = self._taken(of, self.regrouped[per])
        return Ratio(found.numerator[place], np.where(known, found.denominator[place], 0))

    def _groups(self, per: tuple[str, ...]) -> Integers:
        """Return the group of each contract of the books by some columns; −1 where one is blank."""
        if set(per) == BORROWER_OF_INSTITUTION:
            return self.books.borrower.astype(np.int64)
        every, of = self.ledgers.every_contract or self.ledgers, self.books.institution
        columns = []
        for key in per:
            if key == CONTRACT_INSTITUTION:
                columns.append(all_known(of.astype(np.int64), ColumnType.COUNT))
            elif key.startswith("institutions."):
                columns.append(take(self.column(key), of))
            else:
                columns.append(self.column_of(every, key))
        return among.groups_of(columns, len(of))

    def groups_of(self, contract: Integers) -> GroupsOfCases | None:
        """Return the measures of the groups of contracts of the ledgers, where there are any."""
        if not group_measures(self.policy.rules):
            return None
        return GroupsOfCases(self._measure_of_groups, self.ledgers.links.contract_row[contract])

    def _measure_all(self) -> None:
        """Take the measures side by side; of columns as long as these numpy frees other threads."""
        # They take as much memory as all contracts do.
        pa.default_memory_pool().release_unused()
        days = year_ends(self.year)
        with ThreadPoolExecutor(len(days)) as threads:
            # What most measures share is made first, so that no two of them make it.
            list(threads.map(lambda day: balances(self.books, day), days))
            self.derived_openings()
            list(threads.map(self.measure, measures_of(self.policy)))

    def _compensation_paid(self, years: int, counted: Flags | None) -> Ratio:
        """Return what was paid for the cases of so many years up to the one assessed."""
        links, days = self.ledgers.links, self.case_days()
        contract = links.claim_contract
        within = (days > year_ends(self.year - years + 1)[0]) & (days <= year_ends(self.year)[1])
        if counted is not None:
            within &= counted[links.contract_row[contract]]
        paid = np.where(within, self.ledgers.numbers("claims", COMPENSATION_PAID), 0)
        sums = group_sum(paid, links.contract_institution[contract], self.books.institutions)
        return Ratio(sums, np.ones_like(sums))

    def derived_openings(self) -> Openings:
        """Return what the contracts alone say of each institution's opening figures."""
        return derived_openings(self.books, self.year)

    def indicator(self, name: str) -> Variable:
        """Return an indicator of each institution as a variable; see `policy.variables`."""
        rules, definition = self.policy.rules, indicator_definition(self.policy.rules, name)
        value = definition.value
        if isinstance(value, Operation) and inferred_kind(rules, value) in NO_NUMBERS:
            return self._year_before(value)
        found = indicator_variable(definition, self.measure) or self._computed(definition)
        if self.books.absent.isdisjoint(tables_measured_in((definition.value,))):
            return found
        given = {
            "opening_balance": self.books.opening_balance_given,
            "opening_borrowers": self.books.opening_borrowers_given,
        }.get(name, np.zeros_like(found.known))
        return found._replace(known=given & openings_count(self.books, self.year))

    def _computed(self, indicator: Indicator) -> Variable:
        """Return an indicator that is more than a measure over another."""
        computed = self.evaluator_of(indicator).compute(indicator.value)
        return variable_in_fractions(computed)

    def origin(self, name: str) -> Recorded:
        """Return how an indicator of the policy's own came about, of each institution.

        It is computed once more, with what it is made of, when somebody asks.
        """
        if name not in self.origins:
            definition = indicator_definition(self.policy.rules, name)
            told = self.books.absent.isdisjoint(tables_measured_in((definition.value,)))
            evaluator = self.evaluator_of(definition) if told else None
            self.origins[name] = origin_of(self.policy, definition, self.indicator(name), evaluator)
        return self.origins[name]

    def evaluator_of(self, indicator: Indicator) -> Evaluator:
        """Return what computes an indicator of each institution from what it is made of."""
        names = resolved(self.policy.rules, names_in(indicator.value))
        variables = {
            name: self.indicator(name.removeprefix(INDICATOR_PREFIX))
            if name.startswith(INDICATOR_PREFIX)
            else self.column(name)
            for name in names - YEAR_COLUMNS.keys()
            if not name.startswith(("contracts.", "claims."))
        } | self.of_year(self.books.institutions)
        variables |= {
            name_before(each): self._year_before(each)
            for each in operations_of(indicator.value)
            if each.year_before is not None
        }
        return Evaluator(
            self.policy,
            variables,
            self.books.institutions,
            measured=self.measure,
            origin=self.origin,
            supposing=self.supposing,
            prefix=f"{step_name(INDICATOR_PREFIX + indicator.id)}_",
        )

    def _year_before(self, operation: Operation) -> Variable:
        """Return an indicator, or a value by year, of each institution in an earlier year.

        Unknown where the ledger says nothing of that year: it lacks the row of values by year, or,
        of what contracts say, none had begun by then. An opening figure without its year is of the
        year assessed.
        """
        dated = self.books.opening_year_given
        books = replace(
            self.books,
            opening_balance_given=self.books.opening_balance_given & dated,
            opening_borrowers_given=self.books.opening_borrowers_given & dated,
        )
        rules, name = self.policy.rules, operation.year_before or ""
        year = self.year - operation.years
        before = rule_inputs(replace(self.ledgers, books=books), self.policy, year)
        if not name.startswith(INDICATOR_PREFIX):
            return before.column(name)
        found, read = before.indicator(name.removeprefix(INDICATOR_PREFIX)), years_read(rules, name)
        known = found.known
        if any(what != CONTRACTS and not back for what, back in read):
            rows = before.rows_by_year(self.ledgers, INSTITUTION_YEARS.name)
            known = known & (rows != ids.UNKNOWN)
        if is_of_contracts(read):
            known = known & derived_openings(self.books, year + 1).older
        return found._replace(known=known)

    def of_year(self, rows: int) -> dict[str, Variable]:
        """Return the days of the year, their number, the day of the ledgers, and of the pool.

        The lines of the pool that the policy looks at, the same on each row.
        """
        found = year_variables(*self.ends, rows, self.ledgers.day)
        names = [name for name in variables_needed(self.policy) if name in POOL_COLUMNS]
        lines = pool_of_year(self.ledgers, *self.ends) if names else {}
        for name in names:
            fen = np.full(rows, lines[name.removeprefix(POOL_PREFIX)])
            found[name] = all_known(fen, ColumnType.MONEY)
        return found

    def indicators(self) -> dict[str, Variable]:
        """Return every indicator that is reported or that the policy tests, by its own name."""
        if len(self.books.guaranteed) >= MANY_CONTRACTS:
            self._measure_all()
        return {name: self.indicator(name) for name in indicators_needed(self.policy)}

    def institution_variables(self, indicators: Mapping[str, Variable]) -> dict[str, Variable]:
        """Return what institution tests look at, a row for each institution."""
        variables = {INDICATOR_PREFIX + name: variable for name, variable in indicators.items()}
        for key in variables_needed(self.policy):
            if row_table(key) == "institutions":
                variables[key] = self.column(key)
        return variables | self.of_year(self.books.institutions)

    def applies(self, tests: Sequence[Test], claims: Integers) -> Flags:
        """Return which of the claims at rows ``claims`` pass all tests of a `when`."""
        return holding(tests, self.evaluator(names_in_tests(tests), claims))

    def lost(self, claims: Integers) -> Lost:
        """Return what recoveries of the claims at rows ``claims`` are returned of."""
        payout, quantities = self.ledgers.payout[claims], self.policy.rules.returns.quantities
        if not quantities:
            return lost(payout)
        return lost(payout, self.evaluator(set().union(*map(names_in, quantities)), claims))

    def every_claim(self) -> Integers:
        """Return the rows of all claims of the ledgers."""
        return np.arange(self.ledgers.rows("claims"), dtype=np.int64)

    def evaluator(self, used: Iterable[str], claims: Integers) -> Evaluator:
        """Return what computes quantities of the claims at rows ``claims``; `used`: their names."""
        names = resolved(self.policy.rules, used)
        links = self.ledgers.links
        contract = links.claim_contract[claims]
        rows_of = {"claims": claims, "contracts": contract}
        variables: dict[str, Variable] = {}
        if EXPOSURE in names:
            variables[EXPOSURE] = all_known(self.exposures(claims), ColumnType.MONEY)
        of_institution: Mapping[str, Variable] = {}
        names -= {name for name in names if name == PAID_EARLIER or decided_before(name)}
        if any(row_table(name) not in rows_of for name in names):
            of_institution = self.institution_variables(self.indicators())
        for name in names - variables.keys():
            table_name = row_table(name)
            variables[name] = (
                take(self.column(name), rows_of[table_name])
                if table_name in rows_of
                else take(of_institution[name], links.contract_institution[contract])
            )
        return Evaluator(
            self.policy,
            variables,
            len(claims),
            self.ledgers.parties,
            self.ledgers.shares[contract],
            measured=self.groups_of(contract),
            held=self._held(contract),
        )

    def _held(self, contract: Integers) -> Held | None:
        """Return contracts of the ledgers as their balances fall, where the policy looks at it."""
        if not sums_up_balances(self.policy.rules):
            return None
        return held_by(self.books, self.ledgers.links.contract_row[contract])

    def year_day(self, name: str) -> Variable:
        """Return the first or the last day of the year, as one row."""
        return self.of_year(1)[name]

    def year_claims(self) -> Integers:
        """Return the rows of the claims that the trigger's day puts into the year."""
        day = self.case_days()
        before, last = self.ends
        within = (day > before) & (day <= last)
        if self.policy.rules.trigger.until is not None:
            until = self.column(self.policy.rules.trigger.until)
            within = (day <= last) & (~until.known | (until.numerator > before))
        return np.flatnonzero(within).astype(np.int64)

    def case_rows(self, claims: Integers) -> Integers:
        """Return the rows of cases in the table whose rows they are."""
        if self.policy.rules.record == "payout":
            return claims
        links, contracts = self.ledgers.links, self.ledgers.links.claim_contract[claims]
        if self.policy.rules.record == "contract":
            return contracts
        return links.contract_institution[contracts]

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
        links, day = self.ledgers.links, self.ledgers.numbers("claims", "payout_date")
        contract = links.contract_row[links.claim_contract[claims]]
        borrower = self.books.borrower
        asked = borrower[contract].astype(np.int64)
        return on_days(self.books, "exposure", asked, day[claims], borrower)

    def _exposure_of(self, key: str) -> Integers:
        """Return what is in force for the borrower of each contract or claim of the ledgers.

        On the day of the contract's start, or of the payout; of an enterprise, by the borrower's
        id, at all institutions.
        """
        ledgers = self.ledgers
        contract, day = ledgers.links.contract_row, ledgers.numbers("contracts", "start_date")
        if key.startswith("claims."):
            contract = contract[ledgers.links.claim_contract]
            day = ledgers.numbers("claims", "payout_date")
        whose = self._whose(key)
        return on_days(self.books, "exposure", whose[contract].astype(np.int64), day, whose)

    def _whose(self, key: str) -> Whole:
        """Return the number of each contract's borrower, enterprise or institution, of the books.

        `key`: the column that is of them together.
        """
        if key in OF_ENTERPRISES:
            every = self.ledgers.every_contract or self.ledgers
            return self.column_of(every, BORROWER_ID).numerator
        if key.startswith("contracts.institution"):
            return self.books.institution
        return self.books.borrower

    def _compensated_before(self, key: str) -> Integers:
        """Return how many cases of earlier years were compensated, for each contract's group.

        Or in how many years.
        """
        paid, days = self.granted, self.case_days()
        if paid is None:
            paid = self.ledgers.numbers("claims", "compensation_paid")
        earlier = days <= self.ends[0]
        group, paid, days = self.groups_counted(key)[earlier], paid[earlier], days[earlier]
        asked = self._whose(key)[self.ledgers.links.contract_row].astype(np.int64)
        if key not in YEARS_BEFORE:
            return award.compensated(group, paid, asked)
        years = policy_years(days, self.policy.rules.trigger.year_begins)
        return award.years_compensated(group, years, paid, asked)

    def groups_counted(self, key: str) -> Integers:
        """Return the group of each claim of the ledgers by which earlier years' cases are counted.

        `key`: one of `COMPENSATED_BEFORE`.
        """
        links = self.ledgers.links
        return self._whose(key)[links.contract_row[links.claim_contract]].astype(np.int64)

    def cases(
        self,
        claims: Integers,
        institution_variables: Mapping[str, Variable],
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
        variables: dict[str, Variable] = {
            INSTITUTION: take(institution_variable(verdicts.eligible), institution),
            EXPOSURE: all_known(self.exposures(claims), ColumnType.MONEY),
        }
        rows_of = {"claims": claims, "contracts": contract}
        for key in variables_needed(self.policy):
            name = row_table(key)
            if key not in variables and name in rows_of:
                variables[key] = take(self.column(key), rows_of[name])
        for key, variable in institution_variables.items():
            variables[key] = take(variable, institution)
        reviews = tuple(
            ledgers.numbers("claims", review)[claims]
            for review in self.policy.rules.review.required
        )
        paid = ledgers.numbers("claims", "compensation_paid")
        groups = {of.per: self.group(of.per) for of in groupings(self.policy.rules)}
        paid_by = self.paid_by()
        order = self.policy.rules.trigger.order
        # A blank day comes last: as of a day, it is one that has not come yet.
        day = self.case_days() if order is None else self._of_claims(order, NO_DAY)
        return Cases(
            parties=ledgers.parties,
            variables=variables,
            principal=ledgers.numbers("claims", "principal")[claims],
            interest=ledgers.numbers("claims", "interest")[claims],
            shares=ledgers.shares[contract],
            reviews=reviews,
            compensation_paid=paid[claims],
            institution=institution,
            day=day[claims],
            rank=ledgers.claim_ranks[claims],
            groups={per: group[claims] for per, group in groups.items()},
            earlier=self.earlier(claims, earlier),
            returned=self.returned_earlier(claims, earlier),
            tier=verdicts.tier[institution] if rate_is_institutions(self.policy) else None,
            approved=take(self.column(APPROVED_AMOUNT), claims)
            if "approved_amount" in ledgers.present["claims"]
            else None,
            closed=ledgers.known("claims", "closed_date")[claims]
            if "closed_date" in ledgers.present["claims"]
            else None,
            held=self._held(contract),
            measured=self.groups_of(contract),
            paid_by=None if paid_by is None else paid_by[claims],
            ids=ledgers.column("claims", "claim_id").take(arrow(claims))
            if any(cap.stops for cap in self.policy.rules.caps)
            else None,
            origin=self.origin,
        )

    def paid_by(self) -> Integers | None:
        """Return (claims of the ledger, payers) what each payer has paid so far, a blank as 0.

        None where the policy does not say in which columns it stands.
        """
        columns = [self._of_claims(name, 0) for name in paid_columns(self.policy.rules)]
        return np.stack(columns, axis=1) if columns else None

    def earlier(self, claims: Integers, earlier: Flags | None) -> dict[str, Integers]:
        """Return what caps over years count of earlier ones for the claims at rows ``claims``.

        By the cap's id; `earlier`: as for `cases`.
        """
        by_payer = self._by_payer()
        found = {}
        for cap in self.policy.rules.caps:
            if cap.per is not None and cap.years != "this":
                paid = None
                if cap.payer is not None and by_payer is not None:
                    paid = np.sum([by_payer[payer] for payer in cap.payers], axis=0)
                elsewhere = self.paid_elsewhere(claims, earlier, paid)
                found[cap.id] = self._earlier(cap, self.group(cap.per), elsewhere)[claims]
        return found

    def _by_payer(self) -> Mapping[str, Integers] | None:
        """Return (claims of the ledger,) what each payer paid, or is granted; None if unknown."""
        paid_by = self.paid_by()
        if paid_by is None:
            return self.granted_by
        return dict(zip(payer_names(self.policy.rules), paid_by.T, strict=True))

    def returned_earlier(self, claims: Integers, earlier: Flags | None) -> dict[str, Integers]:
        """Return what of `earlier` recoveries had returned to government, of caps net of it.

        By the end of the year before, by the returns of this policy; of a cap on payers, to them.
        """
        caps = [cap for cap in self.policy.rules.caps if cap.net_of_returns]
        if not caps:
            return {}
        paid, last = self.paid_elsewhere(claims, earlier), self.ends[0]
        lost, names = self.lost(self.every_claim()), payer_names(self.policy.rules)
        payers = None
        if self.granted_by is not None and names:
            by_payer = [self.paid_elsewhere(claims, earlier, self.granted_by[p]) for p in names]
            payers = Payers({p: name.text for p, name in names.items()}, np.stack(by_payer, axis=1))
        whole, parts = returned_by(self.ledgers, self.policy, lost, paid, last, payers)
        found = {}
        for cap in caps:
            of = [list(names).index(payer) for payer in cap.payers]
            returned = whole if not of or parts is None else parts[:, of].sum(axis=1)
            group, fen = self.group(cap.per or ()), np.where(self.within_years(cap), returned, 0)
            found[cap.id] = group_sum(fen, group, int(group.max(initial=0)) + 1)[group][claims]
        return found

    def _earlier(self, cap: Cap, group: Integers, paid: Integers) -> Integers:
        """Return (claims of the ledger,) what a cap counts of earlier years in each one's group."""
        paid = np.where(self.within_years(cap), paid, 0)
        counts = (paid > 0).astype(np.int64) if cap.on == "cases" else paid
        if cap.on == "base":
            rows = self.counted_earlier(cap) if cap.counts_all else np.flatnonzero(paid > 0)
            counts = np.zeros_like(paid)
            counts[rows] = self.counted_of(cap, rows)[0]
        return group_sum(counts, group, int(group.max(initial=0)) + 1)[group]

    def counted_of(self, cap: Cap, claims: Integers) -> tuple[Integers, Flags]:
        """Return what claims at rows ``claims`` count towards a cap on the base, and where known.

        Its `of`, or the base before any cap.
        """
        bases = self.policy.rules.base
        if cap.of is not None:
            fen, _, known = in_fen(self.evaluator(names_in(cap.of), claims), cap.of)
            return fen, known
        names = names_in_tests(test for base in bases for test in base.when)
        return base_of(self.evaluator(names.union(*(names_in(b.value) for b in bases)), claims))

    def counted_earlier(self, cap: Cap) -> Integers:
        """Return the rows of the claims of earlier years whose bases a cap over years counts."""
        earlier = (self.case_days() <= self.ends[0]) & self.within_years(cap)
        if cap.counts_all:
            return self.counting(np.flatnonzero(earlier), cap.when)
        paid = self.ledgers.numbers("claims", "compensation_paid")
        return np.flatnonzero(earlier & ((paid if self.granted is None else self.granted) > 0))

    def counting(self, claims: Integers, when: tuple[Test, ...] = ()) -> Integers:
        """Return those of the claims at rows ``claims`` that count whatever becomes of them."""
        return claims[self.applies(counting_tests(self.policy, when), claims)]

    def within_years(self, cap: Cap) -> Flags:
        """Return which claims of the ledger are of no year before those that a cap counts."""
        days = self.case_days()
        if not isinstance(cap.years, int):
            return np.ones(len(days), dtype=np.bool_)
        begins = self.policy.rules.trigger.year_begins
        within: Flags = days > year_ends(self.year - cap.years + 1, begins)[0]
        return within

    def paid_elsewhere(
        self, claims: Integers, earlier: Flags | None, paid: Integers | None = None
    ) -> Integers:
        """Return (claims of the ledger,) what caps over all years count beside this year's claims.

        What was paid for claims of other years, or `granted`, or what one payer paid where `paid`
        says it; and of a claim that belongs to several years, what was paid for those before.
        `earlier`: as for `cases`.
        """
        if paid is None:
            paid = self.granted
        if paid is None:
            paid = self.ledgers.numbers("claims", "compensation_paid")
        elsewhere = paid.copy() if earlier is None else np.where(earlier, paid, 0)
        elsewhere[claims] = 0
        if self.policy.rules.trigger.until is not None:
            elsewhere += self._of_claims(f"contracts.{PAID_BEFORE.name}", 0)
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

    def _of_claims(self, key: str, blank: int = -1) -> Integers:
        """Return the values of a column, of claims or their contracts, for each claim.

        Blanks, as a group of their own, have a value that no cell has.
        """
        variable, links = self.column(key), self.ledgers.links
        if key.startswith("contracts."):
            variable = take(variable, links.claim_contract)
        if key.startswith("institutions."):
            variable = take(variable, links.contract_institution[links.claim_contract])
        return np.where(variable.known, variable.numerator, blank)
