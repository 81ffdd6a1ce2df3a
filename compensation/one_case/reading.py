"""The values of a case: from Decimal, int, date and text to the units of the dictionary.

What a text means is what it means in a ledger; a binary float is refused, since whoever calls from
a program can give the decimal itself.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.ledger.cell_advice import advised
from compensation.ledger.cell_faults import Kind, message_of
from compensation.ledger.cells import half_width
from compensation.ledger.column import Column, ColumnType
from compensation.ledger.date_cells import FIRST_DAY, LAST_DAY, day_of_text
from compensation.ledger.fault_groups import NO_TEXT, shortened
from compensation.ledger.number_cells import Measure, measure_of, units_of, units_of_text
from compensation.ledger.portfolio import NO_DAY
from compensation.money import PRINTED_SCALE
from compensation.one_case.faults import CaseFault, CaseFaults, Path
from compensation.policy.series import day_number
from compensation.rules.subjects import Subject

Value = Decimal | int | str | bool | datetime.date | None
"""What a figure of a case may be given as; None is blank, of a ratio undefined."""

MAX_RATIO = 10**9
"""The largest indicator that may be given as a ratio."""
RATIO = Measure(6, MAX_RATIO * PRINTED_SCALE, below=Kind.NOT_A_NUMBER, percent=True)
"""How the size of a ratio is read; its sign is taken off before."""

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


def yuan_of(fen: int | np.int64) -> Decimal:
    """Return fen as yuan with two decimals."""
    return Decimal(int(fen)).scaleb(-2)


def rate_of(millionths: int | np.int64) -> Decimal:
    """Return millionths as a rate with six decimals."""
    return Decimal(int(millionths)).scaleb(-6)


def date_of(day: int) -> datetime.date:
    """Return the date of a day since 1970-01-01."""
    return _DAY_ZERO + datetime.timedelta(days=day)


_DAY_ZERO = datetime.date(1970, 1, 1)


def _flag(value: bool) -> Flags:
    flags = np.array([value])
    flags.flags.writeable = False
    return flags


KNOWN, UNKNOWN = _flag(True), _flag(False)


def subject_of(column: Column, value: int | str | None, words: tuple[str, ...]) -> Subject:
    """Return a value, as `Reader.cell` gives it, as a subject of one row."""
    if value is None:
        blank = NO_DAY if column.type is ColumnType.DATE else 0
        return Subject(column_of(blank), UNKNOWN, None, column.type, words)
    if isinstance(value, str):
        return Subject(column_of(0), KNOWN, None, column.type, (value,))
    return Subject(column_of(value), KNOWN, None, column.type, words)


class Reader:
    """Reads the values of a case and keeps what is wrong, so that all of it is said at once."""

    def __init__(self) -> None:
        self.faults: list[CaseFault] = []

    def fault(
        self, kind: str, path: Path, message: Text, expected: Text = NO_TEXT, value: object = None
    ) -> None:
        """Keep a fault; ``value``: what was given."""
        shown = None if value is None else shortened(str(value))
        self.faults.append(CaseFault(kind, path, advised(kind, message, shown), expected, shown))

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
        negative, size = _split_sign(value)
        read = _number(size, RATIO)
        if not isinstance(read, Kind):
            units = -read if negative else read
            if least * PRINTED_SCALE <= units <= most * PRINTED_SCALE:
                signed = isinstance(size, str) and size.endswith("%")
                if plausible is None or signed or units < plausible * PRINTED_SCALE:
                    return units
                message = Text(
                    "数值过大，可能是把百分数写成了数字；如确为此值，请填写计算所用的金额或户数",
                    "too high; it may be a percentage written as a number. If it is right, give "
                    "the amounts or counts that it is computed from",
                )
                expected = Text("低于 {plausible} 的比率", "a ratio below {plausible}")
                expected = expected.fill(plausible=plausible)
                self.fault("implausible_ratio", path, message, expected, value)
                return None
            read = Kind.OUT_OF_RANGE
        expected = Text(
            "{least} 到 {most} 之间、最多六位小数的比率（92% 写作 0.92）",
            "a ratio from {least} to {most} with at most six decimals (0.92 for 92%)",
        ).fill(least=least, most=most)
        if isinstance(value, float):
            self.fault("binary_float", path, FLOAT, expected, value)
        elif read in (Kind.OUT_OF_RANGE, Kind.TOO_LARGE):
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
    return not (isinstance(value, str) and half_width(value.strip()).endswith("%"))


def _split_sign(value: object) -> tuple[bool, object]:
    """Return whether a number, or a text of one, is negative, and its size."""
    if isinstance(value, str):
        text = half_width(value.strip())
        return text.startswith("-"), text.removeprefix("-")
    if isinstance(value, Decimal):
        return value.is_signed(), value.copy_abs()
    if isinstance(value, int) and not isinstance(value, bool):
        return value < 0, abs(value)
    return False, value


def _number(value: object, measure: Measure) -> int | Kind:
    if isinstance(value, Decimal):
        return units_of(value, measure)
    if isinstance(value, str):
        return units_of_text(value.strip(), measure)
    if isinstance(value, int) and not isinstance(value, bool):
        return units_of(Decimal(value), measure)
    return Kind.NOT_A_NUMBER


def _measured(column: Column, value: object) -> int | Kind:
    return _number(value, measure_of(column, 1))


def _day(_: Column, value: object) -> int | Kind:
    if isinstance(value, str):
        return day_of_text(value.strip())
    if isinstance(value, datetime.datetime):
        return Kind.TIME_OF_DAY if value.time() != datetime.time() else _day(_, value.date())
    if not isinstance(value, datetime.date):
        return Kind.NOT_A_DATE
    day = day_number(value)
    return day if FIRST_DAY <= day <= LAST_DAY else Kind.OUT_OF_RANGE


def _truth(_: Column, value: object) -> int | Kind:
    return int(value) if isinstance(value, bool) else Kind.NOT_BOOLEAN


def _choice(column: Column, value: object) -> int | Kind:
    for place, choice in enumerate(column.choices):
        if value in (choice.value, choice.zh):
            return place
    return Kind.UNKNOWN_CHOICE


def _text(_: Column, value: object) -> str | Kind:
    return value.strip() if isinstance(value, str) else Kind.NOT_A_DATE


_READERS = {
    ColumnType.MONEY: _measured,
    ColumnType.COUNT: _measured,
    ColumnType.SHARE: _measured,
    ColumnType.DATE: _day,
    ColumnType.BOOLEAN: _truth,
    ColumnType.CHOICE: _choice,
    ColumnType.TEXT: _text,
}
