"""The Chinese headings of a settlement's tables, and the names of statuses."""

from __future__ import annotations

from collections.abc import Sequence

from compensation.policy.catalogue import Policy
from compensation.policy.quantities import payer_names
from compensation.report.wording import STATUS_NAMES as DECIDED
from compensation.report.wording import case_heading
from compensation.schema.dictionary import TABLES
from compensation.settlement.tables import column_of, leg_of

HEADINGS = {
    "year": "年度",
    "policy": "政策",
    "status": "状态",
    "closed": "是否结案",
    "payout": "代偿金额",
    "claims": "代偿笔数",
    "compensation": "补偿金额",
    "granted": "核准金额",
    "due_to_date": "累计应付",
    "paid_in_period": "本期拨付净额",
    "paid_to_date": "累计已拨付",
    "set_off": "本次抵扣",
    "to_pay": "应拨付",
    "to_recall": "应收回",
    "outstanding": "尚未安排",
    "proceeds_to_date": "累计追偿所得",
    "cost_to_date": "累计追偿费用",
    "distributed_to_date": "累计可返还",
    "surplus_to_date": "累计超额追偿款",
    "government_share": "政府应得",
    "remitted_in_period": "本期上缴净额",
    "remitted_to_date": "累计已上缴",
    "to_remit": "应上缴",
    "to_refund": "应退回",
    "net_due": "净额",
    "government_cost": "政府净支出",
    "late_charge": "逾期缴回加收",
    "line": "项目",
}
"""Headings of columns that are no input columns."""
STATUS_NAMES = {**DECIDED, "year_open": "年度未结束"}
_OF_INPUT = {column.name: column.heading for table in TABLES for column in table.columns}


def heading_of(name: str, policies: Sequence[Policy] = ()) -> str:
    """Return the Chinese heading of a column of a settlement; its name where it has none.

    `policies`: by which cases are named, and of which payers may have columns.
    """
    leg = leg_of(name)
    if leg is not None:
        payer = name.removeprefix(column_of(leg, ""))
        return f"{HEADINGS[leg]}（{names_of_payers(policies).get(payer, payer)}）"
    return case_heading(name, policies) or HEADINGS.get(name) or _OF_INPUT.get(name, name)


def names_of_payers(policies: Sequence[Policy]) -> dict[str, str]:
    """Return what payers are called, by their ids: the id itself where two have the same name."""
    names = {id_: n.zh for policy in policies for id_, n in payer_names(policy.rules).items()}
    every = list(names.values())
    return {id_: name if every.count(name) == 1 else id_ for id_, name in names.items()}
