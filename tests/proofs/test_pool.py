"""The laws of the statement of the pool, for all amounts: the shipped `pool_statement`.

One movement of each line on each of four days: before the opening, between the opening and the
period, in the period, and in the period after it. That a line adds up all of its movements is
NumPy's sum, and not proven. Nor is that sums fit in int64: a ledger whose columns add up to more
than `MAX_TOTAL_FEN` is refused.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any, NamedTuple

import numpy as np
import pytest
import z3

from compensation.money import MAX_FEN, MAX_TOTAL_FEN
from compensation.rules import pool
from compensation.rules.pool import LEGS, Movements, Opening
from compensation.schema.pool_lines import LINES
from tests.proofs.mutants import mutant
from tests.proofs.prover import Refuted, World, worlds
from tests.proofs.symbolic import Cell, column, term, whole

BEFORE_OPENING, OPENED, BEFORE, WITHIN, AFTER = 5, 10, 15, 25, 35
FIRST, NEXT = 20, 30
"""The first days of the period and of the one after it."""
COMES_IN = ("budget", "interest", "other_income", "remitted", "recalled")
GOES_OUT = ("paid", "refunded", "fee", "other_expense")
CARRIED_OUT = {
    "to_pay": "paid",
    "to_recall": "recalled",
    "to_remit": "remitted",
    "to_refund": "refunded",
}


@pytest.fixture(autouse=True)
def _open_numbers_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "int", whole, raising=False)


class Stated(NamedTuple):
    """The amounts that moved by line and day, and three statements of them by line.

    `carried_out`: once what is due has moved. `following`: of the next period.
    """

    opening: Any
    moved: dict[tuple[str, int], Any]
    statement: dict[str, Any]
    carried_out: dict[str, Any]
    following: dict[str, Any]


def stated(world: World, opened: bool) -> Stated:
    days = (BEFORE_OPENING, BEFORE, WITHIN, AFTER)
    moved = {
        (line, day): world.given(f"{line} on day {day}", 0, MAX_FEN)
        for line, day in itertools.product(LINES, days)
    }
    due = {leg: Cell(world, world.given(leg, 0, MAX_TOTAL_FEN), word=False) for leg in LEGS}
    balance = world.given("opening", 0, MAX_TOTAL_FEN)
    opening = Opening(OPENED, Cell(world, balance, word=False)) if opened else None  # type: ignore[arg-type]

    def statement(first: int, last: int, legs: dict[str, Any], *more: tuple[str, Any]) -> Any:
        rows = [(line, day, Cell(world, each, word=False)) for (line, day), each in moved.items()]
        rows = [row for row in rows if row[1] <= last]
        rows += [(line, last, cell) for line, cell in more]
        lines, on, amounts = zip(*rows, strict=True)
        places = np.array([list(LINES).index(line) for line in lines])
        movements = Movements(places, np.array(on), column(amounts))
        steps = pool.pool_statement(movements, opening, first, legs).at(0)
        return {step.name: term(step.values) for step in steps}

    nothing = dict.fromkeys(LEGS, 0)
    return Stated(
        balance if opened else 0,
        moved,
        statement(FIRST, WITHIN, due),
        statement(FIRST, WITHIN, nothing, *((CARRIED_OUT[leg], due[leg]) for leg in LEGS)),
        statement(NEXT, AFTER, nothing),
    )


def prove_statement(opened: bool) -> None:
    """Prove the laws of a statement, of one once carried out, and of that of the next period."""
    counted = (BEFORE,) if opened else (BEFORE_OPENING, BEFORE)
    for world, it in worlds(functools.partial(stated, opened=opened)):
        of = it.statement
        net = [
            sign * it.moved[line, day]
            for sign, lines in ((1, COMES_IN), (-1, GOES_OUT))
            for line in lines
            for day in counted
        ]
        world.prove_each(
            {
                "the opening is what was there and what has moved since": of["opening"]
                == z3.Sum(it.opening, *net),
                "a line is what moved in the period": z3.And(
                    *(of[line] == it.moved[line, WITHIN] for line in LINES)
                ),
                "the closing is the opening and what came in, less what went out": of["closing"]
                == z3.Sum(of["opening"], *(of[line] for line in COMES_IN))
                - z3.Sum(*(of[line] for line in GOES_OUT)),
                "available is the closing once carried out": of["available"]
                == it.carried_out["closing"],
                "carried out, the closing is available": it.carried_out["available"]
                == it.carried_out["closing"],
                "the next period opens with what this one closes with": it.following["opening"]
                == of["closing"],
            }
        )


@pytest.mark.parametrize("opened", [False, True])
def test_laws_of_the_statement(opened: bool) -> None:
    assert {*COMES_IN, *GOES_OUT} == set(LINES)
    prove_statement(opened)


# That it can fail


@pytest.mark.parametrize(
    ("old", "new", "law"),
    [
        ("(day < first)", "(day <= first + 5)", "opening is"),
        ("day >= opening.day", "day >= 0", "opening is"),
        ("-1, 1", "1, 1", "opening is"),
        ("counts & (day >= first)", "counts", "a line is"),
        ('values["opening"] + _sum(signed, within)', "_sum(signed, within)", "closing is"),
        ('closing + due["to_recall"]', 'closing - due["to_recall"]', "available is"),
        ('- due["to_refund"]', "", "available is"),
    ],
)
def test_wrong_statements_are_refuted(
    old: str, new: str, law: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "pool_statement", mutant(pool.pool_statement, old, new))
    with pytest.raises(Refuted, match=law):
        prove_statement(opened=True)
