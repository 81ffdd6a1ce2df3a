"""All contracts once through: read, checked, brought together by institution, and measured.

Pieces are read and parts are worked on side by side; what comes out does not depend on how many
hands there are, on the size of the pieces, or on the order of the contracts in the file.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, known, numbers
from compensation.columns import Flags, Integers, distinct
from compensation.gathering import Extras, Gathering, books_of, measures_of
from compensation.ledger import ids
from compensation.ledger.by_institution import (
    INSTITUTION,
    InOrder,
    NotInOrder,
    Parts,
    Sorting,
    institutions_of,
)
from compensation.ledger.checked import Checked
from compensation.ledger.checking import without_rows
from compensation.ledger.dictionary import CLAIMS, CONTRACTS, RECOVERIES
from compensation.ledger.digest import Blocks, DigestedTable, HashedBlock, hashed
from compensation.ledger.fault_book import FaultBook
from compensation.ledger.faults import FaultGroup
from compensation.ledger.fingerprints import Fingerprints, fingerprints
from compensation.ledger.guards import Alike, alike_borrowers
from compensation.ledger.pieces import Hands, Pieces
from compensation.ledger.portfolio import Links, Portfolio
from compensation.ledger.raw import RawTable, whole_array
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
from compensation.ledger.table_reader import TableReader, add_absent
from compensation.policy.catalogue import Policy
from compensation.policy.model import Measure
from compensation.rules.indicators import Openings, Ratio

ROW, BORROWER_TYPE = "#row", "#borrower_type"
"""Columns of a part: the row in the whole table, and the type of the borrower, given or derived."""
PAYOUTS = "payout_amount"
"""The measure that is taken from claims, not from contracts."""
NOBODY = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Setting:
    """What the contracts are seen with: the other tables, the policy, the year.

    `contracts`, `reader`: the contracts, to be read piece by piece. `claim_contracts`,
    `release_contracts`: what the claims and releases are of; `named`: all of these. `sound`:
    whether nothing is wrong with the other tables; else nothing is measured. `step`: is told how
    many contracts are done, and of how many.
    """

    policy: Policy
    year: int
    parties: tuple[str, ...]
    contracts: Pieces
    reader: TableReader
    institutions: Checked
    releases: Checked
    claim_contracts: ids.Sorted
    release_contracts: ids.Sorted
    named: ids.Likely
    sound: bool
    step: Callable[[int, int], object]


@dataclass(eq=False)
class Passed:
    """What is left when all contracts have passed.

    `content`: their digest. `measures`: of all institutions. `openings`: what contracts alone say
    of each institution's opening figures. `alike`: borrowers whose ids are alike. `kept`: the
    contracts that claims concern, in the order of the file, with their rows there. `claims`: pairs
    of a claim and its contract's row. `kept_releases`: pairs of a release and its contract's row,
    of kept contracts. `released`: which releases have a contract.
    """

    content: DigestedTable
    measures: dict[Measure, Ratio]
    openings: Openings
    released: Flags
    kept: pa.Table
    alike: list[Alike] = field(default_factory=list)
    faults: list[FaultGroup] = field(default_factory=list)
    claims: tuple[Integers, Integers] = (NOBODY, NOBODY)
    kept_releases: tuple[Integers, Integers] = (NOBODY, NOBODY)


def pass_contracts(setting: Setting, hands: Hands) -> Passed:
    """Take all contracts through; see `Passed`.

    Contracts that do not come by institution are sorted first, in files once they are many.
    Raises `InputFaults` where the file cannot be read to its end, OSError where the disk is full.
    """
    institutions = setting.institutions.raw.rows
    try:
        return _Pass(setting, hands).through(InOrder(institutions))
    except NotInOrder:
        with Sorting(institutions, setting.contracts.rows) as sorting:
            return _Pass(setting, hands).through(sorting)


@dataclass(frozen=True, eq=False)
class _Read:
    """A piece whose cells have been read and whose rows have been checked, each by itself."""

    rows: int
    contracts: pa.RecordBatch
    faults: list[FaultGroup]
    guaranteed: int


@dataclass(frozen=True, eq=False)
class _Kept:
    """What is kept of one part until the end; rows are those of the whole tables. See `Passed`."""

    contracts: pa.Table
    claims: tuple[Integers, Integers]
    releases: tuple[Integers, Integers]


@dataclass(frozen=True, eq=False)
class _Worked:
    """What one part came to."""

    faults: list[tuple[list[FaultGroup], Integers]]
    prints: Fingerprints
    released: Integers
    kept: _Kept
    institutions: Integers
    measured: _Measured | None


@dataclass(frozen=True, eq=False)
class _Measured:
    """What a part's institutions come to; see `Passed`."""

    measures: Mapping[Measure, Ratio]
    openings: Openings
    alike: Alike


class _Pass:
    """One pass over the contracts."""

    def __init__(self, setting: Setting, hands: Hands) -> None:
        self._setting, self._hands = setting, hands
        self._measures = [m for m in measures_of(setting.policy) if m.of != PAYOUTS]
        nobody = setting.reader.read(setting.contracts.head)
        empty = self._gathering(nobody, self._releases(NOBODY), NOBODY, NOBODY, NOBODY)
        self._book = FaultBook()
        self._passed = Passed(
            DigestedTable(),
            {measure: empty.measured(measure) for measure in self._measures},
            empty.derived_openings(),
            np.zeros(setting.releases.raw.rows, dtype=np.bool_),
            pa.Table.from_batches([self._read(setting.contracts.head, 0).contracts]),
        )
        self._prints = np.empty(setting.contracts.rows, dtype=np.uint64)
        self._printed = 0
        self._parts: deque[Future[_Worked]] = deque()
        self._hashes: deque[Future[HashedBlock]] = deque()
        self._kept: list[_Kept] = []

    def through(self, parts: Parts) -> Passed:
        """Read all pieces, work on all parts, and put together what they come to."""
        passed, setting = self._passed, self._setting
        blocks = Blocks()
        done = guaranteed = 0
        try:
            for read in self._pieces():
                self._book.add(read.faults, done)
                done += read.rows
                guaranteed += read.guaranteed
                columns = {name: read.contracts[name] for name in setting.reader.names}
                for block in blocks.add(columns):
                    self._hash(block)
                for part in parts.add(read.contracts):
                    self._work_on(part)
                setting.step(done, setting.contracts.rows)
            for block in blocks.rest():
                self._hash(block)
            for part in parts.rest():
                self._work_on(part)
        except BaseException:
            for part in self._parts:
                part.cancel()
            raise
        self._take_parts(0)
        self._take_hashes(0)
        self._book.add(total_faults(guaranteed, CONTRACTS.name, "guaranteed_amount"))
        self._put_together()
        passed.faults = self._book.groups()
        return passed

    def _pieces(self) -> Iterator[_Read]:
        """Yield the pieces in order, read side by side."""
        reader, first = self._setting.reader, 0

        def placed() -> Iterator[tuple[RawTable, int]]:
            nonlocal first
            for piece in self._setting.contracts.read(reader.read_places):
                yield piece, first
                first += piece.rows

        return self._hands.map(lambda given: self._read(*given), placed())

    def _read(self, piece: RawTable, first: int) -> _Read:
        """Read the cells of a piece and check what can be checked row by row."""
        setting = self._setting
        checked = setting.reader.read(piece)
        institution = check_reference(
            checked, "institution_id", setting.institutions, "institution_id"
        )
        check_contract_dates(checked)
        check_shares(checked, setting.parties)
        types = borrower_types_of(checked)
        columns = {name: checked.columns[name] for name in setting.reader.names}
        columns |= {
            INSTITUTION: arrow(institution.astype(np.int32)),
            BORROWER_TYPE: arrow(types),
            ROW: arrow(np.arange(first, first + piece.rows)),
        }
        contracts = pa.RecordBatch.from_arrays(list(columns.values()), list(columns))
        guaranteed = exact_sum(checked.numbers("guaranteed_amount"))
        return _Read(piece.rows, contracts, checked.faults, guaranteed)

    def _hash(self, block: dict[str, list[pa.Array]]) -> None:
        self._hashes.append(self._hands.pool.submit(hashed, block))
        self._take_hashes(4 * self._hands.count)

    def _take_hashes(self, waiting: int) -> None:
        while len(self._hashes) > waiting:
            self._passed.content.add(self._hashes.popleft().result())

    def _work_on(self, part: pa.Table) -> None:
        self._parts.append(self._hands.pool.submit(self._work, part))
        self._take_parts(self._hands.count - 1)

    def _take_parts(self, waiting: int) -> None:
        """Take the results of parts until no more than ``waiting`` are still worked on."""
        passed = self._passed
        while len(self._parts) > waiting:
            worked = self._parts.popleft().result()
            for faults, rows in worked.faults:
                self._book.add(faults, rows)
            passed.released[worked.released] = True
            if worked.measured is not None:
                self._take_measured(worked.measured, worked.institutions)
            stop = self._printed + len(worked.prints)
            self._prints[self._printed : stop] = worked.prints
            self._printed = stop
            self._kept.append(worked.kept)

    def _take_measured(self, measured: _Measured, own: Integers) -> None:
        """Put what a part's ``own`` institutions come to with the others."""
        passed = self._passed
        for measure, ratio in measured.measures.items():
            passed.measures[measure].numerator[own] = ratio.numerator[own]
        for whole, part in zip(passed.openings, measured.openings, strict=True):
            whole[own] = part[own]
        if len(measured.alike.rows):
            passed.alike.append(measured.alike)

    def _work(self, part: pa.Table) -> _Worked:
        """Check a part's releases, measure its institutions, keep what claims concern."""
        setting = self._setting
        contracts = self._contracts(part)
        row = numbers(contracts.columns[ROW])
        institution = institutions_of(part)
        prints = fingerprints(contracts.columns["contract_id"])
        named = np.flatnonzero(setting.named(prints))
        names = contracts.columns["contract_id"].take(arrow(named))
        known = ids.Sorted(names, prints[named], once=True)
        of_release, release = known.matches(setting.release_contracts)
        of_claim, claim = known.matches(setting.claim_contracts)
        of_release, of_claim = named[of_release], named[of_claim]
        releases = self._releases(release)
        check_releases(releases, contracts, of_release)
        faults = [(contracts.faults, row), (releases.faults, release)]
        concerned = np.zeros(len(row), dtype=np.bool_)
        concerned[of_claim] = True
        measured = None
        if setting.sound and not (self._book or contracts.faults or releases.faults):
            borrower, borrower_institution = ids.pairs(
                institution, contracts.columns["borrower_id"]
            )
            gathering = self._gathering(
                contracts, releases, of_release, borrower, borrower_institution, institution
            )
            measured = _Measured(
                {measure: gathering.measured(measure) for measure in self._measures},
                gathering.derived_openings(),
                alike_borrowers(institution, borrower, contracts.columns["borrower_id"]).moved(row),
            )
            with_claims = np.zeros(len(borrower_institution), dtype=np.bool_)
            with_claims[borrower[of_claim]] = True
            concerned = with_claims[borrower]
        kept = np.flatnonzero(concerned)
        kept_releases = concerned[of_release]
        return _Worked(
            faults,
            prints,
            release,
            _Kept(
                part.take(arrow(kept)),
                (claim, row[of_claim]),
                (release[kept_releases], row[of_release[kept_releases]]),
            ),
            distinct(institution),
            measured,
        )

    def _contracts(self, part: pa.Table) -> Checked:
        """Return a part as a table on its way; its rows are numbered as they lie in it."""
        setting = self._setting
        columns = {name: whole_array(part[name]) for name in part.column_names}
        add_absent(CONTRACTS, columns, len(part))
        raw = RawTable(CONTRACTS.name, (), len(part), locate=setting.contracts.head.locate)
        return Checked(CONTRACTS, raw, columns, setting.reader.present, raw)

    def _releases(self, rows: Integers) -> Checked:
        """Return some releases, of which nothing but day and amount is looked at."""
        releases = self._setting.releases
        columns = {
            name: releases.columns[name].take(arrow(rows)) for name in ("release_date", "amount")
        }
        raw = RawTable(releases.table.name, (), len(rows), locate=releases.raw.locate)
        return Checked(releases.table, raw, columns, releases.present, raw)

    def _gathering(
        self,
        contracts: Checked,
        releases: Checked,
        of_release: Integers,
        borrower: Integers,
        borrower_institution: Integers,
        institution: Integers = NOBODY,
    ) -> Gathering:
        """Return a part as a portfolio without claims, and what the measures see of it."""
        setting = self._setting
        without = {table.name: without_rows(table).columns for table in (CLAIMS, RECOVERIES)}
        extras = {
            f"{CONTRACTS.name}.{name}": contracts.columns[name]
            for name in setting.reader.extra_present
        }
        links = Links(institution, borrower, borrower_institution, of_release, NOBODY, NOBODY)
        types = contracts.columns.get(BORROWER_TYPE, pa.nulls(0, pa.int8()))
        portfolio = Portfolio(
            {
                setting.institutions.table.name: setting.institutions.columns,
                CONTRACTS.name: contracts.columns,
                releases.table.name: releases.columns,
                **without,
            },
            setting.parties,
            numbers(types),
            links,
            {},
            {},
        )
        read = Extras(extras, frozenset())
        return Gathering(portfolio, setting.policy, setting.year, read, books_of(portfolio))

    def _put_together(self) -> None:
        """Bring what the parts came to into the order of the tables."""
        passed, kept = self._passed, self._kept
        if not kept:
            return
        self._check_ids()
        passed.claims = _joined([one.claims for one in kept])
        passed.kept_releases = _joined([one.releases for one in kept])
        contracts = pa.concat_tables([one.contracts for one in kept])
        passed.kept = contracts.take(arrow(np.argsort(numbers(whole_array(contracts[ROW])))))

    def _check_ids(self) -> None:
        """Check that no contract id is there twice; the texts are read again where one may be."""
        setting = self._setting
        if "contract_id" not in setting.reader.present:  # said once, as a fault of the headings
            return
        suspects = ids.repeats(self._prints, self._hands.pool)
        if not len(suspects):
            return
        rows, texts, first = [], [], 0
        for piece in setting.contracts.read(setting.reader.places(["contract_id"])):
            values = setting.reader.column("contract_id", piece).values
            at = np.flatnonzero(ids.is_in(fingerprints(values), suspects) & known(values))
            rows.append(at + first)
            texts.append(values.take(arrow(at)))
            first += piece.rows
        where, values = np.concatenate(rows), pa.concat_arrays(texts)
        again = np.sort(ids.duplicates(values)[0])
        raw = RawTable(CONTRACTS.name, (), first, locate=setting.contracts.head.locate)
        checked = Checked(CONTRACTS, raw, {}, setting.reader.present, raw)
        repeated(checked, "contract_id", where[again], values.take(arrow(again)))
        self._book.add(checked.faults)


def _joined(pairs: list[tuple[Integers, Integers]]) -> tuple[Integers, Integers]:
    return np.concatenate([one for one, _ in pairs]), np.concatenate([two for _, two in pairs])
