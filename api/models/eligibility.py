"""Institutions and borrowers: what goes in to ask whether they are eligible, and what comes out."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StrictBool

from api.exact_json import MEMBERS
from api.models import Given, Received
from api.models.assessments import PolicyUsed
from api.models.cases import (
    ArithmeticLine,
    Assumptions,
    ConditionResult,
    Eligible,
    InstitutionVerdict,
    Notes,
    Rate,
    Reasons,
    Scalar,
    absent,
)
from api.models.policy_id import DEFAULT_POLICY, PolicyId
from api.numbers import Count, Growth, PayoutRate, RatioText, Share, Year, Yuan

_TEXT = 100

AMOUNTS: dict[str, Any] = {
    "government_backed": True,
    "opening_balance": "400000000.00",
    "closing_balance": "500000000.00",
    "opening_borrowers": 300,
    "closing_borrowers": 362,
    "small_agri_balance": "460000000.00",
    "released_amount": "320000000.00",
    "payout_amount": "8000000.00",
}
RATIOS: dict[str, Any] = {
    "government_backed": True,
    "small_agri_share": "0.92",
    "balance_growth": "0.25",
    "borrower_growth": "0.21",
    "payout_rate": "0.015",
}


class InstitutionFigures(Received):
    """机构一年的数字。 / The figures of an institution in a year.

    金额和户数（推荐），或算好的比率，null 为无法计算。政策要看的都要填，见
    /v1/policies/{policy_id}/inputs 的 institution。政策自己的列和指标按其名称填写。 / Amounts and
    counts (preferred), or ratios, of which null is undefined. Whatever the policy looks at must be
    there: institution of /v1/policies/{policy_id}/inputs lists it. Columns and indicators of the
    policy's own go by their names.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra=MEMBERS)
    __pydantic_extra__: dict[str, Scalar]

    government_backed: StrictBool = Field(
        default_factory=absent,
        description="是否政府性融资担保机构。 / Whether it is government-backed.",
    )
    opening_balance: Yuan = Field(
        default_factory=absent, description="年初在保余额（元）。 / The opening balance in yuan."
    )
    closing_balance: Yuan = Field(
        default_factory=absent, description="年末在保余额（元）。 / The closing balance in yuan."
    )
    opening_borrowers: Count = Field(
        default_factory=absent, description="年初在保户数。 / Borrowers at the opening."
    )
    closing_borrowers: Count = Field(
        default_factory=absent, description="年末在保户数。 / Borrowers at the close."
    )
    small_agri_balance: Yuan = Field(
        default_factory=absent,
        description="年末支小支农余额（元）。 / Of the closing balance, that of small, micro and "
        "agricultural borrowers, in yuan.",
    )
    released_amount: Yuan = Field(
        default_factory=absent,
        description="本年解除担保额（元）。 / Released in the year, in yuan.",
    )
    payout_amount: Yuan = Field(
        default_factory=absent, description="本年代偿额（元）。 / Paid out in the year, in yuan."
    )
    new_guarantees: Yuan = Field(
        default_factory=absent, description="本年新增担保额（元）。 / New guarantees, in yuan."
    )
    small_agri_share: Share | None = Field(
        default_factory=absent,
        description="支小支农占比；null 为无法计算。 / The small, micro and agricultural share; "
        "null is undefined.",
    )
    balance_growth: Growth | None = Field(
        default_factory=absent,
        description="在保余额增速；null 为无法计算。 / Growth of the balance; null is undefined.",
    )
    borrower_growth: Growth | None = Field(
        default_factory=absent,
        description="在保户数增速；null 为无法计算。 / Growth of the borrowers; null is undefined.",
    )
    payout_rate: PayoutRate | None = Field(
        default_factory=absent,
        description="代偿率；null 为无法计算。 / The payout rate; null is undefined.",
    )


class InstitutionCase(Received):
    """一家机构。 / One institution."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"policy": DEFAULT_POLICY, "year": 2022, "institution": AMOUNTS},
                {"policy": DEFAULT_POLICY, "institution": RATIOS},
            ]
        }
    )

    policy: PolicyId = DEFAULT_POLICY
    year: Year | None = Field(
        default=None,
        description="年度；限额随日期变化的政策才需要。 / The year; only for policies whose limits "
        "change by date.",
    )
    institution: InstitutionFigures


class NextTierUp(Given):
    """上一档，或符合条件后的第一档。 / The next tier up, or the first to reach."""

    number: int = Field(description="第几档。 / Its number, from 1.")
    rate: RatioText
    conditions: list[ConditionResult] = Field(description="需要满足什么。 / What it takes.")


class InstitutionAnswer(Given):
    """一家机构的结果。 / What an institution came to."""

    eligible: Eligible
    reasons: Reasons
    tier: int | None = Field(
        description="第几档；不符合条件或档次不由机构决定时为 null。 / "
        "Its tier, from 1; null where not eligible, or where tiers are not the institution's."
    )
    rate: RatioText | None = Field(description="该档的补偿比例。 / The rate of the tier.")
    conditions: list[ConditionResult]
    next_tier: NextTierUp | None = Field(
        description="再上一档需要什么；已是最高档时为 null。 / What the next tier takes; null at "
        "the highest."
    )
    indicators: list[ArithmeticLine] = Field(description="各项指标及算式。 / The indicators.")
    policy: PolicyUsed
    assumptions: Assumptions


class ClaimConditionsAnswer(Given):
    """一笔代偿是否符合条件。 / Whether a claim meets its conditions."""

    eligible: Eligible
    reasons: Reasons
    rate: Rate
    conditions: list[ConditionResult]
    institution: InstitutionVerdict
    notes: Notes
    policy: PolicyUsed
    assumptions: Assumptions


class BorrowerCase(Received):
    """一家企业。 / One enterprise."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"industry": "C34", "employees": 46, "revenue": "12000000.00"},
                {
                    "industry": "房地产开发经营",
                    "revenue": "1500000.00",
                    "total_assets": "49999999.99",
                },
            ]
        }
    )

    industry: Annotated[str, Field(max_length=_TEXT)] = Field(
        description="行业：国民经济行业分类的代码或名称。 / The industry: a code or a name of "
        "GB/T 4754."
    )
    employees: Count | None = Field(
        default=None, description="从业人员（人）。 / Employees, persons."
    )
    revenue: Yuan | None = Field(default=None, description="营业收入（元）。 / Revenue in yuan.")
    total_assets: Yuan | None = Field(
        default=None, description="资产总额（元）。 / Total assets in yuan."
    )


Size = Literal["large", "medium", "small", "micro"]


class SizeIndicator(Given):
    """一项划型指标。 / One indicator of size."""

    indicator: str = Field(
        description="employees、revenue 或 total_assets。 / Which one.", examples=["revenue"]
    )
    name: str = Field(description="名称。 / Its name.")
    actual: str = Field(description="实际值，人或元。 / Its value, persons or yuan.")
    limits: list[str] = Field(
        description="大型、中型、小型的下限。 / The lower limits of large, medium and small."
    )
    size: Size = Field(description="单看这一项的规模。 / What it alone would give.")


class BorrowerAnswer(Given):
    """企业规模。 / The size of an enterprise."""

    size: Size = Field(description="规模。 / The size.")
    small_micro: bool = Field(description="是否小微。 / Whether it is small or micro.")
    borrower_type: str = Field(description="借款人类型。 / The borrower type.")
    industry: str = Field(description="行业代码。 / The industry in the classification.")
    industry_name: str = Field(description="行业名称。 / Its name.")
    indicators: list[SizeIndicator]
