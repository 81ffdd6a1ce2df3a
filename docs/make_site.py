"""Build the documents as a site that needs no network: build/site, which opens from a folder too.

The pages are laid out under build/site-source as in the repository, with the files that they link
to, so a link is the same in both. A link that leads nowhere, a missing anchor, and anything that a
browser would fetch from elsewhere stop the build.

    python -m docs.make_site
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from docs.links import ROOT, links, pages

CONFIGURATION = ROOT / "zensical.toml"
OUTSIDE = re.compile(
    r"""<(?:script|img|iframe|source|link\s[^>]*?rel="?(?:stylesheet|icon|preload|preconnect))\b"""
    r"""[^>]*?\s(?:src|href)=["']?(?:https?:)?//[^"'\s>]*"""
    r"""|url\(\s*["']?(?:https?:)?//[^)]*|class="?mermaid\b""",
    re.IGNORECASE,
)
"""What a browser would fetch from elsewhere; a diagram as code would fetch what draws it."""


def project(configuration: Path) -> dict[str, object]:
    """Return what a configuration says of the site."""
    found: dict[str, object] = tomllib.loads(configuration.read_text(encoding="utf-8"))["project"]
    return found


def in_navigation(entries: object) -> Iterator[str]:
    """Yield the pages that the navigation names, by their path from the root."""
    match entries:
        case str():
            yield entries
        case list():
            for entry in entries:
                yield from in_navigation(entry)
        case dict():
            for entry in entries.values():
                yield from in_navigation(entry)


def lay_out(source: Path) -> None:
    """Copy every page, and each file that one links to, to its place under an empty folder.

    Raises FileNotFoundError where there is no such file.
    """
    shutil.rmtree(source, ignore_errors=True)
    linked = {file for page in pages() for file, _ in links(page) if not file.is_dir()}
    for file in linked.union(pages()):
        place = source / file.relative_to(ROOT)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, place)


def outside(site: Path) -> Iterator[str]:
    """Yield what a browser would fetch from elsewhere, with the file that asks for it."""
    for file in sorted(site.rglob("*")):
        if file.suffix in (".html", ".css"):
            for found in OUTSIDE.finditer(file.read_text(encoding="utf-8")):
                yield f"{file.relative_to(site)}: {found[0]}"


def build(configuration: Path) -> list[str]:
    """Build the site that a configuration describes; return what is wrong with it."""
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    if subprocess.run([*command, "--config-file", configuration], check=False).returncode:
        return ["Zensical refuses it, see above"]
    site = configuration.parent / str(project(configuration)["site_dir"])
    return [f"a browser would fetch {found}" for found in outside(site)]


def main() -> None:
    """Build the site, or say what is wrong and stop with 1."""
    settings = project(CONFIGURATION)
    source, site = (ROOT / str(settings[name]) for name in ("docs_dir", "site_dir"))
    shutil.rmtree(site, ignore_errors=True)
    lay_out(source)
    if wrong := build(CONFIGURATION):
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
