"""Claims in ledgers of policies on institutions or contracts: indicators count their payouts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from compensation import Assessment, assess_files, assess_frames
from compensation.explanation.lines import UNDEFINED
from compensation.policy.catalogue import POLICY_TEXT, Policy, policy_of_texts
from tests.one_claim import faults
from tests.policy.test_small_policies import CONTRACT, HALF, HEAD

CONDITION = """
[[institution_conditions]]
id = "payouts"
value = "indicator.payout_rate"
at_most = 0.05
"""
BASES = {"institution": "indicator.closing_balance", "contract": "contracts.guaranteed_amount"}
INSTITUTIONS = [{"institution_id": id_, "government_backed": "true"} for id_ in "AB"]
RELEASED = {
    "guaranteed_amount": "10000000",
    "start_date": "2022-03-10",
    "release_date": "2022-09-30",
}
CONTRACTS = [
    {**CONTRACT, **RELEASED, "contract_id": f"{id_}{n}", "institution_id": id_, **own}
    for id_ in "AB"
    for n, own in enumerate(({}, {"guaranteed_amount": "1000", "release_date": ""}), 1)
]


def policy(record: str, *parts: str) -> Policy:
    head = f'{HEAD}record = "{record}"\nreview = {{ required = [] }}'
    base = f'[base]\nvalue = "{BASES[record]}"'
    return policy_of_texts({POLICY_TEXT: "\n".join([head, base, f"[rates]\n{HALF}", *parts])})


def frames(*payouts: tuple[str, str, str]) -> dict[str, Any]:
    claims = [
        {"claim_id": f"x{n}", "contract_id": contract, "payout_date": day, "principal": amount}
        for n, (contract, day, amount) in enumerate(payouts, 1)
    ]
    columns = ["claim_id", "contract_id", "payout_date", "principal"]
    return {
        "institutions": pd.DataFrame(INSTITUTIONS),
        "contracts": pd.DataFrame(CONTRACTS),
        "claims": pd.DataFrame(claims, columns=columns),
    }


def reasons(of: Assessment) -> list[str | None]:
    return [row["reasons"] for row in of.tables["claims"].to_pylist()]


@pytest.mark.parametrize(
    ("payout", "failed"),
    [("500000.00", None), ("500000.01", "institution"), ("499999.99", None)],
)
def test_a_payout_rate_counts_the_claims_of_the_ledger(payout: str, failed: str | None) -> None:
    held = frames(("A1", "2022-06-01", payout), ("B1", "2022-06-01", "1"))
    run = assess_frames(held, policy("institution", CONDITION), 2022)
    assert reasons(run) == [failed, None]
    of_contracts = assess_frames(held, policy("contract", CONDITION), 2022)
    assert reasons(of_contracts) == [failed, failed, None, None]
    assert [str(each) for each in run.institutions["payout_amount"]] == [payout, "1.00"]


def test_a_payout_after_the_day_of_the_run_does_not_count() -> None:
    held = frames(("A1", "2022-10-02", "600000"))
    of = policy("institution", CONDITION)
    before, after = (
        assess_frames(held, of, 2022, as_of=day) for day in ("2022-10-01", "2022-10-02")
    )
    assert (reasons(before)[0], reasons(after)[0]) == (None, "institution")
    assert "part_of_year" in [fault.kind for fault in after.warnings]


def test_the_digest_of_the_input_covers_the_claims() -> None:
    of = policy("institution")
    one, two = (
        assess_frames(frames(("A1", "2022-06-01", each)), of, 2022).summary["input_digest"]
        for each in ("1", "2")
    )
    assert one != two


@pytest.mark.parametrize(("parts", "needed"), [([CONDITION], True), ([], False)])
def test_a_ledger_without_claims_has_no_payout_rate(
    parts: list[str], needed: bool, tmp_path: Path
) -> None:
    for name in ("institutions", "contracts"):
        frames()[name].to_csv(tmp_path / f"{name}.csv", index=False)
    of = policy("institution", *parts)
    if needed:
        (fault,) = faults(assess_files, tmp_path, of, 2022)
        assert (fault.kind, fault.table) == ("missing_table", "claims")
        return
    run = assess_files(tmp_path, of, 2022)
    assert reasons(run) == [None, None]
    for name in ("payout_amount", "payout_rate"):
        assert run.tables["institutions"].column(name).null_count == 2
    assert run.tables["institutions"].column("released_amount").null_count == 0
    shown = {line.name: line.value for line in run.explain_institution("A").indicators}
    assert shown["payout_amount"] == shown["payout_rate"] == UNDEFINED
    frames()["claims"].to_csv(tmp_path / "claims.csv", index=False)
    table = assess_files(tmp_path, of, 2022).tables["institutions"]
    assert [str(each) for each in table.column("payout_amount").to_pylist()] == ["0.00", "0.00"]


def test_without_contracts_nothing_is_known_of_them() -> None:
    own = '[[columns]]\ntable = "institutions"\nname = "volume"\nheading = "业务量"\n'
    own += 'type = "money"\nnote = { zh = "业务量", en = "volume" }'
    text = policy("institution", own).text.replace(BASES["institution"], "institutions.volume")
    rows = [
        {**row, "volume": "1000", "opening_balance": given}
        for row, given in zip(INSTITUTIONS, ("7", ""), strict=True)
    ]
    frames = {"institutions": pd.DataFrame(rows)}
    run = assess_frames(frames, policy_of_texts({POLICY_TEXT: text}), 2022)
    (a, b) = run.tables["institutions"].to_pylist()
    assert (str(a["opening_balance"]), b["opening_balance"]) == ("7.00", None)
    for name in ("closing_balance", "closing_borrowers", "released_amount", "payout_rate"):
        assert a[name] is b[name] is None
    (fault,) = faults(assess_frames, frames, policy("institution"), 2022)
    assert (fault.kind, fault.table) == ("missing_table", "contracts")
