"""Rows that are right one by one and may be a mistake together: let through with a warning.

The guards look at tables in which no fault was found. The year and the policy do not matter here;
guards that need them are in `compensation.engine.guards`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, texts
from compensation.columns import Integers, distinct, group_sum, running_sum, segment_starts
from compensation.faults.groups import Details, FaultGroup
from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.alike import are_plain, plain_form
from compensation.ledger.checked import Check, Checked, Tables
from compensation.ledger.id_hashes import IdHashes, id_hashes, repeated_rows, with_group
from compensation.ledger.row_warnings import TextsOf, yuan_texts
from compensation.schema.parties import SHARE_PREFIX
from compensation.tables.raw import Locate

NOBODY = np.empty(0, dtype=np.int64)


class Entry(NamedTuple):
    """What makes two rows of a table the same entry.

    `of`: the column that says what the row belongs to. `equal`: the numbers that are equal.
    `column`: where the warning stands.
    """

    of: str
    equal: tuple[str, ...]
    column: str
    message: Text


ENTRIES = {
    "releases": Entry(
        "contract_id",
        ("release_date", "amount"),
        "contract_id",
        Text(
            "同一合同、同一日期、同一金额的解保录入了不止一次",
            "a release of the same contract, day and amount is entered more than once",
        ),
    ),
    "claims": Entry(
        "contract_id",
        ("payout_date", "principal", "interest"),
        "claim_id",
        Text(
            "同一合同、同一日期、同一本金和利息的代偿录入了不止一次",
            "a claim of the same contract, day, principal and interest is entered more than once",
        ),
    ),
    "recoveries": Entry(
        "claim_id",
        ("recovery_date", "proceeds", "cost"),
        "recovery_id",
        Text(
            "同一代偿、同一日期、同一所得和费用的追偿录入了不止一次",
            "a recovery of the same claim, day, proceeds and cost is entered more than once",
        ),
    ),
    "payments": Entry(
        "claim_id",
        ("payment_date", "amount", "kind"),
        "payment_id",
        Text(
            "同一代偿、同一日期、同一金额和类型的拨付录入了不止一次",
            "a payment of the same claim, day, amount and kind is entered more than once",
        ),
    ),
}
"""By table, what makes two rows the same entry."""


def entered_twice(tables: Tables) -> list[FaultGroup]:
    """Return a warning for each row that enters again what an earlier row has entered."""
    return [group for name, entry in ENTRIES.items() for group in _twice(tables[name], entry)]


def _twice(table: Checked, entry: Entry) -> list[FaultGroup]:
    of = table.columns[entry.of]
    columns = [table.numbers(name) for name in entry.equal]
    rows, earlier = _again(of, columns, table.id_hashes(entry.of))
    if not len(rows):
        return []
    text = Text("，与{other}相同", ", the same as {other}")
    name, locate = table.table.name, table.raw.locate
    return [
        FaultGroup(
            "entered_twice",
            entry.message,
            name,
            entry.column,
            rows=rows,
            locate=locate,
            details=Details(text, other=earlier),
        )
    ]


def _again(
    of: pa.Array, columns: Sequence[Integers], prints: IdHashes
) -> tuple[Integers, Integers]:
    """Return the rows that are equal to an earlier one, and the first row each is equal to."""
    for column in columns:
        prints = with_group(prints, column)
    rows = repeated_rows(prints)
    codes, _ = ids.codes(of.take(arrow(rows)))
    return later_ones(rows, [codes, *(column[rows] for column in columns)])


def later_ones(rows: Integers, keys: Sequence[Integers]) -> tuple[Integers, Integers]:
    """Return the rows whose keys an earlier row has, in order, and the first row that has them."""
    order = np.lexsort(keys)
    new = np.ones(len(rows), dtype=np.bool_)
    new[1:] = np.logical_or.reduce([key[order][1:] != key[order][:-1] for key in keys])
    first = np.maximum.accumulate(np.where(new, np.arange(len(rows)), 0))
    later = rows[order[~new]]
    in_order = np.argsort(later)
    return later[in_order], rows[order[first[~new]]][in_order]


def claims_above_guarantee(tables: Tables) -> list[FaultGroup]:
    """Return a warning for each contract whose claims add up to more than is guaranteed.

    It stands at the claim with which they do. A single claim above the guarantee has a warning of
    its own.
    """
    claims, contracts, of_claim = tables["claims"], tables["contracts"], tables.of["claims"]
    order = np.argsort(of_claim, kind="stable")
    of = of_claim[order]
    start = segment_starts(of)
    total = running_sum(claims.numbers("principal")[order], start)
    guaranteed = contracts.numbers("guaranteed_amount")[of]
    over = (total > guaranteed) & (np.arange(len(of)) > start)
    before = np.zeros(len(of), dtype=np.bool_)
    before[1:] = over[:-1] & (start[1:] == start[:-1])
    found = np.flatnonzero(over & ~before)
    if not len(found):
        return []
    found = found[np.argsort(order[found])]
    sums = group_sum(claims.numbers("principal"), of_claim, contracts.raw.rows)[of[found]]
    amounts = {"total": yuan_texts(sums), "guaranteed": yuan_texts(guaranteed[found])}
    text = Text(
        "：本金合计 {total} 元，担保金额 {guaranteed} 元",
        ": {total} yuan of principal, {guaranteed} yuan guaranteed",
    )
    message = Text(
        "同一合同各笔代偿的本金合计超过担保金额",
        "the principals of the contract's claims together exceed the guaranteed amount",
    )
    return [
        FaultGroup(
            "claims_above_guarantee",
            message,
            "claims",
            "principal",
            rows=order[found].astype(np.int64),
            locate=claims.raw.locate,
            details=Details(text, amounts),
        )
    ]


def shares_blank(tables: Tables) -> list[FaultGroup]:
    """Return a warning for each claim without shares where most of an institution's have none.

    Contracts, not claims, are counted. Where none has any, or few have none, the institution
    probably bears these alone; otherwise shares may be filled in once for the rows below.
    """
    claims, contracts, of_claim = tables["claims"], tables["contracts"], tables.of["claims"]
    called = distinct(of_claim)
    shares = [name for name in contracts.present if name.startswith(SHARE_PREFIX)]
    blank = np.ones(contracts.raw.rows, dtype=np.bool_)
    for name in shares:
        blank &= ~contracts.known(name)
    if not blank[called].any() or blank[called].all():
        return []
    codes, ids_ = ids.codes(contracts.columns["institution_id"].take(arrow(called)))
    without, of_all = (np.bincount(codes, weights, len(ids_)) for weights in (blank[called], None))
    most = (2 * without > of_all) & (without < of_all)
    doubtful = np.zeros(contracts.raw.rows, dtype=np.bool_)
    doubtful[called] = blank[called] & most[codes]
    rows = np.flatnonzero(doubtful[of_claim]).astype(np.int64)
    if not len(rows):
        return []
    message = Text(
        "该合同未填分担比例，按全部由担保机构承担计算；该机构有代偿的合同多数未填、少数填写，请核对",
        "the contract has no shares filled in, so the institution bears all of it, as of most of "
        "its contracts with claims, but not all; check whether they are missing",
    )
    name, locate = "claims", claims.raw.locate
    return [FaultGroup("shares_blank", message, name, "contract_id", rows=rows, locate=locate)]


GUARDS: tuple[Check, ...] = (claims_above_guarantee, entered_twice, shares_blank)
"""The guards of tables in which no check found a fault, in the order in which they run."""
OF_ROWS = frozenset({"claims_above_guarantee", "entered_twice", "ids_alike", "shares_blank"})
"""The kinds of warnings that are made here: each is of several rows together."""


class Alike(NamedTuple):
    """Borrowers whose ids are like an earlier borrower's: a row of each, and the ids."""

    rows: Integers
    earlier: Integers
    ids: pa.Array
    earlier_ids: pa.Array

    def moved(self, rows: Integers) -> Alike:
        """Return the same by the rows of the whole table; ``rows``: of the part's, there."""
        return self._replace(rows=rows[self.rows], earlier=rows[self.earlier])


NO_ALIKE = Alike(NOBODY, NOBODY, texts([]), texts([]))


def alike_borrowers(institution: Integers, borrower: Integers, borrower_id: pa.Array) -> Alike:
    """Find borrowers of one institution whose ids differ in nothing that a reader would see.

    `institution`, `borrower`: (contracts,) numbers of each contract's; see `ids.pairs`.
    """
    if are_plain(borrower_id).all():
        return NO_ALIKE
    first = np.empty(int(borrower.max(initial=-1)) + 1, dtype=np.int64)
    # Where a number is assigned to repeatedly, the last one stays: the first row.
    first[borrower[::-1]] = np.arange(len(borrower) - 1, -1, -1)
    plain = plain_form(borrower_id.take(arrow(first)))
    of = institution[first]
    found = repeated_rows(with_group(id_hashes(plain), of))
    found = found[np.argsort(first[found])]
    codes, _ = ids.codes(plain.take(arrow(found)))
    rows, earlier = later_ones(first[found], [codes, of[found]])
    return Alike(rows, earlier, borrower_id.take(arrow(rows)), borrower_id.take(arrow(earlier)))


def alike_warnings(found: Alike, locate: Locate | None) -> list[FaultGroup]:
    """Return the warnings of borrowers whose ids are alike."""
    if not len(found.rows):
        return []
    order = np.argsort(found.rows)
    own, other = (TextsOf(ids_.take(arrow(order))) for ids_ in (found.ids, found.earlier_ids))
    message = Text(
        "同一机构有两个借款人代码，仅在大小写、全半角、空格、标点、“编号”“号”字样、不可见字符、形似字符或前导零上不同，"
        "按两个借款人计算",
        "two borrower ids of one institution differ only in case, width, blanks, punctuation, "
        "invisible characters, look-alike characters or leading zeros; they are counted as two "
        "borrowers",
    )
    text = Text("：“{own}”与{other}的“{id}”", ": “{own}” and, in {other}, “{id}”")
    return [
        FaultGroup(
            "ids_alike",
            message,
            "contracts",
            "borrower_id",
            rows=found.rows[order],
            locate=locate,
            details=Details(text, {"own": own, "id": other}, found.earlier[order]),
        )
    ]
