"""What multiplies in `money` is exact, and nothing that the guard lets through leaves int64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import z3

from compensation import money
from compensation.money import MAX_INT64, PRINTED_SCALE
from compensation.rules import rationals
from compensation.rules.rationals import Rationals
from tests.proofs.contracts import WIDEST
from tests.proofs.laws import is_floor, is_half_up, is_sign
from tests.proofs.prover import World, worlds
from tests.proofs.symbolic import Cell, column, terms, unbounded

Function = Callable[..., Any]


def open_cell(world: World, name: str, least: int, most: int) -> Cell:
    return Cell(world, world.given(name, least, most))


def product(world: World, function: Function) -> list[Any]:
    """a, factor, b and what the function makes of them."""
    a = open_cell(world, "a", 0, MAX_INT64)
    factor = open_cell(world, "factor", 0, WIDEST)
    b = open_cell(world, "b", 1, WIDEST)
    return [*terms([a, factor, b]), *terms(function(column([a]), column([factor]), column([b])))]


def prove_half_up_of_product(function: Function) -> None:
    for world, (a, factor, b, result) in worlds(lambda world: product(world, function)):
        world.prove(is_half_up(a, factor, b, result), "half_up_of_product is the nearest integer")


def prove_floor_of_product(function: Function) -> None:
    for world, (a, factor, b, result) in worlds(lambda world: product(world, function)):
        world.prove(is_floor(a, factor, b, result), "floor_of_product is the integer below")


def prove_remainder_of_product(function: Function) -> None:
    """Beside `floor_of_product`, of the same numbers."""

    def run(world: World) -> list[Any]:
        *given, floor = product(world, money.floor_of_product)
        cells = [column([Cell(world, number)]) for number in given]
        return [*given, floor, *terms(function(*cells))]

    for world, (a, factor, b, floor, result) in worlds(run):
        world.prove(floor * b + result == a * factor, "remainder_of_product is what is left")
        world.prove(z3.And(result >= 0, result < b), "the remainder is below the divisor")


def prove_half_up(function: Function) -> None:
    def run(world: World) -> list[Any]:
        a, b = open_cell(world, "a", 0, MAX_INT64), open_cell(world, "b", 1, WIDEST)
        return [*terms([a, b]), *terms(function(column([a]), column([b])))]

    for world, (a, b, result) in worlds(run):
        world.prove(is_half_up(a, 1, b, result), "half_up is the nearest integer")


def prove_sign(function: Function) -> None:
    """The guard is told the size of each column, and asks what it lets through within int64."""

    def run(world: World) -> list[Any]:
        n, m = (open_cell(world, name, -MAX_INT64, MAX_INT64) for name in ("n", "m"))
        d, e = (open_cell(world, name, 1, MAX_INT64) for name in ("d", "e"))
        known = np.ones(1, dtype=np.bool_)
        first, second = (
            Rationals(column([top]), column([bottom]), known) for top, bottom in ((n, d), (m, e))
        )
        return [*terms([n, d, m, e]), *terms(function(first, second))]

    for world, (n, d, m, e, sign) in worlds(run):
        world.prove(is_sign(n, d, m, e, sign), "sign is that of the difference")


def prove_printed_ratio(function: Function) -> None:
    def run(world: World) -> list[Any]:
        n = open_cell(world, "n", -MAX_INT64, MAX_INT64)
        d = open_cell(world, "d", 1, WIDEST)
        return [*terms([n, d]), *terms(function(column([n]), column([d])))]

    for world, (n, d, result) in worlds(run):
        nearest = z3.If(
            n < 0,
            is_half_up(-n, PRINTED_SCALE, d, -result),
            is_half_up(n, PRINTED_SCALE, d, result),
        )
        world.prove(nearest, "printed_ratio is in millionths, halves away from zero")


def without_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `int` make of a cell one of Python's integers, in the modules that compute with them."""
    for module in (money, rationals):
        monkeypatch.setattr(module, "int", unbounded, raising=False)


def beside_another(function: Function) -> Function:
    """The function on columns with a second row, which is known: it computes one row otherwise."""
    return lambda *columns: function(*(column([*each, 1]) for each in columns))[:1]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prove", "function"),
    [
        (prove_half_up, money.half_up),
        (prove_half_up_of_product, money.half_up_of_product),
        (prove_half_up_of_product, beside_another(money.half_up_of_product)),
        (prove_floor_of_product, money.floor_of_product),
        (prove_floor_of_product, beside_another(money.floor_of_product)),
        (prove_remainder_of_product, money.remainder_of_product),
        (prove_remainder_of_product, beside_another(money.remainder_of_product)),
        (prove_sign, rationals.sign),
        (prove_printed_ratio, money.printed_ratio),
    ],
)
def test_exact_for_all_inputs(
    prove: Callable[[Function], None], function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_bounds(monkeypatch)
    prove(function)
