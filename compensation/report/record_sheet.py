"""The sheet 核算存证: the summary and the rules of the run as texts, line by line.

What a folder of results keeps as files, `summary.json` and the texts of the rules, stands here, so
that a workbook alone says how it came about and can be computed again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import is_text, texts
from compensation.report.record import (
    ASSESSMENT,
    JOINT,
    OWN_DIGEST,
    SUMMARY,
    Layout,
    csv_digest,
    layout_of,
    summary_text,
)
from compensation.report.sheet import LINE, MAX_TEXT, Sheet, fitting
from compensation.report.tables import RESULTS
from compensation.results import text_digest

RECORD_SHEET = "核算存证"
WIDTHS = (38, 126)
CAPTION = (
    "本页列出本次核算所用程序、数据、政策及结果的校验码，供归档；本页以下逐行照录核算记录及政策等原文，"
    "供程序重新计算并核对，不打印。"
)
MEANINGS = {
    SUMMARY: "选项、合计、校验码",
    "policy.toml": "政策文件原文",
    "enterprise-size.csv": "企业划型标准",
    "industries.csv": "划型标准的行业",
}
SERIES = "参考利率原文"
CHUNK = MAX_TEXT // 2
"""Characters of a line in one row; a longer line goes on in the next, which has no number."""


class Recorded(Protocol):
    """A result of any kind."""

    @property
    def tables(self) -> Mapping[str, pa.Table]:
        """Its tables by name."""

    @property
    def summary(self) -> Mapping[str, Any]:
        """What its summary.json holds."""

    @property
    def texts(self) -> Mapping[str, str]:
        """Its rules as texts, by name."""


def record_rows(of: Recorded) -> int:
    """Return a number of rows that is surely enough for the sheet."""
    texts = [summary_text(of.summary, of.tables, "sheets", {}), *of.texts.values()]
    lines = [line for text in texts for line in text.split("\n")]
    return 30 + len(texts) * 3 + sum(1 + len(line) // CHUNK for line in lines)


def write_record(sheet: Sheet, of: Recorded, title: str, caption: str = CAPTION) -> None:
    """Write what is filed on a page, and below it texts, line by line, which are not printed.

    The first of the texts is the summary, with the digests of what the sheets hold.
    """
    summary = layout_of(of.tables, of.summary).summary
    names = RESULTS if summary == SUMMARY else {}
    digests = {names.get(name, name): sheet_digest(table) for name, table in of.tables.items()}
    said = summary_text(of.summary, of.tables, "sheets", digests)
    texts = {summary: said, **of.texts}
    sheet.widths(WIDTHS)
    sheet.raw.set_default_row(LINE)
    sheet.across(0, 0, 1, title, "title", 30)
    sheet.across(1, 0, 1, caption, "caption", 20)
    row = 2
    for label, value in _filed(json.loads(said)):
        sheet.fit_row(row, {0: label, 1: value})
        sheet.text(row, 0, label, "label")
        sheet.text(row, 1, value)
        row += 1
    sheet.raw.print_area(0, 0, row - 1, 1)
    row += 1
    for name, text in texts.items():
        meaning = MEANINGS[SUMMARY] if name == summary else _meaning(name)
        digest = "" if name == summary else f"\u3000{text_digest(text)}"
        sheet.text(row, 0, name, "section")
        sheet.text(row, 1, meaning + digest, "section")
        row += 1
        for number, chunk in _chunks(text):
            sheet.fit_row(row, {1: chunk})
            sheet.count(row, 0, number, "line")
            sheet.text(row, 1, chunk, "code")
            row += 1
    sheet.page()


def _filed(said: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what of a summary belongs into the files: what the result is, and of what."""
    yield "程序版本", said["version"]
    yield "输入数据校验码", said["input_digest"]
    for reviews in said.get("reviews") or ():
        yield "审核意见校验码", reviews
    for name, digest in said["rules"].items():
        yield f"{_meaning(name)}校验码", digest
    for name, digest in said["sheets"].items():
        yield f"结果校验码（{name}）", digest
    yield "核算记录校验码", said[OWN_DIGEST]


def _meaning(name: str) -> str:
    """Return what a text is: a policy where its name ends like that of one."""
    found = (meaning for ending, meaning in MEANINGS.items() if name.endswith(ending))
    return next(found, SERIES)


def held(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as a workbook holds it: texts that are too long for a cell end in dots."""
    if not is_text(column.type) or (pc.max(pc.utf8_length(column)).as_py() or 0) <= CHUNK:
        return column
    cells = [None if cell is None else fitting(cell) for cell in column.to_pylist()]
    return pa.chunked_array([texts(cells).cast(column.type)])


def sheet_digest(table: pa.Table) -> str:
    """Return the digest of a table as a workbook holds it."""
    return csv_digest(pa.table(list(map(held, table.columns)), table.column_names))


def _chunks(text: str) -> Iterator[tuple[int | None, str]]:
    """Yield the lines of a text with their numbers, long ones in parts of which one is numbered."""
    for number, line in enumerate(text.split("\n"), 1):
        for start in range(0, max(1, len(line)), CHUNK):
            yield number if start == 0 else None, line[start : start + CHUNK]


def _is_rule(name: str) -> bool:
    """Return whether a name is that of a text of rules, under one policy or several."""
    return any(layout.rules.fullmatch(name) for layout in (ASSESSMENT, JOINT))


def texts_of(rows: Sequence[Sequence[object]], layout: Layout = ASSESSMENT) -> Mapping[str, str]:
    """Return the texts that the rows of the sheet hold, by name.

    `rows`: cells as a reader gives them, numbers as int or float, blanks as None or "".
    """
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for name, content in (tuple(row[:2]) for row in rows if len(row) > 1):
        said = "" if content is None else str(content)
        if isinstance(name, str) and (name == layout.summary or _is_rule(name)):
            lines = found.setdefault(name, [])
        elif isinstance(name, int | float):
            lines.append(said)
        elif not name and lines:
            lines[-1] += said
    return {name: "\n".join(lines) for name, lines in found.items()}
