"""Filler contracts and opening figures that bring an institution's indicators to the limits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle import Indicators, indicators
from tests.oracle_reading import Row
from tests.portfolio_rows import MOST, Maker


@dataclass(frozen=True)
class Aim:
    """Per cent that lie on a limit or well within it."""

    balance_growth: list[int]
    small_agri_share: list[int]
    borrower_growth: list[int]
    payout_rate: list[int]


AIMS = [
    Aim([30, 10], [95, 80], [100, 10], [1, 5]),
    Aim([30, 15], [95, 85], [100, 15], [1, 3]),
    Aim([30, 20], [95, 90], [100, 20], [1, 2]),
    Aim([30, 20, 15, 10], [95, 90, 85, 80], [50, 20, 10], [1, 2, 3, 5]),
]
BORROWERS = {100: 1, 50: 2, 20: 5, 10: 10, 15: 20}
"""How many borrowers a growth of so many per cent takes at least, to be exact."""
OFF = [0, 0, 0, 0, -1, 1]


def figures(maker: Maker, row: Row) -> Indicators:
    portfolio = maker.portfolio(row["institution_id"])
    return indicators(portfolio, portfolio.institutions[0], maker.setting.year)


def borrowers_at_limit(maker: Maker, row: Row, aim: Aim) -> str:
    """Bring the number of borrowers to a growth; a borrower in force at both ends of the year."""
    year, now = maker.setting.year, figures(maker, row)
    per_cent = maker.choice(aim.borrower_growth)
    if BORROWERS[per_cent] > 10 and not maker.medium:
        per_cent = 20
    unit = BORROWERS[per_cent]
    given = maker.chance(2)
    least = 1 if given else now.opening_borrowers + 1
    opening = unit
    while opening < least or opening * (100 + per_cent) < (now.closing_borrowers + 1) * 100:
        opening += unit
    closing = opening * (100 + per_cent) // 100
    if unit >= 5:
        closing += maker.choice(OFF)
    closing = max(closing, now.closing_borrowers + 1)
    if given:
        row["opening_borrowers"] = str(opening)
        both, gone = 1, 0
    else:
        both = min(opening - now.opening_borrowers, closing - now.closing_borrowers)
        gone = opening - now.opening_borrowers - both
    new = closing - now.closing_borrowers - both
    before, within = date(year - 1, 12, 31), date(year, 12, 31)
    stays = maker.id()
    for number in range(both + gone + new):
        start = before if number < both + gone else within
        borrower = stays if number == 0 else maker.id()
        tiny = maker.contract(row["institution_id"], borrower, True, 1, start)
        if both <= number < both + gone:
            tiny["release_date"] = within.isoformat()
    return stays


def balances_at_limit(maker: Maker, row: Row, borrower: str, aim: Aim) -> None:
    """Bring opening, closing and small_agri balance to a growth and a share."""
    year = maker.setting.year
    growth, share = maker.choice(aim.balance_growth), maker.choice(aim.small_agri_share)
    given = maker.chance(3)
    if given:
        row["opening_balance"] = "0"
    now = figures(maker, row)
    other = now.closing_balance - now.small_agri_balance
    unit = 1 + max(  # the opening balance is 10,000 units; every filler has to come out positive
        now.opening_balance // 10_000,
        (now.closing_balance - now.opening_balance) // (100 * growth),
        now.closing_balance // (100 * (100 + growth)),
        now.small_agri_balance // (share * (100 + growth)),
        other // ((100 - share) * (100 + growth)),
    )
    unit += maker.choice([1, maker.pick(0, 30_000)])
    opening = 10_000 * unit + maker.choice(OFF)
    small_agri = unit * (100 + growth) * share + maker.choice(OFF)
    other_closing = unit * (100 + growth) * (100 - share) + maker.choice(OFF)
    if given:
        row["opening_balance"] = maker.money(min(opening, MOST))
        old = 0
    else:
        old = max(0, opening - now.opening_balance)
    for kind, need in ((True, small_agri - now.small_agri_balance), (False, other_closing - other)):
        part = min(old, need)
        old -= part
        for start, amount in (
            (date(year - 1, 12, 31), part),
            (maker.choice([date(year, 1, 1), date(year, 12, 31)]), need - part),
        ):
            for piece in maker.pieces(amount):
                filler = maker.contract(row["institution_id"], borrower, kind, piece, start)
                filler["release_date"] = maker.choice(["", f"{year + 1}-01-01"])


def released_at_limit(maker: Maker, row: Row, borrower: str, aim: Aim) -> None:
    """Bring the payout rate to a limit by contracts that start and end in the year."""
    now = figures(maker, row)
    per_cent = maker.choice(aim.payout_rate)
    released = -(-now.payout_amount * 100 // per_cent) + maker.choice(OFF)
    need = max(0, released - now.released_amount)
    if need > 20 * MOST:
        return
    for piece in maker.pieces(need):
        start = maker.day()
        filler = maker.contract(row["institution_id"], borrower, True, piece, start)
        end = maker.choice([start, date(maker.setting.year, 12, 31)])
        filler["release_date"] = end.isoformat()
        if maker.chance(2) and piece > 1:
            maker.release(filler, start, maker.pick(1, piece))


def opening_at_random(maker: Maker, row: Row) -> None:
    fen = maker.money(maker.pick(1, 10_000_000_00))
    row["opening_balance"] = maker.choice(["", "0", fen])
    row["opening_borrowers"] = maker.choice(["", "0", str(maker.pick(1, 9))])


def ratios_in_range(maker: Maker, row: Row) -> None:
    """Keep growth and payout rate within what decimal(18,6), the type of a result, can hold."""
    most = Fraction(10**9)
    now = figures(maker, row)
    if now.balance_growth is not None and now.balance_growth > most:
        row["opening_balance"] = "10000.00"
    if now.payout_rate is not None and now.payout_rate > most:
        day = date(maker.setting.year, 7, 1)
        filler = maker.contract(row["institution_id"], maker.id(), True, 10_000_00, day)
        filler["release_date"] = day.isoformat()
