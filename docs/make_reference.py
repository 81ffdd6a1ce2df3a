"""Write the pages that follow from the code: docs/data-dictionary.md and docs/clauses.md.

A test compares the pages with what this script makes.

    python -m docs.make_reference
"""

from __future__ import annotations

from pathlib import Path

from docs.clauses_page import clauses
from docs.dictionary_page import data_dictionary

HERE = Path(__file__).parent
PAGES = {"data-dictionary.md": data_dictionary, "clauses.md": clauses}
"""What makes each page, by its name in docs/."""


def main() -> None:
    """Write every page beside this script."""
    for name, make in PAGES.items():
        (HERE / name).write_text(make(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
