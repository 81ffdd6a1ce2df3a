"""The values that columns of choices take, and their places, as which cells are held.

Source: the contract of the ledgers, section 2; for later tables, the specification of the years
after, section 10.
"""

from __future__ import annotations

from functools import cache

from compensation.language import Text
from compensation.schema.column import Choice, Column
from compensation.values.choices import Places, plain_name
from compensation.values.kinds import Kind

SMALL_MICRO = "small_micro"
AGRICULTURAL = "agricultural"
BORROWER_GROUPS = {
    SMALL_MICRO: Text("小微", "small and micro"),
    AGRICULTURAL: Text("三农", "agricultural"),
}
BORROWER_TYPES = (
    Choice("micro_enterprise", "微型企业", SMALL_MICRO, ("微型",)),
    Choice("small_enterprise", "小型企业", SMALL_MICRO, ("小型",)),
    Choice("individual_business", "个体工商户", SMALL_MICRO, ("个体户",)),
    Choice("business_owner", "小微企业主", SMALL_MICRO),
    Choice("farmer", "农户", AGRICULTURAL),
    Choice("agricultural_entity", "新型农业经营主体", AGRICULTURAL),
    Choice("medium_enterprise", "中型企业", also=("中型",)),
    Choice("large_enterprise", "大型企业", also=("大型",)),
    Choice("other", "其他", also=("其它",)),
)

APPROVED, REJECTED, PENDING = 0, 1, 2
REVIEW_DECISIONS = (
    Choice(
        "approved",
        "通过",
        also=("同意", "批准", "审核通过", "审批通过", "予以通过", "√", "✓", "✔"),
    ),
    Choice(
        "rejected",
        "不通过",
        also=(
            *("不同意", "不批准", "否决", "未通过", "审核不通过", "审核未通过", "审批不通过"),
            *("不予通过", "×", "✗", "✘"),
        ),
    ),
    Choice("pending", "待审", also=("待审核", "审核中", "未审核")),
)
AMBIGUOUS_CHOICES = frozenset(
    ("已审", "已审核", "已审批", "已阅", "已核", "小微企业", "小微", "中小企业", "中小微企业")
)
"""What people write in columns of choices that may stand for either of two of them."""

PAID, RECALLED = 0, 1
PAYMENT_KINDS = (Choice("paid", "拨付"), Choice("recalled", "收回"))
REMITTED, REFUNDED = 0, 1
REMITTANCE_KINDS = (Choice("remitted", "上缴"), Choice("refunded", "退回"))
POOL_KINDS = (
    Choice("opening", "期初余额"),
    Choice("budget", "财政拨入"),
    Choice("interest", "利息"),
    Choice("other_income", "其他收入"),
    Choice("fee", "费用"),
    Choice("other_expense", "其他支出"),
)
OPENING = 0
"""The place in `POOL_KINDS` of the balance that stands for everything before its day."""


@cache
def places_of(column: Column) -> Places:
    """Return the places of a column's choices by the names that texts may have for them."""
    places: dict[str, int | Kind] = dict.fromkeys(AMBIGUOUS_CHOICES, Kind.AMBIGUOUS_CHOICE)
    for place, choice in enumerate(column.choices):
        places |= dict.fromkeys(map(plain_name, (choice.zh, choice.value, *choice.also)), place)
    return places
