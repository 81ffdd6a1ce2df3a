"""What each payer has paid: what it still pays, its cap over years, its part of what comes back.

The oracle works with fractions; nothing of it is the library's.
"""

from __future__ import annotations

import itertools
import math
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
    decide_claim,
    portfolio_of_frames,
    settle,
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
FEN = st.sampled_from([1, 999, 20_000, 100_000]) | st.integers(1, 100_000)
INSTITUTION = {"institution_id": "A", "government_backed": "true"}
Row = dict[str, str]


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def run(claims: list[Row], recoveries: list[Row]) -> Assessment:
    tables: dict[str, Any] = {
        "institutions": [INSTITUTION],
        "contracts": [CONTRACT],
        "claims": [{**CLAIM, **claim} for claim in claims],
        "recoveries": recoveries,
    }
    return assess_frames(
        {name: pd.DataFrame(rows) for name, rows in tables.items() if rows}, POLICY, 2022
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
