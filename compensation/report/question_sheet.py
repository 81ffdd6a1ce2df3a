"""The sheet of questions that a new policy file is made of, to be filled in."""

from __future__ import annotations

from pathlib import Path

from compensation.policy_tools.new_policy import HEADINGS, QUESTIONS
from compensation.report.sheet import Sheet, new_workbook

SHEET = "政策"
NOTE = (
    "依据填：原文、摘要或假定；条款、依据不填的，按整份文件（文号，摘要）。"
    "带 * 的必填，其余没有规定的不填。"
)


def write_questions(path: Path) -> None:
    """Write the questions to a new workbook; OSError if it cannot be written."""
    with new_workbook(path, SHEET, streamed=False) as book:
        sheet = Sheet(book, SHEET)
        sheet.widths([32, 28, 24, 12, 44])
        sheet.headings(0, [*(text.zh for text in HEADINGS), "怎样填"])
        for row, question in enumerate(QUESTIONS, 1):
            star = "* " if question.required else ""
            sheet.text(row, 0, question.what.zh)
            for column in (1, 2, 3):
                sheet.blank(row, column)
            sheet.text(row, 4, star + question.hint.zh, "note")
        sheet.text(len(QUESTIONS) + 2, 0, NOTE, "note")
        sheet.page()
