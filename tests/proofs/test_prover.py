"""A proof that could not fail would prove nothing: wrong functions and wrong laws are refuted."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import z3
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import money
from compensation.money import MAX_INT64, split
from compensation.rules import rationals
from tests.conftest import DEPTH
from tests.proofs import test_products as products
from tests.proofs import test_split as splitting
from tests.proofs.loops import loop_of
from tests.proofs.mutants import mutant, mutated
from tests.proofs.prover import Refuted, Undecided, World, worlds
from tests.proofs.symbolic import Cell, column, term

Function = Callable[..., Any]


def on_int64(function: Function, example: dict[str, int], *names: str) -> int:
    """What a function really makes of an example."""
    columns = [np.array([example[name], 1], dtype=np.int64) for name in names]
    with np.errstate(over="ignore"):
        result, _ = function(*columns).tolist()
    return int(result)


HALF_UP = "(2 * a * w + b) // (2 * b)"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (HALF_UP, "(2 * a * w + b - 1) // (2 * b)"),
        (HALF_UP, "a * w // b"),
        ("(MAX_INT64 - b) //", "MAX_INT64 //"),
        ("(2 * np.maximum(w, 1))", "np.maximum(w, 1)"),
    ],
)
def test_a_wrong_product_is_refuted_by_an_example_that_is_one(
    old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    products.without_bounds(monkeypatch)
    wrong = mutant(money.half_up_of_product, old, new)
    with pytest.raises(Refuted) as caught:
        products.prove_half_up_of_product(products.beside_another(wrong))
    values = caught.value.example
    exact = Fraction(values["a"] * values["factor"], values["b"])
    right = (exact + Fraction(1, 2)).__floor__()
    assert on_int64(money.half_up_of_product, values, "a", "factor", "b") == right
    assert on_int64(wrong, values, "a", "factor", "b") != right


@pytest.mark.parametrize(
    ("prove", "function", "old", "new"),
    [
        (products.prove_floor_of_product, money.floor_of_product, "a * w // b", "-(-a * w // b)"),
        (
            products.prove_remainder_of_product,
            money.remainder_of_product,
            "a * w % b",
            "a * w % b + 1",
        ),
        (products.prove_half_up, money.half_up, "np.ones_like(a)", "2 * np.ones_like(a)"),
        (products.prove_sign, rationals.sign, "(one > other)", "(one < other)"),
        (products.prove_sign, rationals.sign, "- (one < other)", "- (one <= other)"),
        (products.prove_sign, rationals.sign, "second.denominator", "first.denominator"),
        (products.prove_printed_ratio, money.printed_ratio, "-size, size", "size, size"),
    ],
)
def test_a_wrong_function_is_refuted(
    prove: Callable[[Function], None],
    function: Function,
    old: str,
    new: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    products.without_bounds(monkeypatch)
    with pytest.raises(Refuted):
        prove(mutant(function, old, new))


def test_a_wrong_guard_of_products_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    products.without_bounds(monkeypatch)
    wrong = mutant(money._product_fits, "a <= MAX", "a - 1 <= MAX")
    monkeypatch.setattr(money, "_product_fits", wrong)
    with pytest.raises(Refuted):
        products.prove_floor_of_product(products.beside_another(money.floor_of_product))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("max(_largest(column), 1)", "1"),
        ("bound <= MAX_INT64", "bound <= 2 * MAX_INT64"),
        ("bound *= max", "bound = max"),
    ],
)
def test_a_wrong_guard_of_fractions_is_refuted(
    old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    products.without_bounds(monkeypatch)
    monkeypatch.setattr(rationals, "_wide", mutant(rationals._wide, old, new))
    with pytest.raises(Refuted):
        products.prove_sign(rationals.sign)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("half_up_of_product(left", "floor_of_product(left"),
        ("left = left - part", "left = left - weight"),
        ("weight_left = weight_left - weight", "weight_left = weight_left - part"),
        ("np.maximum(weight_left, 1)", "np.maximum(weight_left, 2)"),
        ("np.maximum(weight_left, 1)", "weight_left"),
    ],
)
def test_a_wrong_round_of_split_is_refuted(
    old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    products.without_bounds(monkeypatch)
    loop = loop_of(mutated(split, old, new), vars(money))
    with pytest.raises(Refuted):
        splitting.prove_one_round(loop)


@pytest.mark.parametrize(
    ("old", "new"),
    [("amount.copy()", "amount + 1"), ("weights.sum(axis=1)", "weights.sum(axis=1) * 2")],
)
def test_a_wrong_start_of_split_is_refuted(old: str, new: str) -> None:
    with pytest.raises(Refuted):
        splitting.prove_start(loop_of(mutated(split, old, new), vars(money)), 2)


def test_largest_remainders_would_take_a_fen_back() -> None:
    """Why the parts are made one after another: rounding each by itself, its law is refuted."""
    loop = loop_of(mutated(split, "left = left - part", "left = left - 2 * part"), vars(money))
    with pytest.raises(Refuted, match="nor is less left"):
        splitting.prove_two_amounts(loop)


def test_a_round_that_needs_more_than_is_carried_cannot_be_proven() -> None:
    loop = loop_of(mutated(split, "part = half_up_of", "part = amount - half_up_of"), vars(money))
    with pytest.raises(NameError):
        splitting.prove_one_round(loop)


def test_a_round_that_looks_at_other_parties_cannot_be_proven() -> None:
    loop = loop_of(mutated(split, "weights[:, place]", "weights[:, place - 1]"), vars(money))
    with pytest.raises((TypeError, AttributeError)):
        splitting.prove_one_round(loop)


def test_what_z3_does_not_know_is_not_proven() -> None:
    world = World(steps=1)
    a, b = (world.given(name, 0, MAX_INT64) for name in "ab")
    with pytest.raises(Undecided):
        world.prove(a * b * (a + b) != 3 * a * b + 7, "something long")


def test_what_follows_from_a_contradiction_is_not_proven() -> None:
    def run(world: World) -> None:
        number = world.given("number", 0, 5)
        world.assume(number > 5)

    with pytest.raises(Undecided, match="no world"):
        list(worlds(run))


def test_an_overflow_is_refuted_and_a_fit_is_not() -> None:
    world = World()
    cell = Cell(world, world.given("a", 0, MAX_INT64))
    with pytest.raises(Refuted, match="within int64") as caught:
        column([cell]) + 1
    assert caught.value.example == {"a": MAX_INT64}
    column([cell]) - 1
    column([cell]).astype(object) + 1


def test_both_ways_are_gone() -> None:
    def run(world: World) -> tuple[Any, bool]:
        cell = Cell(world, world.given("a", -5, 5))
        return cell.term, bool((column([cell]) > 3).all())

    seen = []
    for world, (a, above) in worlds(run):
        world.prove((a > 3) == above, "the answer is that of this world")
        seen.append(above)
    assert sorted(seen) == [False, True]


# The stand-in computes as NumPy does


numbers = st.integers(-(2**63), MAX_INT64) | st.integers(-20, 20)
OPERATIONS: list[Function] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, _: 7 - a,
    lambda a, b: a // np.maximum(b, 1),
    lambda a, b: a % np.maximum(b, 1),
    lambda a, _: -a,
    lambda a, _: np.abs(a),
    np.maximum,
    np.minimum,
    lambda a, _: np.sign(a),
    lambda a, b: (a <= b) & (b > a - a) | (a == b),
    lambda a, b: np.where(a < b, a, b),
]


@pytest.mark.slow
@pytest.mark.parametrize("place", range(len(OPERATIONS)))
@given(pairs=st.lists(st.tuples(numbers, numbers), min_size=1, max_size=2))
@settings(max_examples=3 * DEPTH)
@example(pairs=[(-(2**63), -1), (MAX_INT64, MAX_INT64), (0, 0)])
def test_cells_compute_as_int64_does(place: int, pairs: list[tuple[int, int]]) -> None:
    """Or say that it would overflow, where it does."""
    operation = OPERATIONS[place]
    a, b = (list(values) for values in zip(*pairs, strict=True))
    exact = operation(np.array(a, dtype=object), np.array(b, dtype=object)).tolist()
    fits = all(-(2**63) <= int(value) <= MAX_INT64 for value in exact)
    world = World()

    def cells(name: str, values: list[int]) -> Any:
        return column([Cell(world, world.given(f"{name}{n}", v, v)) for n, v in enumerate(values)])

    open_a, open_b = cells("a", a), cells("b", b)
    if not fits:
        with pytest.raises(Refuted, match="within int64"):
            operation(open_a, open_b)
        return
    got = operation(open_a, open_b).tolist()
    real = operation(np.array(a, dtype=np.int64), np.array(b, dtype=np.int64)).tolist()
    assert real == exact
    for value, number in zip(got, real, strict=True):
        world.prove(term(value) == z3.IntVal(int(number)), "as int64")
