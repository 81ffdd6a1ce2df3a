"""What a recovery returns to whom.

Source: 济管财金办〔2022〕22号 三（九）2; the contract, section 5.

Recoveries come sorted by claim, day and id. Columns are int64: amounts in fen, days since
1970-01-01. In a formula, ``previous_net`` is the step `net` of the recovery before, and ``r2_cost``
the cost of the claim's second recovery.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers, running_max, running_sum, segment_starts
from compensation.language import Text
from compensation.money import PRINTED_SCALE, half_up_of_product, split
from compensation.policy.model import CostLimits, Returns
from compensation.rules.decision import applying, why_applying
from compensation.rules.losses import COST_SHARE, CostShare, Lost
from compensation.rules.one_by_one import one_by_one
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
from compensation.rules.waterfall import Parties, record_division, record_rests, tranches

BEARS = Text("政府补偿后{party}承担", "borne by the {party} after compensation")
COUNTED = Text("计入返还的追偿所得", "proceeds that are returned")
NET = Text("截至当日净追偿", "net to date")
RECEIVED = Text("累计追偿所得", "proceeds to date")
SPENT = Text("截至当日追偿费用", "costs to date")
COSTS_AT_MOST = Text("追偿费用最多扣除", "costs taken off at most")
TAKEN_OFF = Text("累计扣除追偿费用", "costs taken off to date")
REWARD_SHARE = Text("清收奖励比例", "share that rewards recovering")
REWARD = Text("累计清收奖励", "rewards for recovering to date")
NET_OF_REWARD = Text("扣除清收奖励后的净追偿", "net to date less rewards")
HIGHEST = Text("历次最高净追偿", "highest net so far")
TO_DATE = Text("累计可返还", "distributable to date")
DISTRIBUTED = Text("本次返还", "distributed")
ABOVE_PAYOUT = Text("累计超额追偿款", "above the payout to date")
SURPLUS = Text("本次超额追偿款", "surplus, left to the contract")
PAID_BY = Text("{payer}累计支付", "paid by the {payer}")
PAYER_TO_DATE = Text("累计返还{payer}", "returned to date to the {payer}")
TO_PAYER = Text("本次返还{payer}", "to the {payer}")
TO_PARTY = Text("本次返还{party}", "to the {party}")


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


class Payers(NamedTuple):
    """(claims, payers) what each payer has paid, with what it pays now, in fen.

    `names`: what each is called, by its id.
    """

    names: Mapping[str, Text]
    paid: Integers


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
    parts: Sequence[Integers] = (),
    asked: Evaluator | None = None,
) -> Returned:
    """Return what each recovery distributes, and to whom.

    `claim`: (recoveries,) sorted, a row of `of` (claims,) and of `weights` (claims, 1 + parties),
    see `borne_after_payment`; `parties`: government and the others; `called`: one that has a name
    of the policy's own; `parts`: as `parts_after_payment`, where the rule says that not all bear a
    part; `asked`: what evaluates the rule's tests of recoveries, where it has any. Distributed to
    date is the highest net to date so far, at least 0 and at most what was lost; what lies above
    that is surplus and left to the contract. Returned to date is `split` over the weights, or by
    the rule's `tranches`, or `one_by_one`; a row holds the difference to the row before, so that no
    instalment is taken back and the rows add up. Government's part is divided in the same way by
    what its `payers` paid; where the rule names one of them, each is a party of its own instead,
    see `apart`.
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
        parts = [apart(part, payers.paid) for part in parts]
    among_whom = Parties(parties, own, called)
    by_claim = []
    if not rule.steps_of_some:
        by_claim = tranches(rule, of, weights, parts, among_whom, bearing)
        record_rests(by_claim, among_whom, bearing)
    rows = _counting(Recoveries(claim, day, proceeds, cost), rule, asked, steps)
    to_date, net = _net(rows, of, rule, bearing, steps), "net"
    if rule.reward is not None:
        to_date, net = _less_reward(to_date, rule, steps), "net_of_reward"
    highest = np.maximum(running_max(to_date, start), 0)
    steps.follows("highest", HIGHEST, f"max({net}, 0)", highest, said=first)
    steps.follows("highest", HIGHEST, f"max({PREVIOUS}highest, {net}, 0)", highest, said=~first)
    cap = of.amount[claim]
    distributable = steps.follows(
        "to_date", TO_DATE, f"min(highest, {of.step})", np.minimum(highest, cap)
    )
    distributed = _difference("distributed", DISTRIBUTED, "to_date", distributable, first, steps)
    above = steps.follows(
        "surplus_so_far", ABOVE_PAYOUT, f"max(highest − {of.step}, 0)", np.maximum(highest - cap, 0)
    )
    surplus = _difference("surplus", SURPLUS, "surplus_so_far", above, first, steps)
    if rule.steps_of_some:
        assert asked is not None
        shared = one_by_one(
            distributed, claim, rule, of, weights, parts, among_whom, asked, bearing, steps
        )
    else:
        of_rows = [tranche.take(claim) for tranche in by_claim]
        shared = record_division(distributable, of_rows, among_whom, steps)
    titles = by_party("to", TO_PARTY, parties, called)
    columns = [
        _difference(name, title, f"{party}_to_date", shared[:, place], first, steps)
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
        among = _among(payers, claim, f"{government}_to_date", shared[:, 0], first, steps)
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


def _difference(
    name: str, title: Text, what: str, to_date: Integers, first: Flags, steps: Steps
) -> Integers:
    """Return what each row adds to the row before it in its claim; ``what``: the step to date."""
    added = to_date - np.where(first, 0, np.roll(to_date, 1))
    steps.follows(name, title, what, added, said=first)
    return steps.follows(name, title, f"{what} − {PREVIOUS}{what}", added, said=~first)


def net_of_limited_costs(
    received: Integers, spent: Integers, limits: Sequence[Integers]
) -> Integers:
    """Return the proceeds to date less the costs to date, of which no more than each limit."""
    off = spent
    for limit in limits:
        off = np.minimum(off, limit)
    return received - off


class Recoveries(NamedTuple):
    """What has come of each recovery: its claim and day, and the fen that count of it.

    `counts`: which recoveries count; None: all. `said`: the step of the proceeds.
    """

    claim: Integers
    day: Integers
    proceeds: Integers
    cost: Integers
    counts: Flags | None = None
    said: str = "proceeds"


def _counting(rows: Recoveries, rule: Returns, asked: Evaluator | None, steps: Steps) -> Recoveries:
    """Return what counts of recoveries where the rule says which go back, and record it.

    One that brought nothing in has nothing to go back: its costs are taken off in any case.
    """
    if asked is None or not rule.when:
        return rows
    nothing = rows.proceeds == 0
    counts = applying(asked, rule.when) | nothing
    why = why_applying(asked, rule.when)
    proceeds, cost = (np.where(counts, fen, 0) for fen in (rows.proceeds, rows.cost))
    name, title = "proceeds_returned", COUNTED
    steps.follows(name, title, "proceeds", proceeds, cited=rule, said=nothing)
    came = counts & ~nothing
    steps.follows(name, title, "proceeds", proceeds, cited=rule, said=came, deciding=why)
    steps.follows(name, title, "0", proceeds, cited=rule, said=~counts, deciding=why)
    return Recoveries(rows.claim, rows.day, proceeds, cost, counts, name)


def _net(rows: Recoveries, of: Lost, rule: Returns, bearing: Steps, steps: Steps) -> Integers:
    """Return the net to date of each recovery, and record it; see `net_to_date`."""
    claim, day, proceeds, cost, counts, said = rows
    start = segment_starts(claim)
    if not isinstance(rule.costs, CostLimits):
        net = net_to_date(claim, day, proceeds, cost, net=rule.costs == "net")
        costs = day if rule.costs == "net" else None
        steps.add(_ToDate("net", NET, said, start, net, costs, rule, counts))
        return net
    received = running_sum(proceeds, start)
    spent = running_sum(cost, start)[_last_of_day(claim, day)]
    steps.add(_ToDate("received", RECEIVED, said, start, received, None, rule))
    steps.add(_ToDate("spent", SPENT, "", start, spent, day, rule, counts))
    limits, terms = [], []
    if rule.costs.of_proceeds is not None:
        share = _cost_share(rule.costs.of_proceeds, of, bearing)
        most = half_up_of_product(received, share.numerator[claim], share.denominator[claim])
        limits.append(most)
        terms.append(f"half_up(received × {share.said})")
    if rule.costs.at_most is not None:
        fen = of.fen_of(rule.costs.at_most)
        limits.append(fen[claim])
        if isinstance(rule.costs.at_most, Decimal):
            bearing.given("costs_at_most", COSTS_AT_MOST, fen, cited=rule)
            terms.append("costs_at_most")
        else:
            terms.append(of.amounts[rule.costs.at_most].step)
    net = net_of_limited_costs(received, spent, limits)
    off = f"min({', '.join(['spent', *terms])})"
    steps.follows("taken_off", TAKEN_OFF, off, received - net, cited=rule)
    return steps.follows("net", NET, "received − taken_off", net, cited=rule)


def _less_reward(net: Integers, rule: Returns, steps: Steps) -> Integers:
    """Return the net to date less the share of it that whoever recovers keeps, halves up."""
    assert rule.reward is not None
    share = np.full_like(net, int(rule.reward * PRINTED_SCALE))
    kept = half_up_of_product(np.maximum(net, 0), share, np.full_like(net, PRINTED_SCALE))
    steps.given("reward_share", REWARD_SHARE, share, Unit.RATIO, cited=rule)
    steps.follows("reward", REWARD, "half_up(max(net, 0) × reward_share)", kept, cited=rule)
    return steps.follows("net_of_reward", NET_OF_REWARD, "net − reward", net - kept, cited=rule)


def _cost_share(share: object, of: Lost, bearing: Steps) -> CostShare:
    """Return the share of the proceeds that costs come to at most, of each claim."""
    if not isinstance(share, Decimal):
        assert of.cost_share is not None
        return of.cost_share
    millionths = np.full(len(of.amount), int(share * PRINTED_SCALE), dtype=np.int64)
    bearing.given("cost_share", COST_SHARE, millionths, Unit.RATIO)
    return CostShare(millionths, np.full_like(millionths, PRINTED_SCALE), "cost_share")


class _ToDate(NamedTuple):
    """A step to date: the one before, what the row adds, and all costs of a day at its first row.

    `adds`: the step of the row that is added; `day`: None where costs do not come in. Costs are
    taken off what is added; a step that adds nothing else adds them up. `counts`: which rows' costs
    come in; None: all.
    """

    name: str
    title: Text
    adds: str
    start: Integers
    values: Integers
    day: Integers | None
    rule: Returns
    counts: Flags | None = None

    def at(self, row: int) -> Iterator[Step]:
        place = row - int(self.start[row])
        added = [self.adds] if self.adds else []
        before = [f"{PREVIOUS}{self.name}", *added] if place else added
        costs = [f"r{other - int(self.start[row]) + 1}_cost" for other in self._costs(row)]
        off = " − " if self.adds else " + "
        formula = off.join([" + ".join(before), *costs] if before else costs)
        yield Step(self.name, self.title, self.values, formula=formula or "0", cited=self.rule)

    def _costs(self, row: int) -> list[int]:
        """Return the recoveries of the row's day, where it is the first of them."""
        if self.day is None:
            return []
        if row != self.start[row] and self.day[row - 1] == self.day[row]:
            return []
        end = row
        while (
            end < len(self.day)
            and self.day[end] == self.day[row]
            and self.start[end] == self.start[row]
        ):
            end += 1
        counts = self.counts
        return [each for each in range(row, end) if counts is None or counts[each]]
