"""Caps over years that count what was paid less what recoveries returned to government."""

from __future__ import annotations

import math
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import assess_frames, settle
from compensation.policy.faults import PolicyFaults
from tests import oracle_settlement
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.ledgers_of_years import DAYS, random_ledger
from tests.oracle_reading import Claim, Recovery, Row, money, read, split
from tests.policy.test_small_policies import CLAIM, CONTRACT, _frame, small
from tests.settlement.test_other_policies import CAP as BORROWER
from tests.settlement.test_other_policies import policy
from tests.settlement.test_properties import LEGS, amounts, carried_out
from tests.settling import IDS, portfolio_of, results_of

CAP = """[[caps]]
id = "net"
per = ["contracts.institution_id"]
years = {}
at_most = {}
net_of_returns = true
"""
LAST = date(2022, 12, 31)


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


earlier = st.tuples(st.integers(100, 10**6), st.integers(0, 100), st.sampled_from([2021, 2022]))
recoveries = st.tuples(
    st.integers(0, 2), st.integers(-400, 200), st.integers(0, 10**6), st.integers(0, 10**5)
)


@pytest.mark.slow
@given(
    st.lists(earlier, min_size=1, max_size=3),
    st.lists(recoveries, max_size=4),
    st.integers(1, 10**6),
    st.sampled_from(["2", '"all"']),
)
@settings(max_examples=8 * DEPTH)
def test_what_had_come_back_by_the_end_of_the_year_before_is_room(
    before: list[tuple[int, int, int]],
    back: list[tuple[int, int, int, int]],
    most: int,
    years: str,
) -> None:
    """Of 2,000 yuan in 2023 half is wanted; earlier cases were paid a share of 60% of theirs."""
    payouts: list[int] = []
    paid: list[int] = []
    rows: list[Row] = []
    for principal, percent, year in before:
        # The institution bears 60%, of which so many percent were paid.
        payouts.append(principal)
        paid.append(math.floor(principal * Fraction(6, 10)) * percent // 100)
        row = {**CLAIM, "claim_id": f"e{len(rows)}", "payout_date": f"{year}-07-01"}
        rows.append(row | {"principal": yuan(principal), "compensation_paid": yuan(paid[-1])})
    now = {**CLAIM, "claim_id": "now", "payout_date": "2023-03-01", "principal": "2000"}
    returned, entries = [0] * len(rows), []
    for number, (any_place, days, proceeds, cost) in enumerate(back):
        place = any_place % len(rows)
        first = date.fromisoformat(rows[place]["payout_date"])
        day = max(first, LAST + timedelta(days=days))
        entries.append((place, day, f"r{number}", proceeds, cost))
    for place, payout in enumerate(payouts):
        own = sorted(each[1:] for each in entries if each[0] == place and each[1] <= LAST)
        highest = 0
        for day, id_, _, _ in own:
            received = sum(each[2] for each in own if each[:2] <= (day, id_))
            highest = max(highest, received - sum(each[3] for each in own if each[0] <= day))
        institution, lender = split(payout, [600_000, 400_000])
        weights = [paid[place], institution - paid[place], lender]
        returned[place] = split(min(highest, payout), weights)[0]
    counts = [years == '"all"' or before[place][2] == 2022 for place in range(len(rows))]
    net = sum(p - r for p, r, counted in zip(paid, returned, counts, strict=True) if counted)
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT],
        "claims": [*rows, now],
        "recoveries": [
            {
                "recovery_id": id_,
                "claim_id": f"e{place}",
                "recovery_date": day.isoformat(),
                "proceeds": yuan(proceeds),
                "cost": yuan(cost),
            }
            for place, day, id_, proceeds, cost in entries
        ],
    }
    if not entries:
        del tables["recoveries"]
    run = assess_frames(
        {name: _frame(table) for name, table in tables.items()},
        small(CAP.format(years, yuan(most))),
        2023,
    )
    (amount,) = run.claims["compensation"]
    assert amount * 100 == min(100_000, max(most - net, 0))
    recomputed(run.explain("now").arithmetic)


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.sampled_from(DAYS), st.integers(1, 400_000), st.booleans())
@settings(max_examples=4 * DEPTH, deadline=None)
def test_settled_over_years_nothing_is_due_once_carried_out(
    seed: int, to: date, most: int, institution: bool
) -> None:
    """What earlier years are granted counts, less what the oracle has returned of it by then."""
    cap = BORROWER.replace("30_000", str(most)).replace(
        'years = "all"', 'years = "all"\nnet_of_returns = true'
    )
    if institution:
        cap = cap.replace(', "contracts.borrower_id"', "")
    tables, policies = random_ledger(seed), [policy({"[review]\n": cap}, id_) for id_ in IDS]
    found = results_of(settle(portfolio_of(tables), policies, to))["settlement"]
    known = oracle_settlement.as_of(tables, to)
    portfolio = read(known)
    beside = list(zip(found, portfolio.claims, strict=True))
    for year in {row["year"] for row, _ in beside if row["status"] == "approved"}:
        groups: dict[tuple[str, ...], list[tuple[Row, Claim]]] = {}
        for row, claim in beside:
            group = (row["institution_id"], "" if institution else row["borrower_id"])
            groups.setdefault(group, []).append((row, claim))
        for members in groups.values():
            own = sum(
                money(r["granted"])
                for r, _ in members
                if (r["year"], r["status"]) == (year, "approved")
            )
            net = sum(
                money(row["granted"]) - returned(claim, row, portfolio.recoveries, int(year))
                for row, claim in members
                if row["year"] < year
            )
            assert own <= max(most * 100 - net, 0)
    done = carried_out(known, found, to)
    after = results_of(settle(portfolio_of(done), policies, to))["settlement"]
    assert [row["compensation"] for row in after] == [row["compensation"] for row in found]
    assert amounts(after, *LEGS) == [0] * 4


def returned(claim: Claim, row: Row, recovered: list[Recovery], year: int) -> int:
    own = [r for r in recovered if r.claim_id == claim.id and r.day < date(year, 1, 1)]
    granted = money(row["granted"])
    weights = [granted, *claim.borne]
    weights[1] -= granted
    # The government's part is the most by the policy net of costs, the less by the other.
    return max(oracle_settlement.returned(claim, own, weights, net)[2] for net in (True, False))


@pytest.mark.parametrize(
    "change",
    [
        ('years = "all"', ""),
        ('per = ["contracts.institution_id"]', ""),
        ('id = "net"', 'id = "net"\non = "cases"'),
        ('id = "net"', 'id = "net"\nexceeding = "stop_after"'),
        ("at_most = 5", 'at_most = { minus = [5, "cap.paid_before"] }'),
    ],
)
def test_what_it_does_not_go_with_is_refused(change: tuple[str, str]) -> None:
    text = CAP.format('"all"', 5)
    assert small(text).rules.caps[0].net_of_returns
    with pytest.raises(PolicyFaults) as raised:
        small(text.replace(*change))
    assert "caps[net].net_of_returns" in [fault.key for fault in raised.value.faults]
