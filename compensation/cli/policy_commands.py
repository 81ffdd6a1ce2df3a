"""The commands below ``policies``, their arguments and options."""

from __future__ import annotations

import click

from compensation.cli import policy_actions
from compensation.cli.parameters import SERIES, argument, command, option
from compensation.cli.process import DONE
from compensation.cli.usage import PATH, Group
from compensation.language import Language, Text

_LIST = Text("列出随程序提供的政策", "list the policies of the package")
_SHOW = Text("显示一个政策的条件和依据", "show a policy with its clauses")
_OUTPUT = option(
    "-o --output",
    Text("写到这个新文件（默认输出到屏幕）", "write to this new file (default: print)"),
    PATH,
    "FILE",
)
_COMMANDS = (
    command("list", policy_actions.list_policies, _LIST, _LIST),
    command(
        "show",
        policy_actions.show_policy,
        _SHOW,
        _SHOW,
        [
            argument("policy", "ID|FILE", None),
            option("--toml", Text("原样输出政策文件", "print the policy file itself")),
            option("--html", Text("输出可打印的网页", "print a page (HTML) to hand round")),
            _OUTPUT,
            SERIES,
        ],
    ),
    command(
        "check",
        policy_actions.check_policy,
        Text("检查政策文件", "check a policy file"),
        Text(
            "检查政策文件。退出码：0 没有错误；1 有错误；2 不能读取。",
            "Check a policy file. Exit codes: 0 no fault; 1 faults; 2 unreadable.",
        ),
        [argument("path", "FILE"), SERIES],
    ),
    command(
        "test",
        policy_actions.test_policy,
        Text("试算政策的算例", "compute a policy's worked cases"),
        Text(
            "试算政策的算例，逐项列出应为多少、算得多少。\n\n\b\n"
            "FILE：政策文件或政策编号。CASES：算例文件\n"
            "（默认为政策文件旁的 *.cases.toml；按编号时为随程序提供的算例）。",
            "Compute a policy's worked cases; list what was expected and what came.\n\n\b\n"
            "FILE: a policy file, or the id of a policy. CASES: the file of cases\n"
            "(default: *.cases.toml beside the policy; for an id those of the package).",
        ),
        [
            argument("policy", "FILE", None),
            argument("cases", "[CASES]", required=False),
            SERIES,
        ],
        Text(
            "退出码：0 全部一致；1 有不同；2 政策、算例或参数有误。",
            "Exit codes: 0 all as expected; 1 something differs; 2 wrong policy, cases or "
            "arguments.",
        ),
    ),
    command(
        "diff",
        policy_actions.diff_policies,
        Text("比较两项政策", "compare two policies"),
        Text(
            "用文字说明政策 A 与 B 有何不同；名称、说明等文字另列。\n\n\b\n"
            "A、B：政策文件或政策编号。",
            "Say in words what changes from policy A to B; names, notes and other wording apart."
            "\n\n\b\n"
            "A, B: policy files, or ids of policies.",
        ),
        [argument("first", "A", None), argument("second", "B", None), SERIES],
        Text(
            "退出码：0 数值相同；1 数值不同；2 政策或参数有误。",
            "Exit codes: 0 the same figures; 1 figures differ; 2 wrong policies or arguments.",
        ),
    ),
    command(
        "convert",
        policy_actions.convert_policy,
        Text("把格式 1 的政策文件转成格式 2", "turn a file of format 1 into format 2"),
        Text(
            "把格式 1 的政策文件转成格式 2，保留顺序和注释；行末的注释移到该行之上。"
            "转换前后的政策必须完全一致（校验码相同），否则不写出。",
            "Turn a policy file of format 1 into format 2. Order and comments stay; a comment at "
            "the end of a line moves above it. Nothing is written unless both files say the same "
            "(equal digests).",
        ),
        [argument("path", "FILE"), _OUTPUT, SERIES],
    ),
    command(
        "new",
        policy_actions.new_policy,
        Text("新建政策文件：逐项提问，或用填好的表", "make a policy file from answers"),
        Text(
            "新建政策文件：逐项提问；给出填好的表（SHEET.xlsx）的，不再提问。"
            "文件中每一处都有说明，没有填的沿用产品默认口径。",
            "Make a policy file: asks one question after another, or takes a filled sheet "
            "(SHEET.xlsx). What is left blank is left to the defaults.",
        ),
        [
            argument("sheet", "[SHEET.xlsx]", required=False),
            option(
                "--blank",
                Text(
                    "写一张空白的填写表（.xlsx），不生成政策",
                    "write an empty sheet to fill in, no policy",
                ),
                PATH,
                "SHEET.xlsx",
            ),
            _OUTPUT,
        ],
    ),
)


def policies(language: Language) -> Group:
    """Return the group of commands about policies."""

    def run(ctx: click.Context) -> int:
        return policy_actions.list_policies(language) if ctx.invoked_subcommand is None else DONE

    return Group(
        "policies",
        language=language,
        invoke_without_command=True,
        callback=click.pass_context(run),
        commands=[make(language) for make in _COMMANDS],
        short_help=Text(
            "列出、显示、检查、试算、比较政策", "list, show, check, test and compare policies"
        ),
        help=Text(
            "列出、显示、检查、试算、比较政策；不带命令时列出。",
            "List, show, check, test and compare policies; lists them if no command is given.",
        ),
        subcommand_metavar=Text("[命令 …]", "[COMMAND …]").get(language),
    )
