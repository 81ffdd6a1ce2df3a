"""Valid portfolios that press on the edges of the rules, made from a row of integers.

``random_portfolio`` draws the integers from a seed, ``portfolios`` from hypothesis, which then
shrinks what fails.  Tables are rows of clean text, as ``oracle`` takes them; ``write_csv`` makes
files of them.

An institution is first given contracts, claims and recoveries at random; then filler contracts and
opening figures bring its indicators to a limit of the policy: on it, or a fen or a borrower off it.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path

from hypothesis import strategies as st

from tests import oracle
from tests.oracle_reading import Tables, money, money_text
from tests.portfolio_fillers import (
    AIMS,
    balances_at_limit,
    borrowers_at_limit,
    opening_at_random,
    ratios_in_range,
    released_at_limit,
)
from tests.portfolio_rows import (
    COLUMNS,
    JIYUAN,
    MOST,
    Maker,
    Pick,
    Setting,
    add_claim,
    add_contract,
)


def build(
    pick: Pick,
    contracts: int,
    big: bool = False,
    medium: bool = False,
    setting: Setting = JIYUAN,
    extend: Callable[[Maker], None] | None = None,
) -> Tables:
    """A portfolio of about so many contracts, fillers not counted.

    ``big``: payouts whose products pass 2^63.  ``medium``: more institutions, and as many borrowers
    as the limits take.  ``extend`` may add rows and columns before the rows are put out of order.
    """
    maker = Maker(pick, setting, big, medium)
    maker.parties = list(maker.choice(setting.share_columns))
    number = maker.pick(1, 1 + contracts // (25 if medium else 4))
    for _ in range(number):
        row = dict.fromkeys(COLUMNS["institutions"], "")
        backed = ["false", "否", "0", "no"] if maker.chance(8) else ["true", "是", "1", "yes"]
        row.update(institution_id=maker.id(), government_backed=maker.choice(backed))
        row["institution_name"] = maker.choice(["", "第一担保公司", "担保（分公司）"])
        maker.tables["institutions"].append(row)
    institutions = maker.tables["institutions"]
    borrowers = [maker.id() for _ in range(1 + contracts)]
    for _ in range(contracts):
        institution = maker.choice(institutions)["institution_id"]
        contract = add_contract(maker, institution, maker.choice(borrowers))
        late = contract["start_date"] > f"{setting.year}-12-31"
        while maker.chance(2) and (setting.late_claims or not late):
            add_claim(maker, contract)
    huge = {
        row["institution_id"]
        for row in maker.tables["contracts"]
        if money(row["guaranteed_amount"]) == MOST
    }
    for row in institutions:
        if maker.chance(8) or row["institution_id"] in huge:
            opening_at_random(maker, row)
        else:
            aim = maker.choice(AIMS)
            borrower = borrowers_at_limit(maker, row, aim)
            balances_at_limit(maker, row, borrower, aim)
            released_at_limit(maker, row, borrower, aim)
        ratios_in_range(maker, row)
    if extend is not None:
        extend(maker)
    return finished(maker)


def finished(maker: Maker) -> Tables:
    """The rows in another order, blank columns left out, a column of notes: each now and then."""
    for table, rows in maker.tables.items():
        if maker.chance(2):
            for place in range(len(rows)):
                other = maker.pick(place, len(rows) - 1)
                rows[place], rows[other] = rows[other], rows[place]
        if maker.chance(3):
            for column, required in COLUMNS[table].items():
                if not required and all(row[column] == "" for row in rows):
                    for row in rows:
                        del row[column]
        if maker.chance(4):
            for row in rows:
                row["备注"] = maker.choice(["", "=1+1", "a,b", "核实"])
    return maker.tables


# What tests use


def random_portfolio(seed: int, contracts: int = 150, big: bool | None = None) -> Tables:
    """The same tables for the same arguments; one in four is ``big`` unless told."""
    source = random.Random(seed)
    if big is None:
        big = source.randint(1, 4) == 4
    return build(source.randint, contracts, big, medium=contracts > 20)


def near_budget(pick: Pick, results: Tables) -> str | None:
    total = sum(money(row["payable"]) for row in results["claims"])
    options = [None, total // 2, total - 1, total, total + 1, 0, 1, 7, pick(0, total)]
    fen = options[pick(0, len(options) - 1)]
    return None if fen is None else money_text(min(max(0, fen), MOST))


def random_budget(seed: int, results: Tables) -> str | None:
    """A budget for a run that gave these results without one: none, or near one that binds."""
    return near_budget(random.Random(seed).randint, results)


def seeds() -> st.SearchStrategy[int]:
    """For tests with larger portfolios: a seed is all that a failure has to print."""
    return st.integers(0, 2**32 - 1)


@st.composite
def portfolios(draw: st.DrawFn, contracts: int = 6) -> Tables:
    """Small portfolios: up to so many contracts, and some fillers for each institution."""

    def pick(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    return build(pick, pick(1, contracts), big=pick(1, 4) == 4)


@st.composite
def portfolios_with_budgets(draw: st.DrawFn, contracts: int = 6) -> tuple[Tables, str | None]:
    def pick(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    tables = draw(portfolios(contracts))
    return tables, near_budget(pick, oracle.assess(tables))


def write_csv(tables: Tables, folder: Path, encoding: str = "utf-8") -> None:
    """A file for each table, with headings even where there are no rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for table, rows in tables.items():
        headings = list(rows[0]) if rows else list(COLUMNS[table])
        with (folder / f"{table}.csv").open("w", encoding=encoding, newline="") as file:
            writer = csv.DictWriter(file, headings, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
