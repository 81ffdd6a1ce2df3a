"""The process that holds a ledger: it is read and measured once, and asked often.

`main` is the entry point. It answers the form that came with the ledger, then what comes through
the pipe (variants, a value, a curve, indicators, later years), and ends once nothing has come for a
while. Nothing is written but what reading needs.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

import pyarrow as pa

from api.assessing import answers, uploads
from api.assessing.jobs import Asked, Job, Said, Upload
from api.assessing.questions import (
    CurveQuestion,
    ForecastQuestion,
    IndicatorsQuestion,
    Question,
    SolveQuestion,
    Variants,
)
from api.assessing.questions import Setting as Given
from api.assessing.requests import ComparisonForm
from api.assessing.worker import check_rows, prepare, said
from api.bodies import JSON_TYPE
from api.policies import offer_texts, policy_of_id
from api.problems import Problem, json_bytes, wrong_values_problem
from compensation import (
    InputFaults,
    Policy,
    PolicyFaults,
    Portfolio,
    Variant,
    curve,
    forecast,
    indicators,
    read_portfolio,
)
from compensation.assessment import budget_fen
from compensation.issues import Issue, Path, Place
from compensation.language import Language, Text
from compensation.outlook.axis import indicators_of
from compensation.policy.kinds import Kind
from compensation.policy.variables import indicator_definition, inferred_kind
from compensation.refusals import Refused
from compensation.streaming import portfolio_for
from compensation.values.dates import years_of_text
from compensation.values.printing import yuan
from compensation.whatif.adjustable import adjustable
from compensation.whatif.compare import SUMS, compared
from compensation.whatif.measured import Measured, measured
from compensation.whatif.solve import Probe, solved, target_of
from compensation.whatif.variants import Setting, vary

MOST_ROWS = {"claims": 200, "forecast_lines": 2000}
"""How many rows of a table an answer lists, where a table may be long; sums count all."""


class Held(NamedTuple):
    """A ledger, and the policy of which variants are asked; `base`: in force in all years."""

    form: ComparisonForm
    portfolio: Portfolio
    ledgers: Measured
    years: tuple[int, ...]
    base: Variant


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


def first_answer(held: Held, language: Language) -> dict[str, Any]:
    """Return the answer for the policy as it is, with what of it can be changed and moved."""
    said = answer(held, Variants(variants=[], budget=held.form.budget), language)
    policy = held.base.policy
    numbers = [
        {
            "path": each.path,
            "value": f"{each.value:f}",
            "kind": each.kind.value,
            "element": each.element._asdict(),
            "label": each.label._asdict(),
        }
        for each in adjustable(policy)
    ]
    return {**said, "numbers": numbers, "indicators": _indicators_of(policy)}


def answer(held: Held, question: Question, language: Language) -> dict[str, Any]:
    """Return the answer to a question; raises `Problem` with all that is wrong with it."""
    try:
        return _ANSWERS[type(question)](held, question, language)
    except InputFaults as error:
        raise wrong_values_problem(list(error.faults)) from error
    except PolicyFaults as error:  # the days of a policy that is to be in force in further years
        raise wrong_values_problem(_issues(error, {}, ())) from error
    except Refused as error:
        raise wrong_values_problem([Issue("refused", error.message, Place(path=()))]) from error


def years_asked(text: str, where: Place) -> tuple[int, ...]:
    """Return the years that a text names; raises `Problem` where they are none."""
    years = years_of_text(text)
    if isinstance(years, tuple):
        return years
    message = Text("年度前后颠倒", "the years are the wrong way round")
    raise wrong_values_problem([Issue("years", message, where, text)])


def _indicators_of(policy: Policy) -> list[dict[str, Any]]:
    """Return the indicators that a curve of the policy can go along."""
    if policy.rules.record != "payout":
        return []
    defined = (indicator_definition(policy.rules, id_) for id_ in indicators_of(policy))
    return [
        {
            "id": each.id,
            "title": each.name.text._asdict(),
            "kind": (inferred_kind(policy.rules, each.value) or Kind.NUMBER).value,
        }
        for each in defined
    ]


def _varied(held: Held, given: Sequence[Given], at: Path) -> Variant:
    """Return the variant of some settings, which stand at a place of the question."""
    settings = [Setting(each.path, each.value) for each in given]
    try:
        return vary(held.base.policy, settings, held.years)
    except PolicyFaults as error:
        own = {each.path: (*at, number, "value") for number, each in enumerate(settings)}
        raise wrong_values_problem(_issues(error, own, at)) from error


def _issues(error: PolicyFaults, places: Mapping[str, Path], at: Path) -> list[Issue]:
    """Return faults of a policy file, each at the place that its key has in the question."""
    return [
        Issue(each.kind, each.message, Place(path=places.get(each.key, at)), each.key)
        for each in error.faults
    ]


def _said(found: Any) -> dict[str, Any]:
    """Return what a result says: its summary, and its tables by name."""
    return {
        "summary": found.summary,
        **{name: _rows(name, table) for name, table in found.tables.items()},
    }


def _rows(name: str, table: pa.Table) -> list[dict[str, Any]]:
    return list(answers.rows_of(table.slice(0, MOST_ROWS.get(name))))


def _variants(held: Held, asked: Variants, _language: Language) -> dict[str, Any]:
    """Compare the policy and its variants."""
    variants, wrong = [held.base], list[Issue]()
    for number, settings in enumerate(asked.variants):
        try:
            variants.append(_varied(held, settings, ("variants", number)))
        except Problem as problem:
            wrong += problem.errors
    if wrong:
        raise wrong_values_problem(wrong)
    named = tuple(v._replace(name=str(n)) for n, v in enumerate(variants))
    budget, _ = budget_fen(asked.budget)
    found = compared(held.ledgers, named, held.years, budget, strict_dates=False)
    return {
        "policy": {"id": held.base.policy.id, "digest": policy_of_id(held.form.policy).digest},
        "years": list(found.years),
        "input_digest": found.measured.digest,
        "variants": [_variant(held, variant, asked.budget) for variant in found.variants],
        **{name: _rows(name, table) for name, table in found.tables.items()},
    }


def _variant(held: Held, variant: Variant, budget: Decimal | None) -> dict[str, Any]:
    """Return a variant: its file, and the command that compares it with the policy."""
    command = ["compensation", "compare", "LEDGER", "--years", held.form.years]
    command += ["--policy", held.form.policy]
    for setting in variant.settings:
        command += ["--set", str(setting)]
    if budget is not None:
        command += ["--budget", f"{budget:f}"]
    return {
        "name": variant.name,
        "digest": variant.policy.digest,
        "settings": [setting._asdict() for setting in variant.settings],
        "policy_file": variant.policy.text,
        "command": shlex.join(command),
    }


def _solved(held: Held, asked: SolveQuestion, _language: Language) -> dict[str, Any]:
    base = _varied(held, asked.settings, ("settings",))
    budget, _ = budget_fen(asked.budget)
    try:
        found = solved(
            held.ledgers,
            base,
            held.years,
            asked.path,
            target_of(asked.target),
            budget,
            asked.low,
            asked.high,
            strict_dates=False,
        )
    except PolicyFaults as error:  # of the path, or else of the target
        raise wrong_values_problem(_issues(error, {asked.path: ("path",)}, ("target",))) from error

    def probe(of: Probe | None) -> dict[str, Any] | None:
        if of is None:
            return None
        amount = found.target.figure in SUMS
        return {"value": f"{of.value:f}", "figure": yuan(of.figure) if amount else str(of.figure)}

    return {
        "summary": found.comparison.summary,
        "path": found.path,
        "met": found.met,
        "found": probe(found.found),
        "below": probe(found.below),
        "above": probe(found.above),
        "monotone": found.monotone,
        "low": f"{found.low:f}",
        "high": f"{found.high:f}",
        "tried": list(map(probe, found.tried)),
    }


def _curve(held: Held, asked: CurveQuestion, language: Language) -> dict[str, Any]:
    varied = _varied(held, asked.settings, ("settings",))
    found = curve(
        held.portfolio,
        varied.policy,
        asked.year,
        asked.along,
        asked.from_,
        asked.to,
        institution=asked.institution,
    )
    return {"summary": found.summary, **answers.drawn(found, language)}


def _indicators(held: Held, asked: IndicatorsQuestion, _language: Language) -> dict[str, Any]:
    text = asked.years
    years = held.years if text is None else years_asked(text, Place(path=("years",)))
    return _said(indicators(held.portfolio, years))


def _forecast(held: Held, asked: ForecastQuestion, _language: Language) -> dict[str, Any]:
    varied = _varied(held, asked.settings, ("settings",))
    found = forecast(
        held.portfolio,
        asked.base_year,
        asked.years,
        asked.growth,
        asked.payout_rate or 0,
        asked.recovery_rate,
        varied.policy,
    )
    return _said(found)


_ANSWERS: Mapping[type[Question], Callable[[Held, Any, Language], dict[str, Any]]] = {
    Variants: _variants,
    SolveQuestion: _solved,
    CurveQuestion: _curve,
    IndicatorsQuestion: _indicators,
    ForecastQuestion: _forecast,
}
