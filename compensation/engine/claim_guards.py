"""What a run says of claims: decisions that may rest on a mistake in the ledger.

Each guard yields warnings and changes no figure. Source: the specification of guards, section 13.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from compensation.columns import Flags, Integers, distinct
from compensation.engine.earlier_years import earlier_claims
from compensation.engine.inputs import RuleInputs, rule_inputs
from compensation.engine.needed_values import blank_figures
from compensation.engine.series_gaps import series_gaps
from compensation.faults.groups import FaultGroup
from compensation.language import Text
from compensation.ledger.portfolio import Ledgers
from compensation.ledger.records import TABLE_OF
from compensation.ledger.row_warnings import warn, yuan_texts
from compensation.policy.cap_words import cap_title
from compensation.policy.case_words import CASES
from compensation.policy.catalogue import Policy
from compensation.policy.model import Test
from compensation.policy.quantities import INDICATOR_PREFIX, names_in_test
from compensation.policy.variables import INSTITUTION
from compensation.rules import award
from compensation.rules.compensation import Decisions, decide
from compensation.rules.conditions import effective_days
from compensation.rules.decision import Cases, judge
from compensation.rules.indicators import policy_years
from compensation.schema.dictionary import table

USED_UP = Text(
    "{case}符合条件，但{cap}（{id}）为 0 或已用完，补偿金额为 0",
    "the {case} is eligible and comes to nothing: the {cap} ({id}) is 0 or used up",
)
NOT_REACHED = Text(
    "{case}符合条件，但计入的金额没有超过{cap}（{id}）的起算点，补偿金额为 0",
    "the {case} is eligible and comes to nothing: nothing of it lies above where the {cap} ({id})"
    " begins",
)

CUT_TO_TOO_LITTLE = Text(
    "{case}符合条件，但按{cap}（{id}）压缩后不足起付金额，补偿金额为 0",
    "the {case} is eligible and comes to nothing: what the {cap} ({id}) leaves of it is too little",
)


def nothing_in_force(
    ledgers: Ledgers, claim_rows: Integers, exposure: Integers
) -> list[FaultGroup]:
    """Return a warning for each claim on whose day nothing of the borrower is guaranteed.

    `exposure`: fen, of each claim at ``claim_rows``.
    """
    message = Text(
        "代偿当日该借款人的在保余额为 0", "the borrower's exposure on the day of the payout is 0"
    )
    rows = claim_rows[exposure == 0]
    return warn(ledgers, "nothing_in_force", message, "claims", "payout_date", rows)


def approved_above_compensation(
    inputs: RuleInputs, claim_rows: Integers, cases: Cases, decisions: Decisions
) -> list[FaultGroup]:
    """Return a warning for each eligible claim with more approved than was computed."""
    approved = cases.approved
    if approved is None:
        return []
    above = decisions.eligible & approved.known & (approved.numerator > decisions.compensation)
    message = Text(
        "核定补偿金额超过计算的补偿金额，按计算金额",
        "more is approved than the compensation computed; the compensation counts",
    )
    detail = Text(
        "：核定 {approved} 元，计算 {compensation} 元",
        ": {approved} yuan approved, {compensation} yuan computed",
    )
    fen = {"approved": approved.numerator, "compensation": decisions.compensation}
    amounts = {name: yuan_texts(values[above]) for name, values in fen.items()}
    place = ("claims", "approved_amount", claim_rows[above])
    return warn(inputs.ledgers, "approved_above_compensation", message, *place, detail, amounts)


def paid_without_grant(
    inputs: RuleInputs, claim_rows: Integers, cases: Cases, decisions: Decisions
) -> list[FaultGroup]:
    """Return a warning for each case decided that has been paid what it is not granted.

    Where review approves less than the compensation, what is above that is paid without a grant.
    """
    paid = cases.compensation_paid
    refused = np.zeros(len(paid), dtype=np.bool_)
    for status in ("ineligible", "rejected"):
        refused |= decisions.status == award.STATUSES.index(status)
    approved = decisions.status == award.STATUSES.index("approved")
    due = np.where(approved, decisions.granted, decisions.compensation)
    above = ~refused & (paid > due)

    def said(which: Flags, message: Text, detail: Text) -> list[FaultGroup]:
        fen = {"paid": paid, "compensation": due, "more": paid - due}
        amounts = {name: yuan_texts(values[which]) for name, values in fen.items()}
        table = TABLE_OF[inputs.policy.rules.record]
        place = (table, "compensation_paid", inputs.case_rows(claim_rows[which]))
        return warn(inputs.ledgers, "paid_without_grant", message, *place, detail, amounts)

    case = CASES[inputs.policy.rules.record].case

    return [
        *said(
            refused & (paid > 0),
            Text(
                "{case}不符合条件或审核不通过，却已有补偿",
                "compensation is paid although the {case} is ineligible or rejected",
            ).fill(case=case),
            Text("：已补偿 {paid} 元", ": {paid} yuan"),
        ),
        *said(
            above,
            Text(
                "已补偿金额超过应补偿金额",
                "more compensation is paid already than the {case} is due",
            ).fill(case=case),
            Text(
                "：已补偿 {paid} 元，应补偿 {compensation} 元，超出 {more} 元",
                ": {paid} yuan of {compensation} yuan, {more} yuan too much",
            ),
        ),
    ]


def capped_to_nothing(
    inputs: RuleInputs, claim_rows: Integers, decisions: Decisions
) -> list[FaultGroup]:
    """Return a warning for each eligible case that comes to nothing by a cap, and which one.

    It is used up, or 0, or nothing of the case lies above where it begins, or it leaves too little.
    """
    found = []
    record = inputs.policy.rules.record
    column = table(TABLE_OF[record]).columns[0].name
    for cap in inputs.policy.rules.caps:
        nothing = decisions.emptied.get(cap.id)
        if nothing is None:
            continue
        below = decisions.below.get(cap.id, np.zeros_like(nothing))
        not_enough = NOT_REACHED if cap.at_least is None else CUT_TO_TOO_LITTLE
        for which, why in ((nothing & ~below, USED_UP), (below, not_enough)):
            rows = inputs.case_rows(claim_rows[which & decisions.eligible])
            named = {"cap": cap_title(inputs.policy, cap), "id": cap.id}
            message = why.fill(case=CASES[record].case, **named)
            place = (TABLE_OF[record], column, rows)
            found += warn(inputs.ledgers, "capped_to_nothing", message, *place)
    return found


def left_of_set_offs(
    inputs: RuleInputs, claim_rows: Integers, cases: Cases, decisions: Decisions
) -> Iterator[FaultGroup]:
    """Yield a warning for each group whose payments are too little for what is set off from them.

    It stands at the first case of the group.
    """
    name = TABLE_OF[inputs.policy.rules.record]
    for cap in inputs.policy.rules.caps:
        if not cap.sets_off:
            continue
        left = decisions.left_of_set_offs[cap.id]
        group = np.arange(len(left)) if cap.per is None else cases.groups[cap.per]
        some = np.flatnonzero(left)
        some = some[np.unique(group[some], return_index=True)[1]]
        message = LEFT_OF_SET_OFF.fill(cap=cap_title(inputs.policy, cap), id=cap.id)
        rows = inputs.case_rows(claim_rows[some])
        place = (name, table(name).columns[0].name, rows)
        yield from warn(
            inputs.ledgers,
            "left_of_set_off",
            message,
            *place,
            Text("：还有 {left} 元", ": {left} yuan are left"),
            {"left": yuan_texts(left[some])},
        )


LEFT_OF_SET_OFF = Text(
    "应付金额不足，{cap}（{id}）没有抵扣完；以后还要抵扣的，留在台账中，结转下年的，填入下年的金额",
    "what is payable is too little for the set-off “{cap}” ({id}); what remains owed stays in the "
    "ledger for the next payment, and goes into the figure of the next year where it is carried "
    "over",
)


def unpaid_with_recoveries(
    inputs: RuleInputs, policies: Sequence[Policy] | None = None
) -> list[FaultGroup]:
    """Return a warning for each approved claim of an earlier year with recoveries, never paid.

    `policies`: those of the run, by default that of ``inputs``. A claim that none of them covers
    is approved if its reviews are.
    """
    portfolio = inputs.ledgers
    day = inputs.column(inputs.policy.rules.trigger.date)
    earlier = earlier_claims(inputs)
    recovered = np.zeros(len(earlier), dtype=np.bool_)
    recovered[portfolio.links.recovery_claim] = True
    unpaid = portfolio.numbers("claims", "compensation_paid") == 0
    looked_at = earlier & recovered & unpaid
    found = all_approved(inputs, inputs.policy) & looked_at
    for policy in policies or [inputs.policy]:
        first, last = effective_days(policy)
        covered = looked_at & (day.numerator >= first) & (day.numerator <= last)
        found[covered] = all_approved(inputs, policy)[covered]
        found &= ~_ineligible(portfolio, policy, np.flatnonzero(found & covered), day.numerator)
    message = Text(
        "以前年度审核通过的代偿有追偿，但已补偿金额为 0，追偿款不返还政府；"
        "如已补偿，请填写已补偿金额",
        "this approved claim of an earlier year has recoveries but no compensation paid, so they "
        "return nothing to government; enter the compensation if it was paid",
    )
    rows = np.flatnonzero(found)
    column = "compensation_paid"
    return warn(portfolio, "unpaid_with_recoveries", message, "claims", column, rows)


def all_approved(inputs: RuleInputs, policy: Policy) -> Flags:
    """Return of which claims every review that the policy requires is an approval."""
    ledgers = inputs.ledgers
    reviews = [ledgers.numbers("claims", review) for review in policy.rules.review.required]
    eligible = np.ones(ledgers.rows("claims"), dtype=np.bool_)
    approved: Flags = award.status(eligible, reviews) == award.STATUSES.index("approved")
    return approved


def _ineligible(ledgers: Ledgers, policy: Policy, rows: Integers, day: Integers) -> Flags:
    """Return which of the claims at ``rows`` were ineligible in their own years, if that is sure.

    `day`: of every claim, that which decides its year. Figures of institutions are only sure of
    years before which the ledger has contracts, and opening figures without a year are of another.
    """
    found = np.zeros(ledgers.rows("claims"), dtype=np.bool_)
    books = ledgers.books
    of_year = books.opening_year_given
    books = replace(
        books,
        opening_balance_given=books.opening_balance_given & of_year,
        opening_borrowers_given=books.opening_borrowers_given & of_year,
    )
    years = distinct(policy_years(day[rows], policy.rules.trigger.year_begins)).tolist()
    known = replace(ledgers, books=books)
    for inputs, claims, cases, decisions in decided_in(known, policy, years):
        found[claims] = ~decisions.eligible & inputs.derived_openings().older[cases.institution]
        for condition in policy.rules.claim_conditions:
            if not _is_of_institution(condition):
                found[claims] |= decisions.failed[condition.id]
    return found


def decided_in(
    ledgers: Ledgers, policy: Policy, years: Iterable[int]
) -> Iterator[tuple[RuleInputs, Integers, Cases, Decisions]]:
    """Yield what a policy decides in each of some years in which nothing that it needs is lacking.

    The inputs of the year, the rows of its claims that the policy covers, these as cases, and the
    decisions.
    """
    first, last = effective_days(policy)
    for year in years:
        inputs = rule_inputs(ledgers, policy, year)
        claims, day = inputs.year_claims(), inputs.case_days()
        if policy.rules.effective.excludes:
            claims = claims[(day[claims] >= first) & (day[claims] <= last)]
        if [*blank_figures(inputs, claims), *series_gaps(inputs, claims)]:
            continue
        variables = inputs.institution_variables(inputs.indicators())
        verdicts = judge(policy, variables, ledgers.rows("institutions"))
        cases = inputs.cases(claims, variables, verdicts, earlier_claims(inputs))
        yield inputs, claims, cases, decide(policy, cases)


def _is_of_institution(test: Test) -> bool:
    """Return whether a test looks at what the institution comes to in the year."""
    keys = names_in_test(test)
    return INSTITUTION in keys or any(key.startswith(INDICATOR_PREFIX) for key in keys)


def recoveries_on_pending(
    inputs: RuleInputs, claim_rows: Integers, decisions: Decisions
) -> list[FaultGroup]:
    """Return a warning for each recovery whose claim is still pending."""
    portfolio = inputs.ledgers
    pending = np.zeros(portfolio.rows("claims"), dtype=np.bool_)
    pending[claim_rows] = decisions.status == award.STATUSES.index("pending")
    message = Text(
        "该笔代偿仍待审；政府补偿支付后，返还应重新计算",
        "the claim is still pending; recalculate its returns after government has paid",
    )
    rows = np.flatnonzero(pending[portfolio.links.recovery_claim])
    return warn(portfolio, "recovery_on_pending", message, "recoveries", "claim_id", rows)
