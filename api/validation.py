"""Wrong values that pydantic finds, as issues in both languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from api.policies import none_given
from compensation.issues import Issue, Place
from compensation.language import Text
from compensation.pydantic_errors import JSON, issue_of

NO_POLICY = Text("须指明政策，程序不作默认", "a policy must be named: there is no default")


def wrong_values(errors: Iterable[Mapping[str, Any]], within: str | None = None) -> list[Issue]:
    """Return pydantic's errors as issues, all of them, in their order.

    `within`: "body" or "form", where the errors do not say it themselves.
    """
    prefix = () if within is None else (within,)
    return [_wrong_value(error, *prefix, *error["loc"]) for error in errors]


def _wrong_value(error: Mapping[str, Any], within: str, *steps: str | int) -> Issue:
    if within == "body":
        where = Place(path=tuple(_without_key(steps)))
    else:
        where = Place(parameter=str(steps[0]) if steps else None)
    issue = issue_of(error, JSON, where)
    if issue.kind == "missing" and steps[-1:] in (("policy",), ("policies",)):
        return replace(issue, message=NO_POLICY, expected=none_given(error["input"]))
    return issue


def _without_key(steps: Sequence[str | int]) -> Sequence[str | int]:
    """Return the path of a member whose name is wrong."""
    return steps[:-1] if steps and steps[-1] == "[key]" else steps
