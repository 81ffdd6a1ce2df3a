"""From the headings of a table as it was read to the columns of the dictionary.

Kinds of fault: ``missing_column``, ``duplicate_column``, ``share_refused``, ``unknown_unit``.
Kind of warning: ``similar_heading``. Source: the contract of the ledgers, sections 1 and 2.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from compensation.language import Text, same
from compensation.ledger.dictionary import (
    GOVERNMENT,
    PARTY_NAMES,
    SHARE_PREFIX,
    Column,
    ColumnType,
    Table,
    share_column,
)
from compensation.ledger.faults import FaultGroup, whole
from compensation.ledger.raw import RawColumn, RawTable
from compensation.ledger.units import split_unit, unit_of

PERSONS = frozenset({"人", "户"})
"""Units that say nothing new on a column of counts."""
SHARE_HEADING = "分担比例"
SIMILAR = 0.75
"""From here on a heading that is unknown is taken for a slip of the pen, and warned of."""
FAINTLY_SIMILAR = 0.4
"""From here on a heading is worth naming beside a required column that is missing."""

COMPARED, LONGEST_COMPARED = 256, 64
"""How many unknown headings are compared with the known ones, and how much of each: a file made to
take time has a million of them, or one as long as a book."""

_BRACKETS = str.maketrans("\uff08\uff09", "()")


@dataclass(frozen=True)
class Found:
    """A column of the dictionary and the column of the file that holds it.

    `unit`: what one unit of a money column is worth in yuan, a power of ten.
    """

    column: Column
    raw: RawColumn
    unit: int = 1


@dataclass(frozen=True)
class Resolved:
    """The columns that were recognised, by name, in the order of the file; and what was not."""

    columns: dict[str, Found]
    faults: list[FaultGroup] = field(default_factory=list)
    warnings: list[FaultGroup] = field(default_factory=list)


def normalise(heading: str) -> str:
    r"""Return a heading as headings are compared: no blanks, half-width brackets, no capitals.

    >>> normalise(" 担保金额 \uff08万元\uff09")
    '担保金额(万元)'
    """
    return _squeezed(heading).casefold()


def heading_text(cell: object) -> str:
    """Return a cell of the heading row as text: 2022.0 is 2022, and a day is written as one."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _squeezed(heading: str) -> str:
    """Return a heading without blanks and with half-width brackets, its capitals as written."""
    return "".join(heading.translate(_BRACKETS).split()).replace("\ufeff", "")


Recognise = Callable[[str], tuple[Column, str | None] | None]


def recogniser(table: Table, extra: Sequence[Column] = ()) -> Recognise:
    """Return what tells the column that a heading names, and the unit in its brackets, if any.

    It gives None for a heading that names no column of ``table`` or ``extra``. A unit is looked for
    on money, counts and shares only: 合同编号(新) is not 合同编号.
    """
    known = _known(table, extra)
    with_unit = (ColumnType.MONEY, ColumnType.COUNT, ColumnType.SHARE)

    def recognise(heading: str) -> tuple[Column, str | None] | None:
        key = normalise(heading)
        if key in known:
            return known[key], None
        base, unit = split_unit(key)
        for name in (key, base):
            party = _squeezed(heading)[len(SHARE_PREFIX) : len(name)]
            if table.any_share and name.startswith(SHARE_PREFIX) and party and "(" not in party:
                # The party goes by its name as written: it heads a column of the results.
                refused = party.casefold() == GOVERNMENT
                share = share_column(SHARE_PREFIX + (GOVERNMENT if refused else party))
                return share, None if name == key else unit
        column = known.get(base)
        return None if column is None or column.type not in with_unit else (column, unit)

    return recognise


def resolve(raw: RawTable, table: Table, extra: Sequence[Column] = ()) -> Resolved:
    """Say which columns of ``table`` (and of ``extra``, which a policy tests) the headings name.

    Columns that nobody knows are left out, with a warning where one looks like a known column.
    Nothing is raised: what is wrong is in `Resolved.faults`.
    """
    result = Resolved({})
    refused: set[str] = set()
    unknown: list[str] = []
    recognise = recogniser(table, extra)
    for column in raw.columns:
        recognised = recognise(column.heading)
        if recognised is None:
            if normalise(column.heading) and len(unknown) < COMPARED:
                unknown.append(column.heading.strip()[:LONGEST_COMPARED])
            continue
        meaning, unit_text = recognised
        fault = _refusal(table, column.heading, meaning, unit_text, result.columns)
        if fault is not None:
            result.faults.append(fault)
            refused.add(meaning.name)
            continue
        unit = 1
        if meaning.type is ColumnType.MONEY:
            above = raw.unit if column.unit is None else column.unit
            unit = above if unit_text is None else unit_of(unit_text) or above
        result.columns[meaning.name] = Found(meaning, column, unit)
    for wanted in (*table.columns, *extra):
        if wanted.required and wanted.name not in result.columns and wanted.name not in refused:
            result.faults.append(_missing(table, wanted, unknown))
    result.warnings.extend(_similar(table, extra, unknown))
    return result


def _known(table: Table, extra: Iterable[Column]) -> dict[str, Column]:
    """Return the columns by their normalised names and headings; the table's own come first."""
    known: dict[str, Column] = {}
    for column in (*table.columns, *extra):
        known.setdefault(normalise(column.name), column)
        known.setdefault(normalise(column.heading), column)
    if table.any_share:
        government = share_column(SHARE_PREFIX + GOVERNMENT)
        known.setdefault(normalise(government.heading), government)
    return known


def _refusal(
    table: Table, heading: str, column: Column, unit: str | None, found: dict[str, Found]
) -> FaultGroup | None:
    """Return why a column that was recognised cannot be taken, or None if it can."""
    heading = heading.strip()
    if column.name == SHARE_PREFIX + GOVERNMENT:
        message = Text(
            "不能有政府的分担比例:政府按政策补偿,不参加分担",
            "government has no share of its own: it comes in by the policy",
        )
        return whole("share_refused", message, table=table.name, column=column.name, value=heading)
    # Parties keep their capitals, but two that differ in nothing else are one, written twice.
    twin = next((name for name in found if name.casefold() == column.name.casefold()), None)
    if twin is not None:
        message = Text(
            "同一列出现了两次:“{first}”和“{second}”",
            "this column is there twice: “{first}” and “{second}”",
        ).fill(first=found[twin].raw.heading.strip(), second=heading)
        return whole("duplicate_column", message, table=table.name, column=column.name)
    if unit is None or (column.type is ColumnType.COUNT and unit in PERSONS):
        return None
    if column.type is ColumnType.MONEY and unit_of(unit) is not None:
        return None
    expected = {
        ColumnType.MONEY: Text(
            "（元）、（千元）、（万元）、（百万元）或（亿元）",
            "(元), (千元), (万元), (百万元) or (亿元)",
        ),
        ColumnType.COUNT: Text("不带单位,或(人)、(户)", "no unit, or (人) or (户)"),
    }.get(column.type, Text("不带单位,如 0.4 或 40%", "no unit: 0.4 or 40%"))
    message = Text("标题括号中的单位看不懂", "the unit in the heading's brackets is not understood")
    return whole(
        "unknown_unit",
        message,
        table=table.name,
        column=column.name,
        value=heading,
        expected=expected,
    )


def _missing(table: Table, column: Column, unknown: Sequence[str]) -> FaultGroup:
    """Return the fault of a required column that is not there, naming what looks most like it."""
    best = max(unknown, key=lambda heading: _likeness(heading, column), default=None)
    if best is None or _likeness(best, column) < FAINTLY_SIMILAR:
        message = Text("缺少这一列", "this column is missing")
    else:
        message = Text(
            "缺少这一列;最像的标题是“{best}”",
            "this column is missing; the heading most like it is “{best}”",
        ).fill(best=best)
    expected = Text(
        f"标题 {column.heading} 或 {column.name}", f"a heading {column.name} or {column.heading}"
    )
    return whole("missing_column", message, table=table.name, column=column.name, expected=expected)


def _similar(table: Table, extra: Sequence[Column], unknown: Sequence[str]) -> Iterable[FaultGroup]:
    """Yield a warning for each unknown heading that looks like a known one.

    A heading in 分担比例 always does: a share that nobody counts would move money.
    """
    columns = (*table.columns, *extra)
    for heading in unknown:
        best = max(columns, key=lambda column: _likeness(heading, column))
        shares = table.any_share and SHARE_HEADING in normalise(heading)
        if _likeness(heading, best) < SIMILAR and not shares:
            continue
        parties = "、".join(f"share_{party}" for party in PARTY_NAMES if party != GOVERNMENT)
        message = Text(
            "标题“{heading}”不认识,很像“{zh}”({en});未作为该列读取",
            "the heading “{heading}” is unknown but looks like “{en}” ({zh}); it was not read",
        ).fill(heading=heading, zh=best.heading, en=best.name)
        expected = same(parties) if shares else same(f"{best.heading} / {best.name}")
        yield whole("similar_heading", message, table=table.name, value=heading, expected=expected)


def _likeness(heading: str, column: Column) -> float:
    """Return how much a heading looks like a column's name or heading, from 0 to 1."""
    base, _ = split_unit(normalise(heading))
    return max(_alike(base, normalise(name)) for name in (column.heading, column.name))


def _alike(heading: str, name: str) -> float:
    """Return how much two headings look alike; one that is part of the other always does."""
    ratio = difflib.SequenceMatcher(None, heading, name).ratio()
    part = len(heading) > 1 and (heading in name or name in heading)
    return max(ratio, SIMILAR) if part else ratio
