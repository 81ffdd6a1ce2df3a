"""Reviews, verifications and differences over HTTP: what the library says of the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest

from compensation import assess_files, diff, read_reviews, verify, write_workbook

LEDGER = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"
ASKED = ("jiyuan-2022", 2022)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two results, one with a budget, and a review sheet in which a pending claim is approved."""
    folder = tmp_path_factory.mktemp("kept")
    for name, budget in (("whole", None), ("cut", "100000")):
        write_workbook(assess_files(LEDGER, *ASKED, budget), folder / f"{name}.xlsx")
    book = openpyxl.load_workbook(folder / "whole.xlsx")
    sheet = book["审核表"]
    (headings,) = (
        row for row in sheet.iter_rows() if row[1].value == "代偿编号" or row[0].value == "代偿编号"
    )
    places = {cell.value: cell.column for cell in headings}
    (row,) = (each[0].row for each in sheet.iter_rows() if "DC2022-11" in {c.value for c in each})
    for heading, place in places.items():
        if heading in ("财政金融局审核", "行业主管部门审核"):
            sheet.cell(row, place).value = "通过"
    book.save(folder / "reviewed.xlsx")
    return folder


def post(api: httpx.Client, path: str, files: dict[str, Path], **data: Any) -> Any:
    sent = {name: (file.name, file.read_bytes()) for name, file in files.items()}
    return api.post(path, files=sent, data=data, headers={"Accept-Language": "zh"})


def test_decisions_of_a_review_sheet_take_the_place_of_the_ledger_s(
    api: httpx.Client, kept: Path
) -> None:
    files = {"file": LEDGER, "reviews": kept / "reviewed.xlsx"}
    answer = post(
        api,
        "/v1/assessments/reviewed",
        files,
        policy=ASKED[0],
        year="2022",
        explain_claims=["DC2022-11", "DC2022-07"],
        explain_institutions="SL-001",
    )
    assert answer.status_code == 200, answer.text
    expected = assess_files(LEDGER, *ASKED, reviews=read_reviews(kept / "reviewed.xlsx"))
    said = {claim["claim_id"]: claim["status"] for claim in answer.json()["claims"]}
    assert said["DC2022-11"] == "approved"
    assert answer.json()["claim_explanations"] == [
        expected.explain(id_).as_dict("zh") for id_ in ("DC2022-11", "DC2022-07")
    ]
    (institution,) = answer.json()["explanations"]
    assert (
        institution["conditions"] == expected.explain_institution("SL-001").as_dict()["conditions"]
    )
    assert answer.json()["summary"]["totals"] == expected.summary["totals"]
    unknown = {"explain_institutions": "SL-002", "policy": ASKED[0], "year": "2022"}
    answer = post(api, "/v1/assessments/reviewed", files, **unknown)
    (wrong,) = answer.json()["errors"]
    assert (wrong["kind"], wrong["parameter"]) == ("unknown_institution", "explain_institutions")
    files = {"file": LEDGER, "reviews": LEDGER}
    answer = post(api, "/v1/assessments/reviewed", files, policy=ASKED[0], year="2022")
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert wrong["parameter"] == "reviews"
    assert "/" not in wrong["message"]


def test_a_result_is_verified_and_compared_as_the_library_does(
    api: httpx.Client, kept: Path
) -> None:
    whole, cut = kept / "whole.xlsx", kept / "cut.xlsx"
    (kept / "none").touch()  # as a page sends it where no file is chosen
    files = {"file": LEDGER, "result": whole, "reviews": kept / "none"}
    said = post(api, "/v1/verifications", files).json()
    assert (said["same"], said["comes_out"], said["tables"]) == (True, True, [])
    assert verify(whole, LEDGER).same
    assert "结果全部重现" in said["text"]
    assert "记录  whole.xlsx" in said["text"]

    said = post(api, "/v1/differences", {"file": whole, "other": cut}).json()
    found = diff(whole, cut)
    assert not said["same"]
    assert [(v["key"], v["first"], v["second"]) for v in said["totals"]] == list(found.totals)
    (claims, *_) = said["tables"]
    (expected, *_) = (table for table in found.tables if not table.same)
    assert (claims["table"], claims["rows"]) == (expected.table, expected.rows)
    first = next(expected.cells())
    assert claims["cells"][0] == {**first._asdict(), "change": str(first.change)}


def test_what_is_no_result_is_refused(api: httpx.Client, kept: Path) -> None:
    answer = post(api, "/v1/verifications", {"file": LEDGER, "result": LEDGER})
    assert answer.status_code == 422
    (wrong,) = answer.json()["errors"]
    assert (wrong["kind"], wrong["parameter"]) == ("not_a_result", "result")
    assert "/" not in wrong["message"]
    answer = post(api, "/v1/differences", {"file": kept / "whole.xlsx"})
    assert answer.status_code == 422
    assert [(e["kind"], e["parameter"]) for e in answer.json()["errors"]] == [("missing", "other")]
