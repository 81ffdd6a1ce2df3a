"""The policy that a request names. Only those of the package: an id is never taken for a path."""

from __future__ import annotations

from typing import Annotated

from pydantic import WithJsonSchema

from api.problems import wrong_values_problem
from api.validation import WrongValue
from compensation import Policy, list_policies, load_policy
from compensation.language import Text, same
from compensation.ledger.fault_groups import shortened

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
"""Whether there is such a policy is looked at with all that else is wrong; see `unknown_policy`."""


def unknown_policy(
    id_: object, *, pointer: str | None = None, parameter: str | None = None
) -> list[WrongValue]:
    """Return the fault of an id that no policy has; of what is no text, its model says so."""
    known = list_policies()
    if id_ in known or not isinstance(id_, str):
        return []
    message = Text("没有这项政策", "there is no such policy")
    expected = same(", ".join(known))
    return [WrongValue("unknown_policy", message, expected, shortened(id_), pointer, parameter)]


def unknown_policies(
    given: object, *, pointer: str | None = None, parameter: str | None = None
) -> list[WrongValue]:
    """Return the faults of one id or of each id of a list; its model says so of anything else."""
    if not isinstance(given, list):
        return unknown_policy(given, pointer=pointer, parameter=parameter)
    return [
        fault
        for place, id_ in enumerate(given)
        for fault in unknown_policy(
            id_, pointer=pointer and f"{pointer}/{place}", parameter=parameter
        )
    ]


def policy_at(id_: str, pointer: str = "/policy") -> Policy:
    """Return the policy that a JSON body names at ``pointer``; raises a `Problem` of 422."""
    wrong = unknown_policy(id_, pointer=pointer)
    if wrong:
        raise wrong_values_problem(wrong)
    return load_policy(id_)
