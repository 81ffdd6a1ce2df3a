"""``tools/windows-bundle``: one archive with which a Windows computer shows the page, unpacked.

It holds all that requirements-service.lock pins as Windows has it, the project, and the file to
double-click. The computer needs no network. It needs the Python that makes the archive, unless
python.org's embeddable package (64-bit) of that Python is given: then the archive holds it.

    tools/windows-bundle [python-3.11.9-embed-amd64.zip]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from deploy.make_bundle import DIST, LOCK, NAME, ROOT, commit, own_wheel, page_of, python_version

UV = ROOT / "build" / "uv" / "bin" / "uv"
PLATFORM = "x86_64-pc-windows-msvc"
FILES = {
    "deploy/windows/start.cmd": "打开页面.cmd",
    "deploy/windows/need-python.txt": "need-python.txt",
    "docs/no-command-line.zh-CN.md": "使用说明.txt",
    "examples/jiyuan-2022.xlsx": "示例台账.xlsx",
    "LICENSE": "LICENSE.txt",
}
"""What is put into the archive beside the packages: file of the project, name in the archive."""
UNUSED = ("bin", "pip")
"""Of what the lock pins: programs of the machine that unpacks it, and what only installs."""


def main(embeddable: Path | None = None) -> None:
    """Make the archive in dist/ and print its path."""
    with tempfile.TemporaryDirectory() as scratch:
        own = own_wheel(ROOT, Path(scratch))
        kind = "windows" if embeddable else f"windows-cp{_digits()}"
        name = f"{NAME}-{own.name.split('-')[1]}-{commit(ROOT)}-{kind}"
        top = Path(scratch) / NAME  # short: with the folders above, paths have 260 characters
        if embeddable:
            put_python(embeddable, top / "python")
        _install(top / "lib", own)
        for file, called in FILES.items():
            (top / called).write_bytes(content_of(file))
        DIST.mkdir(exist_ok=True)
        archive = shutil.make_archive(str(DIST / name), "zip", scratch, NAME)
    print(archive)


def content_of(file: str) -> bytes:
    """Return a file as the archive has it: texts with the line ends of Windows and this Python."""
    if file.endswith(".xlsx"):
        return (ROOT / file).read_bytes()
    text = page_of(ROOT, file) if file.endswith(".md") else (ROOT / file).read_text("utf-8")
    lines = text.replace("@PYTHON@", python_version()).splitlines()
    # Notepad takes a text without a mark for one of the system's encoding; cmd takes a mark amiss.
    encoding = "utf-8-sig" if file.endswith(".md") else "utf-8"
    return "".join(f"{line}\r\n" for line in lines).encode(encoding)


def put_python(embeddable: Path, into: Path) -> None:
    """Unpack python.org's embeddable package so that it finds what lies in lib, and nothing else.

    SystemExit if it is of another version than wheels are taken for, or not for 64 bits.
    """
    with zipfile.ZipFile(embeddable) as archive:
        if f"python{_digits()}.dll" not in archive.namelist():
            raise SystemExit(f"{embeddable} is no embeddable package of Python {python_version()}")
        program = archive.read("python.exe")
        header = int.from_bytes(program[0x3C:0x40], "little")
        if program[header + 4 : header + 6] != b"\x64\x86":
            raise SystemExit(f"{embeddable} is not for 64 bits")
        archive.extractall(into)
    paths = f"python{_digits()}.zip\r\n.\r\n..\\lib\r\n"
    (into / f"python{_digits()}._pth").write_bytes(paths.encode())


def _digits() -> str:
    return python_version().replace(".", "")


def _install(folder: Path, own: Path) -> None:
    """Unpack the locked wheels for Windows, and the project's own, into a folder."""
    options = ["--python-platform", PLATFORM, "--python-version", python_version()]
    options += ["--only-binary", ":all:", "--require-hashes", "--requirement", str(ROOT / LOCK)]
    command = [str(UV), "pip", "install", "--quiet", "--no-config", "--target", str(folder)]
    subprocess.run([*command, *options], check=True)
    for unused in UNUSED:
        shutil.rmtree(folder / unused)
    with zipfile.ZipFile(own) as wheel:
        wheel.extractall(folder)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
