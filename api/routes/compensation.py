"""POST /v1/compensation: one claim."""

from __future__ import annotations

from api.cases import Members, asks, found, part_of, policy_of
from api.cases import router as new_router
from api.language import RequestLanguage
from api.models.cases import FORESEEN, NEEDED
from api.models.compensation import ClaimCase, CompensationAnswer
from api.openapi import ALWAYS, GUARDED, WITH_BODY, problem_responses
from compensation import DecidedClaim, decide_claim

router = new_router("compensation")


def _decided(members: Members) -> DecidedClaim:
    return decide_claim(
        policy_of(members), part_of(members, "institution"), part_of(members, "claim")
    )


@router.post(
    "/v1/compensation",
    operation_id="computeCompensation",
    summary="单笔测算 / One claim",
    description="一笔代偿是否符合条件、补偿多少、应付多少，逐行列出计算过程与依据。机构当年的数字可以是"
    f"金额和户数，也可以是比率。{NEEDED[0]}只有一笔代偿，不计预算和多笔共用的上限。\n\n"
    "Whether one claim is eligible, what it is compensated with and what is payable, with the "
    "arithmetic line by line and what it rests on. The institution's figures may be amounts and "
    f"counts, or ratios. {NEEDED[1]} A budget, and caps that several claims share, take more than "
    "one claim.",
    responses=problem_responses(*ALWAYS, *GUARDED, *WITH_BODY),
    openapi_extra={"x-semantic-faults": FORESEEN},
)
@asks(_decided)
def compute(case: ClaimCase, language: RequestLanguage) -> CompensationAnswer:
    """Compute one claim."""
    return CompensationAnswer.model_validate(found(_decided, case).as_dict(language))
