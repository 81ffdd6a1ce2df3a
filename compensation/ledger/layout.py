"""How a table lies on a sheet or in a CSV file: title, unit line, headings, records, total, footer.

Kinds of fault: ``no_headings``, ``unknown_unit``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, known
from compensation.language import Text
from compensation.ledger.dictionary import Table
from compensation.ledger.faults import FaultGroup, whole
from compensation.ledger.headings import UNITS, Recognise, normalise, recogniser, split_unit
from compensation.ledger.raw import RawColumn

TITLE_ROWS = 50
"""In how many rows from the top the headings are looked for."""
TOTALS = frozenset({"合计", "总计", "小计", "total"})
"""What a closing row begins with that sums up the records, and is none."""

FOOTER_ROWS = 20
"""How many rows at the end may be no records: 制表人, 审核人, notes."""

Positions = npt.NDArray[np.int64]

_UNIT_LINE = "单位:"
_UNIT_ENDS = re.compile(r"[,\uff0c、;\uff1b/()\[\]。]|及|和")
_MONEY_LIKE = re.compile(
    r"(?:人民币)?(?:[十百千万亿]*元|[十百千]?万|亿)(?:人民币)?|[美欧日港澳台]元|人民币|.*币"
    r"|[\d,]*(?:yuan|rmb|cny|usd|eur|hkd)"
)
_WITHOUT_COLON = re.compile(
    r"(?:金额|货币)?单位(?P<unit>.*)|unit:(?P<english>.*)|\(?(?P<alone>[^()]*)\)?"
)


_FIGURE = re.compile(r"[¥\uffe5]?-?[\d,]*\.?\d+%?元?|共?\d+[笔户人份个家]|[-\u2014/]+")
"""What may stand beside 合计: an amount, a number of something, a dash."""
_LABEL = re.compile(
    r"(?:(?:单位|财务|部门|机构)?(?:负责人|主管|法定代表人)|法人代表|(?:制|填|编)(?:表|报|制)|审[核批]|复核|经办|会计|出纳"
    r"|联系(?:人|电话)|日期|签字|签章|盖章|公章|\(?(?:盖|签)章|备?注|说明|preparedby|reviewedby|notes?\b)"
    r"[^:\d]*:?"
)
"""What the first cell of a row below the records begins with that says who made them, or a note."""
_TRUTHS = frozenset({"是", "否", "yes", "no", "true", "false"})


@dataclass(frozen=True)
class Head:
    """What stands above the records: the place of the row of headings, and the unit of money.

    `matched`: how many columns of the dictionary the headings name.
    """

    row: int
    headings: tuple[str, ...]
    matched: int
    unit: int
    faults: tuple[FaultGroup, ...]


def find_head(rows: Sequence[Sequence[object]], table: Table) -> Head | None:
    """Return the head of a table from its first rows; None if all of them are blank.

    The headings are the row that names the most columns of ``table``, the first such row. Where no
    row names any, the first that is not blank stands for them, so that faults can say what it has.
    """
    texts = [[heading_text(cell) for cell in row] for row in rows[:TITLE_ROWS]]
    filled = [i for i, row in enumerate(texts) if any(normalise(text) for text in row)]
    if not filled:
        return None
    recognise = recogniser(table, further=True)
    matched = [_matches(row, recognise) for row in texts]
    best = max(filled, key=lambda i: matched[i])
    unit, faults = _unit_above(texts[:best], table)
    return Head(best, tuple(texts[best]), matched[best], unit, tuple(faults))


def no_headings(table: Table, source: str) -> FaultGroup:
    """Return the fault of a table in which nothing is written at all."""
    message = Text(
        "“{source}”是空的,没有标题行", "“{source}” is empty: there is no row of headings"
    )
    expected = Text(
        "标题行:" + "、".join(column.heading for column in table.columns if column.required),
        "a row of headings: " + ", ".join(c.name for c in table.columns if c.required),
    )
    return whole("no_headings", message.fill(source=source), table=table.name, expected=expected)


def heading_text(cell: object) -> str:
    """Return a cell of the heading row as text: 2022.0 is 2022, and a day is written as one."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def column_name(heading: str, table: Table) -> str:
    """Return the dictionary's name of the column that a heading names, else the heading itself."""
    recognised = recogniser(table)(heading)
    return heading if recognised is None else recognised[0].name


def _matches(row: Sequence[str], recognise: Recognise) -> int:
    """Return how many different columns of the dictionary a row of texts names."""
    recognised = (recognise(text) for text in row if text)
    return len({found[0].name for found in recognised if found is not None})


def _unit_above(rows: Sequence[Sequence[str]], table: Table) -> tuple[int, list[FaultGroup]]:
    """Return the unit of money that the rows above the headings name, and what is wrong with it."""
    units: set[int] = set()
    faults: list[FaultGroup] = []
    written = [[text for text in row if text] for row in rows]
    pairs = (pair for row in written for pair in zip_longest(row, row[1:], fillvalue=""))
    for cell, beside in pairs:
        for name in _units_named(cell, beside):
            if name in UNITS:
                units.add(UNITS[name])
            else:
                message = Text(
                    "表头上方的金额单位看不懂",
                    "the unit of money above the headings is not understood",
                )
                faults.append(_unit_fault(message, table, cell))
    if len(units) > 1:
        message = Text(
            "表头上方写了两种金额单位", "two different units of money stand above the headings"
        )
        faults.append(_unit_fault(message, table, None))
    return (units.pop() if len(units) == 1 else 1), faults


def _unit_fault(message: Text, table: Table, value: str | None) -> FaultGroup:
    expected = Text("单位:元 或 单位:万元", "单位:元 (yuan) or 单位:万元 (10,000 yuan)")
    return whole("unknown_unit", message, table=table.name, value=value, expected=expected)


def _units_named(cell: str, beside: str) -> list[str]:
    """Return the units of money that a cell names: 单位:万元, or a title that ends in (万元).

    ``beside`` is what stands in the next cell, for a 单位: with nothing behind it. The word also
    means an organisation (编制单位:某公司), so that what follows counts only where it looks like
    money; where 金额 stands before it, it must be money.
    """
    text = normalise(cell).replace("\uff1a", ":")
    before, *after = text.split(_UNIT_LINE)
    if not after:
        return _unit_without_colon(text, beside)
    if not after[-1]:
        after[-1] = normalise(beside)
    named: list[str] = []
    for part in after:
        words = [word for word in _UNIT_ENDS.split(part) if word]
        money = [word for word in words if _MONEY_LIKE.fullmatch(word)]
        # 人民币(万元): the currency, and what one of the figures is worth in it.
        money = [word for word in money if word != "人民币"] or money
        if not money and before.endswith(("金额", "货币")):
            money = words[:1]
        named += money
        before = part
    return named


def _unit_without_colon(text: str, beside: str) -> list[str]:
    """Return the unit that a cell names in brackets, alone, or after 单位 or Unit:."""
    in_brackets = split_unit(text)[1]
    if in_brackets and _MONEY_LIKE.fullmatch(in_brackets):
        return [in_brackets]
    found = _WITHOUT_COLON.fullmatch(text)
    if found is None:
        return []
    named = next((unit for unit in found.groups() if unit is not None), "") or (
        normalise(beside) if found["unit"] is not None else ""
    )
    return [named] if _MONEY_LIKE.fullmatch(named) else []


def without_blanks(
    columns: Sequence[RawColumn], rows: int, occupied: Positions
) -> tuple[tuple[RawColumn, ...], Positions | None]:
    """Drop the rows in which nothing is written, a closing row of totals, and a footer below it.

    ``columns`` are all that the sheet has, those without a heading too: 合计 may stand there. A row
    counts as written where a column with a heading has something; ``occupied`` are rows in which a
    cell holds something that the reader could not read. Returned are the columns with a heading and
    the positions of the rows that were kept, or None if all were.
    """
    written = np.zeros(rows, dtype=np.bool_)
    written[occupied] = True
    headed = tuple(column for column in columns if normalise(column.heading))
    for column in headed:
        if written.all():
            break
        written |= _filled(column, rows)
    for last in np.flatnonzero(written)[: -FOOTER_ROWS - 1 : -1].tolist():
        cells = _cells(columns, last)
        if is_footer(cells):
            written[last] = False
            continue
        if _is_total(cells):
            written[last] = False
        break
    if written.all():
        return headed, None
    kept = np.flatnonzero(written)
    return tuple(_taken(column, arrow(kept)) for column in headed), kept


def _filled(column: RawColumn, rows: int) -> npt.NDArray[np.bool_]:
    """Return which rows of a column hold something other than blanks."""
    filled = np.zeros(rows, dtype=np.bool_)
    if column.text is not None:
        blank = pc.or_(
            pc.invert(pc.cast(pc.binary_length(column.text), pa.bool_())),
            pc.utf8_is_space(column.text),
        )
        filled |= known(blank) & ~flags(blank)
    for part in (column.number, column.moment, column.boolean):
        if part is not None:
            filled |= known(part)
    return filled


def is_total(text: str) -> bool:
    """Return whether the first cell of a closing row says that it sums up the others.

    >>> is_total(" 合 计:")
    True
    """
    return normalise(text).rstrip(":\uff1a") in TOTALS


def _cells(columns: Sequence[RawColumn], row: int) -> list[object]:
    """Return the cells of a row that hold something, in order."""
    cells = []
    for column in columns:
        parts = (column.text, column.number, column.moment, column.boolean)
        values = (part[row].as_py() for part in parts if part is not None)
        cells += [v for v in values if v is not None and (not isinstance(v, str) or normalise(v))]
    return cells


def is_footer(cells: Sequence[object]) -> bool:
    """Return whether the cells of a row say who made the table, or are a note below it.

    Such a row begins with 制表人, 审核人, 注 or the like, and has no figure, day or 是/否 but
    behind a label of its own. Every record has one, so no record is taken for a footer.

    >>> is_footer(["制表人:", "张三", "日期:", "2022年12月31日"])
    True
    >>> is_footer(["注1", "2022-03-01"])
    False
    """
    label = None
    for place, cell in enumerate(cells):
        text = normalise(cell).replace("\uff1a", ":") if isinstance(cell, str) else ""
        behind_label = label is not None and label[0] == label.string and label[0].endswith(":")
        label = _LABEL.match(text)
        if label is not None:
            continue
        says = not text or any(map(str.isdigit, text)) or text in _TRUTHS
        if place == 0 or (says and not behind_label):
            return False
    return bool(cells)


def _is_total(cells: Sequence[object]) -> bool:
    """Return whether a row sums up: its first cell says 合计 or the like, the others are figures.

    A row that has ids, dates or names as well is a record, whatever its first cell says.
    """
    if not cells or not isinstance(cells[0], str) or not is_total(cells[0]):
        return False
    return not any(isinstance(v, datetime.date) for v in cells) and all(
        not isinstance(v, str) or _FIGURE.fullmatch(normalise(v)) for v in cells[1:]
    )


def _taken(column: RawColumn, rows: pa.Array) -> RawColumn:
    def taken(part: pa.Array | None) -> pa.Array | None:
        return None if part is None else part.take(rows)

    return replace(
        column,
        text=taken(column.text),
        number=taken(column.number),
        moment=taken(column.moment),
        boolean=taken(column.boolean),
    )
