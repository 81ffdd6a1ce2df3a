"""The laws of slices, for every base and every end: `compensation._by_slices` itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from compensation.money import MAX_FEN, MAX_TOTAL_FEN
from compensation.rules import compensation, rationals
from compensation.rules.decision import Examined, Rate
from compensation.rules.quantities import Evaluator
from compensation.rules.steps import Steps
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType
from tests.policy.test_slices import COMPUTED, OWN
from tests.policy.test_small_policies import small
from tests.proofs import contracts
from tests.proofs.mutants import mutant
from tests.proofs.prover import Refuted, World, worlds
from tests.proofs.symbolic import Cell, column, term

SURE = np.ones(1, dtype=np.bool_)
ALONE = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
"""Rates that count one slice only."""


def prove_laws(patch: pytest.MonkeyPatch) -> None:
    """Prove that every fen of a base lies in one slice, wherever these end."""
    policy = small(OWN, rates=COMPUTED)
    patch.setattr(rationals, "_reduced", lambda values: values)  # the same fractions
    patch.setattr(rationals, "_largest", contracts.widest)

    def run(world: World) -> tuple[Any, list[Any]]:
        base = world.given("base", 0, MAX_TOTAL_FEN // 4)
        limit = column([Cell(world, world.given("limit", 0, MAX_FEN))])
        variables = {"claims.limit": Variable(limit, SURE, None, ColumnType.MONEY)}

        def parts(rates: tuple[int, ...]) -> Any:
            slices = [Rate(rationals.constant(rate, 1), "rate") for rate in rates]
            none = np.zeros(1, dtype=np.int64)
            examined = Examined((), {}, none, none, slices[0], slices, Steps())
            evaluator = Evaluator(policy, variables, 1)
            fen = column([Cell(world, base)])
            cases: Any = None  # nothing is asked of them where no group fills the slices
            exact, _ = compensation._by_slices(examined, cases, fen, SURE, "base", evaluator)
            assert exact.denominator.tolist() == [1]
            return term(exact.numerator[0])

        return base, [parts(rates) for rates in (*ALONE, (1, 1, 1))]

    for world, (base, (*each, together)) in worlds(run):
        world.prove(together == base, "every fen of the base lies in a slice")
        world.prove(sum(each) == base, "and in one only")
        for part in each:
            world.prove(part >= 0, "no slice is below 0")


@pytest.mark.slow
def test_laws_of_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    prove_laws(monkeypatch)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("limit = np.maximum(limit, low)", "pass"),
        ("np.maximum(high - low, 0)", "high - low"),
        ("high - low, 0)", "high, 0)"),
    ],
)
def test_wrong_slices_are_refuted(old: str, new: str, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = mutant(compensation._by_slices, old, new)
    monkeypatch.setattr(compensation, "_by_slices", changed)
    with pytest.raises(Refuted, match="lies in a slice"):
        prove_laws(monkeypatch)
