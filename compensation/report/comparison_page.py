"""A comparison as one page to hand round: HTML in one file, ready to print, Chinese first."""

from __future__ import annotations

from collections.abc import Iterator

from compensation.language import Text
from compensation.report.comparison_console import (
    LEFT,
    facts_of,
    solution_headings,
    solution_notes,
    solution_rows,
    tables_of,
)
from compensation.report.comparison_wording import HEADINGS
from compensation.report.page import both, facts_table, html_page, row, section
from compensation.whatif.compare import Comparison
from compensation.whatif.solve import Solution

ROWS_SHOWN = 200
"""Rows of a table that a page has; the result that -o writes has all."""
MORE = Text("另有 {left} 行，见 -o 写出的结果", "{left} more rows: see the result that -o writes")
LIMITS = Text(
    "测算用的是已经发生的业务：条件和比例一变，机构的做法也会变，测算看不到；审核意见和已补偿金额按台账不变。",
    "These figures are of business that was done: with other conditions and rates institutions"
    " would act otherwise, which they cannot show. Reviews and what was paid stay as in the"
    " ledger.",
)


def comparison_page(comparison: Comparison, solution: Solution | None = None) -> str:
    """Return a comparison as a page; it loads nothing, and says all in both languages."""
    title = Text("政策测算", "What other policies would cost")
    return html_page(title, _body(comparison, solution))


def _body(comparison: Comparison, solution: Solution | None) -> Iterator[str]:
    yield facts_table(facts_of(comparison))
    yield f'<p class="notice">{both(LIMITS)}</p>'
    if solution is not None:
        title, *notes = solution_notes(solution)
        rows = (row(*cells, numbers=(True, True)) for cells in solution_rows(solution))
        yield from section(title, solution_headings(solution), rows)
        yield from (f"<p>{both(note)}</p>" for note in notes)
    for title, columns, cells in tables_of(comparison):
        numbers = [column not in LEFT for column in columns]
        rows = (row(*each, numbers=numbers) for each in cells[:ROWS_SHOWN])
        yield from section(title, [HEADINGS[column] for column in columns], rows)
        if len(cells) > ROWS_SHOWN:
            yield f"<p>{both(MORE.fill(left=len(cells) - ROWS_SHOWN))}</p>"
