"""Paths that are no UTF-8: the command line shows them escaped, whatever it does with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.command import run, run_all

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[1]
ODD = os.fsdecode(b"b\xff\xfe")
SHOWN = r"b\udcff\udcfe"
EXAMPLE = str(ROOT / "examples" / "jiyuan-2022.xlsx")
RUN = ("--year", "2022", "--policy", "jiyuan-2022")


COMMANDS: tuple[tuple[tuple[str, ...], int], ...] = (
    (("assess", f"{ODD}.xlsx", *RUN, "-o", "a.xlsx"), 2),
    (("assess", EXAMPLE, *RUN, "--reviews", f"{ODD}.xlsx", "-o", "a.xlsx"), 2),
    (("assess", EXAMPLE, "--year", "2022", "--policy", f"{ODD}.toml", "-o", "a.xlsx"), 2),
    (("policies", "check", f"{ODD}.toml"), 2),
    (("verify", ODD, EXAMPLE), 2),
    (("diff", ODD, ODD), 2),
    ((ODD,), 2),
    (("assess", EXAMPLE, *RUN, "-o", f"{ODD}.xlsx"), 0),
    (("assess", EXAMPLE, *RUN, "-o", ODD), 0),
)
"""The commands, and how they end; the last two write what the others lack."""


def test_a_path_that_is_no_utf_8(tmp_path: Path) -> None:
    """What is said can be read as UTF-8, which `run_all` does."""
    commands = [arguments for arguments, _ in COMMANDS]
    for ran, (_, code) in zip(
        run_all(*commands, cwd=tmp_path, variables={"PYTHONWARNINGS": "error"}),
        COMMANDS,
        strict=True,
    ):
        said = ran.stdout + ran.stderr
        assert "Traceback" not in said
        assert SHOWN in said
        assert ran.returncode == code, said
    alone = run(ODD, cwd=tmp_path)
    assert (alone.returncode, SHOWN in alone.stderr) == (2, True)
