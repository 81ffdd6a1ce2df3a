"""The policy, series and size table that a result keeps: whose they are, and whether they hold."""

from __future__ import annotations

from pathlib import Path

import pytest

import compensation
from compensation import ResultRefused, verify
from compensation.assessment import Assessment, assess
from compensation.policy.catalogue import policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.record import kept_rules
from compensation.results import text_digest
from compensation.streaming import assess_files
from tests.command import run_here
from tests.portfolios import write_csv
from tests.portfolios_luoyang import random_luoyang_portfolio
from tests.record.results import edit_summary, said_of, written
from tests.report.results import small

POLICY = (Path(compensation.__file__).parent / "policy/files/jiyuan-2022.toml").read_text("utf-8")
SERIES = (Path(compensation.__file__).parent / "policy/series/lpr.toml").read_text("utf-8")


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        POLICY.replace("at_most = 0.05", "at_most = 0.04"),
        POLICY + "# a remark\n",
        "no policy",
        "",
        None,
    ],
)
def test_a_kept_policy_that_was_changed_is_told(
    folder: Path, text: str | None, ledger: Path
) -> None:
    if text is None:
        (folder / "policy.toml").unlink()
    else:
        (folder / "policy.toml").write_text(text, "utf-8")
    found = verify(folder, ledger)
    assert found.rules_changed == ("policy.toml",)
    assert found.comes_out  # under the package's policy, which is the recorded one
    assert not found.same
    against = found.policy_against
    assert against is not None
    changed = text is not None and "0.04" in text
    expected = [("institution_conditions[payout_rate].at_most", "0.04", "0.05")]
    assert against.figures == (expected if changed else [])
    assert "policy.toml" in said_of(found)


@pytest.mark.slow
def test_a_run_under_a_policy_that_only_bears_the_id_is_told(tmp_path: Path, ledger: Path) -> None:
    doctored = tmp_path / "jiyuan-2022.toml"
    doctored.write_text(POLICY.replace("rate = 0.15", "rate = 0.18"), "utf-8")
    path = written(assess_files(ledger, doctored, 2022), tmp_path, "csv")
    found = verify(path, ledger)
    assert found.comes_out
    assert found.figures_changed
    assert not found.same
    assert "rates.tiers[2].rate" in said_of(found)
    assert verify(path, ledger, policy=doctored).same


@pytest.mark.slow
def test_a_policy_of_ones_own_is_held_against_what_is_given(tmp_path: Path, ledger: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text(POLICY.replace('"jiyuan-2022"', '"shili-2022"'), "utf-8")
    path = written(assess_files(ledger, own, 2022), tmp_path, "csv")
    own.unlink()  # what is computed with is what the result keeps
    found = verify(path, ledger)
    assert found.same
    assert found.policy_against is None
    assert "没有可对照的政策" in said_of(found)
    assert not verify(path, ledger, policy="luoyang-2025").same
    text = (path / "policy.toml").read_text("utf-8")
    (path / "policy.toml").write_text(text.replace("0.05", "0.04"), "utf-8")
    found = verify(path, ledger)
    assert found.rules_changed == ("policy.toml",)
    (path / "policy.toml").unlink()
    with pytest.raises(ResultRefused, match=r"policy\.toml"):
        verify(path, ledger)


def test_wording_of_the_package_may_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch, ledger: Path
) -> None:
    other = POLICY.replace("rate = 0.15", "rate = 0.15 # remark")
    start = other.index("note = {")
    other = other[:start] + 'note = { zh = "甲", en = "other" }' + other[other.index("\n", start) :]
    newer = policy_of_texts({"policy.toml": other})
    monkeypatch.setattr(kept_rules, "packaged", lambda _: newer)
    found = verify(folder, ledger)
    assert found.same
    assert found.policy_against is not None
    assert {each.key.rpartition(".note.")[2] for each in found.policy_against.wording} == {
        *("zh", "en")
    }
    assert "2 wordings differ" in said_of(found, "en")


def test_another_digest_of_the_same_text_is_the_versions_affair(folder: Path, ledger: Path) -> None:
    edit_summary(folder, lambda said: said["policy"].update(digest="sha256:0"), forge=True)
    found = verify(folder, ledger)
    assert found.same
    assert found.rules_changed == ()
    assert "another digest" in said_of(found, "en")


@pytest.mark.slow
def test_newer_values_of_a_series_are_no_difference_and_older_ones_are(tmp_path: Path) -> None:
    write_csv(random_luoyang_portfolio(3, 30), tmp_path / "in")
    newer = tmp_path / "lpr.toml"
    longer = SERIES.replace("checked_until = 2025-12-31", "checked_until = 2026-06-30").replace(
        "points = [", "points = [", 1
    )
    end = longer.rindex("]")
    longer = longer[:end] + "    { from = 2026-02-20, values = [0.0290, 0.0340] },\n" + longer[end:]
    newer.write_text(longer, "utf-8")
    policy = compensation.load_policy("luoyang-2025", [newer])
    path = written(assess_files(tmp_path / "in", policy, 2025), tmp_path, "csv")
    assert (path / "series-lpr.toml").read_text("utf-8") == longer
    found = verify(path, tmp_path / "in")
    assert found.same
    assert found.policy_against is not None
    assert not found.policy_against.figures
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(longer.replace("[0.0425, 0.0485]", "[0.0425, 0.0480]"), "utf-8")
    held = verify(path, tmp_path / "in", series=[wrong]).policy_against
    assert held is not None
    key = "series[lpr].points[2019-08-20].values"
    assert held.figures == [(key, "0.0425, 0.0485", "0.0425, 0.048")]
    assert run_here("verify", path, tmp_path / "in", "--series", wrong).returncode == 1


@pytest.mark.slow
def test_the_size_table_is_kept_where_types_may_be_derived(
    example: Assessment, tmp_path: Path, ledger: Path
) -> None:
    assert "enterprise-size.csv" in example.texts
    assert set(assess(small(["A"]), "jiyuan-2022", 2022).texts) == {"policy.toml"}
    path = written(example, tmp_path, "csv")
    text = (path / "enterprise-size.csv").read_text("utf-8").replace("1000", "1001")
    (path / "enterprise-size.csv").write_text(text, "utf-8")

    def other(said: dict[str, dict[str, str]]) -> None:
        said["rules"]["enterprise-size.csv"] = text_digest(text)

    edit_summary(path, other, forge=True)
    found = verify(path, ledger)
    assert found.program_changed == ("enterprise-size.csv",)
    assert found.same
    assert "所带数据已变：enterprise-size.csv" in run_here("verify", path, ledger).stdout


# The input, and the reviews


def test_a_policy_that_this_version_cannot_take_is_told(folder: Path, ledger: Path) -> None:
    text = (folder / "policy.toml").read_text("utf-8") + "\n[more]\n"
    (folder / "policy.toml").write_text(text, "utf-8")

    def recorded(said: dict[str, dict[str, str]]) -> None:
        said["rules"]["policy.toml"] = text_digest(text)

    edit_summary(folder, recorded, forge=True)
    with pytest.raises(PolicyFaults):
        verify(folder, ledger)
    assert run_here("verify", folder, ledger).returncode == 2
