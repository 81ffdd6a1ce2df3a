"""A comparison as one workbook: what each variant comes to with a chart, and for whom."""

from __future__ import annotations

from functools import partial

import pyarrow as pa

from compensation.report.comparison_wording import (
    ALL_YEARS,
    EFFECTS,
    HEADINGS,
    STRICT,
    variant_names,
    variant_title,
)
from compensation.report.record_sheet import record_rows, write_record
from compensation.report.sheet import Sheet, Sheets
from compensation.report.tables import TITLE_ROWS, Field, field_of, table_rows, write_fields
from compensation.whatif.compare import Comparison
from compensation.whatif.variants import IN_FORCE

TITLES = {
    "totals": ("测算汇总", "各方案测算结果"),
    "changes": ("增减", "与方案 1 相比的增减"),
    "institutions": ("机构", "各方案下各机构的结果"),
    "claims": ("变动明细", "结果改变的代偿"),
}
"""The sheet of each table, and its title."""
VARIANTS_SHEET = "方案"
CAPTION = "各方案的政策文件全文与本次测算的选项、合计，逐行照录；存成 .toml 文件即可用于核算。"


def _write_table(sheet: Sheet, comparison: Comparison, table: str) -> None:
    """Write a table of the comparison: title, headings, a row for each of its rows."""
    found = comparison.tables[table]
    fields = [_field(sheet, comparison, name, found[name]) for name in found.column_names]
    about = (STRICT if comparison.strict_dates else IN_FORCE).zh
    titles = (TITLES[table][1], f"{about}\u3000金额单位：元")
    write_fields(sheet, fields, titles, fixed=2)


def _field(sheet: Sheet, comparison: Comparison, name: str, column: pa.ChunkedArray) -> Field:
    heading = HEADINGS[name].zh
    if name == "year":
        return Field(heading, sheet.words({None: ALL_YEARS.zh}), column, 7, 7)
    if name == "variant":
        names = {key: text.zh for key, text in variant_names(comparison).items()}
        write = sheet.words(names)
        return Field(heading, write, column, 14, 14, lambda value: names[str(value)])
    if name == "effect":
        effects = {key: text.zh for key, text in EFFECTS.items()}
        return Field(heading, sheet.words(effects), column, 16, 16)
    return field_of(sheet, heading, column)


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


TEXTS_SHEET = "政策文件"
SHEETS: Sheets = {
    VARIANTS_SHEET: (None, _write_variants),
    **{
        sheet: (table_rows(table), partial(_write_table, table=table))
        for table, (sheet, _) in TITLES.items()
    },
    TEXTS_SHEET: (record_rows, partial(write_record, title=TEXTS_SHEET, caption=CAPTION)),
}
