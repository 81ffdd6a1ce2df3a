"""Measures of the rows that a date puts into the year, against sums in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation import InputFaults, Policy, assess, assess_frames, portfolio_of_frames
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.rules.rationals import TooLarge
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CONTRACT, HEAD

YEAR = 2024
RULES = """
review = { required = [] }
rates = { tiers = [{ rate = 1 }] }
base = { value = BASE }
columns = [
    { table = "contracts", name = "fee_rate", heading = "费率", type = "ratio", NOTE },
    { table = "contracts", name = "score", heading = "评分", type = "decimal", NOTE },
    { table = "claims", name = "recovered", heading = "追回", type = "money", NOTE },
    { table = "claims", name = "recovered_on", heading = "追回日", type = "date", NOTE },
]
"""
STARTED = 'on = "contracts.start_date"'
FEES = '{ times = ["contracts.guaranteed_amount", "contracts.fee_rate"] }'
BACK = '{ max = ["claims.recovered", { times = ["contracts.guaranteed_amount", 0.1] }] }'
POINTS = '{ over = ["contracts.score", 7] }'
INDICATORS = {
    "fees": f'{{ measure = "sum", of = {FEES}, {STARTED} }}',
    "points": f'{{ measure = "sum", of = {POINTS}, {STARTED}, years = 2 }}',
    "count": f'{{ measure = "sum", of = 1, {STARTED}, '
    'where = [{ value = "contracts.score", at_least = 4.8 }] }',
    "known": f'{{ measure = "borrowers", {STARTED}, '
    'where = [{ value = "contracts.start_date", above = "contracts.borrower_since" }] }',
    "back": f'{{ measure = "sum", of = {BACK}, on = "claims.recovered_on", '
    'where = [{ value = "claims.principal", at_least = 2 }] }',
    "paid_for": '{ measure = "borrowers", on = "claims.payout_date", years = 2 }',
}
for id_, value in INDICATORS.items():
    RULES += f'[[indicators]]\nid = "{id_}"\nNAME\nvalue = {value}\n'
BASE = """{ sum = [
    "indicator.fees",
    { times = ["indicator.points", { yuan = 1 }] },
    { times = ["indicator.count", { yuan = 1000 }] },
    { times = ["indicator.known", { yuan = 0.01 }] },
    "indicator.back",
    { times = ["indicator.paid_for", { yuan = 100 }] },
] }"""
WEIGHTS: dict[str, int | Fraction] = {
    "fees": 1,
    "points": 1,
    "count": 1000,
    "known": Fraction(1, 100),
    "back": 1,
    "paid_for": 100,
}


def policy(record: str, base: str = BASE, rules: str = RULES) -> Policy:
    text = rules.replace("BASE", base)
    text = text.replace("NOTE", 'note = { zh = "注", en = "note" }')
    text = text.replace("NAME", 'name = { zh = "名", en = "name" }')
    return policy_of_texts({POLICY_TEXT: f'{HEAD}record = "{record}"\n{text}'})


class Payout(NamedTuple):
    paid: date
    principal: int
    recovered: int | None
    on: date | None


class Contract(NamedTuple):
    institution: str
    borrower: str
    fen: int
    start: date
    millionths: int | None
    score: int
    payouts: Sequence[Payout]


DAYS = st.integers(0, 1100).map(lambda n: date(2022, 12, 30) + timedelta(n)) | st.sampled_from(
    [date(2023, 12, 31), date(2024, 1, 1), date(2024, 12, 31), date(2025, 1, 1)]
)


@st.composite
def contract(draw: st.DrawFn) -> Contract:
    fen = draw(st.integers(1, 10**12))
    start = draw(DAYS)
    payouts = [
        Payout(
            start + timedelta(draw(st.integers(0, 300))),
            draw(st.integers(1, max(fen // 3, 1))),
            draw(st.none() | st.integers(0, 10**9)),
            draw(st.none() | DAYS),
        )
        for _ in range(draw(st.integers(0, 2)) if fen > 6 else 0)
    ]
    rate = draw(st.integers(0, 10**6) | st.integers(0, 10**6) | st.none())
    score = draw(st.sampled_from([0, 47_999, 48_000, 10**9]))
    borrower = draw(st.sampled_from("xyz"))
    return Contract(draw(st.sampled_from("AB")), borrower, fen, start, rate, score, payouts)


def frames(contracts: Sequence[Contract]) -> dict[str, Any]:
    def said(value: object) -> str:
        return "" if value is None else str(value)

    def scaled(value: int | None, places: int) -> str:
        return "" if value is None else str(Decimal(value).scaleb(-places))

    rows, claims = [], []
    for number, each in enumerate(contracts):
        row = {"contract_id": f"k{number}", "institution_id": each.institution}
        row |= {"borrower_id": each.borrower, "guaranteed_amount": scaled(each.fen, 2)}
        row |= {"start_date": said(each.start), "release_date": ""}
        row |= {"费率": scaled(each.millionths, 6), "评分": scaled(each.score, 4)}
        rows.append(CONTRACT | row)
        for place, payout in enumerate(each.payouts):
            claim = {"claim_id": f"k{number}-{place}", "contract_id": f"k{number}"}
            claim |= {"payout_date": said(payout.paid), "principal": scaled(payout.principal, 2)}
            claims.append(claim | {"追回": scaled(payout.recovered, 2), "追回日": said(payout.on)})
    columns = ["claim_id", "contract_id", "payout_date", "principal", "追回", "追回日"]
    backed = {"government_backed": "true"}
    return {
        "institutions": pd.DataFrame([{"institution_id": id_} | backed for id_ in "AB"]),
        "contracts": pd.DataFrame(rows),
        "claims": pd.DataFrame(claims, columns=columns),
    }


def expected(contracts: Sequence[Contract], institution: str) -> dict[str, Fraction | None]:
    """Return the indicators of an institution; None: undefined."""
    own = [each for each in contracts if each.institution == institution]
    new = [each for each in own if each.start.year == YEAR]
    first = {b: min(c.start for c in own if c.borrower == b) for b in {c.borrower for c in own}}
    fees = [None if c.millionths is None else Fraction(c.fen * c.millionths, 10**8) for c in new]
    back = [
        None if p.recovered is None else max(Fraction(p.recovered, 100), Fraction(c.fen, 1000))
        for c in own
        for p in c.payouts
        if p.on is not None and p.on.year == YEAR and p.principal >= 200
    ]
    return {
        "fees": None if None in fees else sum(filter(None, fees), Fraction()),
        "points": sum(
            (Fraction(c.score, 70_000) for c in own if c.start.year in (YEAR - 1, YEAR)), Fraction()
        ),
        "count": Fraction(sum(c.score >= 48_000 for c in new)),
        "known": Fraction(len({c.borrower for c in new if c.start > first[c.borrower]})),
        "back": None if None in back else sum(filter(None, back), Fraction()),
        "paid_for": Fraction(
            len({c.borrower for c in own for p in c.payouts if p.paid.year in (YEAR - 1, YEAR)})
        ),
    }


@pytest.mark.slow
@given(st.lists(contract(), min_size=1, max_size=6))
def test_measures_are_sums_over_the_rows_of_the_year(contracts: list[Contract]) -> None:
    """Whether the cases are institutions or payouts, and whether all contracts are held or few."""
    tables = frames(contracts)
    of_institutions = policy("institution")
    run = assess_frames(tables, of_institutions, YEAR)
    for row, institution in enumerate("AB"):
        figures = expected(contracts, institution)
        for name, variable in run.indicators.items():
            if name not in figures:
                continue
            value = figures[name]
            assert bool(variable.known[row]) == (value is not None)
            if value is not None:
                scale = 100 if name in ("fees", "back") else 1
                assert Fraction(int(variable.numerator[row]), variable.whole(row)) == value * scale
        if None in figures.values():
            assert run.claims["compensation"][row] == 0
            continue
        exact = sum(WEIGHTS[name] * (value or 0) for name, value in figures.items())
        fen = Fraction(int(exact * 100 + Fraction(1, 2)), 100)
        assert Fraction(run.claims["compensation"][row]) == fen
        assert recomputed(run.explain(institution).arithmetic)["compensation"] == fen
    of_payouts = policy("payout")
    whole = assess(portfolio_of_frames(**tables), of_payouts, YEAR)
    streamed = assess_frames(tables, of_payouts, YEAR)
    for name in WEIGHTS:
        column = run.institutions[name]
        assert whole.institutions[name].equals(column)
        assert streamed.institutions[name].equals(column)


def test_a_sum_beyond_what_a_result_holds_is_refused() -> None:
    day = date(2024, 1, 1)
    contracts = [Contract("A", "x", 10**15 - 1, day, 999_999, 0, ()) for _ in range(2)]
    with pytest.raises(InputFaults) as caught:
        assess_frames(frames(contracts), policy("institution"), YEAR)
    assert TooLarge.message.en in str(caught.value.faults[0].message.en)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('of = 1, on = "contracts.start_date"', "of = 1", "value.on"),
        ('of = 1, on = "contracts.start_date"', 'on = "contracts.start_date"', "value.of"),
        ('measure = "borrowers", on', 'measure = "borrowers", of = 1, on', "value.of"),
        ('on = "contracts.start_date"', 'on = "contracts.borrower_since"', "value.on"),
        ('on = "contracts.start_date"', 'on = "contracts.score"', "value.on"),
        (
            '{ times = ["contracts.guaranteed_amount"',
            '{ over = ["contracts.guaranteed_amount"',
            "of",
        ),
        ("at_least = 4.8", 'at_least = "claims.principal"', "where[1].at_least"),
        ('{ value = "claims.principal"', '{ value = "claims.borrower_exposure"', "where[1].value"),
        ('"contracts.score", 7', '"institutions.opening_balance", 7', "over[1]"),
    ],
)
def test_what_a_measure_of_rows_does_not_say_is_refused(old: str, new: str, key: str) -> None:
    assert old in RULES
    with pytest.raises(PolicyFaults) as caught:
        policy("institution", rules=RULES.replace(old, new, 1))
    assert any(fault.key.endswith(key) for fault in caught.value.faults)


def test_first_loans_are_told_of_single_contracts_too() -> None:
    """`contracts.borrower_since` in a condition: the ledger says it, and a single case is asked."""
    only_first = (
        'claim_conditions = [{ id = "first", value = "contracts.start_date", '
        'at_most = "contracts.borrower_since" }]\n'
    )
    day = date(2024, 5, 1)
    contracts = [
        Contract("A", "x", 100, day, 0, 0, ()),
        Contract("A", "x", 100, day + timedelta(1), 0, 0, ()),
    ]
    rules = only_first + RULES
    run = assess_frames(
        frames(contracts), policy("contract", '"contracts.guaranteed_amount"', rules), YEAR
    )
    assert run.claims["reasons"].fillna("").tolist() == ["", "first"]
