"""The values of a case: from Decimal, int, date and text to the units of the dictionary.

What a text means is what it means in a ledger; a binary float is refused, since whoever calls from
a program can give the decimal itself.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np

from compensation.columns import Flags, Integers
from compensation.faults.cell_advice import advised
from compensation.faults.cell_faults import message_of
from compensation.issues import NO_TEXT, Issue, Path, Place, shortened
from compensation.language import Text
from compensation.ledger.portfolio import NO_DAY
from compensation.money import PRINTED_SCALE
from compensation.one_case.faults import CaseFaults
from compensation.rules.variables import Variable
from compensation.schema.choices import places_of
from compensation.schema.column import Column, ColumnType
from compensation.schema.measures import measure_of
from compensation.values.characters import half_width
from compensation.values.choices import place_of_text
from compensation.values.dates import day_of_value
from compensation.values.kinds import Kind
from compensation.values.numbers import SHARE, units_of_value

Value = Decimal | int | str | bool | datetime.date | None
"""What a figure of a case may be given as; None is blank, of a ratio undefined."""

MAX_RATIO = 10**9
"""The largest indicator that may be given as a ratio."""
RATIO = SHARE._replace(largest=MAX_RATIO * PRINTED_SCALE)
"""How a ratio is read; what it must lie between is named where it is read."""

FLOAT = Text(
    "二进制浮点数不精确；请用 Decimal、整数或文本",
    "a binary float is not exact; give a Decimal, an integer or a text",
)
BLANK = Text("不能为空", "must not be blank")
MISSING = Text("缺少这一项", "this member is missing")
NOT_TEXT = Text("不是文本", "not a text")


def column_of(value: int) -> Integers:
    """Return a column of one row."""
    return np.array([value], dtype=np.int64)


def _flag(value: bool) -> Flags:
    flags = np.array([value])
    flags.flags.writeable = False
    return flags


KNOWN, UNKNOWN = _flag(True), _flag(False)


def variable_of(column: Column, value: int | str | None, words: tuple[str, ...]) -> Variable:
    """Return a value, as `Reader.cell` gives it, as a variable of one row."""
    if value is None:
        blank = NO_DAY if column.type is ColumnType.DATE else 0
        return Variable(column_of(blank), UNKNOWN, None, column.type, words)
    if isinstance(value, str):
        return Variable(column_of(0), KNOWN, None, column.type, (value,))
    return Variable(column_of(value), KNOWN, None, column.type, words)


class Reader:
    """Reads the values of a case and keeps what is wrong, so that all of it is said at once."""

    def __init__(self) -> None:
        self.faults: list[Issue] = []

    def fault(
        self, kind: str, path: Path, message: Text, expected: Text = NO_TEXT, value: object = None
    ) -> None:
        """Keep a fault; ``value``: what was given."""
        shown = None if value is None else shortened(str(value))
        self.faults.append(
            Issue(kind, advised(kind, message, shown), Place(path=path), shown, expected)
        )

    def finish(self) -> None:
        """Raise `CaseFaults` if anything was wrong."""
        if self.faults:
            raise CaseFaults(self.faults)

    def cell(self, column: Column, value: object, path: Path) -> int | str | None:
        """Return a value as the dictionary holds it: fen, millionths, days, a place, or text.

        None where it is blank, or wrong, which is kept. A blank stands for the column's default.
        """
        if value is None:
            return column.default
        read = _READERS[column.type](column, value)
        if not isinstance(read, Kind):
            if column.positive and read == 0:
                read = Kind.NOT_POSITIVE
            elif _is_percent_slip(column, read, value):
                read = Kind.IMPLAUSIBLE_RATE
            else:
                return column.default if read == "" else read
        self._refuse(read, column, value, path)
        return None

    def _refuse(self, kind: Kind, column: Column, value: object, path: Path) -> None:
        if isinstance(value, float):
            self.fault("binary_float", path, FLOAT, column.expected, value)
        elif column.type is ColumnType.TEXT:
            self.fault("not_text", path, NOT_TEXT, NO_TEXT, value)
        else:
            self.fault(kind.value, path, message_of(kind, column, 1), column.expected, value)

    def ratio(
        self,
        value: object,
        path: Path,
        least: Decimal,
        most: Decimal,
        plausible: Decimal | None = None,
    ) -> int | None:
        """Return a ratio between ``least`` and ``most`` in millionths; None where it is wrong.

        ``plausible``: from here on it is a fault that asks whether it is a percentage, unless it is
        written with a percent sign.
        """
        lowest, highest = int(least * PRINTED_SCALE), int(most * PRINTED_SCALE)
        measure = SHARE._replace(least=lowest, largest=highest)
        read = units_of_value(value, measure)
        if not isinstance(read, Kind):
            if plausible is None or _has_percent_sign(value) or read < plausible * PRINTED_SCALE:
                return read
            message = Text(
                "数值过大，可能是把百分数写成了数字；如确为此值，请填写计算所用的金额或户数",
                "too high; it may be a percentage written as a number. If it is right, give "
                "the amounts or counts that it is computed from",
            )
            expected = Text("低于 {plausible} 的比率", "a ratio below {plausible}")
            expected = expected.fill(plausible=plausible)
            self.fault("implausible_ratio", path, message, expected, value)
            return None
        expected = Text(
            "{least} 到 {most} 之间、最多六位小数的比率（92% 写作 0.92）",
            "a ratio from {least} to {most} with at most six decimals (0.92 for 92%)",
        ).fill(least=least, most=most)
        if isinstance(value, float):
            self.fault("binary_float", path, FLOAT, expected, value)
        elif read is Kind.OUT_OF_RANGE:
            message = Text("比率超出范围", "the ratio is out of range")
            self.fault(Kind.OUT_OF_RANGE.value, path, message, expected, value)
        else:
            self.fault(read.value, path, message_of(read, _RATIO_COLUMN, 1), expected, value)
        return None


_RATIO_COLUMN = Column("", "", ColumnType.SHARE)


def _is_percent_slip(column: Column, read: int | str, value: object) -> bool:
    """Return whether a rate is so high that it may be a percentage written as a number."""
    if column.implausible is None or isinstance(read, str) or read < column.implausible:
        return False
    return not _has_percent_sign(value)


def _has_percent_sign(value: object) -> bool:
    return isinstance(value, str) and half_width(value.strip()).endswith("%")


def _number(column: Column, value: object) -> int | Kind:
    return units_of_value(value, measure_of(column, 1))


def _day(_: Column, value: object) -> int | Kind:
    return day_of_value(value)


def _truth(_: Column, value: object) -> int | Kind:
    return int(value) if isinstance(value, bool) else Kind.NOT_BOOLEAN


def _choice(column: Column, value: object) -> int | Kind:
    if not isinstance(value, str):
        return Kind.UNKNOWN_CHOICE
    return place_of_text(value.strip(), places_of(column))


def _text(_: Column, value: object) -> str | Kind:
    return value.strip() if isinstance(value, str) else Kind.NOT_A_DATE


_READERS = {
    ColumnType.MONEY: _number,
    ColumnType.COUNT: _number,
    ColumnType.SHARE: _number,
    ColumnType.DECIMAL: _number,
    ColumnType.DATE: _day,
    ColumnType.BOOLEAN: _truth,
    ColumnType.CHOICE: _choice,
    ColumnType.TEXT: _text,
}
