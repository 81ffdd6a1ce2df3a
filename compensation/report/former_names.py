"""Other names in results, which are read, verified and written over as well.

Earlier versions had some of them; a sheet of cases goes by what the cases of the policy are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from compensation.policy.case_words import CASES

SHEETS = {
    "依据与假设": "依据与假定",
    "决定记录": "核算存证",
    **{words.sheet: CASES["payout"].sheet for words in CASES.values()},
}
"""Sheets of a result workbook: a former name, or one of other cases, and the one of today."""
HEADINGS = {
    "surplus": ("超出代偿金额的追偿",),
    "claim_id": ("代偿编号",),
    "claims": ("代偿笔数",),
    "payout_date": ("代偿日期",),
}
"""Former headings of result columns in a workbook, by column."""
TOTALS = {
    "追偿返还合计": "追偿返还金额合计",
    "其中:返还政府": "其中：返还政府",
    "其中:当年返还政府": "其中：当年返还政府",
    "超出代偿金额的追偿合计": "超额追偿款合计",
}
"""Labels of totals in the sheet 汇总: the former one and the one of today."""
LISTED_LATER = ["base", "at_rate", "limit", "payable"]
"""Columns of 审核表 that earlier versions did not have."""


def sheets_by_name(names: Iterable[str]) -> Mapping[str, str]:
    """Return the sheets of a workbook by the names of today, those of payouts.

    >>> sheets_by_name(["汇总", "决定记录"])
    {'核算存证': '决定记录', '汇总': '汇总'}
    """
    present = list(names)
    former = {SHEETS[name]: name for name in present if name in SHEETS}
    return {**former, **{name: name for name in present}}
