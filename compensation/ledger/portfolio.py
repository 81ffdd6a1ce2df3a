"""The validated ledgers: what every later step can rely on.

`Ledgers` exist only if their input had no fault. Their columns are Arrow arrays in the units of
`column.ColumnType` (fen, millionths, days); references between tables are row numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from compensation.arrays import flags, known, numbers
from compensation.cards import Card, Shown
from compensation.columns import Flags, Integers, Whole
from compensation.faults.groups import FaultGroup
from compensation.faults.input_faults import Faults
from compensation.issues import Severity
from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.books import Books
from compensation.ledger.digest import DigestedTable
from compensation.schema import dictionary
from compensation.schema.parties import SHARE_PREFIX, SHARE_UNIT
from compensation.tables.raw import RawTable

NO_DAY = np.iinfo(np.int32).max
"""Stands for a date that is not given, after every real day."""


class Links(NamedTuple):
    """References between the tables, as row numbers.

    `contract_institution`: (contracts,) row of the contract's institution; `contract_row`: its row
    among all contracts of the input, and so in the books.
    """

    contract_institution: Integers
    contract_row: Whole
    claim_contract: Integers
    recovery_claim: Integers
    payment_claim: Integers
    remittance_claim: Integers


@dataclass(frozen=True, eq=False)
class Ledgers:
    """The tables that claims are decided on and results are made of, checked.

    All tables are whole but contracts and releases. Contracts are at least those that claims name;
    a `Portfolio` has all of them. A table or column that is not held is a KeyError.

    `tables`: by table and column name, Arrow arrays in the units of the dictionary; optional
    columns that the input lacks are there, all null (or their default). `parties`: those who
    share payouts in this run, in order. `borrower_type`: (contracts,) places in `BORROWER_TYPES`,
    given or derived. `present`: by table, the columns that the input has. `unmapped`: the columns
    that nobody has read so far. `books`: of all contracts, releases and claims. `every_contract`:
    all contracts, with the columns that were asked for; None where `tables` has all contracts.
    `digests`: of the tables of which not all rows are held. `reviews`: the digests of the review
    sheets whose decisions it holds. `day`: the day (since 1970-01-01) at whose end they are as they
    are here; None where every row counts. See `as_of`. `left_out`: how many rows dated after it
    are not here, by table. `later_dates`: the rows of which such a date of a policy's own was later
    and is as if blank, by ``table.column``. `agreed`: by table, the policy's dates that are known
    beforehand.
    `payouts`: where the claims are cases of another record, the ledgers with the claims themselves.
    `years`: (claims,) the year that each case is of, where a contract has one for each of its
    years; None: the day of a case says it.
    """

    tables: Mapping[str, Mapping[str, pa.Array]]
    parties: tuple[str, ...]
    borrower_type: npt.NDArray[np.int8]
    links: Links
    present: Mapping[str, frozenset[str]]
    unmapped: Mapping[str, RawTable] = field(repr=False)
    books: Books = field(repr=False)
    warnings: tuple[FaultGroup, ...] = ()
    reviews: tuple[str, ...] = ()
    every_contract: Ledgers | None = field(default=None, repr=False)
    digests: Mapping[str, DigestedTable] = field(default_factory=dict, repr=False)
    day: int | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)
    later_dates: Mapping[str, Integers] = field(default_factory=dict, repr=False)
    agreed: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    payouts: Ledgers | None = field(default=None, repr=False)
    years: Integers | None = field(default=None, repr=False)

    def rows(self, table: str) -> int:
        """Return how many rows ``table`` has."""
        return len(next(iter(self.tables[table].values())))

    def column(self, table: str, name: str) -> pa.Array:
        """Return a column as an Arrow array, in the units of the dictionary."""
        return self.tables[table][name]

    def numbers(self, table: str, name: str) -> Integers:
        """Return a MONEY, COUNT, SHARE, CHOICE or DATE column as int64; blanks are 0.

        A DATE counts days since 1970-01-01, and a blank one is `NO_DAY`.
        """
        return numbers_of(self.tables[table][name])

    def flags(self, table: str, name: str) -> Flags:
        """Return a BOOLEAN column; it must have no blanks."""
        return flags(self.tables[table][name])

    def known(self, table: str, name: str) -> Flags:
        """Return which cells of a column are not blank."""
        return known(self.tables[table][name])

    @cached_property
    def payout(self) -> Integers:
        """(claims,) principal plus interest in fen."""
        return self.numbers("claims", "principal") + self.numbers("claims", "interest")

    @cached_property
    def shares(self) -> Integers:
        """(contracts, parties) millionths; each row adds up to 1,000,000.

        A row with no share filled in is the institution's alone.
        """
        contracts = self.tables["contracts"]
        shares = np.zeros((self.rows("contracts"), len(self.parties)), dtype=np.int64)
        filled = np.zeros(len(shares), dtype=np.bool_)
        for place, party in enumerate(self.parties):
            column = contracts.get(SHARE_PREFIX + party)
            if column is not None:
                shares[:, place] = numbers_of(column)
                filled |= known(column)
        shares[~filled, self.parties.index("institution")] = SHARE_UNIT
        return shares

    @cached_property
    def claim_ranks(self) -> Integers:
        """(claims,) the place of each claim's id in code-point order."""
        return ids.ranks(self.column("claims", "claim_id"))

    @property
    def warning_list(self) -> Faults:
        """What is worth a look though it is let through."""
        return Faults(self.warnings, Severity.WARNING)


class Portfolio(Shown, Ledgers):
    """An institution's ledgers, or several institutions', checked: all rows of all tables.

    Made by `read_portfolio` or `portfolio_of_frames`; both raise `InputFaults` with every fault.
    It knows no policy: what policies add to the dictionary is among its `unmapped`.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> ledger.rows("claims")
    12
    """

    _inside = frozenset(
        {
            *("books", "digests", "every_contract", "flags", "known", "left_out", "unmapped"),
            *("later_dates", "links", "numbers", "payouts", "present", "shares", "warning_list"),
        }
    )

    def _card(self) -> Card:
        rows = [(name, self.rows(name)) for name in self.tables if self.rows(name)]
        facts = [(Text(dictionary.table(name).heading, name), count) for name, count in rows]
        if len(self.warnings):
            facts.append((Text("提示", "warnings"), len(self.warnings)))
        return Card(Text("台账", "ledgers"), facts)


def numbers_of(array: pa.Array) -> Integers:
    """Return an Arrow column of whole numbers or days as int64; see `Portfolio.numbers`."""
    blank = NO_DAY if pa.types.is_date32(array.type) else 0
    return numbers(array, blank).astype(np.int64, copy=False)


def columns_digested(ledgers: Ledgers, table: str) -> dict[str, pa.Array]:
    """Return the columns of a table that the digest is over."""
    columns = dict(ledgers.tables[table])
    if table == dictionary.CLAIMS.name and ledgers.rows(dictionary.PAYMENTS.name):
        # It is what the payments come to, and says nothing of its own.
        del columns["compensation_paid"]
    return columns
