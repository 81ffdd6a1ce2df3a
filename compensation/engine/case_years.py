"""Contracts and institutions that belong to several years: cases of one year, or one for each.

A payment names a contract or an institution and, in the column `year`, the year that it is for. So
the cases of one year have what was paid for it and for the years before; a settlement, which
decides several years, has a case for each of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, known
from compensation.columns import Flags, Integers, distinct, group_sum
from compensation.engine.inputs import rule_inputs
from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.ledger.ids import positions_of
from compensation.ledger.payment_checks import signed
from compensation.ledger.portfolio import Ledgers, numbers_of
from compensation.ledger.records import TABLE_OF, Record
from compensation.policy.catalogue import Policy
from compensation.policy.model import Definition, Note
from compensation.policy.variables import columns_of_decisions
from compensation.rules.conditions import effective_years
from compensation.rules.indicators import NO_YEAR, last_days, policy_years
from compensation.schema.dictionary import BY_YEAR_OF, PAID_BEFORE, PAID_FOR_YEAR, table
from compensation.values.dates import LAST_DAY
from compensation.values.kinds import FIRST_YEAR, LAST_YEAR
from compensation.values.printing import format_scaled

_APART = 10_000
"""More than any year: a contract's row times this, plus a year, is a number of its own."""
PAID, APPROVED = "compensation_paid", "approved_amount"


REVIEWS_OF_EVERY_YEAR = Definition(
    id="reviews_of_every_year",
    clause="—",
    basis="assumption",
    note=Note(
        zh="合同或机构属于几个年度的，台账中的审核结果和结案日期适用于它的各个年度（分年数据另有填写的年度除外）："
        "审核不通过的，各年度都不予补偿，已支付的列为应收回",
        en="where a contract or an institution belongs to several years, its reviews and its "
        "closing hold for all of them, but for those of which the table by year says otherwise: "
        "one that is rejected is granted nothing in any year, and what was paid is recalled",
    ),
)
"""The rule as settlements list it among what they assume."""


class Belonging(NamedTuple):
    """(cases,) the first and the last year that each contract or institution belongs to.

    Where a contract has no end, the last is that of the ledgers' day, or `LAST_YEAR`.
    """

    first: Integers
    last: Integers


class PaidFor(NamedTuple):
    """(payments,) the year that each is for, and `case`: a number for each case and year."""

    year: Integers
    case: Integers


def years_of_institutions(ledgers: Ledgers, first: int, last: int) -> Belonging:
    """Return the years of institutions, the same for all: some years, and all that were paid for.

    Until a payment says its year, the ledger is of the years given.
    """
    given, year = _given(ledgers)
    said = year[given & (year >= FIRST_YEAR) & (year <= LAST_YEAR)].tolist()
    years, rows = [first, last, *said], ledgers.rows("institutions")
    return Belonging(np.full(rows, min(years)), np.full(rows, max([last, *said])))


def years_of_contracts(ledgers: Ledgers, policy: Policy) -> Belonging:
    """Return the years of the contracts, whose claims are the contracts themselves."""
    known_to = LAST_DAY if ledgers.day is None else ledgers.day
    begins = policy.rules.trigger.year_begins
    first = policy_years(ledgers.numbers("claims", "payout_date"), begins)
    return Belonging(first, policy_years(np.minimum(_end(ledgers, policy), known_to), begins))


def _end(ledgers: Ledgers, policy: Policy) -> Integers:
    """Return (contracts,) the last day on which each counts; the last of all where it has none."""
    until = policy.rules.trigger.until
    assert until is not None
    return np.minimum(rule_inputs(ledgers, policy, NO_YEAR).column(until).numerator, LAST_DAY)


def paid_for(ledgers: Ledgers, years: Belonging) -> PaidFor:
    """Return which years payments are for; one that does not say it is for the case's first.

    `unsaid` finds those that would have to say it.
    """
    of = ledgers.links.payment_claim
    given, year = _given(ledgers)
    year = np.where(given, year, years.first[of])
    return PaidFor(year, of * _APART + year)


def _given(ledgers: Ledgers) -> tuple[Flags, Integers]:
    """Return which payments say their year, and the year."""
    column = ledgers.tables["payments"].get(PAID_FOR_YEAR.name)
    if column is None:
        none = np.zeros(ledgers.rows("payments"), dtype=np.int64)
        return none.astype(np.bool_), none
    return known(column), numbers_of(column)


class Unsaid(NamedTuple):
    """Rows of payments of which the year is not said, and of those that say an impossible one."""

    blank: Integers
    wrong: Integers


def unsaid(ledgers: Ledgers, years: Belonging) -> Unsaid:
    """Return the payments of which it cannot be told which year they are for."""
    of, (given, year) = ledgers.links.payment_claim, _given(ledgers)
    first, last = (each[of] for each in years)
    blank = ~given & (first != last)
    wrong = given & ((year < first) | (year > LAST_YEAR))
    return Unsaid(*(np.flatnonzero(each).astype(np.int64) for each in (blank, wrong)))


def of_one_year(ledgers: Ledgers, years: Belonging, record: Record, year: int) -> Ledgers:
    """Return ledgers of which compensation_paid and that of the years before are as payments say.

    The cases stay the contracts or institutions.
    """
    paid, of = paid_for(ledgers, years), ledgers.links.payment_claim
    fen = signed(ledgers.numbers("payments", "kind"), ledgers.numbers("payments", "amount"))
    rows = ledgers.rows("claims")
    now, before = (
        arrow(group_sum(np.where(counts, fen, 0), of, rows))
        for counts in (paid.year == year, paid.year < year)
    )
    tables = {**ledgers.tables, "claims": {**ledgers.tables["claims"], PAID: now}}
    if record == "contract":
        tables["contracts"] = {**tables["contracts"], PAID: now, PAID_BEFORE.name: before}
    return replace(ledgers, tables=tables)


def of_every_year(
    ledgers: Ledgers, policies: tuple[Policy, ...], years: Belonging, last: int
) -> Ledgers:
    """Return ledgers with a case for each contract or institution and year, in this order.

    The years are those up to ``last`` in which a policy is in force, and others that were paid for.
    What has no such year has a case of its first one. What was paid is what payments say; without
    them, compensation_paid is of the first year. An institution's case is of its year's last day.
    """
    contract = np.arange(len(years.first), dtype=np.int64)
    in_force = (effective_years(policy) for policy in policies)
    cases = [_in_force(years, begin, min(end, last)) for begin, end in in_force]
    paid = paid_for(ledgers, years).case
    found = distinct(np.concatenate([*cases, paid]))
    without = np.ones(len(contract), dtype=np.bool_)
    without[found // _APART] = False
    alone = (contract * _APART + years.first)[without]
    found = distinct(np.concatenate([found, alone]))
    of, year = found // _APART, found % _APART
    links = ledgers.links._replace(
        claim_contract=ledgers.links.claim_contract[of],
        payment_claim=np.searchsorted(found, paid).astype(np.int64),
    )
    claims = {name: column.take(arrow(of)) for name, column in ledgers.tables["claims"].items()}
    if not ledgers.present["payments"]:
        own = np.where(year == years.first[of], ledgers.numbers("claims", PAID)[of], 0)
        claims[PAID] = arrow(own)
    if policies[0].rules.record == "institution":
        claims["payout_date"] = arrow(last_days(year).astype(np.int32)).cast(pa.date32())
    return replace(ledgers, tables={**ledgers.tables, "claims": claims}, links=links, years=year)


def decided_by_year(ledgers: Ledgers, policy: Policy, years: Integers) -> Ledgers:
    """Return ledgers whose cases are reviewed, approved and closed as the table by year says.

    `years`: (claims,) that of each case. Where the row of the year is missing or blank, what stands
    beside the contract or institution holds.
    """
    of = TABLE_OF[policy.rules.record]
    name = BY_YEAR_OF[of]
    own = columns_of_decisions(policy.rules)[name]
    given = [column.name for column in own if column.name in ledgers.present[name]]
    if not given or not ledgers.rows(name):
        return ledgers
    ids = table(of).columns[0].name
    row = positions_of(ledgers.column(name, ids), ledgers.column(of, ids)) * _APART
    row += ledgers.numbers(name, "year")
    order = np.argsort(row)
    contract = ledgers.links.claim_contract
    institution = policy.rules.record == "institution"
    base = ledgers.links.contract_institution[contract] if institution else contract
    case = base * _APART + years
    found = order[np.minimum(np.searchsorted(row[order], case), len(row) - 1)]
    rows = arrow(found, row[found] == case)
    claims = dict(ledgers.tables["claims"])
    for each in given:
        cells = ledgers.column(name, each).take(rows).cast(claims[each].type)
        claims[each] = pc.coalesce(cells, claims[each])
    present = {**ledgers.present, "claims": ledgers.present["claims"] | set(given)}
    return replace(ledgers, tables={**ledgers.tables, "claims": claims}, present=present)


def _in_force(years: Belonging, begin: int, end: int) -> Integers:
    """Return the contracts' years from one year to another, each by its number, in order."""
    low = np.maximum(years.first, begin)
    counts = np.maximum(np.minimum(years.last, end) - low + 1, 0)
    counts[years.first == NO_YEAR] = 0
    of = np.repeat(np.arange(len(low), dtype=np.int64), counts)
    place = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    numbers: Integers = of * _APART + low[of] + place
    return numbers


def ended(ledgers: Ledgers, policy: Policy) -> Flags:
    """Return (claims,) whose contract had ended before the year of the case, which was paid for."""
    assert ledgers.years is not None
    last = policy_years(_end(ledgers, policy), policy.rules.trigger.year_begins)
    over: Flags = last[ledgers.links.claim_contract] < ledgers.years
    return over


def amounts_of_no_year(
    ledgers: Ledgers, policy: Policy, years: Belonging, last: int | None
) -> list[FaultGroup]:
    """Return a fault for each amount of a case of which it is not said which year it is of.

    `last`: that up to which a settlement decides; None: one year is assessed, of which
    `case_faults.paid_in_which_year` speaks. Where there are payments, they alone say it.
    """
    faults: list[FaultGroup] = []
    several = np.zeros(ledgers.rows("claims"), dtype=np.bool_)
    if last is not None:
        several = np.minimum(years.last, last) > years.first
    of_payments = bool(ledgers.present["payments"])
    names = [] if last is None and not of_payments else [PAID, PAID_BEFORE.name]
    of = TABLE_OF[policy.rules.record]
    for name in (*names, *([] if last is None else [APPROVED])):
        column = ledgers.tables[of].get(name)
        if column is None:
            continue
        said = numbers_of(column)
        wrong = (said > 0) if name != APPROVED else known(column) & several
        if name == PAID and (not of_payments or policy.rules.record == "institution"):
            wrong &= several
        message, expected = OF_WHICH_YEAR if name == APPROVED else PAID_FOR_WHICH
        rows = np.flatnonzero(wrong).astype(np.int64)
        if len(rows):
            said = said[rows]
            faults.append(
                FaultGroup(
                    "which_year",
                    message.fill(policy=policy.id),
                    of,
                    name,
                    expected,
                    rows,
                    format_scaled(said, 2).to_pylist(),
                    ledgers.unmapped[of].locate,
                )
            )
    return faults


PAID_FOR_WHICH = (
    Text(
        "政策 {policy} 的业务可以跨几个年度，看不出这是为哪一年支付的",
        "cases of policy {policy} may belong to several years: it isn't said for which this was "
        "paid",
    ),
    Text(
        "留空，在拨付表登记每笔拨付，并填“年度”；只按年度核算（assess）而不登记拨付的，删除拨付表",
        "blank, and a row in payments for each payment, with its year; if years are assessed alone "
        "and payments are not recorded, no table payments",
    ),
)
OF_WHICH_YEAR = (
    Text(
        "政策 {policy} 的这笔业务属于几个年度，看不出核定补偿金额是哪一年的",
        "the case belongs to several years under policy {policy}: it isn't said which year's "
        "compensation the approved amount is",
    ),
    Text(
        "留空，填入分年数据该年度的一行；只核算一个年度的，用 assess",
        "blank, and in the table by year in the row of its year; a year alone is decided with "
        "assess",
    ),
)
