"""What claims are compensated with: base, rate, caps, review, budget; and how each came about.

`decide` goes through the lines of the contract, section 4, in their order. Each amount comes from
one of the small functions of `rules.award`, and is recorded as a step with its formula and clause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.ledger.portfolio import NO_DAY
from compensation.money import FEN_PER_YUAN, PRINTED_SCALE, half_up_of_product
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import Budget, Cited, Compensation, Note
from compensation.policy.party_words import called_party
from compensation.policy.quantities import CASE_AT_RATE, CASE_BASE, CASE_RATE
from compensation.policy.tiers import end_of
from compensation.rules import award, rationals
from compensation.rules.caps import (
    APPROVED_AMOUNT,
    COUNTED_BEFORE,
    Capped,
    Limit,
    by_at_rate,
    cap_base,
    cap_compensation,
    in_fen,
    losing,
    of_fen,
    order_of,
    shares_before_refusing,
    undefined,
    using,
)
from compensation.rules.conditions import Outcome, counting_tests
from compensation.rules.deciding import deciding
from compensation.rules.decision import (
    NO_BASE,
    NO_PAYER,
    NO_TIER,
    Cases,
    Examined,
    also_failed,
    applying,
    examine,
    none_failed,
)
from compensation.rules.payer_caps import cap_payers
from compensation.rules.payers import pay, paying
from compensation.rules.quantities import Computed, Evaluator, record_borne
from compensation.rules.rationals import Rationals
from compensation.rules.rounding import (
    CUT_TOO_LITTLE,
    ENOUGH,
    cut_formula,
    least_of,
    rounded,
    too_little,
    unit_of,
)
from compensation.rules.set_off import AFTER_SET_OFF, SET_OFF, WHOLE, set_off
from compensation.rules.sharing import Named, share, turn_of
from compensation.rules.stages import TO_DATE, Reached, reached, record_to_date
from compensation.rules.steps import Step, Steps, Unit
from compensation.rules.totals import round_totals, share_totals
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType

PRINCIPAL = Text("代偿本金", "principal")
INTEREST = Text("代偿利息", "interest")
PAYOUT = Text("代偿金额", "payout")
BASE = Text("补偿基数", "base")
AT_RATE = Text("按比例计算的补偿", "compensation at the rate")
NOT_ELIGIBLE = Text("不符合条件，不予补偿", "not eligible, so nothing")
COMPENSATION = Text("补偿金额", "compensation")
COMPENSATION_PAID = Text("已补偿金额", "compensation paid")
PAYABLE = (
    (Text("不符合条件，不支付", "not eligible, so nothing"), "0"),
    (Text("审核不通过，不支付", "rejected, so nothing"), "0"),
    (Text("本次应付", "payable"), "max(compensation − compensation_paid, 0)"),
    (Text("待审，暂不支付", "pending, so nothing yet"), "0"),
)
"""What is payable, and its formula, by the place of the status in `award.STATUSES`."""
GRANTED = Text("核准金额", "granted")
PAYABLE_OF_GRANTED = (Text("本次应付", "payable"), "max(granted − compensation_paid, 0)")
PAYABLE_OF_STAGE = (Text("本次应付", "payable"), f"max({TO_DATE} − compensation_paid, 0)")
CLOSED = (Text("已结案，不再支付", "closed, so nothing more"), "0")
GRANTED_NOTE = Note(
    zh="审核核定的金额低于计算结果的，按核定金额", en="where review approves less, that is granted"
)
CLOSED_NOTE = Note(
    zh="自结案日期起不再支付", en="nothing more is paid from the day on which a claim is closed"
)
AVERAGE_RATE = Text("平均补偿比例", "average rate")
SLICE_TO = Text("本段终点", "where the slice ends")
COUNTED = Text("计入分段的金额", "what counts along the slices")
SLICE = Text("本段金额", "part of the base in the slice")
NO_BASE_HERE = Text("没有适用的补偿基数", "no base applies")
TOTAL_DUE = Text("全部应付合计", "total payable before the budget")
BUDGET = Text("预算", "budget")
TOTAL_DUE_IN_TURN = Text("同一顺序的应付合计", "total payable of the same turn")
PAID_BEFORE = Text("排在前面的应付", "due to claims before")
WITHIN_BUDGET = Text("预算内应付", "payable within the budget")


class Decisions(NamedTuple):
    """What was decided for each claim; (claims,) columns, fen, rates in millionths.

    `failed`: by reason, in the order in which reasons are given, which claims failed it. `tier`:
    place in the policy's tiers, −1 where none holds. `rate`: meaningful where eligible. `due`:
    payable before the budget. `payers`: (claims, payers) what each payer of the policy pays of
    it, by `payer_shares`, integers in the proportion of their shares, all 0 where these do not make
    1. `at_rate`: the compensation before caps. `emptied`: by cap, of which claims it left nothing
    of something; `below`: of these, by cap, the claims that do not reach where it begins. `stage`:
    the share of what is granted that can be paid so far, where the policy pays in stages.
    `set_off`: what is not paid because something is set off, which `due` is less; None where the
    policy sets nothing off. `left_of_set_offs`: by set-off, what its group's payments are too
    little for. `steps`: how each amount came about.
    """

    conditions: tuple[Outcome, ...]
    failed: Mapping[str, Flags]
    eligible: Flags
    payout: Integers
    borne: Integers
    base: Integers
    tier: Integers
    rate: Integers
    compensation: Integers
    status: Integers
    due: Integers
    payable: Integers
    payers: Integers
    payer_shares: Integers
    total_due: int
    granted: Integers
    stage: Rationals | None
    at_rate: Integers
    limit: Limit
    emptied: Mapping[str, Flags]
    below: Mapping[str, Flags]
    set_off: Integers | None
    left_of_set_offs: Mapping[str, Integers]
    steps: Steps = field(repr=False)

    @property
    def borne_now(self) -> Integers:
        """What government bears by this run: what it pays, and what is set off from it."""
        return self.payable if self.set_off is None else self.payable + self.set_off


def decide(policy: Policy, cases: Cases, budget: int | None = None) -> Decisions:
    """Decide claims under a policy; ``budget`` in fen is shared over all of them.

    A claim that comes to nothing by a cap uses nothing of base caps and slices, which come first,
    nor does one that comes to less than the least amount, but as a loss, see `losing`. So all are
    decided again with those refused so far, until they are the same: what a claim comes to rests on
    claims before it alone, so each round is right for one more.
    """
    decisions, refused = _decide(policy, cases, budget)
    if shares_before_refusing(policy):
        known = np.zeros_like(refused)
        while not np.array_equal(refused, known):
            known = refused
            decisions, refused = _decide(policy, cases._replace(refused=known), budget)
    return decisions


def _decide(policy: Policy, cases: Cases, budget: int | None) -> tuple[Decisions, Flags]:
    """Return what is decided, and (2, claims) whom caps and the least amount refused."""
    rows = len(cases.principal)
    steps = Steps()
    evaluator = evaluator_of(policy, cases, steps)
    examined = examine(evaluator, cases.tier)
    failed = dict(examined.failed)
    met = none_failed(failed, rows)
    payout, borne = _payout(cases, steps if policy.rules.record == "payout" else Steps(), policy)
    evaluator.borne["payout"] = borne
    base, given = base_of(evaluator)
    rationals.summable(base)
    if not given.all():
        failed[NO_BASE] = met & ~given
        met = met & given
    payers = paying(evaluator) if policy.rules.payers else None
    if payers is not None and not payers.complete.all():
        failed[NO_PAYER] = met & ~payers.complete
        met = met & payers.complete
    unlimited = undefined(policy, cases, evaluator, met)
    met = met & none_failed(unlimited, rows)
    counting = met
    capped = cap_base(policy, cases, base, evaluator, met)
    also_failed(failed, unlimited)
    also_failed(failed, capped.refused)
    met = met & none_failed(capped.refused, rows)
    steps.add(examined.steps, met)
    amount, formula, exact = _at_rate(examined, cases, capped.amount, met, capped.step, evaluator)
    compensation = rationals.summable(np.where(met, amount, 0))
    at_rate = "compensation_at_rate"
    steps.follows(at_rate, AT_RATE, formula, compensation, said=met)
    if (without_tier := failed.get(NO_TIER)) is not None:
        why = examined.why_none
        steps.follows(at_rate, NOT_ELIGIBLE, "0", compensation, said=without_tier, deciding=why)
    steps.follows(at_rate, NOT_ELIGIBLE, "0", compensation, said=~met)
    rate = examined.rate
    if exact is not None:
        rate = _average_rate(exact, capped, steps, met)
    capping = _capping(evaluator, capped, examined, exact, met)
    after, limit = cap_compensation(policy, cases, compensation, capping, met, capped)
    before_caps, compensation, step = compensation, after.amount, after.step
    emptied, below = after.emptied, after.below
    if payers is not None:
        of_payers = cap_payers(capping, cases, payers, after, limit, met)
        payers, compensation, step, limit, of_each, not_reached = of_payers
        emptied, below = {**emptied, **of_each}, {**below, **not_reached}
    form = policy.rules.compensation
    if form is not None and form.per is not None:
        counts = met & none_failed(after.refused, rows) & using(cases)
        compensation, step = round_totals(
            form, cases, compensation, step, counts, limit, capping.steps
        )
        if payers is not None:
            of = (compensation, step, counts, cases.groups[form.per])
            payers = share_totals(capping, cases, payers, *of)
    steps.add(capping.steps, met)
    stage = reached(evaluator)
    steps.follows("compensation", COMPENSATION, step, compensation, said=met)
    steps.follows("compensation", COMPENSATION, at_rate, compensation, said=~met)
    also_failed(failed, after.refused)
    eligible = met & none_failed(after.refused, rows)
    status = award.status(eligible, cases.reviews)
    granted, to_date, due = _due(cases, compensation, status, stage)
    of_stage = None if stage is None else record_to_date(stage, to_date)
    whole, less, left = due, None, dict[str, Integers]()
    if sets_off := any(cap.sets_off for cap in policy.rules.caps):
        _record_due(policy, cases, compensation, status, whole, WHOLE, steps, of_stage)
        less, left = set_off(evaluator, cases, whole)
        due = whole - less
    total_due = int(due.sum())
    bound = budget is not None and total_due > budget
    name = "due" if bound else "payable"
    if sets_off:
        steps.follows(name, AFTER_SET_OFF, f"{WHOLE} − {SET_OFF}", due)
    else:
        _record_due(policy, cases, compensation, status, due, name, steps, of_stage)
    payable = due
    if budget is not None and bound:
        turn = budget_turn(policy, cases, 0)
        payable = share_budget(shared_by(policy, budget, cases.rank, turn, evaluator), due, steps)
    nobody = np.zeros((rows, 0), dtype=np.int64)
    decisions = Decisions(
        examined.conditions,
        failed,
        eligible,
        payout,
        borne,
        capped.amount,
        examined.tier,
        rate,
        compensation,
        status,
        due,
        payable,
        nobody if payers is None else pay(evaluator, payers, payable, to_date, cases.paid_by),
        nobody if payers is None else payers.known,
        total_due,
        granted,
        None if stage is None else stage.share,
        before_caps,
        limit,
        emptied,
        below,
        less,
        left,
        steps,
    )
    return decisions, np.stack([counting & ~eligible & ~after.little, after.little])


def _capping(
    evaluator: Evaluator, capped: Capped, examined: Examined, slices: Exact | None, met: Flags
) -> Evaluator:
    """Return what computes caps, to which base and rate and what they come to are known.

    What they come to is exact: a limit computed from it takes the form of the amount once.
    """
    formula = examined.exact.formula
    rate = formula if formula.isidentifier() else f"({formula})"
    own = evaluator.with_steps(Steps()).knowing(CASE_BASE, of_fen(capped.amount, capped.step))
    own = own.knowing(CASE_RATE, Computed(examined.exact.values, rate, Kind.RATIO, whole=False))
    if not any(map(by_at_rate, evaluator.policy.rules.caps)):
        return own
    if slices is None:
        base = of_fen(np.where(met, capped.amount, 0), capped.step)
        exact = rationals.product(base.values, examined.exact.values)
        formula = f"{capped.step} × {rate}"
    else:
        yuan = rationals.constant(FEN_PER_YUAN, evaluator.rows)
        exact, formula = rationals.quotient(slices.amount, yuan), slices.formula
    at_rate = Computed(exact, f"({formula})", Kind.MONEY, whole=False)
    return own.knowing(CASE_AT_RATE, at_rate)


def _payout(cases: Cases, steps: Steps, policy: Policy) -> tuple[Integers, Integers]:
    """Return the payouts, and (claims, parties) what each party bears of them."""
    steps.given("principal", PRINCIPAL, cases.principal)
    steps.given("interest", INTEREST, cases.interest)
    payout = steps.follows(
        "payout", PAYOUT, "principal + interest", cases.principal + cases.interest
    )
    called = called_party(policy.rules)
    of = (cases.parties, cases.shares, steps)
    return payout, record_borne("payout", payout, "borne", *of, called=called)


def evaluator_of(policy: Policy, cases: Cases, steps: Steps) -> Evaluator:
    """Return what computes the quantities of claims."""
    amounts = {
        "claims.principal": cases.principal,
        "claims.interest": cases.interest,
        "claims.payout": cases.principal + cases.interest,
    }
    known = np.ones(len(cases.principal), dtype=np.bool_)
    own = {name: Variable(fen, known, None, ColumnType.MONEY) for name, fen in amounts.items()}
    return Evaluator(
        policy,
        {**own, **cases.variables},
        len(known),
        cases.parties,
        cases.shares,
        steps,
        measured=cases.measured,
        held=cases.held,
        origin=cases.origin,
        institution=cases.institution,
        supposing=cases.supposing,
    )


def _due(
    cases: Cases, compensation: Integers, status: Integers, stage: Reached | None
) -> tuple[Integers, Integers, Integers]:
    """Return what is granted, what of it can be paid so far, and what is still to be paid."""
    nothing = np.zeros(len(status), dtype=np.bool_)
    amount, given = (
        (compensation, nothing)
        if cases.approved is None
        else (cases.approved.numerator, cases.approved.known)
    )
    granted = award.granted(compensation, amount, given, status)
    closed = nothing if cases.closed is None else cases.closed
    to_date = granted if stage is None else award.due_to_date(granted, stage.share)
    return granted, to_date, award.payable(to_date, cases.compensation_paid, closed)


def _record_due(
    policy: Policy,
    cases: Cases,
    compensation: Integers,
    status: Integers,
    due: Integers,
    name: str,
    steps: Steps,
    stage: Steps | None,
) -> None:
    """Record how what is due comes about; ``name``: of the step that says it.

    `stage`: how what can be paid so far comes about, where the policy pays in stages.
    """
    review = policy.rules.review
    steps.given("compensation_paid", COMPENSATION_PAID, cases.compensation_paid)
    ways: list[tuple[Text, str, Cited]] = [(*way, review) for way in PAYABLE]
    place, approved = status, status == award.STATUSES.index("approved")
    if cases.approved is not None:
        cited = Cited(clause=review.clause, basis="assumption", note=GRANTED_NOTE)
        given = approved & cases.approved.known
        amount = cases.approved.numerator
        steps.follows("approved_amount", APPROVED_AMOUNT, "", amount, said=given)
        most = np.minimum(compensation, amount)
        formula = "min(compensation, approved_amount)"
        steps.follows("granted", GRANTED, formula, most, cited=cited, said=given)
        place = np.where(given, len(ways), place)
        ways.append((*PAYABLE_OF_GRANTED, review))
    if stage is not None:
        whole = approved & (place == status)
        steps.follows("granted", GRANTED, "compensation", compensation, said=whole)
        steps.add(stage, approved)
        place = np.where(approved, len(ways), place)
        ways.append((*PAYABLE_OF_STAGE, review))
    if cases.closed is not None:
        cited = Cited(clause=review.clause, basis="assumption", note=CLOSED_NOTE)
        place = np.where(approved & cases.closed, len(ways), place)
        ways.append((*CLOSED, cited))
    steps.one_of(
        place, [Step(name, title, due, Unit.YUAN, formula, cited) for title, formula, cited in ways]
    )


def base_of(evaluator: Evaluator) -> tuple[Integers, Flags]:
    """Return what the rate is applied to, in fen, and where there is such an amount.

    The first base whose tests all hold; half up to the fen, at least 0.
    """
    bases = evaluator.policy.rules.base
    base = np.zeros(evaluator.rows, dtype=np.int64)
    left = np.ones(evaluator.rows, dtype=np.bool_)
    given = np.zeros(evaluator.rows, dtype=np.bool_)
    tested = any(rule.when for rule in bases)
    why = deciding(evaluator.silent(), [rule.when for rule in bases]) if tested else None
    for rule in bases:
        takes = left & applying(evaluator, rule.when)
        steps = Steps() if len(bases) > 1 or rule.when else evaluator.steps
        own = evaluator if steps is evaluator.steps else evaluator.with_steps(steps)
        computed = own.amount(rule.value)
        fen = rationals.half_up(computed.values, FEN_PER_YUAN)
        formula = computed.formula
        if not computed.whole:
            formula = f"half_up({formula})"
        if computed.signed:
            formula, fen = f"max({formula}, 0)", np.maximum(fen, 0)
        has = takes & computed.values.known
        base = np.where(has, fen, base)
        if steps is not evaluator.steps:
            evaluator.steps.add(steps, takes)
        said = None if has.all() else has
        evaluator.steps.follows("base", BASE, formula, base, cited=rule, said=said, deciding=why)
        given |= has
        left = left & ~takes
    if not given.all():
        evaluator.steps.follows("base", NO_BASE_HERE, "0", base, said=~given, deciding=why)
    return base, given


def _at_rate(
    examined: Examined,
    cases: Cases,
    base: Integers,
    met: Flags,
    step: str,
    evaluator: Evaluator,
) -> tuple[Integers, str, Exact | None]:
    """Return the compensation at the rate, in fen, where it is met, and its formula.

    Of slices also what they come to before it is rounded.
    """
    rule = evaluator.policy.rules.compensation
    if examined.slices:
        own = evaluator.with_steps(Steps())
        exact = _by_slices(examined, cases, np.where(met, base, 0), met, step, own)
        evaluator.steps.add(own.steps, met)
        return *rounded(rule, *exact), exact
    # A rate that is refused may be of any size.
    formula = f"{step} × {examined.exact.formula}"
    return *at_one_rate(rule, np.where(met, base, 0), examined.exact.values, formula), None


def at_one_rate(
    rule: Compensation | None, base: Integers, rate: Rationals, formula: str
) -> tuple[Integers, str]:
    """Return a base in fen times a rate, rounded as the policy says, and the formula for that."""
    wide = rate.denominator.dtype == object or rate.numerator.dtype == object
    if wide or (rule is not None and rule.round_to is not None):
        fen = rationals.rationals(base, np.full_like(base, 1), rate.known)
        return rounded(rule, rationals.product(fen, rate), formula)
    amount = half_up_of_product(base, np.maximum(rate.numerator, 0), rate.denominator)
    return amount, f"half_up({formula})"


def _average_rate(exact: Exact, base: Capped, steps: Steps, met: Flags) -> Integers:
    """Return what the slices come to over the base, in millionths, and record it; 0 of nothing.

    Before they are rounded: rounded to 10,000 yuan, they would come to another rate.
    """
    some = met & (base.amount > 0)
    over = rationals.rationals(base.amount, np.ones_like(base.amount), some)
    rate = rationals.half_up(rationals.quotient(exact.amount, over), PRINTED_SCALE)
    formula = f"ratio(({exact.formula}) / {base.step})"
    steps.follows("rate", AVERAGE_RATE, formula, rate, Unit.RATIO, said=some)
    steps.follows("rate", AVERAGE_RATE, "0", rate, Unit.RATIO, said=met & ~some)
    return rate


class Exact(NamedTuple):
    """An amount in fen before it is rounded, and its formula."""

    amount: Rationals
    formula: str


def _by_slices(
    examined: Examined,
    cases: Cases,
    base: Integers,
    met: Flags,
    step: str,
    evaluator: Evaluator,
) -> Exact:
    """Return the exact amount with each slice of the base at its own rate, and its formula.

    A slice begins where the one before ends; there is nothing in one that ends before it begins.
    Where a group fills the slices together, a case begins where those before it came to.
    """
    rates, steps = evaluator.policy.rules.rates, evaluator.steps
    counted, said, known = base, step, np.ones_like(met)
    if rates.by is not None:
        counted, formula, known = in_fen(evaluator, rates.by)
        said = "counted_slices"
        steps.follows(said, COUNTED, formula, rationals.summable(counted))
    low, start, reached = np.zeros_like(base), "", counted
    if rates.per is not None:
        uses = met & losing(cases)
        if rates.counts == "all":
            uses = known & applying(evaluator, counting_tests(evaluator.policy))
        used = np.where(uses, counted, 0)
        low = award.sum_before(used, cases.groups[rates.per], order_of(cases))
        start = "before_slices"
        steps.given(start, COUNTED_BEFORE, low)
        reached, said = low + counted, f"{start} + {said}"
    total = rationals.constant(0, evaluator.rows)
    parts = []
    for number, (tier, rate) in enumerate(zip(rates.tiers, examined.slices, strict=True), 1):
        name, end = f"slice_{number}", end_of(tier)
        high, limited = reached, said
        if end is not None:
            limit, formula, _ = in_fen(evaluator, end)
            limit = np.maximum(limit, low)
            formula = f"max({formula}, {start})" if start else formula
            steps.follows(f"{name}_to", SLICE_TO, formula, limit, cited=tier)
            high, limited = np.minimum(reached, limit), f"min({said}, {name}_to)"
        part = np.maximum(high - low, 0)
        formula = f"max({limited} − {start}, 0)" if start else limited
        steps.follows(name, SLICE, formula, part, cited=tier)
        ones, known = np.ones_like(part), np.ones_like(met)
        amount = rationals.product(rationals.rationals(part, ones, known), rate.values)
        formula = rate.formula if rate.formula.isidentifier() else f"({rate.formula})"
        if rates.by is not None:
            share = rationals.rationals(base, np.maximum(counted, 1), known)
            amount = rationals.product(amount, share)
            formula = f"{formula} × {step} / counted_slices"
        total = rationals.total(total, amount)
        parts.append(f"{name} × {formula}")
        if end is not None:
            low, start = limit, f"{name}_to"
    return Exact(total, " + ".join(parts))


class Shared(NamedTuple):
    """A budget that claims share, in fen: by which rule, and whose turn it is, see `budget_turn`.

    `rank`: the claim id's place in code-point order. `unit`: in fen, of what the budget cuts.
    `of`: what computes the budget on each row, where it is the policy's own.
    """

    amount: int
    rule: Budget
    rank: Integers
    turn: Integers
    unit: int = 1
    of: Evaluator | None = None


def share_budget(
    budget: Shared, due: Integers, steps: Steps, name: str = "payable", title: Text = WITHIN_BUDGET
) -> Integers:
    """Return what is paid of amounts due that pass the budget, by the policy's method.

    Recorded as a step ``name``, of the step `due`. What the budget cuts to too little is not paid.
    """
    rule, cut = budget.rule, "within_budget"
    if not least_of(rule):
        return _share_budget(budget, due, steps, name, title)
    paid = _share_budget(budget, due, steps, cut, title)
    paid, _, step = too_little(rule, paid, paid < due, cut, name, steps, CUT_TOO_LITTLE)
    if step == cut:
        steps.follows(name, ENOUGH, cut, paid)
    return paid


def _share_budget(budget: Shared, due: Integers, steps: Steps, name: str, title: Text) -> Integers:
    """Return what a budget leaves of amounts due that pass it, whatever is too little."""
    amount, rule, rank, turn, unit, of = budget
    told = of is not None and _record_budget(of.with_steps(steps), amount)
    if rule.method == "first_come":
        steps.given("total_due", TOTAL_DUE, int(due.sum()))
        if not told:
            steps.given("budget", BUDGET, amount, cited=rule)
        before = award.due_before(due, np.lexsort((rank, turn)))
        steps.given("paid_before", PAID_BEFORE, before)
        formula = "max(min(due, budget − paid_before), 0)"
        if unit == 1:
            payable = award.what_is_left(due, before, amount)
            return steps.follows(name, title, formula, payable, cited=rule)
        payable = award.first_come(due, before, amount, unit)
        paid = payable == due
        steps.follows(name, title, formula, payable, cited=rule, said=paid)
        formula = cut_formula(formula, unit)
        return steps.follows(name, title, formula, payable, cited=rule, said=~paid)
    part = share(
        due,
        np.zeros_like(due),
        turn if rule.in_turns else None,
        np.full_like(due, amount),
        np.ones_like(due, np.bool_),
        rank,
        unit,
        OF_BUDGET,
        (TOTAL_DUE_IN_TURN if rule.in_turns else TOTAL_DUE, None if told else BUDGET),
        rule,
        steps,
    )
    steps.follows(name, title, "due", part.fen, cited=rule, said=~part.short)
    return steps.follows(name, title, part.formula, part.fen, cited=rule, said=part.short)


OF_BUDGET = Named("due", "budget", "total_due", "due_before", "budget_left", "left_over")
"""The names of the steps by which a budget is shared."""


def shared_by(
    policy: Policy, budget: int, rank: Integers, turn: Integers, of: Evaluator | None = None
) -> Shared:
    """Return a budget as a policy shares it; policies that share one do so in the same way."""
    rules = policy.rules
    return Shared(budget, rules.budget, rank, turn, unit_of(rules.compensation, rules.budget), of)


def _record_budget(evaluator: Evaluator, budget: int) -> bool:
    """Record how the policy's own budget comes about; return whether that is what is shared."""
    rule, steps = evaluator.policy.rules.budget, Steps()
    if rule.at_most is None:
        return False
    fen, formula, _ = in_fen(evaluator.with_steps(steps), rule.at_most)
    if (fen != budget).any():
        return False
    evaluator.steps.add(steps, np.ones_like(fen, np.bool_))
    evaluator.steps.follows("budget", BUDGET, formula, fen, cited=rule)
    return True


def budget_turn(policy: Policy, cases: Cases, year: int) -> Integers:
    """Return whose turn it is where a budget falls short: the smaller comes first.

    By the year of the cases, where what was not paid before comes first; by the place among the
    policy's `first`; then, where the budget goes to who comes first, by day; one of which the day
    is not known comes last. Those of one turn share what is left, or go by id.
    """
    rule = policy.rules.budget
    place = turn_of(evaluator_of(policy, cases, Steps()), rule.first)
    if rule.unpaid == "owed_first":
        place = place + year * (len(rule.first) + 1)
    if rule.method == "pro_rata":
        return place
    day = cases.day
    if rule.order is not None:
        known = cases.variables[rule.order]
        day = np.where(known.known, known.numerator, NO_DAY)
    return place * 2**32 + day
