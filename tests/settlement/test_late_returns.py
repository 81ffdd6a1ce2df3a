"""What is charged on government's part of recoveries that is handed over late.

The oracle looks at each day: what should have been handed over before it, and what was.
"""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import (
    InputFaults,
    Policy,
    portfolio_of_frames,
    read_result,
    settle,
    settle_files,
    verify,
)
from compensation.policy.faults import PolicyFaults
from compensation.policy.return_words import describe_returns
from compensation.report.settlement_console import settlement_text
from compensation.rules.lateness import Amounts, pieces, standing
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CLAIM, CONTRACT, columns, payers, small

PAYOUT_DAY = date(2022, 6, 1)
DUE = '{ days_later = ["recoveries.recovery_date", 30] }'
Moved = Sequence[tuple[int, int]]


def policy(rate: str = "0.0005", due: str = DUE, *more: str) -> Policy:
    late = f'[returns]\ncosts = "net"\nlate = {{ due = {due}, rate = {rate} }}'
    return small(*more, late)


def on(day: int) -> str:
    return str(PAYOUT_DAY + timedelta(day))


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def ledger(recovered: Moved, paid: Moved, handed: Moved, **own: Sequence[str]) -> Any:
    return portfolio_of_frames(**frames(recovered, paid, handed, **own))


def frames(
    recovered: Moved, paid: Moved, handed: Moved, **own: Sequence[str]
) -> dict[str, pd.DataFrame]:
    """Return tables of a payout of 1,000 yuan; days since it, fen, below 0 what went back.

    `own`: cells of the recoveries, by column.
    """
    recoveries = [
        {"recovery_id": f"r{n}", "claim_id": "c1", "recovery_date": on(day)}
        | {"proceeds": yuan(fen), "cost": "0"}
        | {name: cells[n - 1] for name, cells in own.items()}
        for n, (day, fen) in enumerate(recovered, 1)
    ]
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT],
        "claims": [CLAIM | {"claim_id": "c1"}],
        "recoveries": recoveries,
        "payments": _rows("payment", paid, "recalled"),
        "remittances": _rows("remittance", handed, "refunded"),
    }
    names = {"recoveries": ["recovery_id", "claim_id", "recovery_date", "proceeds", "cost"]}
    for name in ("payment", "remittance"):
        names[f"{name}s"] = [f"{name}_id", "claim_id", f"{name}_date", "amount", "kind"]
    return {
        name: pd.DataFrame(rows, columns=None if rows else names[name])
        for name, rows in tables.items()
    }


def _rows(name: str, moved: Moved, back: str) -> list[dict[str, str]]:
    there = {"payment": "paid", "remittance": "remitted"}[name]
    return [
        {f"{name}_id": f"{name}{n}", "claim_id": "c1", f"{name}_date": on(day)}
        | {"amount": yuan(abs(fen)), "kind": there if fen > 0 else back}
        for n, (day, fen) in enumerate(moved, 1)
    ]


def charge(portfolio: Any, chosen: Policy, day: int) -> int:
    settled = settle(portfolio, chosen, on(day))
    recomputed(settled.explain("c1").arithmetic)
    (row,) = settled.settlement.to_dict("records")
    assert settled.institutions["late_charge"].to_list() == [row["late_charge"]]
    return int(row["late_charge"] * 100)


def expected(recovered: Moved, paid: Moved, handed: Moved, rate: Fraction, to: int) -> int:
    """Half up, of what was late on each day: handed over after the last day for it."""

    def share(recoveries: int, payments: int) -> int:
        back = min(sum(fen for _, fen in recovered[:recoveries]), 100_000)
        has_paid = sum(fen for _, fen in paid[:payments])
        return math.floor(Fraction(back * has_paid, 100_000) + Fraction(1, 2))

    def added(recoveries: int, payment: int) -> int:
        """What a payment adds to government's part of the first recoveries, never taken back."""
        rest = range(recoveries, len(recovered) + 1) if recoveries else [0]
        return min(share(n, payment) - share(n, payment - 1) for n in rest)

    late = 0
    for day in range(1, to + 1):
        recoveries = sum(on + 30 < day for on, _ in recovered)
        payments = sum(on + 30 < day for on, _ in paid)
        due = sum(added(recoveries, n) for n in range(1, payments + 1))
        late += max(0, due - sum(fen for on, fen in handed if on < day))
    return math.floor(late * rate + Fraction(1, 2))


DAYS = st.integers(0, 200)
RATES = {"0.0005": Fraction(5, 10_000), "{ over = [0.18, 365] }": Fraction(18, 36_500)}
FEN = st.sampled_from([1, 2, 99, 10_000]) | st.integers(1, 30_000)


def moved(most: int, fen: st.SearchStrategy[int] = FEN) -> st.SearchStrategy[Moved]:
    return st.lists(st.tuples(DAYS, fen), max_size=most).map(sorted)


@pytest.mark.slow
@settings(max_examples=20 * DEPTH)
@given(
    moved(4),
    moved(3, st.integers(1, 16_000)),
    moved(3, st.integers(1, 8_000)),
    st.sampled_from(list(RATES)),
    st.integers(201, 300),
)
@example([(10, 10_000), (50, 1)], [(0, 50_000)], [(40, 5_000)], "0.0005", 201)
@example([(10, 33_333), (11, 1), (12, 1)], [(0, 11_111), (60, 16_000)], [], "0.0005", 250)
def test_what_is_late_on_each_day(
    recovered: Moved, paid: Moved, handed: Moved, rate: str, to: int
) -> None:
    found = charge(ledger(recovered, paid, handed), policy(rate), to)
    assert found == expected(recovered, paid, handed, RATES[rate], to)


PART = ([(10, 10_000)], [(0, 50_000)])
"""Of 100.00 recovered, half is government's: 50.00, until the 40th day."""


@pytest.mark.parametrize(
    ("handed", "to", "fen"),
    [
        ([(40, 5_000)], 200, 0),
        ([(41, 5_000)], 200, 3),  # 50.00 × 0.0005 = 0.025
        ([(40, 4_999)], 200, 0),  # 0.01 × 160 × 0.0005 = 0.0008
        ([(40, 2_000), (60, 3_000)], 200, 30),
        ([(60, 5_000), (70, 5_000)], 200, 50),
        ([], 40, 0),
        ([], 41, 3),
        ([(20, 6_000), (30, -1_000)], 200, 0),
        ([(20, 5_000), (30, -1_000), (60, 1_000)], 200, 10),
    ],
)
def test_in_time_and_a_day_late(handed: Moved, to: int, fen: int) -> None:
    assert charge(ledger(*PART, handed), policy(), to) == fen


def test_what_was_recalled_makes_nothing_late() -> None:
    """Of 500.00 paid, 250.00 were recalled: a quarter of what came back is government's."""
    paid = [(0, 50_000), (150, -25_000)]
    assert charge(ledger([(10, 10_000)], paid, []), policy(), 60) == 50
    assert charge(ledger([(10, 10_000)], paid, []), policy(), 160) == 150


def test_rates_and_days_of_each_recovery() -> None:
    """25.00 and 50.00 are government's; 40.00 pay the first and 15.00 of the second."""
    own = columns("recoveries", rate="ratio", by="date")
    chosen = policy('"recoveries.rate"', '"recoveries.by"', own)
    cells = {"rate": ["0.001", "0.0002"], "by": [on(20), on(50)]}
    recovered = [(10, 5_000), (15, 10_000)]
    portfolio = ledger(recovered, [(0, 50_000)], [(60, 4_000)], **cells)
    # 25.00 × 40 × 0.001 + 15.00 × 10 × 0.0002 + 35.00 × 50 × 0.0002
    assert charge(portfolio, chosen, 100) == 138
    # Paid on the 40th day: nothing of the first is due before.
    later = ledger(recovered, [(40, 50_000)], [(60, 4_000)], **cells)
    assert charge(later, chosen, 100) == 88
    blank = ledger(recovered, [(0, 50_000)], [], rate=["0.001", ""], by=[on(20), on(50)])
    with pytest.raises(InputFaults) as caught:
        settle(blank, chosen, on(100))
    assert [(f.kind, f.column) for f in caught.value.faults] == [("blank", "rate")]


def test_a_rate_below_0_is_a_fault() -> None:
    own = columns("recoveries", rate="ratio")
    chosen = policy('{ minus = ["recoveries.rate", 0.5] }', DUE, own)
    for rate, kinds in (("0.5", []), ("0.499999", ["return_late"])):
        portfolio = ledger(*PART, [], rate=[rate])
        if not kinds:
            assert charge(portfolio, chosen, 100) == 0
            continue
        with pytest.raises(InputFaults) as caught:
            settle(portfolio, chosen, on(100))
        assert [fault.kind for fault in caught.value.faults] == kinds


def test_days_are_needed_and_others_see_nothing() -> None:
    portfolio = portfolio_of_frames(
        institutions=pd.DataFrame([{"institution_id": "A", "government_backed": "true"}]),
        contracts=pd.DataFrame([CONTRACT]),
        claims=pd.DataFrame([CLAIM | {"claim_id": "c1"}]),
    )
    with pytest.raises(InputFaults) as caught:
        settle(portfolio, policy(), on(100))
    assert [(f.kind, f.table) for f in caught.value.faults] == [
        ("missing_table", "payments"),
        ("missing_table", "remittances"),
    ]
    assert "late_charge" not in settle(portfolio, small(), on(100)).settlement.columns


def test_in_words() -> None:
    text = describe_returns(policy(), policy().rules.returns)
    assert text.zh.endswith("；返还政府的款项最迟于追偿日期后 30 天缴回，逾期的按日加收 0.05%")
    assert text.en.endswith(
        "; what goes to government is handed over no later than 30 days after recovery date; "
        "0.05% of it is charged for each day that it is late"
    )


@pytest.mark.parametrize(
    ("rate", "due", "key"),
    [
        ("0", DUE, "rate"),
        ("5", DUE, "rate"),
        ('"recoveries.cost"', DUE, "rate"),
        ("0.0005", '"recoveries.cost"', "due"),
        ("0.0005", '"year.end"', "due"),
    ],
)
def test_one_fault_where_it_makes_no_sense(rate: str, due: str, key: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        policy(rate, due)
    assert [fault.key for fault in caught.value.faults] == [f"returns.late.{key}"]


def test_amounts_of_several_claims_do_not_pay_one_another() -> None:
    owed = Amounts(*map(np.array, ([0, 0, 2], [5, 7, 4], [10, 20, 10])))
    handed = Amounts(*map(np.array, ([0, 1, 2], [6, 9, 9], [15, 1, 30])))
    found = pieces(owed, handed, 50)
    assert found.fen.tolist() == [5, 1, 6, 4]
    assert found.days.tolist() == [5, 0, 30, 20]
    assert found.owed.tolist() == [0, 1, 1, 2]
    assert found.handed.tolist() == [0, 0, -1, 2]
    assert standing(np.array([0, 0, 0]), np.array([5, -9, 3])).tolist() == [0, 0, 0]


@pytest.mark.slow
def test_files_and_results_that_are_read_back(tmp_path: Path) -> None:
    own = columns("recoveries", rate="ratio")
    chosen = tmp_path / "late.toml"
    chosen.write_text(policy('"recoveries.rate"', DUE, own).text, encoding="utf-8")
    tables = frames(*PART, [(60, 3_000)], rate=["0.0005"])
    folder = tmp_path / "ledger"
    folder.mkdir()
    for name, frame in tables.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    settled = settle_files(folder, [chosen], on(200))
    assert settled.tables["settlement"].equals(
        settle(portfolio_of_frames(**tables), chosen, on(200)).tables["settlement"]
    )
    settled.to_csv(tmp_path / "result")
    settled.to_excel(tmp_path / "result.xlsx")
    for name in ("result", "result.xlsx"):
        assert verify(tmp_path / name, folder, policy=[chosen]).same
        (row,) = read_result(tmp_path / name).tables["settlement"].to_pylist()
        assert str(row["late_charge"]) == "1.90"  # 30.00 × 20 and 20.00 × 160, × 0.0005
    notice = openpyxl.load_workbook(tmp_path / "result.xlsx")["收缴通知单"]
    said = [str(cell) for line in notice.values for cell in line if cell is not None]
    assert any(each.endswith("另有逾期缴回加收 1.90 元") for each in said)
    assert "逾期缴回加收" in said
    assert "1.90" in settlement_text(settled, None, "en", io.StringIO())


@pytest.mark.parametrize(
    ("paid", "late"),
    [
        ([(10, 500_00)], 21_87),  # 266.67 × 164 days × 0.0005
        # Of half the payment 125 and 25 are due with the recovery, 116.67 30 days after the rest.
        ([(10, 250_00), (60, 250_00)], 19_53),  # (150.00 × 164 + 116.67 × 124) × 0.0005
    ],
)
def test_payers_of_which_one_gets_back_first(paid: Moved, late: int) -> None:
    """300 are recovered: the province's part, and a share of the rest for the city, by hand."""
    returns = f'first = ["province"]\nlate = {{ due = {DUE}, rate = 0.0005 }}'
    chosen = small(payers(province=0.5, city=0.5), f'[returns]\ncosts = "net"\n{returns}')
    assert charge(ledger([(20, 300_00)], paid, []), chosen, 214) == late
