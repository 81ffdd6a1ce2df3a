"""The result as one workbook: 汇总, 机构, 代偿, 返还, 审核表, 依据与假定, 核算存证."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from compensation.joint_assessment import Assessed
from compensation.ledger.reviews import REVIEW_SHEET
from compensation.outlook.forecast import Forecast
from compensation.outlook.indicators import Indicators
from compensation.report.basis_sheet import basis_rows, write_basis
from compensation.report.comparison_workbook import write_comparison_workbook
from compensation.report.forecast_workbook import write_forecast_workbook
from compensation.report.indicators_workbook import write_indicators_workbook
from compensation.report.record_sheet import RECORD_SHEET, record_rows, write_record
from compensation.report.review_sheet import review_rows, write_reviews
from compensation.report.settlement_workbook import write_settlement_workbook
from compensation.report.sheet import MAX_ROWS, Sheet, TooManyRows, new_workbook
from compensation.report.styles import Styles
from compensation.report.summary_sheet import summary_rows, write_summary
from compensation.report.tables import RESULTS, result_rows, write_result
from compensation.settlement.settlement import Settlement
from compensation.whatif.compare import Comparison

Count = Callable[[Assessed], int]
Fill = Callable[[Sheet, Assessed], None]

SHEETS: dict[str, tuple[Count, Fill]] = {
    "汇总": (summary_rows, write_summary),
    **{
        name: (partial(result_rows, result=result), partial(write_result, result=result))
        for result, name in RESULTS.items()
    },
    REVIEW_SHEET: (review_rows, write_reviews),
    "依据与假定": (basis_rows, write_basis),
    RECORD_SHEET: (record_rows, write_record),
}
"""The sheets in their order: how many rows each takes, and what writes it."""


def write_workbook(
    assessment: Assessed | Settlement | Comparison | Indicators | Forecast,
    path: str | os.PathLike[str],
) -> None:
    """Write a result of any kind but a curve as a workbook to ``path``.

    What is there is replaced. An assessment may be under one policy or several.
    Amounts in yuan, ratios as percentages. Text never acts as a formula or a link. The same result
    gives the same bytes. Raises `TooManyRows` before anything is written, and OSError if the file
    cannot be written.
    """
    if isinstance(assessment, Settlement):
        write_settlement_workbook(assessment, path)
        return
    if isinstance(assessment, Comparison):
        write_comparison_workbook(assessment, path)
        return
    if isinstance(assessment, Indicators):
        write_indicators_workbook(assessment, path)
        return
    if isinstance(assessment, Forecast):
        write_forecast_workbook(assessment, path)
        return
    sheets = dict(SHEETS)
    if any(policy.rules.record != "payout" for policy in assessment.policies):
        # What is decided of a contract or an institution stands in its own row of the input.
        del sheets[REVIEW_SHEET]
    for name, (count, _) in sheets.items():
        rows = count(assessment)
        if rows > MAX_ROWS:
            raise TooManyRows(name, rows)
    names = "、".join(policy.rules.name.zh for policy in assessment.policies)
    title = f"{names} {assessment.year}"
    with new_workbook(path, title, streamed=True) as book:
        styles = Styles(book)
        for name, (_, fill) in sheets.items():
            fill(Sheet(book, styles, name), assessment)
