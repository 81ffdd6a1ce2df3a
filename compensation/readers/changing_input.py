"""An input that changes while it is read is no input: half of it is of before, half of after.

What the system says of each file is noted before the first byte is read, and looked at again
behind the last: which file it is, how long, and when it was last written or replaced. A change in
the same few milliseconds as the last one before the reading can't be seen in that.

Kind of fault: ``input_changed``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.readers.folders import LIKE_CSV, WORKBOOKS

_SHOWN = 5
_READ = (*LIKE_CSV, *WORKBOOKS, ".parquet")
"""How the files of a folder end that may be tables, or a part of one."""


class Stamp(NamedTuple):
    """What changes when a file does; times in nanoseconds. `changed` can't be set by anybody."""

    device: int
    number: int
    size: int
    written: int
    changed: int


@contextmanager
def unchanged(path: str | os.PathLike[str]) -> Iterator[None]:
    """Raise `InputFaults` where a file, or one in a folder, is another after the body than before.

    What else the body raises is then a consequence, and is not reported.
    """
    before = _stamps(Path(path))
    try:
        yield
    except Exception as error:
        _compare(Path(path), before, error)
        raise
    _compare(Path(path), before)


def _compare(
    path: Path, before: Mapping[str, Stamp | None], error: Exception | None = None
) -> None:
    after = _stamps(path)
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    if names:
        raise InputFaults([_changed(names)]) from error


def _stamps(path: Path) -> dict[str, Stamp | None]:
    """Return the stamp of a file, or of all in a folder and below, by their names; None if gone."""
    try:
        if not path.is_dir():
            return {path.name: _stamp(path)}
        files = (
            Path(folder, name)
            for folder, _, names in os.walk(path)
            for name in names
            if name.casefold().endswith(_READ)
        )
        return {str(file.relative_to(path)): _stamp(file) for file in files}
    except (OSError, ValueError):  # whoever reads it says what is wrong
        return {}


def _stamp(file: Path) -> Stamp | None:
    try:
        status = file.stat()
    except OSError:
        return None
    return Stamp(
        status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    )


def _changed(names: list[str]) -> FaultGroup:
    message = Text(
        "输入在读取过程中被改动：{names}；请等它写完、不再变化后重新运行",
        "the input changed while it was read: {names}; run again when nobody writes to it any more",
    )
    more = " …" if len(names) > _SHOWN else ""
    return whole("input_changed", message.fill(names=", ".join(names[:_SHOWN]) + more))
