"""POST /v1/eligibility/…: institutions, claims and borrowers."""

from __future__ import annotations

from decimal import Decimal

from api.cases import faults_pointed_to, sent
from api.language import RequestLanguage
from api.models.cases import FORESEEN
from api.models.compensation import ClaimCase
from api.models.eligibility import (
    BorrowerAnswer,
    BorrowerCase,
    ClaimConditionsAnswer,
    InstitutionAnswer,
    InstitutionCase,
    SizeIndicator,
)
from api.openapi import ALWAYS, GUARDED, WITH_BODY, problem_responses
from api.policies import policy_at
from api.problems import wrong_values_problem
from api.routing import router as new_router
from api.validation import WrongValue, pointer_to
from compensation import enterprise_size, examine_claim, judge_institution
from compensation.classification.enterprise_size import MissingIndicator, UnknownIndustry

router = new_router("eligibility")
RESPONSES = problem_responses(*ALWAYS, *GUARDED, *WITH_BODY)


@router.post(
    "/v1/eligibility/institution",
    operation_id="judgeInstitution",
    summary="机构自查 / One institution",
    description="一家机构是否符合条件、在哪一档、还差多少、再上一档需要什么。填写金额和户数时,差额以元或户"
    "给出。\n\nWhether an institution is eligible, in which tier, what is missing, and what the "
    "next tier takes. With amounts and counts, what is missing is said in yuan or borrowers.",
    responses=RESPONSES,
    openapi_extra={"x-semantic-faults": FORESEEN},
)
async def institution(case: InstitutionCase, language: RequestLanguage) -> InstitutionAnswer:
    """Judge one institution."""
    policy = policy_at(case.policy)
    with faults_pointed_to():
        judged = judge_institution(policy, sent(case.institution), case.year)
    return InstitutionAnswer.model_validate(judged.as_dict(language))


@router.post(
    "/v1/eligibility/claim",
    operation_id="examineClaim",
    summary="一笔代偿的条件 / The conditions of one claim",
    description="一笔代偿是否满足各项条件,未满足的逐项列出。没有条件要看的金额可以不填。\n\n"
    "Whether one claim meets each condition. Amounts that no condition looks at may be left out.",
    responses=RESPONSES,
    openapi_extra={"x-semantic-faults": FORESEEN},
)
async def claim(case: ClaimCase, language: RequestLanguage) -> ClaimConditionsAnswer:
    """Examine one claim."""
    policy = policy_at(case.policy)
    with faults_pointed_to():
        examined = examine_claim(policy, sent(case.institution), sent(case.claim))
    return ClaimConditionsAnswer.model_validate(examined.as_dict(language))


@router.post(
    "/v1/eligibility/borrower",
    operation_id="sizeBorrower",
    summary="企业划型 / The size of a borrower",
    description="按《统计上大中小微型企业划分办法(2017)》判断企业规模,以及是否小微。\n\n"
    "The size of an enterprise by the national classification of 2017, and whether it is small or "
    "micro.",
    responses=RESPONSES,
    openapi_extra={"x-semantic-faults": ["missing", "unknown_industry"]},
)
async def borrower(case: BorrowerCase, language: RequestLanguage) -> BorrowerAnswer:
    """Tell the size of one enterprise."""
    employees = None if case.employees is None else int(case.employees)
    try:
        found = enterprise_size(case.industry, employees, case.revenue, case.total_assets)
    except UnknownIndustry as error:
        wrong = WrongValue(
            "unknown_industry", error.text, value=case.industry, pointer=pointer_to("industry")
        )
        raise wrong_values_problem([wrong]) from error
    except MissingIndicator as error:
        raise wrong_values_problem(
            [
                WrongValue("missing", error.text, pointer=pointer_to(name))
                for name in error.indicators
            ]
        ) from error
    return BorrowerAnswer(
        size=found.size,
        small_micro=found.small_micro,
        borrower_type=found.borrower_type,
        industry=found.industry,
        industry_name=found.name.get(language),
        indicators=[
            SizeIndicator(
                indicator=part.indicator,
                name=part.name.get(language),
                actual=_text(part.actual),
                limits=[_text(limit) for limit in part.limits],
                size=part.size,
            )
            for part in found.indicators
        ],
    )


def _text(value: int | Decimal) -> str:
    """Return persons as they are, and yuan with two decimals."""
    return str(value) if isinstance(value, int) else f"{value:.2f}"
