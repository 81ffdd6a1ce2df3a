"""The command line's own words, in Chinese and English: help, values, wrong arguments.

click speaks English only; what it says for itself (headings, usage errors) is said here in the
language of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from compensation.cli.process import show
from compensation.language import Language, Text
from compensation.refusals import Refused
from compensation.values.dates import date_of, day_of_iso, year_of_text
from compensation.values.kinds import FIRST_YEAR, LAST_YEAR, Kind

DEFAULT_POLICY = "jiyuan-2022"
LANGUAGE_VARIABLE = "COMPENSATION_LANG"
LANGUAGES: tuple[Language, ...] = ("zh", "en")


class Refusal(Refused):
    """The arguments can't be meant so: exit code 2."""


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language asked for, wherever --lang stands; what is neither zh nor en is Chinese.

    It has to be known before the arguments are read: what is wrong with them is said in it.
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


class Command(click.Command):
    """A command whose help and errors are in one language."""

    allow_extra_args = True  # refused below, in that language

    def __init__(self, *args: Any, language: Language, **kwargs: Any) -> None:
        kwargs["params"] = [
            *kwargs.get("params", ()),
            language_option(language),
            help_option(language),
        ]
        kwargs["add_help_option"] = False
        kwargs["options_metavar"] = Text("[选项]", "[OPTIONS]").get(language)
        super().__init__(*args, **kwargs)
        self.language = language

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; one too many is a usage error."""
        try:
            rest = super().parse_args(ctx, args)
        except click.BadOptionUsage as error:
            error.ctx = ctx  # click's parser leaves out whose option it is
            raise
        if rest and not isinstance(self, click.Group):
            text = Text("多余的参数：{rest}", "unexpected arguments: {rest}")
            raise click.UsageError(text.fill(rest=" ".join(rest)).get(self.language), ctx)
        return rest

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the line of usage."""
        prefix = Text("用法：", "Usage: ").get(self.language)
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, and a group's commands."""
        records = [
            param.get_help_record(ctx)
            for param in self.get_params(ctx)
            if isinstance(param, click.Option)
        ]
        with formatter.section(Text("选项", "Options").get(self.language)):
            formatter.write_dl([record for record in records if record is not None])


class Group(Command, click.Group):
    """A group of commands in one language."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands, then the options."""
        with formatter.section(Text("命令", "Commands").get(self.language)):
            formatter.write_dl(
                [(name, command.short_help or "") for name, command in self.commands.items()]
            )
        super().format_options(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one is a usage error that names those there are."""
        if self.get_command(ctx, args[0]) is None:
            text = Text(
                "没有命令 {name}；可用的命令：{known}", "no such command: {name}; there are {known}"
            )
            known = ", ".join(self.commands)
            raise click.UsageError(text.fill(name=args[0], known=known).get(self.language), ctx)
        return super().resolve_command(ctx, args)


Check = Callable[[click.Context, click.Parameter, Any], Any]
"""What turns the text of a parameter into its value; None, where it is not given, stays None."""


def _checked(convert: Callable[[str], Any]) -> Check:
    def check(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        try:
            if isinstance(value, tuple):
                return tuple(map(convert, value))
            return None if value is None else convert(value)
        except _Wrong as wrong:
            raise click.BadParameter(str(wrong), ctx, param) from None

    return check


class _Wrong(ValueError):
    pass


def check_word(words: Sequence[str], language: Language) -> Check:
    """Return a check for one of a few words."""

    def convert(value: str) -> str:
        if value not in words:
            text = Text("{value} 不在 {words} 之中", "{value} is none of {words}")
            raise _Wrong(text.fill(value=repr(value), words=", ".join(words)).get(language))
        return value

    return _checked(convert)


def check_year(language: Language, *, required: bool = True) -> Check:
    """Return a check for a calendar year of four digits."""

    def convert(value: str) -> int:
        year = year_of_text(value)
        if isinstance(year, Kind):
            text = Text("{value} 不是四位数的年份", "{value} is not a year of four digits")
            raise _Wrong(text.fill(value=repr(value)).get(language))
        return year

    return _required(_checked(convert), required=required)


def check_day(language: Language, *, required: bool = False) -> Check:
    """Return a check for a day such as 2024-12-31."""

    def convert(value: str) -> date:
        day = day_of_iso(value)
        if isinstance(day, Kind):
            text = Text(
                "{value} 不是 2024-12-31 这样的日期", "{value} is no date such as 2024-12-31"
            )
            if day is Kind.OUT_OF_RANGE:
                text = Text(
                    f"{{value}} 的年份不在 {FIRST_YEAR} 到 {LAST_YEAR} 之间",
                    f"the year of {{value}} is not from {FIRST_YEAR} to {LAST_YEAR}",
                )
            raise _Wrong(text.fill(value=repr(value)).get(language))
        return date_of(day)

    return _required(_checked(convert), required=required)


def _required(check: Check, *, required: bool) -> Check:
    """Return a check that also refuses a missing value: click would say so in English only."""

    def checked(ctx: click.Context, param: click.Parameter, value: Any) -> Any:
        if value is None and required:
            raise click.MissingParameter(ctx=ctx, param=param)
        return check(ctx, param, value)

    return checked


def check_amount(language: Language) -> Check:
    """Return a check for an amount in yuan of at least 0 in whole fen, taken exactly."""

    def convert(value: str) -> Decimal:
        # Help and other commands need no numbers, and NumPy takes long to load.
        from compensation.values.numbers import OPTION, TOTAL, units_of_text
        from compensation.values.printing import yuan_of

        fen = units_of_text(value.strip(), TOTAL, OPTION)
        if isinstance(fen, Kind):
            text = Text(
                "{value} 不是非负金额（元），最多两位小数",
                "{value} is not an amount in yuan of 0 or more with at most two decimals",
            )
            if fen is Kind.AMBIGUOUS_AMOUNT:
                text = Text(
                    "{value} 有两种读法；请写成 19 或 19000 这样的数字",
                    "{value} can be read in two ways; write it as 19 or as 19000",
                )
            raise _Wrong(text.fill(value=repr(value)).get(language))
        return yuan_of(fen)

    return _checked(convert)


def check_path(language: Language) -> Check:
    """Return a check for a path: an empty one, as of an unset variable, is no current folder."""

    def convert(value: str) -> Path:
        if not value:
            raise _Wrong(Text("路径是空的", "the path is empty").get(language))
        return Path(value)

    return _checked(convert)


def language_option(language: Language) -> click.Option:
    """Return the option --lang, which `language_of` has looked at already."""
    return click.Option(
        ["--lang"],
        callback=check_word(LANGUAGES, language),
        metavar="|".join(LANGUAGES),
        envvar=LANGUAGE_VARIABLE,
        expose_value=False,
        help=Text(
            f"语言：zh（默认）或 en；默认值可由环境变量 {LANGUAGE_VARIABLE} 改变",
            f"language: zh (default) or en; {LANGUAGE_VARIABLE} sets another default",
        ).get(language),
    )


def help_option(language: Language) -> click.Option:
    """Return the option --help."""

    def show_help(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
        if wanted:
            show(ctx.get_help())
            ctx.exit()

    return click.Option(
        ["--help"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show_help,
        help=Text("显示本说明", "show this message").get(language),
    )


def usage_error_text(error: click.UsageError, language: Language) -> str:
    """Return what is wrong with the arguments, with the line of usage above it."""
    message = _message(error, language)
    assert error.ctx is not None, "all errors say whose arguments they are about"
    wrong = Text("错误：{message}", "Error: {message}").fill(message=message)
    hint = Text("用 {command} --help 查看说明", "{command} --help tells more")
    hint = hint.fill(command=error.ctx.command_path)
    return "\n".join([error.ctx.get_usage(), wrong.get(language), hint.get(language)])


def _message(error: click.UsageError, language: Language) -> str:
    text = None
    if isinstance(error, click.MissingParameter):
        text = Text("缺少 {name}", "{name} is missing").fill(name=_name(error))
    elif isinstance(error, click.BadParameter):
        text = Text("{name}：{why}", "{name}: {why}").fill(name=_name(error), why=error.message)
    elif isinstance(error, click.NoSuchOption):
        near = ", ".join(error.possibilities or ())
        text = Text("没有选项 {name}", "no such option: {name}").fill(name=error.option_name)
        if near:
            did = Text("{text}；是不是 {near}？", "{text}; did you mean {near}?")
            text = did.fill(text=text, near=near)
    elif isinstance(error, click.BadOptionUsage):
        text = Text("选项 {name} 要有一个值", "option {name} needs a value")
        if _is_flag(error):
            text = Text("选项 {name} 不带值", "option {name} takes no value")
        text = text.fill(name=error.option_name)
    return error.format_message() if text is None else text.get(language)


def _name(error: click.BadParameter) -> str:
    """Return the parameter as people type it: --year, INPUT."""
    if isinstance(error.param, click.Option):
        return max(error.param.opts, key=len)
    return "" if error.param is None else error.param.human_readable_name


def _is_flag(error: click.BadOptionUsage) -> bool:
    assert error.ctx is not None
    params = error.ctx.command.params
    return any(
        isinstance(param, click.Option) and param.is_flag and error.option_name in param.opts
        for param in params
    )
