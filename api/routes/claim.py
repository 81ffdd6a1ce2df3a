"""POST /v1/compensation and /v1/eligibility/claim: one case."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from fastapi import APIRouter
from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

import compensation
from api.cases import CaseRoute, Members, part_of, policy_of
from api.examples import AMOUNTS, CLAIM, CLAIM_IN_LUOYANG, RATIOS
from api.language import RequestLanguage, doc
from api.models import (
    MEMBERS,
    AnswerModel,
    ArithmeticLine,
    Assumptions,
    ConditionResult,
    Eligible,
    InstitutionVerdict,
    Notes,
    Parts,
    PolicyUsed,
    Rate,
    Reasons,
    Scalar,
    Shares,
    closed,
)
from api.numbers import Day, Year, Yuan, YuanText, parsed
from api.policies import EXAMPLE_POLICY, PolicyId
from api.routes.institution import YEAR, InstitutionFigures
from compensation import Policy
from compensation.schema.choices import BORROWER_TYPES

router = APIRouter(route_class=CaseRoute)

BorrowerType: Any = Literal[tuple(choice.value for choice in BORROWER_TYPES)]
Review = Literal["approved", "rejected", "pending"]


@with_config(ConfigDict(json_schema_extra=MEMBERS, use_attribute_docstrings=True))
class ClaimFigures(TypedDict, total=False, extra_items=Scalar):  # type: ignore[call-arg]
    """一笔代偿的数字。 / The figures of one claim.

    按合同计算的政策为一份合同的数字，按机构年度计算的为空。 / Those of a contract under a policy on
    contracts; empty under one on institutions' years.
    政策要看的都要填，见 /v1/policies/{policy_id}/inputs 的 claim；政策另外要看的列按其名称填写。 /
    Everything that the policy uses is required: claim of /v1/policies/{policy_id}/inputs lists it.
    Further columns that the policy uses are members with their names.
    """

    borrower_type: BorrowerType
    """借款人类型。 / The type of borrower."""
    borrower_exposure: Yuan
    """代偿日单户担保余额（元），当日解除的仍计入。 / What is in force for the borrower at the
    institution on the payout day, in yuan; what is released that day still counts."""
    payout_date: Annotated[Day, doc("代偿日期。", "The payout date.")]
    principal: Annotated[Yuan, doc("代偿本金（元）。", "The principal paid, in yuan.")]
    interest: Yuan | None
    """代偿利息（元）；没有则为 0。 / The interest paid, in yuan; none is 0."""
    shares: Shares | None
    finance_review: Review | None
    """财政金融局审核；没有则为待审。 / The finance bureau's review; none is pending."""
    industry_review: Review | None
    """行业主管部门审核；没有则为待审。 / The industry authority's; none is pending."""
    compensation_paid: Yuan | None
    """已补偿金额（元）；没有则为 0。 / Compensation already paid; none is 0."""


@with_config(
    closed(
        {"policy": EXAMPLE_POLICY, "institution": RATIOS, "claim": CLAIM},
        {"policy": EXAMPLE_POLICY, "institution": AMOUNTS, "claim": CLAIM},
        CLAIM_IN_LUOYANG,
    )
)
class ClaimCase(TypedDict):
    """一笔代偿和机构当年的数字。 / One claim and its institution's figures of the year."""

    policy: PolicyId
    year: NotRequired[Year | None]
    """年度；只用于按机构年度计算的政策，和合同跨几个年度的政策。 / The year; only for policies on
    institutions' years, or on contracts that belong to several."""
    institution: InstitutionFigures
    claim: ClaimFigures


class CompensationAnswer(AnswerModel):
    """一笔代偿的测算结果。 / The compensation of a claim."""

    eligible: Eligible
    reasons: Reasons
    base: YuanText = doc("补偿基数。", "The amount that the rate is applied to.")
    rate: Rate
    compensation: YuanText = doc("补偿金额。", "The compensation.")
    status: Literal["ineligible", "rejected", "approved", "pending"]
    """不符合条件、审核不通过、审核通过、待审。 / The status."""
    payable: YuanText = doc("本次应付。", "The amount still payable.")
    payers: Parts
    """各出资方应付；政策没有规定出资方的为空。 / The amount of each payer; empty where the policy
    names none."""
    compensation_at_rate: YuanText = doc("按比例计算的补偿，未计上限。", "Before any cap.")
    limited_by: str | None
    """使补偿低于按比例计算的上限；没有则为 null。 / The cap that keeps the compensation below it;
    null where none does."""
    payout: YuanText | None
    """代偿金额：本金加利息；不按代偿计算的政策为 null。 / Principal plus interest; null under a
    policy that is not on payouts."""
    borne: Parts
    """各方承担的代偿金额；没有代偿的为空。 / The part of the payout that each party bears; empty
    without a payout."""
    borne_after: Parts
    """政府补偿后，政府和各方承担的金额；待审的按支付后计。 / What government and each party bears
    once government has paid; of a pending claim, as if it had."""
    conditions: list[ConditionResult]
    explanation: list[ArithmeticLine] = doc("计算过程，逐行。", "The arithmetic, line by line.")
    institution: InstitutionVerdict
    notes: Notes
    policy: PolicyUsed
    assumptions: Assumptions


class ClaimConditionsAnswer(AnswerModel):
    """一笔代偿是否符合条件。 / Whether a claim meets its conditions."""

    eligible: Eligible
    reasons: Reasons
    rate: Rate
    conditions: list[ConditionResult]
    institution: InstitutionVerdict
    notes: Notes
    policy: PolicyUsed
    assumptions: Assumptions


@router.post("/v1/compensation", tags=["compensation"])
def compute_compensation(case: ClaimCase, language: RequestLanguage) -> CompensationAnswer:
    """单笔测算 / Compute a claim.

    一笔代偿是否符合条件、补偿多少、应付多少，逐行列出计算过程与依据。机构当年的数字可以是金额和户数，
    也可以是比率。所选政策需要填写哪些内容，见 GET /v1/policies/{policy_id}/inputs。只有一笔代偿，
    不计预算和多笔共用的上限。按合同或机构年度计算的政策，同样用于一份合同或一家机构的一年。

    The eligibility of one claim, its compensation and the amount payable, with arithmetic and basis
    line by line. The institution's figures may be amounts and counts, or ratios. GET
    /v1/policies/{policy_id}/inputs lists what the policy needs. Budgets and caps that several
    claims share are not applied. Under policies on contracts or institutions' years a case is a
    contract, or a year of an institution.
    """
    found = compensation.decide_claim(*_figures(case))
    return CompensationAnswer.model_validate(found.as_dict(language))


def _figures(case: ClaimCase) -> tuple[Policy, Members, Members, int | None]:
    parts = part_of(case, "institution"), part_of(case, "claim")
    return policy_of(case), *parts, parsed(YEAR, case.get("year"))


@router.post("/v1/eligibility/claim", tags=["eligibility"])
def examine_claim(case: ClaimCase, language: RequestLanguage) -> ClaimConditionsAnswer:
    """一笔代偿的条件 / Check the conditions of a claim.

    一笔代偿是否满足各项条件，未满足的逐项列出。没有条件要看的金额可以不填。
    所选政策需要填写哪些内容，见 GET /v1/policies/{policy_id}/inputs。

    Whether one claim meets each condition. Amounts that no condition uses may be left out. GET
    /v1/policies/{policy_id}/inputs lists what the policy needs.
    """
    found = compensation.examine_claim(*_figures(case))
    return ClaimConditionsAnswer.model_validate(found.as_dict(language))
