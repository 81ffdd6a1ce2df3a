"""The commands that look at other years and other figures, with help in one language."""

from __future__ import annotations

from functools import partial

import click

from compensation.cli import outlook
from compensation.cli.parameters import option, output_options, path_argument
from compensation.cli.usage import YEARS, Command
from compensation.language import Language, Text

INPUT = Text(
    "INPUT：.xlsx 工作簿，或 CSV、Parquet 文件夹。",
    "INPUT: an .xlsx workbook, or a folder of CSV or Parquet files.",
)


def outlook_commands(language: Language) -> list[click.Command]:
    """Return the commands, in the order in which they are listed."""
    return [_indicators(language)]


def _indicators(language: Language) -> Command:
    return Command(
        "indicators",
        language=language,
        callback=partial(outlook.indicators, language),
        short_help=Text("各机构历年指标和名次", "indicators of institutions over years"),
        help=Text(
            "\b\n各机构历年指标、名次和口径；不涉及任何政策。\n" + INPUT.zh,
            "\b\nIndicators of every institution over years, with ranks; no policy is involved.\n"
            + INPUT.en,
        ),
        params=[
            path_argument("source", "INPUT"),
            option(
                language,
                "--years",
                Text("年度，如 2020-2024", "the years, such as 2020-2024"),
                "YYYY-YYYY",
                YEARS,
                required=True,
            ),
            *output_options(language),
        ],
    )
