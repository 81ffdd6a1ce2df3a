"""What a run lets through but says: figures that may rest on a mistake in the ledger.

These guards need the year and the policy; those of rows alone are in `ledger.guards`. Each yields
warnings and changes no figure. Source: the specification of guards, section 13.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence

import numpy as np

from compensation.columns import Flags, Integers, numbered, taken
from compensation.engine.claim_guards import (
    approved_above_compensation,
    capped_to_nothing,
    left_of_set_offs,
    nothing_in_force,
    paid_without_grant,
    recoveries_on_pending,
    unpaid_with_recoveries,
)
from compensation.engine.figures_without_value import figures_without_value
from compensation.engine.inputs import RuleInputs
from compensation.engine.measures_needed import EXPOSURE
from compensation.engine.needed_columns import by_own_headings, column_of_policy
from compensation.engine.policy_guards import policy_guards
from compensation.engine.values_before import values_before
from compensation.faults.groups import Details, FaultGroup, whole
from compensation.faults.input_faults import Faults
from compensation.issues import Severity
from compensation.language import Text
from compensation.ledger.books import Books
from compensation.ledger.guards import later_ones
from compensation.ledger.id_hashes import repeated_rows, with_group
from compensation.ledger.later_rows import LATER_ROWS
from compensation.ledger.portfolio import NO_DAY, Ledgers
from compensation.ledger.records import TABLE_OF
from compensation.ledger.row_warnings import TextsOf, warn, yuan_texts
from compensation.policy.case_words import CASES
from compensation.policy.catalogue import Policy
from compensation.policy.open_years import days_counted, ends_with_the_year, up_to
from compensation.policy.quantities import INDICATOR_PREFIX, operations_of
from compensation.policy.variables import STANDARD_INDICATORS, undecided_dates
from compensation.rules import rationals
from compensation.rules.compensation import Decisions, evaluator_of
from compensation.rules.decision import Cases, variables_needed
from compensation.rules.indicators import (
    balances,
    openings_count,
    policy_years,
    year_ends,
)
from compensation.rules.steps import Steps
from compensation.schema.dictionary import TABLES
from compensation.schema.dictionary import table as table_called
from compensation.tables.headings import not_read
from compensation.tables.raw import Locate
from compensation.values.dates import date_of
from compensation.values.printing import format_scaled

GUARDS = frozenset(
    {
        *("unpaid_with_recoveries", "paid_without_grant", "stale_opening", "nothing_in_force"),
        *("other_years", "far_date", "claims_above_guarantee", "entered_twice", "ids_alike"),
        *("amounts_apart", "near_word", "earlier_unpaid", "shares_blank"),
        *("ratios_apart", "caps_differ", "capped_to_nothing", "without_value", "opening_not_used"),
        *("no_value_before", "left_of_set_off", "of_which_year", "days_to_come"),
    }
)
"""The kinds of warnings that are made here, in `ledger.guards` and in `policy_guards`."""
YEARS_NAMED = 10
"""How many other years a warning names; the rest are counted."""
FAR_LATER = 8
"""A date so many years and more after the year assessed is probably mistyped: 2032 for 2022."""
APART = 1_000
"""How many times amounts may differ from those they are parts of before the unit is in doubt."""
FAR_EARLIER = 30
"""No guarantee runs so long: a contract in force that started then has a wrong year."""


def warnings_of(
    inputs: RuleInputs, claim_rows: Integers, cases: Cases, decisions: Decisions
) -> Faults:
    """Return what was let through but is worth a look, of the input and of this run.

    `claim_rows`: the claims that the run decides, which `cases` and `decisions` are of.
    """
    portfolio, policy = inputs.ledgers, inputs.policy
    if policy.rules.record != "payout":
        groups = [*portfolio.warnings, *part_of_year(inputs), *dates_to_come(policy, portfolio)]
        groups += days_to_come(inputs, claim_rows, cases, decisions)
        groups += [*openings_not_used(inputs, {inputs.year}), *payments_ahead(portfolio, policy)]
        groups += cases_to_come(policy, portfolio, inputs.case_days())
        groups += paid_without_grant(inputs, claim_rows, cases, decisions)
        groups += capped_to_nothing(inputs, claim_rows, decisions)
        groups += left_of_set_offs(inputs, claim_rows, cases, decisions)
        groups += figures_without_value(inputs, claim_rows, cases, decisions)
        groups += values_before(inputs, cases, decisions)
        groups += policy_guards(inputs, claim_rows)
        return Faults([*groups, *headings_not_read(portfolio)], Severity.WARNING)
    backed = int(portfolio.flags("institutions", "government_backed").sum())
    return Faults(
        [
            *portfolio.warnings,
            *part_of_year(inputs),
            *dates_to_come(policy, portfolio),
            *days_to_come(inputs, claim_rows, cases, decisions),
            *cases_to_come(policy, portfolio, inputs.case_days()),
            *stale_openings(inputs),
            *openings_not_used(inputs, {inputs.year}),
            *other_years(policy, inputs.year, portfolio.rows("claims"), years_of(inputs)),
            *far_dates(portfolio, inputs.books, inputs.year),
            *amounts_apart(portfolio, inputs.books),
            *contracts_twice(portfolio),
            *nothing_in_force(portfolio, claim_rows, cases.variables[EXPOSURE].numerator),
            *approved_above_compensation(inputs, claim_rows, cases, decisions),
            *paid_without_grant(inputs, claim_rows, cases, decisions),
            *capped_to_nothing(inputs, claim_rows, decisions),
            *left_of_set_offs(inputs, claim_rows, cases, decisions),
            *figures_without_value(inputs, claim_rows, cases, decisions),
            *values_before(inputs, cases, decisions),
            *unpaid_with_recoveries(inputs),
            *recoveries_on_pending(inputs, claim_rows, decisions),
            *policy_guards(inputs, claim_rows),
            *headings_not_read(portfolio),
            *more_institutions(policy, backed),
        ],
        Severity.WARNING,
    )


def part_of_year(inputs: RuleInputs) -> list[FaultGroup]:
    """Return a warning where the ledgers are looked at as of a day before the year is over."""
    day = inputs.ledgers.day
    if day is None or day >= inputs.ends[1]:
        return []
    message = Text(
        "截止日期 {day} 时 {year} 年度尚未结束，机构指标只反映截至该日的部分年度",
        "the year {year} is not over on {day}; its indicators are of the part of it up to that day",
    ).fill(year=inputs.year, day=date_of(day))
    return [whole("part_of_year", message)]


def days_to_come(
    inputs: RuleInputs, claim_rows: Integers, cases: Cases, decisions: Decisions
) -> list[FaultGroup]:
    """Return a warning for each case whose days or balances are counted beyond the day.

    Interest of days that are still to come is not due yet; a release would end it. Days to an
    agreed date, as of a term, are left alone where no day of the year says their end.
    """
    day, policy = inputs.ledgers.day, inputs.policy
    if day is None or day >= inputs.ends[1]:
        return []
    own, beyond = evaluator_of(policy, cases, Steps()), np.zeros_like(decisions.eligible)
    for each in days_counted(policy.rules):
        if each.days_in_year or each.balance_days or ends_with_the_year(policy.rules, each):
            found, until = (own.compute(of).values for of in (each, up_to(each, date_of(day))))
            beyond |= found.known & (rationals.sign(found, until) != 0)
    rows = inputs.case_rows(claim_rows[beyond & decisions.eligible])
    name = TABLE_OF[policy.rules.record]
    message = Text(
        "按天数计算的金额计入了 {day} 以后的天数；只算到该日的，请在政策中把止日写到 year.as_of",
        "days after {day} are counted in the amount; where they are not due yet, let the policy "
        "end on year.as_of",
    ).fill(day=date_of(day))
    id_ = table_called(name).columns[0].name
    return warn(inputs.ledgers, "days_to_come", message, name, id_, rows)


def dates_to_come(policy: Policy, ledgers: Ledgers) -> Iterator[FaultGroup]:
    """Yield a warning for each date column of the policy's own that may hold dates agreed before.

    Later dates in it are as if blank on the day of the ledgers. A date that no row may lack, or
    that is computed with, is either a due date or an event; the policy file may say which. Of
    events, each cell that is as if blank is named: a condition on it fails for that alone.
    """
    if ledgers.day is None:
        return
    for column in undecided_dates(policy.rules):
        message = Text(
            "这一列中晚于 {day} 的日期按未填处理；如为事先约定的日期（如到期日），"
            "请在政策文件的这一列写 agreed = true",
            "dates after {day} are as if blank in this column; if they are agreed beforehand, as "
            "due dates are, write agreed = true for it in the policy file",
        ).fill(day=date_of(ledgers.day))
        found = whole("dates_to_come", message, table=column.table, column=column.name)
        yield from by_own_headings([found], [policy])
    asked = {f"{column.table}.{column.name}" for column in undecided_dates(policy.rules)}
    asked.add(policy.rules.trigger.date)
    message = Text("晚于 {day}，按未填处理", "dated after {day}, so that it is as if blank").fill(
        day=date_of(ledgers.day)
    )
    for name, rows in ledgers.later_dates.items():
        if name in variables_needed(policy) and name not in asked:
            table, _, key = name.partition(".")
            later = warn(ledgers, LATER_ROWS, message, table, key, rows)
            yield from by_own_headings(later, [policy])


def cases_to_come(policy: Policy, ledgers: Ledgers, days: Integers) -> list[FaultGroup]:
    """Return a warning for each case that is left out because it has no day, or a later one.

    `days`: of each case. Where the policy goes by a date of its own, such as that of filing, the
    row counts, and a date after the ledgers' day is as if blank. A date that need not be there may
    be blank itself: the row is no case yet. As of a day, nothing tells the two apart, so that the
    result stays the same once the date is known.
    """
    rules, rows = policy.rules, np.flatnonzero(days == NO_DAY)
    if not len(rows):
        return []
    day = "" if ledgers.day is None else date_of(ledgers.day)
    if column_of_policy(policy, rules.trigger.date).required:
        kind, message = LATER_ROWS, DATED_LATER
    else:
        kind, message = NOT_YET_CASES, NO_DATE_YET if ledgers.day is None else NO_DATE_BY_THEN
    place = (TABLE_OF[rules.record], rules.trigger.date.partition(".")[2], rows)
    return by_own_headings(warn(ledgers, kind, message.fill(day=day), *place), [policy])


NOT_YET_CASES = "not_yet_cases"
"""The kind of the warning of rows that no date has made cases."""
DATED_LATER = Text("日期晚于 {day}，本次未计入", "dated after {day}, so that the case is left out")
NO_DATE_YET = Text(
    "日期未填，尚不属于任何年度，本次未计入；填写日期后再核算",
    "no date yet, so that the row is no case of any year and is left out; it is computed once the "
    "date stands there",
)
NO_DATE_BY_THEN = Text(
    "截至 {day} 日期未填（或晚于该日），尚不属于任何年度，本次未计入",
    "no date by {day}, so that the row is no case of any year and is left out",
)


def headings_not_read(ledgers: Ledgers) -> Iterator[FaultGroup]:
    """Yield a warning for each table with headings that neither dictionary nor policy uses."""
    for table in TABLES:
        yield from not_read(table, [c.heading for c in ledgers.unmapped[table.name].columns])


def _every_contract(ledgers: Ledgers) -> Locate:
    """Return what turns the rows of the books' contracts into row numbers of the file."""
    every = ledgers.every_contract or ledgers
    return every.unmapped["contracts"].locate


def stale_openings(inputs: RuleInputs) -> list[FaultGroup]:
    """Return a warning for each opening figure that is not what older contracts come to."""
    counts = openings_count(inputs.books, inputs.year) & inputs.derived_openings().older
    message = Text(
        "填报的年初数与按合同推算的不一致，按填报数计算",
        "the opening figure given differs from the one derived from the contracts; the figure "
        "given is used",
    )
    return _differing(inputs, "stale_opening", message, OPENING_MEASURES, counts)


def openings_not_used(inputs: RuleInputs, years: Collection[int]) -> list[FaultGroup]:
    """Return a warning for each opening figure of none of the ``years`` that the policy looks at.

    `years`: those that are decided. Figures of the year before look at openings of that, too.
    """
    rules, books = inputs.policy.rules, inputs.books
    standard = (
        STANDARD_INDICATORS.get(name.removeprefix(INDICATOR_PREFIX))
        for name in variables_needed(inputs.policy)
    )
    operations = [*operations_of(rules), *operations_of(tuple(filter(None, standard)))]
    before = sum(each.years for each in operations if each.year_before is not None)
    used = [year - back for year in years for back in range(before + 1)]
    measured = {each.measure for each in operations if not each.where}
    columns = {name for name, measures in OPENING_MEASURES.items() if measured & measures}
    counts = books.opening_year_given & ~np.isin(books.opening_year, used)
    message = Text(
        "填报的年初数不是核算年度的（见年初年度），未采用，改按合同推算",
        "the opening figure given is of another year (opening_year), and not used: the one derived "
        "from the contracts is",
    )
    return _differing(inputs, "opening_not_used", message, columns, counts)


OPENING_MEASURES = {
    "opening_balance": {"opening_balance", "average_balance"},
    "opening_borrowers": {"opening_borrowers"},
}
"""The opening figures of institutions, and the measures made of them."""


def _differing(
    inputs: RuleInputs, kind: str, message: Text, columns: Container[str], counts: Flags
) -> list[FaultGroup]:
    """Return a warning for each opening figure given that is not the one derived.

    `columns`: those looked at; `counts`: the institutions looked at.
    """
    portfolio, derived = inputs.ledgers, inputs.derived_openings()
    detail = Text("：填报 {given}，推算 {derived}", ": given {given}, derived {derived}")
    found = []
    for column, contracts_say, shown in (
        ("opening_balance", derived.balance, yuan_texts),
        ("opening_borrowers", derived.borrowers, _counts),
    ):
        if column not in columns:
            continue
        given = portfolio.numbers("institutions", column)
        differs = portfolio.known("institutions", column) & (given != contracts_say)
        rows = np.flatnonzero(differs & counts)
        amounts = {"given": shown(given[rows]), "derived": shown(contracts_say[rows])}
        found += warn(portfolio, kind, message, "institutions", column, rows, detail, amounts)
    return found


def _counts(numbers: Integers) -> Sequence[str]:
    return TextsOf(format_scaled(numbers, 0))


def years_of(inputs: RuleInputs) -> dict[int, int]:
    """Return how many claims there are of each year, by the day that decides a claim's year."""
    trigger = inputs.policy.rules.trigger
    day = inputs.column(trigger.date)
    years = policy_years(day.numerator[day.known], trigger.year_begins)
    number, first = numbered(years)
    counts = np.bincount(number, minlength=len(first))
    return dict(zip(years[first].tolist(), counts.tolist(), strict=True))


def other_years(
    policy: Policy, year: int, claims: int, by_year: Mapping[int, int]
) -> list[FaultGroup]:
    """Return a warning where some of the ``claims`` are of other years than the one assessed.

    `by_year`: how many claims there are of each year.
    """
    others = {other: count for other, count in sorted(by_year.items()) if other != year}
    if not others:
        return []
    named = list(others.items())[:YEARS_NAMED]
    left = len(others) - len(named)
    years = Text(
        "、".join(f"{other} 年 {count} 笔" for other, count in named),
        ", ".join(f"{other}: {count}" for other, count in named),
    )
    if left:
        years = Text(f"{years.zh}等 {len(others)} 个年度", f"{years.en} and {left} more years")
    message = Text(
        "{claims} {cases}中有 {count} 笔不属于 {year} 年度，本次不予核算：{years}",
        "{cases} of other years than {year}, not assessed: {count} of {claims} ({years})",
    ).fill(
        cases=CASES[policy.rules.record].counted,
        claims=claims,
        count=sum(others.values()),
        year=year,
        years=years,
    )
    column = policy.rules.trigger.date.partition(".")[2]
    return [whole("other_years", message, table="claims", column=column)]


def far_dates(ledgers: Ledgers, books: Books, year: int) -> Iterator[FaultGroup]:
    """Yield warnings of dates whose year is probably mistyped, so far are they from the year.

    `books`: those of the ledgers, which may keep balances. Dates of claims are not looked at:
    `other_years` names their years.
    """
    far = year_ends(year + FAR_LATER)[0]
    contracts = _every_contract(ledgers)
    recovered = ledgers.numbers("recoveries", "recovery_date")
    later = Text(
        "日期比核算年度晚 {years} 年以上，请核对年份",
        "the date is {years} years or more after the year assessed; check its year",
    ).fill(years=FAR_LATER)
    for table, column, days, locate in (
        ("contracts", "start_date", books.start, contracts),
        ("contracts", "release_date", books.release, contracts),
        ("releases", "release_date", books.release_day, None),
        ("recoveries", "recovery_date", recovered, None),
    ):
        rows = np.flatnonzero((days > far) & (days != NO_DAY))
        yield from warn(ledgers, "far_date", later, table, column, rows, locate=locate)
    earlier = Text(
        "合同在核算年度 {years} 年以前起始，至今未解除也无代偿，请核对年份",
        "the contract started {years} years or more before the year assessed, and is neither"
        " released nor called; check the year",
    ).fill(years=FAR_EARLIER)
    old = books.start <= year_ends(year - FAR_EARLIER)[1]
    old[books.payout_of] = False
    rows = np.flatnonzero(old)
    if len(rows):
        rows = rows[balances(books, year_ends(year)[0])[rows] > 0]
    yield from warn(ledgers, "far_date", earlier, "contracts", "start_date", rows, locate=contracts)


def payments_ahead(ledgers: Ledgers, policy: Policy) -> list[FaultGroup]:
    """Return a warning for each payment for a year of a policy after that of its own date.

    With a mistyped year it stands in another year of the contract, and what it was for is paid
    again.
    """
    if "year" not in ledgers.tables["payments"]:
        return []
    message = Text(
        "拨付所属的年度晚于拨付日期所在的年度，请核对",
        "the payment is for a year after that of its own date; check the year",
    )
    known = ledgers.known("payments", "year") & ledgers.known("payments", "payment_date")
    day = ledgers.numbers("payments", "payment_date")
    paid_on = policy_years(day, policy.rules.trigger.year_begins)
    rows = np.flatnonzero(known & (ledgers.numbers("payments", "year") > paid_on))
    return warn(ledgers, "far_date", message, "payments", "year", rows)


def amounts_apart(ledgers: Ledgers, books: Books) -> Iterator[FaultGroup]:
    """Yield a warning where most amounts of an institution are of another order than others.

    Such a column is probably in another unit than it was read in. The warning stands at the least
    such amount of each institution that has at least two of them, whatever the order of the rows.
    """
    claims, recoveries = ledgers.links.claim_contract, ledgers.links.recovery_claim
    principal = ledgers.numbers("claims", "principal")
    guaranteed = books.guaranteed[ledgers.links.contract_row[claims]]
    of_claim = Text("代偿本金", "the principal of the claim")
    of_contract = Text("合同的担保金额", "the guaranteed amount of the contract")
    claimed = ledgers.links.contract_institution[claims]
    released = books.release_amount, books.guaranteed[books.release_of]
    paid = ledgers.numbers("claims", "compensation_paid")
    proceeds = ledgers.numbers("recoveries", "proceeds")
    for table, column, own, others, what, institution in (
        ("claims", "principal", principal, guaranteed, of_contract, claimed),
        ("claims", "compensation_paid", paid, principal, of_claim, claimed),
        ("releases", "amount", *released, of_contract, books.institution[books.release_of]),
        ("recoveries", "proceeds", proceeds, principal[recoveries], of_claim, claimed[recoveries]),
    ):
        both = (own > 0) & (others > 0)
        far = both & ((own <= others // APART) | (own // APART >= others))
        rows = np.flatnonzero(far).astype(np.int64)
        if not len(rows):
            continue
        rows = rows[np.lexsort((others[rows], own[rows], institution[rows]))]
        _, first = numbered(institution[rows])
        found, all_ = (
            np.bincount(institution[flagged], minlength=books.institutions)[
                institution[rows[first]]
            ]
            for flagged in (far, both)
        )
        most = (2 * found > all_) & (found > 1)
        first, found = rows[first[most]], found[most]
        message = Text(
            "该机构多数金额与{what}相差 {times} 倍以上，单位可能读错；"
            "请在标题中写明单位，如“（万元）”",
            "most amounts of the institution differ from {what} {times} times or more; the unit may"
            " be read wrongly: name it in the heading, as in (万元)",
        ).fill(what=what, times=APART)
        text = Text(
            "：本行 {own} 元，对应 {related} 元；这样的共 {count} 行",
            ": {own} yuan here beside {related} yuan; there are {count} such rows",
        )
        shown = {"own": yuan_texts(own[first]), "related": yuan_texts(others[first])}
        count = {"count": [str(each) for each in found.tolist()]}
        yield from warn(
            ledgers, "amounts_apart", message, table, column, first, text, shown | count
        )


def contracts_twice(ledgers: Ledgers) -> Iterator[FaultGroup]:
    """Yield a warning for each contract that may enter again what an earlier one has entered."""
    books = ledgers.books
    keys = [books.borrower, books.guaranteed, books.start, books.release]
    # Most borrowers have one contract only.
    contracts = np.zeros(len(books.borrower_institution), dtype=np.int32)
    np.add.at(contracts, books.borrower, np.int32(1))
    found = np.flatnonzero(taken(contracts > 1, books.borrower))
    # A hash of three of the columns tells most contracts apart; the others are compared in full.
    begun = books.borrower[found].astype(np.uint64)
    begun <<= np.uint64(32)
    begun |= books.start[found].astype(np.uint32)
    found = found[repeated_rows(with_group(begun, books.guaranteed[found]))]
    again, earlier = later_ones(found, [key[found] for key in keys])
    if not len(again):
        return
    message = Text(
        "同一借款人、同一担保金额、同一起始和解除日期的合同录入了不止一次",
        "a contract of the same borrower, amount, start and release is entered more than once",
    )
    yield FaultGroup(
        "entered_twice",
        message,
        "contracts",
        "contract_id",
        rows=again,
        locate=_every_contract(ledgers),
        details=Details(Text("，与{other}相同", ", the same as {other}"), other=earlier),
    )


def more_institutions(policy: Policy, backed: int) -> list[FaultGroup]:
    """Return a warning where the input has more government-backed ones than the policy expects."""
    expected = policy.rules.expected_institutions
    if expected is None or backed <= expected.at_most:
        return []
    message = Text(
        "输入中有 {backed} 家政府性融资担保机构，{clause}：{note}",
        "the input has {backed} government-backed institutions; {clause}: {note}",
    ).fill(backed=backed, clause=expected.clause, note=expected.said)
    column = "government_backed"
    return [whole("more_institutions", message, table="institutions", column=column)]
