"""Caps on what payers pay of the compensation, which come after all other caps.

One after another in the file's order. What lies above goes to other payers or falls away.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text, joined
from compensation.money import MAX_TOTAL_FEN
from compensation.policy.model import NOBODY, Cap
from compensation.policy.quantities import PAYER_PREFIX, decided_before, payer_names
from compensation.rules import award, rationals
from compensation.rules.caps import (
    COUNTED,
    COUNTED_BEFORE,
    COUNTED_WITHIN,
    IN_POOL,
    NOT_CAPPED,
    USED,
    WITHIN_POOL,
    Capped,
    Limit,
    as_approved,
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
    stop,
    using,
)
from compensation.rules.conditions import counting_tests
from compensation.rules.decision import Cases, applying, none_failed, why_applying
from compensation.rules.payers import (
    How,
    Parts,
    Paying,
    record_shares,
    record_shares_of,
    titles_by_payer,
    weights_of,
)
from compensation.rules.quantities import Evaluator
from compensation.rules.rounding import unit_of
from compensation.rules.sharing import share, turn_of
from compensation.rules.steps import Steps, names_in_formulas

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
    to_share = (step, "compensation_to_share", TO_SHARE)
    amount, shared = as_approved(cases, compensation, to_share, steps)
    parts = award.among_payers(amount, by.weights)
    titles = titles_by_payer(evaluator.policy.rules, "part", PART_OF)
    steps.split(shared, titles, record_shares_of(evaluator, by), by.weights, parts.copy())
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
        within, low = _left_by(_Part(cap, cases, part, above_of, left, evaluator, met), capped)
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
    by = by._replace(parts=Parts(parts, cut, (amount > 0) | ~limited, names))
    return CappedPayers(by, compensation, after, limit, emptied, below)


class _Part(NamedTuple):
    """What a cap is on: what payers pay of each case before it.

    `step`, `left`: the names of that and of what the cap leaves of it. `met`: the cases that such a
    cap may be for.
    """

    cap: Cap
    cases: Cases
    fen: Integers
    step: str
    left: str
    evaluator: Evaluator
    met: Flags

    @property
    def said(self) -> Flags:
        """The cases that the cap is for."""
        return self.met & applying(self.evaluator, self.cap.when)

    def passed_over(self, left: Integers, said: Flags) -> None:
        """Record that the part stays as it is in the cases that the cap is not for."""
        why = why_applying(self.evaluator, self.cap.when, where=False)
        self.evaluator.steps.follows(
            self.left, NOT_CAPPED, self.step, left, said=~said, deciding=why
        )


def _left_by(part: _Part, capped: Capped) -> tuple[Integers, Flags]:
    """Return what a cap leaves of a part, and which cases do not reach where it begins.

    `capped`: what the caps on the cases left.
    """
    cap, none = part.cap, np.zeros_like(part.met)
    if is_pool(cap):
        return _of_pool(part), none
    if cap.of is None and cap.above is None and not cap.stops:
        return _within(part), none
    return _of_what_counts(part, _counting(part, capped))


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


def _within(part: _Part) -> Integers:
    """Return what a cap leaves of a part: up to the limit, which cases of a group may share."""
    cap, cases, evaluator = part.cap, part.cases, part.evaluator
    own, said = Steps(), part.said
    left = limit_of(cap, evaluator.policy, cases, evaluator.with_steps(own))
    room = cap_name(cap)
    if cap.per is not None:
        uses = np.where(using(cases), MAX_TOTAL_FEN, 0)
        groups = [cases.groups[cap.per]]
        through = award.through_group_caps(
            part.fen, order_of(cases), groups, [left], [False], [said], uses
        )
        own.given(f"used_{room}", USED, through.used[0])
        left, room = np.maximum(left - through.used[0], 0), f"max({room} − used_{room}, 0)"
    evaluator.steps.add(own, said)
    within = np.where(said, np.minimum(part.fen, left), part.fen)
    evaluator.steps.follows(part.left, PART_WITHIN, f"min({part.step}, {room})", within, said=said)
    part.passed_over(within, said)
    return within


def _of_pool(part: _Part) -> Integers:
    """Return what a cap leaves of a part where it is money that is shared in proportion.

    A case takes part with what the payer would pay of it, unless a review rejected it.
    """
    cap, cases, evaluator = part.cap, part.cases, part.evaluator
    own, said = Steps(), part.said
    whose, money = said & not_rejected(cases), cap_name(cap)
    limit = limit_of(cap, evaluator.policy, cases, evaluator.with_steps(own))
    got = share(
        np.where(whose, part.fen, 0),
        cases.groups[cap.per or ()],
        turn_of(evaluator, cap.first) if cap.first else None,
        limit,
        whose,
        cases.rank,
        unit_of(evaluator.policy.rules.compensation, cap),
        names_of_pool(part.step, money, money),
        (IN_POOL, None),
        cap,
        own,
    )
    evaluator.steps.add(own, said)
    left, follows = np.where(got.short, got.fen, part.fen), evaluator.steps.follows
    follows(part.left, WITHIN_POOL, got.formula, left, said=got.short)
    follows(part.left, PART_WITHIN, part.step, left, said=said & ~got.short)
    part.passed_over(left, said)
    return left


def _counting(part: _Part, capped: Capped) -> Flags:
    """Return the cases that count towards a cap on a payer as towards one on the base.

    Those that are compensated; up to where it begins also what comes to less than the least amount.
    """
    kept = none_failed(capped.refused, len(part.met))
    kept = kept if part.cap.above is None else kept | capped.little
    return part.met & not_rejected(part.cases) & kept


def _of_what_counts(part: _Part, counts: Flags) -> tuple[Integers, Flags]:
    """Return what a cap leaves of a part where it is on what the cases come to (`of`).

    And of which cases nothing reaches where the cap begins. The part is cut as what counts is, or
    is nothing once a cap has stopped; without `of` the part itself counts. `counts`: the cases that
    count where not all do.
    """
    cap, cases, policy = part.cap, part.cases, part.evaluator.policy
    limit, steps = cap_name(cap), Steps()
    own, said = part.evaluator.with_steps(steps), part.said
    of, formula, known = part.fen, part.step, np.ones_like(said)
    if cap.of is not None:
        of, formula, known = in_fen(own, cap.of)
        rationals.summable(of)
    why = why_applying(own, cap.when, where=True)
    steps.follows(f"counted_{limit}", COUNTED, formula, of, cited=cap, deciding=why)
    before = np.zeros_like(of)
    if cap.per is not None:
        counts = counts & said & known
        if cap.counts_all:
            counts = known & applying(part.evaluator, counting_tests(policy, cap.when))
    if cap.stops:
        return _until_it_stops(part, of, counts, own, said), np.zeros_like(said)
    if cap.per is not None:
        used = np.where(counts, of, 0)
        before = award.sum_before(used, cases.groups[cap.per], order_of(cases))
    steps.given(f"before_{limit}", COUNTED_BEFORE, before)
    within, formula, low = part_within(cap, policy, own, of, before)
    steps.follows(f"within_{limit}", COUNTED_WITHIN, formula, within)
    if cap.of is None:
        left = steps.follows(part.left, PART_WITHIN, f"within_{limit}", within)
    else:
        left = cut_alike(cap, part.fen, of, within, steps, (part.step, part.left, PART_WITHIN))
    part.evaluator.steps.add(steps, said)
    left = np.where(said, left, part.fen)
    part.passed_over(left, said)
    return left, low


def _until_it_stops(
    part: _Part, of: Integers, counts: Flags, own: Evaluator, said: Flags
) -> Integers:
    """Return a part as it is until what counts has passed the limit, and nothing after that."""
    named, steps = (part.left, part.step), own.steps
    over = stop(part.cap, own.policy, part.cases, of, counts, own, named)
    left = np.where(over, 0, part.fen)
    steps.follows(part.left, ABOVE, f"0 × {part.step}", left, said=over & ~counts)
    steps.follows(part.left, PART_WITHIN, part.step, left, said=~over)
    part.evaluator.steps.add(steps, said)
    left = np.where(said, left, part.fen)
    part.passed_over(left, said)
    return left
