"""A year under several policies over files, without holding all contracts' texts; see `parts`."""

from __future__ import annotations

import datetime
import os
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from compensation.joint_assessment import JointAssessment, assess_ledgers, joint_run_of
from compensation.ledger.loading import Step, tell_nobody
from compensation.ledger.reading import open_input
from compensation.ledger.unchanged import unchanged
from compensation.policy.catalogue import Policy
from compensation.settlement.files import ledgers_for

if TYPE_CHECKING:
    from compensation.ledger.reviews import Reviews


def assess_policies_files(
    path: str | os.PathLike[str],
    policies: Sequence[str | os.PathLike[str] | Policy],
    year: int,
    budget: Decimal | int | str | None = None,
    *,
    as_of: datetime.date | str | None = None,
    reviews: Reviews | None = None,
    step: Step | None = None,
) -> JointAssessment:
    """Read, check and assess an input under several policies, as `assess_files` under one.

    As `assess_policies` of `read_portfolio`, with the same result; but no portfolio is held.
    `budget`: yuan. Raises `InputFaults` with every fault; `PolicyFaults`.
    """
    with unchanged(path):
        tables, unread = open_input(path)
        run, faults = joint_run_of(policies, year, budget, as_of)
        faults += unread
        ledgers = ledgers_for(run.policies, tables, faults, run.day, reviews, step or tell_nobody)
        return assess_ledgers(ledgers, run)
