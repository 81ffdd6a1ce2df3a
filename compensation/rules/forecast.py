"""What a later year brings, if business grows and payouts move as is assumed.

Columns are int64 over institutions, amounts in fen, growth and shift in millionths. The assumptions
are whoever asks's; no document says them.
"""

from __future__ import annotations

import numpy as np

from compensation.columns import Integers
from compensation.language import Text
from compensation.money import PRINTED_SCALE, half_up_of_product
from compensation.rules import rationals
from compensation.rules.steps import PREVIOUS, Steps, Unit

TITLES = {
    "growth": Text("增速", "growth"),
    "previous_released": Text("上年解除担保额", "released the year before"),
    "released": Text("解除担保额", "released"),
    "payout_of_base_year": Text("基年代偿额", "paid out in the base year"),
    "released_of_base_year": Text("基年解除担保额", "released in the base year"),
    "shift": Text("代偿率变动", "shift of the payout rate"),
    "previous_payout": Text("上年代偿额", "paid out the year before"),
    "payout": Text("代偿额", "paid out"),
    "compensation": Text("补偿金额（按政策逐笔计算）", "compensation (claim by claim)"),
    "previous_returned": Text("上年返还政府", "returned to government the year before"),
    "recovery_rate": Text("追偿回收率", "recovery rate"),
    "recovered": Text("追偿净额（逐笔计算）", "recovered, net (claim by claim)"),
    "returned": Text("返还政府", "returned to government"),
    "opening": Text("资金池期初余额", "opening balance of the pool"),
    "compensated": Text("补偿合计", "compensation in all"),
    "returned_in_all": Text("返还政府合计", "returned to government in all"),
    "budget_need": Text("预算需求", "budget need"),
    "closing": Text("资金池期末余额", "closing balance of the pool"),
}
"""The titles of the lines, by the names of their steps."""


def grown(amounts: Integers, growth: int, times: int = 1) -> Integers:
    """Return amounts, or borrowers, a year later or several: half up in each.

    Raises `rationals.TooLarge`.

    >>> grown(np.array([100, 105]), 100_000, 2)
    array([121, 128])
    """
    factor = np.full_like(amounts, PRINTED_SCALE + growth)
    for _ in range(times):
        more = half_up_of_product(amounts, factor, np.full_like(amounts, PRINTED_SCALE))
        amounts = rationals.summable(more)
    return amounts


def a_year_later(steps: Steps, name: str, before: Integers, growth: int) -> Integers:
    """Return amounts a year later, recorded as a step ``name`` beside those of the year before."""
    previous = PREVIOUS + name
    steps.given(previous, TITLES[previous], before)
    formula = f"half_up({previous} × (1 + growth))"
    return steps.follows(name, TITLES[name], formula, grown(before, growth))


def paid_out(
    steps: Steps,
    paid: Integers,
    against: Integers,
    before: Integers,
    released: Integers,
    growth: int,
    shift: int,
) -> Integers:
    """Return what each institution pays out in a year.

    The rate of the base year plus the shift, at least 0, on what is released; cut to the fen, so
    that the rate is not above the stated one. Where nothing was released in the base year the
    amount grows; where nothing was paid out there is no claim to scale, and nothing is.

    `paid`, `against`: paid out and released in the base year. `before`: paid out the year before.
    `released`: in the year. Raises `rationals.TooLarge`.
    """
    rows = zip(paid.tolist(), against.tolist(), released.tolist(), strict=True)
    # One institution after another: the products pass 63 bits.
    by_rate = [
        max((p * PRINTED_SCALE + shift * r) * now // (r * PRINTED_SCALE), 0) if r else 0
        for p, r, now in rows
    ]
    rated = rationals.summable(np.array(by_rate, dtype=object)).astype(np.int64)
    payout = np.where(paid == 0, 0, np.where(against == 0, grown(before, growth), rated))
    steps.given("payout_of_base_year", TITLES["payout_of_base_year"], paid)
    steps.given("released_of_base_year", TITLES["released_of_base_year"], against)
    steps.given("shift", TITLES["shift"], shift, Unit.RATIO)
    steps.given("previous_payout", TITLES["previous_payout"], before)
    rate = "payout_of_base_year / released_of_base_year"
    ways = (
        (f"max(floor(({rate} + shift) × released), 0)", (paid > 0) & (against > 0)),
        ("half_up(previous_payout × (1 + growth))", (paid > 0) & (against == 0)),
        ("0", paid == 0),
    )
    for formula, said in ways:
        steps.follows("payout", TITLES["payout"], formula, payout, said=said)
    return payout


def pool_of_year(opening: int, compensation: int, returned: int) -> tuple[Steps, int]:
    """Return the lines of the pool in a year, and its closing balance, in fen.

    What comes back is there to pay with, and so is the opening balance, if there is any; the budget
    pays the rest.
    """
    steps = Steps()
    steps.given("opening", TITLES["opening"], opening)
    steps.given("compensated", TITLES["compensated"], compensation)
    steps.given("returned_in_all", TITLES["returned_in_all"], returned)
    need = steps.follows(
        "budget_need",
        TITLES["budget_need"],
        "max(compensated − returned_in_all − opening, 0)",
        max(compensation - returned - opening, 0),
    )
    closing = steps.follows(
        "closing",
        TITLES["closing"],
        "opening + budget_need + returned_in_all − compensated",
        opening + need + returned - compensation,
    )
    return steps, closing
