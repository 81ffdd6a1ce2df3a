"""The laws of `money.split`, for every amount, all weights and any number of parties.

By induction over the parties. Before each round, `left` is what is left of the amount, and
`weight_left` the sum of the weights that are still to come. The loop's own body is run once on any
such pair; what is proven of that one round gives the laws for all:

- ``0 ≤ part ≤ left``, so no part is below 0, and `left` stays at 0 or above;
- the last weight above 0 takes all that is left, so the parts add up to the amount; where there is
  none, every part is 0;
- a weight of 0 gets 0;
- from ``left ≤ weight_left`` follow ``part ≤ weight`` and the same of what is left after it, so no
  part exceeds its weight while the amount is at most the sum of weights;
- of two amounts by the same weights, the larger gives no smaller part and leaves no less, so no
  part falls when the amount grows.
"""

from __future__ import annotations

import inspect
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import z3

from compensation import money
from compensation.money import split
from tests.proofs import contracts
from tests.proofs.contracts import MOST_SPLIT
from tests.proofs.laws import is_half_up
from tests.proofs.loops import Loop, loop_of
from tests.proofs.prover import World, worlds
from tests.proofs.symbolic import Cell, column, terms

NOT_LOOKED_AT = object()
"""Weights and parts of other parties: whoever computes with them fails."""


def the_loop(source: str = inspect.getsource(split)) -> Loop:
    return loop_of(source, vars(money))


def modular(loop: Loop, world: World) -> Loop:
    """The loop, with the product that it calls replaced by what is proven of it."""
    product = contracts.half_up_of_product(world)
    return replace(loop, names={**loop.names, "half_up_of_product": product})


class Round:
    """One round on any state: z3 terms of what went in and what came out of it.

    `lefts`: names of what is left, one for each row; the weights of all rows are the same.
    """

    def __init__(self, world: World, loop: Loop, *lefts: str) -> None:
        self.weight = world.given("weight", 0, MOST_SPLIT)
        self.later = world.given("later", 0, MOST_SPLIT)
        """The sum of the weights after this one."""
        world.assume(self.weight + self.later <= MOST_SPLIT)
        self.left = [world.given(name, 0, MOST_SPLIT) for name in lefts]
        rows = len(lefts)
        cells = [[NOT_LOOKED_AT, Cell(world, self.weight), NOT_LOOKED_AT] for _ in lefts]
        parts = column([[NOT_LOOKED_AT] * 3 for _ in lefts])
        after = modular(loop, world).once(
            place=1,
            weights=column(cells),
            parts=parts,
            left=column([Cell(world, left) for left in self.left]),
            weight_left=column([Cell(world, self.weight + self.later)] * rows),
        )
        assert all(cell is NOT_LOOKED_AT for cell in after["parts"][:, [0, 2]].ravel())
        assert after["parts"] is parts
        self.part = terms(after["parts"][:, 1])
        self.left_after = terms(after["left"])
        self.later_after = terms(after["weight_left"])


def prove_one_round(loop: Loop) -> None:
    for world, it in worlds(lambda world: Round(world, loop, "left")):
        (left,), (part,), (after,) = it.left, it.part, it.left_after
        world.prove(it.later_after[0] == it.later, "weight_left is the sum of the weights to come")
        world.prove(
            is_half_up(
                left, it.weight, z3.If(it.later + it.weight > 0, it.later + it.weight, 1), part
            ),
            "a part is half_up(left × weight / weight_left)",
        )
        world.prove(after == left - part, "left is what is left")
        world.prove(part >= 0, "no part is below 0")
        world.prove(part <= left, "no part is more than is left")
        world.prove(z3.Implies(it.weight == 0, part == 0), "a weight of 0 gets 0")
        last = z3.And(it.weight > 0, it.later == 0)
        world.prove(z3.Implies(last, part == left), "the last weight takes what is left")
        capped = left <= it.weight + it.later
        world.prove(z3.Implies(capped, part <= it.weight), "no part exceeds its weight")
        world.prove(z3.Implies(capped, after <= it.later), "nor will any part to come")


def prove_two_amounts(loop: Loop) -> None:
    def run(world: World) -> Round:
        it = Round(world, loop, "less", "more")
        world.assume(it.left[0] <= it.left[1])
        return it

    for world, it in worlds(run):
        world.prove(it.part[0] <= it.part[1], "no part falls when the amount grows")
        world.prove(it.left_after[0] <= it.left_after[1], "nor is less left for the parts to come")


def prove_start(loop: Loop, parties: int) -> None:
    def run(world: World) -> tuple[Any, list[Any], dict[str, Any]]:
        amount = world.given("amount", 0, MOST_SPLIT)
        weights = [world.given(f"weight {party}", 0, MOST_SPLIT) for party in range(parties)]
        world.assume(z3.Sum(*weights, 0) <= MOST_SPLIT)
        names = loop.start(
            amount=column([Cell(world, amount)]),
            weights=column([[Cell(world, weight) for weight in weights]]),
        )
        return amount, weights, names

    for world, (amount, weights, names) in worlds(run):
        world.prove(terms(names["left"])[0] == amount, "at first all of the amount is left")
        total = terms(names["weight_left"])[0]
        world.prove(total == z3.Sum(*weights, 0), "and all weights are to come")
        assert names["parts"].tolist() == [[0] * parties]


def test_one_round_of_split() -> None:
    prove_one_round(the_loop())


def test_one_round_of_split_on_two_amounts() -> None:
    prove_two_amounts(the_loop())


@pytest.mark.parametrize("parties", [0, 1, 2, 7])
def test_what_split_starts_with(parties: int) -> None:
    prove_start(the_loop(), parties)


def test_split_goes_once_over_its_weights() -> None:
    loop = the_loop()
    assert loop.head == "for place in range(weights.shape[1])"
    parts = np.zeros((1, 1))
    assert loop.end(parts=parts) is parts
