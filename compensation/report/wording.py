"""What statuses and reasons of a result are called in Chinese, as they stand on the sheets."""

from __future__ import annotations

from collections.abc import Sequence

from compensation.explanation.conditions import reasons_in_words
from compensation.joint_results import NOT_COVERED
from compensation.policy.case_words import CASES, words_of
from compensation.policy.catalogue import Policy
from compensation.policy.quantity_words import describe_test
from compensation.policy.variables import INSTITUTION
from compensation.schema.choices import REVIEW_DECISIONS

STATUS_NAMES = {choice.value: choice.zh for choice in REVIEW_DECISIONS} | {
    "ineligible": "不符合条件",
    NOT_COVERED: "无适用政策",
}


def case_heading(name: str, policies: Sequence[Policy]) -> str | None:
    """Return the heading of a column that names, dates or counts cases that are no claims.

    None where they are, and for any other column.
    """
    words = words_of(policies)
    if words is CASES["payout"]:
        return None
    named = {"claim_id": words.id, "claims": words.number, "payout_date": words.day}
    return named[name].zh if name in named else None


class Reasons:
    """Says in Chinese what the ids of a result's reasons ask for; each combination once."""

    def __init__(self, policy: Policy) -> None:
        rules = policy.rules
        self._judging = {c.id for c in rules.claim_conditions if c.value == INSTITUTION}
        institutions = {c.id: describe_test(policy, c) for c in rules.institution_conditions}
        self._asked = {"claims": reasons_in_words(policy), "institutions": institutions}
        self._seen: dict[tuple[str, object, object], str] = {}

    def explain(self, result: str, ids: object, institution: object = None) -> str:
        """Return what was not met, in Chinese; ``result`` is claims or institutions.

        `institution`: the reasons of the institution, which stand with a claim refused for it.
        """
        if not isinstance(ids, str):
            return ""
        found = self._seen.get((result, ids, institution))
        if found is None:
            asked = self._asked[result]
            said = [
                (asked[id_].zh if id_ in asked else id_) + self._of(id_, institution)
                for id_ in ids.split(";")
            ]
            found = self._seen[result, ids, institution] = "；".join(said)
        return found

    def _of(self, id_: str, institution: object) -> str:
        unmet = self.explain("institutions", institution) if id_ in self._judging else ""
        return f"（机构未满足：{unmet}）" if unmet else ""
