"""What is charged on government's part of recoveries that was handed over late, as of a day."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from compensation.columns import Integers, distinct, segment_starts
from compensation.engine.movements import Movements, is_there
from compensation.engine.run import refusing_too_large
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger.portfolio import Ledgers
from compensation.policy.catalogue import Policy
from compensation.policy.model import Late
from compensation.policy.quantities import names_in
from compensation.rules import lateness
from compensation.rules.lateness import Amounts, LatePart, LateReturns, standing
from compensation.rules.rationals import Rationals
from compensation.schema.dictionary import PAYMENTS, REMITTANCES
from compensation.settlement.returning import Terms, recovered_under, recoveries_of


def tables_lacking(ledgers: Ledgers, policies: Sequence[Policy]) -> list[FaultGroup]:
    """Return a fault for each table of days of payments and of remittances that is not there."""
    late = [policy.id for policy in policies if policy.rules.returns.late is not None]
    message = Text(
        "政策 {policies} 对逾期缴回的按日加收，要看表 {title} 中的日期，输入中没有这张表；"
        "没有发生的，给一张只有标题行的空表",
        "policy {policies} charges for late returns by the dates of the table {title}, which the "
        "input lacks; where there was none, give it with its headings alone",
    )
    return [
        whole(
            "missing_table",
            message.fill(policies=", ".join(late), title=table.title),
            table=table.name,
        )
        for table in (PAYMENTS, REMITTANCES)
        if late and not is_there(ledgers, table.name)
    ]


@refusing_too_large()
def late_returns(
    ledgers: Ledgers,
    terms: Sequence[Terms],
    borne: Integers,
    payments: Movements,
    remittances: Movements,
    to: int,
) -> LateReturns | None:
    """Return what is charged on late returns to the end of a day; None where no policy does.

    `borne`: what government bears of each claim once the settlement is carried out. What it has
    paid by then alone makes returns due, and what it recalled counts as never paid.
    """
    paid, handed = _moved(payments), _moved(remittances)
    charge, parts = np.zeros(len(borne), dtype=np.int64), []
    for each in terms:
        if each.rule.late is None:
            continue
        owed, rate = _owed(ledgers, each, each.rule.late, borne, paid)
        found = lateness.pieces(owed, handed, to)
        charge += lateness.charges(found, rate, len(borne))
        parts.append(LatePart(each.rule, each.rows, owed, rate, found))
    return LateReturns(charge, handed, tuple(parts)) if parts else None


def _moved(of: Movements) -> Amounts:
    """Return what stands of payments or remittances, by claim and day."""
    order = np.lexsort((of.back, of.day, of.claim))
    claim = of.claim[order]
    signed = np.where(of.back, -of.amount, of.amount)[order]
    return Amounts(claim, standing(claim, signed), of.day[order])


def _owed(
    ledgers: Ledgers, terms: Terms, late: Late, borne: Integers, paid: Amounts
) -> tuple[Amounts, Rationals]:
    """Return what is due of recoveries and until when, and the rate of each for a day.

    A recovery before a payment brings government something once that is paid: what the payment adds
    to its part counts as recovered on the day of the payment, and is not due before.
    """
    assert terms.inputs is not None
    recoveries, of = recoveries_of(ledgers, terms)
    names = names_in(late.due) | names_in(late.rate)
    turn = np.arange(len(paid.claim)) - segment_starts(paid.claim)
    by_government = np.zeros(len(borne), dtype=np.int64)
    day_paid, before = np.zeros_like(by_government), np.zeros(len(recoveries), dtype=np.int64)
    found: list[tuple[Integers, ...]] = [(before[:0],) * 5]
    for number in range(int(turn.max(initial=-1)) + 1):
        now = turn == number
        by_government[paid.claim[now]] += paid.fen[now]
        day_paid[paid.claim[now]] = paid.day[now]
        bears = np.minimum(by_government, borne)[terms.rows]
        recovered = recovered_under(ledgers, terms, recoveries, of, bears)
        order = recovered.order
        share, rows = recovered.parts[order, 0], recoveries[order]
        added = standing(of[order], share - before)
        before = share
        day = day_paid[terms.rows][of[order]]
        evaluator = terms.inputs.of_recoveries(names, rows, day)
        due, rate = (evaluator.compute(each).values for each in (late.due, late.rate))
        sound = due.known & rate.known & (rate.numerator >= 0)
        _refuse(ledgers, terms.inputs.policy, rows[(added > 0) & ~sound])
        some = added > 0
        last = np.maximum(due.numerator, day)
        columns = (rows, added, last, rate.numerator, rate.denominator)
        found.append(tuple(column[some] for column in columns))
    rows, fen, day, top, bottom = map(np.concatenate, zip(*found, strict=True))
    claim = ledgers.links.recovery_claim[rows]
    order = np.lexsort((np.arange(len(rows)), day, claim))
    known = np.ones(len(rows), dtype=np.bool_)
    return (
        Amounts(claim[order], fen[order], day[order].astype(np.int64)),
        Rationals(top[order], bottom[order], known),
    )


def _refuse(ledgers: Ledgers, policy: Policy, recoveries: Integers) -> None:
    """Raise `InputFaults` where it cannot be told until when, or at which rate."""
    if len(recoveries):
        locate = ledgers.unmapped["recoveries"].locate
        message = NO_CHARGE.fill(policy=policy.id)
        rows = distinct(recoveries)
        fault = FaultGroup("return_late", message, "recoveries", rows=rows, locate=locate)
        raise InputFaults([fault])


NO_CHARGE = Text(
    "政策 {policy} 的逾期缴回（returns.late），这一笔的期限或比例无法计算，或比例小于 0",
    "until when this recovery is handed over, or the rate for a day (returns.late of policy "
    "{policy}), cannot be computed, or the rate is below 0",
)
