"""Faults in columns: a fault is made when somebody looks at it, and millions cost little."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.language import Text
from compensation.ledger.faults import Fault, FaultGroup, Faults, InputFaults, whole

WRONG = Text("有误", "is wrong")
EXPECTED = Text("别的", "something else")


def group(
    rows: list[int], kind: str = "wrong", values: list[str | None] | None = None
) -> FaultGroup:
    return FaultGroup(
        kind, WRONG, "claims", "principal", EXPECTED, np.array(rows, dtype=np.int64), values
    )


def test_a_fault_says_where_what_and_what_else() -> None:
    fault = Fault("wrong", WRONG, "claims", 7, "principal", "1.005", EXPECTED)
    zh, en = fault.describe("zh"), fault.describe("en")
    assert zh == "代偿(claims) 第 7 行 代偿本金(principal):有误(值 '1.005');应为 别的"
    where, _, what = en.partition(": ")
    assert where == "claims (代偿) row 7 principal (代偿本金)"
    assert what == "is wrong (value '1.005'); expected something else"
    assert str(fault) == zh


@pytest.mark.parametrize(
    ("fault", "zh", "en"),
    [
        (Fault("x", WRONG), "有误", "is wrong"),
        (Fault("x", WRONG, "claims"), "代偿(claims):有误", "claims (代偿): is wrong"),
        (Fault("x", WRONG, "else", 2, "no"), "else 第 2 行 no:有误", "else row 2 no: is wrong"),
        (Fault("x", WRONG, value=""), "有误(值 '')", "is wrong (value '')"),
        (
            Fault("x", WRONG, "claims", id="C1"),
            "代偿(claims) 编号 C1:有误",
            "claims (代偿) id C1: is wrong",
        ),
    ],
)
def test_parts_that_are_not_known_are_left_out(fault: Fault, zh: str, en: str) -> None:
    assert fault.describe("zh") == zh
    assert fault.describe("en") == en


@given(st.lists(st.lists(st.integers(0, 10**6), max_size=5).map(sorted), max_size=5))
def test_a_sequence_of_groups_is_one_sequence_of_faults(groups: list[list[int]]) -> None:
    faults = Faults([group(rows, str(k)) for k, rows in enumerate(groups)])
    expected = [(str(k), row + 1) for k, rows in enumerate(groups) for row in rows]
    assert len(faults) == len(expected)
    assert [(fault.kind, fault.row) for fault in faults] == expected
    by_place = [faults[k] for k in range(len(faults))]
    assert [(fault.kind, fault.row) for fault in by_place] == expected
    assert [faults[k - len(faults)] for k in range(len(faults))] == by_place
    assert list(faults[1:3]) == by_place[1:3]
    for outside in (len(faults), -len(faults) - 1):
        with pytest.raises(IndexError):
            faults[outside]


def test_rows_are_numbered_as_the_file_does() -> None:
    located = FaultGroup(
        "wrong",
        WRONG,
        "claims",
        rows=np.array([0, 2], dtype=np.int64),
        values=["a", None],
        locate=lambda rows: rows * 2 + 5,
    )
    assert [(fault.row, fault.value) for fault in Faults([located])] == [(5, "a"), (9, None)]


def test_a_fault_of_no_row() -> None:
    (fault,) = Faults([whole("missing", WRONG, table="claims", value="x", expected=EXPECTED)])
    assert (fault.row, fault.column, fault.value) == (None, None, "x")
    assert "第" not in fault.describe("zh")


def test_the_exception_counts_all_and_lists_the_first_of_each_kind() -> None:
    error = InputFaults([group(list(range(250)), "many"), group([7], "one"), group([], "none")])
    assert isinstance(error, ValueError)
    assert len(error.faults) == 251
    zh, en = error.describe("zh").splitlines(), error.describe("en").splitlines()
    assert zh[0] == "输入有 251 处错误:"
    assert en[0] == "251 faults in the input:"
    assert len(zh) == len(en) == 1 + 100 + 1 + 1
    assert "150" in zh[101]
    assert "150 more" in en[101]
    assert len(error.describe("en", each=5).splitlines()) == 1 + 5 + 1 + 1
    assert str(error) == error.describe("zh")


def test_ten_million_faults_are_counted_without_being_made() -> None:
    rows = np.arange(10_000_000, dtype=np.int64)
    faults = Faults([FaultGroup("wrong", WRONG, "claims", rows=rows)])
    assert len(faults) == 10_000_000
    assert faults[-1].row == 10_000_000
    assert [row.row for _, some in faults.first(2) for row in some] == [1, 2]
