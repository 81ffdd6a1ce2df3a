"""The commands, their arguments and options.

Source: the contract, section 8.
"""

from __future__ import annotations

import click

from compensation.cli import actions, assessing, comparing, forms, settling
from compensation.cli.outlook_commands import OUTLOOK_COMMANDS
from compensation.cli.parameters import (
    OUTPUT,
    SERIES,
    SOURCE,
    YEAR_ASKED,
    argument,
    budget_option,
    command,
    lines,
    option,
    policies_option,
)
from compensation.cli.policy_commands import policies
from compensation.cli.process import show
from compensation.cli.usage import DAY, NUMBER, PATH, YEAR, YEARS, Group
from compensation.language import Language, Text
from compensation.policy import GENERAL_POLICY
from compensation.version import __version__

_AS_OF = option(
    "--as-of", Text("只算截至该日的台账", "use the input as of the end of this day"), DAY
)
_REVIEWS = option(
    "--reviews",
    Text(
        "填好的审核表，其决定代替代偿表的",
        "a filled 审核表; its decisions replace those of the claims",
    ),
    PATH,
    "FILE.xlsx",
)
_SETTLED = (
    option(
        "--from from_",
        Text("本期起始日（默认清算日当年 1 月 1 日）", "first day of the period (default 1 Jan)"),
        DAY,
    ),
    policies_option(
        Text("政策编号或政策文件（可多次）", "id of a policy, or a policy file (repeatable)")
    ),
    SERIES,
    budget_option(Text("本次清算可拨付的预算（元）", "budget in yuan of this settlement")),
)
"""The options of a settlement, beside its day."""

_ASSESS = command(
    "assess",
    assessing.assess,
    Text("计算一个年度的补偿和返还", "compute a year's compensation and returns"),
    lines(
        "计算一个年度的风险补偿，以及每笔追偿的返还。",
        "Compute a year's compensation, and how each recovery is distributed.",
    ),
    [
        SOURCE,
        YEAR_ASKED,
        policies_option(
            Text(
                "政策编号或政策文件（必填，可多次）",
                "id of a policy, or a policy file (required, repeatable)",
            )
        ),
        SERIES,
        budget_option(Text("全部应付金额的预算（元）", "budget in yuan for all payments")),
        _AS_OF,
        _REVIEWS,
        *OUTPUT,
        option(
            "--faults",
            Text("把全部错误写入这个 CSV 文件", "write all faults of the input to this CSV file"),
            PATH,
            "FILE.csv",
        ),
        option(
            "--marked",
            Text(
                "有错误时，另写一份标出错误的台账副本",
                "if there are faults, write a copy of the input with the faults marked",
            ),
            PATH,
            "FILE.xlsx",
        ),
    ],
    Text(
        "\b\n退出码：0 完成；2 输入或参数有误；3 无法写入；\n70 程序内部错误或内存不足；130 中断。",
        "\b\nExit codes: 0 done; 2 wrong input or arguments; 3 cannot write;\n"
        "70 internal error or not enough memory; 130 interrupted.",
    ),
)
_SETTLE = command(
    "settle",
    settling.settle,
    Text("清算截至某日的应缴应付", "settle what is due as of a day"),
    lines(
        "清算截至某日：每笔代偿核定、已拨付、已追偿，以及应缴应付。",
        "Settle as of a day: what is decided, paid, recovered and due for every claim.",
    ),
    [
        SOURCE,
        option("--to", Text("清算日，如 2024-12-31", "the day to settle on"), DAY, required=True),
        *_SETTLED,
        *OUTPUT,
        option(
            "--continue continued",
            Text(
                "另写续记台账：应缴应付列为待填日期的行",
                "also write the ledger with the amounts due as undated rows",
            ),
            PATH,
            "FILE.xlsx",
        ),
    ],
)
_COMPARE = command(
    "compare",
    comparing.compare,
    Text("政策测算：比较几种方案", "what other policies would cost, and for whom"),
    lines(
        "政策测算：同一台账，不同的政策或改动，补偿和净支出各是多少，谁增谁减。",
        "What other policies, or changes of one, would cost on the same ledger.",
    ),
    [
        SOURCE,
        option(
            "--years",
            Text("年度，如 2022-2024 或 2022,2024", "years, such as 2022-2024 or 2022,2024"),
            YEARS,
            required=True,
        ),
        policies_option(
            Text("政策编号或政策文件（可多次）", "id of a policy, or a policy file (repeatable)")
        ),
        option(
            "--set settings",
            Text(
                "改动政策文件中的一个值（可多次），如 rates.tiers[2].rate=0.12",
                "change a value of the policy file (repeatable), such as rates.tiers[2].rate=0.12",
            ),
            "PATH=VALUE",
            multiple=True,
        ),
        SERIES,
        budget_option(
            Text("每年应付金额的预算（元）", "budget in yuan for the payments of each year")
        ),
        _AS_OF,
        _REVIEWS,
        option("--html", Text("输出可打印的网页", "print a page (HTML) to hand round")),
        option(
            "--strict-dates",
            Text(
                "按政策规定的施行日期（默认各年度均有效）",
                "take policies with their own days (default: in force in every year)",
            ),
        ),
        option(
            "--solve solved",
            Text("求解政策文件中这一项的值", "find the value of this key of the policy file"),
            "PATH",
        ),
        option(
            "--target",
            Text(
                "求解的目标，如 compensation<=500000（各年合计）",
                "what the value is to meet over all years, such as compensation<=500000",
            ),
            "FIGURE<=N",
        ),
        option("--from low", Text("求解范围的最小值", "the least value to try"), NUMBER),
        option("--to high", Text("求解范围的最大值", "the greatest value to try"), NUMBER),
        *OUTPUT,
    ],
    Text(
        "\b\n退出码：0 完成；1 没有满足目标的值；2 输入或参数有误；3 无法写入。",
        "\b\nExit codes: 0 done; 1 no value meets the target; 2 wrong input or arguments;\n"
        "3 cannot write.",
    ),
)
_EXPLAIN = command(
    "explain",
    settling.explain,
    Text("说明一笔代偿或一家机构的结果", "explain one claim or institution"),
    Text(
        "说明一笔代偿或一家机构的结果：条件、依据、算式。",
        "Explain one claim or one institution: conditions, clauses, arithmetic.",
    ),
    [
        SOURCE,
        option("--year", Text("年度，说明该年度的核算", "the year: explain its assessment"), YEAR),
        option("--to", Text("清算日，说明该日的清算", "the day: explain its settlement"), DAY),
        *_SETTLED,
        _AS_OF,
        _REVIEWS,
        option("--claim", Text("要说明的代偿编号", "the claim to explain"), "ID"),
        option("--institution", Text("要说明的机构代码", "the institution to explain"), "ID"),
    ],
)
_VERIFY = command(
    "verify",
    actions.verify,
    Text("重新计算，核对一个结果", "recompute a result and check it"),
    Text(
        "按结果所存的政策原文和选项重新计算，逐格核对。\n\n\b\n"
        "RESULT：assess 或 settle 写出的工作簿或文件夹。INPUT：当时的输入。",
        "Recompute under the policy and the options that the result keeps, and compare"
        " every cell.\n\n\b\n"
        "RESULT: a workbook or a folder that assess or settle wrote. INPUT: its input.",
    ),
    [
        argument("result", "RESULT"),
        SOURCE,
        option(
            "--reviews",
            Text(
                "填好的审核表（结果按它计算时必须给出）", "the filled review sheet, if one was used"
            ),
            PATH,
            "FILE.xlsx",
        ),
        policies_option(
            Text(
                "所存政策与之对照的政策编号或文件（默认：随程序提供的同编号政策）；"
                "多项政策可重复指定",
                "the policy to compare the kept one with (default: the package's of that id);"
                " repeatable for several policies",
            )
        ),
        SERIES,
    ],
    Text(
        "\b\n退出码：0 相同；1 有不同或有改动；2 结果、输入或参数有误。",
        "\b\nExit codes: 0 the same; 1 something differs or was changed;\n"
        "2 wrong result, input or arguments.",
    ),
)
_DIFF = command(
    "diff",
    actions.diff,
    Text("比较两个结果", "compare two results"),
    Text(
        "比较两次计算：选项、输入、政策、合计，以及结果表的每一行。\n\n\b\n"
        "RESULT_A、RESULT_B：assess 或 settle 写出的工作簿或文件夹，形式可以不同。",
        "Compare two runs: options, input, policy, totals, and every row of the result tables."
        "\n\n\b\n"
        "RESULT_A, RESULT_B: workbooks or folders that assess or settle wrote, of any form.",
    ),
    [argument("first", "RESULT_A"), argument("second", "RESULT_B")],
    Text(
        "\b\n退出码：0 相同；1 不同；2 结果不能读取，或参数有误。",
        "\b\nExit codes: 0 the same; 1 they differ; 2 wrong result or arguments.",
    ),
)
_TEMPLATE = command(
    "template",
    actions.template,
    Text("生成空白的台账模板", "write an empty workbook to fill in"),
    Text(
        "生成空白的台账模板：政策要用的各表各列（含政策自定的列），标题附说明，单元格有下拉选项和填写"
        "校验；另有填表说明、政策条件和示例。不覆盖已有文件。",
        "Write an empty workbook with the tables and columns that the policy looks at, its own "
        "among them: headings with notes, lists to choose from, checks; and a guide, the policy's "
        "conditions and examples. Never overwrites.",
    ),
    [
        argument("path", "FILE.xlsx"),
        option(
            "--policy",
            Text(
                f"政策编号或政策文件（不指定时为 {GENERAL_POLICY}，只有通用的列）",
                f"id of a policy, or a policy file (none: {GENERAL_POLICY}, which has the columns "
                "of every policy alone)",
            ),
            "ID|FILE",
            default=GENERAL_POLICY,
        ),
        SERIES,
    ],
)
_FORM = command(
    "form",
    forms.form,
    Text("生成申请表或代偿项目明细表", "write an application, or a claim's form"),
    Text(
        "\b\n按台账生成代偿补偿资金申请表（--application）或一笔代偿的项目明细表（--claim）。\n"
        "台账没有的内容留空，由填报人填写。",
        "\b\nWrite an application for compensation (--application), or the form of one claim\n"
        "(--claim), filled from the ledger. What it does not say is left blank.",
    ),
    [
        SOURCE,
        option(
            "-o --output",
            Text("新的 .xlsx 文件", "a new .xlsx file"),
            PATH,
            "FILE.xlsx",
            required=True,
        ),
        option("--claim", Text("代偿编号", "id of a claim"), "ID"),
        option(
            "--application",
            Text("一家机构一个年度的申请表", "the application of an institution for a year"),
        ),
        option("--year", Text("申请年度", "the year applied for"), YEAR),
        policies_option(
            Text("申请所依据的政策编号或政策文件", "id or file of the policy applied under")
        ),
        SERIES,
        option(
            "--institution",
            Text("机构代码（台账只有一家时可不写）", "id of the institution, if there are several"),
            "ID",
        ),
        _AS_OF,
    ],
)
_COMMANDS = (
    *(_ASSESS, _SETTLE, _COMPARE, _EXPLAIN),
    *OUTLOOK_COMMANDS,
    *(_VERIFY, _DIFF, _TEMPLATE, _FORM),
    policies,
)
"""In the order in which they are listed."""


def commands(language: Language) -> Group:
    """Return the whole command line, with help in one language."""

    def show_help(ctx: click.Context) -> None:
        if ctx.invoked_subcommand is None:
            raise click.exceptions.NoArgsIsHelpError(ctx)

    def show_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
        if wanted:
            show(f"compensation {__version__}")
            ctx.exit()

    version = option(
        "--version",
        Text("显示版本", "show the version"),
        is_eager=True,
        expose_value=False,
        callback=show_version,
    )
    return Group(
        "compensation",
        language=language,
        invoke_without_command=True,
        callback=click.pass_context(show_help),
        commands=[make(language) for make in _COMMANDS],
        subcommand_metavar=Text("命令 …", "COMMAND …"),
        help=Text(
            "政府性融资担保风险补偿：从机构台账到逐笔补偿。",
            "Risk compensation for government-backed financing guarantees, claim by claim.",
        ),
        params=[version(language)],
    )
