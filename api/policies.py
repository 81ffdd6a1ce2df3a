"""Policy ids in requests. They name policies of the package only, never a file."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError, WithJsonSchema

from api.numbers import Day, Year, wrong
from compensation import list_policies, load_policy
from compensation.language import Text, same
from compensation.policy import GENERAL_POLICY, in_force

Value = TypeVar("Value")

EXAMPLE_POLICY = "jiyuan-2022"


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
            "examples": [EXAMPLE_POLICY],
        }
    ),
]
PolicyOrGeneral = Annotated[PolicyId, Field(json_schema_extra={"default": GENERAL_POLICY})]
"""A member that may be missing: `GENERAL_POLICY` then says how recoveries are shared."""


def none_given(sent: object) -> Text:
    """Return what is expected where no policy is named: those that cover what was sent.

    `sent`: the members beside which the policy is missing; their year or day is looked at.
    """
    members = sent if isinstance(sent, Mapping) else {}
    claim = members.get("claim")
    days = [members.get("to"), claim.get("payout_date") if isinstance(claim, Mapping) else None]
    found = [date for each in days if (date := _read(_DAY, each)) is not None]
    year = _read(_YEAR, members.get("year"))
    if found:
        return in_force.listed(in_force.in_force(found[0], found[0]))
    if year is not None:
        return in_force.listed(in_force.in_force_in(year))
    return in_force.listed([load_policy(id_) for id_ in list_policies()])


_DAY: TypeAdapter[datetime.date] = TypeAdapter(Day)
_YEAR: TypeAdapter[int] = TypeAdapter(Year)


def _read(kind: TypeAdapter[Value], value: object) -> Value | None:
    try:
        return None if value is None else kind.validate_python(value)
    except ValidationError:
        return None
