"""Dates agreed beforehand, such as due dates: a day as of which is computed leaves them alone."""

from __future__ import annotations

import pytest

from compensation import assess_frames, portfolio_of_frames, settle
from compensation.policy.catalogue import Policy
from compensation.policy_tools.doubts import doubts
from tests.policy.test_small_policies import CLAIM, small
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
