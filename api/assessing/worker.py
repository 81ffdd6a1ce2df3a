"""The worker process: computes one assessment or settlement and writes the answer.

`main` is the entry point. The process ends with the service, and its memory is limited.
"""

from __future__ import annotations

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

try:
    import resource
except ImportError:  # pragma: no cover - on Windows: there, memory is not limited
    resource = None  # type: ignore[assignment]

from api.assessing import answers, json_tables, uploads
from api.assessing.answers import Result
from api.assessing.jobs import XLSX_TYPE, AnyBody, AnyFields, Job, Said, Upload
from api.assessing.records import compared, other_file
from api.assessing.requests import (
    DifferenceForm,
    SettlementFields,
    VerificationForm,
)
from api.bodies import JSON_TYPE, read_json
from api.logs import places
from api.policies import offer_texts, policy_of_id
from api.problems import (
    MEDIA_TYPE,
    TITLES,
    Problem,
    document,
    json_bytes,
    too_much_memory,
    wrong_values,
)
from compensation import (
    Assessment,
    InputFaults,
    Policy,
    Settlement,
    TooManyRows,
    assess_files,
    assess_frames,
    portfolio_of_frames,
    read_portfolio,
    read_reviews,
    settle_files,
    settle_frames,
    write_workbook,
)
from compensation.faults.input_faults import Faults
from compensation.issues import Issue, Place, shortened
from compensation.language import Language, Text
from compensation.ledger.reviews import Reviews
from compensation.memory import lacks_memory
from compensation.report.marked_copy import write_marked_copy
from compensation.schema.dictionary import TABLES

MOST_INSTITUTIONS_EXPLAINED = 100
"""Institutions of an assessment that are explained."""
NICER = 5
"""How much the priority of computing is below that of answering."""


def prepare(job: Job) -> None:
    """Make this a worker process: it ends with the service, and its memory is limited."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a stop of the service lets us finish
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_the_service, daemon=True).start()
    if resource is not None:
        most = job.settings.assessment_memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.nice(NICER)
    tempfile.tempdir = str(job.folder)  # removed with the folder, even if the process is killed


def main(job: Job, pipe: connection.Connection) -> None:
    """Compute a job; the answer is written into the job's folder, or a problem comes as it is."""
    prepare(job)
    pipe.send(said(lambda: Said(200, answer(job), b""), job.language, job.request_id))


def said(answered: Callable[[], Said], language: Language, request_id: str) -> Said:
    """Return an answer, the problem that it raises, or where a failure of ours lies."""
    try:
        return answered()
    except Problem as problem:
        found = problem
    except Exception as error:  # noqa: BLE001 - reported to the service, which logs it
        if not lacks_memory(error):
            return Said(500, "", b"", places(error))
        found = too_much_memory()
    content = document(found.name, language, request_id, found.text, found.errors)
    return Said(TITLES[found.name][0], MEDIA_TYPE, json_bytes(content))


def _end_with_the_service() -> None:
    """Exit as soon as the service's process has ended, for whatever reason."""
    service = parent_process()
    if service is not None:
        connection.wait([service.sentinel])
        os._exit(1)


def answer(job: Job) -> str:
    """Compute, and write the answer; return its media type. Raises `Problem`."""
    offer_texts(job.policies)
    if job.upload is not None and job.form == "marked":
        return _mark(job, job.upload)
    if job.upload is not None and job.model in (VerificationForm, DifferenceForm):
        job.answer.write_bytes(json_bytes(compared(job, job.upload)))
        return JSON_TYPE
    if job.upload is None:
        result, fields = _of_body(job, cast("type[AnyBody]", job.model))
    else:
        result, fields = _of_upload(job, job.upload)
    if job.form == "json":
        explained = _explanations(result, fields, job)
        answers.write_json(result, job, explained)
        return JSON_TYPE
    try:
        write_workbook(result, job.answer)
    except TooManyRows as error:
        message = Text(
            "结果的行数超过一张工作表所能容纳的行数；请改用 JSON",
            "the result has more rows than a sheet can hold; ask for JSON",
        )
        raise Problem("too-large", message) from error
    return XLSX_TYPE


def _of_body(job: Job, model: type[AnyBody]) -> tuple[Result, AnyFields]:
    """Compute a JSON body; return the result, and the fields of the body."""
    content = read_json(job.content.read_bytes())
    wrong: list[Issue] = []
    try:
        body = model.model_validate(content)
    except ValidationError as error:
        wrong = wrong_values(error.errors(), "body")
        # What is wrong stays in the body as it was sent.
        body = model.model_construct(**(content if isinstance(content, dict) else {}))
    del content
    tables = {table.name for table in TABLES}
    if any(not each.path or each.path[0] in tables for each in wrong):  # they cannot be read
        raise answers.refusal(wrong, 0, job)
    for table in TABLES:
        check_rows(table.name, len(getattr(body, table.name) or ()), job)
        json_tables.check_members(table.name, getattr(body, table.name) or ())
    wrong += json_tables.nested_cells(body)
    frames = json_tables.frames_of(body)
    try:
        if not wrong:
            return _of_frames(frames, body), body
        portfolio_of_frames(**frames)
    except InputFaults as error:
        raise answers.refusal_of(error, wrong, job, json_tables.headings_of(body)) from error
    raise answers.refusal(wrong, 0, job)


def _of_upload(job: Job, upload: Upload) -> tuple[Result, AnyFields]:
    """Compute an uploaded file; return the result, and the fields of the form."""
    source = uploads.input_of(job.content, upload.name, job.settings.max_unpacked_bytes)
    fields = upload.fields
    assert fields is None or isinstance(fields, AnyFields)
    try:
        if fields is not None and not upload.wrong:
            found = _of_file(source, fields, _reviews(job, upload))
            for name, table in found.digested.items():
                check_rows(name, table.rows, job)
            return found, fields
        read_portfolio(source)
    except InputFaults as error:
        raise answers.refusal_of(error, upload.wrong, job, {}) from error
    raise answers.refusal(upload.wrong, 0, job)


def _mark(job: Job, upload: Upload) -> str:
    """Write a copy of the uploaded file with its faults marked, which may be none."""
    fields = upload.fields
    if fields is None or upload.wrong:
        raise answers.refusal(upload.wrong, 0, job)
    assert isinstance(fields, AnyFields)
    source = uploads.input_of(job.content, upload.name, job.settings.max_unpacked_bytes)
    faults = Faults()
    try:
        _of_file(source, fields, None)
    except InputFaults as error:
        faults = Faults([answers.without_folder(group, job) for group in error.faults.groups])
    most = job.settings.max_faults
    write_marked_copy(source, faults, job.answer, _policies(fields), job.language, most)
    return XLSX_TYPE


def check_rows(table: str, rows: int, job: Job) -> None:
    """Raise the problem of a table with more rows than are allowed."""
    if rows > job.settings.max_rows:
        message = Text(
            "表 {table} 有 {rows} 行，超过允许的 {most} 行",
            "the table {table} has {rows} rows; {most} are allowed",
        )
        raise Problem("too-large", message.fill(table=table, rows=rows, most=job.settings.max_rows))


def _policies(fields: AnyFields) -> list[Policy]:
    """Return the policies that are named, one of an assessment."""
    ids = fields.policies if isinstance(fields, SettlementFields) else [fields.policy]
    return list(map(policy_of_id, ids))


def _reviews(job: Job, upload: Upload) -> Reviews | None:
    """Return the decisions of a review sheet, if one came; raises `Problem`."""
    sheet = other_file(job, upload, "reviews")
    if sheet is None:
        return None
    try:
        return read_reviews(sheet)
    except InputFaults as error:
        raise answers.refusal_of(error, upload.wrong, job, {}, "reviews") from error


def _of_file(source: Path, fields: AnyFields, reviews: Reviews | None) -> Result:
    """Compute the files of an input; raises `InputFaults`."""
    policies = _policies(fields)
    if isinstance(fields, SettlementFields):
        return settle_files(source, policies, fields.to, fields.from_, fields.budget)
    return assess_files(
        source, policies[0], fields.year, fields.budget, as_of=fields.as_of, reviews=reviews
    )


def _of_frames(frames: Mapping[str, Any], fields: AnyFields) -> Result:
    """Compute tables that are in memory; raises `InputFaults`."""
    policies = _policies(fields)
    if isinstance(fields, SettlementFields):
        return settle_frames(frames, policies, fields.to, fields.from_, fields.budget)
    return assess_frames(frames, policies[0], fields.year, fields.budget, as_of=fields.as_of)


def _explanations(result: Result, fields: AnyFields, job: Job) -> dict[str, Any]:
    """Return the explanations that the request asks for, by the name that the answer has for them.

    Where it asks for institutions and names none, the first ones are explained. Raises `Problem`
    where it names a claim or an institution that the result does not have.
    """
    found: dict[str, Any] = {}
    if isinstance(fields, SettlementFields):
        name, member, ids = "explanations", "explain", fields.explain
    else:
        name, member, ids = "claim_explanations", "explain_claims", fields.explain_claims
        named = fields.explain_institutions
        if isinstance(result, Assessment) and (fields.explain or named):
            all_ids = result.tables["institutions"]["institution_id"]
            asked = named or all_ids[:MOST_INSTITUTIONS_EXPLAINED].to_pylist()
            found["explanations"] = [
                {**each.as_dict(job.language), "institution_name": each.name}
                for each in _found(
                    result.explain_institution, "explain_institutions", asked, _NO_INSTITUTION, job
                )
            ]
    if ids and isinstance(result, Settlement):
        of_years = _found(result.explain_years, member, ids, _NO_CLAIM, job)
        found[name] = [each.as_dict(job.language) for years in of_years for each in years]
    elif ids:
        explained = _found(result.explain, member, ids, _NO_CLAIM, job)
        found[name] = [each.as_dict(job.language) for each in explained]
    return found


_NO_CLAIM = Issue(
    "unknown_claim",
    Text("本次计算的代偿中没有这一笔", "this run has no such claim"),
    expected=Text("台账中的代偿编号", "the id of a claim of the ledger"),
)
_NO_INSTITUTION = Issue(
    "unknown_institution",
    Text("本次计算的机构中没有这一家", "this run has no such institution"),
    expected=Text("台账中的机构代码", "the id of an institution of the ledger"),
)


def _found(
    explain: Callable[[str], Any], member: str, ids: list[str], unknown: Issue, job: Job
) -> list[Any]:
    """Return the explanations of the ids that a member of the request lists.

    Raises `Problem` with ``unknown`` for each id that the run does not have.
    """
    explained, wrong = [], []
    for place, id_ in enumerate(ids):
        try:
            explained.append(explain(id_))
        except KeyError:
            where = Place(path=(member, place)) if job.upload is None else Place(parameter=member)
            wrong.append(replace(unknown, where=where, value=shortened(id_)))
    if wrong:
        raise answers.refusal(wrong, 0, job)
    return explained
