"""The institution and the lender of one guarantee, each paid under a policy of its own."""

from __future__ import annotations

import math
from fractions import Fraction

import pandas as pd
import pytest

from compensation import assess_frames, settle_frames
from compensation.policy.catalogue import POLICY_TEXT, Policy, load_policy, policy_of_texts
from compensation.policy.party_words import party_title
from compensation.report.tables import result_heading
from tests.one_claim import faults
from tests.policy.test_small_policies import CLAIM, CONTRACT, PRINCIPAL, assessed, small

SHARES = {"institution": Fraction(6, 10), "lender": Fraction(4, 10)}
RATES = {"institution": Fraction(2, 10), "lender": Fraction(3, 10)}


def paying(party: str) -> Policy:
    base = f'{{ borne_by = "{party}", of = {PRINCIPAL} }}'
    beneficiary = f'[beneficiary]\nparty = "{party}"'
    return small(beneficiary, base=base, rates=f"tiers = [{{ rate = {float(RATES[party])} }}]")


def half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


@pytest.mark.parametrize("payout", [100_000, 99_999, 100_001, 12_345, 3])
@pytest.mark.parametrize("part", [Fraction(1), Fraction(1, 3)])
def test_what_goes_back_to_government_is_the_sum_of_both_files(payout: int, part: Fraction) -> None:
    recovered = half_up(payout * part)
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT],
        "claims": [{**CLAIM, "claim_id": "c1", "principal": f"{payout / 100:.2f}"}],
        "recoveries": [
            {
                "recovery_id": "r1",
                "claim_id": "c1",
                "recovery_date": "2022-07-01",
                "proceeds": f"{recovered / 100:.2f}",
                "cost": "0",
            }
        ],
    }
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    paid = back = 0
    for party, share in SHARES.items():
        run = assess_frames(frames, paying(party), 2022)
        bears = half_up(payout * share)
        compensation = half_up(bears * RATES[party])
        assert int(run.claims["compensation"][0] * 100) == compensation
        (returned,) = run.tables["returns"].to_pylist()
        government, own = (int(returned[f"to_{to}"] * 100) for to in ("government", party))
        assert abs(government - Fraction(compensation * recovered, payout)) <= Fraction(1, 2)
        assert abs(own - Fraction((bears - compensation) * recovered, payout)) <= 1
        paid, back = paid + compensation, back + government
    assert abs(back - Fraction(paid * recovered, payout)) <= 1
    if part == 1:
        assert back == paid


def test_both_at_once_are_told_to_be_run_one_by_one() -> None:
    lender = paying("lender").text.replace('id = "small"', 'id = "lender"', 1)
    both = [paying("institution"), policy_of_texts({POLICY_TEXT: lender})]
    found = faults(settle_frames, dict.fromkeys(("institutions",)), both, "2022-12-31")
    (said,) = [fault.message.zh for fault in found if fault.kind == "both_in_force"]
    assert said.endswith("同时有效；两项政策付给不同的受偿方，请分别计算，台账中只填付给该方的金额")


def test_a_party_goes_by_the_name_that_the_policy_gives_it() -> None:
    named = '[beneficiary]\nparty = "institution"\nname = { zh = "合作银行", en = "bank" }\n'
    policy = small(named)
    run = assessed(policy, {"principal": "1000"})
    explained = run.explain("c1").describe()
    assert "合作银行承担 borne_institution" in explained
    assert "担保机构" not in explained
    assert result_heading([policy], "to_institution") == "返还合作银行"
    assert result_heading([policy, small()], "to_institution") == "返还担保机构"
    assert result_heading([load_policy("xiamen-green-2021")], "to_institution") == "返还机构"
    assert party_title(load_policy("jiyuan-2022"), "institution").zh == "担保机构"
