"""What each payer has paid: what it still pays, its cap over years, its part of what comes back.

The oracle works with fractions; nothing of it is the library's.
"""

from __future__ import annotations

import itertools
import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import (
    Assessment,
    InputFaults,
    Policy,
    assess_frames,
    compare,
    decide_claim,
    forecast,
    portfolio_of_frames,
    settle,
    share_recoveries,
)
from compensation.one_case.faults import CaseFaults
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CLAIM, CONTRACT, small

PAYERS = """
[[payers]]
id = "province"
name = { zh = "省级", en = "province" }
share = 0.6
paid = "claims.paid_province"
[[payers]]
id = "city"
name = { zh = "市级", en = "city" }
share = 0.4
paid = "claims.paid_city"
"""
COLUMNS = "".join(
    f"""
[[columns]]
table = "claims"
name = "paid_{payer}"
heading = "{heading}已支付"
type = "money"
note = {{ zh = "已支付", en = "paid so far" }}
"""
    for payer, heading in (("province", "省级"), ("city", "市级"))
)
CAP = """
[[caps]]
id = "programme"
payer = "province"
at_most = 300
per = []
years = "all"
rest = "city"
"""
TEXT = small(PAYERS, COLUMNS, CAP).text.replace("from = 2022-03-01", "from = 2021-01-01")
POLICY = policy_of_texts({POLICY_TEXT: TEXT})
IDS = ("province", "city")
FEN = st.sampled_from([1, 999, 20_000, 100_000]) | st.integers(1, 100_000)
INSTITUTION = {"institution_id": "A", "government_backed": "true"}
Row = dict[str, str]


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def run(claims: list[Row], recoveries: list[Row], policy: Policy = POLICY) -> Assessment:
    tables: dict[str, Any] = {
        "institutions": [INSTITUTION],
        "contracts": [CONTRACT],
        "claims": [{**CLAIM, **claim} for claim in claims],
        "recoveries": recoveries,
    }
    return assess_frames(
        {name: pd.DataFrame(rows) for name, rows in tables.items() if rows}, policy, 2022
    )


def split(amount: int, weights: list[int]) -> list[int]:
    parts, left = [], sum(weights)
    for weight in weights:
        parts.append(math.floor(Fraction(amount * weight, left) + Fraction(1, 2)) if weight else 0)
        amount, left = amount - parts[-1], left - weight
    return parts


def fen(run: Assessment, table: str, column: str) -> list[int]:
    return [int(each * 100) for each in run.tables[table].column(column).to_pylist()]


@pytest.mark.slow
@settings(max_examples=8 * DEPTH)
@given(
    st.lists(st.tuples(FEN, st.integers(0, 100), st.booleans()), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), FEN), max_size=4),
    st.integers(0, 30_000),
)
def test_each_pays_the_rest_and_gets_back_by_what_it_paid(
    claims: list[tuple[int, int, bool]], recovered: list[tuple[int, int]], earlier: int
) -> None:
    old = {"claim_id": "c0", "payout_date": "2021-05-01", "principal": "900"}
    old |= {"compensation_paid": yuan(earlier + 7), "paid_province": yuan(earlier)}
    rows, expected = [old | {"paid_city": "0.07"}], [[earlier, 7]]
    left = 30_000 - earlier
    for number, (principal, percent, by_province) in enumerate(claims, 1):
        total = math.floor(Fraction(principal, 2) + Fraction(1, 2))
        total = min(total, math.floor(Fraction(principal * 6, 10) + Fraction(1, 2)))
        due = split(total, [3, 2])
        above = max(due[0] - left, 0)
        due = [due[0] - above, due[1] + above]
        left -= due[0]
        paid = [due[0] * percent // 100 * by_province, due[1] * percent // 100]
        names = dict(zip(("paid_province", "paid_city"), map(yuan, paid), strict=True))
        rows.append({"claim_id": f"c{number}", "principal": yuan(principal)} | names)
        rows[-1]["compensation_paid"] = yuan(sum(paid))
        expected.append(due)
    recoveries = [
        {"recovery_id": f"r{n}", "claim_id": f"c{of % len(rows)}", "proceeds": yuan(amount)}
        | {"recovery_date": f"2022-12-{n + 1:02}", "cost": "0"}
        for n, (of, amount) in enumerate(recovered)
    ]
    found = run(rows, recoveries)
    for place, payer in enumerate(("province", "city")):
        paid_so_far = [int(Fraction(row[f"paid_{payer}"]) * 100) for row in rows[1:]]
        due = [each[place] for each in expected[1:]]
        payable = [total - paid for total, paid in zip(due, paid_so_far, strict=True)]
        assert fen(found, "claims", f"payable_{payer}") == payable
    for claim in (f"c{number}" for number in range(1, len(rows))):
        explained = found.explain(claim)
        recomputed(explained.arithmetic)
        recomputed(explained.recoveries)
    if not recoveries:
        return
    government = fen(found, "returns", "to_government")
    parts = [fen(found, "returns", f"to_government_{payer}") for payer in ("province", "city")]
    assert [sum(each) for each in zip(*parts, strict=True)] == government
    of_claim: dict[str, list[int]] = {}
    for number, recovery in enumerate(recoveries):
        of_claim.setdefault(recovery["claim_id"], []).append(number)
    for claim, places in of_claim.items():
        to_date = list(itertools.accumulate(government[place] for place in places))
        splits = [split(amount, expected[int(claim[1:])]) for amount in to_date]
        assert [list(itertools.accumulate(part[p] for p in places)) for part in parts] == [
            [each[payer] for each in splits] for payer in (0, 1)
        ]


PAID = {"claim_id": "c1", "compensation_paid": "30", "paid_province": "20", "paid_city": "10"}


@pytest.mark.parametrize(
    ("claim", "kind"),
    [({"paid_city": "10.01"}, "payers_paid"), ({"paid_city": ""}, "payers_paid")],
)
def test_what_payers_paid_makes_up_what_was_paid(claim: Row, kind: str) -> None:
    with pytest.raises(InputFaults) as caught:
        run([PAID | claim], [])
    assert [fault.kind for fault in caught.value.faults] == [kind]


@pytest.mark.parametrize("policy", [POLICY, small(PAYERS, COLUMNS)], ids=["caps", "none"])
def test_a_settlement_does_not_tell_who_pays(policy: Policy) -> None:
    tables = {"institutions": [INSTITUTION], "contracts": [CONTRACT], "claims": [CLAIM | PAID]}
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    with pytest.raises(InputFaults) as caught:
        settle(portfolio_of_frames(**frames), policy, "2022-12-31")
    assert [fault.kind for fault in caught.value.faults] == ["only_alone"]


def test_a_single_case_does_not_tell_who_paid() -> None:
    with pytest.raises(CaseFaults) as caught:
        decide_claim(POLICY, {"government_backed": True}, {})
    assert "takes_a_ledger" in [fault.kind for fault in caught.value.faults]


@pytest.mark.parametrize("earlier", [(10_000, 5_001), (10_000, 5_000), (9_999, 5_000)])
def test_what_payers_together_paid_in_earlier_years_counts_towards_their_cap(
    earlier: tuple[int, int],
) -> None:
    """Of their 300 together 149.99 to 150.01 are left, of which the province pays 60%."""
    text = TEXT.replace('payer = "province"', 'payer = ["province", "city"]')
    policy = policy_of_texts({POLICY_TEXT: text.replace('rest = "city"', 'rest = "nobody"')})
    paid = {f"paid_{name}": yuan(each) for name, each in zip(IDS, earlier, strict=True)}
    old = {"claim_id": "c0", "payout_date": "2021-05-01", "principal": "900", **paid}
    rows = [old | {"compensation_paid": yuan(sum(earlier))}, {"claim_id": "c1"}]
    found = run(rows, [], policy)
    left = 30_000 - sum(earlier)
    assert fen(found, "claims", "compensation") == [left]
    province = math.floor(Fraction(left * 60, 100) + Fraction(1, 2))
    assert fen(found, "claims", "payable_province") == [province]
    assert fen(found, "claims", "payable_city") == [left - province]
    recomputed(found.explain("c1").arithmetic)


@pytest.mark.parametrize(
    ("old", "new", "keys"),
    [
        ('paid = "claims.paid_city"\n', "", ["province", "city"]),
        ("claims.paid_city", "claims.paid_province", ["province", "city"]),
        ("claims.paid_city", "contracts.guaranteed_amount", ["city"]),
        ("claims.paid_city", "claims.payout_date", ["city"]),
    ],
)
def test_each_payer_has_a_column_of_its_own(old: str, new: str, keys: list[str]) -> None:
    with pytest.raises(PolicyFaults) as caught:
        policy_of_texts({POLICY_TEXT: TEXT.replace(old, new)})
    assert [fault.key for fault in caught.value.faults] == [f"payers[{id_}].paid" for id_ in keys]


BEARERS = ("province", "city", "institution", "lender")


def returning(*first: str) -> Policy:
    listed = ", ".join(f'"{each}"' for each in first)
    return small(PAYERS, COLUMNS, f'[returns]\ncosts = "net"\nfirst = [{listed}]')


@pytest.mark.slow
@settings(max_examples=8 * DEPTH)
@given(
    st.sampled_from(["province", "city province", "lender city", "province institution city"]),
    st.tuples(st.integers(1, 40_000), st.integers(0, 40_000)),
    st.lists(FEN, min_size=1, max_size=3),
    st.sampled_from([-1, 0, 1]),
)
def test_payers_come_first_in_order(
    first: str, paid: tuple[int, int], recovered: list[int], off: int
) -> None:
    """Of 1,000 yuan the institution bears 600 less what was paid, the lender 400."""
    government = min(sum(paid), 60_000)
    bears = [*split(government, list(paid)), 60_000 - government, 40_000]
    places = [BEARERS.index(each) for each in first.split()]
    # One fen less than what the first bears, that, or one fen more.
    proceeds = [bears[places[0]] + off, *recovered] if bears[places[0]] > 1 else recovered
    claim = {"claim_id": "c1", "compensation_paid": yuan(sum(paid)), "closed_date": "2022-07-01"}
    claim |= {"paid_province": yuan(paid[0]), "paid_city": yuan(paid[1])}
    recoveries = [
        {"recovery_id": f"r{n}", "claim_id": "c1", "proceeds": yuan(amount), "cost": "0"}
        | {"recovery_date": f"2022-12-{n:02}"}
        for n, amount in enumerate(proceeds, 1)
    ]
    found = run([claim], recoveries, returning(*first.split()))
    to_date = []
    for amount in itertools.accumulate(proceeds):
        left, parts = min(amount, 100_000), [0, 0, 0, 0]
        for place in places:
            parts[place] = min(left, bears[place])
            left -= parts[place]
        rest = split(left, [0 if n in places else each for n, each in enumerate(bears)])
        to_date.append([one + other for one, other in zip(parts, rest, strict=True)])
    names = ["government_province", "government_city", "institution", "lender"]
    columns = [fen(found, "returns", f"to_{name}") for name in names]
    assert [list(itertools.accumulate(column)) for column in columns] == [
        [each[place] for each in to_date] for place in range(4)
    ]
    both = [sum(each) for each in zip(*columns[:2], strict=True)]
    assert fen(found, "returns", "to_government") == both
    recomputed(found.explain("c1").recoveries)


def test_other_computations_know_who_comes_first_or_say_that_they_do_not() -> None:
    policy = returning("province")
    claim = CLAIM | {"claim_id": "c1", "compensation_paid": "500", "paid_province": "100"}
    tables: dict[str, Any] = {
        "institutions": [INSTITUTION],
        "contracts": [CONTRACT],
        "claims": [claim | {"paid_city": "400"}],
        "recoveries": [
            {"recovery_id": "r1", "claim_id": "c1", "recovery_date": "2022-12-01"}
            | {"proceeds": "150", "cost": "0"}
        ],
    }
    portfolio = portfolio_of_frames(**{name: pd.DataFrame(rows) for name, rows in tables.items()})
    # The province's 100 come first, then 400 of the other 900 are the city's: 22.22.
    (in_all,) = compare(portfolio, [policy], [2022]).tables["totals"].to_pylist()
    assert in_all["returned_to_government"] == Decimal("122.22")
    # Of 500 paid anew, 300 are the province's, which gets all of 150.
    ahead = forecast(portfolio, 2022, 1, growth=0, recovery_rate="0.15", policy=policy)
    returned = ahead.tables["forecast_years"]["returned_to_government"].to_pylist()
    assert returned == [Decimal("122.22"), *[Decimal(150)] * 3]
    with pytest.raises(CaseFaults) as caught:
        share_recoveries("1000", "500", {"institution": "0.6", "lender": "0.4"}, [], policy)
    assert [fault.kind for fault in caught.value.faults] == ["takes_a_ledger"]


@pytest.mark.parametrize(
    ("first", "keys"),
    [
        (["province", "government", "city"], ["returns.first[1]", "returns.first[3]"]),
        (["city", "city"], ["returns.first[2]"]),
    ],
)
def test_payers_come_first_by_what_they_paid_and_not_beside_government(
    first: list[str], keys: list[str]
) -> None:
    with pytest.raises(PolicyFaults) as caught:
        returning(*first)
    assert [fault.key for fault in caught.value.faults] == keys
