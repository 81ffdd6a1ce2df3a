"""What a policy brings may be called as another column: results stay readable."""

from __future__ import annotations

from pathlib import Path

import pytest

from compensation.assessment import Assessment
from compensation.policy.catalogue import POLICY_TEXT, Policy, policy_of_texts
from compensation.policy.checks import RESULT_COLUMNS
from compensation.policy.faults import PolicyFaults
from compensation.policy.variables import STANDARD_INDICATORS
from compensation.record.reading import opened
from compensation.report.tables import result_heading
from tests.policy.test_small_policies import HALF, HEAD, assessed, small
from tests.record.results import written

RATE = '{ over = ["indicator.payout_amount", "indicator.released_amount"] }'


def indicator(id_: str, name: str) -> str:
    return (
        f'[[indicators]]\nid = "{id_}"\nname = {{ zh = "{name}", en = "x" }}\nvalue = {RATE}\n'
        f'[[institution_conditions]]\nid = "of_{id_}"\nvalue = "indicator.{id_}"\nat_least = 0\n'
    )


def payer(id_: str, name: str) -> str:
    return f'[[payers]]\nid = "{id_}"\nname = {{ zh = "{name}", en = "x" }}\nshare = 0.5\n'


def test_columns_of_one_name_are_told_apart(tmp_path: Path) -> None:
    names = [
        "代偿率",
        "代偿 率",
        "补偿金额",
        "未满足的条件",
        "payable",
        "机构代码",
        "甲",
        "甲",
        "i1",
    ]
    own = [indicator(f"i{place}", name) for place, name in enumerate(names)]
    found = assessed(small(*own, payer("p1", "省"), payer("p2", "省")), {})
    assert opened(written(found, tmp_path, "xlsx")).changed == ()
    headings = [result_heading(found.policies, f"i{place}") for place in range(len(names))]
    assert headings == [f"{name}（i{place}）" for place, name in enumerate(names)]
    assert result_heading(found.policies, "payable_p2") == "应付金额（省）（p2）"


def test_a_name_of_its_own_is_left_as_it_is() -> None:
    assert result_heading([small(indicator("own", "三年代偿率"))], "own") == "三年代偿率"


@pytest.mark.parametrize("id_", sorted(RESULT_COLUMNS))
def test_no_indicator_is_another_column_of_the_institutions(id_: str) -> None:
    with pytest.raises(PolicyFaults) as raised:
        small(indicator(id_, "甲"))
    assert {fault.key for fault in raised.value.faults} == {f"indicators[{id_}].id"}


def test_the_columns_of_institutions_are_those_and_indicators() -> None:
    found: Assessment = assessed(small(), {})
    beside = {"policy", "set_off"}
    assert {*found.institutions.columns, *beside} - STANDARD_INDICATORS.keys() == RESULT_COLUMNS


UNTIL = ', until = "contracts.release_date"'


def of_contracts(name: str, heading: str, until: str) -> Policy:
    text = f"""{HEAD}
record = "contract"
trigger = {{ date = "contracts.start_date"{until} }}
base = {{ value = "contracts.guaranteed_amount" }}
rates = {{ {HALF} }}
[[columns]]
table = "contracts"
name = "{name}"
heading = "{heading}"
type = "money"
note = {{ zh = "注", en = "note" }}
"""
    return policy_of_texts({POLICY_TEXT: text})


@pytest.mark.parametrize(
    ("name", "heading", "until", "clash"),
    [
        ("own", "已补偿金额", "", "heading"),
        ("approved_amount", "甲", "", "name"),
        ("own", "以前年度已补偿金额", UNTIL, "heading"),
    ],
)
def test_no_column_is_another_that_contracts_have_as_cases(
    name: str, heading: str, until: str, clash: str
) -> None:
    with pytest.raises(PolicyFaults) as raised:
        of_contracts(name, heading, until)
    assert [fault.key for fault in raised.value.faults] == [f"columns[1].{clash}"]


def test_contracts_of_one_year_have_no_years_before() -> None:
    assert of_contracts("own", "以前年度已补偿金额", "").id == "small"
