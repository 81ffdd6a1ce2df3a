"""GET /v1/policies and /v1/policies/{id}: what the policies say and what each figure rests on."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path

from api.problems import Problem
from api.routing import router as new_router
from compensation import list_policies, load_policy
from compensation.language import Text

router = new_router("policies")


@router.get(
    "/v1/policies",
    operation_id="listPolicies",
    summary="政策目录 / The policies",
    description="列出全部政策。\n\nLists all policies.",
)
async def policies() -> dict[str, Any]:
    """List the policies."""
    return {"policies": [_brief(id_) for id_ in list_policies()]}


@router.get(
    "/v1/policies/{policy_id}",
    operation_id="getPolicy",
    summary="一项政策 / One policy",
    description="一项政策的条件、档次、条款与依据。\n\n"
    "One policy: conditions, tiers, clauses and what each rests on.",
)
async def policy(policy_id: Annotated[str, Path(max_length=60)]) -> dict[str, Any]:
    """Return one policy."""
    if policy_id not in list_policies():
        message = Text("没有政策 {id}", "there is no policy {id}").fill(id=policy_id)
        raise Problem("not-found", message)
    rules = load_policy(policy_id).rules
    return _brief(policy_id) | rules.model_dump(mode="json", by_alias=True)


def _brief(id_: str) -> dict[str, Any]:
    policy = load_policy(id_)
    return {
        "id": policy.id,
        "digest": policy.digest,
        "name": {"zh": policy.rules.name.zh, "en": policy.rules.name.en},
    }
