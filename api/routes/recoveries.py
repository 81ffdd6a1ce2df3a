"""POST /v1/recoveries/returns: what the recoveries of one claim return to whom."""

from __future__ import annotations

from typing import Any

from api.cases import Members, asks, found, policy_of
from api.cases import router as new_router
from api.language import RequestLanguage
from api.models.cases import FORESEEN
from api.models.recoveries import RecoveriesAnswer, RecoveriesCase
from api.openapi import ALWAYS, GUARDED, WITH_BODY, problem_responses
from compensation import SharedRecoveries, share_recoveries

router = new_router("recoveries")


def _shared(members: Members) -> SharedRecoveries:
    given: dict[str, Any] = {
        name: members.get(name) for name in ("payout", "compensation", "shares", "recoveries")
    }
    if given["shares"] is None:
        given["shares"] = ()  # a fault; None would have the institution bear everything
    return share_recoveries(**given, policy=policy_of(members))


@router.post(
    "/v1/recoveries/returns",
    operation_id="shareRecoveries",
    summary="追偿返还 / What recoveries return",
    description="一笔代偿的各笔追偿，扣除费用后返还给谁、各多少。没有追偿也可以。"
    "补偿超过受偿方承担的金额"
    "是错误。\n\nWhat each recovery of a claim, net of its cost, returns to whom. None is fine. A "
    "compensation above what its beneficiary bore is a fault.",
    responses=problem_responses(*ALWAYS, *GUARDED, *WITH_BODY),
    openapi_extra={"x-semantic-faults": FORESEEN},
)
@asks(_shared)
def returns(case: RecoveriesCase, language: RequestLanguage) -> RecoveriesAnswer:
    """Share the recoveries of one claim."""
    return RecoveriesAnswer.model_validate(found(_shared, case).as_dict(language))
