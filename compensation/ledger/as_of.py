"""The ledgers as they stood at the end of a day.

Rows dated later do not count, and dates of other kinds that are later are as if blank. A row that
hangs on one that does not count is itself dated later: no release is before its contract's start,
no payout either, and nothing is recovered, paid or handed over before the payout. The checks of the
ledgers hold them to that, so that a row's own date says whether it counts.

Source: the specification of the years after, section 11.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from compensation.arrays import arrow, known, numbers
from compensation.columns import Flags, Integers, distinct
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger.books import Books
from compensation.ledger.checked import Checked, Tables
from compensation.ledger.guards import GUARDS, OF_ROWS, alike_borrowers, alike_warnings
from compensation.ledger.ids import UNKNOWN
from compensation.ledger.later_rows import LATER_ROWS, later_rows
from compensation.ledger.payment_checks import net_by_claim
from compensation.ledger.portfolio import NO_DAY, Ledgers, Links, Portfolio, numbers_of
from compensation.schema.choices import PENDING
from compensation.schema.dictionary import CONTRACTS, ROWS_OF, table
from compensation.tables.raw import Locate, RawTable
from compensation.tables.raw_rows import taken
from compensation.values.dates import date_of, day_of_value
from compensation.values.kinds import Kind

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
Agreed = Mapping[str, frozenset[str]]
"""By table, the dates of a policy's own that are known beforehand: no day blanks a due date."""
REVIEWS = ("finance_review", "industry_review")
Held = TypeVar("Held", bound=Ledgers)


def counting(name: str, columns: Mapping[str, pa.Array], day: int) -> Flags:
    """Return which rows of a table count at the end of ``day``; of a year, once it has begun."""
    if name in ROWS_OF:
        return numbers(columns["year"]) <= date_of(day).year
    if name not in DATED:
        return np.ones(len(next(iter(columns.values()))), dtype=np.bool_)
    return numbers(columns[DATED[name]], NO_DAY) <= day


def columns_as_of(
    name: str, columns: Mapping[str, pa.Array], day: int, rows: Flags, agreed: Agreed
) -> dict[str, pa.Array]:
    """Return the columns of ``rows``, those that count, as they stood at the end of ``day``."""
    if not rows.all():
        here = arrow(np.flatnonzero(rows))
        columns = {name: column.take(here) for name, column in columns.items()}
    if name == "claims":
        columns = _reviewed(columns, day)
    known_before = agreed.get(name, frozenset())
    return {
        own: column if own in known_before else until(column, day)
        for own, column in columns.items()
    }


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
        if not len(self.to):
            return np.full(len(of), UNKNOWN, dtype=np.int64)
        places: Integers = np.where(of == UNKNOWN, UNKNOWN, self.to[of])
        return places


def moved(rows: Flags) -> Moved:
    """Return where rows go once the others are gone."""
    return Moved(rows, np.where(rows, np.cumsum(rows) - 1, UNKNOWN))


Stay = Mapping[str, Moved]
"""By table, which of its rows stay."""


def as_of(portfolio: Portfolio, day: datetime.date | str) -> Portfolio:
    """Return the portfolio as it stood at the end of ``day``, a date or a text such as 2024-12-31.

    Rows dated later are gone, later dates of releases, closings and reviews are blank, and what
    compensation was paid is what had been paid by then. Raises `InputFaults` where `day` is no day.
    """
    at, faults = day_of(day, portfolio.day)
    if faults:
        raise InputFaults(faults)
    return ledgers_as_of(portfolio, at)


def day_of(day: datetime.date | str, last: int | None = None) -> tuple[int, list[FaultGroup]]:
    """Return a day as days since 1970-01-01; a fault where it is none, or after ``last``.

    `last`: the day as of which the ledgers are looked at already.
    """
    at = day_of_value(day)
    if isinstance(at, Kind):
        message = Text("截止日期不是日期", "the day as of which to look is not a date")
        expected = Text("如 2024-12-31 的日期", "a date such as 2024-12-31")
    elif last is None or at <= last:
        return at, []
    else:
        message = Text(
            "台账已截至更早的一天，之后的记录不在其中",
            "the ledgers are as of an earlier day already, without what came later",
        )
        expected = Text(f"不晚于 {date_of(last)}", f"{date_of(last)} or earlier")
    return 0, [whole("as_of", message, value=str(day), expected=expected)]


def ledgers_as_of(ledgers: Held, day: int) -> Held:
    """Return ledgers as they stood at the end of ``day`` (days since 1970-01-01).

    Where `tables` do not have all contracts, the digest of contracts and whose ids are alike are
    taken over: they must be those of the day already (`Loading.load`). Releases must be held.
    """
    stay: Stay = {
        name: moved(counting(name, columns, day)) for name, columns in ledgers.tables.items()
    }
    every = moved(ledgers.books.start <= day)
    of_file = {**stay, CONTRACTS.name: every}
    tables = {
        name: columns_as_of(name, columns, day, stay[name].rows, ledgers.agreed)
        for name, columns in ledgers.tables.items()
    }
    links = _links_as_of(ledgers.links, stay, every)
    if ledgers.present["payments"] and ledgers.rows("claims"):
        kind, amount = (numbers_of(tables["payments"][name]) for name in ("kind", "amount"))
        net = net_by_claim(links.payment_claim, kind, amount, int(stay["claims"].rows.sum()))
        tables["claims"]["compensation_paid"] = arrow(net)
    held = replace(
        ledgers,
        tables=tables,
        borrower_type=ledgers.borrower_type[stay[CONTRACTS.name].rows],
        links=links,
        unmapped={
            name: _raw_rows(raw, stay[name].rows, of_file[name])
            for name, raw in ledgers.unmapped.items()
        },
        books=_books_as_of(ledgers.books, every, day),
        every_contract=_every_as_of(ledgers.every_contract, every, day),
        day=day,
    )
    alike = [group for group in ledgers.warnings if group.kind == "ids_alike"]
    if held.every_contract is None:
        alike = _alike(held)
    own = _staying_groups(ledgers.warnings, of_file)
    left_out = {
        name: ledgers.left_out.get(name, 0) + int((~where.rows).sum())
        for name, where in of_file.items()
    }
    later = later_rows(left_out, date_of(day))
    warnings = (*own, *_of_rows(held), *alike, *later)
    dates = _later_dates(ledgers, day, stay, held.links)
    return replace(held, warnings=warnings, left_out=left_out, later_dates=dates)


def _later_dates(ledgers: Ledgers, day: int, stay: Stay, links: Links) -> dict[str, Integers]:
    """Return the rows that stay of which a policy's own date is after ``day``, by column.

    Of contracts, those that claims name, where there are claims: of the others it is not known in
    every run. `links`: between the rows that stay.
    """
    found = {key: stay[key.partition(".")[0]].followed(r) for key, r in ledgers.later_dates.items()}
    for name in ("institutions", "contracts", "claims"):
        standard = {column.name for column in table(name).columns}
        own = ledgers.tables[name].keys() - standard - ledgers.agreed.get(name, frozenset())
        for column in sorted(own):
            dates = ledgers.tables[name][column]
            if pa.types.is_date32(dates.type):
                later = known(dates) & (numbers(dates) > day) & stay[name].rows
                rows = stay[name].followed(np.flatnonzero(later))
                found[f"{name}.{column}"] = np.union1d(found.get(f"{name}.{column}", rows), rows)
    named = distinct(links.claim_contract)
    if len(named):
        found = {
            key: np.intersect1d(rows, named) if key.startswith("contracts.") else rows
            for key, rows in found.items()
        }
    return {key: rows for key, rows in found.items() if len(rows)}


def _links_as_of(links: Links, stay: Stay, every: Moved) -> Links:
    """Return the references between the rows that stay; `every`: of all contracts."""
    contracts, claims = stay[CONTRACTS.name], stay["claims"]
    return Links(
        links.contract_institution[contracts.rows],
        every.followed(links.contract_row[contracts.rows]),
        contracts.followed(links.claim_contract[claims.rows]),
        claims.followed(links.recovery_claim[stay["recoveries"].rows]),
        claims.followed(links.payment_claim[stay["payments"].rows]),
        claims.followed(links.remittance_claim[stay["remittances"].rows]),
    )


def _books_as_of(books: Books, contracts: Moved, day: int) -> Books:
    """Return the books of the rows that stay, with borrowers who have a contract among them."""
    rows = contracts.rows
    there = np.zeros(len(books.borrower_institution), dtype=np.bool_)
    there[books.borrower[rows]] = True
    released, paid = books.release_day <= day, books.payout_day <= day
    return replace(
        books,
        institution=books.institution[rows],
        borrower=moved(there).followed(books.borrower[rows]),
        borrower_institution=books.borrower_institution[there],
        guaranteed=books.guaranteed[rows],
        start=books.start[rows],
        release=np.where(books.release[rows] <= day, books.release[rows], NO_DAY),
        release_of=contracts.followed(books.release_of[released]),
        release_day=books.release_day[released],
        release_amount=books.release_amount[released],
        payout_of=contracts.followed(books.payout_of[paid]),
        payout_day=books.payout_day[paid],
        payout=books.payout[paid],
        held={},
        openings={},
    )


def _every_as_of(every: Ledgers | None, contracts: Moved, day: int) -> Ledgers | None:
    """Return the columns held of all contracts, of those that stay."""
    if every is None:
        return None
    name = CONTRACTS.name
    return replace(
        every,
        tables={name: columns_as_of(name, every.tables[name], day, contracts.rows, every.agreed)},
        borrower_type=every.borrower_type[contracts.rows],
        unmapped={name: _raw_rows(every.unmapped[name], contracts.rows, contracts)},
    )


def _of_rows(ledgers: Ledgers) -> list[FaultGroup]:
    """Return the warnings of rows that may be a mistake together."""
    tables = {}
    for name, raw in ledgers.unmapped.items():
        columns, present = dict(ledgers.tables[name]), ledgers.present[name]
        tables[name] = Checked(table(name), raw, columns, present, raw)
    checked = Tables(tables, {"claims": ledgers.links.claim_contract})
    return [warning for guard in GUARDS for warning in guard(checked)]


def _alike(ledgers: Ledgers) -> list[FaultGroup]:
    """Return the warnings of borrowers whose ids are alike, of ledgers with all contracts."""
    found = alike_borrowers(
        ledgers.links.contract_institution,
        ledgers.books.borrower.astype(np.int64),
        ledgers.tables[CONTRACTS.name]["borrower_id"],
    )
    return alike_warnings(found, ledgers.unmapped[CONTRACTS.name].locate)


def _raw_rows(raw: RawTable, rows: Flags, of_file: Moved) -> RawTable:
    """Return a raw table with some of its rows, which keep their numbers in the file.

    `of_file`: which rows of the whole table stay.
    """
    if rows.all() and of_file.rows.all():
        return raw
    kept, locate = np.flatnonzero(rows), raw.locate
    here = arrow(kept)
    return raw._replace(
        columns=tuple(taken(column, here) for column in raw.columns),
        rows=len(kept),
        locate=partial(_located, locate, kept),
        unread=tuple(_renumbered(raw.unread, of_file)),
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


def _staying_groups(groups: Iterable[FaultGroup], stay: Stay) -> Iterator[FaultGroup]:
    """Yield warnings that need no other rows, of rows that stay; what is left out is said anew."""
    for group in groups:
        if group.kind not in OF_ROWS and group.kind != LATER_ROWS:
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
            yield group.only(kept)
