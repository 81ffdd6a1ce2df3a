"""What goes into a settlement, and what comes out."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from api.assessing.members import (
    BudgetOrNone,
    FormBudget,
    FormFile,
    FormLanguage,
    FormLanguageText,
    Tables,
)
from api.assessing.models import Assumption, InputTable, InstitutionNames, Warned
from api.examples import SETTLEMENT
from api.models import Given, Open, PolicyUsed, Received
from api.numbers import DAY_PATTERN, Day, YuanText
from api.policies import PolicyId

MOST_EXPLAINED = 20
"""Claims of a settlement that one request may have explained."""
MOST_POLICIES = 10

_POLICIES = (
    "政策编号，每笔代偿按其代偿日所适用的一项核定。 / "
    "The ids of policies; each claim is decided by the one in force on its day."
)
_TO = "清算日。 / The day to settle on."
_FROM = (
    "本期起始日；没有则为清算日当年 1 月 1 日。 / First day of the period; 1 January by default."
)
_EXPLAIN = "代偿编号，应答另含这些代偿的说明。 / Ids of claims that the answer also explains."
PolicyIds = Annotated[list[PolicyId], Field(max_length=MOST_POLICIES, description=_POLICIES)]
ClaimIds = Annotated[list[str], Field(max_length=MOST_EXPLAINED, description=_EXPLAIN)]


class SettlementFields(Received):
    """What a settlement is told beside its tables."""

    policies: PolicyIds
    to: Annotated[Day, Field(description=_TO)]
    from_: Annotated[Day | None, Field(alias="from", description=_FROM)] = None
    budget: BudgetOrNone = None
    explain: ClaimIds = Field(default=[])


class SettlementFormFields(SettlementFields):
    """The fields of a form beside its file."""

    policies: Annotated[PolicyIds, Field(alias="policy")]
    lang: FormLanguage = None


class SettlementForm(Received):
    """清算的表单；policy 和 explain 可以有多个。 / The form of a settlement."""

    file: FormFile
    policy: PolicyIds
    to: Annotated[str, Field(pattern=f"^{DAY_PATTERN}$", description=_TO, examples=["2024-12-31"])]
    from_: Annotated[str, Field(alias="from", pattern=f"^({DAY_PATTERN})?$", description=_FROM)] = (
        ""
    )
    budget: FormBudget = ""
    explain: ClaimIds = Field(default=[])
    lang: FormLanguageText = ""


class SettlementBody(Tables, SettlementFields):
    """清算的 JSON。 / A whole portfolio to settle, as JSON."""

    model_config = ConfigDict(json_schema_extra={"examples": [SETTLEMENT]})


class Due(Open):
    """各项金额。 / The amounts of a claim, or their sums."""

    compensation: YuanText
    granted: YuanText
    paid_in_period: YuanText
    paid_to_date: YuanText
    to_pay: YuanText = Field(description="应拨付。 / What government pays.")
    to_recall: YuanText = Field(description="应收回。 / What was paid too much.")
    outstanding: YuanText
    proceeds_to_date: YuanText
    cost_to_date: YuanText
    distributed_to_date: YuanText
    surplus_to_date: YuanText
    government_share: YuanText
    remitted_in_period: YuanText
    remitted_to_date: YuanText
    to_remit: YuanText = Field(description="应上缴。 / What is handed over of recoveries.")
    to_refund: YuanText = Field(description="应退回。 / What was handed over too much.")
    net_due: YuanText = Field(
        description="净额：正数由机构缴付，负数由政府支付。 / "
        "What the institution owes government; negative: government owes."
    )
    government_cost: YuanText


class SettledRow(Due):
    """一笔代偿的清算。 / One claim settled."""

    claim_id: str
    contract_id: str
    institution_id: str
    borrower_id: str
    payout_date: datetime.date
    year: int | None
    policy: str | None
    status: Literal["ineligible", "rejected", "approved", "pending", "not_covered", "year_open"]
    closed: bool
    payout: YuanText


class SettledInstitutionRow(Due):
    """一家机构的合计。 / One institution with the sums of its claims."""

    institution_id: str
    claims: int


class PoolRow(Given):
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


class Note(Given):
    """对数字的一项说明。 / What the figures leave out."""

    message: str
    message_en: str


class SettlementSummary(Given):
    """汇总，与 settlement_summary.json 相同。 / What settlement_summary.json holds."""

    policies: list[PolicyUsed]
    from_: datetime.date = Field(alias="from")
    to: datetime.date
    budget: YuanText | None
    reviews: list[str]
    version: str
    input_digest: str
    inputs: dict[str, InputTable]
    parties: list[str]
    rules: dict[str, str]
    totals: SettlementTotals
    assumptions: list[PolicyAssumption]
    notes: list[Note]
    warnings: list[Warned]


class SettlementOverview(Given):
    """结果的概览。 / What goes with the tables."""

    institution_names: InstitutionNames


class SettlementAnswer(Given):
    """清算的结果。 / The result of a settlement."""

    summary: SettlementSummary
    overview: SettlementOverview
    settlement: list[SettledRow]
    settlement_institutions: list[SettledInstitutionRow]
    pool_statement: list[PoolRow]
    explanations: list[dict[str, Any]] = Field(
        default=[],
        description="所要求的各笔代偿的条件与计算过程。 / "
        "Conditions and arithmetic of the claims asked for.",
    )
