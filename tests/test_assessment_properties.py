"""What holds of every run, whatever the portfolio, and of amounts of any size."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import oracle
from tests.assessing import assessed, results_of
from tests.conftest import DEPTH
from tests.one_claim import CONTRACT, faults, small
from tests.oracle_reading import Row, Tables, money, money_text, ratio_text
from tests.portfolio_rows import MOST
from tests.portfolios import portfolios, portfolios_with_budgets

slow = settings(max_examples=10 * DEPTH, suppress_health_check=[HealthCheck.too_slow])

# Whatever the portfolio


@pytest.mark.slow
@given(portfolios_with_budgets(), st.data())
@slow
def test_order_of_rows_and_columns_decides_nothing(
    case: tuple[Tables, str | None], data: st.DataObject
) -> None:
    tables, budget = case
    shuffled = {}
    for name, rows in tables.items():
        columns = data.draw(st.permutations(list(rows[0]))) if rows else []
        shuffled[name] = [
            {column: row[column] for column in columns} for row in data.draw(st.permutations(rows))
        ]
    plain, other = assessed(tables, 2022, budget), assessed(shuffled, 2022, budget)
    ids = {"claims": "claim_id", "institutions": "institution_id", "returns": "recovery_id"}
    results, others = results_of(plain), results_of(other)
    for name, id_ in ids.items():
        assert {row[id_]: row for row in results[name]} == {row[id_]: row for row in others[name]}
    assert plain.summary["totals"] == other.summary["totals"]


def renamed(tables: Tables, prefix: str) -> Tables:
    ids = ("institution_id", "contract_id", "claim_id", "recovery_id", "borrower_id")
    return {
        name: [{k: prefix + v if k in ids else v for k, v in row.items()} for row in rows]
        for name, rows in tables.items()
    }


@pytest.mark.slow
@given(portfolios())
@slow
def test_other_institutions_change_nothing_without_a_budget(tables: Tables) -> None:
    others = renamed(tables, "另")
    both = {name: rows + others[name] for name, rows in tables.items()}
    results, alone, theirs = (results_of(assessed(t)) for t in (both, tables, others))
    for name, rows in results.items():
        assert rows == alone[name] + theirs[name]


@pytest.mark.slow
@given(portfolios())
@slow
def test_a_borrower_is_of_one_institution(tables: Tables) -> None:
    """The same borrower ids at another institution are other borrowers."""
    others = renamed(tables, "另")
    for row, own in zip(others["contracts"], tables["contracts"], strict=True):
        row["borrower_id"] = own["borrower_id"]
    both = {name: rows + others[name] for name, rows in tables.items()}
    alone = results_of(assessed(tables))
    for name, rows in results_of(assessed(both)).items():
        assert rows[: len(alone[name])] == alone[name]


@pytest.mark.slow
@given(portfolios(), st.data())
@slow
def test_instalments_of_one_day_change_no_total(tables: Tables, data: st.DataObject) -> None:
    if not tables["recoveries"]:
        return
    rows = []
    for number, row in enumerate(tables["recoveries"]):
        proceeds, cost = money(row["proceeds"]), money(row.get("cost", "") or "0")
        now, spent = data.draw(st.integers(0, proceeds)), data.draw(st.integers(0, cost))
        parts = [(now, spent), (proceeds - now, cost - spent)]
        for part, (one, other) in enumerate(parts):
            split = {**row, "proceeds": money_text(one), "cost": money_text(other)}
            rows.append({**split, "recovery_id": f"{data.draw(st.integers(0, 9))}-{number}-{part}"})
    whole = results_of(assessed(tables))
    parts_ = results_of(assessed({**tables, "recoveries": rows}))
    assert (whole["claims"], whole["institutions"]) == (parts_["claims"], parts_["institutions"])

    def totals(returns: list[Row]) -> dict[tuple[str, str], int]:
        sums: dict[tuple[str, str], int] = {}
        for row in returns:
            for column, text in row.items():
                if column in ("distributed", "surplus") or column.startswith("to_"):
                    key = (row["claim_id"], column)
                    sums[key] = sums.get(key, 0) + int(Fraction(text) * 100)
        return sums

    assert totals(parts_["returns"]) == totals(whole["returns"])


@pytest.mark.slow
@given(portfolios(), st.integers(0, 10**9))
@slow
def test_a_budget_is_never_passed_and_never_left(tables: Tables, fen: int) -> None:
    whole = [money(row["payable"]) for row in results_of(assessed(tables))["claims"]]
    cut = results_of(assessed(tables, 2022, money_text(fen)))
    payables = [money(row["payable"]) for row in cut["claims"]]
    assert sum(payables) == min(fen, sum(whole))
    assert all(0 <= part <= due for part, due in zip(payables, whole, strict=True))
    for part, due in zip(payables, whole, strict=True):
        if sum(whole) > fen:
            assert abs(part - Fraction(due * fen, sum(whole))) < 1


# Very large and very small


def test_amounts_at_the_upper_end_of_a_cell() -> None:
    most = money_text(MOST)
    tables = small(
        institutions={"opening_balance": "1000000", "opening_borrowers": "1"},
        contracts={"guaranteed_amount": most, "share_institution": "0.333333"},
        claims={"principal": most, "interest": most},
        recoveries={"proceeds": most, "cost": "0.01"},
    )
    tables["contracts"][0]["share_lender"] = "0.666667"
    tables["contracts"].append({**CONTRACT, "contract_id": "K2", "borrower_id": "B2"})
    tables["releases"] = [
        {"contract_id": "K2", "release_date": "2022-02-01", "amount": "999999.99"}
    ]
    results = results_of(assessed(tables))
    assert results == oracle.assess(tables)
    assert results["claims"][0]["payout"] == "19999999999999.98"


def test_totals_up_to_what_a_result_holds() -> None:
    """1,000 contracts of the largest amount and one of 9.99: 9,999,999,999,999,999.99 in all."""
    tables = small()
    amounts = [*([money_text(MOST)] * 1000), "9.99"]
    tables["contracts"] = [
        {**CONTRACT, "contract_id": f"K{n}", "guaranteed_amount": amount}
        for n, amount in enumerate(amounts)
    ]
    results = results_of(assessed(tables))
    assert results["institutions"][0]["closing_balance"] == "9999999999999999.99"
    assert results["claims"][0]["borrower_exposure"] == "9999999999999999.99"
    tables["contracts"][-1]["guaranteed_amount"] = "10"
    (fault,) = faults(assessed, tables)
    assert (fault.kind, fault.table) == ("total_too_large", "contracts")
    assert "9,999,999,999,999,999.99" in fault.message.zh
    assert "9,999,999,999,999,999.99" in fault.message.en


@pytest.mark.parametrize(
    ("opening", "closing"),
    [("0.01", money_text(MOST)), ("0.01", "10000000000.00"), ("0.01", "9999999999.99")],
)
def test_growth_past_eighteen_digits_prints_right(opening: str, closing: str) -> None:
    """The column is wider where a ratio passes 10^12, and only there."""
    tables = small(
        institutions={"opening_balance": opening}, contracts={"guaranteed_amount": closing}
    )
    assessment = assessed(tables)
    growth = Fraction(money(closing), money(opening)) - 1
    (row,) = results_of(assessment)["institutions"]
    assert row["balance_growth"] == ratio_text(growth)
    precision = assessment.tables["institutions"].schema.field("balance_growth").type.precision
    assert precision == (18 if growth < 10**12 else 38)
    shown = assessment.explain_institution("I1")
    values = {line.name: line.value for line in shown.indicators}
    assert values["balance_growth"] == ratio_text(growth)
    assert f"{growth * 100}%" in shown.describe("zh").replace(",", "")


@pytest.mark.parametrize("released", ["0.01", "0"])
def test_payout_rates_of_any_size_print_right(released: str) -> None:
    tables = small(
        contracts={"guaranteed_amount": money_text(MOST)},
        claims={"principal": money_text(MOST)},
    )
    if released != "0":
        tables["releases"] = [
            {"contract_id": "K1", "release_date": "2022-02-01", "amount": released}
        ]
    assessment = assessed(tables)
    assert results_of(assessment) == oracle.assess(tables)
    for language in ("zh", "en"):
        assert assessment.explain_institution("I1").describe(language)
        assert assessment.explain("C1").describe(language)
