"""POST /v1/assessments: a whole portfolio in, its compensation out, as JSON or as a workbook."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from api.assessing.arriving import Bodies
from api.assessing.forms import receive_form
from api.assessing.models import Assessed, Body, Form
from api.assessing.order import XLSX_TYPE, Answer, Order
from api.assessing.processes import Answered, Processes
from api.bodies import JSON_TYPE, BoundedRequest, media_type_of
from api.examples import PORTFOLIO
from api.language import RequestLanguage
from api.negotiation import chosen
from api.openapi import ALWAYS, GUARDED, REF, WITH_BODY, problem_responses
from api.settings import Settings
from compensation.language import Language

router = APIRouter(tags=["assessments"])

FORM_TYPE = "multipart/form-data"
_PIECE = 2**18


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
    responses={
        200: {
            "description": "结果。 / The result.",
            "content": {XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problem_responses(*ALWAYS, *GUARDED, *WITH_BODY, "not-acceptable", "took-too-long"),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                JSON_TYPE: {
                    "schema": {"$ref": REF.format(model=Body.__name__)},
                    "example": PORTFOLIO,
                },
                FORM_TYPE: {"schema": {"$ref": REF.format(model=Form.__name__)}},
            },
        },
        # Whether tables make sense together, no schema can say.
        "x-semantic-faults": ["*"],
    },
)
async def assess_portfolio(request: Request, language: RequestLanguage) -> Response:
    """Receive a portfolio, have it computed in a process of its own, and answer."""
    form = chosen(request.headers.get("accept"), (JSON_TYPE, XLSX_TYPE))
    return await _answered(request, "xlsx" if form == XLSX_TYPE else "json", language)


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
    responses={
        200: {
            "description": "工作簿。 / The workbook.",
            "content": {XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problem_responses(*ALWAYS, *GUARDED, *WITH_BODY, "not-acceptable", "took-too-long"),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {FORM_TYPE: {"schema": {"$ref": REF.format(model=Form.__name__)}}},
        },
        "x-semantic-faults": ["*"],
    },
)
async def mark_faults(request: Request, language: RequestLanguage) -> Response:
    """Receive a portfolio, and answer with a copy in which its faults are marked."""
    chosen(request.headers.get("accept"), (XLSX_TYPE,))
    media_type_of(request, (FORM_TYPE,))
    return await _answered(request, "marked", language)


async def _answered(request: Request, form: Answer, language: Language) -> Response:
    """Receive a portfolio, and answer with what a process of its own makes of it."""
    processes: Processes = request.app.state.processes
    async with processes.folder() as folder:
        order = await _order(request, folder, form, language)
        with processes.admitted():
            answered = await _unless_gone(request, processes, order)
            # What is open can still be read when the folder is gone.
            file = await run_in_threadpool(answered.path.open, "rb")
    return _response(answered, file, order)


async def _order(request: Request, folder: Path, form: Answer, language: Language) -> Order:
    """Receive the body into the folder; return what is to be computed."""
    settings: Settings = request.app.state.settings
    bodies: Bodies = request.app.state.bodies
    kind = media_type_of(request, (JSON_TYPE, FORM_TYPE))
    received = None
    async with bodies.one() as arriving:
        body = BoundedRequest(request, settings.max_upload_bytes, arriving.count)
        if kind == JSON_TYPE:
            await _store(body.stream(), folder / "content")
        else:
            received, language = await receive_form(body, folder / "content", language)
    return Order(folder, received, form, language, request.scope["request_id"], settings)


async def _store(pieces: AsyncIterator[bytes], path: Path) -> None:
    with await run_in_threadpool(path.open, "wb") as file:
        async for piece in pieces:
            file.write(piece)


async def _unless_gone(request: Request, processes: Processes, order: Order) -> Answered:
    """Compute, unless the client goes away: then nothing is computed any more."""
    computing = asyncio.create_task(processes.compute(order))
    leaving = asyncio.create_task(_gone(request))
    try:
        await asyncio.wait({computing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not computing.done():
            raise ClientDisconnect
        return await computing
    finally:
        for task in (computing, leaving):
            task.cancel()
        await asyncio.gather(computing, leaving, return_exceptions=True)


async def _gone(request: Request) -> None:
    """Wait until the client has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _response(answered: Answered, file: BinaryIO, order: Order) -> Response:
    size = os.fstat(file.fileno()).st_size
    headers = {"Content-Length": str(size), "Content-Language": order.language}
    if answered.media_type == XLSX_TYPE:
        name = "marked" if order.form == "marked" else "compensation"
        headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return StreamingResponse(
        _pieces(file),
        answered.status,
        {**headers, "Vary": "Accept, Accept-Language"},
        answered.media_type,
    )


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece
