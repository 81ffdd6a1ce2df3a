"""What the answers about whole ledgers hold, for the OpenAPI document."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from api.language import doc
from api.models import AnswerModel, Assumed, OpenAnswerModel, PolicyUsed, ReturnedRecovery
from api.numbers import RatioText, YuanText


class Totals(AnswerModel):
    """合计。 / The totals."""

    institutions: int
    eligible_institutions: int
    claims: int
    eligible_claims: int
    compensation: YuanText
    payable: YuanText
    distributed: YuanText
    to_government: YuanText
    to_government_in_year: YuanText = doc(
        "追偿日期在本年度的追偿返还政府的金额。",
        "The amount returned to government by recoveries dated in the year.",
    )
    surplus: YuanText


class Assumption(Assumed):
    """结果所依据的一项假定。 / An assumption that the result relies on."""

    note_en: str


class Warned(AnswerModel):
    """值得留意之处。 / A warning."""

    table: str | None
    row: int | None
    column: str | None
    message: str
    message_en: str


class InputTable(AnswerModel):
    """输入的一张表。 / One table of the input."""

    rows: int
    digest: str


class Record(AnswerModel):
    """What the summaries of assessments and settlements have in common."""

    budget: YuanText | None
    reviews: list[str] = doc("所用审核表的校验码。", "Digests of the review sheets used.")
    version: str
    input_digest: str
    inputs: dict[str, InputTable]
    parties: list[str]
    rules: dict[str, str] = doc("所用规则原文的校验码。", "Digests of the texts of the rules used.")
    warnings: list[Warned]


class Summary(Record):
    """汇总，与 summary.json 相同。 / The content of summary.json."""

    policy: PolicyUsed
    year: int
    as_of: datetime.date | None = None
    """截至日期；没有则全部计入。 / The ledgers were used as of the end of this day."""
    totals: Totals
    assumptions: list[Assumption]


class ClaimRow(OpenAnswerModel):
    """一笔代偿，或政策按其计算的一份合同、一家机构。 / One claim, or what else the policy is about.

    A contract has no payout, an institution no contract and no borrower.
    """

    claim_id: str
    contract_id: str | None
    institution_id: str
    borrower_id: str | None
    payout_date: datetime.date
    payout: YuanText | None
    borrower_exposure: YuanText | None
    eligible: bool
    reasons: list[str] = doc("未满足的条件。", "The conditions not met.")
    base: YuanText
    rate: RatioText | None
    compensation: YuanText
    status: Literal["ineligible", "rejected", "approved", "pending"]
    payable: YuanText


class InstitutionRow(OpenAnswerModel):
    """一家机构。 / One institution."""

    institution_id: str
    opening_balance: YuanText
    closing_balance: YuanText
    balance_growth: RatioText | None
    opening_borrowers: int
    closing_borrowers: int
    borrower_growth: RatioText | None
    small_agri_balance: YuanText
    small_agri_share: RatioText | None
    released_amount: YuanText
    payout_amount: YuanText
    payout_rate: RatioText | None
    eligible: bool
    reasons: list[str] = doc("未满足的条件。", "The conditions not met.")
    rate: RatioText | None
    claims: int
    eligible_claims: int
    compensation: YuanText
    payable: YuanText


class ReturnRow(ReturnedRecovery):
    """一笔追偿及其返还；另有 to_<分担方> 各列。 / One recovery; and to_<party> for each party."""

    claim_id: str


class StatusSums(AnswerModel):
    """某一状态的代偿合计。 / The claims of one status."""

    claims: int
    payout: YuanText
    compensation: YuanText
    payable: YuanText


class ByStatus(AnswerModel):
    """按状态的合计。 / The claims by status."""

    ineligible: StatusSums
    rejected: StatusSums
    pending: StatusSums
    approved: StatusSums


InstitutionNames = Annotated[
    dict[str, str],
    doc("各机构的名称，没有名称的不列。", "Names of institutions, where they have one."),
]


class Overview(AnswerModel):
    """结果的概览。 / An overview of the result."""

    by_status: ByStatus
    borne: dict[str, YuanText]
    """政府补偿后各方承担的代偿金额，合计等于代偿金额。 / The part of the payouts that each party
    bears after government has paid; the sum is the payouts."""
    institution_names: InstitutionNames


class Assessed(AnswerModel):
    """批量测算的结果。 / The result of an assessment."""

    summary: Summary
    overview: Overview
    claims: list[ClaimRow]
    institutions: list[InstitutionRow]
    returns: list[ReturnRow]
    explanations: list[dict[str, Any]] = Field([])
    """机构的条件、指标、差距与上一档，仅在 explain 或 explain_institutions 要求时给出。 /
    Explanations of institutions; only where explain or explain_institutions asks for them."""
    claim_explanations: list[dict[str, Any]] = Field([])
    """各笔代偿的条件与计算过程，仅在 explain_claims 要求时给出。 / The conditions and arithmetic of
    claims; only where explain_claims asks for it."""


class Due(OpenAnswerModel):
    """各项金额。 / The amounts of a claim, or their sums."""

    compensation: YuanText
    granted: YuanText
    paid_in_period: YuanText
    paid_to_date: YuanText
    to_pay: YuanText = doc("应拨付。", "The amount that government is to pay.")
    to_recall: YuanText = doc("应收回。", "The amount that was paid in excess.")
    outstanding: YuanText
    proceeds_to_date: YuanText
    cost_to_date: YuanText
    distributed_to_date: YuanText
    surplus_to_date: YuanText
    government_share: YuanText
    remitted_in_period: YuanText
    remitted_to_date: YuanText
    to_remit: YuanText = doc("应上缴。", "The recoveries that the institution is to hand over.")
    to_refund: YuanText = doc("应退回。", "The amount that was handed over in excess.")
    net_due: YuanText = doc(
        "净额：正数由机构缴付，负数由政府支付。",
        "The amount that the institution owes government; negative: government owes.",
    )
    government_cost: YuanText


class SettledRow(Due):
    """一笔代偿的清算。 / One claim settled."""

    claim_id: str
    contract_id: str | None
    institution_id: str
    borrower_id: str | None
    payout_date: datetime.date | None
    year: int | None
    policy: str | None
    status: Literal["ineligible", "rejected", "approved", "pending", "not_covered", "year_open"]
    closed: bool
    payout: YuanText | None


class SettledInstitutionRow(Due):
    """一家机构的合计。 / One institution with the sums of its claims."""

    institution_id: str
    claims: int


class PoolRow(AnswerModel):
    """资金池收支表的一行。 / One line of the pool's statement."""

    line: str
    amount: YuanText


class SettlementTotals(Due):
    """合计。 / The totals."""

    institutions: int
    claims: int
    payout: YuanText
    pool_statement: dict[str, YuanText]


class PolicyAssumption(Assumption):
    """一项政策的一项假定。 / An assumption of one of the policies."""

    policy: str


class SettlementNote(AnswerModel):
    """对数字的一项说明。 / A note on the figures."""

    message: str
    message_en: str


class SettlementSummary(Record):
    """汇总，与 settlement_summary.json 相同。 / The content of settlement_summary.json."""

    policies: list[PolicyUsed]
    from_: datetime.date = Field(alias="from")
    to: datetime.date
    totals: SettlementTotals
    assumptions: list[PolicyAssumption]
    notes: list[SettlementNote]


class SettlementOverview(AnswerModel):
    """结果的概览。 / An overview of the result."""

    institution_names: InstitutionNames


class SettlementAnswer(AnswerModel):
    """清算的结果。 / The result of a settlement."""

    summary: SettlementSummary
    overview: SettlementOverview
    settlement: list[SettledRow]
    settlement_institutions: list[SettledInstitutionRow]
    pool_statement: list[PoolRow]
    explanations: list[dict[str, Any]] = Field([])
    """各笔代偿的条件与计算过程；合同按年度。 / Claims explained; a contract in each year."""


class DifferentValue(AnswerModel):
    """一项不同的值。 / A value that differs; null: that side does not say it."""

    key: str
    first: str | None
    second: str | None


class DifferentCell(AnswerModel):
    """一个不同的单元格。 / A cell that differs."""

    id: str = doc("该行的编号。", "The id of its row.")
    column: str
    first: str
    second: str
    change: str | None = doc("增减；不是数的为 null。", "Second less first; null if no number.")


class DifferentTable(AnswerModel):
    """一张有不同的表；各列出前 200 项。 / A table that differs; 200 of each are listed."""

    table: str
    rows: int = doc("有不同的行数。", "How many rows differ.")
    removed: list[str] = doc("只有前者有的行。", "Rows that only the first has.")
    added: list[str] = doc("只有后者有的行。", "Rows that only the second has.")
    cells: list[DifferentCell]


class DifferenceAnswer(AnswerModel):
    """两个结果的不同。 / How two results differ."""

    same: bool
    totals: list[DifferentValue]
    tables: list[DifferentTable]
    text: str = doc("同命令 diff 的输出。", "What the command diff prints.")


class VerificationAnswer(DifferenceAnswer):
    """复核的结果：前者为记录，后者为重算。 / Verified: recorded first, recomputed second."""

    comes_out: bool = doc("各项金额是否重新得出。", "Whether every figure comes out again.")
    input_changed: list[str] = doc("内容已变的表。", "Tables of the input that have changed.")
    reviews_changed: bool
    rules_changed: list[str]
    program_changed: list[str]
    result_changed: list[str]
    """写出后被改动的部分。 / What was changed after it was written."""
