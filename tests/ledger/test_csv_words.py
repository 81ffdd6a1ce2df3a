"""Columns of few words in CSV files: held as words, they come to what they come to as texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation.ledger.table_reader import TableReader
from compensation.readers import csv_file
from compensation.readers.text_files import lines_in
from compensation.schema.dictionary import RELEASES
from compensation.tables.raw import RawColumn, RawTable
from tests.conftest import DEPTH
from tests.ledger.input_files import faults_of, file_rows, records

HEADINGS = "合同编号,解除日期,解除金额(万元),备注,"
WORDS = {
    "day": ["2022-03-01", "20220301", "2022年3月", "", " 2022-03-01 ", "解除日期", "合计"],
    "amount": ["1", "1.50", "12万元", "", "合计", "解除金额", "-1", "1E3"],
    "note": ["", "合计", "a\nb", "C2,2022-03-01,1,\nC3,2022-03-01,1,", "备注"],
    "beside": ["", "单位:元", "单位:万元"],
}


def written(rows: Sequence[tuple[str, ...]], end: str) -> bytes:
    lines = [HEADINGS, *(",".join(f'"{cell}"' for cell in row) for row in rows)]
    return (end.join(lines) + end).encode()


def came_to(path: Path) -> list[object]:
    """Return all that reading a file comes to: records, lines, faults, and what its cells mean."""
    raw, groups = csv_file.read_csv(path, RELEASES)
    if raw is None:
        return [faults_of(groups)]
    read = TableReader(RELEASES, raw).read(raw)
    values = [column.to_pylist() for column in read.columns.values()]
    found = faults_of([*groups, *raw.warnings, *read.faults])
    return [records(spelled(raw)), file_rows(raw), raw.unit, values, found]


def spelled(raw: RawTable) -> RawTable:
    columns = tuple(map(RawColumn.spelled_out, raw.columns))
    return RawTable(raw.name, columns, raw.rows, raw.unit, raw.locate)


@pytest.mark.slow
@settings(max_examples=30 * DEPTH, deadline=None)
@given(
    kinds=st.lists(st.tuples(*map(st.sampled_from, WORDS.values())), min_size=1, max_size=3),
    odd=st.tuples(*map(st.sampled_from, WORDS.values())),
    times=st.sampled_from([4, 9]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_words_come_to_what_texts_come_to(
    kinds: list[tuple[str, ...]],
    odd: tuple[str, ...],
    times: int,
    end: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    rows = [(f"C{n}", *kinds[n % len(kinds)]) for n in range(times * len(kinds))]
    path = tmp_path_factory.mktemp("words") / "releases.csv"
    path.write_bytes(written([*rows, ("C99", *odd)], end))
    with pytest.MonkeyPatch.context() as patch:
        as_words = came_to(path)
        patch.setattr(csv_file, "MOST_WORDS", 0)
        words_given_up = came_to(path)
        patch.setattr(csv_file, "_of_few_words", lambda *_: set())
        assert as_words == words_given_up == came_to(path)


def test_a_column_of_few_words_is_held_as_words(tmp_path: Path) -> None:
    path = tmp_path / "releases.csv"
    path.write_bytes(written([(f"C{n}", "2022-03-01", str(n), "", "") for n in range(8)], "\n"))
    raw, _ = csv_file.read_csv(path, RELEASES)
    assert raw is not None
    assert [column.words is not None for column in raw.columns] == [False, True, False, True]


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", 0),
        (b"a", 1),
        (b"a\n", 1),
        (b"a\r\nb", 2),
        (b"\n\n", 2),
        (b"a\rb\n", None),
        (b"a\r", None),
        (b"a\r\n" * 2**19, 2**19),
        (b"x" * (2**20 - 1) + b"\r\n", 1),
        (b"x" * (2**20 - 1) + b"\ra\n", None),
    ],
)
def test_lines_in(content: bytes, lines: int | None) -> None:
    assert lines_in(pa.py_buffer(content)) == lines


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_records_keep_their_lines_whatever_ends_them(end: str, tmp_path: Path) -> None:
    rows = [(f"C{n}", "2022-03-01", "1", "", "") for n in range(6)]
    path = tmp_path / "releases.csv"
    path.write_bytes(written(rows, end))
    raw, _ = csv_file.read_csv(path, RELEASES)
    assert raw is not None
    path.unlink()
    lines = raw.locate(np.arange(raw.rows))
    assert lines.tolist() == [2, 3, 4, 5, 6, 7]
