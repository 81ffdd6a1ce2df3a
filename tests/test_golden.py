"""The golden years: no figure of the shipped examples moves without a rule named for it."""

from __future__ import annotations

import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from compensation import Settlement
from compensation.policy.catalogue import list_policies
from examples.golden import figures


@pytest.fixture(scope="module")
def now() -> dict[str, bytes]:
    return figures.computed()


@pytest.mark.slow
def test_no_figure_has_moved(now: dict[str, bytes]) -> None:
    lines = figures.moved(figures.kept(), now)
    assert not lines, "\n".join([*lines, "make accept-figures RULE=… WHY=…"])


def accepted(changelog: Path) -> list[tuple[str, str]]:
    """Every digest that the changelog names under a heading *Figures*, and its rule."""
    sections = re.findall(
        r"^### Figures\n(.*?)(?=^##|\Z)", changelog.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    lines = re.findall(r"^- `([^`]+)`: .+ \(figures (\w+)\)$", "\n".join(sections), re.MULTILINE)
    return [(digest, rule) for rule, digest in lines]


def test_the_changelog_names_the_rule_of_every_acceptance() -> None:
    lines = (figures.HERE / "accepted.txt").read_text("utf-8").splitlines()
    named = accepted(figures.CHANGELOG)
    for line in lines:
        digest, rule = line.split(" ", 1)
        assert (digest, rule) in named, line
        assert figures.is_rule(rule), rule
    assert lines[-1].split(" ")[0] == figures.digest(figures.kept())


def test_the_runs_cover_every_policy_of_the_package_and_a_budget() -> None:
    kept = figures.kept()
    assert {name.partition("/")[0] for name in kept} == set(figures.RUNS)
    assert set(figures.WORKED_RUNS) | figures.LEDGERS_OF == set(list_policies())
    for run in figures.RUNS.keys() - {"settlement", *figures.WORKED_RUNS}:
        assert kept[f"{run}/claims.csv"].count(b"\n") > 5
        assert kept[f"{run}/returns.csv"].count(b"\n") > 3
        assert b"true" in kept[f"{run}/claims.csv"]


def test_the_settlement_owes_in_every_direction() -> None:
    settled = figures.RUNS["settlement"]()
    assert isinstance(settled, Settlement)
    totals = settled.summary["totals"]
    for leg in ("to_pay", "to_recall", "outstanding", "to_remit", "to_refund", "surplus_to_date"):
        assert Decimal(totals[leg]) > 0, leg
    assert figures.kept()["settlement/settlement.csv"].count(b"\n") > 30


@pytest.mark.slow
def test_a_moved_figure_is_accepted_only_with_a_rule(
    now: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    home, changelog = tmp_path / "golden", tmp_path / "CHANGELOG.md"
    shutil.copytree(figures.HERE, home)
    shutil.copy(figures.CHANGELOG, changelog)
    claims = home / "jiyuan-2022" / "claims.csv"
    claims.write_bytes(claims.read_bytes().replace(b"7680.00", b"7680.01"))
    monkeypatch.setattr(figures, "computed", lambda: now)
    before = changelog.read_text("utf-8")
    for wrong in ([], ["--rule", "rules.award.base"], ["--rule", "nobody", "--why", "so"]):
        assert figures.main(wrong, home, changelog) == 1
        said = capsys.readouterr()
        assert "jiyuan-2022/claims.csv - DC2022-02" in said.out
        assert "make accept-figures" in said.err
    assert changelog.read_text("utf-8") == before
    right = ["--rule", "jiyuan-2022 rates.tiers", "--why", "another step"]
    assert figures.main(right, home, changelog) == 0
    assert figures.kept(home) == now
    last = (home / "accepted.txt").read_text("utf-8").splitlines()[-1]
    assert last == f"{figures.digest(now)} jiyuan-2022 rates.tiers"
    assert tuple(last.split(" ", 1)) in accepted(changelog)
    rest = changelog.read_text("utf-8").replace(
        f"- `jiyuan-2022 rates.tiers`: another step (figures {figures.digest(now)})\n", ""
    )
    assert rest == before
    assert figures.main([], home, changelog) == 0
