"""Tests that have a name: `test = "green"` stands for what the test `green` of the file says.

They are put in place when a file is loaded, so that nothing after this knows of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HELD = frozenset({"id", "clause", "basis", "note", "test"})
"""What may stand beside `test`: the keys of a condition."""


def with_named_tests(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a policy file says with the tests that it names in their places.

    A name that is unknown, stands beside another test or leads back to itself stays as it is, so
    that the checks speak of it.
    """
    listed = data.get("tests")
    named = {
        each["id"]: {key: value for key, value in each.items() if key != "id"}
        for each in (listed if isinstance(listed, list) else ())
        if isinstance(each, dict) and isinstance(each.get("id"), str)
    }
    if not named:
        return dict(data)
    found = {key: _placed(value, named, ()) for key, value in data.items() if key != "tests"}
    placed = [
        _placed(each, named, (each["id"],)) if isinstance(each, dict) and "id" in each else each
        for each in listed or ()
    ]
    return {**found, "tests": placed}


def _placed(value: Any, named: Mapping[str, dict[str, Any]], within: tuple[str, ...]) -> Any:
    if isinstance(value, list):
        return [_placed(each, named, within) for each in value]
    if not isinstance(value, dict):
        return value
    id_ = value.get("test")
    if isinstance(id_, str) and id_ in named and id_ not in within and value.keys() <= HELD:
        rest = {key: each for key, each in value.items() if key != "test"}
        return {**rest, **_placed(named[id_], named, (*within, id_))}
    return {key: _placed(each, named, within) for key, each in value.items()}
