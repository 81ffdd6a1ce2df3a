"""Every fault of a policy file at once: what is wrong in form does not hide what is wrong in sense.

A part that is wrong is taken out, so that the rest can be checked, and with it the names that it
declares: that others name them is no fault of theirs. What follows from a part that is out is not
told. Where nearly everything rests on a part, the rest is checked once that part is right.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from compensation.issues import Issue
from compensation.policy.defaults import with_defaults
from compensation.policy.faults import Findings, PolicyFaults, element
from compensation.policy.model import PolicyFile, key_of_field
from compensation.policy.validation import COMMON, validated
from compensation.policy.variables import nearest

Data = dict[str, Any]
Check = Callable[[PolicyFile, Findings], bool]
"""Notes what is wrong in sense; tells whether it could look at everything."""

_ROUNDS = 5
"""Tests with names, the form of the rest, what is made of itself, where tests stand, the sense."""
_CITED = {"clause": "-", "basis": "assumption"}
_WORDS = {"zh": "-", "en": "-"}
_ANY_BASE = {
    "payout": "claims.payout",
    "contract": "contracts.guaranteed_amount",
    "institution": "indicator.closing_balance",
}
_STAND_INS: Mapping[str, object] = {
    "format": 2,
    "id": "any",
    "name": _WORDS,
    "issuer": _WORDS,
    "document": {"title": _WORDS},
    "effective": {"from": datetime.date.max, "excludes": False, **_CITED},
    "rates": {"tiers": [{"rate": 0, **_CITED}]},
}
"""What stands for a part that no file may leave out; other tables have defaults, or may be out."""
_KEYS = frozenset(key_of_field(field.name) for field in fields(PolicyFile))
_LISTS = frozenset(
    {
        "indicators",
        "quantities",
        "tests",
        "institution_conditions",
        "claim_conditions",
        "caps",
        "series",
        "definitions",
        "clauses",
    }
)
"""Lists whose elements go by their ids, so that one can be taken out alone."""
_FOLLOWING: Mapping[str, frozenset[str]] = {
    "institution_conditions": frozenset({"ranges_blank"}),
    "claim_conditions": frozenset({"ranges_blank"}),
    "effective": frozenset({"conditions_contradict", "tier_unreachable", "tier_contradiction"}),
    "beneficiary": frozenset({"no_cap_by_borne"}),
    "returns": frozenset({"no_cap_by_borne"}),
}
"""Kinds of faults that may follow from what is no longer said in a part of the file."""


def rules_of(data: Data, file: str, check: Check, beside: Sequence[Issue] = ()) -> PolicyFile:
    """Return the model of what a file says; `PolicyFaults` with everything that is wrong.

    `beside`: faults of the files that are given with it, of reference series.
    """
    faults, out = list(beside), _Out()
    if beside:
        out.kinds.update(("unknown_series", "unused_series"))
    for _ in range(_ROUNDS):
        findings, rules = Findings(file, out.names), None
        try:
            rules = validated(PolicyFile, with_defaults(data), file)
        except PolicyFaults as error:
            of_tests = [fault for fault in error.faults if _section(fault) == "tests"]
            # Tests stand wherever they are named, and would be spoken of in each place.
            findings.faults = findings.told = of_tests or list(error.faults)
            done = False
        else:
            done = check(rules, findings)
        told = [fault for fault in findings.told if not out.explains(fault)]
        faults += [fault for fault in told if fault not in faults]
        left = None if done else out.without(data, findings.faults)
        if left is None:
            break
        data = left
    if faults or rules is None:
        raise PolicyFaults(faults)
    return rules


def _section(fault: Issue) -> str:
    found = re.match(r"\w*", fault.key)
    return "" if found is None else found[0]


def _has_slid(fault: Issue) -> bool:
    """Return whether a key of the top of the file stands inside another part of it."""
    *above, key = re.findall(r"\w+", fault.key) or [""]
    return fault.kind == "unknown_key" and bool(above) and key in (*_KEYS, *COMMON)


class _Out:
    """What was taken out of a file: the names that it declares, places, and what may follow."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.places: set[str] = set()
        self.kinds: set[str] = set()

    def explains(self, fault: Issue) -> bool:
        """Return whether a fault may be there only because of what was taken out."""
        key = fault.key
        inside = any(_within(key, place) for place in self.places)
        return inside or fault.kind in self.kinds

    def without(self, data: Data, faults: Iterable[Issue]) -> Data | None:
        """Return what a file says without the parts that are wrong; None where all rests on one."""
        left = dict(data)
        for fault in faults:
            section, key = _section(fault), fault.key
            if section in COMMON:
                left[section] = _CITED[section]
            elif section == "record" or _has_slid(fault):
                return None
            elif section not in _KEYS and self._renamed(left, section):
                continue
            elif section in _LISTS and isinstance(data.get(section), list):
                self._take_element(left, section, key)
            elif section == "columns" and isinstance(data.get(section), list):
                self._take_column(left, key)
            else:
                self._take(left, section)
            self.kinds |= _FOLLOWING.get(section, frozenset())
        return left

    def _renamed(self, left: Data, section: str) -> bool:
        """Take a key that is not known for the one that it looks like, if that is not there."""
        meant = nearest(section, _KEYS)
        if meant is None or meant in left or section not in left:
            return False
        left[meant] = left.pop(section)
        return True

    def _take(self, left: Data, section: str) -> None:
        self._lose(left.pop(section, None))
        self.places.add(section)
        if section == "base":
            record = str(left.get("record"))
            left[section] = {"value": _ANY_BASE.get(record, _ANY_BASE["payout"]), **_CITED}
        elif section in _STAND_INS:
            left[section] = _STAND_INS[section]

    def _take_element(self, left: Data, section: str, key: str) -> None:
        kept = []
        for position, each in enumerate(left[section]):
            place = element(section, position, each.get("id") if isinstance(each, dict) else None)
            if key == section or _within(key, place):
                self._lose(each)
            else:
                kept.append(each)
        left[section] = kept

    def _take_column(self, left: Data, key: str) -> None:
        """Put another column in the place of a wrong one: columns go by their places."""
        columns = list(left["columns"])
        for position, each in enumerate(columns):
            place = element("columns", position)
            if _within(key, place):
                self._lose(each)
                self.places.add(place)
                name = f"column_{position + 1}"
                columns[position] = {
                    "table": "claims",
                    "name": name,
                    "heading": name,
                    "type": "text",
                    "note": _WORDS,
                }
        left["columns"] = columns

    def _lose(self, part: object) -> None:
        """Note every name that a part may declare."""
        for each in part if isinstance(part, list) else [part]:
            if isinstance(each, dict):
                ids = [name for name in (each.get("id"), each.get("name")) if isinstance(name, str)]
                for id_ in ids:
                    prefixes = ("", "indicator.", "quantity.", f"{each.get('table')}.")
                    self.names |= {f"{prefix}{id_}" for prefix in prefixes}


def _within(key: str, place: str) -> bool:
    """Return whether a key is that of a place, or of something in it."""
    return key == place or key.startswith((f"{place}.", f"{place}["))
