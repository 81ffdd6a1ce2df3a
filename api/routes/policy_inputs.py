"""GET /v1/policies/{id}/inputs: what a policy looks at, for forms."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from api.language import RequestLanguage
from api.models.policy_inputs import PolicyInputs
from api.openapi import ALWAYS, GUARDED, problem_responses
from api.policy_inputs import inputs_of
from api.problems import Problem
from api.routing import router as new_router
from compensation import list_policies, load_policy
from compensation.language import Text

router = new_router("policies")


@router.get(
    "/v1/policies/{policy_id}/inputs",
    operation_id="getPolicyInputs",
    summary="填写项 / What to fill in",
    description="一项政策要看机构的哪些数字、代偿的哪些列，以及它们的名称、类型和可选值；名称按 "
    "Accept-Language。\n\nWhich figures of an institution and which columns of a claim a policy "
    "looks at, with names, types and choices; names by Accept-Language.",
    responses=problem_responses(*ALWAYS, *GUARDED, "not-found", "wrong-values"),
)
async def policy_inputs(
    policy_id: Annotated[
        str, Path(max_length=60, description="政策编号。 / Its id.", examples=["jiyuan-2022"])
    ],
    language: RequestLanguage,
) -> PolicyInputs:
    """Return what a policy looks at."""
    if policy_id not in list_policies():
        message = Text("没有政策 {id}", "there is no policy {id}").fill(id=policy_id)
        raise Problem("not-found", message)
    return inputs_of(load_policy(policy_id), language)
