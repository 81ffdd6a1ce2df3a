"""One claim: what goes in, and what it is compensated with."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

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
    Parts,
    Rate,
    Reasons,
    Scalar,
    absent,
)
from api.models.eligibility import AMOUNTS, RATIOS, InstitutionFigures
from api.models.policy_id import DEFAULT_POLICY, PolicyId
from api.numbers import Day, Share, Yuan, YuanText
from compensation.ledger.dictionary import BORROWER_TYPES

BorrowerType = Literal[
    "micro_enterprise",
    "small_enterprise",
    "individual_business",
    "business_owner",
    "farmer",
    "agricultural_entity",
    "medium_enterprise",
    "large_enterprise",
    "other",
]
assert BorrowerType.__args__ == tuple(c.value for c in BORROWER_TYPES)  # type: ignore[attr-defined]
Review = Literal["approved", "rejected", "pending"]
MOST_PARTIES = 20

Shares = Annotated[
    dict[Annotated[str, Field(min_length=1, max_length=60)], Share | None],
    Field(
        max_length=MOST_PARTIES,
        description="各方的分担比例，合计恰为 1；没有列出的一方不承担；都不填则全由担保机构承担。 "
        "/ Who bears what part, together exactly 1; a party that is not there bears nothing; with "
        "none, the institution bears everything.",
        examples=[{"institution": "0.4", "lender": "0.6"}],
    ),
]
SHARES: dict[str, Any] = {
    "institution": "0.4",
    "lender": "0.2",
    "reguarantor": "0.2",
    "national_fund": "0.2",
}
CLAIM: dict[str, Any] = {
    "borrower_type": "small_enterprise",
    "borrower_exposure": "3000000.00",
    "payout_date": "2022-06-30",
    "principal": "1000000.00",
    "interest": "20000.00",
    "shares": SHARES,
    "finance_review": "approved",
    "industry_review": "approved",
}
LUOYANG: dict[str, Any] = {
    "policy": "luoyang-2025",
    "institution": {"government_backed": True, "new_guarantees": "60000000.00"},
    "claim": {
        **CLAIM,
        "borrower_exposure": "5000000.01",
        "payout_date": "2025-11-20",
        "principal": "1000000.00",
        "borrower_region": "洛阳市涧西区",
        "technology_innovation": False,
        "loan_rate": "0.045",
        "start_date": "2025-01-15",
        "loan_term_months": 12,
        "fee_rate": "0.01",
        "reguaranteed": True,
        "reguarantor_paid_date": "2025-12-10",
    },
}


class ClaimFigures(Received):
    """一笔代偿的数字。 / The figures of one claim.

    政策要看的都要填，见 /v1/policies/{policy_id}/inputs 的 claim；政策另外要看的列按其名称填写。 /
    Whatever the policy looks at must be there: claim of /v1/policies/{policy_id}/inputs lists it.
    Further columns that the policy looks at go by their names.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra=MEMBERS)
    __pydantic_extra__: dict[str, Scalar]

    borrower_type: BorrowerType = Field(
        default_factory=absent, description="借款人类型。 / The type of borrower."
    )
    borrower_exposure: Yuan = Field(
        default_factory=absent,
        description="代偿日单户担保余额（元），当日解除的仍计入。 / "
        "What is in force for the borrower "
        "at the institution on the payout day, in yuan; what is released that day still counts.",
    )
    payout_date: Day = Field(default_factory=absent, description="代偿日期。 / The payout date.")
    principal: Yuan = Field(
        default_factory=absent, description="代偿本金（元）。 / The principal paid, in yuan."
    )
    interest: Yuan | None = Field(
        default_factory=absent,
        description="代偿利息（元）；没有则为 0。 / The interest paid, in yuan; none is 0.",
    )
    shares: Shares | None = Field(default_factory=absent)
    finance_review: Review | None = Field(
        default_factory=absent,
        description="财政金融局审核；没有则为待审。 / "
        "The finance bureau's review; none is pending.",
    )
    industry_review: Review | None = Field(
        default_factory=absent,
        description="行业主管部门审核；没有则为待审。 / The industry authority's; none is pending.",
    )
    compensation_paid: Yuan | None = Field(
        default_factory=absent,
        description="已补偿金额（元）；没有则为 0。 / Compensation already paid; none is 0.",
    )


class ClaimCase(Received):
    """一笔代偿和机构当年的数字。 / One claim and its institution's figures of the year."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"policy": DEFAULT_POLICY, "institution": RATIOS, "claim": CLAIM},
                {"policy": DEFAULT_POLICY, "institution": AMOUNTS, "claim": CLAIM},
                LUOYANG,
            ]
        }
    )

    policy: PolicyId = DEFAULT_POLICY
    institution: InstitutionFigures
    claim: ClaimFigures


class CompensationAnswer(Given):
    """一笔代偿的测算结果。 / What a claim is compensated with."""

    eligible: Eligible
    reasons: Reasons
    base: YuanText = Field(description="补偿基数。 / What the rate is applied to.")
    rate: Rate
    compensation: YuanText = Field(description="补偿金额。 / The compensation.")
    status: Literal["ineligible", "rejected", "approved", "pending"] = Field(
        description="不符合条件、审核不通过、审核通过、待审。 / What it has come to."
    )
    payable: YuanText = Field(description="本次应付。 / What is still to be paid.")
    payers: Parts = Field(
        description="各出资方应付；政策没有规定出资方的为空。 / What each payer pays; empty where "
        "the policy names none."
    )
    payout: YuanText = Field(description="代偿金额：本金加利息。 / Principal plus interest.")
    borne: Parts = Field(description="各方承担的代偿金额。 / What each party bears of the payout.")
    borne_after: Parts = Field(
        description="政府补偿后，政府和各方承担的金额；待审的按支付后计。 / "
        "What government and each "
        "party bears once government has paid; of a pending claim, as if it had."
    )
    conditions: list[ConditionResult]
    explanation: list[ArithmeticLine] = Field(
        description="计算过程，逐行。 / The arithmetic, line by line."
    )
    institution: InstitutionVerdict
    notes: Notes
    policy: PolicyUsed
    assumptions: Assumptions
