"""A year of a ledger as it is, and decided anew with something changed.

What is decided is decided by the functions that `assess` uses. Changed payouts change the ledger:
a year so decided is that of a ledger with those payouts in its claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from compensation.arrays import arrow
from compensation.assessment import Assessment, conclude, decide_year, year_faults
from compensation.columns import Flags, Integers
from compensation.engine.inputs import RuleInputs
from compensation.engine.needed_columns import policy_faults
from compensation.engine.run import Decided
from compensation.engine.series_gaps import series_gaps
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger.extra_columns import with_extra_columns
from compensation.ledger.portfolio import Portfolio
from compensation.money import split
from compensation.outlook import years
from compensation.policy.catalogue import Policy, PolicyPath, load_policy
from compensation.policy.quantities import group_measures
from compensation.policy.variables import extra_columns
from compensation.refusals import Refused
from compensation.rules.decision import needs_day
from compensation.rules.indicators import year_ends
from compensation.rules.variables import Variable
from compensation.settlement.in_force import own_years
from compensation.whatif.variants import vary

AMOUNTS = ("principal", "interest")
"""The columns of claims that a payout is the sum of."""
NO_DAY = Text(
    "政策 {policy} 要看核算截止日（year.as_of），而这里按整个年度推算；截至某日的结果请用 assess "
    "--as-of",
    "policy {policy} looks at the day as of which is computed (year.as_of), and whole years are "
    "worked out here; for the result as of a day use assess --as-of",
)
OF_GROUPS = Text(
    "政策 {policy} 要看业务所在组当年的数（measure 写有 per），以后年度和代偿变动后各组的数"
    "无法推算",
    "policy {policy} looks at figures of groups of contracts in a year (measure with per), which "
    "cannot be worked out for later years or other payouts",
)
NOT_PAYOUTS = Text(
    "政策 {policy} 不按代偿计算，无法测算",
    "policy {policy} is not about payouts, so nothing can be said here",
)


@dataclass(frozen=True, eq=False)
class Moved(RuleInputs):
    """What the rules see of a year with some indicators changed, and nothing that follows.

    `moved`: those indicators, by name. `on_their_day`: the exposures of the year's claims.
    """

    moved: Mapping[str, Variable] = field(default_factory=dict)
    on_their_day: Integers | None = field(default=None, repr=False)

    def indicator(self, name: str) -> Variable:
        """Return an indicator of each institution, changed or as the ledger has it."""
        return self.moved[name] if name in self.moved else super().indicator(name)

    def exposures(self, claims: Integers) -> Integers:
        """Return the borrower exposure of each claim, which no change here changes."""
        return super().exposures(claims) if self.on_their_day is None else self.on_their_day


@dataclass(frozen=True, eq=False)
class BaseYear:
    """A year of a ledger under a policy, as it is.

    `claims`: the rows of the year's claims. `decided`: what comes of it. `strict`: whether the
    policy's days are as it has them.
    """

    inputs: RuleInputs
    claims: Integers
    decided: Assessment
    strict: bool

    @property
    def policy(self) -> Policy:
        """The policy, in force on the days that are asked for."""
        return self.inputs.policy

    def institutions(self) -> list[str]:
        """Return the ids of the institutions, in the order of the ledger."""
        ids: list[str] = self.inputs.ledgers.column("institutions", "institution_id").to_pylist()
        return ids

    def indicator(self, name: str) -> Variable:
        """Return an indicator of each institution."""
        found = self.decided.indicators.get(name)
        return self.inputs.indicator(name) if found is None else found

    def amount(self, name: str) -> Integers:
        """Return an indicator of each institution that is an amount, in fen."""
        return self.indicator(name).numerator

    def payouts(self) -> Integers:
        """Return (claims of the ledger, 2) principal and interest of each."""
        ledgers = self.inputs.ledgers
        return np.stack([ledgers.numbers("claims", name) for name in AMOUNTS], axis=1)

    def paid_out(self, institution: int) -> Flags:
        """Return which claims of the ledger an institution paid out in the year."""
        books = self.inputs.books
        before, last = year_ends(self.inputs.year)
        within = (books.payout_day > before) & (books.payout_day <= last)
        own: Flags = within & (books.institution[books.payout_of] == institution)
        return own

    def with_changes(
        self,
        payouts: Integers | None = None,
        moved: Mapping[str, Variable] | None = None,
        policy: Policy | None = None,
    ) -> Decided:
        """Return the year decided with other payouts, other indicators, or under another policy.

        `payouts`: as `payouts` has them. `moved`: indicators by name. `policy`: one that looks at
        the same columns.
        """
        base, ledgers = self.inputs, self.inputs.ledgers
        books, taken = base.books, dict(base.taken)
        if payouts is not None:
            amounts = zip(AMOUNTS, payouts.T, strict=True)
            claims = {**ledgers.tables["claims"], **{n: arrow(fen) for n, fen in amounts}}
            books = replace(books, payout=payouts.sum(axis=1))
            ledgers = replace(ledgers, tables={**ledgers.tables, "claims": claims}, books=books)
            taken = {of: ratio for of, ratio in taken.items() if of.of != "payout_amount"}
        exposures = self.decided.cases.variables["claims.borrower_exposure"].numerator
        changed = Moved(
            ledgers,
            policy or base.policy,
            base.year,
            books,
            taken,
            moved=moved or {},
            on_their_day=exposures,
        )
        if faults := series_gaps(changed, self.claims):
            raise InputFaults(faults)
        return decide_year(changed, self.claims)


def base_year(
    portfolio: Portfolio,
    policy: PolicyPath | Policy,
    year: int,
    *,
    strict_dates: bool,
    later: int = 0,
) -> BaseYear:
    """Return a year of a portfolio under a policy, in force in it and some later ones.

    Raises `InputFaults` where the ledger has nothing of the year or lacks what the policy needs;
    `Refused` for a policy that is not about payouts; `PolicyFaults`.
    """
    chosen = load_policy(policy)
    if chosen.rules.record != "payout":
        raise Refused(NOT_PAYOUTS.fill(policy=chosen.id))
    if not strict_dates:
        chosen = vary(chosen, (), range(year, year + later + 1)).policy
    ledgers, faults = with_extra_columns(portfolio, extra_columns(chosen.rules))
    faults += [*years.year_faults(ledgers, [year]), *own_years(chosen)]
    faults += year_faults(chosen, year)
    faults += policy_faults(chosen, ledgers.present, ledgers.rows, faults)
    if faults:
        raise InputFaults(faults)
    # What was in force on the day of a case stays as it is, whatever is paid out.
    measures = group_measures(chosen.rules)
    if any(of.day is None or of.of == "payout_amount" for of in measures):
        raise Refused(OF_GROUPS.fill(policy=chosen.id))
    if portfolio.day is None and needs_day(chosen):
        raise Refused(NO_DAY.fill(policy=chosen.id))
    decided = conclude(ledgers, chosen, year, None)
    return BaseYear(decided.inputs, decided.claim_rows, decided, strict_dates)


def scaled(amounts: Integers, rows: Flags, total: int) -> Integers:
    """Return amounts of which those of some rows are scaled by one factor to a total, to the fen.

    `amounts`: (n, k) fen. They share the total by `money.split`: they add up to it exactly, none
    falls when it grows, and each is itself where the total is theirs.

    >>> scaled(np.array([[100, 1], [99, 0], [7, 7]]), np.array([True, True, False]), 100)
    array([[50,  1],
           [49,  0],
           [ 7,  7]])
    """
    changed = amounts.copy()
    weights = amounts[rows].reshape(1, -1)
    parts = split(np.array([total], dtype=np.int64), weights)
    changed[rows] = parts.reshape(-1, amounts.shape[1])
    return changed
