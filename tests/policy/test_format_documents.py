"""The pages of the format name every key and every value, and their examples run."""

import re
import tomllib
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import pytest

from compensation.policy.catalogue import load_policy
from compensation.policy.defaults import TABLE_DEFAULTS
from compensation.policy.model import PolicyFile, SeriesFile, Strict, key_of_field
from compensation.policy.variables import COMPUTED_COLUMNS, STANDARD_INDICATORS
from compensation.policy_tools.doubts import doubts
from compensation.policy_tools.worked_cases import SUFFIX, cases_beside, read_cases, run_case
from docs.links import prose

DOCS = Path(__file__).parents[2] / "docs"
ENTRANCE = DOCS / "policy-format.md"
CONCEPTS = sorted(page for page in (DOCS / "policy").glob("*.md") if page.suffixes == [".md"])
PAGES = (ENTRANCE, *CONCEPTS)


def in_chinese(page: Path) -> Path:
    return page.with_suffix(".zh-CN.md")


LANGUAGES = {"en": PAGES, "zh": tuple(map(in_chinese, PAGES))}
BLOCK = re.compile(r"(?:<!-- file: (\S+) -->\n)?```toml\n(.*?)```", re.DOTALL)


class Examples(NamedTuple):
    """What a page shows: its policy, the worked cases, and parts that stand in the policy."""

    policy: str
    cases: str
    parts: list[str]


def examples(page: Path) -> Examples:
    """Return the examples of a page, whose first block is a whole policy."""
    blocks = BLOCK.findall(page.read_text(encoding="utf-8"))
    cases = [text for name, text in blocks if name.endswith(SUFFIX)]
    policy, *parts = [text for name, text in blocks if not name.endswith(SUFFIX)]
    return Examples(policy, "".join(cases), parts)


def put_in(policy: str, part: str) -> str:
    """Return a policy with a part of it in place of the tables that the part has."""
    for table in re.findall(r"^\[(\w+)\]$", part, re.MULTILINE):
        policy = re.sub(rf"^\[+{table}\]+\n.*?(?=^\[|\Z)", "", policy, flags=re.M | re.S)
    return policy + "\n" + part


def parts(annotation: Any) -> Iterator[Any]:
    """Yield the models and the literal values within an annotation."""
    if get_origin(annotation) is Literal:
        yield from (value for value in get_args(annotation) if isinstance(value, str))
    elif isinstance(annotation, type) and issubclass(annotation, Strict):
        yield annotation
    elif get_origin(annotation) in (Union, types.UnionType, tuple) or get_args(annotation):
        for part in get_args(annotation):
            yield from parts(part)


def words() -> tuple[set[str], set[str]]:
    """Return every key and every literal value of the format."""
    keys: set[str] = set()
    values: set[str] = set()
    seen: set[type[Strict]] = set()
    waiting: list[type[Strict]] = [PolicyFile, SeriesFile]
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        for name, annotation in get_type_hints(model).items():
            if name == "written" or get_origin(annotation) is ClassVar:
                continue
            keys.add(key_of_field(name))
            for part in parts(annotation):
                if isinstance(part, str):
                    values.add(part)
                else:
                    waiting.append(part)
    return keys, values


def test_the_words_are_found() -> None:
    keys, values = words()
    assert {"zh", "from", "any", "points", "checked_until", "above_ceiling", "borne_by"} <= keys
    assert {"slices", "pro_rata", "average_balance", "out_of_scope", "money"} <= values


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_and_value_is_explained(language: str) -> None:
    text = "\n".join(map(prose, LANGUAGES[language]))
    keys, values = words()
    names = {column.name for columns in COMPUTED_COLUMNS.values() for column in columns}
    quoted = " ".join(re.findall(r"`([^`\n]+)`", text))
    for word in keys | values | set(STANDARD_INDICATORS) | names:
        assert re.search(rf"(?<![\w.]){word}(?!\w)|\.{word}\b", quoted), word


def test_the_policy_of_ten_minutes_uses_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(examples(ENTRANCE).policy, encoding="utf-8")
    read = load_policy(path)
    assert read.id == "example-2024"
    assert {each.id for each in TABLE_DEFAULTS} <= {
        citation.id for citation in read.cited() if citation.cited.basis == "default"
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_each_page_has_a_policy_that_comes_to_what_it_says(page: Path, tmp_path: Path) -> None:
    shown = examples(page)
    path = tmp_path / "mine.toml"
    path.write_text(shown.policy, encoding="utf-8")
    policy = load_policy(path)
    assert doubts(policy) == []
    cases_beside(path).write_text(shown.cases, encoding="utf-8")
    for case in read_cases(cases_beside(path), policy):
        outcome = run_case(policy, case)
        assert outcome.same, outcome
    for part in shown.parts:
        path.write_text(put_in(shown.policy, part), encoding="utf-8")
        assert load_policy(path).digest != policy.digest, part


def shape(page: Path) -> list[str]:
    """Return the levels of the headings and the columns of the rows of tables."""
    lines = prose(page).splitlines()
    return [
        line.split()[0] if line[0] == "#" else "|" * line.count(" | ")
        for line in lines
        if line.startswith(("#", "|"))
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_both_languages_have_the_same_parts_and_examples(page: Path) -> None:
    chinese = in_chinese(page)
    assert shape(page) == shape(chinese)
    shown = [
        [tomllib.loads(text) for _, text in BLOCK.findall(each.read_text("utf-8"))]
        for each in (page, chinese)
    ]
    assert shown[0] == shown[1]


def test_the_entrance_lists_every_page() -> None:
    for language, (entrance, *pages) in LANGUAGES.items():
        listed = re.findall(r"^\| \[[^]]+\]\((policy/[^)#]+)\)", prose(entrance), re.MULTILINE)
        assert sorted(listed) == sorted(f"policy/{page.name}" for page in pages), language
