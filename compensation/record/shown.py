"""What a workbook says again for people: the totals in 汇总, the list to sign in 审核表.

Both repeat the result, and are what is read and signed; so they are compared as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

import pyarrow as pa

from compensation.arrays import texts
from compensation.joint_assessment import Assessed
from compensation.ledger.reviews import REVIEW_SHEET
from compensation.policy.case_words import CASES
from compensation.record.cells import TEXT, cells_of_column, cells_of_table
from compensation.report.former_names import LISTED_LATER
from compensation.report.former_names import TOTALS as FORMER_TOTALS
from compensation.report.review_sheet import AT_RATE, LIMIT, PAYABLE, listed_table
from compensation.report.summary_sheet import TOTALS, status_sums
from compensation.report.tables import HEADINGS
from compensation.report.wording import STATUS_NAMES
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import CLAIMS, CONTRACTS
from compensation.tables.headings import heading_text, normalise
from compensation.tables.raw import column_of_cells
from compensation.values.exact import digits_of, plain

SUMMARY_SHEET = "汇总"
ITEM, VALUE = "item", "value"
SHOWN_KEYS = {SUMMARY_SHEET: ITEM, REVIEW_SHEET: "claim_id"}
"""The sheets that repeat the result, and what their rows go by."""
LABELS = {
    label.replace(CASES["payout"].number.zh, words.zh): label
    for words in (each.number for each in CASES.values())
    for label in TOTALS.values()
}
"""The labels of totals, by those of the policy's own cases."""
LISTED: Mapping[str, tuple[str, ColumnType]] = {
    "claim_id": (CLAIMS.column("claim_id").heading, ColumnType.TEXT),
    "contract_id": (CLAIMS.column("contract_id").heading, ColumnType.TEXT),
    "borrower_name": (CONTRACTS.column("borrower_name").heading, ColumnType.TEXT),
    "payout_date": (CLAIMS.column("payout_date").heading, ColumnType.DATE),
    "payout": (HEADINGS["payout"], ColumnType.MONEY),
    "base": (HEADINGS["base"], ColumnType.MONEY),
    "rate": (HEADINGS["rate"], ColumnType.SHARE),
    "at_rate": (AT_RATE, ColumnType.MONEY),
    "limit": (LIMIT, ColumnType.MONEY),
    "compensation": (HEADINGS["compensation"], ColumnType.MONEY),
    "compensation_paid": (CLAIMS.column("compensation_paid").heading, ColumnType.MONEY),
    "payable": (PAYABLE, ColumnType.MONEY),
}
"""The columns of 审核表 that are not for the decisions: heading and type."""

Rows = Sequence[Sequence[object]]


def types_of(sheet: str) -> Mapping[str, ColumnType]:
    """Return the types of what a sheet shows, by column."""
    if sheet == SUMMARY_SHEET:
        return {ITEM: ColumnType.TEXT, VALUE: ColumnType.TEXT}
    return {name: kind for name, (_, kind) in LISTED.items()}


def read_shown(sheet: str, rows: Rows) -> pa.Table:
    """Return what a sheet of a workbook shows, as cells; ``rows``: its cells from the first on."""
    return _pairs(_items(rows)) if sheet == SUMMARY_SHEET else _read_list(rows)


def computed_shown(
    sheet: str, assessment: Assessed, said: Mapping[str, object], listed: Sequence[str]
) -> pa.Table:
    """Return what a sheet shows of a result, as cells.

    `said`: the totals that it can show. `listed`: the columns that 审核表 has in the result; those
    of an earlier program have none of `LISTED_LATER`.
    """
    if sheet != SUMMARY_SHEET:
        cells = cells_of_table(listed_table(assessment))
        return cells.drop_columns(LISTED_LATER) if set(listed).isdisjoint(LISTED_LATER) else cells
    totals = assessment.summary["totals"]
    rows: list[list[object]] = [[TOTALS[name], totals[name]] for name in totals if name in said]
    rows += [[name, *sums] for name, sums in status_sums(assessment.tables["claims"]).items()]
    return _pairs(_items(rows))


def _items(rows: Rows) -> Iterator[tuple[str, str]]:
    """Yield each total with its label, and what is summed up by status."""
    columns = ("笔数", HEADINGS["compensation"], HEADINGS["payable"])
    for found, *values in rows:
        label = FORMER_TOTALS.get(found, found) if isinstance(found, str) else found
        label = LABELS.get(label, label) if isinstance(label, str) else label
        if label in TOTALS.values():
            yield str(label), _said(values[0])
        elif label in STATUS_NAMES.values():
            yield from (
                (f"{label}：{name}", _said(value))
                for name, value in zip(columns, values, strict=False)
            )


def _said(value: object) -> str:
    """Return a cell as a number without closing zeros, or as the text that it is."""
    if isinstance(value, float):
        return digits_of(value)
    text = "" if value is None else str(value).replace(",", "")
    return plain(Decimal(text)) if text.replace(".", "", 1).isdigit() else text


def _pairs(items: Iterator[tuple[str, str]]) -> pa.Table:
    said = list(items)
    columns = [texts([pair[place] for pair in said]).cast(TEXT) for place in range(2)]
    return pa.table(columns, [ITEM, VALUE])


def _read_list(rows: Rows) -> pa.Table:
    """Return the rows of 审核表 that list a claim; each block has headings of its own."""
    claim = normalise(LISTED["claim_id"][0])
    cells: dict[str, list[object]] = {name: [] for name in LISTED}
    places: dict[str, int] = {}
    for row in rows:
        found = [normalise(heading_text(cell)) for cell in row if isinstance(cell, str)]
        if claim in found:
            said = [normalise(heading_text(cell)) for cell in row]
            places = {
                name: said.index(normalise(heading))
                for name, (heading, _) in LISTED.items()
                if normalise(heading) in said
            }
        elif places and row[places["claim_id"]] not in (None, ""):
            for name, column in cells.items():
                column.append(row[places[name]] if name in places else None)
    return pa.table(
        {
            name: cells_of_column(column_of_cells("", column), LISTED[name][1], len(column))
            for name, column in cells.items()
            if name in places or name not in LISTED_LATER
        }
    )
