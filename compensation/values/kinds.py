"""What can be wrong with a value: the kinds of fault, wherever the value is given."""

from __future__ import annotations

from enum import StrEnum

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Years in which a date can lie."""
LONGEST_VALUE = 100
"""Characters of the longest text that can be a number, a date, a boolean or a choice."""


class Kind(StrEnum):
    """The stable names of the faults of a value, in the order in which they are reported."""

    BLANK = "blank"
    DRAFT = "draft"
    TOO_LONG = "too_long"
    NOT_A_NUMBER = "not_a_number"
    MISPLACED_SEPARATOR = "misplaced_separator"
    AMBIGUOUS_AMOUNT = "ambiguous_amount"
    SCIENTIFIC = "scientific"
    NOT_FINITE = "not_finite"
    FLOAT_PRECISION = "float_precision"
    TOO_MANY_DECIMALS = "too_many_decimals"
    NOT_WHOLE = "not_whole"
    NEGATIVE = "negative"
    NOT_POSITIVE = "not_positive"
    TOO_LARGE = "too_large"
    OUT_OF_RANGE = "out_of_range"
    IMPLAUSIBLE_RATE = "implausible_rate"
    NOT_A_DATE = "not_a_date"
    NO_SUCH_DATE = "no_such_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    DAY_MISSING = "day_missing"
    TIME_OF_DAY = "time_of_day"
    BARE_SERIAL = "bare_serial"
    NOT_BOOLEAN = "not_boolean"
    UNKNOWN_CHOICE = "unknown_choice"
    AMBIGUOUS_CHOICE = "ambiguous_choice"
    DATE_IN_TEXT = "date_in_text"
    DIGITS_LOST = "digits_lost"
    NUL = "nul"
    PLACEHOLDER = "placeholder"
