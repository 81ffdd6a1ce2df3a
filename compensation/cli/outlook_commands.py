"""The commands that look at other years and other figures."""

from __future__ import annotations

from compensation.cli import outlook
from compensation.cli.parameters import OUTPUT, SERIES, SOURCE, YEAR_ASKED, command, lines, option
from compensation.cli.usage import COUNT, NUMBER, NUMBERS, YEAR, YEARS
from compensation.language import Text

_POLICY = (
    option("--policy", Text("政策编号或政策文件", "id of a policy, or a policy file"), "ID|FILE"),
    SERIES,
    option(
        "--strict-dates",
        Text(
            "按政策写明的有效期（默认视为各年度均有效）",
            "take the policy's days as written (default: in force in every year)",
        ),
    ),
)
"""A policy that is taken as in force in every year asked for."""

OUTLOOK_COMMANDS = (
    command(
        "indicators",
        outlook.indicators,
        Text("各机构历年指标和名次", "indicators of institutions over years"),
        lines(
            "各机构历年指标、名次和口径；不涉及任何政策。",
            "Indicators of every institution over years, with ranks; no policy is involved.",
        ),
        [
            SOURCE,
            option(
                "--years",
                Text("年度，如 2020-2024", "the years, such as 2020-2024"),
                YEARS,
                "YYYY-YYYY",
                required=True,
            ),
            *OUTPUT,
        ],
    ),
    command(
        "curve",
        outlook.curve,
        Text("补偿随一项指标的变化和突变点", "compensation along one indicator"),
        lines(
            "一家机构的补偿随一项指标怎样变化，其他不变；限额前后精确到分。",
            "Compensation of an institution as one of its indicators moves, all else equal;\n"
            "exact to the fen before and after every limit.",
        ),
        [
            SOURCE,
            *_POLICY,
            YEAR_ASKED,
            option(
                "--along",
                Text("变动的指标，如 payout_rate", "the indicator that moves, such as payout_rate"),
                "ID",
                required=True,
            ),
            option(
                "--from from_",
                Text("起点，如 0", "its first value, such as 0"),
                NUMBER,
                required=True,
            ),
            option(
                "--to", Text("终点，如 0.08", "its last value, such as 0.08"), NUMBER, required=True
            ),
            option(
                "--institution",
                Text(
                    "机构代码（台账只有一家时可省略）", "the institution, where there are several"
                ),
                "ID",
            ),
            *OUTPUT,
        ],
    ),
    command(
        "forecast",
        outlook.forecast,
        Text("以后年度的补偿、预算和资金池", "compensation and budget of later years"),
        lines(
            "按给定的增速、代偿率和追偿回收率推算以后年度，分低、中、高三种情景。\n"
            "只给一个数时：低为零（基年重复），中为该数，高为两倍；也可给三个数，用逗号隔开。",
            "The years after a base year for a growth, a payout rate and a recovery rate,\n"
            "under a low, a middle and a high assumption. Of one number the low has none (the\n"
            "base year repeats), the high twice as much; or give three, with commas.",
        ),
        [
            SOURCE,
            *_POLICY,
            option(
                "--base-year",
                Text("基年，如 2024", "the year to begin with, such as 2024"),
                YEAR,
                required=True,
            ),
            option(
                "--years",
                Text("推算几年（默认 3）", "how many years (default 3)"),
                COUNT,
                default="3",
            ),
            option(
                "--growth",
                Text("每年增速，如 0.10", "growth in a year, such as 0.10"),
                NUMBERS,
                required=True,
            ),
            option(
                "--payout-rate",
                Text(
                    "代偿率比基年高多少，如 +0.01（默认 0）",
                    "rise of the payout rate, such as +0.01",
                ),
                NUMBERS,
                default="0",
            ),
            option(
                "--recovery-rate",
                Text(
                    "追偿回收率，如 0.3（默认沿用基年）",
                    "part of a payout that is recovered, as 0.3",
                ),
                NUMBERS,
            ),
            *OUTPUT,
        ],
    ),
)
