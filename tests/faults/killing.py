"""Kills processes while they write, at each step in turn.

``python -m tests.faults.killing FOLDER`` prints a line of JSON for each form of output and each
step: what it was, and what the process killed there left in FOLDER, which is to be empty.

The result is computed once. Then a process for each step is forked, which writes it and kills
itself with SIGKILL right before the step: before a file is opened to be written, before a file or
folder is made, linked, renamed or removed, and before and after what is written to it is stored.
After each step the same is run again, as a user would: once for steps that leave the same files.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from compensation.assessment import Assessment, assess
from compensation.ledger.portfolio_input import read_portfolio
from compensation.report import atomic_write
from compensation.report.folder import file_digest
from compensation.report.output import Form, write_output
from compensation.report.overwriting import check_output
from compensation.report.record import SUMMARY
from tests.command import run_here, snapshot
from tests.fuzzing import seeds

STEPS = {
    "open",
    "os.rename",
    "os.link",
    "os.remove",
    "os.rmdir",
    "os.mkdir",
    "os.listdir",
    "shutil.rmtree",
}
MAKES = os.O_CREAT | os.O_TRUNC
"""Of the flags of an opened file: that it is made, or emptied."""
PARTS, EVERY_PART = "tmp", 10
"""Files of a workbook's parts, all of which come before the workbook itself: some will do."""
RANDOM = re.compile(rf"{re.escape(atomic_write.PREFIX)}[^/]*|\btmp[^/]*")
"""What differs each time in the name of a folder or file."""
POLICY, YEAR = "jiyuan-2022", 2022
FORMS: tuple[Form, ...] = ("csv", "xlsx")
"""A folder and a workbook; Parquet is put into its folder by the same steps as CSV."""


class Left(NamedTuple):
    """What a killed process left behind.

    `form`: of the output. `earlier`: whether it was written over an earlier result. `step`: at
    which it was killed, counted from 1; `at`: what that was. `state`: see `state_of`. `aside`:
    whether its own folder is still there. `again`: the state after the next run, and `clean`:
    whether nothing else is there then,
    nor in the folder for temporary files. `command`: whether that run was the whole command; it is
    for the first step that leaves a state, with that folder or without; elsewhere only its part
    that writes is run.
    """

    form: Form
    earlier: bool
    step: int
    at: str
    state: str
    aside: bool
    again: str
    clean: bool
    command: bool


def state_of(output: Path, old: dict[str, bytes], new: dict[str, bytes]) -> str:
    """Return which result stands in a place: none, the old, the new, or files of both.

    A mixture is told as whoever reads results tells it: by the digests in its summary.
    """
    there = contents(output)
    if there in ({}, old, new):
        return "none" if not there else "old" if there == old else "new"
    if SUMMARY not in there:
        return "no summary"
    files = json.loads(there[SUMMARY])["files"]
    told = any(
        name not in there or file_digest(output / name) != digest for name, digest in files.items()
    )
    return "mixed" if told or {*files, SUMMARY} != {*there} else "mistaken for whole"


def contents(output: Path) -> dict[str, bytes]:
    """Return the files of a result with their bytes."""
    if not output.exists():
        return {}
    files = [output] if output.is_file() else sorted(output.iterdir())
    return {file.name: file.read_bytes() for file in files}


def killed(write: Callable[[], None], step: int) -> str:
    """Run ``write`` in a new process that is killed at a step; return what that was, or nothing."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _die_at(step, writer)
        write()
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        at = said.read()
    status = os.waitpid(child, 0)[1]
    assert bool(at) == (os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL), status
    return at


def _die_at(step: int, said: int) -> None:
    """Have this process kill itself at a step of its own."""
    left, parts = step, 0

    def count(what: str) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.write(said, what.encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal parts
        if event not in STEPS or (event == "open" and not arguments[2] & MAKES):
            return
        names = [Path(a).name for a in arguments if isinstance(a, str | os.PathLike)]
        part = any(name.startswith(PARTS) for name in names)
        parts += part
        if not part or parts % EVERY_PART == 0:
            count(f"{event} {' '.join(names)}")

    really = os.fsync

    def store(handle: int) -> None:
        count("before fsync")
        really(handle)
        count("after fsync")

    mock.patch.object(os, "fsync", store).start()  # in this process, which ends soon
    sys.addaudithook(hear)


def run(folder: Path, inputs: tuple[Path, Path]) -> Iterator[Left]:
    """Yield what is left after each step, for every form, over an earlier result and over none.

    `folder`: for the outputs. `inputs`: of the earlier result, and of the one that is written.
    """
    results = [assess(read_portfolio(path), POLICY, YEAR) for path in inputs]
    for form in FORMS:
        output = folder / ("result.xlsx" if form == "xlsx" else "result")
        old, new = (_written(result, output, form) for result in results)
        for earlier in (True, False):
            known: set[tuple[str, bool]] = set()
            recovered: dict[frozenset[tuple[str, bytes]], tuple[str, bool]] = {}
            for step in itertools.count(1):
                _put(output, old if earlier else {})
                at = killed(partial(write_output, results[1], output, form), step)
                state = state_of(output, old, new)
                if not at:
                    assert state == "new", (form, step, state)
                    break
                left = any(path.name.startswith(atomic_write.PREFIX) for path in folder.iterdir())
                files = _left_in(folder)
                command = (state, left) not in known
                known.add((state, left))
                if command:
                    _assess(inputs[1], output, form)
                elif files not in recovered:
                    check_output(output, form, inputs[1], (), results[1].policy.texts)
                    write_output(results[1], output, form)
                if command or files not in recovered:
                    remains = [*folder.iterdir(), *Path(tempfile.gettempdir()).iterdir()]
                    clean = [path.name for path in remains] == [output.name]
                    recovered[files] = state_of(output, old, new), clean
                yield Left(form, earlier, step, at, state, left, *recovered[files], command)


def _left_in(folder: Path) -> frozenset[tuple[str, bytes]]:
    """Return what lies there and among temporary files: names, without random parts, and bytes."""
    places = (folder, Path(tempfile.gettempdir()))
    found = [each for place in places for each in snapshot(place).items()]
    return frozenset((RANDOM.sub("", name), content) for name, content in found)


def _assess(source: Path, output: Path, form: Form) -> None:
    """Run the command, which is to succeed."""
    formed = [] if form == "xlsx" else ["--format", form]
    done = run_here(
        "assess", source, "--year", str(YEAR), "--policy", "jiyuan-2022", "-o", output, *formed
    )
    assert done.returncode == 0, done.stderr


def _written(result: Assessment, output: Path, form: Form) -> dict[str, bytes]:
    """Return the files of a result, having written it."""
    _put(output, {})
    write_output(result, output, form)
    return contents(output)


def _put(output: Path, files: dict[str, bytes]) -> None:
    """Have nothing in the folder of an output but these files of an earlier result."""
    for path in output.parent.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for name, content in files.items():
        path = output if output.suffix else output / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def main() -> None:
    """Print what is left after each step."""
    folder = Path(sys.argv[1])
    outputs, temporary = folder / "outputs", folder / "temporary"
    outputs.mkdir()
    temporary.mkdir()
    tempfile.tempdir = str(temporary)
    for found in run(outputs, (_input(folder, "1"), _input(folder, "2"))):
        print(json.dumps(found._asdict()))


def _input(folder: Path, digit: str) -> Path:
    """Return a small input; no table of its result is the same for another digit."""
    rows = {name: [[*row] for row in table] for name, table in seeds.TABLES.items()}
    rows["institutions"][1][2] = rows["claims"][1][3] = rows["recoveries"][1][3] = f"20{digit}"
    path = folder / f"input-{digit}"
    path.mkdir()
    for name, table in rows.items():
        (path / f"{name}.csv").write_text(seeds.csv_text(table), encoding="utf-8")
    return path


if __name__ == "__main__":
    main()
