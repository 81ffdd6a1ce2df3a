"""The commands, their arguments and options, with help in one language.

Source: the contract, section 8.
"""

from __future__ import annotations

from functools import partial

import click

from compensation.cli import actions, assessing, comparing, forms, settling
from compensation.cli.outlook_commands import outlook_commands
from compensation.cli.parameters import option, output_options, path_argument, series_option
from compensation.cli.policy_commands import policies
from compensation.cli.process import show
from compensation.cli.usage import (
    AMOUNT,
    DAY,
    NUMBER,
    PATH,
    YEAR,
    YEARS,
    Command,
    Group,
)
from compensation.language import Language, Text
from compensation.policy import GENERAL_POLICY
from compensation.version import __version__


def commands(language: Language) -> Group:
    """Return the whole command line."""

    def show_help(ctx: click.Context) -> None:
        if ctx.invoked_subcommand is None:
            raise click.exceptions.NoArgsIsHelpError(ctx)

    def show_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
        if wanted:
            show(f"compensation {__version__}")
            ctx.exit()

    version = click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show_version,
        help=Text("显示版本", "show the version").get(language),
    )
    group = Group(
        "compensation",
        language=language,
        invoke_without_command=True,
        callback=click.pass_context(show_help),
        subcommand_metavar=Text("命令 …", "COMMAND …"),
        help=Text(
            "政府性融资担保风险补偿：从机构台账到逐笔补偿。",
            "Risk compensation for government-backed financing guarantees, claim by claim.",
        ),
        params=[version],
    )
    for command in (
        _assess(language),
        _settle(language),
        _compare(language),
        _explain(language),
        *outlook_commands(language),
        _verify(language),
        _diff(language),
        _template(language),
        _form(language),
        policies(language),
    ):
        group.add_command(command)
    return group


def _run_parameters(language: Language) -> list[click.Parameter]:
    """Return the parameters of a run of one year: input, year, policy, budget, day, reviews."""
    return [
        path_argument("source", "INPUT"),
        option(
            language,
            "--year",
            Text("年度，如 2022", "the year, such as 2022"),
            "YYYY",
            YEAR,
            required=True,
        ),
        option(
            language,
            "--policy policies",
            Text(
                "政策编号或政策文件（必填，可多次）",
                "id of a policy, or a policy file (required, repeatable)",
            ),
            "ID|FILE",
            multiple=True,
        ),
        series_option(language),
        _budget(language, Text("全部应付金额的预算（元）", "budget in yuan for all payments")),
        _as_of(language),
        _reviews(language),
    ]


def _as_of(language: Language) -> click.Option:
    text = Text("只算截至该日的台账", "use the input as of the end of this day")
    return option(language, "--as-of", text, "YYYY-MM-DD", DAY)


def _reviews(language: Language) -> click.Option:
    text = Text(
        "填好的审核表，其决定代替代偿表的",
        "a filled 审核表; its decisions replace those of the claims",
    )
    return option(language, "--reviews", text, "FILE.xlsx", PATH)


def _policy_options(language: Language) -> list[click.Parameter]:
    text = Text(
        "政策编号或政策文件（不指定则只有通用的列）",
        "id of a policy, or a policy file (none: the columns that every policy has)",
    )
    return [
        option(language, "--policy", text, "ID|FILE", default=GENERAL_POLICY),
        series_option(language),
    ]


def _budget(language: Language, text: Text) -> click.Option:
    return option(language, "--budget", text, "YUAN", AMOUNT)


def _period_options(language: Language, to: Text, *, required: bool) -> list[click.Parameter]:
    """Return the options of a settlement: its days, policies and budget."""
    return [
        option(language, "--to", to, "YYYY-MM-DD", DAY, required=required),
        option(
            language,
            "--from from_",
            Text(
                "本期起始日（默认清算日当年 1 月 1 日）", "first day of the period (default 1 Jan)"
            ),
            "YYYY-MM-DD",
            DAY,
        ),
        option(
            language,
            "--policy policies",
            Text("政策编号或政策文件（可多次）", "id of a policy, or a policy file (repeatable)"),
            "ID|FILE",
            multiple=True,
        ),
        series_option(language),
        _budget(language, Text("本次清算可拨付的预算（元）", "budget in yuan of this settlement")),
    ]


def _settle(language: Language) -> Command:
    return Command(
        "settle",
        language=language,
        callback=partial(settling.settle, language),
        short_help=Text("清算截至某日的应缴应付", "settle what is due as of a day"),
        help=Text(
            "\b\n清算截至某日：每笔代偿核定、已拨付、已追偿，以及应缴应付。\n"
            "INPUT：.xlsx 工作簿，或 CSV、Parquet 文件夹。",
            "\b\nSettle as of a day: what is decided, paid, recovered and due for every claim.\n"
            "INPUT: an .xlsx workbook, or a folder of CSV or Parquet files.",
        ),
        params=[
            path_argument("source", "INPUT"),
            *_period_options(
                language,
                Text("清算日，如 2024-12-31", "the day to settle on"),
                required=True,
            ),
            *output_options(language),
            option(
                language,
                "--continue continued",
                Text(
                    "另写续记台账：应缴应付列为待填日期的行",
                    "also write the ledger with the amounts due as undated rows",
                ),
                "FILE.xlsx",
                PATH,
            ),
        ],
    )


def _assess(language: Language) -> Command:
    return Command(
        "assess",
        language=language,
        callback=partial(assessing.assess, language),
        short_help=Text("计算一个年度的补偿和返还", "compute a year's compensation and returns"),
        help=Text(
            "\b\n计算一个年度的风险补偿，以及每笔追偿的返还。\n"
            "INPUT：.xlsx 工作簿，或 CSV、Parquet 文件夹。",
            "\b\nCompute a year's compensation, and how each recovery is distributed.\n"
            "INPUT: an .xlsx workbook, or a folder of CSV or Parquet files.",
        ),
        epilog=Text(
            "\b\n退出码：0 完成；2 输入或参数有误；3 无法写入；\n"
            "70 程序内部错误或内存不足；130 中断。",
            "\b\nExit codes: 0 done; 2 wrong input or arguments; 3 cannot write;\n"
            "70 internal error or not enough memory; 130 interrupted.",
        ),
        params=[
            *_run_parameters(language),
            *output_options(language),
            option(
                language,
                "--faults",
                Text(
                    "把全部错误写入这个 CSV 文件", "write all faults of the input to this CSV file"
                ),
                "FILE.csv",
                PATH,
            ),
            option(
                language,
                "--marked",
                Text(
                    "有错误时，另写一份标出错误的台账副本",
                    "if there are faults, write a copy of the input with the faults marked",
                ),
                "FILE.xlsx",
                PATH,
            ),
        ],
    )


def _compare(language: Language) -> Command:
    change = Text(
        "改动政策文件中的一个值（可多次），如 rates.tiers[2].rate=0.12",
        "change a value of the policy file (repeatable), such as rates.tiers[2].rate=0.12",
    )
    budget = Text("每年应付金额的预算（元）", "budget in yuan for the payments of each year")
    solved = Text("求解政策文件中这一项的值", "find the value of this key of the policy file")
    target = Text(
        "求解的目标，如 compensation<=500000（各年合计）",
        "what the value is to meet over all years, such as compensation<=500000",
    )
    as_page = Text("输出可打印的网页", "print a page (HTML) to hand round")
    strict = Text(
        "按政策规定的施行日期（默认各年度均有效）",
        "take policies with their own days (default: in force in every year)",
    )
    return Command(
        "compare",
        language=language,
        callback=partial(comparing.compare, language),
        short_help=Text("政策测算：比较几种方案", "what other policies would cost, and for whom"),
        help=Text(
            "\b\n政策测算：同一台账，不同的政策或改动，补偿和净支出各是多少，谁增谁减。\n"
            "INPUT：.xlsx 工作簿，或 CSV、Parquet 文件夹。",
            "\b\nWhat other policies, or changes of one, would cost on the same ledger.\n"
            "INPUT: an .xlsx workbook, or a folder of CSV or Parquet files.",
        ),
        epilog=Text(
            "\b\n退出码：0 完成；1 没有满足目标的值；2 输入或参数有误；3 无法写入。",
            "\b\nExit codes: 0 done; 1 no value meets the target; 2 wrong input or arguments;\n"
            "3 cannot write.",
        ),
        params=[
            path_argument("source", "INPUT"),
            option(
                language,
                "--years",
                Text("年度，如 2022-2024 或 2022,2024", "years, such as 2022-2024 or 2022,2024"),
                "YEARS",
                YEARS,
                required=True,
            ),
            option(
                language,
                "--policy policies",
                Text(
                    "政策编号或政策文件（可多次）",
                    "id of a policy, or a policy file (repeatable)",
                ),
                "ID|FILE",
                multiple=True,
            ),
            option(language, "--set settings", change, "PATH=VALUE", multiple=True),
            series_option(language),
            _budget(language, budget),
            _as_of(language),
            _reviews(language),
            click.Option(["--html"], is_flag=True, help=as_page.get(language)),
            click.Option(["--strict-dates"], is_flag=True, help=strict.get(language)),
            option(language, "--solve solved", solved, "PATH"),
            option(language, "--target", target, "FIGURE<=N"),
            option(
                language,
                "--from low",
                Text("求解范围的最小值", "the least value to try"),
                "NUMBER",
                NUMBER,
            ),
            option(
                language,
                "--to high",
                Text("求解范围的最大值", "the greatest value to try"),
                "NUMBER",
                NUMBER,
            ),
            *output_options(language),
        ],
    )


def _explain(language: Language) -> Command:
    text = Text(
        "说明一笔代偿或一家机构的结果：条件、依据、算式。",
        "Explain one claim or one institution: conditions, clauses, arithmetic.",
    )
    claim = Text("要说明的代偿编号", "the claim to explain")
    institution = Text("要说明的机构代码", "the institution to explain")
    return Command(
        "explain",
        language=language,
        callback=partial(settling.explain, language),
        short_help=Text("说明一笔代偿或一家机构的结果", "explain one claim or institution"),
        help=text,
        params=[
            path_argument("source", "INPUT"),
            option(
                language,
                "--year",
                Text("年度，说明该年度的核算", "the year: explain its assessment"),
                "YYYY",
                YEAR,
            ),
            *_period_options(
                language,
                Text("清算日，说明该日的清算", "the day: explain its settlement"),
                required=False,
            ),
            _as_of(language),
            _reviews(language),
            option(language, "--claim", claim, "ID"),
            option(language, "--institution", institution, "ID"),
        ],
    )


def _verify(language: Language) -> Command:
    against = Text(
        "所存政策与之对照的政策编号或文件（默认：随程序提供的同编号政策）；多项政策可重复指定",
        "the policy to compare the kept one with (default: the package's of that id); repeatable"
        " for several policies",
    )
    reviews = Text(
        "填好的审核表（结果按它计算时必须给出）", "the filled review sheet, if one was used"
    )
    return Command(
        "verify",
        language=language,
        callback=partial(actions.verify, language),
        short_help=Text("重新计算，核对一个结果", "recompute a result and check it"),
        help=Text(
            "按结果所存的政策原文和选项重新计算，逐格核对。\n\n\b\n"
            "RESULT：assess 或 settle 写出的工作簿或文件夹。INPUT：当时的输入。",
            "Recompute under the policy and the options that the result keeps, and compare"
            " every cell.\n\n\b\n"
            "RESULT: a workbook or a folder that assess or settle wrote. INPUT: its input.",
        ),
        epilog=Text(
            "\b\n退出码：0 相同；1 有不同或有改动；2 结果、输入或参数有误。",
            "\b\nExit codes: 0 the same; 1 something differs or was changed;\n"
            "2 wrong result, input or arguments.",
        ),
        params=[
            path_argument("result", "RESULT"),
            path_argument("source", "INPUT"),
            option(language, "--reviews", reviews, "FILE.xlsx", PATH),
            option(language, "--policy policies", against, "ID|FILE", multiple=True),
            series_option(language),
        ],
    )


def _diff(language: Language) -> Command:
    return Command(
        "diff",
        language=language,
        callback=partial(actions.diff, language),
        short_help=Text("比较两个结果", "compare two results"),
        help=Text(
            "比较两次计算：选项、输入、政策、合计，以及结果表的每一行。\n\n\b\n"
            "RESULT_A、RESULT_B：assess 或 settle 写出的工作簿或文件夹，形式可以不同。",
            "Compare two runs: options, input, policy, totals, and every row of the result tables."
            "\n\n\b\n"
            "RESULT_A, RESULT_B: workbooks or folders that assess or settle wrote, of any form.",
        ),
        epilog=Text(
            "\b\n退出码：0 相同；1 不同；2 结果不能读取，或参数有误。",
            "\b\nExit codes: 0 the same; 1 they differ; 2 wrong result or arguments.",
        ),
        params=[
            path_argument("first", "RESULT_A"),
            path_argument("second", "RESULT_B"),
        ],
    )


def _form(language: Language) -> Command:
    return Command(
        "form",
        language=language,
        callback=partial(forms.form, language),
        short_help=Text("生成申请表或代偿项目明细表", "write an application, or a claim's form"),
        help=Text(
            "\b\n按台账生成代偿补偿资金申请表（--application）或一笔代偿的项目明细表（--claim）。\n"
            "台账没有的内容留空，由填报人填写。",
            "\b\nWrite an application for compensation (--application), or the form of one claim\n"
            "(--claim), filled from the ledger. What it does not say is left blank.",
        ),
        params=[
            path_argument("source", "INPUT"),
            option(
                language,
                "-o --output",
                Text("新的 .xlsx 文件", "a new .xlsx file"),
                "FILE.xlsx",
                PATH,
                required=True,
            ),
            option(language, "--claim", Text("代偿编号", "id of a claim"), "ID"),
            option(
                language,
                "--application",
                Text("一家机构一个年度的申请表", "the application of an institution for a year"),
                "",
                is_flag=True,
            ),
            option(language, "--year", Text("申请年度", "the year applied for"), "YYYY", YEAR),
            option(
                language,
                "--policy policies",
                Text("申请所依据的政策编号或政策文件", "id or file of the policy applied under"),
                "ID|FILE",
                multiple=True,
            ),
            series_option(language),
            option(
                language,
                "--institution",
                Text(
                    "机构代码（台账只有一家时可不写）",
                    "id of the institution, if there are several",
                ),
                "ID",
            ),
        ],
    )


def _template(language: Language) -> Command:
    return Command(
        "template",
        language=language,
        callback=partial(actions.template, language),
        short_help=Text("生成空白的台账模板", "write an empty workbook to fill in"),
        help=Text(
            "生成空白的台账模板：标题、说明、下拉选项。不覆盖已有文件。",
            "Write an empty workbook with headings, notes and drop-down lists. Never overwrites.",
        ),
        params=[path_argument("path", "FILE.xlsx"), *_policy_options(language)],
    )
