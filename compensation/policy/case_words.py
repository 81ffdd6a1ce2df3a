"""What the cases of a policy are called: payouts, contracts, institutions' years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from compensation.language import Text
from compensation.ledger.records import Record
from compensation.policy.catalogue import Policy


class CaseWords(NamedTuple):
    """The words for one kind of case.

    `case`: one of them. `counted`: after their number. `number`: their number as a figure.
    `heading`: their number as the heading of a column. `id`, `day`: of a case, beside those of
    contracts and institutions. `each`: what a cap on each of them limits. `each_row`: what a policy
    computes for. `sheet`: the sheet of a result that lists them.
    """

    case: Text
    counted: Text
    number: Text
    heading: Text
    id: Text
    day: Text
    each: Text
    each_row: Text
    sheet: str


CASES: Mapping[Record, CaseWords] = {
    "payout": CaseWords(
        Text("代偿", "claim"),
        Text("笔代偿", "claims"),
        Text("代偿笔数", "claims"),
        Text("代偿", "claims"),
        Text("代偿编号", "claim"),
        Text("代偿日期", "payout"),
        Text("单笔代偿", "each claim"),
        Text("每笔代偿", "each payout"),
        "代偿",
    ),
    "contract": CaseWords(
        Text("合同", "contract"),
        Text("份合同", "contracts"),
        Text("合同份数", "contracts"),
        Text("合同", "contracts"),
        Text("业务编号", "case"),
        Text("业务日期", "day"),
        Text("单份合同", "each contract"),
        Text("每份担保合同", "each guarantee contract"),
        "合同",
    ),
    "institution": CaseWords(
        Text("机构年度", "institution"),
        Text("家机构", "institutions"),
        Text("机构年度数", "years of institutions"),
        Text("机构年度", "years"),
        Text("业务编号", "case"),
        Text("业务日期", "day"),
        Text("单家机构", "each institution"),
        Text("每家机构的一个年度", "a year of each institution"),
        "机构年度",
    ),
}


def record_of(policies: Sequence[Policy]) -> Record:
    """Return what the cases of policies are; claims where there are several kinds, or none."""
    records = {policy.rules.record for policy in policies}
    return records.pop() if len(records) == 1 else "payout"


def words_of(policies: Sequence[Policy]) -> CaseWords:
    """Return the words for the cases of policies."""
    return CASES[record_of(policies)]
