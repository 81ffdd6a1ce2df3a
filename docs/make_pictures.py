"""Make docs/images: workbooks as LibreOffice prints them, cropped.

They are the result of the example, a ledger in the forms of offices, and a copy of an invented
ledger with its faults marked.

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
from compensation.faults.input_faults import InputFaults
from compensation.ledger.portfolio_input import read_portfolio
from compensation.policy.catalogue import load_policy
from compensation.report.marked_copy import write_marked_copy
from compensation.report.sheet import new_workbook
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
    "担保合同台账": "marked-copy",
}
"""Pages by what their text has near its beginning, and the picture that each becomes."""
WRONG = {
    "机构": [["机构代码", "政府性融资担保机构"], ["SL-001", "是"]],
    "担保合同": [
        ["担保合同台账", None, None, None, None, None, None, "单位：元"],
        ["合同编号", "机构代码", "借款人代码", "借款人类型", "担保金额", "起始日期", "解除日期"],
        ["HT1", "SL-001", "J1", "小型企业", "1000000", "2021-06-01", "2022-05-31"],
        ["HT2", "SL-001", "J2", "小企业", "500000.005", "2021-02-29"],
        ["HT3", "SL-002", "J3", "农户", "300,000", "2022-03-01", "2022-02-01"],
        ["HT1", "SL-001", "J4", "农户", "200000", "2022/4/1"],
    ],
    "代偿": [["代偿编号", "合同编号", "代偿日期", "代偿本金"]],
}
"""A ledger with faults, by sheet."""
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
        _write_marked(folder / "marked.xlsx")
        for workbook in ("result", "forms", "marked"):
            _cut_out(folder, workbook)


def _write_marked(path: Path) -> None:
    """Write a copy of the wrong ledger with its faults marked."""
    source = path.with_name("ledger.xlsx")
    with new_workbook(source, "", streamed=False) as book:
        for name, rows in WRONG.items():
            sheet = book.add_worksheet(name)
            for row, cells in enumerate(rows):
                sheet.write_row(row, 0, cells)
    try:
        read_portfolio(source)
    except InputFaults as wrong:
        write_marked_copy(source, wrong.faults, path, load_policy("jiyuan-2022"))


def _cut_out(folder: Path, workbook: str) -> None:
    """Have a workbook printed, and cut out of it what becomes a picture."""
    office = ["soffice", f"-env:UserInstallation={(folder / 'office').as_uri()}", "--headless"]
    source, pdf = folder / f"{workbook}.xlsx", folder / f"{workbook}.pdf"
    _run(*office, "--convert-to", "pdf", "--outdir", str(folder), str(source))
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
