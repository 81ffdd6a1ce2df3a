"""What changes from one policy to another, in words: element by element, wording apart."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from compensation.language import Language, Text, same
from compensation.policy.catalogue import Citation, Policy
from compensation.policy.wording import figure_of, kind_of
from compensation.record.policies import PolicyDifference, policy_difference
from compensation.record.summaries import ValueDifference

_ONE_BASE = re.compile(r"base\[1\](?=\.|$)")


class Change(NamedTuple):
    """One element of which two policies say different things.

    `title`: what it is, and its key. `before`, `after`: what each says, in words; None where it
    does not have the element. `values`: what differs in it, key by key.
    """

    title: Text
    before: Text | None
    after: Text | None
    values: Sequence[ValueDifference]


class PolicyChanges(NamedTuple):
    """What changes: figures by element, wording by key."""

    figures: Sequence[Change]
    wording: Sequence[ValueDifference]


def policy_changes(first: Policy, second: Policy) -> PolicyChanges:
    """Return what changes from the first policy to the second; a policy's id is no figure."""
    found: PolicyDifference = policy_difference(first, second)
    one, other = _elements(first), _elements(second)
    by_element: dict[str, list[ValueDifference]] = {}
    for difference in found.figures:
        if difference.key != "id":
            key = _element_of(difference.key, one.keys() | other.keys())
            by_element.setdefault(key, []).append(difference)
    figures = [
        Change(
            _title(key, first if key in one else second, one.get(key) or other.get(key)),
            _said(first, one.get(key)),
            _said(second, other.get(key)),
            values,
        )
        for key, values in by_element.items()
    ]
    return PolicyChanges(figures, found.wording)


def _elements(policy: Policy) -> Mapping[str, Citation]:
    return {citation.key: citation for citation in policy.cited()}


def _element_of(key: str, elements: Iterable[str]) -> str:
    """Return the key of the element that a key is part of; the key itself where there is none."""
    one_base = _ONE_BASE.sub("base", key)
    for name in (key, one_base):
        parts = [each for each in elements if name == each or name.startswith(f"{each}.")]
        if parts:
            return max(parts, key=len)
    return key.partition(".")[0] if key.startswith("columns[") else key


def _title(key: str, policy: Policy, citation: Citation | None) -> Text:
    if citation is None:
        return same(key)
    kind = kind_of(policy, citation.cited)
    return Text(f"{kind.zh} {key}", key if kind.en == key else f"{kind.en} {key}")


def _said(policy: Policy, citation: Citation | None) -> Text | None:
    return None if citation is None else figure_of(policy, citation.cited)


def changes_text(first: Policy, second: Policy, found: PolicyChanges, language: Language) -> str:
    """Return the changes for people: first what each policy is, then figures, then wording."""
    both = (("A", first), ("B", second))
    lines = [f"{side}  {policy.id}  {policy.digest}" for side, policy in both]
    if found.figures:
        lines += ["", Text("数值不同：", "Figures that differ:").get(language)]
        for change in found.figures:
            lines += _change_lines(change, language)
    if found.wording:
        lines += ["", Text("文字不同：", "Wording that differs:").get(language)]
        lines += [f"  {_value_line(each, language)}" for each in found.wording]
    count = Text(
        f"数值不同 {len(found.figures)} 处，文字不同 {len(found.wording)} 处",
        f"{len(found.figures)} differences of figures, {len(found.wording)} of wording",
    )
    return "\n".join([*lines, "", count.get(language)])


def _change_lines(change: Change, language: Language) -> Iterator[str]:
    """Yield what both say; the keys beside it, since words leave out what goes without saying."""
    if [change.title.zh] == [each.key for each in change.values]:
        yield f"  {_value_line(change.values[0], language)}"
        return
    yield f"  {change.title.get(language)}"
    if change.before != change.after:
        nothing = Text("没有", "not there")
        for side, said in (("A", change.before), ("B", change.after)):
            yield f"    {side}  {(nothing if said is None else said).get(language)}".rstrip()
    if (change.before is None) == (change.after is None):
        yield from (f"      {_value_line(each, language)}" for each in change.values)


def _value_line(value: ValueDifference, language: Language) -> str:
    nothing = Text("没有", "not there").get(language)
    colon = Text("：", ": ").get(language)
    one, other = (nothing if said is None else said for said in (value.first, value.second))
    return f"{value.key}{colon}{one} → {other}"
