"""Who pays what is payable: the shares of several payers, which make exactly 1 for every case.

A share is a number or a quantity, and a payer may have others under other tests. A case of which
the shares make less or more than 1 is not split in another proportion: nobody pays it. Caps on what
a payer pays come after all others; what lies above goes to another payer or falls away.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text, joined
from compensation.money import MAX_TOTAL_FEN, PRINTED_SCALE
from compensation.policy.kinds import Kind
from compensation.policy.model import NOBODY, Cap, Definition, Note, PolicyFile
from compensation.policy.quantities import PAYER_PREFIX, decided_before, payer_names
from compensation.rules import award, rationals
from compensation.rules.caps import (
    APPROVED_AMOUNT,
    COUNTED,
    COUNTED_BEFORE,
    COUNTED_WITHIN,
    IN_POOL,
    NOT_CAPPED,
    USED,
    WITHIN_POOL,
    Capped,
    Limit,
    cap_name,
    cut_alike,
    in_fen,
    is_pool,
    limit_of,
    names_of_pool,
    not_rejected,
    of_fen,
    order_of,
    part_within,
    shares_of_rest,
    using,
)
from compensation.rules.conditions import counting_tests, holding
from compensation.rules.deciding import Deciding, deciding
from compensation.rules.decision import Cases, applying, none_failed, why_applying
from compensation.rules.quantities import Computed, Evaluator, exactly
from compensation.rules.rationals import Rationals
from compensation.rules.rounding import unit_of
from compensation.rules.sharing import share, turn_of
from compensation.rules.steps import Step, Steps, Unit, names_in_formulas

SHARE_OF = Text("{payer}出资份额", "share of the {payer}")
PAID_BY = Text("{payer}应付", "payable by the {payer}")
TO_SHARE = Text("由出资方分担的金额（不超过核定金额）", "what payers share, as far as approved")
PART_OF = Text("{payer}分担", "part of the {payer}")
PART_WITHIN = Text("上限内分担", "part within the cap")
PARTS_OF = Text("{payers}分担合计", "parts of the {payers} together")
WITHIN_OF = Text("{payer}在合计上限内分担", "part of the {payer} within what they share")
TAKEN_OVER = Text("{payer}分担，含转来的部分", "part of the {payer} with what it takes over")
ABOVE = Text("超出上限的部分", "what lies above the cap")
OUTSIDE = Text("上限以外的部分", "what the cap leaves out")
SHARE_OF_REST = Text("{payer}承担超出部分的份额", "share of what lies above, of the {payer}")
PART_OF_REST = Text("{payer}承担的超出部分", "part of what lies above, of the {payer}")
FALLS_AWAY = Text("不再补偿（无人）", "(nobody: it falls away)")
LEFT_BY_CAPS = Text("各出资方上限内的补偿额", "within the caps of the payers")
DUE_OF_PAYERS = Text("由出资方支付的金额", "what payers pay in all so far")
DUE_OF = Text("{payer}累计应付", "due of the {payer} so far")
HAS_PAID = Text("{payer}已支付", "paid by the {payer} so far")
REST_OF = Text("{payer}尚应支付", "what the {payer} still has to pay")
TOGETHER = Text(
    "出资份额合计（不是 100%，不予补偿）", "the payers' shares together (not 100%, so nothing)"
)


SHARED_ALIKE = Definition(
    id="payers_share_alike",
    clause="—",
    basis="assumption",
    note=Note(
        zh="台账没有各出资方分别支付和收到的金额：各出资方视为按该笔补偿现核定的分担比例分担了以前的每笔拨付，"
        "应收回、应上缴、应退回的金额也按同一比例分给各出资方",
        en="the ledger does not say what each payer paid and got: each is taken to have paid its "
        "part of every payment in the proportion in which the case is shared as it is decided now, "
        "and what is recalled, remitted and refunded is divided in the same proportion",
    ),
)
"""How settlements divide what comes back, as results list it among what they assume."""


class Paying(NamedTuple):
    """Who pays each case.

    `shares`: by payer. `weights`: (rows, payers) integers in the same proportion. `exact`: whether
    they are the shares in millionths. `total`: of the shares. `complete`: whether they make 1, and
    none is unknown or below 0. `given`: whether one that applies is no fixed number of the policy.
    `how`: by the payers that have a computed one, how their shares come about. `capped`: what caps
    on payers left of their parts, where there are such caps.
    """

    shares: tuple[Rationals, ...]
    weights: Integers
    exact: bool
    total: Rationals
    complete: Flags
    given: Flags
    how: Mapping[str, How]
    capped: Parts | None = None

    @property
    def divides(self) -> Integers:
        """(rows, payers) integers in the proportion of what each pays."""
        if self.capped is None:
            return self.weights
        return np.where(self.capped.said[:, np.newaxis], self.capped.fen, self.weights)

    @property
    def known(self) -> Integers:
        """(rows, payers) `divides`, and 0 for all payers of a case whose division is unknown.

        The shares miss 1, or a cap on a payer found nothing to limit.
        """
        known = self.complete if self.capped is None else self.complete & self.capped.known
        return np.where(known[:, np.newaxis], self.divides, 0)


class How(NamedTuple):
    """The formulas of a payer's share, and the place among them of that of each row."""

    place: Integers
    formulas: Sequence[str]


class Parts(NamedTuple):
    """(rows, payers) what each payer pays of the compensation once caps on its part have cut it.

    `said`: the rows of which a cap took anything from anybody. `known`: the rows of which it is
    known how payers share what was paid: where nothing is left to share, caps do not tell what they
    would leave of more. `names`: the steps of the parts.
    """

    fen: Integers
    said: Flags
    known: Flags
    names: Sequence[str]


def paying(evaluator: Evaluator) -> Paying:
    """Return who pays each case by the payers of the policy, of which there is one at least.

    What shares are computed from is recorded for who shows them.
    """
    rules, own, since = evaluator.policy.rules, evaluator.silent(), len(evaluator.steps)
    computed = {each.id for each in rules.payers if not isinstance(each.share, Decimal)}
    terms: dict[str, list[tuple[Flags, str]]] = {id_: [] for id_ in computed}
    nothing = rationals.constant(0, evaluator.rows)
    by_payer = dict.fromkeys(payer_names(rules), nothing)
    sound = np.ones(evaluator.rows, dtype=np.bool_)
    given = np.zeros(evaluator.rows, dtype=np.bool_)
    for payer in rules.payers:
        pays, steps = holding(payer.when, own), Steps()
        share, formula, *_ = evaluator.with_steps(steps).compute(payer.share)
        if payer.id in computed:
            evaluator.steps.add(steps, pays)
            terms[payer.id].append((pays & share.known, formula))
        sound &= ~pays | (share.known & (share.numerator >= 0))
        taken = rationals.chosen(pays & share.known, share, nothing)
        by_payer[payer.id] = rationals.total(by_payer[payer.id], taken)
        if not isinstance(payer.share, Decimal):
            given |= pays
    shares = tuple(by_payer.values())
    total = functools.reduce(rationals.total, shares)
    complete = sound & (rationals.sign(total, rationals.constant(1, evaluator.rows)) == 0)
    evaluator.steps.set_aside(since)
    how = {id_: _sums(each) for id_, each in terms.items()}
    return Paying(shares, *weights_of(shares), total, complete, given, how)


def _sums(terms: Sequence[tuple[Flags, str]]) -> How:
    """Return the formula of the sum of those terms that are of a row."""
    of = np.sum([rows.astype(np.int64) << n for n, (rows, _) in enumerate(terms)], axis=0)
    found, place = np.unique(of, return_inverse=True)
    formulas = [
        " + ".join(formula for n, (_, formula) in enumerate(terms) if each >> n & 1) or "0"
        for each in found.tolist()
    ]
    return How(place.reshape(-1), formulas)


def weights_of(shares: Sequence[Rationals]) -> tuple[Integers, bool]:
    """Return (rows, payers) integers in the proportion of the shares; whether in millionths.

    A share that has more than six decimals is not rounded: the shares are brought to one
    denominator instead.
    """
    millionths = [rationals.half_up(share, PRINTED_SCALE) for share in shares]
    scale = np.full(len(millionths[0]), PRINTED_SCALE, dtype=np.int64)
    if all(
        not rationals.sign(share, Rationals(units, scale, share.known)).any()
        for share, units in zip(shares, millionths, strict=True)
    ):
        return np.stack(millionths, axis=1), True
    bottoms = [share.denominator.astype(object) for share in shares]
    common = functools.reduce(np.lcm, bottoms)
    weights = [
        rationals.narrow(share.numerator.astype(object) * (common // bottom))
        for share, bottom in zip(shares, bottoms, strict=True)
    ]
    return np.stack(weights, axis=1), False


class CappedPayers(NamedTuple):
    """What caps on payers did: who pays, what the compensation is then, its step, and its limit.

    `emptied`, `below`: by cap, of which claims it left nothing of something, see `Capped`.
    """

    by: Paying
    compensation: Integers
    step: str
    limit: Limit
    emptied: Mapping[str, Flags]
    below: Mapping[str, Flags]


def cap_payers(
    evaluator: Evaluator, cases: Cases, by: Paying, capped: Capped, limit: Limit, met: Flags
) -> CappedPayers:
    """Apply the caps on what payers pay of the compensation, as far as review approved it.

    One after another in the file's order. What a cap leaves of the parts of several payers together
    is divided among them as these parts are. What lies above is added to the part of another payer,
    or falls away. `capped`, `limit`: what the other caps left, and the lowest of them.
    `met`: the cases that such a cap may be for; one that a review rejected uses nothing of it.
    """
    rules, steps = evaluator.policy.rules, evaluator.steps
    caps = [cap for cap in rules.caps if cap.payer is not None]
    compensation, step = capped.amount, capped.step
    if not caps:
        return CappedPayers(by, compensation, step, limit, {}, {})
    amount, shared = compensation, step
    if cases.approved is not None:
        given, shared = cases.approved.known, "compensation_to_share"
        amount = np.where(given, np.minimum(amount, cases.approved.numerator), amount)
        own = Steps()
        own.given("approved_amount", APPROVED_AMOUNT, cases.approved.numerator)
        steps.add(own, given)
        steps.follows(shared, TO_SHARE, f"min({step}, approved_amount)", amount, said=given)
        steps.follows(shared, TO_SHARE, step, amount, said=~given)
    parts = award.among_payers(amount, by.weights)
    titles = _by_payer(evaluator.policy.rules, "part", PART_OF)
    steps.split(shared, titles, _record_shares(evaluator, by), by.weights, parts.copy())
    known = payer_names(rules)
    payers, names, cut = list(known), list(titles), np.zeros_like(met)
    first, limited = tuple(names), np.zeros_like(met)
    emptied: dict[str, Flags] = {}
    below: dict[str, Flags] = {}
    for cap in caps:
        limited |= applying(evaluator, cap.when)
        of, before = [payers.index(payer) for payer in cap.payers], parts.copy()
        for name in set().union(*map(decided_before, cap.quantities)):
            if (other := name.removeprefix(PAYER_PREFIX)) in known:
                at = payers.index(other)
                evaluator = evaluator.knowing(name, of_fen(before[:, at], names[at]))
        id_ = cap.id.replace("-", "_")
        part, since = before[:, of].sum(axis=1), [names[place] for place in of]
        for place in of:
            names[place] = f"{first[place]}_in_{id_}"
        above_of, left = since[0], names[of[0]]
        if len(of) > 1:
            above_of, left = f"parts_{id_}", f"within_parts_{id_}"
            together = joined((known[payer].text for payer in cap.payers), "、", " and ")
            title = PARTS_OF.fill(payers=together)
            steps.follows(above_of, title, " + ".join(since), part, cited=cap)
        within, low = _left_by(cap, cases, part, above_of, left, evaluator, met, capped)
        parts[:, of] = award.among_payers(within, before[:, of])
        if len(of) > 1:
            named = zip(of, cap.payers, strict=True)
            titles = {names[n]: WITHIN_OF.fill(payer=known[payer].text) for n, payer in named}
            steps.split(left, titles, since, before[:, of], parts[:, of])
        above = part - within
        cut |= above > 0
        taken = _taken_over(cap, above, f"{above_of} − {left}", evaluator)
        for taker, (fen, more) in taken.items():
            if taker == NOBODY:
                continue
            place = payers.index(taker)
            parts[:, place] += fen
            name = f"{first[place]}_after_{id_}"
            title = TAKEN_OVER.fill(payer=known[taker].text)
            formula = f"{names[place]} + {more}"
            steps.follows(name, title, formula, parts[:, place].copy(), cited=cap)
            names[place] = name
        if NOBODY in taken:
            fell = taken[NOBODY][0] > 0
            limit = limit.lowered(parts.sum(axis=1), rules.caps.index(cap), fell)
            emptied[cap.id] = fell & ~parts.any(axis=1)
            below[cap.id] = emptied[cap.id] & low
    left = parts.sum(axis=1)
    fell = left < amount
    compensation, after = np.where(fell, left, compensation), "compensation_of_payers"
    steps.follows(after, LEFT_BY_CAPS, " + ".join(names), compensation, said=fell)
    steps.follows(after, LEFT_BY_CAPS, step, compensation, said=~fell)
    by = by._replace(capped=Parts(parts, cut, (amount > 0) | ~limited, names))
    return CappedPayers(by, compensation, after, limit, emptied, below)


def _left_by(
    cap: Cap,
    cases: Cases,
    part: Integers,
    step: str,
    name: str,
    evaluator: Evaluator,
    met: Flags,
    capped: Capped,
) -> tuple[Integers, Flags]:
    """Return what a cap leaves of payers' parts, and which cases do not reach where it begins.

    `step`, `name`: of the part and of what is left. `capped`: what the caps on the cases left.
    """
    low, of = np.zeros_like(met), (part, step, name, evaluator, met)
    if is_pool(cap):
        return _of_pool(cap, cases, *of), low
    if cap.of is None and cap.above is None:
        return _within(cap, cases, *of), low
    return _of_what_counts(cap, cases, *of, _counting(cap, cases, capped, met))


def _taken_over(
    cap: Cap, above: Integers, formula: str, evaluator: Evaluator
) -> dict[str, tuple[Integers, str]]:
    """Return what each taker of a cap gets of what lies above it, with its formula.

    Divided by the takers' shares as the compensation is by those of payers: one after another in
    the file's order, halves up, so that the parts add up. `formula`: of what lies above.
    """
    takers, steps = [taker.payer for taker in cap.takers], evaluator.steps
    if not isinstance(cap.rest, tuple):
        return {takers[0]: (above, formula)}
    known, name = payer_names(evaluator.policy.rules), cap.id.replace("-", "_")
    titles = [known[each].text if each in known else FALLS_AWAY for each in takers]
    places = [f"{name}_{place}" for place in names_in_formulas(tuple(takers)).values()]
    own, since = evaluator.silent(), len(steps)
    shares, _ = shares_of_rest(cap, own)
    steps.add(own.steps)
    steps.set_aside(since)
    weights, exact = weights_of(shares)
    parts = award.among_payers(above, weights)
    title = ABOVE if cap.above is None else OUTSIDE
    steps.follows(f"above_{name}", title, formula, above, cited=cap)
    of = {
        f"share_{place}": SHARE_OF_REST.fill(payer=title)
        for place, title in zip(places, titles, strict=True)
    }
    how = {
        name: How(np.zeros(evaluator.rows, dtype=np.int64), [own.compute(taker.share).formula])
        for name, taker in zip(of, cap.takers, strict=True)
        if not isinstance(taker.share, Decimal)
    }
    record_shares(evaluator, of, shares, weights, exact=exact, how=how)
    said = {
        f"rest_{place}": PART_OF_REST.fill(payer=title)
        for place, title in zip(places, titles, strict=True)
    }
    steps.split(f"above_{name}", said, list(of), weights, parts)
    return {
        each: (parts[:, n], step) for n, (each, step) in enumerate(zip(takers, said, strict=True))
    }


def _within(
    cap: Cap,
    cases: Cases,
    part: Integers,
    step: str,
    name: str,
    evaluator: Evaluator,
    met: Flags,
) -> Integers:
    """Return what a cap leaves of a payer's part. `step`, `name`: of the part and of that."""
    own, said = Steps(), met & applying(evaluator, cap.when)
    left = limit_of(cap, evaluator.policy, cases, evaluator.with_steps(own))
    room = cap_name(cap)
    if cap.per is not None:
        uses = np.where(using(cases), MAX_TOTAL_FEN, 0)
        groups = [cases.groups[cap.per]]
        through = award.through_group_caps(
            part, order_of(cases), groups, [left], [False], [said], uses
        )
        own.given(f"used_{room}", USED, through.used[0])
        left, room = np.maximum(left - through.used[0], 0), f"max({room} − used_{room}, 0)"
    evaluator.steps.add(own, said)
    within = np.where(said, np.minimum(part, left), part)
    evaluator.steps.follows(name, PART_WITHIN, f"min({step}, {room})", within, said=said)
    why = why_applying(evaluator, cap.when, where=False)
    evaluator.steps.follows(name, NOT_CAPPED, step, within, said=~said, deciding=why)
    return within


def _of_pool(
    cap: Cap,
    cases: Cases,
    part: Integers,
    step: str,
    name: str,
    evaluator: Evaluator,
    met: Flags,
) -> Integers:
    """Return what a payer pays of its part where its money is shared in proportion; see `_within`.

    A case takes part with what the payer would pay of it, unless a review rejected it.
    """
    own, said = Steps(), met & applying(evaluator, cap.when)
    whose, money = said & not_rejected(cases), cap_name(cap)
    limit = limit_of(cap, evaluator.policy, cases, evaluator.with_steps(own))
    got = share(
        np.where(whose, part, 0),
        cases.groups[cap.per or ()],
        turn_of(evaluator, cap.first) if cap.first else None,
        limit,
        whose,
        cases.rank,
        unit_of(None, cap),
        names_of_pool(step, money, money),
        (IN_POOL, None),
        cap,
        own,
    )
    evaluator.steps.add(own, said)
    left, follows = np.where(got.short, got.fen, part), evaluator.steps.follows
    follows(name, WITHIN_POOL, got.formula, left, said=got.short)
    follows(name, PART_WITHIN, step, left, said=said & ~got.short)
    why = why_applying(evaluator, cap.when, where=False)
    follows(name, NOT_CAPPED, step, left, said=~said, deciding=why)
    return left


def _counting(cap: Cap, cases: Cases, capped: Capped, met: Flags) -> Flags:
    """Return the cases that count towards a cap on a payer as towards one on the base.

    Those that are compensated; up to where it begins also what comes to less than the least amount.
    """
    kept = none_failed(capped.refused, len(met))
    return met & not_rejected(cases) & (kept if cap.above is None else kept | capped.little)


def _of_what_counts(
    cap: Cap,
    cases: Cases,
    part: Integers,
    step: str,
    name: str,
    evaluator: Evaluator,
    met: Flags,
    counts: Flags,
) -> tuple[Integers, Flags]:
    """Return what a payer pays of its part where a cap is on what the cases come to (`of`).

    And of which cases nothing reaches where the cap begins. Its part is cut as what counts is;
    without `of` its part itself counts. `step`, `name`: as for `_within`; `counts`: the cases that
    count where not all do.
    """
    policy, limit, steps = evaluator.policy, cap_name(cap), Steps()
    own, said = evaluator.with_steps(steps), met & applying(evaluator, cap.when)
    of, formula, known = part, step, np.ones_like(met)
    if cap.of is not None:
        of, formula, known = in_fen(own, cap.of)
        rationals.summable(of)
    why = why_applying(own, cap.when, where=True)
    steps.follows(f"counted_{limit}", COUNTED, formula, of, cited=cap, deciding=why)
    before = np.zeros_like(of)
    if cap.per is not None:
        counts = counts & said & known
        if cap.counts_all:
            counts = known & applying(evaluator, counting_tests(policy, cap.when))
        used = np.where(counts, of, 0)
        before = award.sum_before(used, cases.groups[cap.per], order_of(cases))
    steps.given(f"before_{limit}", COUNTED_BEFORE, before)
    within, formula, low = part_within(cap, policy, own, of, before)
    steps.follows(f"within_{limit}", COUNTED_WITHIN, formula, within)
    if cap.of is None:
        left = steps.follows(name, PART_WITHIN, f"within_{limit}", within)
    else:
        left = cut_alike(cap, part, of, within, steps, (step, name, PART_WITHIN))
    evaluator.steps.add(steps, said)
    left = np.where(said, left, part)
    why = why_applying(evaluator, cap.when, where=False)
    evaluator.steps.follows(name, NOT_CAPPED, step, left, said=~said, deciding=why)
    return left, low


def pay(
    evaluator: Evaluator,
    by: Paying,
    payable: Integers,
    to_date: Integers,
    paid: Integers | None = None,
) -> Integers:
    """Return (rows, payers) what each payer pays of what is payable, and record how.

    `to_date`: what can be paid so far in all. `paid`: (rows, payers) what each has paid of it,
    where that is known; what is payable is then divided by what each still has to pay.
    """
    titles, formulas = (
        _by_payer(evaluator.policy.rules, "payable", PAID_BY),
        _record_shares(evaluator, by),
    )
    if not by.complete.all():
        together = rationals.half_up(by.total, PRINTED_SCALE)
        evaluator.steps.follows(
            "paid_by_all",
            TOGETHER,
            f"ratio({' + '.join(formulas)})",
            together,
            Unit.RATIO,
            said=~by.complete,
        )
    if paid is not None:
        return _pay_the_rest(evaluator, by, payable, to_date, paid, formulas)
    parts = award.among_payers(payable, by.divides)
    _record_division(evaluator, by, "payable", titles, formulas, parts)
    return parts


def _record_division(
    evaluator: Evaluator,
    by: Paying,
    amount: str,
    titles: Mapping[str, Text],
    formulas: Sequence[str],
    parts: Integers,
) -> None:
    """Record how an amount is divided among the payers, by their shares or what caps left."""
    if by.capped is not None:
        own = Steps()
        own.split(amount, titles, by.capped.names, by.divides, parts)
        evaluator.steps.add(own, by.capped.said)
    evaluator.steps.split(amount, titles, formulas, by.weights, parts)


def _pay_the_rest(
    evaluator: Evaluator,
    by: Paying,
    payable: Integers,
    to_date: Integers,
    paid: Integers,
    formulas: Sequence[str],
) -> Integers:
    """Return what each payer pays of what is payable, by what it still has to pay."""
    steps, due = evaluator.steps, award.among_payers(to_date, by.divides)
    bears, has_paid, rest = (
        _by_payer(evaluator.policy.rules, prefix, title)
        for prefix, title in (("due", DUE_OF), ("has_paid", HAS_PAID), ("rest", REST_OF))
    )
    left = np.maximum(due - paid, 0)
    steps.given("due_of_payers", DUE_OF_PAYERS, to_date)
    _record_division(evaluator, by, "due_of_payers", bears, formulas, due)
    steps.given_each(has_paid, paid, Unit.YUAN)
    for place, (name, title) in enumerate(rest.items()):
        formula = f"max({list(bears)[place]} − {list(has_paid)[place]}, 0)"
        steps.follows(name, title, formula, left[:, place])
    parts = award.among_payers(payable, left)
    steps.split("payable", _by_payer(evaluator.policy.rules, "payable", PAID_BY), rest, left, parts)
    return parts


def _record_shares(evaluator: Evaluator, by: Paying) -> list[str]:
    """Record the payers' shares; return how formulas name them."""
    rules = evaluator.policy.rules
    titles, why, how = _by_payer(rules, "paid_by", SHARE_OF), {}, {}
    for id_, step in zip(payer_names(rules), titles, strict=True):
        if id_ in by.how:
            how[step] = by.how[id_]
        when = [payer.when for payer in rules.payers if payer.id == id_]
        if (tests := deciding(evaluator.silent(), when, taken="each")) is not None:
            why[step] = tests
    return record_shares(evaluator, titles, by.shares, by.weights, exact=by.exact, why=why, how=how)


def record_shares(
    evaluator: Evaluator,
    titles: Mapping[str, Text],
    shares: Sequence[Rationals],
    weights: Integers,
    *,
    exact: bool,
    why: Mapping[str, Deciding] = MappingProxyType({}),
    how: Mapping[str, How] = MappingProxyType({}),
) -> list[str]:
    """Record shares by their names; return the names. `weights`, `exact`: see `Paying`.

    `why`: the tests by which they were chosen, by name; `how`: what they are computed by.
    """
    if exact and not how:
        evaluator.steps.given_each(titles, weights, Unit.RATIO, why)
        return list(titles)
    everywhere = np.zeros(evaluator.rows, dtype=np.int64)
    for column, ((name, title), of) in enumerate(zip(titles.items(), shares, strict=True)):
        if exact:
            step = Step(name, title, weights[:, column], Unit.RATIO, deciding=why.get(name))
        else:
            step = exactly(name, title, Computed(of, "", Kind.RATIO), None, why.get(name))
        place, formulas = how.get(name, How(everywhere, [""]))
        evaluator.steps.one_of(place, [step._replace(formula=formula) for formula in formulas])
    return list(titles)


def _by_payer(rules: PolicyFile, prefix: str, title: Text) -> dict[str, Text]:
    """Return the names and titles of steps of which each payer has one."""
    names = payer_names(rules)
    places = names_in_formulas(tuple(names))
    return {f"{prefix}_{places[id_]}": title.fill(payer=n.text) for id_, n in names.items()}


def fixed_shares(rules: PolicyFile) -> Integers | None:
    """Return (payers,) the shares in millionths where every case has the same; else None."""
    millionths = dict.fromkeys(payer_names(rules), 0)
    for payer in rules.payers:
        if payer.when or not isinstance(payer.share, Decimal):
            return None
        millionths[payer.id] += int(payer.share * PRINTED_SCALE)
    if any(cap.payer is not None for cap in rules.caps):
        return None
    return np.array(list(millionths.values()), dtype=np.int64)


def steps_of_fixed(rules: PolicyFile, amount: Integers, shares: Integers) -> Steps:
    """Return how `fixed_shares` divide what is payable, a step of that name, as `pay` says it."""
    steps, weights = Steps(), np.tile(shares, (len(amount), 1))
    of = _by_payer(rules, "paid_by", SHARE_OF)
    steps.given_each(of, weights, Unit.RATIO)
    parts = award.among_payers(amount, weights)
    steps.split("payable", _by_payer(rules, "payable", PAID_BY), list(of), weights, parts)
    return steps
