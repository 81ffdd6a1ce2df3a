"""The policy that a request names. Only those of the package: an id is never taken for a path."""

from __future__ import annotations

from typing import Annotated

from pydantic import WithJsonSchema

from api.problems import wrong_values_problem
from compensation import Policy, list_policies, load_policy
from compensation.issues import Issue, Place, shortened
from compensation.language import Text, same

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


def unknown_policy(id_: object, where: Place) -> list[Issue]:
    """Return the fault of an id that no policy has; of what is no text, its model says so."""
    known = list_policies()
    if id_ in known or not isinstance(id_, str):
        return []
    message = Text("没有这项政策", "there is no such policy")
    return [Issue("unknown_policy", message, where, shortened(id_), same(", ".join(known)))]


def unknown_policies(given: object, where: Place) -> list[Issue]:
    """Return the faults of one id or of each id of a list; its model says so of anything else."""
    if not isinstance(given, list):
        return unknown_policy(given, where)
    places = [
        where if where.path is None else Place(path=(*where.path, n)) for n in range(len(given))
    ]
    return [
        fault
        for id_, place in zip(given, places, strict=True)
        for fault in unknown_policy(id_, place)
    ]


def policy_at(id_: str) -> Policy:
    """Return the policy that a JSON body names; raises a `Problem` of 422."""
    wrong = unknown_policy(id_, Place(path=("policy",)))
    if wrong:
        raise wrong_values_problem(wrong)
    return load_policy(id_)
