"""What people read while and after the command runs: the summary, the policies, the progress bar.

Everything goes to the terminal as text: nothing of the input acts as markup or as a control code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal
from unicodedata import combining, east_asian_width

import pyarrow.compute as pc

from compensation.language import Language, Text, in_line, visible
from compensation.ledger.faults import Faults
from compensation.values.printing import YES_NO, amount, percent

if TYPE_CHECKING:
    from rich.progress import Progress

    from compensation.joint_assessment import Assessed
    from compensation.ledger.records import Record
    from compensation.policy.catalogue import Policy

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
    """Yield the stages of a run: a bar on a terminal, which is gone afterwards, else nothing."""
    if not stream.isatty():
        yield Stages()
        return
    # rich takes a tenth of a second to import, and only terminals need it.
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(file=stream, markup=False, highlight=False)
    with Progress(*columns, console=console, transient=True) as bar:
        yield _Bar(bar, language)


def summary_text(
    assessment: Assessed,
    output: Path | None,
    language: Language,
    stream: IO[str],
) -> str:
    """Return what `assess` prints: policy, totals, institutions, warnings, where the result is."""

    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    summary = assessment.summary
    totals, budget = summary["totals"], summary["budget"]
    policies = summary["policies"] if "policies" in summary else [summary["policy"]]
    lines = [
        *(say("政策  ", "Policy  ") + f"{one['id']}  {one['digest']}" for one in policies),
        say("输入  ", "Input   ") + summary["input_digest"],
        say("年度  ", "Year    ")
        + str(summary["year"])
        + say("    预算  ", "    Budget  ")
        + (say("无", "none") if budget is None else amount(budget))
        + (say("    截至  ", "    As of   ") + summary["as_of"] if "as_of" in summary else ""),
        "",
        table_text(
            [(say("合计", "Totals"), "left"), ("", "right"), ("", "left")],
            _total_rows(assessment, totals, say),
            stream,
        ),
        "",
        *_institution_lines(assessment, say, language, stream),
        *_notes(assessment.warnings, len(summary["assumptions"]), say, language),
        *_what_is_due(assessment, say),
        "",
    ]
    if output is None:
        lines.append(
            say("没有写出结果（用 -o 指定写到哪里）", "No result was written (-o says where to)")
        )
    else:
        lines.append(say(f"结果已写到 {output}", f"The result is in {output}"))
    return "\n".join(lines)


Say = Callable[[str, str], str]


def _what_is_due(assessment: Assessed, say: Say) -> list[str]:
    """Say where to look for what is due, if the ledger has what was paid or handed over."""
    present = assessment.ledgers.present
    if not (present["payments"] or present["remittances"]):
        return []
    return [
        "",
        say(
            "以上是本年度的核算结果；现在应拨付、应收回、应上缴多少，"
            "以 compensation settle 的清算结果为准",
            "These figures are of the year alone; `compensation settle` says what is due now",
        ),
    ]


_COUNTED: Mapping[Record, tuple[str, str]] = {
    "payout": ("代偿笔数", "claims"),
    "contract": ("合同份数", "contracts"),
    "institution": ("机构年度数", "years of institutions"),
}
_CASES: Mapping[Record, tuple[str, str]] = {
    "payout": ("代偿", "claims"),
    "contract": ("合同", "contracts"),
    "institution": ("机构年度", "years"),
}
"""What the cases of a run are called where they are counted, and in the heading of a column."""


def record_of(policies: Sequence[Policy]) -> Record:
    """Return what the cases of a run are; claims where its policies have several kinds."""
    (first, *others) = dict.fromkeys(policy.rules.record for policy in policies)
    return "payout" if others else first


def _total_rows(assessment: Assessed, totals: dict[str, Any], say: Say) -> list[list[str]]:
    counted = pc.value_counts(assessment.tables["claims"]["status"]).to_pylist()
    by_status = {row["values"]: row["counts"] for row in counted}
    statuses = say("，", ", ").join(
        say(f"{name.zh} {by_status.get(status, 0)}", f"{by_status.get(status, 0)} {name.en}")
        for status, name in STATUSES.items()
        if status != "not_covered" or status in by_status
    )
    eligible = say("其中符合条件 {}", "{} of them eligible").format
    return [
        [
            say("机构", "institutions"),
            str(totals["institutions"]),
            eligible(totals["eligible_institutions"]),
        ],
        [
            say(*_COUNTED[record_of(assessment.policies)]),
            str(totals["claims"]),
            eligible(totals["eligible_claims"]) + say("；", "; ") + statuses,
        ],
        [say("补偿金额（元）", "compensation (yuan)"), amount(totals["compensation"]), ""],
        [say("应付金额（元）", "payable (yuan)"), amount(totals["payable"]), ""],
        [say("追偿返还金额（元）", "distributed (yuan)"), amount(totals["distributed"]), ""],
        [say("返还政府（元）", "to government (yuan)"), amount(totals["to_government"]), ""],
        [
            say("其中当年返还（元）", "of that in the year (yuan)"),
            amount(totals["to_government_in_year"]),
            "",
        ],
        [say("超额追偿款（元）", "surplus (yuan)"), amount(totals["surplus"]), ""],
    ]


def _institution_lines(
    assessment: Assessed, say: Say, language: Language, stream: IO[str]
) -> list[str]:
    institutions = assessment.tables["institutions"]
    shown = institutions.slice(0, INSTITUTIONS_SHOWN).to_pylist()
    ledgers = assessment.ledgers
    names = dict(
        zip(
            ledgers.column("institutions", "institution_id").to_pylist(),
            ledgers.column("institutions", "institution_name").to_pylist(),
            strict=True,
        )
    )
    several = "policy" in institutions.column_names
    policy: list[tuple[str, Align]] = [(say("政策", "policy"), "left")] if several else []
    headings: list[tuple[str, Align]] = [
        (say("机构代码", "institution"), "left"),
        (say("名称", "name"), "left"),
        *policy,
        (say("符合条件", "eligible"), "left"),
        (say("补偿比例", "rate"), "right"),
        (say(*_CASES[record_of(assessment.policies)]), "right"),
        (say("符合", "eligible"), "right"),
        (say("补偿金额", "compensation"), "right"),
        (say("应付金额", "payable"), "right"),
    ]
    rows = [
        [
            row["institution_id"],
            names[row["institution_id"]] or "",
            *([row["policy"]] if several else []),
            YES_NO[row["eligible"]].get(language),
            "—" if row["rate"] is None else percent(row["rate"]),
            str(row["claims"]),
            str(row["eligible_claims"]),
            amount(row["compensation"]),
            amount(row["payable"]),
        ]
        for row in shown
    ]
    lines = [table_text(headings, rows, stream)]
    left = len(institutions) - len(shown)
    if left:
        more = ("行", "rows") if several else ("家机构", "institutions")
        lines.append(say(f"……另有 {left} {more[0]}", f"… {left} more {more[1]}"))
    return lines


def _notes(warnings: Faults, assumptions: int, say: Say, language: Language) -> list[str]:
    lines = ["", say(f"所依据的假定：{assumptions} 项", f"Assumptions relied on: {assumptions}")]
    return lines + warning_lines(warnings, say, language)


def warning_lines(warnings: Faults, say: Say, language: Language) -> list[str]:
    """Return how many warnings there are, and the first of each kind; nothing without any."""
    if not len(warnings):
        return []
    lines = ["", say(f"提示：{len(warnings)} 处", f"Warnings: {len(warnings)}")]
    for group, first in warnings.first(WARNINGS_SHOWN):
        lines += [f"  {visible(fault.describe(language))}" for fault in first]
        left = len(group) - len(first)
        if left:
            lines.append(say(f"  ……同类提示另有 {left} 处", f"  … {left} more of this kind"))
    return lines
