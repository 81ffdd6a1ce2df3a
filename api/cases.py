"""From the body of one case to the library and back: what was sent, and all faults by pointer.

A body is looked at twice: by its model, as to its form, and by the library, which knows what a
policy needs and what must hold between members. An answer of 422 lists what both find. So the
library is asked about a body of the wrong form, too, and says what it can of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from api.models.policy_id import DEFAULT_POLICY
from api.policies import policy_at
from api.problems import Problem, wrong_values_problem
from api.routing import ExactRoute, Handler
from api.validation import WrongValue, pointer_to, wrong_values
from compensation import CaseFaults, Policy
from compensation.ledger.faults import NO_TEXT

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
        raise wrong_values_problem(_pointed_to(error)) from error


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


class CaseRoute(ExactRoute):
    """A route that lists the faults of a body's form and those that the library finds at once."""

    def get_route_handler(self) -> Handler:
        """Return the handler."""
        handle = super().get_route_handler()
        question = _QUESTIONS[self.endpoint]

        async def completely(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                wrong = wrong_values(error.errors())
                if isinstance(error.body, Mapping):
                    wrong += _beyond(wrong, _found_wrong(question, error.body))
                raise wrong_values_problem(wrong) from error

        return completely


def router(tag: str) -> APIRouter:
    """Return the router of a module of calls about one case."""
    return APIRouter(route_class=CaseRoute, tags=[tag])


def _found_wrong(question: Callable[[Members], object], members: Members) -> list[WrongValue]:
    try:
        question(members)
    except CaseFaults as error:
        return _pointed_to(error)
    except Problem as problem:
        return list(problem.errors)
    return []


def _beyond(said: list[WrongValue], further: list[WrongValue]) -> list[WrongValue]:
    """Return the faults of members of which nothing has been said, nor of what they are in."""
    places = {wrong.pointer for wrong in said}
    return [wrong for wrong in further if places.isdisjoint(_and_above(wrong.pointer or ""))]


def _and_above(pointer: str) -> list[str]:
    """Return a pointer and those of all that its value is in.

    >>> _and_above("/claim/shares")
    ['/claim/shares', '/claim', '']
    """
    steps = pointer.split("/")
    return ["/".join(steps[:length]) for length in range(len(steps), 0, -1)]


def _pointed_to(error: CaseFaults) -> list[WrongValue]:
    return [
        WrongValue(
            fault.kind,
            fault.message,
            None if fault.expected == NO_TEXT else fault.expected,
            fault.value,
            pointer=pointer_to(*fault.path),
        )
        for fault in error.faults
    ]
