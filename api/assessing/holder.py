"""The process that holds a ledger for what is asked of it: read and measured once, asked often.

`main` is the entry point. It answers the form that came with the ledger, then what comes through
the pipe, and ends once nothing has come for a while. Nothing is written but what reading needs.
"""

from __future__ import annotations

from functools import partial
from multiprocessing.connection import Connection

from api.assessing import answers, uploads
from api.assessing.held_answers import Held, answer, first_answer, years_asked
from api.assessing.jobs import Asked, Job, Said, Upload
from api.assessing.requests import ComparisonForm
from api.assessing.worker import check_rows, prepare, said
from api.bodies import JSON_TYPE
from api.policies import offer_texts, policy_of_id
from api.problems import json_bytes
from compensation import InputFaults, read_portfolio
from compensation.issues import Place
from compensation.streaming import portfolio_for
from compensation.whatif.measured import measured
from compensation.whatif.variants import vary


def main(job: Job, pipe: Connection) -> None:
    """Read the ledger of a job, answer for the policy as it is, and then what is asked."""
    prepare(job)
    held: list[Held] = []

    def first() -> Said:
        held.append(_read(job))
        return Said(200, JSON_TYPE, json_bytes(first_answer(held[0], job.language)))

    def again(asked: Asked) -> Said:
        content = answer(held[0], asked.question, asked.language)
        return Said(200, JSON_TYPE, json_bytes(content))

    pipe.send(said(first, job.language, job.request_id))
    while held and pipe.poll(job.settings.held_seconds):
        try:
            asked: Asked = pipe.recv()
        except EOFError:
            return
        pipe.send(said(partial(again, asked), asked.language, asked.request_id))


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
