"""Policies as people read them on the command line: the list, one policy, and a checked file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import IO

from compensation.language import Language, Text, day
from compensation.policy.catalogue import Policy
from compensation.policy.model import BASIS_NAMES
from compensation.policy.wording import figure_of, kind_of
from compensation.report.console import Screen


def effective_text(policy: Policy, language: Language) -> str:
    """Return the first and the last day that a policy covers."""
    effective = policy.rules.effective
    end = Text("未规定失效日期", "no end given") if effective.to is None else day(effective.to)
    return f"{day(effective.from_).get(language)} – {end.get(language)}"


def list_text(policies: Sequence[Policy], language: Language, stream: IO[str]) -> str:
    """Return the policies, a line for each."""
    names = (Text("编号", "id"), Text("名称", "name"), Text("适用期间", "effective"))
    rows: list[list[Text | str]] = [
        [policy.id, policy.rules.name.text, effective_text(policy, language)] for policy in policies
    ]
    return Screen(language, stream).table([(name, "left") for name in names], rows)


def policy_text(policy: Policy, language: Language, stream: IO[str]) -> str:
    """Return one policy: its document, and everything that it says with clause, basis and note.

    The defaults that it takes come last, as a table.
    """
    rules = policy.rules
    zh = language == "zh"
    document = rules.document
    number = document.number or ("（文号未查到）" if zh else "(number not found)")
    lines = [
        f"{policy.id}  {rules.name.text.get(language)}",
        rules.issuer.text.get(language),
        " · ".join(
            part for part in (document.title.text.get(language), number, document.part) if part
        ),
        ("适用期间：" if zh else "effective: ") + effective_text(policy, language),
        policy.digest,
    ]
    for citation in policy.cited():
        cited = citation.cited
        if cited.basis == "default":
            continue
        what = figure_of(policy, cited).get(language)
        name = f"{kind_of(policy, cited).get(language)} {citation.key}"
        basis = BASIS_NAMES[cited.basis].get(language)
        rests_on = [cited.clause, basis, cited.said.get(language)]
        lines += [
            "",
            f"{name}: {what}" if what else name,
            "  " + " · ".join(part for part in rests_on if part),
        ]
    return "\n".join([*lines, *_defaults(policy, language, stream)])


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
