from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from supply_chain import audit
from supply_chain.audit import CLEAN, FOUND, NOT_ASKED, Answer
from supply_chain.locks import LOCKS

NOTHING = Answer(0, [], [])
KNOWS = Answer(1, ["jinja2 2.4.1: PYSEC-2014-8 (mended in 2.7.2)"], [])
"""What a service answers to the question whether it knows anything."""


class Services:
    """Answers as the services of a test do, and keeps what they were asked."""

    def __init__(self, to_known: dict[str, Answer], to_locks: Answer) -> None:
        self.to_known = to_known
        self.to_locks = to_locks
        self.asked: list[tuple[str, int]] = []

    def __call__(self, options: Sequence[str], files: Sequence[Path]) -> Answer:
        self.asked.append((options[1], len(files)))
        if len(files) > 1:
            return self.to_locks
        assert files[0].read_text(encoding="utf-8").strip() == audit.KNOWN
        return self.to_known.get(options[1], NOTHING)


@pytest.mark.parametrize(
    ("to_locks", "code"),
    [
        (Answer(90, [], []), CLEAN),
        (Answer(90, ["click 8.5.1: PYSEC-2027-1 (mended in 8.5.2)"], []), FOUND),
        (Answer(89, [], ["pyspark"]), NOT_ASKED),
        (Answer(89, ["click 8.5.1: PYSEC-2027-1 (mended in 8.5.2)"], ["pyspark"]), FOUND),
        (NOTHING, NOT_ASKED),
    ],
)
def test_exit_code(to_locks: Answer, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    services = Services({"pypi": KNOWS}, to_locks)
    assert audit.audit([], services) == code
    assert services.asked == [("pypi", 1), ("pypi", len(LOCKS))]
    out, err = capsys.readouterr()
    assert f"{len(to_locks.found)} vulnerabilities known" in out
    assert all(found in out for found in to_locks.found)
    assert ("NOT ASKED ABOUT" in err) is bool(to_locks.unknown or to_locks == NOTHING)


@pytest.mark.parametrize("silent", [NOTHING, Answer(1, [], []), Answer(0, [], ["jinja2"])])
def test_a_service_that_does_not_name_the_known_one_is_not_believed(
    silent: Answer, capsys: pytest.CaptureFixture[str]
) -> None:
    services = Services({"pypi": silent, "osv": silent}, Answer(90, [], []))
    assert audit.audit([], services) == NOT_ASKED
    assert services.asked == [("pypi", 1), ("osv", 1)]
    assert "NO AUDIT TOOK PLACE" in capsys.readouterr().err


def test_the_second_service_is_asked_where_the_first_knows_nothing() -> None:
    services = Services({"osv": KNOWS}, Answer(90, [], []))
    assert audit.audit([], services) == CLEAN
    assert services.asked == [("pypi", 1), ("osv", 1), ("osv", len(LOCKS))]


@pytest.mark.process
def test_where_pip_audit_fails_nothing_was_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fails = shutil.which("false")
    assert fails
    monkeypatch.setattr(sys, "executable", fails)
    assert audit.audit([]) == NOT_ASKED
    assert "NO AUDIT TOOK PLACE" in capsys.readouterr().err


def test_a_report_is_read() -> None:
    report = {
        "dependencies": [
            {"name": "click", "version": "8.5.1", "vulns": []},
            {
                "name": "jinja2",
                "version": "2.4.1",
                "vulns": [
                    {"id": "PYSEC-2014-8", "fix_versions": ["2.7.2"]},
                    {"id": "PYSEC-2030-1", "fix_versions": []},
                ],
            },
            {"name": "left-pad", "skip_reason": "not found"},
        ],
        "fixes": [],
    }
    assert audit.answer_of(report) == Answer(
        asked=2,
        found=[
            "jinja2 2.4.1: PYSEC-2014-8 (mended in 2.7.2)",
            "jinja2 2.4.1: PYSEC-2030-1 (mended in no release yet)",
        ],
        unknown=["left-pad"],
    )
