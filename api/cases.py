"""Calls about one case: the body is read and validated, the library computes, faults get a place.

A body is validated once, by pydantic, against the types of `api.numbers` and `api.models`. What
depends on the policy or on several members, the library checks. A 422 lists the faults of both, so
the library is also asked about a body that has wrong values, without these.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar, get_type_hints

from anyio import CapacityLimiter, to_thread
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.bodies import JSON_TYPE, BoundedRequest, media_type_of, read_json
from api.language import language_of
from api.numbers import OddNumber
from api.policies import policy_of_id
from api.problems import wrong_values, wrong_values_problem
from api.settings import Settings
from compensation import CaseFaults, Policy
from compensation.issues import Issue
from compensation.policy import GENERAL_POLICY

Members = Mapping[str, Any]
"""The members that were sent, by name. Null and absent differ: a member that is absent may be a
fault."""
Answer = TypeVar("Answer", bound=BaseModel)

MOST_PARTS = 5_000
"""Commas and opening brackets of a body; the longest list of recoveries takes about 1,000."""
AT_ONCE = 2
"""Bodies that are read and computed at the same time in threads.

These share the interpreter with the event loop: more of them would delay it and finish no sooner.
"""
SMALL = 2_048
"""Bytes of a body that is computed in the event loop: handing it to a thread would take longer."""
_REFUSED = OddNumber("…")
"""Stands for a wrong value when the library is asked: no field takes a value of its type."""


class CaseRoute(APIRoute):
    """A route whose endpoint takes a validated body, ``case``, and the language."""

    most_parts = MOST_PARTS
    small = SMALL

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler."""
        case = get_type_hints(self.endpoint, include_extras=True)["case"]
        kind: TypeAdapter[Any] = TypeAdapter(case)
        computing = CapacityLimiter(AT_ONCE)

        def answered(request: Request, content: bytes) -> Response:
            def compute(case: Members) -> BaseModel:
                made: BaseModel = self.endpoint(case, language_of(request))
                return made

            members = read_json(content, self.most_parts) if content else None
            return Response(answer(kind, members, compute).model_dump_json(), media_type=JSON_TYPE)

        async def handle(request: Request) -> Response:
            media_type_of(request, (JSON_TYPE,))
            settings: Settings = request.app.state.settings
            body = BoundedRequest(request, settings.max_body_bytes)
            content = await body.body_within(settings.body_seconds)
            if len(content) <= self.small:
                return answered(request, content)
            return await to_thread.run_sync(answered, request, content, limiter=computing)

        return handle


class LongRoute(CaseRoute):
    """A route whose cases take long, however small they are."""

    small = 0


def answer(kind: TypeAdapter[Any], members: object, compute: Callable[[Members], Answer]) -> Answer:
    """Return the answer to a body; raises `Problem` with all that is wrong with it."""
    try:
        case = kind.validate_python(members)
    except ValidationError as error:
        raise wrong_values_problem(_all_wrong(members, error.errors(), compute)) from error
    try:
        return compute(case)
    except CaseFaults as faults:
        raise wrong_values_problem(faults.faults) from faults


def _all_wrong(
    members: object, errors: Sequence[Any], compute: Callable[[Members], BaseModel]
) -> list[Issue]:
    """Return what pydantic found in a body, and what the library finds in the rest of it."""
    wrong = wrong_values(errors, "body")
    if isinstance(members, dict) and not any(each["loc"][:1] == ("policy",) for each in errors):
        for each in errors:
            _take_out(members, each["loc"], unknown=each["type"] == "extra_forbidden")
        try:
            compute(members)
        except CaseFaults as faults:
            wrong += _elsewhere(faults.faults, wrong)
    return wrong


def _take_out(members: dict[str, Any], steps: Sequence[Any], *, unknown: bool) -> None:
    """Replace a wrong value, which may be of any size; remove a member that is not known.

    A member that is missing stays so.
    """
    holder: Any = members
    *above, last = steps
    if last == "[key]":
        *above, last = above
        unknown = True
    for step in above:
        try:
            holder = holder[step]
        except (KeyError, TypeError):  # already replaced, with what it was in
            return
    if unknown and isinstance(holder, dict):
        holder.pop(last, None)
    elif isinstance(holder, list) or (isinstance(holder, dict) and last in holder):
        holder[last] = _REFUSED


def _elsewhere(faults: Sequence[Issue], known: Sequence[Issue]) -> list[Issue]:
    """Return the faults whose place, and all that it lies in, has no known fault."""
    places = {wrong.where.path for wrong in known}
    paths = [(each, each.where.path or ()) for each in faults]
    return [
        each
        for each, path in paths
        if places.isdisjoint(path[:length] for length in range(len(path) + 1))
    ]


# What endpoints read members with. A body with wrong values has values of any type.


def policy_of(members: Members) -> Policy:
    """Return the policy of a case; where one is needed, a body without it is not computed."""
    return policy_of_id(members.get("policy", GENERAL_POLICY))


def part_of(members: Members, name: str) -> Members:
    """Return an object of the body; nothing where it is missing or no object."""
    value = members.get(name)
    return value if isinstance(value, Mapping) else {}
