"""What of a sheet is hidden: it is read as the rest is, and a warning says so.

Kinds of warning: ``hidden_rows``, ``hidden_column``, ``hidden_sheet``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import numpy as np

from compensation.columns import Integers
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.readers.merged_cells import column_letters

RANGES = 10
"""How many ranges of hidden rows are named."""


def hidden_sheet(name: str, table: str) -> FaultGroup:
    """Return the warning of a sheet that is hidden."""
    message = Text(
        "工作表“{name}”被隐藏，其内容照常计入",
        "the sheet “{name}” is hidden; what it holds counts all the same",
    )
    return whole("hidden_sheet", message.fill(name=name), table=table)


def hidden_rows(hidden: Collection[int], records: Integers, table: str) -> list[FaultGroup]:
    """Return the warning of records that are hidden, by a filter or by hand, if there are any.

    `hidden`: rows of the sheet from 0; `records`: the rows from 0 in which records stand.
    """
    places = np.flatnonzero(np.isin(records, np.fromiter(hidden, np.int64, len(hidden))))
    if not len(places):
        return []
    spans = [
        records[span] + 1 for span in np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    ]
    named = [_range(int(span[0]), int(span[-1])) for span in spans[:RANGES]]
    more = len(spans) > RANGES
    message = Text(
        "第 {rows} 行被隐藏或筛掉（共 {count} 行），其内容照常计入",
        "rows {rows} are hidden or filtered out ({count} in all); what they hold counts all the"
        " same",
    ).fill(
        rows=Text(
            "、".join(named) + (" 等" if more else ""), ", ".join(named) + (" …" if more else "")
        ),
        count=len(places),
    )
    return [whole("hidden_rows", message, table=table)]


def hidden_columns(
    spans: Iterable[tuple[int, int]], headings: Sequence[str], table: str
) -> list[FaultGroup]:
    """Return a warning for each column that has a heading and is hidden.

    `spans`: first and last hidden columns, from 0.
    """
    places = {
        place for first, last in spans for place in range(first, min(last + 1, len(headings)))
    }
    message = Text(
        "列 {letters}（{heading}）被隐藏，其内容照常计入",
        "column {letters} ({heading}) is hidden; what it holds counts all the same",
    )
    return [
        whole(
            "hidden_column",
            message.fill(letters=column_letters(place), heading=headings[place].strip()),
            table=table,
            column=headings[place],
        )
        for place in sorted(places)
        if headings[place]
    ]


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"
