"""What a recovery returns to whom.

Source: 济管财金办〔2022〕22号 三（九）2; the contract, section 5.

Recoveries come sorted by claim, day and id. Columns are int64: amounts in fen, days since
1970-01-01. In a formula, ``previous_net`` is the step `net` of the recovery before, and ``r2_cost``
the cost of the claim's second recovery.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers, running_max, running_sum, segment_starts
from compensation.language import Text
from compensation.money import (
    FEN_PER_YUAN,
    PRINTED_SCALE,
    floor_of_product,
    half_up_of_product,
    split,
)
from compensation.policy.model import Returns
from compensation.policy.quantities import payer_names
from compensation.rules import rationals
from compensation.rules.compensation import PAYOUT
from compensation.rules.payers import record_shares, weights_of
from compensation.rules.quantities import Evaluator
from compensation.rules.steps import (
    PREVIOUS,
    Called,
    Step,
    Steps,
    Unit,
    by_party,
    names_in_formulas,
)

BEARS = Text("政府补偿后{party}承担", "borne by the {party} after compensation")
RECOVERED_BEFORE = Text("申报前已追回", "recovered before filing")
LOSS = Text("扣除申报前追回后的代偿损失", "the payout less what was recovered before filing")
REST = Text("{party}及其后各方承担", "borne by the {party} and the parties after it")
NET = Text("截至当日净追偿", "net to date")
HIGHEST = Text("历次最高净追偿", "highest net so far")
TO_DATE = Text("累计可返还", "distributable to date")
DISTRIBUTED = Text("本次返还", "distributed")
ABOVE_PAYOUT = Text("累计超额追偿款", "above the payout to date")
SURPLUS = Text("本次超额追偿款", "surplus, left to the contract")
PART_TO_DATE = Text("累计返还{party}", "returned to date to the {party}")
LEFT = Text("返还{party}后余下", "left after the {party}")
PAID_BY = Text("{payer}累计支付", "paid by the {payer}")
PAYER_TO_DATE = Text("累计返还{payer}", "returned to date to the {payer}")
TO_PAYER = Text("本次返还{payer}", "to the {payer}")
TO_PARTY = Text("本次返还{party}", "to the {party}")
SHARE_RETURNED = Text("返还{party}的份额", "share returned to the {party}")


class Returned(NamedTuple):
    """What each recovery distributes: (recoveries,) fen, and (recoveries, 1 + parties) to each.

    `bearing`: for each claim, what government and each party bears, as steps. `steps`: for each
    recovery, how what it distributes came about. `payers`: (recoveries, payers) what each payer
    gets of government's part, where it is known what each paid.
    """

    distributed: Integers
    surplus: Integers
    parts: Integers
    bearing: Steps
    steps: Steps
    payers: Integers | None = None


class Shares(NamedTuple):
    """(claims, parties named) whole numbers by which those that the rule names share recoveries.

    `said`: how formulas write each, a number or the name of a step. `sound`: the claims whose
    shares are known, not below 0, and make 1.
    """

    weights: Integers
    said: Sequence[str]
    sound: Flags

    def take(self, claims: Integers) -> Shares:
        """Return the shares of some of the claims."""
        return Shares(self.weights[claims], self.said, self.sound[claims])


def fixed_shares(rule: Returns, claims: int) -> Shares:
    """Return the fixed shares of a rule: 0.4, 0.3, 0.2 and 0.1 come to 4 : 3 : 2 : 1."""
    shares = [each.share for each in rule.shares if isinstance(each.share, Decimal)]
    millionths = [int(share * PRINTED_SCALE) for share in shares]
    unit = int(np.gcd.reduce(millionths)) if millionths else 1
    whole = [share // unit for share in millionths]
    weights = np.tile(np.array(whole, dtype=np.int64), (claims, 1))
    return Shares(weights, [str(share) for share in whole], np.ones(claims, dtype=np.bool_))


def computed_shares(evaluator: Evaluator, rule: Returns) -> Shares:
    """Return the shares of each claim, where one of them depends on it; they are recorded."""
    parties = tuple(each.party for each in rule.shares)
    payers = payer_names(evaluator.policy.rules)
    called = tuple((id_, name.text) for id_, name in payers.items())
    shares = [evaluator.compute(each.share).values for each in rule.shares]
    titles = by_party("returned_share", SHARE_RETURNED, parties, called)
    nothing = rationals.constant(0, evaluator.rows)
    known = [rationals.chosen(share.known, share, nothing) for share in shares]
    weights, exact = weights_of(known)
    said = record_shares(evaluator, titles, known, weights, exact=exact)
    whole = functools.reduce(rationals.total, shares)
    sound = whole.known & (rationals.sign(whole, rationals.constant(1, evaluator.rows)) == 0)
    return Shares(np.maximum(weights, 0), said, sound & (weights >= 0).all(axis=1))


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


def division(
    rule: Returns,
    parties: Sequence[str],
    shares: Shares,
    own: Mapping[str, str] = MappingProxyType({}),
) -> Division:
    """Return who gets back before the others; `own`: what payers are called as parties, by id."""
    place = {id_: parties.index(name) for id_, name in own.items()}
    place |= {party: n for n, party in enumerate(parties)}
    named = {place[each.party]: n for n, each in enumerate(rule.shares) if each.party in place}
    return Division(
        tuple(place[party] for party in rule.first if party in place),
        {party: shares.weights[:, n] for party, n in named.items()},
        {party: shares.said[n] for party, n in named.items()},
    )


class Payers(NamedTuple):
    """(claims, payers) what each payer has paid, with what it pays now, in fen.

    `names`: what each is called, by its id.
    """

    names: Mapping[str, Text]
    paid: Integers


class Lost(NamedTuple):
    """(claims,) what recoveries are returned of, in fen: the payout, less what came before.

    `step`: the name of its step; `steps`: how it came about. `shares`: by what those that the rule
    names share recoveries, where that depends on the claim.
    """

    amount: Integers
    step: str
    steps: Steps
    shares: Shares | None = None


def lost(payout: Integers, evaluator: Evaluator | None = None) -> Lost:
    """Return what recoveries are returned of, and by which shares, by the evaluator's policy.

    A claim whose figure is blank counts as one of which nothing was recovered: `blank_figures`
    refuses it where money depends on it.
    """
    steps = Steps()
    steps.given("payout", PAYOUT, payout)
    if evaluator is None:
        return Lost(payout, "payout", steps)
    evaluator, rule = evaluator.with_steps(steps), evaluator.policy.rules.returns
    shares = computed_shares(evaluator, rule) if rule.computed_shares else None
    if rule.recovered_before is None:
        return Lost(payout, "payout", steps, shares)
    computed = evaluator.compute(rule.recovered_before)
    fen = np.maximum(rationals.half_up(computed.values, FEN_PER_YUAN), 0)
    formula = computed.formula if computed.whole else f"half_up({computed.formula})"
    formula = f"max({formula}, 0)" if computed.signed else formula
    steps.follows("recovered_before", RECOVERED_BEFORE, formula, fen, cited=rule)
    return lost_less(payout, fen, steps, rule)._replace(shares=shares)


def lost_less(payout: Integers, before: Integers, steps: Steps, rule: Returns) -> Lost:
    """Return what is left of the payout; `steps`: with those of both amounts."""
    amount = np.maximum(payout - before, 0)
    steps.follows("loss", LOSS, "max(payout − recovered_before, 0)", amount, cited=rule)
    return Lost(amount, "loss", steps)


def net_to_date(
    claim: Integers, day: Integers, proceeds: Integers, cost: Integers, *, net: bool
) -> Integers:
    """Return the proceeds of a claim so far, less its costs dated on or before the row's day.

    A day's costs count before its proceeds, so ids do not decide money. May be negative. With
    ``net`` false, costs are the institution's own and are not taken off.
    """
    start = segment_starts(claim)
    received = running_sum(proceeds, start)
    if not net:
        return received
    spent = running_sum(cost, start)
    return received - spent[_last_of_day(claim, day)]


def _last_of_day(claim: Integers, day: Integers) -> Integers:
    """Return for each row the last row of the same claim and day."""
    last = np.ones(len(claim), dtype=np.bool_)
    last[:-1] = (claim[1:] != claim[:-1]) | (day[1:] != day[:-1])
    positions = np.where(last, np.arange(len(claim)), len(claim))
    return np.minimum.accumulate(positions[::-1])[::-1]


def borne_after_payment(borne: Integers, beneficiary: int, paid: Integers) -> Integers:
    """Return (claims, 1 + parties) what government and each party bears, once government has paid.

    `borne`: (claims, parties), what each party bore of what was lost. Government's payment is taken
    off the beneficiary's amount and put first, but for what is above that amount: it is to be
    recalled, and nobody bears it.
    """
    left = borne.copy()
    paid = np.minimum(paid, borne[:, beneficiary])
    left[:, beneficiary] -= paid
    return np.column_stack([paid, left])


def returned(
    claim: Integers,
    day: Integers,
    proceeds: Integers,
    cost: Integers,
    of: Lost,
    weights: Integers,
    rule: Returns,
    parties: tuple[str, ...],
    payers: Payers | None = None,
    called: Called = (),
) -> Returned:
    """Return what each recovery distributes, and to whom.

    `claim`: (recoveries,) sorted, a row of `of` (claims,) and of `weights` (claims, 1 + parties),
    see `borne_after_payment`; `parties`: government and the others; `called`: one that has a name
    of the policy's own. Distributed to date is the highest net to date so far, at least 0 and at
    most what was lost; what lies above that is surplus and left to the contract. Returned to date
    is `split` over the weights; a row holds the difference to the row before, so that no instalment
    is taken back and the rows add up. Government's part is divided in the same way by what its
    `payers` paid; where the rule names one of them, each is a party of its own instead, see
    `apart`.
    """
    start = segment_starts(claim)
    first = start == np.arange(len(claim))
    bearing, steps = Steps(), Steps()
    bearing.add(of.steps)
    bearing.given_each(by_party("bears", BEARS, parties, called), weights, Unit.YUAN)
    government, own = parties[0], dict[str, str]()
    alone = payers is not None and not set(rule.named).isdisjoint(payers.names)
    if payers is not None and alone:
        own = _own_names(payers)
        called = (*called, *zip(own.values(), payers.names.values(), strict=True))
        parties, weights = (
            (*own.values(), *parties[1:]),
            _record_apart(own, weights, payers, called, bearing),
        )
    shares = of.shares or fixed_shares(rule, len(weights))
    by = division(rule, parties, shares, own)
    bearing.add(_Rests(parties, without(weights, by), called))
    by = by.take(claim)
    net = rule.costs == "net"
    to_date = net_to_date(claim, day, proceeds, cost, net=net)
    steps.add(_Net(start, day, to_date, rule))
    highest = np.maximum(running_max(to_date, start), 0)
    steps.follows("highest", HIGHEST, "max(net, 0)", highest, said=first)
    steps.follows("highest", HIGHEST, f"max({PREVIOUS}highest, net, 0)", highest, said=~first)
    cap = of.amount[claim]
    distributable = steps.follows(
        "to_date", TO_DATE, f"min(highest, {of.step})", np.minimum(highest, cap)
    )
    distributed = _difference("distributed", DISTRIBUTED, "to_date", distributable, first, steps)
    above = steps.follows(
        "surplus_so_far", ABOVE_PAYOUT, f"max(highest − {of.step}, 0)", np.maximum(highest - cap, 0)
    )
    surplus = _difference("surplus", SURPLUS, "surplus_so_far", above, first, steps)
    bears = weights[claim]
    parts = divided(distributable, bears, by)
    steps.add(_Parts(parties, bears, distributable, parts, by, called))
    titles = by_party("to", TO_PARTY, parties, called)
    columns = [
        _difference(name, title, f"{party}_to_date", parts[:, place], first, steps)
        for place, (party, (name, title)) in enumerate(
            zip(names_in_formulas(parties).values(), titles.items(), strict=True)
        )
    ]
    among = None
    if payers is not None and alone:
        among = np.column_stack(columns[: len(payers.names)])
        name, title = next(iter(by_party("to", TO_PARTY, (government,)).items()))
        total = steps.follows(
            name, title, " + ".join(_own_names(payers, "to_payer").values()), among.sum(axis=1)
        )
        columns = [total, *columns[len(payers.names) :]]
    elif payers is not None:
        bearing.given_each(_of_payers("paid", PAID_BY, payers), payers.paid, Unit.YUAN)
        among = _among(payers, claim, f"{government}_to_date", parts[:, 0], first, steps)
    return Returned(distributed, surplus, np.column_stack(columns), bearing, steps, among)


def apart(weights: Integers, paid: Integers) -> Integers:
    """Return what each payer bears in the place of what government does, and the other parties.

    Government's part is split by what each has `paid`, (claims, payers).
    """
    return np.column_stack([split(weights[:, 0], paid), weights[:, 1:]])


def _own_names(payers: Payers, prefix: str = "payer") -> dict[str, str]:
    """Return the name of each payer as a party, by its id."""
    places = names_in_formulas(tuple(payers.names))
    return {id_: f"{prefix}_{place}" for id_, place in places.items()}


def _record_apart(
    names: Mapping[str, str], weights: Integers, payers: Payers, called: Called, steps: Steps
) -> Integers:
    """Return `apart`, and record what each payer bears of government's part."""
    bears, paid = apart(weights, payers.paid), _of_payers("paid", PAID_BY, payers)
    steps.given_each(paid, payers.paid, Unit.YUAN)
    titles = by_party("bears", BEARS, tuple(names.values()), called)
    steps.split("bears_government", titles, list(paid), payers.paid, bears[:, : len(names)])
    return bears


def _among(
    payers: Payers, claim: Integers, name: str, to_date: Integers, first: Flags, steps: Steps
) -> Integers:
    """Return (recoveries, payers) what each payer gets of what government gets, a step ``name``."""
    paid = payers.paid[claim]
    parts = split(to_date, paid)
    so_far = _of_payers("payer_to_date", PAYER_TO_DATE, payers)
    steps.split(name, so_far, _of_payers("paid", PAID_BY, payers), paid, parts)
    titles = _of_payers("to_payer", TO_PAYER, payers)
    columns = [
        _difference(name, title, of, parts[:, place], first, steps)
        for place, ((name, title), of) in enumerate(zip(titles.items(), so_far, strict=True))
    ]
    return np.column_stack(columns)


def _of_payers(prefix: str, title: Text, payers: Payers) -> dict[str, Text]:
    places = _own_names(payers, prefix)
    return {places[id_]: title.fill(payer=said) for id_, said in payers.names.items()}


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


def _difference(
    name: str, title: Text, what: str, to_date: Integers, first: Flags, steps: Steps
) -> Integers:
    """Return what each row adds to the row before it in its claim; ``what``: the step to date."""
    added = to_date - np.where(first, 0, np.roll(to_date, 1))
    steps.follows(name, title, what, added, said=first)
    return steps.follows(name, title, f"{what} − {PREVIOUS}{what}", added, said=~first)


class _Net(NamedTuple):
    """The step `net`: the net before, the proceeds, and all costs of a day at its first row."""

    start: Integers
    day: Integers
    values: Integers
    rule: Returns

    def at(self, row: int) -> Iterator[Step]:
        place = row - int(self.start[row])
        formula = f"{PREVIOUS}net + proceeds" if place else "proceeds"
        new_day = not place or self.day[row - 1] != self.day[row]
        if self.rule.costs == "net" and new_day:
            rows = range(row, len(self.day))
            for other in rows:
                if self.day[other] != self.day[row] or self.start[other] != self.start[row]:
                    break
                formula += f" − r{other - self.start[other] + 1}_cost"
        yield Step("net", NET, self.values, formula=formula, cited=self.rule)


class _Rests(NamedTuple):
    """For each claim, what a party and those after it bear: what splits divide by, said once."""

    parties: tuple[str, ...]
    weights: Integers
    called: Called

    def at(self, row: int) -> Iterator[Step]:
        rest, bears = "", self.weights[row].tolist()
        names = list(by_party("rest", REST, self.parties, self.called).items())
        weights = list(by_party("bears", BEARS, self.parties))
        for place in reversed(range(len(bears))):
            if rest and bears[place]:
                name, title = names[place]
                yield Step(name, title, sum(bears[place:]), formula=f"{weights[place]} + {rest}")
                rest = name
            elif bears[place]:
                rest = weights[place]


class _Parts(NamedTuple):
    """What each party gets of the amount to date, and what that leaves to those after it.

    Each part names the amount left by a step of its own: spelled out as in `Steps.split`, the steps
    of every recovery would grow with the square of the parties.
    """

    parties: tuple[str, ...]
    bears: Integers
    amount: Integers
    parts: Integers
    by: Division
    called: Called

    def at(self, row: int) -> Iterator[Step]:
        bears, left, fen = self.bears[row].tolist(), "to_date", int(self.amount[row])
        titles = list(by_party("", PART_TO_DATE, self.parties, self.called).values())
        after = list(by_party("after", LEFT, self.parties, self.called).items())
        names = list(names_in_formulas(self.parties).values())
        before, own = (
            self.by.places(row),
            {place: share[row : row + 1] for place, share in self.by.shares.items() if share[row]},
        )
        sharing = dict(_one_after_another(own))
        order = [*before, *(n for n in range(len(bears)) if n not in before)]
        last = max((n for n, place in enumerate(order) if bears[place]), default=0)
        for number, place in enumerate(order):
            name, part, formula = names[place], int(self.parts[row, place]), "0"
            if place in self.by.first:
                formula = f"min({left}, bears_{name})"
            elif bears[place] and place in sharing:
                formula = self._by_share(row, fen, left, names, sharing[place])
            elif bears[place]:
                rest = f"bears_{name}" if number == last else f"rest_{name}"
                formula = f"half_up({left} × bears_{name} / {rest})"
            yield Step(f"{name}_to_date", titles[place], part, formula=formula)
            if bears[place] and number != last:
                fen -= part
                said, title_left = after[place]
                yield Step(said, title_left, fen, formula=f"{left} − {name}_to_date")
                left = said

    def _by_share(
        self, row: int, fen: int, left: str, names: Sequence[str], shares: Mapping[int, Integers]
    ) -> str:
        """Return the formula of `by_share`; ``left``: the step of the amount, in ``fen``."""
        at = filled(np.array([fen]), self.bears[row : row + 1], shares)
        full = {place for place, flags in at.items() if flags[0]}
        first = next(iter(shares))
        if first in full:
            return f"bears_{names[first]}"
        taken = [f"bears_{names[place]}" for place in shares if place in full]
        room = f"({' − '.join([left, *taken])})" if taken else left
        others = [self.by.said[place] for place in shares if place not in full]
        numbers = all(map(str.isdecimal, others))
        whole = str(sum(map(int, others))) if numbers else f"({' + '.join(others)})"
        return f"half_up({room} × {self.by.said[first]} / {whole})"
