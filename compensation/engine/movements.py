"""Payments, remittances and entries of the pool, as the rules see them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from compensation.columns import Flags, Integers, group_sum
from compensation.ledger.portfolio import Ledgers
from compensation.rules import pool
from compensation.schema.choices import OPENING, POOL_KINDS, RECALLED, REFUNDED
from compensation.schema.pool_lines import LINES as POOL_LINES

LINES = tuple(POOL_LINES)


@dataclass(frozen=True, eq=False)
class Movements:
    """The rows of payments or remittances: the claim's row, the day, the fen.

    `back`: whether the amount was recalled or refunded. `there_line`, `back_line`: where the
    amounts stand in the pool's statement.
    """

    table: str
    claim: Integers
    day: Integers
    amount: Integers
    back: Flags
    there_line: str
    back_line: str

    def net(self, claims: int, since: int | None = None) -> Integers:
        """Return the net amount of each claim, of all rows or of those from a day on."""
        signed = np.where(self.back, -self.amount, self.amount)
        if since is not None:
            signed = np.where(self.day >= since, signed, 0)
        return group_sum(signed, self.claim, claims)


def payments_of(ledgers: Ledgers) -> Movements:
    """Return what government paid for claims, and recalled."""
    return _moved(ledgers, "payment", ledgers.links.payment_claim, RECALLED, "paid", "recalled")


def remittances_of(ledgers: Ledgers) -> Movements:
    """Return what institutions handed over of recoveries, and were refunded."""
    claim = ledgers.links.remittance_claim
    return _moved(ledgers, "remittance", claim, REFUNDED, "remitted", "refunded")


def _moved(
    ledgers: Ledgers, singular: str, claim: Integers, back: int, there: str, and_back: str
) -> Movements:
    table = f"{singular}s"
    return Movements(
        table,
        claim,
        ledgers.numbers(table, f"{singular}_date"),
        ledgers.numbers(table, "amount"),
        ledgers.numbers(table, "kind") == back,
        there,
        and_back,
    )


def is_there(ledgers: Ledgers, table: str) -> bool:
    """Return whether the input has a table, with rows or without."""
    return bool(ledgers.present[table])


def opening_of(ledgers: Ledgers) -> pool.Opening | None:
    """Return the opening of the pool; a ledger has at most one."""
    rows = np.flatnonzero(ledgers.numbers("pool", "kind") == OPENING)
    if not len(rows):
        return None
    day, amount = (ledgers.numbers("pool", name)[rows] for name in ("entry_date", "amount"))
    return pool.Opening(int(day[0]), int(amount[0]))


def pool_movements(ledgers: Ledgers, *movements: Movements) -> pool.Movements:
    """Return all that came into the pool or went out of it; its opening is neither."""
    kind = ledgers.numbers("pool", "kind")
    entries = kind != OPENING
    line_of = np.array(
        [LINES.index(c.value) if c.value in LINES else -1 for c in POOL_KINDS], dtype=np.int64
    )
    line = [line_of[kind[entries]]]
    day = [ledgers.numbers("pool", "entry_date")[entries]]
    amount = [ledgers.numbers("pool", "amount")[entries]]
    for each in movements:
        there, back = LINES.index(each.there_line), LINES.index(each.back_line)
        line.append(np.where(each.back, back, there))
        day.append(each.day)
        amount.append(each.amount)
    return pool.Movements(np.concatenate(line), np.concatenate(day), np.concatenate(amount))


def pool_of_year(ledgers: Ledgers, before: int, last: int) -> dict[str, int]:
    """Return the lines of the pool's statement of a year, in fen, up to what the ledgers know.

    `before`, `last`: the last day of the year before and its own.
    """
    moved = pool_movements(ledgers, payments_of(ledgers), remittances_of(ledgers))
    counts = moved.day <= last
    of_year = pool.Movements(*(column[counts] for column in moved))
    nothing_due = dict.fromkeys(pool.LEGS, 0)
    return pool.lines_of(pool.pool_statement(of_year, opening_of(ledgers), before + 1, nothing_due))
