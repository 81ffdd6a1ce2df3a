"""What is proven of a function, in its place: so that a proof about its caller need not repeat it.

Each takes what the function takes. That its arguments are in the range of the proof is proven anew
at every call; of what it returns nothing is known but the law. The proofs are those of
`test_products` and `test_split`.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations
from typing import Any

import z3

from compensation.money import MAX_INT64, MAX_TOTAL_FEN
from compensation.rules.rationals import Rationals
from tests.proofs.laws import is_floor, is_half_up, is_sign, is_split, splits_alike
from tests.proofs.prover import World
from tests.proofs.symbolic import Cell, column, terms

WIDEST = 2**62 - 1
"""The largest factor and divisor of the products."""
MOST_SPLIT = 2**61
"""The largest amount, and the largest sum of weights, of `split`."""
assert MAX_TOTAL_FEN < MOST_SPLIT < WIDEST


def _product(world: World, law: Callable[..., Any]) -> Callable[..., Any]:
    def product(a: Any, factor: Any, b: Any) -> Any:
        results = []
        for x, w, y in zip(terms(a), terms(factor), terms(b), strict=True):
            world.prove(z3.And(x >= 0, x <= MAX_INT64), f"a product's a is in range: {x}")
            world.prove(z3.And(w >= 0, w <= WIDEST), f"a product's factor is in range: {w}")
            world.prove(z3.And(y > 0, y <= WIDEST), f"a product's divisor is in range: {y}")
            result = world.fresh("product")
            world.assume(law(x, w, y, result))
            results.append(Cell(world, result))
        return column(results)

    return product


def half_up_of_product(world: World) -> Callable[..., Any]:
    return _product(world, is_half_up)


def floor_of_product(world: World) -> Callable[..., Any]:
    return _product(world, is_floor)


def sign(world: World) -> Callable[..., Any]:
    def compared(first: Rationals, second: Rationals) -> Any:
        signs = []
        columns = (*first[:2], *second[:2])
        for n, d, at, scale in zip(*map(terms, columns), strict=True):
            for number in (n, at):
                world.prove(within(number, MAX_INT64), f"compared is in range: {number}")
            for number in (d, scale):
                over = z3.And(number > 0, number <= MAX_INT64)
                world.prove(over, f"compared over is in range: {number}")
            sign = world.fresh("sign")
            world.assume(is_sign(n, d, at, scale, sign))
            signs.append(Cell(world, sign))
        return column(signs)

    return compared


def within(number: Any, most: int) -> Any:
    return z3.And(number >= -most, number <= most)


def widest(column: Any) -> int:
    """The largest size in a column as the guard of `rationals` is told it: of cells, too large.

    What the guard lets through is proven to be the same, so a proof may take the other way.
    """
    return MAX_INT64 + 1 if column.dtype == object else int(abs(column).max())


def split(world: World) -> Callable[..., Any]:
    # What was split before in this world: the same amount by the same weights has the same parts.
    given: list[tuple[Any, list[Any]]] = []
    made: list[list[Any]] = []

    def parts_of(amount: Any, weights: Any) -> Any:
        before = len(given)
        asked = [(whole, terms(row)) for whole, row in zip(terms(amount), weights, strict=True)]
        given.extend(asked)
        for whole, row in asked:
            world.prove(
                z3.And(whole >= 0, whole <= MOST_SPLIT), f"what is split is in range: {whole}"
            )
            world.prove(z3.And(*(weight >= 0 for weight in row)), "no weight is below 0")
            world.prove(z3.Sum(0, *row) <= MOST_SPLIT, "the sum of weights is in range")
            made.append([world.fresh("part") for _ in row])
            world.assume(is_split(whole, row, made[-1]))
        for one, other in combinations(range(len(given)), 2):
            if other < before or len(given[one][1]) != len(given[other][1]):
                continue
            for first, second in ((one, other), (other, one)):
                world.assume(
                    splits_alike(
                        (given[first][0], given[second][0]),
                        (given[first][1], given[second][1]),
                        (made[first], made[second]),
                    )
                )
        cells = [[Cell(world, part) for part in row] for row in made[before:]]
        return column(cells).reshape(len(cells), -1)

    return parts_of
