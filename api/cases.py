"""From the body of one case to the library and back: what was sent, and all faults by pointer.

A body is looked at twice: by its model, as to its form, and by the library, which knows what a
policy needs and what must hold between members. An answer of 422 lists what both find. So the
library is asked about a body of the wrong form, too, and says what it can of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar, get_type_hints

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.bodies import JSON_TYPE, BoundedRequest, media_type_of, read_json
from api.language import language_of
from api.numbers import OddNumber
from api.openapi import ALWAYS, GUARDED, WITH_BODY, problem_responses
from api.policies import DEFAULT_POLICY, policy_at
from api.problems import Problem, wrong_values_problem
from api.settings import Settings
from api.validation import wrong_values
from compensation import CaseFaults, Policy
from compensation.issues import Issue

Members = Mapping[str, Any]
"""The members that were sent, by name. Null and absent are two things: absent may be a fault."""
Found = TypeVar("Found")
Call = TypeVar("Call", bound=Callable[..., Any])

_QUESTIONS: dict[Callable[..., Any], Callable[[Members], object]] = {}
"""By call: what asks the library about the members of its body."""


def asks(question: Callable[[Members], object]) -> Callable[[Call], Call]:
    """Name the question that a call puts to the library, for what its model refuses."""

    def named(call: Call) -> Call:
        _QUESTIONS[call] = question
        return call

    return named


def found(question: Callable[[Members], Found], case: BaseModel) -> Found:
    """Return what the library answers about a case; raises `Problem` with each fault it finds."""
    try:
        return question(_members(case))
    except CaseFaults as error:
        raise wrong_values_problem(error.faults) from error


def _members(value: Any) -> Any:
    """Return the members of a model that were sent, and so of the models in it."""
    if isinstance(value, list):
        return [_members(each) for each in value]
    if not isinstance(value, BaseModel):
        return value
    extra = value.__pydantic_extra__ or {}
    return {
        name: extra[name] if name in extra else _members(getattr(value, name))
        for name in value.model_fields_set
    }


def policy_of(members: Members) -> Policy:
    """Return the policy of a case; raises `Problem` where there is no such policy."""
    return policy_at(str(members.get("policy", DEFAULT_POLICY)))


def part_of(members: Members, name: str) -> Members:
    """Return an object of the body; nothing where it is none, which its model says."""
    value = members.get(name)
    return value if isinstance(value, Mapping) else {}


def taken(kind: TypeAdapter[Found], value: object) -> Found | None:
    """Return a value as a field of that kind takes it; None where it is none, as its model says."""
    try:
        return None if value is None else kind.validate_python(value)
    except ValidationError:
        return None


RESPONSES = problem_responses(*ALWAYS, *GUARDED, *WITH_BODY)
"""The problems that any call about one case may end in."""
MOST_PARTS = 5_000
"""Commas and opening brackets of a body; the longest list of recoveries takes about 1,000."""
AT_ONCE = 2
"""Bodies that are read and computed at the same time, beside the event loop.

They share the interpreter with it, so that more of them would keep it waiting, and none be done
any sooner.
"""
SMALL = 2_048
"""Bytes of a body that is computed at once: handing it to a thread would take longer."""
_UNREAD = OddNumber("…")
"""What stands for a refused value when the library is asked: of no type that it takes."""


class CaseRoute(APIRoute):
    """A route that reads one case and computes it, outside of the event loop unless it is small.

    It lists the faults of the body's form and those that the library finds at once.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler."""
        kind: type[BaseModel] = get_type_hints(self.endpoint)["case"]
        computing = CapacityLimiter(AT_ONCE)

        def answered(request: Request, content: bytes) -> Response:
            case = _case_of(kind, content, _QUESTIONS[self.endpoint])
            answer: BaseModel = self.endpoint(case, language_of(request))
            return Response(answer.model_dump_json(), media_type=JSON_TYPE)

        async def handle(request: Request) -> Response:
            media_type_of(request, (JSON_TYPE,))
            settings: Settings = request.app.state.settings
            body = BoundedRequest(request, settings.max_body_bytes)
            content = await body.body_within(settings.body_seconds)
            if len(content) <= SMALL:
                return answered(request, content)
            return await to_thread.run_sync(answered, request, content, limiter=computing)

        return handle


def _case_of(
    kind: type[BaseModel], content: bytes, question: Callable[[Members], object]
) -> BaseModel:
    """Return the case of a body; raises `Problem` with all that is wrong with it."""
    members = read_json(content, MOST_PARTS) if content else None
    try:
        return kind.model_validate(members)
    except ValidationError as error:
        errors = error.errors()
    wrong = wrong_values({**each, "loc": ("body", *each["loc"])} for each in errors)
    if isinstance(members, dict):
        for each in errors:
            _take_out(members, each["loc"], unknown=each["type"] == "extra_forbidden")
        wrong += _beyond(wrong, _found_wrong(question, members))
    raise wrong_values_problem(wrong)


def _take_out(members: dict[str, Any], steps: Sequence[Any], *, unknown: bool) -> None:
    """Take a refused value out of a body: the library is not asked about what may be of any size.

    A member that is missing stays so; one whose name is wrong, or that is not known, goes.
    """
    holder: Any = members
    *above, last = steps
    if last == "[key]":
        *above, last = above
        unknown = True
    for step in above:
        try:
            holder = holder[step]
        except (KeyError, TypeError):  # taken out already with what it was in
            return
    if unknown and isinstance(holder, dict):
        holder.pop(last, None)
    elif isinstance(holder, list) or (isinstance(holder, dict) and last in holder):
        holder[last] = _UNREAD


def router(*tags: str) -> APIRouter:
    """Return the router of a module of calls about one case."""
    return APIRouter(route_class=CaseRoute, tags=list(tags))


def _found_wrong(question: Callable[[Members], object], members: Members) -> list[Issue]:
    try:
        question(members)
    except CaseFaults as error:
        return list(error.faults)
    except Problem as problem:
        return list(problem.errors)
    return []


def _beyond(said: list[Issue], further: list[Issue]) -> list[Issue]:
    """Return the faults of members of which nothing has been said, nor of what they are in."""
    places = {wrong.where.pointer for wrong in said}
    return [wrong for wrong in further if places.isdisjoint(_and_above(wrong.where.pointer or ""))]


def _and_above(pointer: str) -> list[str]:
    """Return a pointer and those of all that its value is in.

    >>> _and_above("/claim/shares")
    ['/claim/shares', '/claim', '']
    """
    steps = pointer.split("/")
    return ["/".join(steps[:length]) for length in range(len(steps), 0, -1)]
