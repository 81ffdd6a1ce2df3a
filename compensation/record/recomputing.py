"""A recorded run repeated: the input as it is now, under given policies, with its options."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pyarrow as pa

from compensation.engine.guards import GUARDS
from compensation.joint_assessment import Assessed, assess_policies_files
from compensation.ledger.reviews import Reviews
from compensation.policy.catalogue import Policy
from compensation.record.reading import Result
from compensation.record.settlement_sheets import ROW, computed_signed
from compensation.record.shown import SHOWN_KEYS, computed_shown
from compensation.record.summaries import LATER_TOTAL
from compensation.report.record import ASSESSMENT, JOINT
from compensation.results import GRANTS, warning_rows
from compensation.settlement.files import settle_files
from compensation.settlement.settlement import Settlement
from compensation.settlement.summary import note_row
from compensation.settlement.warnings import NOTES
from compensation.streaming import assess_files

Computed = Assessed | Settlement
"""What comes out of a recorded run now."""
LATER_WARNINGS = GUARDS.union(
    (
        *("headings_not_read", "total_differs", "hidden_rows", "hidden_column", "hidden_sheet"),
        *("interest_above_principal", "unit_of_some_columns"),
    )
)
"""Kinds of warnings that results of the first programs lack; see `summaries.LATER_TOTAL`."""


def computed_again(
    result: Result,
    path: str | os.PathLike[str],
    policies: Sequence[Policy],
    reviews: Reviews | None,
    step: Callable[[int, int], object] | None,
) -> Computed:
    """Return what the recorded run comes to now. Raises `InputFaults` where the input is wrong."""
    said = result.summary
    budget, as_of = said["budget"], said.get("as_of")
    if result.layout not in (ASSESSMENT, JOINT):
        days = (said["to"], said["from"])
        return settle_files(path, policies, *days, budget, reviews=reviews, step=step)
    if result.layout == ASSESSMENT:
        return assess_files(
            path, policies[0], said["year"], budget, as_of=as_of, reviews=reviews, step=step
        )
    return assess_policies_files(
        path, policies, said["year"], budget, as_of=as_of, reviews=reviews, step=step
    )


def lists_as_told(said: Mapping[str, Any], now: Computed) -> Mapping[str, Any]:
    """Return the summary that comes out now, as the record could have told it.

    The first programs had fewer warnings. A ledger that has got its first table of payments since
    the day of a settlement has no row in it that counts: what was said of its lack still holds.
    """
    if isinstance(now, Settlement):
        rows = now.ledgers.rows
        held = [
            entry
            for table, note in NOTES.items()
            if not rows(table) and (entry := note_row(note)) in said["notes"]
        ]
        others = [entry for entry in now.summary["notes"] if entry not in held]
        return {**now.summary, "notes": [*held, *others]}
    if LATER_TOTAL in said["totals"]:
        return now.summary
    groups = [group for group in now.warnings.groups if group.kind not in LATER_WARNINGS]
    return {**now.summary, "warnings": [row for g in groups for row in warning_rows(g)]}


def tables_as_told(said: Mapping[str, Any], now: Computed) -> dict[str, pa.Table]:
    """Return the tables that come out now, as the record could have told them.

    A ledger that has got its first approved amount or closed claim since the day of the record has
    columns for them that the record could not have, and that say nothing of that day.
    """
    tables = dict(now.tables)
    if isinstance(now, Settlement):
        return tables
    ledgers, later = now.ledgers, list(GRANTS)
    new = set(later).isdisjoint(said["columns"]["claims"]) and "as_of" in said
    filled = ("approved_amount", "closed_date")
    if new and not any(ledgers.known("claims", name).any() for name in filled):
        own = [name for name in tables["claims"].column_names if name not in later]
        tables["claims"] = tables["claims"].select(own)
    return tables


def shown_again(result: Result, now: Computed) -> Iterator[tuple[str, str, pa.Table]]:
    """Yield the sheets that repeat a result for people: name, what rows go by, cells now."""
    if isinstance(now, Settlement):
        if result.shown:
            for sheet, cells in computed_signed(now).items():
                yield sheet, ROW, cells
    else:
        totals = result.summary["totals"]
        for sheet in result.shown:
            listed = result.shown[sheet].column_names
            yield sheet, SHOWN_KEYS[sheet], computed_shown(sheet, now, totals, listed)
