"""POST /v1/assessments: a whole portfolio in, its compensation out, as JSON or as a workbook."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path
from typing import BinaryIO

from fastapi import Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from api.assessing.arriving import Arriving, Bodies
from api.assessing.form_parser import FormParser
from api.assessing.order import JSON_TYPE, XLSX_TYPE, Answer, Limits, Order, Upload
from api.assessing.processes import Answered, Processes
from api.assessing.unreadable_forms import MAX_FIELD_BYTES, MAX_FIELDS, unreadable_form
from api.language import RequestLanguage
from api.models.assessments import EXAMPLE, Assessed, Body, Form, FormFields
from api.models.policy_id import DEFAULT_POLICY
from api.negotiation import chosen
from api.openapi import ALWAYS, GUARDED, REF, WITH_BODY, problem_responses
from api.policies import unknown_policy
from api.problems import wrong_values_problem
from api.routing import bounded, media_type_of, unsupported
from api.routing import router as new_router
from api.settings import Settings
from api.validation import WrongValue, wrong_values
from compensation.language import Language, Text

router = new_router("assessments")

FORM_TYPE = "multipart/form-data"
_PIECE = 2**18
_LANGUAGES: dict[str, Language] = {"zh": "zh", "en": "en"}


class _Upload(Request):
    """A request whose body may be as large as an upload."""

    def __init__(self, request: Request, arriving: Arriving) -> None:
        super().__init__(request.scope, request.receive)
        self._arriving = arriving

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """Yield the body in pieces; raises `Problem` once it is too large."""
        most: int = self.app.state.settings.max_upload_bytes
        async for piece in bounded(super().stream(), self, most):
            self._arriving.count(len(piece))
            yield piece


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
                    "example": EXAMPLE,
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
    if media_type_of(request) != FORM_TYPE:
        raise unsupported(media_type_of(request), (FORM_TYPE,))
    return await _answered(request, "marked", language)


async def _answered(request: Request, form: Answer, language: Language) -> Response:
    """Receive a portfolio, and answer with what a process of its own makes of it."""
    processes: Processes = request.app.state.processes
    folder = Path(tempfile.mkdtemp(prefix="compensation-api-"))
    try:
        order = await _order(request, folder, form, language)
        with processes.admitted():
            answered = await _unless_gone(request, processes, order)
            # What is open can still be read when the folder is gone.
            file = await run_in_threadpool(answered.path.open, "rb")
    finally:
        await asyncio.shield(run_in_threadpool(shutil.rmtree, folder, ignore_errors=True))
    return _response(answered, file, order)


async def _order(request: Request, folder: Path, form: Answer, language: Language) -> Order:
    """Receive the body into the folder; return what is to be computed."""
    settings: Settings = request.app.state.settings
    bodies: Bodies = request.app.state.bodies
    kind = media_type_of(request)
    received = None
    async with bodies.one() as arriving:
        upload = _Upload(request, arriving)
        if kind == JSON_TYPE:
            await _store(upload.stream(), folder / "content")
        elif kind == FORM_TYPE:
            received, language = await _receive_form(upload, folder / "content", language)
        else:
            raise unsupported(kind, (JSON_TYPE, FORM_TYPE))
    limits = Limits(
        settings.max_unpacked_bytes,
        settings.max_rows,
        settings.max_faults,
        settings.assessment_memory_bytes,
    )
    return Order(folder, received, form, language, request.scope["request_id"], limits)


async def _store(pieces: AsyncIterator[bytes], path: Path) -> None:
    with await run_in_threadpool(path.open, "wb") as file:
        async for piece in pieces:
            file.write(piece)


async def _receive_form(
    request: _Upload, path: Path, language: Language
) -> tuple[Upload, Language]:
    """Store the file of a form; return what the form says, and the language to answer in."""
    parser = FormParser(
        request.headers,
        request.stream(),
        max_files=1,
        max_fields=MAX_FIELDS,
        max_part_size=MAX_FIELD_BYTES,
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise unreadable_form(error.message) from error
    try:
        upload, file = _upload_of(form)
        await run_in_threadpool(_copy, file.file, path)
        asked = form.get("lang")
    finally:
        await form.close()
    return upload, _LANGUAGES.get(str(asked), language)


def _upload_of(form: FormData) -> tuple[Upload, UploadFile]:
    """Return what the form says, and its file; raises `Problem` where there is none."""
    times = Counter(name for name, _ in form.multi_items())
    message = Text("表单中出现了多次", "the form has it more than once")
    once = Text("只给出一次", "to be given once")
    wrong = [
        WrongValue("given_twice", message, once, parameter=name)
        for name, count in times.items()
        if count > 1
    ]
    file = form.get("file")
    if not isinstance(file, UploadFile):
        message = Text("缺少文件", "there is no file")
        expected = Text(
            "一个 .xlsx 工作簿，或一个装有 CSV 文件的 zip 压缩包",
            "one .xlsx workbook, or a zip of CSV files",
        )
        wrong.append(WrongValue("missing", message, expected, parameter="file"))
    texts = {name: value for name, value in form.items() if name != "file"}
    blank = {name for name in ("budget", "as_of", "lang", "explain") if texts.get(name) == ""}
    fields = None
    try:
        fields = FormFields.model_validate({k: v for k, v in texts.items() if k not in blank})
    except ValidationError as error:
        located = [{**each, "loc": ("form", *each["loc"])} for each in error.errors()]
        wrong += wrong_values(located)
    wrong += unknown_policy(texts.get("policy", DEFAULT_POLICY), parameter="policy")
    if not isinstance(file, UploadFile):
        raise wrong_values_problem(wrong, _LANGUAGES.get(str(texts.get("lang"))))
    return Upload(file.filename or "", fields, tuple(wrong)), file


def _copy(source: BinaryIO, path: Path) -> None:
    with path.open("xb") as target:
        shutil.copyfileobj(source, target, _PIECE)


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
