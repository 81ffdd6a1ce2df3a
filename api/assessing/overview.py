"""What an answer says beside its tables: sums that a page draws, and names of institutions."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from api.assessing.computing import Result
from compensation import Assessment
from compensation.rules.award import STATUSES
from compensation.values.printing import yuan, yuan_text

GOVERNMENT = "government"


def overview_of(result: Result) -> dict[str, Any]:
    """Return the names of institutions, those without one left out; of an assessment also sums."""
    ids, names = (
        result.ledgers.column("institutions", name).to_pylist()
        for name in ("institution_id", "institution_name")
    )
    named = {id_: name for id_, name in zip(ids, names, strict=True) if name}
    sums = _year(result) if isinstance(result, Assessment) else {}
    return {**sums, "institution_names": named}


def _year(assessment: Assessment) -> dict[str, Any]:
    """Return the year's claims by status, and what each party bears of their payouts.

    What a party bears is taken once government has paid: `compensation_paid` and `payable` are
    taken off the beneficiary's part, as in the returns of recoveries. The parts add up to the
    payouts. Amounts are texts in yuan.
    """
    claims = assessment.tables["claims"]
    weights = assessment.recovered.weights[assessment.claim_rows].sum(axis=0, dtype=np.int64)
    parties = (GOVERNMENT, *assessment.ledgers.parties)
    return {
        "by_status": {status: _sums(claims, status) for status in STATUSES},
        "borne": {party: yuan(int(fen)) for party, fen in zip(parties, weights, strict=True)},
    }


def _sums(claims: pa.Table, status: str) -> dict[str, Any]:
    """Return how many claims of the year have a status, and what they come to."""
    own = claims.filter(pc.equal(claims["status"], status))
    return {
        "claims": own.num_rows,
        **{name: _total(own[name]) for name in ("payout", "compensation", "payable")},
    }


def _total(column: pa.ChunkedArray) -> str:
    return yuan_text(pc.sum(column).as_py() or Decimal(0))
