"""A settlement over files and frames, without holding all contracts' texts, as `parts` assesses."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from compensation.faults.groups import FaultGroup
from compensation.faults.input_faults import InputFaults
from compensation.ledger.loading import Step, tell_nobody
from compensation.ledger.portfolio_input import open_frames
from compensation.readers.changing_input import unchanged
from compensation.readers.reading import open_input
from compensation.settlement.period import Day
from compensation.settlement.settle import (
    PolicyGiven,
    SettlementRun,
    run_of,
    settle_ledgers,
    settle_run,
)
from compensation.settlement.settlement import Settlement
from compensation.streaming import ledgers_for, no_review_sheet, whole_portfolio
from compensation.tables.pieces import Pieces

if TYPE_CHECKING:
    from compensation.ledger.reviews import Reviews


def settle_files(
    path: str | os.PathLike[str],
    policies: PolicyGiven | Sequence[PolicyGiven],
    to: Day,
    from_: Day | None = None,
    budget: Decimal | int | str | None = None,
    *,
    reviews: Reviews | None = None,
    step: Step | None = None,
) -> Settlement:
    """Read, check and settle an input in one go, holding no more of its contracts than need be.

    As `settle` of `read_portfolio`, with the same result; but no portfolio is held. Contracts in
    Parquet may be larger than memory. `reviews`: decisions to take in place of the claims table's.
    `step` is called with the number of contracts done, and of all. Raises `InputFaults` with every
    fault of the input, the days, the budget and the policies; `PolicyFaults`.

    >>> settlement = settle_files("examples/jiyuan-2022.xlsx", ["jiyuan-2022"], "2022-12-31")
    >>> settlement.summary["totals"]["to_pay"]
    '132041.75'
    """
    with unchanged(path):
        tables, unread = open_input(path)
        run, faults = run_of(policies, to, from_, budget)
        return _settled(tables, unread, run, faults, reviews, step or tell_nobody)


def settle_frames(
    frames: Mapping[str, object | None],
    policies: PolicyGiven | Sequence[PolicyGiven],
    to: Day,
    from_: Day | None = None,
    budget: Decimal | int | str | None = None,
) -> Settlement:
    """Check and settle tables that are in memory, in one go; `frames`: by the names of the tables.

    As `settle` of `portfolio_of_frames`, with the same result; but what is wrong with the tables,
    the days, the budget and the policies is said at once, and no portfolio is held.
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
    >>> settle_frames(frames, ["jiyuan-2022"], "2022-12-31").summary["totals"]["to_pay"]
    '0.00'
    """
    tables, faults = open_frames(frames)
    return _settled(tables, faults, *run_of(policies, to, from_, budget))


def _settled(
    tables: Mapping[str, Pieces],
    unread: list[FaultGroup],
    run: SettlementRun,
    faults: list[FaultGroup],
    reviews: Reviews | None = None,
    step: Step = tell_nobody,
) -> Settlement:
    """Load tables, and settle; `unread`: what is wrong with those that are not there."""
    if run.policies and run.policies[0].rules.record != "payout":
        no_review_sheet(run.policies[0], reviews)
        if faults:
            raise InputFaults(faults)
        return settle_run(whole_portfolio(tables, unread, run.policies[0]), run)
    day = None if run.period is None else run.period.end
    ledgers = ledgers_for(run.policies, tables, [*faults, *unread], day, reviews=reviews, step=step)
    return settle_ledgers(ledgers, run)
