"""Results of every form on disk, and cells in them changed as a person would."""

from __future__ import annotations

import csv
import io
import json
import shutil
import tempfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from compensation.joint_assessment import Assessed
from compensation.language import Language
from compensation.policy.catalogue import load_policy
from compensation.record.verification import Verification
from compensation.record.wording import verification_text
from compensation.report.folder import file_digest
from compensation.report.output import Form, write_output
from compensation.report.record import own_digest
from compensation.report.tables import RESULTS, TITLE_ROWS, result_heading
from compensation.settlement.settlement import Settlement
from tests.assessing import read_rows

Result = Assessed | Settlement
FORMS: tuple[Form, ...] = ("csv", "parquet", "xlsx")
LEDGER = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"
KEYS = {"claims": "claim_id", "institutions": "institution_id", "returns": "recovery_id"}


class WrittenOnce:
    """Copies of results: many tests want the same one, and writing a workbook takes long."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory()
        self._kept: dict[tuple[int, Form], tuple[Result, Path]] = {}

    def copied(self, result: Result, folder: Path, form: Form) -> Path:
        """Write a result in a form into a folder; return where it is."""
        key = (id(result), form)
        if key not in self._kept:
            home = Path(self._home.name) / str(len(self._kept))
            home.mkdir()
            # The result is kept as well: no other may get its id.
            self._kept[key] = result, home / ("result.xlsx" if form == "xlsx" else form)
            write_output(result, self._kept[key][1], form)
        _, path = self._kept[key]
        folder.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            return Path(shutil.copytree(path, folder / path.name))
        return Path(shutil.copy(path, folder))


WRITTEN = WrittenOnce()


def written(result: Result, folder: Path, form: str) -> Path:
    """Write a result in a form; return where it is."""
    return WRITTEN.copied(result, folder, form)  # type: ignore[arg-type]


def said_of(found: Verification, language: Language = "zh") -> str:
    """What the command prints of it; the command would compute the result once more."""
    return verification_text(found, language, io.StringIO())


def edit_cell(path: Path, form: str, table: str, row: int, column: str, value: str) -> None:
    """Put a text, or a number where there was one, into a cell of a result table."""
    if form == "csv":
        edit_csv(path / f"{table}.csv", lambda rows: rows[row].update({column: value}))
    elif form == "parquet":
        edit_parquet(path / f"{table}.parquet", row, column, value)
    else:
        edit_sheet(path, table, row, column, value)


def edit_csv(file: Path, change: Callable[[list[dict[str, str]]], Any]) -> None:
    rows = read_rows(file)
    names = list(rows[0])
    change(rows)
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def edit_parquet(file: Path, row: int, column: str, value: str) -> None:
    table = pq.read_table(file)
    kind = table.schema.field(column).type
    cells = table[column].to_pylist()
    cells[row] = Decimal(value) if pa.types.is_decimal(kind) else value
    place = table.column_names.index(column)
    pq.write_table(table.set_column(place, column, pa.array(cells, kind)), file)


def edit_sheet(path: Path, table: str, row: int, column: str, value: str) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book[RESULTS[table]]
    policy = load_policy("jiyuan-2022")
    headings = [cell.value for cell in sheet[TITLE_ROWS + 1]]
    cell = sheet.cell(TITLE_ROWS + 2 + row, headings.index(result_heading([policy], column)) + 1)
    cell.value = (
        float(value) if isinstance(cell.value, int | float) and value[-1].isdigit() else value
    )
    book.save(path)


def edit_summary(
    folder: Path,
    change: Callable[[dict[str, Any]], Any],
    *,
    forge: bool,
    name: str = "summary.json",
) -> None:
    """Change what a summary says; ``forge``: and bring its digests up to date."""
    path = folder / name
    said = json.loads(path.read_text(encoding="utf-8"))
    change(said)
    if forge:
        said["files"] = {file: file_digest(folder / file) for file in said["files"]}
        said["summary_digest"] = own_digest(said)
    path.write_text(json.dumps(said, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
