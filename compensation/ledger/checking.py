"""From raw tables to a checked portfolio: every fault of the input, all of them together.

Nothing raises half-way: the checks of `table_checks` say their faults; all are raised at the end.
Source: the contract, sections 1, 2 and 7.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pyarrow as pa

from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.checked import Checked
from compensation.ledger.dictionary import SHARE_PREFIX, TABLES, ColumnType, Table
from compensation.ledger.faults import FaultGroup, InputFaults, whole
from compensation.ledger.headings import resolve
from compensation.ledger.portfolio import Links, Portfolio
from compensation.ledger.raw import RawTable
from compensation.ledger.table_checks import (
    borrower_types_of,
    check_claims,
    check_contract_dates,
    check_ids,
    check_recoveries,
    check_reference,
    check_releases,
    check_total,
    parties_of,
    shares_of,
)
from compensation.ledger.values import parse

ARROW_TYPES = {
    ColumnType.TEXT: pa.string(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.MONEY: pa.int64(),
    ColumnType.COUNT: pa.int64(),
    ColumnType.DATE: pa.date32(),
    ColumnType.SHARE: pa.int64(),
    ColumnType.CHOICE: pa.int8(),
}


def _read_columns(table: Table, raw: RawTable) -> tuple[Checked, list[FaultGroup]]:
    """Say what each column is and read its cells; optional ones that are absent are all blank."""
    resolved = resolve(raw, table)
    columns: dict[str, pa.Array] = {}
    faults = list(resolved.faults)
    for name, found in resolved.columns.items():
        parsed = parse(found, raw)
        columns[name] = parsed.values
        faults += parsed.faults
    _add_absent(table, columns, raw.rows)
    taken = {id(found.raw) for found in resolved.columns.values()}
    left = tuple(column for column in raw.columns if id(column) not in taken)
    leftover = RawTable(raw.name, left, raw.rows, raw.unit, raw.locate, raw.source)
    checked = Checked(table, raw, columns, frozenset(resolved.columns), leftover, faults)
    return checked, list(resolved.warnings)


def _add_absent(table: Table, columns: dict[str, pa.Array], rows: int) -> None:
    """Add the columns that the input lacks, all blank or all their default; no share columns."""
    for column in table.columns:
        if column.name not in columns and not column.name.startswith(SHARE_PREFIX):
            kind = ARROW_TYPES[column.type]
            blank = column.default is None
            columns[column.name] = (
                pa.nulls(rows, kind) if blank else pa.repeat(pa.scalar(column.default, kind), rows)
            )


def _without_rows(table: Table) -> Checked:
    """Return a table that the input does not have."""
    raw = RawTable(table.name, (), 0)
    columns: dict[str, pa.Array] = {}
    _add_absent(table, columns, 0)
    return Checked(table, raw, columns, frozenset(), raw)


def _one_a_cell(groups: Sequence[FaultGroup]) -> list[FaultGroup]:
    """Return the faults without the blanks of cells that a reader has found fault with already.

    A cell that holds #N/A, or a formula that was never calculated, reads as blank.
    """
    reader = ("error_cell", "formula_without_value")
    known = {
        (group.table, group.column): set(group.rows.tolist())
        for group in groups
        if group.kind in reader and group.rows is not None
    }
    kept = []
    for group in groups:
        said = known.get((group.table, group.column), set())
        if group.kind == "blank" and group.rows is not None and said:
            left = group.rows[[row not in said for row in group.rows.tolist()]]
            kept.append(replace(group, rows=left, values=None))
        else:
            kept.append(group)
    return kept


def check(raw: Mapping[str, RawTable], faults: Sequence[FaultGroup] = ()) -> Portfolio:
    """Check raw tables and return the portfolio; ``faults`` are those met while reading.

    A table that is not in ``raw`` counts as having no rows (a reader has said so where it may not
    be missing). Raises `InputFaults` with every fault of every table.
    """
    tables: dict[str, Checked] = {}
    warnings: list[FaultGroup] = []
    for table in TABLES:
        if table.name not in raw:
            tables[table.name] = _without_rows(table)
            continue
        checked, heard = _read_columns(table, raw[table.name])
        tables[table.name] = checked
        warnings += heard
        if not table.may_be_empty and not checked.raw.rows:
            message = Text("表中没有任何记录", "the table has no rows")
            checked.faults.append(whole("no_rows", message, table=table.name))
    institutions, contracts = tables["institutions"], tables["contracts"]
    releases, claims, recoveries = tables["releases"], tables["claims"], tables["recoveries"]
    for checked in tables.values():
        check_ids(checked)
    of_institution = check_reference(contracts, "institution_id", institutions, "institution_id")
    of_release = check_reference(releases, "contract_id", contracts, "contract_id")
    of_claim = check_reference(claims, "contract_id", contracts, "contract_id")
    of_recovery = check_reference(recoveries, "claim_id", claims, "claim_id")
    check_contract_dates(contracts)
    run_parties = parties_of(contracts)
    shares = shares_of(contracts, run_parties)
    borrower_type = borrower_types_of(contracts)
    for checked, columns in (
        (institutions, ["opening_balance"]),
        (contracts, ["guaranteed_amount"]),
        (releases, ["amount"]),
        (claims, ["principal", "interest"]),
        (recoveries, ["proceeds"]),
        (recoveries, ["cost"]),
    ):
        check_total(checked, columns)
    check_releases(releases, contracts, of_release)
    warnings += check_claims(claims, contracts, of_claim)
    check_recoveries(recoveries, claims, of_recovery)
    found = [*faults, *(group for checked in tables.values() for group in checked.faults)]
    if found:
        raise InputFaults(_one_a_cell(found))
    contract_borrower, borrower_institution = ids.pairs(
        of_institution, contracts.columns["borrower_id"]
    )
    return Portfolio(
        {name: checked.columns for name, checked in tables.items()},
        run_parties,
        borrower_type,
        shares,
        Links(
            of_institution,
            contract_borrower,
            borrower_institution,
            of_release,
            of_claim,
            of_recovery,
        ),
        {name: checked.present for name, checked in tables.items()},
        {name: checked.leftover for name, checked in tables.items()},
        tuple(warnings),
    )
