"""POST /v1/assessments: a whole portfolio in, its compensation out, as JSON or as a workbook."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.assessing.exchange import FORM_TYPE, answered, responses, takes
from api.assessing.models import Assessed, Body, Form
from api.assessing.order import XLSX_TYPE
from api.bodies import JSON_TYPE, media_type_of
from api.examples import PORTFOLIO
from api.language import RequestLanguage
from api.negotiation import chosen

router = APIRouter(tags=["assessments"])


@router.post(
    "/v1/assessments",
    operation_id="assessPortfolio",
    summary="批量测算 / A whole portfolio",
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
    """Receive a portfolio, have it computed in a process of its own, and answer."""
    form = chosen(request.headers.get("accept"), (JSON_TYPE, XLSX_TYPE))
    return await answered(request, "assessment", "xlsx" if form == XLSX_TYPE else "json", language)


@router.post(
    "/v1/assessments/marked.xlsx",
    operation_id="markFaults",
    summary="标出错误的台账 / The faults marked",
    description="表单同批量测算。返回所上传台账的副本：错误的单元格以红色标出并附说明，"
    "前面是错误清单；副本只有内容，没有格式和公式。没有错误时清单为空。\n\n"
    "Takes the form of an assessment and returns a copy of the uploaded ledger: wrong cells are "
    "red and have a note, and a list of the faults stands in front. The copy has values only, no "
    "formats or formulas. Without faults the list is empty.",
    response_class=Response,
    responses=responses("工作簿。 / The workbook."),
    openapi_extra=takes(Form),
)
async def mark_faults(request: Request, language: RequestLanguage) -> Response:
    """Receive a portfolio, and answer with a copy in which its faults are marked."""
    chosen(request.headers.get("accept"), (XLSX_TYPE,))
    media_type_of(request, (FORM_TYPE,))
    return await answered(request, "assessment", "marked", language)
