"""The columns that a policy adds to the dictionary, read from a portfolio that knows no policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from compensation.faults.groups import FaultGroup
from compensation.ledger.as_of import until
from compensation.ledger.fault_book import without_consequences
from compensation.ledger.portfolio import Ledgers, Portfolio
from compensation.ledger.table_reader import resolve_extra, without_headings
from compensation.schema.column import Column, dates_agreed
from compensation.schema.dictionary import table
from compensation.tables.values import parse


def with_extra_columns(
    portfolio: Portfolio, extra: Mapping[str, Sequence[Column]]
) -> tuple[Ledgers, list[FaultGroup]]:
    """Return the ledgers with the columns that a policy declares, by table, as far as they exist.

    Faults are those of their cells, and of headings that may mean a column of the dictionary and
    are not the policy's.
    """
    faults: list[FaultGroup] = []
    tables, present = dict(portfolio.tables), dict(portfolio.present)
    unmapped, warnings = dict(portfolio.unmapped), list(portfolio.warnings)
    agreed = {name: dates_agreed(extra.get(name, ())) for name in portfolio.unmapped}
    for name, raw in portfolio.unmapped.items():
        resolved = resolve_extra(raw, table(name), extra.get(name, ()))
        faults += resolved.faults
        parsed = {own: parse(found, raw) for own, found in resolved.columns.items()}
        faults += (fault for column in parsed.values() for fault in column.faults)
        headings = {found.raw.heading for found in resolved.columns.values()}
        values = {own: column.values for own, column in parsed.items()}
        if portfolio.day is not None:
            values = {
                own: column if own in agreed[name] else until(column, portfolio.day)
                for own, column in values.items()
            }
        tables[name] = {**tables[name], **values}
        present[name] = present[name].union(parsed)
        unused = tuple(column for column in raw.columns if column.heading not in headings)
        unmapped[name] = raw._replace(columns=unused)
        warnings = without_headings(warnings, name, headings)
    held = {field.name: getattr(portfolio, field.name) for field in fields(portfolio)}
    held |= {"tables": tables, "present": present, "unmapped": unmapped, "agreed": agreed}
    return Ledgers(**{**held, "warnings": tuple(warnings)}), without_consequences(faults)
