"""What payments, remittances, entries of the pool and the dates beside them must be.

As in `table_checks`, a check looks only at rows whose cells could be read. Source: the
specification of the years after, section 10.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow
from compensation.columns import Flags, Integers, distinct, group_sum, running_sum, segment_starts
from compensation.faults.cell_faults import message_of
from compensation.faults.groups import Details, FaultGroup
from compensation.language import Text
from compensation.ledger.checked import Checked, Tables
from compensation.ledger.ids import UNKNOWN
from compensation.ledger.portfolio import Ledgers
from compensation.ledger.row_warnings import TextsOf, yuan_texts
from compensation.money import MAX_TOTAL_FEN, split
from compensation.schema.choices import OPENING, PAID
from compensation.schema.parties import party_name
from compensation.tables.raw import Locate
from compensation.values.kinds import FIRST_YEAR, LAST_YEAR, Kind
from compensation.values.printing import format_scaled


class Entries(NamedTuple):
    """How a table of amounts that go to and fro on claims is checked.

    `day`: its column of dates. `early`: the message of a row before the payout. `more_back`: the
    kind of fault, and its message, where more comes back than went there.
    """

    day: str
    early: Text
    more_back: tuple[str, Text]


ENTRIES = {
    "payments": Entries(
        "payment_date",
        Text("拨付日期早于代偿日期", "the payment is before the payout"),
        (
            "recalled_above_paid",
            Text(
                "截至当日，收回金额合计超过拨付金额合计",
                "by the end of the day, more has been recalled than paid",
            ),
        ),
    ),
    "remittances": Entries(
        "remittance_date",
        Text("上缴日期早于代偿日期", "the remittance is before the payout"),
        (
            "refunded_above_remitted",
            Text(
                "截至当日，退回金额合计超过上缴金额合计",
                "by the end of the day, more has been refunded than remitted",
            ),
        ),
    ),
}
"""By table, how it is checked. The first choice of its column `kind` adds, the other takes back."""
NO_MORE_BACK = Text(
    "每日终了，收回合计不超过拨付合计，退回合计不超过上缴合计",
    "at the end of every day, no more recalled than paid, and no more refunded than remitted",
)
NOT_BEFORE_PAYOUT = Text("不早于代偿日期", "a date on or after the payout")
DIFFERS = (
    Text(
        "已补偿金额与拨付表中该{case}的净额不一致",
        "the compensation paid differs from the {case}'s net payments",
    ),
    Text("留空，或与拨付净额一致", "blank, or the net of the {case}'s payments"),
)
NOT_ENTERED = (
    Text(
        "填有已补偿金额，拨付表中却没有该{case}的记录",
        "compensation is paid already, yet the table payments has no row of the {case}",
    ),
    Text(
        "在拨付表登记该笔拨付，或留空；不登记拨付明细的，请删除拨付表",
        "a row in payments, or blank; delete the table payments, empty or not, if you do not "
        "record payments one by one",
    ),
)
"""What is said, and expected, of a case with payments, and of one without any."""
ONE_CASE: Mapping[str, Text] = {
    "claims": Text("笔代偿", "claim"),
    "contracts": Text("份合同", "contract"),
    "institutions": Text("家机构", "institution"),
}
"""What a case is called, by the table whose rows are the cases."""
GIVEN_AND_NET = Text(
    "：填报 {given} 元，拨付净额 {net} 元", ": {given} yuan given, {net} yuan of net payments"
)
CLAIM_DAYS = {
    "finance_review_date": Text(
        "财政金融局审核日期早于代偿日期", "the finance review is before the payout"
    ),
    "industry_review_date": Text(
        "行业主管部门审核日期早于代偿日期", "the industry review is before the payout"
    ),
    "closed_date": Text("结案日期早于代偿日期", "the claim is closed before the payout"),
}


def check_claim_days(tables: Tables) -> list[FaultGroup]:
    """Check that no claim is reviewed or closed before its payout."""
    claims = tables["claims"]
    payout, dated = claims.numbers("payout_date"), claims.known("payout_date")
    for column, message in CLAIM_DAYS.items():
        early = dated & (claims.numbers(column) < payout)
        claims.out_of_order(early, column, message, NOT_BEFORE_PAYOUT)
    return []


def check_opening_years(tables: Tables) -> list[FaultGroup]:
    """Check that opening figures are of a year that there can be."""
    check_year(tables["institutions"], "opening_year")
    return []


def check_year(checked: Checked, column: str) -> None:
    """Check that the years of a column are such as there can be; 22 is not 2022."""
    year = checked.numbers(column)
    checked.fault(
        checked.known(column) & ((year < FIRST_YEAR) | (year > LAST_YEAR)),
        "year_out_of_range",
        Text("年份超出范围", "the year is out of range"),
        column,
        checked.columns[column],
        Text(f"{FIRST_YEAR} 至 {LAST_YEAR} 的年份", f"a year from {FIRST_YEAR} to {LAST_YEAR}"),
    )


def check_entries(tables: Tables) -> list[FaultGroup]:
    """Check payments and remittances against their claims.

    No row is before the payout, and at the end of no day has more come back than went there.
    """
    for name, rules in ENTRIES.items():
        _check_entries(tables[name], rules, tables["claims"], tables.of[name])
    return []


def _check_entries(entries: Checked, rules: Entries, claims: Checked, of: Integers) -> None:
    linked = of != UNKNOWN
    day = entries.numbers(rules.day)
    payout = np.zeros(len(of), dtype=np.int64)
    dated = linked.copy()
    dated[linked] &= claims.known("payout_date")[of[linked]]
    payout[dated] = claims.numbers("payout_date")[of[dated]]
    entries.out_of_order(dated & (day < payout), rules.day, rules.early, NOT_BEFORE_PAYOUT)
    rows = np.flatnonzero(linked)[_sound(entries, claims, of)[of[linked]]]
    back = entries.numbers("kind")[rows] != PAID
    change = signed(entries.numbers("kind"), entries.numbers("amount"))[rows]
    nothing = np.zeros(claims.raw.rows, dtype=np.int64)
    above = first_above(of[rows], day[rows], -change, nothing, back)
    found = rows[above.rows]
    if len(found):
        kind, message = rules.more_back
        values = yuan_texts(entries.numbers("amount")[found])
        details = too_much(claims.columns["claim_id"].take(arrow(of[found])), above.excess)
        entries.faults.append(
            FaultGroup(
                *(kind, message, entries.table.name, "amount", NO_MORE_BACK),
                *(found, values, entries.raw.locate, details),
            )
        )


def _sound(entries: Checked, claims: Checked, of: Integers) -> Flags:
    """Return the claims all of whose entries could be read; none where one names no claim."""
    read = entries.known("amount") & entries.known("kind")
    read &= entries.known(ENTRIES[entries.table.name].day)
    sound = np.full(claims.raw.rows, bool((of != UNKNOWN).all()))
    sound[of[(of != UNKNOWN) & ~read]] = False
    return sound


def signed(kind: Integers, amount: Integers) -> Integers:
    """Return amounts as they add up: what goes there as it is, what comes back negative."""
    return np.where(kind == PAID, amount, -amount)


class Above(NamedTuple):
    """Rows at which running totals first exceed their limits, and by how much, in fen."""

    rows: Integers
    excess: Integers


def first_above(
    of: Integers, day: Integers, change: Integers, limit: Integers, raising: Flags
) -> Above:
    """Return where running totals first exceed a limit at the end of a day, in order.

    `of`: (rows,) what a row belongs to; `limit`: the most that it may come to, at least 0.
    `raising`: rows of the kind that raises the total. The place returned, at most one for each, is
    the last such row of the first day at whose end the total is above the limit.
    """
    order = np.lexsort((day, of))
    group, on = of[order], day[order]
    total = running_sum(change[order], segment_starts(group))
    ends = np.ones(len(order), dtype=np.bool_)
    ends[:-1] = (group[1:] != group[:-1]) | (on[1:] != on[:-1])
    above = np.flatnonzero(ends & (total > limit[group]))
    first = np.ones(len(above), dtype=np.bool_)
    first[1:] = group[above[1:]] != group[above[:-1]]
    latest = np.maximum.accumulate(np.where(raising[order], np.arange(len(order)), -1))
    above = above[first]
    rows, excess = order[latest[above]].astype(np.int64), (total - limit[group])[above]
    ascending = np.argsort(rows)
    return Above(rows[ascending], excess[ascending])


def too_much(claim_ids: pa.Array, excess: Integers) -> Details:
    """Return which claim each fault is of, and by how much a limit is passed."""
    return Details(
        Text("：代偿“{claim}”，超出 {excess} 元", ": claim “{claim}”, {excess} yuan too much"),
        {"claim": TextsOf(claim_ids), "excess": yuan_texts(excess)},
    )


def net_by_claim(of: Integers, kind: Integers, amount: Integers, claims: int) -> Integers:
    """Return (claims,) what payments, or remittances, come to less what came back, in fen."""
    linked = of != UNKNOWN
    return group_sum(signed(kind, amount)[linked], of[linked], claims)


def take_net_payments(tables: Tables) -> list[FaultGroup]:
    """Make `compensation_paid` what the payments come to, where there is a table of payments.

    A cell that is filled and differs is a fault.
    """
    claims, payments, of = tables["claims"], tables["payments"], tables.of["payments"]
    if not payments.present:
        return []
    kind, amount = payments.numbers("kind"), payments.numbers("amount")
    net = net_by_claim(of, kind, amount, claims.raw.rows)
    given = claims.numbers("compensation_paid")
    known = claims.known("compensation_paid") & _sound(payments, claims, of)
    claims.faults += differing(claims.table.name, given, net, known, of, claims.raw.locate)
    claims.columns["compensation_paid"] = arrow(net)
    return []


def differing(
    table: str, given: Integers, net: Integers, known: Flags, of: Integers, locate: Locate | None
) -> list[FaultGroup]:
    """Return a fault for each case whose compensation_paid is not what its payments come to.

    `table`: that of the cases. `known`: the cases of which both are known. `of`: the case of each
    payment.
    """
    entered = np.zeros(len(net), dtype=np.bool_)
    entered[of[of != UNKNOWN]] = True
    faults = []
    for wrong, texts in ((entered, DIFFERS), (~entered, NOT_ENTERED)):
        rows = np.flatnonzero(known & (given != net) & wrong).astype(np.int64)
        message, expected = (text.fill(case=ONE_CASE[table]) for text in texts)
        amounts = {"given": yuan_texts(given[rows]), "net": yuan_texts(net[rows])}
        details = Details(GIVEN_AND_NET, amounts)
        if len(rows):
            faults.append(
                FaultGroup(
                    *("paid_differs", message, table, "compensation_paid", expected),
                    *(rows, None, locate, details),
                )
            )
    return faults


def check_pool(tables: Tables) -> list[FaultGroup]:
    """Check that entries are above 0 but for an opening, which is the only one and the earliest."""
    pool = tables["pool"]
    opening = pool.known("kind") & (pool.numbers("kind") == OPENING)
    day, amount = pool.numbers("entry_date"), pool.numbers("amount")
    column = pool.table.column("amount")
    pool.fault(
        pool.known("kind") & ~opening & pool.known("amount") & (amount == 0),
        Kind.NOT_POSITIVE,
        message_of(Kind.NOT_POSITIVE, column, 1),
        column.name,
        format_scaled(amount, 2),
        Text("大于 0 的金额；只有期初余额可以为 0", "an amount above 0; only an opening may be 0"),
    )
    openings = np.flatnonzero(opening)
    again = np.zeros(len(day), dtype=np.bool_)
    again[openings[1:]] = True
    pool.fault(
        again,
        "second_opening",
        Text("期初余额录入了不止一次", "there is more than one opening"),
        "kind",
        None,
        Text("至多一笔期初余额", "one opening at most"),
    )
    if len(openings) == 1 and pool.known("entry_date")[openings[0]]:
        pool.fault(
            pool.known("entry_date") & (day < day[openings[0]]),
            "before_opening",
            Text(
                "发生日期早于期初余额的日期；此前的收支已包含在期初余额中",
                "the entry is before the opening, which stands for everything before its day",
            ),
            "entry_date",
            pool.columns["entry_date"],
            Text("不早于期初余额的日期", "a date on or after that of the opening"),
        )
    return []


def paid_above_borne(ledgers: Ledgers, bearer: Integers) -> list[FaultGroup]:
    """Return a fault for each claim for which more was paid than its beneficiary bore of it.

    `bearer`: (claims,) the place of the beneficiary among the parties of the ledgers. Payments are
    looked at as they stood at the end of every day. What was recovered before filing lowers what
    may be granted, and not this limit: a later correction of it makes what was paid too much, which
    is recalled.
    """
    borne = split(ledgers.payout, ledgers.shares[ledgers.links.claim_contract])
    borne = borne[np.arange(len(borne)), bearer]
    faults = []
    for place in distinct(bearer):
        limit = np.where(bearer == place, borne, MAX_TOTAL_FEN)
        name = party_name(ledgers.parties[int(place)])
        found = _payments_above if ledgers.present["payments"] else _cells_above
        faults += found(ledgers, limit, name)
    return faults


def _payments_above(ledgers: Ledgers, limit: Integers, name: Text) -> list[FaultGroup]:
    kind, amount = ledgers.numbers("payments", "kind"), ledgers.numbers("payments", "amount")
    day, of = ledgers.numbers("payments", "payment_date"), ledgers.links.payment_claim
    above = first_above(of, day, signed(kind, amount), limit, kind == PAID)
    message = Text(
        "截至当日，拨付净额超过{name}承担的金额",
        "by the end of the day, more has been paid than the {name} bore",
    ).fill(name=name)
    rows = above.rows
    return _above("payments", "amount", message, above, amount[rows], of[rows], ledgers)


def _cells_above(ledgers: Ledgers, limit: Integers, name: Text) -> list[FaultGroup]:
    paid = ledgers.numbers("claims", "compensation_paid")
    rows = np.flatnonzero(paid > limit).astype(np.int64)
    message = Text(
        "已补偿金额超过{name}承担的金额",
        "more compensation is paid already than the {name} bore of the payout",
    ).fill(name=name)
    above = Above(rows, (paid - limit)[rows])
    return _above("claims", "compensation_paid", message, above, paid[rows], rows, ledgers)


def _above(
    table: str,
    column: str,
    message: Text,
    above: Above,
    fen: Integers,
    claims: Integers,
    ledgers: Ledgers,
) -> list[FaultGroup]:
    if not len(claims):
        return []
    return [
        FaultGroup(
            "paid_above_borne",
            message,
            table,
            column,
            Text("不超过其承担的金额", "at most what it bore"),
            above.rows,
            yuan_texts(fen),
            ledgers.unmapped[table].locate,
            too_much(ledgers.column("claims", "claim_id").take(arrow(claims)), above.excess),
        )
    ]
