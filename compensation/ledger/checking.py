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
from compensation.ledger.dictionary import Table, tables_with
from compensation.ledger.fault_groups import FaultGroup, whole
from compensation.ledger.faults import InputFaults
from compensation.ledger.guards import alike_borrowers, alike_warnings, guard_rows
from compensation.ledger.payment_checks import (
    check_claim_days,
    check_entries,
    check_opening_years,
    check_pool,
    take_net_payments,
)
from compensation.ledger.portfolio import AllLinks, Portfolio
from compensation.ledger.raw import RawTable
from compensation.ledger.table_checks import (
    borrower_types_of,
    check_claims,
    check_contract_dates,
    check_ids,
    check_recoveries,
    check_reference,
    check_releases,
    check_shares,
    check_total,
    parties_of,
)
from compensation.ledger.table_reader import TableReader, add_absent

TOTALS = (
    ("institutions", ("opening_balance",)),
    ("contracts", ("guaranteed_amount",)),
    ("releases", ("amount",)),
    ("claims", ("principal", "interest")),
    ("recoveries", ("proceeds",)),
    ("recoveries", ("cost",)),
    ("claims", ("approved_amount",)),
    ("payments", ("amount",)),
    ("remittances", ("amount",)),
    ("pool", ("amount",)),
)
"""By table, the columns of amounts that must not add up to more than a result holds."""


def without_rows(table: Table) -> Checked:
    """Return a table that the input does not have."""
    raw = RawTable(table.name, (), 0)
    columns: dict[str, pa.Array] = {}
    add_absent(table, columns, 0)
    return Checked(table, raw, columns, frozenset(), raw)


def no_rows(table: Table, rows: int) -> list[FaultGroup]:
    """Return the fault of a table that has no rows and must have some."""
    if rows or table.may_be_empty:
        return []
    message = Text("表中没有任何记录", "the table has no rows")
    return [whole("no_rows", message, table=table.name)]


def one_a_cell(groups: Sequence[FaultGroup]) -> list[FaultGroup]:
    """Return the faults without those of cells that a reader has found fault with already.

    A cell that holds #N/A, or a formula that was never calculated, reads as blank; a figure that
    has the format of a date reads as a date.
    """
    reader = ("error_cell", "formula_without_value", "date_format")
    known = {
        (group.table, group.column): set(group.rows.tolist())
        for group in groups
        if group.kind in reader and group.rows is not None
    }
    kept = []
    for group in groups:
        said = known.get((group.table, group.column), set())
        if group.kind not in reader and group.rows is not None and said:
            places = [i for i, row in enumerate(group.rows.tolist()) if row not in said]
            values = None if group.values is None else [group.values[i] for i in places]
            kept.append(replace(group, rows=group.rows[places], values=values))
        else:
            kept.append(group)
    return kept


def check(
    raw: Mapping[str, RawTable], faults: Sequence[FaultGroup] = (), *, part: bool = False
) -> Portfolio:
    """Check raw tables and return the portfolio; ``faults`` are those met while reading.

    A table that is not in ``raw`` counts as having no rows (a reader has said so where it may not
    be missing). `part`: the tables are some institutions' part of a larger input, whose other parts
    may have the rows that a table lacks here. Raises `InputFaults` with every fault of every table.
    """
    tables: dict[str, Checked] = {}
    warnings: list[FaultGroup] = []
    found = list(faults)
    known = tables_with(raw)
    for table in (replace(table, may_be_empty=table.may_be_empty or part) for table in known):
        if table.name not in raw:
            tables[table.name] = without_rows(table)
            continue
        reader = TableReader(table, raw[table.name])
        checked = reader.read(raw[table.name])
        checked.faults[:0] = reader.faults
        found, unread = reader.sort_out(found)
        checked.leftover = replace(checked.leftover, unread=tuple(unread))
        tables[table.name] = checked
        warnings += reader.warnings
        checked.faults += no_rows(table, checked.raw.rows)
    institutions, contracts = tables["institutions"], tables["contracts"]
    releases, claims, recoveries = tables["releases"], tables["claims"], tables["recoveries"]
    payments, remittances, pool = tables["payments"], tables["remittances"], tables["pool"]
    for checked in tables.values():
        check_ids(checked)
    of_institution = check_reference(contracts, "institution_id", institutions, "institution_id")
    of_release = check_reference(releases, "contract_id", contracts, "contract_id")
    of_claim = check_reference(claims, "contract_id", contracts, "contract_id")
    of_recovery = check_reference(recoveries, "claim_id", claims, "claim_id")
    check_contract_dates(contracts)
    run_parties = parties_of(contracts.present)
    check_shares(contracts, run_parties)
    borrower_type = borrower_types_of(contracts)
    for name, columns in TOTALS:
        check_total(tables[name], columns)
    check_releases(releases, contracts, of_release)
    warnings += check_claims(claims, contracts, of_claim)
    check_recoveries(recoveries, claims, of_recovery)
    check_opening_years(institutions)
    check_claim_days(claims)
    of_payment = check_entries(payments, claims)
    of_remittance = check_entries(remittances, claims)
    take_net_payments(claims, payments, of_payment)
    check_pool(pool)
    found += (group for checked in tables.values() for group in checked.faults)
    if found:
        # Which headings a policy declares is known later; what they may mean helps to mend these.
        found += (fault for checked in tables.values() for fault in checked.leftover.asked)
        raise InputFaults(one_a_cell(found))
    contract_borrower, borrower_institution = ids.pairs(
        of_institution, contracts.columns["borrower_id"]
    )
    warnings += guard_rows(releases, claims, recoveries, payments, contracts, of_claim)
    alike = alike_borrowers(of_institution, contract_borrower, contracts.columns["borrower_id"])
    warnings += alike_warnings(alike, contracts.raw.locate)
    return Portfolio(
        {name: checked.columns for name, checked in tables.items()},
        run_parties,
        borrower_type,
        AllLinks(
            of_institution,
            of_claim,
            of_recovery,
            of_payment,
            of_remittance,
            contract_borrower,
            borrower_institution,
            of_release,
        ),
        {name: checked.present for name, checked in tables.items()},
        {name: checked.leftover for name, checked in tables.items()},
        tuple(warnings),
    )
