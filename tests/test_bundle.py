"""The pages of the offline bundle: no link in them leads nowhere."""

from __future__ import annotations

import pytest

from deploy.make_bundle import FILES, ROOT, page_of
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
