"""A settlement on a cluster is the one in memory: cells, types, totals, notes and warnings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyspark.sql import SparkSession

from compensation import InputFaults, Policy, Settlement, portfolio_of_frames, settle, settle_files
from compensation.money import MAX_TOTAL_FEN
from compensation.policy.catalogue import policy_of_texts
from compensation.settlement.settle import run_of
from compensation.spark import SparkSettlement
from compensation.spark import settle as settle_on
from compensation.spark.names import CLAIM
from compensation.spark.settling import Settling
from tests.assessing import read_rows
from tests.ledgers_of_years import DAYS, PERIODS, random_ledger
from tests.oracle_reading import Tables, money_text
from tests.settlement.test_case_by_case import by_case
from tests.settlement.test_other_policies import CAP, COLUMN, policy, totalled
from tests.settlement.test_values_by_year import ledger as ledger_by_year
from tests.settlement.test_values_by_year import policy as policy_by_year
from tests.settling import EXAMPLES, IDS, frames_of, input_of, params, policy_files, trial
from tests.spark.running import frames_on, plainly, said

KEYS = {"settlement": "claim_id", "settlement_institutions": "institution_id"}


def same(found: SparkSettlement, expected: Settlement) -> None:
    summary, in_memory = dict(found.summary), dict(expected.summary)
    assert said(summary.pop("warnings")) == said(in_memory.pop("warnings"))
    assert summary == in_memory | {"input_digest": None, "inputs": None}
    assert found.notes == expected.notes
    assert len(found.warnings) == len(expected.warnings)
    results = {"settlement": found.settlement, "settlement_institutions": found.institutions}
    for name, key in KEYS.items():
        table = results[name].toArrow().sort_by(key)
        assert table.schema == expected.tables[name].schema, name
        assert table.equals(expected.tables[name].sort_by(key)), name
    assert found.pool_statement.toArrow().equals(expected.tables["pool_statement"])
    assert (found.from_, found.to, found.budget) == (expected.from_, expected.to, expected.budget)
    found.release()


@pytest.mark.parametrize("name", ["trial-1", pytest.param("seed-4", marks=pytest.mark.slow)])
def test_the_examples(spark: SparkSession, name: str) -> None:
    run, source = params(name), EXAMPLES / name / "input"
    given = (policy_files(name), run["to"], run["from"], run["budget"])
    tables = frames_of({file.stem: read_rows(file) for file in sorted(source.iterdir())})
    same(settle_on(spark, frames_on(spark, tables), *given), settle_files(source, *given))


def case_by_case(*period: tuple[str, str | None]) -> list[Policy]:
    return [by_case(of) for of in trial(*period)]


def with_totals(*_: tuple[str, str | None]) -> list[Policy]:
    return [totalled(id_) for id_ in IDS]


def net_of_returns(*_: tuple[str, str | None]) -> list[Policy]:
    """By institution; in the ledger below, what came back makes room for 30,000 yuan."""
    cap = CAP.replace('years = "all"', 'years = "all"\nnet_of_returns = true')
    cap = cap.replace(', "contracts.borrower_id"', "")
    return [policy({"[review]\n": cap}, id_) for id_ in IDS]


def first_come(*period: tuple[str, str | None]) -> list[Policy]:
    order = 'method = "first_come"\norder = "claims.payout_date"\nunpaid = "owed_first"'
    cap = '[[caps]]\nid = "of_base"\nat_most = { times = ["case.base", 0.15] }\n'
    cap += 'clause = "1"\nbasis = "assumption"\n'
    texts = (of.texts["policy.toml"] for of in trial(*period))
    return [
        policy_of_texts({"policy.toml": f"{text}\n{cap}".replace('method = "pro_rata"', order)})
        for text in texts
    ]


@pytest.mark.parametrize(
    ("seed", "to", "period", "way", "short_by"),
    [
        (43, "2024-12-31", PERIODS[1], trial, 5_000_000),
        (56, "2023-12-31", PERIODS[3], first_come, 20_000_000),
        (43, "2024-11-30", PERIODS[1], case_by_case, 5_000_000),
        (43, "2024-12-31", PERIODS[0], with_totals, 5_000_000),
        (60, "2024-12-31", PERIODS[0], net_of_returns, 5_000),
    ],
)
@pytest.mark.slow
def test_ledgers_of_years(
    spark: SparkSession,
    seed: int,
    to: str,
    period: list[tuple[str, str | None]],
    way: Callable[..., Sequence[Policy]],
    short_by: int,
) -> None:
    tables, policies = frames_of(random_ledger(seed, 25)), way(*period)
    portfolio = portfolio_of_frames(**tables)
    unlimited = settle(portfolio, policies, to)
    assert unlimited.ledgers.rows("institutions") > 2
    budget = money_text(int(unlimited.granted.to_pay.sum()) - short_by)
    expected = settle(portfolio, policies, to, None, budget)
    assert expected.granted.outstanding.any()
    same(settle_on(spark, frames_on(spark, tables), policies, to, None, budget), expected)


def with_payers(of: Policy) -> Policy:
    payers = "".join(
        f'[[payers]]\nid = "{name}"\nname = {{ zh = "{name}" }}\n'
        f'clause = "1"\nbasis = "assumption"\nshare = {share}\n'
        for name, share in (("province", "0.3333"), ("city", "0.6667"))
    )
    return policy_of_texts({"policy.toml": f"{of.texts['policy.toml']}\n{payers}"})


@given(st.integers(0, 2**32 - 1), st.sampled_from(DAYS), st.sampled_from(PERIODS), st.data())
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_budget_changes_what_it_changes_in_memory(
    seed: int, to: date, period: list[tuple[str, str | None]], data: st.DataObject
) -> None:
    """Without a cluster: what is worked out of a claim alone is what the whole run works out."""
    portfolio = portfolio_of_frames(**frames_of(random_ledger(seed)))
    policies = [
        with_payers(policy) if place else policy for place, policy in enumerate(trial(*period))
    ]
    run, _ = run_of(policies, to, None, None)
    task = Settling(run)
    found = settle(portfolio, policies, to)
    budget = data.draw(st.integers(0, int(found.granted.to_pay.sum())))
    expected = settle(portfolio, policies, to, None, money_text(min(budget, MAX_TOTAL_FEN)))
    claims = task.results(found)[CLAIM].combine_chunks()
    for batch in claims.to_batches():
        changed = task.paid(batch, expected.granted.to_pay)
        for name in expected.tables["settlement"].column_names:
            column = changed.get(name, batch[name])
            assert column.equals(expected.tables["settlement"][name].combine_chunks()), name


def openings(with_year: bool) -> Tables:
    """Two institutions with opening figures, of which one has claims."""
    tables = input_of("trial-1")
    (first,) = tables["institutions"][:1]
    year = {"opening_year": "2022" if with_year else ""}
    figures = {"opening_balance": "1", "opening_borrowers": "1", **year}
    contract = {**tables["contracts"][0], "contract_id": "K", "institution_id": "other"}
    tables["institutions"] = [first | figures, {**first, **figures, "institution_id": "other"}]
    tables["contracts"].append(contract)
    return tables


@pytest.mark.slow
def test_an_institution_without_claims_of_a_year_that_is_decided(spark: SparkSession) -> None:
    """Its opening figures are held against its contracts all the same."""
    tables, policies = frames_of(openings(with_year=True)), trial()
    expected = settle(portfolio_of_frames(**tables), policies, "2023-12-31")
    stale = [w for w in expected.warnings if w.kind == "stale_opening"]
    assert {w.row for w in stale} == {1, 2}
    same(settle_on(spark, frames_on(spark, tables), policies, "2023-12-31"), expected)


@pytest.mark.slow
def test_values_by_year(spark: SparkSession) -> None:
    """They come to the institution's part; what has one value for all years is warned of once."""
    claims = [(id_, year, 100_000) for id_ in ("A", "B") for year in (2021, 2022)]
    by_year = ledger_by_year(
        claims, {("A", 2021): 30_000, ("A", 2022): 30_001, ("B", 2021): None, ("B", 2022): 0}
    )
    alone = ledger_by_year(claims, None)
    alone["institutions"]["npl"] = "1%"
    for tables, of in ((by_year, "institution_years"), (alone, "institutions")):
        rules = policy_by_year(of)
        expected = settle(portfolio_of_frames(**tables), rules, "2023-12-31")
        assert ("one_value" in {w.kind for w in expected.warnings}) == (of == "institutions")
        same(settle_on(spark, frames_on(spark, tables), rules, "2023-12-31"), expected)


@pytest.mark.slow
def test_years_by_a_day_of_the_policy_s_own(spark: SparkSession) -> None:
    """A claim filed in a year that is over, but paid out after the day, decides no year."""
    by_filing = policy(
        {"[trigger]\n": COLUMN, '"claims.payout_date"\nclause': '"claims.filed"\nclause'}
    )
    rows = openings(with_year=True)
    for row in rows["claims"]:
        row["filed"] = "2022-07-01"
    rows["claims"][-1]["filed"] = "2023-03-01"
    tables = frames_of(rows)
    expected = settle(portfolio_of_frames(**tables), by_filing, "2023-12-31")
    assert {each.year for each in expected.decided} == {2022}
    same(settle_on(spark, frames_on(spark, tables), by_filing, "2023-12-31"), expected)


@pytest.mark.slow
def test_no_claims(spark: SparkSession) -> None:
    tables = frames_of(input_of("trial-1"))
    tables = {name: tables[name] for name in ("institutions", "contracts", "pool", "claims")}
    tables["claims"] = tables["claims"].slice(0, 0)
    expected = settle(portfolio_of_frames(**tables), trial(), "2023-12-31")
    assert len(expected.notes) == 3
    same(settle_on(spark, frames_on(spark, tables), trial(), "2023-12-31"), expected)


@pytest.mark.slow
def test_faults_of_rows(spark: SparkSession) -> None:
    tables = openings(with_year=False)
    tables["payments"][0]["amount"] = "9999999"
    tables["pool"].append({**tables["pool"][0], "entry_id": "again"})
    with_faults = [
        tables,
        {**tables, "payments": tables["payments"][1:], "pool": tables["pool"][:-1]},
    ]
    kinds = []
    for wrong in map(frames_of, with_faults):
        with pytest.raises(InputFaults) as expected:
            settle(portfolio_of_frames(**wrong), trial(), "2024-12-31")
        with pytest.raises(InputFaults) as found:
            settle_on(spark, frames_on(spark, wrong), trial(), "2024-12-31")
        assert plainly(expected.value.faults) <= plainly(found.value.faults)
        kinds.append({fault.kind for fault in found.value.faults})
    assert "second_opening" in kinds[0]
    assert kinds[1] == {"opening_without_year"}


@pytest.mark.slow
def test_faults_of_what_is_asked(spark: SparkSession) -> None:
    tables, policies = frames_of(random_ledger(5)), [*trial(), *trial()]
    with pytest.raises(InputFaults) as expected:
        settle(portfolio_of_frames(**tables), policies, "2024-02-30", None, "-1")
    with pytest.raises(InputFaults) as found:
        settle_on(spark, frames_on(spark, tables), policies, "2024-02-30", None, "-1")
    assert plainly(found.value.faults) == plainly(expected.value.faults)
