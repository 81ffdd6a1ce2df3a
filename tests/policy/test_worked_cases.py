"""What the shipped policies come to, worked out by hand: the cases in the package."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as csv
import pytest

from compensation import (
    Assessment,
    InputFaults,
    assess_files,
    verify,
    write_folder,
    write_workbook,
)
from compensation.ledger.reviews import Reviews
from compensation.policy.catalogue import list_policies, load_policy
from compensation.policy.quantity_words import describe_quantity
from compensation.policy_tools import worked_cases
from compensation.policy_tools.worked_cases import (
    WORKED,
    WorkedCase,
    assess_case,
    cases_beside,
    frames_of,
    read_cases,
    run_case,
)
from docs.cookbook_page import recipes
from tests.explanation.recompute import recomputed


def cases_of(policy: str | Path) -> tuple[WorkedCase, ...]:
    return read_cases(cases_beside(policy), load_policy(policy))


def cases() -> list[Any]:
    listed: list[tuple[str, str | Path]]
    listed = [(path.stem, path.stem) for path in sorted(WORKED.glob("*.toml"))]
    listed += [(path.stem, path) for path in recipes()]
    return [
        pytest.param(policy, case, id=f"{name}: {case.name.en}")
        for name, policy in listed
        for case in cases_of(policy)
    ]


def assessed(policy: str, name: str) -> Assessment:
    """Assess the first case of a policy whose name begins so."""
    case = next(case for case in cases_of(policy) if case.name.en.startswith(name))
    return assess_case(load_policy(policy), case)


def test_each_policy_of_the_package_has_cases() -> None:
    assert {path.stem for path in WORKED.glob("*.toml")} == set(list_policies())


@pytest.mark.slow
@pytest.mark.parametrize(("policy", "case"), cases())
def test_a_worked_case(
    policy: str | Path, case: WorkedCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    assessment = assess_case(load_policy(policy), case)
    monkeypatch.setattr(worked_cases, "assess_case", lambda *_: assessment)  # once is enough
    outcome = run_case(load_policy(policy), case)
    assert outcome.faults is None
    assert [cell for cell in outcome.cells if not cell.same] == []
    compensation = case.expected["compensation"]
    assert set(compensation) == set(assessment.claims["claim_id"])
    for id_, expected in compensation.items():
        values = recomputed(assessment.explain(id_).arithmetic)
        assert values["compensation"] == Fraction(str(expected))


def policies() -> list[Any]:
    """Return the policies with worked cases that declare columns of their own."""
    listed: list[str | Path] = [path.stem for path in sorted(WORKED.glob("*.toml"))]
    listed += recipes()
    return [each for each in listed if load_policy(each).rules.columns]


@pytest.mark.slow
@pytest.mark.parametrize("of", policies(), ids=lambda each: Path(each).stem)
def test_blanks_in_columns_of_its_own_are_faults_or_decided(of: str | Path) -> None:
    policy, case = load_policy(of), cases_of(of)[0]
    for column in policy.rules.columns:
        rows = [{**row, column.name: ""} for row in case.tables.get(column.table, ())]
        blanked = replace(case, tables={**case.tables, column.table: rows})
        try:
            found = assess_case(policy, blanked)
        except InputFaults:
            continue  # what is computed with has to be filled in
        for id_ in found.claims["claim_id"]:
            assert found.explain(id_).describe()


def written(case: WorkedCase, folder: Path) -> Path:
    """Write the tables of a case, and no others, as CSV files."""
    folder.mkdir()
    for name, table in frames_of(case).items():
        csv.write_csv(table, folder / f"{name}.csv")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("path", sorted(WORKED.glob("*.toml")), ids=lambda path: path.stem)
def test_a_result_in_files_is_that_in_memory_and_comes_out_again(
    path: Path, tmp_path: Path
) -> None:
    case = cases_of(path.stem)[0]
    ledger = written(case, tmp_path / "ledger")
    assessment = assess_files(ledger, path.stem, case.year, case.budget, as_of=case.as_of)
    in_memory = assess_case(load_policy(path.stem), case)
    assert assessment.tables["claims"].equals(in_memory.tables["claims"])
    write_workbook(assessment, tmp_path / "result.xlsx")
    folder = tmp_path / "result"
    write_folder(assessment.tables, assessment.summary, folder, texts=assessment.texts)
    assert verify(tmp_path / "result.xlsx", ledger).same
    assert verify(tmp_path / "result", ledger).same


def test_a_review_sheet_is_refused_where_decisions_stand_in_other_tables(tmp_path: Path) -> None:
    case = cases_of("fujian-2008")[0]
    ledger = written(case, tmp_path / "ledger")
    reviews = Reviews(pa.array(["k1"]), pa.array([0], pa.int8()), pa.array([0], pa.int8()))
    with pytest.raises(InputFaults) as caught:
        assess_files(ledger, "fujian-2008", case.year, reviews=reviews)
    assert [fault.kind for fault in caught.value.faults] == ["no_payouts"]


def lines_of(policy: str, name: str, claim: str) -> dict[str, str]:
    """Return the titles of a claim's lines by name, of the first case whose name begins so."""
    explained = assessed(policy, name).explain(claim)
    return {line.name: line.title.en for line in explained.arithmetic}


def test_a_cap_is_explained_where_it_applies() -> None:
    """A limit that is not for a claim is not among its lines."""
    lines = lines_of("guangzhou-2025", "a payout that counts in part", "c2")
    assert "cap_payouts_of_guarantor" in lines
    assert lines["base_after_losses_of_bank"] == "this cap does not apply"
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
    case = cases_of("equipment-renewal-2024")[0]
    explained = assess_case(load_policy(path), case).explain("k1").arithmetic
    assert recomputed(explained)["compensation"] == Fraction("33333.33")


def test_a_case_that_no_payer_pays_is_not_eligible(tmp_path: Path) -> None:
    text = load_policy("county-agri-2010").text
    path = tmp_path / "two-regions.toml"
    path.write_text(text.replace('one_of = ["东部", "中部", "西部"]', "given = true"), "utf-8")
    claims = assess_case(load_policy(path), cases_of("county-agri-2010")[0]).claims
    (row,) = claims[claims["claim_id"] == "H"].to_dict("records")
    assert (row["reasons"], row["compensation"], row["payable"]) == ("payer", 0, 0)
