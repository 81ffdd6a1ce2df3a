"""The laws of the arithmetic as z3 reads them: claims where they are proven, facts once they are.

Each takes terms, not cells: here numbers have no bounds and nothing can overflow. A quotient is
written by what it is between, so that no law divides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import z3

Term = Any
"""A z3 term or a number."""


def is_half_up(a: Term, factor: Term, b: Term, result: Term) -> z3.BoolRef:
    """``result`` is the integer nearest to ``a × factor / b``, the upper one of two as near."""
    twice = 2 * a * factor
    return z3.And(2 * b * result - b <= twice, twice < 2 * b * result + b)


def is_floor(a: Term, factor: Term, b: Term, result: Term) -> z3.BoolRef:
    """``result`` is the largest integer that is not above ``a × factor / b``."""
    return z3.And(b * result <= a * factor, a * factor < b * (result + 1))


def is_sign(n: Term, d: Term, limit: Term, scale: int, sign: Term) -> z3.BoolRef:
    """``sign`` is that of ``n / d − limit / scale``, for d > 0: −1, 0 or 1."""
    difference = n * scale - limit * d
    return z3.And(
        sign >= -1, sign <= 1, (sign > 0) == (difference > 0), (sign < 0) == (difference < 0)
    )


def is_split(amount: Term, weights: Sequence[Term], parts: Sequence[Term]) -> z3.BoolRef:
    """The laws of `money.split` for one amount; see `splits_alike` for two."""
    pairs = list(zip(weights, parts, strict=True))
    total = z3.Sum(*weights) if weights else z3.IntVal(0)
    return z3.And(
        z3.Sum(*parts) == z3.If(total > 0, amount, 0) if parts else z3.BoolVal(True),
        *(part >= 0 for part in parts),
        *(z3.Implies(weight == 0, part == 0) for weight, part in pairs),
        *(z3.Implies(amount <= total, part <= weight) for weight, part in pairs),
    )


def splits_alike(
    amounts: tuple[Term, Term], weights: Sequence[Sequence[Term]], parts: Sequence[Sequence[Term]]
) -> z3.BoolRef:
    """No part of the larger of two amounts is below that of the smaller, by the same weights."""
    same = [one == other for one, other in zip(*weights, strict=True)]
    return z3.Implies(
        z3.And(amounts[0] <= amounts[1], *same),
        z3.And(*(one <= other for one, other in zip(*parts, strict=True))),
    )
