"""Every package that pyproject.toml asks for has its reason in a decision."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from supply_chain.locks import LOCKS, PROJECT, ROOT, locked

DECISIONS = ROOT / "docs" / "decisions"
TABLE = re.compile(r"^\| package \|.*\n\|[-| ]+\|\n(?P<rows>(?:\|.*\n)+)", re.MULTILINE)


def asked_for() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lists = [
        project["build-system"]["requires"],
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    return {
        re.split(r"[^A-Za-z0-9-]", requirement)[0]
        for requirements in lists
        for requirement in requirements
        if isinstance(requirement, str)
    }


def explained() -> Iterator[str]:
    for page in DECISIONS.glob("0*.md"):
        for table in TABLE.finditer(page.read_text(encoding="utf-8")):
            for row in table["rows"].splitlines():
                names, reason = row.strip("|").split("|")[:2]
                assert reason.strip(), f"{page.name}: {names}"
                yield from (name.strip() for name in names.split(","))


def test_each_has_a_reason_and_no_reason_is_left_over() -> None:
    assert set(explained()) == asked_for()


def test_what_pyproject_asks_for_is_what_locks_name_as_direct() -> None:
    direct = {
        name for file in LOCKS for name, package in locked(file).items() if PROJECT in package.via
    }
    assert direct == asked_for()
