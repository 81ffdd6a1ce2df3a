"""A ledger in any form, one thing of it damaged: never other figures without a word.

What comes out are the figures of the undamaged ledger, a fault, or a warning that it has not.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, event, given, note, settings
from hypothesis import strategies as st

from api.problems import Problem
from compensation import Assessment, InputFaults
from compensation.schema.parties import PARTY_NAMES
from tests.assessing import results_of
from tests.conftest import DEPTH
from tests.ledger import damages
from tests.ledger.written_files import FORMS, SHEETS, TYPED, Ledger, as_workbook
from tests.ledger.written_sheets import written
from tests.oracle_reading import Tables
from tests.portfolio_rows import Hand
from tests.portfolios import build

MUST_BE_SAID = frozenset({"total_wrong"})
"""Damages that change no figure, and of which a word is due all the same."""


def figures(assessment: Assessment) -> Tables:
    """Return the results without ids and without parties of one's own.

    Both go by what is written: in capitals, an id is another text and no other figure.
    """
    return {
        name: [
            {
                column: cell
                for column, cell in row.items()
                if not column.endswith("_id")
                and (not column.startswith("to_") or column.removeprefix("to_") in PARTY_NAMES)
            }
            for row in rows
        ]
        for name, rows in results_of(assessment).items()
    }


def said(assessment: Assessment) -> Counter[tuple[object, ...]]:
    """Return how often what is warned of; what is said of whole tables, word by word.

    Rows are left out: where one is moved, all below it have other numbers.
    """
    return Counter(
        (w.kind, w.table, w.column, None if w.row is not None else w.message)
        for w in assessment.warnings
    )


def outcome(right: Assessment, form: object, hand: Hand, ledger: Ledger) -> str:
    """Read the damaged ledger, and return what is said of it; "" if nothing."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = form(hand, ledger, Path(folder))()  # type: ignore[operator]
        except (InputFaults, Problem):
            return "a fault"
    if said(result) - said(right):
        return "a warning"
    return "same figures" if figures(result) == figures(right) else ""


@pytest.mark.slow
@given(st.data())
@settings(
    max_examples=5 * DEPTH,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.filter_too_much,
    ],
)
def test_no_damage_changes_a_figure_in_silence(data: st.DataObject) -> None:
    def pick(low: int, high: int) -> int:
        return data.draw(st.integers(low, high))

    hand = Hand(pick)
    tables = build(pick, pick(1, 8))
    form = hand.choice(FORMS)
    ledger: Ledger = [
        written(hand, name, rows, typed=form in TYPED, sheet=form in SHEETS)
        for name, rows in tables.items()
    ]
    seed = pick(0, 2**16)  # files are written twice, in the same form
    with tempfile.TemporaryDirectory() as folder:
        try:
            right = form(Hand(random.Random(seed).randint), ledger, Path(folder))()
        except InputFaults:
            assume(False)
    possible = dict(damages.ANYWHERE)
    if form in SHEETS:
        possible |= damages.ON_SHEETS
        possible |= damages.IN_WORKBOOKS if form is as_workbook else damages.IN_CSV
    name = hand.choice(sorted(possible))
    first = pick(0, len(ledger) - 1)
    sheets = (*ledger[first:], *ledger[:first])
    damaged = next((sheet for sheet in sheets if possible[name](hand, sheet)), None)
    assume(damaged is not None)
    assert damaged is not None
    note("\n".join([name, damaged.called, *map(repr, damaged.grid())]))
    found = outcome(right, form, Hand(random.Random(seed).randint), ledger)
    event(f"{name}: {found}")
    assert found
    assert name not in MUST_BE_SAID or found == "a warning"
