"""Why institutions or claims come out as they do, where a request asks for it."""

from __future__ import annotations

from typing import Any

from api.assessing import answers
from api.assessing.computing import Result
from api.assessing.order import AnyFields, Order
from api.assessing.settlement_models import SettlementFields
from compensation import Assessment, Settlement
from compensation.issues import Issue, Place, shortened
from compensation.language import Language, Text

MOST_EXPLAINED = 100
"""Institutions of an assessment that are explained."""


def asked_for(result: Result, fields: AnyFields, order: Order) -> list[dict[str, Any]] | None:
    """Return what the request asks to be explained, None where it asks for nothing.

    Raises `Problem` where it names a claim that the ledger does not have on the day.
    """
    if isinstance(result, Settlement) and isinstance(fields, SettlementFields):
        return _claims(result, fields.explain, order) if fields.explain else None
    if isinstance(result, Assessment) and fields.explain is not None:
        return _institutions(result, order.language)
    return None


def _institutions(assessment: Assessment, language: Language) -> list[dict[str, Any]]:
    ids = assessment.tables["institutions"]["institution_id"][:MOST_EXPLAINED].to_pylist()
    explained = [assessment.explain_institution(id_) for id_ in ids]
    return [{**each.as_dict(language), "institution_name": each.name} for each in explained]


def _claims(settlement: Settlement, ids: list[str], order: Order) -> list[dict[str, Any]]:
    explained, wrong = [], []
    for place, id_ in enumerate(ids):
        try:
            explained.append(settlement.explain(id_).as_dict(order.language))
        except KeyError:
            wrong.append(_unknown_claim(id_, place, order))
    if wrong:
        raise answers.refusal(wrong, 0, order)
    return explained


def _unknown_claim(id_: str, place: int, order: Order) -> Issue:
    where = Place(path=("explain", place)) if order.upload is None else Place(parameter="explain")
    message = Text("截至清算日的台账没有这笔代偿", "the ledger has no such claim on the day")
    expected = Text("台账中的代偿编号", "the id of a claim of the ledger")
    return Issue("unknown_claim", message, where, shortened(id_), expected)
