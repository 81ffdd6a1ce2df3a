"""Payers that pay first and are refilled first, over years: what a settlement knows of each."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import (
    InputFaults,
    Policy,
    PolicyFaults,
    Settlement,
    assess_frames,
    assess_policies,
    load_policy,
    portfolio_of_frames,
    settle_frames,
)
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CONTRACT

RECIPE = Path(__file__).parents[2] / "docs" / "recipes" / "deposit-pool.toml"
POOL = load_policy(RECIPE)
TEXT = RECIPE.read_text(encoding="utf-8")
YEARS = (2023, 2024, 2025)
EVE = "2025-12-31"
LEGS = ["to_pay", "to_recall", "to_remit", "to_refund"]
PARTS = ("to_pay_deposits", "to_pay_fund", "to_remit_deposits", "to_remit_fund")


class Claim(NamedTuple):
    """A claim of a year, in fen; what came back of it by year, what was paid and handed over."""

    year: int
    principal: int
    recovered: tuple[int, int, int]
    paid: Fraction
    remitted: Fraction


def yuan(fen: int) -> str:
    return f"{Decimal(fen).scaleb(-2):f}"


def moved(kind: str, rows: Sequence[tuple[str, str, int]]) -> pd.DataFrame:
    names = [f"{kind}_id", "claim_id", f"{kind}_date", "amount"]
    cells = [(f"{kind}{n}", id_, day, yuan(fen)) for n, (id_, day, fen) in enumerate(rows) if fen]
    return pd.DataFrame(cells, columns=pd.Index(names), dtype=str)


def frames(
    deposits: Sequence[int],
    claims: Sequence[Claim],
    payments: Sequence[tuple[str, str, int]] = (),
    remittances: Sequence[tuple[str, str, int]] = (),
) -> dict[str, Any]:
    """Return the tables; `deposits`: what came into the pool in each year."""
    contracts = [
        {
            **CONTRACT,
            "contract_id": f"k{year}",
            "start_date": f"{year}-01-02",
            "guaranteed_amount": "100000000",
            "share_institution": "1",
            "share_lender": "0",
            "deposit": yuan(fen),
        }
        for year, fen in zip(YEARS, deposits, strict=True)
    ]
    rows = [
        {
            "claim_id": f"c{number}",
            "contract_id": f"k{claim.year}",
            "payout_date": f"{claim.year}-06-01",
            "principal": yuan(claim.principal),
        }
        for number, claim in enumerate(claims)
    ]
    recoveries = [
        {
            "recovery_id": f"r{number}.{year}",
            "claim_id": f"c{number}",
            "recovery_date": f"{year}-12-31",
            "proceeds": yuan(fen),
            "cost": "0",
        }
        for number, claim in enumerate(claims)
        for year, fen in zip(YEARS, claim.recovered, strict=True)
        if fen
    ]
    names = ["recovery_id", "claim_id", "recovery_date", "proceeds", "cost"]
    return {
        "institutions": pd.DataFrame([{"institution_id": "A", "government_backed": "true"}]),
        "contracts": pd.DataFrame(contracts),
        "claims": pd.DataFrame(rows),
        "recoveries": pd.DataFrame(recoveries, columns=pd.Index(names), dtype=str),
        "payments": moved("payment", payments),
        "remittances": moved("remittance", remittances),
    }


def shared(deposits: Sequence[int], claims: Sequence[Claim]) -> list[tuple[int, int]]:
    """By claim: what the pool of deposits pays of it, and the fund; fen."""
    paid: dict[int, tuple[int, int]] = {}
    for place, year in enumerate(YEARS):
        before = list(paid.items())
        balance = sum(deposits[: place + 1]) - sum(pool for _, (pool, _) in before)
        balance += sum(
            min(sum(claims[number].recovered[:place]), claims[number].principal, pool)
            for number, (pool, _) in before
        )
        for number, claim in enumerate(claims):
            if claim.year == year:
                pool = min(claim.principal, max(balance, 0))
                balance -= pool
                above = Fraction(claim.principal - pool, 2)
                paid[number] = pool, int(above + Fraction(1, 2))
    return [paid[number] for number in range(len(claims))]


def expected(
    claim: Claim, pool: int, fund: int, paid: int, remitted: int
) -> tuple[int, int, int, int]:
    """By leg and payer, of a claim that was paid in part: fen."""
    left = pool + fund - paid
    to_pay = int(Fraction(left * pool, pool + fund) + Fraction(1, 2)) if left else 0
    back = min(sum(claim.recovered), claim.principal)
    due = [min(back, pool), min(max(back - pool, 0), fund)]
    got = [min(remitted, due[0]), max(remitted - due[0], 0)]
    rest = [of - had for of, had in zip(due, got, strict=True)]
    return to_pay, left - to_pay, rest[0], rest[1]


amounts = st.sampled_from([0, 1, 99_99, 100_00, 100_01, 250_00])
halves = st.sampled_from([Fraction(0), Fraction(1, 3), Fraction(1)])


@st.composite
def claims_of_years(draw: st.DrawFn) -> list[Claim]:
    found = []
    for year in sorted(draw(st.lists(st.sampled_from(YEARS), min_size=1, max_size=4))):
        principal = draw(st.sampled_from([1, 100_00, 300_01]))
        back = [draw(amounts) if of >= year else 0 for of in YEARS]
        found.append(
            Claim(year, principal, (back[0], back[1], back[2]), draw(halves), draw(halves))
        )
    return found


def parts(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(int(row[name] * 100) for name in PARTS)


@pytest.mark.slow
@settings(max_examples=12 * DEPTH, deadline=None)
@given(st.tuples(amounts, amounts, amounts), claims_of_years())
def test_the_balance_is_carried_over_and_refilled(
    deposits: tuple[int, int, int], claims: list[Claim]
) -> None:
    by_claim = shared(deposits, claims)
    payments, remittances, due = [], [], []
    for number, (claim, (pool, fund)) in enumerate(zip(claims, by_claim, strict=True)):
        paid = int((pool + fund) * claim.paid)
        back = min(sum(claim.recovered), claim.principal, pool + fund)
        remitted = int(back * claim.remitted)
        payments.append((f"c{number}", EVE, paid))
        remittances.append((f"c{number}", EVE, remitted))
        due.append(expected(claim, pool, fund, paid, remitted))
    settled = settle_frames(frames(deposits, claims, payments, remittances), POOL, EVE)
    rows = settled.tables["settlement"].to_pylist()
    assert [int(row["compensation"] * 100) for row in rows] == [sum(each) for each in by_claim]
    assert [parts(row) for row in rows] == due
    for row in rows:
        values = recomputed(settled.explain(row["claim_id"]).arithmetic)
        assert values["net_due"] == Fraction(row["net_due"])
        for name in PARTS if row["to_remit"] else ():
            assert values.get(name, 0) == Fraction(row[name])
    for leg, kind in (("to_pay", payments), ("to_remit", remittances)):
        kind += [(row["claim_id"], EVE, int(row[leg] * 100)) for row in rows]
    again = settle_frames(frames(deposits, claims, payments, remittances), POOL, EVE)
    assert again.settlement[LEGS].sum().sum() == 0


def two_years(back: int) -> Settlement:
    """A claim of 2023 takes 100 of the pool; ``back`` fen came back by its end; another of 2024."""
    first = Claim(2023, 100_00, (back, 0, 0), Fraction(1), Fraction(0))
    second = Claim(2024, 60_00, (0, 0, 0), Fraction(0), Fraction(0))
    return settle_frames(frames((100_00, 0, 0), [first, second]), POOL, EVE)


@pytest.mark.parametrize(
    ("back", "of_pool", "of_fund"), [(59_99, 59_99, 1), (60_00, 60_00, 0), (60_01, 60_00, 0)]
)
def test_what_came_back_is_there_the_year_after(back: int, of_pool: int, of_fund: int) -> None:
    row = two_years(back).tables["settlement"].to_pylist()[1]
    assert parts(row)[:2] == (of_pool, of_fund)
    assert {"handed_over_in_order", "net_of_returns"} <= {
        each["id"] for each in two_years(back).summary["assumptions"]
    }


CLAIM = Claim(2023, 100_00, (10_00, 0, 0), Fraction(1), Fraction(0))


def kinds(faults: InputFaults) -> list[tuple[str, str | None, int | None]]:
    return [(each.kind, each.table, each.row) for each in faults.faults]


def test_a_year_alone_does_not_know_who_paid() -> None:
    held = frames((100_00, 0, 0), [CLAIM])
    assert assess_frames(held, POOL, 2023).tables["returns"].to_pylist()
    held = frames((100_00, 0, 0), [CLAIM], [("c0", "2023-12-31", 1)])
    with pytest.raises(InputFaults) as caught:
        assess_frames(held, POOL, 2024)
    assert kinds(caught.value) == [("which_payer", None, None)]
    with pytest.raises(InputFaults) as caught:
        assess_policies(portfolio_of_frames(**held), [POOL], 2023)
    assert [each.kind for each in caught.value.faults] == ["only_alone"]


def test_of_a_claim_that_is_not_decided_yet_it_is_not_known_who_paid() -> None:
    """Half of the year is over: it was paid ahead, and something came back."""
    claim = CLAIM._replace(recovered=(0, 0, 0))
    held = frames((100_00, 0, 0), [claim], [("c0", "2023-07-01", 50_00)])
    row = {"recovery_id": "r", "claim_id": "c0", "recovery_date": "2023-07-02"}
    held["recoveries"] = pd.DataFrame([row | {"proceeds": "1", "cost": "0"}])
    with pytest.raises(InputFaults) as caught:
        settle_frames(held, POOL, "2023-12-30")
    assert kinds(caught.value) == [("which_payer", "claims", 1)]
    assert settle_frames(held, POOL, "2023-12-31").settlement["to_remit"].sum() == 1


def changed(*pairs: tuple[str, str]) -> Policy:
    text = TEXT
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return policy_of_texts({POLICY_TEXT: text})


def test_what_columns_say_is_not_of_a_year() -> None:
    """With `paid` of the payers, a cap on one of them cannot be net of what came back."""
    column = '[[columns]]\ntable = "claims"\nname = "{}"\nheading = "{}"\ntype = "money"\n'
    column += 'note = {{ zh = "注", en = "note" }}\n'
    columns = "".join(column.format(name, name) for name in ("by_pool", "by_fund"))
    said = (
        ("share = 1\n", 'share = 1\npaid = "claims.by_pool"\n'),
        ("share = 0\n", 'share = 0\npaid = "claims.by_fund"\n'),
        ("[base]", f"{columns}[base]"),
    )
    with pytest.raises(PolicyFaults) as caught:
        changed(*said)
    assert [(each.kind, each.key) for each in caught.value.faults] == [
        ("cap_form", "caps[balance].net_of_returns")
    ]
    changed(*said, ("net_of_returns = true\n", ""))
