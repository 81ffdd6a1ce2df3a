"""The result tables of a settlement, for the data dictionary."""

from __future__ import annotations

from compensation.language import Text
from compensation.ledger.portfolio import Portfolio
from compensation.report.settlement_headings import heading_of
from compensation.rules.pool import TITLES
from compensation.settlement.settle import settle
from docs.markdown import both
from docs.markdown import table as markdown

DAY = "2022-12-31"
HEADINGS = {
    "settlement": "清算明细",
    "settlement_institutions": "清算汇总",
    "pool_statement": "资金池收支表",
}
NOTES = {
    "year": Text("归属年度", "the year of the claim"),
    "policy": Text(
        "代偿日有效的政策；没有的为空", "the policy in force on its day; blank where none is"
    ),
    "status": Text(
        "同 `claims`，另有 not_covered 无适用政策、year_open 年度未结束",
        "as in `claims`, or not_covered, or year_open where the year is not over on the day",
    ),
    "closed": Text("截至清算日是否结案", "whether it is closed by the day"),
    "claims": Text("代偿笔数", "number of claims"),
    "compensation": Text(
        "所属年度核算的补偿金额；未核定的为 0",
        "as computed for its year; 0 where nothing is decided",
    ),
    "granted": Text("核准金额", "what is granted"),
    "paid_in_period": Text("本期拨付减收回", "paid less recalled in the period"),
    "paid_to_date": Text("累计拨付减收回", "paid less recalled to date"),
    "to_pay": Text("应拨付，预算不足时按政策分配", "to be paid, within the budget"),
    "to_recall": Text("应收回", "to be recalled"),
    "outstanding": Text("应拨付而预算不足的部分", "what the budget leaves unpaid"),
    "proceeds_to_date": Text("累计追偿所得", "recovered to date"),
    "cost_to_date": Text("累计追偿费用", "cost of recoveries to date"),
    "distributed_to_date": Text("累计可返还，不超过代偿金额", "distributable to date"),
    "surplus_to_date": Text("累计超出代偿金额的部分", "what lies above the payout"),
    "government_share": Text("追偿款中政府应得", "government's part of it"),
    "remitted_in_period": Text("本期上缴减退回", "remitted less refunded in the period"),
    "remitted_to_date": Text("累计上缴减退回", "remitted less refunded to date"),
    "to_remit": Text("应上缴", "to be remitted"),
    "to_refund": Text("应退回", "to be refunded"),
    "net_due": Text(
        "应收回 + 应上缴 − 应拨付 − 应退回；正数为机构应缴",
        "to_recall + to_remit − to_pay − to_refund; positive: the institution owes government",
    ),
    "government_cost": Text(
        "政府承担减政府应得", "what government bears, less its part of recoveries"
    ),
}


def settlement_lines(portfolio: Portfolio) -> list[str]:
    """Return the section on the tables of a settlement, with their columns."""
    settlement = settle(portfolio, "jiyuan-2022", DAY)
    lines = [
        "## 清算结果表 · Tables of a settlement",
        "",
        (
            "金额为元，两位小数。各项的计算见[清算](settlement.zh-CN.md)。政策分期支付的，"
            "`granted` 之后另有 `due_to_date` 累计应付：核准金额中目前可以支付的部分；"
            "对逾期缴回加收的，最后另有 `late_charge` 逾期缴回加收；"
            "规定抵扣的，`to_pay` 之前另有 `set_off` 本次抵扣；"
            "政策有几个出资方的，`to_pay`、`to_recall`、`to_remit`、`to_refund` 之后"
            "为每个出资方另有一列，如 `to_pay_*`：该金额中由其承担或归其所有的部分。"
        ),
        "",
        (
            "Money is yuan with two decimals. How each is computed is in "
            "[settlement](settlement.md). Where a policy pays in stages, `due_to_date` follows "
            "`granted`: what of it can be paid so far; where it charges for late returns, "
            "`late_charge` comes last; where it has payers, a column for each "
            "follows `to_pay`, `to_recall`, `to_remit` and `to_refund`, such as `to_pay_*`: "
            "its part. Where something is set off, `set_off` stands before `to_pay`."
        ),
        "",
    ]
    for table in ("settlement", "settlement_institutions"):
        rows = [
            (f"`{name}`", heading_of(name), both(NOTES[name]) if name in NOTES else "")
            for name in settlement.tables[table].column_names
        ]
        lines += _section(table, ("列 column", "标题 heading", ""), rows)
    rows = [(f"`{line}`", title.zh, title.en) for line, title in TITLES.items()]
    return lines + _section("pool_statement", ("行 line", "标题 heading", ""), rows)


def _section(
    table: str, headings: tuple[str, str, str], rows: list[tuple[str, str, str]]
) -> list[str]:
    return [f"### `{table}` {HEADINGS[table]}", "", *markdown(headings, rows), ""]
