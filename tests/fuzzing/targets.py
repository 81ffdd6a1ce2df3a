"""What is fuzzed: each reader, given bytes, reads them or says what is wrong with them.

A target returns what was said, or an empty text; anything but the exceptions that a reader is
there to raise is a defect of ours, and so is what `_said` does not let through.
"""

from __future__ import annotations

import functools
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Literal

from api.assessing import worker
from api.assessing.jobs import Job, Upload
from api.assessing.requests import AssessmentBody, AssessmentForm
from api.problems import Problem
from api.settings import Settings
from compensation import Assessment, InputFaults, assess, read_portfolio
from compensation.language import Language, visible
from compensation.ledger.portfolio import Portfolio
from compensation.ledger.reviews import apply_reviews, read_reviews
from compensation.ledger.whole_tables import whole_table
from compensation.policy.catalogue import load_policy
from compensation.policy.faults import PolicyFaults
from compensation.readers.partitions import open_partitions
from compensation.schema.dictionary import CONTRACTS
from compensation.streaming import assess_files
from tests.fuzzing import seeds

POLICY = "jiyuan-2022"
YEAR = 2022
SETTINGS = Settings(
    max_unpacked_bytes=2**22, max_rows=10_000, max_faults=100, assessment_memory_bytes=2**33
)
_SHARED_MEMORY = Path("/dev/shm")


@functools.cache
def _folder() -> Path:
    """Return a folder of this process, in memory where there is such a place."""
    place = _SHARED_MEMORY if os.access(_SHARED_MEMORY, os.W_OK) else None
    return Path(tempfile.mkdtemp(prefix="fuzzing-", dir=place))


def clean_up() -> None:
    """Remove what this process has written."""
    shutil.rmtree(_folder(), ignore_errors=True)
    _folder.cache_clear()


def _written(name: str, content: bytes) -> Path:
    path = _folder() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


_TURNING = {"B", "S", "BN", "LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Classes of signs that turn the direction of writing, end a line, or have no width."""


def _said(fault: InputFaults | PolicyFaults | Problem) -> str:
    """Return what a fault says, in both languages; it is never empty, and can be printed."""
    if isinstance(fault, Problem):
        lines = [fault.text.zh, fault.text.en] if fault.text is not None else []
        lines += [wrong.message.zh for wrong in fault.errors]
        assert lines, fault.name
        text = "\n".join(lines)
    else:
        text = fault.describe("zh") + "\n" + fault.describe("en")
        assert "\n" in fault.describe("zh")
    shown = visible(text)
    unseen = {sign for sign in shown if unicodedata.bidirectional(sign) in _TURNING} - set("\t\n")
    assert not unseen, unseen
    return shown


def _assessed(path: Path) -> str:
    try:
        assessment = assess_files(path, POLICY, YEAR)
    except InputFaults as fault:
        return _said(fault)
    _adds_up(assessment)
    return ""


def _adds_up(assessment: Assessment) -> None:
    """What came through all checks has a result whose totals are those of its rows."""
    claims = assessment.tables["claims"]
    payable = sum((cell for cell in claims["payable"].to_pylist()), Decimal(0))
    assert Decimal(assessment.summary["totals"]["payable"]) == payable


def workbook(content: bytes) -> str:
    """Read and assess a workbook."""
    return _assessed(_written("input.xlsx", content))


def csv(content: bytes) -> str:
    """Read and assess a folder of CSV files, between which the bytes have a mark."""
    parts = content.split(seeds.MARK)
    names = list(seeds.TABLES)
    folder = _folder() / "csv"
    for name, part in zip(names, parts, strict=False):
        _written(f"csv/{name}.csv", part)
    for name in names[len(parts) :]:
        (folder / f"{name}.csv").unlink(missing_ok=True)
    return _assessed(folder)


def parquet(content: bytes) -> str:
    """Read and assess contracts in Parquet, as a file and as a folder of files."""
    for name, rows in seeds.TABLES.items():
        if name != CONTRACTS.name and not (_folder() / "parquet" / f"{name}.csv").exists():
            _written(f"parquet/{name}.csv", seeds.csv_text(rows).encode())
    said = _assessed(_written("parquet/contracts.parquet", content).parent)
    file = _written("contracts/institution_id=J1/a.parquet", content)
    try:
        opened, _ = open_partitions(file.parent.parent, CONTRACTS)
        if opened is not None:
            whole_table(opened, CONTRACTS)
    except InputFaults as fault:
        said += _said(fault)
    return said


@functools.cache
def _portfolio() -> Portfolio:
    return read_portfolio(_written("whole.xlsx", seeds.workbook()))


def reviews(content: bytes) -> str:
    """Read a review sheet, and put its decisions into a portfolio."""
    try:
        decided = read_reviews(_written("reviews.xlsx", content))
        apply_reviews(_portfolio(), decided)
    except InputFaults as fault:
        return _said(fault)
    return ""


def policy(content: bytes) -> str:
    """Check a policy file, and assess by it if nothing is wrong with it."""
    try:
        chosen = load_policy(_written("own.toml", content))
        year = chosen.rules.effective.from_.year
        _adds_up(assess(_portfolio(), chosen, year))
    except (PolicyFaults, InputFaults) as fault:
        return _said(fault)
    return ""


def series(content: bytes) -> str:
    """Check a file of reference series."""
    try:
        load_policy("luoyang-2025", [_written("series.toml", content)])
    except PolicyFaults as fault:
        return _said(fault)
    return ""


def upload(content: bytes) -> str:
    """Answer an uploaded file as the API does."""
    shutil.rmtree(_folder() / "upload", ignore_errors=True)
    path = _written("upload/content", content)
    return _answered(
        Job(
            path.parent,
            AssessmentForm,
            Upload(
                "台账",
                AssessmentForm(file="台账", policy=POLICY, year=YEAR, explain="institutions"),
            ),
            *_JSON,
        )
    )


def json(content: bytes) -> str:
    """Answer a portfolio in JSON as the API does."""
    return _answered(Job(_written("json/content", content).parent, AssessmentBody, None, *_JSON))


_JSON: tuple[Literal["json"], Language, str, Settings] = ("json", "zh", "0", SETTINGS)


def _answered(job: Job) -> str:
    try:
        worker.answer(job)
    except Problem as fault:
        return _said(fault)
    return ""


TARGETS: dict[str, Callable[[bytes], str]] = {
    target.__name__: target
    for target in (workbook, csv, parquet, reviews, policy, series, upload, json)
}
