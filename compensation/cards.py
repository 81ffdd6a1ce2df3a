"""How values show in a Python session: one short line, and a card in notebooks.

The line is English, as Python's own; a card has both languages. `describe` of a value says more, in
one language.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple

from compensation.language import Text, visible

ROWS_SHOWN = 20
NEAR_SHOWN = 3
_CELL = "padding:2px 10px;text-align:left;vertical-align:top"


class Card(NamedTuple):
    """What shows of a value.

    `facts`: what is said of it, each with its name. `headings`, `rows`: a table below; `of`: how
    many rows it has in all, where only the first are given.
    """

    title: Text
    facts: Sequence[tuple[Text, object]] = ()
    headings: Sequence[Text] = ()
    rows: Sequence[Sequence[object]] = ()
    of: int = 0


class Shown:
    """A value that shows as a card; `_inside`: members that are not for users."""

    _inside: ClassVar[frozenset[str]] = frozenset()

    def _card(self) -> Card:
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return what it is and the facts of it, in a line."""
        card = self._card()
        facts = ", ".join(f"{name.en} {_english(value)}" for name, value in card.facts)
        return f"<{type(self).__name__} {card.title.en}{': ' if facts else ''}{facts}>"

    def _repr_html_(self) -> str:
        """Return the card for a notebook."""
        return html_of(self._card())

    def __dir__(self) -> list[str]:
        """Return the names for users."""
        return [name for name in super().__dir__() if name not in self._inside]


def html_of(card: Card) -> str:
    """Return a card as HTML; nothing in it acts as markup.

    >>> html_of(Card(Text("机构", "institution <1>")))
    '<div><strong>机构 · institution &lt;1&gt;</strong></div>'
    """
    parts = [f"<strong>{_both(card.title)}</strong>"]
    if card.facts:
        facts = "".join(_row("th", [name], "td", [value]) for name, value in card.facts)
        parts.append(f"<table>{facts}</table>")
    if card.headings:
        rows = "".join(_row("td", row) for row in card.rows)
        parts.append(f"<table>{_row('th', card.headings)}{rows}</table>")
        left = card.of - len(card.rows)
        if left > 0:
            parts.append(f"<p>{_both(Text(f'另有 {left} 行', f'{left} more'))}</p>")
    return f"<div>{''.join(parts)}</div>"


def _row(
    tag: str, cells: Sequence[object], tag_after: str = "", after: Sequence[object] = ()
) -> str:
    said = [(tag, cell) for cell in cells] + [(tag_after, cell) for cell in after]
    return (
        "<tr>" + "".join(f'<{t} style="{_CELL}">{_both(cell)}</{t}>' for t, cell in said) + "</tr>"
    )


def _both(value: object) -> str:
    # Only notebooks ask for HTML, whose module has all its entities.
    from html import escape

    if isinstance(value, Text) and value.zh != value.en:
        return f"{escape(visible(value.zh))} · {escape(visible(value.en))}"
    return escape(visible(_english(value)))


def _english(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Text):
        return value.en
    return "" if value is None else str(value)


def no_such(what: Text, id_: str, known: Iterable[str]) -> KeyError:
    """Return the error of an id that is not there; it names the ones most like it.

    >>> no_such(Text("代偿", "claim"), "D-10", ["D-01", "D-11", "X"])
    KeyError("没有代偿 'D-10'；相近的有：D-11, D-01 / no claim 'D-10'; near it: D-11, D-01")
    """
    near = ", ".join(difflib.get_close_matches(id_, known, NEAR_SHOWN))
    zh = f"没有{what.zh} {id_!r}" + (f"；相近的有：{near}" if near else "")
    en = f"no {what.en} {id_!r}" + (f"; near it: {near}" if near else "")
    return KeyError(f"{zh} / {en}")
