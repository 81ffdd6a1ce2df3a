"""Numbers: amounts, counts and shares, exactly.

All three are whole numbers of some small unit: fen, ones, millionths. A value is a fault unless it
is such a whole number; nothing is ever rounded to one.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from compensation.money import MAX_FEN, MAX_TOTAL_FEN, PRINTED_SCALE
from compensation.values.characters import half_width
from compensation.values.exact import EXACT, shown
from compensation.values.kinds import LONGEST_VALUE, Kind
from compensation.values.written_amounts import NUMBER, yuan_of_text

NO_LIMIT = 10**300
"""More than any number that is read where nothing is too large."""
MAX_COUNT = 10**15 - 1
"""The largest count: what a spreadsheet can hold digit for digit."""


class Forms(NamedTuple):
    """How a number may be written, beside its digits with or without decimals.

    `minus`: -5. `plus`: +5. `groups`: 1,234.50. `open`: .5 and 5. `words`: what the measure may
    name (¥5, 500万元, 壹佰万元整, 40%, 12人), and full-width characters.
    """

    minus: bool = False
    plus: bool = False
    groups: bool = False
    open: bool = False
    words: bool = False


CELL = Forms(minus=True, plus=True, groups=True, open=True, words=True)
"""What a text may look like in a ledger and in a call from Python."""
OPTION = Forms(groups=True)
"""What it may look like on the command line."""
JSON = Forms(minus=True)
"""What it may look like in a JSON body or the form of an upload."""


class Measure(NamedTuple):
    """What a number counts in: units of 10^-places of what is written, ``least`` to ``largest``.

    In columns the largest is below 10^15: such numbers fit an int64, and a float shows all their
    digits. The kinds name the fault of a number below the least, above the largest, or between two
    units. `currency`, `percent`, `heads`: whether a text may name money, a percentage, what it
    counts. `two_ways`: whether 19.000 is refused, which may be 19 or 19,000.
    """

    places: int
    largest: int
    least: int = 0
    below: Kind = Kind.NEGATIVE
    above: Kind = Kind.TOO_LARGE
    between: Kind = Kind.TOO_MANY_DECIMALS
    currency: bool = False
    percent: bool = False
    heads: bool = False
    two_ways: bool = False


YUAN = Measure(2, MAX_FEN, currency=True, two_ways=True)
TOTAL = YUAN._replace(largest=MAX_TOTAL_FEN)
"""A budget may be as large as a total."""
COUNT = Measure(0, MAX_COUNT, between=Kind.NOT_WHOLE, heads=True)
DECIMAL = Measure(4, MAX_COUNT)
"""A number such as a score; a percent sign would make another number of it, and is refused."""
SHARE = Measure(6, PRINTED_SCALE, below=Kind.OUT_OF_RANGE, above=Kind.OUT_OF_RANGE, percent=True)


def decimals_of(unit: int) -> int:
    """Return how many decimals a unit of money has beyond those of yuan: 4 for 万元."""
    return len(str(unit)) - 1


@lru_cache(maxsize=64)
def in_units(unit: int) -> Measure:
    """Return how an amount is measured that is in units of ``unit`` yuan, a power of ten."""
    return YUAN._replace(places=YUAN.places + decimals_of(unit), two_ways=unit == 1)


def units_of(value: Decimal, measure: Measure) -> int | Kind:
    """Return the number of units, exactly, or what is wrong with it.

    >>> units_of(Decimal("100.0000"), YUAN), units_of(Decimal("100.005"), YUAN).value
    (10000, 'too_many_decimals')
    """
    if not value.is_finite():
        return Kind.NOT_FINITE
    scaled = EXACT.scaleb(value, measure.places)
    if scaled < measure.least:
        return measure.below
    if scaled > measure.largest:
        return measure.above
    units = int(scaled)
    return units if scaled == units else measure.between


def units_of_number(value: float | Decimal, measure: Measure) -> int | Kind:
    """Return the units of a numeric cell; a float stands for the decimal that it shows."""
    return units_of(shown(value) if isinstance(value, float) else Decimal(value), measure)


def units_of_value(value: object, measure: Measure, forms: Forms = CELL) -> int | Kind:
    """Return the units of what a program gives: a text, a Decimal or an integer, but no float."""
    if isinstance(value, str):
        text = value.strip() if forms.words else value
        return units_of_text(text, measure, forms)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return units_of(Decimal(value), measure)
    return Kind.NOT_A_NUMBER


_HEADS = "([0-9,]+) *(?:人|户|家|名|个月)"
_SEPARATED = r"[+-]?,*[0-9][0-9,]*(?:\.[0-9,]*)?"
_SCIENTIFIC = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"
_TWO_WAYS = re.compile(
    r"(?:¥\s*)?[1-9][0-9]{0,2}\.[0-9]{2}0(?:\s*元)?|0[0-9]+|0[0-9]{2}\.[0-9]*", re.ASCII
)
"""19.000 is 19 yuan, or 19,000 where a point separates thousands. 000 and 000.00 are no amounts
that people write: they may be the end of 19,000.00, cut at its comma, or a field of fixed width."""
_NOT_FINITE = "(?ai)[+-]?(?:nan|inf|infinity)"


def units_of_text(text: str, measure: Measure, forms: Forms = CELL) -> int | Kind:
    """Return the units of a trimmed text, or what is wrong with it; `forms`: what it may look like.

    >>> units_of_text("¥1,234.5", YUAN), units_of_text("40%", SHARE), units_of_text("1E3", COUNT)
    (123450, 400000, <Kind.SCIENTIFIC: 'scientific'>)
    >>> units_of_text("1,234.5", YUAN, OPTION), units_of_text("1,234.5", YUAN, JSON).value
    (123450, 'not_a_number')
    """
    if len(text) > LONGEST_VALUE:
        return Kind.TOO_LONG
    words = forms.words
    if words:
        text = half_width(text)
    if measure.two_ways and forms.groups and _TWO_WAYS.fullmatch(text):
        return Kind.AMBIGUOUS_AMOUNT
    percent = words and measure.percent and text.endswith("%")
    if percent:
        text = text[:-1].rstrip()
    if words and measure.currency and text.startswith("¥"):
        text = text[1:].lstrip()
    heads = re.fullmatch(_HEADS, text) if words and measure.heads else None
    if heads is not None:
        text = heads[1]
    number = NUMBER.fullmatch(text)
    if number is not None and _may_be_written(number[1], number[2], forms):
        value = Decimal(number[1] + number[2].replace(",", ""))
        return units_of(EXACT.scaleb(value, -2) if percent else value, measure)
    if not words:
        return Kind.NOT_A_NUMBER
    return _units_of_words(text, measure) if measure.currency else _no_number(text)


def _may_be_written(sign: str, digits: str, forms: Forms) -> bool:
    """Return whether a number is written in no other ways than it may be."""
    return (
        (forms.minus or sign != "-")
        and (forms.plus or sign != "+")
        and (forms.groups or "," not in digits)
        and (forms.open or "." not in (digits[0], digits[-1]))
    )


def _units_of_words(text: str, measure: Measure) -> int | Kind:
    """Return the units of an amount that is more than a number: 500万元, 壹佰万元整."""
    yuan = yuan_of_text(text, 10 ** (measure.places - YUAN.places))
    if yuan is Kind.NOT_A_NUMBER:
        return _no_number(text)
    return yuan if isinstance(yuan, Kind) else units_of(yuan, _in_yuan(measure))


@lru_cache(maxsize=64)
def _in_yuan(measure: Measure) -> Measure:
    """Return the measure of a text that names yuan, whatever the column is in."""
    return measure._replace(places=YUAN.places)


def _no_number(text: str) -> Kind:
    """Return what is wrong with a text that is no number."""
    if re.fullmatch(_NOT_FINITE, text):
        return Kind.NOT_FINITE
    if re.fullmatch(_SCIENTIFIC, text):
        return Kind.SCIENTIFIC
    if re.fullmatch(_SEPARATED, text):
        return Kind.MISPLACED_SEPARATOR
    return Kind.NOT_A_NUMBER
