"""The documents as a site: nothing broken gets through, and nothing comes from outside."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from docs import make_site
from docs.links import ROOT, pages

pytestmark = pytest.mark.process

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    for path in (make_site.CONFIGURATION, ROOT / "docs" / "theme"):
        copy = shutil.copytree if path.is_dir() else shutil.copyfile
        (folder / path.relative_to(ROOT)).parent.mkdir(exist_ok=True)
        copy(path, folder / path.relative_to(ROOT))
    configuration = folder / make_site.CONFIGURATION.name
    settings = make_site.project(configuration)
    make_site.lay_out(folder / str(settings["docs_dir"]))
    assert make_site.build(configuration) == []
    return folder / str(settings["site_dir"])


def built(page: Path) -> str:
    name = page.relative_to(ROOT).with_suffix(".html").as_posix()
    return name.removesuffix("README.html") + "index.html" if page.stem == "README" else name


def test_every_page_is_there_in_its_own_language(site: Path) -> None:
    for page in pages():
        language = "zh" if page.name.endswith(".zh-CN.md") else "en"
        beginning = (site / built(page)).read_text(encoding="utf-8")[:500]
        assert f'<html lang="{language}"' in beginning, page


def test_a_link_that_leads_nowhere_stops_it(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "source").mkdir()
    links = "[a](nowhere.md) [b](#nowhere) [c](b.md#nowhere) [d](b.md#b)"
    (tmp_path / "source" / "index.md").write_text(f"# A\n\n{links}\n", encoding="utf-8")
    (tmp_path / "source" / "b.md").write_text("# B\n", encoding="utf-8")
    configuration = tmp_path / "zensical.toml"
    settings = 'site_name = "a"\ndocs_dir = "source"\nsite_dir = "site"\n'
    configuration.write_text(f"[project]\n{settings}", encoding="utf-8")
    assert make_site.build(configuration) == ["Zensical refuses it, see above"]
    assert "3 issues found" in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "asked",
    [
        '<script src="https://a.example/b.js"></script>',
        '<link rel="stylesheet" href="//a.example/b.css">',
        '<img alt="" src=http://a.example/b.png>',
        "<style>@font-face { src: url('https://a.example/b.woff2') }</style>",
        '<pre class="mermaid"><code>',
    ],
)
def test_what_comes_from_outside_is_found(tmp_path: Path, asked: str) -> None:
    (tmp_path / "a.html").write_text(f"<html>{asked}", encoding="utf-8")
    assert len(list(make_site.outside(tmp_path))) == 1
    (tmp_path / "a.html").write_text('<a href="https://a.example/">', encoding="utf-8")
    assert list(make_site.outside(tmp_path)) == []


def test_it_opens_from_a_folder_and_finds_chinese(site: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 800})
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto((site / "index.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("Control+k")
    page.keyboard.type("大写")
    page.get_by_text("怎样填数").first.wait_for(timeout=20_000)
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert wrong == []
