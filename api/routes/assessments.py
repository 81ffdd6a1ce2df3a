"""POST /v1/assessments: a whole portfolio in, its compensation out, as JSON or as a workbook."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.assessing.calls import MARKED, marked_copy_of, responses, result_of, takes
from api.assessing.requests import Body, Form
from api.assessing.results import Assessed
from api.examples import PORTFOLIO
from api.language import RequestLanguage

router = APIRouter(tags=["assessments"])


@router.post(
    "/v1/assessments",
    operation_id="assessPortfolio",
    summary="批量测算 / Assess a portfolio",
    description="机构、担保合同、解保、代偿、追偿各表一并测算：以 JSON 给出，"
    "或上传工作簿、CSV 压缩包。"
    "列名与单元格的写法同填报模板。按 Accept 返回 JSON 或结果工作簿。客户端断开即停止计算。\n\n"
    "Computes all tables of a portfolio: as JSON, or as an uploaded workbook or zip of CSV files. "
    "Columns and cells are written as in the template. Accept chooses JSON or the result workbook. "
    "A client that goes away stops the computing.",
    response_model=Assessed,
    responses=responses("结果。 / The result."),
    openapi_extra=takes(Form, Body, PORTFOLIO),
)
async def assess_portfolio(request: Request, language: RequestLanguage) -> Response:
    """Compute a portfolio."""
    return await result_of(request, "assessment", language)


@router.post(
    "/v1/assessments/marked.xlsx",
    operation_id="markFaults",
    summary="标出错误的台账 / Mark the faults",
    description=f"表单同批量测算。{MARKED.zh}\n\nTakes the form of an assessment and {MARKED.en}",
    response_class=Response,
    responses=responses("工作簿。 / The workbook."),
    openapi_extra=takes(Form),
)
async def mark_faults(request: Request, language: RequestLanguage) -> Response:
    """Mark the faults of a portfolio."""
    return await marked_copy_of(request, "assessment", language)
