"""What computes the ledgers of a request: an assessment or a settlement, and what is explained."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from api.assessing.order import AnyFields
from api.assessing.settlement_models import SettlementFields
from compensation import (
    Assessment,
    Settlement,
    assess_files,
    assess_frames,
    settle_files,
    settle_frames,
)

Result = Assessment | Settlement


def of_file(source: Path, fields: AnyFields) -> Result:
    """Compute an input of the library; raises `InputFaults`."""
    if isinstance(fields, SettlementFields):
        return settle_files(source, fields.policies, fields.to, fields.from_, fields.budget)
    return assess_files(source, fields.policy, fields.year, fields.budget, as_of=fields.as_of)


def of_frames(frames: Mapping[str, Any], fields: AnyFields) -> Result:
    """Compute tables that are in memory; raises `InputFaults`."""
    if isinstance(fields, SettlementFields):
        return settle_frames(frames, fields.policies, fields.to, fields.from_, fields.budget)
    return assess_frames(frames, fields.policy, fields.year, fields.budget, as_of=fields.as_of)
