"""Both documents of the format name every key and every value, and their example is a policy."""

import re
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from compensation.policy.catalogue import load_policy
from compensation.policy.defaults import TABLE_DEFAULTS
from compensation.policy.model import PolicyFile, SeriesFile, Strict, key_of_field
from compensation.policy.variables import COMPUTED_COLUMNS, STANDARD_INDICATORS

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENTS = [DOCS / "policy-format.md", DOCS / "policy-format.zh-CN.md"]


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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_key_and_value_is_explained(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    prose = re.sub(r"```toml.*?```", "", text, flags=re.DOTALL)
    keys, values = words()
    names = {column.name for columns in COMPUTED_COLUMNS.values() for column in columns}
    quoted = " ".join(re.findall(r"`([^`\n]+)`", prose))
    for word in keys | values | set(STANDARD_INDICATORS) | names:
        assert re.search(rf"(?<![\w.]){word}(?!\w)|\.{word}\b", quoted), word


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_examples_can_be_used(document: Path, tmp_path: Path) -> None:
    """The first is a file; each other one is a part that stands in it, in place of what it has."""
    whole, *parts = re.findall(r"```toml\n(.*?)```", document.read_text("utf-8"), re.DOTALL)
    path = tmp_path / "mine.toml"
    path.write_text(whole, encoding="utf-8")
    read = load_policy(path)
    assert read.id == "example-2024"
    assert {each.id for each in TABLE_DEFAULTS} <= {
        citation.id for citation in read.cited() if citation.cited.basis == "default"
    }
    assert len(parts) == 4
    for part in parts:
        of_file = re.sub(r"\[base\]\n.*?\n\n", "", whole, flags=re.DOTALL)
        path.write_text((of_file if "[base]" in part else whole) + part, "utf-8")
        assert load_policy(path).digest != read.digest


def test_the_two_documents_have_the_same_parts() -> None:
    shapes = []
    for document in DOCUMENTS:
        lines = document.read_text(encoding="utf-8").splitlines()
        shapes.append([line[0] for line in lines if line.startswith(("#", "|"))])
    assert shapes[0] == shapes[1]
