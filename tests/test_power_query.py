"""What the queries of the API page send is answered with the page's figures.

There is no Excel here to run them. What they send is taken out of them: a record of M is JSON but
for its brackets and equals signs.
"""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest

import compensation
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import TABLES
from tests.api.server import Server

ROOT = Path(__file__).parent.parent
LEDGER = ROOT / "tests" / "data" / "examples" / "seed-1" / "input"
PAGES = ("api-by-example.md", "api-by-example.zh-CN.md")


def query(page: str, name: str) -> str:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return text.split(f"<!-- m: {name} -->\n```powerquery\n")[1].split("```")[0]


def record(source: str, name: str) -> str:
    """The record that a step of a query is set to, as it stands."""
    begin = source.index(f" {name} = [") + len(f" {name} = ")
    depth = 0
    for place in range(begin, len(source)):
        depth += {"[": 1, "]": -1}.get(source[place], 0)
        if depth == 0:
            return source[begin : place + 1]
    raise AssertionError(f"{name} does not end")


def sent(text: str) -> Any:
    """What ``Json.FromValue`` makes of a record; ``Rows("机构")`` are those of the ledger."""
    text = re.sub(r"(\w+) = ", r'"\1": ', text).replace("[", "{").replace("]", "}")
    return json.loads(re.sub(r'Rows\("(\w+)"\)', lambda name: json.dumps(rows(name[1])), text))


def rows(title: str) -> list[dict[str, str | None]]:
    """The rows of a table with Chinese headings, cells as the query's function `Cell` makes them.

    A spreadsheet holds amounts as floats; `Cell` writes them with 15 digits.
    """
    table = next(table for table in TABLES if table.heading == title)
    known = {column.name: column for column in table.columns}

    def cell(name: str, text: str) -> str | None:
        number = name in known and known[name].type is ColumnType.MONEY
        return f"{float(text):.15g}" if text and number else text or None

    with (LEDGER / f"{table.name}.csv").open(encoding="utf-8") as file:
        return [
            {
                known[name].heading if name in known else name: cell(name, text)
                for name, text in row.items()
            }
            for row in csv.DictReader(file)
        ]


@pytest.mark.parametrize("page", PAGES)
def test_one_claim(page: str, server: Server) -> None:
    source = query(page, "claim")
    answer = server.client.post(path_in(source), json=sent(record(source, "Case"))).json()
    shown = ("eligible", "base", "rate", "compensation", "status", "payable")
    assert all(f'"{name}"' in source for name in shown)
    found = [answer[name] for name in shown]
    assert found == [True, "1020000.00", "0.200000", "204000.00", "approved", "204000.00"]


@pytest.mark.parametrize("page", PAGES)
def test_a_ledger(page: str, server: Server) -> None:
    source = query(page, "ledger")
    response = server.client.post(path_in(source), json=sent(record(source, "Ledger")))
    assert response.status_code == 200, response.text
    result = compensation.assess(compensation.read_portfolio(LEDGER), "jiyuan-2022", 2022)
    assert [row["payable"] for row in response.json()["claims"]] == [
        str(value) for value in result.claims["payable"]
    ]


def path_in(source: str) -> str:
    return "/" + source.split('RelativePath = "')[1].partition('"')[0]
