"""What the shipped policies come to, worked out by hand; also out of files, and into them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pytest

from compensation import (
    InputFaults,
    assess_files,
    load_policy,
    verify,
    write_folder,
    write_workbook,
)
from compensation.ledger.reviews import Reviews
from compensation.policy.wording import describe_quantity
from tests.explanation.recompute import recomputed
from tests.policy.worked_cases import POLICIES, Case, worked_cases

CASES = [
    pytest.param(case, id=f"{policy}: {case.name}")
    for policy in POLICIES
    for case in worked_cases(policy)
]


@pytest.mark.parametrize("case", CASES)
def test_a_worked_case(case: Case) -> None:
    assessment = case.assessed()
    result = assessment.claims
    ids = result["claim_id"].to_list()
    assert set(ids) == set(case.expected["compensation"])
    for column, expected in case.expected.items():
        found = dict(zip(ids, result[column].to_list(), strict=True))
        assert {id_: found[id_] for id_ in expected} == expected, column
    for id_ in ids:
        values = recomputed(assessment.explain(id_).arithmetic)
        assert values["compensation"] == Fraction(case.expected["compensation"][id_])


def written(case: Case, folder: Path) -> Path:
    """Write the tables of a case, and no others, as CSV files."""
    folder.mkdir()
    for name, table in case.tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


@pytest.mark.parametrize("policy", POLICIES)
def test_a_result_in_files_is_that_in_memory_and_comes_out_again(
    policy: str, tmp_path: Path
) -> None:
    case = next(worked_cases(policy))
    ledger = written(case, tmp_path / "ledger")
    assessment = assess_files(ledger, policy, case.year)
    assert assessment.tables["claims"].equals(case.assessed().tables["claims"])
    write_workbook(assessment, tmp_path / "result.xlsx")
    folder = tmp_path / "result"
    write_folder(assessment.tables, assessment.summary, folder, texts=assessment.texts)
    assert verify(tmp_path / "result.xlsx", ledger).same
    assert verify(tmp_path / "result", ledger).same


def test_a_review_sheet_is_refused_where_decisions_stand_in_other_tables(tmp_path: Path) -> None:
    case = next(worked_cases("fujian-2008"))
    ledger = written(case, tmp_path / "ledger")
    reviews = Reviews(pa.array(["k1"]), pa.array([0], pa.int8()), pa.array([0], pa.int8()))
    with pytest.raises(InputFaults) as caught:
        assess_files(ledger, case.policy, case.year, reviews=reviews)
    assert [fault.kind for fault in caught.value.faults] == ["no_payouts"]


def lines_of(policy: str, name: str, claim: str) -> dict[str, str]:
    """Return the titles of a claim's lines by name, of the first case whose name begins so."""
    case = next(case for case in worked_cases(policy) if case.name.startswith(name))
    return {line.name: line.title.en for line in case.assessed().explain(claim).arithmetic}


def test_a_cap_is_explained_where_it_applies() -> None:
    """A limit that is not for a claim is not among its lines."""
    lines = lines_of("guangzhou-2025", "a payout that counts in part", "c2")
    assert "cap_payouts_of_guarantor" in lines
    assert lines["base_after_losses_of_bank"] == "this cap is not for the claim"
    assert not {"cap_losses_of_bank", "counted_cap_losses_of_bank", "number_0_15"} & set(lines)
    lines = lines_of("guangzhou-2025", "1.5 billion", "c1")
    assert "cap_both_lines" in lines
    assert not {"cap_guarantee_line", "used_cap_guarantee_line"} & set(lines)


def test_points_that_change_by_date_are_percentages() -> None:
    policy = load_policy("equipment-renewal-2024")
    said = describe_quantity(policy, policy.rules.rates.tiers[0].rate)
    assert said.en == (
        "(1% (from 2024-01-01), 1.5% (from 2024-07-25), by start date) × (days subsidised / 365)"
    )


def test_a_dated_value_that_no_decimal_says_is_explained_as_a_fraction(tmp_path: Path) -> None:
    text = load_policy("equipment-renewal-2024").text
    path = tmp_path / "thirds.toml"
    path.write_text(text.replace("value = 0.010 }", "value = { over = [1, 300] } }"), "utf-8")
    case = next(worked_cases("equipment-renewal-2024"))
    explained = case._replace(policy=str(path)).assessed().explain("k1").arithmetic
    assert recomputed(explained)["compensation"] == Fraction("33333.33")


def test_a_case_that_no_payer_pays_is_not_eligible(tmp_path: Path) -> None:
    text = load_policy("county-agri-2010").text
    path = tmp_path / "two-regions.toml"
    path.write_text(text.replace('one_of = ["东部", "中部", "西部"]', "given = true"), "utf-8")
    claims = next(worked_cases("county-agri-2010"))._replace(policy=str(path)).assessed().claims
    (row,) = claims[claims["claim_id"] == "H"].to_dict("records")
    assert (row["reasons"], row["compensation"], row["payable"]) == ("payer", 0, 0)
