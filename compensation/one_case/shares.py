"""Who shares the payout of a single case, and with what part."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from compensation.columns import Integers
from compensation.issues import Path
from compensation.language import Text
from compensation.one_case.reading import Reader
from compensation.policy.catalogue import Policy
from compensation.policy.party_words import party_title
from compensation.rules import award
from compensation.schema.column import Column, ColumnType
from compensation.schema.dictionary import CONTRACTS
from compensation.schema.parties import (
    GOVERNMENT,
    PARTY_NAMES,
    SHARE_PREFIX,
    SHARE_UNIT,
    parties_in_order,
    party_name,
)
from compensation.tables.headings import recogniser
from compensation.values.printing import format_scaled, yuan

LONGEST_NAME = 60
_SHARE = Column("share", "分担比例", ColumnType.SHARE)
_KNOWN = {name: party for party, text in PARTY_NAMES.items() for name in (party, text.zh)}
"""The parties of the dictionary by their names, without capitals."""


class Shares(NamedTuple):
    """The parties in order, and (1, parties) what each bears, in millionths that make 1."""

    parties: tuple[str, ...]
    shares: Integers


def read_shares(
    shares: object, others: Collection[str], path: Path, reader: Reader
) -> Shares | None:
    """Read who bears what, by party; None where something is wrong.

    The parties of the dictionary go by their English or Chinese names, any other by its own. A
    party that is not there bears nothing; where none is filled in, the institution bears
    everything. `others`: parties that have a column whether or not they are there.
    """
    if shares is None:
        shares = {}
    if not isinstance(shares, Mapping):
        message = Text("不是按分担方列出的比例", "not shares by party")
        reader.fault("not_an_object", path, message, value=shares)
        return None
    read: dict[str, int] = {}
    wrong = False
    named: set[str] = set()
    for name, value in shares.items():
        party = party_of(name) if isinstance(name, str) else name
        if party == GOVERNMENT or not _is_name(party):
            wrong = True
            _refuse_name(party, (*path, name), reader)
            continue
        if party in named:
            wrong = True
            message = Text(
                "同一分担方出现了两次：{party}", "the same party is given twice: {party}"
            )
            reader.fault("duplicate", (*path, name), message.fill(party=party_name(party)))
            continue
        named.add(party)
        before = len(reader.faults)
        millionths = reader.cell(_SHARE, value, (*path, name))
        wrong |= len(reader.faults) > before
        if isinstance(millionths, int):
            read[party] = millionths
    if wrong:
        return None
    total = sum(read.values())
    if not read:
        read = {"institution": SHARE_UNIT}
    elif total != SHARE_UNIT:
        reader.fault(
            "shares_sum",
            path,
            Text("各方分担比例之和不等于 1", "the shares do not make 1"),
            Text("合计恰为 1", "shares that make exactly 1"),
            format_scaled(np.array([total]), 6)[0].as_py(),
        )
        return None
    parties = parties_in_order({*named, *others})
    return Shares(parties, np.array([[read.get(party, 0) for party in parties]], dtype=np.int64))


def party_of(name: str) -> str:
    """Return the party that a name means, by the headings of ledgers as well; else the name.

    银行, 银行分担比例, 合作银行, bank and share_lender are all the lender.
    """
    if name.casefold() in _KNOWN or len(name) > LONGEST_NAME:
        return _KNOWN.get(name.casefold(), name)
    recognise = recogniser(CONTRACTS, further=True)
    for heading in (name, f"{name}分担比例", f"{name}_share"):
        found = recognise(heading)
        party = "" if found is None else found[0].name.removeprefix(SHARE_PREFIX)
        if found is not None and found[0].name != party and party in PARTY_NAMES:
            return party
    return name


def _is_name(party: object) -> bool:
    return (
        isinstance(party, str)
        and 0 < len(party) <= LONGEST_NAME
        and party == party.strip()
        and party.isprintable()
    )


def _refuse_name(party: object, path: Path, reader: Reader) -> None:
    if party == GOVERNMENT:
        message = Text("政府的补偿由政策决定，不作为分担方", "government comes in by the policy")
        reader.fault("government_share", path, message)
        return
    expected = Text(
        f"1 到 {LONGEST_NAME} 个可见字符", f"a name of 1 to {LONGEST_NAME} visible characters"
    )
    reader.fault("wrong_form", path, Text("不能作为名称", "not a name"), expected)


def check_paid(
    paid: Integers, amount: Integers, sharing: Shares, policy: Policy, path: Path, reader: Reader
) -> None:
    """Check that no more was paid to the beneficiary than it bore of the payout."""
    if not paid[0]:
        return
    beneficiary = policy.rules.beneficiary.party
    borne = award.borne(amount, sharing.shares)[0, sharing.parties.index(beneficiary)]
    if paid[0] > borne:
        reader.fault(
            "paid_above_borne",
            path,
            Text(
                "补偿超过{name}在该笔代偿中承担的金额",
                "the compensation is more than the {name} bore of the payout",
            ).fill(name=party_title(policy, beneficiary)),
            Text("不超过 {borne}", "at most {borne}").fill(borne=yuan(borne)),
            yuan(paid[0]),
        )
