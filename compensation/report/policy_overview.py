"""What a policy file does, in words, and what of it is probably not meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from compensation.language import Language, Text, same
from compensation.policy.cap_words import OF_ALL, group_name
from compensation.policy.case_words import CASES
from compensation.policy.catalogue import Citation, Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import Definition, Tier
from compensation.policy.quantity_words import describe_quantity
from compensation.policy.wording import figure_of, kind_of
from compensation.policy_tools.doubts import doubts

_HITS = {
    "first": Text("依次取第一个符合的", "the first that holds"),
}
_DEFAULT = Text("（默认）", " (default)")


def overview_text(policy: Policy, language: Language) -> str:
    """Return what a policy does: who, base, rates, caps, payers, dates; then what to ask about."""
    rules = policy.rules
    head = [
        f"{policy.id}  {rules.name.text.get(language)}",
        _line(Text("计算对象", "computed for"), CASES[rules.record].each_row, language),
    ]
    said = [each for each in policy.cited() if not isinstance(each.cited, Definition)]
    for kind, found in groupby(said, key=lambda each: kind_of(policy, each.cited)):
        head += _element_lines(policy, kind, list(found), language)
    if rules.rates.otherwise is not None:
        none = Text("没有符合的档次时不予补偿", "not compensated where no tier holds")
        head.append(none.get(language))
    return "\n".join([*head, *_doubt_lines(policy, language), policy.digest])


def _line(title: Text, said: Text, language: Language) -> str:
    colon = Text("：", ": ").get(language)
    return f"{title.get(language)}{colon}{said.get(language)}"


def rates_title(policy: Policy, kind: Text) -> Text:
    """Return the title of the tiers, with how the one that counts is found."""
    rates = policy.rules.rates
    if len(rates.tiers) == 1:
        return kind
    if rates.hit == "slices":
        return _slices_title(policy, kind)
    if rates.by is None:
        how = _HITS.get(rates.hit, same(""))
    else:
        by = describe_quantity(policy, rates.by, Kind.MONEY)
        how = Text(f"按{by.zh}所在区间", f"by the range of {by.en}")
    return Text(f"{kind.zh}（{how.zh}）", f"{kind.en} ({how.en})")


def _slices_title(policy: Policy, kind: Text) -> Text:
    rates = policy.rules.rates
    how = Text("分段计算", "each slice at its own rate")
    if rates.by is not None:
        by = describe_quantity(policy, rates.by, Kind.MONEY)
        how = Text(f"按{by.zh}{how.zh}", f"{how.en}, by {by.en}")
    if rates.per is not None:
        whose = group_name(policy, rates.per)
        how = Text(f"{whose.zh}合计，{how.zh}", f"{how.en}, of all of {whose.en}")
    if rates.counts == "all":
        how = Text(f"{how.zh}，{OF_ALL.zh}", f"{how.en}, {OF_ALL.en}")
    return Text(f"{kind.zh}（{how.zh}）", f"{kind.en} ({how.en})")


def _element_lines(
    policy: Policy, kind: Text, elements: Sequence[Citation], language: Language
) -> Iterator[str]:
    """Yield the elements of one kind, a line each; one alone stands beside its kind."""
    words = [_words(policy, each) for each in elements]
    if isinstance(elements[0].cited, Tier):
        kind = rates_title(policy, kind)
    if len(words) == 1:
        yield _line(kind, words[0], language)
        return
    yield _line(kind, same(""), language).rstrip()
    yield from (f"  - {said.get(language)}" for said in words)


def _words(policy: Policy, citation: Citation) -> Text:
    cited = citation.cited
    said = figure_of(policy, cited)
    if cited.basis == "default":
        said = Text(f"{said.zh}{_DEFAULT.zh}", f"{said.en}{_DEFAULT.en}")
    return said


def _doubt_lines(policy: Policy, language: Language) -> Iterator[str]:
    found = doubts(policy)
    if found:
        yield Text("请核对以下各处是否有意：", "Check whether this is meant:").get(language)
    for doubt in found:
        yield f"  ! {_line(same(doubt.key), doubt.message, language)}"
