"""The ledgers as they stood at the end of a day.

Rows dated later do not count, and dates of other kinds that are later are as if blank. A row that
hangs on one that does not count is itself dated later: no release is before its contract's start,
no payout either, and nothing is recovered, paid or handed over before the payout. The checks of the
ledgers hold them to that, so that a row's own date says whether it counts.

Source: the specification of the years after, section 11.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from compensation.arrays import arrow, known, numbers
from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.ledger.checked import Checked
from compensation.ledger.dictionary import PENDING, table
from compensation.ledger.fault_groups import FaultGroup, whole
from compensation.ledger.faults import InputFaults
from compensation.ledger.guards import OF_ROWS, alike_borrowers, alike_warnings, guard_rows
from compensation.ledger.ids import UNKNOWN
from compensation.ledger.payment_checks import net_by_claim
from compensation.ledger.portfolio import NO_DAY, AllLinks, Ledgers, Links, Portfolio, numbers_of
from compensation.ledger.raw import Locate, RawColumn, RawTable
from compensation.ledger.raw_rows import taken

DATED = {
    "contracts": "start_date",
    "releases": "release_date",
    "claims": "payout_date",
    "recoveries": "recovery_date",
    "payments": "payment_date",
    "remittances": "remittance_date",
    "pool": "entry_date",
}
"""By table, the date from which a row counts; a table that is not here has no date of its own."""
REVIEWS = ("finance_review", "industry_review")
Held = TypeVar("Held", bound=Ledgers)


_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def counting(name: str, columns: Mapping[str, pa.Array], day: int) -> Flags:
    """Return which rows of a table count at the end of ``day``."""
    if name not in DATED:
        return np.ones(len(next(iter(columns.values()))), dtype=np.bool_)
    return numbers(columns[DATED[name]], NO_DAY) <= day


def columns_as_of(
    name: str, columns: Mapping[str, pa.Array], day: int, rows: Flags
) -> dict[str, pa.Array]:
    """Return the columns of ``rows``, those that count, as they stood at the end of ``day``."""
    if not rows.all():
        here = arrow(np.flatnonzero(rows))
        columns = {name: column.take(here) for name, column in columns.items()}
    if name == "claims":
        columns = _reviewed(columns, day)
    return {name: until(column, day) for name, column in columns.items()}


def until(column: pa.Array, day: int) -> pa.Array:
    """Return a column with the dates after ``day`` as if blank; any other column as it is."""
    if not pa.types.is_date32(column.type):
        return column
    counts = numbers(column, NO_DAY) <= day
    if counts.all():
        return column
    return arrow(numbers(column), counts).view(pa.date32())


def _reviewed(columns: Mapping[str, pa.Array], day: int) -> dict[str, pa.Array]:
    """Return claims of which reviews dated later are pending, and no amount approved yet."""
    changed = dict(columns)
    pending = np.zeros(len(columns["claim_id"]), dtype=np.bool_)
    for review in REVIEWS:
        date = columns[f"{review}_date"]
        later = known(date) & (numbers(date) > day)
        if later.any():
            decided = np.where(later, np.int8(PENDING), numbers(columns[review]))
            changed[review] = arrow(decided.astype(np.int8))
            pending |= later
    if pending.any():
        amount = columns["approved_amount"]
        changed["approved_amount"] = arrow(numbers(amount), known(amount) & ~pending)
    return changed


class Moved(NamedTuple):
    """Which rows of a table stay, and where each row goes; `UNKNOWN` for those that do not."""

    rows: Flags
    to: Integers

    def followed(self, of: npt.NDArray[np.signedinteger[Any]]) -> Integers:
        """Return references to rows that stay by their new places."""
        places: Integers = self.to[of]
        return places


def moved(rows: Flags) -> Moved:
    """Return where rows go once the others are gone."""
    return Moved(rows, np.where(rows, np.cumsum(rows) - 1, UNKNOWN))


Stay = Mapping[str, Moved]
"""By table, which of its rows stay."""


def staying(ledgers: Ledgers, day: int) -> Stay:
    """Return which rows of the tables count at the end of ``day``."""
    tables = ledgers.tables
    return {name: moved(counting(name, columns, day)) for name, columns in tables.items()}


def as_of(portfolio: Portfolio, day: datetime.date | str) -> Portfolio:
    """Return the portfolio as it stood at the end of ``day``, a date or a text such as 2024-12-31.

    Rows dated later are gone, later dates of releases, closings and reviews are blank, and what
    compensation was paid is what had been paid by then. Raises `InputFaults` where `day` is no day.
    """
    at, faults = day_of(day, portfolio.day)
    if faults:
        raise InputFaults(faults)
    return portfolio_as_of(portfolio, at)


def day_of(day: datetime.date | str, last: int | None = None) -> tuple[int, list[FaultGroup]]:
    """Return a day as days since 1970-01-01; a fault where it is none, or after ``last``.

    `last`: the day as of which the ledgers are looked at already.
    """
    message = Text("截止日期不是日期", "the day as of which to look is not a date")
    expected = Text("如 2024-12-31 的日期", "a date such as 2024-12-31")
    try:
        text = day.isoformat() if type(day) is datetime.date else day
        if isinstance(text, str) and _ISO.fullmatch(text):
            at = day_number(datetime.date.fromisoformat(text))
            if last is None or at <= last:
                return at, []
            message = Text(
                "台账已截至更早的一天，之后的记录不在其中",
                "the ledgers are as of an earlier day already, without what came later",
            )
            expected = Text(f"不晚于 {date_of(last)}", f"{date_of(last)} or earlier")
    except ValueError:
        pass
    return 0, [whole("as_of", message, value=str(day), expected=expected)]


def day_number(day: datetime.date) -> int:
    """Return a date as days since 1970-01-01."""
    return day.toordinal() - datetime.date(1970, 1, 1).toordinal()


def date_of(day: int) -> datetime.date:
    """Return days since 1970-01-01 as a date."""
    return datetime.date.fromordinal(day + datetime.date(1970, 1, 1).toordinal())


def portfolio_as_of(portfolio: Portfolio, day: int) -> Portfolio:
    """Return the portfolio as it stood at the end of ``day`` (days since 1970-01-01)."""
    stay, links = staying(portfolio, day), portfolio.links
    contracts = stay["contracts"]
    borrower = links.contract_borrower[contracts.rows]
    there = np.zeros(len(links.borrower_institution), dtype=np.bool_)
    there[borrower] = True
    common = links_as_of(links, stay)
    held = replace(
        ledgers_as_of(portfolio, stay, day),
        links=AllLinks(
            common.contract_institution,
            common.claim_contract,
            common.recovery_claim,
            common.payment_claim,
            common.remittance_claim,
            moved(there).followed(borrower),
            links.borrower_institution[there],
            contracts.followed(links.release_contract[stay["releases"].rows]),
        ),
    )
    found = row_guards(held, checked_of(held, "releases"))
    alike = alike_borrowers(
        held.links.contract_institution,
        held.links.contract_borrower,
        held.tables["contracts"]["borrower_id"],
    )
    found += alike_warnings(alike, held.leftover["contracts"].locate)
    return replace(held, warnings=(*held.warnings, *found))


def row_guards(ledgers: Ledgers, releases: Checked) -> list[FaultGroup]:
    """Return the warnings of rows that may be a mistake together."""
    names = ("claims", "recoveries", "payments", "contracts")
    claims, recoveries, payments, contracts = (checked_of(ledgers, name) for name in names)
    of_claim = ledgers.links.claim_contract
    return guard_rows(releases, claims, recoveries, payments, contracts, of_claim)


def checked_of(ledgers: Ledgers, name: str) -> Checked:
    """Return a table of ledgers as the guards take it."""
    raw = ledgers.leftover[name]
    return Checked(table(name), raw, dict(ledgers.tables[name]), ledgers.present[name], raw)


def links_as_of(links: Links, stay: Stay) -> Links:
    """Return the references between the rows that stay."""
    contracts, claims = stay["contracts"], stay["claims"]
    return Links(
        links.contract_institution[contracts.rows],
        contracts.followed(links.claim_contract[claims.rows]),
        claims.followed(links.recovery_claim[stay["recoveries"].rows]),
        claims.followed(links.payment_claim[stay["payments"].rows]),
        claims.followed(links.remittance_claim[stay["remittances"].rows]),
    )


def ledgers_as_of(ledgers: Held, stay: Stay, day: int) -> Held:
    """Return ledgers with the rows that stay, as they stood at the end of ``day``.

    Links are still those of all rows, and warnings of rows that belong together are left out.
    """
    tables = {
        name: columns_as_of(name, columns, day, stay[name].rows)
        for name, columns in ledgers.tables.items()
    }
    if ledgers.present["payments"]:
        payments, claims = tables["payments"], stay["claims"]
        of = claims.followed(ledgers.links.payment_claim[stay["payments"].rows])
        kind, amount = (numbers_of(payments[name]) for name in ("kind", "amount"))
        net = net_by_claim(of, kind, amount, int(claims.rows.sum()))
        tables["claims"]["compensation_paid"] = arrow(net)
    return replace(
        ledgers,
        tables=tables,
        borrower_type=ledgers.borrower_type[stay["contracts"].rows],
        leftover={
            name: _raw_rows(raw, stay[name].rows) if name in stay else raw
            for name, raw in ledgers.leftover.items()
        },
        warnings=tuple(_staying_groups(ledgers.warnings, stay)),
        day=day,
    )


def _raw_rows(raw: RawTable, rows: Flags) -> RawTable:
    """Return a raw table with some of its rows, which keep their numbers in the file."""
    if rows.all():
        return raw
    kept, locate = np.flatnonzero(rows), raw.locate
    here = arrow(kept)
    return replace(
        raw,
        columns=tuple(_raw_taken(column, here) for column in raw.columns),
        rows=len(kept),
        locate=partial(_located, locate, kept),
        unread=tuple(_renumbered(raw.unread, moved(rows))),
    )


def _renumbered(groups: Iterable[FaultGroup], stay: Moved) -> Iterator[FaultGroup]:
    """Yield faults of the rows that stay by their new places."""
    for group in _groups_of_rows(groups, stay.rows):
        if group.rows is None or group.locate is None:
            yield group
            continue
        kept, locate = np.flatnonzero(stay.rows), group.locate
        rows = stay.followed(group.rows)
        yield replace(group, rows=rows, locate=partial(_located, locate, kept))


def _located(locate: Locate, kept: Integers, at: Integers) -> Integers:
    """Return the file's numbers of rows at ``at`` among those kept."""
    return locate(kept[at])


def _raw_taken(column: RawColumn, rows: pa.Array) -> RawColumn:
    column = taken(column, rows)
    return column if column.words is None else replace(column, words=column.words.take(rows))


def _staying_groups(groups: Iterable[FaultGroup], stay: Stay) -> Iterator[FaultGroup]:
    """Yield warnings that need no other rows, of rows that stay."""
    for group in groups:
        if group.kind not in OF_ROWS:
            of = stay.get(group.table or "")
            yield from [group] if of is None else _groups_of_rows([group], of.rows)


def _groups_of_rows(groups: Iterable[FaultGroup], rows: Flags) -> Iterator[FaultGroup]:
    """Yield groups as far as they are of ``rows``, or of a table as a whole."""
    for group in groups:
        if group.rows is None or rows[group.rows].all():
            yield group
            continue
        kept = np.flatnonzero(rows[group.rows])
        if len(kept):
            values = None if group.values is None else [group.values[at] for at in kept.tolist()]
            yield replace(group, rows=group.rows[kept], values=values)
