"""POST /v1/recoveries/returns: what the recoveries of one claim return to whom."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from api.cases import RESPONSES, Members, asks, found, policy_of
from api.cases import router as new_router
from api.examples import RECOVERIES
from api.language import RequestLanguage
from api.models import (
    FORESEEN,
    ArithmeticLine,
    Given,
    Open,
    Parts,
    PolicyUsed,
    Received,
    Shares,
)
from api.numbers import Day, Yuan, YuanText
from api.policies import DEFAULT_POLICY, PolicyId
from compensation import SharedRecoveries, share_recoveries

router = new_router("recoveries")

MOST_RECOVERIES = 200
"""Recoveries of one claim: each is explained line by line, which a longer list would make large."""


class Recovery(Received):
    """一笔追偿。 / One recovery."""

    recovery_id: Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")] = Field(
        description="追偿编号，各不相同。 / Its id; no two are the same."
    )
    recovery_date: Day = Field(description="追偿日期。 / The date of the recovery.")
    proceeds: Yuan = Field(description="追偿所得（元）。 / The proceeds in yuan.")
    cost: Yuan | None = Field(
        default=None, description="追偿费用（元）；没有则为 0。 / What it cost; none is 0."
    )


class RecoveriesCase(Received):
    """一笔代偿的追偿。 / The recoveries of one claim."""

    model_config = ConfigDict(json_schema_extra={"examples": [RECOVERIES]})

    policy: PolicyId = DEFAULT_POLICY
    payout: Yuan = Field(description="代偿金额（元）：本金加利息。 / Principal plus interest.")
    compensation: Yuan = Field(
        description="政府已支付的补偿（元），不超过受偿方承担的金额。 / "
        "What government has paid; at most what its beneficiary bore."
    )
    shares: Shares
    recoveries: Annotated[list[Recovery], Field(max_length=MOST_RECOVERIES)] = Field(
        description="各笔追偿，顺序不限。 / The recoveries, in any order."
    )


class ReturnedRecovery(Open):
    """一笔追偿及其返还；另有 to_<分担方> 各项。 / One recovery; and to_<party> for each party."""

    recovery_id: str
    recovery_date: datetime.date
    proceeds: YuanText
    cost: YuanText
    distributed: YuanText = Field(description="本次返还。 / What is distributed.")
    surplus: YuanText = Field(
        description="超额追偿款，按合同约定处理。 / What lies above the payout."
    )
    to_government: YuanText


class RecoveriesAnswer(Given):
    """追偿的返还。 / What the recoveries return."""

    returns: list[ReturnedRecovery] = Field(description="每笔一行。 / A row for each recovery.")
    bears: Parts = Field(
        description="政府补偿后，政府和各方承担的金额。 / "
        "What government and each party bears once government has paid."
    )
    explanation: list[ArithmeticLine] = Field(
        description="计算过程，逐行。 / The arithmetic, line by line."
    )
    policy: PolicyUsed


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
    responses=RESPONSES,
    openapi_extra={"x-semantic-faults": FORESEEN},
)
@asks(_shared)
def returns(case: RecoveriesCase, language: RequestLanguage) -> RecoveriesAnswer:
    """Share the recoveries of one claim."""
    return RecoveriesAnswer.model_validate(found(_shared, case).as_dict(language))
