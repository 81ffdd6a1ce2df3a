"""The ledger as it stood on a day: what counts, and that what came later changes nothing."""

from __future__ import annotations

import datetime
import json
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from compensation.assessment import Assessment, assess
from compensation.ledger.as_of import as_of
from compensation.ledger.portfolio import Portfolio
from compensation.ledger.portfolio_input import portfolio_of_frames, read_portfolio
from compensation.streaming import assess_files, assess_frames
from tests.assessing import assessed, frames_of, portfolio_of, read_rows, results_of, rows_of
from tests.conftest import seeds
from tests.ledger.test_payments import entry, payment, remittance
from tests.one_claim import CLAIM, CONTRACT, faults, small
from tests.oracle_reading import Row, Tables
from tests.portfolios import random_portfolio
from tests.portfolios_luoyang import random_luoyang_portfolio

SETTLEMENTS = Path(__file__).parents[1] / "data" / "settlements"
RUNS = [
    (folder.name, run)
    for folder in sorted(SETTLEMENTS.iterdir())
    if (folder / "params.json").exists()
    for run in json.loads((folder / "params.json").read_text(encoding="utf-8"))["assess"]
]
JIYUAN = "jiyuan-2022"


def same_cell(one: str, other: str) -> bool:
    try:
        return one == other or float(one) == float(other)
    except ValueError:
        return False


@pytest.mark.slow
@pytest.mark.parametrize(("name", "run"), RUNS, ids=lambda value: str(value)[:40])
def test_the_examples_come_out(name: str, run: dict[str, Any]) -> None:
    folder = SETTLEMENTS / name
    policy = SETTLEMENTS / "policies" / f"{run['policy']}.toml"
    portfolio = read_portfolio(folder / "input")
    whole = assess(portfolio, policy, run["year"], as_of=run["as_of"])
    parts = assess_files(folder / "input", policy, run["year"], as_of=run["as_of"])
    direct = assess(as_of(portfolio, run["as_of"]), policy, run["year"])
    for table, rows in results_of(whole).items():
        expected = read_rows(folder / "expected" / f"assess-{run['year']}" / f"{table}.csv")
        assert len(rows) == len(expected)
        for row, wanted in zip(rows, expected, strict=True):
            wrong = {k: (v, row[k]) for k, v in wanted.items() if not same_cell(v, row[k])}
            assert not wrong
        assert parts.tables[table].equals(whole.tables[table])
        assert direct.tables[table].equals(whole.tables[table])
    assert parts.summary == whole.summary == direct.summary
    assert whole.summary["as_of"] == run["as_of"]


# What counts: the day before, the day, the day after


def rows(portfolio: Portfolio) -> dict[str, int]:
    return {name: portfolio.rows(name) for name in portfolio.tables}


def everything() -> Tables:
    """One row in every table."""
    tables = small()
    contract = {**CONTRACT, "contract_id": "K2", "borrower_id": "B2", "start_date": "2022-03-01"}
    tables["contracts"].append({**contract, "release_date": "2022-05-01"})
    tables["releases"] = [
        {"contract_id": "K1", "release_date": "2022-04-01", "amount": "1"},
    ]
    tables["recoveries"][0]["recovery_date"] = "2022-07-05"
    return {
        **tables,
        "payments": [payment(1, "9", day="2022-07-03")],
        "remittances": [remittance(1, "1", day="2022-07-04")],
        "pool": [entry(1, "5", "fee", "2022-01-01")],
    }


COUNTED = {
    "contracts": "2022-03-01",
    "releases": "2022-04-01",
    "claims": "2022-06-30",
    "recoveries": "2022-07-05",
    "payments": "2022-07-03",
    "remittances": "2022-07-04",
    "pool": "2022-01-01",
}


@pytest.mark.parametrize("day", COUNTED.values(), ids=COUNTED)
def test_a_row_counts_from_its_day_on(day: str) -> None:
    portfolio = portfolio_of(everything())
    date = datetime.date.fromisoformat(day)
    for days in (-1, 0, 1):
        at = date + datetime.timedelta(days=days)
        found = rows(as_of(portfolio, at))
        for name, own in COUNTED.items():
            older = 1 if name == "contracts" else 0
            assert found[name] == older + (own <= at.isoformat())


@pytest.mark.parametrize(("day", "release"), [("2022-04-30", None), ("2022-05-01", "2022-05-01")])
def test_a_later_release_is_as_if_blank(day: str, release: str | None) -> None:
    portfolio = as_of(portfolio_of(everything()), day)
    held = portfolio.column("contracts", "release_date").to_pylist()[1]
    assert (None if held is None else held.isoformat()) == release


def reviewed(**cells: str) -> Tables:
    """A claim of 500,000.01 yuan under a rate of 20%, with dates and decisions of its reviews."""
    tables = everything()
    tables["claims"][0] |= {"finance_review_date": "", "industry_review_date": ""}
    tables["claims"][0] |= {"approved_amount": "", "closed_date": "", **cells}
    del tables["payments"]
    return tables


@pytest.mark.parametrize(
    ("cells", "day", "expected"),
    [
        # (finance, industry, approved amount, closed)
        ({}, "2022-06-30", ("approved", "approved", None, None)),
        ({"finance_review_date": "2022-07-02"}, "2022-07-01", ("pending", "approved", None, None)),
        ({"finance_review_date": "2022-07-02"}, "2022-07-02", ("approved", "approved", None, None)),
        ({"industry_review_date": "2022-07-02"}, "2022-07-01", ("approved", "pending", None, None)),
        (
            {"industry_review_date": "2022-07-02", "approved_amount": "5"},
            "2022-07-01",
            ("approved", "pending", None, None),
        ),
        (
            {"industry_review_date": "2022-07-02", "approved_amount": "5"},
            "2022-07-02",
            ("approved", "approved", 500, None),
        ),
        ({"approved_amount": "5"}, "2022-06-30", ("approved", "approved", 500, None)),
        ({"closed_date": "2022-07-02"}, "2022-07-01", ("approved", "approved", None, None)),
        ({"closed_date": "2022-07-02"}, "2022-07-02", ("approved", "approved", None, "2022-07-02")),
    ],
)
def test_decisions_count_from_their_day_on(
    cells: dict[str, str], day: str, expected: tuple[object, ...]
) -> None:
    portfolio = as_of(portfolio_of(reviewed(**cells)), day)
    words = ("approved", "rejected", "pending")
    finance, industry, amount, closed = (
        portfolio.column("claims", name)[0].as_py()
        for name in ("finance_review", "industry_review", "approved_amount", "closed_date")
    )
    found = (words[finance], words[industry], amount, closed and closed.isoformat())
    assert found == expected


@pytest.mark.parametrize(
    ("day", "paid"), [("2022-07-02", 0), ("2022-07-03", 900), ("2022-07-10", 900)]
)
def test_paid_is_what_had_been_paid_by_the_day(day: str, paid: int) -> None:
    portfolio = as_of(portfolio_of(everything()), day)
    assert portfolio.numbers("claims", "compensation_paid").tolist() == [paid]


def test_what_has_no_date_stands_as_it_is() -> None:
    tables = reviewed(compensation_paid="7")
    portfolio = as_of(portfolio_of(tables), "2022-06-30")
    assert portfolio.numbers("claims", "compensation_paid").tolist() == [700]


# Which days there are


@pytest.mark.parametrize(
    "day", ["", "2022", "2022-06", "2022-02-30", "2200-01-01", "2022-06-01T12:00", 5, None, pd.NaT]
)
def test_what_is_no_day(day: Any) -> None:
    portfolio = portfolio_of(small())
    assert [f.kind for f in faults(as_of, portfolio, day)] == ["as_of"]
    if day is not None:
        (fault,) = faults(lambda: assess(portfolio, JIYUAN, 2022, as_of=day))
        assert fault.kind == "as_of"


@pytest.mark.parametrize(
    "day", ["20220630", "2022年6月30日", datetime.datetime.fromisoformat("2022-06-30")]
)
def test_a_day_is_given_as_ledgers_have_it(day: datetime.date | str) -> None:
    tables = reviewed(compensation_paid="7")
    assert as_of(portfolio_of(tables), day).day == as_of(portfolio_of(tables), "2022-06-30").day


def test_nothing_is_known_of_later_days() -> None:
    earlier = as_of(portfolio_of(everything()), "2022-07-04")
    twice = as_of(earlier, "2022-07-03")
    assert rows(twice)["remittances"] == 0
    said = [w.message for w in twice.warning_list if w.kind == "later_rows"]
    once = as_of(portfolio_of(everything()), "2022-07-03").warning_list
    assert said == [w.message for w in once if w.kind == "later_rows"] != []
    assert [f.kind for f in faults(as_of, earlier, "2022-07-05")] == ["as_of"]


@pytest.mark.parametrize(
    ("day", "warned"), [("2022-12-30", True), ("2022-12-31", False), ("2023-01-01", False)]
)
def test_a_day_before_the_year_is_over_is_said(day: str, warned: bool) -> None:
    run = assess(portfolio_of(everything()), JIYUAN, 2022, as_of=day)
    assert ("part_of_year" in [warning.kind for warning in run.warnings]) == warned


# A ledger that grows


def grown(tables: Tables, seed: int) -> Tables:
    """The ledger with rows dated 2024 and later among the others, and dates of that time."""
    source = random.Random(seed)

    def day() -> str:
        return f"202{source.randint(4, 5)}-{source.randint(1, 12):02}-{source.randint(1, 28):02}"

    more = {name: [dict(row) for row in found] for name, found in tables.items()}
    contracts = more["contracts"]
    again = [
        {**row, "contract_id": f"later {n}", "start_date": "2024-01-01", "release_date": ""}
        for n, row in enumerate(source.sample(contracts, min(3, len(contracts))))
    ]
    for row in contracts:
        if not row.get("release_date") and "release_date" in row and source.random() < 0.3:
            row["release_date"] = f"2039{day()[4:]}"
    contracts += again
    for claim in more["claims"]:
        claim.setdefault("closed_date", "")
        if source.random() < 0.5:
            claim["closed_date"] = day()
    templates: list[tuple[str, Row]] = [
        ("claims", {**CLAIM, "claim_id": "later", "payout_date": "2024-03-01", "principal": "1"}),
        ("recoveries", {"recovery_id": "later", "recovery_date": day(), "proceeds": "5"}),
    ]
    for name, template in templates:
        headings = (more[name] or [dict(template, claim_id="")])[0]
        row = {heading: template.get(heading, "") for heading in headings}
        if name == "claims":
            row["contract_id"] = contracts[0]["contract_id"]
        elif more["claims"]:
            row["claim_id"] = more["claims"][0]["claim_id"]
        else:
            continue
        more[name].append(row)
    if more["claims"]:
        claim_id = more["claims"][0]["claim_id"]
        later = payment(99, "0.01", day="2024-06-01", claim=claim_id)
        back = {**later, "payment_id": "P100", "kind": "recalled"}
        more["payments"] = [*more.get("payments", []), later, back]
    return more


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(0, 25))
def test_what_came_later_changes_nothing(seed: int) -> None:
    tables = random_portfolio(seed, contracts=30)
    for claim in tables["claims"]:
        claim.pop("compensation_paid", None)
    tables["payments"] = []
    year = 2022
    before = assess(portfolio_of(tables), JIYUAN, year, as_of="2023-12-31")
    frames = frames_of(grown(tables, seed))
    after = assess(portfolio_of_frames(**frames), JIYUAN, year, as_of="2023-12-31")
    parts = assess_frames(frames, JIYUAN, year, as_of="2023-12-31")
    assert after.input_digest == before.input_digest == parts.input_digest
    for name, table in before.tables.items():
        own = rows_of(table)
        for run in (after, parts):
            assert [{k: r[k] for k in table.column_names} for r in rows_of(run.tables[name])] == own
    assert messages(after) == messages(before) == messages(parts)


def messages(run: Assessment) -> list[str]:
    """The kinds of the warnings, but for those that a ledger gets when it grows."""
    grows = ("headings_not_read", "later_rows")
    return sorted(warning.kind for warning in run.warnings if warning.kind not in grows)


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(0, 8))
def test_parts_are_as_the_whole_is(seed: int) -> None:
    frames = frames_of(grown(random_portfolio(seed, contracts=40), seed + 1))
    frames.pop("payments", None)
    for day in ("2021-06-30", "2022-06-30", "2024-06-30"):
        whole = assess(portfolio_of_frames(**frames), JIYUAN, 2022, as_of=day)
        parts = assess_frames(frames, JIYUAN, 2022, as_of=day)
        assert parts.summary == whole.summary
        assert all(parts.tables[name].equals(table) for name, table in whole.tables.items())


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(0, 6))
def test_columns_of_a_policy_are_as_of_the_day_too(seed: int) -> None:
    frames = frames_of(random_luoyang_portfolio(seed, contracts=30))
    for day in ("2025-03-31", "2025-08-31", "2026-12-31"):
        whole = assess(portfolio_of_frames(**frames), "luoyang-2025", 2025, as_of=day)
        parts = assess_frames(frames, "luoyang-2025", 2025, as_of=day)
        direct = assess(as_of(portfolio_of_frames(**frames), day), "luoyang-2025", 2025)
        assert parts.summary == whole.summary == direct.summary
        assert all(parts.tables[name].equals(table) for name, table in whole.tables.items())
        dates = whole.ledgers.column("claims", "reguarantor_paid_date").to_pylist()
        assert all(each is None or each.isoformat() <= day for each in dates)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_ids_are_alike_among_the_contracts_that_count(seed: int) -> None:
    source, tables = random.Random(seed), small()
    forms = ("b1", "B1", "b 1", "b-1", "01", "1")
    tables["contracts"] += [
        {
            **CONTRACT,
            "contract_id": f"alike {n}",
            "borrower_id": source.choice(forms),
            "start_date": f"2022-{source.randint(1, 6):02}-01",
        }
        for n in range(12)
    ]
    found = set()
    for day in ("2022-03-31", "2022-05-31", "2022-12-31"):
        whole = assess(portfolio_of(tables), JIYUAN, 2022, as_of=day)
        parts = assess_frames(frames_of(tables), JIYUAN, 2022, as_of=day)
        direct = assess(as_of(portfolio_of(tables), day), JIYUAN, 2022)
        assert parts.summary == whole.summary == direct.summary
        found.add(sum(w.kind == "ids_alike" for w in parts.warnings))
        assert whole.portfolio.day == whole.ledgers.day
    assert max(found) > 0


def test_a_day_behind_all_rows_is_as_none() -> None:
    tables = everything()
    last = assess(portfolio_of(tables), JIYUAN, 2022, as_of="2199-12-31")
    run = assessed(tables)
    assert {**run.summary, "as_of": "2199-12-31"} == last.summary
    assert results_of(run) == results_of(last)


def test_faults_of_rows_that_do_not_count_are_faults() -> None:
    frames = frames_of(small())
    dates = pa.array(["2023-99-01"], pa.string())
    place = frames["recoveries"].column_names.index("recovery_date")
    frames["recoveries"] = frames["recoveries"].set_column(place, "recovery_date", dates)
    (fault,) = faults(lambda: assess_frames(frames, JIYUAN, 2022, as_of="2022-06-30"))
    assert (fault.table, fault.row) == ("recoveries", 1)


def test_rows_keep_their_numbers_where_earlier_ones_do_not_count() -> None:
    """Also where a run over files holds the contracts that claims name, and no others."""
    later = {**CONTRACT, "contract_id": "K-later", "borrower_id": "b-later", "release_date": ""}
    old = {**CONTRACT, "contract_id": "K-old", "borrower_id": "b-old", "release_date": ""}
    tables = small()
    tables["contracts"] = [
        {**later, "start_date": "2023-05-01"},
        {**old, "start_date": "1985-01-01"},
        *tables["contracts"],
    ]
    runs = (
        assess(portfolio_of(tables), JIYUAN, 2022, as_of="2022-12-31"),
        assess_frames(frames_of(tables), JIYUAN, 2022, as_of="2022-12-31"),
    )
    assert [[w.row for w in run.warnings if w.kind == "far_date"] for run in runs] == [[2], [2]]
