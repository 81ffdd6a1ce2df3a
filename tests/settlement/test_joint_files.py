"""A year under several policies over files is that of the portfolio."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest

from compensation import InputFaults, assess_policies, read_portfolio
from compensation.joint_assessment import assess_policies_files
from tests.ledgers_of_years import PERIODS, random_ledger
from tests.settling import frames_of, trial
from tests.test_parts import restored, set_sizes

__all__ = ["restored"]  # sizes that a test sets are put back


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "budget", "as_of"),
    [
        (0, None, None),
        (1, "1000.01", None),
        (2, None, "2022-06-30"),
        (3, "1000.01", "2022-06-30"),
        (0, "1000.01", "2024-12-31"),
        (1, None, "2024-12-31"),
    ],
)
def test_files_come_to_what_the_portfolio_comes_to(
    seed: int, budget: str | None, as_of: str | None, tmp_path: Path
) -> None:
    policies = trial(*PERIODS[seed])
    set_sizes(2, 16)
    for name, table in frames_of(random_ledger(seed, 15)).items():
        pq.write_table(table, tmp_path / f"{name}.parquet", row_group_size=2)
    whole = assess_policies(read_portfolio(tmp_path), policies, 2022, budget, as_of=as_of)
    found = assess_policies_files(tmp_path, policies, 2022, budget, as_of=as_of)
    for name, table in whole.tables.items():
        assert found.tables[name].equals(table), name
    assert found.summary == whole.summary
    assert found.texts == whole.texts
    assert found.ledgers.every_contract is not None


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    tables = random_ledger(5)
    tables["claims"][0]["principal"] = "x"
    for name, table in frames_of(tables).items():
        pq.write_table(table, tmp_path / f"{name}.parquet")
    with pytest.raises(InputFaults) as raised:
        assess_policies_files(tmp_path, [*trial(), *trial()], 1999, "-1", as_of="2024-02-30")
    kinds = {fault.kind for fault in raised.value.faults}
    assert kinds >= {"not_a_number", "as_of", "budget", "same_policy_id", "year_not_covered"}
