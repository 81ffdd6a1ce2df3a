"""The ledgers whose claims are the cases of policies: payouts, contracts, or institutions' years.

Where cases are not payouts, they are put in the place of the claims, and payments name their ids:
those of contracts or institutions. Claims that the ledgers have are data for indicators then; what
was recovered or remitted of them is not spoken of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow
from compensation.columns import Integers, numbered
from compensation.engine.case_years import (
    PaidFor,
    amounts_of_no_year,
    decided_by_year,
    of_every_year,
    of_one_year,
    paid_for,
    unsaid,
    years_of_contracts,
    years_of_institutions,
)
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.payment_checks import differing, first_above, signed
from compensation.ledger.portfolio import Ledgers
from compensation.ledger.records import TABLE_OF, Record, with_cases, with_net_payments
from compensation.policy.catalogue import Policy
from compensation.rules.indicators import last_days, year_ends
from compensation.schema.choices import PAID
from compensation.schema.dictionary import PAID_FOR_YEAR, table
from compensation.values.printing import format_scaled


class Settled(NamedTuple):
    """The years in which the period of a settlement begins and ends."""

    first: int
    last: int


OF_PAYOUTS = ("recoveries", "remittances")
"""The tables that speak of payouts only."""


def cases_of(
    ledgers: Ledgers, policies: Sequence[Policy], year: int, settled: Settled | None = None
) -> Ledgers:
    """Return ledgers whose claims are the cases of policies, which are all of one record.

    `year`: that of institutions, where these are the cases, and of contracts that belong to several
    years. `settled`: such contracts have a case for each year up to its last instead, institutions
    for each from its first to ``year``. Raises `InputFaults` where payments name no case, or the
    ledgers speak of payouts and the policies do not.
    """
    rules = policies[0].rules
    if rules.record != "payout":
        ledgers = _with_rows(ledgers, policies[0], year)
    if faults := _unknown(ledgers, TABLE_OF[rules.record]):
        raise InputFaults(faults)
    if rules.trigger.until is not None or rules.record == "institution":
        return _of_years(ledgers, tuple(policies), year, settled)
    if rules.record == "payout" or not ledgers.present["payments"]:
        return ledgers
    given = ledgers.numbers("claims", "compensation_paid")
    ledgers = with_net_payments(ledgers)
    of = ledgers.links.payment_claim
    start = ledgers.numbers("claims", "payout_date")[of]
    if faults := [*_of_payments(ledgers, of, start), *_differing(ledgers, rules.record, given)]:
        raise InputFaults(faults)
    return ledgers


def _differing(ledgers: Ledgers, record: Record, given: Integers) -> list[FaultGroup]:
    """Return a fault for each case of which another amount was ``given`` than payments come to."""
    name, net = TABLE_OF[record], ledgers.numbers("claims", "compensation_paid")
    of, locate = ledgers.links.payment_claim, ledgers.unmapped[name].locate
    # A blank is 0 here, and says nothing.
    return differing(name, given, net, given != 0, of, locate)


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
    ledgers: Ledgers, policies: tuple[Policy, ...], year: int, settled: Settled | None
) -> Ledgers:
    """Return the cases of contracts and institutions that belong to several years, see `cases_of`.

    Nothing says to which year of an institution a payment belongs but the payment, so that those
    of a ledger of several years all say it.
    """
    policy, record = policies[0], policies[0].rules.record
    first, last = settled or Settled(year, year)
    if record == "institution":
        last, years = year, years_of_institutions(ledgers, first, year)
    else:
        years = years_of_contracts(ledgers, policy)
    blank, wrong = unsaid(ledgers, years)
    paid = paid_for(ledgers, years)
    case, _ = numbered(paid.case)
    days = _first_days(ledgers, paid, record)
    days[wrong] = 0  # whose year is a fault of its own
    name = PAID_FOR_YEAR.name
    faults = [
        *_faults(ledgers, "which_year", NO_YEAR_SAID, name, A_YEAR, blank),
        *_faults(ledgers, "which_year", BEFORE_ITS_YEARS, name, A_YEAR, wrong),
        *_of_payments(ledgers, case, days),
        *amounts_of_no_year(ledgers, policy, years, None if settled is None else last),
    ]
    if faults:
        raise InputFaults(faults)
    given = ledgers.numbers("claims", "compensation_paid")
    if settled is not None:
        ledgers = of_every_year(ledgers, policies, years, last)
        if ledgers.present["payments"]:
            ledgers = with_net_payments(ledgers)
    elif ledgers.present["payments"]:
        ledgers = of_one_year(ledgers, years, record, year)
    one_each = ledgers.present["payments"] and len(given) == ledgers.rows("claims")
    if record == "institution" and one_each and (faults := _differing(ledgers, record, given)):
        raise InputFaults(faults)
    of_case = np.full(ledgers.rows("claims"), year) if ledgers.years is None else ledgers.years
    return decided_by_year(ledgers, policy, of_case)


def _first_days(ledgers: Ledgers, paid: PaidFor, record: Record) -> Integers:
    """Return (payments,) the day before which there is nothing to pay.

    A contract's start, or the last day of the year of an institution that is paid for.
    """
    if record == "institution":
        return last_days(paid.year)
    return ledgers.numbers("claims", "payout_date")[ledgers.links.payment_claim]


NO_YEAR_SAID = Text(
    "可能属于几个年度，看不出是为哪一年支付的",
    "the case may belong to several years: it isn't said for which this was paid",
)
BEFORE_ITS_YEARS = Text(
    "合同在该年度尚未开始，或年份超出范围",
    "the contract had not begun in this year, or the year is out of range",
)
A_YEAR = Text("业务所属的年度，如 2024", "a year that the case belongs to, such as 2024")


def _of_payments(ledgers: Ledgers, group: Integers, first: Integers) -> list[FaultGroup]:
    """Return what is wrong with the payments of cases that are not payouts.

    `group`: a number for the case of each, one for each year of a case that belongs to several.
    `first`: the day before which there is nothing to pay.
    """
    day = ledgers.numbers("payments", "payment_date")
    kind, amount = ledgers.numbers("payments", "kind"), ledgers.numbers("payments", "amount")
    early = np.flatnonzero(day < first).astype(np.int64)
    faults = _faults(
        ledgers,
        "date_order",
        Text(
            "拨付日期早于业务的日期：合同为起始日期，机构为所付年度的末日",
            "the payment is before the case's day: a contract's start, the last day of the "
            "institution's year that it is for",
        ),
        "payment_date",
        Text(
            "不早于业务的日期；为机构以前年度拨付的，填写“年度”",
            "a date on or after it; the column year, where it is for an institution's earlier year",
        ),
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
