"""What a settlement says is due, as rows to add to the ledger: payments and remittances to come.

A draft has no date, and a ledger with a row without date is refused: nothing counts as paid that
was not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from compensation.columns import Integers
from compensation.engine.cases import cases_of
from compensation.engine.movements import is_there
from compensation.engine.run import digested_ledgers
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger.as_of import DATED, ledgers_as_of
from compensation.ledger.digest import digest_of
from compensation.ledger.portfolio import Ledgers, Portfolio
from compensation.ledger.records import TABLE_OF
from compensation.schema.choices import PAID, RECALLED, REFUNDED, REMITTED
from compensation.schema.dictionary import table
from compensation.settlement.deciding import with_policy_columns
from compensation.settlement.settled import Settled
from compensation.values.dates import date_of

MOVED = ("payments", "remittances")


@dataclass(frozen=True)
class Draft:
    """A row of payments or remittances without a date; `amount` is fen, `kind` a place in CHOICE.

    `carried`: it is what was paid before the settlement, according to `compensation_paid`. `year`:
    which one is paid for, of a contract or institution with several.
    """

    id: str
    claim_id: str
    amount: int
    kind: int
    carried: bool = False
    year: int | None = None


@dataclass(frozen=True, eq=False)
class Continued:
    """A ledger with the drafts of a settlement; `drafts`: by table, in the order of the claims.

    `cases`: the table whose rows were settled.
    """

    ledgers: Ledgers
    drafts: Mapping[str, tuple[Draft, ...]]
    cases: str = "claims"


def continued(portfolio: Portfolio, settlement: Settled) -> Continued:
    """Return the ledger of a settlement with what is due as drafts.

    A ledger without the table payments gets one; what it gives as `compensation_paid` is carried
    over as drafts, too, since it has no date.

    Raises `InputFaults` where payments or remittances are dated after the settlement, which may
    have been made of what the drafts say is due, or the portfolio is not the one that was settled.
    """
    ledgers, faults = with_policy_columns(portfolio, settlement.policies)
    if not faults:
        faults = _not_settled(ledgers, settlement) or _later(ledgers, settlement)
    if faults:
        raise InputFaults(faults)
    policies, year = settlement.policies, settlement.period.year_over
    payments = [
        *_carried(cases_of(ledgers, policies, year, settlement.period.years(policies))),
        *_due(settlement, _payment_legs(settlement)),
    ]
    remittances = _due(settlement, _remittance_legs(settlement))
    drafts = {
        name: _numbered(ledgers, name, f"{prefix}{settlement.period.last:%Y%m%d}", rows)
        for name, prefix, rows in zip(MOVED, "PR", (payments, remittances), strict=True)
    }
    return Continued(ledgers, drafts, TABLE_OF[policies[0].rules.record])


def _not_settled(ledgers: Ledgers, settlement: Settled) -> list[FaultGroup]:
    """Return a fault where the ledger is not the one that was settled, with all its rows."""
    if ledgers.day is None:
        then = ledgers_as_of(ledgers, settlement.period.end)
        if digest_of(digested_ledgers(then)) == settlement.input_digest:
            return []
    message = Text(
        "台账与清算所用的台账不一致", "the ledger is not the one that the settlement was made of"
    )
    return [whole("not_settled", message)]


def _later(ledgers: Ledgers, settlement: Settled) -> list[FaultGroup]:
    """Return a fault for each payment or remittance dated after the settlement."""
    message = Text(
        "日期在清算日 {to} 之后，可能已办理了本次清算的应缴应付；续记台账须以更晚的日期清算",
        "the row is dated after the settlement of {to} and may be what the settlement says is due;"
        " settle on a later day to continue the ledger",
    ).fill(to=settlement.period.last)
    faults = []
    for name in MOVED:
        day = ledgers.numbers(name, DATED[name])
        rows = np.flatnonzero(day > settlement.period.end).astype(np.int64)
        if len(rows):
            expected = Text("不晚于清算日", "a date on or before the settlement")
            values = [date_of(int(of)).isoformat() for of in day[rows]]
            locate = ledgers.unmapped[name].locate
            faults.append(
                FaultGroup(
                    "after_settlement", message, name, DATED[name], expected, rows, values, locate
                )
            )
    return faults


def _payment_legs(of: Settled) -> Mapping[int, Integers]:
    return {PAID: of.granted.to_pay, RECALLED: of.granted.to_recall}


def _remittance_legs(of: Settled) -> Mapping[int, Integers]:
    return {REMITTED: of.legs.to_remit, REFUNDED: of.legs.to_refund}


def _due(of: Settled, legs: Mapping[int, Integers]) -> Iterator[Draft]:
    """Yield a draft for each amount due; of the two legs of a claim one is 0."""
    for kind, amount in legs.items():
        yield from _drafts(of.ledgers, amount, kind)


def _carried(ledgers: Ledgers) -> Iterator[Draft]:
    """Yield what was paid before, where the ledger does not say when."""
    if not is_there(ledgers, "payments"):
        paid = ledgers.numbers("claims", "compensation_paid")
        yield from (replace(draft, carried=True) for draft in _drafts(ledgers, paid, PAID))


def _drafts(ledgers: Ledgers, amount: Integers, kind: int) -> Iterator[Draft]:
    ids, years = ledgers.column("claims", "claim_id"), ledgers.years
    for row in np.flatnonzero(amount).tolist():
        year = None if years is None else int(years[row])
        yield Draft("", ids[row].as_py(), int(amount[row]), kind, year=year)


def _numbered(
    ledgers: Ledgers, name: str, prefix: str, drafts: Iterable[Draft]
) -> tuple[Draft, ...]:
    """Return drafts with ids that the table does not have yet."""
    taken = set(ledgers.column(name, table(name).columns[0].name).to_pylist())
    ids = (id_ for n in count(1) if (id_ := f"{prefix}-{n:03}") not in taken)
    return tuple(replace(draft, id=id_) for draft, id_ in zip(drafts, ids, strict=False))
