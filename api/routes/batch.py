"""POST /v1/compensation/batch: many claims, each computed as POST /v1/compensation does."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter
from pydantic import Field, TypeAdapter, WithJsonSchema, with_config
from typing_extensions import TypedDict

from api.cases import CaseRoute, Members, answer
from api.examples import CLAIM, RATIOS
from api.language import RequestLanguage
from api.models import REF, AnswerModel, closed
from api.policies import EXAMPLE_POLICY
from api.problems import Problem, WrongValueDocument, document
from api.routes.claim import ClaimCase, CompensationAnswer, compute_compensation
from compensation.language import Language

MOST_CASES = 1_000


class BatchRoute(CaseRoute):
    """A route for many cases, each of about the size of one."""

    most_parts = 200_000


router = APIRouter(route_class=BatchRoute, tags=["compensation"])
_CASE: TypeAdapter[Any] = TypeAdapter(ClaimCase)
Case = Annotated[Any, WithJsonSchema({"$ref": REF.format(model=ClaimCase.__name__)})]


@with_config(closed({"cases": [{"policy": EXAMPLE_POLICY, "institution": RATIOS, "claim": CLAIM}]}))
class Batch(TypedDict):
    """多笔代偿。 / Many claims."""

    cases: Annotated[list[Case], Field(max_length=MOST_CASES)]
    """各笔代偿，写法与单笔测算相同。 / The claims, each as for a single one."""


class CaseProblem(AnswerModel):
    """一笔代偿的错误，同 RFC 9457，没有 instance。 / What is wrong with a case; no instance."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[WrongValueDocument] = Field(default_factory=list)


class BatchItem(AnswerModel):
    """一笔的结果或错误，另一项为 null。 / An answer or a problem; the other is null."""

    answer: CompensationAnswer | None = None
    problem: CaseProblem | None = None


class BatchAnswer(AnswerModel):
    """与请求同序的结果。 / The outcomes, in the order of the cases."""

    results: list[BatchItem]


@router.post("/v1/compensation/batch")
def compute_compensations(case: Batch, language: RequestLanguage) -> BatchAnswer:
    """多笔测算 / Compute many claims.

    至多 1000 笔，各笔独立计算，与单笔测算结果相同；有错误的一笔在其位置给出错误，不影响其他各笔。
    同一请求的应答逐字节相同，可以放心重发。

    Up to 1000 claims, each computed by itself as a single one is. A case that is wrong has its
    problem at its place and hinders no other. The same request has the same answer, byte for byte,
    so it may be repeated.
    """
    cases = cast("Members", case).get("cases")
    # A body that is wrong as a whole is computed as well, for what else is wrong with it.
    sent = cases if isinstance(cases, list) else []
    return BatchAnswer(results=[_item(each, language) for each in sent])


def _item(case: object, language: Language) -> BatchItem:
    def computed(members: Members) -> CompensationAnswer:
        return compute_compensation(cast("ClaimCase", members), language)

    try:
        return BatchItem(answer=answer(_CASE, case, computed))
    except Problem as problem:
        said = document(problem.name, language, "", problem.text, problem.errors)
        del said["instance"]  # it is of the request, and would be another each time
        return BatchItem(problem=CaseProblem.model_validate(said))
