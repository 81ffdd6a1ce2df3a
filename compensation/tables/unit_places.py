"""Which columns a unit of money holds for: decided by where the cell stands that names it.

A unit line, a title, a note or a cell beside the table holds for all money columns that name no
unit; the heading of a group of columns holds for those under it, and goes before a unit line; a
summary figure (合计(万元) beside 500) says nothing of the columns. Where that stays in doubt, and
the answer would change a figure, it is a fault. Kind of fault: ``unknown_unit``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from operator import and_

import numpy as np
import pyarrow.compute as pc

from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import Table
from compensation.schema.unit_words import Named
from compensation.schema.units import LONGEST, is_of_currencies, units_in, units_in_name
from compensation.tables.headings import heading_text, normalise, recogniser
from compensation.tables.raw import Locate, RawColumn, count_from_one
from compensation.tables.raw_rows import cells_of

Merged = tuple[tuple[int, int], tuple[int, int]]
"""A merged range: the row and column of its first cell and of its last one, counted from 0."""
MOST = 1_000
"""How many cells that name a unit are kept; a table has a handful."""

EXPECTED = Text(
    "“单位：元”或“单位：万元”，千元、百万元、亿元亦可",
    "单位:元 (yuan) or 单位:万元 (10,000 yuan); 千元, 百万元 and 亿元 will do, too",
)
_OF_UNITS = re.compile(
    r"(?:金额|货币|计量|计价|数量|数额)?\(?(?:单位|计量)(?:\(.*\)|\)|[:/].*)?|(?:金额)?\(单位\)|units?(?:of.*)?:?"
)
"""Headings of columns that name a unit in every row."""
_LIKELY = (
    r"元|圆|圓|[单單]\s*位|[万千百亿萬億]|币|[Yy]uan|YUAN|[Rr][Mm][Bb]|[Cc][Nn][Yy]|[Uu]nit|UNIT"
    r"|[A-Z]{3}|[$€£]"
)
"""Found in every cell that names a unit."""
SHOWN = 80
"""How many characters of a cell a fault shows."""
_FIGURE = re.compile(r"[¥\uffe5]?-?[0-9][0-9,]{0,30}(?:\.[0-9]{1,30})?(?:[万亿]?元)?")
_YEAR = re.compile(r"(?:19|20|21)[0-9]{2}")
_ANNOUNCES = re.compile(r"(?:单位|单位:|unit:?)$", re.IGNORECASE)
_DATE_OR_LABEL = re.compile(r"[:\uff1a0-9]")


@dataclass(frozen=True)
class Statement:
    """A cell that names a unit.

    `worth`: in yuan; None if the unit is not understood. `surely`, `perhaps`: the columns that it
    holds for, surely and at most; None for all of them.
    """

    cell: str
    worth: int | None
    position: int
    surely: range | None = None
    perhaps: range | None = None
    locate: Locate = count_from_one
    """Turns the position into the row number of the file."""


@dataclass(frozen=True)
class Units:
    """The units of a table: of the money columns that name none, and of those under a group.

    `whole` is None where the table names none.
    """

    whole: int | None
    columns: Mapping[int, int]
    faults: tuple[FaultGroup, ...]


@dataclass(frozen=True)
class Under:
    """What stands under the rows above: the places of the headings, and of money without a unit.

    `unknown`: headings that are none of the table's, whose columns may hold money, too.
    """

    headed: tuple[int, ...]
    money: frozenset[int]
    unknown: frozenset[int] = frozenset()
    merged: Mapping[tuple[int, int], range] = field(default_factory=dict)

    @property
    def first(self) -> int:
        """The first column that has a heading."""
        return self.headed[0] if self.headed else 0

    @property
    def last(self) -> int:
        """The last column that has a heading."""
        return self.headed[-1] if self.headed else 0


def under(headings: Sequence[str], table: Table, merged: Sequence[Merged] = ()) -> Under:
    """Return what the rows above the headings stand over."""
    recognise = recogniser(table, further=True)
    headed = tuple(i for i, heading in enumerate(headings) if normalise(heading))
    found = {i: recognise(headings[i]) for i in headed}
    money = frozenset(
        i
        for i, column in found.items()
        if column is not None and column[0].type is ColumnType.MONEY and column[1] is None
    )
    unknown = frozenset(i for i, column in found.items() if column is None)
    covered = {(top, left): range(left, right + 1) for (top, left), (_, right) in merged}
    return Under(headed, money, unknown, covered)


def above(rows: Iterable[Sequence[str]], below: Under, locate: Locate) -> list[Statement]:
    """Return what the rows above the headings say of units; ``rows`` from the first on."""
    found: list[Statement] = []
    for position, written in enumerate(rows):
        row = _put_together(written)
        filled = [column for column, cell in enumerate(row) if normalise(cell[:LONGEST])]
        cells = ["", *(row[column] for column in filled), ""]
        neighbours = zip(filled, cells, cells[1:], cells[2:], strict=False)
        for column, before, cell, beside in neighbours:
            joined = f"{cell} {beside}" if _ANNOUNCES.search(normalise(cell[-9:])) else cell
            for named in units_in(joined):
                if _is_summary(named, before, beside):
                    continue
                surely, perhaps = _reach(named, row, position, column, filled, below)
                found.append(Statement(cell, named.worth, position, surely, perhaps, locate))
        if len(found) > MOST:
            break
    return found


def _put_together(row: Sequence[str]) -> Sequence[str]:
    """Return a row; letters in cells of their own, side by side, are one text in the last cell."""
    letters = [len(cell.strip()) == 1 and cell.strip() != "元" for cell in row]
    if not any(map(and_, letters, letters[1:])):
        return row
    together, word = [*row], ""
    for place, cell in enumerate(row):
        word = word + cell.strip() if len(cell.strip()) == 1 else ""
        if len(word) > 1:
            together[place - 1 : place + 1] = ["", word]
    return together


def beside(headings: Sequence[str], position: int, table: Table, locate: Locate) -> list[Statement]:
    """Return what cells of the row of headings say that are a unit, and no heading."""
    recognise = recogniser(table, further=True)
    return [
        Statement(heading, named.worth, position, locate=locate)
        for heading in headings
        if heading and recognise(heading) is None
        for named in units_in(heading)
        if not named.beside
    ][:MOST]


def said(cells: Iterable[object], position: int, locate: Locate) -> Iterator[Statement]:
    """Yield what the cells of a note, or of a column without heading, say of the whole table."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    for cell, following in zip_longest(texts, texts[1:], fillvalue=""):
        joined = f"{cell} {following}" if _ANNOUNCES.search(normalise(cell[-9:])) else cell
        for named in units_in(joined):
            yield Statement(cell, named.worth, position, locate=locate)


def in_name(name: str) -> list[Statement]:
    """Return the units that the name of a sheet or file states of its table: 代偿(万元)."""
    return [Statement(name, named.worth, 0) for named in units_in_name(name)]


def in_columns(columns: Sequence[RawColumn], below: Under, locate: Locate) -> list[Statement]:
    """Return what is said of units below the headings, in columns that are not of the records.

    These are columns without a heading, and those whose heading is 单位, 币种 or the like. A unit
    alone, between columns with headings, is the unit of the amounts on its left.
    """
    found: list[Statement] = []
    for place, column in enumerate(columns):
        heading = normalise(column.heading)
        of_units = _OF_UNITS.fullmatch(re.sub(r"[\s_]", "", heading))
        if heading and of_units is None and not is_of_currencies(heading):
            continue
        cells = column.spelled_out().text
        if cells is None:
            continue
        different = cells.unique()
        likely = different.filter(pc.match_substring_regex(different, _LIKELY))
        for text in likely.slice(0, MOST).to_pylist():
            position = pc.index(cells, text).as_py()
            for named in units_in(f"单位:{text}" if of_units else text):
                surely = None
                if not heading and not named.marked:
                    before = _cell(columns, place - 1, position, but=below.headed)
                    if _is_summary(named, before, _cell(columns, place + 1, position)):
                        continue
                    if place < below.last and place - 1 in below.money:
                        surely = range(place - 1, place)
                found.append(Statement(text, named.worth, position, surely, None, locate))
    return found


def _cell(columns: Sequence[RawColumn], place: int, position: int, but: Sequence[int] = ()) -> str:
    """Return a cell as text; nothing where there is no such column, or it is one of ``but``."""
    if place < 0 or place in but:
        return ""
    return "".join(heading_text(v) for _, v in cells_of(columns[place : place + 1], position))


def _is_summary(named: Named, before: str, behind: str) -> bool:
    """Return whether a unit is of a figure beside it: 合计(万元) before 500, 万元 behind it.

    ``before``, ``behind``: the cells on both sides. A year beside a title is no figure.
    """
    figure = normalise((behind if named.beside else before)[:LONGEST])
    if named.marked or not _FIGURE.fullmatch(figure):
        return False
    return not (_YEAR.fullmatch(figure) and (named.is_title or not named.beside))


def _reach(
    named: Named, row: Sequence[str], position: int, column: int, filled: list[int], below: Under
) -> tuple[range | None, range | None]:
    """Return which columns a unit above the headings holds for: surely, and at most."""
    extent = below.merged.get((position, column), range(column, column + 1))
    if column > below.last or (extent[0] <= below.first and extent[-1] >= below.last):
        return None, None
    groups = [
        other
        for other in filled
        if other not in extent
        and not _DATE_OR_LABEL.search(row[other])
        and not units_in(row[other])
    ]
    at_left = column <= below.first
    if not named.over:
        if named.marked or (at_left and not groups) or not {*extent} & below.money:
            return None, None
        return extent, None
    alone = not groups
    if at_left and alone:
        return (None, None) if named.is_title or len(extent) == 1 else (extent, None)
    if len(extent) > 1:
        of_others = not {*extent} & (below.money | below.unknown)
        return extent, None if of_others or (named.is_title and alone) else extent
    following = [other for other in filled if other > column]
    reach = range(column, min([*following, below.last + 1]))
    if named.is_title:
        return (reach if at_left else extent), None
    # Group headings side by side from the first column on leave no column out.
    complete = any(other <= below.first for other in [*groups, column])
    of_none = not {*reach} & below.money and (alone or named.marked)
    return (reach if complete else extent), None if of_none else reach


def settle(statements: Sequence[Statement], below: Under, table: Table) -> Units:
    """Return the units that statements come to, and what is wrong with them.

    A heading's own unit goes before both, and is not looked at here.
    """
    faults = [
        _fault(Text("金额单位无法识别", "the unit of money is not understood"), table, [statement])
        for statement in statements
        if statement.worth is None
    ]
    known = [statement for statement in statements if statement.worth is not None]
    whole = [one for one in known if one.surely is None]
    differ = Text("写了两种不同的金额单位", "two different units of money are named")
    faults += _contradiction(differ, whole, table)
    unit = whole[0].worth if whole else None
    columns: dict[int, Statement] = {}
    for one in known:
        for column in one.surely or ():
            other = columns.setdefault(column, one)
            if other.worth != one.worth and column in below.money:
                faults += _contradiction(differ, [other, one], table)
    worths = {column: one.worth or 1 for column, one in columns.items()}
    doubt = Text(
        "看不出这一金额单位管哪些列：请把单位写进各金额列的标题，如“担保金额（万元）”",
        "it is not clear which columns this unit of money is for: name the unit in the heading of"
        " each column, as in 担保金额(万元)",
    )
    for one in known:
        if one.surely is None:
            continue
        perhaps = below.money if one.perhaps is None else below.money & {*one.perhaps}
        if any(worths.get(column, unit or 1) != one.worth for column in perhaps):
            faults.append(_fault(doubt, table, [one]))
    return Units(unit, worths, tuple(faults))


def _contradiction(
    message: Text, statements: Sequence[Statement], table: Table
) -> list[FaultGroup]:
    """Return the fault of statements that name different units, with one cell for each unit."""
    first = {one.worth: one for one in reversed(statements)}
    shown = [one for one in statements if first[one.worth] is one]
    return [_fault(message, table, shown)] if len(shown) > 1 else []


def _fault(message: Text, table: Table, statements: Sequence[Statement]) -> FaultGroup:
    shown = sorted(
        {
            (int(one.locate(np.array([one.position]))[0]), one.cell.strip()[:SHOWN])
            for one in statements
        }
    )
    return FaultGroup(
        "unknown_unit",
        message,
        table.name,
        expected=EXPECTED,
        rows=np.array([row for row, _ in shown], np.int64),
        values=[cell for _, cell in shown],
        locate=lambda numbers: numbers,
    )
