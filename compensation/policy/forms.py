"""What single values of a policy file may be: told to pydantic, without importing it.

`Form`, `Checked` and `Kinds` stand in the annotations of the model. pydantic asks them for a schema
when it comes to validate a file; until then they only say what is meant.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, LiteralString

from compensation.money import RATIO_SCALE
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


def _refusal(kind: LiteralString, message: LiteralString) -> Exception:
    from pydantic_core import PydanticCustomError

    return PydanticCustomError(kind, message)


def _number(value: object) -> Decimal:
    """Take integers and decimals as the file writes them; never text, a truth value, inf or nan."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise _refusal("number", "a number is expected")
    wrong = units_of_value(value, _NUMBER)
    if wrong is Kind.TOO_MANY_DECIMALS:
        raise _refusal("number_decimals", "a number has at most six decimals")
    if isinstance(wrong, Kind):
        raise _refusal("number_size", "a number up to 10^16 is expected")
    return Decimal(value)


def _rate(value: object) -> Decimal:
    """Take a rate: from 0 to 1, at most four decimals."""
    number = _number(value)
    wrong = units_of_value(number, _RATE)
    if wrong is Kind.TOO_MANY_DECIMALS:
        raise _refusal("rate_decimals", "a rate has at most four decimals")
    if isinstance(wrong, Kind):
        raise _refusal("rate_range", "a rate lies between 0 and 1")
    return number


def _day(value: object) -> datetime.date:
    """Take a date of the file; never a text, a number, or a date with a time of day."""
    if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
        raise _refusal("day", "a date is expected, unquoted")
    return value


def _format(value: object) -> int:
    """Take the version of the format: the integer 2."""
    if isinstance(value, bool) or not isinstance(value, int) or value != 2:
        raise _refusal("format", "the version of the format is 2")
    return value


def _series_format(value: object) -> int:
    """Take the version of the format of a series file: the integer 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value != 1:
        raise _refusal("series_format", "the version of the format of series is 1")
    return value


def _given(value: object) -> bool:
    """Take only `true`: a column that must be blank is nothing a policy says."""
    if value is not True:
        raise _refusal("given", "`given` is true or left out")
    return True


Identifier = Annotated[str, Form(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
Words = Annotated[str, Form(strip_whitespace=True, min_length=1)]
Flag = Annotated[bool, Form(strict=True)]
Whole = Annotated[int, Form(strict=True)]
Format = Annotated[Literal[2], Checked(_format)]
SeriesFormat = Annotated[Literal[1], Checked(_series_format)]
Given = Annotated[Literal[True], Checked(_given)]
Day = Annotated[datetime.date, Checked(_day)]
Number = Annotated[Decimal, Checked(_number)]
Rate = Annotated[Decimal, Checked(_rate)]
