"""What may be written over: each file of a folder is judged by its content, whatever its name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compensation.policy.catalogue import load_policy
from compensation.report.atomic_write import PREFIX
from compensation.report.folder import REPLACED
from compensation.report.output import OutputUnwritable
from compensation.report.overwriting import OutputRefused, check_output
from compensation.report.record import SUMMARY
from tests.assessing import EXAMPLES
from tests.command import JIYUAN, run_here, snapshot
from tests.fuzzing import seeds

FORMATS = ("csv", "parquet")
LEFT = f"{PREFIX}out-abcdefgh"
"""The folder of a killed run that wrote `out`."""


@pytest.fixture(scope="module")
def own_policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A policy that the package does not have."""
    path = tmp_path_factory.mktemp("policy") / "mine.toml"
    path.write_text(load_policy("jiyuan-2022").text + "# mine\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def results(own_policy: Path) -> Mapping[str, Path]:
    """A whole result in each form, and one under a policy of one's own."""
    folder = own_policy.parent
    (folder / "input.xlsx").write_bytes(seeds.workbook())
    for form in FORMATS:
        assert assess(folder, folder / form, *JIYUAN, "--format", form) == 0
    assert assess(folder, folder / "own", "--year", "2022", "--policy", own_policy) == 0
    return {name: folder / name for name in (*FORMATS, "own")}


def assess(folder: Path, output: Path, *options: str | Path) -> int:
    return run_here("assess", folder / "input.xlsx", "-o", output, *options).returncode


def check(output: Path, policy: str | Path = "jiyuan-2022") -> None:
    check_output(output, "csv", output.parent / "input", (), load_policy(policy).texts)


def files(folder: Path) -> list[str]:
    return sorted(snapshot(folder))


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS)
def test_a_result_without_some_of_its_files_may_be_written_over(
    form: str, results: Mapping[str, Path], tmp_path: Path
) -> None:
    for name in files(results[form]):
        for kept in ([other for other in files(results[form]) if other != name], [name]):
            output = tmp_path / "out"
            output.mkdir()
            for other in kept:
                shutil.copy(results[form] / other, output)
            check(output)
            shutil.rmtree(output)


@pytest.mark.slow
@pytest.mark.parametrize("form", [*FORMATS, "own"])
def test_the_next_run_makes_the_result_whole(
    form: str, results: Mapping[str, Path], own_policy: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    shutil.copytree(results[form], output)
    (output / SUMMARY).unlink()
    own = ("--year", "2022", "--policy", own_policy)
    options = own if form == "own" else (*JIYUAN, "--format", form)
    assert assess(own_policy.parent, output, *options) == 0
    assert snapshot(output) == snapshot(results[form])


def test_a_result_in_both_forms_is_what_a_killed_run_leaves(
    results: Mapping[str, Path], tmp_path: Path
) -> None:
    for form in FORMATS:
        shutil.copytree(results[form], tmp_path / "out", dirs_exist_ok=True)
    (tmp_path / "out" / SUMMARY).unlink()
    check(tmp_path / "out")


def edited(name: str) -> Callable[[Path], None]:
    def edit(output: Path) -> None:
        with (output / name).open("ab") as file:
            file.write(b"# mine\n")

    return edit


def input_table(output: Path) -> None:
    shutil.copy(EXAMPLES / "seed-1" / "input" / "claims.csv", output / "claims.csv")


def input_with_balances(output: Path) -> None:
    """Columns that a policy may ask for, by which an input table looks like a result."""
    (output / "institutions.csv").write_text(
        "institution_id,opening_balance,closing_balance\nG,1,2\n"
    )


def input_in_parquet(output: Path) -> None:
    pq.write_table(pa.table({"claim_id": ["A"], "payout": [1]}), output / "claims.parquet")


def damaged_parquet(output: Path) -> None:
    (output / "claims.parquet").write_bytes(b"PAR1" + bytes(16) + b"\x08\0\0\0PAR1")


def deep_summary(output: Path) -> None:
    (output / SUMMARY).write_text("[" * 100_000)


def list_as_rules(output: Path) -> None:
    said = {"policy": {}, "totals": {}, "input_digest": "", "files": {}, "rules": ["policy.toml"]}
    (output / SUMMARY).write_text(json.dumps(said))
    edited("policy.toml")(output)


CHANGES: Mapping[str, Callable[[Path], None]] = {
    "policy.toml": edited("policy.toml"),
    "industries.csv": edited("industries.csv"),
    "claims.csv": input_table,
    "institutions.csv": input_with_balances,
    "claims.parquet": input_in_parquet,
    "damaged claims.parquet": damaged_parquet,
    "deep summary.json": deep_summary,
    "no rules, policy.toml": list_as_rules,
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_only_has_the_name_of_a_part_is_refused(
    change: str, results: Mapping[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(results["csv"], tmp_path / "out")
    (tmp_path / "out" / SUMMARY).unlink()
    CHANGES[change](tmp_path / "out")
    with pytest.raises(OutputRefused) as caught:
        check(tmp_path / "out")
    assert f": {change.rsplit(maxsplit=1)[-1]};" in caught.value.describe("en")


def test_a_policy_of_which_the_copy_may_be_the_only_one_is_refused(
    results: Mapping[str, Path], own_policy: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    shutil.copytree(results["own"], output)
    check(output)  # the summary names it
    (output / SUMMARY).unlink()
    check(output, own_policy)  # it is the run's own
    with pytest.raises(OutputRefused, match=r"policy\.toml"):
        check(output)


@pytest.mark.parametrize("where", [".", REPLACED])
@pytest.mark.parametrize("place", ["beside", "inside"])
def test_a_summary_that_a_killed_run_left_vouches_for_its_policy(
    results: Mapping[str, Path], tmp_path: Path, where: str, place: str
) -> None:
    output = tmp_path / "out"
    shutil.copytree(results["own"], output)
    aside = (tmp_path if place == "beside" else output) / LEFT / where
    aside.mkdir(parents=True)
    (output / SUMMARY).rename(aside / SUMMARY)
    check(output)


def test_links_that_lead_nowhere_are_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "loop.xlsx").symlink_to("loop.xlsx")
    for output in ("loop", "loop/out", "loop.xlsx"):
        with pytest.raises(OutputUnwritable, match="符号链接"):
            check_output(tmp_path / output, "csv", tmp_path / "input")
    (tmp_path / "link").symlink_to("new")
    check_output(tmp_path / "link", "csv", tmp_path / "input")
