"""Ledgers to upload: the example of the repository, and small ones that are wrong."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from api.examples import SETTLEMENT
from compensation.schema.dictionary import TABLES

if TYPE_CHECKING:
    from playwright.sync_api import FilePayload

EXAMPLE = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"

INSTITUTIONS = "机构代码,政府性融资担保机构\nI1,是\n"
CONTRACTS = (
    "合同编号,机构代码,借款人代码,借款人类型,担保金额,起始日期\n"
    "K1,I1,B1,小型企业,1000000,2021-03-01\n"
)
CLAIMS = "代偿编号,合同编号,代偿日期,代偿本金\nC1,K1,{day},{principal}\n{more}"


def zipped(day: str = "2022-06-30", principal: str = "500000", more: str = "") -> FilePayload:
    """A ledger of one claim as a file to choose; the claim's row is line 2 of claims.csv."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("institutions.csv", INSTITUTIONS)
        archive.writestr("contracts.csv", CONTRACTS)
        archive.writestr("claims.csv", CLAIMS.format(day=day, principal=principal, more=more))
    return {"name": "ledger.zip", "mimeType": "application/zip", "buffer": memory.getvalue()}


def to_settle() -> FilePayload:
    """The example of /v1/settlements as a zip: one claim, a payment, a recovery and the pool."""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        for table in TABLES:
            if table.name not in SETTLEMENT:
                continue
            rows = SETTLEMENT[table.name]
            headings = {name: None for row in rows for name in row}
            columns = list(headings) or [c.name for c in table.columns if c.required]
            archive.writestr(
                f"{table.name}.csv", pd.DataFrame(rows, columns=columns).to_csv(index=False)
            )
    return {"name": "台账.zip", "mimeType": "application/zip", "buffer": memory.getvalue()}


def faulty() -> FilePayload:
    """A ledger with three faults: no such day, a third decimal, an unknown contract."""
    return zipped("2022-02-30", "0.001", more="C2,K9,2022-06-30,1\n")


def no_ledger() -> FilePayload:
    return {"name": "letter.xlsx", "mimeType": "text/plain", "buffer": b"not a workbook"}
