"""Policies as people read them on the command line: the list, one policy, and a checked file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

from compensation.issues import NO_TEXT
from compensation.language import Language, Text, joined
from compensation.policy.catalogue import Policy
from compensation.policy.model import BASIS_NAMES
from compensation.policy.value_words import days_in_words
from compensation.policy.wording import figure_of, kind_of
from compensation.report.console import Screen


def list_text(policies: Sequence[Policy], language: Language, stream: IO[str]) -> str:
    """Return the policies, a line for each."""
    names = (Text("编号", "id"), Text("名称", "name"), Text("适用期间", "effective"))
    rows: list[list[Text | str]] = [
        [policy.id, policy.rules.name.text, days_in_words(policy.rules.effective)]
        for policy in policies
    ]
    return Screen(language, stream).table([(name, "left") for name in names], rows)


def policy_text(policy: Policy, language: Language, stream: IO[str]) -> str:
    """Return one policy: its document, and everything that it says with clause, basis and note.

    The defaults that it takes come last, as a table.
    """
    rules = policy.rules
    document = rules.document
    number = document.number or Text("（文号未查到）", "(number not found)")
    lines: list[Text | str] = [
        joined([policy.id, rules.name.text], "  ", "  "),
        rules.issuer.text,
        _listed(document.title.text, number, document.part),
        joined([Text("适用期间", "effective"), days_in_words(policy.rules.effective)], "：", ": "),
        policy.digest,
    ]
    for citation in policy.cited():
        cited = citation.cited
        if cited.basis == "default":
            continue
        name = joined([kind_of(policy, cited), citation.key], " ", " ")
        what = figure_of(policy, cited)
        rests_on = _listed(cited.clause, BASIS_NAMES[cited.basis], cited.said)
        said = joined([name, what] if what.zh else [name], "：", ": ")
        lines += ["", said, joined(["  ", rests_on], "", "")]
    return joined([*lines, *_defaults(policy, language, stream)], "\n", "\n").get(language)


def _listed(*parts: Text | str | None) -> Text:
    """Return the parts that are there, on one line."""
    return joined((part for part in parts if part and part != NO_TEXT), " · ", " · ")


def _defaults(policy: Policy, language: Language, stream: IO[str]) -> Iterator[str]:
    """Yield a table of what the file leaves out, and what then holds; nothing if it is whole."""
    rows = [
        [kind_of(policy, cited), figure_of(policy, cited), cited.said]
        for cited in (citation.cited for citation in policy.cited())
        if cited.basis == "default"
    ]
    if rows:
        default = Text("采用的默认口径", "defaults used")
        names = (default, Text("内容", "what"), Text("说明", "note"))
        yield ""
        yield Screen(language, stream).table([(name, "left") for name in names], rows)
