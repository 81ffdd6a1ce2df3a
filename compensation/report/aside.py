"""Writing aside: what is written appears whole under its name, or not at all."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_PREFIX = ".compensation-"


@contextlib.contextmanager
def aside(target: Path) -> Iterator[Path]:
    """Yield a new empty folder on the file system of ``target``; it is gone afterwards.

    `target`: resolved. The folders above it are made if need be, and unmade where the body fails.
    The new folder lies beside the target; inside it where the target is a mounted folder, or its
    parent must not be written to.
    """
    made = _make_folders(target.parent)
    try:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_place(target)))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except BaseException:
        remove_folders(made)
        raise


def _place(target: Path) -> Path:
    parent = target.parent
    if target.is_dir():
        mounted = target.stat().st_dev != parent.stat().st_dev
        if mounted or not os.access(parent, os.W_OK | os.X_OK):
            return target
    return parent


def _make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it; return the ones that were missing, the outermost first."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    missing.reverse()
    made: list[Path] = []
    try:
        for folder in missing:
            folder.mkdir()
            made.append(folder)
    except BaseException:
        remove_folders(made)
        raise
    return made


def remove_folders(folders: list[Path]) -> None:
    """Remove folders that were made for nothing, the innermost first; one in use stays."""
    for folder in reversed(folders):
        with contextlib.suppress(OSError):
            folder.rmdir()


def store(path: Path) -> None:
    """Have the system store a file's content, or say that it can't, before it gets its name."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def store_names(folder: Path) -> None:
    """Have the system store which files a folder holds, where it can be asked to."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def replace_file(written: Path, target: Path) -> None:
    """Move a file that was written aside to its name, in one step."""
    store(written)
    written.replace(target)
    store_names(target.parent)
