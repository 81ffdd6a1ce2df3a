"""A budget shared between partitions is shared to the fen as in one column."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from compensation.joint_assessment import YearRun
from compensation.ledger import ids
from compensation.money import MAX_TOTAL_FEN
from compensation.policy.catalogue import Policy, load_policy
from compensation.results import money
from compensation.rules import award
from compensation.spark.budget import within_budget
from compensation.spark.names import CUT, DUE, FIRST
from compensation.spark.tasks import OneYear
from tests.policy.test_small_policies import small

FIRST_COME = Path(__file__).parent.parent / "policy" / "invented" / "budget-first-come.toml"
IN_UNITS = small("[compensation]\nround_to = 1", '[budget]\nmethod = "pro_rata"\nround_to = 7')
TO_NOBODY = small('[budget]\nmethod = "pro_rata"\nround_to = 7\nleft_over = "nobody"')
ROWS = 3000


@pytest.mark.parametrize(
    ("policy", "dues", "budget"),
    [
        ("jiyuan-2022", [7], 7 * ROWS // 3 + 1),  # all remainders are alike: ids decide
        ("jiyuan-2022", [0, 1, 1, 99, MAX_TOTAL_FEN // ROWS], MAX_TOTAL_FEN // 9),
        (FIRST_COME, [0, 1, 50, 10**12], 10**14 + 3),
        (IN_UNITS, [0, 700, 1_399, 70_000], 10**7),
        (TO_NOBODY, [0, 700, 1_399, 70_000], 10**7),
    ],
)
def test_shared_as_in_one_column(
    spark: SparkSession, policy: str | Path | Policy, dues: list[int], budget: int
) -> None:
    chosen = load_policy(policy)
    source = random.Random(chosen.id)
    names = [f"{source.choice('A｡𠮷济a')}{number}" for number in source.sample(range(ROWS), ROWS)]
    given = budget
    due = np.array([source.choice(dues) for _ in names], dtype=np.int64)
    day = np.array([source.choice([19000, 19001]) for _ in names], dtype=np.int64)
    claims = pa.table(
        {"claim_id": names, "payable": money(due), DUE: pa.array(due), FIRST: pa.array(day)}
    )
    rank = ids.ranks(pa.array(names))
    if policy == FIRST_COME:
        expected = award.what_is_left(due, award.due_before(due, np.lexsort((rank, day))), budget)
    elif policy is IN_UNITS:
        nothing, pool = np.zeros_like(due), np.full_like(due, budget)
        expected = award.within_pools(due, nothing, pool, rank, 700)
        budget = int(expected.sum())
        assert given - 700 < budget <= given
    elif policy is TO_NOBODY:
        expected = award.in_proportion(due, budget, int(due.sum()), 700).part
        budget = int(expected.sum())
        assert given - 700 * ROWS < budget < given
    else:
        expected = award.within_budget(due, budget, rank)

    frame = spark.createDataFrame(claims).repartition(3)
    task = OneYear(YearRun((chosen,), 2022, given, None))
    shared = within_budget(frame, task, int(due.sum()))
    found = shared.claims.toArrow()
    shared.held.unpersist()
    paid = dict(zip(*(found[name].to_pylist() for name in ("claim_id", "payable")), strict=True))
    cut = dict(zip(*(found[name].to_pylist() for name in ("claim_id", CUT)), strict=True))
    assert [paid[name] for name in names] == money(expected).to_pylist()
    assert [cut[name] for name in names] == (due - expected).tolist()
    assert int(expected.sum()) == budget
