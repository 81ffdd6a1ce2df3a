"""How cells look: fonts, borders, number formats; made once for each workbook."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook

BODY_FONT = "宋体"
TITLE_FONT = "黑体"
MONEY = "#,##0.00"
RATIO = "0.0000%"
"""Ratios have six decimals; as a percentage with four, all of them are there."""
RATE_PLACES = 4
"""Decimals of a rate as a percentage, at most."""
COUNT = "#,##0"
DATE = "yyyy-mm-dd"
AS_TEXT = "@"
COLOURS = ("#8FB4D4", "#1F5C8B")
"""Of the bars of a chart, told apart in print as well."""

_BODY: dict[str, Any] = {"font_name": BODY_FONT, "font_size": 10, "valign": "vcenter"}
_BOX: dict[str, Any] = {**_BODY, "border": 1, "border_color": "#808080"}
_TITLE: dict[str, Any] = {"font_name": TITLE_FONT, "valign": "vcenter"}
_HEADING: dict[str, Any] = {
    **_BOX,
    "font_name": TITLE_FONT,
    "bg_color": "#DDE7F0",
    "align": "center",
    "text_wrap": True,
}

STYLES: dict[str, dict[str, Any]] = {
    "title": {**_TITLE, "font_size": 16, "align": "center"},
    "section": {**_TITLE, "font_size": 12},
    "note": {**_BODY, "text_wrap": True, "font_color": "#404040"},
    "caption": {**_BODY, "text_wrap": True},
    "remark": {**_BODY, "font_color": "#9C2A00"},
    "heading": _HEADING,
    "required": {**_HEADING, "bg_color": "#F8DCC8", "font_color": "#9C2A00"},
    "text": {**_BOX, "text_wrap": True, "indent": 1},
    "label": {**_BOX, "bg_color": "#F2F2F2", "indent": 1},
    "code": {**_BODY, "text_wrap": True},
    "line": {**_BODY, "font_color": "#808080", "align": "right", "indent": 1},
    "centre": {**_BOX, "align": "center"},
    "number_text": {**_BOX, "align": "right"},
    "money": {**_BOX, "num_format": MONEY, "align": "right"},
    "ratio": {**_BOX, "num_format": RATIO, "align": "right"},
    **{
        f"rate_{places}": {
            **_BOX,
            "num_format": f"0.{'0' * places}%".replace(".%", "%"),
            "align": "right",
        }
        for places in range(RATE_PLACES + 1)
    },
    "count": {**_BOX, "num_format": COUNT, "align": "right"},
    "date": {**_BOX, "num_format": DATE, "align": "center"},
    "entry": {**_BOX, "align": "center", "bg_color": "#FFF9E5"},
    "total_label": {**_BOX, "bold": True, "align": "center"},
    "total_money": {**_BOX, "bold": True, "num_format": MONEY, "align": "right"},
    "total_count": {**_BOX, "bold": True, "num_format": COUNT, "align": "right"},
    "total_text": {**_BOX, "bold": True, "indent": 1, "text_wrap": True},
    "total_number_text": {**_BOX, "bold": True, "align": "right"},
    "sign": {**_BODY, "font_size": 11},
    "opinion": {**_BOX, "font_size": 11, "text_wrap": True, "valign": "top", "indent": 1},
    "caption_centre": {**_BODY, "align": "center"},
    "caption_right": {**_BODY, "align": "right"},
    "column_text": {**_BODY, "num_format": AS_TEXT},
    "column_date": {**_BODY, "num_format": DATE},
    "column_money": {**_BODY, "num_format": MONEY},
    "column_plain": _BODY,
}
"""Styles by name, as properties of xlsxwriter."""


class Book(Workbook):  # type: ignore[misc]  # xlsxwriter has no types
    """A workbook with its formats, by the names in `STYLES`."""

    def __init__(self, file: object, options: Mapping[str, Any]) -> None:
        super().__init__(file, options)
        self.styles: dict[str, Format] = {
            name: self.add_format(look) for name, look in STYLES.items()
        }
