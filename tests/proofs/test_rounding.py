"""The laws of amounts in whole units, for every exact amount: `rounded` itself, and `cut`."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pytest
import z3

from compensation.money import MAX_TOTAL_FEN, PRINTED_SCALE
from compensation.policy.model import Compensation
from compensation.rules import rationals, rounding
from compensation.rules.rationals import Rationals
from tests.proofs import contracts
from tests.proofs.mutants import mutant
from tests.proofs.prover import Refuted, World, worlds
from tests.proofs.symbolic import Cell, column, term

Direction = Literal["down", "up", "half_up"]
UNITS = ("0.1", "1", "100", "10000")
BOTTOMS = (1, PRINTED_SCALE)
"""Denominators of exact amounts in fen: of whole fen, and of fen at a rate."""


def prove_laws(unit: str, direction: Direction, bottom: int, patch: pytest.MonkeyPatch) -> None:
    """Prove what the rounded amount is of any exact one, and that limits cut are as close."""
    rule = Compensation(round_to=Decimal(unit), rounding=direction, clause="1", basis="text")
    fen = rounding.unit_of(rule)
    patch.setattr(rationals, "_reduced", lambda values: values)  # the same fractions
    patch.setattr(rationals, "_largest", contracts.widest)
    most = (MAX_TOTAL_FEN - fen) * bottom

    def run(world: World) -> tuple[Any, Any, Any]:
        top = world.given("numerator", 0, most)
        # Beyond int64: Python's integers, which is how such columns are held.
        exact = Rationals(
            column([Cell(world, top, word=False)]),
            np.array([bottom], dtype=object),
            np.array([True]),
        )
        limit = world.given("limit", 0, MAX_TOTAL_FEN)
        amount, _ = rounding.rounded(rule, exact, "exact")
        return (top, limit), amount, rounding.cut(column([Cell(world, limit)]), fen)

    for world, ((top, limit), amounts, limits) in worlds(run):
        amount, cut = term(amounts[0]), term(limits[0])
        above = bottom * amount - top
        laws = {
            "down": z3.And(above <= 0, above > -fen * bottom),
            "up": z3.And(above >= 0, above < fen * bottom),
            "half_up": z3.And(2 * above <= fen * bottom, 2 * above > -fen * bottom),
        }
        world.prove_each(
            {
                "the nearest in its direction": laws[direction],
                "in whole units": amount % fen == 0,
                "a limit is cut to whole units": z3.And(
                    cut % fen == 0, cut <= limit, limit - cut < fen
                ),
            }
        )


@pytest.mark.parametrize("direction", ["down", "up", "half_up"])
@pytest.mark.parametrize("unit", UNITS)
def test_laws_of_whole_units(
    unit: str, direction: Direction, monkeypatch: pytest.MonkeyPatch
) -> None:
    for bottom in BOTTOMS:
        prove_laws(unit, direction, bottom, monkeypatch)


@pytest.mark.parametrize(
    ("direction", "old", "new"),
    [
        ("down", "return rationals.floor(units, 1)", "return rationals.floor(units, 1) + 1"),
        ("up", "return -rationals.floor(rationals.negative(units), 1)", "pass"),
        ("half_up", '"0.5"', '"0.4"'),
    ],
)
def test_wrong_rounding_is_refuted(
    direction: Direction, old: str, new: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounding, "whole_units", mutant(rounding.whole_units, old, new))
    with pytest.raises(Refuted, match=r"nearest|whole units"):
        prove_laws("100", direction, PRINTED_SCALE, monkeypatch)
