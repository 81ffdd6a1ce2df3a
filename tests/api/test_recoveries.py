"""POST /v1/recoveries/returns over a real socket."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from compensation import share_recoveries
from tests.api.test_compensation import pointers
from tests.one_case.example import RECOVERY, SHARES

CALL = "/v1/recoveries/returns"
CASE: dict[str, Any] = {
    "payout": "1020000.00",
    "compensation": "204000.00",
    "shares": SHARES,
    "recoveries": [RECOVERY],
}


def test_the_example_of_the_contract(api: httpx.Client) -> None:
    assert api.post(CALL, json=CASE).json()["returns"] == [
        {
            "recovery_id": "R1",
            "recovery_date": "2023-03-01",
            "proceeds": "300000.00",
            "cost": "15000.00",
            "distributed": "285000.00",
            "surplus": "0.00",
            "to_government": "57000.00",
            "to_institution": "57000.00",
            "to_lender": "57000.00",
            "to_reguarantor": "57000.00",
            "to_national_fund": "57000.00",
        }
    ]


def test_the_rows_are_the_library_s(api: httpx.Client) -> None:
    rows = [
        {**RECOVERY, "recovery_id": "R2", "recovery_date": "2023-03-02", "proceeds": 900000.01},
        {**RECOVERY, "cost": None},
        {"recovery_id": "R0", "recovery_date": "2023-03-02", "proceeds": 0, "cost": "0.01"},
    ]
    answer = api.post(
        CALL, json={**CASE, "recoveries": rows}, headers={"Accept-Language": "en"}
    ).json()
    exact = [{**rows[0], "proceeds": "900000.01"}, *rows[1:]]
    expected = share_recoveries("1020000.00", "204000.00", SHARES, exact)
    assert answer == expected.as_dict("en")
    assert [row["recovery_id"] for row in answer["returns"]] == ["R2", "R1", "R0"]
    assert api.post(CALL, json={**CASE, "recoveries": []}).json()["returns"] == []


@pytest.mark.parametrize(
    ("compensation", "kinds"),
    [("408000.00", {}), ("408000.01", {"/compensation": "paid_above_borne"})],
)
def test_no_more_compensation_than_the_institution_bore(
    api: httpx.Client, compensation: str, kinds: dict[str, str]
) -> None:
    answer = api.post(CALL, json={**CASE, "compensation": compensation})
    assert answer.status_code == (422 if kinds else 200)
    if kinds:
        assert pointers(answer) == kinds


def test_every_fault_points_to_its_member(api: httpx.Client) -> None:
    wrong = {**CASE, "shares": {"lender": "0.5"}, "recoveries": [RECOVERY, RECOVERY]}
    assert pointers(api.post(CALL, json=wrong)) == {
        "/shares": "shares_sum",
        "/recoveries/1/recovery_id": "duplicate",
    }
    shapeless = {**CASE, "payout": -1, "recoveries": [{"recovery_date": "2023-02-30", "cots": 1}]}
    assert pointers(api.post(CALL, json=shapeless)) == {
        "/payout": "negative",
        "/recoveries/0/recovery_id": "missing",
        "/recoveries/0/recovery_date": "no_such_date",
        "/recoveries/0/proceeds": "missing",
        "/recoveries/0/cots": "unknown_member",
    }


def test_faults_of_form_hide_no_others(api: httpx.Client) -> None:
    row = {**RECOVERY, "proceeds": "0.001"}
    wrong = {**CASE, "shares": {"lender": "0.5"}, "recoveries": [row, row, [], RECOVERY]}
    assert pointers(api.post(CALL, json=wrong)) == {
        "/recoveries/0/proceeds": "too_many_decimals",
        "/recoveries/1/proceeds": "too_many_decimals",
        "/recoveries/2": "not_an_object",
        "/shares": "shares_sum",
        "/recoveries/1/recovery_id": "duplicate",
        "/recoveries/3/recovery_id": "duplicate",
    }
    more = {**CASE, "compensation": "408000.01", "policy": 1, "recoveries": {}}
    assert pointers(api.post(CALL, json=more)) == {
        "/policy": "not_text",
        "/recoveries": "not_a_list",
    }


@pytest.mark.parametrize("shares", [None, [], "0.4"])
def test_without_shares_nobody_knows_who_bore_what(api: httpx.Client, shares: object) -> None:
    case = {**CASE, "policy": "henan-provincial-2020", "shares": shares, "payout": "x"}
    assert pointers(api.post(CALL, json=case)) == {
        "/shares": "not_an_object",
        "/payout": "not_a_number",
    }


def test_the_policy_says_whose_part_government_pays(api: httpx.Client) -> None:
    case = {**CASE, "policy": "henan-provincial-2020"}
    said = api.post(CALL, json=case).json()
    assert said["bears"]["government"] == "204000.00"
    assert said["bears"]["reguarantor"] == "0.00"
    assert said["bears"]["institution"] == "408000.00"
    more = {**case, "compensation": "204000.01"}
    assert pointers(api.post(CALL, json=more)) == {"/compensation": "paid_above_borne"}
