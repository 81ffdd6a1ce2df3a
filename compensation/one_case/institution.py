"""One institution, judged from its amounts and counts, or from ratios, of a year."""

from __future__ import annotations

import functools
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from compensation.engine.input_variables import indicator_variable, year_variables
from compensation.engine.measures_needed import REPORTED_INDICATORS
from compensation.engine.needed_columns import in_words
from compensation.explanation.conditions import condition_lines
from compensation.explanation.institution import InstitutionExplanation, Judged
from compensation.explanation.institution import explain_row as explain_institution
from compensation.explanation.lines import ConditionLine
from compensation.explanation.values import printed
from compensation.issues import NO_TEXT, Path
from compensation.language import Language, Text, day
from compensation.money import PRINTED_SCALE
from compensation.one_case.faults import CaseFaults, refusing_too_large
from compensation.one_case.form import Figure, Form, form_of
from compensation.one_case.reading import (
    BLANK,
    KNOWN,
    MISSING,
    UNKNOWN,
    Reader,
    Value,
    column_of,
    variable_of,
)
from compensation.one_case.series_gaps import check_institution, paths_of
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.quantities import INDICATOR_PREFIX, Measure
from compensation.policy.variables import most_like
from compensation.results import assumptions
from compensation.rules.conditions import effective_days
from compensation.rules.decision import judge, rates_of
from compensation.rules.indicators import Ratio, average, year_ends
from compensation.rules.quantities import Evaluator
from compensation.rules.variables import Variable
from compensation.schema.column import NUMBERS
from compensation.values.printing import ratio_of

HERE = "institution"
"""The argument that holds the figures of an institution."""
KEPT = 128
"""How many institutions are kept as they were read and judged; each takes some 20 kB."""
FIRST_YEAR, LAST_YEAR = 1900, 2199
YEAR = Text(f"{FIRST_YEAR} 至 {LAST_YEAR} 的年份", f"a year from {FIRST_YEAR} to {LAST_YEAR}")


@dataclass(frozen=True, eq=False)
class JudgedInstitution:
    """What one institution came to.

    `reasons`: the ids of the conditions not met, in the policy's order. `tier`: the number of its
    tier, from 1, and `rate`: what claims are compensated at; None where it is not eligible, or the
    rate is not the institution's own. `conditions`: each with what is missing. `explanation`: these
    with the indicators and the next tier.

    >>> figures = {"government_backed": True, "small_agri_share": "0.92", "payout_rate": "0.015"}
    >>> figures |= {"balance_growth": "0.25", "borrower_growth": "0.21"}
    >>> judge_institution("jiyuan-2022", figures | {"payout_rate": "0.06"}).reasons
    ('payout_rate',)
    """

    policy: Policy
    eligible: bool
    reasons: tuple[str, ...]
    tier: int | None
    rate: Decimal | None
    judged: Judged = field(repr=False)
    named: tuple[str | None, str | None] = field(repr=False)

    @cached_property
    def conditions(self) -> tuple[ConditionLine, ...]:
        """Each condition of the policy for institutions, in its order, and what is missing."""
        wanted, judged = self.policy.rules.institution_conditions, self.judged
        outcomes = judged.verdicts.conditions
        return condition_lines(self.policy, wanted, outcomes, 0, judged.only_ratios)

    @cached_property
    def explanation(self) -> InstitutionExplanation:
        """Its conditions, its indicators, and what the next tier takes."""
        tested = {
            name: variable
            for name, variable in self.judged.indicators.items()
            if name in REPORTED_INDICATORS or form_of(self.policy).figures[name].users
        }
        others = {n: s for n, s in self.judged.indicators.items() if n not in tested}
        judged = self.judged._replace(indicators=tested)
        return explain_institution(judged, 0, self.named, others, lambda _: ())

    @property
    def assumptions(self) -> tuple[dict[str, str], ...]:
        """What the judgement relies on that the policy's text leaves open."""
        return said_assumptions(self.policy)

    def as_dict(self, language: Language = "zh") -> dict[str, Any]:
        """Return the judgement and its explanation for JSON."""
        said = self.explanation.as_dict(language)
        return {
            "eligible": self.eligible,
            "reasons": list(self.reasons),
            "tier": self.tier,
            "rate": said["rate"],
            "why": said["why"],
            "conditions": said["conditions"],
            "next_tier": said["next_tier"],
            "indicators": [*said["indicators"], *said["information"]],
            "policy": {"id": self.policy.id, "digest": self.policy.digest},
            "assumptions": in_language(self.assumptions, language),
        }


@refusing_too_large()
def judge_institution(
    policy: str | os.PathLike[str] | Policy,
    institution: Mapping[str, Value],
    year: int | None = None,
) -> JudgedInstitution:
    """Judge one institution from its figures of a year.

    `institution`: by name, columns of the institutions table (``government_backed``) and the
    amounts and counts of the contract's section 3 (``opening_balance``, …), or the ratios
    themselves (``balance_growth``, …; None is undefined); yuan, never a float. With amounts, what
    is missing to a limit is said in yuan or borrowers. `year`: needed only where the policy has
    limits that change by date.
    Raises `CaseFaults` with every fault; `PolicyFaults` where the policy is wrong.

    >>> figures = {"government_backed": True, "small_agri_share": "0.92", "payout_rate": "0.015"}
    >>> figures |= {"balance_growth": "0.25", "borrower_growth": "0.21"}
    >>> judge_institution("jiyuan-2022", figures).rate
    Decimal('0.200000')
    """
    return judged_institution(*read_alone(load_policy(policy), institution, year))


def read_alone(
    policy: Policy, institution: Mapping[str, Value], year: int | None
) -> tuple[Form, Figures, int | None]:
    """Return what `judged_institution` takes of an institution; raises `CaseFaults`."""
    form, reader = form_of(policy), Reader()
    end = year_end(form, year, reader, needed=form.by_year)
    figures = read_institution(form, institution, reader)
    reader.finish()
    return form, figures, end


@dataclass(frozen=True, eq=False)
class Figures:
    """The figures of one institution, as the columns of one row that tests look at."""

    variables: Mapping[str, Variable]
    indicators: Mapping[str, Variable]
    only_ratios: frozenset[str]
    named: tuple[str | None, str | None]


def figures_of(form: Form, institution: Mapping[str, Value], reader: Reader) -> Figures | None:
    """Read the figures of an institution; None where something is wrong, which the reader keeps.

    They are the same for all claims of its year, so those that were read last are kept.
    """
    given = tuple((name, type(value), value) for name, value in institution.items())
    try:
        hash(given)
    except TypeError:  # what is no value of a figure, such as a list
        return read_institution(form, institution, reader)
    try:
        return _figures_kept(form, given)
    except CaseFaults as error:
        reader.faults += error.faults
        return None


@functools.lru_cache(maxsize=KEPT)
def _figures_kept(form: Form, given: tuple[tuple[str, type[Value], Value], ...]) -> Figures:
    """Read figures; the type stands beside each value because True is 1 for a cache."""
    reader = Reader()
    figures = read_institution(form, {name: value for name, _, value in given}, reader)
    reader.finish()
    return figures


@functools.lru_cache(maxsize=KEPT)
def judged_institution(form: Form, figures: Figures, end: int | None) -> JudgedInstitution:
    """Judge figures that have been read; ``end``: the last day of the year, if it matters."""
    policy = form.policy
    variables = figures.variables
    if end is not None:
        variables = {**variables, **year_variables(*form.ends(end))}
    paths = paths_of(HERE, form.columns.values())
    rates = form.rate_is_institutions
    check_institution(Evaluator(policy, variables, 1), HERE, paths, rates=rates)
    verdicts = judge(policy, variables, 1)
    eligible = bool(verdicts.eligible[0])
    tier = int(verdicts.tier[0])
    rate = None
    if eligible and tier >= 0:
        rate = ratio_of(rates_of(policy, verdicts.tier, variables)[0])
    reasons = tuple(
        condition.id
        for condition, outcome in zip(
            policy.rules.institution_conditions, verdicts.conditions, strict=True
        )
        if not outcome.passed[0]
    )
    judged = Judged(policy, figures.indicators, variables, verdicts, figures.only_ratios)
    number = tier + 1 if rate is not None else None
    return JudgedInstitution(policy, eligible, reasons, number, rate, judged, figures.named)


def year_end(form: Form, year: int | None, reader: Reader, *, needed: bool) -> int | None:
    """Return the last day of a year that the policy covers; None where it is not given, or wrong.

    `needed`: whether it must be given.
    """
    if year is None:
        if needed:
            reader.fault("missing", ("year",), MISSING, YEAR)
        return None
    if type(year) is not int or not FIRST_YEAR <= year <= LAST_YEAR:
        reader.fault("year_out_of_range", ("year",), Text("不是年份", "not a year"), YEAR, year)
        return None
    first, last = year_ends(year, form.policy.rules.trigger.year_begins)
    begins, ends = effective_days(form.policy)
    if last < begins or first >= ends:
        effective = form.policy.rules.effective
        message = Text(
            "政策 {policy} 不适用于该年度", "policy {policy} is not in force in that year"
        ).fill(policy=form.policy.id)
        expected = Text("{first}至{last}", "{first} to {last}").fill(
            first=day(effective.from_),
            last=day(effective.to) if effective.to else Text("（未规定）", "no end given"),
        )
        reader.fault("year_not_covered", ("year",), message, expected, year)
    return last


def read_institution(form: Form, institution: Mapping[str, Value], reader: Reader) -> Figures:
    """Read the figures of an institution; what is wrong is kept by the reader."""
    given: dict[str, Variable] = {}
    variables: dict[str, Variable] = {}
    named: dict[str, str | None] = {}
    for name, value in institution.items():
        path = (HERE, name)
        if name in form.figures:
            variable = _given(form.figures[name], value, path, reader)
            if variable is not None:
                given[name] = variable
        elif name in form.columns:
            column = form.columns[name]
            read = reader.cell(column.column, value, path)
            if read is None and value in (None, "") and not column.may_be_blank:
                reader.fault("blank", path, BLANK, column.column.expected)
            variables[column.key] = variable_of(column.column, read, column.words)
            if isinstance(read, str):
                named[column.key] = read
        else:
            unknown_member(reader, path, (*form.figures, *form.columns))
    for column in form.columns.values():
        if column.needed and column.name not in institution:
            missing_member(reader, form.policy, (HERE, column.name), column.users)
    indicators: dict[str, Variable] = {}
    only_ratios = set()
    for figure in form.figures.values():
        variable = _figure(form, figure, given, institution, reader)
        if variable is not None:
            indicators[figure.name] = variable
            if figure.column is None and not figure.amounts_given(given):
                only_ratios.add(figure.name)
    variables |= {INDICATOR_PREFIX + name: variable for name, variable in indicators.items()}
    called = (named.get("institutions.institution_id"), named.get("institutions.institution_name"))
    return Figures(variables, indicators, frozenset(only_ratios), called)


def _given(figure: Figure, value: Value, path: Path, reader: Reader) -> Variable | None:
    """Return a figure that is given itself; None where it is wrong."""
    if figure.column is None:
        if value is None:
            return Variable(column_of(0), UNKNOWN, column_of(0), None)
        units = reader.ratio(value, path, figure.least, figure.most, figure.plausible)
        if units is None:
            return None
        return Variable(column_of(units), KNOWN, column_of(PRINTED_SCALE), None)
    if figure.column.type not in NUMBERS:
        words = tuple(choice.value for choice in figure.column.choices)
        return variable_of(figure.column, reader.cell(figure.column, value, path), words)
    if value is None:
        reader.fault("blank", path, BLANK, figure.column.expected)
        return None
    read = reader.cell(figure.column, value, path)
    return None if read is None else variable_of(figure.column, read, ())


def _figure(
    form: Form,
    figure: Figure,
    given: Mapping[str, Variable],
    institution: Mapping[str, Value],
    reader: Reader,
) -> Variable | None:
    """Return an indicator: computed from its amounts where they are given, else given itself."""
    itself = given.get(figure.name)
    if not figure.amounts_given(given):
        if figure.users and figure.name not in institution:
            _missing(form, figure, institution, reader)
        return itself
    computed = _computed(figure, given)
    path = (HERE, figure.name)
    if itself is not None and printed(itself, 0) != printed(computed, 0):
        message = Text("与由 {amounts} 算出的不一致", "is not what follows from {amounts}").fill(
            amounts="、".join(figure.amounts)
        )
        shown = printed(computed, 0)
        reader.fault("contradiction", path, message, shown or NO_TEXT, institution[figure.name])
    if figure.column is None and figure.most <= 1:
        part, whole = (given[name].numerator[0] for name in (figure.part[0], figure.whole[0]))
        if part > whole:
            message = Text("部分大于总额", "the part is more than the whole")
            expected = Text("不超过 {whole}", "at most {whole}").fill(whole=figure.whole[0])
            path = (HERE, figure.part[0])
            reader.fault("part_above_whole", path, message, expected, institution[path[-1]])
    return computed


def _computed(figure: Figure, given: Mapping[str, Variable]) -> Variable:
    def measured(measure: Measure) -> Ratio:
        made_of = figure.made_of
        assert made_of is not None
        names = figure.part if measure == made_of.numerator else figure.whole
        amounts = [given[name].numerator for name in names]
        return average(*amounts) if len(amounts) == 2 else Ratio(amounts[0], column_of(1))

    computed = indicator_variable(figure.definition, measured)
    assert computed is not None
    return computed


def _missing(form: Form, figure: Figure, institution: Mapping[str, Value], reader: Reader) -> None:
    """Keep what is missing of an indicator: the amounts where there are any, else itself."""
    amounts = figure.amounts
    if any(name in form.figures and form.figures[name].column for name in institution) and amounts:
        for name in amounts:
            path = (HERE, name)
            if name not in institution and all(fault.path != path for fault in reader.faults):
                missing_member(reader, form.policy, path, figure.users)
        return
    expected = NO_TEXT
    if amounts:
        expected = Text("这一比率，或 {amounts}", "the ratio itself, or {amounts}").fill(
            amounts="、".join(amounts)
        )
    missing_member(reader, form.policy, (HERE, figure.name), figure.users, expected)


def missing_member(
    reader: Reader,
    policy: Policy,
    path: Path,
    users: tuple[str, ...],
    expected: Text = NO_TEXT,
) -> None:
    """Keep that a figure is missing, and what of the policy looks at it."""
    if not users:
        reader.fault("missing", path, MISSING, expected)
        return
    message = Text(
        "缺少这一项，政策 {policy} 的{users}要用到",
        "this member is missing; policy {policy} ({users}) looks at it",
    ).fill(policy=policy.id, users=in_words(policy, users))
    reader.fault("missing", path, message, expected)


def unknown_member(reader: Reader, path: Path, known: tuple[str, ...]) -> None:
    """Keep that a name is none of those that may be given."""
    message = Text("没有这一项{nearest}", "there is no such member{nearest}")
    nearest = most_like(str(path[-1]), known)
    reader.fault("unknown_member", path, message.fill(nearest=nearest))


@functools.lru_cache(maxsize=64)
def said_assumptions(policy: Policy) -> tuple[dict[str, str], ...]:
    """Return the policy's assumptions, budget aside, as the summary of a portfolio lists them."""
    return tuple(
        {
            "id": citation.id,
            "clause": citation.cited.clause,
            "note": citation.cited.said.zh,
            "note_en": citation.cited.said.en,
        }
        for citation in assumptions(policy, budget=False)
    )


def in_language(
    assumptions: tuple[dict[str, str], ...], language: Language
) -> list[dict[str, str]]:
    """Return assumptions with their notes in one language."""
    return [
        {
            "id": each["id"],
            "clause": each["clause"],
            "note": Text(each["note"], each["note_en"]).get(language),
        }
        for each in assumptions
    ]
