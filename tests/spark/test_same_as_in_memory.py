"""On a cluster comes out what comes out in memory: cells, types, totals and warnings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from pyspark.sql import SparkSession

from compensation import assess, portfolio_of_frames
from compensation.spark import assess as assess_on
from tests.assessing import frames_of
from tests.oracle_reading import Tables, money_text
from tests.portfolios import random_portfolio
from tests.portfolios_luoyang import random_luoyang_portfolio
from tests.spark.running import by_id, frames_on, results_on


def short(due: int) -> str:
    """A budget that leaves a fen or more over for some."""
    return money_text(due // 3 + 1)


def a_fen_short(due: int) -> str:
    return money_text(due - 1)


@pytest.mark.parametrize(
    ("make", "seed", "policy", "year", "budget"),
    [
        (random_portfolio, 11, "jiyuan-2022", 2022, None),
        (random_portfolio, 12, "jiyuan-2022", 2022, short),
        (random_luoyang_portfolio, 28, "luoyang-2025", 2025, a_fen_short),
    ],
)
def test_row_for_row(
    spark: SparkSession,
    make: Callable[[int], Tables],
    seed: int,
    policy: str,
    year: int,
    budget: Callable[[int], str] | None,
) -> None:
    tables = frames_of(make(seed))
    portfolio = portfolio_of_frames(**tables)
    assert portfolio.rows("institutions") > 2
    limit = None
    if budget is not None:
        due = assess(portfolio, policy, year).decisions.total_due
        assert due > 1000
        limit = budget(due)
    expected = assess(portfolio, policy, year, limit)

    found = assess_on(spark, frames_on(spark, tables), policy, year, limit)
    summary = dict(found.summary)
    warnings = Counter((w["column"], w["message"]) for w in summary.pop("warnings"))
    results = results_on(found)
    for name, table in by_id(expected.tables).items():
        assert results[name].schema == table.schema, name
        assert results[name].equals(table), name
    in_memory = dict(expected.summary)
    assert warnings == Counter((w["column"], w["message"]) for w in in_memory.pop("warnings"))
    unknown = {"input_digest": None, "inputs": None}
    assert summary == in_memory | unknown
    assert (found.policy, found.year, found.budget) == (expected.policy, year, expected.budget)
