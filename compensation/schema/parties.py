"""The parties that share a payout: their names, their order in a run, their share columns."""

from __future__ import annotations

from collections.abc import Collection

from compensation.language import Text
from compensation.schema import trade_words
from compensation.schema.column import Column, ColumnType

SHARE_UNIT = 1_000_000
"""A share of 1: shares have six decimals and are held as whole millionths."""
SHARE_PREFIX = "share_"

PARTIES = ("institution", "lender", "reguarantor", "national_fund")
"""The parties that share a payout, in the order of a run; any others follow by name."""
PARTY_NAMES = {
    "government": Text("政府", "government"),
    "institution": Text("担保机构", "institution"),
    "lender": Text("银行", "lender"),
    "reguarantor": Text("再担保机构", "reguarantor"),
    "national_fund": Text("国家融担基金", "national fund"),
}
GOVERNMENT = "government"
GUARANTOR = "guarant"
"""How the names of a guarantor begin, which is no reguarantor: where a bank is the institution."""


def parties_in_order(present: Collection[str]) -> tuple[str, ...]:
    """Return the parties of a run: those of `PARTIES` that are present, then the others by name.

    The institution is always one.
    """
    known = [party for party in PARTIES if party in present or party == "institution"]
    return (*known, *sorted(set(present).difference(PARTIES)))


def party_name(party: str) -> Text:
    """Return the party's name; a party that the dictionary does not know goes by its own id."""
    return PARTY_NAMES.get(party, Text(party, party))


def share_column(name: str) -> Column:
    """Return the share column called ``name``: one of the four known, or any other share_*."""
    party = name.removeprefix(SHARE_PREFIX)
    heading = f"{party_name(party).zh}分担比例"
    words = tuple(word for word in trade_words.further_shares(party) if word != heading)
    return Column(name, heading, ColumnType.SHARE, further=words)
