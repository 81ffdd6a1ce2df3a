"""The commands that look at other years and other figures, with help in one language."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from compensation.cli import outlook
from compensation.cli.parameters import option, output_options, path_argument, series_option
from compensation.cli.usage import COUNT, NUMBER, NUMBERS, YEAR, YEARS, Command
from compensation.language import Language, Text

INPUT = Text(
    "INPUT：.xlsx 工作簿，或 CSV、Parquet 文件夹。",
    "INPUT: an .xlsx workbook, or a folder of CSV or Parquet files.",
)


def outlook_commands(language: Language) -> list[click.Command]:
    """Return the commands, in the order in which they are listed."""
    return [_indicators(language), _curve(language), _forecast(language)]


def policy_in_every_year(language: Language) -> list[click.Parameter]:
    """Return the options of a policy that is taken as in force in every year asked for."""
    return [
        option(
            language,
            "--policy",
            Text("政策编号或政策文件", "id of a policy, or a policy file"),
            "ID|FILE",
        ),
        series_option(language),
        click.Option(
            ["--strict-dates"],
            is_flag=True,
            help=Text(
                "按政策写明的有效期（默认视为各年度均有效）",
                "take the policy's days as written (default: in force in every year)",
            ).get(language),
        ),
    ]


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


def _curve(language: Language) -> Command:
    institution = Text(
        "机构代码（台账只有一家时可省略）", "the institution, where there are several"
    )
    along = Text("变动的指标，如 payout_rate", "the indicator that moves, such as payout_rate")
    ends = {
        "--from from_": Text("起点，如 0", "its first value, such as 0"),
        "--to": Text("终点，如 0.08", "its last value, such as 0.08"),
    }
    return Command(
        "curve",
        language=language,
        callback=partial(outlook.curve, language),
        short_help=Text("补偿随一项指标的变化和突变点", "compensation along one indicator"),
        help=Text(
            "\b\n一家机构的补偿随一项指标怎样变化，其他不变；限额前后精确到分。\n" + INPUT.zh,
            "\b\nCompensation of an institution as one of its indicators moves, all else equal;\n"
            "exact to the fen before and after every limit.\n" + INPUT.en,
        ),
        params=[
            path_argument("source", "INPUT"),
            *policy_in_every_year(language),
            option(
                language,
                "--year",
                Text("年度，如 2022", "the year, such as 2022"),
                "YYYY",
                YEAR,
                required=True,
            ),
            option(language, "--along", along, "ID", required=True),
            *(
                option(language, names, text, "NUMBER", NUMBER, required=True)
                for names, text in ends.items()
            ),
            option(language, "--institution", institution, "ID"),
            *output_options(language),
        ],
    )


def _forecast(language: Language) -> Command:
    assumed: dict[str, tuple[Text, dict[str, Any]]] = {
        "--growth": (
            Text("每年增速，如 0.10", "growth in a year, such as 0.10"),
            {"required": True},
        ),
        "--payout-rate": (
            Text(
                "代偿率比基年高多少，如 +0.01（默认 0）", "rise of the payout rate, such as +0.01"
            ),
            {"default": "0"},
        ),
        "--recovery-rate": (
            Text(
                "追偿回收率，如 0.3（默认沿用基年）", "part of a payout that is recovered, as 0.3"
            ),
            {},
        ),
    }
    return Command(
        "forecast",
        language=language,
        callback=partial(outlook.forecast, language),
        short_help=Text("以后年度的补偿、预算和资金池", "compensation and budget of later years"),
        help=Text(
            "\b\n按给定的增速、代偿率和追偿回收率推算以后年度，分低、中、高三种情景。\n"
            "只给一个数时：低为零（基年重复），中为该数，高为两倍；也可给三个数，用逗号隔开。\n"
            + INPUT.zh,
            "\b\nThe years after a base year for a growth, a payout rate and a recovery rate,\n"
            "under a low, a middle and a high assumption. Of one number the low has none (the\n"
            "base year repeats), the high twice as much; or give three, with commas.\n" + INPUT.en,
        ),
        params=[
            path_argument("source", "INPUT"),
            *policy_in_every_year(language),
            option(
                language,
                "--base-year",
                Text("基年，如 2024", "the year to begin with, such as 2024"),
                "YYYY",
                YEAR,
                required=True,
            ),
            option(
                language,
                "--years",
                Text("推算几年（默认 3）", "how many years (default 3)"),
                "N",
                COUNT,
                default="3",
            ),
            *(
                option(language, name, text, "NUMBER[,NUMBER,NUMBER]", NUMBERS, **more)
                for name, (text, more) in assumed.items()
            ),
            *output_options(language),
        ],
    )
