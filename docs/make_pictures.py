"""Make docs/images: workbooks as LibreOffice prints them, cropped: the example's result, and forms.

Needs soffice and pdftoppm, so it is run by hand after the example or the workbook has changed.

    python -m docs.make_pictures
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from compensation.assessment import assess
from compensation.ledger.intake import read_portfolio
from compensation.report.workbook import write_workbook
from examples.office_forms import write_office_forms

DOCS = Path(__file__).parent
EXAMPLE = DOCS.parent / "examples" / "jiyuan-2022.xlsx"
PICTURES = {
    "政府性融资担保风险补偿汇总": "summary",
    "代偿补偿明细": "claims",
    "审核表": "reviews",
    "融资担保业务明细表": "forms-contracts",
    "代偿情况表": "forms-claims",
}
"""Pages by what their text has near its beginning, and the picture that each becomes."""
DPI = 110
MARGIN = 12
"""Pixels left around what is printed."""
WHITE = 250
"""From here on a pixel counts as empty."""
FOOTER = 0.9
"""From this part of the height on there is only the footer."""


def main() -> None:
    """Write the workbooks, have them printed, and cut the pictures out."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_workbook(assess(read_portfolio(EXAMPLE), "jiyuan-2022", 2022), folder / "result.xlsx")
        write_office_forms(folder / "forms.xlsx")
        office = ["soffice", f"-env:UserInstallation={(folder / 'office').as_uri()}", "--headless"]
        for workbook in ("result", "forms"):
            _run(*office, "--convert-to", "pdf", "--outdir", name, str(folder / f"{workbook}.xlsx"))
            _cut(folder / f"{workbook}.pdf")


def _cut(pdf: Path) -> None:
    """Cut the pictures out of the pages that `PICTURES` names."""
    pages = _run("pdftotext", "-layout", str(pdf), "-").split(b"\f")
    for number, page in enumerate(pages, 1):
        beginning = page.decode().strip().splitlines()[:1]
        for text, picture in PICTURES.items():
            if beginning and text in beginning[0]:
                _crop(pdf, number, DOCS / "images" / picture)


def _crop(pdf: Path, page: int, picture: Path) -> None:
    """Write one page as a PNG, without its empty parts and its footer."""
    command = ["pdftoppm", "-r", str(DPI), "-f", str(page), "-l", str(page)]
    pixels = _pixels(_run(*command, str(pdf)))
    above = pixels[: int(len(pixels) * FOOTER)]
    printed = np.argwhere(np.min(above, axis=2) < WHITE)
    top, left = np.maximum(printed.min(axis=0) - MARGIN, 0)
    height, width = printed.max(axis=0) + MARGIN - (top, left)
    place = ["-x", str(left), "-y", str(top), "-W", str(width), "-H", str(height)]
    _run(*command, *place, "-png", "-singlefile", str(pdf), str(picture))


def _pixels(ppm: bytes) -> npt.NDArray[np.uint8]:
    """Return a binary PPM as (height, width, 3)."""
    _, size, _, content = ppm.split(b"\n", 3)
    width, height = map(int, size.split())
    return np.frombuffer(content, dtype=np.uint8).reshape(height, width, 3)


def _run(*command: str) -> bytes:
    return subprocess.run(command, check=True, capture_output=True).stdout


if __name__ == "__main__":
    main()
