"""On a cluster comes out what comes out in memory: cells, types, totals and warnings."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyspark.sql import SparkSession

from compensation import (
    Assessment,
    JointAssessment,
    assess,
    assess_policies,
    portfolio_of_frames,
)
from compensation.spark import SparkAssessment
from compensation.spark import assess as assess_on
from compensation.spark import assess_policies as assess_policies_on
from tests.assessing import frames_of
from tests.ledgers_of_years import PERIODS, random_ledger
from tests.one_claim import small
from tests.oracle_reading import Tables, money_text
from tests.policy.test_small_policies import small as small_policy
from tests.portfolios import random_portfolio
from tests.portfolios_luoyang import random_luoyang_portfolio
from tests.settling import frames_of as frames_of_years
from tests.settling import trial
from tests.spark.running import by_id, frames_on, results_on, said


def short(due: int) -> str:
    """A budget that leaves a fen or more over for some."""
    return money_text(due // 3 + 1)


def a_fen_short(due: int) -> str:
    return money_text(due - 1)


def same(found: SparkAssessment, expected: Assessment | JointAssessment) -> None:
    summary, in_memory = dict(found.summary), dict(expected.summary)
    warnings = said(summary.pop("warnings"))
    results = results_on(found)
    for name, table in by_id(expected.tables).items():
        assert results[name].schema == table.schema, name
        assert results[name].equals(table), name
    assert warnings == said(in_memory.pop("warnings"))
    assert len(found.warnings) == len(expected.warnings)
    assert summary == in_memory | {"input_digest": None, "inputs": None}
    assert (found.year, found.budget) == (expected.year, expected.budget)


@pytest.mark.parametrize(
    ("make", "seed", "policy", "year", "budget"),
    [
        (random_portfolio, 12, "jiyuan-2022", 2022, short),
        pytest.param(
            *(random_luoyang_portfolio, 28, "luoyang-2025", 2025, a_fen_short),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_row_for_row(
    spark: SparkSession,
    make: Callable[[int], Tables],
    seed: int,
    policy: str,
    year: int,
    budget: Callable[[int], str],
) -> None:
    tables = frames_of(make(seed))
    portfolio = portfolio_of_frames(**tables)
    assert portfolio.rows("institutions") > 2
    due = assess(portfolio, policy, year).decisions.total_due
    assert due > 1000
    limit = budget(due)
    expected = assess(portfolio, policy, year, limit)

    found = assess_on(spark, frames_on(spark, tables), policy, year, limit)
    assert found.policy == expected.policy
    same(found, expected)


@pytest.mark.slow
def test_returns_of_parts_net_of_limited_costs(spark: SparkSession) -> None:
    policy = small_policy(
        "[returns]\ncosts = { of_proceeds = 0.01, at_most = 9_000 }\n"
        'parts = [{ of = "claims.interest", borne_by = ["government", "institution"] }]',
        base='"claims.payout"',
    )
    tables = frames_of(random_portfolio(12))
    expected = assess(portfolio_of_frames(**tables), policy, 2022)
    plain = assess(portfolio_of_frames(**tables), small_policy(base='"claims.payout"'), 2022)
    assert not expected.tables["returns"].equals(plain.tables["returns"])
    same(assess_on(spark, frames_on(spark, tables), policy, 2022), expected)


@pytest.mark.slow
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


@pytest.mark.slow
def test_as_of_a_day(spark: SparkSession) -> None:
    tables, policy = frames_of_years(random_ledger(75, 25)), trial(*PERIODS[1])[0]
    portfolio, day = portfolio_of_frames(**tables), "2022-12-30"
    due = assess(portfolio, policy, 2022, as_of=day).decisions.total_due
    assert due > 1000
    expected = assess(portfolio, policy, 2022, short(due), as_of=day)
    assert "part_of_year" in {warning.kind for warning in expected.warnings}
    assert expected.ledgers.rows("claims") < portfolio.rows("claims")
    given = frames_on(spark, tables)
    same(assess_on(spark, given, policy, 2022, short(due), as_of=day), expected)


@pytest.mark.slow
def test_under_several_policies(spark: SparkSession) -> None:
    tables, policies = frames_of_years(random_ledger(43, 25)), trial(*PERIODS[1])
    portfolio, day = portfolio_of_frames(**tables), "2023-06-30"
    due = sum(
        each.decisions.total_due
        for each in assess_policies(portfolio, policies, 2022, as_of=day).decided
    )
    assert due > 1000
    expected = assess_policies(portfolio, policies, 2022, short(due), as_of=day)
    assert len(expected.decided) == 2
    given = frames_on(spark, tables)
    same(assess_policies_on(spark, given, policies, 2022, short(due), as_of=day), expected)
