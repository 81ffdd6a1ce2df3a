"""POST /v1/settlements: a ledger in, what is due on a day out, as JSON or as a workbook."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.assessing.exchange import FORM_TYPE, answered, responses, takes
from api.assessing.order import XLSX_TYPE
from api.assessing.settlement_models import SettlementAnswer, SettlementBody, SettlementForm
from api.bodies import JSON_TYPE, media_type_of
from api.examples import SETTLEMENT
from api.language import RequestLanguage
from api.negotiation import chosen

router = APIRouter(tags=["settlements"])


@router.post(
    "/v1/settlements",
    operation_id="settlePortfolio",
    summary="年度清算 / What is due on a day",
    description="截至清算日，各笔代偿的核定、拨付、追偿、上缴，以及应拨付、应收回、应上缴、应退回的金额；"
    "并列出各机构合计与资金池收支。各表以 JSON 给出，或上传工作簿、CSV 压缩包；"
    "表单中 policy 可以有多个。按 Accept 返回 JSON 或结果工作簿。\n\n"
    "What is decided, paid, come back and due for every claim as of the end of a day, and in which "
    "direction; sums for each institution and the statement of the pool. Tables come as JSON, or "
    "as an uploaded workbook or zip of CSV files; a form may have several fields policy. Accept "
    "chooses JSON or the result workbook.",
    response_model=SettlementAnswer,
    responses=responses("结果。 / The result."),
    openapi_extra=takes(SettlementForm, SettlementBody, SETTLEMENT),
)
async def settle_portfolio(request: Request, language: RequestLanguage) -> Response:
    """Receive a ledger, have it settled in a process of its own, and answer."""
    form = chosen(request.headers.get("accept"), (JSON_TYPE, XLSX_TYPE))
    return await answered(request, "settlement", "xlsx" if form == XLSX_TYPE else "json", language)


@router.post(
    "/v1/settlements/marked.xlsx",
    operation_id="markFaultsOfSettlement",
    summary="标出错误的台账 / The faults marked",
    description="表单同年度清算。返回所上传台账的副本：错误的单元格以红色标出并附说明，"
    "前面是错误清单；副本只有内容，没有格式和公式。没有错误时清单为空。\n\n"
    "Takes the form of a settlement and returns a copy of the uploaded ledger: wrong cells are "
    "red and have a note, and a list of the faults stands in front. The copy has values only, no "
    "formats or formulas. Without faults the list is empty.",
    response_class=Response,
    responses=responses("工作簿。 / The workbook."),
    openapi_extra=takes(SettlementForm),
)
async def mark_faults(request: Request, language: RequestLanguage) -> Response:
    """Receive a ledger, and answer with a copy in which its faults are marked."""
    chosen(request.headers.get("accept"), (XLSX_TYPE,))
    media_type_of(request, (FORM_TYPE,))
    return await answered(request, "settlement", "marked", language)
