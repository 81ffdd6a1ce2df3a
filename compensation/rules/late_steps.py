"""How what is charged on late returns came about, piece by piece."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import numpy as np

from compensation.language import Text
from compensation.policy.kinds import TYPE_OF_KIND, Kind
from compensation.rules.lateness import LATE_CHARGE, Amounts, LateReturns
from compensation.rules.steps import Step, Steps, Unit
from compensation.rules.variables import Variable
from compensation.values.dates import date_of

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
    found.follows("late_charge", LATE_CHARGE, formula, charge, cited=part.rule)
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
