"""Faults of cells that a policy takes for more than a figure: payers' shares, industries.

They are looked for in the cases of the year, before anything is decided. A blank cell that a figure
is computed from is found by `inputs.blank_figures`.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers, distinct
from compensation.engine.earlier_years import earlier_claims
from compensation.engine.input_variables import row_table
from compensation.engine.inputs import RuleInputs
from compensation.engine.known_pool import looked_at, unknown_pool
from compensation.engine.needed_columns import by_own_headings, column_of_policy
from compensation.engine.needed_values import blank_figures
from compensation.engine.series_gaps import series_gaps
from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text
from compensation.ledger.ids import UNKNOWN
from compensation.ledger.portfolio import NO_DAY, Ledgers
from compensation.ledger.records import TABLE_OF
from compensation.money import PRINTED_SCALE
from compensation.policy.catalogue import Policy
from compensation.policy.model import Cap, Quantity
from compensation.policy.quantities import (
    MEASURED_GROUPS,
    carries_over,
    group_measures,
    groupings,
    groups_measured,
    names_in,
    names_in_tests,
    paid_columns,
    payers_from_settlements,
    tests_in,
)
from compensation.policy.variables import INDUSTRY
from compensation.policy.wording import element_in_words
from compensation.rules import rationals
from compensation.rules.caps import (
    in_fen,
    is_pool,
    knowing_earlier,
    limit_in_fen,
    shares_of_rest,
)
from compensation.rules.decision import applying
from compensation.rules.payers import paying
from compensation.rules.quantities import Evaluator
from compensation.rules.stages import reached
from compensation.rules.variables import Variable
from compensation.schema.dictionary import PAID_BEFORE, ROWS_OF
from compensation.values.dates import date_of
from compensation.values.printing import format_scaled, percent, ratio_of


def case_faults(inputs: RuleInputs, claims: Integers, *, settled: bool = False) -> list[FaultGroup]:
    """Return what keeps the cases at rows ``claims`` from being decided.

    `settled`: by a settlement, which knows what each payer paid.
    """
    blank = blank_figures(inputs, claims)
    found = [
        *blank,
        *series_gaps(inputs, claims),
        *uneven_shares(inputs, claims),
        *stages_without_share(inputs, claims),
        *earlier_without_base(inputs),
        *(() if blank else uncounted(inputs, claims)),
        *unknown_industries(inputs, claims),
        *blank_groups(inputs, claims),
        *paid_in_which_year(inputs, claims),
        *(() if settled else paid_by_whom(inputs)),
        *uneven_pools(inputs, claims),
        *unknown_pool(inputs, looked_at(inputs.policy)),
    ]
    return by_own_headings(found, [inputs.policy])


def uneven_shares(inputs: RuleInputs, claims: Integers) -> list[FaultGroup]:
    """Return a fault for each of the year's cases of which shares in the ledger do not make 1.

    Where fixed shares of the policy do not, a case has the reason `payer` instead. `claims`: rows
    of the year's cases.
    """
    rules, id_, found = inputs.policy.rules, inputs.policy.id, []
    payers = _computed(payer.share for payer in rules.payers)
    if payers:
        names = names_in_tests(test for payer in rules.payers for test in payer.when)
        by = paying(inputs.evaluator(names.union(*map(names_in, payers)), claims))
        found.append((UNEVEN_PAYERS.fill(policy=id_), by.total, by.given & ~by.complete))
    for cap in rules.caps:
        if shares := _computed(taker.share for taker in cap.takers):
            names = names_in_tests(cap.when).union(*map(names_in, shares))
            evaluator = inputs.evaluator(names, claims)
            of_rest, sound = shares_of_rest(cap, evaluator)
            message = UNEVEN_REST.fill(policy=id_, id=cap.id)
            together = functools.reduce(rationals.total, of_rest)
            found.append((message, together, applying(evaluator, cap.when) & ~sound))
    name = TABLE_OF[rules.record]
    locate = inputs.ledgers.unmapped[name].locate
    faults = []
    for message, total, wrong in found:
        shown = [
            percent(ratio_of(units)) for units in rationals.half_up(total, PRINTED_SCALE)[wrong]
        ]
        if shown:
            of = ("payers_total", message, name)
            rows = inputs.case_rows(claims[wrong])
            faults.append(FaultGroup(*of, rows=rows, values=shown, locate=locate))
    return faults


def _computed(shares: Iterable[Quantity]) -> list[Quantity]:
    """Return shares of which one is no fixed number; none where all are."""
    listed = list(shares)
    return [] if all(isinstance(share, Decimal) for share in listed) else listed


UNEVEN_PAYERS = Text(
    "政策 {policy} 各出资方的份额合计不是 100%，或有一方的份额低于 0、无法计算",
    "under policy {policy} the payers' shares do not make 100%, or one is below 0 or undefined",
)
UNEVEN_REST = Text(
    "政策 {policy} 的上限 {id}，各方承担超出部分的份额合计不是 100%，或有一方低于 0、无法计算",
    "under policy {policy} the shares of what lies above the cap {id} do not make 100%, or one is "
    "below 0 or undefined",
)


def stages_without_share(inputs: RuleInputs, claims: Integers) -> list[FaultGroup]:
    """Return a fault for each of the year's cases whose stage of payment has no share from 0 to 1.

    `claims`: rows of the year's cases.
    """
    rules = inputs.policy.rules
    computed = _computed(stage.share for stage in rules.stages)
    if not computed:
        return []
    names = names_in_tests(test for stage in rules.stages for test in stage.when)
    stage = reached(inputs.evaluator(names.union(*map(names_in, computed)), claims))
    assert stage is not None
    rows = inputs.case_rows(claims[~stage.sound])
    if not len(rows):
        return []
    message = Text(
        "政策 {policy} 分期支付（stages）的份额，这一笔为空白、无法计算，或不在 0 和 100% 之间",
        "under policy {policy} the share of this case's stage of payment (stages) is blank, "
        "undefined, or not between 0 and 100%",
    ).fill(policy=inputs.policy.id)
    name = TABLE_OF[rules.record]
    locate = inputs.ledgers.unmapped[name].locate
    return [FaultGroup("stage_share", message, name, rows=rows, locate=locate)]


def earlier_without_base(inputs: RuleInputs) -> Iterator[FaultGroup]:
    """Yield a fault for each case of earlier years of which a cap over years counts no amount."""
    for cap in inputs.policy.rules.caps:
        if cap.on != "base" or cap.years == "this" or cap.counts_all:
            continue
        rows = inputs.counted_earlier(cap)
        rows = rows[~inputs.counted_of(cap, rows)[1]]
        if len(rows):
            message = Text(
                "政策 {policy} 的上限 {id} 要计入这一笔以前年度业务的基数，算不出来（有空白，"
                "或没有适用的基数）",
                "the cap {id} of policy {policy} counts the base of this case of an earlier year, "
                "which is not known: a cell is blank, or no base is for it",
            ).fill(policy=inputs.policy.id, id=cap.id)
            name = TABLE_OF[inputs.policy.rules.record]
            locate = inputs.ledgers.unmapped[name].locate
            yield FaultGroup("earlier_base", message, name, rows=rows, locate=locate)


def uncounted(inputs: RuleInputs, claims: Integers) -> Iterator[FaultGroup]:
    """Yield a fault for each case of which it is not known how much counts, where all count.

    `claims`: rows of the year's cases; those of earlier years are looked at with them.
    """
    rules, found = inputs.policy.rules, []
    for cap in (cap for cap in rules.caps if cap.counts_all):
        rows = inputs.counting(claims, cap.when)
        if cap.years != "this":
            rows = np.concatenate([inputs.counted_earlier(cap), rows])
        found.append((cap.id, rows[~inputs.counted_of(cap, rows)[1]]))
    if rules.rates.counts == "all" and rules.rates.by is not None:
        rows = inputs.counting(claims)
        known = in_fen(inputs.evaluator(names_in(rules.rates.by), rows), rules.rates.by)[2]
        found.append(("rates", rows[~known]))
    for id_, rows in found:
        if len(rows):
            element = element_in_words(inputs.policy, id_)
            message = UNCOUNTED.fill(policy=inputs.policy.id, id=element)
            name = TABLE_OF[rules.record]
            of, where = inputs.case_rows(rows), inputs.ledgers.unmapped[name].locate
            yield FaultGroup("uncounted", message, name, rows=of, locate=where)


UNCOUNTED = Text(
    "政策 {policy} 的{id}无论补偿与否都计入这一笔，计入的金额算不出来（有空白，或没有适用的基数）",
    "{id} of policy {policy} counts this case whatever becomes of it, but how much is not known: a "
    "cell is blank, or no base is for it",
)


def blank_groups(inputs: RuleInputs, claims: Integers) -> Iterator[FaultGroup]:
    """Yield a fault for each blank cell by which a cap, slices or a measure group the cases.

    Whether two such cases are of one group can't be told. `claims`: rows of the year's cases.
    """
    ledgers = inputs.ledgers
    contract = ledgers.links.claim_contract[claims]
    institution = ledgers.links.contract_institution[contract]
    rows_of = {"claims": claims, "contracts": contract, "institutions": institution}
    message = Text(
        "政策 {policy} 的{id}按这一格合计，不能为空",
        "{id} of policy {policy} adds up by this cell: it is blank",
    )
    rules = inputs.policy.rules
    told = set[tuple[str, str]]()
    for grouping in (*groupings(rules), *groups_measured(rules)):
        for key in grouping.columns:
            if (grouping.id, key) in told:
                continue
            told.add((grouping.id, key))
            name, _, column = key.partition(".")
            blank = ~inputs.column(key).known[rows_of[name]]
            if blank.any():
                blank &= inputs.applies(grouping.when, claims)
            rows = distinct(rows_of[name][blank])
            if len(rows):
                of = element_in_words(inputs.policy, grouping.id)
                said = message.fill(policy=inputs.policy.id, id=of)
                locate = ledgers.unmapped[name].locate
                expected = OF_ITS_OWN if grouping.id == MEASURED_GROUPS else OF_NONE
                yield FaultGroup("blank", said, name, column, expected, rows, None, locate)


OF_ITS_OWN = Text(
    "不属于任何一组的，填只属于它的值（如借款人代码）",
    "where it is of no group, a value of its own (such as the borrower's id)",
)
OF_NONE = Text(
    "不与其他业务合计的，填只属于它的值（如借款人代码），或在政策的这一上限中用 when 排除",
    "where it is of no group, a value of its own (such as the borrower's id), or a cap that `when` "
    "keeps from it",
)


def uneven_pools(inputs: RuleInputs, claims: Integers) -> Iterator[FaultGroup]:
    """Yield a fault for each case whose pool is less than that of another one that shares it.

    So with the limit of a cap that stops, and with what is set off. `claims`: rows of the year's
    cases. A case for which it has no value is refused instead.
    """
    for cap in inputs.policy.rules.caps:
        plain = isinstance(cap.limit, Decimal) and cap.in_all is None
        one = is_pool(cap) or cap.stops or (cap.sets_off and cap.per is not None)
        if cap.limit is None or plain or not one:
            continue
        of, message = shared_limit(inputs, cap, claims), DIFFERENT_SUMS
        fen, wrong = of.fen, of.below
        if cap.in_all is not None and not wrong.any():
            fen, _, given = in_fen(of.evaluator, cap.in_all)
            known = of.known & given
            wrong = known & (fen < _largest(fen, known, np.zeros_like(of.group)).max(initial=0))
            # A sum of many pools may pass what a column holds.
            together = sum(of.most[distinct(of.group[known])].tolist())
            if not wrong.any():
                wrong, message = known & (fen < together), POOLS_ABOVE
        rows = inputs.case_rows(claims[wrong])
        if len(rows):
            said = message.fill(policy=inputs.policy.id, id=element_in_words(inputs.policy, cap.id))
            name, shown = TABLE_OF[inputs.policy.rules.record], format_scaled(fen[wrong], 2)
            locate, values = inputs.ledgers.unmapped[name].locate, shown.to_pylist()
            yield FaultGroup("pool_differs", said, name, rows=rows, values=values, locate=locate)


class SharedLimit(NamedTuple):
    """(cases,) the limit in fen of a cap that a group shares, each case's own, and the group.

    `known`: where the cap applies and has a value. `most`: the largest of each group. `below`:
    which are less than that of another case of the group.
    """

    evaluator: Evaluator
    group: Integers
    fen: Integers
    known: Flags
    most: Integers
    below: Flags


def shared_limit(inputs: RuleInputs, cap: Cap, claims: Integers) -> SharedLimit:
    """Return the limit of a cap for the cases at rows ``claims``."""
    names = set().union(*map(names_in, cap.quantities)) | names_in_tests(cap.when)
    evaluator = inputs.evaluator(names, claims)
    group = inputs.group(cap.per or ())[claims]
    earlier = inputs.earlier(claims, earlier_claims(inputs)) if carries_over(cap) else {}
    fen, _, known = limit_in_fen(cap, knowing_earlier(cap, earlier, evaluator.silent()))
    known = known & applying(evaluator, cap.when)
    most = _largest(fen, known, group)
    return SharedLimit(evaluator, group, fen, known, most, known & (fen < most[group]))


DIFFERENT_SUMS = Text(
    "政策 {policy} 的{id}按几笔业务合计，它们算得的金额却不相同",
    "{id} of policy {policy} is shared by cases for which it comes to different sums",
)
POOLS_ABOVE = Text(
    "政策 {policy} 的{id}各组的资金加起来超过全部资金 in_all",
    "the pools of {id} of policy {policy} come to more than all of them hold (in_all)",
)


def _largest(fen: Integers, known: Flags, group: Integers) -> Integers:
    """Return the largest amount of each group."""
    largest = np.full(int(group.max(initial=0)) + 1, np.iinfo(np.int64).min)
    np.maximum.at(largest, group[known], fen[known])
    return largest


def paid_without_day(policy: Policy, ledgers: Ledgers, days: Integers) -> list[FaultGroup]:
    """Return a fault for each row for which compensation was paid, but which is no case yet.

    `days`: of each case; a row without one belongs to no year, so that nothing would count what was
    paid for it. As of a day, a later date is as if blank: nothing can be paid before it; but what
    no table of payments dates may have been paid after the day.
    """
    paid = ledgers.numbers("claims", "compensation_paid")
    rows = np.flatnonzero((days == NO_DAY) & (paid != 0)).astype(np.int64)
    undated = ledgers.day is not None and not ledgers.present["payments"]
    if not len(rows) or undated or column_of_policy(policy, policy.rules.trigger.date).required:
        return []
    day = "" if ledgers.day is None else date_of(ledgers.day)
    message = PAID_BEFORE_DATE if day else PAID_WITHOUT_DATE
    message = message.fill(policy=policy.id, day=day)
    table, column = TABLE_OF[policy.rules.record], policy.rules.trigger.date.partition(".")[2]
    expected = Text("这一笔的日期", "the date of the case")
    locate = ledgers.unmapped[table].locate
    of = ("paid_without_day", message, table, column, expected, rows, None, locate)
    return by_own_headings([FaultGroup(*of)], [policy])


PAID_WITHOUT_DATE = Text(
    "已有补偿支付，但政策 {policy} 据以归属年度的日期未填",
    "compensation was paid, but the date by which policy {policy} assigns the case to a year is "
    "blank",
)
PAID_BEFORE_DATE = Text(
    "截至 {day} 已有补偿支付，但政策 {policy} 据以归属年度的日期未填或晚于该日",
    "compensation was paid by {day}, but the date by which policy {policy} assigns the case to a "
    "year is blank or later",
)


def paid_in_which_year(inputs: RuleInputs, claims: Integers) -> Iterator[FaultGroup]:
    """Yield a fault for each case of earlier years, too, of which it isn't said what was paid when.

    Where a case belongs to several years, compensation_paid is of the year assessed; a ledger that
    has no column for earlier years may mean all of them. Payments say their year, see
    `engine.case_years`. `claims`: rows of the year's cases.
    """
    ledgers, until = inputs.ledgers, inputs.policy.rules.trigger.until
    if until is None or ledgers.present["payments"] or ledgers.years is not None:
        return
    if PAID_BEFORE.name in ledgers.present["contracts"]:
        return
    earlier = inputs.case_days()[claims] <= inputs.ends[0]
    paid = ledgers.numbers("claims", "compensation_paid")
    rows = claims[earlier & (paid[claims] > 0)]
    if len(rows):
        message = Text(
            "政策 {policy} 的业务可以跨几个年度，看不出这是为哪一年支付的",
            "cases of policy {policy} may belong to several years: it isn't said for which this "
            "was paid",
        ).fill(policy=inputs.policy.id)
        expected = Text(
            "“已补偿金额”填为 {year} 年度支付的，另加一列“{heading}”",
            "compensation_paid is what was paid for {year}; a column {name} for the years before",
        ).fill(year=inputs.year, heading=PAID_BEFORE.heading, name=PAID_BEFORE.name)
        shown = format_scaled(paid[rows], 2).to_pylist()
        locate = ledgers.unmapped["contracts"].locate
        of = ("contracts", "compensation_paid")
        yield FaultGroup("which_year", message, *of, expected, rows, shown, locate)


def paid_by_whom(inputs: RuleInputs) -> Iterator[FaultGroup]:
    """Yield a fault for each case of which what the payers paid is not what was paid in all.

    Of every year, since caps over years and recoveries look at all of them.
    """
    ledgers, paid = inputs.ledgers, inputs.paid_by()
    if payers_from_settlements(inputs.policy.rules):
        if ledgers.numbers("claims", "compensation_paid").any():
            yield whole("which_payer", TO_SETTLE.fill(policy=inputs.policy.id))
        return
    if paid is None:
        return
    if ledgers.rows("payments"):
        yield whole("which_payer", NO_PAYERS.fill(policy=inputs.policy.id), table="payments")
        return
    rows = np.flatnonzero(paid.sum(axis=1) != ledgers.numbers("claims", "compensation_paid"))
    if not len(rows):
        return
    message = Text(
        "政策 {policy} 各出资方已支付的金额之和与已补偿金额不一致",
        "what each payer of policy {policy} has paid does not come to the compensation paid",
    ).fill(policy=inputs.policy.id)
    expected = Text("合计等于已补偿金额", "amounts that make up compensation_paid")
    shown = format_scaled(paid[rows].sum(axis=1), 2).to_pylist()
    name = TABLE_OF[inputs.policy.rules.record]
    column = paid_columns(inputs.policy.rules)[0].partition(".")[2]
    locate = ledgers.unmapped[name].locate
    rows = rows.astype(np.int64)
    yield FaultGroup("payers_paid", message, name, column, expected, rows, shown, locate)


def unknown_before(inputs: RuleInputs, claims: Integers) -> Iterator[FaultGroup]:
    """Yield a fault for each case of an earlier year that a cap on a payer counts in the dark.

    Those of the groups of the cases at rows ``claims``, of which nobody says who bears what was
    granted, as the settlement does not decide them. An assessment knows it, or `paid_by_whom`
    refuses it.
    """
    if inputs.granted is None or inputs.granted_by is None:
        return
    found = np.zeros(len(inputs.granted), dtype=np.bool_)
    for cap in inputs.policy.rules.caps:
        if cap.payer is not None and cap.years != "this":
            group = inputs.group(cap.per or ())
            found |= np.isin(group, group[claims]) & inputs.within_years(cap)
    known = sum(inputs.granted_by.values(), np.zeros_like(inputs.granted))
    rows = np.flatnonzero(found & earlier_claims(inputs) & (inputs.granted > known))
    if not len(rows):
        return
    expected = Text("一并给出以前年度的政策", "settled under the policies of those years as well")
    message = UNKNOWN_BEFORE.fill(policy=inputs.policy.id)
    shown = format_scaled(inputs.ledgers.numbers("claims", "compensation_paid")[rows], 2)
    name = TABLE_OF[inputs.policy.rules.record]
    of = ("which_payer", message, name, "compensation_paid", expected, rows.astype(np.int64))
    yield FaultGroup(*of, shown.to_pylist(), inputs.ledgers.unmapped[name].locate)


UNKNOWN_BEFORE = Text(
    "政策 {policy} 出资方历年或近几年合计的上限要计入以前年度的业务，但不知道其中各出资方承担多少",
    "caps on payers of policy {policy} count cases of earlier years, of which it is not known what"
    " each payer bears",
)
NO_PAYERS = Text(
    "政策 {policy} 要看各出资方已支付的金额，拨付表分不出是哪一方支付的；请去掉拨付表，"
    "填写“已补偿金额”和各出资方的列",
    "policy {policy} looks at what each payer has paid, which payments do not say: leave them out, "
    "and give compensation_paid and the columns of the payers",
)


TO_SETTLE = Text(
    "政策 {policy} 要看各出资方以前支付的金额，台账只有合计。请用清算（settle），"
    "由各年度的核定得出，或在 payers 中用 paid 写明各方已支付金额所在的列",
    "policy {policy} looks at what each payer paid before, of which the ledger has the sum: settle "
    "it (settle), which knows it from what it decides for each year, or name the columns that say "
    "it (`paid` of the payers)",
)


class Seen(NamedTuple):
    """A whole column of ledgers, and the rows of its table that a policy looks at."""

    ledgers: Ledgers
    variable: Variable
    rows: Integers


def seen(inputs: RuleInputs, claims: Integers, key: str) -> Seen:
    """Return a column at the rows of the cases ``claims``, or at all rows if measures test it."""
    ledgers, name, rules = inputs.ledgers, row_table(key), inputs.policy.rules
    measured = names_in_tests(tests_in(rules.indicators)).union(
        *(names_in_tests(of.where).union(of.per or ()) for of in group_measures(rules))
    )
    if key in measured and name != "institutions":
        every = (ledgers.payouts if name == "claims" else ledgers.every_contract) or ledgers
        rows = np.arange(every.rows(name), dtype=np.int64)
        return Seen(every, inputs.column_of(every, key), rows)
    contract = ledgers.links.claim_contract[claims]
    institution = ledgers.links.contract_institution[contract]
    rows_of = {"claims": claims, "contracts": contract, "institutions": institution}
    rows = distinct(rows_of[name])
    if (by_year := key.partition(".")[0]) in ROWS_OF:
        rows = inputs.rows_by_year(ledgers, by_year)[rows]
        return Seen(ledgers, inputs.held_column(ledgers, key), np.sort(rows[rows != UNKNOWN]))
    return Seen(ledgers, inputs.column(key), rows)


def unknown_industries(inputs: RuleInputs, claims: Integers) -> list[FaultGroup]:
    """Return a fault for each contract of which it can't be told whether a test takes its industry.

    The cell is no code or name of the classification, or a class of which a test names only a part.
    `claims`: rows of the year's cases; measures look at all contracts.
    """
    lists = industries_named(inputs.policy.rules)
    if not lists:
        return []
    variable, rows = (found := seen(inputs, claims, INDUSTRY)).variable, found.rows
    doubtful = np.array([not told(word or "", lists) for word in variable.words], dtype=np.bool_)
    rows = rows[variable.known[rows]]
    wrong = rows[doubtful[variable.numerator[rows]]]
    if not len(wrong):
        return []
    message = NOT_TOLD.fill(policy=inputs.policy.id)
    shown = [variable.words[place] for place in variable.numerator[wrong].tolist()]
    locate = found.ledgers.unmapped["contracts"].locate
    return [
        FaultGroup("industry", message, "contracts", "industry", AN_INDUSTRY, wrong, shown, locate)
    ]


NOT_TOLD = Text(
    "政策 {policy} 按国民经济行业分类检验行业，这一格不在分类中，或分得不够细",
    "policy {policy} tests industries by the national classification: this one is not in it, or "
    "too broad",
)
AN_INDUSTRY = Text(
    "GB/T 4754-2017 的代码（如 C、C13、5211）或门类、大类名称",
    "a code of GB/T 4754-2017 (such as C, C13, 5211) or the Chinese name of a section or division",
)


def industries_named(part: object) -> frozenset[tuple[str, ...]]:
    """Return the lists of industries that tests anywhere in a part of a policy name."""
    tests = (test for test in tests_in(part) if test.value == INDUSTRY)
    return frozenset(test.one_of for test in tests if test.one_of is not None)


def told(industry: str, lists: Collection[tuple[str, ...]]) -> bool:
    """Return whether it can be told of each list whether an industry is of it."""
    # Few policies ask for industries, and the classification takes long to load.
    from compensation.classification.industries import belongs

    return all(belongs(industry, each) is not None for each in lists)
