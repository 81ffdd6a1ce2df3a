"""Faults in columns: a fault is made when somebody looks at it, and millions cost little."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import Faults, InputFaults
from compensation.issues import Issue, Place
from compensation.language import Text

WRONG = Text("有误", "is wrong")
EXPECTED = Text("别的", "else")


def group(
    rows: list[int], kind: str = "wrong", values: list[str | None] | None = None
) -> FaultGroup:
    return FaultGroup(
        kind, WRONG, "claims", "principal", EXPECTED, np.array(rows, dtype=np.int64), values
    )


def test_a_fault_says_where_what_and_what_else() -> None:
    fault = Issue("wrong", WRONG, Place("claims", 7, "principal"), "1.005", EXPECTED)
    zh, en = fault.describe("zh"), fault.describe("en")
    assert zh == "代偿（claims） 第 7 行 代偿本金（principal）：有误（值 '1.005'）；应为 别的"
    where, _, what = en.partition(": ")
    assert where == "claims (代偿) row 7 principal (代偿本金)"
    assert what == "is wrong (value '1.005'); expected else"
    assert str(fault) == zh


@pytest.mark.parametrize(
    ("fault", "zh", "en"),
    [
        (Issue("x", WRONG), "有误", "is wrong"),
        (Issue("x", WRONG, Place("claims")), "代偿（claims）：有误", "claims (代偿): is wrong"),
        (
            Issue("x", WRONG, Place("else", 2, "no")),
            "else 第 2 行 no：有误",
            "else row 2 no: is wrong",
        ),
        (Issue("x", WRONG, value=""), "有误（值 ''）", "is wrong (value '')"),
        (
            Issue("x", WRONG, Place("claims", id="C1")),
            "代偿（claims） 编号 C1：有误",
            "claims (代偿) id C1: is wrong",
        ),
    ],
)
def test_parts_that_are_not_known_are_left_out(fault: Issue, zh: str, en: str) -> None:
    assert fault.describe("zh") == zh
    assert fault.describe("en") == en


COLUMNS = ("claim_id", "contract_id", "payout_date", "principal", "interest")
GROUPS = st.lists(
    st.tuples(
        st.sampled_from(["contracts", "claims"]),
        st.sampled_from(COLUMNS),
        st.none() | st.sets(st.integers(0, 30), min_size=1).map(sorted),
    ),
    max_size=8,
    unique_by=lambda drawn: (drawn[0], drawn[1], drawn[2] is None),
)


@pytest.mark.slow
@given(GROUPS)
def test_faults_are_read_by_table_row_and_column(
    drawn: list[tuple[str, str, list[int] | None]],
) -> None:
    groups = [
        FaultGroup(
            "x",
            WRONG,
            table,
            column,
            rows=None if rows is None else np.array(rows, dtype=np.int64),
            locate=lambda rows: rows * 2 + 5,
        )
        for table, column, rows in drawn
    ]
    places = {name: at for at, name in enumerate(COLUMNS)}
    wanted = sorted(
        (
            table == "claims",
            row is not None,
            row or 0,
            99 if table == "contracts" and column != "contract_id" else places[column],
            column,
        )
        for table, column, rows in drawn
        for row in ([None] if rows is None else [row * 2 + 5 for row in rows])
    )
    faults = Faults(groups)
    read = [(f.table == "claims", f.row is not None, f.row or 0, f.column) for f in faults]
    assert read == [(*key[:3], key[4]) for key in wanted]
    assert [faults[k] for k in range(len(faults))] == list(faults)
    assert list(faults[1:3]) == list(faults)[1:3]


@pytest.mark.parametrize("rows", [[], [3]])
def test_what_lies_outside_is_no_fault(rows: list[int]) -> None:
    faults = Faults([group(rows)])
    assert [faults[-k] for k in range(1, len(rows) + 1)] == list(faults)
    for outside in (len(rows), -len(rows) - 1):
        with pytest.raises(IndexError):
            faults[outside]


def test_faults_of_no_table_come_first_and_those_of_other_tables_last() -> None:
    tables = ["审核表", "claims", None, "institutions", "contracts"]
    faults = Faults([whole("x", WRONG, table=table) for table in tables])
    assert [f.table for f in faults] == [None, "institutions", "contracts", "claims", "审核表"]


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
    many = group(list(range(0, 500, 2)), "many")
    error = InputFaults([many, group([7], "one"), group([], "none")])
    assert isinstance(error, ValueError)
    assert len(error.faults) == 251
    zh, en = error.describe("zh").splitlines(), error.describe("en").splitlines()
    assert zh[0] == "输入有 251 处错误："
    assert en[0] == "251 faults in the input:"
    assert len(zh) == len(en) == 1 + 100 + 1 + 1
    assert re.findall(r" row (\d+) ", "\n".join(en))[:6] == ["1", "3", "5", "7", "8", "9"]
    assert zh[-1].startswith("……同类错误另有 150 处：代偿（claims） 代偿本金（principal）：有误")
    assert en[-1].startswith(
        "… 150 more of this kind: claims (代偿) principal (代偿本金): is wrong"
    )
    assert len(error.describe("en", each=5).splitlines()) == 1 + 5 + 1 + 1
    assert str(error) == error.describe("zh")


@pytest.mark.parametrize(
    ("values", "zh", "en"),
    [
        (None, "", ""),
        (["a"] * 4, "（值 'a'）", " (value 'a')"),
        (["a", None, "b", "a"], "（值 'a'、'b'）", " (value 'a', 'b')"),
        (["a", "b", "c", "d"], "（值 'a'、'b'、'c'……）", " (value 'a', 'b', 'c', …)"),
    ],
)
def test_like_faults_of_rows_that_follow_one_another_share_a_line(
    values: list[str | None] | None, zh: str, en: str
) -> None:
    error = InputFaults([group([1, 2, 3, 4], values=values), group([2], "other", ["x"])])
    chinese, english = error.describe("zh").splitlines(), error.describe("en").splitlines()
    assert chinese[1:] == [
        f"代偿（claims） 第 2–5 行（4 处） 代偿本金（principal）：有误{zh}；应为 别的",
        "代偿（claims） 第 3 行 代偿本金（principal）：有误（值 'x'）；应为 别的",
    ]
    assert english[1:] == [
        f"claims (代偿) rows 2–5 (4 faults) principal (代偿本金): is wrong{en}; expected else",
        "claims (代偿) row 3 principal (代偿本金): is wrong (value 'x'); expected else",
    ]
    assert len(error.faults) == 5


@given(st.sets(st.integers(0, 2000)), st.integers(1, 5))
def test_lines_and_what_is_left_are_all_faults(rows: set[int], each: int) -> None:
    """The rows named by the lines, and the number of those left out, are the rows given."""
    if not rows:
        return
    first, *lines = InputFaults([group(sorted(rows))]).describe("en", each).splitlines()
    named: set[int] = set()
    left = 0
    for line in lines:
        found = re.search(r"rows? (\d+)(?:–(\d+))?", line)
        if found is None:
            left += int(line.split()[1])
        else:
            named |= set(range(int(found[1]) - 1, int(found[2] or found[1])))
    assert named <= rows
    assert len(named) + left == len(rows)
    assert max(named) < min(rows - named, default=2001)
    assert str(len(rows)) in first


@pytest.mark.slow
def test_a_run_of_many_rows_is_one_line() -> None:
    rows = np.arange(10_000_000, dtype=np.int64)
    described = InputFaults([FaultGroup("wrong", WRONG, "claims", rows=rows)]).describe("en")
    assert "rows 1–10000000 (10000000 faults)" in described
    assert described.count("\n") == 1


@pytest.mark.slow
def test_ten_million_faults_are_counted_without_being_made() -> None:
    rows = np.arange(10_000_000, dtype=np.int64)
    faults = Faults([FaultGroup("wrong", WRONG, "claims", rows=rows)])
    assert len(faults) == 10_000_000
    assert faults[-1].row == 10_000_000
    assert [row.row for _, some in faults.first(2) for row in some] == [1, 2]
    two = Faults([FaultGroup(kind, WRONG, "claims", rows=rows) for kind in ("a", "b")])
    assert [(fault.kind, fault.row) for fault in two[-2:]] == [("a", 10_000_000), ("b", 10_000_000)]
