"""Units of money that a cover, notes or the name of a workbook state of its tables.

They are held against the units that the tables have, and are never taken for them. Kind of fault:
``unknown_unit``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.readers.table_names import like_a_table
from compensation.schema.dictionary import TABLES, Table
from compensation.schema.units import unit_of_all, units_in, units_in_name
from compensation.tables.raw import RawTable
from compensation.tables.unit_places import EXPECTED, SHOWN, under


def said_elsewhere(
    cells: Sequence[str], sheet: str, tables: Iterable[tuple[Table, RawTable]], *, notes: bool
) -> list[FaultGroup]:
    """Return the faults of units that another sheet states of all tables, and that one has not.

    ``cells``: those of a sheet that is no table. ``notes``: whether there are no figures on it;
    then a unit line of it can only be for tables that name none.
    """
    of_all = [(cell, unit) for cell in cells if (unit := unit_of_all(cell)) is not None]
    lines: list[tuple[str, int | None, tuple[Table, ...]]] = []
    for cell in cells if notes else ():
        for named in units_in(cell):
            # A unit line is of all tables, a title of those that it names.
            line = named.marked and not named.beside
            of = TABLES if line else like_a_table(cell) if named.is_title else ()
            lines.append((cell, named.worth, of))
    where = Text("工作表“{sheet}”", "the sheet “{sheet}”").fill(sheet=sheet)
    return _held_against(of_all, lines, where, tables)


def said_in_file_name(stem: str, tables: Iterable[tuple[Table, RawTable]]) -> list[FaultGroup]:
    """Return the faults of a unit that the name of a workbook states, and that a table has not."""
    lines = [(stem, named.worth, TABLES) for named in units_in_name(stem)]
    return _held_against([], lines, Text("文件名", "the name of the file"), tables)


def _held_against(
    of_all: Sequence[tuple[str, int]],
    lines: Sequence[tuple[str, int | None, tuple[Table, ...]]],
    where: Text,
    tables: Iterable[tuple[Table, RawTable]],
) -> list[FaultGroup]:
    """Return the faults of tables that have not the units that texts elsewhere state.

    ``of_all``: for all columns of all tables. ``lines``: for columns of some tables that name none.
    """
    faults = []
    for table, raw in tables:
        money = under([column.heading for column in raw.columns], table).money
        named = {raw.columns[place].unit for place in money}
        own = {raw.unit if unit is None else unit for unit in named}
        other = [(cell, unit) for cell, unit in of_all if own - {unit}]
        if None in named:
            other += [
                (cell, unit or 0) for cell, unit, of in lines if unit != raw.unit and table in of
            ]
        for cell in dict.fromkeys(cell for cell, _ in other):
            message = Text(
                "{where}写明了另一金额单位：请在本表中写明单位",
                "{where} names another unit of money: name the unit on this sheet",
            ).fill(where=where)
            shown = cell.strip()[:SHOWN]
            faults.append(
                whole("unknown_unit", message, table=table.name, value=shown, expected=EXPECTED)
            )
    return faults
