"""Running the real command as a process, as a shell would."""

from __future__ import annotations

import contextlib
import ctypes
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from unittest import mock

import compensation
from compensation.cli import main

ROOT = Path(compensation.__file__).parent.parent


JIYUAN = ("--year", "2022", "--policy", "jiyuan-2022")
"""The year and the policy of most runs here."""
PR_CAPBSET_DROP = 24
KEPT = ("PATH", "HOME", "SYSTEMROOT", "COVERAGE_PROCESS_CONFIG")
"""What a new process needs of the environment; the last for `tools/coverage`, which sets it."""
OVERRIDING = (1, 2)
"""The capabilities CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of Linux."""


def obey_rights() -> None:
    """In a new process: have the rights of files hold for the superuser, too."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in OVERRIDING:
            if libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0):
                raise OSError


SEVERAL = """
import json, os, sys, tempfile
from compensation.cli import main
from compensation.cli.process import spare_time
spare_time()
done, really = [], os.dup(1)
for arguments in json.load(sys.stdin):
    places = [tempfile.TemporaryFile(), tempfile.TemporaryFile()]
    for number, (name, place) in enumerate(zip(("stdout", "stderr"), places), 1):
        os.dup2(place.fileno(), number)
        setattr(sys, name, open(number, "w", encoding="utf-8", closefd=False))
    code = main(arguments)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    said = []
    for place in places:
        place.seek(0)
        said.append(place.read().decode())
    done.append([arguments, code, *said])
os.write(really, json.dumps(done).encode())
"""
"""Runs the commands that stand on its input, and prints how each has ended."""


def environment(changed: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **(changed or {})}


def run(
    *arguments: str | Path,
    cwd: Path | None = None,
    stdout: int | None = None,
    variables: Mapping[str, str] | None = None,
    prepare: Callable[[], None] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run ``compensation`` with these arguments; ``variables``: those of the environment.

    `prepare` is called in the new process before the command.
    """
    return subprocess.run(
        [sys.executable, "-m", "compensation", *map(str, arguments)],
        stdout=subprocess.PIPE if stdout is None else stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        cwd=cwd,
        env=environment(variables),
        timeout=120,
        check=False,
        preexec_fn=prepare,
    )


def run_all(
    *commands: Sequence[str | Path],
    cwd: Path | None = None,
    variables: Mapping[str, str] | None = None,
    prepare: Callable[[], None] | None = None,
) -> list[subprocess.CompletedProcess[str]]:
    """Run several commands in one process, one after another, as `run` runs each in its own.

    Each has streams of its own, down to the descriptors.
    For the time that starting takes, which is most of a process's.
    """
    given = [[str(argument) for argument in command] for command in commands]
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL],
        input=json.dumps(given),
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment(variables),
        timeout=240,
        check=True,
        preexec_fn=prepare,
    )
    return [subprocess.CompletedProcess(*each) for each in json.loads(done.stdout)]


def run_here(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command without a process of its own, for tests of many inputs."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment(), clear=True),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main([str(argument) for argument in arguments])
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


def run_script(script: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command in a process that ``script`` has prepared, to fail where a test wants it."""
    ending = "\nimport sys\nfrom compensation.cli import main\nsys.exit(main(sys.argv[1:]))\n"
    return subprocess.run(
        [sys.executable, "-c", script + ending, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        timeout=120,
        check=False,
    )


def run_module(module: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a module of the tests as a process of its own, which they may limit or have killed."""
    return subprocess.run(
        [sys.executable, "-m", module, *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        cwd=ROOT,
        timeout=600,
        check=False,
    )


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes, and every folder, hidden ones too."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else b"<folder>"
        for path in sorted(folder.rglob("*"))
    }
