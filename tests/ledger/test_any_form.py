"""Whatever accepted form a ledger is written in, its figures are those of the plain one."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, note, settings
from hypothesis import strategies as st

from compensation import Assessment
from tests.assessing import assessed, results_of
from tests.conftest import DEPTH
from tests.ledger.written_files import FORMS, SHEETS, TYPED, Ledger, Read
from tests.ledger.written_sheets import written
from tests.portfolio_rows import Hand
from tests.portfolios import build

ALLOWED = {
    "headings_not_read",
    "unit_of_some_columns",
    "similar_heading",
    "hidden_rows",
    "hidden_column",
}
"""Kinds of warnings that a form may add: notes not used, hidden rows, units of some columns."""


def warned(assessment: Assessment) -> list[tuple[str, str | None, str | None]]:
    """Return the warnings that say something of the figures, without their rows."""
    return sorted(
        (warning.kind, warning.table or "", warning.column or "")
        for warning in assessment.warnings
        if warning.kind not in ALLOWED
    )


@pytest.mark.slow
@given(st.data())
@settings(
    max_examples=5 * DEPTH,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_the_figures_are_those_of_the_plain_ledger(data: st.DataObject) -> None:
    def pick(low: int, high: int) -> int:
        return data.draw(st.integers(low, high))

    hand = Hand(pick)
    tables = build(pick, pick(1, 8), big=hand.chance(4))
    form = hand.choice(FORMS)
    ledger: Ledger = [
        written(hand, name, rows, typed=form in TYPED, sheet=form in SHEETS)
        for name, rows in tables.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        read: Read = form(hand, ledger, Path(folder))
        for sheet in ledger:
            note("\n".join([sheet.name, *map(repr, sheet.grid())]))
        event(form.__name__)
        result = read()
    plain = assessed(tables)
    assert result.summary["input_digest"] == plain.summary["input_digest"]
    assert results_of(result) == results_of(plain)
    assert result.summary["totals"] == plain.summary["totals"]
    assert warned(result) == warned(plain)
