"""What goes into an assessment, and what comes out."""

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
from api.examples import PORTFOLIO
from api.models import Given, Open, PolicyUsed, Received
from api.numbers import DAY_PATTERN, YEAR, Day, RatioText, Year, YuanText
from api.policies import DEFAULT_POLICY, PolicyId


class Fields(Received):
    """What an assessment is told beside its tables."""

    policy: PolicyId = DEFAULT_POLICY
    year: Year
    budget: BudgetOrNone = None
    as_of: Annotated[
        Day | None,
        Field(
            description="截至日期：只算到该日终了的台账；没有则全部计入。 / "
            "The day at whose end the ledgers are looked at; none: every row counts."
        ),
    ] = None
    explain: Annotated[
        Literal["institutions"] | None,
        Field(
            description="institutions：应答另含各机构的说明（前一百家）。 / "
            "institutions: the answer also explains each institution (the first hundred)."
        ),
    ] = None


class FormFields(Fields):
    """The fields of a form beside its file."""

    lang: FormLanguage = None


class Form(Received):
    """批量测算的表单。 / The form of an assessment."""

    file: FormFile
    policy: PolicyId = DEFAULT_POLICY
    year: Annotated[
        str,
        Field(
            pattern=f"^{YEAR.pattern}$",
            description="财政年度。 / The fiscal year.",
            examples=["2022"],
        ),
    ]
    budget: FormBudget = ""
    as_of: Annotated[
        str,
        Field(
            pattern=f"^({DAY_PATTERN})?$",
            description="截至日期；空或没有则全部计入。 / The day as of which; blank: none.",
            examples=["2024-12-31"],
        ),
    ] = ""
    explain: Annotated[
        Literal["institutions", ""],
        Field(description="同 JSON 的 explain。 / As explain of the JSON body."),
    ] = ""
    lang: FormLanguageText = ""


class Body(Tables, Fields):
    """批量测算的 JSON。 / A whole portfolio as JSON."""

    model_config = ConfigDict(json_schema_extra={"examples": [PORTFOLIO]})


class Totals(Given):
    """合计。 / The totals."""

    institutions: int
    eligible_institutions: int
    claims: int
    eligible_claims: int
    compensation: YuanText
    payable: YuanText
    distributed: YuanText
    to_government: YuanText
    to_government_in_year: YuanText = Field(
        description="追偿日期在本年度的追偿返还政府的金额。 / "
        "What recoveries dated in the year return to government."
    )
    surplus: YuanText


class Assumption(Given):
    """结果所依据的一项假定。 / An assumption that the result relies on."""

    id: str
    clause: str
    note: str
    note_en: str


class Warned(Given):
    """值得留意之处。 / Something worth a look."""

    table: str | None
    row: int | None
    column: str | None
    message: str
    message_en: str


class InputTable(Given):
    """输入的一张表。 / One table of the input."""

    rows: int
    digest: str


class Summary(Given):
    """汇总，与 summary.json 相同。 / What summary.json holds."""

    policy: PolicyUsed
    year: int
    budget: YuanText | None
    as_of: datetime.date | None = Field(
        default=None,
        description="截至日期；没有则全部计入。 / The day at whose end the ledgers were looked at.",
    )
    reviews: list[str] = Field(
        description="所用审核表的校验码。 / Digests of the review sheets used."
    )
    version: str
    input_digest: str
    inputs: dict[str, InputTable]
    parties: list[str]
    rules: dict[str, str] = Field(
        description="所用规则原文的校验码。 / Digests of the texts of the rules used."
    )
    totals: Totals
    assumptions: list[Assumption]
    warnings: list[Warned]


class ClaimRow(Open):
    """一笔代偿。 / One claim."""

    claim_id: str
    contract_id: str
    institution_id: str
    borrower_id: str
    payout_date: datetime.date
    payout: YuanText
    borrower_exposure: YuanText
    eligible: bool
    reasons: list[str] = Field(description="未满足的条件。 / The conditions not met.")
    base: YuanText
    rate: RatioText | None
    compensation: YuanText
    status: Literal["ineligible", "rejected", "approved", "pending"]
    payable: YuanText


class InstitutionRow(Open):
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
    reasons: list[str] = Field(description="未满足的条件。 / The conditions not met.")
    rate: RatioText | None
    claims: int
    eligible_claims: int
    compensation: YuanText
    payable: YuanText


class ReturnRow(Open):
    """一笔追偿及其返还；另有 to_<分担方> 各列。 / One recovery; and to_<party> for each party."""

    recovery_id: str
    claim_id: str
    recovery_date: datetime.date
    proceeds: YuanText
    cost: YuanText
    distributed: YuanText
    surplus: YuanText
    to_government: YuanText


class StatusSums(Given):
    """某一状态的代偿合计。 / The claims of one status."""

    claims: int
    payout: YuanText
    compensation: YuanText
    payable: YuanText


class ByStatus(Given):
    """按状态的合计。 / The claims by status."""

    ineligible: StatusSums
    rejected: StatusSums
    pending: StatusSums
    approved: StatusSums


InstitutionNames = Annotated[
    dict[str, str],
    Field(
        description="各机构的名称，没有名称的不列。 / Names of institutions, where they have one."
    ),
]


class Overview(Given):
    """结果的概览。 / What the result comes to."""

    by_status: ByStatus
    borne: dict[str, YuanText] = Field(
        description="政府补偿后各方承担的代偿金额，合计等于代偿金额。 / "
        "What each bears of the payouts once government has paid; it adds up to the payouts."
    )
    institution_names: InstitutionNames


class Assessed(Given):
    """批量测算的结果。 / The result of an assessment."""

    summary: Summary
    overview: Overview
    claims: list[ClaimRow]
    institutions: list[InstitutionRow]
    returns: list[ReturnRow]
    explanations: list[dict[str, Any]] = Field(
        default=[],
        description="各机构的条件、指标、差距与上一档，仅在 explain 要求时给出。 / "
        "Why each institution comes out as it does; only where explain asks for it.",
    )
