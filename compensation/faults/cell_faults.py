"""How what is wrong with a cell is said, by kind of fault and column."""

from __future__ import annotations

from compensation.language import Text
from compensation.schema.column import Column, ColumnType
from compensation.values.kinds import FIRST_YEAR, LAST_YEAR, LONGEST_VALUE, Kind
from compensation.values.numbers import decimals_of

MESSAGES = {
    Kind.BLANK: Text(
        "单元格为空，而这一列必须填写", "the cell is blank, but this column must be filled in"
    ),
    Kind.DRAFT: Text(
        "这一行没有日期，是草稿；先填写{heading}或删除该行",
        "the row has no date and is a draft; enter its {name} or delete the row",
    ),
    Kind.TOO_LONG: Text(
        f"文本过长：超过 {LONGEST_VALUE} 个字符",
        f"too long a text: over {LONGEST_VALUE} characters",
    ),
    Kind.NOT_A_NUMBER: Text("不是数字", "not a number"),
    Kind.MISPLACED_SEPARATOR: Text(
        "千位分隔符的位置不对，无法断定是什么数",
        "the thousands separators are misplaced, so the number is in doubt",
    ),
    Kind.AMBIGUOUS_AMOUNT: Text(
        "金额有两种读法；请写成数字，或写明单位，如 15000 或 1.5万元",
        "the amount can be read in two ways; write it in digits or name its unit, as in 15000 or "
        "1.5万元",
    ),
    Kind.SCIENTIFIC: Text(
        "科学计数法可能已经丢失数字；请把单元格设为数值格式，写出全部数字",
        "scientific notation may have lost digits; write the number in full",
    ),
    Kind.NOT_FINITE: Text("不是有限的数", "not a finite number"),
    Kind.FLOAT_PRECISION: Text(
        "这一列的类型是 32 位或 16 位浮点数（float32、float16），保存不了这个数的全部数字；"
        "请改用 float64、decimal 或文本",
        "the column is of 32-bit or 16-bit floats (float32, float16), which do not hold all digits "
        "of this number; use float64, decimal or text",
    ),
    Kind.TOO_MANY_DECIMALS: Text("小数超过六位", "more than six decimals"),
    Kind.NOT_WHOLE: Text("不是整数", "not a whole number"),
    Kind.NEGATIVE: Text("不能为负数", "must not be negative"),
    Kind.NOT_POSITIVE: Text("必须大于 0", "must be above 0"),
    Kind.TOO_LARGE: Text("超过 999,999,999,999,999", "above 999,999,999,999,999"),
    Kind.OUT_OF_RANGE: Text(
        "比例不在 0 到 1 之间（40% 写作 0.4 或 40%）",
        "the ratio is not from 0 to 1 (write 40% as 0.4 or 40%)",
    ),
    Kind.IMPLAUSIBLE_RATE: Text(
        "费率或利率过高，可能是把百分数写成了数字；如确为此值，请以文本写明百分号",
        "too high a rate: it may be a percentage written as a number; if the rate is right, write "
        "it as text with a percent sign",
    ),
    Kind.NOT_A_DATE: Text("不是日期", "not a date"),
    Kind.NO_SUCH_DATE: Text("日期无效", "the date is not valid"),
    Kind.AMBIGUOUS_DATE: Text(
        "无法断定是哪个世纪，或年、月、日的先后；请按 2022-03-01 的样式写四位年份",
        "the century, or the order of year, month and day, is in doubt; write all four digits of "
        "the year, as in 2022-03-01",
    ),
    Kind.DAY_MISSING: Text(
        "缺少日；请写明年、月、日，如 2022-03-01",
        "the day is missing; write year, month and day, as in 2022-03-01",
    ),
    Kind.TIME_OF_DAY: Text(
        "日期带有零点以外的时刻", "the date has a time of day other than midnight"
    ),
    Kind.BARE_SERIAL: Text(
        "只是一个数字；如果它是电子表格的日期，请把单元格设为日期格式",
        "only a number; if it is a spreadsheet's date, format the cell as a date",
    ),
    Kind.NOT_BOOLEAN: Text("不是“是”或“否”", "neither yes nor no"),
    Kind.UNKNOWN_CHOICE: Text("填写内容不在可选范围内", "not one of this column's values"),
    Kind.AMBIGUOUS_CHOICE: Text(
        "填写内容没有说明是哪一项：“已审核”可以是通过或不通过，“小微企业”可以是小型或微型",
        "it does not say which value is meant: 已审核 may be 通过 or 不通过, 小微企业 may be "
        "小型 or 微型",
    ),
    Kind.DATE_IN_TEXT: Text(
        "单元格是日期而不是文本；请把单元格设为文本格式后重新填写",
        "the cell is a date, not text; format the cell as text and enter it again",
    ),
    Kind.DIGITS_LOST: Text(
        "数字太长，电子表格只保留 15 位，后面的已经丢失；请把单元格设为文本格式后重新填写",
        "too long a number: a spreadsheet keeps only 15 digits and the others are lost; "
        "format the cell as text and enter it again",
    ),
    Kind.NUL: Text("文本中有空字符（NUL）", "the text holds a NUL"),
    Kind.PLACEHOLDER: Text(
        "这不是编号或代码，而是“空缺”或“同上”的写法；请填写实际的编号或代码",
        "this stands for a missing or a repeated id; enter the id itself",
    ),
}

_MONEY_DECIMALS = Text(
    "小数超过两位，不是整数分", "more than two decimals: not a whole number of fen"
)
_UNIT_DECIMALS = Text(
    "以{unit}元计的小数超过{zh}位，不是整数分",
    "more than {places} decimals of {yuan} yuan: not a whole number of fen",
)
_UNITS = ("", "十", "百", "千", "万", "十万", "百万", "千万", "亿")
"""Units of money by how many decimals they have beyond those of yuan."""
_MONEY_TOO_LARGE = Text("超过 9,999,999,999,999.99 元", "above 9,999,999,999,999.99 yuan")
_OF_DECIMALS = {
    Kind.TOO_MANY_DECIMALS: Text("小数超过四位", "more than four decimals"),
    Kind.TOO_LARGE: Text("超过 99,999,999,999.9999", "above 99,999,999,999.9999"),
}
_YEAR_OUT_OF_RANGE = Text(
    f"年份不在 {FIRST_YEAR} 到 {LAST_YEAR} 之间",
    f"the year is not from {FIRST_YEAR} to {LAST_YEAR}",
)


def message_of(kind: Kind, column: Column, unit: int) -> Text:
    """Return what a fault says in this column; ``unit``: yuan per unit of a money column."""
    if column.type is ColumnType.MONEY:
        if kind is Kind.TOO_MANY_DECIMALS:
            power = decimals_of(unit)
            if not power:
                return _MONEY_DECIMALS
            return _UNIT_DECIMALS.fill(
                unit=_UNITS[power],
                zh="零一二三四五六七八九十"[power + 2],
                places=power + 2,
                yuan=f"{unit:,}",
            )
        if kind is Kind.TOO_LARGE:
            return _MONEY_TOO_LARGE
    if column.type is ColumnType.DECIMAL and kind in _OF_DECIMALS:
        return _OF_DECIMALS[kind]
    if kind is Kind.DRAFT:
        return MESSAGES[kind].fill(heading=column.heading, name=column.name)
    if column.type is ColumnType.DATE and kind is Kind.OUT_OF_RANGE:
        return _YEAR_OUT_OF_RANGE
    return MESSAGES[kind]
