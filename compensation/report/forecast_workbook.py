"""A forecast as a workbook: the years, the institutions, every line, and what it all rests on."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa

from compensation.arrays import texts
from compensation.outlook.assumptions import TITLES
from compensation.outlook.forecast import Forecast
from compensation.report.forecast_console import assumption_lines
from compensation.report.sheet import Sheet, Sheets
from compensation.report.tables import table_rows, write_table
from compensation.report.wording import Reasons

HEADINGS = {
    "assumption": "情景",
    "year": "年度",
    "institution_id": "机构代码",
    "released_amount": "解除担保额",
    "payout_amount": "代偿额",
    "payout_rate": "代偿率",
    "compensation": "补偿金额",
    "returned_to_government": "返还政府",
    "pool_opening": "资金池期初余额",
    "budget_need": "预算需求",
    "pool_closing": "资金池期末余额",
    "eligible": "是否符合条件",
    "reasons": "未满足的条件",
    "tier": "档次",
    "rate": "补偿比例",
    "claims": "代偿笔数",
    "eligible_claims": "符合条件笔数",
    "next_tier": "上一档",
    "next_rate": "上一档比例",
    "next_tier_gain": "上一档可增加的补偿",
    "said": "算式",
}
TABLES = {
    "各年": ("forecast_years", "以后年度的补偿、预算和资金池"),
    "各机构": ("forecast_institutions", "各机构以后年度的档次和补偿"),
    "算式": ("forecast_lines", "每一步的算式"),
}
"""The sheets that show a table: which one, and their titles."""
NOTES = "假定与说明"
ABOUT = "金额单位：元"
NOT_SHOWN = ("line", "value", "said_en")
"""Columns that the sentence of a line says already."""


def _written(of: Forecast, table: str) -> pa.Table:
    """Return a table in Chinese words, without what is said twice."""
    shown = of.tables[table]
    names = [name for name in shown.column_names if name not in NOT_SHOWN]
    shown = shown.select(names)
    said = {"assumption": [TITLES[each].zh for each in shown["assumption"].to_pylist()]}
    if "reasons" in names:
        reasons = Reasons(of.start.base.policy)
        said["reasons"] = [
            reasons.explain("institutions", each) for each in shown["reasons"].to_pylist()
        ]
    for name, words in said.items():
        column = pa.chunked_array([texts([word or None for word in words])])
        shown = shown.set_column(names.index(name), name, column)
    return shown


def _filled(name: str) -> Callable[[Sheet, Forecast], None]:
    def fill(sheet: Sheet, of: Forecast) -> None:
        table, title = TABLES[name]
        shown = _written(of, table)
        headings = [HEADINGS[column] for column in shown.column_names]
        fixed = 3 if "institution_id" in shown.column_names else 2
        wide = 2 if name == "各机构" else 1
        write_table(sheet, title, ABOUT, headings, shown, fixed=fixed, wide=wide)

    return fill


def _write_notes(sheet: Sheet, of: Forecast) -> None:
    """Write what was assumed, and what the figures rest on."""
    sheet.widths((110,))
    policy = of.start.base.policy
    sheet.across(0, 0, 0, f"假定与说明：{policy.rules.name.zh}（{policy.id}）", "title", 30)
    for row, note in enumerate([*assumption_lines(of), *of.notes], 1):
        sheet.fit_row(row, {0: note.zh})
        sheet.text(row, 0, note.zh)
    sheet.page()


SHEETS: Sheets = {
    **{name: (table_rows(table), _filled(name)) for name, (table, _) in TABLES.items()},
    NOTES: (None, _write_notes),
}
