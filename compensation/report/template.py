"""The empty workbook to fill in: all of it follows from the data dictionary and the policy."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from compensation.ledger.column import TYPE_NAMES, Column, ColumnType
from compensation.ledger.dictionary import TABLES, Table
from compensation.ledger.parties import PARTIES, SHARE_PREFIX, share_column
from compensation.ledger.table_names import EXAMPLE
from compensation.money import MAX_FEN
from compensation.policy.catalogue import Policy
from compensation.policy.quantities import parties_named
from compensation.policy.subjects import extra_columns
from compensation.report.examples import example_cell, example_rows
from compensation.report.sheet import FIRST_DAY, MAX_ROWS, Sheet, comment, new_workbook, text_width
from compensation.report.styles import Styles
from compensation.rules.decision import subjects_needed
from compensation.values.printing import YES_NO, yuan_of

GUIDE = "填表说明"

_WORDS_SHOWN = 6
"""How many further headings the comment of a heading names; the data dictionary has all."""
_COLUMN_STYLES = {
    ColumnType.TEXT: "column_text",
    ColumnType.CHOICE: "column_text",
    ColumnType.BOOLEAN: "column_text",
    ColumnType.DATE: "column_date",
    ColumnType.MONEY: "column_money",
}
_RULES = (
    "各表第一行为标题，自第二行起逐行填写；标题文字请勿改动，列的次序可以调整，蓝色的列可以留空。",
    "标题为橙色的列必填。把鼠标移到标题上可以看到每一列的说明。",
    "“解保”“追偿”“上缴”“资金池”四表没有数据时可以留空或删除；“拨付”表不用时请删除；本表和“示例-”各表不会被读取，请勿另建与各表标题相同的工作表。",
    "金额单位为元，最多两位小数；如需以万元填写，请在标题后加“（万元）”。",
    "日期可写作 2022-03-01、2022/3/1、20220301 或 2022年3月1日。",
    "编号、代码列为文本格式，前面的 0 会保留。比例写作 0.4 或 40%。",
    "“示例-”各表中的名称、编号和金额都是虚构的，仅说明填法。",
)


def write_template(path: str | os.PathLike[str], policy: Policy) -> None:
    """Write an empty workbook with a sheet for each input table, replacing what is at ``path``.

    Headings have notes, cells have formats, lists to choose from and checks; the columns that the
    policy tests are there too. Raises OSError if the file cannot be written.
    """
    columns = template_columns(policy)
    tested = frozenset(subjects_needed(policy))
    rows = example_rows(policy)
    extra = extra_columns(policy.rules)
    with new_workbook(path, f"填报模板：{policy.rules.name.zh}", streamed=False) as book:
        styles = Styles(book)
        _write_guide(Sheet(book, styles, GUIDE), policy, columns, tested)
        for table in TABLES:
            sheet = Sheet(book, styles, table.heading)
            _write_table(sheet, table, columns[table.name], tested)
        for table in TABLES:
            own = extra.get(table.name, ())
            filled = [
                {column.name: example_cell(policy, table.name, column) for column in own}
                | dict(row)
                for row in rows[table.name]
            ]
            _write_example(
                Sheet(book, styles, EXAMPLE + table.heading), columns[table.name], filled
            )


def template_columns(policy: Policy) -> dict[str, tuple[Column, ...]]:
    """Return the columns of each table: the dictionary's, and those that the policy looks at."""
    extra = extra_columns(policy.rules)
    parties = [policy.rules.beneficiary.party, *parties_named(policy.rules)]
    needed = [f"contracts.{SHARE_PREFIX}{party}" for party in parties]
    shares = {
        name: share_column(name)
        for key in (*needed, *subjects_needed(policy))
        if (name := key.removeprefix("contracts.")).startswith(SHARE_PREFIX)
        and name.removeprefix(SHARE_PREFIX) not in PARTIES
    }
    columns = {table.name: (*table.columns, *extra.get(table.name, ())) for table in TABLES}
    columns["contracts"] += tuple(shares.values())
    return columns


def _required(column: Column) -> str:
    return "必填" if column.required else "可留空"


def _note(table: Table, column: Column, tested: Collection[str]) -> str:
    """Return what there is to say of a column; whether the policy tests it."""
    notes = [column.note.zh] if column.note.zh else []
    if f"{table.name}.{column.name}" in tested and not column.required and column.default is None:
        notes.append("政策要用到此列，请保留")
    return "；".join(notes)


def _about(table: Table, column: Column, tested: Collection[str]) -> str:
    """Return the comment of a heading: its English name, type, whether required, what to write."""
    unique = "，不可重复" if column.unique else ""
    note = _note(table, column, tested)
    lines = [
        column.name,
        f"类型：{TYPE_NAMES[column.type].zh}，{_required(column)}{unique}",
        f"填写：{column.expected.zh}",
    ]
    also = [word for word in column.further if not word.isascii()][:_WORDS_SHOWN]
    lines += [f"说明：{note}"] if note else []
    return "\n".join(lines + ([f"也可写作：{'、'.join(also)}"] if also else []))


def _write_guide(
    sheet: Sheet,
    policy: Policy,
    columns: dict[str, tuple[Column, ...]],
    tested: Collection[str],
) -> None:
    """Write how to fill the workbook, and all columns of all tables."""
    widths = (14, 26, 9, 13, 58, 46)
    last = len(widths) - 1
    sheet.widths(widths)
    sheet.across(0, 0, last, f"填表说明：{policy.rules.name.zh}", "title", 30)
    row = 1
    for number, rule in enumerate(_RULES, 1):
        sheet.across(row, 0, last, f"{number}. {rule}", "caption", 18)
        row += 1
    heading_row = row + 1
    sheet.headings(heading_row, ("工作表", "标题", "是否必填", "类型", "填写", "说明"), 22)
    row = heading_row + 1
    for table in TABLES:
        for column in columns[table.name]:
            note = _note(table, column, tested)
            sheet.fit_row(row, {1: column.heading, 4: column.expected.zh, 5: note})
            optional = "（本表可省略）" if table.optional else ""
            sheet.text(row, 0, table.heading + optional)
            sheet.text(row, 1, column.heading)
            sheet.text(row, 2, _required(column), "centre")
            sheet.text(row, 3, TYPE_NAMES[column.type].zh, "centre")
            sheet.text(row, 4, column.expected.zh)
            sheet.text(row, 5, note)
            row += 1
    sheet.raw.freeze_panes(heading_row + 1, 0)
    sheet.raw.repeat_rows(heading_row)
    sheet.page()


def _write_table(
    sheet: Sheet, table: Table, columns: Sequence[Column], tested: Collection[str]
) -> None:
    """Write one empty table: its headings, and what may go into the cells below."""
    sheet.widths(
        [_width(column) for column in columns],
        [_COLUMN_STYLES.get(column.type, "column_plain") for column in columns],
    )
    sheet.raw.set_row(0, 34)
    for place, column in enumerate(columns):
        sheet.text(0, place, column.heading, "required" if column.required else "heading")
        comment(sheet.raw, 0, place, _about(table, column, tested))
        check = _check(column)
        if check is not None:
            sheet.raw.data_validation(1, place, MAX_ROWS - 1, place, check)
    sheet.raw.freeze_panes(1, 1)
    sheet.raw.repeat_rows(0)
    sheet.page(_pages_wide(columns))


def _pages_wide(columns: Sequence[Column]) -> int:
    """Return on how many pages beside one another so many columns can still be read."""
    return 1 + len(columns) // 12


def _width(column: Column) -> int:
    least = {ColumnType.MONEY: 18, ColumnType.TEXT: 20, ColumnType.DATE: 13, ColumnType.CHOICE: 18}
    heading = text_width(column.heading)
    return max(least.get(column.type, 12), heading + 2 if heading <= 14 else (heading + 1) // 2 + 4)


def _check(column: Column) -> dict[str, Any] | None:
    """Return what a spreadsheet program is to accept in the cells of a column; None for all."""
    message = {
        "error_title": column.heading[:32],
        "error_message": f"应为{column.expected.zh}"[:255],
    }
    if column.type is ColumnType.CHOICE:
        return {"validate": "list", "source": [choice.zh for choice in column.choices], **message}
    if column.type is ColumnType.BOOLEAN:
        return {"validate": "list", "source": [said.zh for said in reversed(YES_NO)], **message}
    if column.type is ColumnType.DATE:
        return {"validate": "date", "criteria": ">=", "value": FIRST_DAY, **message}
    if column.type is ColumnType.COUNT:
        return {"validate": "integer", "criteria": ">=", "value": 0, **message}
    if column.type is ColumnType.SHARE:
        between = {"criteria": "between", "minimum": 0, "maximum": 1}
        return {"validate": "decimal", **between, **message}
    if column.type is ColumnType.MONEY:
        least = Decimal("0.01") if column.positive else 0
        between = {"criteria": "between", "minimum": least, "maximum": yuan_of(MAX_FEN)}
        return {"validate": "decimal", **between, **message}
    return None


def _write_example(sheet: Sheet, columns: Sequence[Column], rows: Sequence[dict[str, Any]]) -> None:
    """Write invented rows below the headings of a table, and say that they are invented."""
    sheet.widths([_width(column) for column in columns])
    sheet.raw.set_row(0, 34)
    for place, column in enumerate(columns):
        sheet.text(0, place, column.heading, "required" if column.required else "heading")
    for number, row in enumerate(rows, 1):
        for place, column in enumerate(columns):
            value = row.get(column.name)
            if isinstance(value, Decimal) and column.type is not ColumnType.MONEY:
                sheet.number(number, place, value, "number_text", str(value))
            else:
                sheet.put(number, place, value)
    note = "以上内容均为虚构，仅说明填法；本工作表不会被读取。"
    sheet.raw.set_row(len(rows) + 2, 18)
    sheet.text(len(rows) + 2, 0, note, "remark")
    sheet.raw.set_tab_color("#A6A6A6")
    sheet.raw.freeze_panes(1, 1)
    sheet.page(_pages_wide(columns))
