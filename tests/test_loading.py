"""What is loaded: whole for many runs, or for one policy alone; the same checks in both cases."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from compensation import InputFaults, assess, assess_files, read_portfolio
from compensation.ledger import digest
from compensation.schema.dictionary import ROWS_OF, TABLES
from compensation.tables import pieces
from tests.assessing import frames_of, portfolio_of
from tests.conftest import DEPTH, seeds
from tests.oracle_reading import Tables
from tests.pairing import in_turn
from tests.portfolios import random_portfolio

ROOT = Path(__file__).parent.parent
OWN = ROOT / "examples" / "own-policy.toml"
"""A policy that tests 申报日期, a column of its own in claims."""
VARIANTS = ROOT / "tests" / "policy" / "invented" / "indicator-variants.toml"
RUNS = [
    ("jiyuan-2022", 2022),
    (OWN, 2022),
    (OWN, 2023),
    ("luoyang-2025", 2025),
    ("jiyuan-2022", 2023),
]
"""Luoyang tests columns that the tables lack, and Jiyuan covers one year only: both are refused."""


def ledger() -> Tables:
    """Tables with the share column that `OWN` tests, without any value."""
    tables = random_portfolio(7, 30)
    contracts = [{**row, "share_reguarantor": ""} for row in tables["contracts"]]
    return {**tables, "contracts": contracts}


def with_filing_dates(tables: Tables) -> Tables:
    claims = [{**row, "申报日期": row["payout_date"]} for row in tables["claims"]]
    return {**tables, "claims": claims}


def saved(tables: Tables, folder: Path) -> Path:
    folder.mkdir()
    for name, table in frames_of(tables).items():
        pq.write_table(table, folder / f"{name}.parquet", row_group_size=3)
    return folder


def told(run: Callable[..., Any], *given: Any) -> list[tuple[str, str | None, str | None]]:
    with pytest.raises(InputFaults) as error:
        run(*given)
    return [(fault.kind, fault.table, fault.column) for fault in error.value.faults]


# A portfolio serves any policy and year


@pytest.mark.slow
@pytest.mark.parametrize("order", [RUNS, RUNS[::-1]], ids=["forwards", "backwards"])
def test_a_portfolio_read_once_serves_every_policy_and_year(order: list[Any]) -> None:
    tables = with_filing_dates(ledger())
    held = portfolio_of(tables)
    for policy, year in order:
        alone = portfolio_of(tables)
        if year == 2025 or (policy, year) == ("jiyuan-2022", 2023):
            assert told(assess, held, policy, year) == told(assess, alone, policy, year)
            continue
        found, expected = (assess(portfolio, policy, year) for portfolio in (held, alone))
        assert found.summary == expected.summary
        assert list(found.warnings) == list(expected.warnings)
        for name, table in found.tables.items():
            assert table.equals(expected.tables[name]), name
        assert found.portfolio is held


def test_a_portfolio_knows_no_policy() -> None:
    """A column that one policy has added is neither in the portfolio nor in another's digest."""
    tables = with_filing_dates(ledger())
    held = portfolio_of(tables)
    own = assess(held, OWN, 2022)
    assert "filing_date" in own.ledgers.tables["claims"]
    assert "filing_date" not in held.tables["claims"]
    plain = assess(own.portfolio, "jiyuan-2022", 2022)
    assert plain.summary["input_digest"] != own.summary["input_digest"]
    without = portfolio_of(ledger())
    expected = assess(without, "jiyuan-2022", 2022).summary["input_digest"]
    assert plain.summary["input_digest"] == expected
    unread = [str(w.message) for w in plain.warnings if w.kind == "headings_not_read"]
    assert any("申报日期" in message for message in unread)
    assert not any("申报日期" in str(w.message) for w in own.warnings)


def test_a_column_that_a_policy_needs_and_the_portfolio_lacks_is_a_fault(tmp_path: Path) -> None:
    tables = ledger()
    held = portfolio_of(tables)
    missing = [("missing_policy_column", "claims", "filing_date")]
    assert told(assess, held, OWN, 2022) == missing
    assert told(assess_files, saved(tables, tmp_path / "in"), OWN, 2022) == missing
    assert assess(held, "jiyuan-2022", 2022).tables["claims"].num_rows, "it serves other policies"


# What all contracts are held of


def by_share(folder: Path) -> Path:
    """A policy that counts borrowers of whose contracts the institution bears half or more."""
    text = VARIANTS.read_text(encoding="utf-8")
    farmers = '{ value = "contracts.borrower_type", one_of = ["farmer"] }'
    assert text.count(farmers) == 1
    share = '{ value = "contracts.share_institution", at_least = 0.5 }'
    (folder / "policy.toml").write_text(text.replace(farmers, share), encoding="utf-8")
    return folder / "policy.toml"


def test_a_measure_of_one_share_looks_at_the_other_shares_of_a_row(tmp_path: Path) -> None:
    """A blank share beside others is 0; only where all are blank does the institution bear all."""
    row = {
        "institution_id": "I",
        "borrower_type": "farmer",
        "guaranteed_amount": "100",
        "start_date": "2024-01-02",
    }
    shares = {"all blank": ("", ""), "blank": ("", "1"), "half": ("0.5", "0.5")}
    tables: Tables = {
        "institutions": [{"institution_id": "I", "government_backed": "true"}],
        "contracts": [
            {
                **row,
                "contract_id": id_,
                "borrower_id": id_,
                "share_institution": own,
                "share_lender": other,
            }
            for id_, (own, other) in shares.items()
        ],
        "claims": [],
    }
    policy, source = by_share(tmp_path), saved(tables, tmp_path / "in")
    for found in (assess(read_portfolio(source), policy, 2024), assess_files(source, policy, 2024)):
        assert found.inputs.indicator("farmers").numerator.tolist() == [2]


# References, ids and sums between blocks


def with_years_after(tables: Tables) -> Tables:
    """The tables with payments, remittances and entries of the pool."""
    claims = [row["claim_id"] for row in tables["claims"][:3]]
    rest = {"amount": "0.01"}
    days = {"payments": "payment_date", "remittances": "remittance_date"}
    more: Tables = {
        name: [
            {f"{name[:-1]}_id": f"{n}", "claim_id": id_, day: "2024-12-31", **rest}
            for n, id_ in enumerate(claims)
        ]
        for name, day in days.items()
    }
    entry = {"entry_date": "2024-12-31", "kind": "budget", **rest}
    return {**tables, **more, "pool": [{"entry_id": f"{n}", **entry} for n in range(3)]}


def spoiled(tables: Tables, chance: random.Random) -> Tables:
    """The tables with ids that are there already, ids of nothing, and releases of too much."""
    result = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    for table in (each for each in TABLES if each.name in tables):
        rows, reference = result[table.name], table.reference
        for row in chance.sample(rows, min(2, len(rows))):
            if table.columns[0].unique:
                rows.insert(chance.randint(0, len(rows)), dict(row))
        if reference is not None:
            chance.choice(rows)[reference.name] = "nothing"
    for row in chance.sample(result["releases"], 3):
        row["amount"] = "90000000"
    return result


def expected_faults(tables: Tables) -> Counter[tuple[str, str, int]]:
    """The kind, table and row of each fault of ids, references and releases, row by row."""
    found: Counter[tuple[str, str, int]] = Counter()
    ids = {
        table.name: [row[table.columns[0].name].strip() for row in tables[table.name]]
        for table in TABLES
        if table.name in tables
    }
    for table in (each for each in TABLES if each.name in tables):
        reference = table.reference
        for number, row in enumerate(tables[table.name], 1):
            before = ids[table.name][: number - 1]
            if table.columns[0].unique and ids[table.name][number - 1] in before:
                found["duplicate", table.name, number] += 1
            if (
                reference is not None
                and row[reference.name].strip() not in ids[str(reference.refers_to)]
            ):
                found["unknown_reference", table.name, number] += 1
    released: Counter[str] = Counter()
    for row in tables["releases"]:
        released[row["contract_id"].strip()] += Decimal(row["amount"])  # type: ignore[assignment]
    for number, row in enumerate(tables["contracts"], 1):
        id_ = row["contract_id"].strip()
        first = id_ not in ids["contracts"][: number - 1]
        if first and released[id_] > Decimal(row["guaranteed_amount"].replace(",", "")):
            found["over_released", "contracts", number] += 1
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "piece"), in_turn(seeds(0, 6), [(1,), (7,), (1000,)] * min(DEPTH, 2))
)
def test_ids_and_references_are_checked_across_blocks(
    seed: int, piece: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pieces, "PIECE", piece)
    monkeypatch.setattr(digest, "BLOCK", 16)
    sound = with_years_after(random_portfolio(seed, 30))
    for name, of in ROWS_OF.items():
        id_ = of.removesuffix("s") + "_id"
        sound[name] = [{id_: row[id_], "year": "2022"} for row in sound[of]]
    tables = spoiled(sound, random.Random(seed))
    expected, source = expected_faults(tables), saved(tables, tmp_path / "in")
    kinds = {kind for kind, _, _ in expected}
    assert kinds == {"duplicate", "unknown_reference", "over_released"}

    def run(load: Callable[..., Any], *given: Any) -> Counter[tuple[str, str | None, int | None]]:
        with pytest.raises(InputFaults) as error:
            load(*given)
        faults = [fault for fault in error.value.faults if fault.kind in kinds]
        return Counter((fault.kind, fault.table, fault.row) for fault in faults)

    assert run(read_portfolio, source) == expected
    assert run(assess_files, source, "jiyuan-2022", 2022) == expected
