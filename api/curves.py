"""A curve in an answer: its points and cliffs in rows, and the picture."""

from __future__ import annotations

from typing import Any

from api.assessing.answers import rows_of
from compensation.language import Language
from compensation.outlook.curve import Course
from compensation.report.curve_svg import curve_svg


def drawn(found: Course, language: Language) -> dict[str, Any]:
    """Return the tables of a curve and its picture; values are texts, whatever moves."""
    tables = {
        name: [
            {key: str(cell) if key.startswith("value") else cell for key, cell in row.items()}
            for row in rows_of(table)
        ]
        for name, table in found.tables.items()
    }
    return {**tables, "picture": curve_svg(found, language)}
