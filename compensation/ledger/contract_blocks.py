"""All contracts once, block by block, in the order of the file.

Each block is one job: its cells are read, its rows checked, its ids hashed and compared with those
of releases and claims. What stays of a contract are a few numbers; texts stay only of contracts
that claims name. Nothing depends on how many threads there are or on the size of the blocks.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, known
from compensation.columns import Integers, Whole, distinct
from compensation.faults.groups import FaultGroup
from compensation.ledger import ids
from compensation.ledger.as_of import columns_as_of, counting
from compensation.ledger.checked import Checked, Tables
from compensation.ledger.contract_numbers import ContractNumbers
from compensation.ledger.digest import Blocks, DigestedTable, HashedBlock, hashed
from compensation.ledger.fault_book import FaultBook
from compensation.ledger.guards import NO_ALIKE, Alike, alike_borrowers
from compensation.ledger.id_hashes import repeated_rows
from compensation.ledger.ids_and_totals import (
    check_reference,
    repeated,
    total_faults,
    totals_of,
)
from compensation.ledger.table_checks import CONTRACT_CHECKS, borrower_types_of
from compensation.ledger.table_reader import TableReader
from compensation.schema.dictionary import CONTRACTS
from compensation.tables.pieces import Pieces, WorkerPool
from compensation.tables.raw import RawTable

RELEASE = 16
"""Blocks after which memory that Arrow keeps in store goes back to the system."""
ROW, INSTITUTION, BORROWER_TYPE = "#row", "#institution", "#borrower_type"
"""Columns of kept contracts: the row in the whole table, the row of the institution, and the type
of the borrower, given or derived."""


@dataclass(eq=False)
class PassResult:
    """What is left when all contracts have passed.

    `release_contract`, `claim_contract`, `year_contract`: (releases,), (claims,), (contract_years,)
    row of the contract; `ids.UNKNOWN` where there is none. `kept`: blocks of the contracts that are
    kept, in the order of the file.
    `digest`: of all contracts, empty where all are kept. `alike`: borrowers whose ids are alike.
    """

    release_contract: Whole
    claim_contract: Integers
    year_contract: Integers
    kept: list[dict[str, pa.Array]]
    digest: DigestedTable = field(default_factory=DigestedTable)
    alike: Alike = NO_ALIKE
    faults: list[FaultGroup] = field(default_factory=list)


class _Block(NamedTuple):
    """What one block came to; rows of contracts are those of the whole table.

    `counted`: the columns of the contracts that count, for the digest.
    """

    rows: int
    counted: dict[str, pa.Array]
    faults: list[FaultGroup]
    release_faults: list[FaultGroup]
    totals: Counter[str]
    release: tuple[Integers, Integers]
    claim: tuple[Integers, Integers]
    year: tuple[Integers, Integers]
    kept: dict[str, pa.Array]


class ContractBlocks:
    """One pass over the contracts, with the other tables, by name.

    `numbers`: takes what stays of all contracts. `keep_all`: keep them all whole, and take no
    digest; else only those that claims name are kept. `sound`: whether nothing is wrong with the
    other tables; else no numbers are kept. `day`: the day at whose end the ledgers will be looked
    at, for the digest and borrowers alike; None: every contract counts. `step`: is told how many
    contracts are done, and of all.
    """

    def __init__(
        self,
        reader: TableReader,
        contracts: Pieces,
        others: Mapping[str, Checked],
        numbers: ContractNumbers,
        workers: WorkerPool,
        step: Callable[[int, int], object],
        *,
        keep_all: bool,
        sound: bool,
        day: int | None,
    ) -> None:
        self._reader, self._contracts, self._others = reader, contracts, others
        self._numbers, self._workers, self._step = numbers, workers, step
        self._keep_all, self._sound, self._day = keep_all, sound, day
        self._of_claims, self._of_releases, self._of_years = of = [
            ids.Sorted(others[name].columns["contract_id"])
            for name in ("claims", "releases", "contract_years")
        ]
        self._named = ids.Likely(*(each.prints for each in of))
        self._book = FaultBook()
        self._prints = np.empty(contracts.rows, dtype=np.uint64)
        self._hashes: deque[Future[HashedBlock]] = deque()
        self._result = PassResult(
            np.full(others["releases"].raw.rows, ids.UNKNOWN, dtype=np.int32),
            np.full(others["claims"].raw.rows, ids.UNKNOWN),
            np.full(others["contract_years"].raw.rows, ids.UNKNOWN),
            [],
        )

    def run(self) -> PassResult:
        """Take all contracts through; raise `InputFaults` where the file is broken further on."""
        result, digest = self._result, Blocks()
        done, totals = 0, Counter[str]()
        blocks = self._workers.map(lambda given: self._work(*given), self._placed())
        for number, block in enumerate(blocks, 1):
            self._take(block, done)
            done += block.rows
            totals += block.totals
            self._hash(() if self._keep_all else digest.add(block.counted))
            self._step(done, self._contracts.rows)
            if number % RELEASE == 0:
                pa.default_memory_pool().release_unused()
        self._hash(digest.rest())
        self._take_hashes(0)
        result.kept = result.kept or [self._work(self._contracts.head, 0).kept]
        # What tells the ids of other tables takes as much as the numbers of millions of contracts.
        del self._of_claims, self._of_releases, self._of_years, self._named
        pa.default_memory_pool().release_unused()
        for column, total in totals.items():
            self._book.add(total_faults(total, CONTRACTS.name, column))
        self._check_ids()
        del self._prints
        result.faults = self._book.groups()
        if self._sound and not self._book:
            threads = self._workers.threads
            result.alike = self._alike(self._numbers.number_borrowers(threads, self._day))
        return result

    def _placed(self) -> Iterator[tuple[RawTable, int]]:
        """Yield the blocks, and the row that each begins at."""
        first = 0
        for piece in self._contracts.read(self._reader.read_places):
            yield piece, first
            first += piece.rows

    def _work(self, piece: RawTable, first: int) -> _Block:
        """Read and check a block and its releases, and say which claims are of it."""
        checked = self._reader.read(piece)
        institution = check_reference(checked, self._others["institutions"])
        prints = checked.id_hashes("contract_id")
        self._prints[first : first + piece.rows] = prints
        named = np.flatnonzero(self._named(prints))
        names = checked.columns["contract_id"].take(arrow(named))
        own = ids.Sorted(names, prints[named], once=True)
        of_release, release = own.matches(self._of_releases)
        of_claim, claim = own.matches(self._of_claims)
        of_year, year = own.matches(self._of_years)
        of_release, of_claim, of_year = named[of_release], named[of_claim], named[of_year]
        releases = self._releases(release)
        tables = {CONTRACTS.name: checked, "releases": releases}
        for check in CONTRACT_CHECKS:
            check(Tables(tables, {"releases": of_release}))
        types = borrower_types_of(checked)
        if self._sound and not (self._book or checked.faults or releases.faults):
            self._numbers.take(first, checked, institution, types)
        row = np.arange(first, first + piece.rows)
        held = {
            **checked.columns,
            INSTITUTION: arrow(institution),
            BORROWER_TYPE: arrow(types),
            ROW: arrow(row),
        }
        if not self._keep_all:
            claimed = arrow(distinct(of_claim))
            held = {name: column.take(claimed) for name, column in held.items()}
        return _Block(
            piece.rows,
            self._counted(checked),
            checked.faults,
            _renumbered(releases.faults, release),
            totals_of(checked),
            (release, of_release + first),
            (claim, of_claim + first),
            (year, of_year + first),
            held,
        )

    def _counted(self, contracts: Checked) -> dict[str, pa.Array]:
        """Return the columns that were read, of the contracts that count."""
        columns = {name: contracts.columns[name] for name in self._reader.names}
        if self._day is None:
            return columns
        rows = counting(CONTRACTS.name, contracts.columns, self._day)
        agreed = {CONTRACTS.name: self._reader.agreed}
        return columns_as_of(CONTRACTS.name, columns, self._day, rows, agreed)

    def _take(self, block: _Block, first: int) -> None:
        """Put what a block came to with what the others came to."""
        result = self._result
        release, its_contract = block.release
        fresh = result.release_contract[release] == ids.UNKNOWN
        faults, release_faults = block.faults, block.release_faults
        if not fresh.all():
            # An earlier contract has the same id: its are the releases, as in a whole table.
            faults = _without(faults, its_contract[~fresh] - first, "over_released")
            release_faults = _without(release_faults, release[~fresh])
        self._book.add(faults, first)
        self._book.add(release_faults)
        result.release_contract[release[fresh]] = its_contract[fresh]
        for (rows, its_contract), contract_of in (
            (block.claim, result.claim_contract),
            (block.year, result.year_contract),
        ):
            fresh = contract_of[rows] == ids.UNKNOWN
            contract_of[rows[fresh]] = its_contract[fresh]
        result.kept.append(block.kept)

    def _hash(self, blocks: Iterable[dict[str, list[pa.Array]]]) -> None:
        for block in blocks:
            self._hashes.append(self._workers.threads.submit(hashed, block))
            self._take_hashes(4 * self._workers.count)

    def _take_hashes(self, waiting: int) -> None:
        while len(self._hashes) > waiting:
            self._result.digest.add(self._hashes.popleft().result())

    def _releases(self, rows: Integers) -> Checked:
        """Return some releases, of which nothing but day and amount is looked at."""
        releases = self._others["releases"]
        columns = {
            name: releases.columns[name].take(arrow(rows)) for name in ("release_date", "amount")
        }
        raw = RawTable(releases.table.name, (), len(rows), locate=releases.raw.locate)
        return Checked(releases.table, raw, columns, releases.present, raw)

    def _check_ids(self) -> None:
        """Check that no contract id is there twice; the texts are read again where one may be."""
        reader, contracts = self._reader, self._contracts
        if "contract_id" not in reader.present:  # said once, as a fault of the headings
            return
        rows = repeated_rows(self._prints, self._workers.threads)
        if not len(rows):
            return
        values = self._texts("contract_id", rows)
        filled = np.flatnonzero(known(values))
        rows, values = rows[filled], values.take(arrow(filled))
        again = np.sort(ids.duplicates(values)[0])
        raw = RawTable(CONTRACTS.name, (), contracts.rows, locate=contracts.head.locate)
        checked = Checked(CONTRACTS, raw, {}, reader.present, raw)
        repeated(checked, "contract_id", rows[again], values.take(arrow(again)))
        self._book.add(checked.faults)

    def _alike(self, rows: Integers) -> Alike:
        """Find borrowers whose ids are alike among those of some contracts, whose ids may be."""
        if not len(rows):
            return NO_ALIKE
        institution = self._numbers.institution[rows].astype(np.int64)
        texts = self._texts("borrower_id", rows)
        return alike_borrowers(institution, np.arange(len(rows)), texts).moved(rows)

    def _texts(self, column: str, rows: Integers) -> pa.Array:
        """Return the cells of a column of ids at rows, which come in order, at least one."""
        reader, found, first = self._reader, [], 0
        for piece in self._contracts.read(reader.places([column])):
            start, stop = np.searchsorted(rows, [first, first + piece.rows])
            if start < stop:
                values = reader.column(column, piece).values
                found.append(values.take(arrow(rows[start:stop] - first)))
            first += piece.rows
        return pa.concat_arrays(found)


def _renumbered(groups: list[FaultGroup], rows: Integers) -> list[FaultGroup]:
    """Return faults of some rows of a table by the rows of the whole table."""
    return [
        group if group.rows is None else replace(group, rows=rows[group.rows]) for group in groups
    ]


def _without(groups: list[FaultGroup], rows: Integers, kind: str | None = None) -> list[FaultGroup]:
    """Return faults but for those at ``rows``; of one kind, if it is given."""
    kept = []
    for group in groups:
        if group.rows is None or kind not in (None, group.kind):
            kept.append(group)
            continue
        kept.append(group.only(np.flatnonzero(~np.isin(group.rows, rows))))
    return [group for group in kept if group.rows is None or len(group.rows)]
