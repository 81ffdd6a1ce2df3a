"""A process killed while it writes: the old result is whole, or the new one is, or it shows."""

from __future__ import annotations

import json
import os
import tempfile

import pytest

from tests.command import run_module
from tests.faults.killing import FORMS, Left

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def found() -> list[Left]:
    """What is left after each step.

    In memory where there is a place for that: what a disk has stored is not in question here.
    """
    place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=place) as folder:
        done = run_module("tests.faults.killing", folder)
    assert not done.returncode, done.stderr
    return [Left(**json.loads(line)) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("earlier", [True, False])
@pytest.mark.parametrize("form", FORMS)
def test_killed_at_each_step(form: str, earlier: bool, found: list[Left]) -> None:
    own = [left for left in found if left.form == form and left.earlier == earlier]
    before = "old" if earlier else "none"
    half = {"no summary"} if form != "xlsx" else set()
    assert {left.state for left in own} == {before, "new", *half}
    assert any(left.aside for left in own)
    assert {left.again for left in own} == {"new"}
    assert {left.state for left in own if left.command} == {left.state for left in own}
    assert all(left.clean for left in own)
