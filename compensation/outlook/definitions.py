"""What each indicator means: its definition with source and basis, from the package's data file."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, NamedTuple

from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.forms import Identifier, Words
from compensation.policy.model import Basis, ExtraColumn, Indicator, Note, Quantity, Strict
from compensation.policy.reading import built, parse, read_text
from compensation.policy.variables import STANDARD_INDICATORS, extra_columns
from compensation.schema.column import Column, ColumnType

FILE = Path(__file__).with_name("indicators.toml")
DEAR = 100_000
"""A fee of so many millionths a year is probably a percentage without its sign."""
Better = Literal["higher", "lower"]


class Entry(Strict):
    """One indicator of the file; what is not given is that of the standard indicator."""

    id: Identifier
    better: Better | None = None
    name: Note | None = None
    clause: Words | None = None
    basis: Basis | None = None
    note: Note | None = None
    value: Quantity | None = None


class IndicatorsFile(Strict):
    """The data file: the indicators in their order, and the columns that they may need."""

    indicators: tuple[Entry, ...]
    columns: tuple[ExtraColumn, ...]


class Definition(NamedTuple):
    """An indicator, and whether a higher or a lower value is better; None: neither."""

    indicator: Indicator
    better: Better | None


class Definitions(NamedTuple):
    """The indicators in their order, and the columns that they need beyond the dictionary's.

    `language`: a policy with the indicators and columns of the file, in which quantities are
    computed; nothing is decided by it. `text`: the file as read.
    """

    indicators: tuple[Definition, ...]
    columns: Mapping[str, Sequence[Column]]
    language: Policy
    text: str


@functools.cache
def definitions() -> Definitions:
    """Return the indicators of the package's data file."""
    text = read_text(FILE)
    file = built(IndicatorsFile, parse(text, FILE.name))
    found = tuple(Definition(_indicator(entry), entry.better) for entry in file.indicators)
    some = load_policy("jiyuan-2022")
    rules = replace(
        some.rules, columns=file.columns, indicators=tuple(each.indicator for each in found)
    )
    columns = {
        table: [
            column._replace(implausible=DEAR) if column.type is ColumnType.SHARE else column
            for column in own
        ]
        for table, own in extra_columns(rules).items()
    }
    return Definitions(found, columns, replace(some, rules=rules), text)


def _indicator(entry: Entry) -> Indicator:
    """Return the indicator that an entry defines, or the standard one that it names."""
    if entry.value is None:
        return STANDARD_INDICATORS[entry.id]
    keys = ("id", "name", "clause", "basis", "note", "value")
    return Indicator(**{key: getattr(entry, key) for key in keys})
