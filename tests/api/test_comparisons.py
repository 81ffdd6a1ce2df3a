"""Variants over a ledger that the service holds: the library's figures, bounds, and its end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx

from api.assessing.held import GONE
from compensation import compare, load_policy, read_portfolio
from compensation.whatif.variants import vary
from tests.api.conftest import Guarded
from tests.api.server import running, until

CALL = "/v1/comparisons"
WORKBOOK = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"
RATE, EXPOSURE = "rates.tiers[2].rate", "claim_conditions[borrower_exposure].at_most"


def sent(
    api: httpx.Client, years: str = "2022", file: Path = WORKBOOK, **more: str
) -> httpx.Response:
    files = {"file": (file.name, file.read_bytes())}
    return api.post(CALL, files=files, data={"policy": "jiyuan-2022", "years": years, **more})


def settings(*changes: str) -> list[dict[str, str]]:
    return [dict(zip(("path", "value"), each.split("="), strict=True)) for each in changes]


def texts(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a table as JSON has it, but for names of variants."""
    said = {name: value for name, value in row.items() if name not in ("variant", "reasons")}
    return {
        name: value if value is None or isinstance(value, bool | int) else str(value)
        for name, value in said.items()
    }


def test_figures_are_those_of_the_library(api: httpx.Client) -> None:
    first = sent(api, "2021-2022", budget="100000")
    assert first.status_code == 200, first.text
    held = first.json()
    assert {each["path"] for each in held["numbers"]} >= {RATE, EXPOSURE}
    assert held["ledger"]["seconds"] == 600
    changes = [[f"{RATE}=0.12"], [f"{RATE}=0.12", f"{EXPOSURE}=3000000"]]
    answer = api.post(
        f"{CALL}/{held['ledger']['id']}",
        json={"variants": [settings(*each) for each in changes], "budget": "100000"},
    )
    assert answer.status_code == 200, answer.text
    said = answer.json()
    policy = load_policy("jiyuan-2022")
    ours = compare(
        read_portfolio(WORKBOOK),
        [policy, *(vary(policy, each) for each in changes)],
        [2021, 2022],
        budget=100000,
    )
    for name in ("totals", "institutions", "claims", "changes"):
        expected = list(map(texts, ours.tables[name].to_pylist()))
        assert list(map(texts, said[name])) == expected, name
    kept = [variant["policy_file"] for variant in said["variants"]]
    assert kept == [variant.policy.text for variant in ours.variants]
    assert said["variants"][2]["command"] == (
        "compensation compare LEDGER --years 2021-2022 --policy jiyuan-2022"
        f" --set '{RATE}=0.12' --set '{EXPOSURE}=3000000' --budget 100000"
    )


def test_wrong_values_are_named_where_they_stand(api: httpx.Client) -> None:
    id_ = sent(api).json()["ledger"]["id"]
    wrong = [settings(f"{RATE}=0.12"), settings(f"{RATE}=0.9"), settings("rates.tier[2].rate=1")]
    answer = api.post(f"{CALL}/{id_}", json={"variants": wrong})
    assert answer.status_code == 422
    found = {error["pointer"]: error["kind"] for error in answer.json()["errors"]}
    assert found == {
        "/variants/1/0/value": "rate_outside_bounds",
        "/variants/2/0/value": "unknown_path",
    }
    again = api.post(f"{CALL}/{id_}", json={"variants": wrong[:1]})
    assert again.status_code == 200


def test_years_and_files_that_are_wrong(api: httpx.Client, tmp_path: Path) -> None:
    for years in ("1999", "2022-2021", "22"):
        answer = sent(api, years)
        assert answer.status_code == 422
        assert [error["parameter"] for error in answer.json()["errors"]] == ["years"], answer.text
    (tmp_path / "odd.xlsx").write_bytes(b"odd")
    assert sent(api, file=tmp_path / "odd.xlsx").status_code == 422


def test_a_ledger_is_for_its_sender_and_gone_after_a_while(guarded: Guarded) -> None:
    with running(held_ledgers=1, held_seconds=1) as server:
        first = sent(server.client).json()["ledger"]["id"]
        asked: dict[str, Any] = {"variants": []}
        assert server.client.post(f"{CALL}/{first}", json=asked).status_code == 200
        second = sent(server.client).json()["ledger"]["id"]
        gone = server.client.post(f"{CALL}/{first}", json=asked)
        assert gone.status_code == 404
        assert gone.json()["detail"] == GONE.zh
        until(lambda: not server.computing())
        assert server.client.post(f"{CALL}/{second}", json=asked).status_code == 404
        assert server.scratch() == []
    unknown = guarded.server.client.post(f"{CALL}/{first}", json=asked, headers=guarded.headers)
    assert unknown.status_code == 404
