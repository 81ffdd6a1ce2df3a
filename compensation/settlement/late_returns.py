"""What is charged on government's part of recoveries that was handed over late, as of a day."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from compensation.columns import Integers, distinct, segment_starts
from compensation.engine.movements import Movements, is_there
from compensation.engine.run import refusing_too_large
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger.portfolio import Ledgers
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import TYPE_OF_KIND, Kind
from compensation.policy.model import Late, Returns
from compensation.policy.quantities import names_in
from compensation.rules import lateness
from compensation.rules.lateness import Amounts, Pieces, standing
from compensation.rules.rationals import Rationals
from compensation.rules.steps import Step, Steps, Unit
from compensation.rules.variables import Variable
from compensation.schema.dictionary import PAYMENTS, REMITTANCES
from compensation.settlement.returning import Terms, recovered_under, recoveries_of
from compensation.values.dates import date_of


@dataclass(frozen=True, eq=False)
class LateReturns:
    """(claims,) the charge in fen, and what it is made of, a part for each policy that has one.

    `handed`: what stands of all remittances.
    """

    charge: Integers
    handed: Amounts
    parts: tuple[LatePart, ...] = field(repr=False)


@dataclass(frozen=True, eq=False)
class LatePart:
    """What was handed over late of the claims of one policy; `pieces`: by the ledger's claims.

    `claims`: their rows. `owed`: what is due of recoveries, with its last day; `rate`: of each of
    these, for a day.
    """

    rule: Returns
    claims: Integers
    owed: Amounts
    rate: Rationals
    pieces: Pieces


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
DUE_BY = Text("最迟 {day} 应缴回的累计金额", "to be handed over by {day}, in all")
HANDED = Text("至 {day} 累计缴回", "handed over up to {day}")
LATE = Text(
    "{due} 到期、{day} 缴回，逾期 {days} 天", "due by {due}, handed over on {day}, {days} days late"
)
NOT_YET = Text(
    "{due} 到期、至 {day} 未缴回，逾期 {days} 天",
    "due by {due}, not handed over by {day}, {days} days late",
)
RATE = Text("每日加收比例", "charged for a day")


def late_steps(
    of: LateReturns, row: int, to: int, shares: Sequence[Step], remitted: Sequence[Step]
) -> list[Step]:
    """Return how the charge of a claim came about; nothing where its policy has none.

    `to`: the day of the settlement. `shares`, `remitted`: earlier steps of what government is
    returned to date, and of remittances, from which an amount follows where it is the same.
    """
    part = next((part for part in of.parts if (part.claims == row).any()), None)
    if part is None:
        return []
    found, terms = Steps(), []
    due = _Cumulative("due", DUE_BY, part.owed, row, {step.value(0): step.name for step in shares})
    names = [step.name for step in remitted]
    sums = itertools.accumulate(step.value(0) for step in remitted)
    formulas = {fen: " + ".join(names[:number]) for number, fen in enumerate(sums, 1)}
    handed = _Cumulative("handed", HANDED, of.handed, row, formulas)
    late = (part.pieces.claim == row) & (part.pieces.days > 0)
    for number, piece in enumerate(np.flatnonzero(late).tolist(), 1):
        owed, paid = int(part.pieces.owed[piece]), int(part.pieces.handed[piece])
        last = handed.end if paid < 0 else paid
        upper = [due.record(owed, found), *([] if paid < 0 else [handed.record(paid, found)])]
        lower = [*due.record_before(owed, found), *handed.record_before(last, found)]
        formula = f"min({', '.join(upper)})" if len(upper) > 1 else upper[0]
        if lower:
            formula += f" − max({', '.join(lower)})" if len(lower) > 1 else f" − {lower[0]}"
        days = int(part.pieces.days[piece])
        title = (NOT_YET if paid < 0 else LATE).fill(
            due=date_of(int(part.owed.day[owed])),
            day=date_of(to if paid < 0 else int(of.handed.day[paid])),
            days=days,
        )
        name = f"late{number}"
        found.follows(name, title, formula, int(part.pieces.fen[piece]))
        one = np.array([owed])
        rate = Variable(
            part.rate.numerator[one],
            part.rate.known[one],
            part.rate.denominator[one],
            TYPE_OF_KIND[Kind.RATIO],
        )
        found.add(Step(f"late_rate{number}", RATE, rate, Unit.EXACT, cited=part.rule, of=0))
        terms.append(f"{name} × {days} × late_rate{number}")
    formula = f"half_up({' + '.join(terms)})" if terms else "0"
    charge = int(of.charge[row])
    found.follows("late_charge", lateness.LATE_CHARGE, formula, charge, cited=part.rule)
    return found.at(0)


class _Cumulative:
    """What is due, or handed over, of a claim up to each of its rows; recorded once it is asked.

    `known`: formulas over earlier steps by their values, which one that is the same follows.
    """

    def __init__(
        self, prefix: str, title: Text, of: Amounts, claim: int, known: Mapping[int, str]
    ) -> None:
        self.prefix, self.title, self.of, self.known = prefix, title, of, known
        self.start, self.end = np.searchsorted(of.claim, [claim, claim + 1]).tolist()

    def record(self, row: int, steps: Steps) -> str:
        """Record what it is up to a row, and return the name of the step."""
        fen = int(self.of.fen[self.start : row + 1].sum())
        name = f"{self.prefix}{row - self.start + 1}"
        title = self.title.fill(day=date_of(int(self.of.day[row])))
        steps.add(Step(name, title, fen, formula=self.known.get(fen, "")))
        return name

    def record_before(self, row: int, steps: Steps) -> list[str]:
        """Record what it was before a row, where that is the claim's."""
        return [self.record(row - 1, steps)] if row > self.start else []
