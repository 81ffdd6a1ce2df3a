"""Caps: how much of a base counts, and how much compensation a claim or a group may get.

Caps on the base come first, then the rate, then caps on the compensation of each claim alone, then
those that groups share; each kind in the file's order. A limit is cut to the whole fen, or, where
it is computed from what the case comes to at its rate, rounded as that is.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.money import FEN_PER_YUAN, MAX_TOTAL_FEN, half_up_of_product
from compensation.policy.cap_words import cap_title
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import (
    NOBODY,
    Cap,
    Compensation,
    Definition,
    Note,
    Operation,
    Quantity,
)
from compensation.policy.quantities import (
    CASE_AT_RATE,
    CASE_CAPPED,
    PAID_EARLIER,
    always_known,
    carries_over,
    comes_last,
    decided_before,
)
from compensation.rules import award, rationals
from compensation.rules.conditions import counting_tests
from compensation.rules.decision import (
    TOO_LITTLE,
    Cases,
    also_failed,
    applying,
    none_failed,
    why_applying,
)
from compensation.rules.quantities import Computed, Evaluator
from compensation.rules.rationals import Rationals
from compensation.rules.rounding import (
    CUT_TOO_LITTLE,
    cut,
    cut_formula,
    least_of,
    raised_formula,
    rounded,
    too_little,
    unit_of,
)
from compensation.rules.sharing import Named, share, turn_of
from compensation.rules.steps import Step, Steps, Unit
from compensation.rules.variables import Variable
from compensation.schema.choices import REJECTED
from compensation.schema.column import ColumnType
from compensation.values.dates import date_of

FLOOR_OF_CAP = Text("起算点", "from where it counts")
COUNTED = Text("计入上限的金额", "what counts towards the cap")
COUNTED_BEFORE = Text("排在前面的已计入", "counted before this one")
COUNTED_EARLIER = Text("以前年度已补偿业务的", "of cases of earlier years, compensated")
ALL_EARLIER = Text("以前年度各笔业务的", "of all cases of earlier years")
COUNTED_SO_FAR = Text("以前年度和排在前面的已计入", "counted so far, with earlier years")
COUNTED_WITHIN = Text("上限内计入的金额", "counted within the cap")
BASE_WITHIN = Text("封顶后基数", "base within the cap")
EARLIER = Text("以前年度的补偿", "compensation of earlier years")
RETURNED = Text(
    "其中上年末以前追偿返还政府的",
    "of which recoveries had returned to government by last year's end",
)
RETURNED_TO_PAYERS = Text(
    "其中上年末以前追偿返还出资方的",
    "of which recoveries had returned to the payer by last year's end",
)
USED = Text("同一上限下排在前面的已用", "used of the cap by those before this one")
WITHIN_CAP = Text("封顶后补偿额", "within the cap")
APPROVED_AMOUNT = Text("核定补偿金额", "approved amount")
IN_POOL = Text("一同分配的合计", "what shares the pool, together")
OWN_POOL = Text("按自己一组的额度分得", "part of the group's own pool")
ALL_POOLS = Text("各组全部资金", "money of all groups")
ALL_OWN_POOLS = Text("各组按自己的额度分得的合计", "what groups get of their own pools, together")
UNUSED = Text("各组用不完的资金", "what groups leave over")
MISSING = Text("自己一组的额度不足的金额", "what the group's own pool falls short of")
ALL_MISSING = Text("不足的金额合计", "what own pools fall short of, together")
WITHIN_POOL = Text("按比例分得的补偿额", "part of the pool in proportion")
NOT_CAPPED = Text("不适用这一上限", "this cap does not apply")
ABOVE_CAP = Text("超过上限，不予补偿", "above the cap, so refused")
AS_ONE = Text("视为一笔的各笔合计", "what counts as one with it, together")
AHEAD = Text("同组金额更高的笔数（相同的按先后）", "ahead of it in its group by amount")
NOT_HIGHEST = Text("金额不是最高的，不予补偿", "not among the highest, so refused")
STOPS_HERE = Text("超过上限，自本笔起停止补偿", "above the cap, so it stops here")
STOPPED_BEFORE = Text("以前年度已超过上限，停止补偿", "stopped: above the cap in other years")
STOPPED = Text("已在 {id}（{day}）超过上限，其后停止补偿", "stopped: {id} ({day}) passed the cap")
PAYER_STOPS_HERE = Text("超过上限，自本笔起不再承担", "above the cap, so it pays no more from here")
PAYER_STOPPED = Text(
    "已在 {id}（{day}）超过上限，其后不再承担", "pays no more: {id} ({day}) passed the cap"
)
NOT_REACHED = Text("{cap}（达到即停止，减 1 分）", "{cap}, not to be reached: less one fen")


class Capped(NamedTuple):
    """An amount after caps, the step that says it, and by cap which claims it refused.

    `emptied`: by cap, of which claims it left nothing of something without refusing them; `below`:
    of these, by cap, the claims of which nothing reaches the amount above which it counts, or of
    which a pool leaves too little.
    `little`: the claims that come to less than the least amount, by a cap or by themselves.
    """

    amount: Integers
    step: str
    refused: dict[str, Flags]
    emptied: dict[str, Flags]
    below: dict[str, Flags]
    little: Flags


class Limit(NamedTuple):
    """The lowest of the caps on each claim's compensation, in fen, and its place among all caps.

    Both are −1 where no cap is for the claim. Of a cap that claims share, it is what those before
    left of it.
    """

    fen: Integers
    cap: Integers

    def lowered(self, to: Integers, cap: int, said: Flags) -> Limit:
        """Return the lower of this and another limit, which is for the claims in ``said``."""
        lower = said & ((self.fen < 0) | (to < self.fen))
        # Above what a result can hold, a limit takes nothing from anybody.
        held = np.minimum(to, MAX_TOTAL_FEN).astype(np.int64)
        return Limit(np.where(lower, held, self.fen), np.where(lower, cap, self.cap))


def cap_name(cap: Cap) -> str:
    """Return the name of the step that says a cap's limit."""
    return f"cap_{cap.id.replace('-', '_')}"


def name_after(cap: Cap) -> str:
    """Return the name of the step that says what a cap leaves of the compensation."""
    return f"compensation_after_{cap.id.replace('-', '_')}"


def in_order(policy: Policy) -> list[Cap]:
    """Return the caps on the compensation: of each claim alone, then of groups, then pools.

    Each kind in the file's order, as they are applied; of groups those first that keep the highest
    cases; before the pools those of what the others leave. Those on a payer's part come later, see
    `rules.payer_caps`, and so do set-offs, see `rules.set_off`.
    """
    of_cases = [cap for cap in policy.rules.caps if cap.payer is None and not cap.sets_off]
    caps = [cap for cap in of_cases if cap.on != "base"]

    def order(cap: Cap) -> tuple[bool, ...]:
        return is_pool(cap), comes_last(cap), cap.per is not None, cap.keep == "first"

    return sorted(caps, key=order)


def is_pool(cap: Cap) -> bool:
    """Return whether the cases of a group get their parts of a cap in proportion."""
    return cap.exceeding == "pro_rata"


class _Refused(NamedTuple):
    """The step of what a cap that stops refuses, which says where it stopped.

    `at_claim`: the row of the claim that passed the limit, −1 where none of the year did. `here`,
    `later`: what is said of that claim and of later ones.
    """

    step: Step
    at_claim: Integers
    cases: Cases
    here: Text
    later: Text

    def at(self, row: int) -> Iterator[Step]:
        claim = int(self.at_claim[row])
        title = self.here if claim == row else STOPPED_BEFORE
        if claim not in (row, -1):
            assert self.cases.ids is not None
            day = date_of(int(self.cases.day[claim]))
            title = self.later.fill(id=self.cases.ids[claim].as_py(), day=day)
        for step in self.step.at(row):
            yield step._replace(title=title)


def limit_in_fen(cap: Cap, evaluator: Evaluator) -> tuple[Integers, str, Flags]:
    """Return a cap's limit as `in_fen` does; of one that stops it may be below 0.

    A limit that may not be reached is the next fen below it.
    """
    assert cap.limit is not None
    if not cap.stops:
        return in_fen(evaluator, cap.limit, 1 if cap.on == "cases" else FEN_PER_YUAN)
    computed = evaluator.amount(cap.limit)
    values, formula, whole = computed.values, computed.formula, computed.whole
    if cap.below is None:
        formula = formula if whole else f"floor({formula})"
        return rationals.floor(values, FEN_PER_YUAN), formula, values.known
    formula = formula if whole else f"ceil({formula}, 1 / 100)"
    fen = -rationals.floor(rationals.negative(values), FEN_PER_YUAN) - 1
    return fen, f"{formula} − 1 / 100", values.known


def in_fen(
    evaluator: Evaluator, quantity: Quantity, scale: int = FEN_PER_YUAN
) -> tuple[Integers, str, Flags]:
    """Return a quantity in whole fen, cut, at least 0; its formula; where it is known.

    `scale`: 1 for a number of cases.
    """
    computed = evaluator.compute(quantity) if scale == 1 else evaluator.amount(quantity)
    fen = rationals.floor(computed.values, scale)
    formula = computed.formula
    if not computed.whole:
        formula = f"floor({formula})" if scale > 1 else f"floor({formula}, 1)"
    if computed.signed:
        formula = f"max({formula}, 0)"
    return np.maximum(fen, 0), formula, computed.values.known


def order_of(cases: Cases) -> Integers:
    """Return the claims by the day that puts them into their year, then by id."""
    return np.lexsort((cases.rank, cases.day)).astype(np.int64)


def not_rejected(cases: Cases) -> Flags:
    """Return the claims that no review rejected."""
    kept = np.ones(len(cases.principal), dtype=np.bool_)
    for review in cases.reviews:
        kept &= review != REJECTED
    return kept


def using(cases: Cases) -> Flags:
    """Return the claims that use of what is shared: neither refused nor rejected by a review."""
    kept = not_rejected(cases)
    return kept if cases.refused is None else kept & ~cases.refused.any(axis=0)


def losing(cases: Cases) -> Flags:
    """Return the claims whose losses count along slices and up to where a cap begins.

    Also those that come to less than the least amount: what lies in a deductible is paid nothing.
    """
    kept = not_rejected(cases)
    return kept if cases.refused is None else kept & ~cases.refused[0]


LOSSES_COUNT = Definition(
    id="losses_too_little",
    clause="—",
    basis="assumption",
    note=Note(
        zh="不足起付金额而不予补偿的，其损失仍计入合计的分段和起算点",
        en="the losses of claims that come to less than the least amount still count along the "
        "slices that claims fill together, and up to where a cap begins",
    ),
)
"""The rule of `losing` as results list it among what they assume."""


def counts_losses(policy: Policy) -> bool:
    """Return whether claims below the least amount count for others, though nothing is paid."""
    rules = policy.rules
    shared = (cap for cap in rules.caps if cap.per is not None and not cap.counts_all)
    begins = any(cap.above is not None and not cap.sets_off for cap in shared)
    return least_of(rules.compensation) > 0 and (begins or _slices_shared(policy))


def _slices_shared(policy: Policy) -> bool:
    """Return whether claims fill slices together, by what becomes of them."""
    rates = policy.rules.rates
    return rates.per is not None and rates.counts != "all"


def shares_before_refusing(policy: Policy) -> bool:
    """Return whether claims share something before it is known which of them use nothing of it."""
    rules = policy.rules
    on_base = [cap for cap in rules.caps if cap.on == "base"]
    shared = [cap for cap in on_base if cap.per is not None and not cap.counts_all]
    refusing = any(cap.refuses for cap in rules.caps)
    enough = least_of(rules.compensation) > 0 and any(cap.above is None for cap in shared)
    return enough or (refusing and (bool(shared) or _slices_shared(policy)))


def most_used(cases: Cases, unit: int) -> Integers:
    """Return the most that each claim uses of a cap that it shares, whatever it is computed with.

    Nothing where a review rejected it; what was approved where that is given, in whole units.
    """
    most = np.full(len(cases.principal), MAX_TOTAL_FEN, dtype=np.int64)
    if cases.approved is not None:
        approved = -cut(-cases.approved.numerator, unit)
        most = np.where(cases.approved.known, approved, most)
    # What is refused gets nothing anyway, and the claim that a cap stops before would have used it.
    return np.where(not_rejected(cases), most, 0)


def used_before_review(policy: Policy, cases: Cases, evaluator: Evaluator) -> Integers:
    """Return `most_used` of the caps that groups share, in whole units of the compensation.

    All of a claim of which a later cap takes a part of what they leave: what was approved is of
    what that cap leaves in the end, and says nothing of what was used before.
    """
    most = most_used(cases, unit_of(policy.rules.compensation))
    whole = most_used(cases._replace(approved=None), unit_of(policy.rules.compensation))
    for cap in filter(comes_last, policy.rules.caps):
        most = np.where(applying(evaluator.silent(), cap.when), whole, most)
    return most


def shares_of_rest(cap: Cap, evaluator: Evaluator) -> tuple[tuple[Rationals, ...], Flags]:
    """Return each taker's share of what lies above a cap; where they make 1, none below 0."""
    shares = tuple(evaluator.compute(taker.share).values for taker in cap.takers)
    whole = rationals.constant(1, evaluator.rows)
    together = functools.reduce(rationals.total, shares)
    sound = together.known & (rationals.sign(together, whole) == 0)
    return shares, np.logical_and.reduce([sound, *(share.numerator >= 0 for share in shares)])


def undefined(policy: Policy, cases: Cases, evaluator: Evaluator, met: Flags) -> dict[str, Flags]:
    """Return by cap which claims it has no limit for: blank, or divided by 0; such are refused.

    Or of which the shares of what lies above do not make 1.
    """
    found = {}
    for cap in policy.rules.caps:
        unsure = [limit for limit in cap.quantities if not always_known(limit)]
        shared = not all(isinstance(taker.share, Decimal) for taker in cap.takers)
        if not unsure and not shared:
            continue
        steps = Steps()
        own = knowing_as_known(cap, cases.earlier, evaluator.with_steps(steps))
        sound = [shares_of_rest(cap, own)[1]] if shared else []
        known = np.logical_and.reduce(
            [*sound, *(own.compute(limit).values.known for limit in unsure)]
        )
        if not known.all():
            found[cap.id] = met & ~known & applying(evaluator, cap.when)
            limit = Variable(np.zeros_like(known, np.int64), known, None, ColumnType.MONEY)
            steps.given(cap_name(cap), cap_title(policy, cap), limit, Unit.OWN, cap)
            evaluator.steps.add(steps, found[cap.id])
    return found


def cap_base(
    policy: Policy, cases: Cases, base: Integers, evaluator: Evaluator, met: Flags
) -> Capped:
    """Apply the caps on the base; ``met``: the claims that meet their conditions and count.

    A claim of which only a part counts has its base cut in the same proportion, half up to the fen.
    Where all claims count, each does with its base before any cap.
    """
    whole, step = base, "base"
    refused: dict[str, Flags] = {}
    emptied: dict[str, Flags] = {}
    below: dict[str, Flags] = {}
    for cap in policy.rules.caps:
        if cap.on != "base":
            continue
        steps = Steps()
        own = evaluator.with_steps(steps)
        applies = applying(evaluator, cap.when)
        said = met & applies
        counted, formula, known = base, step, np.ones_like(met)
        name = cap_name(cap)
        if cap.counts_all:
            counted, formula = whole, "base"
        in_proportion = cap.of is not None or formula != step
        if cap.of is not None:
            counted, formula, known = in_fen(own, cap.of)
            rationals.summable(counted)
        why = why_applying(own, cap.when, where=True)
        of = steps.follows(f"counted_{name}", COUNTED, formula, counted, cited=cap, deciding=why)
        counts = said & known
        if cap.counts_all:
            counts = known & applying(evaluator, counting_tests(policy, cap.when))
        if cap.stops:
            named = (f"within_{name}", f"counted_{name}")
            refuses = said & stop(cap, policy, cases, of, counts, own, named)
            within, text = of, f"counted_{name}"
        else:
            before = np.zeros_like(of)
            if cap.per is not None:
                if not cap.counts_all:
                    counts = counts & (using(cases) if cap.above is None else losing(cases))
                before = _before(cap, cases, of, counts, own.silent())
            if cap.years == "this":
                steps.given(f"before_{name}", COUNTED_BEFORE, before)
            else:
                steps.given(f"this_year_{name}", COUNTED_BEFORE, before)
                title = ALL_EARLIER if cap.counts_all else COUNTED_EARLIER
                steps.given(f"earlier_{name}", title, cases.earlier[cap.id])
                before = before + cases.earlier[cap.id]
                formula = f"earlier_{name} + this_year_{name}"
                steps.follows(f"before_{name}", COUNTED_SO_FAR, formula, before)
            within, text, low = part_within(cap, policy, own, of, before)
            refuses = said & (within < of) if cap.exceeding == "refuse" else np.zeros_like(said)
        within = np.where(refuses, 0, within)
        nothing = f"0 × counted_{name}"
        steps.follows(f"within_{name}", ABOVE_CAP, nothing, within, said=refuses)
        steps.follows(f"within_{name}", COUNTED_WITHIN, text, within, said=~refuses)
        after = f"base_after_{cap.id.replace('-', '_')}"
        if not in_proportion:
            capped = steps.follows(after, BASE_WITHIN, f"within_{name}", within)
        else:
            capped = cut_alike(cap, base, of, within, steps, (step, after, BASE_WITHIN), refuses)
        evaluator.steps.add(steps, said)
        why = why_applying(own, cap.when, where=False)
        evaluator.steps.follows(after, NOT_CAPPED, step, base, said=~said, deciding=why)
        emptied[cap.id] = said & (base > 0) & (capped == 0) & ~refuses
        if cap.above is not None:
            below[cap.id] = emptied[cap.id] & low
        base, step = np.where(said, capped, base), after
        if cap.refuses:
            refused[cap.id] = refuses
    return Capped(base, step, refused, emptied, below, np.zeros_like(met))


def cut_alike(
    cap: Cap,
    amount: Integers,
    of: Integers,
    within: Integers,
    steps: Steps,
    named: tuple[str, str, Text],
    refuses: Flags | None = None,
) -> Integers:
    """Return an amount cut as what counts towards a cap is cut, half up to the fen; it is recorded.

    `of`: what counts, `within`: what of that lies within the cap. `named`: the step of the amount,
    and the name and title of what is left. `refuses`: the cases that the cap refuses whole.
    """
    before, after, title = named
    # Where nothing counts, nothing lies above the cap, but nothing above its start either.
    free = (of == 0) & (cap.above is None)
    if refuses is not None:
        free = free & ~refuses
    left = np.where(free, amount, half_up_of_product(amount, within, np.maximum(of, 1)))
    name = cap_name(cap)
    part = f"half_up({before} × within_{name} / max(counted_{name}, 1 / 100))"
    steps.follows(after, title, part, left, said=~free)
    return steps.follows(after, title, before, left, said=free)


def stop(
    cap: Cap,
    policy: Policy,
    cases: Cases,
    of: Integers,
    counts: Flags,
    evaluator: Evaluator,
    named: tuple[str, str],
) -> Flags:
    """Return which claims come too late for a cap that stops, on the base or on a payer.

    It is recorded. `counts`: the claims that count, whether they are compensated or not. `named`:
    the step of what is left of a claim, and the one before it.
    """
    name, steps = cap_name(cap), evaluator.steps
    limit, group = limit_of(cap, policy, cases, evaluator), cases.groups[cap.per or ()]
    amount, first = np.where(counts, of, 0), cap.exceeding == award.BEFORE
    before, over = award.stopping(amount, order_of(cases), group, limit, before=first)
    steps.given(f"before_{name}", COUNTED_BEFORE, before)
    _record_stop(cap, _Stop(before, limit, counts & over), *named, counts, cases, steps)
    return over


class _Stop(NamedTuple):
    """What was counted before each claim, the limit, and the claims that a cap refuses by it."""

    before: Integers
    limit: Integers
    refused: Flags


def _record_stop(
    cap: Cap, stop: _Stop, name: str, of: str, counts: Flags, cases: Cases, steps: Steps
) -> None:
    """Record what a cap that stops leaves of refused claims: nothing, and where it stopped.

    `name`: of the step, `of`: of the one before it. `counts`: the claims that count towards it.
    """
    at_claim = award.stopped_at(
        stop.before, stop.limit, counts, cases.groups[cap.per or ()], order_of(cases)
    )
    nothing = Step(name, ABOVE_CAP, 0, formula=f"0 × {of}", cited=cap, said=stop.refused)
    of_case = cap.payer is None
    said = (STOPS_HERE, STOPPED) if of_case else (PAYER_STOPS_HERE, PAYER_STOPPED)
    steps.add(_Refused(nothing, at_claim, cases, *said))


def _before(cap: Cap, cases: Cases, of: Integers, uses: Flags, evaluator: Evaluator) -> Integers:
    """Return what the claims of its group that come before each one count towards a cap.

    `uses`: those that may; where the cap refuses a claim whole, that one does not.
    """
    group, order = cases.groups[cap.per or ()], order_of(cases)
    if cap.exceeding != "refuse":
        return award.sum_before(np.where(uses, of, 0), group, order)
    assert cap.at_most is not None
    limit, _, known = in_fen(evaluator, cap.at_most)
    if cap.years != "this":
        limit = np.maximum(limit - cases.earlier[cap.id], 0)
    most = np.where(uses & known, MAX_TOTAL_FEN, 0)
    through = award.through_group_caps(of, order, [group], [limit], [True], [uses & known], most)
    used: Integers = through.used[0]
    return used


def part_within(
    cap: Cap, policy: Policy, evaluator: Evaluator, of: Integers, before: Integers
) -> tuple[Integers, str, Flags]:
    """Return how much of an amount lies in the cap, with what was counted before; its formula.

    And of which rows nothing reaches the amount above which the cap counts.
    """
    name, steps = cap_name(cap), evaluator.steps
    reached, known = before + of, np.ones(len(of), dtype=np.bool_)
    low = np.zeros_like(known)
    formula = f"before_{name} + counted_{name}"
    if cap.at_most is not None:
        limit, text, known = in_fen(evaluator, cap.at_most)
        steps.follows(name, cap_title(policy, cap), text, limit, cited=cap)
        reached, formula = np.minimum(reached, limit), f"min({formula}, {name})"
    start, said = before, f"before_{name}"
    if cap.above is not None:
        least, text, also = in_fen(evaluator, cap.above)
        steps.follows(f"floor_of_{name}", FLOOR_OF_CAP, text, least, cited=cap)
        start, said = np.maximum(before, least), f"max({said}, floor_of_{name})"
        known, low = known & also, before + of <= least
    within = np.where(known, np.maximum(reached - start, 0), 0)
    return within, f"max({formula} − {said}, 0)", low


def cap_compensation(
    policy: Policy,
    cases: Cases,
    compensation: Integers,
    evaluator: Evaluator,
    met: Flags,
    on_base: Capped,
) -> tuple[Capped, Limit]:
    """Apply the caps on the compensation of each claim alone, then those that groups share.

    `met`: the claims that meet their conditions and that no cap on the base refused. `on_base`:
    what caps on the base did; where one left nothing, that, and not the least amount, is why the
    claim gets nothing.
    """
    before = "compensation_at_rate"
    refused: dict[str, Flags] = {}
    emptied, below = dict(on_base.emptied), dict(on_base.below)
    none = np.full(len(compensation), -1, dtype=np.int64)
    lowest = Limit(none, none)
    places = {cap.id: place for place, cap in enumerate(policy.rules.caps)}
    caps = in_order(policy)

    def alone(cap: Cap, evaluator: Evaluator) -> None:
        nonlocal compensation, lowest, before
        own = Steps()
        limit = limit_of(cap, policy, cases, evaluator.with_steps(own))
        said = applying(evaluator, cap.when)
        lowest = lowest.lowered(limit, places[cap.id], said)
        evaluator.steps.add(own, said)
        over = said & (compensation > limit)
        refuses = over if cap.exceeding == "refuse" else np.zeros_like(over)
        capped = np.where(refuses, 0, np.minimum(compensation, limit))
        emptied[cap.id] = said & (compensation > 0) & (capped == 0) & ~refuses
        compensation = np.where(said, capped, compensation)
        before = _after(cap, before, cap_name(cap), compensation, refuses, said, evaluator)
        refused[cap.id] = refuses

    last = [cap for cap in caps if comes_last(cap)]
    for cap in caps:
        if cap.per is None and cap not in last:
            alone(cap, evaluator)
    rule = policy.rules.compensation
    counts = met & none_failed(refused, len(met))
    compensation, little, before = too_little(
        rule, compensation, counts, before, "compensation_if_enough", evaluator.steps
    )
    for cap in caps:
        if cap.keep == "highest":
            compensation, refused[cap.id], before = _keep_highest(
                cap, policy, cases, compensation, before, evaluator
            )
    shared = [cap for cap in caps if cap.per is not None and not is_pool(cap)]
    shared = [cap for cap in shared if cap.keep == "first"]
    if shared:
        result = _share(policy, cases, compensation, evaluator, shared)
        for place, cap in enumerate(shared):
            own, said, used = result.limiting[place], result.applies[place], result.caps.used[place]
            refuses = result.caps.refused[place]
            if cap.stops:
                lowest = lowest.lowered(np.zeros_like(used), places[cap.id], refuses)
                counts = said & (refuses | (result.caps.through[place] > 0))
                stop = _Stop(used, result.limits[place], refuses)
                _record_stop(cap, stop, name_after(cap), before, counts, cases, evaluator.steps)
            elif cap.on != "cases":
                left = np.maximum(result.limits[place] - used, 0)
                lowest = lowest.lowered(left, places[cap.id], said)
            own.given(f"used_{cap_name(cap)}", USED, *_counted(cap, used))
            evaluator.steps.add(own, said)
            room = f"max({cap_name(cap)} − used_{cap_name(cap)}, 0)"
            through = result.caps.through[place]
            emptied[cap.id] = said & (compensation > 0) & (through == 0) & ~refuses
            compensation = through
            before = _after(cap, before, room, compensation, refuses, said, evaluator)
            refused[cap.id] = refuses
    for cap in last:
        alone(cap, evaluator.knowing(CASE_CAPPED, of_fen(compensation, before)))
    if shared or last:
        counts = met & ~little & none_failed(refused, len(met))
        compensation, less, before = too_little(
            rule, compensation, counts, before, "compensation_left_if_enough", evaluator.steps
        )
        little = little | less
    for cap in filter(is_pool, caps):
        uses = np.minimum(compensation, most_used(cases, unit_of(rule)))
        compensation, cut_by_it, before = _part_of_pool(
            cap, policy, cases, compensation, before, evaluator
        )
        enough = f"{before}_if_enough"
        fell = cut_by_it & (compensation < uses)  # what is left over may make one whole again
        compensation, less, before = too_little(
            cap, compensation, fell, before, enough, evaluator.steps, CUT_TOO_LITTLE
        )
        lowest = lowest.lowered(compensation, places[cap.id], cut_by_it)
        emptied[cap.id] = (uses > 0) & cut_by_it & (compensation == 0)
        below[cap.id] = emptied[cap.id] & less
    refusing = {cap.id for cap in caps if cap.refuses}
    kept = {id_: rows for id_, rows in refused.items() if id_ in refusing}
    if little.any():
        also_failed(kept, {id_: rows & little for id_, rows in emptied.items() if rows.any()})
        by_caps = np.any([np.zeros_like(little), *emptied.values()], axis=0)
        also_failed(kept, {TOO_LITTLE: little & ~by_caps})
    return Capped(compensation, before, kept, emptied, below, little), lowest


def _keep_highest(
    cap: Cap, policy: Policy, cases: Cases, amount: Integers, before: str, evaluator: Evaluator
) -> tuple[Integers, Flags, str]:
    """Return the amounts of the highest cases of each group, whom it refuses, the step's name.

    Cases are compared by what caps on each alone leave, at most what is approved. Those that a
    review rejected, or that come to nothing, take no place.
    """
    own, name, group = Steps(), cap_name(cap), cases.groups[cap.per or ()]
    limit = limit_of(cap, policy, cases, evaluator.with_steps(own))
    said, rows = applying(evaluator, cap.when), np.arange(len(amount))
    uses = np.minimum(amount, used_before_review(policy, cases, evaluator))
    item = cases.groups[cap.compared] if cap.as_one else rows
    found = award.ahead(np.where(said, uses, 0), order_of(cases), group, item)
    refused = said & (amount > 0) & (found.number >= limit)
    if cap.as_one:
        own.given(f"together_{name}", AS_ONE, found.together)
    own.given(f"ahead_{name}", AHEAD, *_counted(cap, found.number))
    evaluator.steps.add(own, said)
    left, room = np.where(refused, 0, amount), f"max({name} − ahead_{name}, 0)"
    return left, refused, _after(cap, before, room, left, refused, said, evaluator)


def _part_of_pool(
    cap: Cap, policy: Policy, cases: Cases, amount: Integers, before: str, evaluator: Evaluator
) -> tuple[Integers, Flags, str]:
    """Return what a pool leaves of the amounts, which ones it cuts, and the name of the step.

    Where the cases of a group use more than the pool holds, each gets its part in proportion to
    what it uses, in whole units; what they leave over goes as the cap says. What groups leave of
    a sum `in_all` is shared so by what the others are short of.
    """
    own, name, unit = Steps(), cap_name(cap), unit_of(policy.rules.compensation)
    limiting = evaluator.with_steps(own)
    pool = limit_of(cap, policy, cases, limiting)
    said, group = applying(evaluator, cap.when), cases.groups[cap.per or ()]
    uses = np.where(said, np.minimum(amount, most_used(cases, unit)), 0)
    shared_in = unit_of(policy.rules.compensation, cap)
    counted = before
    if cases.approved is not None:
        given = Steps()
        given.given("approved_amount", APPROVED_AMOUNT, cases.approved.numerator)
        own.add(given, cases.approved.known)
        counted = f"counted_{name}"
        most = raised_formula("approved_amount", unit)
        for formula, of in ((f"min({before}, {most})", True), (before, False)):
            which = using(cases) & (cases.approved.known == of)
            own.follows(counted, COUNTED, formula, uses, said=which)
    turn = turn_of(evaluator, cap.first) if cap.first else None
    alike = (cases.rank, shared_in)
    names = names_of_pool(counted, name, name)
    cuts = said & using(cases)
    part = share(uses, group, turn, pool, cuts, *alike, names, (IN_POOL, None), cap, own)
    fen, cuts, formula = part.fen, part.short, part.formula
    evaluator.steps.add(own, said)
    if cap.in_all is not None:
        more = Steps()
        more.follows(f"own_{name}", OWN_POOL, formula, fen, cited=cap)
        limit, text, _ = in_fen(evaluator.with_steps(more), cap.in_all)
        to = unit if cap.round_to is None else 1
        limit, given_to = cut(limit, to), int(np.where(said, fen, 0).sum())
        more.follows(f"in_all_{name}", ALL_POOLS, cut_formula(text, to), limit, cited=cap)
        more.given(f"own_parts_{name}", ALL_OWN_POOLS, given_to)
        unused, missing = np.maximum(limit - given_to, 0), uses - fen
        rest, lacking = f"unused_{name}", f"missing_{name}"
        more.follows(rest, UNUSED, f"max(in_all_{name} − own_parts_{name}, 0)", unused, cited=cap)
        more.follows(lacking, MISSING, f"{counted} − own_{name}", missing)
        names = names_of_pool(lacking, rest, rest)
        one = np.zeros_like(group)
        part = share(
            missing, one, turn, unused, cuts, *alike, names, (ALL_MISSING, None), cap, more
        )
        evaluator.steps.add(more, cuts)
        fen, cuts, formula = fen + part.fen, part.short, f"own_{name} + {part.formula}"
    after, follows = name_after(cap), evaluator.steps.follows
    amount = np.where(cuts, fen, amount)
    follows(after, WITHIN_POOL, formula, amount, said=cuts)
    follows(after, WITHIN_CAP, before, amount, said=said & ~cuts)
    why = why_applying(evaluator, cap.when, where=False)
    follows(after, NOT_CAPPED, before, amount, said=~said, deciding=why)
    return amount, cuts, after


def names_of_pool(amount: str, money: str, name: str) -> Named:
    """Return the names of the steps by which a pool, or what is left of all, is shared."""
    return Named(
        amount, money, *(f"{step}_{name}" for step in ("total", "before", "left", "left_over"))
    )


class _Sharing(NamedTuple):
    """What shared caps did, how each limit came about, and which claims each is for."""

    caps: award.Shared
    limits: Sequence[Integers]
    limiting: Sequence[Steps]
    applies: Sequence[Flags]


def _share(
    policy: Policy,
    cases: Cases,
    compensation: Integers,
    evaluator: Evaluator,
    shared: Sequence[Cap],
) -> _Sharing:
    limiting = [Steps() for _ in shared]
    limits = [
        limit_of(cap, policy, cases, evaluator.with_steps(own))
        for cap, own in zip(shared, limiting, strict=True)
    ]
    applies = [applying(evaluator, cap.when) for cap in shared]
    result = award.through_group_caps(
        compensation,
        order_of(cases),
        [cases.groups[cap.per or ()] for cap in shared],
        limits,
        [cap.refuses for cap in shared],
        applies,
        used_before_review(policy, cases, evaluator),
        least_of(policy.rules.compensation),
        [cap.on == "cases" for cap in shared],
        [cap.exceeding if cap.stops else None for cap in shared],
    )
    return _Sharing(result, limits, limiting, applies)


def earlier_name(cap: Cap) -> str:
    """Return the name of the step that says what a cap counts of earlier years."""
    return f"earlier_{cap_name(cap).removeprefix('cap_')}"


def knowing_earlier(cap: Cap, earlier: Mapping[str, Integers], evaluator: Evaluator) -> Evaluator:
    """Return what computes a cap's limit, which may look at what was paid in earlier years.

    `earlier`: see `Cases`.
    """
    if not carries_over(cap):
        return evaluator
    paid, name = earlier[cap.id], earlier_name(cap)
    evaluator.steps.given(name, EARLIER, paid)
    return evaluator.knowing(PAID_EARLIER, of_fen(paid, name))


def knowing_as_known(cap: Cap, earlier: Mapping[str, Integers], evaluator: Evaluator) -> Evaluator:
    """Return what tells whether a cap's limit has a value, before cases come to their caps.

    What is decided of a case until then has one for every case that comes so far: any does here.
    """
    for name in set().union(*map(decided_before, cap.quantities)):
        nothing = np.zeros(evaluator.rows, dtype=np.int64)
        evaluator = evaluator.knowing(name, of_fen(nothing, name))
    return knowing_earlier(cap, earlier, evaluator)


def of_fen(amount: Integers, step: str) -> Computed:
    """Return an amount that is recorded as a step, as quantities look at it."""
    yuan = rationals.in_units(amount, FEN_PER_YUAN, np.ones_like(amount, np.bool_))
    return Computed(yuan, step, Kind.MONEY)


def limit_of(cap: Cap, policy: Policy, cases: Cases, evaluator: Evaluator) -> Integers:
    """Return the most that a claim, or its group, may get, in fen, or of cases.

    At least 0, unless it stops: a group may have been above the limit before the year.
    """
    name, rule = cap_name(cap), policy.rules.compensation
    if by_at_rate(cap):
        assert cap.limit is not None
        of = rule if cap.payer is None else None
        limit, formula, known = _rounded_alike(cap.limit, of, evaluator)
    else:
        limit, formula, known = limit_in_fen(cap, knowing_earlier(cap, cases.earlier, evaluator))
    if cap.per is not None and cap.years != "this" and not carries_over(cap):
        earlier, paid = earlier_name(cap), cases.earlier[cap.id]
        evaluator.steps.given(earlier, EARLIER, *_counted(cap, paid))
        limit, formula = limit - paid, f"{formula} − {earlier}"
        if cap.net_of_returns:
            returned = f"returned_{name}"
            title = RETURNED if cap.payer is None else RETURNED_TO_PAYERS
            evaluator.steps.given(returned, title, cases.returned[cap.id])
            limit, formula = limit + cases.returned[cap.id], f"{formula} + {returned}"
        if not cap.stops:
            limit, formula = np.maximum(limit, 0), f"max({formula}, 0)"
    # What payers pay is split to the fen, whatever the unit; so is what a unit leaves of a pool. Of
    # a pool that leaves it to nobody, or is shared by a rounded ratio, the parts are, not the sum.
    in_units = cap.payer is None and cap.on == "compensation" and not cap.stops
    in_units = in_units and not by_at_rate(cap) and cap.round_to is None and cap.left_over != NOBODY
    in_units = in_units and cap.ratio_to is None
    unit = unit_of(rule) if in_units else 1
    limit = np.where(known, limit, MAX_TOTAL_FEN if cap.stops else 0)
    limit, formula = cut(limit, unit), cut_formula(formula, unit)
    shown, own = _counted(cap, limit)
    title = cap_title(policy, cap)
    title = title if cap.below is None else NOT_REACHED.fill(cap=title)
    why = why_applying(evaluator, cap.when, where=True)
    evaluator.steps.follows(name, title, formula, shown, own, cited=cap, deciding=why)
    return limit


def as_approved(
    cases: Cases, amount: Integers, named: tuple[str, str, Text], steps: Steps
) -> tuple[Integers, str]:
    """Return amounts as far as review approved them, and their step, which is recorded.

    `named`: the step of the amounts, and the name and title of what is approved of them.
    """
    before, after, title = named
    if cases.approved is None:
        return amount, before
    given, approved = cases.approved.known, cases.approved.numerator
    own = Steps()
    own.given("approved_amount", APPROVED_AMOUNT, approved)
    steps.add(own, given)
    left = np.where(given, np.minimum(amount, approved), amount)
    steps.follows(after, title, f"min({before}, approved_amount)", left, said=given)
    return steps.follows(after, title, before, left, said=~given), after


def by_at_rate(cap: Cap) -> bool:
    """Return whether a cap is computed from what base and rate of the case come to, or is last."""
    return any(map(_of_the_amount, cap.quantities))


def _of_the_amount(quantity: Quantity) -> bool:
    """Return whether a quantity looks at what a case comes to, before caps or after the others."""
    return not decided_before(quantity).isdisjoint({CASE_AT_RATE, CASE_CAPPED})


def _rounded_alike(
    limit: Quantity, rule: Compensation | None, evaluator: Evaluator
) -> tuple[Integers, str, Flags]:
    """Return a limit computed from the exact amount at the rate, as `in_fen` does.

    It is rounded as that amount is, so that a limit that takes nothing off cuts nothing; of a
    ``min`` or ``max`` each by itself, and what does not look at the amount is cut, as other limits.
    `rule`: the form of the amount; None of what payers pay, which is to the fen.
    """
    if isinstance(limit, Operation) and (of := limit.min or limit.max):
        parts = [_rounded_alike(each, rule, evaluator) for each in of]
        fen = np.stack([part for part, _, _ in parts])
        name = "min" if limit.min else "max"
        formula = f"{name}({', '.join(formula for _, formula, _ in parts)})"
        both = np.logical_and.reduce([known for _, _, known in parts])
        return fen.min(axis=0) if limit.min else fen.max(axis=0), formula, both
    if not _of_the_amount(limit):
        cents, formula, known = in_fen(evaluator, limit)
        return cut(cents, unit_of(rule)), cut_formula(formula, unit_of(rule)), known
    computed = evaluator.amount(limit)
    exact = rationals.product(computed.values, rationals.constant(FEN_PER_YUAN, evaluator.rows))
    amount, formula = rounded(rule, exact, computed.formula)
    if computed.signed:
        amount, formula = np.maximum(amount, 0), f"max({formula}, 0)"
    return amount, formula, computed.values.known


def _counted(cap: Cap, values: Integers) -> tuple[Integers | Variable, Unit]:
    """Return what a cap counts as steps show it: an amount, or a number of cases."""
    if cap.on != "cases":
        return values, Unit.YUAN
    return Variable(values, np.ones_like(values, np.bool_), None, ColumnType.COUNT), Unit.OWN


def _after(
    cap: Cap,
    before: str,
    room: str,
    compensation: Integers,
    refused: Flags,
    said: Flags,
    evaluator: Evaluator,
) -> str:
    """Record the compensation that a cap leaves; return the step's name."""
    name = name_after(cap)
    follows = evaluator.steps.follows
    # Nothing is left of an amount that is more than the room: 0, not a part of it.
    why_not = NOT_HIGHEST if cap.keep == "highest" else ABOVE_CAP
    follows(name, why_not, f"min({before}, 0 × {room})", compensation, said=refused)
    within = before if cap.on == "cases" or cap.stops else f"min({before}, {room})"
    follows(name, WITHIN_CAP, within, compensation, said=said & ~refused)
    if not said.all():
        why = why_applying(evaluator, cap.when, where=False)
        follows(name, NOT_CAPPED, before, compensation, said=~said, deciding=why)
    return name
