"""GET /v1/policies, /v1/policies/{id} and its /inputs: what policies say, and what they look at."""

from __future__ import annotations

import datetime
from dataclasses import fields
from typing import Annotated, Literal

from fastapi import APIRouter, Path

from api.language import RequestLanguage, doc
from api.models import AnswerModel
from api.policies import policy_ids, policy_of_id
from api.problems import Problem
from compensation import Policy
from compensation.language import Text
from compensation.one_case.form_fields import form_fields
from compensation.policy.model import Note, PolicyFile

router = APIRouter(tags=["policies"])


PathId = Annotated[
    str, Path(max_length=60, description="政策编号。 / Its id.", examples=["jiyuan-2022"])
]


class Period(AnswerModel):
    """一段日期，首末两日均计入。 / A period, first and last day included."""

    from_: datetime.date = doc("首日。", "The first day.", alias="from")
    to: datetime.date | None = doc("末日；null 为未定。", "The last; null if open.")


class PolicyBrief(AnswerModel):
    """一项政策的概要。 / A policy in brief."""

    id: str = doc("编号。", "Its id.", examples=["jiyuan-2022"])
    digest: str = doc("内容校验码（SHA-256），与版式无关。", "The digest of its content.")
    name: Note = doc("名称。", "Its name.")
    issuer: Note = doc("发文机关。", "The issuing authority.")
    effective: Period = doc("适用期间。", "The period it covers.")
    record: Literal["payout", "contract", "institution"]
    """按什么计算：代偿、担保合同或机构。 / What its cases are: payouts, contracts, institutions."""


class Policies(AnswerModel):
    """全部政策。 / All policies."""

    policies: list[PolicyBrief]


class PolicyDocument(PolicyFile):
    """一项政策的全部内容。 / The whole content of a policy."""

    digest: Annotated[str, doc("内容校验码（SHA-256）。", "The digest of its content.")]


InputType = Literal["boolean", "money", "integer", "ratio", "decimal", "date", "choice", "text"]


class InputChoice(AnswerModel):
    """一个可选值。 / One value to choose."""

    value: str = doc("请求中的值。", "The value in a request.")
    title: str = doc("名称。", "Its name.")
    group: str | None = doc("类别，如小微。", "Its group, such as small and micro.")


class Input(AnswerModel):
    """一项要填写的内容。 / One input."""

    name: str = doc("请求中的名称。", "Its name in a request.")
    title: str = doc("给人看的名称。", "Its title.")
    type: InputType
    """类型；金额以元计，比率 0.4 即 40%。 / Its type; money is in yuan, a ratio of 0.4 is 40%."""
    required: bool
    """是否必须有值；为 false 时可以填 null，但这一项仍要列出。 / Whether it must have a value; if
    false, it may be null, but the member must be there."""
    note: str | None = doc("说明。", "A note.")
    choices: list[InputChoice] = doc("可选的值。", "The values to choose from.")


class InstitutionInputs(AnswerModel):
    """机构指标的两种填法。 / The two ways to give an institution's figures."""

    amounts: list[Input] = doc("金额和户数，推荐。", "Amounts and counts; preferred.")
    ratios: list[Input] = doc("算好的比率。", "Ratios, as already computed.")


class Named(AnswerModel):
    """一个名称。 / An id with its title."""

    id: str = doc("编号。", "Its id.")
    title: str = doc("给人看的名称。", "Its title.")


class PolicyInputs(AnswerModel):
    """一项政策要看的内容。 / The inputs of a policy."""

    institution: InstitutionInputs
    claim: list[Input]
    """一笔代偿或一份合同要填写的各项；分担比例（shares）另填，不填则全由担保机构承担。按机构年度计
    算的政策为空，各项都在 institution 中。 / What a claim, or a contract, has. Shares come beside
    it; without them the institution bears everything. Empty where cases are institutions' years:
    institution has all of it."""
    parties: list[Named] = doc("分担代偿的各方。", "The parties that share a payout.")
    conditions: list[Named]
    """各项条件，以及原因中会出现的其他编号。 / The conditions, and what else reasons name."""


@router.get("/v1/policies")
async def list_policies() -> Policies:
    """政策目录 / List the policies.

    列出可用的政策及其适用期间。

    Lists the policies there are and what they cover.
    """
    return Policies(policies=[_brief(policy_of_id(id_)) for id_ in policy_ids()])


@router.get("/v1/policies/{policy_id}", response_model_exclude_defaults=True)
async def get_policy(
    policy_id: PathId,
    language: RequestLanguage,  # noqa: ARG001 - documents the header that chooses it
) -> PolicyDocument:
    """一项政策 / Get a policy.

    一项政策的条件、档次、上限与其他规则，每项都有条款、依据（text 原文、summary 摘要、assumption
    假定）与说明。比率与金额为文本；政策没有写的不列出。

    One policy: conditions, tiers, caps and other rules, each with its clause, its basis (text,
    summary, assumption) and a note. Ratios and amounts are texts; what a policy leaves open is left
    out.
    """
    chosen = _policy(policy_id)
    said = {field.name: getattr(chosen.rules, field.name) for field in fields(chosen.rules)}
    return PolicyDocument(**said, digest=chosen.digest)


@router.get("/v1/policies/{policy_id}/inputs")
async def get_policy_inputs(policy_id: PathId, language: RequestLanguage) -> PolicyInputs:
    """填写项 / The inputs of a policy.

    一项政策要看机构的哪些数字、代偿的哪些列，以及它们的名称、类型和可选值；名称按 Accept-Language。

    Which figures of an institution and which columns of a claim a policy uses, with names, types
    and choices; names by Accept-Language.
    """
    return PolicyInputs.model_validate(form_fields(_policy(policy_id), language))


def _policy(id_: str) -> Policy:
    """Return a policy by its id; raises `Problem` where there is none."""
    if id_ not in policy_ids():
        raise Problem("not-found", Text("没有政策 {id}", "there is no policy {id}").fill(id=id_))
    return policy_of_id(id_)


def _brief(policy: Policy) -> PolicyBrief:
    rules = policy.rules
    return PolicyBrief(
        id=policy.id,
        digest=policy.digest,
        name=rules.name,
        issuer=rules.issuer,
        effective=Period.model_validate({"from": rules.effective.from_, "to": rules.effective.to}),
        record=rules.record,
    )
