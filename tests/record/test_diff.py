"""What changed between two results: options, input, policy, totals, every row and cell."""

from __future__ import annotations

from pathlib import Path

import pytest

import compensation
from compensation import diff
from compensation.assessment import Assessment, assess
from compensation.policy.catalogue import load_policy, policy_of_texts
from compensation.record.difference import Difference
from compensation.record.policies import policy_difference
from compensation.results import text_digest
from compensation.streaming import assess_files
from tests.assessing import portfolio_of
from tests.command import run_here
from tests.portfolios import random_portfolio
from tests.record.results import FORMS, edit_summary, written
from tests.report.results import HOSTILE, small

POLICY = (Path(compensation.__file__).parent / "policy/files/jiyuan-2022.toml").read_text("utf-8")


def cells(found: Difference) -> dict[str, list[tuple[str, ...]]]:
    return {table.table: [cell[:4] for cell in table.cells()] for table in found.tables}


@pytest.mark.slow
def test_any_form_against_any_other_is_the_same(example: Assessment, tmp_path: Path) -> None:
    results = [written(example, tmp_path, form) for form in FORMS]
    for one in results:
        for other in results:
            assert diff(one, other).same
    done = run_here("diff", results[0], results[2])
    assert (done.returncode, done.stderr) == (0, "")
    assert "两个结果相同。" in done.stdout


@pytest.mark.slow
def test_odd_texts_are_the_same_in_every_form(tmp_path: Path) -> None:
    ids = [*(text.strip() for text in HOSTILE), "'=1+1", "長" * 20_000]
    assessment = assess(small(ids), "jiyuan-2022", 2022)
    results = [written(assessment, tmp_path, form) for form in FORMS]
    for one, other in ((0, 1), (1, 2), (0, 2), (2, 0)):
        assert diff(results[one], results[other]).same


@pytest.mark.slow
def test_a_budget_shows_in_every_row_that_it_moves(
    example: Assessment, ledger: Path, tmp_path: Path
) -> None:
    cut = assess_files(ledger, "jiyuan-2022", 2022, "100000")
    one, other = written(example, tmp_path, "csv"), written(cut, tmp_path, "xlsx")
    found = diff(one, other)
    assert not found.same
    assert found.options == (("budget", None, "100000.00"),)
    assert found.inputs == ()
    assert found.policy == ([], [])
    assert ("totals.payable", "132041.75", "100000.00") in found.totals
    before, after = (each.tables["claims"]["payable"].to_pylist() for each in (example, cut))
    ids = example.tables["claims"]["claim_id"].to_pylist()
    moved = [
        (id_, "payable", f"{old}", f"{new}")
        for id_, old, new in zip(ids, before, after, strict=True)
        if old != new
    ]
    assert moved
    assert cells(found)["claims"] == moved
    assert sum(cell.change or 0 for cell in found.tables[0].cells()) == sum(after) - sum(before)
    assert [(each.key, len(each.removed), len(each.added)) for each in found.lists] == [
        ("assumptions", 0, 1)
    ]
    done = run_here("diff", one, other, "--lang", "en")
    assert done.returncode == 1
    for words in ("payable 6", "-32041.75", "SL-001", "to_government", "only B: budget"):
        assert words in done.stdout


@pytest.mark.slow
def test_a_corrected_ledger_shows_tables_rows_and_sums(tmp_path: Path) -> None:
    tables = random_portfolio(5, 40)
    one = written(assess(portfolio_of(tables), "jiyuan-2022", 2022), tmp_path, "parquet")
    gone = next(row for row in tables["claims"] if row["payout_date"].startswith("2022"))
    id_ = gone["claim_id"]
    tables["recoveries"] = [row for row in tables["recoveries"] if row["claim_id"] != id_]
    tables["claims"] = [row for row in tables["claims"] if row is not gone]
    tables["claims"].append({**gone, "claim_id": "new-one", "principal": "77.00"})
    other = written(assess(portfolio_of(tables), "jiyuan-2022", 2022), tmp_path, "csv")
    found = diff(one, other)
    assert found.tables[0].removed.to_pylist() == [id_.strip()]
    assert found.tables[0].added.to_pylist() == ["new-one"]
    assert "claims" in {each.key for each in found.inputs}
    assert run_here("diff", one, other).returncode == 1


@pytest.mark.slow
def test_a_changed_policy_shows_its_figures_by_key(
    example: Assessment, ledger: Path, tmp_path: Path
) -> None:
    other = POLICY.replace("rate = 0.15", "rate = 0.16")
    other = other.replace(
        'at_most = { borne_by = "institution", of = "claims.payout" }',
        'at_most = { times = [{ borne_by = "institution", of = "claims.payout" }, 0.9] }',
    )
    own = tmp_path / "own.toml"
    own.write_text(other, "utf-8")
    one = written(example, tmp_path, "csv")
    two = written(assess_files(ledger, own, 2022), tmp_path, "xlsx")
    found = diff(one, two)
    assert found.policy is not None
    assert ("rates.tiers[2].rate", "0.15", "0.16") in found.policy.figures
    assert found.policy.wording == []
    assert found.rules == ("policy.toml",)
    assert [value.key for value in found.options] == ["policy.digest"]
    assert any(cell[1] == "compensation" for cell in cells(found)["claims"])
    assert "rates.tiers[2].rate" in run_here("diff", one, two).stdout


@pytest.mark.slow
def test_a_policy_that_this_version_cannot_take_is_left_to_the_reader(
    folder: Path, example: Assessment
) -> None:
    other = written(example, folder.parent / "other", "csv")
    text = POLICY + "\n[more]\n"
    (other / "policy.toml").write_text(text, "utf-8")
    edit_summary(
        other, lambda said: said["rules"].update({"policy.toml": text_digest(text)}), forge=True
    )
    found = diff(folder, other)
    assert (found.policy, found.rules) == (None, ("policy.toml",))
    for pair in ((folder, other), (other, folder)):
        done = run_here("diff", *pair, "--lang", "en")
        assert done.returncode == 1
        assert "can't take one of the policies" in done.stdout


def test_a_series_of_the_policys_own_is_compared_once() -> None:
    policy = load_policy(Path(__file__).parents[1] / "policy/invented/series-own.toml")
    text = policy.text.replace("values = [0.0125]", "values = [0.013]")
    found = policy_difference(policy, policy_of_texts({"policy.toml": text}))
    assert found.figures == [("series[fee].points[2024-07-01].values", "0.0125", "0.013")]


@pytest.mark.slow
def test_an_entry_that_is_none_of_ours_is_shown_as_it_is(folder: Path, example: Assessment) -> None:
    other = written(example, folder.parent / "other", "csv")
    edit_summary(other, lambda said: said["warnings"].append("odd"), forge=True)
    assert [each.added for each in diff(folder, other).lists] == [[{"value": "odd"}]]
    assert "only B: odd" in run_here("diff", folder, other, "--lang", "en").stdout


@pytest.mark.parametrize("arguments", [(), ("one",), ("one", "two", "three")])
def test_two_results_are_asked_for(arguments: tuple[str, ...]) -> None:
    assert run_here("diff", *arguments).returncode == 2
