"""The parties of a policy, and whom it pays, in words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from compensation.language import Text
from compensation.policy.catalogue import Policy
from compensation.policy.model import PolicyFile
from compensation.schema.parties import party_name


def called_party(rules: PolicyFile) -> tuple[tuple[str, Text], ...]:
    """Return the party that a policy calls by a name of its own, and that name, if there is one.

    Contracts and institutions' years have no guarantor; who is paid need not be the institution.
    """
    beneficiary = rules.beneficiary
    if rules.record != "payout":
        return (("institution", INSTITUTION_ALONE),)
    return () if beneficiary.name is None else ((beneficiary.party, beneficiary.name.text),)


INSTITUTION_ALONE = Text("机构", "institution")


def party_title(policy: Policy, party: str) -> Text:
    """Return what a policy calls a party."""
    return dict(called_party(policy.rules)).get(party) or party_name(party)


BORROWER = "borrower"
"""Who is paid where a policy names neither a party nor an institution."""
_INSTITUTION_WORDS = re.compile(
    "银行|机构|担保|信用社|联社|农信|保险|小贷|小额贷款|金融|基金|典当|租赁|保理"
)


def recipient_of(rules: PolicyFile) -> str:
    """Return the party that is paid; the borrower where a name says so.

    Where a policy names a beneficiary that is no party, such as 企业 or 借款人, it is the borrower
    of the contract, unless the name is of a bank or another institution: that is a row of the
    institutions table, as institutions are whose years are compensated.
    """
    beneficiary = rules.beneficiary
    name = "" if beneficiary.name is None else beneficiary.name.zh
    if beneficiary.party != "institution" or not name or rules.record == "institution":
        return beneficiary.party
    return "institution" if _INSTITUTION_WORDS.search(name) else BORROWER


def recipient_title(policy: Policy) -> Text:
    """Return what a policy calls who is paid."""
    beneficiary = policy.rules.beneficiary
    if beneficiary.name is not None:
        return beneficiary.name.text
    return party_title(policy, beneficiary.party)


def party_of_all(policies: Sequence[Policy], party: str) -> Text:
    """Return what policies call a party; what the trade calls it where they differ."""
    called = {party_title(policy, party) for policy in policies}
    return called.pop() if len(called) == 1 else party_name(party)


def programme_title(policies: Sequence[Policy]) -> str:
    """Return what policies are about, at the head of what is printed, in Chinese.

    Payouts of guarantee institutions go by one name; anything else by the names of its policies.
    """
    rules = [policy.rules for policy in policies]
    if all(each.record == "payout" and each.beneficiary.name is None for each in rules):
        return "政府性融资担保风险补偿"
    return "、".join(each.name.zh for each in rules)


def recipients_title(policies: Sequence[Policy]) -> Text:
    """Return what policies call who is paid; an institution where they differ, or name nobody."""
    titles = {recipient_title(policy) for policy in policies}
    (title,) = titles if len(titles) == 1 else (INSTITUTION_ALONE,)
    return INSTITUTION_ALONE if title == party_name("institution") else title
