"""The smallest rise that is enough: it is, and one unit less is not."""

from __future__ import annotations

import operator
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from compensation.rules.shortfall import shortfall

TESTS = {
    "at_least": operator.ge,
    "above": operator.gt,
    "at_most": operator.le,
    "below": operator.lt,
}
AMOUNT = st.integers(0, 12) | st.integers(0, 10**18)


def holds(
    name: str, part: int, whole: int, limit: int, scale: int, x: int, up: bool, down: bool
) -> bool:
    part, whole = part + up * x, whole + down * x
    return whole > 0 and bool(TESTS[name](Fraction(part, whole), Fraction(limit, scale)))


@pytest.mark.parametrize("name", TESTS)
@given(
    part=AMOUNT | st.integers(-(10**18), 0),
    whole=AMOUNT,
    limit=st.integers(-3, 30) | st.integers(0, 30_000),
    scale=st.sampled_from([1, 10, 10_000]),
    up=st.booleans(),
    down=st.booleans(),
)
@example(part=79, whole=100, limit=8000, scale=10_000, up=True, down=True)
@example(part=0, whole=0, limit=8000, scale=10_000, up=True, down=True)
@example(part=0, whole=0, limit=5, scale=10, up=False, down=True)
@example(part=9, whole=10, limit=1, scale=1, up=True, down=True)
@example(part=8, whole=10, limit=8, scale=10, up=False, down=True)
@example(part=8, whole=10, limit=8, scale=10, up=True, down=False)
@example(part=8, whole=10, limit=9, scale=10, up=True, down=True)
@example(part=9, whole=10, limit=10, scale=10, up=False, down=True)
@example(part=7, whole=0, limit=8, scale=10, up=False, down=False)
@example(part=7, whole=1, limit=8, scale=10, up=False, down=False)
@example(part=0, whole=1, limit=8, scale=10, up=True, down=False)
def test_the_smallest_rise(
    name: str, part: int, whole: int, limit: int, scale: int, up: bool, down: bool
) -> None:
    x = shortfall(part, whole, limit, scale, name, adds_to_part=up, adds_to_whole=down)

    def passes(rise: int) -> bool:
        return holds(name, part, whole, limit, scale, rise, up, down)

    if x is None:
        tried = [*range(50), *(10**power for power in range(2, 40))]
        assert not any(passes(rise) for rise in tried)
    else:
        assert x >= 0
        assert passes(x)
        assert x == 0 or not passes(x - 1)
        assert not any(passes(rise) for rise in range(min(x, 20)))


@pytest.mark.parametrize(
    ("part", "whole", "x"), [(80, 100, 0), (79, 100, 5), (0, 100, 400), (7999, 10_000, 5)]
)
def test_an_eighty_per_cent_share_counts_the_rise_twice(part: int, whole: int, x: int) -> None:
    got = shortfall(part, whole, 8000, 10_000, "at_least", adds_to_part=True, adds_to_whole=True)
    assert got == x
