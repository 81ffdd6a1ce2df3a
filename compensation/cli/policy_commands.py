"""The commands below ``policies``, their arguments and options, with help in one language."""

from __future__ import annotations

from functools import partial

import click

from compensation.cli import policy_actions
from compensation.cli.parameters import option, path_argument, series_option
from compensation.cli.process import DONE
from compensation.cli.usage import PATH, Command, Group
from compensation.language import Language, Text


def policies(language: Language) -> Group:
    """Return the group of commands about policies."""

    def run(ctx: click.Context) -> int:
        return policy_actions.list_policies(language) if ctx.invoked_subcommand is None else DONE

    group = Group(
        "policies",
        language=language,
        invoke_without_command=True,
        callback=click.pass_context(run),
        short_help=Text(
            "列出、显示、检查、试算、比较政策", "list, show, check, test and compare policies"
        ),
        help=Text(
            "列出、显示、检查、试算、比较政策；不带命令时列出。",
            "List, show, check, test and compare policies; lists them if no command is given.",
        ),
        subcommand_metavar=Text("[命令 …]", "[COMMAND …]").get(language),
    )
    for command in (
        _list(language),
        _show(language),
        _check(language),
        _test(language),
        _diff(language),
        _convert(language),
        _new(language),
    ):
        group.add_command(command)
    return group


def _list(language: Language) -> Command:
    text = Text("列出随程序提供的政策", "list the policies of the package")
    return Command(
        "list",
        language=language,
        callback=partial(policy_actions.list_policies, language),
        short_help=text,
        help=text,
    )


def _show(language: Language) -> Command:
    text = Text("显示一个政策的条件和依据", "show a policy with its clauses")
    as_toml = Text("原样输出政策文件", "print the policy file itself")
    as_page = Text("输出可打印的网页", "print a page (HTML) to hand round")
    return Command(
        "show",
        language=language,
        callback=partial(policy_actions.show_policy, language),
        short_help=text,
        help=text,
        params=[
            click.Argument(["policy"], metavar="ID|FILE"),
            click.Option(["--toml"], is_flag=True, help=as_toml.get(language)),
            click.Option(["--html"], is_flag=True, help=as_page.get(language)),
            _output(language),
            series_option(language),
        ],
    )


def _check(language: Language) -> Command:
    return Command(
        "check",
        language=language,
        callback=partial(policy_actions.check_policy, language),
        short_help=Text("检查政策文件", "check a policy file"),
        help=Text(
            "检查政策文件。退出码：0 没有错误；1 有错误；2 不能读取。",
            "Check a policy file. Exit codes: 0 no fault; 1 faults; 2 unreadable.",
        ),
        params=[path_argument("path", "FILE"), series_option(language)],
    )


def _test(language: Language) -> Command:
    return Command(
        "test",
        language=language,
        callback=partial(policy_actions.test_policy, language),
        short_help=Text("试算政策的算例", "compute a policy's worked cases"),
        help=Text(
            "试算政策的算例，逐项列出应为多少、算得多少。\n\n\b\n"
            "FILE：政策文件或政策编号。CASES：算例文件\n"
            "（默认为政策文件旁的 *.cases.toml；按编号时为随程序提供的算例）。",
            "Compute a policy's worked cases; list what was expected and what came.\n\n\b\n"
            "FILE: a policy file, or the id of a policy. CASES: the file of cases\n"
            "(default: *.cases.toml beside the policy; for an id those of the package).",
        ),
        epilog=Text(
            "退出码：0 全部一致；1 有不同；2 政策、算例或参数有误。",
            "Exit codes: 0 all as expected; 1 something differs; 2 wrong policy, cases or "
            "arguments.",
        ),
        params=[
            click.Argument(["policy"], metavar="FILE"),
            click.Argument(["cases"], metavar="[CASES]", required=False, type=PATH),
            series_option(language),
        ],
    )


def _diff(language: Language) -> Command:
    return Command(
        "diff",
        language=language,
        callback=partial(policy_actions.diff_policies, language),
        short_help=Text("比较两项政策", "compare two policies"),
        help=Text(
            "用文字说明政策 A 与 B 有何不同；名称、说明等文字另列。\n\n\b\n"
            "A、B：政策文件或政策编号。",
            "Say in words what changes from policy A to B; names, notes and other wording apart."
            "\n\n\b\n"
            "A, B: policy files, or ids of policies.",
        ),
        epilog=Text(
            "退出码：0 数值相同；1 数值不同；2 政策或参数有误。",
            "Exit codes: 0 the same figures; 1 figures differ; 2 wrong policies or arguments.",
        ),
        params=[
            click.Argument(["first"], metavar="A"),
            click.Argument(["second"], metavar="B"),
            series_option(language),
        ],
    )


def _convert(language: Language) -> Command:
    return Command(
        "convert",
        language=language,
        callback=partial(policy_actions.convert_policy, language),
        short_help=Text("把格式 1 的政策文件转成格式 2", "turn a file of format 1 into format 2"),
        help=Text(
            "把格式 1 的政策文件转成格式 2，保留顺序和注释；行末的注释移到该行之上。"
            "转换前后的政策必须完全一致（校验码相同），否则不写出。",
            "Turn a policy file of format 1 into format 2. Order and comments stay; a comment at "
            "the end of a line moves above it. Nothing is written unless both files say the same "
            "(equal digests).",
        ),
        params=[
            path_argument("path", "FILE"),
            _output(language),
            series_option(language),
        ],
    )


def _new(language: Language) -> Command:
    blank = Text(
        "写一张空白的填写表（.xlsx），不生成政策", "write an empty sheet to fill in, no policy"
    )
    return Command(
        "new",
        language=language,
        callback=partial(policy_actions.new_policy, language),
        short_help=Text("新建政策文件：逐项提问，或用填好的表", "make a policy file from answers"),
        help=Text(
            "新建政策文件：逐项提问；给出填好的表（SHEET.xlsx）的，不再提问。"
            "文件中每一处都有说明，没有填的沿用产品默认口径。",
            "Make a policy file: asks one question after another, or takes a filled sheet "
            "(SHEET.xlsx). What is left blank is left to the defaults.",
        ),
        params=[
            click.Argument(["sheet"], metavar="[SHEET.xlsx]", required=False, type=PATH),
            option(language, "--blank", blank, "SHEET.xlsx", PATH),
            _output(language),
        ],
    )


def _output(language: Language) -> click.Option:
    text = Text("写到这个新文件（默认输出到屏幕）", "write to this new file (default: print)")
    return option(language, "-o --output", text, "FILE", PATH)
