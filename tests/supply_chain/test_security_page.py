"""What SECURITY.md names to show that something is stopped is there, in both languages alike."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from supply_chain.locks import ROOT

PAGES = (ROOT / "SECURITY.md", ROOT / "SECURITY.zh-CN.md")


def named(page: Path) -> list[str]:
    """What stands in the last column of the tables."""
    rows = re.findall(r"^\|.*\| ([^|]*) \|$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`([^`]+)`", row)]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_and_function_exists(page: Path) -> None:
    for name in named(page):
        file, _, test = name.partition("::")
        if "/" in file or (ROOT / file).exists():
            assert (ROOT / file).is_file(), name
            text = (ROOT / file).read_text(encoding="utf-8")
            assert not test or re.search(rf"^(async )?def {test}\(", text, re.MULTILINE), name
        else:
            module, _, function = name.rpartition(".")
            source = ROOT.joinpath("compensation", *module.split(".")).with_suffix(".py")
            assert f"\ndef {function}(" in source.read_text(encoding="utf-8"), name


def test_both_languages_name_the_same() -> None:
    first, second = map(named, PAGES)
    assert len(first) > 40
    assert first == second
