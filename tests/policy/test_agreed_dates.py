"""Dates agreed beforehand, such as due dates: a day as of which is computed leaves them alone."""

from __future__ import annotations

import pandas as pd
import pytest

from compensation import assess_frames, portfolio_of_frames, settle, settle_frames
from compensation.policy.catalogue import POLICY_TEXT, Policy, policy_of_texts
from compensation.policy_tools.doubts import doubts
from tests.policy.test_small_policies import CLAIM, CONTRACT, HALF, HEAD, small
from tests.policy.test_stages import frames

DUE = """
[[columns]]
table = "contracts"
name = "due"
heading = "到期日"
type = "date"
required = true
{agreed}
note = {{ zh = "约定的到期日", en = "the day on which the loan is due" }}

[[claim_conditions]]
id = "due"
value = "contracts.due"
at_least = 2030-01-01
"""


def policy(agreed: str) -> Policy:
    return small(DUE.format(agreed=agreed))


@pytest.mark.parametrize(
    ("limit", "asked"),
    [
        ("given = true", False),
        ('since = "claims.payout_date"\nunit = "days"\nat_most = 9000', False),
        ('at_most = { months_later = ["contracts.due", 1] }', True),
    ],
)
def test_a_date_that_may_be_blank_is_asked_about_where_it_is_computed_with(
    limit: str, asked: bool
) -> None:
    written = DUE.format(agreed="").replace("required = true", "")
    written = written.replace("at_least = 2030-01-01", limit)
    assert [doubt.key for doubt in doubts(small(written))] == ["columns[due]"] * asked


@pytest.mark.parametrize(
    ("agreed", "eligible", "warned"),
    [("agreed = true", True, False), ("agreed = false", False, False), ("", False, True)],
)
def test_a_due_date_after_the_day(agreed: str, eligible: bool, warned: bool) -> None:
    held = frames(CLAIM)
    held["contracts"] = held["contracts"].assign(due="2030-01-01")
    written = policy(agreed)
    assert [doubt.key for doubt in doubts(written)] == ["columns[due]"] * warned
    day = "2022-12-31"
    of_frames = assess_frames(held, written, 2022, as_of=day)
    settled = settle(portfolio_of_frames(**held), written, day)
    for found in (of_frames, settled):
        kinds = {warning.kind for warning in found.warnings}
        assert ("dates_to_come" in kinds) == warned
    (row,) = settled.tables["settlement"].to_pylist()
    (claim,) = of_frames.tables["claims"].to_pylist()
    (whole,) = assess_frames(held, written, 2022).tables["claims"].to_pylist()
    assert whole["compensation"] > 0
    expected = whole["compensation"] if eligible else 0
    assert claim["compensation"] == row["compensation"] == row["to_pay"] == expected


@pytest.mark.parametrize("day", ["2022-09-30", "2022-10-10"])
def test_a_case_whose_own_date_is_after_the_day_is_named(day: str) -> None:
    filed = '[[columns]]\ntable = "claims"\nname = "filed"\nheading = "申报日期"\ntype = "date"\n'
    filed += 'required = true\nagreed = false\nnote = { zh = "注", en = "note" }\n'
    by_filing = small(filed, '[trigger]\ndate = "claims.filed"')
    held = frames(*({**CLAIM, "filed": each} for each in ("2022-08-05", "2022-10-10")))
    year = assess_frames(held, by_filing, 2022, as_of=day)
    settled = settle(portfolio_of_frames(**held), by_filing, day)
    left_out = ["代偿（claims） 第 2 行 申报日期（filed）：日期晚于 2022-09-30，本次未计入"]
    for warnings in (year.warnings, settled.warnings):
        said = [each.describe("zh") for each in warnings if each.kind == "later_rows"]
        assert said == (left_out if day == "2022-09-30" else [])
    assert len(year.claims) == 1 + (day == "2022-10-10")


@pytest.mark.parametrize("day", ["2023-01-30", "2023-01-31"])
@pytest.mark.parametrize("agreed", ["", "agreed = true"])
def test_a_date_of_an_institution_after_the_day_is_named(day: str, agreed: str) -> None:
    """Its condition fails for that alone: nothing would be due, and nobody would be told why."""
    declared = '[[columns]]\ntable = "institutions"\nname = "declared"\nheading = "申报日期"\n'
    declared += f'type = "date"\n{agreed}\nnote = {{ zh = "注", en = "note" }}\n'
    condition = '[[institution_conditions]]\nid = "declared"\nvalue = "institutions.declared"\n'
    text = (HEAD, 'record = "institution"', "[base]\nvalue = 500\n", f"[rates]\n{HALF}")
    parts = "\n".join((*text, declared, condition + "given = true"))
    policy = policy_of_texts({POLICY_TEXT: parts})
    row = {"institution_id": "A", "government_backed": "true", "declared": "2023-01-31"}
    reviews = {"finance_review": "approved", "industry_review": "approved"}
    tables = {"institutions": pd.DataFrame([row | reviews]), "contracts": pd.DataFrame([CONTRACT])}
    settled = settle_frames(tables, policy, day)
    blank = day == "2023-01-30" and not agreed
    assert settled.tables["settlement"]["to_pay"].to_pylist() == [0 if blank else 250]
    said = [each.describe("zh") for each in settled.warnings if each.kind == "later_rows"]
    line = "机构（institutions） 第 1 行 申报日期（declared）：晚于 2023-01-30，按未填处理"
    assert said == [line] * blank
    # The ledger as of that day alone tells the same, and the record of the run tells nothing.
    ledger = {"institutions": tables["institutions"], "contracts": tables["contracts"]}
    of_year = assess_frames(ledger, policy, 2022, as_of=day)
    assert [each.kind for each in of_year.warnings].count("later_rows") == blank
    assert "later_rows" not in str(of_year.summary["warnings"])
