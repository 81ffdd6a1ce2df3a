"""The pipeline over files and frames: checked, and decided, without holding all contracts' texts.

What a run needs of all contracts are a few numbers; of contracts themselves only those that claims
name. So `contract_pass` takes them through once, and `assessment.conclude` decides as it does for a
portfolio that is held: the result is that of `assess` on the whole portfolio, byte for byte.

In memory at a time: a few blocks of contracts, all releases, claims and recoveries, and some fifty
bytes for each contract.
"""

from __future__ import annotations

import datetime
import operator
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, numbers
from compensation.assessment import (
    Assessment,
    budget_fen,
    check_figures,
    conclude,
    party_faults,
    year_faults,
)
from compensation.columns import Integers
from compensation.gathering import (
    Extras,
    Gathering,
    measured_keys,
    missing_columns,
    payouts,
    unsaid,
)
from compensation.ledger import ids
from compensation.ledger.as_of import (
    Moved,
    columns_as_of,
    counting,
    day_of,
    ledgers_as_of,
    links_as_of,
    moved,
    row_guards,
    staying,
    until,
)
from compensation.ledger.checked import Checked
from compensation.ledger.checking import TOTALS, no_rows, one_a_cell, without_rows
from compensation.ledger.contract_numbers import ContractNumbers
from compensation.ledger.contract_pass import (
    BORROWER_TYPE,
    INSTITUTION,
    ROW,
    Passed,
    Setting,
    pass_contracts,
)
from compensation.ledger.dictionary import CONTRACTS, RELEASES, TABLES, Table, tables_with
from compensation.ledger.digest import DigestedTable, digested
from compensation.ledger.fault_book import FaultBook
from compensation.ledger.fault_groups import FaultGroup
from compensation.ledger.faults import InputFaults
from compensation.ledger.guards import alike_warnings, guard_rows
from compensation.ledger.intake import raw_of_frames
from compensation.ledger.payment_checks import (
    check_claim_days,
    check_entries,
    check_opening_years,
    check_pool,
    take_net_payments,
)
from compensation.ledger.pieces import Hands, Pieces, pieces_of
from compensation.ledger.portfolio import Ledgers, Links
from compensation.ledger.raw import RawColumn, RawTable, whole_array
from compensation.ledger.reading import open_input
from compensation.ledger.table_checks import (
    can_be_known,
    check_claims,
    check_ids,
    check_known,
    check_recoveries,
    check_reference,
    check_total,
    parties_of,
)
from compensation.ledger.table_reader import TableReader, add_absent
from compensation.ledger.unchanged import unchanged
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.subjects import extra_columns
from compensation.rules.indicators import Books

if TYPE_CHECKING:
    from compensation.ledger.reviews import Reviews

WORKERS = max(2, min(os.cpu_count() or 2, 8))


def assess_files(
    path: str | os.PathLike[str],
    policy: str | os.PathLike[str] | Policy,
    year: int,
    budget: Decimal | int | str | None = None,
    *,
    as_of: datetime.date | str | None = None,
    reviews: Reviews | None = None,
    step: Callable[[int, int], object] | None = None,
) -> Assessment:
    """Read, check and assess an input in one go, holding no more of its contracts than need be.

    As `assess` of `read_portfolio`, with the same result; but no portfolio is held. Contracts in
    Parquet may be larger than memory. `as_of`: as for `assess`. `reviews`: decisions to take in
    place of the claims table's. `step` is called with the number of contracts done, and of all.
    Raises `InputFaults` with every fault of the input, the year, the budget and the day;
    `PolicyFaults`.
    """
    chosen = load_policy(policy)
    year = operator.index(year)
    with unchanged(path):
        tables, unread = open_input(path)
        return _assessed(tables, unread, chosen, year, budget, as_of, reviews, step or _quiet)


def assess_frames(
    frames: Mapping[str, object | None],
    policy: str | os.PathLike[str] | Policy,
    year: int,
    budget: Decimal | int | str | None = None,
    *,
    as_of: datetime.date | str | None = None,
) -> Assessment:
    """Check and assess tables that are in memory, in one go; `frames`: by the names of the tables.

    As `assess` of `portfolio_of_frames`, with the same result; but what is wrong with the tables,
    the year, the budget and for the policy is said at once, and no portfolio is held.
    Raises `InputFaults` with every fault; `PolicyFaults`.
    """
    tables, faults = raw_of_frames(frames)
    pieces = {name: pieces_of(raw) for name, raw in tables.items()}
    return _assessed(pieces, faults, load_policy(policy), operator.index(year), budget, as_of)


def _quiet(_done: int, _all: int) -> None:
    """Tell nobody."""


def _assessed(
    tables: Mapping[str, Pieces],
    unread: list[FaultGroup],
    policy: Policy,
    year: int,
    budget: Decimal | int | str | None,
    as_of: datetime.date | str | None,
    reviews: Reviews | None = None,
    step: Callable[[int, int], object] = _quiet,
) -> Assessment:
    """Read, check and assess tables; `unread`: what is wrong with those that are not there."""
    in_fen, faults = budget_fen(budget)
    faults += year_faults(policy, year)
    day, no_day = (None, []) if as_of is None else day_of(as_of)
    ledgers = _Ledgers(policy, year, day, tables, [*faults, *no_day, *unread])
    with ThreadPoolExecutor(WORKERS) as pool:
        gathering = ledgers.gather(reviews, Hands(pool, WORKERS), step)
    # What reading took goes back to the system before the rules need it.
    pa.default_memory_pool().release_unused()
    return conclude(gathering, in_fen, ledgers.contents)


class _Ledgers:
    """The tables of one run, and what has been found wrong with them so far."""

    def __init__(
        self,
        policy: Policy,
        year: int,
        day: int | None,
        tables: Mapping[str, Pieces],
        faults: list[FaultGroup],
    ) -> None:
        self._policy, self._year, self._day, self._tables = policy, year, day, tables
        self._book = FaultBook()
        extra = extra_columns(policy.rules)
        nothing = {table.name: pieces_of(RawTable(table.name, (), 0)) for table in TABLES}
        self._pieces = {**nothing, **tables}
        self._readers = {
            table.name: TableReader(table, self._pieces[table.name].head, extra.get(table.name, ()))
            for table in tables_with(tables)
        }
        for reader in self._readers.values():
            faults, _ = reader.sort_out(faults)
        self._book.add(faults)
        self.contents: dict[str, DigestedTable] = {}

    def gather(
        self,
        reviews: Reviews | None,
        hands: Hands,
        step: Callable[[int, int], object],
    ) -> Gathering:
        """Read and check all tables; return what the rules see. Raises `InputFaults`."""
        warnings = self._headings()
        whole = {
            table.name: self._whole(table, hands) for table in TABLES if table is not CONTRACTS
        }
        institutions, releases = whole["institutions"], whole["releases"]
        claims, recoveries, payments = whole["claims"], whole["recoveries"], whole["payments"]
        for checked in whole.values():
            check_ids(checked)
        of_claims = ids.Sorted(claims.columns["contract_id"])
        of_releases = ids.Sorted(releases.columns["contract_id"])
        reader = self._readers[CONTRACTS.name]
        parties = parties_of(reader.present)
        tested = {key.partition(".")[2] for key in measured_keys(self._policy)}
        setting = Setting(
            parties,
            self._pieces[CONTRACTS.name],
            reader,
            institutions,
            releases,
            of_claims,
            of_releases,
            ids.Likely(of_claims.prints, of_releases.prints),
            ContractNumbers(self._pieces[CONTRACTS.name].rows, sorted(tested)),
            not (self._book or any(checked.faults for checked in whole.values())),
            self._day,
            step,
        )
        digest = hands.pool.submit(digested, self._counted(releases))
        # What reading the other tables took goes back to the system before the contracts need it.
        pa.default_memory_pool().release_unused()
        passed = pass_contracts(setting, hands)
        self.contents = {CONTRACTS.name: passed.content, RELEASES.name: digest.result()}
        contracts = self._kept(passed)
        row, of_claim = numbers(contracts.columns[ROW]), passed.claim_contract
        named = np.where(of_claim == ids.UNKNOWN, of_claim, np.searchsorted(row, of_claim))
        if can_be_known(CONTRACTS, "contract_id", reader.present, setting.contracts.rows):
            check_known(claims, "contract_id", CONTRACTS, of_claim != ids.UNKNOWN)
            released = passed.release_contract != ids.UNKNOWN
            check_known(releases, "contract_id", CONTRACTS, released)
        of_recovery = check_reference(recoveries, "claim_id", claims, "claim_id")
        for name, columns in TOTALS:
            if name in whole:
                check_total(whole[name], columns)
        warnings += check_claims(claims, contracts, named)
        check_recoveries(recoveries, claims, of_recovery)
        check_opening_years(institutions)
        check_claim_days(claims)
        of_payment = check_entries(payments, claims)
        of_remittance = check_entries(whole["remittances"], claims)
        take_net_payments(claims, payments, of_payment)
        check_pool(whole["pool"])
        for checked in whole.values():
            self._book.add(checked.faults)
        self._book.add(passed.faults)
        if self._book:
            raise InputFaults(one_a_cell(self._book.groups()))
        links = Links(
            numbers(contracts.columns[INSTITUTION]), named, of_recovery, of_payment, of_remittance
        )
        whole[CONTRACTS.name] = contracts
        ledgers = self._ledgers(whole, links, warnings)
        alike = alike_warnings(passed.alike, self._pieces[CONTRACTS.name].head.locate)
        of_rows = guard_rows(
            releases,
            claims,
            recoveries,
            payments,
            contracts,
            named,
            of_releases.prints_by_position(),
        )
        ledgers = replace(ledgers, warnings=(*ledgers.warnings, *of_rows, *alike))
        if reviews is not None:
            from compensation.ledger.reviews import apply_reviews

            ledgers = apply_reviews(ledgers, reviews)
        seen = Seen(ledgers, releases, self._extras(whole), row, passed.release_contract)
        measured = setting.numbers.tested(self._day)
        gathering = self._gathering(seen, setting.numbers, measured)
        check_figures(gathering)
        stay = setting.numbers.stay
        if self._day is None or stay is None:
            return gathering
        seen = seen_as_of(seen, self._day, stay, alike)
        return self._gathering(seen, setting.numbers, measured)

    def _gathering(
        self, seen: Seen, kept: ContractNumbers, measured: Mapping[str, pa.Array]
    ) -> Gathering:
        """Return what the rules see."""
        return Gathering(
            seen.ledgers,
            self._policy,
            self._year,
            seen.extras,
            _books(seen, kept),
            replace(seen.ledgers, tables={CONTRACTS.name: measured}, borrower_type=kept.types),
            Extras(
                {f"{CONTRACTS.name}.{name}": each for name, each in measured.items()}, frozenset()
            ),
            seen.of_books,
        )

    def _counted(self, releases: Checked) -> dict[str, pa.Array]:
        """Return the columns of releases that were read, as of the day if there is one."""
        columns = {name: releases.columns[name] for name in self._readers[RELEASES.name].names}
        if self._day is None:
            return columns
        rows = counting(RELEASES.name, releases.columns, self._day)
        return columns_as_of(RELEASES.name, columns, self._day, rows)

    def _headings(self) -> list[FaultGroup]:
        """Note what is wrong with headings and with tables as a whole; return the warnings."""
        warnings: list[FaultGroup] = []
        for table in TABLES:
            reader = self._readers[table.name]
            warnings += reader.warnings
            if table.name in self._tables:
                self._book.add(reader.faults)
                self._book.add(no_rows(table, self._tables[table.name].rows))
            self._book.add(reader.extra_faults)
        found = {
            f"{name}.{column}"
            for name, reader in self._readers.items()
            for column in reader.extra_present
        }
        present = {name: reader.present for name, reader in self._readers.items()}
        rows = {name: pieces.rows for name, pieces in self._pieces.items()}
        lacking = missing_columns(self._policy, found, present, rows.__getitem__)
        if CONTRACTS.name in self._tables:
            parties = parties_of(self._readers[CONTRACTS.name].present)
            lacking += party_faults(parties, self._policy)
        self._book.add(unsaid(lacking, self._book.groups()))
        return warnings

    def _whole(self, table: Table, hands: Hands) -> Checked:
        """Read a table whole; its faults are numbered by its rows."""
        pieces, reader = self._pieces[table.name], self._readers[table.name]
        if table.name not in self._tables:
            return without_rows(table)
        book = FaultBook()
        read: list[Checked] = []
        first = 0
        for checked in hands.map(reader.read, pieces.read(reader.read_places)):
            book.add(checked.faults, first)
            first += checked.raw.rows
            read.append(replace(checked, raw=pieces.head))
        if not read:
            read.append(reader.read(pieces.head))
        # One column at a time, so that no more than one is held twice.
        columns = {
            name: whole_array(pa.chunked_array([checked.columns.pop(name) for checked in read]))
            for name in list(read[0].columns)
        }
        raw = replace(pieces.head, columns=(), rows=first)
        return Checked(table, raw, columns, reader.present, reader.leftover, book.groups())

    def _kept(self, passed: Passed) -> Checked:
        """Return the contracts that were kept as a table on its way."""
        pieces, reader = self._pieces[CONTRACTS.name], self._readers[CONTRACTS.name]
        kept = pa.Table.from_batches(passed.kept)
        columns = {name: whole_array(kept[name]) for name in kept.column_names}
        add_absent(CONTRACTS, columns, len(kept))
        row = numbers(columns[ROW])
        numbered = pieces.head.locate
        raw = replace(
            pieces.head, columns=(), rows=len(kept), locate=lambda rows: numbered(row[rows])
        )
        return Checked(CONTRACTS, raw, columns, reader.present, raw)

    def _ledgers(
        self,
        checked: Mapping[str, Checked],
        links: Links,
        warnings: list[FaultGroup],
    ) -> Ledgers:
        """Return the tables that are whole, but for releases, and the contracts kept."""
        contracts = checked[CONTRACTS.name]
        return Ledgers(
            {
                name: _of_dictionary(one.columns, self._readers[name])
                for name, one in checked.items()
                if name != RELEASES.name
            },
            parties_of(contracts.present),
            numbers(contracts.columns[BORROWER_TYPE]),
            links,
            {name: one.present for name, one in checked.items()},
            {name: replace(one.raw, columns=self._unused(name)) for name, one in checked.items()},
            tuple(warnings),
        )

    def _unused(self, name: str) -> tuple[RawColumn, ...]:
        """Return the headings of a table that the dictionary does not use, without their cells."""
        return tuple(RawColumn(column.heading) for column in self._readers[name].leftover.columns)

    def _extras(self, tables: Mapping[str, Checked]) -> Extras:
        """Return the policy's own columns, as they were read with the others."""
        columns = {
            f"{name}.{column}": tables[name].columns[column]
            for name, reader in self._readers.items()
            for column in reader.extra_present
        }
        headings = (
            (name, heading)
            for name, reader in self._readers.items()
            for heading in reader.extra_present.values()
        )
        return Extras(columns, frozenset(headings))


class Seen(NamedTuple):
    """What is held of the tables once they have been checked.

    `of_books`: (contracts,) the place of each contract kept among those that count; `of_release`:
    (releases,) that of the contract of each.
    """

    ledgers: Ledgers
    releases: Checked
    extras: Extras
    of_books: Integers
    of_release: Integers


def seen_as_of(seen: Seen, day: int, contracts: Moved, alike: Sequence[FaultGroup]) -> Seen:
    """Return what is held as it stood at the end of ``day``.

    `contracts`: which of all contracts count; `alike`: the warnings of their borrowers.
    """
    counted = moved(counting(RELEASES.name, seen.releases.columns, day))
    stay = {**staying(seen.ledgers, day), RELEASES.name: counted}
    ledgers = replace(
        ledgers_as_of(seen.ledgers, stay, day), links=links_as_of(seen.ledgers.links, stay)
    )
    columns = columns_as_of(RELEASES.name, seen.releases.columns, day, counted.rows)
    releases = replace(seen.releases, columns=columns, raw=ledgers.leftover[RELEASES.name])
    found = row_guards(ledgers, releases)
    extras = {
        key: until(column.filter(arrow(stay[key.partition(".")[0]].rows)), day)
        for key, column in seen.extras.columns.items()
    }
    return Seen(
        replace(ledgers, warnings=(*ledgers.warnings, *found, *alike)),
        releases,
        replace(seen.extras, columns=extras),
        contracts.followed(seen.of_books[stay[CONTRACTS.name].rows]),
        contracts.followed(seen.of_release[counted.rows]),
    )


def _books(seen: Seen, kept: ContractNumbers) -> Books:
    """Return the books of all contracts that count."""
    ledgers, releases = seen.ledgers, seen.releases
    return Books(
        institutions=ledgers.rows("institutions"),
        institution=kept.institution,
        borrower=kept.borrower,
        borrower_institution=kept.borrower_institution,
        guaranteed=kept.guaranteed,
        start=kept.start,
        release=kept.release,
        release_of=seen.of_release,
        release_day=releases.numbers("release_date"),
        release_amount=releases.numbers("amount"),
        payout_of=seen.of_books[ledgers.links.claim_contract],
        payout_day=ledgers.numbers("claims", "payout_date"),
        payout=payouts(ledgers),
        opening_balance=ledgers.numbers("institutions", "opening_balance"),
        opening_balance_given=ledgers.known("institutions", "opening_balance"),
        opening_borrowers=ledgers.numbers("institutions", "opening_borrowers"),
        opening_borrowers_given=ledgers.known("institutions", "opening_borrowers"),
        opening_year=ledgers.numbers("institutions", "opening_year"),
        opening_year_given=ledgers.known("institutions", "opening_year"),
    )


def _of_dictionary(columns: Mapping[str, pa.Array], reader: TableReader) -> dict[str, pa.Array]:
    """Return the columns without the policy's own and those that only a pass needs."""
    own = (ROW, INSTITUTION, BORROWER_TYPE, *reader.extra_present)
    return {name: column for name, column in columns.items() if name not in own}
