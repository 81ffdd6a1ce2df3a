"""What a year that is decided may miss of the years before it: unpaid cases, amounts left behind.

Each guard yields warnings and changes no figure.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from compensation.arrays import known
from compensation.columns import Flags, Integers
from compensation.engine.claim_guards import all_approved, decided_in
from compensation.engine.earlier_years import earlier_claims
from compensation.engine.inputs import RuleInputs
from compensation.engine.known_pool import looked_at
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.ledger.portfolio import numbers_of
from compensation.ledger.records import TABLE_OF
from compensation.ledger.row_warnings import warn
from compensation.policy.catalogue import Policy
from compensation.policy.variables import COMPENSATED_BEFORE
from compensation.rules.decision import variables_needed
from compensation.schema.dictionary import PAID_BEFORE
from compensation.values.dates import date_of


def earlier_unpaid(inputs: RuleInputs, claims: Integers) -> list[FaultGroup]:
    """Return a warning for each approved case of an earlier year that a cap does not count.

    Nor the number of cases, or of years, compensated before, nor a budget that pays first what is
    owed, nor the pool's balance. A cap over all years counts what was paid. What was granted and
    not paid yet does not count; the case is of a group that has cases this year, at rows
    ``claims``. What was granted is what the policy comes to for the earlier years, decided again
    (nothing, where a cap left nothing), at most the amount approved; of
    contracts of several years that is of this one. None where caps count what is granted, as in a
    settlement.
    """
    over_years = (cap for cap in inputs.policy.rules.caps if cap.years != "this")
    caps = [cap for cap in over_years if not cap.counts_all]
    counted = COMPENSATED_BEFORE & variables_needed(inputs.policy).keys()
    found = np.zeros(inputs.ledgers.rows("claims"), dtype=np.bool_)
    by_amount = np.zeros_like(found)
    owed = len(claims) > 0 and _rests_on_all(inputs.policy)
    if not (caps or counted or owed) or inputs.granted is not None:
        return []
    for cap in caps:
        group = inputs.group(cap.per or ())
        here = np.zeros(int(group.max(initial=0)) + 1, dtype=np.bool_)
        here[group[claims[inputs.applies(cap.when, claims)]]] = True
        counts = here[group] & inputs.within_years(cap)
        found |= counts
        # Caps on the base, and on numbers of cases, count all of a case of which a part is paid.
        by_amount |= counts & (cap.on == "compensation")
    found |= owed
    by_amount |= owed
    often = np.zeros_like(found)
    for key in counted:
        group = inputs.groups_counted(key)
        often |= np.isin(group, group[claims])
    still_open = earlier_claims(inputs) & all_approved(inputs, inputs.policy)
    still_open &= ~inputs.ledgers.known("claims", "closed_date")
    found &= still_open
    paid = inputs.paid_elsewhere(claims, earlier_claims(inputs))
    of_several = inputs.policy.rules.trigger.until is not None
    given = inputs.ledgers.known("claims", "approved_amount") & (not of_several)
    approved = inputs.ledgers.numbers("claims", "approved_amount")
    granted = np.where(given, np.where(by_amount, approved, np.minimum(approved, 1)), 1)
    never = (found | (often & still_open)) & ~given & (paid == 0)
    unknown = never | (found & ((by_amount & ~given) | of_several))
    above = (found | (often & still_open)) & given & (paid < granted)
    if (unknown | above).any():
        first = int(inputs.case_days()[unknown | above].min())
        computed, decided = _granted_before(inputs, first)
        above &= decided
        granted[above] = np.minimum(granted, computed)[above]
        # What was never paid, of a year that the policy cannot decide, may be due.
        unknown &= decided | ~never | of_several
        granted[unknown] = computed[unknown]
    column = PAID_BEFORE.name if of_several else "compensation_paid"
    often &= still_open & (paid == 0) & (granted > 0)
    rows = np.flatnonzero(often | (found & (paid < granted)))
    name = TABLE_OF[inputs.policy.rules.record]
    message = OWED if owed else NOT_COUNTED
    return warn(inputs.ledgers, "earlier_unpaid", message, name, column, rows)


def _rests_on_all(policy: Policy) -> bool:
    """Return whether what is owed of any case of earlier years changes what a year comes to."""
    return policy.rules.budget.unpaid == "owed_first" or "pool.opening" in looked_at(policy)


def _granted_before(inputs: RuleInputs, first: int) -> tuple[Integers, Flags]:
    """Return what each case comes to in earlier years of the policy, from the ``first`` day on.

    And which of them are decided.
    """
    granted = np.zeros(inputs.ledgers.rows("claims"), dtype=np.int64)
    decided = np.zeros_like(granted, dtype=np.bool_)
    begins = max(inputs.policy.rules.effective.from_, date_of(first))
    for _, claims, _, decisions in decided_in(
        inputs.ledgers, inputs.policy, range(begins.year, inputs.year)
    ):
        granted[claims] += decisions.compensation
        decided[claims] = True
    return granted, decided


NOT_COUNTED = Text(
    "以前年度审核通过，已补偿金额为 0 或少于该年度应补偿的金额（按政策计算，不超过核定补偿金额），"
    "历年合计的上限（或以前年度补偿次数、年数）没有计入未支付的；如应补偿，支付并填写后再核算本年度",
    "approved in an earlier year and nothing paid, or less than the compensation computed for that "
    "year (at most the amount approved), so that the cap over all years (or the number of cases or "
    "years compensated before) does not count what is unpaid; if it is due, pay it and enter the "
    "compensation before this year is assessed",
)
OWED = Text(
    "以前年度审核通过，已补偿金额为 0 或少于该年度应补偿的金额（按政策计算，不超过核定补偿金额），"
    "而本年度的预算先补付结转的，或上限看年初资金池余额：单独核算本年度不考虑未支付的。已支付的，请填写；结转的，"
    "用清算（settle）一并核定",
    "approved in an earlier year and nothing paid, or less than the compensation computed for that "
    "year (at most the amount approved), while the budget pays first what is owed, or a limit "
    "looks at the pool at the beginning of the year: a year assessed alone leaves it out. If it "
    "was paid, enter it; if it is owed, settle the years together (settle)",
)


def amounts_of_which_year(inputs: RuleInputs, claims: Integers) -> Iterator[FaultGroup]:
    """Yield a warning where amounts without a year are taken to be of the one that is decided.

    What was paid or approved for an institution, or approved for a contract of several years, may
    have been left there from the year before. `claims`: rows of the year's cases.
    """
    rules, ledgers = inputs.policy.rules, inputs.ledgers
    if rules.record == "institution":
        several = np.full(len(claims), rules.effective.from_.year < inputs.year)
        names = ["approved_amount", *([] if ledgers.present["payments"] else ["compensation_paid"])]
    elif rules.trigger.until is not None:
        several, names = inputs.case_days()[claims] <= inputs.ends[0], ["approved_amount"]
    else:
        return
    for name in names:
        column = ledgers.tables[TABLE_OF[rules.record]].get(name)
        if column is None:
            continue
        rows = inputs.case_rows(claims)
        given = known(column)[rows]
        if name == "compensation_paid":
            given = numbers_of(column)[rows] > 0
        if count := int((given & several).sum()):
            message = OF_WHICH_YEAR.fill(count=count, year=inputs.year)
            yield whole("of_which_year", message, table=TABLE_OF[rules.record], column=name)


OF_WHICH_YEAR = Text(
    "有 {count} 行填写了这一列，按 {year} 年度的计；以前年度留下的，请清空（为机构以前年度"
    "支付的，登记在拨付表并填“年度”；各年度核定的，可以填入分年数据）",
    "rows with an amount: {count}; it is taken to be of {year}. Clear what is left from an earlier "
    "year (what was paid for one of an institution's is a row of payments, with its year; what is "
    "approved may stand in the table by year)",
)
