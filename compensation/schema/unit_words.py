"""What words of units are made of, and what a unit is that a text names.

`units` finds them in headings and notes, `stated_units` in whole sentences.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 10**8}
SCALE = "".join(SCALES)
ENGLISH_SCALES = {
    "tenthousand": 10_000,
    "wan": 10_000,
    "hundredthousand": 10**5,
    "thousand": 1_000,
    "10k": 10_000,
    "k": 1_000,
    "million": 10**6,
    "hundredmillion": 10**8,
    "100million": 10**8,
}

FOREIGN = (
    r"新加坡元|澳门元|[美港日欧澳加韩台]元|新台币|港币|台币|美金|英镑|日?円|卢布|泰铢|(?:us|hk)?[$]|[€£]"
    r"|(?<![a-z])(?:usd|hkd|jpy|eur|gbp|aud|cad|krw|twd|sgd|chf)(?![a-z])"
)
CURRENCY = r"人民币|(?<![a-z])(?:rmb|cny|renminbi)(?![a-z])"

_TITLE = re.compile(r"[表账册]|明细|清单|统计|情况|一览|汇总|报告|list|table|ledger|report")


@dataclass(frozen=True)
class Named:
    """A unit that a text names.

    `worth`: in yuan, a power of ten; None if the unit is not one of them, as 美元. `marked`: the
    text says that it is a unit: 单位:万元, 以万元计. `beside`: what else the text says, without
    dates, page numbers and labels: the name of a group of columns, a title, or nothing. `before`:
    the part of it before the unit.
    """

    worth: int | None
    marked: bool
    beside: str = ""
    before: str = ""

    @property
    def over(self) -> str:
        """The group or the table that the unit is of; words behind a unit line name none.

        单位:万元(保留两位小数) is of the table, 企业财务(单位:万元) of a group.
        """
        return self.before if self.marked else self.beside

    @property
    def is_title(self) -> bool:
        """Whether what stands beside the unit looks like the title of a table."""
        return _TITLE.search(self.beside) is not None
