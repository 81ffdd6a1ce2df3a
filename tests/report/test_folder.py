from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compensation.report import folder as folder_module
from compensation.report.folder import write_folder
from tests.assessing import assessed, results_of, rows_of
from tests.command import snapshot
from tests.portfolios import random_portfolio

CSV = {"claims.csv", "institutions.csv", "returns.csv", "summary.json"}
PARQUET = {"claims.parquet", "institutions.parquet", "returns.parquet", "summary.json"}


def tables(mark: str = "x") -> dict[str, pa.Table]:
    return {name: pa.table({"id": [mark]}) for name in ("claims", "institutions", "returns")}


def test_a_folder_holds_the_tables_and_a_summary_that_names_their_digests(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b"
    write_folder(tables(), {"year": 2022, "note": "济源"}, target)
    assert set(snapshot(target)) == CSV
    text = (target / "summary.json").read_text(encoding="utf-8")
    assert "济源" in text
    summary = json.loads(text)
    assert list(summary) == ["year", "note", "columns", "files", "summary_digest"]
    assert summary["columns"]["claims"] == {"id": "text"}
    assert summary["files"] == {
        name: "sha256:" + hashlib.sha256((target / name).read_bytes()).hexdigest()
        for name in sorted(CSV - {"summary.json"})
    }
    assert set(snapshot(tmp_path)) == {"a", "a/b", *(f"a/b/{name}" for name in CSV)}


def test_the_other_format_goes_when_a_new_result_comes(tmp_path: Path) -> None:
    write_folder(tables("old"), {}, tmp_path / "out", "csv")
    write_folder(tables("new"), {}, tmp_path / "out", "parquet")
    assert set(snapshot(tmp_path / "out")) == PARQUET
    write_folder(tables("newer"), {}, tmp_path / "out", "csv")
    assert set(snapshot(tmp_path / "out")) == CSV
    assert (tmp_path / "out" / "claims.csv").read_bytes() == b"id\nnewer\n"


def test_parquet_holds_the_types_of_the_contract_and_the_same_cells_as_csv(tmp_path: Path) -> None:
    assessment = assessed(random_portfolio(3, 60))
    write_folder(assessment.tables, assessment.summary, tmp_path / "p", "parquet")
    kinds: dict[str, pa.DataType] = {}
    for name, rows in results_of(assessment).items():
        table = pq.read_table(tmp_path / "p" / f"{name}.parquet")
        assert rows_of(table) == rows
        kinds |= {f"{name}.{field.name}": field.type for field in table.schema}
    assert kinds["claims.payout"] == pa.decimal128(18, 2)
    assert kinds["claims.rate"] == pa.decimal128(18, 6)
    assert kinds["claims.payout_date"] == pa.date32()
    assert kinds["claims.eligible"] == pa.bool_()
    assert kinds["institutions.balance_growth"] == pa.decimal128(18, 6)
    assert kinds["returns.to_government"] == pa.decimal128(18, 2)
    write_folder(assessment.tables, assessment.summary, tmp_path / "q", "parquet")
    assert snapshot(tmp_path / "p") == snapshot(tmp_path / "q")


def test_rules_are_files_of_their_own_and_go_with_their_result(tmp_path: Path) -> None:
    first = {"policy.toml": "甲\n", "series-lpr.toml": "乙\n", "industries.csv": "丙\n"}
    write_folder(tables(), {}, tmp_path / "out", "csv", None, first)
    held = snapshot(tmp_path / "out")
    assert set(held) == CSV | first.keys()
    assert {name: held[name].decode() for name in first} == first
    write_folder(tables(), {}, tmp_path / "out", "csv", None, {"policy.toml": "丁\n"})
    held = snapshot(tmp_path / "out")
    assert set(held) == CSV | {"policy.toml"}
    assert held["policy.toml"].decode() == "丁\n"


def test_a_link_to_a_folder_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    write_folder(tables(), {}, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert set(snapshot(tmp_path / "real")) == CSV


class Stop(BaseException):
    """Stands for an interruption, which is no Exception."""


def failing(step: int, error: BaseException) -> Callable[[Path, Path], Path]:
    """Path.replace, failing at its ``step``-th call; restoring afterwards works."""
    calls = 0
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        nonlocal calls
        calls += 1
        if calls == step:
            raise error
        return real(self, target)

    return replace


def no_links(*_: object) -> None:
    raise OSError(95, "Operation not supported")


@pytest.mark.slow
@pytest.mark.parametrize("error", [Stop(), OSError(28, "No space left on device")])
@pytest.mark.parametrize("old", [None, "csv", "parquet"])
@pytest.mark.parametrize("links", [True, False])
def test_whatever_move_fails_the_folder_is_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, old: Any, links: bool
) -> None:
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", no_links)
    target = tmp_path / "deep" / "out"
    if old is not None:
        write_folder(tables("old"), {"year": 1}, target, old)
    before = snapshot(tmp_path)
    # An old file that can be linked to needs no move of its own.
    moves = {None: 4, "csv": 5 if links else 8, "parquet": 8}[old]
    for step in range(1, moves + 1):
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", failing(step, error))
            with pytest.raises(type(error)):
                write_folder(tables("new"), {"year": 2}, target, "csv")
        assert snapshot(tmp_path) == before, step
    with monkeypatch.context() as patch:  # there are no more moves than were tried
        patch.setattr(Path, "replace", failing(moves + 1, error))
        write_folder(tables("new"), {"year": 2}, target, "csv")
    assert set(snapshot(target)) == CSV


@pytest.mark.parametrize("error", [Stop(), OSError(28, "No space left on device")])
def test_a_failure_while_writing_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(folder_module, "store", fail)
    with pytest.raises(type(error)):
        write_folder(tables(), {}, tmp_path / "new" / "out")
    assert snapshot(tmp_path) == {}


def test_the_summary_is_moved_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved = []
    real = Path.replace

    def replace(self: Path, target: Path) -> Path:
        moved.append(target.name)
        return real(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    write_folder(tables(), {}, tmp_path / "out")
    assert moved == ["claims.csv", "institutions.csv", "returns.csv", "summary.json"]
