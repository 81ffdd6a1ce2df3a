"""Policy ids in requests. They name policies of the package only, never a file."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from api.numbers import wrong
from compensation import list_policies
from compensation.language import Text, same

DEFAULT_POLICY = "jiyuan-2022"


def _known(id_: str) -> str:
    known = list_policies()
    if id_ not in known:
        message = Text("没有这项政策", "there is no such policy")
        raise wrong("unknown_policy", message, same(", ".join(known)))
    return id_


PolicyId = Annotated[
    str,
    AfterValidator(_known),
    WithJsonSchema(
        {
            "type": "string",
            "enum": list(list_policies()),
            "description": "政策编号。 / The id of a policy.",
            "examples": [DEFAULT_POLICY],
        }
    ),
]
PolicyOrDefault = Annotated[PolicyId, Field(json_schema_extra={"default": DEFAULT_POLICY})]
"""A member that may be missing; `DEFAULT_POLICY` is then applied."""
