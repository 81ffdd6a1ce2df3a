"""How commands are described: their arguments and options, whose texts are in both languages.

What is described here becomes click's once the language of the run is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import click

from compensation.cli.usage import AMOUNT, PATH, YEAR, Command
from compensation.language import Language, Text

Parameter = Callable[[Language], click.Parameter]
"""Makes an argument or an option with its help in a language."""
Described = Callable[[Language], click.Command]
"""Makes a command with its texts in a language."""

INPUT = Text(
    "INPUT：.xlsx 工作簿，或 CSV、Parquet 文件夹。",
    "INPUT: an .xlsx workbook, or a folder of CSV or Parquet files.",
)


def option(
    names: str,
    text: Text,
    kind: click.ParamType[Any] | str | None = None,
    metavar: str | None = None,
    **more: Any,
) -> Parameter:
    """Describe an option; `names` are as click takes them.

    `kind`: of its value; a text is the metavar of a value that is any text, and without a kind the
    option is a flag. `metavar`: where it is not the name of the kind.
    """
    if kind is None:  # told that it is no flag, click lets an option's value be missing
        more["is_flag"] = True
    if isinstance(kind, str):
        kind, metavar = None, kind
    return lambda language: click.Option(
        names.split(), metavar=metavar, type=kind, help=text.get(language), **more
    )


def argument(
    name: str, metavar: str, kind: click.ParamType[Any] | None = PATH, *, required: bool = True
) -> Parameter:
    """Describe an argument, a path unless `kind` says otherwise."""
    return lambda _: click.Argument([name], metavar=metavar, type=kind, required=required)


def policies_option(text: Text) -> Parameter:
    """Describe the option --policy of a command that takes several."""
    return option("--policy policies", text, "ID|FILE", multiple=True)


def budget_option(text: Text) -> Parameter:
    """Describe the option --budget."""
    return option("--budget", text, AMOUNT)


def command(
    name: str,
    action: Callable[..., int],
    short: Text,
    text: Text,
    parameters: Sequence[Parameter] = (),
    epilog: Text | None = None,
) -> Described:
    """Describe a command; `action` takes the language first. `text`, `epilog`: of its help."""
    return lambda language: Command(
        name,
        language=language,
        callback=partial(action, language),
        short_help=short,
        help=text,
        epilog=epilog,
        params=[make(language) for make in parameters],
    )


def lines(zh: str, en: str) -> Text:
    """Return a text whose lines click keeps, with what the input of a run may be below it."""
    return Text(f"\b\n{zh}\n{INPUT.zh}", f"\b\n{en}\n{INPUT.en}")


SOURCE = argument("source", "INPUT")
YEAR_ASKED = option("--year", Text("年度，如 2022", "the year, such as 2022"), YEAR, required=True)
SERIES = option(
    "--series",
    Text("更新的参考利率文件（可多次）", "a newer file of reference series (repeatable)"),
    PATH,
    "FILE",
    multiple=True,
)
OUTPUT = (
    option(
        "-o --output",
        Text("结果：.xlsx 工作簿，否则为文件夹", "the result: an .xlsx workbook, else a folder"),
        PATH,
        "OUTPUT",
    ),
    option(
        "--format form",
        Text("文件夹中表格的格式（默认 csv）", "format of tables in a folder (default csv)"),
        click.Choice(["csv", "parquet"]),
        "csv|parquet",
    ),
)
"""The options for the place and the form of a result."""
