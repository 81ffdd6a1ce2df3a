"""The statement of the pool of money: what it held, what came in and went out, what is left.

Amounts are fen, days since 1970-01-01. Source: the specification of settlements, section 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.rules.steps import Steps
from compensation.schema.pool_lines import CLOSING, LINES, OPENING

EXPENSES = ("paid", "refunded", "fee", "other_expense")
LEGS = {
    "to_pay": Text("应拨付", "to pay"),
    "to_recall": Text("应收回", "to recall"),
    "to_remit": Text("应上缴", "to remit"),
    "to_refund": Text("应退回", "to refund"),
}
AVAILABLE = Text("清算后可用余额", "available after this settlement")
TITLES = {"opening": OPENING, **LINES, "closing": CLOSING, **LEGS, "available": AVAILABLE}
"""The titles of a statement's lines by their names, in order."""


class Movements(NamedTuple):
    """Amounts that came in or went out, by line: the line's place in `LINES`, the day, the fen."""

    line: Integers
    day: Integers
    amount: Integers


class Opening(NamedTuple):
    """The balance that the pool began with, and the day from which it counts."""

    day: int
    amount: int


def pool_statement(
    movements: Movements, opening: Opening | None, first: int, due: Mapping[str, int]
) -> Steps:
    """Return the lines of the statement from the day ``first`` on, one value each.

    `movements`: up to the last day of the period. The opening stands for everything before its day,
    so what moved before it is in no line. `due`: what is to be paid, recalled, remitted, refunded.
    """
    line, day, amount = movements
    counts = np.ones(len(day), dtype=np.bool_) if opening is None else day >= opening.day
    signed = np.where(np.isin(line, [list(LINES).index(name) for name in EXPENSES]), -1, 1) * amount
    before = 0 if opening is None else opening.amount
    values = {"opening": before + _sum(signed, counts & (day < first))}
    within = counts & (day >= first)
    steps = Steps()
    steps.given("opening", OPENING, values["opening"])
    for place, (name, title) in enumerate(LINES.items()):
        values[name] = _sum(amount, within & (line == place))
        steps.given(name, title, values[name])
    closing = values["opening"] + _sum(signed, within)
    steps.follows(
        "closing",
        CLOSING,
        "opening + budget + interest + other_income + remitted + recalled"
        " − paid − refunded − fee − other_expense",
        closing,
    )
    for name, title in LEGS.items():
        steps.given(name, title, due[name])
    available = closing + due["to_recall"] + due["to_remit"] - due["to_pay"] - due["to_refund"]
    formula = "closing + to_recall + to_remit − to_pay − to_refund"
    steps.follows("available", AVAILABLE, formula, available)
    return steps


def _sum(amount: Integers, which: Flags) -> int:
    return int(amount[which].sum())


def lines_of(statement: Steps) -> dict[str, int]:
    """Return the amounts of a statement by the names of its lines, in order."""
    return {step.name: step.value(0) for step in statement.at(0)}
