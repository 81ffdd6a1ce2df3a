"""The id of a policy, as requests name it."""

from __future__ import annotations

from typing import Annotated

from pydantic import WithJsonSchema

from compensation import list_policies

DEFAULT_POLICY = "jiyuan-2022"

PolicyId = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "enum": list(list_policies()),
            "description": "政策编号。 / The id of a policy.",
            "examples": [DEFAULT_POLICY],
        }
    ),
]
"""Whether there is such a policy is looked at with all that else is wrong; see `api.policies`."""
