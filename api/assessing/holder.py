"""The process that holds a ledger for variants of a policy: read and measured once, asked often.

`main` is the entry point. It answers the form that came with the ledger, then what comes through
the pipe, and ends once nothing has come for a while. Nothing is written but what reading needs.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from api.assessing import answers, uploads
from api.assessing.jobs import Asked, Job, Said, Upload, too_much_memory
from api.assessing.requests import ComparisonForm, Variants
from api.assessing.worker import check_rows, prepare
from api.logs import places
from api.policies import offer_texts, policy_of_id
from api.problems import MEDIA_TYPE, TITLES, Problem, document, json_bytes, wrong_values_problem
from compensation import InputFaults, PolicyFaults, Variant, read_portfolio
from compensation.assessment import budget_fen
from compensation.issues import Issue, Place
from compensation.language import Language, Text
from compensation.memory import lacks_memory
from compensation.parts import portfolio_for
from compensation.values.dates import years_of_text
from compensation.whatif.adjustable import adjustable
from compensation.whatif.compare import Comparison, compared
from compensation.whatif.measured import Measured, measured
from compensation.whatif.variants import Setting, vary

MOST_CLAIMS = 200
"""How many claims that come out otherwise an answer lists; the totals count all."""


class _Held(NamedTuple):
    """A ledger, and the policy of which variants are asked; `base`: in force in all years."""

    form: ComparisonForm
    ledgers: Measured
    years: tuple[int, ...]
    base: Variant


def main(job: Job, pipe: Connection) -> None:
    """Read the ledger of a job, answer for the policy as it is, and then for its variants."""
    prepare(job)
    held: list[_Held] = []

    def first() -> bytes:
        held.append(_read(job))
        return _answer(held[0], Variants(variants=[], budget=held[0].form.budget), whole=True)

    def again(asked: Asked) -> bytes:
        return _answer(held[0], asked.variants)

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


def _read(job: Job) -> _Held:
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
        years = years_of_text(form.years)
        if not isinstance(years, tuple):
            raise answers.refusal([_wrong_years(form.years)], 0, job)
        base = vary(policy, [], years)
        ledgers, faults = measured(portfolio, [base.policy], years, strict_dates=False)
        if faults:
            raise InputFaults(faults)
        return _Held(form, ledgers, years, base)
    except InputFaults as error:
        raise answers.refusal_of(error, upload.wrong, job, {}) from error


def _wrong_years(text: str) -> Issue:
    message = Text("年度前后颠倒", "the years are the wrong way round")
    return Issue("years", message, Place(parameter="years"), text)


def _answer(held: _Held, asked: Variants, *, whole: bool = False) -> bytes:
    """Return the comparison of the policy and its variants; `whole`: also what can be changed."""
    variants = [held.base]
    wrong: list[Issue] = []
    for number, settings in enumerate(asked.variants):
        chosen = [Setting(each.path, each.value) for each in settings]
        try:
            variants.append(vary(held.base.policy, chosen, held.years))
        except PolicyFaults as error:
            wrong += _issues(error, number, chosen)
    budget, _ = budget_fen(asked.budget)
    if wrong:
        raise wrong_values_problem(wrong)
    try:
        named = tuple(v._replace(name=str(n)) for n, v in enumerate(variants))
        found = compared(held.ledgers, named, held.years, budget, strict_dates=False)
    except InputFaults as error:
        raise wrong_values_problem(list(error.faults)) from error
    said = _content(held, found, asked.budget)
    if whole:
        said["numbers"] = [
            {
                "path": each.path,
                "value": f"{each.value:f}",
                "kind": each.kind.value,
                "element": each.element._asdict(),
                "label": each.label._asdict(),
            }
            for each in adjustable(held.base.policy)
        ]
    return json_bytes(said)


def _issues(error: PolicyFaults, number: int, settings: Sequence[Setting]) -> list[Issue]:
    """Return the faults of a variant's file, at the settings whose paths they name."""
    paths = [setting.path for setting in settings]
    return [
        Issue(
            fault.kind,
            fault.message,
            Place(
                path=("variants", number, paths.index(fault.key), "value")
                if fault.key in paths
                else ("variants", number)
            ),
            fault.key,
        )
        for fault in error.faults
    ]


def _content(held: _Held, found: Comparison, budget: Decimal | None) -> dict[str, Any]:
    tables = {
        name: list(answers.rows_of(table.slice(0, MOST_CLAIMS if name == "claims" else None)))
        for name, table in found.tables.items()
    }
    return {
        "policy": {"id": held.base.policy.id, "digest": policy_of_id(held.form.policy).digest},
        "years": list(found.years),
        "input_digest": found.measured.digest,
        "variants": [
            {
                "name": variant.name,
                "digest": variant.policy.digest,
                "settings": [setting._asdict() for setting in variant.settings],
                "policy_file": variant.policy.text,
                "command": _command(held, variant, budget),
            }
            for variant in found.variants
        ],
        **tables,
    }


def _command(held: _Held, variant: Variant, budget: Decimal | None) -> str:
    """Return the command that gives the same comparison of the policy and a variant."""
    parts = ["compensation", "compare", "LEDGER", "--years", held.form.years]
    parts += ["--policy", held.form.policy]
    for setting in variant.settings:
        parts += ["--set", str(setting)]
    if budget is not None:
        parts += ["--budget", f"{budget:f}"]
    return shlex.join(parts)
