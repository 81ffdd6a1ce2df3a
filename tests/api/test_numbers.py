"""What a field takes is what its schema says, exactly; in plain Python, without a server."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.bodies import read_json
from api.numbers import (
    AnyNumber,
    Budget,
    Count,
    Day,
    Growth,
    PayoutRate,
    Share,
    Year,
    YearsAhead,
    Yuan,
)
from api.problems import Problem

TYPES: dict[str, Any] = {
    "yuan": Yuan,
    "share": Share,
    "payout rate": PayoutRate,
    "growth": Growth,
    "count": Count,
    "budget": Budget,
    "year": Year,
    "number": AnyNumber,
    "years ahead": YearsAhead,
    "day": Day,
}
ADAPTERS = {name: TypeAdapter(kind) for name, kind in TYPES.items()}
SCHEMAS = {
    name: jsonschema_rs.validator_for(adapter.json_schema(), validate_formats=True)
    for name, adapter in ADAPTERS.items()
}


def taken(name: str, token: str) -> Any:
    """The value that a JSON token arrives as; None where it is refused."""
    try:
        return ADAPTERS[name].validate_python(read_json(token.encode()))
    except ValidationError:
        return None


@pytest.mark.parametrize(
    ("token", "value"),
    [
        ("1234567890123.45", "1234567890123.45"),  # as a float this would be one fen off at times
        ("9999999999999.99", "9999999999999.99"),
        ('"9999999999999.99"', "9999999999999.99"),
        ("0.1", "0.1"),
        ("-0.00", "0"),
        ('"-0"', "0"),
        ("100.0000", "100.00"),
        ('"100.0000"', "100.00"),
        ("1e3", "1000"),
        ("1.5E2", "150"),
        ("12", "12"),
    ],
)
def test_amounts_arrive_exactly(token: str, value: str) -> None:
    assert taken("yuan", token) == Decimal(value)


@pytest.mark.parametrize(
    "token",
    [
        *("NaN", "Infinity", "-Infinity", "1e400", "1e-400", "1e999999999999", '"NaN"', '"1e3"'),
        *("0.005", "100.001", '"0.005"', "-0.01", '"-0.01"', "10000000000000.00"),
        *("true", "null", "[]", "{}", '""', '" 1"', '"1,000.00"', '"１"', '"+1"', '".5"', '"1."'),
        *("9" * 50, f"0.{'1' * 50}", f'"{"9" * 5000}"', '"¥1"', '"0x10"', '"1_000"', '"1\\n"'),
    ],
)
def test_what_is_no_amount_is_refused(token: str) -> None:
    assert taken("yuan", token) is None


@given(fen=st.integers(0, 10**15 - 1))
def test_every_amount_in_fen_arrives_as_itself(fen: int) -> None:
    text = f"{fen // 100}.{fen % 100:02d}"
    assert taken("yuan", text) == taken("yuan", f'"{text}"') == Decimal(fen).scaleb(-2)
    assert taken("yuan", text + "1") is None  # a third decimal


@given(millionths=st.integers(-(10**6), 10**7 - 1))
def test_every_ratio_in_millionths_arrives_as_itself(millionths: int) -> None:
    text = str(Decimal(millionths).scaleb(-6))
    expected = Decimal(millionths).scaleb(-6)
    if "E" not in text:
        name = "growth" if not 0 <= millionths < 2_000_000 else "payout rate"
        assert taken(name, text) == taken(name, f'"{text}"') == expected


NUMBERS = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str),
    st.integers(-(10**17), 10**17).map(str),
    st.from_regex(r"\A-?(0|[1-9][0-9]{0,16})(\.[0-9]{1,8})?([eE][-+]?[0-9]{1,2})?\Z"),
)


@pytest.mark.slow
@given(name=st.sampled_from(sorted(TYPES)), token=NUMBERS)
def test_numbers_are_taken_where_the_schema_takes_them(name: str, token: str) -> None:
    """A number is taken where the text of the same number is, or where the schema has numbers."""
    number = Decimal(token)
    text = f"{number.normalize():f}" if number else "0"
    whole = number == number.to_integral_value()
    fits = SCHEMAS[name].is_valid(text) or (whole and SCHEMAS[name].is_valid(int(number)))
    assert (taken(name, token) is not None) == fits


@pytest.mark.parametrize("name", sorted(TYPES))
def test_no_schema_asks_for_what_floats_cannot_hold(name: str) -> None:
    assert "multipleOf" not in json.dumps(ADAPTERS[name].json_schema())


@pytest.mark.parametrize("text", ["0.29", "5000000.01", "9999999999999.99", "0.1", "100.0000"])
def test_an_amount_fits_the_schema_and_its_text_is_taken(text: str) -> None:
    assert SCHEMAS["yuan"].is_valid(text)
    assert taken("yuan", text) == taken("yuan", f'"{text}"') == Decimal(text)


WHOLE = {"count", "year", "years ahead"}
"""Types whose schema has numbers; their texts are taken, too, which the description says."""
LIMITS = {
    "number": ("999999999999.999999", "1000000000000", "-1000000000000", "0.0000001"),
    "years ahead": ("20", "21", "0"),
    "yuan": ("9999999999999.99", "10000000000000.00", "9999999999999.991"),
    "budget": ("9999999999999999.99", "10000000000000000.00", "0.001"),
    "share": ("1.000000", "1.000001", "0.0000001"),
    "payout rate": ("1.999999", "2", "-0.000001", "0.0000001"),
    "growth": ("-1.000000", "-1.000001", "10", "0.0000001"),
    "count": ("999999999999999", "1000000000000000", "-1"),
    "year": ("2199", "2200", "1899"),
}


@pytest.mark.parametrize(
    ("name", "limit", "beyond"), [(n, a, b) for n, (a, *c) in LIMITS.items() for b in c]
)
def test_the_schema_s_limits_are_those_enforced(name: str, limit: str, beyond: str) -> None:
    """As a text and as a number; the schema takes the limit, and nothing beyond."""
    for form in ("{}", '"{}"'):
        assert taken(name, form.format(limit)) is not None
        assert taken(name, form.format(beyond)) is None
    written = int if name in WHOLE else str
    assert SCHEMAS[name].is_valid(written(limit))
    assert not SCHEMAS[name].is_valid(written(beyond))


@pytest.mark.slow
@given(
    name=st.sampled_from(sorted(TYPES.keys() - WHOLE)),
    text=st.one_of(
        st.from_regex(r"\A-?[0-9]{1,18}(\.[0-9]{1,9})?\Z"),
        st.from_regex(r"\A(1[89]|2[0-2])[0-9]{2}-[01][0-9]-[0-3][0-9]\Z"),
        st.text(max_size=8),
    ),
)
def test_texts_are_taken_where_the_schema_takes_them(name: str, text: str) -> None:
    assert (taken(name, json.dumps(text)) is not None) == SCHEMAS[name].is_valid(text)


@pytest.mark.parametrize("text", ["2022-02-29", "2022-13-01", "1899-12-31", "2200-01-01", "220101"])
def test_what_is_no_day_is_refused(text: str) -> None:
    assert taken("day", f'"{text}"') is None


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"a": 1, "a": 2}', b'{"a": {"b": 1, "b": 1}}', b"\xff", b"[" * 100_000, b"1 2"],
)
def test_what_is_no_json_is_malformed(content: bytes) -> None:
    with pytest.raises(Problem) as raised:
        read_json(content)
    assert raised.value.name == "malformed"
    assert raised.value.text is not None
    assert not re.search("[a-z]{2}", raised.value.text.zh), "English in a Chinese message"
