"""A settlement over files is that of the portfolio: figures, digests, warnings, faults."""

from __future__ import annotations

import random
import tempfile
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compensation import InputFaults, Policy, Settlement, read_portfolio, settle, settle_files
from tests.conftest import DEPTH
from tests.conftest import seeds as some_seeds
from tests.ledgers_of_years import random_ledger
from tests.settlement.test_other_policies import policy
from tests.settlement.test_properties import days, periods, seeds
from tests.settling import EXAMPLE_NAMES, EXAMPLES, frames_of, params, policy_files, trial
from tests.test_parts import in_order, restored, set_sizes

__all__ = ["restored"]  # sizes that a test sets are put back


def same(one: Settlement, other: Settlement) -> None:
    for name, table in one.tables.items():
        assert table.equals(other.tables[name]), name
    assert one.summary == other.summary
    assert one.texts == other.texts
    assert list(one.warnings) == list(other.warnings)
    for id_ in one.tables["settlement"]["claim_id"].to_pylist()[:20]:
        assert one.explain(id_) == other.explain(id_)


def save(frames: dict[str, pa.Table], folder: Path, form: str) -> Path:
    for name, table in frames.items():
        if form == "csv":
            pyarrow.csv.write_csv(table, folder / f"{name}.csv")
        else:
            pq.write_table(table, folder / f"{name}.parquet", row_group_size=2)
    return folder


@pytest.mark.slow
@given(
    seeds,
    days,
    periods,
    st.sampled_from(["as it is", "grouped", "shuffled"]),
    st.sampled_from(["parquet", "csv"]),
    st.sampled_from([1, 2, 7, 1000]),
    st.sampled_from([1, 4, 1 << 16]),
    st.sampled_from([None, "0", "100000.01"]),
)
@settings(
    deadline=None,
    max_examples=5 * DEPTH,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
def test_files_come_to_what_the_portfolio_comes_to(
    seed: int,
    to: date,
    period: list[tuple[str, str | None]],
    order: str,
    form: str,
    piece: int,
    block: int,
    budget: str | None,
) -> None:
    tables, policies = in_order(random_ledger(seed, 15), order, seed), trial(*period)
    set_sizes(piece, block)
    with tempfile.TemporaryDirectory() as folder:
        source = save(frames_of(tables), Path(folder), form)
        whole = settle(read_portfolio(source), policies, to, None, budget)
        same(settle_files(source, policies, to, None, budget), whole)


OWN = """[[columns]]
table = "contracts"
name = "NAME"
heading = "NAME"
type = "TYPE"
required = false
note = { zh = "试算", en = "an example" }

[[indicators]]
id = "own_share"
name = { zh = "试算占比", en = "a share" }
clause = "试算"
basis = "assumption"
note = { zh = "试算", en = "an example" }
value = { over = [
    { measure = "closing_balance", where = [{ value = "contracts.NAME", TEST }] },
    { measure = "closing_balance" },
] }

[[institution_conditions]]
"""
"""An indicator of some contracts, by a column of the policy's own."""


def with_own_indicator(id_: str, name: str, kind: str, test: str) -> Policy:
    own = OWN.replace("NAME", name).replace("TYPE", kind).replace("TEST", test)
    return policy(
        {
            '[[institution_conditions]]\nid = "government_backed"': (
                f'{own}id = "government_backed"'
            ),
            'value = "indicator.small_agri_share"\nat_least = 0.80': (
                'value = "indicator.own_share"\nat_least = 0.30'
            ),
        },
        id_,
    )


@pytest.mark.slow
@pytest.mark.parametrize("seed", some_seeds(0, 6))
def test_policies_that_test_different_contracts(seed: int, tmp_path: Path) -> None:
    policies = [
        with_own_indicator("trial-2022", "grade", "text", 'one_of = ["A"]'),
        with_own_indicator("trial-2024", "marked", "boolean", "is = true"),
    ]
    tables, source = random_ledger(seed, 25), random.Random(seed)
    for row in tables["contracts"]:
        row |= {"grade": source.choice("AB"), "marked": source.choice(["yes", "no"])}
    set_sizes((2, 1000)[seed % 2], 16)
    folder = save(frames_of(tables), tmp_path, "csv")
    for to in ("2023-12-31", "2025-12-31"):
        found = settle_files(folder, policies, to)
        same(found, settle(read_portfolio(folder), policies, to))
    every = found.ledgers.every_contract
    assert every is not None
    assert {"grade", "marked"} <= every.tables["contracts"].keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_the_examples(name: str) -> None:
    run, source = params(name), EXAMPLES / name / "input"
    given = (policy_files(name), run["to"], run["from"], run["budget"])
    set_sizes(10, 16)
    same(settle_files(source, *given), settle(read_portfolio(source), *given))


def test_contracts_that_no_claim_names_are_not_held() -> None:
    name = "trial-1"
    found = settle_files(EXAMPLES / name / "input", policy_files(name), params(name)["to"])
    held = found.ledgers.rows("contracts")
    assert held == len(set(found.tables["settlement"]["contract_id"].to_pylist()))
    assert held < len(found.ledgers.books.guaranteed)


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    tables = random_ledger(5)
    tables["claims"][0]["principal"] = "x"
    source = save(frames_of(tables), tmp_path, "csv")
    with pytest.raises(InputFaults) as raised:
        settle_files(source, [*trial(), *trial()], "2024-02-30", None, "-1")
    kinds = {fault.kind for fault in raised.value.faults}
    assert kinds >= {"not_a_number", "as_of", "budget", "same_policy_id"}
    with pytest.raises(InputFaults, match="未指定政策"):
        settle_files(source, [], "2024-12-31")
