"""The pipeline over files and frames: checked, and decided, without holding all contracts' texts.

What a run needs of all contracts are a few numbers; of contracts themselves only those that claims
name. So they are loaded for the policies of the run alone (`ledgers_for`), and decided as a
portfolio that is held is: the result is that of `assess` on the whole portfolio, byte for byte.

In memory at a time: a few blocks of contracts, all releases, claims and recoveries, and some fifty
bytes for each contract.
"""

from __future__ import annotations

import datetime
import operator
import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa

from compensation.assessment import Assessment, assess, budget_fen, conclude, year_faults
from compensation.engine.measures_needed import tables_measured, tested_contract_columns
from compensation.engine.needed_columns import policy_faults
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger.as_of import day_of
from compensation.ledger.loading import Loading, Step, portfolio_of, tell_nobody
from compensation.ledger.portfolio import Ledgers, Portfolio
from compensation.ledger.records import Record
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.variables import extra_columns
from compensation.readers.changing_input import unchanged
from compensation.readers.reading import open_input
from compensation.schema.column import Column
from compensation.tables.pieces import Pieces

if TYPE_CHECKING:
    from compensation.ledger.reviews import Reviews


NO_REVIEWS = Text(
    "政策 {policy} 不按代偿计算，审核决定填在合同表或机构表中，不用审核表",
    "policy {policy} is not about payouts: its decisions stand in the contracts or institutions "
    "table, not in a review sheet",
)
UNNEEDED: Mapping[Record, tuple[str, ...]] = {
    "payout": (),
    "contract": ("claims",),
    "institution": ("claims", "contracts"),
}
"""The tables that need not be there, by what a case is."""


def assess_files(
    path: str | os.PathLike[str],
    policy: str | os.PathLike[str] | Policy,
    year: int,
    budget: Decimal | int | str | None = None,
    *,
    as_of: datetime.date | str | None = None,
    reviews: Reviews | None = None,
    step: Step | None = None,
) -> Assessment:
    """Read, check and assess an input in one go, holding no more of its contracts than need be.

    As `assess` of `read_portfolio`, with the same result; but no portfolio is held. Contracts in
    Parquet may be larger than memory. `as_of`: as for `assess`. `reviews`: decisions to take in
    place of the claims table's. `step` is called with the number of contracts done, and of all.
    Raises `InputFaults` with every fault of the input, the year, the budget and the day;
    `PolicyFaults`.

    >>> result = assess_files("examples/jiyuan-2022.xlsx", "jiyuan-2022", 2022, budget="100000")
    >>> result.summary["totals"]["payable"]
    '100000.00'
    """
    chosen = load_policy(policy)
    year = operator.index(year)
    if chosen.rules.record != "payout":
        no_review_sheet(chosen, reviews)
        return assess(portfolio_for(path, [chosen]), chosen, year, budget, as_of=as_of)
    with unchanged(path):
        tables, unread = open_input(path)
        return _assessed(tables, unread, chosen, year, budget, as_of, reviews, step or tell_nobody)


def assess_frames(
    frames: Mapping[str, object | None],
    policy: str | os.PathLike[str] | Policy,
    year: int,
    budget: Decimal | int | str | None = None,
    *,
    as_of: datetime.date | str | None = None,
) -> Assessment:
    """Check and assess tables that are in memory, in one go; `frames`: by the names of the tables.

    As `assess` of `portfolio_of_frames`, with the same result; but what is wrong with the tables,
    the year, the budget and for the policy is said at once, and no portfolio is held.
    Raises `InputFaults` with every fault; `PolicyFaults`.

    >>> import pandas
    >>> institutions = pandas.DataFrame({"institution_id": ["I1"], "government_backed": ["是"]})
    >>> contracts = pandas.DataFrame(
    ...     {"contract_id": ["K1"], "institution_id": ["I1"], "borrower_id": ["B1"]}
    ... )
    >>> contracts["guaranteed_amount"], contracts["start_date"] = "1000000", "2021-03-01"
    >>> contracts["borrower_type"] = "小型企业"
    >>> claims = pandas.DataFrame(
    ...     {"claim_id": ["C1"], "contract_id": ["K1"], "principal": ["500000"]}
    ... )
    >>> claims["payout_date"] = "2022-06-30"
    >>> frames = {"institutions": institutions, "contracts": contracts, "claims": claims}
    >>> assess_frames(frames, "jiyuan-2022", 2022).claims["status"].tolist()
    ['ineligible']
    """
    # Most inputs are files, as those of the command all are.
    from compensation.ledger.portfolio_input import open_frames

    chosen = load_policy(policy)
    tables, faults = open_frames(frames)
    if chosen.rules.record != "payout":
        return assess(whole_portfolio(tables, faults, chosen), chosen, year, budget, as_of=as_of)
    return _assessed(tables, faults, chosen, operator.index(year), budget, as_of)


def portfolio_for(path: str | os.PathLike[str], policies: Sequence[Policy]) -> Portfolio:
    """Read and check an input whole, with the tables that the policies need."""
    with unchanged(path):
        tables, faults = open_input(path)
        return whole_portfolio(tables, faults, policies[0])


def no_review_sheet(policy: Policy, reviews: Reviews | None) -> None:
    """Raise `InputFaults` for a review sheet, which policies that are not about payouts lack."""
    if reviews is not None:
        raise InputFaults([whole("no_payouts", NO_REVIEWS.fill(policy=policy.id))])


def whole_portfolio(
    tables: Mapping[str, Pieces], faults: list[FaultGroup], policy: Policy
) -> Portfolio:
    """Return the portfolio for a policy whose cases are contracts or institutions, held whole.

    The table of claims need not be there, and where cases are institutions, that of contracts, if
    no indicator that the policy looks at counts what they hold.
    """
    record = policy.rules.record
    unneeded = set(UNNEEDED[record]) - tables_measured(policy)
    needed = [
        fault for fault in faults if fault.kind != "missing_table" or fault.table not in unneeded
    ]
    return portfolio_of(tables, needed, part=record == "institution", record=record)


def _assessed(
    tables: Mapping[str, Pieces],
    unread: list[FaultGroup],
    policy: Policy,
    year: int,
    budget: Decimal | int | str | None,
    as_of: datetime.date | str | None,
    reviews: Reviews | None = None,
    step: Step = tell_nobody,
) -> Assessment:
    """Load tables, and decide the year; `unread`: what is wrong with those that are not there."""
    in_fen, faults = budget_fen(budget)
    faults += year_faults(policy, year)
    day, no_day = (None, []) if as_of is None else day_of(as_of)
    faults += [*no_day, *unread]
    ledgers = ledgers_for([policy], tables, faults, day, reviews=reviews, step=step)
    return conclude(ledgers, policy, year, in_fen, day=day)


def ledgers_for(
    policies: Sequence[Policy],
    tables: Mapping[str, Pieces],
    faults: list[FaultGroup],
    day: int | None,
    *,
    reviews: Reviews | None = None,
    step: Step = tell_nobody,
) -> Ledgers:
    """Load tables for some policies, holding no more of contracts than they look at.

    `faults`: those met so far. `day`: as of which the ledgers will be looked at. Raises
    `InputFaults` with every fault.
    """
    extra, differing = declared_columns(policies)
    loading = Loading(tables, [*faults, *differing], extra)
    for policy in policies:
        present, rows = loading.present, loading.rows.__getitem__
        loading.report(policy_faults(policy, present, rows, loading.faults))
    ledgers = loading.load(set().union(*map(tested_contract_columns, policies)), step, day)
    if reviews is not None:
        # Most runs have no review sheet.
        from compensation.ledger.reviews import apply_reviews

        ledgers = apply_reviews(ledgers, reviews)
    # What reading took goes back to the system before the rules need it.
    del loading
    pa.default_memory_pool().release_unused()
    return ledgers


def declared_columns(
    policies: Sequence[Policy],
) -> tuple[dict[str, list[Column]], list[FaultGroup]]:
    """Return the columns that policies add, by table.

    A column that two policies declare must be the same in both; else it is a fault. What one of
    them takes for a percentage written as a number is one for all.
    """
    declared: dict[tuple[str, str], Column] = {}
    faults: list[FaultGroup] = []
    for policy in policies:
        for table, columns in extra_columns(policy.rules).items():
            for column in columns:
                first = declared.setdefault((table, column.name), column)
                if first._replace(note=column.note, implausible=column.implausible) != column:
                    faults.append(_declared_differently(policy, table, column))
                limits = (each.implausible for each in (first, column))
                least = min((each for each in limits if each is not None), default=None)
                declared[table, column.name] = first._replace(implausible=least)
    by_table: dict[str, list[Column]] = {}
    for (table, _), column in declared.items():
        by_table.setdefault(table, []).append(column)
    return by_table, faults


def _declared_differently(policy: Policy, table: str, column: Column) -> FaultGroup:
    message = Text(
        "政策 {policy} 对列 {title} 的规定与其他政策不同，不能同时使用",
        "policy {policy} declares column {title} otherwise than another policy; they cannot be"
        " used together",
    ).fill(policy=policy.id, title=column.title)
    return whole("declared_differently", message, table=table, column=column.name)
