"""POST /v1/assessments: a whole portfolio in, its compensation out, as JSON or as a workbook."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.assessing.calls import FORM_TYPE, MARKED, marked_copy_of, responses, result_of, takes
from api.assessing.requests import AssessmentBody, AssessmentForm, ReviewedForm
from api.assessing.results import Assessed
from api.examples import PORTFOLIO
from api.language import RequestLanguage

router = APIRouter(tags=["assessments"])


@router.post(
    "/v1/assessments",
    operation_id="assessPortfolio",
    summary="批量测算 / Assess a portfolio",
    description="机构、担保合同、解保、代偿、追偿各表以 JSON 给出，一并测算。"
    "列名与单元格的写法同填报模板。按 Accept 返回 JSON 或结果工作簿。客户端断开即停止计算。"
    "也接受 uploadPortfolio 的表单。\n\n"
    "Computes all tables of a portfolio, given as JSON. Columns and cells are written as in the "
    "template. Accept chooses JSON or the result workbook. A client that goes away stops the "
    "computing. The form of uploadPortfolio is taken here, too.",
    response_model=Assessed,
    responses=responses("结果。 / The result."),
    openapi_extra=takes(None, AssessmentBody, PORTFOLIO),
)
async def assess_portfolio(request: Request, language: RequestLanguage) -> Response:
    """Compute a portfolio."""
    return await result_of(request, "assessment", language)


@router.post(
    "/v1/assessments/upload",
    operation_id="uploadPortfolio",
    summary="上传台账测算 / Assess an uploaded portfolio",
    description="上传工作簿或 CSV 压缩包，各表一并测算。按 Accept 返回 JSON 或结果工作簿。\n\n"
    "Computes all tables of an uploaded workbook or zip of CSV files. Accept chooses JSON or the "
    "result workbook.",
    response_model=Assessed,
    responses=responses("结果。 / The result."),
    openapi_extra=takes(AssessmentForm),
)
async def upload_portfolio(request: Request, language: RequestLanguage) -> Response:
    """Compute an uploaded portfolio."""
    return await result_of(request, "assessment", language, (FORM_TYPE,))


@router.post(
    "/v1/assessments/reviewed",
    operation_id="assessReviewed",
    summary="按审核表测算 / Assess by a review sheet",
    description="上传台账和填好的审核表，审核意见以审核表为准。"
    "按 Accept 返回 JSON 或结果工作簿。\n\n"
    "Computes an uploaded ledger; the decisions of the filled review sheet take the place of the "
    "ledger's. Accept chooses JSON or the result workbook.",
    response_model=Assessed,
    responses=responses("结果。 / The result."),
    openapi_extra=takes(ReviewedForm),
)
async def assess_reviewed(request: Request, language: RequestLanguage) -> Response:
    """Compute a portfolio by a review sheet."""
    return await result_of(request, "reviewed", language, (FORM_TYPE,))


@router.post(
    "/v1/assessments/marked.xlsx",
    operation_id="markFaults",
    summary="标出错误的台账 / Mark the faults",
    description=f"表单同批量测算。{MARKED.zh}\n\nTakes the form of an assessment and {MARKED.en}",
    response_class=Response,
    responses=responses("工作簿。 / The workbook."),
    openapi_extra=takes(AssessmentForm),
)
async def mark_faults(request: Request, language: RequestLanguage) -> Response:
    """Mark the faults of a portfolio."""
    return await marked_copy_of(request, "assessment", language)
