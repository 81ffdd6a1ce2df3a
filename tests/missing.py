"""What a machine may lack: a test that needs it is skipped with the reason, in CI it fails."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip for want of a tool, with the reason; fail instead where CI is set."""
    reason = f"this test needs {what}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def program(*names: str, package: str) -> str:
    """Return the path of the first program that is there; else the test is `missing` a package."""
    search = os.environ.get("PATH", "") + os.pathsep + "/usr/sbin"
    for name in names:
        path = shutil.which(name, path=search)
        if path is not None:
            return path
    missing(f"{names[0]} (apt-get install {package})")
