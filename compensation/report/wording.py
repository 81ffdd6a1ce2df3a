"""What statuses and reasons of a result are called in Chinese, as they stand on the sheets."""

from __future__ import annotations

from collections.abc import Sequence

from compensation.joint_results import NOT_COVERED
from compensation.ledger.choices import REVIEW_DECISIONS
from compensation.policy.catalogue import Policy
from compensation.policy.model import Note
from compensation.policy.quantities import payer_names
from compensation.policy.wording import (
    DAY_OF,
    ID_OF,
    NUMBER_OF,
    describe_cap,
    describe_test,
    record_of,
)
from compensation.rules.decision import NO_BASE, NO_PAYER, NO_RATE_DECIDED, NO_TIER, TOO_LITTLE

STATUS_NAMES = {choice.value: choice.zh for choice in REVIEW_DECISIONS} | {
    "ineligible": "不符合条件",
    NOT_COVERED: "无适用政策",
}

_SPECIAL_REASONS = {
    NO_TIER: "有适用的补偿档次",
    NO_RATE_DECIDED: "补偿比例已核定且不超过档次比例",
    NO_BASE: "有适用的补偿基数",
    NO_PAYER: "出资方的份额合计为 100%",
    TOO_LITTLE: "补偿金额不低于规定的最低金额",
}


def case_heading(name: str, policies: Sequence[Policy]) -> str | None:
    """Return the heading of a column that names, dates or counts cases that are no claims.

    None where they are, and for any other column.
    """
    record = record_of(policies)
    words = {"claim_id": ID_OF, "claims": NUMBER_OF, "payout_date": DAY_OF}.get(name)
    return None if words is None or record == "payout" else words[record].zh


def payer_heading(heading: str, payer: str, policies: Sequence[Policy]) -> str:
    """Return the heading of a payer's part of an amount; `payer`: the id."""
    names: dict[str, Note] = {}
    for policy in policies:
        names |= payer_names(policy.rules)
    return f"{heading}（{names[payer].zh if payer in names else payer}）"


class Reasons:
    """Says in Chinese what the ids of a result's reasons ask for; each combination once."""

    def __init__(self, policy: Policy) -> None:
        rules = policy.rules
        self._meaning = dict(_SPECIAL_REASONS)
        self._meaning |= {cap.id: describe_cap(policy, cap).zh for cap in rules.caps}
        self._asked: dict[str, dict[str, str]] = {}
        for name, conditions in (
            ("claims", rules.claim_conditions),
            ("institutions", rules.institution_conditions),
        ):
            self._asked[name] = {c.id: describe_test(policy, c).zh for c in conditions}
        self._seen: dict[tuple[str, str], str] = {}

    def explain(self, result: str, ids: object) -> str:
        """Return what was not met, in Chinese; ``result`` is claims or institutions."""
        if not isinstance(ids, str):
            return ""
        if (result, ids) not in self._seen:
            meaning = self._asked[result] | self._meaning
            self._seen[result, ids] = "；".join(meaning.get(id_, id_) for id_ in ids.split(";"))
        return self._seen[result, ids]
