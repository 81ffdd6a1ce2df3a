"""What is due between government and institutions on a day, and in which direction.

Columns are int64 over claims, amounts in fen. `grant` says what a claim is granted and what is
still to be paid or recalled; `due` compares what government is returned with what it has been
handed. Source: the specification of settlements, section 12.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.money import PRINTED_SCALE
from compensation.policy.model import Note, Returns
from compensation.rules import award, rationals
from compensation.rules.caps import APPROVED_AMOUNT
from compensation.rules.compensation import (
    COMPENSATION,
    GRANTED,
    Shared,
    share_budget,
)
from compensation.rules.rationals import Rationals
from compensation.rules.set_off import SET_OFF, SET_OFF_IN_ALL, WHOLE
from compensation.rules.stages import DUE_TO_DATE, STAGE_SHARE, TO_DATE
from compensation.rules.steps import Step, Steps, Unit

STATUSES = (*award.STATUSES, "not_covered", "year_open")
"""What a claim has come to; the first ones are those of `award.STATUSES`."""
NOT_COVERED, YEAR_OPEN = STATUSES.index("not_covered"), STATUSES.index("year_open")

RETURNS_NOT_COVERED = Returns(
    costs="net",
    clause="—",
    basis="assumption",
    note=Note(
        zh="没有适用的政策，扣除追偿费用后返还",
        en="no policy covers the claim, so recoveries are returned net of costs",
    ),
)
"""How recoveries of a claim that no policy covers are returned."""

PAID_TO_DATE = Text("累计已拨付", "paid to date")
GRANTED_BY_STATUS = (
    (Text("不符合条件，不予补偿", "not eligible, so nothing is granted"), "0"),
    (Text("审核不通过，不予补偿", "rejected, so nothing is granted"), "0"),
    (GRANTED, "compensation"),
    (Text("待审，按已拨付金额计", "pending, so what has been paid stands"), "paid_to_date"),
    (
        Text("无适用政策，按已拨付金额计", "no policy covers it, so what has been paid stands"),
        "paid_to_date",
    ),
    (
        Text("年度未结束，按已拨付金额计", "the year is not over, so what has been paid stands"),
        "paid_to_date",
    ),
)
"""What is granted, and its formula, by the place of the status in `STATUSES`."""
STAGE_REACHED = Text("可付比例（分期支付）", "share that is payable so far")
BY_REVIEW = Text("按核定金额", "granted, as reviewed")
CLOSED = Text("已结案，不再拨付", "closed, so nothing more is paid")
DUE = Text("应拨付", "due")
TO_PAY = Text("本次应拨付", "to pay")
TO_RECALL = Text("应收回", "to recall")
OUTSTANDING = Text("预算不足，尚未安排", "outstanding for lack of budget")
BORNE = Text("清算后政府承担", "borne by government after this settlement")
GOVERNMENT_SHARE = Text("追偿款中政府应得", "government's share of recoveries")
REMITTED_TO_DATE = Text("累计已上缴", "remitted to date")
TO_REMIT = Text("应上缴", "to remit")
TO_REFUND = Text("应退回机构", "to refund")
NET_DUE = Text("净额（正数为机构应缴，负数为政府应付）", "net due (positive: to government)")
GOVERNMENT_COST = Text("政府净支出", "cost to government")


class Claims(NamedTuple):
    """Claims to settle, in columns.

    `status`: places in `STATUSES`. `compensation`: 0 where nothing is decided. `approved_amount`:
    what review grants, where `approved_given`. `paid`: net payments to date. `stage`: the
    share of what is granted that can be paid so far; None where no policy pays in stages.
    `set_off`: what is set off from what is due; None where no policy sets anything off.
    """

    status: Integers
    closed: Flags
    compensation: Integers
    approved_amount: Integers
    approved_given: Flags
    paid: Integers
    stage: Rationals | None = None
    set_off: Integers | None = None


@dataclass(frozen=True, eq=False)
class Granted:
    """What claims are granted, and what follows for payments; `borne` is government's part then.

    `to_date`: what of it can be paid so far, where policies pay in stages; else all of it.
    """

    granted: Integers
    to_pay: Integers
    to_recall: Integers
    outstanding: Integers
    borne: Integers
    to_date: Integers
    steps: Steps = field(repr=False)


@dataclass(frozen=True, eq=False)
class Due:
    """What is due of recoveries, and of everything together."""

    to_remit: Integers
    to_refund: Integers
    net_due: Integers
    government_cost: Integers
    steps: Steps = field(repr=False)


def grant(claims: Claims, budget: Shared | None = None) -> Granted:
    """Return what each claim is granted, and what is to be paid or recalled."""
    steps = Steps()
    steps.given("compensation", COMPENSATION, claims.compensation)
    steps.given("paid_to_date", PAID_TO_DATE, claims.paid)
    granted = granted_to(claims, steps)
    to_date, of = granted, "granted"
    if claims.stage is not None:
        # The year's decision says it exactly; of a claim that no year decides, it is 1.
        reached = rationals.half_up(claims.stage, PRINTED_SCALE)
        steps.given(STAGE_SHARE, STAGE_REACHED, reached, Unit.RATIO)
        to_date, of = award.due_to_date(granted, claims.stage), TO_DATE
        steps.follows(of, DUE_TO_DATE, f"half_up(granted × {STAGE_SHARE})", to_date)
    due = np.maximum(to_date - claims.paid, 0)
    said, bears, borne = f"max({of} − paid_to_date, 0)", "paid_to_date", claims.paid
    if claims.set_off is not None:
        steps.follows(WHOLE, DUE, said, due)
        steps.given(SET_OFF, SET_OFF_IN_ALL, claims.set_off)
        due, said = due - claims.set_off, f"{WHOLE} − {SET_OFF}"
        borne, bears = claims.paid + claims.set_off, f"{bears} + {SET_OFF}"
    total = int(due.sum())
    if budget is not None and total > budget.amount:
        steps.follows("due", DUE, said, due)
        to_pay = share_budget(budget, due, steps, "to_pay", TO_PAY)
    else:
        to_pay = steps.follows("to_pay", TO_PAY, said, due)
    to_recall = steps.follows(
        "to_recall",
        TO_RECALL,
        "max(paid_to_date − granted, 0)",
        np.maximum(claims.paid - granted, 0),
    )
    outstanding = steps.follows("outstanding", OUTSTANDING, f"{said} − to_pay", due - to_pay)
    borne = steps.follows(
        "borne_by_government",
        BORNE,
        f"{bears} + to_pay − to_recall",
        borne + to_pay - to_recall,
    )
    return Granted(granted, to_pay, to_recall, outstanding, borne, to_date, steps)


def granted_to(claims: Claims, steps: Steps) -> Integers:
    """Return what is granted; a claim that is closed is granted no more than it was paid."""
    reviewed = award.granted(
        claims.compensation, claims.approved_amount, claims.approved_given, claims.status
    )
    decided = claims.status <= award.STATUSES.index("approved")
    granted = np.where(decided, reviewed, claims.paid)
    limited = (claims.status == award.STATUSES.index("approved")) & claims.approved_given
    only_limited = Steps()
    only_limited.given("approved_amount", APPROVED_AMOUNT, claims.approved_amount)
    steps.add(only_limited, limited)
    place = np.where(limited, len(GRANTED_BY_STATUS), claims.status)
    lines = (*GRANTED_BY_STATUS, (BY_REVIEW, "min(compensation, approved_amount)"))
    open_lines = [Step("granted", title, granted, formula=formula) for title, formula in lines]
    steps.one_of(np.where(claims.closed, -1, place), open_lines)
    before = [
        Step("granted_before_closing", title, granted, formula=formula) for title, formula in lines
    ]
    steps.one_of(np.where(claims.closed, place, -1), before)
    granted = np.where(claims.closed, np.minimum(granted, claims.paid), granted)
    formula = "min(granted_before_closing, paid_to_date)"
    return steps.follows("granted", CLOSED, formula, granted, said=claims.closed)


def due(granted: Granted, government_share: Integers, remitted: Integers) -> Due:
    """Return what is due of recoveries, and the net of all that is due.

    `government_share`: what government is due of all recoveries to date, once this settlement is
    carried out; see `rules.returns`. `remitted`: net remittances to date.
    """
    steps = Steps()
    steps.given("government_share", GOVERNMENT_SHARE, government_share)
    steps.given("remitted_to_date", REMITTED_TO_DATE, remitted)
    to_remit = steps.follows(
        "to_remit",
        TO_REMIT,
        "max(government_share − remitted_to_date, 0)",
        np.maximum(government_share - remitted, 0),
    )
    to_refund = steps.follows(
        "to_refund",
        TO_REFUND,
        "max(remitted_to_date − government_share, 0)",
        np.maximum(remitted - government_share, 0),
    )
    net_due = steps.follows(
        "net_due",
        NET_DUE,
        "to_recall + to_remit − to_pay − to_refund",
        granted.to_recall + to_remit - granted.to_pay - to_refund,
    )
    cost = steps.follows(
        "government_cost",
        GOVERNMENT_COST,
        "borne_by_government − government_share",
        granted.borne - government_share,
    )
    return Due(to_remit, to_refund, net_due, cost, steps)


class Entry(NamedTuple):
    """One payment or remittance of a claim; `back`: whether it was recalled or refunded."""

    title: Text
    amount: int
    back: bool


def netted(name: str, title: Text, prefix: str, entries: Sequence[Entry]) -> Steps:
    """Return the entries of one claim, and what they come to, as one row of steps.

    The steps of the entries are named by ``prefix`` and their place: p1, p2, ….
    """
    steps, formula, net = Steps(), "", 0
    for number, entry in enumerate(entries, 1):
        steps.given(f"{prefix}{number}", entry.title, entry.amount)
        sign = " − " if entry.back else " + "
        formula += f"{sign if formula or entry.back else ''}{prefix}{number}"
        net += -entry.amount if entry.back else entry.amount
    steps.follows(name, title, formula or "0", net)
    return steps
