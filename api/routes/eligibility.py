"""POST /v1/eligibility/…: institutions, claims and borrowers."""

from __future__ import annotations

from decimal import Decimal

from pydantic import TypeAdapter

from api.cases import Members, asks, found, part_of, policy_of, taken
from api.cases import router as new_router
from api.language import RequestLanguage
from api.models.cases import FORESEEN, NEEDED
from api.models.compensation import ClaimCase
from api.models.eligibility import (
    BorrowerAnswer,
    BorrowerCase,
    ClaimConditionsAnswer,
    InstitutionAnswer,
    InstitutionCase,
    SizeIndicator,
)
from api.numbers import Count, Year, Yuan, shown
from api.openapi import ALWAYS, GUARDED, WITH_BODY, problem_responses
from api.problems import wrong_values_problem
from api.validation import WrongValue, pointer_to
from compensation import (
    ExaminedClaim,
    JudgedInstitution,
    enterprise_size,
    examine_claim,
    judge_institution,
)
from compensation.classification.enterprise_size import (
    EnterpriseSize,
    MissingIndicator,
    UnknownIndustry,
)

router = new_router("eligibility")
RESPONSES = problem_responses(*ALWAYS, *GUARDED, *WITH_BODY)

_YEAR: TypeAdapter[int] = TypeAdapter(Year)
_COUNT: TypeAdapter[Decimal] = TypeAdapter(Count)
_YUAN: TypeAdapter[Decimal] = TypeAdapter(Yuan)


def _judged(members: Members) -> JudgedInstitution:
    year = taken(_YEAR, members.get("year"))
    return judge_institution(policy_of(members), part_of(members, "institution"), year)


def _examined(members: Members) -> ExaminedClaim:
    return examine_claim(
        policy_of(members), part_of(members, "institution"), part_of(members, "claim")
    )


def _sized(members: Members) -> EnterpriseSize:
    industry, employees = members.get("industry"), taken(_COUNT, members.get("employees"))
    revenue, assets = (taken(_YUAN, members.get(name)) for name in ("revenue", "total_assets"))
    try:
        return enterprise_size(
            str(industry), None if employees is None else int(employees), revenue, assets
        )
    except UnknownIndustry as error:
        pointer = pointer_to("industry")
        wrong = [WrongValue("unknown_industry", error.text, value=shown(industry), pointer=pointer)]
    except MissingIndicator as error:
        wrong = [
            WrongValue("missing", error.text, pointer=pointer_to(name)) for name in error.indicators
        ]
    raise wrong_values_problem(wrong)


@router.post(
    "/v1/eligibility/institution",
    operation_id="judgeInstitution",
    summary="机构自查 / One institution",
    description="一家机构是否符合条件、在哪一档、还差多少、再上一档需要什么。填写金额和户数时，差额以元或户"
    f"给出。{NEEDED[0]}\n\n"
    "Whether an institution is eligible, in which tier, what is missing, and what the next tier "
    "takes. With amounts and counts, what is missing is said in yuan or borrowers. "
    f"{NEEDED[1]}",
    responses=RESPONSES,
    openapi_extra={"x-semantic-faults": FORESEEN},
)
@asks(_judged)
def institution(case: InstitutionCase, language: RequestLanguage) -> InstitutionAnswer:
    """Judge one institution."""
    return InstitutionAnswer.model_validate(found(_judged, case).as_dict(language))


@router.post(
    "/v1/eligibility/claim",
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
def claim(case: ClaimCase, language: RequestLanguage) -> ClaimConditionsAnswer:
    """Examine one claim."""
    return ClaimConditionsAnswer.model_validate(found(_examined, case).as_dict(language))


@router.post(
    "/v1/eligibility/borrower",
    operation_id="sizeBorrower",
    summary="企业划型 / The size of a borrower",
    description="按《统计上大中小微型企业划分办法（2017）》判断企业规模，以及是否小微。\n\n"
    "The size of an enterprise by the national classification of 2017, and whether it is small or "
    "micro.",
    responses=RESPONSES,
    openapi_extra={"x-semantic-faults": ["missing", "unknown_industry"]},
)
@asks(_sized)
def borrower(case: BorrowerCase, language: RequestLanguage) -> BorrowerAnswer:
    """Tell the size of one enterprise."""
    size = found(_sized, case)
    return BorrowerAnswer(
        size=size.size,
        small_micro=size.small_micro,
        borrower_type=size.borrower_type,
        industry=size.industry,
        industry_name=size.name.get(language),
        indicators=[
            SizeIndicator(
                indicator=part.indicator,
                name=part.name.get(language),
                actual=_text(part.actual),
                limits=[_text(limit) for limit in part.limits],
                size=part.size,
            )
            for part in size.indicators
        ],
    )


def _text(value: int | Decimal) -> str:
    """Return persons as they are, and yuan with two decimals."""
    return str(value) if isinstance(value, int) else f"{value:.2f}"
