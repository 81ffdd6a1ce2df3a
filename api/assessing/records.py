"""What is answered of results that were kept: whether one comes out again, how two differ."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from api.assessing import answers, uploads
from api.assessing.jobs import Job, Upload
from api.assessing.requests import DifferenceForm
from api.problems import wrong_values_problem
from compensation import Difference, InputFaults, ResultRefused, Verification, diff, verify
from compensation.issues import Issue, Place
from compensation.language import Text, same
from compensation.record.summaries import ValueDifference
from compensation.record.wording import difference_text, verification_text

Found = TypeVar("Found")
MOST_CELLS_LISTED = 200
"""Cells, rows and values of a table that differ and are listed; the others are counted."""


VERIFIED = (
    *("comes_out", "input_changed", "reviews_changed"),
    *("rules_changed", "program_changed", "result_changed"),
)
"""What an answer takes over from a verification as it is."""


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
    if job.model is DifferenceForm:
        other = other_file(job, upload, "other")
        assert other is not None  # a form without a file that it needs is refused before
        differing = _asked(lambda: diff(source, other), "other", job)
        text = difference_text(differing, job.language, io.StringIO())
        return _differing(differing, differing.totals, text, job)
    result = other_file(job, upload, "result")
    assert result is not None  # see above
    reviews = other_file(job, upload, "reviews")
    found = _asked(lambda: verify(result, source, reviews=reviews), "result", job)
    text = verification_text(found, job.language, io.StringIO())
    changed = {name: getattr(found, name) for name in VERIFIED}
    return {"same": found.same, **changed, **_differing(found, found.values, text, job)}


def _asked(ask: Callable[[], Found], field: str, job: Job) -> Found:
    try:
        return ask()
    except InputFaults as error:
        raise answers.refusal_of(error, (), job, {}) from error
    except ResultRefused as error:
        message = answers.without_path(error.message, job)
        expected = Text("本程序写出的结果工作簿", "a result workbook that this program wrote")
        where = Place(parameter=field)
        issue = Issue("not_a_result", message, where, expected=expected)
        raise wrong_values_problem([issue]) from error


def _differing(
    found: Difference | Verification, totals: Sequence[ValueDifference], text: str, job: Job
) -> dict[str, Any]:
    return {
        "same": found.same,
        "totals": [value._asdict() for value in totals],
        "tables": [
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
            for table in found.tables
            if not table.same
        ],
        "text": answers.without_path(same(text), job).zh,
    }
