"""Which forms of a number, a day and a choice each way of giving one takes; one table for all."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from api.numbers import Budget, Day
from compensation.assessment import budget_fen
from compensation.cli.usage import AMOUNT, DAY
from compensation.ledger.as_of import day_of
from compensation.one_case.reading import Reader
from compensation.schema.choices import places_of
from compensation.schema.dictionary import CLAIMS
from compensation.values.choices import place_of_text
from compensation.values.dates import date_of, day_of_text
from compensation.values.kinds import Kind
from compensation.values.numbers import SHARE, YUAN, units_of_text, units_of_value

Read = Callable[[str], Any]


def option(kind: click.ParamType[Any, str]) -> Read:
    """What the command line makes of the text of an option; None where it refuses it."""

    def read(text: str) -> Any:
        try:
            return kind.convert(text, None, None)
        except click.BadParameter:
            return None

    return read


def json_text(kind: Any) -> Read:
    adapter = TypeAdapter(kind)

    def read(text: str) -> Any:
        try:
            return adapter.validate_python(text)
        except ValidationError:
            return None

    return read


def known(value: int | Kind) -> int | None:
    return None if isinstance(value, Kind) else value


def fen(value: Decimal | None) -> int | None:
    return None if value is None else int(value * 100)


AMOUNTS: dict[str, Read] = {
    "cell": lambda text: known(units_of_text(text, YUAN)),
    "case": lambda text: Reader().cell(CLAIMS.column("principal"), text, ()),
    "budget": lambda text: budget_fen(text)[0],
    "option": lambda text: fen(option(AMOUNT)(text)),
    "json": lambda text: fen(json_text(Budget)(text)),
}
EVERYWHERE = frozenset(AMOUNTS)
PEOPLE = EVERYWHERE - {"option", "json"}
FORMS: dict[str, tuple[int, frozenset[str]]] = {
    "1234.5": (123450, EVERYWHERE),
    "1234.5000": (123450, EVERYWHERE),
    "0": (0, EVERYWHERE),
    "1,234.50": (123450, EVERYWHERE - {"json"}),
    "-0": (0, EVERYWHERE - {"option"}),
    "+5": (500, PEOPLE),
    "5.": (500, PEOPLE),
    ".5": (50, PEOPLE),
    "¥5": (500, PEOPLE),
    "５": (500, PEOPLE),
    "500万元": (500_000_000, PEOPLE),
    "壹佰元整": (10_000, PEOPLE),
    "19.000": (1900, frozenset({"json"})),
    "0100": (10_000, frozenset({"json"})),
    **dict.fromkeys(
        ("", "abc", "-1", "1e3", "1_000", "NaN", "0.001", "1,00", "1,5", "5%", "１e3", "1 2"),
        (-1, frozenset()),
    ),
}


@pytest.mark.parametrize("text", FORMS)
@pytest.mark.parametrize("way", AMOUNTS)
def test_an_amount_is_taken_in_the_forms_of_the_table(way: str, text: str) -> None:
    worth, taken = FORMS[text]
    assert AMOUNTS[way](text) == (worth if way in taken else None)


DAYS: dict[str, Read] = {
    "cell": lambda text: known(day_of_text(text)),
    "case": lambda text: Reader().cell(CLAIMS.column("payout_date"), text, ()),
    "as of": lambda text: day_of(text)[0] if not day_of(text)[1] else None,
    "option": option(DAY),
    "json": json_text(Day),
}
DAY_FORMS: dict[str, frozenset[str]] = {
    "2022-03-01": frozenset(DAYS),
    **dict.fromkeys(
        ("2022/3/1", "20220301", "2022年3月1日", "2022-3-1", "二〇二二年三月一日"),
        frozenset({"cell", "case", "as of"}),
    ),
    **dict.fromkeys(
        ("2022-02-29", "2022-13-01", "1899-12-31", "2200-01-01", "22-3-1", "2022-03", "", "x"),
        frozenset(),
    ),
}


@pytest.mark.parametrize("text", DAY_FORMS)
@pytest.mark.parametrize("way", DAYS)
def test_a_day_is_taken_in_the_forms_of_the_table(way: str, text: str) -> None:
    read = DAYS[way](text)
    if isinstance(read, int):
        read = date_of(read)
    assert read == (datetime.date(2022, 3, 1) if way in DAY_FORMS[text] else None)


@pytest.mark.parametrize("name", ["approved", "通过", "同意", "APPROVED", "通过。", "√"])
def test_a_choice_goes_by_the_same_names_in_a_case_and_a_cell(name: str) -> None:
    column = CLAIMS.column("finance_review")
    assert place_of_text(name, places_of(column)) == Reader().cell(column, name, ()) == 0


@given(st.decimals(-2, 2, places=7), st.booleans())
def test_a_ratio_may_be_negative_and_a_percentage(value: Decimal, signed: bool) -> None:
    text = f"{value.scaleb(2):f}%" if signed else f"{value:f}"
    units = Reader().ratio(text, (), Decimal(-1), Decimal(1))
    whole = value.scaleb(6) == value.scaleb(6).to_integral_value()
    assert units == (int(value.scaleb(6)) if whole and -1 <= value <= 1 else None)


@given(st.integers(-(10**15), 10**15))
def test_numbers_of_programs_are_read_like_their_texts(number: int) -> None:
    assert units_of_value(number, SHARE) == units_of_value(Decimal(number), SHARE)
    assert units_of_value(number, SHARE) == units_of_text(str(number), SHARE)
    assert units_of_value(bool(number), SHARE) is Kind.NOT_A_NUMBER
    assert units_of_value(float(number), SHARE) is Kind.NOT_A_NUMBER
