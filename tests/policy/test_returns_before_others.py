"""Recoveries that go to a party first, or to some by fixed shares, before others share the rest.

That the figures are right, `tests.rules.test_returns` shows; here is what a policy says of it.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import InputFaults, share_recoveries
from compensation.one_case.faults import CaseFaults
from compensation.policy.faults import PolicyFaults
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_payers_paid import COLUMNS, PAYERS, fen, run, yuan
from tests.policy.test_small_policies import columns, small

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


def by_shares(*shares: str) -> str:
    """Return the lines of returns by shares, each written as ``party share``."""
    parts = (each.split(maxsplit=1) for each in shares)
    listed = ", ".join(f'{{ party = "{party}", share = {share} }}' for party, share in parts)
    return f'[returns]\ncosts = "net"\nshares = [{listed}]'


@pytest.mark.parametrize("said", ["4 3 2", "0.4 0.3 0.3"])
@settings(max_examples=8 * DEPTH)
@given(st.lists(st.integers(1, 60_000), min_size=1, max_size=4), st.integers(0, 60_000))
def test_returns_by_shares_are_explained(said: str, proceeds: list[int], paid: int) -> None:
    """Of 1,000 yuan the institution bears 600 less what was paid, the lender 400."""
    parties = ("government", "institution", "lender")
    policy = small(by_shares(*map(" ".join, zip(parties, said.split(), strict=True))))
    recoveries = [
        {"recovery_id": f"r{n}", "recovery_date": f"2023-01-{n:02}", "proceeds": yuan(amount)}
        for n, amount in enumerate(proceeds, 1)
    ]
    found = share_recoveries("1000", yuan(paid), SHARES, recoveries, policy)
    recomputed(found.explanation)
    bears = [paid, 60_000 - paid, 40_000]
    for so_far, rows in zip(
        accumulate(proceeds), accumulate([row] for row in found.returns), strict=True
    ):
        got = [sum(int(row.to[party] * 100) for row in rows) for party in parties]
        assert sum(got) == min(so_far, 100_000)
        # Whoever has less than its share has got back all that it bears.
        highest = max(part / Decimal(share) for part, share in zip(got, said.split(), strict=True))
        for part, share, own in zip(got, said.split(), bears, strict=True):
            assert part == own or abs(part - highest * Decimal(share)) <= 2


def test_payers_get_back_by_shares_what_they_paid() -> None:
    """The province paid 300, the city 200; the institution bears 100, the lender 400."""
    policy = small(PAYERS, COLUMNS, by_shares("province 3", "city 2", "institution 5"))
    claim = {"claim_id": "c1", "compensation_paid": "500", "closed_date": "2022-07-01"}
    claim |= {"paid_province": "300", "paid_city": "200"}
    recoveries = [
        {"recovery_id": f"r{n}", "claim_id": "c1", "proceeds": proceeds, "cost": "0"}
        | {"recovery_date": f"2022-12-{n:02}"}
        for n, proceeds in enumerate(("100", "100.01", "399.99", "400"), 1)
    ]
    found = run([claim], recoveries, policy)
    # The institution is full at 200; at 600 the province and the city are, and the lender is left.
    assert fen(found, "returns", "to_government_province") == [3_000, 3_001, 23_999, 0]
    assert fen(found, "returns", "to_government_city") == [2_000, 2_000, 16_000, 0]
    assert fen(found, "returns", "to_institution") == [5_000, 5_000, 0, 0]
    assert fen(found, "returns", "to_lender") == [0, 0, 0, 40_000]
    recomputed(found.explain("c1").recoveries)


FIRST_PARTY = "returns.shares[1].party"


@pytest.mark.parametrize(
    ("returns", "payers", "keys"),
    [
        (by_shares("government 0", "lender 1"), "", ["returns.shares[1].share"]),
        (by_shares("government 0.6", "lender 0.3"), "", ["returns.shares"]),
        (by_shares("government 0.6", "lender 0.5"), "", ["returns.shares"]),
        (by_shares("lender 1", "lender 2"), "", ["returns.shares[2].party"]),
        (by_shares("lender 1"), "", ["returns.shares"]),
        (
            by_shares("lender 1", "city 2") + '\nfirst = ["lender"]',
            PAYERS,
            [FIRST_PARTY],
        ),
        (by_shares("city 1", "government 1"), PAYERS, [FIRST_PARTY]),
    ],
)
def test_shares_of_recoveries_that_make_no_sense(
    returns: str, payers: str, keys: list[str]
) -> None:
    with pytest.raises(PolicyFaults) as caught:
        small(payers, COLUMNS if payers else "", returns)
    assert [fault.key for fault in caught.value.faults] == keys


def test_shares_that_depend_on_the_case_make_one() -> None:
    """Government gets its share of what comes back, up to 200; the institution the rest."""
    policy = small(
        columns(rate="ratio"),
        by_shares('government "claims.rate"', 'institution {minus=[1,"claims.rate"]}'),
        rates="tiers = [{ rate = 0.2 }]",
    )
    claims = [
        {"claim_id": f"c{n}", "rate": rate, "compensation_paid": "200"}
        for n, rate in enumerate(("0.2", "0.5", "1"), 1)
    ]
    recoveries = [
        {"recovery_id": f"r{n}", "claim_id": f"c{n}", "recovery_date": "2022-12-01"}
        | {"proceeds": "250.01", "cost": "0"}
        for n in (1, 2, 3)
    ]
    found = run(claims, recoveries, policy)
    assert fen(found, "returns", "to_government") == [5_000, 12_501, 20_000]
    assert fen(found, "returns", "to_institution") == [20_001, 12_500, 2_501]
    # Of the last, whose share is 0, the institution shares what is left with the lender.
    assert fen(found, "returns", "to_lender") == [0, 0, 2_500]
    for claim in claims:
        recomputed(found.explain(claim["claim_id"]).recoveries)
    with pytest.raises(CaseFaults) as caught:
        share_recoveries("1000", "200", SHARES, [], policy)
    assert [fault.kind for fault in caught.value.faults] == ["takes_a_ledger"]


@pytest.mark.parametrize(
    ("rate", "kinds"), [("0.3", []), ("0.2999", ["return_share"]), ("0.3001", ["return_share"])]
)
def test_computed_shares_that_do_not_make_one_are_a_fault(rate: str, kinds: list[str]) -> None:
    policy = small(columns(rate="ratio"), by_shares('government "claims.rate"', "lender 0.7"))
    claims = [{"claim_id": id_, "rate": rate} for id_ in ("c1", "c2")]
    recovery = {"recovery_id": "r1", "claim_id": "c1", "recovery_date": "2022-12-01"}
    recoveries = [recovery | {"proceeds": "1", "cost": "0"}]
    if not kinds:
        run(claims, recoveries, policy)
        return
    with pytest.raises(InputFaults) as caught:
        run(claims, recoveries, policy)
    assert [fault.kind for fault in caught.value.faults] == kinds


@pytest.mark.parametrize(
    "share", ["indicator.payout_rate", "contracts.borrower_balance", "claims.principal"]
)
def test_shares_are_of_columns_that_every_year_has(share: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        small(by_shares(f'government "{share}"', "lender 0.7"))
    assert [fault.key for fault in caught.value.faults] == ["returns.shares[1].share"]
