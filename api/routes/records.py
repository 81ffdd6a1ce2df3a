"""POST /v1/verifications and /v1/differences: results that were kept."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.assessing.calls import REFUSALS, record_of, takes
from api.assessing.requests import DifferenceForm, VerificationForm
from api.language import RequestLanguage, doc
from api.models import AnswerModel

router = APIRouter(tags=["records"])


class DifferentValue(AnswerModel):
    """一项不同的值。 / A value that differs; null: that side does not say it."""

    key: str
    first: str | None
    second: str | None


class DifferentCell(AnswerModel):
    """一个不同的单元格。 / A cell that differs."""

    id: str = doc("该行的编号。", "The id of its row.")
    column: str
    first: str
    second: str
    change: str | None = doc("增减；不是数的为 null。", "Second less first; null if no number.")


class DifferentTable(AnswerModel):
    """一张有不同的表；各列出前 200 项。 / A table that differs; 200 of each are listed."""

    table: str
    rows: int = doc("有不同的行数。", "How many rows differ.")
    removed: list[str] = doc("只有前者有的行。", "Rows that only the first has.")
    added: list[str] = doc("只有后者有的行。", "Rows that only the second has.")
    cells: list[DifferentCell]


class DifferenceAnswer(AnswerModel):
    """两个结果的不同。 / How two results differ."""

    same: bool
    totals: list[DifferentValue]
    tables: list[DifferentTable]
    text: str = doc("同命令 diff 的输出。", "What the command diff prints.")


class VerificationAnswer(DifferenceAnswer):
    """复核的结果：前者为记录，后者为重算。 / Verified: recorded first, recomputed second."""

    comes_out: bool = doc("各项金额是否重新得出。", "Whether every figure comes out again.")
    input_changed: list[str] = doc("内容已变的表。", "Tables of the input that have changed.")
    reviews_changed: bool
    rules_changed: list[str]
    program_changed: list[str]
    result_changed: list[str] = doc(
        "写出后被改动的部分。", "What was changed after it was written."
    )


@router.post(
    "/v1/verifications",
    operation_id="verifyResult",
    summary="复核结果 / Verify a result",
    description="按结果所存的规则，用现在的台账重新计算，逐格比较，并指出变动的是台账、规则、程序还是结果本身。"
    "\n\nComputes a result again from the ledger as it is now, by the rules that the result keeps; "
    "compares every cell, and says what was changed: ledger, rules, program or the result itself.",
    response_model=VerificationAnswer,
    responses=REFUSALS,
    openapi_extra=takes(VerificationForm),
)
async def verify_result(request: Request, language: RequestLanguage) -> Response:
    """Verify a result."""
    return await record_of(request, "verification", language)


@router.post(
    "/v1/differences",
    operation_id="compareResults",
    summary="比较两个结果 / Compare two results",
    description="两个结果工作簿的选项、台账、规则、合计和各表有何不同。\n\n"
    "How two result workbooks differ: options, ledger, rules, totals and tables.",
    response_model=DifferenceAnswer,
    responses=REFUSALS,
    openapi_extra=takes(DifferenceForm),
)
async def compare_results(request: Request, language: RequestLanguage) -> Response:
    """Compare two results."""
    return await record_of(request, "difference", language)
