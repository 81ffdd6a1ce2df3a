"""What single values of a policy file may be: told to pydantic, without importing it.

`Form`, `Checked` and `Kinds` stand in the annotations of the model. pydantic asks them for a schema
when it comes to validate a file; until then they only say what is meant.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal

from compensation.language import Text
from compensation.money import PRINTED_SCALE, RATIO_SCALE
from compensation.pydantic_errors import wrong
from compensation.values.exact import plain
from compensation.values.kinds import Kind
from compensation.values.numbers import Measure, units_of_value

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class Form:
    """Limits of pydantic's own, such as ``min_length``."""

    def __init__(self, **limits: object) -> None:
        self.limits = limits

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return {**handler(source), **self.limits}


class Checked:
    """A function that a value goes through first; it returns the value or refuses it."""

    def __init__(self, check: Callable[[object], object]) -> None:
        self.check = check

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self.check, handler(source))


class Kinds:
    """Several kinds of value, of which `kind_of` names the one that is meant.

    `name`: what the OpenAPI document calls them.
    """

    def __init__(
        self, kinds: Mapping[str, Any], kind_of: Callable[[object], str], name: str
    ) -> None:
        self.kinds: Mapping[str, Any] = kinds
        self.kind_of: Callable[[object], str] = kind_of
        self.name: str = name

    def __get_pydantic_core_schema__(
        self, _source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        choices = {name: handler.generate_schema(kind) for name, kind in self.kinds.items()}
        named = {"pydantic_js_updates": {"title": self.name}}
        return core_schema.tagged_union_schema(choices, self.kind_of, metadata=named)


_NUMBER = Measure(6, 10**22, -(10**22))
"""Up to 10^16: totals of amounts stay below it, in yuan."""
_RATE = Measure(4, RATIO_SCALE)
_SHARE = Measure(6, PRINTED_SCALE)


_NUMBER_NEEDED = Text("要写数，不加引号", "a number is expected, unquoted")
_SIZE = Text("数太大，或不是有限的数", "too large, or no finite number")
_DECIMALS = Text("最多六位小数", "at most six decimals")
_RATE_RANGE = Text(
    "比例要在 0 和 1 之间；超过 100% 的写在基数中：times 一个大于 1 的数；"
    "扣减的写 minus = [0, 0.1]",
    "a rate lies between 0 and 1; more than 100% is said of the base: `times` a number; "
    "what is taken off is minus = [0, 0.1]",
)
_RATE_DECIMALS = Text("比例最多四位小数", "a rate has at most four decimals")
_DAY = Text("要写日期，不加引号，如 2022-01-01", "a date is expected, unquoted, as 2022-01-01")
_MONTH_DAY = Text(
    '写月和日，如 "11-01"；日为 01 至 28。公历年度（自 1 月 1 日起）不用写',
    'a month and a day, as "11-01", the day from 01 to 28; years from 1 January go without saying',
)
_FORMAT = Text("格式版本为 2", "the version of the format is 2")
_SERIES_FORMAT = Text("序列文件的格式版本为 1", "the version of the format of a series file is 1")
_GIVEN = Text("given 只能写 true，或者不写", "given is true or left out")


def _percents(number: Decimal) -> Text:
    """Return what to say of a rate that is a number of percents."""
    return Text(
        "比例要在 0 和 1 之间：{percent}% 写 {rate}",
        "a rate lies between 0 and 1: {percent}% is written {rate}",
    ).fill(percent=plain(number), rate=plain(number.scaleb(-2)))


def _number(value: object) -> Decimal:
    """Take integers and decimals as the file writes them; never text, a truth value, inf or nan."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise wrong("not_a_number", _NUMBER_NEEDED)
    refused = units_of_value(value, _NUMBER)
    if refused is Kind.TOO_MANY_DECIMALS:
        raise wrong("too_many_decimals", _DECIMALS)
    if isinstance(refused, Kind):
        raise wrong("too_large", _SIZE)
    return Decimal(value)


def _rate(value: object) -> Decimal:
    """Take a rate: from 0 to 1, at most four decimals."""
    return _part(value, _RATE)


def _share(value: object) -> Decimal:
    """Take a share: from 0 to 1, at most six decimals, as those of a ledger have."""
    return _part(value, _SHARE)


def _part(value: object, measure: Measure) -> Decimal:
    number = _number(value)
    refused = units_of_value(number, measure)
    if refused is Kind.TOO_MANY_DECIMALS:
        raise wrong("too_many_decimals", _RATE_DECIMALS)
    if isinstance(refused, Kind):
        percents = 2 <= number <= 100 and not number % Decimal("0.01")
        raise wrong("out_of_range", _percents(number) if percents else _RATE_RANGE)
    return number


def _day(value: object) -> datetime.date:
    """Take a date of the file; never a text, a number, or a date with a time of day."""
    if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
        raise wrong("not_a_date", _DAY)
    return value


def _month_day(value: object) -> str:
    """Take a month and a day that every year has, but for the first of January."""
    if not isinstance(value, str) or not re.fullmatch(r"(0[1-9]|1[0-2])-([01]\d|2[0-8])", value):
        raise wrong("month_day", _MONTH_DAY)
    if value.endswith("-00") or value == "01-01":
        raise wrong("month_day", _MONTH_DAY)
    return value


def _format(value: object) -> int:
    """Take the version of the format: the integer 2."""
    if isinstance(value, bool) or not isinstance(value, int) or value != 2:
        raise wrong("format", _FORMAT)
    return value


def _series_format(value: object) -> int:
    """Take the version of the format of a series file: the integer 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value != 1:
        raise wrong("format", _SERIES_FORMAT)
    return value


def _given(value: object) -> bool:
    """Take only `true`: a column that must be blank is nothing a policy says."""
    if value is not True:
        raise wrong("given", _GIVEN)
    return True


Identifier = Annotated[str, Form(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
Words = Annotated[str, Form(strip_whitespace=True, min_length=1)]
Flag = Annotated[bool, Form(strict=True)]
Whole = Annotated[int, Form(strict=True)]
Format = Annotated[Literal[2], Checked(_format)]
SeriesFormat = Annotated[Literal[1], Checked(_series_format)]
Given = Annotated[Literal[True], Checked(_given)]
Day = Annotated[datetime.date, Checked(_day)]
MonthDay = Annotated[str, Checked(_month_day)]
Number = Annotated[Decimal, Checked(_number)]
Rate = Annotated[Decimal, Checked(_rate)]
Share = Annotated[Decimal, Checked(_share)]
