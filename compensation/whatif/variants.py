"""Variants of a policy: its file with other values, checked as any file is.

A path names a value as the messages about policy files do: ``rates.tiers[2].rate``,
``institution_conditions[payout_rate].at_most``; elements of a list go by their id or their number,
and by their number where several have the same id. The element that a value stands in says that it
is assumed, and what the file had there.
"""

from __future__ import annotations

import copy
import datetime
import functools
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from compensation.issues import Issue
from compensation.language import Text
from compensation.policy.catalogue import POLICY_TEXT, Policy, policy_of_texts
from compensation.policy.defaults import CITED_LISTS, CITED_TABLES
from compensation.policy.faults import PolicyFaults, element, policy_fault
from compensation.policy.reading import parse
from compensation.policy.variables import most_like
from compensation.policy_tools.rewriting import value_text, written
from compensation.policy_tools.toml_comments import Layout, layout_of

_STEP = re.compile(r"(?P<key>[^.\[\]]+)(?:\[(?P<element>[^\[\]]+)\])?(?:\.|$)")
_IN_RATES = ("tiers", "additions", "bounds", "decided")
_UNTOUCHED = ("clause", "basis", "note", "name", "heading")
"""Keys of which a change makes nothing an assumption."""
DAYS = ("effective.from", "effective.to")
IN_FORCE = Text(
    "政策视为在所测算的各年度均有效，不论其规定的施行日期",
    "the policy is taken as in force in every year asked for, whatever its days",
)

KINDS = (
    (bool, Text("是非值（true 或 false）", "true or false")),
    ((int, Decimal), Text("数", "a number")),
    (str, Text("文字", "a text")),
    (datetime.date, Text("日期", "a date")),
    (list, Text("列表", "a list")),
    (dict, Text("表", "a table")),
)


class Setting(NamedTuple):
    """A value of a policy file that is changed: where it stands, and its new value as TOML."""

    path: str
    value: str

    def __str__(self) -> str:
        return f"{self.path}={self.value}"


class Variant(NamedTuple):
    """A policy among those that are compared, by a name; `settings`: what was changed in it.

    >>> vary(load_policy("jiyuan-2022"), ["rates.tiers[3].rate=0.12"]).name
    'jiyuan-2022 rates.tiers[3].rate=0.12'
    """

    name: str
    policy: Policy
    settings: tuple[Setting, ...] = ()


class Place(NamedTuple):
    """Where a value stands in what a file holds: the table or list, and the key or number in it.

    `chain`: the tables and lists on the way there; `steps`: the keys and numbers from 0.
    """

    holder: Any
    key: Any
    chain: tuple[Any, ...]
    steps: tuple[str | int, ...] = ()

    @property
    def value(self) -> Any:
        """The value that stands there."""
        return self.holder[self.key]


def setting_of(text: str) -> Setting:
    """Return the setting that ``PATH=VALUE`` asks for; raises `PolicyFaults` without an ``=``.

    >>> setting_of("rates.tiers[2].rate = 0.12")
    Setting(path='rates.tiers[2].rate', value='0.12')
    """
    path, equals, value = text.partition("=")
    if not (path.strip() and equals and value.strip()):
        message = Text("应写成 路径=值", "write PATH=VALUE")
        raise PolicyFaults([policy_fault("setting", text, "", message)])
    return Setting(path.strip(), value.strip())


def vary(
    policy: Policy, settings: Sequence[Setting | str], in_force: Sequence[int] = ()
) -> Variant:
    """Return a policy with other values, whose file is kept in its `text`.

    `in_force`: years in all of which the policy is to be in force; where it is not, its days are
    changed as well. Raises `PolicyFaults` with all that is wrong: a path that the file lacks (the
    nearest is named), the same one twice, a value of another kind, and whatever the checks of a
    file find.

    >>> from compensation import load_policy
    >>> varied = vary(load_policy("jiyuan-2022"), ["rates.tiers[2].rate=0.12"])
    >>> varied.name, varied.policy.rules.rates.tiers[1].rate
    ('jiyuan-2022 rates.tiers[2].rate=0.12', Decimal('0.12'))
    """
    chosen = tuple(setting_of(each) if isinstance(each, str) else each for each in settings)
    days = _days_in_force(policy, in_force)
    if not chosen and not days:
        return Variant(policy.id, policy)
    data = content_of(policy)
    faults = [*_faults(policy, data, chosen), *_own_days(policy, chosen, in_force)]
    if faults:
        raise PolicyFaults(faults)
    for setting in chosen:
        place = find(data, setting.path)
        assert place is not None
        _assign(data, place, _value(setting.value, place.value))
    for key, day in days.items():
        _assign(data, Place(data["effective"], key, (data, data["effective"])), day)
    name = " ".join([policy.id, *map(str, chosen)])
    return Variant(name, _with_text(policy, written(data, _read(policy.text)[1])), chosen)


def _days_in_force(policy: Policy, years: Sequence[int]) -> dict[str, datetime.date]:
    """Return the days to write into a file for a policy that is in force in all of the years."""
    effective, days = policy.rules.effective, dict[str, datetime.date]()
    if years:
        first, last = datetime.date(min(years), 1, 1), datetime.date(max(years), 12, 31)
        if effective.from_ > first:
            days["from"] = first
        if effective.to is not None and effective.to < last:
            days["to"] = last
    return days


def _own_days(
    policy: Policy, settings: Sequence[Setting], in_force: Sequence[int]
) -> Iterator[Issue]:
    """Yield a fault for each day that is set though the policy is in force whatever it says."""
    for path, _ in settings:
        if in_force and path in DAYS:
            message = Text(
                "测算按政策在所问各年度都有效；要按设定的日期，请加 --strict-dates",
                "the policy is taken as in force in every year asked for; --strict-dates takes its"
                " days as they are",
            )
            yield policy_fault("days_set", policy.source, path, message)


def content_of(policy: Policy) -> dict[str, Any]:
    """Return what the file of a policy holds, to be changed."""
    return copy.deepcopy(_read(policy.text)[0])


@functools.lru_cache(maxsize=16)
def _read(text: str) -> tuple[dict[str, Any], Layout]:
    """Return what the text of a policy holds, and its layout; many variants are made of one."""
    return parse(text, POLICY_TEXT), layout_of(text.replace("\r\n", "\n"))


def find(data: Mapping[str, Any], path: str) -> Place | None:
    """Return where a path leads in what a file holds; None where it leads nowhere."""
    holder: Any = data
    chain: list[Any] = []
    steps: list[str | int] = []
    place: Place | None = None
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None or not isinstance(holder, dict) or step["key"] not in holder:
            return None
        chain.append(holder)
        steps.append(step["key"])
        place = Place(holder, step["key"], tuple(chain), tuple(steps))
        if step["element"] is not None:
            number = _number(place.value, step["element"])
            if number is None:
                return None
            chain.append(place.value)
            steps.append(number)
            place = Place(place.value, number, tuple(chain), tuple(steps))
        holder, at = place.value, step.end()
    return None if path.endswith(".") else place


def _number(elements: object, wanted: str) -> int | None:
    """Return the number from 0 of an element of a list, by its id or its number from 1."""
    if not isinstance(elements, list):
        return None
    if _ids(elements).count(wanted) == 1:
        return _ids(elements).index(wanted)
    number = int(wanted) - 1 if wanted.isascii() and wanted.isdecimal() else -1
    return number if 0 <= number < len(elements) else None


def _ids(elements: list[Any]) -> list[Any]:
    """Return the id of each element of a list; None where it has none."""
    return [part.get("id") if isinstance(part, dict) else None for part in elements]


def paths(value: object, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every path of what a file holds, with its value."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, part in value.items():
            yield from paths(part, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        ids = _ids(value)
        for number, part in enumerate(value):
            # A payer whose share depends on the case is there several times.
            only = ids[number] if ids.count(ids[number]) == 1 else None
            yield from paths(part, element(path, number, only))


def _faults(
    policy: Policy, data: Mapping[str, Any], settings: Sequence[Setting]
) -> Iterator[Issue]:
    """Yield what is wrong with settings before the file is checked."""
    seen: set[tuple[int, object]] = set()
    for path, text in settings:
        place = find(data, path)
        if place is None:
            yield unknown_path(policy, data, path)
            continue
        where = (id(place.holder), place.key)
        if where in seen:
            twice = Text("同一项给出了两次", "given twice")
            yield policy_fault("setting_twice", policy.source, path, twice)
        seen.add(where)
        value = _value(text, place.value)
        if value is None or _kind(value) != _kind(place.value):
            message = Text(
                "“{text}”不是{kind}；文件中是 {now}", "“{text}” is not {kind}; the file has {now}"
            ).fill(text=text, kind=_kind(place.value), now=value_text(place.value))
            yield policy_fault("value_kind", policy.source, path, message)


def unknown_path(policy: Policy, data: Mapping[str, Any], path: str) -> Issue:
    """Return the fault of a path that a policy file lacks, with the nearest that it has."""
    message = Text("政策文件没有这一项{nearest}", "the policy file has no such key{nearest}")
    nearest = most_like(path, [known for known, _ in paths(data)])
    return policy_fault("unknown_path", policy.source, path, message.fill(nearest=nearest))


def _kind(value: object) -> Text:
    return next(text for kind, text in KINDS if isinstance(value, kind))


def _value(text: str, now: object) -> Any:
    """Return the value that a text writes in TOML, a text also without quotes; None if none."""
    try:
        said = tomllib.loads(f"value = {text}", parse_float=Decimal)
    except (tomllib.TOMLDecodeError, InvalidOperation, RecursionError):
        return text if isinstance(now, str) and not text.startswith(('"', "'")) else None
    return said["value"] if len(said) == 1 else None


def _assign(data: Mapping[str, Any], place: Place, value: object) -> None:
    """Put a value in its place, and say of the element around it that it is assumed."""
    before = place.holder.get(place.key) if isinstance(place.holder, dict) else place.value
    place.holder[place.key] = value
    cited = None if place.key in _UNTOUCHED else _cited(data, place)
    if cited is not None and before != value:
        was = "—" if before is None else value_text(before)
        changed = Text(
            "测算：{key} 由 {was} 改为 {now}", "what if: {key} {now} instead of {was}"
        ).fill(key=place.key, was=was, now=value_text(value))
        note = cited.get("note") or {}
        cited["basis"] = "assumption"
        cited["note"] = {
            "zh": "；".join(filter(None, (changed.zh, note.get("zh")))),
            "en": "; ".join(filter(None, (changed.en, note.get("en")))),
        }


def _cited(data: Mapping[str, Any], place: Place) -> dict[str, Any] | None:
    """Return the element with a clause of its own that a value stands in."""
    homes = [data[name] for name in (*CITED_LISTS, *CITED_TABLES) if name in data]
    rates = data.get("rates")
    if isinstance(rates, dict):
        homes += [rates[name] for name in _IN_RATES if name in rates]
    for outer, inner in zip(place.chain, place.chain[1:], strict=False):
        if isinstance(inner, dict) and any(
            home is inner or (isinstance(home, list) and home is outer) for home in homes
        ):
            return inner
    return None


@functools.lru_cache(maxsize=256)
def _with_text(policy: Policy, text: str) -> Policy:
    """Return a policy with another text; the same one for the same, since checks take a while."""
    return policy_of_texts({**policy.texts, POLICY_TEXT: text}, policy.source)
