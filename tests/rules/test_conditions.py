"""Each operator a unit below its limit, at it and a unit above; blanks; limits that vary by row."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.ledger.portfolio import NO_DAY
from compensation.policy.model import Test
from compensation.policy.quantities import names_in_test
from compensation.policy.reading import built
from compensation.policy.variables import INSTITUTION
from compensation.rules.conditions import (
    Outcome,
    all_hold,
    evaluate,
    with_group_members,
)
from compensation.rules.quantities import Evaluator
from compensation.rules.variables import Variable
from compensation.schema.choices import BORROWER_TYPES
from compensation.schema.column import ColumnType
from tests.rules.naive import day_number, integers
from tests.rules.policies import policy_with_series

BELOW_AT_ABOVE = {
    "at_least": [False, True, True],
    "above": [False, False, True],
    "at_most": [True, True, False],
    "below": [True, False, False],
}
POLICY = policy_with_series()
READING = {"series": "lpr", "on": "contracts.start_date", "term": "contracts.months"}
EFFECTIVE = (day_number(datetime.date(2022, 1, 1)), day_number(datetime.date(2022, 12, 31)))


def test_of(**keys: Any) -> Test:
    return built(Test, keys)


test_of.__test__ = False  # type: ignore[attr-defined]


def variable(values: list[int | None], kind: ColumnType | None, **more: Any) -> Variable:
    """A column; None is a blank, held as 0 or as no day."""
    blank = NO_DAY if kind is ColumnType.DATE else 0
    known = np.array([value is not None for value in values], dtype=np.bool_)
    numbers = integers([blank if value is None else value for value in values])
    return Variable(numbers, known, type=kind, **more)


def ratios(pairs: list[tuple[int, int]]) -> Variable:
    """Ratios; undefined where the denominator is 0."""
    part, whole = (integers([pair[k] for pair in pairs]) for k in (0, 1))
    return Variable(part, whole > 0, whole, None)


def outcome(test: Test, variables: Mapping[str, Variable]) -> Outcome:
    rows = len(next(iter(variables.values())).numerator)
    return evaluate(test, Evaluator(POLICY, variables, rows))


def passed(test: Test, variables: Mapping[str, Variable]) -> list[bool]:
    got: list[bool] = outcome(test, variables).passed.tolist()
    return got


@pytest.mark.parametrize("operator", BELOW_AT_ABOVE)
@pytest.mark.parametrize(
    ("kind", "limit", "held"),
    [
        (ColumnType.MONEY, Decimal(5_000_000), 500_000_000),
        (ColumnType.MONEY, Decimal("0.01"), 1),
        (ColumnType.MONEY, Decimal("9999999999999.99"), 10**15 - 1),
        (ColumnType.SHARE, Decimal("0.0150"), 15_000),
        (ColumnType.SHARE, Decimal("0.2"), 200_000),
        (ColumnType.COUNT, Decimal(60), 60),
        (
            ColumnType.DATE,
            datetime.date(2022, 3, 1),
            day_number(datetime.date(2022, 3, 1)),
        ),
    ],
)
def test_a_column_around_its_limit(
    operator: str, kind: ColumnType, limit: Decimal | datetime.date, held: int
) -> None:
    test = test_of(value="contracts.x", **{operator: limit})
    values = variable([held - 1, held, held + 1, None], kind)
    assert passed(test, {"contracts.x": values}) == [*BELOW_AT_ABOVE[operator], False]


@pytest.mark.parametrize("operator", BELOW_AT_ABOVE)
@pytest.mark.parametrize("whole", [10_000, 10**15, 10**18 - 10**14])
@pytest.mark.parametrize("limit", ["0.8", "0.0001", "0.05", "1", "0"])
def test_an_indicator_around_its_limit(operator: str, whole: int, limit: str) -> None:
    """A fen off a limit of 10^18 decides, though it prints as the limit."""
    part = int(whole * Decimal(limit))
    assert Fraction(part, whole) == Fraction(limit)
    test = test_of(value="indicator.x", **{operator: Decimal(limit)})
    values = ratios([(part - 1, whole), (part, whole), (part + 1, whole), (5, 0), (0, 0)])
    expected = [*BELOW_AT_ABOVE[operator], False, False]
    assert passed(test, {"indicator.x": values}) == expected


@given(
    st.lists(
        st.tuples(st.integers(-(10**18), 10**18), st.integers(0, 10**18)), min_size=1, max_size=9
    ),
    st.sampled_from(sorted(BELOW_AT_ABOVE)),
    st.integers(0, 20_000),
)
def test_indicators_are_compared_exactly(
    pairs: list[tuple[int, int]], operator: str, limit: int
) -> None:
    test = test_of(value="indicator.x", **{operator: Decimal(limit) / 10_000})
    expected = [
        whole > 0
        and BELOW_AT_ABOVE[operator][
            1
            + (Fraction(part, whole) > Fraction(limit, 10_000))
            - (Fraction(part, whole) < Fraction(limit, 10_000))
        ]
        for part, whole in pairs
    ]
    assert passed(test, {"indicator.x": ratios(pairs)}) == expected


def test_a_money_indicator_that_is_an_average_keeps_its_half_fen() -> None:
    halves = Variable(
        integers([1, 2, 3]), np.ones(3, dtype=np.bool_), integers([2] * 3), ColumnType.MONEY
    )
    variables = {"indicator.x": halves}
    assert passed(test_of(value="indicator.x", at_least=Decimal("0.01")), variables) == [
        False,
        True,
        True,
    ]
    assert passed(test_of(value="indicator.x", at_most=Decimal("0.01")), variables) == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize("rows", [0, 1, 2, 3])
def test_an_outcome_keeps_a_limit_for_each_row(rows: int) -> None:
    """Explanations show the limit of one row."""
    test = test_of(value="claims.x", above=Decimal(1), at_most=Decimal(2))
    got = outcome(test, {"claims.x": variable([100] * rows, ColumnType.MONEY)})
    assert [bound.operator for bound in got.bounds] == ["above", "at_most"]
    for bound, limit in zip(got.bounds, (1, 2), strict=True):
        assert [bound.limit.at(row) for row in range(rows)] == [limit] * rows
        assert bound.limit.known.tolist() == [True] * rows
        assert bound.limit.numerator.dtype == np.int64
    assert got.test is test
    assert got.variable is not None
    assert not got.parts


def test_two_bounds_hold_together() -> None:
    test = test_of(value="claims.x", above=Decimal(1), at_most=Decimal(2))
    values = variable([100, 101, 200, 201, None], ColumnType.MONEY)
    assert passed(test, {"claims.x": values}) == [False, True, True, False, False]


@pytest.mark.parametrize("wanted", [True, False])
def test_booleans(wanted: bool) -> None:
    values = variable([0, 1, None], ColumnType.BOOLEAN)
    got = passed(test_of(value="contracts.x", **{"is": wanted}), {"contracts.x": values})
    assert got == [not wanted, wanted, False]


def test_the_institution() -> None:
    values = variable([0, 1], None)
    assert passed(test_of(value=INSTITUTION, **{"is": True}), {INSTITUTION: values}) == [
        False,
        True,
    ]


@pytest.mark.parametrize("kind", list(ColumnType))
def test_given(kind: ColumnType) -> None:
    words = ("a", "b") if kind in (ColumnType.TEXT, ColumnType.CHOICE) else ()
    values = variable([0, 1, None], kind, words=words)
    got = passed(test_of(value="claims.x", given=True), {"claims.x": values})
    assert got == [True, True, False]


def test_texts() -> None:
    words = ("洛阳", "洛阳市涧西区", "河南省洛阳市", "河南省新乡市洛阳路", "")
    values = variable([0, 1, 2, 3, 4, None], ColumnType.TEXT, words=words)
    variables = {"contracts.x": values}
    starts = test_of(value="contracts.x", starts_with=["洛阳", "郑州"])
    assert passed(starts, variables) == [True, True, True, False, False, False]
    listed = test_of(value="contracts.x", one_of=["洛阳", "济源"])
    assert passed(listed, variables) == [True, False, False, False, False, False]


def test_a_text_column_without_a_single_word() -> None:
    values = variable([None, None], ColumnType.TEXT)
    test = test_of(value="contracts.x", one_of=["a"])
    assert passed(test, {"contracts.x": values}) == [False, False]
    assert passed(test, {"contracts.x": variable([], ColumnType.TEXT)}) == []


def test_groups_of_borrower_types() -> None:
    words = tuple(choice.value for choice in BORROWER_TYPES)
    values = variable(list(range(len(words))), ColumnType.CHOICE, words=words)
    variables = {"contracts.borrower_type": values}

    def accepted(*listed: str) -> set[str]:
        test = test_of(value="contracts.borrower_type", one_of=listed)
        flags = passed(test, variables)
        return {word for word, met in zip(words, flags, strict=True) if met}

    small = {"micro_enterprise", "small_enterprise", "individual_business", "business_owner"}
    rural = {"farmer", "agricultural_entity"}
    assert accepted("small_micro") == small
    assert accepted("small_micro", "agricultural") == small | rural
    assert accepted("agricultural", "other") == rural | {"other"}
    assert accepted("medium_enterprise") == {"medium_enterprise"}
    assert with_group_members(["x"]) == {"x"}


def test_within_the_effective_days() -> None:
    first, last = EFFECTIVE
    values = variable([first - 1, first, last, last + 1, None], ColumnType.DATE)
    test = test_of(value="claims.payout_date", within="effective")
    assert passed(test, {"claims.payout_date": values}) == [False, True, True, False, False]


def dates(*days: tuple[int, int, int] | None) -> Variable:
    numbers = [None if day is None else day_number(datetime.date(*day)) for day in days]
    return variable(numbers, ColumnType.DATE)


@pytest.mark.parametrize(
    ("limits", "met"),
    [
        ({"at_most": Decimal(30)}, [False, True, True, True, False]),
        ({"below": Decimal(30)}, [False, True, True, False, False]),
        ({"above": Decimal(0)}, [False, False, True, True, True]),
        ({"at_least": Decimal(-100_000), "at_most": Decimal(30)}, [True, True, True, True, False]),
        ({"above": Decimal(-2), "below": Decimal(1)}, [True, True, False, False, False]),
        ({"above": Decimal(-1), "below": Decimal(1)}, [False, True, False, False, False]),
    ],
)
def test_days_since_a_date_count_the_last_one(limits: dict[str, Decimal], met: list[bool]) -> None:
    """From that date itself on, unless the test says another end."""
    test = test_of(value="claims.filed_on", since="claims.payout_date", unit="days", **limits)
    variables = {
        "claims.filed_on": variable([99, 100, 101, 130, 131, None, 130], ColumnType.DATE),
        "claims.payout_date": variable([100] * 6 + [None], ColumnType.DATE),
    }
    assert names_in_test(test) == set(variables)
    assert passed(test, variables) == [*met, False, False]


def test_months_since_a_date_end_on_the_same_day_or_the_last_one_of_a_month() -> None:
    rows = [  # since, value, one month at most, more than one month
        ((2023, 1, 31), (2023, 2, 28), True, False),
        ((2023, 1, 31), (2023, 3, 1), False, True),
        ((2024, 1, 31), (2024, 2, 29), True, False),
        ((2023, 2, 28), (2023, 3, 28), True, False),
        ((2023, 2, 28), (2023, 3, 29), False, True),
        ((2023, 12, 15), (2024, 1, 15), True, False),
        ((2023, 12, 15), (2024, 1, 16), False, True),
        ((2023, 12, 15), (2023, 12, 14), False, False),
        ((2023, 12, 15), None, False, False),
        (None, (2023, 12, 15), False, False),
    ]
    variables = {
        "claims.payout_date": dates(*(row[0] for row in rows)),
        "claims.filed_on": dates(*(row[1] for row in rows)),
    }
    keys = {"value": "claims.filed_on", "since": "claims.payout_date", "unit": "months"}
    assert passed(test_of(**keys, at_most=Decimal(1)), variables) == [row[2] for row in rows]
    assert passed(test_of(**keys, above=Decimal(1)), variables) == [row[3] for row in rows]


def test_a_column_around_another() -> None:
    """Also where a share is compared with an amount over another."""
    variables = {
        "claims.payout": variable([99, 100, 101, None, 100], ColumnType.MONEY),
        "claims.other_aid": variable([100, 100, 100, 100, None], ColumnType.MONEY),
    }
    for operator, expected in BELOW_AT_ABOVE.items():
        test = test_of(value="claims.payout", **{operator: "claims.other_aid"})
        assert passed(test, variables) == [*expected, False, False]
        share = test_of(value={"over": ["claims.payout", "claims.other_aid"]}, **{operator: 1})
        assert passed(share, variables) == [*expected, False, False]


KNOWN = {True: 1, False: 0, None: None}


@example(("not", ("all", ["a", "b"])), [(False, None, None), (False, True, None)])
@given(
    st.recursive(
        st.sampled_from(["a", "b", "c"]),
        lambda inner: (
            st.tuples(st.just("not"), inner)
            | st.tuples(st.sampled_from(["any", "all"]), st.lists(inner, min_size=2, max_size=3))
        ),
        max_leaves=6,
    ),
    st.lists(st.tuples(*[st.sampled_from([True, False, None])] * 3), min_size=1, max_size=9),
)
def test_not_holds_only_where_nothing_is_blank(
    tree: Any, rows: list[tuple[bool | None, bool | None, bool | None]]
) -> None:
    """Whatever is blank passes neither a test nor its opposite."""

    def written(tree: Any) -> dict[str, Any]:
        if isinstance(tree, str):
            return {"value": f"claims.{tree}", "is": True}
        name, inner = tree
        return {name: written(inner) if name == "not" else [written(each) for each in inner]}

    def names(tree: Any) -> set[str]:
        if isinstance(tree, str):
            return {tree}
        return names(tree[1]) if tree[0] == "not" else set().union(*map(names, tree[1]))

    def holds(tree: Any, row: dict[str, bool | None]) -> bool:
        if isinstance(tree, str):
            return row[tree] is True
        name, inner = tree
        if name == "not":
            return not holds(inner, row) and all(row[each] is not None for each in names(inner))
        return (any if name == "any" else all)(holds(each, row) for each in inner)

    variables = {
        f"claims.{name}": variable([KNOWN[row[place]] for row in rows], ColumnType.BOOLEAN)
        for place, name in enumerate("abc")
    }
    expected = [holds(tree, dict(zip("abc", row, strict=True))) for row in rows]
    assert passed(test_of(**written(tree)), variables) == expected


def test_not_given_is_told_of_a_blank() -> None:
    """The opposite of `given` holds for a blank; an unknown limit beside it leaves it open."""
    variables = {
        "claims.payout": variable([1, None, 1], ColumnType.MONEY),
        "claims.other_aid": variable([1, 1, None], ColumnType.MONEY),
    }
    alone = {"value": "claims.payout", "given": True}
    assert passed(test_of(**{"not": alone}), variables) == [False, True, False]
    beside = {**alone, "at_most": "claims.other_aid"}
    assert passed(test_of(**{"not": beside}), variables) == [False, True, False]


def test_a_limit_that_changes_by_date() -> None:
    days = [datetime.date(2022, 1, 1), datetime.date(2022, 7, 1)]
    values = [{"from": days[0], "value": Decimal(5)}, {"from": days[1], "value": Decimal(10)}]
    test = test_of(value="claims.x", at_most={"on": "claims.payout_date", "values": values})
    first, second = map(day_number, days)
    variables = {
        "claims.x": variable([500, 501, 501, 1000, 1001, 0, 0], ColumnType.MONEY),
        "claims.payout_date": variable(
            [first, second - 1, second, second, second + 9, first - 1, None], ColumnType.DATE
        ),
    }
    assert passed(test, variables) == [True, False, True, True, False, False, False]


def test_a_limit_from_a_series() -> None:
    """In force from its day on; 60 months are the short term; a hundredth of a basis point."""
    limit = {"sum": [READING, Decimal("0.02")]}
    test = test_of(value="contracts.rate", at_most=limit)
    day = [day_number(datetime.date(2022, *pair)) for pair in [(5, 19), (5, 20), (1, 19), (12, 31)]]
    rows = [  # rate, day, months, met
        (57_000, day[0], 60, True),
        (57_001, day[0], 60, False),
        (66_000, day[0], 61, True),
        (64_500, day[1], 61, True),
        (64_501, day[1], 61, False),
        (57_000, day[1], 60, True),
        (0, day[2], 12, False),
        (0, day[3], 12, True),
        (0, day[3] + 1, 12, False),
        (0, day[1], None, False),
        (0, None, 12, False),
        (None, day[1], 12, False),
    ]
    variables = {
        "contracts.rate": variable([row[0] for row in rows], ColumnType.SHARE),
        "contracts.start_date": variable([row[1] for row in rows], ColumnType.DATE),
        "contracts.months": variable([row[2] for row in rows], ColumnType.COUNT),
    }
    assert names_in_test(test) == set(variables)
    assert passed(test, variables) == [row[3] for row in rows]


def test_any_of_several() -> None:
    test = test_of(
        any=[
            {"value": "contracts.a", "is": True},
            {"value": "contracts.b", "at_least": Decimal(1)},
        ]
    )
    variables = {
        "contracts.a": variable([1, 0, None, 0, None], ColumnType.BOOLEAN),
        "contracts.b": variable([0, 100, 100, 99, None], ColumnType.MONEY),
    }
    assert names_in_test(test) == set(variables)
    got = outcome(test, variables)
    assert got.passed.tolist() == [True, True, True, False, False]
    assert [part.passed.tolist() for part in got.parts] == [
        [True, False, False, False, False],
        [False, True, True, False, False],
    ]


def test_all_of_none_hold() -> None:
    assert all_hold([], 3).dtype == np.bool_
    assert all_hold([], 3).tolist() == [True] * 3
    values = {"claims.x": variable([0, 1], ColumnType.BOOLEAN)}
    yes, no = (outcome(test_of(value="claims.x", **{"is": b}), values) for b in (True, False))
    assert all_hold([yes], 2).tolist() == [False, True]
    assert all_hold([yes, no], 2).tolist() == [False, False]


def test_parts_of_any_look_at_series_and_at_the_effective_days() -> None:
    limit = READING
    test = test_of(
        any=[
            {"value": "contracts.rate", "at_most": limit},
            {"value": "claims.payout_date", "within": "effective"},
        ]
    )
    start = day_number(datetime.date(2022, 5, 20))
    variables = {
        "contracts.rate": variable([37_000, 37_001, 37_001], ColumnType.SHARE),
        "contracts.start_date": variable([start] * 3, ColumnType.DATE),
        "contracts.months": variable([60] * 3, ColumnType.COUNT),
        "claims.payout_date": variable(
            [EFFECTIVE[1] + 1, EFFECTIVE[1], EFFECTIVE[1] + 1], ColumnType.DATE
        ),
    }
    got = outcome(test, variables)
    assert got.test is test
    assert got.passed.tolist() == [True, True, False]
