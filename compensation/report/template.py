"""The empty workbook to fill in: all of it follows from the data dictionary and the policy."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from xlsxwriter.utility import xl_col_to_name

from compensation.engine.measures_needed import tables_measured
from compensation.ledger.records import TABLE_OF
from compensation.money import MAX_FEN
from compensation.policy.catalogue import Policy
from compensation.policy.quantities import parties_named
from compensation.policy.variables import extra_columns
from compensation.readers.table_names import EXAMPLE
from compensation.report.basis_sheet import write_policies
from compensation.report.column_help import help_for
from compensation.report.examples import Row, example_cell, example_rows
from compensation.report.sheet import FIRST_DAY, MAX_ROWS, Sheet, comment, new_workbook, text_width
from compensation.rules.decision import variables_needed
from compensation.schema.column import TYPE_NAMES, Column, ColumnType
from compensation.schema.dictionary import BY_YEAR, TABLES, Table
from compensation.schema.parties import PARTIES, SHARE_PREFIX, share_column
from compensation.values.numbers import MAX_COUNT
from compensation.values.printing import YES_NO, amount, decimal_of, yuan_of

GUIDE = "填表说明"
CONDITIONS = "政策条件"

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
    "标题为橙色的列必填。把鼠标移到标题上可以看到每一列的含义、出处和示例，与下表相同。",
    "{optional}没有数据时可以留空或删除；“拨付”表不用时请删除；本表和“示例-”各表不会被读取，请勿另建与各表标题相同的工作表。",
    "金额单位为元，最多两位小数；如需以万元填写，请在标题后加“（万元）”。",
    "日期可写作 2022-03-01、2022/3/1、20220301 或 2022年3月1日。",
    "编号、代码列为文本格式，前面的 0 会保留。比例写作 0.4 或 40%。",
    "填写有误时会立即提示：超出可选范围、日期先后颠倒、编号重复、编号在所指的表中找不到。提示“是否继续”的，核实无误可以继续。",
    "“政策条件”表列出所选政策的条件、比例和规则；该表不会被读取。",
    "“示例-”各表中的名称、编号和金额都是虚构的，仅说明填法。",
)


_MAY_BE_EMPTY = ("releases", "recoveries", "remittances", "pool")
_REQUIRED = 2
"""The column of the guide that says whether a column is required."""
_NOT_BEFORE = {
    "contracts.release_date": "start_date",
    "claims.finance_review_date": "payout_date",
    "claims.industry_review_date": "payout_date",
    "claims.closed_date": "payout_date",
}
"""Dates that are not before another one of their row."""


def write_template(path: str | os.PathLike[str], policy: Policy) -> None:
    """Write an empty workbook with a sheet for each input table, replacing what is at ``path``.

    Headings have notes, cells have formats, lists to choose from and checks; the columns that the
    policy tests are there too. Raises OSError if the file cannot be written.

    >>> write_template("template.xlsx", load_policy("jiyuan-2022"))
    """
    columns = template_columns(policy)
    tables = [table for table in TABLES if table.name in columns]
    tested = frozenset(variables_needed(policy))
    rows = _example_rows(policy)
    with new_workbook(path, f"填报模板：{policy.rules.name.zh}", streamed=False) as book:
        guide = Sheet(book, GUIDE)
        write_policies(Sheet(book, CONDITIONS), [policy])
        helped = {
            table.name: [
                _help(policy, table, column, rows[table.name], tested)
                for column in columns[table.name]
            ]
            for table in tables
        }
        _write_guide(guide, policy, columns, helped)
        for table in tables:
            sheet = Sheet(book, table.heading)
            _write_table(sheet, table, columns, helped[table.name], TABLE_OF[policy.rules.record])
        for table in tables:
            sheet = Sheet(book, EXAMPLE + table.heading)
            _write_example(sheet, columns[table.name], rows[table.name])


def template_columns(policy: Policy) -> dict[str, tuple[Column, ...]]:
    """Return the columns of each table: the dictionary's, and those that the policy looks at.

    Without payouts there is nothing to share and nothing to recover: the columns and tables for
    that are left out, unless the policy looks at them.
    """
    extra = extra_columns(policy.rules)
    parties = [policy.rules.beneficiary.party, *parties_named(policy.rules)]
    needed = [f"contracts.{SHARE_PREFIX}{party}" for party in parties]
    shares = {
        name: share_column(name)
        for key in (*needed, *variables_needed(policy))
        if (name := key.removeprefix("contracts.")).startswith(SHARE_PREFIX)
        and name.removeprefix(SHARE_PREFIX) not in PARTIES
    }
    columns = {table.name: (*table.columns, *extra.get(table.name, ())) for table in TABLES}
    for by_year in BY_YEAR:
        if by_year.name not in extra:
            del columns[by_year.name]
    columns["contracts"] += tuple(shares.values())
    if policy.rules.record == "payout":
        return columns
    looked_at = variables_needed(policy)
    columns["contracts"] = tuple(
        each
        for each in columns["contracts"]
        if not each.name.startswith(SHARE_PREFIX) or f"contracts.{each.name}" in looked_at
    )
    for name in ("recoveries", "remittances", *({"claims"} - tables_measured(policy))):
        del columns[name]
    return columns


def _example_rows(policy: Policy) -> dict[str, list[Row]]:
    """Return the invented rows of each table, with the columns that the policy adds."""
    extra = extra_columns(policy.rules)
    return {
        table: [
            {own.name: example_cell(policy, table, own) for own in extra.get(table, ())} | dict(row)
            for row in rows
        ]
        for table, rows in example_rows(policy).items()
    }


class _Help(NamedTuple):
    """What is said of a column: what it means, where it is found, and an example."""

    meaning: str
    source: str
    example: str


def _help(
    policy: Policy, table: Table, column: Column, rows: Sequence[Row], tested: Collection[str]
) -> _Help:
    """Return what is said of a column; whether the policy tests it is part of the meaning."""
    meaning, source = help_for(table.name, column)
    meanings = [text for text in (meaning, column.note.zh) if text]
    if f"{table.name}.{column.name}" in tested and not column.required and column.default is None:
        meanings.append("政策要用到此列，请保留")
    given = (row[column.name] for row in rows if column.name in row)
    example = next(given, None)
    if example is None:
        example = example_cell(policy, table.name, column)
    return _Help("；".join(meanings), source, _shown(example))


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return YES_NO[value].zh
    if isinstance(value, Decimal) and value >= 1:
        return amount(value)
    return str(value)


def _required(column: Column) -> str:
    return "必填" if column.required else "可留空"


def _about(column: Column, helped: _Help) -> str:
    """Return the comment of a heading: its English name, type, and all that is said of it."""
    unique = "，不可重复" if column.unique else ""
    also = [word for word in column.further if not word.isascii()][:_WORDS_SHOWN]
    said = {
        "类型": f"{TYPE_NAMES[column.type].zh}，{_required(column)}{unique}",
        "填写": column.expected.zh,
        "含义": helped.meaning,
        "出处": helped.source,
        "示例": helped.example,
        "也可写作": "、".join(also),
    }
    return "\n".join([column.name, *(f"{name}：{text}" for name, text in said.items() if text)])


def _write_guide(
    sheet: Sheet,
    policy: Policy,
    columns: Mapping[str, Sequence[Column]],
    helped: Mapping[str, Sequence[_Help]],
) -> None:
    """Write how to fill the workbook, and all columns of all tables."""
    widths = (21, 22, 9, 46, 42, 34, 20)
    last = len(widths) - 1
    sheet.widths(widths)
    sheet.across(0, 0, last, f"填表说明：{policy.rules.name.zh}", "title", 30)
    row = 1
    may_be_empty = [t.heading for t in TABLES if t.name in columns and t.name in _MAY_BE_EMPTY]
    optional = "".join(f"“{heading}”" for heading in may_be_empty)
    optional += f"{'零一两三四'[len(may_be_empty)]}表"
    for number, rule in enumerate(_RULES, 1):
        written = rule.format(optional=optional)
        sheet.across(row, 0, last, f"{number}. {written}", "caption", 18)
        row += 1
    heading_row = row + 1
    sheet.headings(heading_row, ("工作表", "标题", "是否必填", "填写", "含义", "出处", "示例"), 22)
    row = heading_row + 1
    for table in (table for table in TABLES if table.name in columns):
        optional = "（本表可省略）" if table.optional else ""
        for column, said in zip(columns[table.name], helped[table.name], strict=True):
            cells = (
                table.heading + optional,
                column.heading,
                _required(column),
                column.expected.zh,
                *said,
            )
            sheet.fit_row(row, dict(enumerate(cells)))
            for place, cell in enumerate(cells):
                sheet.text(row, place, cell, "centre" if place == _REQUIRED else "text")
            row += 1
    sheet.raw.freeze_panes(heading_row + 1, 0)
    sheet.raw.repeat_rows(heading_row)
    sheet.page()


def _write_table(
    sheet: Sheet,
    table: Table,
    all_columns: Mapping[str, Sequence[Column]],
    helped: Sequence[_Help],
    cases: str,
) -> None:
    """Write one empty table: its headings, and what may go into the cells below.

    `cases`: the table whose rows are the cases, which payments name.
    """
    columns = all_columns[table.name]
    sheet.widths(
        [_width(column) for column in columns],
        [_COLUMN_STYLES.get(column.type, "column_plain") for column in columns],
    )
    sheet.raw.set_row(0, 34)
    for place, column in enumerate(columns):
        sheet.text(0, place, column.heading, "required" if column.required else "heading")
        comment(sheet.raw, 0, place, _about(column, helped[place]))
        check = _check(table, column, all_columns, cases)
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


def _check(
    table: Table, column: Column, all_columns: Mapping[str, Sequence[Column]], cases: str
) -> dict[str, Any] | None:
    """Return what a spreadsheet program is to accept in the cells of a column; None for all.

    What may be right after all, an id that is still to come or two that differ by case, is asked
    about (`warning`); everything else is refused. MATCH compares texts as texts; COUNTIF would take
    ids of many digits for numbers, and for the same.
    """
    message: dict[str, Any] = {
        "error_title": column.heading[:32],
        "error_message": f"应为{column.expected.zh}"[:255],
    }
    own = _letter(all_columns[table.name], column.name)
    if column.refers_to is not None:
        of = cases if column.refers_to == "claims" else column.refers_to
        heading = next(t.heading for t in TABLES if t.name == of)
        ids = _letter(all_columns[of], all_columns[of][0].name)
        formula = f"=ISNUMBER(MATCH({own}2,{heading}!${ids}:${ids},0))"
        message["error_message"] = f"“{heading}”表中没有这个{column.heading}"
        return {"validate": "custom", "value": formula, "error_type": "warning", **message}
    if column.unique:
        message["error_message"] = f"{column.heading}与上面的一行重复"
        formula = f"=MATCH({own}2,${own}:${own},0)=ROW({own}2)"
        return {"validate": "custom", "value": formula, "error_type": "warning", **message}
    earlier = _NOT_BEFORE.get(f"{table.name}.{column.name}")
    if earlier is not None:
        first = f"=${_letter(all_columns[table.name], earlier)}2"
        message["error_message"] += f"，不早于{_heading(table, earlier)}"
        return {"validate": "date", "criteria": ">=", "value": first, **message}
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
    if column.type is ColumnType.DECIMAL:
        between = {"criteria": "between", "minimum": 0, "maximum": decimal_of(MAX_COUNT, 4)}
        return {"validate": "decimal", **between, **message}
    if column.type is ColumnType.MONEY:
        least = Decimal("0.01") if column.positive else 0
        between = {"criteria": "between", "minimum": least, "maximum": yuan_of(MAX_FEN)}
        return {"validate": "decimal", **between, **message}
    return None


def _letter(columns: Sequence[Column], name: str) -> str:
    place = next(place for place, column in enumerate(columns) if column.name == name)
    return str(xl_col_to_name(place))


def _heading(table: Table, name: str) -> str:
    return next(column.heading for column in table.columns if column.name == name)


def _write_example(sheet: Sheet, columns: Sequence[Column], rows: Sequence[Row]) -> None:
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
