"""What a column of a table is: its type, what its cells must hold, the values of a choice.

Source: the contract of the ledgers, sections 1 and 2.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import NamedTuple

from compensation.language import Text


class ColumnType(Enum):
    """What a cell means, and how it is held once checked.

    TEXT: Arrow string. BOOLEAN: Arrow bool. MONEY: int64 fen. COUNT: int64. DATE: date32.
    SHARE: int64 millionths (ratios and yearly rates alike). DECIMAL: int64 of 0.0001.
    CHOICE: int8 place in `choices`.
    """

    TEXT = "text"
    BOOLEAN = "boolean"
    MONEY = "money"
    COUNT = "integer"
    DATE = "date"
    SHARE = "ratio"
    DECIMAL = "decimal"
    CHOICE = "choice"


NUMBERS = (ColumnType.MONEY, ColumnType.COUNT, ColumnType.SHARE, ColumnType.DECIMAL)
"""The types of numbers, which may be read with decimals, groups and units."""
TYPE_NAMES = {
    ColumnType.TEXT: Text("文本", "text"),
    ColumnType.BOOLEAN: Text("是/否", "boolean"),
    ColumnType.MONEY: Text("金额（元）", "money (yuan)"),
    ColumnType.COUNT: Text("整数", "integer"),
    ColumnType.DATE: Text("日期", "date"),
    ColumnType.SHARE: Text("比例", "ratio"),
    ColumnType.DECIMAL: Text("小数", "decimal"),
    ColumnType.CHOICE: Text("选项", "choice"),
}

EXPECTED = {
    ColumnType.TEXT: Text("文本", "text"),
    ColumnType.BOOLEAN: Text(
        "是/否、true/false、1/0 或 yes/no", "是/否, true/false, 1/0 or yes/no"
    ),
    ColumnType.MONEY: Text(
        "不小于 0、不超过 9,999,999,999,999.99 的金额，精确到分",
        "an amount from 0 to 9,999,999,999,999.99 in whole fen",
    ),
    ColumnType.COUNT: Text("不小于 0 的整数", "a whole number, 0 or more"),
    ColumnType.DATE: Text(
        "有效日期，如 2022-03-01、2022/3/1、20220301、2022年3月1日",
        "a valid date, such as 2022-03-01, 2022/3/1, 20220301 or 2022年3月1日",
    ),
    ColumnType.SHARE: Text(
        "0 到 1 之间的比例，最多六位小数，如 0.4 或 40%",
        "a ratio from 0 to 1 with at most six decimals, such as 0.4 or 40%",
    ),
    ColumnType.DECIMAL: Text(
        "0 到 99,999,999,999.9999 之间的数，最多四位小数，不带百分号，如 4.8、85.5",
        "a number from 0 to 99,999,999,999.9999 with at most four decimals and no percent sign, "
        "such as 4.8 or 85.5",
    ),
}
"""What a cell of each type must look like; a choice names its own values."""


class Choice(NamedTuple):
    """One value that a CHOICE column takes: its English value and its Chinese name.

    `also`: other names by which cells may have it.
    """

    value: str
    zh: str
    group: str | None = None
    also: tuple[str, ...] = ()

    @property
    def name(self) -> Text:
        """What people call it."""
        return Text(self.zh, self.value.replace("_", " "))


class Column(NamedTuple):
    """One column of a table.

    `required`: the column must be there and no cell of it may be blank. `unique`: no value twice.
    `is_id`: a TEXT cell names something, so 无 or a dash is no value of it.
    `positive`: a MONEY cell must be above zero. `default`: what a blank stands for, as held
    (0 fen, a place in `choices`); None leaves it blank. `note` is for the template and the docs.
    `implausible`: the millionths from which on a SHARE cell without a percent sign is a fault.
    `further`: headings that are read as this column where no standard heading of it is there.
    `doubtful`: headings that may mean it or something less; the reader asks. `parts`: those of them
    that are asked about beside a further heading, too. `suspect`: patterns of what headings hold,
    and do not hold, that are asked about where there is no such column. `refers_to`: the table
    whose ids its cells name. `dates_draft`: a row in which this date is blank is a draft, not yet
    carried out. `agreed`: the date is known beforehand; see `ledger.as_of`.
    """

    name: str
    heading: str
    type: ColumnType
    required: bool = False
    unique: bool = False
    is_id: bool = False
    positive: bool = False
    default: int | None = None
    choices: tuple[Choice, ...] = ()
    note: Text = Text("", "")
    implausible: int | None = None
    further: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    suspect: tuple[str, str] | None = None
    refers_to: str | None = None
    dates_draft: bool = False
    agreed: bool = False

    def __hash__(self) -> int:
        # Of a few words: much is remembered by column, and asked for each value of a case.
        return hash((self.name, self.heading))

    @property
    def title(self) -> Text:
        """The column as messages name it: guaranteed_amount (担保金额)."""
        return Text(f"{self.heading}（{self.name}）", f"{self.name} ({self.heading})")

    @property
    def expected(self) -> Text:
        """What a cell of this column must hold."""
        if self.type is ColumnType.CHOICE:
            *others, last = (choice.zh for choice in self.choices)
            return Text(
                "、".join(others) + f"或{last}",
                "one of " + ", ".join(c.value for c in self.choices),
            )
        if self.positive:
            return Text(
                "大于 0、不超过 9,999,999,999,999.99 的金额，精确到分",
                "an amount above 0 and up to 9,999,999,999,999.99 in whole fen",
            )
        return EXPECTED[self.type]


def dates_agreed(columns: Iterable[Column]) -> frozenset[str]:
    """Return the names of the columns whose dates are known beforehand."""
    return frozenset(column.name for column in columns if column.agreed)
