"""A check of ours beside those of Schemathesis: a 422 to data that fits the schema is foreseen.

What no schema can say (sums, the order of dates, what tables say together) an operation lists as
``x-semantic-faults``. Only such a fault may refuse data that fits the schema.
"""

from __future__ import annotations

from typing import Any

import schemathesis
from schemathesis.specs.openapi.checks import requires_openapi_schema

FORESEEN = "x-semantic-faults"


@schemathesis.check
@requires_openapi_schema
def refusals_are_foreseen(
    _context: schemathesis.CheckContext,
    response: schemathesis.Response,
    case: schemathesis.Case[Any],
) -> None:
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code != 422:
        return
    foreseen = set(case.operation.definition.raw.get(FORESEEN, ()))
    kinds = {error["kind"] for error in response.json()["errors"]}
    assert "*" in foreseen or kinds <= foreseen, f"unforeseen: {sorted(kinds - foreseen)}"
