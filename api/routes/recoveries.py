"""POST /v1/recoveries/returns: what the recoveries of one claim return to whom."""

from __future__ import annotations

from api.cases import faults_pointed_to, sent
from api.language import RequestLanguage
from api.models.cases import FORESEEN
from api.models.recoveries import RecoveriesAnswer, RecoveriesCase
from api.openapi import ALWAYS, GUARDED, WITH_BODY, problem_responses
from api.policies import policy_at
from api.routing import router as new_router
from compensation import share_recoveries

router = new_router("recoveries")


@router.post(
    "/v1/recoveries/returns",
    operation_id="shareRecoveries",
    summary="追偿返还 / What recoveries return",
    description="一笔代偿的各笔追偿,扣除费用后返还给谁、各多少。没有追偿也可以。补偿超过受偿方承担的金额"
    "是错误。\n\nWhat each recovery of a claim, net of its cost, returns to whom. None is fine. A "
    "compensation above what its beneficiary bore is a fault.",
    responses=problem_responses(*ALWAYS, *GUARDED, *WITH_BODY),
    openapi_extra={"x-semantic-faults": FORESEEN},
)
async def returns(case: RecoveriesCase, language: RequestLanguage) -> RecoveriesAnswer:
    """Share the recoveries of one claim."""
    policy = policy_at(case.policy)
    with faults_pointed_to():
        shared = share_recoveries(
            case.payout,
            case.compensation,
            case.shares,
            [sent(recovery) for recovery in case.recoveries],
            policy,
        )
    return RecoveriesAnswer.model_validate(shared.as_dict(language))
