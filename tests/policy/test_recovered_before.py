"""What was recovered before compensation was applied for, and what later recoveries return then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import (
    CaseFaults,
    InputFaults,
    Policy,
    assess,
    assess_policies,
    decide_claim,
    portfolio_of_frames,
    settle,
    share_recoveries,
)
from compensation.policy.faults import PolicyFaults
from compensation.policy_tools.doubts import doubts
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CLAIM, CONTRACT, small

COLUMN = (
    '[[columns]]\ntable = "claims"\nname = "recovered"\nheading = "申报前已追回"\ntype = "money"\n'
    'note = { zh = "没有的填0", en = "0 where nothing was" }'
)
BASE = '{ minus = ["claims.payout", "claims.recovered"] }'
SHARES = {"institution": Decimal("0.6"), "lender": Decimal("0.4")}
BEFORE = "claims.recovered"


def policy(returns: str = 'costs = "net"\nrecovered_before = "claims.recovered"') -> Policy:
    return small(COLUMN, f"[returns]\n{returns}", base=BASE, rates="tiers = [{ rate = 0.2 }]")


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def portfolio(claims: list[dict[str, str]], recoveries: list[dict[str, str]]) -> Any:
    tables: dict[str, list[Mapping[str, str]]] = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT],
        "claims": [{**CLAIM, **claim} for claim in claims],
        "recoveries": [{"claim_id": "c1", "cost": "0", **row} for row in recoveries],
    }
    return portfolio_of_frames(
        **{name: pd.DataFrame(rows) for name, rows in tables.items() if rows}
    )


def half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def expected(payout: int, before: int, proceeds: list[int]) -> tuple[int, list[int], int]:
    """Compensation, what government and both parties get back, and the surplus: by the fen.

    What is left of the payout is the loss. Each party bears its share of it, government pays a
    fifth of all of it but no more than the institution's share, and what comes back later is
    divided as the loss is, up to the loss.
    """
    loss = max(payout - before, 0)
    institution = half_up(Fraction(loss) * 6 / 10)
    paid = min(half_up(Fraction(loss) / 5), institution)
    bears = [paid, institution - paid, loss - institution]
    come, left, back = min(sum(proceeds), loss), loss, []
    remaining = come
    for part in bears:
        given_ = half_up(Fraction(remaining * part, left)) if part else 0
        back.append(given_)
        remaining, left = remaining - given_, left - part
    return paid, back, max(sum(proceeds) - loss, 0)


FEN = st.sampled_from([0, 1, 3, 99_999, 100_000, 100_001]) | st.integers(0, 200_000)


@pytest.mark.slow
@settings(max_examples=5)
@given(FEN, st.lists(FEN, min_size=1, max_size=3))
@example(40_000, [60_000])
@example(40_000, [59_999, 1, 1])
@example(100_000, [5])
@example(100_001, [5])
def test_later_recoveries_are_divided_as_the_loss_is(before: int, proceeds: list[int]) -> None:
    rows = [
        {"recovery_id": f"r{number}", "recovery_date": "2022-12-01", "proceeds": yuan(fen)}
        for number, fen in enumerate(proceeds, 1)
    ]
    ledger = portfolio([{"claim_id": "c1", "recovered": yuan(before)}], rows)
    compensation, back, surplus = expected(100_000, before, proceeds)
    chosen = policy()

    year = assess(ledger, chosen, 2022)
    (claim,) = year.claims.to_dict("records")
    names = ["to_government", "to_institution", "to_lender"]
    returned = year.returns[[*names, "surplus"]].sum()
    assert int(claim["compensation"] * 100) == compensation
    assert [int(returned[name] * 100) for name in names] == back
    assert int(returned["surplus"] * 100) == surplus
    joint = assess_policies(ledger, [chosen], 2022)
    assert joint.returns[names].to_dict() == year.returns[names].to_dict()
    lines = recomputed(year.explain("c1").recoveries)
    assert lines["r1_government_to_date"] == Fraction(year.returns["to_government"][0])

    paid_out = assess(ledger, chosen, 2022).claims["payable"][0]
    settled = settle(ledger, chosen, "2022-12-31")
    (row,) = settled.settlement.to_dict("records")
    assert row["to_pay"] == paid_out
    assert int(row["government_share"] * 100) == back[0]
    assert recomputed(settled.explain("c1").arithmetic)["government_share"] * 100 == back[0]

    alone = share_recoveries("1000", paid_out, SHARES, rows, chosen, recovered_before=yuan(before))
    parties = ("government", "institution", "lender")
    assert [int(sum(each.to[p] for each in alone.returns) * 100) for p in parties] == back
    assert recomputed(alone.explanation)["loss"] * 100 == max(100_000 - before, 0)
    case = {**{k: v for k, v in CLAIM.items() if k != "contract_id"}, "recovered": yuan(before)}
    decided = decide_claim(chosen, {"government_backed": True}, {**case, "shares": SHARES})
    assert int(decided.compensation * 100) == compensation
    assert decided.borne_after == alone.bears


def test_without_it_government_would_get_too_little() -> None:
    """Of 1,000 paid out 400 came back before: 120 paid on 600, and 600 come back later."""
    row = {"recovery_id": "r1", "recovery_date": "2022-12-01", "proceeds": "600"}
    ledger = portfolio([{"claim_id": "c1", "recovered": "400"}], [row])
    to_government = [
        assess(ledger, policy(said), 2022).returns["to_government"][0]
        for said in ('costs = "net"\nrecovered_before = "claims.recovered"', 'costs = "net"')
    ]
    assert to_government == [120, 72]


def test_a_blank_is_a_fault_where_something_is_returned() -> None:
    """Also of a claim of another year; of one without recoveries nothing depends on it."""
    row = {"recovery_id": "r1", "recovery_date": "2024-12-01", "proceeds": "600"}
    claims = [
        {"claim_id": "c1", "payout_date": "2024-06-01", "recovered": ""},
        {"claim_id": "c2", "payout_date": "2023-06-01", "recovered": ""},
        {"claim_id": "c3", "recovered": "1"},
    ]
    ledger = portfolio(claims, [row])
    for run in (
        lambda: assess(ledger, policy(), 2022),
        lambda: assess_policies(ledger, [policy()], 2022),
        lambda: settle(ledger, policy(), "2022-12-31"),
    ):
        with pytest.raises(InputFaults) as caught:
            run()
        found = [(f.kind, f.table, f.row, f.column) for f in caught.value.faults]
        assert found == [("blank", "claims", 1, "recovered")]


@pytest.mark.parametrize(
    ("paid", "above"),
    [("360.00", None), ("360.01", "loss"), ("600.00", "loss"), ("600.01", "payout")],
)
def test_what_was_paid_is_limited_by_the_payout_and_borne_of_the_loss(
    paid: str, above: str | None
) -> None:
    """The institution bore 60% of 1,000, and once 400 is entered as recovered before, of 600.

    So what was paid before is recalled, and the ledger stays one that can be computed.
    """
    back = [{"recovery_id": "r1", "recovery_date": "2022-12-01", "proceeds": "600"}]
    ledger = portfolio([{"claim_id": "c1", "recovered": "400", "compensation_paid": paid}], back)
    case: dict[str, Any] = {k: v for k, v in CLAIM.items() if k != "contract_id"}
    case |= {"shares": SHARES, "recovered": "400", "compensation_paid": paid}
    runs: list[Callable[[], Any]] = [
        lambda: assess(ledger, policy(), 2022),
        lambda: settle(ledger, policy(), "2022-12-31"),
        lambda: decide_claim(policy(), {"government_backed": True}, case),
        lambda: share_recoveries("1000", paid, SHARES, [], policy(), "400"),
    ]
    for run in runs[3:] if above == "loss" else runs if above else ():
        with pytest.raises((InputFaults, CaseFaults)) as caught:
            run()
        assert [each.kind for each in caught.value.faults] == ["paid_above_borne"]
    if above == "payout":
        return
    year, settled, decided = (run() for run in runs[:3])
    borne = min(Decimal(paid), Decimal(360))
    assert list(year.returns["to_government"]) == [borne]
    assert "paid_without_grant" in {each.kind for each in year.warnings}
    (row,) = settled.settlement.to_dict("records")
    assert (row["to_recall"], row["government_share"]) == (Decimal(paid) - 120, 120)
    assert (decided.payable, decided.borne_after["government"]) == (0, borne)


def test_it_is_given_where_the_policy_takes_it_off_and_nowhere_else() -> None:
    with pytest.raises(CaseFaults) as caught:
        share_recoveries("1000", "0", SHARES, [], policy())
    assert [fault.kind for fault in caught.value.faults] == ["blank"]
    with pytest.raises(CaseFaults) as caught:
        share_recoveries("1000", "0", SHARES, [], recovered_before="1")
    assert [fault.kind for fault in caught.value.faults] == ["unknown_member"]


@pytest.mark.parametrize(
    "value",
    ['"indicator.payout_amount"', '"claims.payout_date"', '{ over = ["claims.recovered", 2] }'],
)
def test_only_amounts_of_the_claim_are_taken_off(value: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        policy(f'costs = "net"\nrecovered_before = {value}')
    assert "returns.recovered_before" in {fault.key for fault in caught.value.faults}


def test_a_base_net_of_what_returns_do_not_speak_of_is_doubted() -> None:
    assert [doubt.key for doubt in doubts(policy('costs = "net"'))] == ["base"]
    assert doubts(policy()) == []
    part = 'parts = [{{ of = {}, borne_by = ["institution"] }}]'
    (doubt,) = doubts(policy('costs = "net"\n' + part.format('"claims.interest"')))
    for said in (doubt.message.zh, doubt.message.en):
        assert "recovered_before" in said
        assert part.format('"claims.recovered"') in said
    twice = '{ sum = ["claims.interest", "claims.recovered"] }'
    for of in ('"claims.recovered"', twice):
        assert doubts(policy('costs = "net"\n' + part.format(of))) == []
    said = '[returns]\ncosts = "net"\nrecovered_before = "claims.recovered"'
    assert [doubt.key for doubt in doubts(small(COLUMN, said))] == ["returns.recovered_before"]
