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
from compensation.language import Language, Text

DEFAULT_POLICY = "jiyuan-2022"
LANGUAGE_VARIABLE = "COMPENSATION_LANG"
LANGUAGES: tuple[Language, ...] = ("zh", "en")
DOMAIN = "compensation"
LOCALE = Path(__file__).parents[1] / "locale"

Value = TypeVar("Value")


class Refusal(Exception):
    """The arguments are readable but cannot be used together: exit code 2."""

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.zh)


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
    """A type of parameter: `read` returns the value of a text, or None where the text is wrong.

    `wrong`: the message about a wrong text, a key of the catalogue.
    """

    def __init__(self, name: str, read: Callable[[str], Value | None], wrong: str) -> None:
        self.name = name
        self._read = read
        self.wrong = wrong

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> Value:
        """Return the value; raises click's error where the text is wrong."""
        read = self._read(value)
        if read is None:
            self.fail(_(self.wrong).format(value=value), param, ctx)
        return read


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{4}", text) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if re.fullmatch("[0-9]{4}(-[0-9]{2}){2}", text) else None
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    text = text.strip()
    written = re.fullmatch(r"([0-9]{1,16}|[0-9]{1,3}(,[0-9]{3}){1,5})(\.[0-9]{1,2}0*)?", text)
    return Decimal(text.replace(",", "")) if written else None


YEAR = Kind("year", _year, "{value!r} is not a year of four digits")
DAY = Kind("day", _day, "{value!r} is not a date such as 2024-12-31")
AMOUNT = Kind(
    "amount",
    _amount,
    "{value!r} is not an amount in yuan of 0 or more with at most two decimals",
)
"""Yuan, taken exactly."""
PATH = Kind("path", lambda text: Path(text) if text else None, "the path is empty")
"""A path. An empty one, as an unset variable gives, must not mean the current folder."""
