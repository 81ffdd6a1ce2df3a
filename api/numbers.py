"""The values that requests bring and answers give: exact, and described in the OpenAPI document.

Amounts and ratios come as JSON numbers or as texts and arrive as `Decimal`, digit for digit; no
float is involved (see `api.bodies`). Answers give them as texts. What a text may look like is
said once: the pattern in the schema is the pattern that is checked.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError
from pydantic_core.core_schema import no_info_plain_validator_function

from compensation.faults.cell_advice import advised
from compensation.faults.cell_faults import MESSAGES, message_of
from compensation.language import Text
from compensation.money import PRINTED_SCALE
from compensation.pydantic_errors import wrong
from compensation.schema.column import Column, ColumnType
from compensation.values.dates import date_of, day_of_iso
from compensation.values.kinds import FIRST_YEAR, LAST_YEAR, Kind
from compensation.values.numbers import COUNT, JSON, TOTAL, YUAN, Measure, units_of_value
from compensation.values.printing import decimal_of

DECIMAL = "decimal"
"""The format of texts that are decimal numbers."""
MAX_DIGITS = 40
"""Digits of a number, and the size of its exponent, up to which it is taken as a number."""

NOT_FINITE = Text("不是有限的数，或超出范围", "not a finite number, or out of range")


class OddNumber:
    """A number that no amount, ratio or count can be: NaN, Infinity, 1e400, a thousand digits.

    It is kept as it was written, so that the fault can show it, and is of no type that a field
    takes.
    """

    __slots__ = ("token",)

    def __init__(self, token: str) -> None:
        self.token = token if len(token) <= MAX_DIGITS else token[:MAX_DIGITS] + "…"

    def __str__(self) -> str:
        return self.token

    __repr__ = __str__


Value = TypeVar("Value")
_NUMBERS = Text(
    "也可以是 JSON 数字，按所写的十进制数精确读取。", "A JSON number is taken, too, exactly."
)
_TEXTS = Text("也可以写成文本。", "A text of it is taken, too.")


@dataclass(frozen=True)
class NumberField:
    """What numbers a field takes, as texts or JSON numbers.

    It stands in the annotation of a type that pydantic checks. `expected`: what it takes, said in
    the OpenAPI document, and of whatever it does not take. `pattern`: that of its texts.
    `example`: of the document. `above`: the kind of fault of a number that is too large.
    """

    measure: Measure
    expected: Text
    pattern: str
    example: Any
    above: str = "too_large"

    @property
    def least(self) -> Decimal:
        """The least number that is taken."""
        return decimal_of(self.measure.least, self.measure.places)

    @property
    def most(self) -> Decimal:
        """The largest number that is taken."""
        return decimal_of(self.measure.largest, self.measure.places)

    def __get_pydantic_core_schema__(self, source: Any, _handler: Any) -> CoreSchema:
        return no_info_plain_validator_function(lambda value: source(self.read(value)))

    def __get_pydantic_json_schema__(self, _schema: Any, _handler: Any) -> dict[str, Any]:
        """Return a text, or, of whole numbers, a JSON number: one type for generated clients.

        A schema cannot say which decimals a JSON number may have: what checks it takes them for
        floats, of which 0.29 is no multiple of 0.01. The description says that the other is taken.
        """
        if self.measure.places:
            pattern, also = f"^{self.pattern}$", _NUMBERS
            schema: dict[str, Any] = {"type": "string", "pattern": pattern, "format": DECIMAL}
        else:
            also = _TEXTS
            schema = {"type": "integer", "minimum": int(self.least), "maximum": int(self.most)}
        zh, en = self.expected
        said = f"{zh}。{also.zh} / {en[0].upper()}{en[1:]}. {also.en}"
        return {**schema, "description": said, "examples": [self.example]}

    def read(self, value: object) -> Decimal:
        """Return the value of a JSON number or text exactly; raises what pydantic reports."""
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal | OddNumber):
            message = Text("不是数字，也不是写成文本的数字", "neither a number nor a text of one")
            raise wrong("not_a_number", message, self.expected)
        if isinstance(value, OddNumber):
            raise self._refusal(Kind.NOT_FINITE, value.token)
        units = units_of_value(value, self.measure, JSON)
        if isinstance(units, Kind):
            raise self._refusal(units, str(value))
        if isinstance(value, str) and re.fullmatch(self.pattern, value) is None:
            message = Text("数字的写法不对", "the number is not written as it should be")
            raise wrong("wrong_form", message, self.expected)
        number = Decimal(value)
        if -number.as_tuple().exponent > self.measure.places:  # type: ignore[operator]
            number = decimal_of(units, self.measure.places)
        return number if number else Decimal(0)

    def _refusal(self, kind: Kind, value: str) -> PydanticCustomError:
        """Return the error of a number that the measure refuses."""
        name = kind.value
        if kind is self.measure.above:
            name, asked = self.above, "out_of_range" if self.most == 1 else self.above
            message = advised(asked, Text("数值过大", "too large a number"), value)
        elif kind is self.measure.below:
            message = MESSAGES[kind]
            if self.least:
                name, message = "too_small", Text("数值过小", "too small a number")
        elif kind is Kind.NOT_FINITE:
            message = NOT_FINITE
        elif kind is self.measure.between:
            name, message = "too_many_decimals", Text("小数位数过多", "too many decimals")
        else:
            name, message = "not_a_number", MESSAGES[Kind.NOT_A_NUMBER]
        return wrong(name, message, self.expected)


YUAN_AMOUNT = NumberField(
    YUAN,
    Text(
        "不小于 0、最多两位小数的金额（元），至多 9999999999999.99",
        "an amount in yuan, 0 or more, with at most two decimals, up to 9999999999999.99",
    ),
    r"(-0(\.0{1,20})?|[0-9]{1,13}(\.[0-9]{1,2}0{0,20})?)",
    "1000000.00",
)
BUDGET = replace(
    YUAN_AMOUNT,
    measure=TOTAL,
    expected=Text(
        "不小于 0、最多两位小数的金额（元）",
        "an amount in yuan, 0 or more, with at most two decimals",
    ),
    pattern=r"(-0(\.0{1,20})?|[0-9]{1,16}(\.[0-9]{1,2}0{0,20})?)",
)
SHARE_OF_ONE = NumberField(
    Measure(6, PRINTED_SCALE),
    Text("0 到 1 之间、最多六位小数的比例", "a share from 0 to 1 with at most six decimals"),
    r"(-0(\.0{1,20})?|0(\.[0-9]{1,6}0{0,20})?|1(\.0{1,20})?)",
    "0.4",
)
PAYOUT_RATE = NumberField(
    Measure(6, 2 * PRINTED_SCALE - 1),
    Text(
        "最多六位小数的比率（1.5% 写作 0.015），不小于 0、小于 2",
        "a ratio of 0 or more and below 2, with at most six decimals (0.015 for 1.5%)",
    ),
    r"(-0(\.0{1,20})?|[01](\.[0-9]{1,6}0{0,20})?)",
    "0.015",
    above="implausible_ratio",
)
GROWTH = NumberField(
    Measure(6, 10 * PRINTED_SCALE - 1, -PRINTED_SCALE),
    Text(
        "最多六位小数的增速（25% 写作 0.25），不小于 -1、小于 10",
        "a growth of -1 or more and below 10, with at most six decimals (0.25 for 25%)",
    ),
    r"(-0(\.[0-9]{1,6}0{0,20})?|-1(\.0{1,20})?|[0-9](\.[0-9]{1,6}0{0,20})?)",
    "0.25",
    above="implausible_ratio",
)
WHOLE = NumberField(
    COUNT,
    Text("不小于 0 的整数", "a whole number, 0 or more"),
    r"[0-9]{1,15}",
    12,
)
YEAR = NumberField(
    Measure(0, LAST_YEAR, FIRST_YEAR),
    Text(f"年份，{FIRST_YEAR} 至 {LAST_YEAR}", f"a year from {FIRST_YEAR} to {LAST_YEAR}"),
    r"(19|20|21)[0-9]{2}",
    2022,
)

ANY_NUMBER = NumberField(
    Measure(6, 10**18 - 1, 1 - 10**18),
    Text(
        "最多十二位整数、六位小数的数（8% 写作 0.08）",
        "a number of at most twelve digits and six decimals (0.08 for 8%)",
    ),
    r"-?[0-9]{1,12}(\.[0-9]{1,6}0{0,20})?",
    "0.08",
)
YEARS_AHEAD = NumberField(
    Measure(0, 20, 1),
    Text("1 至 20 的整数", "a whole number from 1 to 20"),
    r"[1-9]|1[0-9]|20",
    3,
)

AnyNumber = Annotated[Decimal, ANY_NUMBER]
"""An amount, a count or a ratio, of either sign: twelve digits, six decimals."""
YearsAhead = Annotated[int, YEARS_AHEAD]
"""A number of years after a year."""
Yuan = Annotated[Decimal, YUAN_AMOUNT]
"""An amount in yuan: 0 to 9,999,999,999,999.99, whole fen."""
Budget = Annotated[Decimal, BUDGET]
"""What there is to pay out, in yuan; as large as a total may be."""
Share = Annotated[Decimal, SHARE_OF_ONE]
"""A party's share: 0 to 1, whole millionths."""
PayoutRate = Annotated[Decimal, PAYOUT_RATE]
"""A payout rate as a ratio: 0 or more, below 2, six decimals."""
Growth = Annotated[Decimal, GROWTH]
"""A growth given as a ratio: six decimals, from -1, below 10."""
Count = Annotated[Decimal, WHOLE]
"""A number of something: a whole number from 0 to 10^15 - 1, as a Decimal."""
Year = Annotated[int, YEAR]
"""A fiscal year."""

DAY_PATTERN = "(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}"
_DAYS = Column("", "", ColumnType.DATE)
_DAY_EXPECTED = Text(
    f"日期，形如 2022-06-30，{FIRST_YEAR} 至 {LAST_YEAR} 年",
    f"a date such as 2022-06-30, from {FIRST_YEAR} to {LAST_YEAR}",
)


def _day(value: object) -> datetime.date:
    day = day_of_iso(value) if isinstance(value, str) else Kind.NOT_A_DATE
    if isinstance(day, Kind):
        raise wrong(day.value, message_of(day, _DAYS, 1), _DAY_EXPECTED)
    return date_of(day)


Day = Annotated[
    datetime.date,
    BeforeValidator(_day),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date",
            "pattern": f"^{DAY_PATTERN}$",
            "description": "日期，ISO 8601。 / A date, ISO 8601.",
            "examples": ["2022-06-30"],
        }
    ),
]
"""A calendar day, written 2022-06-30."""

YuanText = Annotated[
    str,
    Field(
        pattern=r"^-?[0-9]+\.[0-9]{2}$",
        description="金额，单位：元，两位小数。 / An amount in yuan with two decimals.",
        examples=["204000.00"],
        json_schema_extra={"format": DECIMAL},
    ),
]
"""An amount in an answer."""
RatioText = Annotated[
    str,
    Field(
        pattern=r"^-?[0-9]+\.[0-9]{6}$",
        description="比率，六位小数。 / A ratio with six decimals.",
        examples=["0.200000"],
        json_schema_extra={"format": DECIMAL},
    ),
]
"""A ratio or rate in an answer."""


def parsed(kind: TypeAdapter[Value], value: object) -> Value | None:
    """Return a value as its field parses it; None where it is null, missing or wrong."""
    try:
        return None if value is None else kind.validate_python(value)
    except ValidationError:
        return None
