"""Run a program as a whole process: its time, processor time, and the memory of all it starts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

EVERY = 0.02
"""Seconds between two looks at the memory of a process with children."""


class Took(NamedTuple):
    """Seconds from start to end, seconds of processor, and the peak resident memory in MB."""

    wall: float
    cpu: float
    peak: float


class Failed(Exception):
    """A program ended with an exit code other than 0."""


def measure(command: Sequence[str], cwd: Path) -> Took:
    """Run a command and wait for it; raises `Failed` with what it wrote to stderr.

    Modules are compiled once, as those of an installed program are, though images of containers
    often have each process compile all that it imports.
    The caller should be small: Linux counts the memory of whoever starts a process into its peak.
    """
    begin = time.perf_counter()
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    together = 0
    while True:
        done, code, used = os.wait4(process.pid, os.WNOHANG)
        if done:
            break
        pids = family(process.pid)
        if len(pids) > 1:
            together = max(together, sum(map(resident, pids)))
        time.sleep(EVERY if time.perf_counter() - begin > 1 else EVERY / 10)
    wall = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(code)
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    if process.returncode:
        raise Failed(f"{' '.join(command)}\nexit code {process.returncode}\n{said}")
    alone = used.ru_maxrss // 1024 if sys.platform == "darwin" else used.ru_maxrss
    return Took(wall, used.ru_utime + used.ru_stime, max(alone, together) / 1000)


def family(pid: int) -> list[int]:
    """Return a process and all that it has started and that still run; Linux only."""
    found = [pid]
    for one in found:
        try:
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found


def resident(pid: int) -> int:
    """Return the resident memory of a process in kB."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
