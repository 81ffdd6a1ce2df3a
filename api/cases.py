"""From the models of one case to the library and back: what was sent, and faults by pointer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from api.problems import wrong_values_problem
from api.validation import WrongValue, pointer_to
from compensation import CaseFaults
from compensation.ledger.faults import NO_TEXT


def sent(model: BaseModel) -> dict[str, Any]:
    """Return the members that were sent, by name; one that was not is not there.

    Null and absent are two things here: null is undefined or blank, absent may be a fault.
    """
    extra = model.__pydantic_extra__ or {}
    return {
        name: extra[name] if name in extra else getattr(model, name)
        for name in model.model_fields_set
    }


@contextmanager
def faults_pointed_to() -> Iterator[None]:
    """Turn the faults of a case into a 422 that points to each member of the body."""
    try:
        yield
    except CaseFaults as error:
        raise wrong_values_problem(
            [
                WrongValue(
                    fault.kind,
                    fault.message,
                    None if fault.expected == NO_TEXT else fault.expected,
                    fault.value,
                    pointer=pointer_to(*fault.path),
                )
                for fault in error.faults
            ]
        ) from error
