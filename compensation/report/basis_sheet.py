"""The sheet 依据与假定: every figure with its clause and basis, the clauses, the definitions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from compensation.policy.catalogue import Citation, Policy
from compensation.policy.model import BASIS_NAMES, Definition
from compensation.policy.wording import TREATMENTS, figure_of, kind_of
from compensation.report.sheet import Sheet

WIDTHS = (18, 14, 50, 18, 8, 66)
LAST = len(WIDTHS) - 1
CENTRED = (0, 1, 4)
LEGEND = (
    "依据：“原文”为政策原文所载，“摘要”取自官方或媒体摘要，“假定”为原文未明确或未查到而采用的口径。"
)


class UnderPolicies(Protocol):
    """A result of any kind: it has the policies that it was decided under."""

    @property
    def policies(self) -> Sequence[Policy]:
        """The policies, in their order."""


def basis_rows(of: UnderPolicies) -> int:
    """Return a number of rows that is surely enough for the sheet."""
    return sum(20 + len(list(p.cited())) + len(p.rules.clauses) for p in of.policies)


def write_basis(sheet: Sheet, of: UnderPolicies) -> None:
    """Write what each policy rests on, one after another."""
    write_policies(sheet, of.policies)


def write_policies(sheet: Sheet, policies: Sequence[Policy]) -> None:
    """Write a sheet of what policies say and rest on, one after another."""
    sheet.widths(WIDTHS)
    row = 0
    for policy in policies:
        row = _write_policy(sheet, row, policy) + 1
    sheet.page()


def _write_policy(sheet: Sheet, row: int, policy: Policy) -> int:
    """Write what a policy rests on from a row on; return the row after it."""
    sheet.across(row, 0, LAST, f"依据与假定：{policy.rules.name.zh}", "title", 30)
    sheet.across(row + 1, 0, LAST, LEGEND, "caption", 20)
    cited = list(policy.cited())
    row = _write_cited(
        sheet, row + 2, "一、条件、比例与规则", policy, [c for c in cited if not _defines(c)]
    )
    row = _write_clauses(sheet, row + 1, "二、条款处理", policy)
    return _write_cited(sheet, row + 1, "三、定义", policy, [c for c in cited if _defines(c)])


def _defines(citation: Citation) -> bool:
    return isinstance(citation.cited, Definition)


def _write_cited(
    sheet: Sheet, row: int, title: str, policy: Policy, cited: Sequence[Citation]
) -> int:
    """Write a section of what rests on a clause or an assumption; return the row after it."""
    sheet.across(row, 0, LAST, title, "section", 26)
    sheet.headings(row + 1, ("序号", "类别", "限值或规则", "条款", "依据", "说明"), 22)
    row += 2
    for number, citation in enumerate(cited, 1):
        element = citation.cited
        cells = (
            str(number),
            kind_of(policy, element).zh,
            figure_of(policy, element).zh,
            element.clause,
            BASIS_NAMES[element.basis].zh,
            element.said.zh,
        )
        sheet.fit_row(row, dict(enumerate(cells)))
        for column, cell in enumerate(cells):
            sheet.text(row, column, cell, "centre" if column in CENTRED else "text")
        row += 1
    return row


def _write_clauses(sheet: Sheet, row: int, title: str, policy: Policy) -> int:
    """Write what becomes of each clause of the document; return the row after the section."""
    sheet.across(row, 0, LAST, title, "section", 26)
    sheet.headings(row + 1, ("条款", "处理", "说明"), 22)
    sheet.across(row + 1, 2, LAST, "说明", "heading")
    row += 2
    for clause in policy.rules.clauses:
        sheet.across(row, 2, LAST, clause.note.zh, "text")
        sheet.fit_row(row, {0: clause.id})
        sheet.text(row, 0, clause.id)
        sheet.text(row, 1, TREATMENTS[clause.treatment].zh, "centre")
        row += 1
    return row
