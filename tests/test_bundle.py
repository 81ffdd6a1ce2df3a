"""The pages of the offline bundle: no link in them leads nowhere."""

from __future__ import annotations

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
    assert f"py -{python_version()} -m api page".encode() in content
    names = {*make_windows_bundle.FILES.values(), "lib"}
    assert {part.split(b'"')[0].decode() for part in content.split(b"%~dp0")[1:]} <= names
    text = make_windows_bundle.content_of("deploy/windows/need-python.txt").decode()
    assert f"Python {python_version()}" in text
    assert make_windows_bundle.content_of("docs/no-command-line.zh-CN.md")[:3] == b"\xef\xbb\xbf"
