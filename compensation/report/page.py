"""A page to print: HTML in one file that loads nothing; texts in Chinese with English below."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape

from compensation.language import Text, visible

_STYLE = """
@page { size: A4; margin: 18mm 15mm; }
body { font: 10.5pt/1.5 "Noto Serif CJK SC", "Source Han Serif SC", SimSun, serif; color: #111;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 17pt; line-height: 1.3; margin: 0 0 .3rem; }
h2 { font-size: 12.5pt; margin: 1.4rem 0 .4rem; break-after: avoid; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 1px solid #999; padding: .3rem .5rem; text-align: left; vertical-align: top;
  overflow-wrap: break-word; }
th { background: #eee; font-weight: 600; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
tr.kind th { background: #f6f6f6; }
table.facts th { width: 9rem; }
[lang=en] { display: block; color: #555; font-size: 8.5pt; line-height: 1.35;
  font-family: "Noto Sans", Arial, sans-serif; }
p.notice { border: 1px solid #a60; padding: .4rem .6rem; }
td.number { text-align: right; font-variant-numeric: tabular-nums; }
@media print { body { margin: 0; padding: 0; max-width: none; } }
"""


def html_page(title: Text, body: Iterable[str]) -> str:
    """Return a page of its parts."""
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="zh-CN">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{_escaped(title.zh)}</title>",
            f"<style>{_STYLE}</style></head>",
            "<body>",
            f"<h1>{both(title)}</h1>",
            *body,
            "</body></html>",
            "",
        ]
    )


def _escaped(text: str) -> str:
    return escape(visible(text))


def both(text: Text) -> str:
    """Return a text with its English below, unless both are the same."""
    if text.zh == text.en:
        return _escaped(text.zh)
    return f'{_escaped(text.zh)}<span lang="en">{_escaped(text.en)}</span>'


def facts_table(facts: Iterable[tuple[Text, Text]]) -> str:
    """Return what is said of something: a row for each, its name and what is said."""
    rows = [f"<tr><th>{both(name)}</th><td>{both(said)}</td></tr>" for name, said in facts]
    return "\n".join(['<table class="facts">', *rows, "</table>"])


def section(title: Text, headings: Sequence[Text], rows: Iterable[str]) -> Iterator[str]:
    """Yield a table with its title; nothing where it has no rows."""
    listed = list(rows)
    if not listed:
        return
    yield f"<h2>{both(title)}</h2>"
    yield "<table><thead><tr>"
    yield from (f"<th>{both(heading)}</th>" for heading in headings)
    yield "</tr></thead><tbody>"
    yield from listed
    yield "</tbody></table>"


def row(*cells: Text, numbers: Sequence[bool] = ()) -> str:
    """Return a row of a table; ``numbers``: which cells stand to the right."""
    right = [*numbers, *[False] * len(cells)]
    said = (
        f'<td class="number">{both(cell)}</td>' if number else f"<td>{both(cell)}</td>"
        for cell, number in zip(cells, right, strict=False)
    )
    return f"<tr>{''.join(said)}</tr>"
