"""Columns of a sheet that have no heading: what stands there is not read, and that is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from compensation.schema.dictionary import CLAIMS
from tests.ledger.input_files import SHEETS, Row, read_as

HEADINGS: Row = ["代偿编号", "合同编号", "代偿日期", "代偿本金"]
C1: Row = ["C1", "K1", "2022-05-20", "19000"]
C2: Row = ["C2", "K6", "2022-11-15", "100000"]

# what, rows, the column of which it is said and what is shown of it
FORMS: list[tuple[str, list[Row], tuple[int, str] | None]] = [
    ("a heading was deleted", [[*HEADINGS, ""], [*C1, "1000"], [*C2, ""]], (5, "1000")),
    ("in the middle", [["", *HEADINGS], ["", *C1], ["5", *C2]], (1, "5")),
    ("a remark", [[*HEADINGS, ""], [*C1, "见附件"], [*C2, ""]], (5, "见附件")),
    ("beside a unit", [[*HEADINGS, ""], [*C1, "单位:元"], [*C2, "1"]], (5, "1")),
    ("a unit alone", [[*HEADINGS, ""], [*C1, "单位:元"], [*C2, ""]], None),
    ("nothing but blanks", [[*HEADINGS, ""], [*C1, " "], [*C2, ""]], None),
    ("beside a title", [["代偿表", *[""] * 3, "共2笔"], [*HEADINGS, ""], [*C1, ""]], None),
    ("beside a total", [[*HEADINGS, ""], [*C1, ""], ["合计", "", "", "19000", "元"]], None),
]


@pytest.mark.parametrize("form", SHEETS)
@pytest.mark.parametrize(("what", "rows", "told"), FORMS, ids=[what for what, *_ in FORMS])
def test_what_stands_under_no_heading_is_told(
    form: str, what: str, rows: list[Row], told: tuple[int, str] | None, tmp_path: Path
) -> None:
    raw, faults = read_as(form, tmp_path, CLAIMS, rows)
    assert raw is not None
    assert not faults
    found = [w for w in raw.warnings if w.kind == "column_without_heading"]
    if told is None:
        assert not found, what
        return
    place, value = told
    (warning,) = found
    assert f"第 {place} 列" in warning.message.zh
    assert f"column {place} " in warning.message.en
    assert list(warning.values or ()) == [value]
