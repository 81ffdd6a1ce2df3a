"""Dates of one case that a series lacks, where its result rests on them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compensation.language import Text
from compensation.one_case.form import Field
from compensation.one_case.reading import Reader
from compensation.policy.model import Operation
from compensation.policy.wording import series_kind
from compensation.rules.gaps import (
    Gaps,
    gaps_of_cases,
    gaps_of_institutions,
    lacking_of,
    readings_of_cases,
    readings_of_institutions,
)
from compensation.rules.quantities import Evaluator
from compensation.rules.rationals import Rationals
from compensation.values.dates import date_of

Paths = Mapping[str, tuple[str, ...]]
"""The path to the figure that gives each column, by the column as policies name it."""


def paths_of(where: str, fields: Iterable[Field]) -> Paths:
    """Return the paths to the members of `where`."""
    return {field.key: (where, field.name) for field in fields}


def check_case(evaluator: Evaluator, where: str, paths: Paths, *, amounts: bool) -> None:
    """Raise `CaseFaults` where a case rests on a date that a series lacks.

    `where`: the figures that a computed date is told of. `amounts`: whether amounts are computed,
    not only conditions and rates.
    """
    readings = readings_of_cases(evaluator.policy.rules, amounts=amounts)
    if lacking := _lacking(evaluator, readings):
        gaps = gaps_of_cases(evaluator, lacking, amounts=amounts)
        _refuse(evaluator, gaps, where, paths)


def check_institution(evaluator: Evaluator, where: str, paths: Paths, *, rates: bool) -> None:
    """Raise `CaseFaults` where an institution's conditions, or its rate, rest on such a date."""
    readings = readings_of_institutions(evaluator.policy.rules, rates=rates)
    if lacking := _lacking(evaluator, readings):
        gaps = gaps_of_institutions(evaluator, lacking, rates=rates)
        _refuse(evaluator, gaps, where, paths)


def _lacking(evaluator: Evaluator, readings: Iterable[Operation]) -> Gaps:
    return lacking_of(evaluator.policy, readings, lambda each: _day(evaluator, each))


def _day(evaluator: Evaluator, reading: Operation) -> Rationals:
    assert reading.on is not None
    return evaluator.compute(reading.on).values


def _refuse(evaluator: Evaluator, gaps: Gaps, where: str, paths: Paths) -> None:
    reader = Reader()
    for reading in gaps:
        series = evaluator.policy.series[reading.series or ""]
        message = NO_VALUE.fill(kind=series_kind(series), series=series.id)
        expected = EXPECTED.fill(first=series.first, last=series.checked_until)
        path = paths.get(reading.on, (where,)) if isinstance(reading.on, str) else (where,)
        day = int(_day(evaluator, reading).numerator[0])
        reader.fault("series_gap", path, message, expected, date_of(day))
    reader.finish()


NO_VALUE = Text("{kind} {series} 没有当日的值", "{kind} {series} has no value for that day")
EXPECTED = Text("{first} 至 {last}", "{first} to {last}")
