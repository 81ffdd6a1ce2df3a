"""What is printed in columns."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table
from rich.text import Text

from compensation.assessment import assess
from compensation.language import visible
from compensation.report.console import NARROWEST, Align, summary_text, table_text
from tests.report.results import small

Rows = list[list[str]]
ALIGNS: list[Align] = ["left", "right"]
# Emoji and the like are left out: how wide they are is a matter of opinion.
LETTERS = st.characters(codec="gb2312", exclude_categories=["Cc"])
cells = st.text(LETTERS, max_size=8) | st.sampled_from(["", "中 文", "1,234.50", " 机构"])


def drawn(headings: list[tuple[str, Align]], rows: Rows) -> str:
    """The same table as rich draws it when there is room for all of it."""
    file = io.StringIO()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for heading, align in headings:
        table.add_column(heading, justify=align, overflow="fold", no_wrap=align == "right")
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    Console(file=file, width=10_000).print(table)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines())


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[tuple[str, Align]], Rows]:
    aligns = draw(st.lists(st.sampled_from(ALIGNS), min_size=1, max_size=4))
    headings = [(f"列{'x' * place}", align) for place, align in enumerate(aligns)]
    # On the right stand figures; rich takes blanks off their ends there.
    kinds = {"left": cells, "right": cells.map(str.rstrip)}
    row = st.tuples(*(kinds[align] for align in aligns)).map(list)
    return headings, draw(st.lists(row, max_size=4))


@pytest.mark.slow
@given(tables())
@example(
    ([("合计", "left"), ("", "right"), ("", "left")], [["机构", "2", ""], ["名", "", "e\u0301"]])
)
@example(([("", "right"), ("", "left")], [["", ""]]))
def test_a_table_for_a_pipe_is_what_rich_draws(table: tuple[list[tuple[str, Align]], Rows]) -> None:
    headings, rows = table
    assert table_text(headings, rows, io.StringIO()) == drawn(headings, rows)


def test_no_cell_breaks_its_line() -> None:
    lines = table_text([("a", "left"), ("b", "left")], [["甲\n乙", "c\td"]], io.StringIO())
    assert lines == "a       b\n甲\\n乙  c\\td"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_table_on_a_narrow_terminal_breaks_texts_and_cuts_no_amount(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    headings: list[tuple[str, Align]] = [("name", "left"), ("amount", "right")]
    text = table_text(headings, [["[red]" + "x" * 100, "1,234,567.89"]], Terminal())
    _, *lines = text.splitlines()  # the headings are bold
    assert max(map(len, lines)) <= NARROWEST
    assert "1,234,567.89" in text
    assert text.count("x") == 100
    assert "[red]" in text


@pytest.mark.parametrize(("institutions", "left"), [(20, None), (21, "… 1 more institutions")])
def test_the_first_twenty_institutions_are_shown(institutions: int, left: str | None) -> None:
    assessment = assess(small(["A"], institutions), "jiyuan-2022", 2022)
    text = summary_text(assessment, None, "en", io.StringIO())
    assert "I19" in text
    assert "I20" not in text
    assert ("more institutions" in text) == (left is not None)
    assert left is None or left in text
