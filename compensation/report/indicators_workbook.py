"""The indicators of institutions as a workbook: every figure, how each moved, what each means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa
from xlsxwriter.utility import quote_sheetname, xl_range_abs

from compensation.arrays import texts
from compensation.language import Text
from compensation.outlook.indicators import RANK, Indicators, unit_of
from compensation.outlook.measures import REASONS
from compensation.policy.kinds import Kind
from compensation.policy.model import BASIS_NAMES, Basis
from compensation.report.sheet import Sheet, Sheets
from compensation.report.tables import TITLE_ROWS, table_rows, write_table
from compensation.schema.dictionary import INSTITUTIONS

FIGURES, MOVES, MEANINGS = "指标", "走势", "口径"
BETTER = {"higher": Text("高者为先", "highest first"), "lower": Text("低者为先", "lowest first")}
UNITS = {
    Kind.MONEY: Text("元", "yuan"),
    Kind.COUNT: Text("户", "borrowers"),
    Kind.RATIO: Text("比例", "ratio"),
}
_OWN = {"year": "年度", "undefined": "无法计算的指标（原因）"}


def names_of(result: Indicators) -> dict[str, Text]:
    """Return what the indicators of a result are called, by id."""
    return {each.indicator.id: each.indicator.name.text for each in result.defined.indicators}


def undefined_text(names: Mapping[str, Text], said: str | None) -> Text:
    """Return in words which indicators of a row are undefined, and why."""
    pairs = [pair.partition(":") for pair in (said or "").split(";") if pair]
    return Text(
        "；".join(f"{names[name].zh}：{REASONS[reason].zh}" for name, _, reason in pairs),
        "; ".join(f"{names[name].en}: {REASONS[reason].en}" for name, _, reason in pairs),
    )


def _heading(names: Mapping[str, Text], name: str) -> str:
    if name.startswith(RANK):
        return f"{names[name.removeprefix(RANK)].zh}名次"
    if name in names:
        return names[name].zh
    return _OWN.get(name) or INSTITUTIONS.column(name).heading


def _write_figures(sheet: Sheet, result: Indicators) -> None:
    """Write the table of the result, a row for each institution and year."""
    table, names = result.tables["indicators"], names_of(result)
    headings = [_heading(names, name) for name in table.column_names]
    said = [undefined_text(names, each).zh for each in table["undefined"].to_pylist()]
    written = table.set_column(table.num_columns - 1, "undefined", pa.chunked_array([texts(said)]))
    about = "金额单位：元；名次以 1 为最好，数值相同者名次相同"
    write_table(sheet, "担保机构指标", about, headings, written, fixed=3, wide=4)


def _moves_rows(result: Indicators) -> int:
    rows = result.ledgers.rows("institutions") * len(result.defined.indicators)
    return TITLE_ROWS + 1 + rows


def _write_moves(sheet: Sheet, result: Indicators) -> None:
    """Write a row for each indicator and institution: its years, and a line drawn through them."""
    years = [year.year for year in result.years]
    table, names = result.tables["indicators"], names_of(result)
    records = table.to_pylist()
    institutions = result.ledgers.rows("institutions")
    last = 2 + len(years)
    sheet.widths([30, 16, *[19] * len(years), 26, 10])
    sheet.across(0, 0, last + 1, "担保机构指标走势", "title", 28)
    sheet.across(1, 0, last + 1, "金额单位：元；空格表示无法计算", "caption", 18)
    headings = ["指标", "机构代码", *map(str, years), "走势", f"{years[-1]} 年名次"]
    sheet.headings(TITLE_ROWS, headings, 34)
    row = TITLE_ROWS + 1
    for indicator, better in result.defined.indicators:
        write = _writer(sheet, unit_of(indicator))
        for place in range(institutions):
            own = records[place::institutions]
            sheet.text(row, 0, names[indicator.id].zh, "label")
            sheet.text(row, 1, own[0]["institution_id"])
            for column, record in enumerate(own, 2):
                write(row, column, record[indicator.id])
            sheet.blank(row, last)
            _draw(sheet, row, last)
            rank = own[-1][RANK + indicator.id] if better else None
            sheet.count(row, last + 1, rank, "count")
            row += 1
    sheet.raw.freeze_panes(TITLE_ROWS + 1, 2)
    sheet.raw.repeat_rows(TITLE_ROWS)
    sheet.page()


def _draw(sheet: Sheet, row: int, column: int) -> None:
    """Draw a line through the years of a row, left of the column."""
    cells = xl_range_abs(row, 2, row, column - 1)
    options: dict[str, Any] = {
        "range": f"{quote_sheetname(sheet.name)}!{cells}",
        "markers": True,
        "show_hidden": True,
        "series_color": "#1F5A8A",
        "empty_cells": "gaps",
    }
    sheet.raw.add_sparkline(row, column, options)


def _writer(sheet: Sheet, unit: Kind) -> Callable[[int, int, object], None]:
    if unit is Kind.MONEY:
        return sheet.money
    return sheet.count if unit is Kind.COUNT else sheet.ratio


def _write_meanings(sheet: Sheet, result: Indicators) -> None:
    """Write what each indicator means, where that comes from, and how sure it is."""
    widths = (28, 10, 76, 22, 8, 12)
    sheet.widths(widths)
    sheet.across(0, 0, len(widths) - 1, "指标口径", "title", 28)
    about = "依据为“假定”的，文件没有写明，按此处说明计算"
    sheet.across(1, 0, len(widths) - 1, about, "caption", 18)
    sheet.headings(TITLE_ROWS, ("指标", "单位", "说明", "来源", "依据", "排名"), 24)
    for row, (indicator, better) in enumerate(result.defined.indicators, TITLE_ROWS + 1):
        basis: Basis = indicator.basis
        cells = (
            indicator.name.zh,
            UNITS[unit_of(indicator)].zh,
            indicator.said.zh,
            indicator.clause,
            BASIS_NAMES[basis].zh,
            BETTER[better].zh if better else "不排名",
        )
        sheet.fit_row(row, dict(enumerate(cells)))
        for column, cell in enumerate(cells):
            sheet.text(row, column, cell, "text" if column in (0, 2, 3) else "centre")
    sheet.page()


SHEETS: Sheets = {
    FIGURES: (table_rows("indicators"), _write_figures),
    MOVES: (_moves_rows, _write_moves),
    MEANINGS: (None, _write_meanings),
}
