"""A result of any kind as one workbook: which sheets it has, and what it is called."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from compensation.joint_assessment import Assessed
from compensation.ledger.reviews import REVIEW_SHEET
from compensation.outlook.forecast import Forecast
from compensation.outlook.indicators import Indicators
from compensation.policy.case_words import words_of
from compensation.report import (
    comparison_workbook,
    forecast_workbook,
    indicators_workbook,
    settlement_workbook,
)
from compensation.report.basis_sheet import basis_rows, write_basis
from compensation.report.record import (
    ASSESSMENT,
    COMPARISON,
    FORECAST,
    INDICATORS,
    SETTLEMENT,
    layout_of,
)
from compensation.report.record_sheet import RECORD_SHEET, record_rows, write_record
from compensation.report.review_sheet import review_rows, write_reviews
from compensation.report.sheet import Sheet, Sheets, write_sheets
from compensation.report.summary_sheet import write_summary
from compensation.report.tables import RESULTS, table_rows, write_result
from compensation.settlement.settlement import Settlement
from compensation.whatif.compare import Comparison


def _write_record(sheet: Sheet, assessment: Assessed) -> None:
    write_record(sheet, assessment, f"{RECORD_SHEET}（{assessment.year} 年度）")


SHEETS: Sheets = {
    "汇总": (None, write_summary),
    **{
        name: (table_rows(result), partial(write_result, result=result))
        for result, name in RESULTS.items()
    },
    REVIEW_SHEET: (review_rows, write_reviews),
    "依据与假定": (basis_rows, write_basis),
    RECORD_SHEET: (record_rows, _write_record),
}


class Kind(NamedTuple):
    """The workbook of a kind of result: its sheets, and what a result of the kind is called."""

    sheets: Sheets
    title: Callable[[Any], str]


KINDS = {
    ASSESSMENT.summary: Kind(
        SHEETS,
        lambda of: (
            f"{'、'.join(policy.rules.name.zh for policy in of.policies)}：{of.year} 年度核算结果"
        ),
    ),
    SETTLEMENT.summary: Kind(settlement_workbook.SHEETS, lambda of: f"截至 {of.to} 的年度清算结果"),
    COMPARISON.summary: Kind(comparison_workbook.SHEETS, lambda _: "政策测算"),
    INDICATORS.summary: Kind(indicators_workbook.SHEETS, lambda _: "担保机构指标"),
    FORECAST.summary: Kind(
        forecast_workbook.SHEETS, lambda of: f"预测 {of.start.base.inputs.year}"
    ),
}
"""The kinds of result that can be a workbook, by the file that names their summary."""


def write_workbook(
    result: Assessed | Settlement | Comparison | Indicators | Forecast,
    path: str | os.PathLike[str],
) -> None:
    """Write a result of any kind but a curve as a workbook to ``path``.

    What is there is replaced. An assessment may be under one policy or several.
    Amounts in yuan, ratios as percentages. Text never acts as a formula or a link. The same result
    gives the same bytes. Raises `TooManyRows` before anything is written, and OSError if the file
    cannot be written.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> write_workbook(assess(ledger, "jiyuan-2022", 2022), "result.xlsx")
    """
    kind = KINDS[layout_of(result.tables, result.summary).summary]
    sheets = dict(kind.sheets)
    if isinstance(result, Assessed) and any(p.rules.record != "payout" for p in result.policies):
        # What is decided of a contract or an institution stands in its own row of the input.
        del sheets[REVIEW_SHEET]
        cases = {RESULTS["claims"]: words_of(result.policies).sheet}
        sheets = {cases.get(name, name): sheet for name, sheet in sheets.items()}
    write_sheets(path, kind.title(result), sheets, result)
