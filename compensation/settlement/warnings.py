"""What a settlement lets through but says, and what its figures leave out."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import chain

import numpy as np

from compensation.columns import Integers
from compensation.engine.cases import OF_PAYOUTS
from compensation.engine.claim_guards import (
    approved_above_compensation,
    capped_to_nothing,
    left_of_set_offs,
    nothing_in_force,
    paid_without_grant,
    recoveries_on_pending,
)
from compensation.engine.figures_without_value import figures_without_value
from compensation.engine.guards import (
    amounts_apart,
    cases_to_come,
    contracts_twice,
    dates_to_come,
    days_to_come,
    far_dates,
    headings_not_read,
    more_institutions,
    openings_not_used,
    payments_ahead,
    stale_openings,
)
from compensation.engine.inputs import rule_inputs
from compensation.engine.measures_needed import EXPOSURE
from compensation.engine.movements import is_there
from compensation.engine.needed_columns import by_own_headings
from compensation.engine.policy_guards import policy_guards
from compensation.engine.run import Decided
from compensation.engine.values_before import values_before
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import Faults
from compensation.issues import Severity
from compensation.language import Text, joined
from compensation.ledger.portfolio import Ledgers
from compensation.ledger.records import TABLE_OF, Record
from compensation.ledger.row_warnings import warn, yuan_texts
from compensation.policy.case_words import CASES
from compensation.policy.catalogue import Policy
from compensation.policy.open_years import of_the_year_so_far
from compensation.policy.wording import figures_in_words
from compensation.rules.conditions import effective_years
from compensation.rules.decision import columns_of_no_year
from compensation.rules.pool import LEGS, lines_of
from compensation.rules.settlement import STATUSES
from compensation.rules.steps import Steps
from compensation.schema.dictionary import BY_YEAR_OF
from compensation.schema.dictionary import table as table_called
from compensation.settlement.deciding import trigger_days
from compensation.settlement.payers import weights_of_payers
from compensation.settlement.settled import Settled
from compensation.settlement.tables import due_of
from compensation.values.printing import yuan

NO_PAYMENTS = Text(
    "台账没有“拨付”表：已拨付金额取自台账中的“已补偿金额”，没有日期，不计入本期和资金池收支，"
    "资金池的期末余额和可用余额因此偏高",
    "the ledger has no table payments: what was paid is taken from compensation_paid, which has no"
    " date; it is 0 in every period and in no line of the pool statement, so closing and available"
    " are too high",
)
NO_REMITTANCES = Text(
    "台账没有“上缴”表：视为从未上缴",
    "the ledger has no table remittances: nothing is taken to have been remitted",
)
NO_POOL = Text(
    "台账没有“资金池”表：资金池收支表从零开始",
    "the ledger has no table pool: the pool statement starts from zero",
)
NOTES = {"payments": NO_PAYMENTS, "remittances": NO_REMITTANCES, "pool": NO_POOL}
"""What is said where the ledger lacks a table."""
NEGATIVE = {
    "negative_closing": (
        "closing",
        Text("资金池期末余额为负：{amount} 元", "the pool closes at {amount} yuan"),
    ),
    "negative_available": (
        "available",
        Text(
            "清算后资金池可用余额为负：{amount} 元",
            "{amount} yuan would be available in the pool after this settlement",
        ),
    ),
}
"""The warnings of the pool: the line of its statement that is below zero, and what is said."""
NO_CLAIMS = Text(
    "截至清算日没有任何代偿，结果为空",
    "no claim was paid out by the day of the settlement; the result is empty",
)
YEARS_NOT_DECIDED = Text(
    "机构年度只核定 {decided} 年度；政策有效的 {years} 年度没有核定，该付该收的不在本结果中，"
    "未填年度的拨付都不作为这些年度的。台账有这些年度的数据的，起始日（--from）改为最早一年的 "
    "1 月 1 日，一并清算",
    "of institutions' years {decided} alone is decided. The policies are in force in {years}, too, "
    "of which nothing that is due is in these figures, and no payment without its year is taken to "
    "be for them. Where the ledger has their data, let the period begin (--from) on 1 January of "
    "the first of them",
)
UNDECIDED = {
    "not_covered": Text(
        "{count} {cases}的日期没有适用的政策，或尚无日期（状态 not_covered），未予核定；"
        "如应适用其他政策，请一并指定",
        "{cases} on days on which no given policy is in force, or without a date yet (status "
        "not_covered): {count};"
        " nothing is decided for them; if another policy applies, give it too",
    ),
    "year_open": Text(
        "{count} {cases}所属年度在清算日尚未结束（状态 year_open），年度终了后再核定",
        "{cases} whose year is not over on the day of the settlement (status year_open): {count};"
        " they are decided once their year is over",
    ),
}
"""By status, what is said of claims for which nothing is decided."""


def notes_of(of: Settled) -> Iterator[Text]:
    """Yield what the reader must know of the figures: what is missing, and what is undecided."""
    claims = np.bincount(of.claims.status, minlength=len(STATUSES)).tolist()
    record = of.policies[0].rules.record
    yield from notes_for(of.ledgers, claims, record)
    if record == "institution":
        yield from _years_not_decided(of)


def _years_not_decided(of: Settled) -> Iterator[Text]:
    """Yield which earlier years of institutions, each in force, the figures leave out."""
    over, decided = of.period.year_over, {each.year for each in of.decided}
    spans = [effective_years(policy) for policy in of.policies]
    in_force = set(chain.from_iterable(range(a, min(b + 1, over)) for a, b in spans))
    if years := sorted(in_force - decided):
        said = joined(map(str, sorted(decided) or [over]))
        yield YEARS_NOT_DECIDED.fill(decided=said, years=joined(map(str, years)))


def notes_for(ledgers: Ledgers, claims: Sequence[int], record: Record = "payout") -> Iterator[Text]:
    """Yield the notes of a settlement; `claims`: how many there are of each of `STATUSES`."""
    for name, note in NOTES.items():
        of_payouts = record != "payout" and name in OF_PAYOUTS
        if not of_payouts and not is_there(ledgers, name):
            yield note
    if not any(claims):
        yield NO_CLAIMS
    for status, note in UNDECIDED.items():
        count = claims[STATUSES.index(status)]
        if count:
            yield note.fill(count=count, cases=CASES[record].counted)


def warnings_of(of: Settled) -> Faults:
    """Return what is worth a look, of the ledger as it stood and of the settlement."""
    more = [
        *_paid_after_closed(of),
        *_paid_for_nothing(of),
        *_not_shared(of),
        *negative_pool(of.statement, entries=bool(of.ledgers.rows("pool"))),
    ]
    places = {policy.id: place for place, policy in enumerate(of.policies)}
    years = [(places[each.policy.id], each.year) for each in of.decided]
    more += one_value_for_years(of.policies, years)
    more += years_so_far(of.policies, years, of.period.last)
    every = np.arange(len(of.payout), dtype=np.int64)
    return joint_warnings(of.ledgers, of.policies, of.period.last.year, of.decided, every, more)


def one_value_for_years(
    policies: Sequence[Policy], decided: Iterable[tuple[int, int]]
) -> list[FaultGroup]:
    """Return a warning for each column of a policy's own that has one value for several years.

    `decided`: the places of policies, and the years that each decides.
    """
    found: dict[tuple[str, str], FaultGroup] = {}
    of_policy: dict[int, list[int]] = {}
    for place, year in sorted(set(decided)):
        of_policy.setdefault(place, []).append(year)
    for place, years in of_policy.items():
        for column in columns_of_no_year(policies[place]) if len(years) > 1 else ():
            message = ONE_VALUE.fill(
                policy=policies[place].id,
                years=joined(str(year) for year in years),
                table=table_called(BY_YEAR_OF[column.table]).title,
            )
            warning = whole("one_value", message, table=column.table, column=column.name)
            found.setdefault((column.table, column.name), warning)
    return by_own_headings(found.values(), policies)


def years_so_far(
    policies: Sequence[Policy], decided: Iterable[tuple[int, int]], day: datetime.date
) -> Iterator[FaultGroup]:
    """Yield a warning for each year that is decided, case by case, by figures of a part of it.

    `decided`: the places of policies, and the years that each decides. `day`: of the settlement.
    """
    for place, year in sorted(set(decided)):
        figures = of_the_year_so_far(policies[place].rules)
        if figures and day < datetime.date(year, 12, 31):
            message = YEAR_SO_FAR.fill(
                policy=policies[place].id,
                year=year,
                figures=figures_in_words(policies[place], figures),
                day=day,
            )
            yield whole("part_of_year", message)


YEAR_SO_FAR = Text(
    "{year} 年度尚未结束，政策 {policy} 逐笔核定所用的{figures}只反映截至 {day} 的部分年度；"
    "以后变化的，由以后的清算补付或收回",
    "the year {year} is not over on {day}: policy {policy} decides its cases by {figures} of the "
    "part of it up to that day; what changes later is paid or recalled by later settlements",
)
ONE_VALUE = Text(
    "政策 {policy} 核定 {years} 年度，各年度都按这一列的同一个值计算；各年不同的（如不良率、"
    "评级），请在政策文件中改为表 {table} 的列，由台账分年填写；各年相同的（如所在地），在这一列写 "
    "constant = true",
    "policy {policy} decides the years {years} by the one value that this column has: where it "
    "differs from year to year, as a rating does, make it a column of the table {table} in the "
    "policy file, and give it by year; where it never does, as a region, write constant = true for "
    "the column",
)


def joint_warnings(
    ledgers: Ledgers,
    policies: Sequence[Policy],
    year: int,
    decided: Sequence[Decided],
    claim_rows: Integers,
    more: Sequence[FaultGroup] = (),
) -> Faults:
    """Return what is worth a look where several policies decide.

    `year`: the last one that is decided. `claim_rows`: the claims of the run, decided or not.
    `more`: warnings of one's own.
    """
    more = [*more, *(group for policy in policies for group in dates_to_come(policy, ledgers))]
    for each in decided:
        more += days_to_come(each.inputs, each.claim_rows, each.cases, each.decisions)
    # Policies that decide together go by the same date.
    more += cases_to_come(policies[0], ledgers, trigger_days(ledgers, policies[0]))
    by_year = {each.year: each.inputs for each in decided}
    if by_year:
        more += openings_not_used(by_year[max(by_year)], by_year)
    if policies[0].rules.record != "payout":
        more = [*ledgers.warnings, *payments_ahead(ledgers, policies[0]), *more]
        # A contract with a case in each of several years would be spoken of in each.
        for each in decided if policies[0].rules.trigger.until is None else ():
            rows, cases, decisions = each.claim_rows, each.cases, each.decisions
            more += paid_without_grant(each.inputs, rows, cases, decisions)
            more += capped_to_nothing(each.inputs, rows, decisions)
            more += left_of_set_offs(each.inputs, rows, cases, decisions)
            more += figures_without_value(each.inputs, rows, cases, decisions)
            more += values_before(each.inputs, cases, decisions)
            more += policy_guards(each.inputs, rows)
        return Faults([*more, *headings_not_read(ledgers)], Severity.WARNING)
    backed = int(ledgers.flags("institutions", "government_backed").sum())
    books = replace(ledgers.books, held={}, openings={})
    groups = [*ledgers.warnings, *far_dates(ledgers, books, year)]
    groups += [*amounts_apart(ledgers, books), *contracts_twice(ledgers)]
    # Two policies may decide one year, whose opening figures are the same.
    for of_year in by_year.values():
        groups += stale_openings(of_year)
    exposure = _exposures(ledgers, policies[0], decided, claim_rows)
    groups += nothing_in_force(ledgers, claim_rows, exposure)
    for each in decided:
        rows, cases, decisions = each.claim_rows, each.cases, each.decisions
        groups += approved_above_compensation(each.inputs, rows, cases, decisions)
        groups += paid_without_grant(each.inputs, rows, cases, decisions)
        groups += capped_to_nothing(each.inputs, rows, decisions)
        groups += left_of_set_offs(each.inputs, rows, cases, decisions)
        groups += figures_without_value(each.inputs, rows, cases, decisions)
        groups += values_before(each.inputs, cases, decisions)
        groups += recoveries_on_pending(each.inputs, rows, decisions)
        groups += policy_guards(each.inputs, rows)
    groups += [*more, *headings_not_read(ledgers)]
    for policy in policies:
        groups += more_institutions(policy, backed)
    return Faults(groups, Severity.WARNING)


def _exposures(
    ledgers: Ledgers, policy: Policy, decided: Sequence[Decided], rows: Integers
) -> Integers:
    """Return the borrower exposure of each claim at ``rows``, whether it is decided or not."""
    exposure = np.zeros(ledgers.rows("claims"), dtype=np.int64)
    undecided = np.ones(len(exposure), dtype=np.bool_)
    for each in decided:
        exposure[each.claim_rows] = each.cases.variables[EXPOSURE].numerator
        undecided[each.claim_rows] = False
    left = rows[undecided[rows]]
    if len(left):
        no_year = 1970  # nothing of a year is asked for
        exposure[left] = rule_inputs(ledgers, policy, no_year).exposures(left)
    of_rows: Integers = exposure[rows]
    return of_rows


def _paid_after_closed(of: Settled) -> list[FaultGroup]:
    """Return a warning for each payment dated on or after the day its claim was closed."""
    closed = of.ledgers.numbers("claims", "closed_date")[of.payments.claim]
    rows = np.flatnonzero(~of.payments.back & (of.payments.day >= closed))
    message = Text(
        "结案日当日或之后仍有拨付", "paid on or after the day on which the claim was closed"
    )
    return warn(of.ledgers, "paid_after_closed", message, "payments", "payment_date", rows)


def _paid_for_nothing(of: Settled) -> list[FaultGroup]:
    """Return a warning for each payment for a contract's year that is granted nothing.

    The reviews of a contract hold for all its years: one that is rejected recalls what was paid for
    those before. Of other cases, `paid_without_grant` speaks.
    """
    if of.policies[0].rules.trigger.until is None:
        return []
    refused = of.covered.ended | (of.claims.status == STATUSES.index("rejected"))
    rows = np.flatnonzero(refused[of.payments.claim] & ~of.payments.back)
    message = Text(
        "合同在该年度之前已结束或审核不通过，为该年度支付的列为应收回",
        "the contract had ended before the year, or is rejected: what was paid for it is recalled",
    )
    return warn(of.ledgers, "paid_without_grant", message, "payments", "amount", rows)


def _not_shared(of: Settled) -> list[FaultGroup]:
    """Return a warning for each case of which it is not known how payers share what is due."""
    due = np.sum([due_of(of, leg) for leg in LEGS], axis=0)
    with_payers = [place for place, policy in enumerate(of.policies) if policy.rules.payers]
    if not with_payers:
        return []
    unknown = np.isin(of.covered.policy, [*with_payers, -1])  # or no policy covers it
    for _, weights in weights_of_payers(of.policies, of.covered, of.decided):
        unknown &= ~weights.any(axis=1)
    cases = np.flatnonzero(unknown & (due > 0))
    message = Text(
        "应缴应付的金额没有分给各出资方：该笔业务尚未核定、没有适用的政策、没有出资方分担，"
        "或补偿为 0 而出资方有上限，分担比例未知",
        "what is due is not divided among the payers, whose shares are not known: the case is not"
        " decided, no policy covers it, no payer has a part of it, or it comes to nothing under"
        " caps on payers",
    )
    detail, amounts = Text("（{due} 元）", " ({due} yuan)"), {"due": yuan_texts(due[cases])}
    record, links = of.policies[0].rules.record, of.ledgers.links
    contract = links.claim_contract[cases]
    rows = {
        "payout": cases,
        "contract": contract,
        "institution": links.contract_institution[contract],
    }[record]
    of_cases = table_called(TABLE_OF[record])
    column = of_cases.columns[0].name
    return warn(of.ledgers, "payers_unknown", message, of_cases.name, column, rows, detail, amounts)


def negative_pool(statement: Steps, *, entries: bool) -> Iterator[FaultGroup]:
    """Yield a warning where the pool closes below zero, or would after this settlement.

    None without `entries` of the table pool by the day: nobody knows what was in it.
    """
    if not entries:
        return
    lines = lines_of(statement)
    for kind, (line, text) in NEGATIVE.items():
        if lines[line] < 0:
            amount = f"{Decimal(yuan(lines[line])):,}"
            yield whole(kind, text.fill(amount=amount), table="pool")
