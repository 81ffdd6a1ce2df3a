"""What comes back of recoveries one after another, where a step is of some of them alone.

Who gets what of a recovery then depends on those before it: each party gets back at most what it
still bears. Columns are int64: amounts in fen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers, segment_starts
from compensation.language import Text
from compensation.policy.model import Returns
from compensation.rules.deciding import Deciding
from compensation.rules.decision import applying, why_applying
from compensation.rules.losses import Lost
from compensation.rules.quantities import Evaluator
from compensation.rules.steps import PREVIOUS, Step, Steps, by_party, names_in_formulas
from compensation.rules.waterfall import (
    IN_STEP_TO,
    LEFT_IN_STEP,
    LIMIT,
    LIMIT_OF_STEP,
    PART_TO_DATE,
    REST_IN_STEP,
    Division,
    Parties,
    PartsOf,
    Rests,
    Titles,
    Tranche,
    borne_of_parts,
    divided,
    division_of,
    in_step,
    less,
    places_in,
    taking_part,
    up_to_of,
    without,
)

OF_RECOVERY = Text("第 {step} 步本次返还", "step {step}: returned of this recovery")
OF_RECOVERY_TO = Text("第 {step} 步本次返还{party}", "step {step}: of this recovery to the {party}")


class _Asked(NamedTuple):
    """A step as it is asked of each recovery; the last is of what all steps leave.

    `takes`: (claims, parties) 1 for who takes part. `part`: what each bears of the part that the
    step is of, `same`: all steps of that part, also later ones, which earlier recoveries had.
    `up_to`: what each gets at most. `names`: of the steps of `part`, and of `up_to`. `applies`: the
    recoveries that it is of.
    """

    by: Division
    places: tuple[int, ...]
    takes: Integers
    part: Integers | None
    same: tuple[int, ...]
    up_to: Integers | None
    names: tuple[tuple[str, ...], str]
    applies: Flags
    why: Deciding | None

    @property
    def adds_up(self) -> bool:
        """Whether what has come back in it counts for later recoveries."""
        return self.part is not None or self.up_to is not None


class _Given(NamedTuple):
    """What a step has given of each recovery: (rows, parties) to each at most, and what it got."""

    room: Integers
    parts: Integers


def one_by_one(
    amount: Integers,
    claim: Integers,
    rule: Returns,
    of: Lost,
    bears: Integers,
    parts: Sequence[Integers],
    parties: Parties,
    asked: Evaluator,
    bearing: Steps,
    steps: Steps,
) -> Integers:
    """Return (rows, parties) what each party has got back to date, and record it.

    `amount`: what each recovery brings, a step ``distributed``; others as for `waterfall.tranches`.
    """
    listed = _asked(rule, of, bears, parts, parties, asked, bearing)
    given = _given(amount, claim, listed, bears)
    first = segment_starts(claim) == np.arange(len(claim))
    for number, (step, here) in enumerate(zip(listed, given, strict=True), 1):
        rooms = [each.room for each in given[:number]]
        steps.add(_Room(number, step, rooms, first, parties))
        left = less("distributed", [f"step{n}" for n in range(1, number)])
        name, title, fen = f"step{number}", OF_RECOVERY.fill(step=number), here.parts.sum(axis=1)
        formula, why = f"min({left}, limit{number})", step.why
        steps.follows(name, title, formula, fen, said=step.applies, deciding=why)
        steps.follows(name, title, "0", fen, said=~step.applies, deciding=why)
        title = in_step(REST_IN_STEP, number)
        by = step.by.take(claim)
        steps.add(Rests(parties, without(here.room, by), f"rest{number}", f"limit{number}", title))
        titles = Titles(
            f"{name}_{{}}",
            f"limit{number}",
            f"rest{number}",
            in_step(OF_RECOVERY_TO, number),
            f"{name}_after",
            in_step(LEFT_IN_STEP, number),
            several=True,
        )
        tranche = Tranche(here.room, by, step.places)
        steps.add(PartsOf(parties, tranche, fen, here.parts, name, titles))
        if step.adds_up:
            title = in_step(IN_STEP_TO, number)
            so_far = _to_date(here.parts, claim)
            steps.add(_ToDate(f"{name}_", title, {number: here.room}, so_far, first, parties))
    total = _to_date(sum((each.parts for each in given), start=np.zeros_like(bears[claim])), claim)
    rooms_of = {number: each.room for number, each in enumerate(given, 1)}
    steps.add(_ToDate("", PART_TO_DATE, rooms_of, total, first, parties))
    return total


def _asked(
    rule: Returns,
    of: Lost,
    bears: Integers,
    parts: Sequence[Integers],
    parties: Parties,
    asked: Evaluator,
    bearing: Steps,
) -> list[_Asked]:
    """Return the steps of the rule, and what they leave; their amounts are recorded."""
    of_parts = borne_of_parts(rule, of, parts or (bears,), parties, bearing)
    found = []
    for number, step in enumerate(rule.steps, 1):
        by, places = division_of(step, of.shares_of(step.shares), parties), places_in(step, parties)
        part, names = (None, ()) if step.of is None else of_parts[step.of]
        of_part = (n for n, each in enumerate(rule.steps) if each.of == step.of)
        same = () if part is None else tuple(of_part)
        up_to, said = up_to_of(step, number, of, bearing)
        takes, why = taking_part(by, places, bears), why_applying(asked, step.when)
        applies = applying(asked, step.when)
        found.append(_Asked(by, places, takes, part, same, up_to, (names, said), applies, why))
    by, every = division_of(rule, of.shares_of(rule.shares), parties), np.ones(asked.rows, np.bool_)
    everybody = tuple(range(bears.shape[1]))
    rest = _Asked(by, everybody, np.ones_like(bears), None, (), None, ((), ""), every, None)
    return [*found, rest]


def _given(
    amount: Integers, claim: Integers, listed: Sequence[_Asked], bears: Integers
) -> list[_Given]:
    """Return what each step gives of each recovery, the first of all claims, then the second.

    No loop over rows: as many turns as one claim has recoveries at most.
    """
    got, in_steps = np.zeros_like(bears), [np.zeros_like(bears) for _ in listed]
    given = [_Given(np.zeros_like(bears[claim]), np.zeros_like(bears[claim])) for _ in listed]
    turn = np.arange(len(claim)) - segment_starts(claim)
    order = np.argsort(turn, kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(turn))[:-1]):
        of, left = claim[rows], amount[rows]
        for step, so_far, (rooms, parts) in zip(listed, in_steps, given, strict=True):
            room = (bears[of] - got[of]) * step.takes[of] * step.applies[rows, np.newaxis]
            if step.part is not None:
                used = sum(in_steps[n][of] for n in step.same)
                room = np.minimum(room, step.part[of] - used)
            if step.up_to is not None:
                room = np.minimum(room, step.up_to[of, np.newaxis] - so_far[of])
            here = np.minimum(left, room.sum(axis=1))
            part = divided(here, room, step.by.take(of))
            rooms[rows], parts[rows] = room, part
            got[of] += part
            so_far[of] += part
            left = left - here
    return given


def _to_date(parts: Integers, claim: Integers) -> Integers:
    """Return (rows, parties) what each party has got of the recoveries of the claim so far."""
    so_far = np.cumsum(parts, axis=0)
    start = segment_starts(claim)
    found: Integers = so_far - (so_far - parts)[start]
    return found


class _Room(NamedTuple):
    """Up to what each gets back in a step of a recovery, of those that get something in it.

    `rooms`: of the steps so far, this one last. `first`: the first recoveries of claims.
    """

    number: int
    step: _Asked
    rooms: Sequence[Integers]
    first: Flags
    parties: Parties

    def at(self, row: int) -> Iterator[Step]:
        number, step, prefix = self.number, self.step, f"limit{self.number}"
        title = in_step(LIMIT, number)
        titles = list(by_party(prefix, title, self.parties.names, self.parties.called).items())
        fen, said = self.rooms[-1][row].tolist(), []
        for place, name in enumerate(names_in_formulas(self.parties.names).values()):
            if not fen[place]:
                continue
            before = [n for n, room in enumerate(self.rooms[:-1], 1) if room[row, place]]
            terms = [
                less(
                    f"bears_{name}",
                    [*self._previous(row, f"{name}_to_date"), *_in_steps(before, name)],
                )
            ]
            if step.part is not None:
                same = [n + 1 for n in step.same]
                earlier = [e for n in same for e in self._previous(row, f"step{n}_{name}_to_date")]
                now = _in_steps([n for n in before if n in same], name)
                terms.insert(0, less(step.names[0][place], [*earlier, *now]))
            if step.up_to is not None:
                earlier = self._previous(row, f"step{number}_{name}_to_date")
                terms.insert(0, less(step.names[1], earlier))
            formula = f"min({', '.join(terms)})" if len(terms) > 1 else terms[0]
            yield Step(*titles[place], fen[place], formula=formula)
            said.append(f"{prefix}_{name}")
        total = " + ".join(said) or "0"
        yield Step(prefix, LIMIT_OF_STEP.fill(step=number), sum(fen), formula=total)

    def _previous(self, row: int, name: str) -> list[str]:
        return [] if self.first[row] else [f"{PREVIOUS}{name}"]


class _ToDate(NamedTuple):
    """What each party has got back to date, in one step or in all.

    `rooms`: by the numbers of the steps, what each could get in them.
    """

    prefix: str
    title: Text
    rooms: Mapping[int, Integers]
    fen: Integers
    first: Flags
    parties: Parties

    def at(self, row: int) -> Iterator[Step]:
        titles = by_party("", self.title, self.parties.names, self.parties.called).values()
        names = names_in_formulas(self.parties.names).values()
        for place, (name, title) in enumerate(zip(names, titles, strict=True)):
            own = f"{self.prefix}{name}_to_date"
            now = _in_steps([n for n, room in self.rooms.items() if room[row, place]], name)
            terms = [*([] if self.first[row] else [f"{PREVIOUS}{own}"]), *now]
            yield Step(own, title, int(self.fen[row, place]), formula=" + ".join(terms) or "0")


def _in_steps(numbers: Sequence[int], party: str) -> list[str]:
    """Return the names of what a party gets of a recovery in some steps."""
    return [f"step{number}_{party}" for number in numbers]
