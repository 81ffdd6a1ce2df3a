"""POST /v1/recoveries/returns: what the recoveries of one claim return to whom."""

from __future__ import annotations

from typing import Annotated, Any, NotRequired

from fastapi import APIRouter
from pydantic import Field, with_config
from typing_extensions import TypedDict

import compensation
from api.cases import CaseRoute, policy_of
from api.examples import RECOVERIES
from api.language import RequestLanguage, doc
from api.models import (
    CLOSED,
    AnswerModel,
    ArithmeticLine,
    Parts,
    PolicyUsed,
    ReturnedRecovery,
    Shares,
    closed,
)
from api.numbers import Day, Yuan
from api.policies import PolicyOrGeneral

router = APIRouter(route_class=CaseRoute, tags=["recoveries"])

MOST_RECOVERIES = 200
"""Recoveries of one claim: each is explained line by line, which a longer list would make large."""


@with_config(CLOSED)
class Recovery(TypedDict):
    """一笔追偿。 / One recovery."""

    recovery_id: Annotated[str, Field(min_length=1, max_length=100, pattern="\\S")]
    """追偿编号，各不相同。 / Its id; no two are the same."""
    recovery_date: Annotated[Day, doc("追偿日期。", "The date of the recovery.")]
    proceeds: Annotated[Yuan, doc("追偿所得（元）。", "The proceeds in yuan.")]
    cost: NotRequired[Yuan | None]
    """追偿费用（元）；没有则为 0。 / The cost; none is 0."""


@with_config(closed(RECOVERIES))
class RecoveriesCase(TypedDict):
    """一笔代偿的追偿。 / The recoveries of one claim."""

    policy: NotRequired[PolicyOrGeneral]
    payout: Annotated[Yuan, doc("代偿金额（元）：本金加利息。", "Principal plus interest.")]
    compensation: Yuan
    """政府已支付的补偿（元），不超过受偿方承担的金额。 / The compensation that government has paid;
    at most what its beneficiary bore."""
    recovered_before: NotRequired[Yuan | None]
    """申报补偿前已追回的金额（元），没有的填0；只用于扣除它的政策（[returns] 写有
    recovered_before）。 / What was recovered before compensation was applied for, 0 where nothing
    was; for policies that take it off (recovered_before in [returns]), and for no other."""
    shares: Shares
    recoveries: Annotated[list[Recovery], Field(max_length=MOST_RECOVERIES)]
    """各笔追偿，顺序不限。 / The recoveries, in any order."""


class RecoveriesAnswer(AnswerModel):
    """追偿的返还。 / The distribution of the recoveries."""

    returns: list[ReturnedRecovery] = doc("每笔一行。", "A row for each recovery.")
    bears: Parts
    """政府补偿后，政府和各方承担的金额。 / The amounts that government and each party bear after
    government has paid."""
    explanation: list[ArithmeticLine] = doc("计算过程，逐行。", "The arithmetic, line by line.")
    policy: PolicyUsed


@router.post("/v1/recoveries/returns")
def share_recoveries(case: RecoveriesCase, language: RequestLanguage) -> RecoveriesAnswer:
    """追偿返还 / Distribute recoveries.

    一笔代偿的各笔追偿，扣除费用后返还给谁、各多少。没有追偿也可以。补偿超过受偿方承担的金额是错误。

    How each recovery of a claim, net of its cost, is distributed. The list may be empty. A
    compensation above what its beneficiary bore is a fault.
    """
    names = ("payout", "compensation", "recovered_before", "shares", "recoveries")
    given: dict[str, Any] = {name: case.get(name) for name in names}
    if given["shares"] is None:
        given["shares"] = ()  # a fault; None would have the institution bear everything
    found = compensation.share_recoveries(**given, policy=policy_of(case))
    return RecoveriesAnswer.model_validate(found.as_dict(language))
