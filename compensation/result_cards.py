"""How results of a year show in a Python session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from compensation.cards import Card
from compensation.columns import Integers
from compensation.engine.run import Decided
from compensation.faults.input_faults import Faults
from compensation.language import Text
from compensation.policy.case_words import words_of
from compensation.policy.catalogue import Policy
from compensation.values.printing import yuan

INSIDE = frozenset(
    {
        *("cases", "claim_rows", "covered", "decided", "decisions", "digested", "inputs"),
        *("held", "indicators", "institution_variables", "ledgers", "recovered", "returned"),
        "verdicts",
    }
)
"""What a result rests on: members that are not for users."""


class YearResult(Protocol):
    """A year's result, under one policy or several."""

    @property
    def policies(self) -> Sequence[Policy]: ...  # noqa: D102
    @property
    def year(self) -> int: ...  # noqa: D102
    @property
    def budget(self) -> int | None: ...  # noqa: D102
    @property
    def warnings(self) -> Faults: ...  # noqa: D102
    @property
    def decided(self) -> Sequence[Decided]: ...  # noqa: D102
    @property
    def claim_rows(self) -> Integers: ...  # noqa: D102


def card_of_year(result: YearResult) -> Card:
    """Return how a year's result shows: what was decided, in sums."""

    def total(name: str) -> int:
        return sum(int(getattr(each.decisions, name).sum()) for each in result.decided)

    facts: list[tuple[Text, object]] = [
        (Text("年度", "year"), result.year),
        (words_of(result.policies).number, len(result.claim_rows)),
        (Text("符合条件", "eligible"), total("eligible")),
        (Text("补偿金额（元）", "compensation"), yuan(total("compensation"))),
        (Text("应付金额（元）", "payable"), yuan(total("payable"))),
    ]
    if result.budget is not None:
        facts.append((Text("预算（元）", "budget"), yuan(result.budget)))
    if len(result.warnings):
        facts.append((Text("提示", "warnings"), len(result.warnings)))
    ids = ", ".join(policy.id for policy in result.policies)
    return Card(Text("、".join(policy.rules.name.zh for policy in result.policies), ids), facts)
