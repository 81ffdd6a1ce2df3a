"""Compensation paid in stages: what is payable now, later, and in a settlement; in fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation import (
    Assessment,
    InputFaults,
    Policy,
    assess,
    assess_frames,
    compare,
    decide_claim,
    forecast,
    portfolio_of_frames,
    settle,
    solve,
)
from compensation.one_case.faults import CaseFaults
from compensation.policy.faults import PolicyFaults
from compensation.refusals import Refused
from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_small_policies import CLAIM, CONTRACT, columns, small

ENDED = columns(ended="date")
HALF_FIRST = """
[[stages]]
share = 1
when = [{ value = "claims.ended", given = true }]

[[stages]]
share = 0.5
"""
AFTER_A_YEAR = """
[[stages]]
share = 1
when = [{ value = "year.as_of", since = "claims.payout_date", unit = "months", at_least = 12 }]

[[stages]]
share = 0.3333
when = [{ value = "year.as_of", since = "claims.payout_date", unit = "days", at_least = 30 }]
"""
Row = dict[str, str]


def frames(*claims: Row, payments: list[Row] | None = None) -> dict[str, Any]:
    numbered = enumerate(claims, 1)
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT],
        "claims": [{**CLAIM, "claim_id": f"c{n}", "ended": "", **claim} for n, claim in numbered],
        "payments": payments or [],
    }
    return {name: pd.DataFrame(rows) for name, rows in tables.items() if rows}


def in_stages(stages: str = HALF_FIRST) -> Policy:
    return small(ENDED, stages)


def payable(run: Assessment, row: int = 0) -> str:
    id_ = run.claims["claim_id"][row]
    assert recomputed(run.explain(id_).arithmetic)["payable"] == Fraction(
        run.claims["payable"][row]
    )
    return str(run.claims["payable"][row])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ({}, "250.00"),
        ({"ended": "2022-07-01"}, "500.00"),
        # Half of a fen, and of one more: halves up.
        ({"principal": "1000.02"}, "250.01"),
        ({"principal": "1000.04"}, "250.01"),
        ({"principal": "1000.06"}, "250.02"),
        # What was paid before comes off what is payable to date, not off the whole.
        ({"compensation_paid": "249.99"}, "0.01"),
        ({"compensation_paid": "250.00"}, "0.00"),
        ({"compensation_paid": "250.01"}, "0.00"),
        ({"compensation_paid": "250.01", "ended": "2022-07-01"}, "249.99"),
        ({"approved_amount": "100"}, "50.00"),
        ({"approved_amount": "100", "ended": "2022-07-01"}, "100.00"),
        ({"finance_review": "pending", "ended": "2022-07-01"}, "0.00"),
        ({"finance_review": "rejected"}, "0.00"),
        ({"closed_date": "2022-07-01"}, "0.00"),
    ],
)
def test_what_is_payable_now(claim: Row, expected: str) -> None:
    run = assess_frames(frames(claim), in_stages(), 2022)
    assert payable(run) == expected
    assert run.claims["compensation"][0] == Fraction(run.claims["payout"][0]) / 2


def test_stages_are_numbered_by_what_is_payable() -> None:
    run = assess_frames(frames({}, {"ended": "2022-07-01"}), in_stages(), 2022)
    lines = [run.explain(id_).arithmetic for id_ in run.claims["claim_id"]]
    titles = [line.title.zh for each in lines for line in each if line.name == "stage_share"]
    assert titles == ["分期支付（第 1 期）", "分期支付（第 2 期）"]
    why = [line.why[0].zh for each in lines for line in each if line.name == "stage_share"]
    assert [said.partition("：")[0] for said in why] == [
        "支付 100% 的一期不适用",
        "支付 100% 的一期适用",
    ]


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.booleans(), st.integers(0, 10**9)),
        min_size=1,
        max_size=4,
    ),
    st.none() | st.integers(0, 10**9),
)
def test_stages_and_a_budget(cases: list[tuple[int, bool, int]], budget: int | None) -> None:
    rows = [
        {
            "principal": f"{fen / 100:.2f}",
            "ended": "2022-07-01" if ended else "",
            "compensation_paid": f"{min(paid, fen // 2) / 100:.2f}",
        }
        for fen, ended, paid in cases
    ]
    due = []
    for fen, ended, paid in cases:
        whole = (fen + 1) // 2
        ready = whole if ended else int(Fraction(whole, 2) + Fraction(1, 2))
        due.append(max(ready - min(paid, fen // 2), 0))
    run = assess_frames(
        frames(*rows), in_stages(), 2022, None if budget is None else f"{budget / 100:.2f}"
    )
    found = [int(Fraction(each) * 100) for each in run.claims["payable"]]
    if budget is None or sum(due) <= budget:
        assert found == due
    else:
        assert sum(found) == budget
        assert all(got <= most for got, most in zip(found, due, strict=True))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2022-06-30", "0.00"),
        ("2022-07-01", "166.65"),
        ("2023-05-31", "166.65"),
        ("2023-06-01", "500.00"),
    ],
)
def test_the_day_decides_the_stage(day: str, expected: str) -> None:
    """30 days after the payout of 1 June 2022, and a year after; before, nothing is payable."""
    policy = in_stages(AFTER_A_YEAR)
    tables = frames({"finance_review_date": "2022-06-02"})
    run = assess_frames(tables, policy, 2022, as_of=day)
    assert payable(run) == expected
    assert (
        assess(portfolio_of_frames(**tables), policy, 2022, as_of=day)
        .tables["claims"]
        .equals(run.tables["claims"])
    )


def test_a_day_that_nobody_said_is_asked_for() -> None:
    (fault,) = faults(assess_frames, frames({}), in_stages(AFTER_A_YEAR), 2022)
    assert fault.kind == "as_of"
    with pytest.raises(CaseFaults) as raised:
        decide_claim(in_stages(AFTER_A_YEAR), {}, {"principal": "1", "payout_date": "2022-06-01"})
    assert "takes_a_ledger" in [fault.kind for fault in raised.value.faults]


YEAR_OF_DAYS = """{ over = [{ times = [{ yuan = 1 },
    { days = ["year.start", { first_given = ["year.as_of", "year.end"] }] }] }, 1] }"""


def test_a_day_that_is_done_without_is_not_asked_for() -> None:
    policy = small(base=" ".join(YEAR_OF_DAYS.split()))
    for day, base in (("2022-06-01", 151), (None, 364)):
        assert assess_frames(frames({}), policy, 2022, as_of=day).claims["base"][0] == base
    figures: dict[str, Any] = {name: of for name, of in CLAIM.items() if name != "contract_id"}
    figures["shares"] = {"institution": "0.6", "lender": "0.4"}
    assert str(decide_claim(policy, {}, figures).base) == "364.00"


def test_forecasts_know_no_day() -> None:
    with pytest.raises(Refused) as refused:
        forecast(portfolio_of_frames(**frames({})), 2022, 1, "0.1", policy=in_stages(AFTER_A_YEAR))
    assert "assess --as-of" in refused.value.message.zh


FILED = """
[[columns]]
table = "claims"
name = "filed"
heading = "申报日期"
type = "date"
required = true
agreed = false
note = { zh = "申报之日", en = "the day of filing" }
[budget]
method = "first_come"
order = "claims.filed"
"""


def test_a_later_day_is_blank_in_comparisons_as_in_runs() -> None:
    """A filing after the day is as if blank; a cell that is blank is a fault either way."""
    tables = frames({"filed": "2022-07-01"}, {"filed": "2022-06-02"})
    ledger, policy = portfolio_of_frames(**tables), small(FILED)
    run = assess(ledger, policy, 2022, as_of="2022-06-30")
    scarce = assess(ledger, policy, 2022, run.claims["payable"][1], as_of="2022-06-30")
    assert scarce.claims["payable"].to_list() == [0, run.claims["payable"][1]]  # it came later
    found = compare(ledger, policy, [2022], as_of="2022-06-30")
    assert found.totals["payable"][0] == sum(run.claims["payable"])
    assert found.summary["as_of"] == "2022-06-30"
    path, target = "rates.tiers[1].rate", "compensation<=100"
    solved = solve(ledger, policy, [2022], path, target, as_of="2022-06-30")
    assert solved.comparison.summary["as_of"] == "2022-06-30"
    with pytest.raises(InputFaults) as raised:
        compare(ledger, policy, [2022], as_of="never")
    assert [fault.kind for fault in raised.value.faults] == ["as_of"]


def test_one_case_in_stages() -> None:
    figures: dict[str, Any] = {name: of for name, of in CLAIM.items() if name != "contract_id"}
    figures["shares"] = {"institution": "0.6", "lender": "0.4"}
    decided = decide_claim(in_stages(), {}, {**figures, "ended": None})
    assert (str(decided.compensation), str(decided.payable)) == ("500.00", "250.00")


OF_CASE = """
[[stages]]
share = { over = ["claims.part", 3] }
when = [{ value = "claims.ended", given = true }]

[[stages]]
share = "claims.part"
"""
BY_CASE = small(columns(ended="date", part="ratio"), OF_CASE)


@pytest.mark.slow
@given(
    st.lists(
        st.tuples(st.integers(1, 10**9), st.integers(0, 10**6), st.booleans()),
        min_size=1,
        max_size=4,
    )
)
def test_the_share_of_a_stage_may_be_the_cases_own(cases: list[tuple[int, int, bool]]) -> None:
    rows, due = [], []
    for fen, part, ended in cases:
        day = "2022-07-01" if ended else ""
        rows.append({"principal": f"{fen / 100:.2f}", "part": f"{part / 10**6:.6f}", "ended": day})
        share = Fraction(part, 3 * 10**6 if ended else 10**6)
        due.append(int((fen + 1) // 2 * share + Fraction(1, 2)))
    tables = frames(*rows)
    run = assess_frames(tables, BY_CASE, 2022)
    assert [int(payable(run, row).replace(".", "")) for row in range(len(rows))] == due
    settled = settle(portfolio_of_frames(**tables), BY_CASE, "2022-12-31")
    found = settled.tables["settlement"]["due_to_date"].to_pylist()
    assert [int(each * 100) for each in found] == due
    for number in range(1, len(rows) + 1):
        recomputed(settled.explain(f"c{number}").arithmetic)


def test_a_share_that_is_none_is_a_fault() -> None:
    (fault,) = faults(assess_frames, frames({"part": "0.5"}, {"part": ""}), BY_CASE, 2022)
    assert (fault.kind, fault.row) == ("stage_share", 2)
    above = small(columns(part="ratio"), '[[stages]]\nshare = { sum = ["claims.part", 0.5] }')
    for part, kinds in (("0.5", []), ("0.500001", ["stage_share"])):
        figures: dict[str, Any] = {name: of for name, of in CLAIM.items() if name != "contract_id"}
        figures["shares"] = {"institution": "0.6", "lender": "0.4"}
        decided = decide_claim(above, {}, {**figures, "part": part})
        assert str(decided.payable) == ("0.00" if kinds else "500.00")
        found = faults(assess_frames, frames({"part": part}), above, 2022) if kinds else []
        assert [each.kind for each in found] == kinds


PAID = {"payment_id": "p1", "claim_id": "c1", "payment_date": "2022-10-01", "amount": "250.01"}


@pytest.mark.parametrize(
    ("day", "budget", "expected"),
    [
        # c1: 250.01 of 250.00 paid, nothing to recall; c2 ends on 1 February; c3 is rejected.
        ("2022-12-31", None, ["0.00 0.00 0.00", "250.00 0.00 0.00", "0.00 0.00 0.00"]),
        ("2023-02-01", None, ["0.00 0.00 0.00", "500.00 0.00 0.00", "0.00 0.00 0.00"]),
        ("2023-02-01", "499.99", ["0.00 0.00 0.00", "499.99 0.00 0.01", "0.00 0.00 0.00"]),
    ],
)
def test_a_settlement_pays_what_the_stage_lets_it(
    day: str, budget: str | None, expected: list[str]
) -> None:
    tables = frames({}, {"ended": "2023-02-01"}, {"finance_review": "rejected"}, payments=[PAID])
    found = settle(portfolio_of_frames(**tables), in_stages(), day, budget=budget)
    names = ["to_pay", "to_recall", "outstanding"]
    rows = found.tables["settlement"].select(["granted", "due_to_date", *names]).to_pylist()
    assert [" ".join(str(row[name]) for name in names) for row in rows] == expected
    assert [str(row["granted"]) for row in rows] == ["500.00", "500.00", "0.00"]
    second = "250.00" if day == "2022-12-31" else "500.00"
    assert [str(row["due_to_date"]) for row in rows] == ["250.00", second, "0.00"]
    assert str(found.tables["settlement_institutions"]["due_to_date"][0]) == str(
        sum(row["due_to_date"] for row in rows)
    )
    for row, id_ in zip(rows, ("c1", "c2", "c3"), strict=True):
        lines = found.explain(id_).arithmetic
        assert recomputed(lines)["to_pay"] == Fraction(row["to_pay"])
    stage = next(line for line in found.explain("c2").arithmetic if line.name == "stage_share")
    assert stage.clause == "1", "of the stage, by its clause"


@pytest.mark.parametrize(
    ("stages", "key"),
    [
        ("[[stages]]\nshare = 0.5", "stages"),
        (HALF_FIRST.replace("claims.ended", "claims.closed_date"), "stages"),
        ("[[stages]]\nshare = 1\n[[stages]]\nshare = 0.5", "stages[1].when"),
        (
            '[[stages]]\nshare = 1\nwhen = [{ value = "claims.endded", given = true }]',
            "stages[1].when[1].value",
        ),
        ('[[stages]]\nshare = "claims.principal"', "stages[1].share"),
    ],
)
def test_stages_that_cannot_be_meant(stages: str, key: str) -> None:
    with pytest.raises(PolicyFaults) as raised:
        in_stages(stages)
    assert [fault.key for fault in raised.value.faults] == [key]


def test_a_day_of_cases_is_none_of_institutions() -> None:
    condition = '[[institution_conditions]]\nid = "x"\nvalue = "year.as_of"\nat_least = 2022-01-01'
    with pytest.raises(PolicyFaults) as raised:
        small(condition)
    assert [fault.key for fault in raised.value.faults] == ["institution_conditions[x].value"]
