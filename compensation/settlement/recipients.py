"""Who is paid for a case, by name as the ledger has it.

The beneficiary of a policy is a row of the institutions table, the lender or the borrower of the
contract, or a party that no ledger names: the reguarantor, a fund.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from compensation.arrays import arrow
from compensation.columns import Integers
from compensation.language import Text, same
from compensation.ledger.portfolio import Ledgers
from compensation.policy.catalogue import Policy
from compensation.policy.party_words import BORROWER, recipient_of, recipient_title

UNNAMED = Text("{of}的业务，台账未填贷款银行", "of {of}, whose lender the ledger does not name")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "institutions": ("institution_id", "institution_name"),
    "contracts": ("lender", "borrower_id", "borrower_name"),
}
"""What ledgers say of who may be paid."""


class Recipient(NamedTuple):
    """Who is paid: which party it is, what tells it from others, what it is called, its name.

    `named`: whether this row of the ledger has the name, or only the id.
    """

    party: str
    key: str
    called: Text
    name: Text
    named: bool = True


def recipients(
    ledgers: Ledgers, policies: Sequence[Policy], of: Sequence[int], contract: Integers
) -> list[Recipient]:
    """Return who is paid for each case.

    `of`: (cases,) the place of its policy, negative where none covers it: then its institution.
    `contract`: (cases,) the row of its contract.
    """
    row_of = {"contracts": contract, "institutions": ledgers.links.contract_institution[contract]}
    names = {
        name: ledgers.column(table, name).take(arrow(row_of[table])).to_pylist()
        for table, listed in COLUMNS.items()
        for name in listed
    }
    under = [(recipient_of(policy.rules), recipient_title(policy)) for policy in policies]
    under.append(("institution", Text("机构", "institution")))
    return [_recipient(*under[max(place, -1)], names, row) for row, place in enumerate(of)]


def _recipient(
    party: str, called: Text, names: Mapping[str, Sequence[str | None]], row: int
) -> Recipient:
    institution = _named(names, "institution", row)
    if party == "institution":
        return Recipient(party, institution[0], called, *institution[1:])
    if party == BORROWER:
        id_, name, named = _named(names, "borrower", row)
        # Institutions may number their borrowers alike: a borrower is one at one institution.
        return Recipient(party, f"{id_} {institution[0]}", called, name, named)
    if party != "lender":
        return Recipient(party, party, called, called)
    lender = names["lender"][row]
    name = same(lender) if lender else UNNAMED.fill(of=institution[1])
    return Recipient(party, name.zh, called, name)


def _named(
    names: Mapping[str, Sequence[str | None]], what: str, row: int
) -> tuple[str, Text, bool]:
    """Return an id, the name with the id in brackets, and whether there is a name."""
    id_, name = names[f"{what}_id"][row] or "", names[f"{what}_name"][row]
    named = Text(f"{name}（{id_}）", f"{name} ({id_})") if name else same(id_)
    return id_, named, bool(name)
