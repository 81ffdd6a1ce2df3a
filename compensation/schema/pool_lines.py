"""The lines of the pool's statement: its balances, and what comes in and goes out in a period."""

from __future__ import annotations

from compensation.language import Text

OPENING = Text("期初余额", "opening balance")
LINES = {
    "budget": Text("财政拨入", "budget"),
    "interest": Text("利息", "interest"),
    "other_income": Text("其他收入", "other income"),
    "remitted": Text("机构上缴", "remitted by institutions"),
    "recalled": Text("收回补偿", "compensation recalled"),
    "paid": Text("拨付补偿", "compensation paid"),
    "refunded": Text("退回上缴", "remittances refunded"),
    "fee": Text("费用", "fees"),
    "other_expense": Text("其他支出", "other expenses"),
}
"""What comes in and goes out in the period, in the order of the statement."""
CLOSING = Text("期末余额", "closing balance")
