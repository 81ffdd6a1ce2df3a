"""The process that holds a ledger for what is asked of it: read and measured once, asked often.

`main` is the entry point. It answers the form that came with the ledger, then what comes through
the pipe, and ends once nothing has come for a while. Nothing is written but what reading needs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection

from api.assessing import answers, uploads
from api.assessing.held_answers import Held, answer, first_answer, years_asked
from api.assessing.jobs import Asked, Job, Said, Upload, too_much_memory
from api.assessing.requests import ComparisonForm
from api.assessing.worker import check_rows, prepare
from api.logs import places
from api.policies import offer_texts, policy_of_id
from api.problems import MEDIA_TYPE, TITLES, Problem, document, json_bytes
from compensation import InputFaults, read_portfolio
from compensation.issues import Place
from compensation.language import Language
from compensation.memory import lacks_memory
from compensation.streaming import portfolio_for
from compensation.whatif.measured import measured
from compensation.whatif.variants import vary


def main(job: Job, pipe: Connection) -> None:
    """Read the ledger of a job, answer for the policy as it is, and then what is asked."""
    prepare(job)
    held: list[Held] = []

    def first() -> bytes:
        held.append(_read(job))
        return json_bytes(first_answer(held[0], job.language))

    def again(asked: Asked) -> bytes:
        return json_bytes(answer(held[0], asked.question, asked.language))

    pipe.send(_said(first, job.language, job.request_id))
    while held and pipe.poll(job.settings.held_seconds):
        try:
            asked: Asked = pipe.recv()
        except EOFError:
            return
        pipe.send(_said(partial(again, asked), asked.language, asked.request_id))


def _said(answer: Callable[[], bytes], language: Language, request_id: str) -> Said:
    """Return what an answer comes to: its content, or the problem that it raises."""
    try:
        return Said(200, "application/json", answer())
    except Problem as problem:
        found = problem
    except Exception as error:  # noqa: BLE001 - reported to the service, which logs it
        if not lacks_memory(error):
            return Said(500, "", b"", places(error))
        found = too_much_memory()
    said = document(found.name, language, request_id, found.text, found.errors)
    return Said(TITLES[found.name][0], MEDIA_TYPE, json_bytes(said))


def _read(job: Job) -> Held:
    """Read and check the uploaded ledger; raises `Problem` with everything that is wrong."""
    offer_texts(job.policies)
    upload = job.upload
    assert isinstance(upload, Upload)
    source = uploads.input_of(job.content, upload.name, job.settings.max_unpacked_bytes)
    form = upload.fields
    try:
        if not isinstance(form, ComparisonForm) or upload.wrong:
            read_portfolio(source)
            raise answers.refusal(upload.wrong, 0, job)
        policy = policy_of_id(form.policy)
        portfolio = portfolio_for(source, [policy])
        for name in portfolio.tables:
            check_rows(name, portfolio.rows(name), job)
        years = years_asked(form.years, Place(parameter="years"))
        base = vary(policy, [], years)
        ledgers, faults = measured(portfolio, [base.policy], years, strict_dates=False)
        if faults:
            raise InputFaults(faults)
        return Held(form, portfolio, ledgers, years, base)
    except InputFaults as error:
        raise answers.refusal_of(error, upload.wrong, job, {}) from error
