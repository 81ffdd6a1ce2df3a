"""``make bundle``: one archive that installs and starts the service on a machine without a network.

It holds the wheels of the service as requirements-service.lock has them, the project's own (with
the page), what stands in deploy/, and the bill of materials, which ``tools/sbom`` has written. It
is for the kind of machine and the Python that make it. The same commit gives the same bytes.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import platform
import posixpath
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from docs.links import LINK

ROOT = Path(__file__).parents[1]
LOCK = "requirements-service.lock"
NAME = "guarantee-compensation"
WHEELS = ROOT / "build" / "bundle-wheels"
SBOM = ROOT / "build" / "sbom.json"
DIST = ROOT / "dist"

GLIBC = (2, 28)
"""The oldest C library that the wheels may need: that of openEuler 20.03, Kylin V10 and newer."""
OLDEST_GLIBC = (2, 5)
"""That of manylinux1, the oldest of these tags."""
FILES = {
    "LICENSE": "LICENSE",
    "CHANGELOG.md": "CHANGELOG.md",
    "docs/deployment.zh-CN.md": "部署说明.md",
    "docs/deployment.md": "deployment.md",
    "deploy/安装说明.md": "安装说明.md",
    "deploy/install.sh": "install.sh",
    "deploy/guarantee-compensation.service": "guarantee-compensation.service",
    "deploy/nginx.conf": "nginx.conf",
    "deploy/settings.env": "settings.env",
    LOCK: "requirements.txt",
}
"""What is put into the archive: file of the project, name in the archive."""


def main() -> None:
    """Make the archive in dist/ and print its path."""
    print(pack(ROOT, locked_wheels(), DIST))


def python_version() -> str:
    """Return the Python that the wheels are for, such as 3.11."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def _platforms() -> list[str]:
    """Return the platform tags of wheels that a machine with `GLIBC` can use."""
    machine = platform.machine()
    minors = range(GLIBC[1], OLDEST_GLIBC[1] - 1, -1)
    legacy = [f"manylinux{year}_{machine}" for year in ("2014", "2010", "1")]
    return [*(f"manylinux_2_{minor}_{machine}" for minor in minors), *legacy]


def locked_wheels() -> Path:
    """Return the folder of the locked wheels, downloaded unless they are there already."""
    lock = (ROOT / LOCK).read_bytes()
    wanted = hashlib.sha256(lock + " ".join([python_version(), *_platforms()]).encode()).hexdigest()
    folder = WHEELS / wanted[:16]
    if folder.is_dir():
        return folder
    shutil.rmtree(WHEELS, ignore_errors=True)
    aside = WHEELS / "new"
    tag = "cp" + python_version().replace(".", "")
    options = ["--implementation", "cp", "--python-version", python_version()]
    options += [part for abi in (tag, "abi3", "none") for part in ("--abi", abi)]
    options += [part for name in _platforms() for part in ("--platform", name)]
    options += ["--requirement", str(ROOT / LOCK), "--dest", str(aside)]
    _pip("download", "--no-deps", "--only-binary", ":all:", "--require-hashes", *options)
    return aside.rename(folder)


def pack(source: Path, wheels: Path, into: Path) -> Path:
    """Make the archive of the project in ``source`` with these wheels; return its path.

    What is not committed is part of it, and its name says so.
    """
    with tempfile.TemporaryDirectory() as scratch:
        own = own_wheel(source, Path(scratch))
        version = own.name.split("-")[1]
        release = f"{version}-{commit(source)}"
        name = f"{NAME}-{release}-{_kind()}"
        top = Path(scratch) / name
        (top / "wheels").mkdir(parents=True)
        for wheel in (*wheels.iterdir(), own):
            shutil.copy(wheel, top / "wheels")
        for file, called in FILES.items():
            shutil.copy(source / file, top / called)
            if file.endswith(".md"):
                (top / called).write_text(page_of(source, file), encoding="utf-8")
        shutil.copy(SBOM, top)
        with (top / "requirements.txt").open("a", encoding="utf-8") as locked:
            locked.write(f"{NAME}=={version} --hash=sha256:{_digest(own)}\n")
        (top / "VERSION").write_text(_version(release), encoding="utf-8")
        _write_sums(top)
        into.mkdir(exist_ok=True)
        archive = into / f"{name}.tar.gz"
        _write_tar(top, archive, int(_moment(source)))
    return archive


def page_of(source: Path, file: str) -> str:
    """Return a page as the archive has it: of links to what is not in there, the words are left."""

    def in_archive(link: re.Match[str]) -> str:
        target, sign, anchor = link["target"].partition("#")
        if not target or target.startswith("https://"):
            return link[0]
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(file), target))
        called = FILES.get(meant)
        return f"[{link['words']}]({called}{sign}{anchor})" if called else link["words"]

    return LINK.sub(in_archive, (source / file).read_text(encoding="utf-8"))


def _kind() -> str:
    """Return what machine and Python the archive is for, as in its name."""
    return f"linux-{platform.machine()}-cp{python_version().replace('.', '')}"


def _version(release: str) -> str:
    """Return what install.sh reads of the archive, in the shell's syntax."""
    lines = {
        "release": release,
        "python_version": python_version(),
        "machine": platform.machine(),
        "glibc": ".".join(map(str, GLIBC)),
    }
    return "".join(f"{name}={value}\n" for name, value in lines.items())


def _moment(source: Path) -> str:
    return _git(source, "log", "-1", "--format=%ct")


def commit(source: Path) -> str:
    """Return the commit, marked where the files are not as committed."""
    changed = "-changed" if _git(source, "status", "--porcelain") else ""
    return _git(source, "rev-parse", "--short=8", "HEAD") + changed


def own_wheel(source: Path, into: Path) -> Path:
    """Build the project's wheel, every file in it dated as the commit is."""
    # No isolation: what builds it is locked, and installed where this runs.
    options = ["--no-deps", "--no-build-isolation", "--wheel-dir", str(into)]
    _pip("wheel", *options, str(source), SOURCE_DATE_EPOCH=_moment(source))
    (wheel,) = into.glob("*.whl")
    return wheel


def _write_sums(top: Path) -> None:
    """Write SHA256SUMS of all files, as sha256sum checks it."""
    files = sorted(path for path in top.rglob("*") if path.is_file())
    lines = [f"{_digest(path)}  {path.relative_to(top).as_posix()}\n" for path in files]
    (top / "SHA256SUMS").write_text("".join(lines), encoding="utf-8")


def _write_tar(top: Path, archive: Path, moment: int) -> None:
    """Write the archive: sorted, of nobody, everything dated ``moment``."""

    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = "root"
        member.mtime = moment
        member.mode = 0o755 if member.isdir() or member.name.endswith(".sh") else 0o644
        return member

    aside = archive.with_suffix(".new")
    # Wheels are compressed already: level 0 only puts what goes by this suffix around them.
    with (
        aside.open("wb") as raw,
        gzip.GzipFile("", "wb", 0, raw, mtime=moment) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        tar.add(top, top.name, recursive=False, filter=plain)
        for path in sorted(top.rglob("*")):
            name = path.relative_to(top.parent).as_posix()
            tar.add(path, name, recursive=False, filter=plain)
    aside.replace(archive)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _pip(command: str, *options: str, **variables: str) -> None:
    environment = {**os.environ, **variables}
    program = [sys.executable, "-m", "pip", command, "--quiet", "--disable-pip-version-check"]
    subprocess.run([*program, *options], env=environment, check=True)


def _git(source: Path, *arguments: str) -> str:
    ran = subprocess.run(
        ["git", "-C", source, *arguments], stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    return ran.stdout.strip()


if __name__ == "__main__":
    main()
