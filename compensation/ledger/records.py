"""Contracts or institutions as the cases of a policy, in the form of claims without a payout.

A policy may compensate volume, interest or an institution's year instead of payouts. Its cases are
then rows of the contracts or the institutions table: the claim of each has the row's id, a payout
of 0, and the reviews and compensation paid that the row's own columns say. Payments name the row's
id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow
from compensation.columns import Integers
from compensation.ledger.digest import DigestedTable, digested
from compensation.ledger.ids import positions_of
from compensation.ledger.payment_checks import net_by_claim
from compensation.ledger.portfolio import NO_DAY, Ledgers, Links, columns_digested
from compensation.ledger.table_reader import ARROW_TYPES
from compensation.schema.column import Column
from compensation.schema.dictionary import CLAIMS

Record = Literal["payout", "contract", "institution"]
TABLE_OF: Mapping[Record, str] = {
    "payout": "claims",
    "contract": "contracts",
    "institution": "institutions",
}
"""The table whose rows are the cases."""
DECISION_COLUMNS = tuple(
    CLAIMS.column(name)
    for name in (
        "finance_review",
        "industry_review",
        "compensation_paid",
        "approved_amount",
        "closed_date",
    )
)
"""What is decided of a case; columns of the table whose rows are the cases."""
DECISIONS_BY_YEAR = tuple(
    column._replace(default=None)
    for column in DECISION_COLUMNS
    if column.name != "compensation_paid"
)
"""What is decided of a case of one year alone; columns of the table by year. A blank says nothing.

What was paid for a year stands in the payments.
"""


def with_cases(ledgers: Ledgers, record: Record, days: Integers) -> Ledgers:
    """Return ledgers whose claims are the rows of another table.

    `days`: the day of each row, since 1970-01-01, or `NO_DAY`. The digests and the books stay those
    of what was read: measures count the payouts of the claims that are replaced.
    """
    absent = frozenset(name for name in ("contracts", "claims") if not ledgers.present[name])
    ledgers = replace(ledgers, books=replace(ledgers.books, absent=absent), payouts=ledgers)
    if record == "institution":
        ledgers = _with_contracts(ledgers)
        rows = ledgers.rows("institutions")
        contract = np.arange(ledgers.rows("contracts") - rows, ledgers.rows("contracts"))
        ids = ledgers.column("institutions", "institution_id")
    else:
        rows = ledgers.rows("contracts")
        contract = np.arange(rows)
        ids = ledgers.column("contracts", "contract_id")
    contract = contract.astype(np.int64)
    table = TABLE_OF[record]
    claims: dict[str, pa.Array] = {column.name: _blank(column, rows) for column in CLAIMS.columns}
    claims |= {
        column.name: ledgers.tables[table].get(column.name, claims[column.name])
        for column in DECISION_COLUMNS
    }
    claims |= {
        "claim_id": ids,
        "contract_id": ledgers.column("contracts", "contract_id").take(arrow(contract)),
        "payout_date": arrow(days.astype(np.int32), days != NO_DAY).cast(pa.date32()),
    }
    no_money = np.zeros(rows, dtype=np.int64)
    claims |= {"principal": arrow(no_money), "interest": arrow(no_money)}
    decided = {c.name for c in DECISION_COLUMNS} & ledgers.present[table]
    payments = positions_of(ledgers.column("payments", "claim_id"), claims["claim_id"])
    return replace(
        ledgers,
        tables={**ledgers.tables, "claims": claims},
        present={**ledgers.present, "claims": frozenset(decided)},
        links=ledgers.links._replace(claim_contract=contract, payment_claim=payments),
        digests={**_digests(ledgers), **ledgers.digests},
    )


def with_net_payments(ledgers: Ledgers) -> Ledgers:
    """Return ledgers in which what was paid of each case is what the payments come to."""
    kind, amount = (ledgers.numbers("payments", name) for name in ("kind", "amount"))
    net = net_by_claim(ledgers.links.payment_claim, kind, amount, ledgers.rows("claims"))
    claims = {**ledgers.tables["claims"], "compensation_paid": arrow(net)}
    return replace(ledgers, tables={**ledgers.tables, "claims": claims})


def _digests(ledgers: Ledgers) -> dict[str, DigestedTable]:
    """Return the digests of the tables that are about to change."""
    return {name: digested(columns_digested(ledgers, name)) for name in ("claims", "contracts")}


def _blank(column: Column, rows: int) -> pa.Array:
    """Return a column without values, or with what a blank stands for."""
    kind = ARROW_TYPES[column.type]
    if column.default is None:
        return pa.nulls(rows, kind)
    return arrow(np.full(rows, column.default, dtype=np.int64)).cast(kind)


def _with_contracts(ledgers: Ledgers) -> Ledgers:
    """Return ledgers with one more contract for each institution, of no amount.

    A claim names a contract, and so its institution; these stand for institutions themselves.
    """
    digests = _digests(ledgers)
    rows = ledgers.rows("institutions")
    own = ledgers.column("institutions", "institution_id")
    contracts = dict(ledgers.tables["contracts"])
    for name, column in contracts.items():
        contracts[name] = pa.concat_arrays([column, pa.nulls(rows, column.type)])
    for name in ("contract_id", "institution_id", "borrower_id"):
        held = ledgers.tables["contracts"][name]
        contracts[name] = pa.concat_arrays([held, own.cast(held.type)])
    institution = np.arange(rows, dtype=np.int64)
    books, links = ledgers.books, ledgers.links
    none = np.zeros(rows, dtype=np.int64)
    end = np.full(rows, np.iinfo(np.int32).max)
    books = replace(
        books,
        institution=np.concatenate([books.institution, institution]),
        borrower=np.concatenate([books.borrower, len(books.borrower_institution) + institution]),
        borrower_institution=np.concatenate([books.borrower_institution, institution]),
        guaranteed=np.concatenate([books.guaranteed, none]),
        start=np.concatenate([books.start, end]),
        release=np.concatenate([books.release, end]),
        held={},
        openings={},
    )
    links = Links(
        np.concatenate([links.contract_institution, institution]),
        np.concatenate([links.contract_row, len(ledgers.books.institution) + institution]),
        links.claim_contract,
        links.recovery_claim,
        links.payment_claim,
        links.remittance_claim,
    )
    return replace(
        ledgers,
        tables={**ledgers.tables, "contracts": contracts},
        borrower_type=np.concatenate(
            [ledgers.borrower_type, np.zeros(rows, dtype=ledgers.borrower_type.dtype)]
        ),
        books=books,
        links=links,
        digests={**digests, **ledgers.digests},
    )
