"""Rows that sum up the records (合计, 小计, 总计 …): they are none, and their figures are compared.

Kind of warning: ``total_differs``.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, numbers, text_memory
from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.money import MAX_FEN, Flags, Integers
from compensation.schema.column import Column, ColumnType
from compensation.schema.units import units_in
from compensation.tables.headings import Found, normalise
from compensation.tables.raw import RawColumn, RawTable
from compensation.tables.raw_rows import cells_of, filled, holds, of_texts
from compensation.tables.values import parse
from compensation.values.columns import bytes_where
from compensation.values.printing import amount, yuan_of

LONGEST_LABEL = 60
"""How long the label of a total row is at most."""

FEW = 200
"""So many rows are looked at one by one."""

_LABEL = re.compile(
    r".{0,40}?(?P<kind>[合小总共累]计|汇总|总和|总额|(?:sub|grand)?-?totals?|sum)"
    r"(?:金额|总额|数|值|额)?(?:\([^()]{0,20}\)|:?[0-9]{1,9}[笔户家人份个])?[):*]{0,2}"
)
_SAME = str.maketrans("計匯總額\uff1a【】「」", "计汇总额:()()")
_MAY_BE_LABEL = (
    r"[合小总總共累]\s*[计計]|[汇匯]\s*[总總]|[总總]\s*[和额額]|[Tt][Oo][Tt][Aa][Ll]|[Ss][Uu][Mm]"
)
_WORDS = tuple(word.encode() for word in ("计", "計", "总", "總", "otal", "OTAL", "um", "UM"))
"""One of them is in every label: where none is in a column's memory, it need not be searched."""
_LAST_BYTE = bytes_where([*b"lLsSmM):*\x7f", *range(0x21), *range(0x80, 0x100)])
"""What a label ends with, as a table of bytes: few ids do, and the others need not be searched."""
_COUNT = re.compile(r"共?[0-9]{1,15}[笔户人份家个]|[-\u2014/]+")
_FIGURE = re.compile(rf"[¥\uffe5]?-?(?:[0-9,]+(?:\.[0-9]*)?|\.[0-9]+)%?(?:万?元)?|{_COUNT.pattern}")
"""What may stand beside 合计: an amount, a number of something, a dash."""
_ONLY_OF_RECORDS = (ColumnType.DATE, ColumnType.BOOLEAN, ColumnType.CHOICE)


def is_total(text: str) -> bool:
    """Return whether a cell is the label of a row that sums up others.

    >>> is_total(" 合 计:"), is_total("甲机构小计"), is_total("总计(元)"), is_total("合计贸易公司")
    (True, True, True, False)
    """
    return _label(text) is not None


def _label(text: str) -> str | None:
    """Return which kind of total the label of a row is of: 合计, 小计, …; None if it is none."""
    if len(text) > LONGEST_LABEL:
        return None
    same = normalise(text).translate(_SAME)
    match = _LABEL.fullmatch(same)
    return None if match is None else match["kind"]


def find_totals(
    columns: Sequence[RawColumn], meanings: Sequence[Column | None], written: Flags
) -> Iterator[int]:
    """Yield the rows, among the written ones, that sum up others, wherever they stand.

    ``columns``: all of the sheet. ``meanings``: the columns of the dictionary that they are. The
    label is the first or the second cell of a row that holds something.
    """
    before = np.zeros(len(written), np.int8)
    candidates = np.zeros(len(written), np.bool_)
    for column in columns:
        left = written & (before < 2)
        if np.count_nonzero(left) <= FEW:
            candidates |= left
            break
        labels = of_texts(column, _may_be_labels)
        if labels is not None:
            candidates |= labels & left
        before[filled(column, len(written))] += 1
        np.minimum(before, 2, out=before)
    for row in np.flatnonzero(candidates).tolist():
        if sums_up(cells_of(columns, row), meanings):
            yield row


def _may_be_labels(texts: pa.Array) -> Flags:
    labels = np.zeros(len(texts), np.bool_)
    if len(texts):
        starts, ends, content = text_memory(texts)
        filled = np.flatnonzero(ends > starts)
        rows = filled[_LAST_BYTE[content[ends[filled] - 1]]]
        likely = texts.take(arrow(rows))
        if holds(likely, _WORDS):
            labels[rows] = flags(pc.match_substring_regex(likely, _MAY_BE_LABEL))
    return labels


def sums_up(cells: Sequence[tuple[int, object]], meanings: Sequence[Column | None]) -> bool:
    """Return whether a row sums up: it is labelled 合计 or the like, and the others are figures.

    A row that has an id of its own, a date or a name as well is a record, whatever its label says.
    """
    label = next(
        (i for i, (_, v) in enumerate(cells[:2]) if isinstance(v, str) and is_total(v)), None
    )
    if label is None:
        return False
    for i, (place, value) in enumerate(cells):
        meaning = meanings[place]
        if i == label:
            if i and meaning is not None and meaning.type is not ColumnType.TEXT:
                return False
        elif isinstance(value, datetime.date):
            return False
        elif meaning is None:
            continue
        elif meaning.unique and i < label:
            return False
        elif meaning.type in _ONLY_OF_RECORDS:
            if not isinstance(value, str) or not _COUNT.fullmatch(normalise(value)):
                return False
        elif i > label and isinstance(value, str) and not _FIGURE.fullmatch(normalise(value)):
            return False
    return True


@dataclass(frozen=True)
class Totals:
    """The total rows of a table.

    `table`: their cells, as a table of the same columns. `labels`: what each says. `after`: how
    many records stand before each.
    """

    table: RawTable
    labels: Sequence[str]
    after: Integers


def differences(records: RawTable, totals: Totals, found: Sequence[Found]) -> list[FaultGroup]:
    """Return a warning for each column of money with a total that is not the sum of its records.

    A total may cover the records since the last one, those since the last one of its kind, all
    before it, or all of the table; where the first one stands above the records, also those after
    it up to the next one.
    """
    warnings = []
    for one in found:
        if one.column.type is not ColumnType.MONEY:
            continue
        place = next(i for i, column in enumerate(records.columns) if column is one.raw)
        cells = totals.table.columns[place]
        written = filled(cells, totals.table.rows)
        # A total may be 0 where no record may.
        said = parse(Found(one.column._replace(positive=False), cells, one.unit), totals.table)
        held = parse(one, records)
        sums = _Sums(numbers(held.values), totals)
        wrong: list[int] = []
        shown: list[str] = []
        for row, total in enumerate(said.values.to_pylist()):
            unit = {named.worth for named in units_in(totals.labels[row])}
            if not written[row] or (unit and unit != {one.unit}):
                continue
            covered = sums.of(row)
            figure = (
                amount(yuan_of(total)) if total is not None else _unread(cells, row, covered[0])
            )
            if figure is not None and total not in covered:
                wrong.append(row)
                shown.append(f"{figure} ≠ {amount(yuan_of(covered[0]))}")
        if wrong:
            warnings.append(
                FaultGroup(
                    "total_differs",
                    Text(
                        "合计行的金额（左）与所汇总记录之和（右）不一致，按各条记录计算",
                        "the total (left) is not the sum of the records that it covers (right);"
                        " the records count",
                    ),
                    records.name,
                    one.column.name,
                    rows=np.array(wrong, np.int64),
                    values=shown,
                    locate=totals.table.locate,
                )
            )
    return warnings


def _unread(cells: RawColumn, row: int, covered: int) -> str | None:
    """Return what a total says that is no amount; None if it counts something, or is a dash.

    Sums that no single amount can be are not compared.
    """
    text = "".join(str(value) for _, value in cells_of([cells], row))
    return None if covered > MAX_FEN or _COUNT.fullmatch(normalise(text)) else text[:LONGEST_LABEL]


class _Sums:
    """Sums of a column of fen up to each total, exactly: in two halves that cannot pass 2^63."""

    def __init__(self, fen: Integers, totals: Totals) -> None:
        high, low = np.cumsum(fen >> 32), np.cumsum(fen & 0xFFFFFFFF)
        ends = [*totals.after.tolist(), len(fen)]
        self._to = [0 if not n else (int(high[n - 1]) << 32) + int(low[n - 1]) for n in ends]
        kinds = [_label(label) for label in totals.labels]
        self._grand = [kind not in ("小计", "subtotal", "sub-total") for kind in kinds]
        last: dict[str | None, int] = {}
        self._same: list[int] = []
        for place, kind in enumerate(kinds):
            self._same.append(last.get(kind, 0))
            last[kind] = self._to[place]

    def of(self, row: int) -> list[int]:
        """Return the sums that a total may be of, the likeliest first."""
        here, all_of_them = self._to[row], self._to[-1]
        since = here - (self._to[row - 1] if row else 0)
        following = [] if self._to[0] else [self._to[row + 1] - here]
        likely = here if self._grand[row] else since
        return [likely, since, here - self._same[row], here, all_of_them, *following]
