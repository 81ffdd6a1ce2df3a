"""What reading a workbook takes at least: python-calamine gives its cells as Python objects.

    python -m benchmarks.peers.workbook_cells FILE.xlsx OUTPUT

It computes and writes nothing; ours over this is how much more than the parser we take.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import python_calamine as calamine


def main() -> None:
    """Run as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("path", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    with calamine.CalamineWorkbook.from_path(given.path) as workbook:
        for name in workbook.sheet_names:
            workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)


if __name__ == "__main__":
    main()
