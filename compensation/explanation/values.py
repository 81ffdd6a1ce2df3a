"""Values as explanations print them: amounts in yuan, ratios, days, choices by their names."""

from __future__ import annotations

import functools
import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

import numpy as np

from compensation.language import Language, Text, day, same
from compensation.money import PRINTED_SCALE, RATIO_SCALE, printed_ratio
from compensation.policy.value_words import times
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import table
from compensation.values.dates import date_of
from compensation.values.exact import EXACT, plain
from compensation.values.printing import YES_NO, decimal_of, percent, ratio, yuan

_RATIO = re.compile(r"(?<![\d.])-?\d+\.\d{6}(?!\d)")
_DAY = re.compile(r"(?<![\d-])\d{4}-\d{2}-\d{2}(?![\d-])")


def ratios_in(text: str) -> list[Decimal]:
    """Return the ratios in a text as this module prints them."""
    return [Decimal(found) for found in _RATIO.findall(text)]


def natural(text: str, language: Language, *, multiple: bool = False) -> str:
    """Return a text with its values as people read them: a ratio as a percentage, a day in Chinese.

    The values are those of this module. A ratio keeps its six decimals, which tell it from a limit.
    `multiple`: its ratios are multiples: 10 倍, not 1000%.

    >>> natural("≥ 0.150000, 0.799996 since 2022-08-30", "zh")
    '≥ 15%, 79.9996% since 2022年8月30日'
    """
    # Most texts of conditions have no day, and many no ratio: a look for either takes longer.
    if "." in text:
        said = (lambda value: times(value).get(language)) if multiple else percent
        text = _RATIO.sub(lambda found: said(Decimal(found[0])), text)
    if "-" in text:
        text = _DAY.sub(lambda found: _day_in_words(found[0], language), text)
    return text


def _day_in_words(text: str, language: Language) -> str:
    try:
        return day(date.fromisoformat(text)).get(language)
    except ValueError:  # an id that looks like a day
        return text


def printed(variable: Variable, row: int) -> Text | None:
    """Return the value of a row as people read it; None where it is blank or undefined."""
    if not variable.known[row]:
        return None
    number = int(variable.numerator[row])
    if variable.denominator is not None:
        if variable.type is not None:
            return same(_average(variable, row))
        return same(ratio(_millionths(number, int(variable.denominator[row]))))
    if variable.words:
        word = variable.words[number] or ""
        return _word(word, variable.type)
    return (
        same(units(number, variable.type))
        if variable.type is not ColumnType.BOOLEAN
        else YES_NO[number]
    )


RATIO_DECIMALS = 6
"""By these `natural` knows a ratio, so no other value has as many: one that had has a zero more."""
MOST_DECIMALS = 12
LEAST_DECIMALS: dict[ColumnType | None, int] = {ColumnType.MONEY: 2, None: 6}
"""How many decimals an amount or a ratio has at least; a number has none."""


def exact(variable: Variable, row: int) -> str | None:
    """Return a fraction as a decimal if it is one of few digits, else as numerator/denominator.

    None where it is blank or undefined.
    """
    if not variable.known[row]:
        return None
    assert variable.denominator is not None
    value = Fraction(int(variable.numerator[row]), int(variable.denominator[row]))
    for decimals in range(LEAST_DECIMALS.get(variable.type, 0), MOST_DECIMALS + 1):
        scaled = value * 10**decimals
        if scaled.denominator == 1 and not (decimals == RATIO_DECIMALS and variable.type):
            return f"{Decimal(scaled.numerator).scaleb(-decimals, EXACT):f}"
    return f"{value.numerator}/{value.denominator}"


def mere_number(value: Decimal) -> str:
    """Return a number that is no percentage."""
    text = plain(value)
    return f"{text}0" if len(text.partition(".")[2]) == RATIO_DECIMALS else text


def _millionths(numerator: int, denominator: int) -> int:
    """Return a ratio as it is printed; one that was given in millionths is as it was given."""
    if denominator == PRINTED_SCALE:
        return numerator
    return int(printed_ratio(np.array([numerator]), np.array([denominator]))[0])


def _average(variable: Variable, row: int) -> str:
    """Return an amount in yuan, with the half fen that it may have, else half up to the fen.

    A number that is not whole is printed exactly.
    """
    if variable.type is not ColumnType.MONEY:
        return exact(variable, row) or ""
    assert variable.denominator is not None
    fen = Fraction(int(variable.numerator[row]), int(variable.denominator[row]))
    size, unit = abs(fen.numerator), fen.denominator
    if unit == 2:
        return f"{'-' if fen < 0 else ''}{yuan(size // unit)}5"
    nearest = (2 * size + unit) // (2 * unit)
    return yuan(-nearest if fen < 0 else nearest)


def _word(word: str, kind: ColumnType | None) -> Text:
    """Return a text as it is, and a choice by its name."""
    return choice(word) if kind is ColumnType.CHOICE else same(word)


@functools.cache
def choice(value: str) -> Text:
    """Return the name of a choice; a word that is none stands for itself."""
    for column in (*table("contracts").columns, *table("claims").columns):
        for choice in column.choices:
            if choice.value == value:
                return choice.name
    return same(value)


def units(number: int, kind: ColumnType | None) -> str:
    """Return a limit or a value in natural units; a ratio limit (kind None) has four decimals."""
    if kind is ColumnType.MONEY:
        return yuan(number)
    if kind is ColumnType.SHARE:
        return ratio(number)
    if kind is ColumnType.DECIMAL:
        return plain(decimal_of(number, 4))
    if kind is ColumnType.DATE:
        return date_of(number).isoformat()
    if kind is None:
        return ratio(number * (1_000_000 // RATIO_SCALE))
    return str(number)
