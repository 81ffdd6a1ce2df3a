"""Worked cases of a policy as people read them: what was expected, and what came."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from compensation.language import Language, Text, in_line, same
from compensation.policy_tools.worked_cases import ABSENT, CaseOutcome, ExpectedCell

NOT_EXPECTED = Text("未列出", "not listed")
NOT_FOUND = Text("结果中没有", "not in the result")


def outcomes_text(outcomes: Sequence[CaseOutcome], language: Language) -> str:
    """Return every case with its figures, and how many came out as expected."""
    total, agree = len(outcomes), sum(outcome.same for outcome in outcomes)
    last = Text(
        f"{total} 个算例，{agree} 个一致",
        f"{total} case{'s' if total > 1 else ''}, {agree} as expected",
    )
    return "\n\n".join([*(_outcome(each).get(language) for each in outcomes), last.get(language)])


def _outcome(outcome: CaseOutcome) -> Text:
    """Return a case in words: whether it came out as expected, then each cell that did not."""
    case = outcome.case
    name = Text(f"{in_line(case.name.zh)}（{case.year}）", f"{in_line(case.name.en)} ({case.year})")
    if outcome.faults is not None:
        return Text(
            f"错误  {name.zh}\n{_indented(outcome.faults.describe('zh'))}",
            f"faulty  {name.en}\n{_indented(outcome.faults.describe('en'))}",
        )
    head = Text("一致", "as expected") if outcome.same else Text("不同", "differs")
    lines = [
        Text(f"{head.zh}  {name.zh}", f"{head.en}  {name.en}"),
        *map(_cell_text, outcome.cells),
    ]
    return Text("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())


def _cell_text(cell: ExpectedCell) -> Text:
    expected = NOT_EXPECTED if cell.expected is ABSENT else _shown(cell.expected)
    found = NOT_FOUND if cell.found is ABSENT else _shown(cell.found)
    mark = "  " if cell.same else "≠ "
    place = f"{mark}{in_line(cell.id)} {cell.column}"
    return Text(
        f"{place}：应为 {expected.zh}，算得 {found.zh}",
        f"{place}: expected {expected.en}, came to {found.en}",
    )


def _shown(value: object) -> Text:
    if value is None:
        return Text("空", "blank")
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, Decimal):
        exponent = value.as_tuple().exponent
        fen = isinstance(exponent, int) and exponent > -2
        return same(f"{value:,.2f}" if fen else f"{value:,f}")
    return same(in_line(str(value)))
