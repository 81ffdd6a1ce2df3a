"""The language of a run, what its arguments may be, and how wrong ones are refused.

click translates its own messages with gettext. Our catalogue `compensation/locale` has them in
Chinese, together with the messages of the parameter types below.
"""

from __future__ import annotations

import gettext
import io
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from gettext import gettext as _
from pathlib import Path
from typing import Any, TypeVar

import click

from compensation.cli.process import show
from compensation.language import LANGUAGE_VARIABLE, Language, Text
from compensation.refusals import Refused
from compensation.values import kinds
from compensation.values.dates import date_of, day_of_iso, year_of_text, years_of_text

LANGUAGES: tuple[Language, ...] = ("zh", "en")
DOMAIN = "compensation"
LOCALE = Path(__file__).parents[1] / "locale"

Value = TypeVar("Value")
_MOST_DIGITS = 4
_NUMBER = re.compile(r"(?P<number>[+-]?[0-9]{1,15}(\.[0-9]{1,8})?)(?P<percent>%?)", re.ASCII)


class Refusal(Refused):
    """The arguments are readable but cannot be used together: exit code 2."""


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language asked for, wherever --lang stands; anything but "en" is Chinese.

    The language must be known before the arguments are parsed, because parsing reports its errors
    in it.
    """
    wanted = environment.get(LANGUAGE_VARIABLE, "")
    for place, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == "--lang":
            wanted = (*arguments, "")[place + 1]
        elif argument.startswith("--lang="):
            wanted = argument.removeprefix("--lang=")
    return "en" if wanted == "en" else "zh"


def translate_click(language: Language) -> None:
    """Have gettext, and so click, answer in a language from now on."""
    os.environ["LANGUAGE"] = language
    gettext.bindtextdomain(DOMAIN, LOCALE)
    gettext.textdomain(DOMAIN)


class Command(click.Command):
    """A command with --lang, and a --help that fails where it cannot be written.

    Its texts are given in both languages.
    """

    def __init__(self, *args: Any, language: Language, **kwargs: Any) -> None:
        lang = click.Option(
            ["--lang"],
            type=click.Choice(LANGUAGES),
            metavar="|".join(LANGUAGES),
            envvar=LANGUAGE_VARIABLE,
            expose_value=False,
            help=Text(
                f"语言：zh（默认）或 en；默认值可由环境变量 {LANGUAGE_VARIABLE} 改变",
                f"language: zh (default) or en; {LANGUAGE_VARIABLE} sets another default",
            ).get(language),
        )
        kwargs = {
            name: value.get(language) if isinstance(value, Text) else value
            for name, value in kwargs.items()
        }
        kwargs["params"] = [*kwargs.get("params", ()), lang]
        kwargs["options_metavar"] = Text("[选项]", "[OPTIONS]").get(language)
        super().__init__(*args, **kwargs)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments; click's parser leaves out which command its errors are about."""
        try:
            return super().parse_args(ctx, args)
        except click.BadOptionUsage as error:
            error.ctx = ctx
            raise

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return click's option, which writes by way of `show`."""
        option = super().get_help_option(ctx)
        assert option is not None
        option.callback = _show_help
        return option


class Group(Command, click.Group):
    """A group that lists its commands in the order in which they were added."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names."""
        return list(self.commands)


def _show_help(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted:
        show(ctx.get_help())
        ctx.exit()


def usage_error_text(error: click.UsageError) -> str:
    """Return click's message about wrong arguments: usage, hint and error."""
    said = io.StringIO()
    error.show(said)
    text = said.getvalue().rstrip()
    if isinstance(error, click.MissingParameter):  # click appends this stop to its translation
        text = text.removesuffix(".") + _(".")
    return text


class Kind(click.ParamType[Value, str]):
    """A type of parameter: `read` returns the value of a text, or what is wrong with the text.

    `name`: the metavar. `wrong`: the message about a wrong text; `special`: that about some kinds
    of fault, instead. Messages are keys of the catalogue.
    """

    def __init__(
        self,
        name: str,
        read: Callable[[str], Value | kinds.Kind],
        wrong: str,
        special: Mapping[kinds.Kind, str] | None = None,
    ) -> None:
        self.name = name
        self._read = read
        self.wrong = wrong
        self.special: Mapping[kinds.Kind, str] = special or {}

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Value:
        """Return the value; raises click's error where the text is wrong."""
        read = self._read(value)
        if isinstance(read, kinds.Kind):
            self.fail(_(self.special.get(read, self.wrong)).format(value=value), param, ctx)
        return read


def _day(text: str) -> date | kinds.Kind:
    day = day_of_iso(text)
    return day if isinstance(day, kinds.Kind) else date_of(day)


def _amount(text: str) -> Decimal | kinds.Kind:
    # Help and other commands need no numbers, and NumPy takes long to load.
    from compensation.values.numbers import OPTION, TOTAL, units_of_text
    from compensation.values.printing import yuan_of

    fen = units_of_text(text.strip(), TOTAL, OPTION)
    return fen if isinstance(fen, kinds.Kind) else yuan_of(fen)


def _number(text: str) -> Decimal | kinds.Kind:
    """Return a number with at most ten decimals, or a percentage."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return kinds.Kind.NOT_A_NUMBER
    number = Decimal(found["number"])
    return number / 100 if found["percent"] else number


def _numbers(text: str) -> tuple[Decimal, ...] | kinds.Kind:
    """Return the numbers of a text, one or three."""
    found = [_number(part) for part in text.replace("，", ",").split(",")]
    numbers = tuple(each for each in found if isinstance(each, Decimal))
    return numbers if len(numbers) == len(found) in (1, 3) else kinds.Kind.NOT_A_NUMBER


def _count(text: str) -> int | kinds.Kind:
    """Return a whole number of at most four digits."""
    written = text.strip()
    fits = written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS
    return int(written) if fits else kinds.Kind.NOT_WHOLE


YEAR = Kind("YYYY", year_of_text, "{value!r} is not a year of four digits")
YEARS = Kind(
    "YEARS",
    years_of_text,
    "{value!r} is not years such as 2024, 2022-2024 or 2022,2024, the earlier one first",
)
DAY = Kind(
    "YYYY-MM-DD",
    _day,
    "{value!r} is not a date such as 2024-12-31",
    {
        kinds.Kind.OUT_OF_RANGE: "the year of {value!r} is not from "
        f"{kinds.FIRST_YEAR} to {kinds.LAST_YEAR}"
    },
)
AMOUNT = Kind(
    "YUAN",
    _amount,
    "{value!r} is not an amount in yuan of 0 or more with at most two decimals",
    {kinds.Kind.AMBIGUOUS_AMOUNT: "{value!r} can be read in two ways; write it as 19 or as 19000"},
)
"""Yuan, taken exactly."""
NUMBER = Kind(
    "NUMBER",
    _number,
    "{value!r} is not a number such as 0.05, -0.1 or 5%",
)
"""A ratio, yuan or a count, taken exactly."""
NUMBERS = Kind(
    "NUMBER[,NUMBER,NUMBER]",
    _numbers,
    "{value!r} is not a number such as 0.10 or 10%, or three with commas between them",
)
"""A ratio, or a low, a middle and a high one."""
COUNT = Kind("N", _count, "{value!r} is not a whole number")
PATH = Kind("PATH", lambda text: Path(text) if text else kinds.Kind.BLANK, "the path is empty")
"""A path. An empty one, as an unset variable gives, must not mean the current folder."""
