"""What a forecast assumes: how much business grows, payouts move, and is recovered.

Each is one number, or three: low, middle and high. Of one growth or shift the low assumption has
none of it, so that the base year repeats itself, and the high one has twice as much.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from compensation.language import Text
from compensation.money import PRINTED_SCALE
from compensation.refusals import Refused
from compensation.values.printing import percent, ratio_of

Number = Decimal | int | str
Given = Number | Sequence[Number]

NAMES = ("low", "middle", "high")
TITLES = {
    "base": Text("基年", "base year"),
    "low": Text("低", "low"),
    "middle": Text("中", "middle"),
    "high": Text("高", "high"),
}
TIMES = (0, 1, 2)
"""How often a single growth or shift counts in the low, middle and high assumption."""


class Assumption(NamedTuple):
    """One of the three: millionths; `recovery`: None where recoveries go on as in the base year."""

    name: str
    growth: int
    shift: int
    recovery: int | None


def assumptions_of(growth: Given, shift: Given, recovery: Given | None) -> tuple[Assumption, ...]:
    """Return the low, the middle and the high assumption; raises `Refused` for what cannot be.

    TypeError for a float, ValueError for a text that is no number.
    """
    growths = _three(growth, TIMES, GROWTH)
    shifts = _three(shift, TIMES, SHIFT)
    recoveries = [None] * 3 if recovery is None else _three(recovery, (1, 1, 1), RECOVERY)
    for value in growths:
        if value < -PRINTED_SCALE:
            raise Refused(BELOW_NOTHING.fill(value=percent(ratio_of(value))))
        if value > MOST_GROWTH * PRINTED_SCALE:
            raise Refused(TOO_FAST.fill(value=percent(ratio_of(value)), most=MOST_GROWTH * 100))
    for value in shifts:
        if abs(value) > PRINTED_SCALE:
            raise Refused(SHIFT_TOO_LARGE.fill(value=percent(ratio_of(value))))
    for part in recoveries:
        if part is not None and not 0 <= part <= PRINTED_SCALE:
            raise Refused(NO_SHARE.fill(value=percent(ratio_of(part))))
    rows = zip(NAMES, growths, shifts, recoveries, strict=True)
    return tuple(Assumption(*row) for row in rows)


GROWTH, SHIFT, RECOVERY = (
    Text("增速", "the growth"),
    Text("代偿率变动", "the shift of the payout rate"),
    Text("追偿回收率", "the recovery rate"),
)
MOST_GROWTH = 10
BELOW_NOTHING = Text(
    "增速 {value} 低于 -100%（只给一个数时，高情景为它的两倍；也可给低、中、高三个数）",
    "a growth of {value} is below -100% (of a single number the high assumption takes twice as"
    " much; give three: low, middle, high)",
)
TOO_FAST = Text("增速 {value} 高于 {most}%", "a growth of {value} is above {most}%")
SHIFT_TOO_LARGE = Text(
    "代偿率变动 {value} 超出 -100% 至 100%",
    "a shift of the payout rate by {value} is not between -100% and 100%",
)
NO_SHARE = Text(
    "追偿回收率 {value} 不在 0 至 100% 之间", "a recovery rate of {value} is not from 0 to 100%"
)
HOW_MANY = Text(
    "{what}要给一个数，或低、中、高三个数，给了 {n} 个",
    "{what} is one number, or three (low, middle, high), not {n}",
)
DECIMALS = Text("{what} {value} 的小数超过六位", "{what}, {value}, has more than six decimals")


def _three(given: Given, times: Sequence[int], what: Text) -> list[int]:
    """Return three numbers in millionths: those given, or one of them so many times."""
    several = [given] if isinstance(given, Decimal | int | float | str) else given
    numbers = [_millionths(each, what) for each in several]
    if len(numbers) == 1:
        return [numbers[0] * factor for factor in times]
    if len(numbers) != len(NAMES):
        raise Refused(HOW_MANY.fill(what=what, n=len(numbers)))
    return numbers


def _millionths(number: Number, what: Text) -> int:
    if isinstance(number, float):
        raise TypeError("a float is not exact; give a Decimal or a text")
    exact = Fraction(number) * PRINTED_SCALE
    if exact.denominator != 1:
        raise Refused(DECIMALS.fill(what=what, value=str(number)))
    return exact.numerator
