"""What two summaries say differently, beyond the digests that are looked at one by one."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

LATER_TOTAL = "to_government_in_year"
"""A total that results of the first programs lack. They were written before the guards, too."""
LISTS = ("assumptions", "notes", "warnings")
_ROW = re.compile(r"第 \d+ 行|\brow \d+")
"""What messages call a row; see `faults.row_named`."""
_NAMED = re.compile(r"“[^”]*”|\d+(?:[-.,/]\d+)*")
"""What a message names: quoted texts, figures and days."""


class ValueDifference(NamedTuple):
    """One thing that two results say differently; None: that one does not say it at all."""

    key: str
    first: str | None
    second: str | None


def value_differences(
    first: Mapping[str, Any], second: Mapping[str, Any], keys: Sequence[str]
) -> Iterator[ValueDifference]:
    """Yield what differs under some keys of two summaries, down to single values.

    A total that one of them could not say yet is no difference.
    """
    for key in keys:
        one, other = dict(_leaves(first.get(key), key)), dict(_leaves(second.get(key), key))
        for name in dict.fromkeys([*one, *other]):
            unsaid = name == f"totals.{LATER_TOTAL}" and not (name in one and name in other)
            if one.get(name) != other.get(name) and not unsaid:
                yield ValueDifference(name, one.get(name), other.get(name))


def _leaves(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{key}.{name}")
    elif isinstance(value, list):
        if value:
            yield key, ", ".join(map(str, value))
    elif value is not None:
        yield key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


class ListDifference(NamedTuple):
    """Entries of a list that only the first or only the second summary has."""

    key: str
    removed: list[Mapping[str, Any]]
    added: list[Mapping[str, Any]]


def list_differences(
    first: Mapping[str, Any], second: Mapping[str, Any]
) -> tuple[ListDifference, ...]:
    """Return what differs between two summaries in their `LISTS`."""
    found = (list_difference(key, first, second) for key in LISTS)
    return tuple(each for each in found if each is not None)


def list_difference(
    key: str, first: Mapping[str, Any], second: Mapping[str, Any]
) -> ListDifference | None:
    """Return what differs between the lists of two summaries; None if nothing does.

    The order does not matter, nor do the rows of warnings: a file numbers them by its form. Two
    warnings are the same if they are of the same column and name the same figures, days and quoted
    texts: another version may word them differently, or group the digits of an amount.
    """
    one, other = ([_without_row(entry) for entry in said.get(key, [])] for said in (first, second))
    removed, added = _only(one, other), _only(other, one)
    return ListDifference(key, removed, added) if removed or added else None


def _without_row(entry: Any) -> Any:
    if not isinstance(entry, dict):
        return entry
    return {
        key: _ROW.sub("", value) if isinstance(value, str) else value
        for key, value in entry.items()
        if key != "row"
    }


def _only(these: list[Any], others: list[Any]) -> list[Mapping[str, Any]]:
    left = Counter(map(_key, others))
    found: list[Mapping[str, Any]] = []
    for entry in these:
        if left[_key(entry)]:
            left[_key(entry)] -= 1
        else:
            found.append(entry if isinstance(entry, dict) else {"value": entry})
    return found


def _ungrouped(named: str) -> str:
    """Return a figure without the commas between its digits; a quoted text stays as it is."""
    return named if named.startswith("“") else named.replace(",", "")


def _key(entry: Any) -> str:
    if isinstance(entry, dict) and isinstance(entry.get("message"), str):
        named = map(_ungrouped, _NAMED.findall(entry["message"]))
        entry = {"table": entry.get("table"), "column": entry.get("column"), "named": [*named]}
    return json.dumps(entry, ensure_ascii=False, sort_keys=True)
