"""The years that a settlement decides, found by the days of all claims before any part is decided.

A part may have no claim of a year that others have; opening figures are held against all of them.
"""

from __future__ import annotations

import numpy as np
from pyspark.sql import functions as F  # noqa: N812, as everybody writes it

from compensation.arrays import numbers
from compensation.columns import Integers
from compensation.schema.dictionary import CLAIMS
from compensation.settlement.deciding import PolicyYears, decided_years
from compensation.settlement.in_force import coverage, trigger_of
from compensation.settlement.settle import DecidedYears, SettlementRun
from compensation.spark.ledgers import Ledger, days_of
from compensation.tables.raw import whole_array


def years_decided(claims: Ledger, run: SettlementRun) -> DecidedYears:
    """Return the policies and years with claims to decide; the days of claims come to the driver.

    A claim without a day that can be read is a fault of its own, or has no year.
    """
    assert run.period is not None
    end = run.period.end
    key, own = trigger_of(run.policies[0])
    trigger = own or CLAIMS.column(key.partition(".")[2])
    days = claims.rows.select(
        days_of(claims, trigger).alias("day"),
        days_of(claims, CLAIMS.column("payout_date")).alias("payout"),
    )
    counts = (F.unix_date("payout") <= end).alias("counts")
    found = days.dropna().select("day", counts).distinct().toArrow()
    day = numbers(whole_array(found["day"])).astype(np.int64)
    counting = np.array(found["counts"].to_pylist(), dtype=np.bool_)

    def years(of: Integers) -> PolicyYears:
        covered = coverage(run.policies, [of] * len(run.policies))
        return decided_years(run.policies, covered, end)

    return DecidedYears(years(day), years(day[counting]))
