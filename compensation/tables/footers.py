"""What people write below a table: who made it, who checked it, notes, the unit. No record."""

from __future__ import annotations

import re
from collections.abc import Sequence

from compensation.schema.units import units_in
from compensation.tables.headings import normalise

FOOTER_ROWS = 20
"""How many rows at the end may be no records: 制表人, 审核人, notes."""

_LABEL = re.compile(
    r"(?:(?:单位|财务|部门|机构)?(?:负责人|主管|法定代表人)|法人代表|(?:制|填|编)(?:表|报|制)|审[核批]|复核|经办|会计|出纳"
    r"|联系(?:人|电话)|日期|签字|签章|盖章|公章|\(?(?:盖|签)章|备?注|说明|preparedby|reviewedby|notes?\b)"
    r"[^:\d]*:?"
)
"""What the first cell of a row below the records begins with that says who made them, or a note."""
_TRUTHS = frozenset({"是", "否", "yes", "no", "true", "false"})


def is_footer(cells: Sequence[object]) -> bool:
    """Return whether the cells of a row say who made the table, or are a note below it.

    Such a row begins with 制表人, 审核人, 注, 单位:万元 or the like, and has no figure, day or 是
    but behind a label of its own. Every record has one, so no record is taken for a footer.

    >>> is_footer(["制表人:", "张三", "日期:", "2022年12月31日"])
    True
    >>> is_footer(["注1", "2022-03-01"])
    False
    """
    label = None
    for place, cell in enumerate(cells):
        text = normalise(cell).replace("\uff1a", ":") if isinstance(cell, str) else ""
        behind_label = label is not None and label[0] == label.string and label[0].endswith(":")
        label = _LABEL.match(text)
        if label is not None or (isinstance(cell, str) and units_in(cell)):
            continue
        says = not text or any(map(str.isdigit, text)) or text in _TRUTHS
        if place == 0 or (says and not behind_label):
            return False
    return bool(cells)
