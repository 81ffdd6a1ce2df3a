"""Where the lines of the shipped policies on payouts jump and bend, on one ledger fit for all."""

from __future__ import annotations

import pytest

from compensation import curve, list_policies, load_policy
from tests.assessing import portfolio_of
from tests.oracle_reading import Tables
from tests.outlook.test_curve import top_tier
from tests.policy.oracles import BANK, GUARANTOR

OWN = {"share_institution": "1", "share_lender": "0"}
LENT = {"share_institution": "0.8", "share_lender": "0.2"}
SHARED = {
    "share_institution": "0.2",
    "share_lender": "0.2",
    "share_reguarantor": "0.2",
    "share_national_fund": "0.4",
}
CONTRACT = {
    "borrower_region": "洛阳市",
    "technology_innovation": "是",
    "loan_rate": "0.04",
    "loan_term_months": "12",
    "fee_rate": "0.01",
    "reguaranteed": "是",
    "benchmark_rate": "0.0435",
    "key_list": "否",
    "ip_pledge": "否",
    "policy_tool": "否",
    "specialised": "否",
    "other_line": "否",
    "revenue": "15000000",
}
CLAIM = {
    "reguarantor_paid_date": "2022-12-01",
    "recovered_180_days": "0",
    "filed_date": "2023-06-01",
    "recovered": "0",
}
Line = tuple[dict[str, str], str, int, int | str, list[int], list[int]]
LINES: dict[tuple[str, str], Line] = {
    # By policy, kind of institution and shares: along what, from where to where; the numerators
    # (fen) before each jump, and before each bend. 50 million yuan were released in the year.
    ("jiyuan-2022", GUARANTOR): (OWN, "payout_rate", 0, "0.08", [2, 3, 5], []),
    ("luoyang-2025", GUARANTOR): (SHARED, "new_guarantees", 1, 10**8, [4_999_999_999], []),
    ("henan-provincial-2020", GUARANTOR): (SHARED, "payout_rate", 0, "0.25", [], []),
    ("reguarantee-2022", GUARANTOR): (LENT, "payout_rate", 0, "0.08", [], [5]),
    ("guangzhou-2025", GUARANTOR): (OWN, "payout_rate", 0, "0.08", [], [3]),
    # 3% of the 160 million lent in the year.
    ("guangzhou-2025", BANK): (OWN, "payout_rate", 0, "0.2", [], [480_000_000]),
    # 1% and 3% of the 161 million at the end of the year.
    ("qingdao-2015", BANK): (OWN, "payout_rate", 0, "0.2", [], [161_000_000, 483_000_000]),
    # 2% of the 51 million at the beginning, at 80% of each loss.
    ("henan-tech-loans-2025", BANK): (OWN, "payout_rate", 0, "0.08", [], [127_500_000]),
    ("chongqing-small-loans", GUARANTOR): (OWN, "payout_rate", 0, "0.2", [], []),
}


def ledger(kind: str, shares: dict[str, str]) -> Tables:
    tables = top_tier()
    tables["institutions"][0]["kind"] = kind
    tables["contracts"] = [{**row, **shares, **CONTRACT} for row in tables["contracts"]]
    tables["claims"] = [{**row, **CLAIM, "principal": "250000"} for row in tables["claims"][:2]]
    return tables


@pytest.mark.slow
@pytest.mark.parametrize(("policy", "kind"), LINES, ids=str)
def test_where_a_shipped_policy_jumps_and_bends(policy: str, kind: str) -> None:
    shares, along, first, last, jumps, bends = LINES[policy, kind]
    found = curve(portfolio_of(ledger(kind, shares)), policy, 2022, along, first, last)
    percent = 50_000_000  # fen, of what was released
    at = [[n * percent if n < 100 else n for n in each] for each in (jumps, bends)]
    jumping = [jump.before.units for jump in found.jumps]
    assert jumping == at[0]
    assert [before.units for before, _ in found.corners if before.units not in jumping] == at[1]


def test_every_shipped_policy_on_payouts_is_among_them() -> None:
    known = {policy for policy, _ in LINES}
    about = {id_ for id_ in list_policies() if load_policy(id_).rules.record == "payout"}
    assert known == about
