"""On a cluster comes out what comes out in memory: cells, types, totals and warnings."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
from pyspark.sql import SparkSession

from compensation import assess, portfolio_of_frames
from compensation.spark import assess as assess_on
from tests.assessing import frames_of
from tests.one_claim import small
from tests.oracle_reading import Tables, money_text
from tests.portfolios import random_portfolio
from tests.portfolios_luoyang import random_luoyang_portfolio
from tests.spark.running import by_id, frames_on, results_on


def short(due: int) -> str:
    """A budget that leaves a fen or more over for some."""
    return money_text(due // 3 + 1)


def a_fen_short(due: int) -> str:
    return money_text(due - 1)


def said(warnings: list[dict[str, str]]) -> Counter[tuple[str, str]]:
    """Warnings, but for how they call other rows: by number in memory, by id on a cluster."""
    other = re.compile("第 [0-9]+ 行|编号“.*?”")
    return Counter((w["column"], other.sub("…", w["message"])) for w in warnings)


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
    warnings = said(summary.pop("warnings"))
    results = results_on(found)
    for name, table in by_id(expected.tables).items():
        assert results[name].schema == table.schema, name
        assert results[name].equals(table), name
    in_memory = dict(expected.summary)
    assert warnings == said(in_memory.pop("warnings"))
    unknown = {"input_digest": None, "inputs": None}
    assert summary == in_memory | unknown
    assert (found.policy, found.year, found.budget) == (expected.policy, year, expected.budget)


def test_guards_call_other_rows_by_their_ids(spark: SparkSession) -> None:
    tables = small(contracts={"borrower_id": "b-1"})
    contract, claim = tables["contracts"][0], tables["claims"][0]
    tables["contracts"].append({**contract, "contract_id": "K2", "borrower_id": "B1"})
    days = ["2022-06-30", "2021-12-31", "2032-06-30"]
    tables["claims"] += [
        {**claim, "claim_id": f"C{n}", "payout_date": day} for n, day in enumerate(days, 2)
    ]
    found = assess_on(spark, frames_on(spark, frames_of(tables)), "jiyuan-2022", 2022)
    warnings = {w.kind: w for w in found.warnings}
    twice, alike, years = (warnings[k] for k in ("entered_twice", "ids_alike", "other_years"))
    # Which of two rows is the later one is open: DataFrames have no order.
    assert twice.row is None
    assert twice.message.zh.endswith(
        "与编号“{}”相同".format({"C1": "C2", "C2": "C1"}[twice.id or ""])
    )
    assert alike.row is None
    in_words = {"K1": "“b-1” and, in id “K2”, “B1”", "K2": "“B1” and, in id “K1”, “b-1”"}
    assert alike.message.en.endswith(in_words[alike.id or ""])
    assert "4 笔代偿中有 2 笔不属于 2022 年度" in years.message.zh
    assert "2021 年 1 笔、2032 年 1 笔" in years.message.zh
