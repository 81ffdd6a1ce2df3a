"""POST /v1/compensation and /v1/eligibility/claim: one claim."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from api.cases import RESPONSES, Members, asks, found, part_of, policy_of
from api.cases import router as new_router
from api.examples import AMOUNTS, CLAIM, CLAIM_IN_LUOYANG, RATIOS
from api.language import RequestLanguage
from api.models import (
    FORESEEN,
    MEMBERS,
    NEEDED,
    ArithmeticLine,
    Assumptions,
    ConditionResult,
    Eligible,
    Given,
    InstitutionVerdict,
    Notes,
    Parts,
    PolicyUsed,
    Rate,
    Reasons,
    Received,
    Scalar,
    Shares,
    absent,
)
from api.numbers import Day, Yuan, YuanText
from api.policies import DEFAULT_POLICY, PolicyId
from api.routes.institution import InstitutionFigures
from compensation import DecidedClaim, ExaminedClaim, decide_claim, examine_claim
from compensation.ledger.choices import BORROWER_TYPES

router = new_router()

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
                CLAIM_IN_LUOYANG,
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


def _decided(members: Members) -> DecidedClaim:
    return decide_claim(
        policy_of(members), part_of(members, "institution"), part_of(members, "claim")
    )


@router.post(
    "/v1/compensation",
    tags=["compensation"],
    operation_id="computeCompensation",
    summary="单笔测算 / One claim",
    description="一笔代偿是否符合条件、补偿多少、应付多少，逐行列出计算过程与依据。机构当年的数字可以是"
    f"金额和户数，也可以是比率。{NEEDED[0]}只有一笔代偿，不计预算和多笔共用的上限。\n\n"
    "Whether one claim is eligible, what it is compensated with and what is payable, with the "
    "arithmetic line by line and what it rests on. The institution's figures may be amounts and "
    f"counts, or ratios. {NEEDED[1]} A budget, and caps that several claims share, take more than "
    "one claim.",
    responses=RESPONSES,
    openapi_extra={"x-semantic-faults": FORESEEN},
)
@asks(_decided)
def compute(case: ClaimCase, language: RequestLanguage) -> CompensationAnswer:
    """Compute one claim."""
    return CompensationAnswer.model_validate(found(_decided, case).as_dict(language))


def _examined(members: Members) -> ExaminedClaim:
    return examine_claim(
        policy_of(members), part_of(members, "institution"), part_of(members, "claim")
    )


@router.post(
    "/v1/eligibility/claim",
    tags=["eligibility"],
    operation_id="examineClaim",
    summary="一笔代偿的条件 / The conditions of one claim",
    description="一笔代偿是否满足各项条件，未满足的逐项列出。没有条件要看的金额可以不填。"
    f"{NEEDED[0]}\n\n"
    "Whether one claim meets each condition. Amounts that no condition looks at may be left out. "
    f"{NEEDED[1]}",
    responses=RESPONSES,
    openapi_extra={"x-semantic-faults": FORESEEN},
)
@asks(_examined)
def conditions(case: ClaimCase, language: RequestLanguage) -> ClaimConditionsAnswer:
    """Examine one claim."""
    return ClaimConditionsAnswer.model_validate(found(_examined, case).as_dict(language))
