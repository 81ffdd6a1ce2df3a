"""Recomputes the lines of an explanation from what they say, with fractions and nothing else."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from types import CodeType

from compensation.explanation.lines import Line

FEN = Fraction(1, 100)


def half_up(value: Fraction, unit: Fraction = FEN) -> Fraction:
    """Return yuan rounded to the unit, halves up."""
    return math.floor(value / unit + Fraction(1, 2)) * unit


def floor(value: Fraction, unit: Fraction = FEN) -> Fraction:
    """Return yuan cut to the unit."""
    return math.floor(value / unit) * unit


def ceil(value: Fraction, unit: Fraction) -> Fraction:
    """Return yuan raised to the unit."""
    return math.ceil(value / unit) * unit


def ratio(value: Fraction) -> Fraction:
    """Return a ratio rounded to six decimals, halves away from zero."""
    size = Fraction(math.floor(abs(value) * 1_000_000 + Fraction(1, 2)), 1_000_000)
    return -size if value < 0 else size


FUNCTIONS = {
    "half_up": half_up,
    "floor": floor,
    "ceil": ceil,
    "ratio": ratio,
    "min": min,
    "max": max,
    "Fraction": Fraction,
}


def recomputed(lines: Iterable[Line]) -> dict[str, Fraction]:
    """Check every line against the lines above it; return the values by name.

    A line that is given stands for itself. A line with a formula may use only names above it, must
    quote their values, and must come to its own value. One without a value must rest on another
    without one, or divide by 0. Days count as their numbers.
    """
    values: dict[str, Fraction | None] = {}
    for line in lines:
        stated = read(line.value)
        if line.formula:
            for name, quoted in (line.terms or {}).items():
                assert values[name] == read(quoted), (line.name, name)
            assert evaluated(line.formula, {n: values[n] for n in line.terms or {}}) == stated, line
        assert line.name not in values, line.name
        values[line.name] = stated
    return {name: value for name, value in values.items() if value is not None}


def evaluated(formula: str, used: dict[str, Fraction | None]) -> Fraction | None:
    """Return what a formula comes to; None where that is nothing."""
    if None in used.values():
        return None
    source = formula.replace("×", "*").replace("−", "-")
    try:
        return Fraction(eval(_compiled(source), {"__builtins__": {}, **FUNCTIONS, **used}))
    except ZeroDivisionError:
        return None


def read(text: str) -> Fraction | None:
    """Return a value as it is printed: a number, or a day; None for words."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return Fraction(date.fromisoformat(text).toordinal())
    try:
        return Fraction(text)
    except ValueError:
        return None


@functools.cache  # the lines of all claims have the same few formulas
def _compiled(formula: str) -> CodeType:
    # One whole number over another is no binary float either.
    exact = re.sub(r"\b\d+(\.\d+)?\b", r"Fraction('\g<0>')", formula)
    return compile(exact, "<formula>", "eval")
