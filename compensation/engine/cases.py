"""The ledgers whose claims are the cases of policies: payouts, contracts, or institutions' years.

Where cases are not payouts, they are put in the place of the claims, and payments name their ids:
those of contracts or institutions. Claims that the ledgers have are data for indicators then; what
was recovered or remitted of them is not spoken of.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow
from compensation.columns import Integers, numbered
from compensation.engine.case_years import (
    amounts_of_no_year,
    of_every_year,
    of_one_year,
    paid_for,
    unsaid,
)
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.payment_checks import differing, first_above, signed
from compensation.ledger.portfolio import Ledgers
from compensation.ledger.records import TABLE_OF, with_cases, with_net_payments
from compensation.policy.catalogue import Policy
from compensation.rules.indicators import year_ends
from compensation.schema.choices import PAID
from compensation.schema.dictionary import PAID_FOR_YEAR, table
from compensation.values.printing import format_scaled

OF_PAYOUTS = ("recoveries", "remittances")
"""The tables that speak of payouts only."""


def cases_of(
    ledgers: Ledgers, policies: Sequence[Policy], year: int, last: int | None = None
) -> Ledgers:
    """Return ledgers whose claims are the cases of policies, which are all of one record.

    `year`: that of institutions, where these are the cases, and of contracts that belong to several
    years. `last`: such contracts have a case for each year up to this one instead. Raises
    `InputFaults` where payments name no case, or the ledgers speak of payouts and the policies do
    not.
    """
    rules = policies[0].rules
    if rules.record != "payout":
        ledgers = _with_rows(ledgers, policies[0], year)
    if faults := _unknown(ledgers, TABLE_OF[rules.record]):
        raise InputFaults(faults)
    if rules.trigger.until is not None:
        return _of_years(ledgers, tuple(policies), year, last)
    if rules.record == "payout" or not ledgers.present["payments"]:
        return ledgers
    given = ledgers.numbers("claims", "compensation_paid")
    ledgers = with_net_payments(ledgers)
    name, net = TABLE_OF[rules.record], ledgers.numbers("claims", "compensation_paid")
    of, locate = ledgers.links.payment_claim, ledgers.unmapped[name].locate
    # A blank is 0 here, and says nothing.
    faults = [*_of_payments(ledgers, of), *differing(name, given, net, given != 0, of, locate)]
    if faults:
        raise InputFaults(faults)
    return ledgers


def _with_rows(ledgers: Ledgers, policy: Policy, year: int) -> Ledgers:
    """Return ledgers whose claims are contracts or institutions, with the payments that name them.

    A payment that names none has the row `ids.UNKNOWN`.
    """
    record = policy.rules.record
    others = [name for name in OF_PAYOUTS if ledgers.rows(name)]
    if others:
        message = Text(
            "政策 {policy} 不按代偿计算，表 {tables} 应为空",
            "policy {policy} is not about payouts: the tables {tables} must be empty",
        ).fill(policy=policy.id, tables="、".join(others))
        raise InputFaults([whole("no_payouts", message)])
    column = policy.rules.trigger.date.partition(".")[2]
    if record == "contract":
        days = ledgers.numbers("contracts", column)
    else:
        days = np.full(ledgers.rows("institutions"), year_ends(year)[1], dtype=np.int64)
    return with_cases(ledgers, record, days)


def _unknown(ledgers: Ledgers, of: str) -> list[FaultGroup]:
    """Return a fault for each payment that names no row of the table ``of``."""
    named = table(of).title
    rows = np.flatnonzero(ledgers.links.payment_claim == ids.UNKNOWN).astype(np.int64)
    message = Text("在{t}表中没有这个编号", "there is no such id in {t}").fill(t=named)
    expected = Text("{t}表中已有的编号", "an id that {t} has").fill(t=named)
    return _faults(ledgers, "unknown_reference", message, "claim_id", expected, rows)


def _of_years(
    ledgers: Ledgers, policies: tuple[Policy, ...], year: int, last: int | None
) -> Ledgers:
    """Return the cases of contracts that belong to several years, see `cases_of`."""
    blank, wrong = unsaid(ledgers, policies[0])
    case, _ = numbered(paid_for(ledgers, policies[0]).case)
    name = PAID_FOR_YEAR.name
    faults = [
        *_faults(ledgers, "which_year", NO_YEAR_SAID, name, A_YEAR, blank),
        *_faults(ledgers, "which_year", BEFORE_ITS_YEARS, name, A_YEAR, wrong),
        *_of_payments(ledgers, case),
        *amounts_of_no_year(ledgers, policies[0], last),
    ]
    if faults:
        raise InputFaults(faults)
    if last is None:
        return of_one_year(ledgers, policies[0], year) if ledgers.present["payments"] else ledgers
    ledgers = of_every_year(ledgers, policies, last)
    return with_net_payments(ledgers) if ledgers.present["payments"] else ledgers


NO_YEAR_SAID = Text(
    "合同可以跨几个年度，看不出是为哪一年支付的",
    "the contract may belong to several years: it isn't said for which this was paid",
)
BEFORE_ITS_YEARS = Text(
    "合同在该年度尚未开始，或年份超出范围",
    "the contract had not begun in this year, or the year is out of range",
)
A_YEAR = Text("合同所属的年度，如 2024", "a year that the contract belongs to, such as 2024")


def _of_payments(ledgers: Ledgers, group: Integers) -> list[FaultGroup]:
    """Return what is wrong with the payments of cases that are not payouts; `group`: their cases'.

    A contract that belongs to several years has a number for each of them.
    """
    day, of = ledgers.numbers("payments", "payment_date"), ledgers.links.payment_claim
    kind, amount = ledgers.numbers("payments", "kind"), ledgers.numbers("payments", "amount")
    early = np.flatnonzero(day < ledgers.numbers("claims", "payout_date")[of]).astype(np.int64)
    faults = _faults(
        ledgers,
        "date_order",
        Text(
            "拨付日期早于业务的日期：合同为起始日期，机构为核算年度的末日",
            "the payment is before the case's day: a contract's start, the last day of an "
            "institution's year",
        ),
        "payment_date",
        Text("不早于业务的日期；以前年度业务的拨付不在本台账登记", "a date on or after it"),
        early,
    )
    nothing = np.zeros(int(group.max(initial=-1)) + 1, dtype=np.int64)
    above = first_above(group, day, -signed(kind, amount), nothing, kind != PAID).rows
    faults += _faults(
        ledgers,
        "recalled_above_paid",
        Text(
            "截至当日，收回金额合计超过拨付金额合计",
            "more has been recalled than was paid by the end of the day",
        ),
        "amount",
        Text("截至当日的合计不超过此前的拨付", "no more in all than was paid by then"),
        above,
    )
    return faults


def _faults(
    ledgers: Ledgers,
    kind: str,
    message: Text,
    column: str,
    expected: Text,
    rows: Integers,
) -> list[FaultGroup]:
    """Return what is wrong with a column of payments; nothing without rows."""
    if not len(rows):
        return []
    held = ledgers.tables["payments"].get(column, pa.nulls(ledgers.rows("payments")))
    values = [None if each is None else str(each) for each in held.take(arrow(rows)).to_pylist()]
    if column == "amount":
        values = format_scaled(ledgers.numbers("payments", column)[rows], 2).to_pylist()
    locate = ledgers.unmapped["payments"].locate
    return [FaultGroup(kind, message, "payments", column, expected, rows, values, locate)]
