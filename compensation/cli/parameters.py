"""Arguments and options that several commands share."""

from __future__ import annotations

from typing import Any

import click

from compensation.cli.usage import PATH
from compensation.language import Language, Text


def option(
    language: Language,
    names: str,
    text: Text,
    metavar: str,
    kind: click.ParamType[Any] | None = None,
    **more: Any,
) -> click.Option:
    """Return an option with its help in one language; `names` are as click takes them."""
    return click.Option(names.split(), metavar=metavar, type=kind, help=text.get(language), **more)


def path_argument(name: str, metavar: str) -> click.Argument:
    """Return an argument that is a path."""
    return click.Argument([name], metavar=metavar, type=PATH)


def series_option(language: Language) -> click.Option:
    """Return the option --series."""
    text = Text("更新的参考利率文件（可多次）", "a newer file of reference series (repeatable)")
    return option(language, "--series", text, "FILE", PATH, multiple=True)


def output_options(language: Language) -> list[click.Parameter]:
    """Return the options for the place and the form of a result."""
    return [
        option(
            language,
            "-o --output",
            Text(
                "结果：.xlsx 工作簿，否则为文件夹",
                "the result: an .xlsx workbook, else a folder",
            ),
            "OUTPUT",
            PATH,
        ),
        option(
            language,
            "--format form",
            Text("文件夹中表格的格式（默认 csv）", "format of tables in a folder (default csv)"),
            "csv|parquet",
            click.Choice(["csv", "parquet"]),
        ),
    ]
