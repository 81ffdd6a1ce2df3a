"""From the tables of an input to checked ledgers: every fault of the input, all of them together.

There is one sequence of checks, for files, frames and parts of larger inputs. The headings of all
tables are settled first; then the tables are read, each by itself, but for contracts, which are
read block by block with what is known of the other tables (`contract_blocks`). What tables must be
to each other is listed in `table_checks`. Nothing raises half-way: all faults are raised at the
end. A policy is known here by the names of columns only. Source: the contract, sections 1, 2 and 7.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from compensation.arrays import numbers
from compensation.columns import Integers
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.books import Books
from compensation.ledger.checked import Checked, Tables
from compensation.ledger.contract_blocks import (
    BORROWER_TYPE,
    INSTITUTION,
    ROW,
    ContractBlocks,
    PassResult,
)
from compensation.ledger.contract_numbers import ContractNumbers
from compensation.ledger.digest import digested
from compensation.ledger.fault_book import FaultBook, without_consequences
from compensation.ledger.guards import GUARDS, alike_warnings
from compensation.ledger.ids_and_totals import (
    can_be_known,
    check_ids,
    check_known,
    check_reference,
    total_faults,
    totals_of,
)
from compensation.ledger.portfolio import NO_DAY, Ledgers, Links, Portfolio
from compensation.ledger.records import Record
from compensation.ledger.table_checks import CHECKS, parties_of
from compensation.ledger.table_reader import TableReader, add_absent
from compensation.ledger.whole_tables import whole_table
from compensation.schema.column import Column
from compensation.schema.dictionary import CONTRACTS, PAYMENTS, RELEASES, TABLES, Table, tables_with
from compensation.schema.parties import SHARE_PREFIX
from compensation.tables.pieces import Pieces, WorkerPool, pieces_of
from compensation.tables.raw import RawColumn, RawTable, whole_array

Step = Callable[[int, int], object]
LINKED = ("claims", "recoveries", "payments", "remittances")
"""The tables whose references ledgers keep, in the order of `Links`."""


def tell_nobody(_done: int, _all: int) -> None:
    """Ignore the progress."""


class Loading:
    """An input whose headings are settled, on its way to ledgers; see the module.

    A table that is not in ``tables`` counts as having no rows; `faults` are those met so far.
    `extra`: the columns that a policy adds, by table; None: not known yet, so that headings that
    may be of such columns are held for later. `part`: the tables are some institutions' part of a
    larger input, whose other parts may have the rows that a table lacks here. `record`: what the
    cases of policies are, where that is known; with `extra` they are payouts.

    `present`: the columns of each table of the input. `rows`: how many rows each table has.
    """

    def __init__(
        self,
        tables: Mapping[str, Pieces],
        faults: Iterable[FaultGroup] = (),
        extra: Mapping[str, Sequence[Column]] | None = None,
        *,
        part: bool = False,
        record: Record | None = None,
    ) -> None:
        self._extra, self._record = extra, record
        absent = {table.name: pieces_of(RawTable(table.name, (), 0)) for table in TABLES}
        self._pieces = {**absent, **tables}
        self._book = FaultBook()
        self._unread: dict[str, list[FaultGroup]] = {}
        self.readers: dict[str, TableReader] = {}
        found = list(faults)
        known = tables_with(tables)
        for table in (t._replace(may_be_empty=t.may_be_empty or part) for t in known):
            head = self._pieces[table.name].head
            reader = TableReader(table, head, (extra or {}).get(table.name, ()))
            self.readers[table.name] = reader
            found, self._unread[table.name] = reader.sort_out(found)
            if table.name in tables:
                self.report([*reader.faults, *_no_rows(table, tables[table.name].rows)])
            if extra is not None:
                self.report(reader.extra_faults)
        self.report(found)
        self.rows: dict[str, int] = {name: pieces.rows for name, pieces in self._pieces.items()}
        self.present: dict[str, frozenset[str]] = {
            name: self.readers[name].present | self.readers[name].extra_present for name in tables
        }

    @property
    def faults(self) -> list[FaultGroup]:
        """What has been found wrong so far."""
        return self._book.groups()

    def report(self, faults: Iterable[FaultGroup]) -> None:
        """Add faults; `load` raises them with those that it finds."""
        self._book.add(faults)

    def load(
        self,
        tested: Collection[str] | None = None,
        step: Step = tell_nobody,
        day: int | None = None,
    ) -> Ledgers:
        """Read and check all tables; raise `InputFaults` with every fault.

        `tested`: the columns to hold of all contracts; the others are held only of contracts that
        claims name, and releases are not held. None: everything is held. `step` is called with the
        number of contracts done, and of all contracts. `day`: the day as of which `ledgers_as_of`
        will be asked for; with `tested`, what is known only of contracts held, their digest and
        whose ids are alike, is that of the day, and releases are held until then.
        """
        keep_all = tested is None
        keep_releases = keep_all or day is not None
        kept = ContractNumbers(self.rows[CONTRACTS.name], self._of_all(tested or ()))
        with WorkerPool(max(self.rows.values())) as workers:
            others = {t.name: self._whole(t, workers) for t in TABLES if t is not CONTRACTS}
            names = () if keep_releases else self.readers[RELEASES.name].names
            releases = {name: others[RELEASES.name].columns[name] for name in names}
            digest = workers.threads.submit(digested, releases)
            passed = self._pass(others, kept, workers, step, day, keep_all=keep_all)
            digests = {CONTRACTS.name: passed.digest, RELEASES.name: digest.result()}
        tables = self._linked(others, passed)
        warnings = self._check(tables, passed)
        books = _books(others, passed, kept)
        ledgers = self._ledgers(tables, books, warnings)
        if keep_all:
            return ledgers
        held = dict(ledgers.tables)
        if keep_releases:
            del digests[RELEASES.name]
        else:
            del held[RELEASES.name]
        contracts = ledgers.unmapped[CONTRACTS.name]._replace(
            locate=self._pieces[CONTRACTS.name].head.locate
        )
        every = replace(
            ledgers,
            tables={CONTRACTS.name: kept.tested()},
            borrower_type=kept.types,
            unmapped={CONTRACTS.name: contracts},
        )
        return replace(ledgers, tables=held, every_contract=every, digests=digests)

    def _of_all(self, tested: Collection[str]) -> list[str]:
        """Return the columns to hold of all contracts.

        A blank share is 0 beside other shares, so where one is tested all of them are held.
        """
        present = self.readers[CONTRACTS.name].present
        shares = {name for name in present if name.startswith(SHARE_PREFIX)}
        return sorted({*tested, *(() if shares.isdisjoint(tested) else shares)})

    def _whole(self, table: Table, workers: WorkerPool) -> Checked:
        """Read a table whole and check it by itself; its faults are numbered by its rows."""
        pieces, reader = self._pieces[table.name], self.readers[table.name]
        book = FaultBook()
        read: list[Checked] = []
        rows = 0
        for checked in workers.map(reader.read, pieces.read(reader.read_places)):
            book.add(checked.faults, rows)
            rows += checked.raw.rows
            read.append(replace(checked, raw=pieces.head))
        read = read or [reader.read(pieces.head)]
        columns = _joined([checked.columns for checked in read])
        raw = pieces.head._replace(columns=(), rows=rows)
        whole = replace(read[0], raw=raw, columns=columns, faults=book.groups())
        check_ids(whole)
        for column, total in totals_of(whole).items():
            whole.faults += total_faults(total, table.name, column)
        return whole

    def _pass(
        self,
        others: Mapping[str, Checked],
        kept: ContractNumbers,
        workers: WorkerPool,
        step: Step,
        day: int | None,
        *,
        keep_all: bool,
    ) -> PassResult:
        """Read and check all contracts, with the other tables."""
        # What reading those took goes back to the system before the contracts need it.
        pa.default_memory_pool().release_unused()
        reader, contracts = self.readers[CONTRACTS.name], self._pieces[CONTRACTS.name]
        sound = not (self._book or any(checked.faults for checked in others.values()))
        contract_blocks = ContractBlocks(
            reader, contracts, others, kept, workers, step, keep_all=keep_all, sound=sound, day=day
        )
        return contract_blocks.run()

    def _linked(self, others: Mapping[str, Checked], passed: PassResult) -> Tables:
        """Return all tables, with the contracts that were kept, and what their rows belong to."""
        pieces, reader = self._pieces[CONTRACTS.name], self.readers[CONTRACTS.name]
        columns = _joined(passed.kept)
        row = numbers(columns[ROW])
        add_absent(reader.table, columns, len(row))
        numbered = pieces.head.locate
        raw = pieces.head._replace(
            columns=(), rows=len(row), locate=lambda rows: numbered(row[rows])
        )
        contracts = Checked(reader.table, raw, columns, reader.present, raw)
        tables = {t.name: others.get(t.name, contracts) for t in TABLES}
        of = {CONTRACTS.name: numbers(columns[INSTITUTION])}
        if can_be_known(reader.table, reader.present, pieces.rows):
            check_known(others["releases"], reader.table, passed.release_contract)
            check_known(others["claims"], reader.table, passed.claim_contract)
            check_known(others["contract_years"], reader.table, passed.year_contract)
        unknown = passed.claim_contract == ids.UNKNOWN
        of["claims"] = np.where(unknown, ids.UNKNOWN, np.searchsorted(row, passed.claim_contract))
        for name, checked in others.items():
            reference = checked.table.reference
            if reference is not None and reference.refers_to != CONTRACTS.name:
                of[name] = self._reference(checked, tables[reference.refers_to or ""])
        return Tables(tables, of)

    def _reference(self, checked: Checked, target: Checked) -> Integers:
        """Return the row of ``target`` that each row names; payments may name none yet.

        They may be of contracts or institutions, which a policy must say. Where none is known, they
        are taken to be where no payment names a claim.
        """
        if checked.table.name == PAYMENTS.name and not self._name_claims(checked, target):
            return np.full(checked.raw.rows, ids.UNKNOWN, dtype=np.int64)
        return check_reference(checked, target)

    def _name_claims(self, payments: Checked, claims: Checked) -> bool:
        if self._record not in (None, "payout"):
            return False
        if not claims.raw.rows or self._record or self._extra is not None:
            return claims.raw.rows > 0
        named = claims.index("claim_id").positions_of(payments.columns["claim_id"])
        return bool((named != ids.UNKNOWN).any())

    def _check(self, tables: Tables, passed: PassResult) -> list[FaultGroup]:
        """Return the warnings; raise `InputFaults` where anything is wrong."""
        warnings = [warning for reader in self.readers.values() for warning in reader.warnings]
        for check in CHECKS:
            warnings += check(tables)
        for checked in tables.tables.values():
            self.report(checked.faults)
        self.report(passed.faults)
        if self._book:
            if self._extra is None:
                # What headings may mean helps to mend the rest, also before a policy is known.
                self.report(f for reader in self.readers.values() for f in reader.unmapped.asked)
            raise InputFaults(without_consequences(self.faults))
        for name, reader in self.readers.items():
            warnings += reader.units_of_some(tables[name].columns)
        return [*warnings, *self._guard(tables, passed)]

    def _guard(self, tables: Tables, passed: PassResult) -> list[FaultGroup]:
        """Return the warnings of rows that may be a mistake together."""
        locate = self._pieces[CONTRACTS.name].head.locate
        found = [warning for guard in GUARDS for warning in guard(tables)]
        return [*found, *alike_warnings(passed.alike, locate)]

    def _ledgers(self, tables: Tables, books: Books, warnings: list[FaultGroup]) -> Ledgers:
        contracts = tables[CONTRACTS.name].columns
        of_pass = (INSTITUTION, BORROWER_TYPE, ROW)
        institution, borrower_type, row = (numbers(contracts.pop(name)) for name in of_pass)
        return Ledgers(
            {name: checked.columns for name, checked in tables.tables.items()},
            parties_of(self.readers[CONTRACTS.name].present),
            borrower_type,
            Links(institution, row, *(tables.of[name] for name in LINKED)),
            {name: self.present.get(name, frozenset()) for name in self.readers},
            {name: self._leftover(checked) for name, checked in tables.tables.items()},
            books,
            tuple(warnings),
            agreed={name: reader.agreed for name, reader in self.readers.items()},
        )

    def _leftover(self, checked: Checked) -> RawTable:
        """Return the headings of a table that nobody has read, without their cells."""
        name = checked.table.name
        reader = self.readers[name]
        return reader.unmapped._replace(
            columns=tuple(RawColumn(reader.head.columns[at].heading) for at in reader.unused),
            rows=checked.raw.rows,
            locate=checked.raw.locate,
            unread=tuple(self._unread[name]),
        )


def _no_rows(table: Table, rows: int) -> list[FaultGroup]:
    """Return the fault of a table that has no rows and must have some."""
    if rows or table.may_be_empty:
        return []
    message = Text("表中没有任何记录", "the table has no rows")
    return [whole("no_rows", message, table=table.name)]


def _joined(blocks: list[dict[str, pa.Array]]) -> dict[str, pa.Array]:
    """Return the columns of blocks, which are emptied: no more than one column is held twice."""
    names = list(blocks[0])
    filled = [block for block in blocks if len(block[names[0]])] or blocks[:1]
    return {
        name: whole_array(pa.chunked_array([block.pop(name) for block in filled])) for name in names
    }


def _books(tables: Mapping[str, Checked], passed: PassResult, kept: ContractNumbers) -> Books:
    """Return the books of all contracts; payouts are principal plus interest."""
    institutions, releases, claims = (
        tables[name] for name in ("institutions", "releases", "claims")
    )
    return Books(
        institutions=institutions.raw.rows,
        institution=kept.institution,
        borrower=kept.borrower,
        borrower_institution=kept.borrower_institution,
        guaranteed=kept.guaranteed,
        start=kept.start,
        release=kept.release,
        release_of=passed.release_contract,
        release_day=numbers(releases.columns["release_date"], NO_DAY),
        release_amount=releases.numbers("amount"),
        payout_of=passed.claim_contract,
        payout_day=claims.numbers("payout_date"),
        payout=claims.numbers("principal") + claims.numbers("interest"),
        opening_balance=institutions.numbers("opening_balance"),
        opening_balance_given=institutions.known("opening_balance"),
        opening_borrowers=institutions.numbers("opening_borrowers"),
        opening_borrowers_given=institutions.known("opening_borrowers"),
        opening_year=institutions.numbers("opening_year"),
        opening_year_given=institutions.known("opening_year"),
    )


def portfolio_of(
    tables: Mapping[str, Pieces],
    faults: Iterable[FaultGroup] = (),
    *,
    part: bool = False,
    record: Record | None = None,
) -> Portfolio:
    """Check tables and return the portfolio; see `Loading`. Raises `InputFaults`."""
    loading = Loading(tables, faults, part=part, record=record)
    ledgers = loading.load()
    unmapped = {
        name: _with_cells(raw, tables[name], loading.readers[name])
        for name, raw in ledgers.unmapped.items()
        if name in tables
    }
    return Portfolio(**{**vars(ledgers), "unmapped": {**ledgers.unmapped, **unmapped}})


def _with_cells(unmapped: RawTable, pieces: Pieces, reader: TableReader) -> RawTable:
    """Return the columns that nobody has read with their cells.

    One that cannot be read is left out, with a fault for whoever looks for it. Raises `InputFaults`
    where the file is broken.
    """
    columns: list[RawColumn] = []
    unread = list(unmapped.unread)
    for place in reader.unused:
        try:
            columns += whole_table(pieces, reader.table, [place]).columns
        except InputFaults as wrong:
            if any(fault.column is None for fault in wrong.faults.groups):
                raise
            unread += wrong.faults.groups
    return unmapped._replace(columns=tuple(columns), unread=tuple(unread))
