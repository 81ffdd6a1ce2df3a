"""One assessment or settlement, from the content that came to the answer, in its own process.

`main` is what the process runs. It ends by itself when the service does, and takes no more memory
than it is allowed.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import tempfile
import threading
from multiprocessing import connection, parent_process
from typing import Any

from pydantic import ValidationError

from api.assessing import answers, computing, explanations, json_tables, uploads
from api.assessing.models import Body
from api.assessing.order import BODIES, XLSX_TYPE, AnyFields, Order, Upload, too_much_memory
from api.assessing.settlement_models import SettlementBody, SettlementFields
from api.bodies import JSON_TYPE, read_json
from api.logs import places
from api.policies import unknown_policies
from api.problems import MEDIA_TYPE, TITLES, Problem, document, json_bytes
from api.validation import wrong_values
from compensation import (
    InputFaults,
    TooManyRows,
    load_policy,
    portfolio_of_frames,
    read_portfolio,
    write_workbook,
)
from compensation.issues import Issue, Place
from compensation.language import Text
from compensation.ledger.dictionary import TABLES
from compensation.ledger.faults import Faults
from compensation.report.marked_copy import write_marked_copy

NO_THREAD = "can't start new thread"
"""What Python's RuntimeError says where there is no memory left for the stack of a thread."""
NICER = 5
"""How much computing steps back behind answering."""


def main(order: Order) -> None:
    """Compute an order, and write the answer and then its outcome into the order's folder."""
    for number in (signal.SIGINT, signal.SIGTERM):  # whoever stops the service lets us finish
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_service, daemon=True).start()
    most = order.settings.assessment_memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICER)
    tempfile.tempdir = str(order.folder)  # so that what is left by a process that is killed goes
    try:
        kind = answer(order)
        outcome: dict[str, Any] = {"status": 200, "media_type": kind}
    except Problem as problem:
        outcome = _refuse(order, problem)
    except Exception as error:  # noqa: BLE001 - told to the service, which logs it
        if isinstance(error, MemoryError) or str(error) == NO_THREAD:
            outcome = _refuse(order, too_much_memory())
        else:
            outcome = {"defect": places(error)}
    _store(order, outcome)


def _end_with_the_service() -> None:
    """Wait for the service's process to end, whatever its end was, and end too."""
    service = parent_process()
    if service is not None:
        connection.wait([service.sentinel])
        os._exit(1)


def _store(order: Order, outcome: dict[str, Any]) -> None:
    aside = order.outcome.with_suffix(".new")
    aside.write_text(json.dumps(outcome), encoding="utf-8")
    aside.rename(order.outcome)


def _refuse(order: Order, problem: Problem) -> dict[str, Any]:
    """Write a problem as the answer; return its outcome."""
    said = document(problem.name, order.language, order.request_id, problem.text, problem.errors)
    order.answer.write_bytes(json_bytes(said))
    return {"status": TITLES[problem.name][0], "media_type": MEDIA_TYPE}


def answer(order: Order) -> str:
    """Compute, and write the answer; return its media type. Raises `Problem`."""
    if order.upload is not None and order.form == "marked":
        return _mark(order, order.upload)
    if order.upload is None:
        result, fields = _of_body(order)
    else:
        result, fields = _of_upload(order, order.upload)
    if order.form == "json":
        explained = explanations.asked_for(result, fields, order)
        answers.write_json(result, order, explained)
        return JSON_TYPE
    try:
        write_workbook(result, order.answer)
    except TooManyRows as error:
        message = Text(
            "结果的行数超过一张工作表所能容纳的行数；请改用 JSON",
            "the result has more rows than a sheet can hold; ask for JSON",
        )
        raise Problem("too-large", message) from error
    return XLSX_TYPE


def _of_body(order: Order) -> tuple[computing.Result, AnyFields]:
    """Compute a JSON body; return the result, and what the body says beside its tables."""
    content = read_json(order.content.read_bytes())
    body, wrong = _read(content, BODIES[order.task])
    del content
    if any(_concerns_rows(each) for each in wrong):
        raise answers.refusal(wrong, 0, order)
    for table in TABLES:
        _check_rows(table.name, len(getattr(body, table.name) or ()), order)
        json_tables.check_members(table.name, getattr(body, table.name) or ())
    policies = "policies" if order.task == "settlement" else "policy"
    wrong += unknown_policies(getattr(body, policies, None), Place(path=(policies,)))
    wrong += json_tables.nested_cells(body)
    frames = json_tables.frames_of(body)
    try:
        if not wrong:
            return computing.of_frames(frames, body), body
        portfolio_of_frames(**frames)
    except InputFaults as error:
        raise answers.refusal_of(error, wrong, order, json_tables.headings_of(body)) from error
    raise answers.refusal(wrong, 0, order)


def _read(
    content: object, model: type[Body | SettlementBody]
) -> tuple[Body | SettlementBody, list[Issue]]:
    """Return a JSON body and what is wrong with its form; what is wrong is as it came."""
    try:
        return model.model_validate(content), []
    except ValidationError as error:
        located = [{**each, "loc": ("body", *each["loc"])} for each in error.errors()]
        members = content if isinstance(content, dict) else {}
        return model.model_construct(**members), wrong_values(located)


def _concerns_rows(wrong: Issue) -> bool:
    """Return whether there are no tables to look at, for lack of rows that are objects."""
    return not wrong.path or wrong.path[0] in {table.name for table in TABLES}


def _of_upload(order: Order, upload: Upload) -> tuple[computing.Result, AnyFields]:
    """Compute an uploaded file; return the result, and what the form says beside it."""
    source = uploads.input_of(order.content, upload.name, order.settings.max_unpacked_bytes)
    fields = upload.fields
    try:
        if fields is not None and not upload.wrong:
            found = computing.of_file(source, fields)
            for name, table in found.digested.items():
                _check_rows(name, table.rows, order)
            return found, fields
        read_portfolio(source)
    except InputFaults as error:
        raise answers.refusal_of(error, upload.wrong, order, {}) from error
    raise answers.refusal(upload.wrong, 0, order)


def _mark(order: Order, upload: Upload) -> str:
    """Write a copy of the uploaded file with its faults marked, which may be none."""
    fields = upload.fields
    if fields is None or upload.wrong:
        raise answers.refusal(upload.wrong, 0, order)
    source = uploads.input_of(order.content, upload.name, order.settings.max_unpacked_bytes)
    faults = Faults()
    try:
        computing.of_file(source, fields)
    except InputFaults as error:
        faults = Faults([answers.without_folder(group, order) for group in error.faults.groups])
    ids = fields.policies if isinstance(fields, SettlementFields) else [fields.policy]
    policies = [load_policy(id_) for id_ in ids]
    most = order.settings.max_faults
    write_marked_copy(source, faults, order.answer, policies, order.language, most)
    return XLSX_TYPE


def _check_rows(table: str, rows: int, order: Order) -> None:
    """Raise the problem of a table with more rows than are allowed."""
    if rows > order.settings.max_rows:
        message = Text(
            "表 {table} 有 {rows} 行，超过允许的 {most} 行",
            "the table {table} has {rows} rows; {most} are allowed",
        )
        raise Problem(
            "too-large", message.fill(table=table, rows=rows, most=order.settings.max_rows)
        )
