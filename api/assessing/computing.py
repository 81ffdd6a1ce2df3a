"""What computes the ledgers of a request: an assessment or a settlement, and what is explained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from api.assessing.order import AnyFields
from api.assessing.settlement_models import SettlementFields
from compensation import (
    Assessment,
    Portfolio,
    Settlement,
    assess_files,
    assess_frames,
    portfolio_of_frames,
    read_portfolio,
)
from compensation.settlement.settle import settle_when_read

Result = Assessment | Settlement


def of_file(source: Path, fields: AnyFields) -> Result:
    """Compute an input of the library; raises `InputFaults`."""
    if isinstance(fields, SettlementFields):
        return _settled(partial(read_portfolio, source), fields)
    return assess_files(source, fields.policy, fields.year, fields.budget, as_of=fields.as_of)


def of_frames(frames: Mapping[str, Any], fields: AnyFields) -> Result:
    """Compute tables that are in memory; raises `InputFaults`."""
    if isinstance(fields, SettlementFields):
        return _settled(partial(portfolio_of_frames, **frames), fields)
    return assess_frames(frames, fields.policy, fields.year, fields.budget, as_of=fields.as_of)


def _settled(read: Callable[[], Portfolio], fields: SettlementFields) -> Settlement:
    return settle_when_read(read, fields.policies, fields.to, fields.from_, fields.budget)
