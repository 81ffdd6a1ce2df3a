"""A comparison as one workbook: what each variant comes to with a chart, and for whom."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pyarrow as pa

from compensation.report import record_sheet
from compensation.report.comparison_wording import (
    ALL_YEARS,
    EFFECTS,
    HEADINGS,
    STRICT,
    variant_names,
    variant_title,
)
from compensation.report.record import COMPARISON, summary_text
from compensation.report.sheet import MAX_ROWS, Sheet, TooManyRows, new_workbook
from compensation.report.styles import Styles
from compensation.report.tables import Field, kind_of_column
from compensation.whatif.compare import Comparison
from compensation.whatif.variants import IN_FORCE

TITLE_ROWS = 2
TITLES = {
    "totals": ("测算汇总", "各方案测算结果"),
    "changes": ("增减", "与方案 1 相比的增减"),
    "institutions": ("机构", "各方案下各机构的结果"),
    "claims": ("变动明细", "结果改变的代偿"),
}
"""The sheet of each table, and its title."""
VARIANTS_SHEET = "方案"
CHART_ROWS = 17
CAPTION = "各方案的政策文件全文与本次测算的选项、合计，逐行照录；存成 .toml 文件即可用于核算。"


def _rows(comparison: Comparison, table: str) -> int:
    return TITLE_ROWS + 1 + len(comparison.tables[table])


def _write_table(sheet: Sheet, comparison: Comparison, table: str) -> None:
    """Write a table of the comparison: title, headings, a row for each of its rows."""
    found = comparison.tables[table]
    fields = [_field(sheet, comparison, name, found[name]) for name in found.column_names]
    widths = [field.width() for field in fields]
    last = len(fields) - 1
    sheet.widths(widths)
    sheet.across(0, 0, last, TITLES[table][1], "title", 28)
    about = (STRICT if comparison.strict_dates else IN_FORCE).zh
    sheet.across(1, 0, last, f"{about}\u3000金额单位：元", "caption", 18)
    sheet.headings(TITLE_ROWS, [field.heading for field in fields], 34)
    wrapping = [place for place, field in enumerate(fields) if field.wraps(widths[place])]
    row = TITLE_ROWS + 1
    columns = pa.table([field.column for field in fields], [str(n) for n in range(len(fields))])
    for batch in columns.to_batches(max_chunksize=4096):
        for record in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            sheet.fit_row(row, {place: fields[place].shown(record[place]) for place in wrapping})
            for place, value in enumerate(record):
                fields[place].write(row, place, value)
            row += 1
    sheet.raw.freeze_panes(TITLE_ROWS + 1, 2)
    sheet.raw.autofilter(TITLE_ROWS, 0, max(TITLE_ROWS, row - 1), last)
    sheet.raw.repeat_rows(TITLE_ROWS)
    sheet.page()


def _field(sheet: Sheet, comparison: Comparison, name: str, column: pa.ChunkedArray) -> Field:
    heading = HEADINGS[name].zh
    if name == "year":
        return Field(heading, _said(sheet, {None: ALL_YEARS.zh}), column, 7, 7)
    if name == "variant":
        names = {key: text.zh for key, text in variant_names(comparison).items()}
        return Field(heading, _said(sheet, names), column, 14, 14, lambda value: names[str(value)])
    if name == "effect":
        effects = {key: text.zh for key, text in EFFECTS.items()}
        return Field(heading, _said(sheet, effects), column, 16, 16)
    return Field(heading, *kind_of_column(sheet, column))


def _said(sheet: Sheet, words: Mapping[Any, str]) -> Callable[[int, int, object], None]:
    """Return what writes the word for a value, or the value itself."""

    def write(row: int, column: int, value: object) -> None:
        sheet.text(row, column, words.get(value, str(value)), "centre")

    return write


def _variant_rows(comparison: Comparison) -> int:
    return TITLE_ROWS + 2 + len(comparison.variants) + CHART_ROWS


def _write_variants(sheet: Sheet, comparison: Comparison) -> None:
    """Write what each variant is, and charts of what it costs."""
    sheet.widths((12, 60, 76))
    sheet.across(0, 0, 2, "政策测算", "title", 28)
    years = "、".join(map(str, comparison.years))
    sheet.across(
        1, 0, 2, f"年度：{years}\u3000输入数据校验码：{comparison.measured.digest}", "caption"
    )
    sheet.headings(TITLE_ROWS, ("方案", "政策与改动", "政策文件校验码"), 24)
    names = variant_names(comparison)
    row = TITLE_ROWS
    for number, variant in enumerate(comparison.variants):
        row += 1
        title = variant_title(comparison, number).zh
        sheet.fit_row(row, {1: title})
        sheet.text(row, 0, names[variant.name].zh, "centre")
        sheet.text(row, 1, title)
        sheet.text(row, 2, variant.policy.digest)
    columns = comparison.tables["totals"].column_names
    for number, figure in enumerate(("compensation", "net_cost")):
        chart = sheet.book.add_chart({"type": "column"})
        for place, year in enumerate(comparison.years):
            first = TITLE_ROWS + 1 + place * len(comparison.variants)
            last = first + len(comparison.variants) - 1
            totals = TITLES["totals"][0]
            at, names_at = columns.index(figure), columns.index("variant")
            chart.add_series(
                {
                    "name": str(year),
                    "categories": [totals, first, names_at, last, names_at],
                    "values": [totals, first, at, last, at],
                }
            )
        chart.set_title({"name": f"{HEADINGS[figure].zh}（元）"})
        chart.set_size({"width": 510, "height": 300})
        sheet.raw.insert_chart(row + 2, 2 * number, chart)
    sheet.page()


def _record(comparison: Comparison) -> dict[str, str]:
    digests = {name: record_sheet.sheet_digest(t) for name, t in comparison.tables.items()}
    said = summary_text(comparison.summary, comparison.tables, "sheets", digests)
    return {COMPARISON.summary: said, **comparison.texts}


def _record_rows(comparison: Comparison) -> int:
    return record_sheet.rows_for(list(_record(comparison).values()))


def _write_record(sheet: Sheet, comparison: Comparison) -> None:
    record_sheet.write_texts(sheet, TEXTS_SHEET, CAPTION, _record(comparison))


TEXTS_SHEET = "政策文件"
SHEETS: dict[str, tuple[Callable[[Comparison], int], Callable[[Sheet, Comparison], None]]] = {
    VARIANTS_SHEET: (_variant_rows, _write_variants),
    **{
        sheet: (partial(_rows, table=table), partial(_write_table, table=table))
        for table, (sheet, _) in TITLES.items()
    },
    TEXTS_SHEET: (_record_rows, _write_record),
}
"""The sheets in their order: how many rows each takes, and what writes it."""


def write_comparison_workbook(comparison: Comparison, path: str | os.PathLike[str]) -> None:
    """Write a comparison as a workbook to ``path``, replacing what is there.

    Raises `TooManyRows` before anything is written, and OSError if it cannot be written.
    """
    for name, (count, _) in SHEETS.items():
        rows = count(comparison)
        if rows > MAX_ROWS:
            raise TooManyRows(name, rows)
    with new_workbook(path, "政策测算", streamed=True) as book:
        styles = Styles(book)
        for name, (_, fill) in SHEETS.items():
            fill(Sheet(book, styles, name), comparison)
