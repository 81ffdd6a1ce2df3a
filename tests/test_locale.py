"""The catalogue that has click speak Chinese: compiled, complete, and of the click that is here."""

from __future__ import annotations

import io
import string
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from compensation.cli import process, usage

SOURCE = usage.LOCALE / "zh" / "LC_MESSAGES" / f"{usage.DOMAIN}.po"


@pytest.fixture(scope="module")
def catalogue() -> Catalog:
    with SOURCE.open("rb") as file:
        return read_po(file)


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def test_the_compiled_catalogue_is_that_of_the_source(catalogue: Catalog) -> None:
    """Otherwise run `make docs`."""
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    assert SOURCE.with_suffix(".mo").read_bytes() == compiled.getvalue()


@pytest.mark.slow
def test_click_and_the_parameter_types_still_say_each_message(catalogue: Catalog) -> None:
    """A click that words one of them otherwise would say it in English."""
    found = extract_from_dir(Path(click.__file__).parent, [("**.py", "python")])
    said = {message for _file, _line, message, _comments, _context in found}
    kinds = (
        usage.YEAR,
        usage.YEARS,
        usage.NUMBER,
        usage.NUMBERS,
        usage.COUNT,
        usage.DAY,
        usage.AMOUNT,
        usage.PATH,
    )
    ours = {text for kind in kinds for text in (kind.wrong, *kind.special.values())}
    said |= ours
    said |= {"required", "."}  # the first click translates from a variable, the other is ours
    assert [message.id for message in messages(catalogue) if message.id not in said] == []
    translated = {message.id for message in messages(catalogue)}
    assert ours <= translated


def fields(texts: object) -> set[str | None]:
    every = texts if isinstance(texts, tuple) else (texts,)
    return {name for text in every for _, name, _, _ in string.Formatter().parse(text)}


def test_translations_use_only_the_fields_of_their_messages(catalogue: Catalog) -> None:
    for message in messages(catalogue):
        assert message.string
        assert fields(message.string) <= {None, *fields(message.id)}, message.id


def test_a_minus_is_a_hyphen_where_the_encoding_has_none() -> None:
    assert "3 − 2，é𠮷".encode("gbk", process._NEAREST) == "3 - 2，é\\U00020bb7".encode("gbk")
    assert "−€".encode("ascii", process._NEAREST) == rb"-\u20ac"
    with pytest.raises(UnicodeDecodeError):  # it is for writing only
        b"\xff".decode("ascii", process._NEAREST)
