"""What Schemathesis has to know beside the document.

Amounts and ratios are texts there, whole numbers JSON numbers, and the prose says that the other is
taken, too. So the schemas that it works with have both.

The document says what a case of a batch looks like. One that looks otherwise is no fault of the
request: it has its problem in an answer of 200, so a batch takes anything as a case.

A check of ours beside its own: a 422 to data that fits the schema is foreseen.

Only a fault that no schema can express may refuse data that fits the schema: see `foreseen`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import schemathesis
from schemathesis.specs.openapi.checks import requires_openapi_schema

from api.numbers import BUDGET, GROWTH, PAYOUT_RATE, SHARE_OF_ONE, WHOLE, YEAR, YUAN_AMOUNT
from api.openapi import parts
from tests.api.foreseen import foreseen

_MEASURES = {
    f"^{each.pattern}$": each for each in (YUAN_AMOUNT, SHARE_OF_ONE, PAYOUT_RATE, GROWTH, BUDGET)
}
_WHOLE = {(int(each.least), int(each.most)): each.pattern for each in (WHOLE, YEAR)}


@schemathesis.hook
def before_load_schema(_context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    raw_schema["components"]["schemas"]["Batch"]["properties"]["cases"]["items"] = {}
    for part in list(parts(raw_schema)):
        measure = _MEASURES.get(part.get("pattern", ""))
        if measure is not None:
            text = {"type": part.pop("type"), "pattern": part.pop("pattern")}
            number = {
                "type": "number",
                "minimum": float(measure.least),
                "maximum": float(measure.most),
                "multipleOf": float(Decimal(1).scaleb(-measure.measure.places)),
            }
            part["anyOf"] = [number, text]
        whole = _WHOLE.get((part.get("minimum"), part.get("maximum")))  # type: ignore[arg-type]
        if whole is not None and part.get("type") == "integer":
            number = {name: part.pop(name) for name in ("type", "minimum", "maximum")}
            part["anyOf"] = [number, {"type": "string", "pattern": f"^{whole}$"}]


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
    expected = foreseen(case.operation.definition.raw)
    kinds = {error["kind"] for error in response.json()["errors"]}
    assert "*" in expected or kinds <= expected, f"unforeseen: {sorted(kinds - expected)}"
