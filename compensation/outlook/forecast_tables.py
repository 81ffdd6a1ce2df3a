"""The tables of a forecast: years, institutions, and every line of arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, texts
from compensation.columns import Integers, group_sum
from compensation.explanation.lines import Line, lines_at
from compensation.money import PRINTED_SCALE
from compensation.outlook.projection import ForecastYear
from compensation.results import indicator_column, money, ratio_column, reasons
from compensation.rules.decision import rate_is_institutions, rates_of
from compensation.rules.pool import lines_of

POOL = ("opening", "compensated", "returned_in_all", "budget_need", "closing")
COLUMNS_OF_POOL = {
    "opening": "pool_opening",
    "budget_need": "budget_need",
    "closing": "pool_closing",
}
"""What the table of years shows of the pool, by the names of its lines."""


def forecast_tables(years: Sequence[ForecastYear], ids: Sequence[str]) -> Mapping[str, pa.Table]:
    """Return the three tables by name; ``ids``: of the institutions, in their order."""
    return {
        "forecast_years": _years_table(years),
        "forecast_institutions": pa.concat_tables([_of_year(year, ids) for year in years]),
        "forecast_lines": _lines_table(years, ids),
    }


def _whole(years: Sequence[ForecastYear], value: Callable[[ForecastYear], int]) -> Integers:
    return np.array([value(year) for year in years], dtype=np.int64)


def _years_table(years: Sequence[ForecastYear]) -> pa.Table:
    columns = {
        "assumption": texts([year.assumption for year in years]),
        "year": arrow(_whole(years, lambda year: year.year)),
        "released_amount": money(_whole(years, lambda year: int(year.released.sum()))),
        "payout_amount": money(_whole(years, lambda year: int(year.payout.sum()))),
        "compensation": money(_whole(years, lambda year: int(year.compensation.sum()))),
        "returned_to_government": money(_whole(years, lambda year: int(year.returned.sum()))),
    }
    pools = [lines_of(year.pool) for year in years]
    for line, name in COLUMNS_OF_POOL.items():
        known = np.array([line in pool for pool in pools], dtype=np.bool_)
        fen = np.array([pool.get(line, 0) for pool in pools], dtype=np.int64)
        columns[name] = pa.compute.if_else(arrow(known), money(fen), None)
    return pa.table(columns)


def _of_year(of: ForecastYear, ids: Sequence[str]) -> pa.Table:
    """Return a row for each institution in one year."""
    decided, rows = of.decided, len(ids)
    verdicts, policy = decided.verdicts, decided.policy
    conditions = zip(policy.rules.institution_conditions, verdicts.conditions, strict=True)
    failed = {condition.id: ~outcome.passed for condition, outcome in conditions}
    own = verdicts.eligible & (verdicts.tier >= 0)
    rates = np.zeros(rows, dtype=np.int64)
    above = np.zeros(rows, dtype=np.int64)
    if rate_is_institutions(policy):
        rates = rates_of(policy, verdicts.tier, decided.institution_variables)
        above = rates_of(policy, of.worth.tier, decided.institution_variables)
    institution = decided.cases.institution
    eligible = group_sum(decided.decisions.eligible.astype(np.int64), institution, rows)
    has_next = of.worth.tier >= 0
    return pa.table(
        {
            "assumption": texts([of.assumption] * rows),
            "year": arrow(np.full(rows, of.year, dtype=np.int64)),
            "institution_id": texts(ids),
            "released_amount": money(of.released),
            "payout_amount": money(of.payout),
            "payout_rate": indicator_column(decided.indicators["payout_rate"]),
            "eligible": arrow(verdicts.eligible),
            "reasons": reasons(failed, rows),
            "tier": arrow(verdicts.tier + 1, own),
            "rate": _millionths(rates, own),
            "claims": arrow(group_sum(np.ones_like(institution), institution, rows)),
            "eligible_claims": arrow(eligible),
            "compensation": money(of.compensation),
            "returned_to_government": money(of.returned),
            "next_tier": arrow(of.worth.tier + 1, has_next),
            "next_rate": _millionths(above, has_next),
            "next_tier_gain": pa.compute.if_else(arrow(has_next), money(of.worth.gain), None),
        }
    )


def _millionths(rates: Integers, known: np.ndarray) -> pa.Array:
    return ratio_column(rates, np.full_like(rates, PRINTED_SCALE), known)


def _lines(
    years: Sequence[ForecastYear], ids: Sequence[str]
) -> Iterator[tuple[ForecastYear, str | None, Line]]:
    """Yield every line: those of each institution, then those of the pool, year by year."""
    for year in years:
        for row, id_ in enumerate(ids):
            for line in lines_at(year.steps, row):
                yield year, id_, line
        for line in lines_at(year.pool, 0):
            yield year, None, line


def _lines_table(years: Sequence[ForecastYear], ids: Sequence[str]) -> pa.Table:
    rows = list(_lines(years, ids))
    return pa.table(
        {
            "assumption": texts([year.assumption for year, _, _ in rows]),
            "year": arrow(np.array([year.year for year, _, _ in rows], dtype=np.int64)),
            "institution_id": texts([id_ for _, id_, _ in rows]),
            "line": texts([line.name for _, _, line in rows]),
            "value": texts([line.value for _, _, line in rows]),
            "said": texts([line.describe("zh") for _, _, line in rows]),
            "said_en": texts([line.describe("en") for _, _, line in rows]),
        }
    )
