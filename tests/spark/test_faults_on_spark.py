"""Wrong input is told on a cluster as anywhere, by the ids of rows in place of their numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from compensation import InputFaults, Policy, PolicyFaults, assess, portfolio_of_frames
from compensation.issues import Issue, Place
from compensation.spark import assess as assess_on
from docs.cookbook_page import RECIPES
from tests.assessing import frames_of
from tests.oracle_reading import Tables
from tests.policy.test_small_policies import columns, small
from tests.portfolios import random_portfolio
from tests.spark.running import frames_on, plainly

INVENTED = Path(__file__).parent.parent / "policy" / "invented"


def told(run: Callable[[], object]) -> InputFaults:
    with pytest.raises(InputFaults) as caught:
        run()
    return caught.value


def wrong_portfolio() -> Tables:
    """Something wrong of every sort, in rows of several institutions."""
    tables = random_portfolio(11)
    contracts, claims, recoveries = (tables[n] for n in ("contracts", "claims", "recoveries"))
    first = contracts[0]
    other = next(c for c in contracts if c["institution_id"] != first["institution_id"])
    other["contract_id"] = f" {first['contract_id']}\u3000"
    for row, amount in zip(contracts[5:9], ["abc", "0", "", "1,00"], strict=True):
        row["guaranteed_amount"] = amount
    contracts[9]["institution_id"] = "nobody"
    contracts[10]["institution_id"] = ""
    contracts[11]["release_date"] = "2001-01-01"
    tables["releases"][0]["contract_id"] = "nothing"
    tables["releases"][1]["release_date"] = "1999-12-31"
    claims[0]["contract_id"] = "nothing"
    claims[1]["payout_date"] = "2022-02-30"
    claims[2]["payout_date"] = "1999-12-31"
    claims[3]["claim_id"] = claims[4]["claim_id"]
    own = next(r for r in recoveries if r["claim_id"] == claims[0]["claim_id"])
    own["recovery_date"] = "1999-12-31"  # before the payout of a claim that is of no contract
    recoveries.append({**recoveries[0], "claim_id": ""})
    return tables


def test_the_faults_of_rows_are_those_in_memory(spark: SparkSession) -> None:
    tables = frames_of(wrong_portfolio())
    expected = told(lambda: portfolio_of_frames(**tables))
    found = told(lambda: assess_on(spark, frames_on(spark, tables), "jiyuan-2022", 2022))
    assert plainly(found.faults) == plainly(expected.faults)
    assert len({fault.kind for fault in found.faults}) >= 8
    assert all(fault.row is None for fault in found.faults)
    contracts = tables["contracts"]["contract_id"].to_pylist()
    named = {f.value: f.id for f in found.faults if f.column == "guaranteed_amount"}
    assert (named["abc"], named["0"]) == (contracts[5].strip(), contracts[6].strip())
    assert f"id {named['abc']} guaranteed_amount" in found.describe("en")
    assert f"编号 {named['abc']} 担保金额" in found.describe("zh")


@pytest.mark.slow
def test_headings_year_and_budget_are_told_with_the_cells(spark: SparkSession) -> None:
    tables = frames_of(random_portfolio(11))
    wrong = tables["contracts"].rename_columns(
        {"start_date": "起始日", "borrower_type": "share_government"}
    )
    amounts = ["abc"] * 250 + wrong["guaranteed_amount"].to_pylist()[250:]
    at = wrong.column_names.index("guaranteed_amount")
    amounts = amounts[: len(wrong)]
    wrong = wrong.set_column(at, "guaranteed_amount", pa.array(amounts))
    given = frames_on(spark, tables | {"contracts": wrong})
    del given["claims"]
    found = told(lambda: assess_on(spark, given, "jiyuan-2022", 1999, "0.001")).faults
    kinds = {(fault.kind, fault.table, fault.column) for fault in found}
    assert {
        ("budget", None, None),
        ("year_not_covered", None, None),
        ("missing_table", "claims", None),
        ("missing_column", "contracts", "start_date"),
        ("share_refused", "contracts", "share_government"),
        ("not_a_number", "contracts", "guaranteed_amount"),
    } <= kinds
    assert not [fault for fault in found if fault.kind == "no_rows"]


@pytest.mark.slow
def test_all_are_counted_and_a_hundred_listed(spark: SparkSession) -> None:
    rows = 250
    contracts = pa.table(
        {
            "contract_id": [f"K{number:03}" for number in range(rows)],
            "institution_id": [f"I{number % 7}" for number in range(rows)],
            "borrower_id": ["B"] * rows,
            "borrower_type": ["其他"] * rows,
            "guaranteed_amount": [f"{number} apples" for number in range(rows)],
            "start_date": ["2022-01-01"] * rows,
        }
    )
    tables = {
        "institutions": pa.table({"institution_id": ["I0"], "government_backed": [True]}).slice(1),
        "contracts": contracts,
        "claims": pa.table({"claim_id": ["C1"], "contract_id": ["K001"]}).slice(1),
    }
    error = told(lambda: assess_on(spark, frames_on(spark, tables), "jiyuan-2022", 2022))
    of_amounts = [fault for fault in error.faults if fault.column == "guaranteed_amount"]
    assert len(of_amounts) == rows
    assert [fault.id for fault in of_amounts[:100]] == [f"K{number:03}" for number in range(100)]
    assert [fault.value for fault in of_amounts[:100]] == [
        f"{number} apples" for number in range(100)
    ]
    assert of_amounts[100] == Issue(
        "not_a_number",
        of_amounts[0].message,
        Place("contracts", column="guaranteed_amount"),
        None,
        of_amounts[0].expected,
    )
    assert "……同类错误另有 150 处" in error.describe()
    kinds = [fault.kind for fault in error.faults if fault not in of_amounts]
    # That there are no institutions is said once, not by every contract.
    assert kinds == ["no_rows", *["missing_column"] * 2]


@pytest.mark.slow
def test_totals_are_taken_over_all_institutions(spark: SparkSession) -> None:
    tables = frames_of(random_portfolio(11))
    many = 1001
    contracts = pa.table(
        {
            "contract_id": [f"K{number}" for number in range(many)],
            "institution_id": [f"I{number}" for number in range(many)],
            "borrower_id": ["B"] * many,
            "borrower_type": ["其他"] * many,
            "guaranteed_amount": ["9999999999999.99"] * many,
            "start_date": ["2022-01-01"] * many,
        }
    )
    institutions = pa.table(
        {"institution_id": contracts["institution_id"], "government_backed": ["是"] * many}
    )
    claims = tables["claims"].slice(0, 0)
    given = {"institutions": institutions, "contracts": contracts, "claims": claims}
    expected = told(lambda: portfolio_of_frames(**given))
    found = told(lambda: assess_on(spark, frames_on(spark, given), "jiyuan-2022", 2022))
    assert [fault.kind for fault in found.faults] == ["total_too_large"]
    assert plainly(found.faults) == plainly(expected.faults)


@pytest.mark.slow
def test_what_the_policy_tests_and_the_ledgers_lack(spark: SparkSession) -> None:
    tables = frames_of(random_portfolio(11))
    expected = told(lambda: assess(portfolio_of_frames(**tables), "luoyang-2025", 2025))
    found = told(lambda: assess_on(spark, frames_on(spark, tables), "luoyang-2025", 2025))
    assert plainly(found.faults) == plainly(expected.faults)


@pytest.mark.parametrize(
    ("policy", "keys"),
    [
        (INVENTED / "cap-per-programme.toml", ["programme"]),
        (RECIPES / "caps-on-payers.toml", ["caps[province]", "caps[district]"]),
        (RECIPES / "payout-rate-of-a-payer.toml", ["caps[payout_rate]"]),
        (RECIPES / "lapses.toml", ["budget", "budget.first"]),
        (RECIPES / "refused-whole.toml", ["returns.first"]),
        (RECIPES / "principal-first.toml", ["returns.first"]),
        (RECIPES / "collateral-first.toml", ["returns.when", "returns.first"]),
        (
            small(
                '[returns]\ncosts = "net"\n'
                'late = { due = "recoveries.recovery_date", rate = 0.0005 }'
            ),
            ["returns.late"],
        ),
        (
            small(columns(fee="money"), '[returns]\ncosts = { at_most = "claims.fee" }'),
            ["returns.costs"],
        ),
        (RECIPES / "compensated-before.toml", ["three_times"]),
        (
            RECIPES / "among-institutions.toml",
            [
                "record",
                *(f"indicators[{id_}]" for id_ in ("city_payouts", "city_released", "place")),
            ],
        ),
        (RECIPES / "by-lender.toml", ["measure"]),
        (RECIPES / "unused-money.toml", ["city", "caps[city].in_all", "budget.first"]),
        (
            RECIPES / "from-the-pool.toml",
            ["pool", "pool.closing", "pool.opening", "pool.paid", "budget.at_most"],
        ),
        (RECIPES / "set-off.toml", ["caps[owed]"]),
        (RECIPES / "rounded-total.toml", ["record", "compensation.per"]),
        (small('[budget]\nmethod = "pro_rata"\nat_least = 5'), ["budget.at_least"]),
        (small('[budget]\nmethod = "pro_rata"\nratio_to = 0.0001'), ["budget.ratio_to"]),
    ],
    ids=[
        "programme",
        "payers",
        "payout rates",
        "lapsing",
        "returns",
        "steps",
        "some recoveries",
        "late returns",
        "costs",
        "enterprises",
        "institutions",
        "groups",
        "turns",
        "pool",
        "set-offs",
        "totals",
        "too little",
        "rounded ratio",
    ],
)
def test_what_cannot_be_spread_is_refused(
    spark: SparkSession, policy: Path | Policy, keys: list[str]
) -> None:
    with pytest.raises(PolicyFaults) as caught:
        assess_on(spark, {}, policy, 2024)
    found = [(fault.kind, fault.key) for fault in caught.value.faults]
    assert found == [("not_on_spark", key) for key in keys]
    assert "compensation.assess" in caught.value.describe("en")


def test_tables_that_are_none(spark: SparkSession) -> None:
    with pytest.raises(TypeError, match="contract"):
        assess_on(spark, {"contract": None}, "jiyuan-2022", 2022)
    found = told(lambda: assess_on(spark, {}, "jiyuan-2022", 2022))
    assert [(f.kind, f.table) for f in found.faults] == [
        ("missing_table", name) for name in ("institutions", "contracts", "claims")
    ]
