"""How results are made into columns: reasons, ratios that are too wide, warnings, amounts."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.results import (
    WARNINGS_EACH,
    indicator_column,
    money,
    ratio_column,
    reasons,
    summary_of,
)
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType
from compensation.values.printing import yuan
from tests.assessing import assessed, cell_text
from tests.oracle_reading import half_up, ratio_text
from tests.portfolios import random_portfolio
from tests.rules.naive import integers

FLAGS = st.lists(st.lists(st.booleans(), min_size=10, max_size=10), max_size=6)


@given(FLAGS, st.integers(1, 10))
def test_reasons_are_the_names_of_what_failed_in_order(rows: list[list[bool]], names: int) -> None:
    flags = np.array(rows, dtype=np.bool_).reshape(-1, 10)
    failed = {f"n{k}": flags[:, k] for k in range(names)}
    expected = [";".join(f"n{k}" for k in range(names) if row[k]) or None for row in flags.tolist()]
    got = reasons(failed, len(rows))
    assert got.type == pa.string()
    assert got.to_pylist() == expected


def test_no_conditions_at_all_leave_no_reasons() -> None:
    assert reasons({}, 2).to_pylist() == [None, None]
    assert reasons({}, 0).type == pa.string()


PAIRS = st.tuples(st.integers(-(10**18), 10**18), st.integers(0, 10**18))


@given(st.lists(PAIRS, max_size=6))
def test_ratios_have_six_decimals_whatever_their_size(pairs: list[tuple[int, int]]) -> None:
    part, whole_ = (integers([pair[k] for pair in pairs]) for k in (0, 1))
    column = ratio_column(part, whole_, whole_ > 0)
    expected = [Fraction(n, d) if d else None for n, d in pairs]
    assert [cell_text(cell) for cell in column.to_pylist()] == list(map(ratio_text, expected))
    wide = any(
        value is not None and half_up(abs(value.numerator) * 10**6, value.denominator) >= 10**18
        for value in expected
    )
    assert column.type == pa.decimal128(38 if wide else 18, 6)


@pytest.mark.parametrize(
    ("part", "whole_", "precision"),
    [
        (10**12, 1, 38),
        (10**12 - 1, 1, 18),
        (10**18, 10**6, 38),
        (10**18 - 1, 10**6, 18),
        (-(10**12), 1, 38),
        (10**18 * 9, 1, 38),
    ],
)
def test_the_column_is_wider_from_ten_to_the_twelfth_on(
    part: int, whole_: int, precision: int
) -> None:
    column = ratio_column(integers([part]), integers([whole_]), np.array([True]))
    assert column.type.precision == precision
    assert Fraction(column[0].as_py()) == Fraction(part, whole_)


def test_an_undefined_huge_ratio_does_not_widen_the_column() -> None:
    column = ratio_column(integers([10**17, 1]), integers([0, 2]), np.array([False, True]))
    assert column.type == pa.decimal128(18, 6)
    assert column.to_pylist() == [None, Decimal("0.500000")]


def test_a_ratio_that_rounds_to_nothing_has_no_sign() -> None:
    column = ratio_column(integers([-1, -1]), integers([2_000_001, 2_000_000]), np.ones(2, bool))
    assert [cell_text(cell) for cell in column.to_pylist()] == ["0.000000", "-0.000001"]


def test_indicators_by_unit() -> None:
    sure = np.ones(2, dtype=np.bool_)
    count = indicator_column(Variable(integers([3, 0]), sure, type=ColumnType.COUNT))
    assert (count.type, count.to_pylist()) == (pa.int64(), [3, 0])
    amount = indicator_column(Variable(integers([305, 0]), sure, type=ColumnType.MONEY))
    assert amount.to_pylist() == [Decimal("3.05"), Decimal("0.00")]
    halves = Variable(integers([305, 304]), sure, integers([2, 2]), ColumnType.MONEY)
    assert indicator_column(halves).to_pylist() == [Decimal("1.53"), Decimal("1.52")]


@pytest.mark.parametrize("fen", [0, 1, -1, 10**18 - 1, 12_345])
def test_yuan(fen: int) -> None:
    assert Fraction(yuan(fen)) == Fraction(fen, 100)
    assert len(yuan(fen).rpartition(".")[2]) == 2
    assert money(integers([fen]))[0].as_py() == Decimal(yuan(fen))


def test_more_than_a_column_holds_is_refused_not_wrapped() -> None:
    with pytest.raises(ValueError, match="18 digits"):
        money(integers([10**18]))


def test_the_summary_is_json_and_lists_the_first_hundred_warnings_of_a_kind() -> None:
    assessment = assessed(random_portfolio(2))
    rows = np.arange(WARNINGS_EACH + 7, dtype=np.int64)
    message = Text("看一看", "have a look")
    groups = [
        FaultGroup("many", message, "claims", "principal", rows=rows),
        whole("one", message, table="institutions"),
    ]
    object.__setattr__(assessment, "warnings", type(assessment.warnings)(groups))
    summary = summary_of(assessment)
    warnings = summary["warnings"]
    assert len(warnings) == WARNINGS_EACH + 1 + 1
    assert [warning["row"] for warning in warnings[:2]] == [1, 2]
    assert warnings[100]["row"] is None
    assert "7" in warnings[100]["message"]
    assert "7 more" in warnings[100]["message_en"]
    assert json.loads(json.dumps(summary, ensure_ascii=False)) == summary
    assert list(summary) == [
        *("policy", "year", "budget", "reviews", "version", "input_digest"),
        *("inputs", "parties", "rules", "totals", "assumptions", "warnings"),
    ]
