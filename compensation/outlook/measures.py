"""What the trade's indicators are made of, beside the measures that policies may test.

Each function returns a measure of every institution for a year, in fen, and why an institution has
none, if so: by reason, which institutions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers, group_sum
from compensation.engine.inputs import RuleInputs
from compensation.engine.movements import remittances_of
from compensation.language import Text
from compensation.ledger.as_of import ledgers_as_of
from compensation.ledger.portfolio import Ledgers
from compensation.money import PRINTED_SCALE, half_up_of_product
from compensation.policy.quantities import FLOWS, Measure
from compensation.rules.indicators import Ratio, closing_balance, year_ends
from compensation.settlement.deciding import terms_without_policy
from compensation.settlement.returning import returned_to_date

REASONS = {
    "zero_denominator": Text("分母为 0", "the denominator is 0"),
    "no_table": Text("台账没有所需的表", "the ledger lacks the table"),
    "no_column": Text("台账没有所需的列", "the ledger lacks the column"),
    "blank_cells": Text("当年起始的合同有未填担保费率的", "the fee of a new contract is blank"),
    "other_year": Text("没有该年度的净资产", "there are no net assets of that year"),
    "ledger_begins_later": Text("台账不足所需的年数", "the ledger does not reach back so far"),
}
"""Why an indicator is undefined, by the word that the result has for it."""


class Measured(NamedTuple):
    """(institutions,) a measure, and by reason which institutions have none."""

    ratio: Ratio
    lacking: Mapping[str, Flags]


def measured(of: Measure, inputs: RuleInputs) -> Measured:
    """Return a measure of each institution, one of policies or one of `FURTHER`."""
    further = FURTHER.get(of.of)
    if further is not None:
        return further(inputs)
    lacking = {}
    if of.of in FLOWS and of.years > 1:
        _, first_year_ends = year_ends(inputs.year - of.years + 1)
        lacking["ledger_begins_later"] = _first_days(inputs) > first_year_ends
    return Measured(inputs.measure(of), lacking)


def _first_days(inputs: RuleInputs) -> Integers:
    """Return the day on which the first contract of each institution started."""
    books = inputs.books
    first = np.full(books.institutions, np.iinfo(np.int64).max)
    np.minimum.at(first, books.institution, books.start.astype(np.int64))
    return first


def _money(fen: Integers, lacking: Mapping[str, Flags] | None = None) -> Measured:
    return Measured(Ratio(fen, np.ones_like(fen)), lacking or {})


def _nothing(inputs: RuleInputs, reason: str) -> Measured:
    """Return a measure that no institution has, and why."""
    rows = inputs.books.institutions
    return _money(np.zeros(rows, dtype=np.int64), {reason: np.ones(rows, dtype=np.bool_)})


def payouts_to_date(inputs: RuleInputs) -> Measured:
    """Return what was paid out up to the end of the year."""
    books = inputs.books
    due = books.payout_day <= year_ends(inputs.year)[1]
    of = books.institution[books.payout_of[due]]
    return _money(group_sum(books.payout[due], of, books.institutions))


def released_to_date(inputs: RuleInputs) -> Measured:
    """Return what was released up to the end of the year: all that started, less the balance."""
    books, year = inputs.books, inputs.year
    started = np.where(books.start <= year_ends(year)[1], books.guaranteed, 0)
    ever = group_sum(started, books.institution, books.institutions)
    return _money(ever - closing_balance(books, year))


def recovered_to_date(inputs: RuleInputs) -> Measured:
    """Return what was recovered up to the end of the year, less what recovering cost."""
    ledgers = inputs.ledgers
    if not ledgers.present["recoveries"]:
        return _nothing(inputs, "no_table")
    due = ledgers.numbers("recoveries", "recovery_date") <= year_ends(inputs.year)[1]
    net = ledgers.numbers("recoveries", "proceeds") - ledgers.numbers("recoveries", "cost")
    return _money(_by_institution(ledgers, np.where(due, net, 0), ledgers.links.recovery_claim))


def remitted_to_date(inputs: RuleInputs) -> Measured:
    """Return what was handed over up to the end of the year, less what was refunded."""
    ledgers = inputs.ledgers
    if not ledgers.present["remittances"]:
        return _nothing(inputs, "no_table")
    handed_over = remittances_of(ledgers)
    due = handed_over.day <= year_ends(inputs.year)[1]
    signed = np.where(handed_over.back, -handed_over.amount, handed_over.amount)
    return _money(_by_institution(ledgers, np.where(due, signed, 0), handed_over.claim))


def government_share_to_date(inputs: RuleInputs) -> Measured:
    """Return government's share of what was recovered, by what it had paid by the end of the year.

    Payments need their days, so compensation that only stands in the claims does not say it.
    """
    ledgers = inputs.ledgers
    if not (ledgers.present["payments"] and ledgers.present["recoveries"]):
        return _nothing(inputs, "no_table")
    then = ledgers_as_of(ledgers, year_ends(inputs.year)[1])
    rows = np.arange(then.rows("claims"), dtype=np.int64)
    paid = then.numbers("claims", "compensation_paid")
    returned = returned_to_date(then, paid, [terms_without_policy(then, rows)])
    return _money(_by_institution(then, returned.government, rows))


def yearly_fees(inputs: RuleInputs) -> Measured:
    """Return the fees per year of the contracts started in the year, each to the fen."""
    ledgers, books = inputs.ledgers, inputs.books
    if "fee_rate" not in ledgers.present["contracts"]:
        return _nothing(inputs, "no_column")
    before, last = year_ends(inputs.year)
    new = (books.start > before) & (books.start <= last)
    rate = ledgers.numbers("contracts", "fee_rate")
    fee = half_up_of_product(books.guaranteed, rate, np.full_like(rate, PRINTED_SCALE))
    blank = new & ~ledgers.known("contracts", "fee_rate")
    lacking = np.zeros(books.institutions, dtype=np.bool_)
    lacking[books.institution[blank]] = True
    fees = group_sum(np.where(new, fee, 0), books.institution, books.institutions)
    return _money(fees, {"blank_cells": lacking})


def net_assets(inputs: RuleInputs) -> Measured:
    """Return the net assets of each institution, where they are of the year."""
    ledgers = inputs.ledgers
    if not {"net_assets", "net_assets_year"} <= ledgers.present["institutions"]:
        return _nothing(inputs, "no_column")
    given = ledgers.known("institutions", "net_assets")
    given &= ledgers.numbers("institutions", "net_assets_year") == inputs.year
    return _money(ledgers.numbers("institutions", "net_assets"), {"other_year": ~given})


def _by_institution(ledgers: Ledgers, amount: Integers, claim: Integers) -> Integers:
    """Return amounts of claims by institution; `claim`: (amounts,) the row of each one's claim."""
    of = ledgers.links.contract_institution[ledgers.links.claim_contract[claim]]
    return group_sum(amount, of, ledgers.rows("institutions"))


FURTHER: Mapping[str, Callable[[RuleInputs], Measured]] = {
    "payouts_to_date": payouts_to_date,
    "released_to_date": released_to_date,
    "recovered_to_date": recovered_to_date,
    "remitted_to_date": remitted_to_date,
    "government_share_to_date": government_share_to_date,
    "yearly_fees": yearly_fees,
    "net_assets": net_assets,
}
"""Measures by the name that the data file has for them."""
