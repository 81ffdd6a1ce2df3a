"""Paths that are no UTF-8: the command line shows them escaped, whatever it does with them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ODD = os.fsdecode(b"b\xff\xfe")
SHOWN = rb"b\udcff\udcfe"
EXAMPLE = str(ROOT / "examples" / "jiyuan-2022.xlsx")
RUN = ("--year", "2022", "--policy", "jiyuan-2022")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("assess", EXAMPLE, *RUN, "-o", f"{ODD}.xlsx"), 0),
        (("assess", EXAMPLE, *RUN, "-o", ODD), 0),
        (("assess", f"{ODD}.xlsx", *RUN, "-o", "a.xlsx"), 2),
        (("assess", EXAMPLE, *RUN, "--reviews", f"{ODD}.xlsx", "-o", "a.xlsx"), 2),
        (("assess", EXAMPLE, "--year", "2022", "--policy", f"{ODD}.toml", "-o", "a.xlsx"), 2),
        (("policies", "check", f"{ODD}.toml"), 2),
        (("verify", ODD, EXAMPLE), 2),
        (("diff", ODD, ODD), 2),
        ((ODD,), 2),
    ],
)
def test_a_path_that_is_no_utf_8(tmp_path: Path, arguments: tuple[str, ...], code: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-m", "compensation", *arguments],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=60,
    )
    said = ran.stdout + ran.stderr
    assert b"Traceback" not in said
    assert SHOWN in said
    assert ran.returncode == code, said
    said.decode("utf-8")
