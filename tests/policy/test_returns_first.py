"""Recoveries that go to government, or to another party, before the others share the rest."""

from __future__ import annotations

from decimal import Decimal

import pytest

from compensation import share_recoveries
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import small

SHARES = {"institution": "0.6", "lender": "0.4"}


@pytest.mark.parametrize(
    ("first", "proceeds", "parts"),
    [
        # Of 1,000 government bears 200, the institution 400, the lender 400.
        ('"government"', "199.99", "199.99 0 0"),
        ('"government"', "200.00", "200 0 0"),
        ('"government"', "200.01", "200 0.01 0"),
        ('"government"', "300.00", "200 50 50"),
        ('"lender", "government"', "500", "100 0 400"),
        ('"institution"', "700", "100 400 200"),
        ("", "500", "100 200 200"),
    ],
)
def test_who_comes_first_gets_back_what_it_bears(first: str, proceeds: str, parts: str) -> None:
    policy = small(f'[returns]\ncosts = "net"\nfirst = [{first}]')
    recovery = {"recovery_id": "r1", "recovery_date": "2023-01-01", "proceeds": proceeds}
    found = share_recoveries("1000", "200", SHARES, [recovery], policy)
    (row,) = found.returns
    assert list(row.to.values()) == [Decimal(part) for part in parts.split()]
    recomputed(found.explanation)
