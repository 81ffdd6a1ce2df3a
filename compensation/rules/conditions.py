"""Whether institutions, claims and contracts pass the tests that a policy names.

A test is evaluated on whole columns, exactly: a ratio is compared by cross-multiplication, a text
by looking at each distinct word once (at places as `policy.places` does). A blank or undefined
value passes no test. The outcome keeps the values and the limits, so that an explanation shows what
was compared.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.ledger.choices import BORROWER_TYPES
from compensation.ledger.column import ColumnType
from compensation.ledger.portfolio import NO_DAY
from compensation.money import FEN_PER_YUAN, PRINTED_SCALE, RATIO_SCALE, compare
from compensation.policy.model import DatedLimit, Limit, Series, SeriesLimit, Test
from compensation.policy.places import begins_in_any
from compensation.policy.series import day_number, value_on

INSTITUTION = "institution"
"""The subject of the test that the institution meets its own conditions."""


class Subject(NamedTuple):
    """What is tested, one value a row, in the units of its type.

    `numerator` alone where `denominator` is None (fen, millionths, days, a count, a place in
    `words`, 0 or 1), else a ratio. `known`: neither blank nor undefined. `type`
    is None for a ratio indicator.
    """

    numerator: Integers
    known: Flags
    denominator: Integers | None = None
    type: ColumnType | None = None
    words: tuple[str | None, ...] = ()


def take(subject: Subject, rows: Integers) -> Subject:
    """Return the subject's values at ``rows``."""
    denominator = None if subject.denominator is None else subject.denominator[rows]
    return Subject(
        subject.numerator[rows], subject.known[rows], denominator, subject.type, subject.words
    )


class Bound(NamedTuple):
    """One limit: `operator` as in the file, and the limit of each row in the subject's units."""

    operator: str
    limit: Integers
    known: Flags


class Outcome(NamedTuple):
    """What a test gave: (rows,) passed or not, the subject and the limits; `parts` of an `any`."""

    test: Test
    passed: Flags
    subject: Subject | None = None
    bounds: tuple[Bound, ...] = ()
    parts: tuple[Outcome, ...] = ()


Subjects = Mapping[str, Subject]
"""Subjects by name: ``contracts.loan_rate``, ``indicator.payout_rate``, ``institution``."""

COMPARISONS: Mapping[str, Callable[[Integers], Flags]] = {
    "at_least": lambda sign: sign >= 0,
    "above": lambda sign: sign > 0,
    "at_most": lambda sign: sign <= 0,
    "below": lambda sign: sign < 0,
}
"""Each operator by the sign of value − limit."""


def subject_name(test: Test) -> str:
    """Return the name under which a test's subject is found in `Subjects`."""
    if test.column is not None:
        return test.column
    return f"indicator.{test.indicator}" if test.indicator is not None else INSTITUTION


def subjects_of(test: Test) -> set[str]:
    """Return the names of all subjects that a test and its limits look at."""
    if test.any is not None:
        return set().union(*map(subjects_of, test.any))
    names = {subject_name(test)}
    if test.of is not None:
        names.add(test.of)
    for _, limit in limits_of(test):
        if isinstance(limit, SeriesLimit | DatedLimit):
            names.add(limit.on)
        if isinstance(limit, SeriesLimit) and limit.term is not None:
            names.add(limit.term)
    return names


@functools.lru_cache(maxsize=1024)
def limits_of(test: Test) -> tuple[tuple[str, Limit], ...]:
    """Return the limits that a test names, each with its operator."""
    limits = ((operator, getattr(test, operator)) for operator in COMPARISONS)
    return tuple((operator, limit) for operator, limit in limits if limit is not None)


def all_hold(outcomes: Sequence[Outcome], rows: int) -> Flags:
    """Return which rows pass every test; all do where there is none."""
    if not outcomes:
        return np.ones(rows, dtype=np.bool_)
    passed = outcomes[0].passed
    for outcome in outcomes[1:]:
        passed = passed & outcome.passed
    return passed


def evaluate(
    test: Test,
    subjects: Subjects,
    series: Mapping[str, Series],
    effective: tuple[int, int],
) -> Outcome:
    """Evaluate one test on every row.

    `series`: the reference series by id. `effective`: first and last day that the policy covers
    (`NO_DAY` where no end is given), for `within`. The rows are those of the subjects; all must
    have the same number.
    """
    if test.any is not None:
        parts = tuple(evaluate(part, subjects, series, effective) for part in test.any)
        passed = np.logical_or.reduce([part.passed for part in parts])
        return Outcome(test, passed, parts=parts)
    subject = subjects[subject_name(test)]
    passed = subject.known
    bounds = _bounds(test, subject, subjects, series, effective)
    for bound in bounds:
        passed = passed & bound.known & COMPARISONS[bound.operator](_sign(subject, bound.limit))
    if test.is_ is not None:
        passed = passed & (subject.numerator == int(test.is_))
    if test.institution is not None:
        passed = passed & (subject.numerator == 1)
    if test.one_of is not None:
        accepted = with_group_members(test.one_of)
        passed = passed & _by_word(subject, lambda word: word in accepted)
    if test.starts_with is not None:
        beginnings = test.starts_with
        passed = passed & _by_word(subject, lambda word: begins_in_any(word, beginnings))
    return Outcome(test, passed, subject, bounds)


def _sign(subject: Subject, limit: Integers) -> Integers:
    if subject.denominator is None:
        sign: Integers = np.sign(subject.numerator - limit)
        return sign
    scale = RATIO_SCALE if subject.type is None else 1
    return compare(subject.numerator, subject.denominator, limit, scale)


def _bounds(
    test: Test,
    subject: Subject,
    subjects: Subjects,
    series: Mapping[str, Series],
    effective: tuple[int, int],
) -> tuple[Bound, ...]:
    rows = len(subject.numerator)
    bounds = [
        Bound(operator, *_limit(limit, subject.type, rows, subjects, series))
        for operator, limit in limits_of(test)
    ]
    if test.within is not None:
        bounds.append(Bound("at_least", *_same_for_all(effective[0], rows)))
        if effective[1] != NO_DAY:
            bounds.append(Bound("at_most", *_same_for_all(effective[1], rows)))
    if test.within_days is not None and test.of is not None:
        counted_from = subjects[test.of]
        latest = counted_from.numerator + test.within_days
        bounds.append(Bound("at_most", latest, counted_from.known))
    return tuple(bounds)


def _limit(
    limit: Limit,
    type_: ColumnType | None,
    rows: int,
    subjects: Subjects,
    series: Mapping[str, Series],
) -> tuple[Integers, Flags]:
    """Return a limit for each row, in the subject's units, and whether there is one."""
    if isinstance(limit, Decimal | datetime.date):
        return _same_for_all(in_units(limit, type_), rows)
    if isinstance(limit, SeriesLimit):
        day = subjects[limit.on]
        term = subjects[limit.term] if limit.term is not None else None
        months = None if term is None else term.numerator
        values, outside = value_on(series[limit.series], day.numerator, months)
        known = day.known & ~outside
        if term is not None:
            known = known & term.known
        return values + in_units(limit.plus, ColumnType.SHARE), known
    day = subjects[limit.on]
    since = np.array([day_number(value.from_) for value in limit.values], dtype=np.int64)
    values = np.array([in_units(v.value, type_) for v in limit.values], dtype=np.int64)
    place = np.searchsorted(since, day.numerator, side="right") - 1
    return values[np.maximum(place, 0)], day.known & (place >= 0)


def _same_for_all(limit: int, rows: int) -> tuple[Integers, Flags]:
    """Return one limit for every row; that of a single row, which cases ask for, is kept."""
    return _for_one_row(limit) if rows == 1 else _column(limit, rows)


def _column(limit: int, rows: int) -> tuple[Integers, Flags]:
    return np.full(rows, limit, dtype=np.int64), np.ones(rows, dtype=np.bool_)


@functools.lru_cache(maxsize=1024)
def _for_one_row(limit: int) -> tuple[Integers, Flags]:
    values, sure = _column(limit, 1)
    values.flags.writeable = sure.flags.writeable = False
    return values, sure


_SCALES = {
    ColumnType.MONEY: FEN_PER_YUAN,
    ColumnType.SHARE: PRINTED_SCALE,
    ColumnType.COUNT: 1,
    None: RATIO_SCALE,
}


@functools.lru_cache(maxsize=4096)
def in_units(limit: Decimal | datetime.date, type_: ColumnType | None) -> int:
    """Return a limit of the file in the units that the subject is held in."""
    return int(limit * _SCALES[type_]) if isinstance(limit, Decimal) else day_number(limit)


def with_group_members(values: Sequence[str]) -> frozenset[str]:
    """Return the values, a borrower group among them replaced by its types."""
    return _with_group_members(tuple(values))


@functools.lru_cache(maxsize=256)
def _with_group_members(values: tuple[str, ...]) -> frozenset[str]:
    members = (choice.value for choice in BORROWER_TYPES if choice.group in values)
    return frozenset(values).union(members)


def _by_word(subject: Subject, accepts: Callable[[str], bool]) -> Flags:
    """Ask each distinct word once; `numerator` holds places in `words`."""
    if not subject.words:
        return np.zeros(len(subject.numerator), dtype=np.bool_)
    accepted = np.array([word is not None and accepts(word) for word in subject.words])
    return accepted[subject.numerator]
