"""A disk that is full, or read-only, while a result is written: a small file system in memory."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command import JIYUAN, ROOT, run, run_all, run_here, snapshot

EXAMPLE = ROOT / "examples" / "jiyuan-2022.xlsx"
OUTPUTS: dict[str, tuple[str, ...]] = {
    "folder": (),
    "parquet": ("--format", "parquet"),
    "result.xlsx": (),
}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a megabyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if (
        os.geteuid()
        or shutil.which("mount") is None
        or subprocess.run(mount, check=False).returncode
    ):
        if os.environ.get("CI"):
            pytest.fail("no file system can be mounted")
        pytest.skip("only the superuser can mount a file system")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def fill(disk: Path, left: int) -> None:
    """Fill the file system up to so many bytes."""
    status = os.statvfs(disk)
    size = status.f_bavail * status.f_frsize - left
    (disk / "filling").write_bytes(bytes(size))


@pytest.mark.parametrize("output", OUTPUTS)
def test_a_disk_that_becomes_full_leaves_the_old_result(output: str, disk: Path) -> None:
    place = disk / "results" / output
    place.parent.mkdir()
    options = OUTPUTS[output]
    first = run_here("assess", EXAMPLE, *JIYUAN, *options, "-o", place)
    assert first.returncode == 0, first.stderr
    old = snapshot(place.parent)
    fill(disk, 4096)
    again = run("assess", EXAMPLE, *JIYUAN, "--budget", "1000", *options, "-o", place)
    assert again.returncode == 3, again
    assert "磁盘已满" in again.stderr
    assert "Traceback" not in again.stderr
    assert snapshot(place.parent) == old


def test_a_workbook_needs_no_room_for_temporary_files(disk: Path, tmp_path: Path) -> None:
    """Its parts are written beside it; if that disk is full, nothing of them is left."""
    (disk / "temporary").mkdir()
    fill(disk, 65536)
    variables = {"TMPDIR": str(disk / "temporary")}
    commands = (("assess", EXAMPLE, *JIYUAN, "-o"), ("template",))
    names = [f"{command[0]}.xlsx" for command in commands]
    placed = list(zip(commands, names, strict=True))
    for done in run_all(*((*c, tmp_path / name) for c, name in placed), variables=variables):
        assert (done.returncode, done.stderr) == (0, "")
    full = run_all(*((*c, disk / name) for c, name in placed))
    for done, name in zip(full, names, strict=True):
        assert (done.returncode, done.stderr) == (3, f"无法写入“{disk / name}”：磁盘已满\n")
    assert set(snapshot(disk)) == {"filling", "temporary"}


def test_a_disk_that_is_read_only_is_told(disk: Path) -> None:
    place = disk / "results"
    assert run_here("assess", EXAMPLE, *JIYUAN, "-o", place).returncode == 0
    old = snapshot(disk)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    again = run("assess", EXAMPLE, *JIYUAN, "--budget", "1000", "-o", place)
    assert again.returncode == 3, again
    assert "只读" in again.stderr
    assert snapshot(disk) == old
