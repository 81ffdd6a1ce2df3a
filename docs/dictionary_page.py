"""The page docs/data-dictionary.md: the input tables, the accepted values, the result tables.

The tables come from the data dictionary, the policies and a run over invented rows; only what no
module says of itself is said here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd
import pyarrow as pa

from compensation.assessment import Assessment, assess
from compensation.faults.cell_faults import message_of
from compensation.language import Text
from compensation.ledger.portfolio_input import portfolio_of_frames
from compensation.policy.catalogue import list_policies, load_policy
from compensation.policy.variables import STANDARD_INDICATORS, extra_columns
from compensation.report.examples import example_cell, example_rows
from compensation.report.tables import RESULTS, result_heading
from compensation.schema.choices import (
    AMBIGUOUS_CHOICES,
    BORROWER_GROUPS,
    BORROWER_TYPES,
    REVIEW_DECISIONS,
)
from compensation.schema.column import EXPECTED, TYPE_NAMES, Column, ColumnType
from compensation.schema.dictionary import TABLES, YEARS_AFTER, Table
from compensation.schema.parties import PARTIES, PARTY_NAMES
from compensation.values.kinds import Kind
from compensation.values.numbers import CELL, JSON, OPTION
from docs.markdown import MAIN_POLICY, WRITTEN_BY, both
from docs.markdown import table as markdown
from docs.settlement_columns import settlement_lines

CHECKS: dict[str, tuple[Text, ...]] = {
    "institutions": (
        Text("至少有一行", "at least one row"),
        Text(
            "（提示）有合同早于核算年度，而填报的年初余额或年初户数与按合同推算的不一致",
            "(warning) an opening balance or number of borrowers given that is not the one derived "
            "from contracts that reach back before the year",
        ),
    ),
    "contracts": (
        Text(
            "至少有一行；以机构年度为计算对象而不用合同计数的政策，可以没有这张表",
            "at least one row; policies on institutions' years that count nothing of contracts do "
            "without the table",
        ),
        Text("机构代码在机构表中", "the institution is in the institutions table"),
        Text(
            "一行的各方分担比例之和恰为 1；一个都不填，由担保机构全部承担；不得有政府的分担比例",
            "the shares of a row make exactly 1; where none is filled the institution bears "
            "everything; there is no share of government",
        ),
        Text(
            "借款人类型留空时，行业及其所用的指标必须填写，行业必须在划型办法之内",
            "where the borrower type is blank, the industry and the indicators that it uses are "
            "filled, and the classification covers the industry",
        ),
        Text(
            "（提示）同一机构有两个借款人代码，仅在大小写、全半角、空格、标点、“编号”“号”字样、不可见字符、形似字符或前导零上不同",
            "(warning) two borrower ids of one institution that differ only in case, width, "
            "blanks, punctuation, invisible characters, look-alike characters or leading zeros",
        ),
    ),
    "releases": (
        Text("合同编号在担保合同表中", "the contract is in the contracts table"),
        Text(
            "不早于合同起始日期，不晚于合同解除日期",
            "on or after the contract's start, on or before its release",
        ),
        Text(
            "一份合同的解除金额合计不超过担保金额",
            "the amounts of a contract add up to at most its guaranteed amount",
        ),
        Text(
            "（提示）同一合同、同一日期、同一金额录入了不止一次",
            "(warning) the same contract, day and amount entered more than once",
        ),
    ),
    "claims": (
        Text("合同编号在担保合同表中", "the contract is in the contracts table"),
        Text("不早于合同起始日期", "on or after the contract's start"),
        Text("本金与利息之和大于 0", "principal and interest together are above 0"),
        Text(
            "审核日期、结案日期不早于代偿日期",
            "the dates of reviews and of closing are on or after the payout",
        ),
        Text(
            "已补偿金额不超过受偿方在该笔代偿中承担的金额",
            "what is paid already is at most what the beneficiary bore of the payout",
        ),
        Text(
            "（提示）代偿晚于合同解除，或本金超过担保金额",
            "(warning) a payout after the contract's release, a principal above the guarantee",
        ),
        Text(
            "（提示）同一合同各笔代偿的本金合计超过担保金额",
            "(warning) a contract's claims with principals that together exceed the guarantee",
        ),
        Text(
            "（提示）同一合同、同一日期、同一本金和利息录入了不止一次",
            "(warning) the same contract, day, principal and interest entered more than once",
        ),
        Text(
            "（提示）代偿不属于核算年度；代偿当日借款人的在保余额为 0；"
            "已补偿金额与审核结论或应补偿金额不符；以前年度审核通过、有追偿而已补偿金额为 0",
            "(warning) a claim of another year; nothing of the borrower in force on the day of the "
            "payout; compensation paid that the decision does not grant; an approved claim of an "
            "earlier year with recoveries and nothing paid",
        ),
    ),
    "recoveries": (
        Text("代偿编号在代偿表中", "the claim is in the claims table"),
        Text("不早于代偿日期", "on or after the payout"),
        Text("（提示）所追偿的代偿仍待审", "(warning) the claim is still pending"),
        Text(
            "（提示）同一代偿、同一日期、同一所得和费用录入了不止一次",
            "(warning) the same claim, day, proceeds and cost entered more than once",
        ),
    ),
    "payments": (
        Text("代偿编号在代偿表中", "the claim is in the claims table"),
        Text("不早于代偿日期", "on or after the payout"),
        Text(
            "每笔代偿截至每日终了，收回金额合计不超过拨付金额合计",
            "for each claim, at the end of every day, no more is recalled than was paid",
        ),
        Text(
            "每笔代偿截至每日终了，拨付净额不超过受偿方承担的金额",
            "for each claim, at the end of every day, the net of payments is at most what the "
            "beneficiary bore",
        ),
        Text(
            "有本表时（即使没有记录），代偿表的“已补偿金额”即拨付净额；填写的，须与之相同",
            "where this table is there, even without rows, compensation_paid of a claim is its "
            "net payments; a cell that is filled must say the same",
        ),
        Text(
            "（提示）同一代偿、同一日期、同一金额和类型录入了不止一次",
            "(warning) the same claim, day, amount and kind entered more than once",
        ),
    ),
    "remittances": (
        Text("代偿编号在代偿表中", "the claim is in the claims table"),
        Text("不早于代偿日期", "on or after the payout"),
        Text(
            "每笔代偿截至每日终了，退回金额合计不超过上缴金额合计",
            "for each claim, at the end of every day, no more is refunded than was remitted",
        ),
    ),
    "pool": (
        Text("至多一笔期初余额", "at most one opening"),
        Text(
            "各笔不早于期初余额的日期；期初余额代表此前全部收支",
            "no entry is before the opening, which stands for everything before its day",
        ),
        Text(
            "金额大于 0；期初余额可以为 0",
            "amounts are above 0; an opening may be 0",
        ),
        Text(
            "拨付、收回、上缴、退回不在此重复登记",
            "payments, recalls, remittances and refunds are not entered again here",
        ),
    ),
    "institution_years": (
        Text("机构代码在机构表中", "the institution is in the institutions table"),
        Text("每家机构每个年度一行", "one row for each institution and year"),
        Text(
            "其他的列由政策规定；核算某一年度，用该年度的行",
            "further columns are a policy's own; a year is decided by its own rows",
        ),
    ),
    "contract_years": (
        Text("合同编号在担保合同表中", "the contract is in the contracts table"),
        Text("每份合同每个年度一行", "one row for each contract and year"),
        Text(
            "其他的列由政策规定；核算某一年度，用该年度的行",
            "further columns are a policy's own; a year is decided by its own rows",
        ),
    ),
}
"""What is checked of a row as a whole; what a single cell must be follows from its column."""

COMPUTED: dict[str, Text] = {
    "payout": Text("代偿本金 + 代偿利息", "principal + interest"),
    "borrower_exposure": Text(
        "代偿日该借款人在该机构的担保余额；当日解除的仍计入",
        "what is in force for the borrower at the institution on the payout day; what is released "
        "that day still counts",
    ),
    "claims.eligible": Text("各项业务条件是否全部满足", "whether every claim condition is met"),
    "claims.reasons": Text(
        "未满足的条件的 id，按政策中的次序，以；分隔",
        "the ids of the conditions not met, in the policy's order, joined by ;",
    ),
    "base": Text(
        "补偿基数；不符合条件的也列出", "what the rate is applied to; shown for every claim"
    ),
    "claims.rate": Text("补偿比例；不符合条件的为空", "the rate; blank for an ineligible claim"),
    "claims.compensation": Text(
        "half_up(基数 × 比例)，再受封顶限制；不符合条件的为 0",
        "half_up(base × rate), within the caps; 0 for an ineligible claim",
    ),
    "status": Text(
        "ineligible 不符合条件、rejected 不通过、approved 通过、pending 待审",
        "ineligible, rejected, approved or pending",
    ),
    "claims.payable": Text(
        "通过审核的：补偿金额 − 已补偿金额，不小于 0，预算不足时按政策分配；其余为 0",
        "if approved, compensation − compensation_paid, at least 0, within the budget; else 0",
    ),
    "institutions.eligible": Text(
        "各项机构条件是否全部满足", "whether every institution condition is met"
    ),
    "institutions.reasons": Text(
        "未满足的机构条件的 id", "the ids of the institution conditions not met"
    ),
    "institutions.rate": Text(
        "机构所在档次的补偿比例；不符合条件，或比例因业务而异时为空",
        "the rate of the institution's tier; blank if it is not eligible or rates differ by claim",
    ),
    "claims": Text("本年代偿笔数", "claims of the year"),
    "eligible_claims": Text("其中符合条件的笔数", "how many of them are eligible"),
    "institutions.compensation": Text(
        "各笔补偿金额合计，不论审核状态", "the sum over its claims, whatever their status"
    ),
    "institutions.payable": Text("各笔应付金额合计", "the sum over its claims, after the budget"),
    "distributed": Text("本次追偿按比例返还的金额", "what this recovery hands back"),
    "surplus": Text(
        "超额追偿款：累计净追偿超过代偿金额的部分，按合同约定处理",
        "what lies above the payout, left to the contract",
    ),
    "to_government": Text("返还政府", "what goes to government"),
}
"""What result columns hold that are neither input columns nor indicators."""

OTHER_FORMS = (
    (
        "`money` 金额（元）",
        (
            "`500万`、`19.5万元`、`1亿2000万`、`人民币500万元整`、`RMB 500,000.00`、`壹佰万元整`："
            "自带单位的以自带单位为准<br>a unit of its own wins over that of the column"
        ),
        (
            "`1万5`、万元列中的`3千`、元列中的文本`19.000`和`012`（`ambiguous_amount`）；"
            "`约500万`、`500-600万`、`500万美元`"
        ),
    ),
    (
        "`integer` 整数",
        "`12人`、`1,200户`、`36个月`",
        "`12万人`、`约12`",
    ),
    (
        "`date` 日期",
        "`2022.3.1`、`二〇二二年三月一日`、`贰零贰贰年零叁月零壹日`、`2022-03-01T00:00:00Z`",
        (
            "`22-3-1`、`3/1/2022`（`ambiguous_date`）；`2022年3月`、`202203`（`day_missing`）；"
            "`44621`（`bare_serial`）"
        ),
    ),
    (
        "`boolean` 是/否",
        "`√`、`×`、`是。`",
        "`有`、`Y`",
    ),
    (
        "`ratio` 比例",
        "`40%`、`40％`",
        "`40`（`out_of_range`）；政策所限的费率、利率写成 `1`（`implausible_rate`），可写 `1%`",
    ),
    (
        "`choice` 选项",
        "<br>".join(
            f"{choice.zh}：{'、'.join(choice.also)}"
            for choice in (*REVIEW_DECISIONS, *BORROWER_TYPES)
            if choice.also
        ),
        "、".join(sorted(AMBIGUOUS_CHOICES)) + "（`ambiguous_choice`）",
    ),
)
"""By type: what is read beside the usual forms, and what is a fault because it is in doubt."""

ARROW_NAMES = {
    pa.string(): TYPE_NAMES[ColumnType.TEXT],
    pa.bool_(): TYPE_NAMES[ColumnType.BOOLEAN],
    pa.int64(): TYPE_NAMES[ColumnType.COUNT],
    pa.date32(): TYPE_NAMES[ColumnType.DATE],
    pa.decimal128(18, 2): TYPE_NAMES[ColumnType.MONEY],
    pa.decimal128(18, 6): TYPE_NAMES[ColumnType.SHARE],
}


def data_dictionary() -> str:
    """Return the page of the input tables, the accepted values and the result tables."""
    lines = [
        "# 数据字典 · Data dictionary",
        "",
        WRITTEN_BY,
        "",
        (
            "输入的表和列、取值，以及结果的列。写法与规则见[教程](tutorial.zh-CN.md)；"
            "政策另外需要的列列在各表之后。"
        ),
        "",
        (
            "The input tables and columns, the values, and the columns of the results. How "
            "to write cells is shown in the [tutorial](tutorial.md); columns that a policy adds "
            "follow the tables."
        ),
        "",
        *_forms(),
        "## 输入表 · Input tables",
        "",
    ]
    for table in TABLES:
        lines += _input_table(table)
    lines += _extras()
    lines += _values()
    lines += _results()
    return "\n".join(lines).rstrip() + "\n"


def _forms() -> list[str]:
    rows = [
        (f"`{kind.value}` {TYPE_NAMES[kind].zh}", expected.zh, expected.en)
        for kind, expected in EXPECTED.items()
    ]
    rows.append(
        (
            f"`{ColumnType.CHOICE.value}` {TYPE_NAMES[ColumnType.CHOICE].zh}",
            "下面列出的值之一，中文英文均可",
            "one of the values listed below, in Chinese or English",
        )
    )
    return [
        "## 单元格 · Cells",
        "",
        (
            "标题可用中文或英文，列的次序不限。以 `(万元)` 结尾的金额标题以万元为单位，"
            "`(千元)`、`(百万元)`、`(亿元)` 亦同。"
            "金额在内部是整数的分，比例是整数的百万分之一。"
        ),
        "",
        (
            "Headings are Chinese or English, in any order. A money heading that ends in `(万元)` "
            "is in units of 10,000 yuan; `(千元)`, `(百万元)` and `(亿元)` work alike. "
            "Inside, amounts are whole fen and ratios whole millionths."
        ),
        "",
        *markdown(("类型 type", "应为", "expected"), rows),
        "",
        "也可以这样写；含义不明的报错，并说明原因。",
        "",
        "These are read, too. What may mean two things is a fault that says so.",
        "",
        *markdown(("类型 type", "也可写作 also", "报错 faults"), OTHER_FORMS),
        "",
        "命令行和 JSON 用同一套写法中的一部分：",
        "",
        "The command line and JSON take a part of the same forms:",
        "",
        *markdown(
            ("写法 form", "台账、Python ledger, Python", "命令行 command line", "JSON"),
            [*_forms_taken()],
        ),
        "",
        *_kinds(),
        (
            "32 位、16 位浮点数（float32、float16）只在它必为某个数时才读："
            "金额小于 131072 元（float16 小于 16 元），整数和编号小于 2^24（float16 小于 2^11），"
            "比例只限 float32；其余报错 `float_precision`。"
            "带时区的时间按其时区的当地时间读。"
        ),
        "",
        (
            "Floats of 32 or 16 bits are read only where they can stand for one number: amounts "
            "below 131,072 yuan (16 with `float16`), whole numbers and ids below 2^24 (2^11), "
            "ratios in `float32` only; all else is the fault `float_precision`. A moment with a "
            "time zone is read as the wall time there."
        ),
        "",
    ]


def _kinds() -> list[str]:
    """Return what each kind of fault of a cell says, and so what to do."""
    money = Column("date", "日期", ColumnType.MONEY)
    return [
        "单元格的错误种类，以及怎样改正：",
        "",
        "The kinds of fault of a cell, and what to do:",
        "",
        *markdown(
            ("种类 kind", "说明", "message"),
            [(f"`{kind.value}`", *message_of(kind, money, 1)) for kind in Kind],
        ),
        "",
    ]


def _forms_taken() -> Iterator[tuple[str, str, str, str]]:
    """Yield by form where it is taken."""
    shown = {
        "minus": "`-0`、`-0.25`",
        "plus": "`+5`",
        "groups": "`1,234.50`",
        "open": "`.5`、`5.`",
        "words": "`¥5`、`500万元`、`壹佰万元整`、`40%`、`12人`、`５`",
    }
    yield ("`1234.5`、`1234.5000`", *("✓",) * 3)
    for form, example in shown.items():
        ledger, option, json = (
            "✓" if getattr(taken, form) else "" for taken in (CELL, OPTION, JSON)
        )
        yield example, ledger, option, json
    yield ("`2022-03-01`", *("✓",) * 3)
    yield "`2022/3/1`、`20220301`、`2022年3月1日`…", "✓", "", ""


def _input_table(table: Table) -> list[str]:
    optional = " · 可缺 may be missing" if table.optional else ""
    lines = [
        f"### `{table.name}` {table.heading}{optional}",
        "",
        *_columns(table.columns),
        "",
        *_words(table),
    ]
    if table.any_share:
        lines += [
            "另可有任何 `share_*` 列：其他承担方的分担比例。",
            "Any other `share_*` column is the share of one more party.",
            "",
        ]
    lines += [f"- {check.zh}。<br>{_sentence(check.en)}" for check in CHECKS[table.name]]
    return [*lines, ""]


def _columns(columns: Sequence[Column]) -> Iterator[str]:
    rows = []
    for column in columns:
        need = "必填 required" if column.required else ""
        if column.unique:
            need += "，唯一 unique"
        if column.positive:
            need += ",> 0"
        note = column.note
        if column.default is not None:
            blank = (
                Text(column.choices[column.default].zh, column.choices[column.default].value)
                if column.choices
                else Text(str(column.default), str(column.default))
            )
            note = Text("空白为 {blank}", "blank is {blank}").fill(blank=blank)
        rows.append(
            (
                f"`{column.name}`",
                column.heading,
                _type(column.type),
                need,
                both(note),
            )
        )
    return markdown(("列 column", "标题 heading", "类型 type", "", ""), rows)


def _asked_about(column: Column) -> str:
    """Return the headings that may mean a column, and the words that others hold."""
    words = [] if column.suspect is None else column.suspect[0].split("|")
    held = "、".join(word for word in words if word.isalnum())
    said = ["、".join(column.doubtful)] if column.doubtful else []
    return "；".join([*said, f"没有该列时，含有以下文字的：{held}"] if held else said)


def _words(table: Table) -> list[str]:
    """Return the further headings of a table's columns, and those that the reader asks about."""
    rows = [
        (f"`{column.name}`", "、".join(column.further), _asked_about(column))
        for column in table.columns
        if column.further or column.doubtful or column.suspect
    ]
    headings = ("列 column", "也读作该列 also read", "须确认（错误） asked about (a fault)")
    return [
        (
            "没有标准标题时，下列标题也读作该列；第三栏的标题可能只是其中一部分或其他内容，"
            "没有标准标题时报错，请改用标准标题。同一列的两个标题内容不同的，也报错。"
        ),
        "",
        (
            "Where a column has no standard heading, these are read as well. A heading in the "
            "third column may be a part of it or another figure: without the standard one it is a "
            "fault. Two headings of one column that differ in a row are a fault."
        ),
        "",
        "<details><summary>其他标题 · Further headings</summary>",
        "",
        *markdown(headings, rows),
        "",
        "</details>",
        "",
    ]


def _extras() -> list[str]:
    lines = [
        "## 政策另外需要的列 · Columns that policies add",
        "",
        "政策要用而输入中没有的列是错误，错误信息指出是哪个政策、哪项条件。",
        "A column that the policy tests and the input lacks is a fault that names both.",
        "",
    ]
    for policy in map(load_policy, list_policies()):
        for name, columns in extra_columns(policy.rules).items():
            lines += [f"### {policy.id}: `{name}`", "", *_columns(columns), ""]
    return lines


def _values() -> list[str]:
    types = [
        (
            f"`{choice.value}`",
            choice.zh,
            "" if choice.group is None else both(BORROWER_GROUPS[choice.group]),
        )
        for choice in BORROWER_TYPES
    ]
    decisions = [(f"`{choice.value}`", choice.zh) for choice in REVIEW_DECISIONS]
    parties = [(f"`share_{party}`", PARTY_NAMES[party].zh) for party in PARTIES]
    return [
        "## 取值 · Values",
        "",
        "### 借款人类型 borrower_type",
        "",
        *markdown(("值 value", "中文", "归类 group"), types),
        "",
        "### 审核 finance_review, industry_review",
        "",
        *markdown(("值 value", "中文"), decisions),
        "",
        "### 类型 kind",
        "",
        *markdown(
            ("表 table", "值 value", "中文"),
            [
                (f"`{table.name}`", f"`{choice.value}`", choice.zh)
                for table in YEARS_AFTER
                for choice in table.column("kind").choices
            ],
        ),
        "",
        "### 各方 parties",
        "",
        "按此次序，只限输入中有分担比例列的；其他承担方按名称排在后面。担保机构总在其中。",
        (
            "In this order, as far as the input has their share columns; any others follow by "
            "name. The institution is always one."
        ),
        "",
        *markdown(("列 column", "中文"), parties),
        "",
    ]


def _results() -> list[str]:
    main = example_assessment(MAIN_POLICY)
    lines = [
        "## 结果表 · Result tables",
        "",
        (
            f"列和次序如下（以 `{MAIN_POLICY}` 为例）。金额为元，两位小数，Parquet 和 DataFrame "
            "中是 decimal(18,2)；比例六位小数，decimal(18,6)；无法计算的为空。行的次序与输入相同。"
        ),
        "",
        (
            f"Columns in their order (under `{MAIN_POLICY}`). Money is yuan with two decimals, "
            "decimal(18,2) in Parquet and DataFrames; ratios have six, decimal(18,6); what is "
            "undefined is blank. Rows keep the order of the input."
        ),
        "",
    ]
    for result, heading in RESULTS.items():
        rows = [
            (
                f"`{field.name}`",
                result_heading(main.policies, field.name),
                both(_arrow_name(field.type)),
                both(result_note(result, field.name)),
            )
            for field in main.tables[result].schema
        ]
        lines += [
            f"### `{result}` {heading}",
            "",
            *markdown(("列 column", "标题 heading", "类型 type", ""), rows),
            "",
        ]
    lines += [
        (
            "`to_*` 每个承担方一列。政策要检验而上面没有的指标，排在 `institutions` 的最后；"
            "有几个支付方的政策，`claims` 最后为每个支付方一列 `payable_*`；写明各方已支付金额的，"
            "`returns` 最后为每个支付方一列 `to_government_*`，合计为 `to_government`；"
            "从应付金额中抵扣的，`claims` 和 `institutions` 最后另有 `set_off` 本次抵扣。"
        ),
        "",
        (
            "There is a `to_*` column for each party of the run. Indicators that the policy tests "
            "and that are not listed above stand at the end of `institutions`; a policy with "
            "several payers adds a `payable_*` column for each to `claims`, and, where it says "
            "what each has paid, a `to_government_*` column to `returns`; these add up to "
            "`to_government`. Where something is set off from what is payable, `claims` and "
            "`institutions` end with `set_off`."
        ),
        "",
        (
            "代偿表有“核定补偿金额”或“结案日期”列时，`claims` 最后另有两列。`granted` 核准金额："
            "通过审核的，为补偿金额与核定补偿金额中较小的；其余为 0。`closed` 已结案："
            "结案日期不晚于截至日期的；没有截至日期时，有结案日期的。"
        ),
        "",
        (
            "Where the claims of the input have the column `approved_amount` or `closed_date`, "
            "`claims` ends with two more. `granted`: the compensation of an approved claim, at "
            "most its approved amount; else 0. `closed`: whether it was closed by the day as of "
            "which the run looks; without one, closed at all."
        ),
        "",
    ]
    added = []
    for id_ in list_policies():
        assessment = example_assessment(id_)
        for result in RESULTS:
            more = [
                name
                for name in assessment.tables[result].column_names
                if name not in main.tables[result].column_names
            ]
            added += [(id_, f"`{result}`", f"`{name}`") for name in more]
    if added:
        lines += [*markdown(("政策 policy", "表 table", "另有 also"), added), ""]
    return lines + settlement_lines(main.portfolio)


def example_assessment(policy_id: str) -> Assessment:
    """Return a run over the template's invented example rows, in the policy's first year."""
    policy = load_policy(policy_id)
    extra = extra_columns(policy.rules)
    frames = {}
    for name, rows in example_rows(policy).items():
        own = {c.name: example_cell(policy, name, c) for c in extra.get(name, ())}
        columns = None if rows else _columns_of(name)
        frames[name] = pd.DataFrame([own | dict(row) for row in rows], columns=columns).astype(
            object
        )
    year = policy.rules.effective.from_.year
    return assess(portfolio_of_frames(**frames), policy, year)


def result_note(result: str, name: str) -> Text:
    """Return what a result column holds; KeyError if nobody says so."""
    for key in (f"{result}.{name}", name):
        if key in COMPUTED:
            return COMPUTED[key]
    if name in STANDARD_INDICATORS:
        return STANDARD_INDICATORS[name].said
    if name.startswith("to_"):
        party = PARTY_NAMES[name.removeprefix("to_")]
        return Text("返还{party}", "what goes to the {party}").fill(party=party)
    if any(name == column.name for table in TABLES for column in table.columns):
        return Text("同输入", "as in the input")
    raise KeyError(f"{result}.{name}")


def _arrow_name(kind: pa.DataType) -> Text:
    return ARROW_NAMES[kind]


def _type(kind: ColumnType) -> str:
    return f"{TYPE_NAMES[kind].zh} `{kind.value}`"


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


def _columns_of(name: str) -> list[str]:
    return [column.name for table in TABLES if table.name == name for column in table.columns]
