"""A case that is refused for a figure without a value: the explanation names it, and why."""

import pytest

from compensation import assess_frames
from tests.policy.test_small_policies import HALF, PRINCIPAL, columns, frames, small

BEFORE = """
[[indicators]]
id = "released_before"
name = { zh = "上年解除额", en = "released the year before" }
value = { year_before = "indicator.released_amount" }

[[quantities]]
id = "limit"
name = { zh = "限额", en = "limit" }
value = { times = ["indicator.released_before", 0.03] }
"""
WHY = "released the year before: undefined in the year before"
SLICES = 'hit = "slices"\ntiers = [{ rate = 0.5, at_most = "quantity.limit" }, { rate = 0.1 }]'
CAP = '[[caps]]\nid = "limit"\nat_most = "quantity.limit"'
SHARE = "列: blank"


@pytest.mark.parametrize(
    ("parts", "base", "rates", "unmet"),
    [
        ([], PRINCIPAL, SLICES, f"a tier that applies ({WHY}"),
        ([CAP], PRINCIPAL, HALF, WHY),
        (
            [],
            '{ min = ["claims.principal", "quantity.limit"] }',
            HALF,
            f"a base that applies ({WHY}",
        ),
        ([], PRINCIPAL, 'tiers = [{ rate = { over = ["claims.a", "claims.b"] } }]', "tier"),
    ],
)
def test_what_has_no_value_is_named(parts: list[str], base: str, rates: str, unmet: str) -> None:
    policy = small(columns(a="money", b="money"), BEFORE, *parts, base=base, rates=rates)
    tables = frames({"a": "1", "b": "0"})
    tables["contracts"] = tables["contracts"].assign(start_date="2022-02-01")
    explained = assess_frames(tables, policy, 2022).explain("c1")
    assert explained.reasons
    (said,) = explained.unmet
    print(said.en)
    assert unmet in said.en
    assert said.en in explained.describe("en")
