"""What claims are compensated with: base, rate, caps, review, budget; and how each came about.

`decide` goes through the lines of the contract, section 4, in their order. Each amount comes from
one of the small functions of `rules.award`, and is recorded as a step with its formula and clause.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text, same
from compensation.ledger.choices import REJECTED
from compensation.money import FEN_PER_YUAN, PRINTED_SCALE
from compensation.policy.catalogue import Policy
from compensation.policy.model import Budget, Cap, Cited, Note, PolicyFile
from compensation.policy.subjects import column_info
from compensation.rules import award
from compensation.rules.conditions import Outcome
from compensation.rules.decision import Cases, examine, none_failed
from compensation.rules.steps import Step, Steps, Unit, by_party, names_in_formulas, of_party

PRINCIPAL = Text("代偿本金", "principal")
INTEREST = Text("代偿利息", "interest")
PAYOUT = Text("代偿金额", "payout")
SHARE_OF = Text("{party}分担比例", "share of the {party}")
BORNE_BY = Text("{party}承担", "borne by the {party}")
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
APPROVED_AMOUNT = Text("核定补偿金额", "approved amount")
GRANTED = Text("核准金额", "granted")
PAYABLE_OF_GRANTED = (Text("本次应付", "payable"), "max(granted − compensation_paid, 0)")
CLOSED = (Text("已结案，不再支付", "closed, so nothing more"), "0")
GRANTED_NOTE = Note(
    zh="审核核定的金额低于计算结果的，按核定金额", en="where review approves less, that is granted"
)
CLOSED_NOTE = Note(
    zh="自结案日期起不再支付", en="nothing more is paid from the day on which a claim is closed"
)
SHARE_OF_CAP = Text("上限占承担金额的比例", "cap as a share of what was borne")
AMOUNT_OF_CAP = Text("上限金额", "amount of the cap")
EARLIER = Text("以前年度已补偿", "compensated in other years")
USED = Text("同一上限下排在前面的代偿已用", "used of the cap by claims before this one")
WITHIN_CAP = Text("封顶后补偿额", "within the cap")
ABOVE_CAP = Text("超过上限，不予补偿", "above the cap, so refused")
CAP_BY_SHARE = Text("按{party}承担金额的上限", "cap by what the {party} bore")
CAPS = {
    "claim": Text("每笔的上限", "cap on each claim"),
    "borrower": Text("每户的上限", "cap on each borrower"),
    "institution": Text("每家机构的上限", "cap on each institution"),
    "programme": Text("全部合计的上限", "cap on all claims together"),
}
TOTAL_DUE = Text("全部应付合计", "total payable before the budget")
BUDGET = Text("预算", "budget")
LEFT_OVER = Text("按最大余数分得的尾差", "fen left over, by largest remainder")
PAID_BEFORE = Text("排在前面的应付", "due to claims before")
WITHIN_BUDGET = Text("预算内应付", "payable within the budget")


@dataclass(frozen=True, eq=False)
class Decisions:
    """What was decided for each claim; (claims,) columns, fen, rates in millionths.

    `failed`: by reason, in the order in which reasons are given, which claims failed it. `tier`:
    place in the policy's tiers, −1 where none holds. `rate`: meaningful where eligible. `due`:
    payable before the budget. `payers`: (claims, payers) what each payer of the policy pays of it.
    `steps`: how each amount came about.
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
    total_due: int
    granted: Integers
    steps: Steps = field(repr=False)


def decide(policy: Policy, cases: Cases, budget: int | None = None) -> Decisions:
    """Decide claims under a policy; ``budget`` in fen is shared over all of them."""
    rows = len(cases.principal)
    steps = Steps()
    examined = examine(policy, cases.subjects, rows, cases.tier)
    failed = dict(examined.failed)
    steps.given("principal", PRINCIPAL, cases.principal)
    steps.given("interest", INTEREST, cases.interest)
    payout = steps.follows(
        "payout", PAYOUT, "principal + interest", cases.principal + cases.interest
    )
    steps.given_each(by_party("share", SHARE_OF, cases.parties), cases.shares, Unit.RATIO)
    borne = _borne("payout", payout, "borne", cases, steps)
    base = _base(policy, cases, payout, borne, steps)
    met = none_failed(failed, rows)
    steps.add(examined.steps, met)
    compensation = np.where(met, award.compensation_at(base, examined.rate), 0)
    at_rate = "compensation_at_rate"
    steps.follows(at_rate, AT_RATE, "half_up(base × rate)", compensation, said=met)
    steps.follows(at_rate, NOT_ELIGIBLE, "0", compensation, said=~met)
    capping = Steps()
    compensation, before, refused = _capped(policy, cases, compensation, borne, capping)
    steps.add(capping, met)
    steps.follows("compensation", COMPENSATION, before, compensation, said=met)
    steps.follows("compensation", COMPENSATION, at_rate, compensation, said=~met)
    failed |= refused
    eligible = none_failed(failed, rows)
    status = award.status(eligible, cases.reviews)
    granted, due = _due(cases, compensation, status)
    total_due = int(due.sum())
    bound = budget is not None and total_due > budget
    name = "due" if bound else "payable"
    _record_due(policy, cases, compensation, status, due, name, steps)
    payable = due
    if budget is not None and bound:
        day = budget_day(policy, cases)
        payable = share_budget(policy.rules.budget, due, budget, cases.rank, day, steps)
    return Decisions(
        examined.conditions,
        failed,
        eligible,
        payout,
        borne,
        base,
        examined.tier,
        examined.rate,
        compensation,
        status,
        due,
        payable,
        among_payers(policy, payable),
        total_due,
        granted,
        steps,
    )


def _due(cases: Cases, compensation: Integers, status: Integers) -> tuple[Integers, Integers]:
    """Return what is granted, and what of it is still to be paid."""
    nothing = np.zeros(len(status), dtype=np.bool_)
    amount, given = (
        (compensation, nothing)
        if cases.approved is None
        else (cases.approved.numerator, cases.approved.known)
    )
    granted = award.granted(compensation, amount, given, status)
    closed = nothing if cases.closed is None else cases.closed
    return granted, award.payable(granted, cases.compensation_paid, closed)


def _record_due(
    policy: Policy,
    cases: Cases,
    compensation: Integers,
    status: Integers,
    due: Integers,
    name: str,
    steps: Steps,
) -> None:
    """Record how what is due comes about; ``name``: of the step that says it."""
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
    if cases.closed is not None:
        cited = Cited(clause=review.clause, basis="assumption", note=CLOSED_NOTE)
        place = np.where(approved & cases.closed, len(ways), place)
        ways.append((*CLOSED, cited))
    steps.one_of(
        place, [Step(name, title, due, Unit.YUAN, formula, cited) for title, formula, cited in ways]
    )


def _borne(name: str, amount: Integers, prefix: str, cases: Cases, steps: Steps) -> Integers:
    """Return (claims, parties) what each party bears of an amount."""
    borne = award.borne(amount, cases.shares)
    titles = by_party(prefix, BORNE_BY, cases.parties)
    weights = by_party("share", SHARE_OF, cases.parties)
    steps.split(name, titles, weights, cases.shares, borne)
    return borne


def _base(
    policy: Policy, cases: Cases, payout: Integers, borne: Integers, steps: Steps
) -> Integers:
    """Return what the rate is applied to: an amount or a party's part of it, less what is named."""
    rule = policy.rules.base
    amount = cases.principal if rule.of == "principal" else payout
    formula: str = rule.of
    if rule.party is not None:
        prefix = "borne"
        if rule.of == "principal":
            prefix = "principal_borne"
            borne = _borne("principal", amount, prefix, cases, steps)
        amount = borne[:, cases.parties.index(rule.party)]
        formula = f"{prefix}_{names_in_formulas(cases.parties)[rule.party]}"
    for key in rule.less:
        formula = f"max({formula} − {_column(policy, cases, key, steps)}, 0)"
    base = award.base(amount, [cases.subjects[key].numerator for key in rule.less])
    return steps.follows("base", BASE, formula, base, cited=rule)


def _column(policy: Policy, cases: Cases, key: str, steps: Steps) -> str:
    """Record a money column of the claim that is taken off; return the step's name."""
    column = column_info(policy.rules, key)
    title = same(key) if column is None else column.title
    name = key.replace(".", "_")
    steps.given(name, title, cases.subjects[key].numerator)
    return name


def _capped(
    policy: Policy, cases: Cases, compensation: Integers, borne: Integers, steps: Steps
) -> tuple[Integers, str, dict[str, Flags]]:
    """Apply the caps on each claim alone, then those that groups share, in the file's order.

    Return the compensation after them, the step that says it, and by cap which claims it refused.
    """
    before = "compensation_at_rate"
    refused: dict[str, Flags] = {}
    for cap in policy.rules.caps:
        if cap.per == "claim":
            limit = _limit(cap, policy, cases, borne, steps)
            over = compensation > limit
            refuses = over if cap.over == "refuse" else np.zeros_like(over)
            compensation = np.where(refuses, 0, np.minimum(compensation, limit))
            before = _after(cap, before, cap_name(cap), compensation, refuses, steps)
            refused[cap.id] = refuses
    shared = [cap for cap in policy.rules.caps if cap.per != "claim"]
    if shared:
        limiting = [Steps() for _ in shared]
        limits = [
            _limit(cap, policy, cases, borne, own)
            for cap, own in zip(shared, limiting, strict=True)
        ]
        rejected = np.zeros(len(compensation), dtype=np.bool_)
        for review in cases.reviews:
            rejected |= review == REJECTED
        result = award.through_group_caps(
            compensation,
            np.lexsort((cases.rank, cases.day)),
            [_group(cap, cases) for cap in shared],
            limits,
            [cap.over == "refuse" for cap in shared],
            ~rejected,
        )
        for place, cap in enumerate(shared):
            steps.add(limiting[place])
            steps.given(f"used_{cap_name(cap)}", USED, result.used[place])
            room = f"max({cap_name(cap)} − used_{cap_name(cap)}, 0)"
            compensation, refuses = result.through[place], result.refused[place]
            before = _after(cap, before, room, compensation, refuses, steps)
            refused[cap.id] = refuses
    refusing = {cap.id for cap in policy.rules.caps if cap.over == "refuse"}
    return compensation, before, {id_: rows for id_, rows in refused.items() if id_ in refusing}


def cap_name(cap: Cap) -> str:
    """Return the name of the step that says a cap's limit."""
    return f"cap_{cap.id.replace('-', '_')}"


def cap_title(rules: PolicyFile, cap: Cap) -> Text:
    """Return what a cap is called: by what it limits, as its id says nothing to readers."""
    if cap.share_of_borne is not None:
        return of_party(CAP_BY_SHARE, rules.beneficiary.party)
    return CAPS[cap.per]


def _limit(cap: Cap, policy: Policy, cases: Cases, borne: Integers, steps: Steps) -> Integers:
    """Return the most that a claim, or its group, may get, in fen, at least 0."""
    name = cap_name(cap)
    if cap.share_of_borne is not None:
        party, share = policy.rules.beneficiary.party, int(cap.share_of_borne * PRINTED_SCALE)
        limit = award.share_of(borne[:, cases.parties.index(party)], share)
        steps.given(f"share_of_{name}", SHARE_OF_CAP, share, Unit.RATIO, cap)
        formula = f"floor(borne_{names_in_formulas(cases.parties)[party]} × share_of_{name})"
    else:
        assert cap.amount is not None
        amount = int(cap.amount * FEN_PER_YUAN)
        limit = np.full(len(borne), amount, dtype=np.int64)
        formula = f"amount_of_{name}"
        steps.given(formula, AMOUNT_OF_CAP, amount, cited=cap)
    less = {key: cases.subjects[key].numerator for key in cap.less}
    if cap.per != "claim" and cap.years == "all":
        earlier = f"earlier_{name.removeprefix('cap_')}"
        steps.given(earlier, EARLIER, cases.paid_earlier[cap.per])
        limit = limit - cases.paid_earlier[cap.per]
        formula += f" − {earlier}"
    for key, amount_off in less.items():
        limit = limit - amount_off
        formula += f" − {_column(policy, cases, key, steps)}"
    limit = np.maximum(limit, 0)
    formula = f"max({formula}, 0)" if " − " in formula else formula
    return steps.follows(name, cap_title(policy.rules, cap), formula, limit, cited=cap)


def _after(
    cap: Cap, before: str, room: str, compensation: Integers, refused: Flags, steps: Steps
) -> str:
    """Record the compensation that a cap leaves; return the step's name."""
    name = f"compensation_after_{cap.id.replace('-', '_')}"
    # Nothing is left of an amount that is more than the room: 0, not a part of it.
    formula = f"min({before}, 0 × {room})"
    steps.follows(name, ABOVE_CAP, formula, compensation, said=refused)
    steps.follows(name, WITHIN_CAP, f"min({before}, {room})", compensation, said=~refused)
    return name


def _group(cap: Cap, cases: Cases) -> Integers:
    if cap.per == "borrower":
        return cases.borrower
    return cases.institution if cap.per == "institution" else np.zeros_like(cases.institution)


def share_budget(
    rule: Budget,
    due: Integers,
    budget: int,
    rank: Integers,
    day: Integers,
    steps: Steps,
    name: str = "payable",
    title: Text = WITHIN_BUDGET,
) -> Integers:
    """Return what is paid of amounts due that pass the budget, by the policy's method.

    Recorded as a step ``name``, of the step `due`. `rank`: the claim id's place in code-point
    order. `day`: by which a claim comes first, where the budget goes to who comes first.
    """
    total = int(due.sum())
    steps.given("total_due", TOTAL_DUE, total)
    steps.given("budget", BUDGET, budget, cited=rule)
    if rule.method == "pro_rata":
        payable = award.within_budget(due, budget, rank)
        part, _ = award.in_proportion(due, budget, total)
        steps.given("left_over", LEFT_OVER, payable - part)
        formula = "floor(due × budget / total_due) + left_over"
    else:
        before = award.due_before(due, np.lexsort((rank, day)))
        payable = award.what_is_left(due, before, budget)
        steps.given("paid_before", PAID_BEFORE, before)
        formula = "max(min(due, budget − paid_before), 0)"
    return steps.follows(name, title, formula, payable, cited=rule)


def budget_day(policy: Policy, cases: Cases) -> Integers:
    """Return the day by which a claim comes first, where the budget goes to who comes first."""
    order = policy.rules.budget.order
    return cases.subjects[order].numerator if order else cases.day


def among_payers(policy: Policy, payable: Integers) -> Integers:
    """Return (claims, payers) what each payer of the policy pays of each amount."""
    shares = [int(payer.share * PRINTED_SCALE) for payer in policy.rules.payers]
    return award.among_payers(payable, shares)
