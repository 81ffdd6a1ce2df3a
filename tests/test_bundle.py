"""The pages of the offline bundle: no link in them leads nowhere."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from deploy import make_windows_bundle
from deploy.make_bundle import FILES, ROOT, page_of, python_version
from docs.links import LINK

PAGES = [file for file in FILES if file.endswith(".md")]


@pytest.mark.parametrize("file", PAGES)
def test_links_lead_to_what_is_in_the_bundle(file: str) -> None:
    targets = {found["target"].partition("#")[0] for found in LINK.finditer(page_of(ROOT, file))}
    inside = {target for target in targets if not target.startswith("https://")}
    assert inside <= {"", *FILES.values()}


def test_of_other_links_the_words_are_left() -> None:
    page = page_of(ROOT, "docs/deployment.zh-CN.md")
    assert "[English](deployment.md)" in page
    assert "请看自查页面使用说明。" in page
    assert "见[容器](#容器)" in page
    assert "更详细的见[部署说明](部署说明.md)。" in page_of(ROOT, "deploy/安装说明.md")


def test_the_file_to_double_click_is_one_that_any_windows_reads() -> None:
    """cmd reads it in the system's encoding, so it has ASCII only, and needs its line ends."""
    content = make_windows_bundle.content_of("deploy/windows/start.cmd")
    assert content.isascii()
    assert content.count(b"\n") == content.count(b"\r\n") > 5
    assert f"set PYTHON=py -{python_version()}\r\n".encode() in content
    names = {*make_windows_bundle.FILES.values(), "lib", "python\\python.exe"}
    assert {part.split(b'"')[0].decode() for part in content.split(b"%~dp0")[1:]} <= names
    text = make_windows_bundle.content_of("deploy/windows/need-python.txt").decode()
    assert f"Python {python_version()}" in text
    assert make_windows_bundle.content_of("docs/no-command-line.zh-CN.md")[:3] == b"\xef\xbb\xbf"


def test_the_python_of_an_archive_finds_the_packages_beside_it(tmp_path: Path) -> None:
    digits = python_version().replace(".", "")

    def package(dll: str, machine: bytes) -> Path:
        path = tmp_path / "embeddable.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(dll, b"")
            # Where the header begins stands at 0x3C; behind its mark, which machine it is for.
            archive.writestr("python.exe", b"MZ".ljust(0x3C) + b"\x40\0\0\0PE\0\0" + machine)
            archive.writestr(f"python{digits}._pth", "python.zip\r\n.\r\n")
        return path

    put_python = make_windows_bundle.put_python
    put_python(package(f"python{digits}.dll", b"\x64\x86"), tmp_path / "python")
    searched = (tmp_path / "python" / f"python{digits}._pth").read_bytes()
    assert searched == f"python{digits}.zip\r\n.\r\n..\\lib\r\n".encode()
    with pytest.raises(SystemExit, match="not for 64 bits"):
        put_python(package(f"python{digits}.dll", b"\x4c\x01"), tmp_path / "other")
    with pytest.raises(SystemExit, match="no embeddable package of Python"):
        put_python(package("python27.dll", b"\x64\x86"), tmp_path / "other")
    assert not (tmp_path / "other").exists()
