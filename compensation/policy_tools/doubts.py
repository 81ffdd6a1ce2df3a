"""What a sound policy file says that is probably not meant; only what is sure to be so."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from compensation.language import Text, day, joined, same
from compensation.policy.catalogue import Policy
from compensation.policy.faults import element
from compensation.policy.kinds import KIND_NAMES, Kind
from compensation.policy.model import (
    BOUNDS,
    Addition,
    Cap,
    Condition,
    Payer,
    PolicyFile,
    Quantity,
    Rates,
    Test,
    Tier,
)
from compensation.policy.open_years import days_counted, ends_with_the_year, of_the_year_so_far
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    QUANTITY_PREFIX,
    measure_of,
    names_in,
    needed_names,
    number,
    operations_in,
    operations_of,
    parties_named,
    parts_of_test,
    quantities_of_test,
    resolved,
    tests_in,
)
from compensation.policy.quantity_words import describe_quantity
from compensation.policy.reading import parse
from compensation.policy.tiers import start_of, tier_tests
from compensation.policy.value_words import amount, name_title
from compensation.policy.variables import (
    AS_OF,
    BORROWER_BALANCE,
    YEAR_END,
    YEAR_START,
    inferred_kind,
    may_have_no_value,
    undecided_dates,
    variable_info,
)
from compensation.policy.wording import element_in_words, figures_in_words
from compensation.policy.years_read import CONTRACTS, years_read
from compensation.policy_tools.amount_doubts import doubts_of_amounts
from compensation.policy_tools.doubt import Doubt
from compensation.rules.conditions import limits_of
from compensation.rules.decision import columns_of_no_year, figures_of, variables_needed
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import BY_YEAR_OF, table
from compensation.schema.parties import PARTIES, SHARE_PREFIX
from compensation.values.exact import plain
from compensation.values.printing import percent

DAY = datetime.timedelta(1)


class _Days(NamedTuple):
    """Days from the first to the last, both included."""

    first: datetime.date
    last: datetime.date

    @property
    def said(self) -> Text:
        """The days in words, with an open end where there is one."""
        start = _ALWAYS if self.first == datetime.date.min else day(self.first)
        end = _OPEN if self.last == datetime.date.max else day(self.last)
        return Text(f"{start.zh}至{end.zh}", f"{start.en} to {end.en}")


_ALWAYS = Text("不限", "any day before")
_OPEN = Text("不限", "no end")


def doubts(policy: Policy) -> list[Doubt]:
    """Return what is probably not meant, in the order of the format."""
    return [
        *_days_beside_the_effective(policy),
        *_unused(policy),
        *_years_without_an_end(policy),
        *_counted_from_within_a_year(policy),
        *_ratios_above_one(policy),
        *_unusual_days(policy),
        *_one_year_of_contracts(policy),
        *_beyond_the_year(policy),
        *_beyond_the_day(policy),
        *_undecided_dates(policy),
        *_of_no_year(policy),
        *_of_the_year_so_far(policy),
        *_balances_of_new_business(policy),
        *_parties_of_its_own(policy),
        *_called_guarantors(policy),
        *_ceilings_as_conditions(policy),
        *_falling_rates(policy),
        *_passed_over(policy),
        *_rates_of_nothing(policy),
        *_without_a_year_before(policy),
        *doubts_of_amounts(policy),
        *(_refusal(place, cap) for place, cap in enumerate(policy.rules.caps) if _refuses(cap)),
    ]


def _without_a_year_before(policy: Policy) -> Iterator[Doubt]:
    """Yield each indicator without a value for new institutions that figures are computed with."""
    rules = policy.rules
    users: dict[str, list[str]] = {}
    for figures in figures_of(policy):
        for name in sorted(set().union(*(needed_names(rules, q) for q in figures.quantities))):
            users.setdefault(name, []).append(figures.user)
    for place, indicator in enumerate(rules.indicators):
        name = INDICATOR_PREFIX + indicator.id
        if name in users and _needs_contracts_before(rules, name):
            of = (element_in_words(policy, user) for user in dict.fromkeys(users[name]))
            message = NEW_INSTITUTIONS.fill(users=joined(of, "、", ", "))
            yield Doubt(element("indicators", place, indicator.id), message)


def _needs_contracts_before(rules: PolicyFile, name: str) -> bool:
    """Return whether an indicator has no value where no contract had begun by an earlier year."""
    read = years_read(rules, name, needed=True)
    return any(what == CONTRACTS and back for what, back in read)


NEW_INSTITUTIONS = Text(
    "上年末以前没有担保合同的机构（如新设机构）没有这个数，用它计算的业务（{users}）不予补偿；"
    "文件另有规定的，用 first_given 写明按什么计算",
    "an institution without contracts by the end of the year before, such as a new one, has no "
    "such figure: cases computed with it ({users}) are not eligible; first_given says what counts "
    "instead",
)


def _days_beside_the_effective(policy: Policy) -> Iterator[Doubt]:
    """Yield where the conditions on the day of a case contradict the effective days."""
    rules = policy.rules
    effective = _Days(rules.effective.from_, rules.effective.to or datetime.date.max)
    tests = [each for each in rules.claim_conditions if each.value == rules.trigger.date]
    limited = [each for each in tests if _days_of(each) is not None]
    by_day = rules.record != "institution" and rules.trigger.until is None
    if by_day and not rules.effective.excludes and not tests:
        message = Text(
            "适用期间（{effective}）以外的日期，单独核算（assess）照样补偿，清算（settle）和多项政策"
            "合并核算时却没有适用的政策（not_covered）；要各处一致，请写明完整的适用期间",
            "a case of a day outside the effective days ({effective}) is compensated by assess "
            "alone; a settlement, and assess under several policies, has no policy for it "
            "(not_covered): write the whole span of days if both are to agree",
        )
        yield Doubt("effective.excludes", message.fill(effective=effective.said))
    if not limited:
        return
    days = [found for each in limited if (found := _days_of(each)) is not None]
    passed = _Days(max(each.first for each in days), min(each.last for each in days))
    key = element("claim_conditions", 0, limited[0].id)
    within = any(each.within is not None for each in tests)
    common = _Days(max(passed.first, effective.first), min(passed.last, effective.last))
    if common.first > common.last:
        message = Text(
            "条件允许的日期（{days}）都不在适用期间（{effective}）内",
            "no day that the condition lets pass ({days}) is an effective day ({effective})",
        )
        yield Doubt(key, message.fill(days=passed.said, effective=effective.said))
    elif common != passed and not within and rules.effective.excludes:
        message = Text(
            "该条件代替了对适用期间的默认检查，适用期间（{effective}）以外的日期也能通过（{days}）；"
            '若不是这个意思，请另加一项 within = "effective" 的条件',
            "this condition takes the place of the default one, so that days outside the effective "
            "days ({effective}) pass ({days}); if that is not meant, add a condition with "
            'within = "effective"',
        )
        yield Doubt(key, message.fill(days=passed.said, effective=effective.said))


def _days_of(condition: Condition) -> _Days | None:
    """Return the days that the fixed limits of a condition let pass; None if it has none."""
    first, last = datetime.date.min, datetime.date.max
    if isinstance(condition.at_least, datetime.date):
        first = condition.at_least
    if isinstance(condition.above, datetime.date) and condition.above < datetime.date.max:
        first = max(first, condition.above + DAY)
    if isinstance(condition.at_most, datetime.date):
        last = condition.at_most
    if isinstance(condition.below, datetime.date) and condition.below > datetime.date.min:
        last = min(last, condition.below - DAY)
    found = _Days(first, last)
    return None if found == (datetime.date.min, datetime.date.max) else found


def _unused(policy: Policy) -> Iterator[Doubt]:
    """Yield each test, quantity and column that the file declares and nothing in it uses."""
    rules, texts = policy.rules, set(_texts(parse(policy.text, policy.source)))
    used = {part for text in texts for part in text.split()}
    declared = [
        *(
            (element("columns", n, each.name), f"{each.table}.{each.name}")
            for n, each in enumerate(rules.columns)
        ),
        *(
            (element("quantities", n, each.id), f"{QUANTITY_PREFIX}{each.id}")
            for n, each in enumerate(rules.quantities)
        ),
        *((element("tests", n, each.id), f"{TEST}{each.id}") for n, each in enumerate(rules.tests)),
    ]
    message = Text(
        "声明了，但没有一处用到它；若金额应当按它计算，是哪一处漏写了？",
        "this is declared, but nothing uses it; if a figure depends on it, where is it missing?",
    )
    yield from (
        Doubt(key, message)
        for key, name in declared
        if name not in used and not name.startswith(SHARES)
    )


SHARES = f"contracts.{SHARE_PREFIX}"
"""How the columns begin that hold the parties' shares."""
TEST = "test="
"""What stands before the name of a test where it is used, which no other text begins with."""


def _texts(value: object, key: str = "") -> Iterator[str]:
    """Yield every text anywhere in what a file says."""
    if isinstance(value, str):
        yield f"{TEST}{value}" if key == "test" else value
    elif isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, key)


def _years_without_an_end(policy: Policy) -> Iterator[Doubt]:
    """Yield where the year in which the effective days end has no institution in it.

    An institution's year is of 31 December, as a condition on the effective days looks at it.
    """
    rules, last = policy.rules, policy.rules.effective.to
    if rules.record != "institution" or last is None or not rules.effective.excludes:
        return
    if (last.month, last.day) != (12, 31) and last.year > rules.effective.from_.year:
        message = Text(
            "机构年度的日期是 12 月 31 日：适用期间到{last}为止，{year} 年度的机构都不在内；"
            "若包括这一年，请写到年底，或写明 excludes = false",
            "an institution's year is of 31 December: the effective days end on {last}, so that no "
            "institution of {year} is among them; if that year is meant, write its last day, or "
            "excludes = false",
        )
        yield Doubt("effective.to", message.fill(last=day(last), year=last.year))


def _counted_from_within_a_year(policy: Policy) -> Iterator[Doubt]:
    """Yield where what all cases use counts a part of a year, which its limit may not."""
    rules = policy.rules
    by_day = rules.record != "institution" and rules.trigger.until is None
    first = rules.effective.from_
    if not by_day or f"{first:%m-%d}" == (rules.trigger.year_begins or "01-01"):
        return
    of_all = [element("caps", n, cap.id) for n, cap in enumerate(rules.caps) if cap.counts_all]
    if rules.rates.counts == "all":
        of_all.append("rates.counts")
    message = Text(
        "政策从{first}起适用，该年度只计入这一天起的业务，indicators 中的数却是全年的；"
        "全年的业务都要计入的，请从限额中减去此前的（measure）",
        "the policy applies from {first}, so that in that year only cases from that day on count, "
        "while indicators are of the whole year; if the whole year counts, take what came before "
        "(a `measure`) off the limit",
    )
    yield from (Doubt(key, message.fill(first=day(first))) for key in of_all)


def _ratios_above_one(policy: Policy) -> Iterator[Doubt]:
    """Yield each limit above 1 of a column of ratios, none of which is; of indicators, if upper."""
    for key, test in _tests_by_element(policy.rules):
        variable = None if test.name is None else variable_info(policy.rules, test.name)
        if variable is None or variable.type is not ColumnType.SHARE:
            continue
        for bound in ("at_most", "below") if variable.indicator else BOUNDS:
            limit = getattr(test, bound)
            if isinstance(limit, Decimal) and limit > 1:
                message = Text(
                    "{limit} 即 {percent}；百分之 {limit} 要写 {ratio}",
                    "{limit} is {percent}; {limit} percent is written {ratio}",
                ).fill(
                    limit=same(plain(limit)),
                    percent=same(percent(limit)),
                    ratio=same(plain(limit / 100)),
                )
                yield Doubt(key, message)


def _tests_by_element(rules: PolicyFile) -> Iterator[tuple[str, Test]]:
    """Yield the tests of conditions, tiers, additions and caps, with the key of each of these."""
    parts: dict[str, Sequence[object]] = {
        "institution_conditions": rules.institution_conditions,
        "claim_conditions": rules.claim_conditions,
        "rates.tiers": tier_tests(rules.rates),
        "rates.additions": rules.rates.additions,
        "caps": rules.caps,
    }
    for name, listed in parts.items():
        for place, part in enumerate(listed):
            key = element(name, place, getattr(part, "id", None))
            yield from ((key, test) for test in tests_in(part))


USUAL: dict[Kind, tuple[Decimal, ...]] = {
    Kind.YUAN_DAYS: (Decimal(1), Decimal(360), Decimal(365), Decimal(366)),
    Kind.YUAN_MONTHS: (Decimal(1), Decimal(12)),
}
"""What an amount times days or months is divided by: the days or months of a yearly rate, or 1."""


def _unusual_days(policy: Policy) -> Iterator[Doubt]:
    """Yield each part of the file that divides yuan-days by a number that no year has of days."""
    rules = policy.rules
    for name in rules.__dataclass_fields__:
        for each in operations_of(getattr(rules, name)):
            part, whole = each.over or (None, None)
            kind = None if part is None else inferred_kind(rules, part)
            if isinstance(whole, Decimal) and kind in USUAL and whole not in USUAL[kind]:
                message = Text(
                    "{kind}除以 {whole}；按年利率计算的，通常除以 {usual}",
                    "{kind} are divided by {whole}; at a yearly rate it is usually {usual}",
                ).fill(
                    kind=KIND_NAMES[kind],
                    whole=same(plain(whole)),
                    usual=same(", ".join(f"{days:f}" for days in USUAL[kind][1:])),
                )
                yield Doubt(name, message)


def _one_year_of_contracts(policy: Policy) -> Iterator[Doubt]:
    """Yield where days of the year are counted of contracts that count in one year alone."""
    rules = policy.rules
    counted = ((each, each.days_in_year or each.balance_days) for each in operations_of(rules))
    of_year = [
        each
        for each, days in counted
        if days and (each.days_in_year or {YEAR_START, YEAR_END} & names_in(each))
    ]
    if rules.record == "contract" and rules.trigger.until is None and of_year:
        message = Text(
            "按年度内的天数或余额计算，而一份合同只在{date}所在的年度计算一次；以后各年也要计算的，"
            '请写 until（如 "contracts.release_date"）',
            "days or balances of the year are counted, but a contract counts only in the year of "
            "its {date}; if it counts in later years, too, write `until` "
            '("contracts.release_date")',
        )
        yield Doubt("trigger", message.fill(date=name_title(policy, rules.trigger.date)))


def _beyond_the_year(policy: Policy) -> Iterator[Doubt]:
    """Yield where an amount of each year of a contract counts days that the year does not limit."""
    rules = policy.rules
    if rules.trigger.until is None:
        return
    for each, key in days_counted(rules).items():
        if each.days_in_year:
            continue
        ((name, dates),) = ((n, getattr(each, n)) for n in operations_in(each))
        limits = zip(dates, ({YEAR_START}, {YEAR_START, YEAR_END, AS_OF}), strict=True)
        if all(resolved(rules, names_in(date)) & of_year for date, of_year in limits):
            continue
        first, last = (f'"{date}"' if isinstance(date, str) else "…" for date in dates)
        end = f'"{YEAR_END}"'
        if name != "balance_days" or each.last == "excluded":
            end = f'{{ months_later = ["{YEAR_START}", 12] }}'
        line = f'{name} = [{{ max = [{first}, "{YEAR_START}"] }}, {{ min = [{last}, {end}] }}]'
        if name == "days":
            line = f"days_in_year = [{first}, {last}]"
        message = Text(
            "合同跨几个年度的，每年各算一次，而 {name} 的起止日不限于当年，以前年度已补偿的以后各年"
            "会再补偿一次；只算当年的，请写 {line}",
            "a contract counts in each of its years, and the days of {name} are not limited to the "
            "year: what was compensated for earlier years is compensated again; for those of the "
            "year write {line}",
        )
        yield Doubt(key, message.fill(name=name, line=line))


def _beyond_the_day(policy: Policy) -> Iterator[Doubt]:
    """Yield where days are counted to the end of the year, also as of a day before it."""
    rules = policy.rules
    for each, key in days_counted(rules).items():
        if ends_with_the_year(rules, each) and not resolved(rules, names_in(each)) & {AS_OF}:
            message = Text(
                "按年度中某日核算（assess --as-of）时，该日以后到年末的天数也计算在内；"
                "只算到该日的，止日取各日期和 {as_of} 中较早的（min）",
                "assess --as-of a day within the year counts the days after it, too, up to the end "
                "of the year; if days count up to that day only, end on the earlier (min) of what "
                "is written and {as_of}",
            )
            yield Doubt(key, message.fill(as_of=AS_OF_OR_END))


AS_OF_OR_END = f'{{ first_given = ["{AS_OF}", "{YEAR_END}"] }}'


def _undecided_dates(policy: Policy) -> Iterator[Doubt]:
    """Yield each required date that a day as of which is computed would blank, agreed or not."""
    message = Text(
        "按某日核算（--as-of、清算）时，晚于该日的日期按未填处理；事先约定的日期（如到期日）请写 "
        "agreed = true，事后才有的日期（如申报日）写 agreed = false",
        "computed as of a day (--as-of, settle), later dates are as if blank; write agreed = true "
        "for dates that are agreed beforehand, as due dates are, and agreed = false for events, as "
        "a filing is",
    )
    for column in undecided_dates(policy.rules):
        yield Doubt(f"columns[{column.name}]", message)


def _of_no_year(policy: Policy) -> Iterator[Doubt]:
    """Yield each number that has one value for all years, where it may be another in each."""
    for column in columns_of_no_year(policy):
        if column.type not in ("text", "boolean"):
            message = Text(
                "清算（settle）核定几个年度时，各年度都按这一列的同一个值计算；各年不同的，请写 "
                'table = "{table}"（{title}），由台账分年填写；各年相同的，写 constant = true',
                "a settlement of several years computes each of them with the one value of this "
                'column; where it differs from year to year, write table = "{table}" ({title}), '
                "which the ledger fills in by year; where it never does, constant = true",
            )
            of = table(BY_YEAR_OF[column.table])
            named = message.fill(table=of.name, title=Text(of.heading, of.heading))
            yield Doubt(f"columns[{column.name}]", named)


def _of_the_year_so_far(policy: Policy) -> Iterator[Doubt]:
    """Yield where cases are settled one by one by figures that their year changes until its end."""
    figures = of_the_year_so_far(policy.rules)
    if policy.rules.trigger.settled != "by_case" or not figures:
        return
    message = Text(
        "年度未结束时，逐笔核定用的{figures}只反映截至清算日的部分年度；以后变化的，由以后的清算补付"
        "或收回，包括已支付的业务；只看上年的，请写 year_before",
        "before the year is over, cases are decided by {figures} of the part of it up to the day "
        "of the settlement; what changes, later settlements pay or recall, also of cases that were "
        "paid; a figure of the year before is said by year_before",
    )
    yield Doubt("trigger.settled", message.fill(figures=figures_in_words(policy, figures)))


def _balances_of_new_business(policy: Policy) -> Iterator[Doubt]:
    """Yield where contracts begun in a year count by what is left of them at its end."""
    message = Text(
        "借款人年末在保余额（contracts.borrower_balance）不含年内解除的；按新增业务计的（{measure}），"
        "年内已解除的合同按 0 判断，是否有意？",
        "contracts.borrower_balance is of the end of the year: what was released by then is not in "
        "it, so that {measure} of contracts that began and ended in the year goes by 0",
    )
    for place, indicator in enumerate(policy.rules.indicators):
        measures = map(measure_of, operations_of(indicator.value))
        for measure in filter(None, measures):
            new = measure.of == "new_guarantees" or measure.on == "contracts.start_date"
            if new and BORROWER_BALANCE in measure.names:
                key = element("indicators", place, indicator.id)
                yield Doubt(key, message.fill(measure=measure.of))


def _parties_of_its_own(policy: Policy) -> Iterator[Doubt]:
    """Yield each party that shares payouts and is none of those that the program knows."""
    rules = policy.rules
    needed = variables_needed(policy, measures=False)
    named = {name.removeprefix(SHARES) for name in needed if name.startswith(SHARES)}
    parties = {*named, *parties_named(rules), rules.beneficiary.party} - {"", *PARTIES}
    for party in sorted(parties):
        message = Text(
            "{party} 不是通常的分担方（{known}）；台账的担保合同表要有列 share_{party}",
            "{party} is none of the usual parties ({known}); the contracts of the ledger need a "
            "column share_{party}",
        ).fill(party=party, known=", ".join(PARTIES))
        yield Doubt(f"share_{party}", message)


_BANKS = re.compile("银行|信贷|信用社|农信|农商|保险公司|小额贷款|小贷")
"""Words for institutions that guarantee nothing."""


def _called_guarantors(policy: Policy) -> Iterator[Doubt]:
    """Yield where banks are paid, which go by the name of guarantors unless the file has one."""
    rules, beneficiary = policy.rules, policy.rules.beneficiary
    unnamed = beneficiary.party == "institution" and beneficiary.name is None
    if rules.record != "payout" or not unnamed:
        return
    titles = rules.name.zh + rules.document.title.zh
    words = [
        word
        for name in rules.__dataclass_fields__
        for test in tests_in(getattr(rules, name))
        if (test.name or "").startswith("institutions.")
        for word in test.one_of or ()
    ]
    in_title = _BANKS.search(titles) and "担保" not in titles
    if in_title or any(map(_BANKS.search, words)):
        message = Text(
            "受偿方没有名称，各处都称“担保机构”；补偿银行等机构的，请写 beneficiary 的 name，"
            '如 { zh = "合作银行" }，几类机构都补偿的写 { zh = "机构" }',
            "the beneficiary has no name, so that it is called the institution, 担保机构 "
            "(guarantor) in Chinese; where banks are paid, write `name` of `beneficiary`, such as "
            '{ zh = "合作银行", en = "bank" }, or { zh = "机构", en = "institution" } where there '
            "are several kinds",
        )
        yield Doubt("beneficiary", message)


def _rates_of_nothing(policy: Policy) -> Iterator[Doubt]:
    """Yield each tier with a rate of 0, of which a case is eligible and gets nothing."""
    rates = policy.rules.rates
    if rates.hit == "slices" or rates.additions:
        return
    message = Text(
        "比例为 0：这一档的业务算作符合条件，补偿 0 元，没有原因；文件规定不予补偿的，"
        '请去掉这一档，写 otherwise = "ineligible"，或写成代偿条件',
        "a rate of 0: cases of this tier are eligible with 0 yuan and without a reason; if they "
        'are not to be compensated, leave the tier out and write otherwise = "ineligible", or '
        "write a condition",
    )
    for place, tier in enumerate(rates.tiers):
        if tier.rate == 0:
            yield Doubt(element("rates.tiers", place), message)


def _ceilings_as_conditions(policy: Policy) -> Iterator[Doubt]:
    """Yield each condition that lets no case pass whose base is above a limit."""
    bases = [base.value for base in policy.rules.base]
    for place, condition in enumerate(policy.rules.claim_conditions):
        limit = condition.at_most if condition.at_most is not None else condition.below
        if condition.value in bases and limit is not None and condition.since is None:
            said = describe_quantity(policy, limit, Kind.MONEY)
            message = Text(
                '补偿基数超过{limit}的，整笔不予补偿；若是只计到该金额，请写成 on = "base" 的上限',
                "a base above {limit} is not compensated at all; if it counts up to that amount, "
                'write a cap with on = "base"',
            )
            key = element("claim_conditions", place, condition.id)
            yield Doubt(key, message.fill(limit=_with_blank(said)))


def _with_blank(said: Text) -> Text:
    return Text(f" {said.zh}" if said.zh[:1].isdigit() else said.zh, said.en)


def _falling_rates(policy: Policy) -> Iterator[Doubt]:
    """Yield each tier by an amount from which on the rate falls."""
    rates = policy.rules.rates
    by_amount = rates.by is not None and inferred_kind(policy.rules, rates.by) is Kind.MONEY
    if rates.hit != "range" or not by_amount:
        return
    ordered = sorted(_plain_tiers(rates), key=lambda found: found.start)
    for before, after in itertools.pairwise(ordered):
        if after.rate < before.rate:
            message = Text(
                "从 {start} 起，比例由 {before} 降到 {rate}：多 1 分钱，全部金额都按较低的比例计；"
                '若是分段计算，请写 hit = "slices"',
                "from {start} on the rate falls from {before} to {rate}: one fen more, and all of "
                'the base is at the lower rate; if each part has its own, write hit = "slices"',
            ).fill(
                start=amount(after.start),
                before=same(percent(before.rate)),
                rate=same(percent(after.rate)),
            )
            yield Doubt(element("rates.tiers", after.place), message)


def _passed_over(policy: Policy) -> Iterator[Doubt]:
    """Yield each number or date that an element is taken by and that may have no value.

    None that a condition looks at, which shuts blanks out, or of which `given` beside it asks.
    """
    rules, found = policy.rules, dict[tuple[str, Quantity], Text]()
    conditions = (*rules.institution_conditions, *rules.claim_conditions)
    sure = {each.value for each in conditions if isinstance(each.value, str)}
    for key, whens in _taken_by(rules):
        parts = [part for when in whens for test in when for part in parts_of_test(test)]
        decided = sure | {part.name for part in parts if part.given and part.name is not None}
        compared = (part for part in parts if part.since or any(limits_of(part)))
        for quantity in (q for part in compared for q in quantities_of_test(part)):
            if quantity not in decided and may_have_no_value(rules, quantity, decided):
                found[key, quantity] = _passed_over_without(policy, quantity, decided)
    yield from (Doubt(key, message) for (key, _), message in found.items())


def _passed_over_without(policy: Policy, quantity: Quantity, decided: set[str]) -> Text:
    """Return what becomes of an element without a figure, and the tests to write.

    Of one that is computed, these are of the names without which it has no value, where nothing but
    these leaves it without one; any other needs a name.
    """
    rules, first = policy.rules, same("")
    if isinstance(quantity, str):
        names = [quantity]
    else:
        needed = needed_names(rules, quantity)
        names = sorted(each for each in needed if may_have_no_value(rules, each, decided))
        if may_have_no_value(rules, quantity, decided.union(names)):
            names, first = ["quantity.figure"], NAMED_FIRST
    tests = [f'{{ value = "{name}", given = true }}' for name in names]
    return MAY_BE_PASSED_OVER.fill(
        figure=describe_quantity(policy, quantity),
        first=first,
        each=same(tests[0] if len(tests) == 1 else f"{{ all = [{', '.join(tests)}] }}"),
        given=same(", ".join(tests)),
    )


NAMED_FIRST = Text(
    '先把它写成 [[quantities]]（如 id = "figure"），再用 "quantity.figure" 检验。',
    'Write it in [[quantities]] first (say, id = "figure") and test "quantity.figure". ',
)
MAY_BE_PASSED_OVER = Text(
    "{figure}可能为空白或无法计算，那时这一项不适用（扣减的不扣减，封顶的不封顶）。{first}没有这个数时也"
    "适用的，写成 any，其中列原检验和 {{ not = {each} }}；不适用的，加写 {given}",
    "{figure} may be blank or undefined, and then this does not apply: nothing is deducted, no cap "
    "holds. {first}If it should, write any = [the test, {{ not = {each} }}]; if it should not, add "
    "{given}",
)


def _taken_by(rules: PolicyFile) -> Iterator[tuple[str, Sequence[tuple[Test, ...]]]]:
    """Yield the tests of the elements that apply or not, those of one list together."""
    if rules.rates.hit != "range":
        yield "rates.tiers", [tier.when for tier in rules.rates.tiers]
    yield "base", [base.when for base in rules.base]
    yield "stages", [stage.when for stage in rules.stages]
    lists: dict[str, Sequence[Addition | Cap | Payer]] = {
        "rates.additions": rules.rates.additions,
        "caps": rules.caps,
        "payers": rules.payers,
    }
    for name, listed in lists.items():
        for place, each in enumerate(listed):
            yield element(name, place, each.id), [each.when]
    for name in rules.__dataclass_fields__:
        part = getattr(rules, name)
        for place, each in enumerate(part if isinstance(part, tuple) else (part,)):
            id_ = getattr(each, "id", None)
            key = name if id_ is None else element(name, place, id_)
            for operation in operations_of(each):
                yield key, [choice.when for choice in operation.choose or ()]


class _Range(NamedTuple):
    """A tier with a fixed rate: where its range begins, its place among the tiers, its rate."""

    start: Decimal
    place: int
    rate: Decimal


def _plain_tiers(rates: Rates) -> Sequence[_Range]:
    return [
        _Range(_start(tier), place, tier.rate)
        for place, tier in enumerate(rates.tiers)
        if isinstance(tier.rate, Decimal) and not tier.when
    ]


def _start(tier: Tier) -> Decimal:
    found = number(start_of(tier))
    return Decimal("-Infinity") if found is None else found


def _refuses(cap: Cap) -> bool:
    return cap.exceeding == "refuse"


def _refusal(place: int, cap: Cap) -> Doubt:
    message = Text(
        "超过上限 1 分钱，整笔不予补偿；若是补偿到上限为止，请去掉 exceeding",
        "a case that goes over the cap by one fen is not compensated at all; if it is compensated "
        "up to the cap, leave out exceeding",
    )
    return Doubt(element("caps", place, cap.id), message)
