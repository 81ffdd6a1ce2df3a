"""The steps of a call about a ledger: receive it, compute it in a worker process, answer."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, BinaryIO

from fastapi import APIRouter, Request
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect
from starlette.responses import Response, StreamingResponse

from api.assessing.forms import receive_form
from api.assessing.held import HeldLedgers
from api.assessing.jobs import XLSX_TYPE, AnswerForm, AnyBody, AnyForm, Asked, Job, Said
from api.assessing.processes import FORKS, Processes
from api.assessing.questions import Question
from api.assessing.requests import ComparisonForm, FormFields, SettlementFields
from api.bodies import JSON_TYPE, BoundedRequest, UploadLimit, answer_type, media_type_of, read_json
from api.cases import MOST_PARTS
from api.openapi import PROBLEMS, reference
from api.policies import own_texts
from api.problems import wrong_values, wrong_values_problem
from api.settings import Settings
from compensation.language import Language

FORM_TYPE = "multipart/form-data"
_PIECE = 2**18
_XLSX_CONTENT = {XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}}}
WORKBOOK: dict[int | str, dict[str, Any]] = {
    200: {"description": "工作簿。 / The workbook.", "content": _XLSX_CONTENT}
}
"""The ``responses`` of a route that answers with a workbook."""
_RESULT = {200: {**WORKBOOK[200], "description": "结果。 / The result."}}
"""Those of one that answers with JSON or a workbook."""

Endpoint = Callable[..., Awaitable[Response]]


def asks(
    router: APIRouter,
    path: str,
    sent: type[BaseModel],
    answer: type[BaseModel] | None = None,
    *,
    tag: str | None = None,
    workbook: bool = False,
) -> Callable[[Endpoint], Endpoint]:
    """Make a function the call POST ``path``; the document says what is sent and answered.

    `sent`: a form, or the JSON body. `answer`: None where only a workbook is answered; `workbook`:
    whether one is answered beside JSON.
    """
    described: dict[str, Any] = {
        "response_model": answer,
        "responses": _RESULT if workbook else None,
    }
    if answer is None:
        described = {"response_class": Response, "responses": WORKBOOK}
    return router.post(
        path, tags=None if tag is None else [tag], openapi_extra=_takes(sent), **described
    )


def _takes(model: type[BaseModel]) -> dict[str, Any]:
    media_type = FORM_TYPE if issubclass(model, FormFields) else JSON_TYPE
    content = {media_type: {"schema": reference(model)}}
    return {
        "requestBody": {"required": True, "content": content},
        PROBLEMS: ["not-acceptable", "took-too-long"],
    }


async def result_of(
    request: Request, language: Language, form: type[AnyForm], body: type[AnyBody] | None = None
) -> Response:
    """Receive a ledger in a form or a JSON body; answer with the result, as Accept prefers."""
    workbook = answer_type(request, (JSON_TYPE, XLSX_TYPE)) == XLSX_TYPE
    came = media_type_of(request, (FORM_TYPE,) if body is None else (JSON_TYPE, FORM_TYPE))
    model = form if body is None or came == FORM_TYPE else body
    return await _answered(request, language, model, "xlsx" if workbook else "json")


async def answer_about(
    request: Request, language: Language, form: type[AnyForm], answered: AnswerForm = "json"
) -> Response:
    """Receive uploaded files, and answer in the one form that there is."""
    answer_type(request, (XLSX_TYPE if answered == "marked" else JSON_TYPE,))
    media_type_of(request, (FORM_TYPE,))
    return await _answered(request, language, form, answered)


async def _answered(
    request: Request, language: Language, model: type[AnyForm | AnyBody], answered: AnswerForm
) -> Response:
    processes: Processes = request.app.state.processes
    async with processes.folder() as folder:
        job = await _job(request, folder, model, answered, language)
        with processes.admitted():
            made = await _computed(request, processes, job)
            if made.status != 200:
                return _said(made, job.language)
            file = await run_in_threadpool(_opened, job.answer)
    return _response(made, file, job)


async def _job(
    request: Request,
    folder: Path,
    model: type[AnyForm | AnyBody],
    answered: AnswerForm,
    language: Language,
) -> Job:
    """Receive the body into the folder; return what is to be computed."""
    settings: Settings = request.app.state.settings
    uploads: UploadLimit = request.app.state.uploads
    received = None
    async with uploads.one() as count:
        body = BoundedRequest(request, settings.max_upload_bytes, count)
        if issubclass(model, FormFields):
            received, language = await receive_form(body, model, folder / "content", language)
        else:
            with await run_in_threadpool((folder / "content").open, "wb") as file:
                async for piece in body.stream():
                    file.write(piece)
    id_ = request.scope["request_id"]
    return Job(folder, model, received, answered, language, id_, settings, own_texts())


async def _computed(request: Request, processes: Processes, job: Job) -> Said:
    """Compute a job; cancel it where the client disconnects."""
    computing = asyncio.create_task(processes.compute(job))
    leaving = asyncio.create_task(_disconnected(request))
    try:
        await asyncio.wait({computing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not computing.done():
            raise ClientDisconnect
        return await computing
    finally:
        for task in (computing, leaving):
            task.cancel()
        await asyncio.gather(computing, leaving, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    """Wait until the client has closed the connection."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _opened(path: Path) -> BinaryIO:
    """Open a file that can be read after its folder is removed; Windows keeps what is open."""
    return path.open("rb") if FORKS else io.BytesIO(path.read_bytes())


def _response(made: Said, file: BinaryIO, job: Job) -> Response:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    headers = {"Content-Length": str(size), "Content-Language": job.language}
    if made.media_type == XLSX_TYPE:
        name = "settlement" if issubclass(job.model, SettlementFields) else "compensation"
        name = "marked" if job.form == "marked" else name
        headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return StreamingResponse(
        _pieces(file),
        made.status,
        {**headers, "Vary": "Accept, Accept-Language"},
        made.media_type,
    )


async def _pieces(file: BinaryIO) -> AsyncIterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


async def comparison_of(request: Request, language: Language) -> Response:
    """Receive a ledger, have it held, and answer for the policy as it is."""
    answer_type(request, (JSON_TYPE,))
    media_type_of(request, (FORM_TYPE,))
    processes: Processes = request.app.state.processes
    held: HeldLedgers = request.app.state.held
    settings: Settings = request.app.state.settings
    async with processes.folder() as folder:
        job = await _job(request, folder, ComparisonForm, "json", language)
        with processes.admitted():
            id_, said = await held.take(job, request.scope.get("key_owner"))
    return _about(id_, said, job.language, settings)


async def asked_of(
    request: Request, id_: str, kind: type[Question], language: Language
) -> Response:
    """Answer a question about a ledger that is held."""
    answer_type(request, (JSON_TYPE,))
    media_type_of(request, (JSON_TYPE,))
    settings: Settings = request.app.state.settings
    body = BoundedRequest(request, settings.max_body_bytes)
    members = read_json(await body.body_within(settings.body_seconds), MOST_PARTS)
    try:
        question = kind.model_validate(members)
    except ValidationError as error:
        raise wrong_values_problem(wrong_values(error.errors(), "body")) from error
    held: HeldLedgers = request.app.state.held
    asked = Asked(question, language, request.scope["request_id"])
    said = await held.ask(id_, asked, request.scope.get("key_owner"))
    return _about(id_, said, language, settings)


def _about(id_: str, said: Said, language: Language, settings: Settings) -> Response:
    """Return what a held ledger answers, with its id."""
    if said.status == 200:
        ledger = json.dumps({"id": id_, "seconds": settings.held_seconds}).encode()
        said = said._replace(content=b'{"ledger": ' + ledger + b", " + said.content[1:])
    return _said(said, language)


def _said(said: Said, language: Language) -> Response:
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    return Response(said.content, said.status, headers, said.media_type)
