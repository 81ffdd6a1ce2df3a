"""POST /v1/settlements: a ledger in, what is due on a day out, as JSON or as a workbook."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.assessing.calls import FORM_TYPE, MARKED, marked_copy_of, responses, result_of, takes
from api.assessing.requests import SettlementBody, SettlementForm
from api.assessing.results import SettlementAnswer
from api.examples import SETTLEMENT
from api.language import RequestLanguage

router = APIRouter(tags=["settlements"])


@router.post(
    "/v1/settlements",
    operation_id="settlePortfolio",
    summary="年度清算 / Settle as of a day",
    description="截至清算日，各笔代偿的核定、拨付、追偿、上缴，以及应拨付、应收回、应上缴、应退回的金额；"
    "并列出各机构合计与资金池收支。各表以 JSON 给出。按 Accept 返回 JSON 或结果工作簿。"
    "也接受 uploadSettlement 的表单。\n\n"
    "What is decided, paid, recovered and due for every claim as of the end of a day, and who owes "
    "whom; sums for each institution and the statement of the pool. Tables come as JSON. "
    "Accept chooses JSON or the result workbook. The form of uploadSettlement is taken here, too.",
    response_model=SettlementAnswer,
    responses=responses("结果。 / The result."),
    openapi_extra=takes(None, SettlementBody, SETTLEMENT),
)
async def settle_portfolio(request: Request, language: RequestLanguage) -> Response:
    """Settle a ledger."""
    return await result_of(request, "settlement", language)


@router.post(
    "/v1/settlements/upload",
    operation_id="uploadSettlement",
    summary="上传台账清算 / Settle an uploaded ledger",
    description="上传工作簿或 CSV 压缩包，按清算日清算；policy 可以有多个。"
    "按 Accept 返回 JSON 或结果工作簿。\n\n"
    "Settles an uploaded workbook or zip of CSV files as of a day; there may be several fields "
    "policy. Accept chooses JSON or the result workbook.",
    response_model=SettlementAnswer,
    responses=responses("结果。 / The result."),
    openapi_extra=takes(SettlementForm),
)
async def upload_settlement(request: Request, language: RequestLanguage) -> Response:
    """Settle an uploaded ledger."""
    return await result_of(request, "settlement", language, (FORM_TYPE,))


@router.post(
    "/v1/settlements/marked.xlsx",
    operation_id="markFaultsOfSettlement",
    summary="标出错误的台账 / Mark the faults",
    description=f"表单同年度清算。{MARKED.zh}\n\nTakes the form of a settlement and {MARKED.en}",
    response_class=Response,
    responses=responses("工作簿。 / The workbook."),
    openapi_extra=takes(SettlementForm),
)
async def mark_faults(request: Request, language: RequestLanguage) -> Response:
    """Mark the faults of a ledger."""
    return await marked_copy_of(request, "settlement", language)
