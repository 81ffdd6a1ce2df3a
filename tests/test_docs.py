"""The pages are true: links lead somewhere, commands exist, outputs and tables are current."""

from __future__ import annotations

import doctest
import functools
import inspect
import os
import re
import shlex
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import click
import numpy as np
import pytest

import compensation
from compensation.cli.commands import commands
from docs import make_reference, make_site, run_blocks
from docs.links import FENCED, LINK, links, pages, prose, slug
from tests.api.server import Server
from tests.missing import missing

ROOT = Path(__file__).parent.parent
PAGES = pages()
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
COMMAND_LINE = (ROOT / "docs" / "command-line.md", ROOT / "docs" / "command-line.zh-CN.md")
SETTLEMENT = (ROOT / "docs" / "settlement.md", ROOT / "docs" / "settlement.zh-CN.md")
TUTORIALS = (ROOT / "docs" / "tutorial.md", ROOT / "docs" / "tutorial.zh-CN.md")
YEARS = (ROOT / "docs" / "how-to-years.md", ROOT / "docs" / "how-to-years.zh-CN.md")
OUTLOOK = (ROOT / "docs" / "outlook.md", ROOT / "docs" / "outlook.zh-CN.md")
BEFORE = tuple(ROOT / "docs" / f"before-you-decide{each}.md" for each in ("", ".zh-CN"))
API = (ROOT / "docs" / "api-by-example.md", ROOT / "docs" / "api-by-example.zh-CN.md")

COMMAND = re.compile(
    r"(?:\$ |^ {4}|`|\.venv/bin/)compensation (?P<rest>[a-z][^`\n|#]*)", re.MULTILINE
)


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@functools.cache
def anchors(page: Path) -> set[str]:
    return {slug(heading) for heading in re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)}


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for place, anchor in links(page):
            assert place.exists(), f"{name_of(page)}: {place}"
            assert place.is_relative_to(ROOT), f"{name_of(page)}: {place}"
            if anchor:
                assert anchor in anchors(place), f"{name_of(page)}: {place}#{anchor}"


def test_the_site_leads_to_every_page() -> None:
    """By its navigation, or by a link of a page that can be reached."""
    settings = make_site.project(make_site.CONFIGURATION)
    waiting = [ROOT / name for name in make_site.in_navigation(settings["nav"])]
    reached: set[Path] = set()
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            waiting += [place for place, _ in links(page)]
    missed = sorted(name_of(page) for page in set(PAGES) - reached)
    assert missed == [], "name them in nav in zensical.toml, or link to them"


def commands_shown(page: Path) -> Iterator[list[str]]:
    for found in COMMAND.finditer(page.read_text(encoding="utf-8")):
        yield found["rest"].replace("…", "").split()


def test_commands_and_options_exist() -> None:
    for page in PAGES:
        for words in commands_shown(page):
            command: click.Command = GROUP
            options = options_of(command)
            for word in words:
                if isinstance(command, click.Group) and word in command.commands:
                    command = command.commands[word]
                    options |= options_of(command)
            assert command is not GROUP, f"{name_of(page)}: compensation {' '.join(words)}"
            for word in words:
                if word.startswith("-"):
                    assert word.split("=")[0] in options, f"{name_of(page)}: {word} of {words}"


GROUP = commands("en")


def options_of(command: click.Command) -> set[str]:
    return {name for param in command.get_params(click.Context(GROUP)) for name in param.opts}


def test_make_targets_and_tools_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    known = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    there = {tool.name for tool in (ROOT / "tools").iterdir()}
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        in_blocks = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        shown = re.findall(r"`(make [^`\n]*)`", text) + "".join(in_blocks).splitlines()
        targets = {
            word
            for line in shown
            if line.startswith("make ")
            for word in shlex.split(line, comments=True)[1:]
            if re.fullmatch("[a-z-]+", word)
        }
        assert targets <= known, name_of(page)
        tools = set(re.findall(r"(?<![\w/])tools/([a-z-]+)", text))
        assert tools <= there, name_of(page)


def test_each_tool_says_what_it_does() -> None:
    """In its second line, which `make help` shows."""
    for tool in (ROOT / "tools").iterdir():
        assert re.match(r"#!/usr/bin/env bash\n# [a-z].{20,}\n", tool.read_text("utf-8")), tool
        assert os.access(tool, os.X_OK), tool


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted(make_reference.PAGES))
def test_generated_pages_are_current(page: str) -> None:
    made = make_reference.PAGES[page]()
    assert (ROOT / page).read_text(encoding="utf-8") == made, "run `make docs`"


ASKING = [page for page in run_blocks.PAGES if run_blocks.asks(page)]


@pytest.mark.parametrize("page", ASKING, ids=name_of)
def test_what_pages_show_is_what_the_service_answers(page: Path, server: Server) -> None:
    if page in API and not (shutil.which("curl") and shutil.which("jq")):
        missing("curl and jq")
    shown = run_blocks.rendered(page, server.url)
    assert page.read_text(encoding="utf-8") == shown, "run `make docs`"


@pytest.mark.slow
@pytest.mark.parametrize("page", sorted({*run_blocks.PAGES} - {*ASKING}), ids=name_of)
def test_what_pages_show_is_what_is_printed(page: Path) -> None:
    assert page.read_text(encoding="utf-8") == run_blocks.rendered(page), "run `make docs`"


FILES_OF_ONES_OWN = {
    *("result.xlsx", "result", "result/claims.csv", "final.xlsx", "ledger.xlsx", "luoyang.xlsx"),
    *("ledger", "assessed", "assessed/policy.toml", "invented-2024.toml", "settled.xlsx"),
    *("figures", "curve-of-2022", "curve-of-2022/cliffs.csv"),
    *("outlook", "outlook/forecast_years.csv"),
    *("details.xlsx", "application.xlsx", "award", "subsidy"),
    *("what-if", "what-if.xlsx", "what-if/variant-2.policy.toml"),
    *("settlement", "wrong", "wrong-result.xlsx", "no-such-file.xlsx", "again.xlsx"),
}
"""Names that the English pages give to files; the Chinese pages have Chinese ones."""


def in_any_language(line: str) -> str:
    """A command without the names of the reader's own files and the language of the answer."""
    words = line.replace(" -H 'Accept-Language: en'", "").replace(".name.en", ".name.zh").split()
    return " ".join("FILE" if w in FILES_OF_ONES_OWN or not w.isascii() else w for w in words)


PAIRS = (READMES, COMMAND_LINE, SETTLEMENT, TUTORIALS, YEARS, OUTLOOK, API, BEFORE)


@pytest.mark.parametrize(
    "pair",
    PAIRS,
    ids=["README", "command line", "settlement", "tutorial", "years", "outlook", "api", "before"],
)
def test_both_languages_show_the_same(pair: tuple[Path, Path]) -> None:
    shown = []
    for page in pair:
        text = page.read_text(encoding="utf-8")
        lines = [
            in_any_language(line)
            for line in re.findall(r"^\$ (.*)$", text, re.MULTILINE)
            if not line.startswith("export ")
        ]
        blocks = FENCED.findall(text)
        kinds = [block.split("\n", 1)[0] for block in blocks]
        levels = re.findall(r"^(#+) ", FENCED.sub("", text), re.MULTILINE)
        shown.append((lines, [kind for kind in kinds if kind != "```console"], levels))
    assert shown[0] == shown[1]


@pytest.mark.slow
def test_every_public_name_has_an_example_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    names = {name: getattr(compensation, name) for name in compensation.__all__}
    docs = {name: inspect.getdoc(thing) for name, thing in names.items() if callable(thing)}
    once = functools.cache(compensation.read_portfolio)  # most examples read the same ledger

    def read_portfolio(of: object) -> object:
        return once(of) if isinstance(of, str) else compensation.read_portfolio(of)  # type: ignore[arg-type]

    runner = doctest.DocTestRunner()
    for name, text in docs.items():
        given = {**names, "read_portfolio": read_portfolio, "Decimal": Decimal, "np": np}
        test = doctest.DocTestParser().get_doctest(text or "", given, name, None, 0)
        assert test.examples, name
        runner.run(test)
    assert runner.failures == 0


def test_every_public_name_is_described() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### `(.*)`$", page, re.MULTILINE)
    described = {re.match(r"\w+", heading)[0]: heading for heading in headings}  # type: ignore[index]
    assert set(described) == set(compensation.__all__)
    for name, heading in described.items():
        thing = getattr(compensation, name)
        if name == "__version__":
            continue
        assert inspect.getdoc(thing), name
        if inspect.isfunction(thing):
            said = re.findall(r"(\w+)(?:=([^,)]*))?[,)]", heading)
            real = inspect.signature(thing).parameters.values()
            empty = inspect.Parameter.empty
            wanted = [(p.name, "" if p.default is empty else repr(p.default)) for p in real]
            # A lone () reads as one bracket more.
            assert [(n, d + ")" if d == "(" else d) for n, d in said] == wanted, name


def test_attributes_on_the_python_page_exist() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    for name in ("Portfolio", "Assessment"):
        section = page.split(f"### `{name}`")[1].split("\n### ")[0]
        thing = getattr(compensation, name)
        known = {*dir(thing), *thing.__dataclass_fields__}
        for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE):
            for attribute in re.findall(r"`(\w+)", row):
                assert attribute in known, f"{name}.{attribute}"


def test_kinds_of_fault_on_their_page_exist() -> None:
    page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    sources = [p.read_text(encoding="utf-8") for p in (ROOT / "compensation").rglob("*.py")]
    for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE):
        for kind in re.findall(r"`(\w+)`", row):
            assert any(f'"{kind}"' in source for source in sources), kind


def test_architecture_names_what_is_there() -> None:
    """Each function in the table of rules exists where the table says."""
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.split("## Where each rule stands")[1].split("\n## ")[0]
    sources = ROOT / "compensation"
    for cell in re.findall(r"^\| [^|]* \| ([^|]*) \|$", table, re.MULTILINE):
        home: list[str] = []
        for path in re.findall(r"`([\w.]+)`", cell):
            parts = path.split(".")
            if len(parts) > 1 or (sources / f"{path}.py").exists():
                module = sources.joinpath(*parts).with_suffix(".py")
                home = parts if module.exists() else parts[:-1]
            file = sources.joinpath(*home).with_suffix(".py")
            assert file.exists(), path
            if parts != home:
                assert re.search(
                    rf"^(?:def |class )?{parts[-1]}\b", file.read_text(), re.MULTILINE
                ), path


def test_decisions_are_listed() -> None:
    folder = ROOT / "docs" / "decisions"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    listed = {found["target"] for found in LINK.finditer(readme)}
    pages = {page.name for page in folder.glob("[0-9]*.md")}
    assert listed == pages
    for page in pages:
        text = (folder / page).read_text(encoding="utf-8")
        titles = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert titles == ["Context", "Decision", "Alternatives", "Consequences"], page
        assert text.startswith(f"# {page[:4]} "), page
