"""Writing aside: what is written appears whole under its name, or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:  # pragma: no cover - on Windows: there, what is left behind stays
    fcntl = None  # type: ignore[assignment]

PREFIX = ".compensation-"
_RANDOM = 8
"""Characters that `tempfile` adds."""
_NAME_KEPT = 40
"""Characters of a target's name that its folder has, so that the name does not get too long."""


@contextlib.contextmanager
def atomic_write(target: Path) -> Iterator[Path]:
    """Yield a new empty folder on the file system of ``target``; it is gone afterwards.

    `target`: resolved. The folders above it are made if need be, and unmade where the body fails.
    The new folder lies beside the target; inside it where the target is a mounted folder, or its
    parent must not be written to.

    A process that is killed leaves its folder behind. It is removed here by the next one that has
    written the same target: until then it may hold the last whole files of an earlier result.
    """
    made = _make_folders(target.parent)
    try:
        with locked_folder(target, _place(target)) as folder:
            yield folder
        _remove_left_behind(target)
    except BaseException:
        remove_folders(made)
        raise


@contextlib.contextmanager
def locked_folder(target: Path, place: Path) -> Iterator[Path]:
    """Yield a new folder in ``place`` for what belongs to ``target``; it is gone afterwards.

    It is locked; the lock goes with the process, however it ends.
    """
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_prefix(target), dir=place))
        with _lock(folder) as locked:
            # Between its making and its locking somebody may have taken it for left behind.
            if locked is not False and folder.exists():
                try:
                    yield folder
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
                return


def _prefix(target: Path) -> str:
    return f"{PREFIX}{target.name[:_NAME_KEPT]}-"


@contextlib.contextmanager
def _lock(folder: Path) -> Iterator[bool | None]:
    """Lock a folder; yield whether that went well: False if others hold it, None if nobody knows.

    Some file systems and systems know no locks.
    """
    if fcntl is None:
        yield None
        return
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        yield False
        return
    try:
        yield _taken(handle)
    finally:
        os.close(handle)


def _taken(handle: int) -> bool | None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def left_behind(target: Path) -> Iterator[Path]:
    """Yield the folders that processes have made for ``target``, whether or not these still live.

    They lie beside the target or inside it: which of the two may have changed since.
    """
    for place in (target.parent, target):
        if place.is_dir():
            yield from place.glob(glob.escape(_prefix(target)) + "?" * _RANDOM)


def _remove_left_behind(target: Path) -> None:
    """Remove the folders of processes that were killed; those of living ones are locked."""
    for folder in left_behind(target):
        with _lock(folder) as locked:
            if locked:
                shutil.rmtree(folder, ignore_errors=True)


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
