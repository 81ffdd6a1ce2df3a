"""What is answered of results that were kept: whether one comes out again, how two differ."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from api.assessing import answers, uploads
from api.assessing.jobs import Job, Upload
from api.problems import Problem, wrong_values_problem
from compensation import Difference, InputFaults, ResultRefused, Verification, diff, verify
from compensation.issues import Issue, Place
from compensation.language import Text, same
from compensation.record.comparison import TableDifference
from compensation.record.summaries import ValueDifference
from compensation.record.wording import difference_text, verification_text

Found = TypeVar("Found")
MOST_CELLS_LISTED = 200
"""Cells, rows and values of a table that differ and are listed; the others are counted."""


def other_file(job: Job, upload: Upload, field: str) -> Path | None:
    """Return a further file of a form, under the name that the client gave it; None without one."""
    if field not in upload.others:
        return None
    most = job.settings.max_unpacked_bytes
    return uploads.input_of(job.other(field), upload.others[field], most, field)


def compared(job: Job, upload: Upload) -> dict[str, Any]:
    """Verify a result or compare two, as the form asks; raises `Problem`."""
    if upload.fields is None or upload.wrong:
        raise answers.refusal(upload.wrong, 0, job)
    source = uploads.input_of(job.content, upload.name, job.settings.max_unpacked_bytes)
    if job.task == "difference":
        other = _given(other_file(job, upload, "other"))
        return _differing(_asked(lambda: diff(source, other), "other", job), job)
    result = _given(other_file(job, upload, "result"))
    reviews = other_file(job, upload, "reviews")
    return _verified(_asked(lambda: verify(result, source, reviews=reviews), "result", job), job)


def _given(path: Path | None) -> Path:
    assert path is not None, "a form without a file that it needs is refused before"
    return path


def _asked(ask: Callable[[], Found], field: str, job: Job) -> Found:
    try:
        return ask()
    except InputFaults as error:
        raise answers.refusal_of(error, (), job, {}) from error
    except ResultRefused as error:
        raise _refused(error, field, job) from error


def _refused(error: ResultRefused, field: str, job: Job) -> Problem:
    message = answers.without_path(error.message, job)
    expected = Text("本程序写出的结果工作簿", "a result workbook that this program wrote")
    return wrong_values_problem(
        [Issue("not_a_result", message, Place(parameter=field), expected=expected)]
    )


def _verified(found: Verification, job: Job) -> dict[str, Any]:
    return {
        "same": found.same,
        "comes_out": found.comes_out,
        "input_changed": found.input_changed,
        "reviews_changed": found.reviews_changed,
        "rules_changed": found.rules_changed,
        "program_changed": found.program_changed,
        "result_changed": found.result_changed,
        "totals": _values(found.values),
        "tables": _tables(found.tables),
        "text": _without_path(verification_text(found, job.language, io.StringIO()), job),
    }


def _differing(found: Difference, job: Job) -> dict[str, Any]:
    return {
        "same": found.same,
        "totals": _values(found.totals),
        "tables": _tables(found.tables),
        "text": _without_path(difference_text(found, job.language, io.StringIO()), job),
    }


def _without_path(text: str, job: Job) -> str:
    return answers.without_path(same(text), job).zh


def _values(values: Sequence[ValueDifference]) -> list[dict[str, Any]]:
    return [value._asdict() for value in values]


def _tables(tables: Sequence[TableDifference]) -> list[dict[str, Any]]:
    return [
        {
            "table": table.table,
            "rows": table.rows,
            "removed": table.removed[:MOST_CELLS_LISTED].to_pylist(),
            "added": table.added[:MOST_CELLS_LISTED].to_pylist(),
            "cells": [
                cell._asdict() | {"change": None if cell.change is None else str(cell.change)}
                for cell in table.cells(MOST_CELLS_LISTED)
            ],
        }
        for table in tables
        if not table.same
    ]
