"""All contracts once, block by block, in the order of the file.

Each block is one job: its cells are read, its rows checked, its ids hashed and compared with those
of releases and claims. What stays of a contract are a few numbers; texts stay only of contracts
that claims name. Nothing depends on how many threads there are or on the size of the blocks.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, known
from compensation.columns import Integers, distinct
from compensation.ledger import ids
from compensation.ledger.as_of import columns_as_of, counting
from compensation.ledger.checked import Checked
from compensation.ledger.contract_numbers import ContractNumbers
from compensation.ledger.dictionary import CONTRACTS
from compensation.ledger.digest import Blocks, DigestedTable, HashedBlock, hashed
from compensation.ledger.fault_book import FaultBook
from compensation.ledger.fault_groups import FaultGroup
from compensation.ledger.fingerprints import fingerprints
from compensation.ledger.guards import NO_ALIKE, Alike, alike_borrowers
from compensation.ledger.pieces import Hands, Pieces
from compensation.ledger.raw import RawTable
from compensation.ledger.table_checks import (
    borrower_types_of,
    check_contract_dates,
    check_reference,
    check_releases,
    check_shares,
    exact_sum,
    repeated,
    total_faults,
)
from compensation.ledger.table_reader import TableReader

RELEASE = 16
"""Blocks after which memory that Arrow keeps in store goes back to the system."""
ROW, INSTITUTION, BORROWER_TYPE = "#row", "#institution", "#borrower_type"
"""Columns of kept contracts: the row in the whole table, the row of the institution, and the type
of the borrower, given or derived."""


@dataclass(frozen=True, eq=False)
class Setting:
    """What the contracts are seen with: the other tables.

    `contracts`, `reader`: the contracts, to be read block by block. `claim_contracts`,
    `release_contracts`: what the claims and releases are of; `named`: all of these. `numbers`:
    takes what stays of all contracts. `sound`: whether nothing is wrong with the other tables; else
    no numbers are kept. `day`: as of which contracts count; None where all do. `step`: is told how
    many contracts are done, and of how many.
    """

    parties: tuple[str, ...]
    contracts: Pieces
    reader: TableReader
    institutions: Checked
    releases: Checked
    claim_contracts: ids.Sorted
    release_contracts: ids.Sorted
    named: ids.Likely
    numbers: ContractNumbers
    sound: bool
    day: int | None
    step: Callable[[int, int], object]


@dataclass(eq=False)
class Passed:
    """What is left when all contracts have passed.

    `content`: their digest. `release_contract`, `claim_contract`: (releases,), (claims,) row of the
    contract; `ids.UNKNOWN` where there is none. `kept`: the contracts that claims name, in the
    order of the file. `alike`: borrowers whose ids are alike.
    """

    release_contract: Integers
    claim_contract: Integers
    kept: list[pa.RecordBatch]
    content: DigestedTable = field(default_factory=DigestedTable)
    alike: Alike = NO_ALIKE
    faults: list[FaultGroup] = field(default_factory=list)


def pass_contracts(setting: Setting, hands: Hands) -> Passed:
    """Take all contracts through; see `Passed`.

    Raises `InputFaults` where the file cannot be read to its end.
    """
    return _Pass(setting, hands).through()


@dataclass(frozen=True, eq=False)
class _Block:
    """What one block came to; rows of contracts are those of the whole table.

    `columns`: of the contracts that count.
    """

    rows: int
    columns: dict[str, pa.Array]
    faults: list[FaultGroup]
    release_faults: list[FaultGroup]
    guaranteed: int
    release: tuple[Integers, Integers]
    claim: tuple[Integers, Integers]
    kept: pa.RecordBatch


class _Pass:
    """One pass over the contracts."""

    def __init__(self, setting: Setting, hands: Hands) -> None:
        self._setting, self._hands = setting, hands
        self._book = FaultBook()
        self._prints = np.empty(setting.contracts.rows, dtype=np.uint64)
        self._hashes: deque[Future[HashedBlock]] = deque()
        self._passed = Passed(
            np.full(setting.releases.raw.rows, ids.UNKNOWN),
            np.full(len(setting.claim_contracts.ids), ids.UNKNOWN),
            [self._work(setting.contracts.head, 0).kept],
        )

    def through(self) -> Passed:
        """Work on all blocks, and put together what they come to."""
        passed, setting = self._passed, self._setting
        digest = Blocks()
        done = guaranteed = 0
        blocks = self._hands.map(lambda given: self._work(*given), self._placed())
        for number, block in enumerate(blocks, 1):
            self._take(block, done)
            done += block.rows
            guaranteed += block.guaranteed
            for part in digest.add(block.columns):
                self._hash(part)
            setting.step(done, setting.contracts.rows)
            if number % RELEASE == 0:
                pa.default_memory_pool().release_unused()
        for part in digest.rest():
            self._hash(part)
        self._take_hashes(0)
        self._book.add(total_faults(guaranteed, CONTRACTS.name, "guaranteed_amount"))
        self._check_ids()
        del self._prints
        passed.faults = self._book.groups()
        if setting.sound and not self._book:
            passed.alike = self._alike(setting.numbers.number_borrowers(setting.day))
        return passed

    def _placed(self) -> Iterator[tuple[RawTable, int]]:
        """Yield the blocks, and the row that each begins at."""
        reader, first = self._setting.reader, 0
        for piece in self._setting.contracts.read(reader.read_places):
            yield piece, first
            first += piece.rows

    def _work(self, piece: RawTable, first: int) -> _Block:
        """Read and check a block and its releases, and say which claims are of it."""
        setting = self._setting
        checked = setting.reader.read(piece)
        institution = check_reference(
            checked, "institution_id", setting.institutions, "institution_id"
        )
        check_contract_dates(checked)
        check_shares(checked, setting.parties)
        types = borrower_types_of(checked)
        prints = fingerprints(checked.columns["contract_id"])
        self._prints[first : first + piece.rows] = prints
        named = np.flatnonzero(setting.named(prints))
        names = checked.columns["contract_id"].take(arrow(named))
        own = ids.Sorted(names, prints[named], once=True)
        of_release, release = own.matches(setting.release_contracts)
        of_claim, claim = own.matches(setting.claim_contracts)
        of_release, of_claim = named[of_release], named[of_claim]
        releases = self._releases(release)
        check_releases(releases, checked, of_release)
        if setting.sound and not (self._book or checked.faults or releases.faults):
            setting.numbers.take(first, checked, institution, types)
        columns = {name: checked.columns[name] for name in setting.reader.names}
        counted = columns
        if setting.day is not None:
            rows = counting(CONTRACTS.name, checked.columns, setting.day)
            counted = columns_as_of(CONTRACTS.name, columns, setting.day, rows)
        kept = arrow(distinct(of_claim))
        held = {
            **columns,
            INSTITUTION: arrow(institution),
            BORROWER_TYPE: arrow(types),
            ROW: arrow(np.arange(first, first + piece.rows)),
        }
        return _Block(
            piece.rows,
            counted,
            checked.faults,
            _renumbered(releases.faults, release),
            exact_sum(checked.numbers("guaranteed_amount")),
            (release, of_release + first),
            (claim, of_claim + first),
            pa.RecordBatch.from_arrays([each.take(kept) for each in held.values()], list(held)),
        )

    def _take(self, block: _Block, first: int) -> None:
        """Put what a block came to with what the others came to."""
        passed = self._passed
        release, its_contract = block.release
        fresh = passed.release_contract[release] == ids.UNKNOWN
        faults, release_faults = block.faults, block.release_faults
        if not fresh.all():
            # An earlier contract has the same id: its are the releases, as in a whole table.
            faults = _without(faults, its_contract[~fresh] - first, "over_released")
            release_faults = _without(release_faults, release[~fresh])
        self._book.add(faults, first)
        self._book.add(release_faults)
        passed.release_contract[release[fresh]] = its_contract[fresh]
        claim, its_contract = block.claim
        fresh = passed.claim_contract[claim] == ids.UNKNOWN
        passed.claim_contract[claim[fresh]] = its_contract[fresh]
        passed.kept.append(block.kept)

    def _hash(self, block: dict[str, list[pa.Array]]) -> None:
        self._hashes.append(self._hands.pool.submit(hashed, block))
        self._take_hashes(4 * self._hands.count)

    def _take_hashes(self, waiting: int) -> None:
        while len(self._hashes) > waiting:
            self._passed.content.add(self._hashes.popleft().result())

    def _releases(self, rows: Integers) -> Checked:
        """Return some releases, of which nothing but day and amount is looked at."""
        releases = self._setting.releases
        columns = {
            name: releases.columns[name].take(arrow(rows)) for name in ("release_date", "amount")
        }
        raw = RawTable(releases.table.name, (), len(rows), locate=releases.raw.locate)
        return Checked(releases.table, raw, columns, releases.present, raw)

    def _check_ids(self) -> None:
        """Check that no contract id is there twice; the texts are read again where one may be."""
        setting = self._setting
        if "contract_id" not in setting.reader.present:  # said once, as a fault of the headings
            return
        suspects = ids.repeats(self._prints, self._hands.pool)
        if not len(suspects):
            return
        rows = np.flatnonzero(ids.is_in(self._prints, suspects))
        values = self._texts("contract_id", rows)
        filled = np.flatnonzero(known(values))
        rows, values = rows[filled], values.take(arrow(filled))
        again = np.sort(ids.duplicates(values)[0])
        head = setting.contracts.head
        raw = RawTable(CONTRACTS.name, (), setting.contracts.rows, locate=head.locate)
        checked = Checked(CONTRACTS, raw, {}, setting.reader.present, raw)
        repeated(checked, "contract_id", rows[again], values.take(arrow(again)))
        self._book.add(checked.faults)

    def _alike(self, rows: Integers) -> Alike:
        """Find borrowers whose ids are alike among those of some contracts, whose ids may be."""
        if not len(rows):
            return NO_ALIKE
        numbers = self._setting.numbers
        institution = numbers.institution[rows].astype(np.int64)
        of_file = rows if numbers.stay is None else np.flatnonzero(numbers.stay.rows)[rows]
        texts = self._texts("borrower_id", of_file)
        return alike_borrowers(institution, np.arange(len(rows)), texts).moved(of_file)

    def _texts(self, column: str, rows: Integers) -> pa.Array:
        """Return the cells of a column of ids at rows, which come in order, at least one."""
        contracts, reader = self._setting.contracts, self._setting.reader
        found, first = [], 0
        for piece in contracts.read(reader.places([column])):
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
        left = np.flatnonzero(~np.isin(group.rows, rows))
        values = None if group.values is None else [group.values[at] for at in left.tolist()]
        kept.append(replace(group, rows=group.rows[left], values=values))
    return [group for group in kept if group.rows is None or len(group.rows)]
