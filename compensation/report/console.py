"""What people read while and after the command runs: the summary, the policies, the progress bar.

Everything goes to the terminal as text: nothing of the input acts as markup or as a control code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, NamedTuple
from unicodedata import combining, east_asian_width

import pyarrow.compute as pc

from compensation.faults.input_faults import Faults
from compensation.language import Language, Text, in_line, joined, same, visible
from compensation.policy.case_words import words_of
from compensation.values.printing import YES_NO, amount, percent

if TYPE_CHECKING:
    from rich.progress import Progress

    from compensation.joint_assessment import Assessed

INSTITUTIONS_SHOWN = 20
WARNINGS_SHOWN = 5
NARROWEST = 76
"""A narrower terminal breaks the lines itself, so that no amount is cut."""

STATUSES = {
    "approved": Text("通过", "approved"),
    "pending": Text("待审", "pending"),
    "rejected": Text("不通过", "rejected"),
    "ineligible": Text("不符合条件", "ineligible"),
    "not_covered": Text("无适用政策", "not covered"),
}
READING = Text("读取、检查并计算", "reading, checking and computing")
WRITING = Text("写出结果", "writing the result")

Align = Literal["left", "right"]
Headings = Sequence[tuple[Text | str, Align]]
NO_OUTPUT = Text("未写出结果（用 -o 指定位置）", "No result was written (-o says where to)")
OUTPUT = Text("结果已写入 {path}", "The result is in {path}")
MORE_INSTITUTIONS = Text("……另有 {n} 家机构", "… {n} more institutions")


class Screen(NamedTuple):
    """Where a command prints, and in which language: its texts may be in both."""

    language: Language
    stream: IO[str]

    def lines(self, lines: Iterable[Text | str]) -> str:
        """Return lines as one text."""
        return "\n".join(map(self._said, lines))

    def table(self, headings: Headings, rows: Iterable[Sequence[Text | str]]) -> str:
        """Return an aligned table; on a terminal it fits the width, elsewhere nothing is cut."""
        names = [(self._said(heading), align) for heading, align in headings]
        return table_text(names, [list(map(self._said, row)) for row in rows], self.stream)

    def _said(self, text: Text | str) -> str:
        return text if isinstance(text, str) else text.get(self.language)


def policy_line(id_: str, digest: str) -> Text:
    """Return the line that names a policy."""
    return Text("政策  {id}  {digest}", "Policy  {id}  {digest}").fill(id=id_, digest=digest)


def input_line(digest: str) -> Text:
    """Return the line that names the input."""
    return Text(f"输入  {digest}", f"Input   {digest}")


def budget_said(budget: Any) -> Text:
    """Return a budget in yuan as it is printed, or that there is none."""
    return Text("无", "none") if budget is None else same(amount(budget))


def output_line(output: Path | None) -> Text:
    """Return the line that says where the result is, or how to have it written."""
    return NO_OUTPUT if output is None else OUTPUT.fill(path=output)


def left_out(count: int, text: Text = MORE_INSTITUTIONS) -> list[Text]:
    """Return the line that says how many rows are not shown; nothing if all are."""
    return [text.fill(n=count)] if count > 0 else []


def table_text(
    headings: Sequence[tuple[str, Align]], rows: Sequence[Sequence[str]], stream: IO[str]
) -> str:
    """Return an aligned table; on a terminal it fits the width, elsewhere nothing is cut."""
    if not stream.isatty():
        return _uncut(headings, [[in_line(cell) for cell in row] for row in rows])
    # rich takes a tenth of a second to import, and only terminals need it.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text as Line

    console = Console(file=stream, markup=False, highlight=False)
    console.width = max(console.width, NARROWEST)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading, align in headings:
        table.add_column(heading, justify=align, overflow="fold", no_wrap=align == "right")
    for row in rows:
        table.add_row(*(Line(in_line(cell)) for cell in row))
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _uncut(headings: Sequence[tuple[str, Align]], rows: Sequence[Sequence[str]]) -> str:
    """Return the table with every cell in full, two blanks between columns."""
    lines = [[name for name, _ in headings], *rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell))
            if align == "left"
            else " " * (width - _width(cell)) + cell
            for cell, width, (_, align) in zip(line, widths, headings, strict=True)
        ).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    """Return how many columns a text takes where Chinese characters take two."""
    if text.isascii():
        return len(text)
    wide = sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)
    return wide - sum(1 for letter in text if combining(letter))


class Stages:
    """The stages of a run; nothing is shown of them here, see `progress`."""

    def start(self, stage: Text, parts: int | None = None) -> None:
        """Begin a stage; ``parts``: in how many steps it is done, if that is known."""

    def step(self) -> None:
        """One part of the stage is done."""

    def reach(self, done: int, parts: int) -> None:
        """So many of the stage's parts are done."""


class _Bar(Stages):
    """The stages as a bar, which runs to and fro while nobody can say how far a stage is."""

    def __init__(self, bar: Progress, language: Language) -> None:
        self._bar, self._language = bar, language
        self._task = bar.add_task("", total=None)

    def start(self, stage: Text, parts: int | None = None) -> None:
        self._bar.reset(self._task, total=parts, description=stage.get(self._language))
        self._bar.refresh()

    def step(self) -> None:
        self._bar.advance(self._task)

    def reach(self, done: int, parts: int) -> None:
        self._bar.update(self._task, completed=done, total=parts)


@contextmanager
def progress(language: Language, stream: IO[str]) -> Iterator[Stages]:
    """Yield the stages of a run, which begins by reading.

    A bar on a terminal, which is gone afterwards; else nothing.
    """
    if not stream.isatty():
        yield Stages()
        return
    # rich takes a tenth of a second to import, and only terminals need it.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(file=stream, markup=False, highlight=False)
    with Progress(*columns, console=console, transient=True) as bar:
        stages = _Bar(bar, language)
        stages.start(READING)
        yield stages


def summary_text(
    assessment: Assessed, output: Path | None, language: Language, stream: IO[str]
) -> str:
    """Return what `assess` prints: policy, totals, institutions, warnings, where the result is."""
    screen, summary = Screen(language, stream), assessment.summary
    policies = summary["policies"] if "policies" in summary else [summary["policy"]]
    run = Text("年度  {year}    预算  {budget}", "Year    {year}    Budget  {budget}")
    run = run.fill(year=summary["year"], budget=budget_said(summary["budget"]))
    if "as_of" in summary:
        day = summary["as_of"]
        run = Text(f"{run.zh}    截至  {day}", f"{run.en}    As of   {day}")
    headings: Headings = [(Text("合计", "Totals"), "left"), ("", "right"), ("", "left")]
    return screen.lines(
        [
            *(policy_line(one["id"], one["digest"]) for one in policies),
            input_line(summary["input_digest"]),
            run,
            "",
            screen.table(headings, _total_rows(assessment, summary["totals"])),
            "",
            *_institution_lines(assessment, screen),
            *assumption_lines(len(summary["assumptions"])),
            *warning_lines(assessment.warnings, language),
            *_what_is_due(assessment),
            "",
            output_line(output),
        ]
    )


def _what_is_due(assessment: Assessed) -> list[Text | str]:
    """Say where to look for what is due, if the ledger has what was paid or handed over."""
    present = assessment.ledgers.present
    if not (present["payments"] or present["remittances"]):
        return []
    return [
        "",
        Text(
            "以上是本年度的核算结果；现在应拨付、应收回、应上缴多少，"
            "以 compensation settle 的清算结果为准",
            "These figures are of the year alone; `compensation settle` says what is due now",
        ),
    ]


_ELIGIBLE = Text("其中符合条件 {n}", "{n} of them eligible")
_AMOUNTS = {
    "compensation": Text("补偿金额（元）", "compensation (yuan)"),
    "payable": Text("应付金额（元）", "payable (yuan)"),
    "distributed": Text("追偿返还金额（元）", "distributed (yuan)"),
    "to_government": Text("返还政府（元）", "to government (yuan)"),
    "to_government_in_year": Text("其中当年返还（元）", "of that in the year (yuan)"),
    "surplus": Text("超额追偿款（元）", "surplus (yuan)"),
}


def _total_rows(assessment: Assessed, totals: dict[str, Any]) -> list[list[Text | str]]:
    counted = pc.value_counts(assessment.tables["claims"]["status"]).to_pylist()
    by_status = {row["values"]: row["counts"] for row in counted}
    said = [
        Text(f"{name.zh} {by_status.get(status, 0)}", f"{by_status.get(status, 0)} {name.en}")
        for status, name in STATUSES.items()
        if status != "not_covered" or status in by_status
    ]
    eligible = _ELIGIBLE.fill(n=totals["eligible_claims"])
    claims = joined([eligible, joined(said, "，", ", ")], "；", "; ")
    institutions = _ELIGIBLE.fill(n=totals["eligible_institutions"])
    amounts: list[list[Text | str]]
    amounts = [[title, amount(totals[name]), ""] for name, title in _AMOUNTS.items()]
    return [
        [Text("机构", "institutions"), str(totals["institutions"]), institutions],
        [words_of(assessment.policies).number, str(totals["claims"]), claims],
        *amounts,
    ]


def _institution_lines(assessment: Assessed, screen: Screen) -> list[Text | str]:
    institutions = assessment.tables["institutions"]
    ledgers = assessment.ledgers
    names = dict(
        zip(
            ledgers.column("institutions", "institution_id").to_pylist(),
            ledgers.column("institutions", "institution_name").to_pylist(),
            strict=True,
        )
    )
    several = "policy" in institutions.column_names
    policy: Headings = [(Text("政策", "policy"), "left")] if several else []
    headings: Headings = [
        (Text("机构代码", "institution"), "left"),
        (Text("名称", "name"), "left"),
        *policy,
        (Text("符合条件", "eligible"), "left"),
        (Text("补偿比例", "rate"), "right"),
        (words_of(assessment.policies).heading, "right"),
        (Text("符合", "eligible"), "right"),
        (Text("补偿金额", "compensation"), "right"),
        (Text("应付金额", "payable"), "right"),
    ]
    rows: list[list[Text | str]] = [
        [
            row["institution_id"],
            names[row["institution_id"]] or "",
            *([row["policy"]] if several else []),
            YES_NO[row["eligible"]],
            "—" if row["rate"] is None else percent(row["rate"]),
            str(row["claims"]),
            str(row["eligible_claims"]),
            amount(row["compensation"]),
            amount(row["payable"]),
        ]
        for row in institutions.slice(0, INSTITUTIONS_SHOWN).to_pylist()
    ]
    more = Text("……另有 {n} 行", "… {n} more rows") if several else MORE_INSTITUTIONS
    return [screen.table(headings, rows), *left_out(len(institutions) - len(rows), more)]


def assumption_lines(count: int) -> list[Text | str]:
    """Return how many assumptions a result relies on."""
    return ["", Text(f"所依据的假定：{count} 项", f"Assumptions relied on: {count}")]


def warning_lines(warnings: Faults, language: Language) -> Iterator[Text | str]:
    """Yield how many warnings there are, and the first of each kind; nothing without any."""
    if not len(warnings):
        return
    yield ""
    yield Text(f"提示：{len(warnings)} 处", f"Warnings: {len(warnings)}")
    for group, first in warnings.first(WARNINGS_SHOWN):
        yield from (f"  {visible(fault.describe(language))}" for fault in first)
        more = Text("  ……同类提示另有 {n} 处", "  … {n} more of this kind")
        yield from left_out(len(group) - len(first), more)
