"""Writing aside beside others: who is killed, who lives, and systems that know no locks."""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path

import pytest

from compensation.report import atomic_write as module
from compensation.report.atomic_write import PREFIX, atomic_write
from compensation.report.output import write_new
from tests.command import snapshot

fcntl = pytest.importorskip("fcntl", reason="locks of POSIX")


def left_by_another(target: Path) -> Path:
    """A folder as another process makes it that writes the same target."""
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{target.name}-", dir=target.parent))


def write(target: Path) -> None:
    with atomic_write(target) as new:
        (new / "file").write_text("new")


def test_the_folder_of_a_living_process_stays_until_it_ends(tmp_path: Path) -> None:
    other = left_by_another(tmp_path / "out")
    handle = os.open(other, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    write(tmp_path / "out")
    assert other.is_dir()
    os.close(handle)
    write(tmp_path / "out")
    assert snapshot(tmp_path) == {}


def test_what_was_left_behind_inside_goes_too(tmp_path: Path) -> None:
    """It is there if the folder above could not be written to then."""
    target = tmp_path / "out"
    target.mkdir()
    Path(tempfile.mkdtemp(prefix=f"{PREFIX}out-", dir=target)).joinpath("file").write_text("x")
    write(target)
    assert set(snapshot(tmp_path)) == {"out"}


def refused(*_: object) -> None:
    raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))


@pytest.mark.parametrize("system", [True, False])
def test_without_locks_what_is_left_behind_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: bool
) -> None:
    """Neither the system, as on Windows, nor the file system needs to know any."""
    if system:
        monkeypatch.setattr(fcntl, "flock", refused)
    else:
        monkeypatch.setattr(module, "fcntl", None)
    other = left_by_another(tmp_path / "out")
    write(tmp_path / "out")
    assert set(snapshot(tmp_path)) == {other.name}


def test_a_folder_that_was_taken_for_left_behind_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between its making and its locking another process removes it."""
    really = tempfile.mkdtemp
    gone: list[str] = []

    def made(prefix: str, dir: Path) -> str:  # noqa: A002
        folder = really(prefix=prefix, dir=dir)
        if not gone:
            Path(folder).rmdir()
            gone.append(folder)
        return folder

    monkeypatch.setattr(tempfile, "mkdtemp", made)
    write(tmp_path / "out")
    assert gone
    assert snapshot(tmp_path) == {}


def test_folders_made_for_nothing_go_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = Path.mkdir

    def full(folder: Path) -> None:
        if folder.name == "second":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        really(folder)

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(OSError, match="space"):
        write(tmp_path / "first" / "second" / "out")
    assert snapshot(tmp_path) == {}


def test_a_target_whose_parent_is_closed_is_written_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(os, "access", lambda *_: False)  # rights do not hold for a superuser
    with atomic_write(tmp_path / "out") as new:
        assert new.parent == tmp_path / "out"


def test_a_device_is_written_to_as_it_is() -> None:
    written: list[Path] = []
    write_new(Path(os.devnull), written.append)
    assert written == [Path(os.devnull)]
