"""How what has come back is divided: who gets back first, up to what, and who shares the rest.

Columns are int64: amounts in fen. Whatever has come back to date is divided anew, and no part falls
where the amount rises, so that years and settlements add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.money import floor_of_product, half_up_of_product, split
from compensation.policy.model import Quantity, Returns, ReturnStep
from compensation.rules.losses import Lost, Shares
from compensation.rules.steps import (
    Called,
    Step,
    Steps,
    Unit,
    by_party,
    names_in_formulas,
)

PARTY = Text("{party}", "{party}")
REST = Text("{party}及其后各方承担", "borne by the {party} and the parties after it")
PART_TO_DATE = Text("累计返还{party}", "returned to date to the {party}")
LEFT = Text("返还{party}后余下", "left after the {party}")
OF_PART = Text("{party}承担的{part}", "{part} borne by the {party}")
SO_FAR = Text(
    "{party}承担的{part}及以前各项", "borne by the {party} of {part} and the parts before it"
)
COUNTED = Text("计入返还的{part}", "{part} that is returned")
PARTS_SO_FAR = Text("计入返还的{part}及以前各项", "{part} and the parts before it, returned")
REST_OF_PAYOUT = Text("其余代偿金额", "the rest of the payout")
UP_TO = Text("第 {step} 步每方最多返还", "step {step}: to each at most")
LIMIT = Text("第 {step} 步最多返还{party}", "step {step}: to the {party} at most")
LIMIT_OF_STEP = Text("第 {step} 步最多返还", "step {step}: returned at most")
IN_STEP = Text("第 {step} 步累计返还", "step {step}: returned to date")
IN_STEP_TO = Text("第 {step} 步累计返还{party}", "step {step}: returned to date to the {party}")
LEFT_IN_STEP = Text("第 {step} 步返还{party}后余下", "step {step}: left after the {party}")
REST_IN_STEP = Text(
    "第 {step} 步{party}及其后各方的上限", "step {step}: limits of the {party} and those after it"
)


class Division(NamedTuple):
    """Who gets back before the others, by places among the parties, for each row.

    `first`: those that get back what they bear, one after another. `shares`: those that come next,
    with (rows,) whole numbers by which they share, each up to what it bears; a row in which one has
    0 counts it among the others. `said`: how formulas write each share.
    """

    first: tuple[int, ...] = ()
    shares: Mapping[int, Integers] = MappingProxyType({})
    said: Mapping[int, str] = MappingProxyType({})

    def take(self, rows: Integers) -> Division:
        """Return the division of other rows, each one of these."""
        return self._replace(shares={place: share[rows] for place, share in self.shares.items()})

    def places(self, row: int) -> list[int]:
        """Return the places of all that get back before the others in a row, in order."""
        return [*self.first, *(place for place, share in self.shares.items() if share[row])]


class Tranche(NamedTuple):
    """What comes back before the next: (rows, parties) fen to each at most, and how it is divided.

    `places`: of the parties that may get something of it.
    """

    limits: Integers
    by: Division
    places: tuple[int, ...]

    def take(self, rows: Integers) -> Tranche:
        """Return the tranche of other rows, each one of these."""
        return Tranche(self.limits[rows], self.by.take(rows), self.places)


class Parties(NamedTuple):
    """Those among whom recoveries are divided, in order.

    `own`: what payers that are parties of their own are called, by id. `called`: those that have a
    name of the policy's own.
    """

    names: tuple[str, ...]
    own: Mapping[str, str] = MappingProxyType({})
    called: Called = ()

    def place(self, name: str) -> int | None:
        """Return the place of a party or a payer; None where it has none."""
        known = self.own.get(name, name)
        return self.names.index(known) if known in self.names else None

    def places(self, names: Sequence[str]) -> tuple[int, ...]:
        """Return the places of parties and payers, of those that have one."""
        return tuple(place for name in names if (place := self.place(name)) is not None)


def tranches(
    rule: Returns,
    of: Lost,
    bears: Integers,
    parts: Sequence[Integers],
    parties: Parties,
    steps: Steps,
) -> list[Tranche]:
    """Return what comes back one after another, and record each one's limits.

    `bears`: (claims, parties) what each bears; its steps are there. `parts`: what each bears of the
    parts that the rule says not all bear, and of the rest last.
    """
    if not rule.steps:
        shares = of.shares_of(rule.shares)
        by = division_of(rule, shares, parties)._replace(first=parties.places(rule.parties_first))
        return [Tranche(bears, by, tuple(range(len(parties.names))))]
    of_parts = borne_of_parts(rule, of, parts or (bears,), parties, steps)
    left, found = bears, list[Tranche]()
    got = {part: np.zeros_like(bears) for part in of_parts}
    for number, step in enumerate(rule.steps, 1):
        by = division_of(step, of.shares_of(step.shares), parties)
        limits, part, same = left, tuple[str, ...](), tuple[int, ...]()
        if step.of is not None:
            borne, part = of_parts[step.of]
            limits = np.minimum(limits, borne - got[step.of])
            earlier = enumerate(rule.steps[: number - 1], 1)
            same = tuple(n for n, each in earlier if each.of == step.of)
        up_to, up_to_step = up_to_of(step, number, of, steps)
        if up_to is not None:
            limits = np.minimum(limits, up_to[:, np.newaxis])
        places = places_in(step, parties)
        limits = limits * taking_part(by, places, bears)
        found.append(Tranche(limits, by, places))
        steps.add(_Limits(number, tuple(found), parties, part, same, up_to_step))
        left = left - limits
        if step.of is not None:
            got[step.of] = got[step.of] + limits
    by = division_of(rule, of.shares_of(rule.shares), parties)
    found.append(Tranche(left, by, tuple(range(len(parties.names)))))
    steps.add(_Limits(len(found), tuple(found), parties))
    return found


def places_in(step: ReturnStep, parties: Parties) -> tuple[int, ...]:
    """Return the places of those that may get something in a step.

    In the order in which what is left is split, whatever that of the list.
    """
    return tuple(sorted(parties.places(step.named) if step.named else range(len(parties.names))))


def taking_part(by: Division, places: Sequence[int], bears: Integers) -> Integers:
    """Return (claims, parties) 1 where a party takes part in a step, else 0."""
    found = np.zeros_like(bears)
    for place in places:
        found[:, place] = by.shares[place] > 0 if place in by.shares else 1
    return found


def division_of(rule: Returns | ReturnStep, shares: Shares, parties: Parties) -> Division:
    """Return the division among those that the rule or a step of it gives shares."""
    placed = {
        place: n
        for n, each in enumerate(rule.shares)
        if (place := parties.place(each.party)) is not None
    }
    return Division(
        (),
        {place: shares.weights[:, n] for place, n in placed.items()},
        {place: shares.said[n] for place, n in placed.items()},
    )


def up_to_of(step: ReturnStep, number: int, of: Lost, steps: Steps) -> tuple[Integers | None, str]:
    """Return what each gets at most in a step, and the step that says it."""
    if step.up_to is None:
        return None, ""
    fen = of.fen_of(step.up_to)
    if not isinstance(step.up_to, Decimal):
        return fen, of.amounts[step.up_to].step
    steps.given(f"up_to{number}", UP_TO.fill(step=number), fen)
    return fen, f"up_to{number}"


def borne_of_parts(
    rule: Returns, of: Lost, parts: Sequence[Integers], parties: Parties, steps: Steps
) -> dict[Quantity, tuple[Integers, tuple[str, ...]]]:
    """Return what each party bears of the parts that the rule speaks of, with its steps' names.

    Parts of the rest, which all bear, follow one another in the order in which the steps name them,
    so that all together are no more than the rest.
    """
    own = [part.of for part in rule.parts]
    found: dict[Quantity, tuple[Integers, tuple[str, ...]]] = {}
    for number, (part, borne) in enumerate(zip(own, parts, strict=False), 1):
        titles = _of_part(f"part{number}", OF_PART, _titled(of, part), parties)
        steps.given_each(titles, borne, Unit.YUAN)
        found[part] = borne, tuple(titles)
    rest, whole = parts[-1], of.step
    weights = list(by_party("bears", PART_TO_DATE, parties.names))
    if own:
        titles = _of_part("rest", OF_PART, REST_OF_PAYOUT, parties)
        steps.given_each(titles, rest, Unit.YUAN)
        weights, whole = list(titles), "rest_of_payout"
        formula = " + ".join(weights)
        steps.follows(whole, REST_OF_PAYOUT, formula, rest.sum(axis=1))
    so_far, before = np.zeros_like(rest), ""
    for number, part in enumerate(rule.parts_named, 1):
        if part in found:
            continue
        title, amount = _titled(of, part), of.fen_of(part)
        if isinstance(part, Decimal):
            steps.given(f"amount_of_part{number}", title, amount)
        said = f"amount_of_part{number}" if isinstance(part, Decimal) else of.amounts[part].step
        added = f"{before} + {said}" if before else said
        to_here = np.minimum(so_far.sum(axis=1) + amount, rest.sum(axis=1))
        name = f"parts_to_{number}"
        told = (PARTS_SO_FAR if before else COUNTED).fill(part=title)
        steps.follows(name, told, f"min({added}, {whole})", to_here)
        borne = split(to_here, rest)
        parts_so_far = _of_part(f"to_part{number}", SO_FAR, title, parties)
        names = _of_part(f"part{number}", OF_PART, title, parties)
        steps.split(name, parts_so_far if before else names, weights, rest, borne)
        if before:
            for place, ((each, called), total) in enumerate(
                zip(names.items(), parts_so_far, strict=True)
            ):
                off = [list(said_of)[place] for p, (_, said_of) in found.items() if p not in own]
                steps.follows(each, called, less(total, off), (borne - so_far)[:, place])
        found[part] = borne - so_far, tuple(names)
        so_far, before = borne, name
    return found


def _of_part(prefix: str, title: Text, part: Text, parties: Parties) -> dict[str, Text]:
    """Return the names and titles of steps of what each party bears of a part."""
    named = by_party(prefix, PARTY, parties.names, parties.called)
    return {name: title.fill(part=part, party=party) for name, party in named.items()}


def in_step(title: Text, number: int) -> Text:
    """Return the title of what a step gives each party; the party is filled in later."""
    return title.fill(step=number, party="{party}")


def _titled(of: Lost, part: Quantity) -> Text:
    return PART_OF_AMOUNT if isinstance(part, Decimal) else of.amounts[part].title


PART_OF_AMOUNT = Text("代偿金额中的一部分", "a part of the payout")


def divided(amount: Integers, bears: Integers, by: Division) -> Integers:
    """Return (rows, parties) what each party gets of an amount, at most what the parties bear.

    Those that come first get what they bear, those with shares by their shares, and the others by
    what they bear. Nobody gets more than it bears; no part falls where the amount rises.
    """
    if not (by.first or by.shares):
        return split(amount, bears)
    parts, left = np.zeros_like(bears), amount
    for place in by.first:
        parts[:, place] = np.minimum(left, bears[:, place])
        left = left - parts[:, place]
    for place, sharing in _one_after_another(by.shares):
        parts[:, place] = by_share(left, bears, sharing)
        left = left - parts[:, place]
    return parts + split(left, without(bears, by))


def in_tranches(amount: Integers, of: Sequence[Tranche]) -> tuple[list[Integers], list[Integers]]:
    """Return what of an amount falls to each tranche, and (rows, parties) what each party gets."""
    amounts, parts, left = [], [], amount
    for tranche in of:
        here = np.minimum(left, tranche.limits.sum(axis=1))
        amounts.append(here)
        parts.append(divided(here, tranche.limits, tranche.by))
        left = left - here
    return amounts, parts


def record_rests(of: Sequence[Tranche], parties: Parties, steps: Steps) -> None:
    """Record for each claim what splits divide by."""
    for number, tranche in enumerate(of, 1):
        weights = without(tranche.limits, tranche.by)
        if len(of) == 1:
            steps.add(Rests(parties, weights, "rest", "bears", REST))
        else:
            title = in_step(REST_IN_STEP, number)
            steps.add(Rests(parties, weights, f"rest{number}", f"limit{number}", title))


def record_division(
    amount: Integers, of: Sequence[Tranche], parties: Parties, steps: Steps
) -> Integers:
    """Divide what has come back to date, a step ``to_date``, among the parties; record it.

    `of`: of the rows of the amount. Returns (rows, parties).
    """
    if len(of) == 1:
        (tranche,) = of
        whole = divided(amount, tranche.limits, tranche.by)
        titles = Titles("{}_to_date", "bears", "rest", PART_TO_DATE, "after", LEFT)
        steps.add(PartsOf(parties, tranche, amount, whole, "to_date", titles))
        return whole
    amounts, parts = in_tranches(amount, of)
    before: list[str] = []
    for number, (tranche, here, part) in enumerate(zip(of, amounts, parts, strict=True), 1):
        name = f"step{number}"
        left = less("to_date", before)
        formula = f"min({left}, limit{number})"
        steps.follows(name, IN_STEP.fill(step=number), formula, here)
        titles = Titles(
            f"{name}_{{}}_to_date",
            f"limit{number}",
            f"rest{number}",
            in_step(IN_STEP_TO, number),
            f"{name}_after",
            in_step(LEFT_IN_STEP, number),
            several=True,
        )
        steps.add(PartsOf(parties, tranche, here, part, name, titles))
        before.append(name)
    total: Integers = sum(parts, start=np.zeros_like(parts[0]))
    steps.add(_Total(parties, of, total))
    return total


def _one_after_another(
    shares: Mapping[int, Integers],
) -> Iterator[tuple[int, dict[int, Integers]]]:
    """Yield each place with the shares from its own on."""
    waiting = dict(shares)
    for place in shares:
        yield place, dict(waiting)
        del waiting[place]


def by_share(amount: Integers, bears: Integers, shares: Mapping[int, Integers]) -> Integers:
    """Return (rows,) what the first of those that share an amount gets: its share, halves up.

    What the others that have got back all that they bear would get is shared by the rest.

    >>> bears, shares = np.array([[50, 50], [50, 10]]), {0: np.array([3, 3]), 1: np.array([7, 7])}
    >>> by_share(np.array([100, 100]), bears, shares)
    array([30, 50])
    """
    full = filled(amount, bears, shares)
    first = next(iter(shares))
    room, whole = _room(amount, bears, shares, full)
    part = half_up_of_product(room, shares[first], np.maximum(whole, 1))
    return np.where(full[first], bears[:, first], part)


def filled(amount: Integers, bears: Integers, shares: Mapping[int, Integers]) -> dict[int, Flags]:
    """Return the rows of which each that shares the amount gets back all that it bears, by place.

    Where one does, the others share more, so that another may.
    """
    full = {place: np.zeros(len(amount), dtype=np.bool_) for place in shares}
    for _ in shares:
        room, whole = _room(amount, bears, shares, full)
        for place, share in shares.items():
            part = floor_of_product(room, share, np.maximum(whole, 1))
            full[place] = full[place] | (part >= bears[:, place])
    return full


def _room(
    amount: Integers, bears: Integers, shares: Mapping[int, Integers], full: Mapping[int, Flags]
) -> tuple[Integers, Integers]:
    """Return what is left of an amount for those that are not full, and their shares together."""
    room, whole = amount, np.zeros_like(amount)
    for place, share in shares.items():
        room = room - np.where(full[place], bears[:, place], 0)
        whole = whole + np.where(full[place], 0, share)
    return room, whole


def without(bears: Integers, by: Division) -> Integers:
    """Return what the parties bear that share the rest, with 0 for those that come before."""
    rest = bears.copy()
    rest[:, list(by.first)] = 0
    for place, share in by.shares.items():
        rest[share > 0, place] = 0
    return rest


class _Limits(NamedTuple):
    """Up to what each gets back in a step, of those that get something in it.

    `part`: by place, the steps of what each bears of the step's part, `same`: the earlier steps of
    that part; `up_to`: the step of what each gets at most. Empty where there is none.
    """

    number: int
    tranches: tuple[Tranche, ...]
    parties: Parties
    part: Sequence[str] = ()
    same: tuple[int, ...] = ()
    up_to: str = ""

    def at(self, row: int) -> Iterator[Step]:
        *before, own = (tranche.limits[row].tolist() for tranche in self.tranches)
        prefix, parties = f"limit{self.number}", self.parties
        title = in_step(LIMIT, self.number)
        titles = list(by_party(prefix, title, parties.names, parties.called).items())
        names = list(names_in_formulas(parties.names).values())
        for place, fen in enumerate(own):
            if not fen:
                continue
            earlier = {
                n: f"limit{n}_{names[place]}" for n, each in enumerate(before, 1) if each[place]
            }
            terms = [less(f"bears_{names[place]}", list(earlier.values()))]
            if self.part:
                of_part = [earlier[n] for n in self.same if n in earlier]
                terms.insert(0, less(self.part[place], of_part))
            if self.up_to:
                terms.insert(0, self.up_to)
            formula = f"min({', '.join(terms)})" if len(terms) > 1 else terms[0]
            yield Step(*titles[place], fen, formula=formula)
        total = " + ".join(f"{prefix}_{names[place]}" for place, fen in enumerate(own) if fen)
        said_as = LIMIT_OF_STEP.fill(step=self.number)
        yield Step(prefix, said_as, sum(own), formula=total or "0")


class _Total(NamedTuple):
    """What each party has got back to date in all steps."""

    parties: Parties
    tranches: Sequence[Tranche]
    parts: Integers

    def at(self, row: int) -> Iterator[Step]:
        parties = self.parties
        titles = list(by_party("", PART_TO_DATE, parties.names, parties.called).values())
        for place, name in enumerate(names_in_formulas(parties.names).values()):
            each = [
                f"step{number}_{name}_to_date"
                for number, tranche in enumerate(self.tranches, 1)
                if tranche.limits[row, place]
            ]
            fen = int(self.parts[row, place])
            yield Step(f"{name}_to_date", titles[place], fen, formula=" + ".join(each) or "0")


def less(amount: str, off: Sequence[str]) -> str:
    """Return the formula of an amount less others."""
    return " − ".join([amount, *off])


class Rests(NamedTuple):
    """For each row, what a party and those after it bear: what splits divide by, said once.

    `prefix`: of the names of its steps. `weight`: of the names of the weights.
    """

    parties: Parties
    weights: Integers
    prefix: str
    weight: str
    title: Text

    def at(self, row: int) -> Iterator[Step]:
        """Yield the steps of a row, the last party's first."""
        rest, bears = "", self.weights[row].tolist()
        parties = self.parties
        names = list(by_party(self.prefix, self.title, parties.names, parties.called).items())
        weights = list(by_party(self.weight, self.title, parties.names))
        for place in reversed(range(len(bears))):
            if rest and bears[place]:
                name, title = names[place]
                yield Step(name, title, sum(bears[place:]), formula=f"{weights[place]} + {rest}")
                rest = name
            elif bears[place]:
                rest = weights[place]


class Titles(NamedTuple):
    """How the steps of a division are called.

    `name`: of a part, with the party's. `weight`, `rest`: of the names of what each bears,
    and of what it bears with those after it. `part`: the title of a part. `after`, `left`: of the
    name, and the title, of what a part leaves. `several`: whether it is one of several steps, which
    show who gets something in them alone.
    """

    name: str
    weight: str
    rest: str
    part: Text
    after: str
    left: Text
    several: bool = False


class PartsOf(NamedTuple):
    """What each party gets of the amount to date, and what that leaves to those after it.

    Each part names the amount left by a step of its own: spelled out as in `Steps.split`, the steps
    of every recovery would grow with the square of the parties. `of`: the step of the amount.
    """

    parties: Parties
    tranche: Tranche
    amount: Integers
    parts: Integers
    of: str
    titles: Titles

    def at(self, row: int) -> Iterator[Step]:
        """Yield each part of a row, and what it leaves."""
        by, said, parties = self.tranche.by, self.titles, self.parties
        bears, left, fen = self.tranche.limits[row].tolist(), self.of, int(self.amount[row])
        titles = list(by_party("", said.part, parties.names, parties.called).values())
        after = list(by_party(said.after, said.left, parties.names, parties.called).items())
        names = list(names_in_formulas(parties.names).values())
        before, own = (
            by.places(row),
            {place: share[row : row + 1] for place, share in by.shares.items() if share[row]},
        )
        sharing, shown = dict(_one_after_another(own)), self._shown(row)
        order = [*before, *(n for n in self.tranche.places if n not in before)]
        last = max((n for n, place in enumerate(order) if bears[place]), default=0)
        for number, place in enumerate(order):
            name, part, formula = names[place], int(self.parts[row, place]), "0"
            if not shown(place):
                continue
            if place in by.first:
                formula = f"min({left}, {said.weight}_{name})"
            elif bears[place] and place in sharing:
                formula = self._by_share(row, fen, left, names, sharing[place])
            elif bears[place]:
                rest = said.weight if number == last else said.rest
                formula = f"half_up({left} × {said.weight}_{name} / {rest}_{name})"
            step = said.name.format(name)
            yield Step(step, titles[place], part, formula=formula)
            if bears[place] and number != last:
                fen -= part
                after_it, title_left = after[place]
                yield Step(after_it, title_left, fen, formula=f"{left} − {step}")
                left = after_it

    def _shown(self, row: int) -> Callable[[int], bool]:
        """Return whether a party has a line: in one of several steps, who gets something in it."""
        several = self.titles.several
        return lambda place: not several or bool(self.tranche.limits[row, place])

    def _by_share(
        self, row: int, fen: int, left: str, names: Sequence[str], shares: Mapping[int, Integers]
    ) -> str:
        """Return the formula of `by_share`; ``left``: the step of the amount, in ``fen``."""
        at = filled(np.array([fen]), self.tranche.limits[row : row + 1], shares)
        full = {place for place, flags in at.items() if flags[0]}
        first, weight, said = next(iter(shares)), self.titles.weight, self.tranche.by.said
        if first in full:
            return f"{weight}_{names[first]}"
        shown = self._shown(row)
        taken = [f"{weight}_{names[place]}" for place in shares if place in full and shown(place)]
        room = f"({' − '.join([left, *taken])})" if taken else left
        others = [said[place] for place in shares if place not in full]
        numbers = all(map(str.isdecimal, others))
        whole = str(sum(map(int, others))) if numbers else f"({' + '.join(others)})"
        return f"half_up({room} × {said[first]} / {whole})"
