"""The two ways in: a path, or DataFrames. Both give a checked portfolio, or every fault at once."""

from __future__ import annotations

import os
from collections.abc import Mapping

from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text, same
from compensation.ledger.loading import portfolio_of
from compensation.ledger.portfolio import Portfolio
from compensation.readers.changing_input import unchanged
from compensation.readers.frames import raw_of_frame
from compensation.readers.reading import open_input
from compensation.schema.dictionary import TABLES, Table
from compensation.tables.pieces import Pieces, pieces_of


def read_portfolio(path: str | os.PathLike[str] | Mapping[str, object]) -> Portfolio:
    """Read and check a workbook (.xlsx), or a folder with one CSV or Parquet file for each table.

    In place of a path there may be tables in memory, by name: see `portfolio_of_frames`.
    Raises `InputFaults` with every fault of the input, also where the path is not an input, or
    changes while it is read.

    >>> read_portfolio("examples/jiyuan-2022.xlsx")
    <Portfolio ledgers: institutions 1, contracts 150, releases 47, claims 12, recoveries 8>
    """
    if isinstance(path, Mapping):
        return portfolio_of(*open_frames(path))
    with unchanged(path):
        return portfolio_of(*open_input(path))


def portfolio_of_frames(
    *,
    institutions: object,
    contracts: object,
    claims: object,
    releases: object | None = None,
    recoveries: object | None = None,
    payments: object | None = None,
    remittances: object | None = None,
    pool: object | None = None,
    institution_years: object | None = None,
    contract_years: object | None = None,
) -> Portfolio:
    """Check tables that are in memory: pandas DataFrames, Arrow tables, or what Arrow can take.

    Columns go by their English names or Chinese headings, cells as in files; see the data
    dictionary. The frames are not changed. Raises `InputFaults` with every fault of every table.

    >>> import pandas
    >>> institutions = pandas.DataFrame({"institution_id": ["I1"], "government_backed": ["是"]})
    >>> contracts = pandas.DataFrame(
    ...     {"contract_id": ["K1"], "institution_id": ["I1"], "borrower_id": ["B1"]}
    ... )
    >>> contracts["guaranteed_amount"], contracts["start_date"] = "1000000", "2021-03-01"
    >>> contracts["borrower_type"] = "小型企业"
    >>> claims = pandas.DataFrame(
    ...     {"claim_id": ["C1"], "contract_id": ["K1"], "principal": ["500000"]}
    ... )
    >>> claims["payout_date"] = "2022-06-30"
    >>> portfolio_of_frames(institutions=institutions, contracts=contracts, claims=claims)
    <Portfolio ledgers: institutions 1, contracts 1, claims 1>
    """
    frames = {
        "institutions": institutions,
        "contracts": contracts,
        "releases": releases,
        "claims": claims,
        "recoveries": recoveries,
        "payments": payments,
        "remittances": remittances,
        "pool": pool,
        "institution_years": institution_years,
        "contract_years": contract_years,
    }
    return portfolio_of(*open_frames(frames))


def open_frames(
    frames: Mapping[str, object | None],
) -> tuple[dict[str, Pieces], list[FaultGroup]]:
    """Return tables that are in memory, by name, and what is wrong with them as tables."""
    tables: dict[str, Pieces] = {}
    faults = [_unknown(name) for name in frames if name not in {table.name for table in TABLES}]
    for table in TABLES:
        frame = frames.get(table.name)
        if frame is None and not table.optional:
            faults.append(not_given(table))
        elif frame is not None:
            raw, found = raw_of_frame(frame, table)
            faults += found
            if raw is not None:
                tables[table.name] = pieces_of(raw)
    return tables, faults


def _unknown(name: object) -> FaultGroup:
    """Return the fault of a frame that has the name of no table."""
    message = Text("“{name}”不是表名", "“{name}” is not the name of a table")
    expected = same("、".join(table.name for table in TABLES))
    return whole("unknown_table", message.fill(name=str(name)), expected=expected)


def not_given(table: Table) -> FaultGroup:
    """Return the fault of a table that must be given and is not."""
    message = Text("没有给出这张表", "this table is not given")
    return whole("missing_table", message, table=table.name)
