"""What is wrong with the tiers of a policy file: gaps, overlaps, tiers that no case reaches."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from functools import reduce

from compensation.language import Text, joined, same
from compensation.policy.check_tests import TestChecker
from compensation.policy.faults import Findings, element
from compensation.policy.kinds import KIND_NAMES, NUMERIC, TYPE_OF_KIND, Kind
from compensation.policy.model import (
    BOUNDS,
    Addition,
    Operation,
    PolicyFile,
    Quantity,
    Rates,
    Test,
    Tier,
)
from compensation.policy.regions import Allowed, Cut, Region, Span, allowed, everything, span
from compensation.policy.tiers import bounds_of, end_of, start_of, tests_of
from compensation.policy.variables import INSTITUTION, VariableInfo, may_have_no_value
from compensation.schema.column import ColumnType
from compensation.values.exact import plain

TIERS = "rates.tiers"
MANY_ADDITIONS = 12
"""Above this number, additions are taken to hold all together when their sum is checked."""


class RateChecker:
    """Checks `rates` of one policy file, with the conditions that come before it."""

    def __init__(self, rules: PolicyFile, tests: TestChecker, findings: Findings) -> None:
        self.rules = rules
        self.rates: Rates = rules.rates
        self.tests = tests
        self.findings = findings
        asks = any(condition.value == INSTITUTION for condition in rules.claim_conditions)
        conditions = (*(rules.institution_conditions if asks else ()), *rules.claim_conditions)
        self.eligible: Allowed = self._allowed(conditions)

    def _allowed(self, tests: Sequence[Test]) -> Allowed:
        return allowed(tests, self.tests.variable, self.tests.effective)

    def check(self) -> None:
        """Check the tiers, the additions, the decided rate and the bounds."""
        before = len(self.findings.faults)
        if self.rates.per is not None and self.rates.hit != "slices":
            message = Text('per 只和 hit = "slices" 一起写', 'per stands only with hit = "slices"')
            self.findings.add("tier_form", "rates.per", message)
        if self.rates.counts == "all" and None in (self.rates.per, self.rates.by):
            message = Text(
                'counts 和 per、by（计入分段的金额）一起写，用于 hit = "slices"',
                "`counts` stands with `per` and `by`, what counts along the slices (hit = "
                '"slices")',
            )
            self.findings.add("tier_form", "rates.counts", message)
        for position, tier in enumerate(self.rates.tiers):
            key = element(TIERS, position)
            self._check_rate(tier.rate, f"{key}.rate")
            self.tests.check_all(tier.when, f"{key}.when", "claim")
        for position, addition in enumerate(self.rates.additions):
            key = element("rates.additions", position, addition.id)
            self._check_rate(addition.points, f"{key}.points")
            self.tests.check_all(addition.when, f"{key}.when", "claim")
        sound = len(self.findings.faults) == before
        if self.rates.hit == "range":
            self._check_ranges()
        elif self.rates.hit == "slices":
            self._check_slices()
        else:
            self._check_ladder(sound)
        if sound:
            self._check_additions()
        self._check_bounds()
        self._check_decided()

    def _check_rate(self, rate: Quantity, key: str) -> None:
        """Check that a rate or points that are computed are a ratio."""
        if not isinstance(rate, Decimal):
            self.tests.quantities.wanted(rate, key, "claim", Kind.RATIO)

    # Slices

    def _check_slices(self) -> None:
        """Check that the slices follow one another from 0, without a gap, to the end."""
        reached: Quantity = Decimal(0)
        last = len(self.rates.tiers) - 1
        for position, tier in enumerate(self.rates.tiers):
            key = element(TIERS, position)
            self._check_slice(tier, key)
            low, high = start_of(tier), end_of(tier)
            if low is not None and low != reached:
                message = Text(
                    "这一段要从{value}起，和前一段相接；起点可以不写",
                    "this slice begins {value}, where the one before ends, or does not say where",
                )
                value = Text("前一段终止处", "there")
                if isinstance(reached, Decimal):
                    value = Text(f" {plain(reached)} ", f"at {plain(reached)}")
                self.findings.add("slices_gap", key, message, value=value)
            elif high is not None and _not_above(high, reached):
                message = Text("这一段里没有任何值", "there is no value in this slice")
                self.findings.add("empty_range", key, message)
            if (high is None) != (position == last):
                message = Text(
                    "最后一段不写上限，其他各段都要写；最后一段以上不补偿的，另写比例为 0 的一段",
                    "the last slice has no end and the others have one; a last slice of rate 0 "
                    "says that nothing is paid for what lies above",
                )
                self.findings.add("slices_open", key, message)
            reached = reached if high is None else high
        if self.rates.by is not None:
            self.tests.quantities.wanted(self.rates.by, "rates.by", "claim", Kind.MONEY)
        for name in ("decided", "otherwise"):
            if getattr(self.rates, name):
                message = Text(
                    '{name} 不和 hit = "slices" 一起写{advice}',
                    '{name} does not go with hit = "slices"{advice}',
                )
                advice = BY_A_CAP if name == "decided" else same("")
                key = f"rates.{name}"
                self.findings.add("tier_form", key, message, name=name, advice=advice)

    def _check_slice(self, tier: Tier, key: str) -> None:
        """Check one slice by itself: bounds that are amounts, and no tests."""
        for name, bound in bounds_of(tier).items():
            here = f"{key}.{name}"
            if isinstance(bound, Decimal):
                self.tests.check_number(bound, KIND_NAMES[Kind.MONEY], Kind.MONEY, here)
            else:
                self.tests.quantities.wanted(bound, here, "claim", Kind.MONEY)
        self.tests.check_bounds(tier, key)
        if tier.when:
            message = Text(
                "分段计算的各段不写 when；部分业务的比例或界限不同的，在其中写 choose",
                "slices have no `when`; `choose` says another rate or bound for some cases",
            )
            self.findings.add("tier_form", f"{key}.when", message)

    # Ranges

    def _check_ranges(self) -> None:
        for position, tier in enumerate(self.rates.tiers):
            if tier.when:
                message = Text(
                    'hit = "range" 的档次按 by 的取值划分，不写 when',
                    'tiers of hit = "range" go by the value of `by` and have no `when`',
                )
                self.findings.add("tier_form", f"{element(TIERS, position)}.when", message)
        variable = self._key()
        if variable is None:
            return
        spans = []
        for position, tier in enumerate(self.rates.tiers):
            found = self._span_of(tier, element(TIERS, position), variable)
            if found is not None:
                spans.append((found, position))
        if len(spans) == len(self.rates.tiers):
            self._check_neighbours(sorted(spans))
            self._check_ends(sorted(spans), variable)

    def _key(self) -> VariableInfo | None:
        """Return what the ranges are of; None where it is unsound, or computed."""
        by = self.rates.by
        if by is None:
            message = Text(
                'hit = "range" 要用 by 写明按什么划分，如 claims.borrower_exposure',
                'hit = "range" needs `by`, what the ranges are of: claims.borrower_exposure',
            )
            self.findings.add("missing_by", "rates.by", message)
            return None
        kind = self.tests.quantities.kind(by, "rates.by", "claim")
        if kind is None:
            return None
        variable = self.tests.variable(by) if isinstance(by, str) else None
        if kind not in NUMERIC:
            message = Text(
                "{title}不是金额、整数或比例，不能划分区间",
                "{title} is not an amount, number or ratio and has no ranges",
            )
            title = KIND_NAMES[kind] if variable is None else variable.title
            self.findings.add("column_type", "rates.by", message, title=title)
            return None
        if variable is not None:
            return variable
        # A computed quantity: nothing is known of how large or small it can be.
        type_ = TYPE_OF_KIND[kind] or ColumnType.SHARE
        blank = may_have_no_value(self.rules, by, self.eligible.regions)
        return VariableInfo("rates.by", KIND_NAMES[kind], type_, "claim", may_be_blank=blank)

    def _span_of(self, tier: Tier, key: str, variable: VariableInfo) -> Span | None:
        before = len(self.findings.faults)
        bounds = self._check_limits(tier, key, variable.title, variable.kind)
        low, high = span(variable, **bounds)
        if low >= high and len(self.findings.faults) == before:
            message = Text(
                "这一档的区间里没有任何值", "there is no value in the range of this tier"
            )
            self.findings.add("empty_range", key, message)
        return (low, high) if len(self.findings.faults) == before else None

    def _check_limits(self, tier: Tier, key: str, title: Text, kind: Kind) -> dict[str, Decimal]:
        """Return the bounds of a tier, checked one by one and as a pair."""
        fixed = {}
        for name, value in bounds_of(tier).items():
            if isinstance(value, Decimal):
                fixed[name] = value
                self.tests.check_number(value, title, kind, f"{key}.{name}")
            else:
                message = Text(
                    '区间的界限要写固定的数；界限要计算的，用 hit = "first"，写在 when 中',
                    "a bound of a range is a fixed number; one that is computed stands in `when`, "
                    'with hit = "first"',
                )
                self.findings.add("tier_form", f"{key}.{name}", message)
        self.tests.check_bounds(tier, key)
        return fixed

    def _check_neighbours(self, spans: list[tuple[Span, int]]) -> None:
        (_, reached), left = spans[0]
        for (low, high), right in spans[1:]:
            if reached > low:
                message = Text(
                    "与第 {other} 档重叠：{value} 两档都包括",
                    "overlaps tier {other}: both take {value}",
                )
                self._between(right, left, "ranges_overlap", message, low)
            elif reached < low:
                message = Text(
                    "与第 {other} 档之间有空档：{value} 哪一档都不包括",
                    "leaves a gap beside tier {other}: neither takes {value}",
                )
                self._between(right, left, "ranges_gap", message, reached)
            if high > reached:
                reached, left = high, right

    def _between(self, right: int, left: int, kind: str, message: Text, cut: Cut) -> None:
        self.findings.add(
            kind, element(TIERS, right), message, other=left + 1, value=first_value(cut)
        )

    def _check_ends(self, spans: list[tuple[Span, int]], variable: VariableInfo) -> None:
        if self.rates.otherwise is not None:
            return
        ((least, most),) = everything(variable).spans
        lowest, highest = spans[0][0][0], max(high for (_, high), _ in spans)
        advice = Text(
            '不写这一头的界限，或写明 otherwise = "ineligible"',
            'leave that end open, or say otherwise = "ineligible"',
        )
        if lowest > least:
            message = Text(
                "最低一档以下的值（{value} 起）没有档次；{advice}",
                "values below the lowest tier (from {value}) have no tier; {advice}",
            )
            key = element(TIERS, spans[0][1])
            value = first_value(least)
            self.findings.add("ranges_open", key, message, value=value, advice=advice)
        if highest < most:
            position = next(place for (_, high), place in spans if high == highest)
            message = Text(
                "最高一档以上的值（{value} 起）没有档次；{advice}",
                "values above the highest tier (from {value}) have no tier; {advice}",
            )
            value = first_value(highest)
            key = element(TIERS, position)
            self.findings.add("ranges_open", key, message, value=value, advice=advice)
        if variable.may_be_blank and variable.name not in self.eligible.regions:
            message = Text(
                '{title}可能是空白或无法计算，那时没有档次；要写明 otherwise = "ineligible"，'
                "或另加一条以它为准的条件",
                "{title} may be blank or undefined and then has no tier; say otherwise = "
                '"ineligible", or add a condition on it',
            )
            self.findings.add("ranges_blank", "rates.by", message, title=variable.title)

    # Ladders

    def _check_ladder(self, sound: bool) -> None:
        rates = self.rates
        if rates.by is not None:
            message = Text('by 只和 hit = "range" 一起写', 'by stands only with hit = "range"')
            self.findings.add("tier_form", "rates.by", message)
        for position, tier in enumerate(rates.tiers):
            for name in BOUNDS:
                if getattr(tier, name) is not None:
                    message = Text(
                        'hit = "first" 的档次用 when 写条件，不直接写 {name}',
                        'tiers of hit = "first" have their tests in `when`, not {name} itself',
                    )
                    key = f"{element(TIERS, position)}.{name}"
                    self.findings.add("tier_form", key, message, name=name)
        if rates.tiers[-1].when and rates.otherwise is None:
            message = Text(
                "最后一档还有条件，条件都不满足的业务就没有档次；去掉 when，"
                '或在 rates 中写明 otherwise = "ineligible"',
                "the last tier has tests, so a claim that passes none has no tier; drop `when`, "
                'or say otherwise = "ineligible" in rates',
            )
            self.findings.add("last_tier", f"{element(TIERS, len(rates.tiers) - 1)}.when", message)
        if sound and not self.eligible.contradictory:
            self._check_reached()

    def _check_reached(self) -> None:
        own = [self._allowed(tier.when) for tier in self.rates.tiers]
        for position, tests in enumerate(own):
            key = element(TIERS, position)
            if tests.contradictory:
                message = Text(
                    "这一档的条件互相矛盾（{what}），没有业务能达到",
                    "the tests of this tier contradict each other ({what}): no claim reaches it",
                )
                what = ", ".join(tests.contradictory)
                self.findings.add("tier_contradiction", f"{key}.when", message, what=what)
                continue
            reached = self.eligible & tests
            if reached.contradictory:
                message = Text(
                    "这一档的条件与前面的机构条件、业务条件矛盾（{what}），没有业务能达到",
                    "the tests of this tier contradict the conditions of institutions or claims "
                    "({what}): no claim reaches it",
                )
                what = ", ".join(reached.contradictory)
                self.findings.add("tier_unreachable", f"{key}.when", message, what=what)
                continue
            taken_by = self._taken_by(reached, own[:position])
            if taken_by:
                message = Text(
                    "达到这一档的业务都已归入前面的第 {tiers} 档，这一档用不上",
                    "every claim that would reach this tier is already taken by tier {tiers}",
                )
                tiers = joined(taken_by)
                self.findings.add("tier_unreachable", key, message, tiers=tiers)

    def _taken_by(self, reached: Allowed, earlier: Sequence[Allowed]) -> list[str]:
        """Return the numbers of the earlier tiers that together take all that is ``reached``.

        Found where one tier takes it, or several do by the values of one key alone.
        """

        def values(tests: Allowed, key: str) -> Region:
            variable = self.tests.variable(key)
            if key in tests.regions or variable is None:
                return tests.regions.get(key, Region())
            return everything(variable)

        keys = sorted({key for tests in earlier for key in tests.regions})
        for key in keys or [""]:
            takers = [
                number
                for number, tests in enumerate(earlier)
                if tests.opaque <= reached.opaque
                and all(
                    region.covers(values(reached, other))
                    for other, region in tests.regions.items()
                    if other != key
                )
            ]
            whole = [n for n in takers if key not in earlier[n].regions]
            if whole:
                return [str(whole[0] + 1)]
            needed = values(reached, key)
            for count in range(1, len(takers) + 1):
                taken = reduce(Region.__or__, (earlier[n].regions[key] for n in takers[:count]))
                if taken.covers(needed):
                    return [str(number + 1) for number in takers[:count]]
        return []

    # Rates

    def _check_bounds(self) -> None:
        bounds = self.rates.bounds
        if bounds is None:
            return
        if bounds.at_least > bounds.at_most:
            message = Text("下限大于上限", "the lower bound is above the upper")
            self.findings.add("bounds_order", "rates.bounds", message)
            return
        for position, tier in enumerate(self.rates.tiers):
            rate = tier.rate
            if isinstance(rate, Decimal) and not bounds.at_least <= rate <= bounds.at_most:
                message = Text(
                    "比例 {rate} 不在 rates.bounds 的 {low} 至 {high} 之内",
                    "the rate {rate} is not within rates.bounds, {low} to {high}",
                )
                self.findings.add(
                    "rate_outside_bounds",
                    f"{element(TIERS, position)}.rate",
                    message,
                    rate=plain(rate),
                    low=plain(bounds.at_least),
                    high=plain(bounds.at_most),
                )

    def _check_additions(self) -> None:
        """Check that no rate can pass 1; `bounds` cut what is above them."""
        if self.rates.bounds is not None:
            return
        highest = self._highest_rate()
        if highest > 1:
            message = Text(
                "加成后最高可达 {highest}，超过 1；最高比例用 bounds 写明",
                "with the additions a rate can be {highest}, above 1; `bounds` says the highest",
            )
            self.findings.add(
                "additions_too_high", "rates.additions", message, highest=plain(highest)
            )

    def _highest_rate(self) -> Decimal:
        """Return the highest rate of a tier with the additions that can hold beside it.

        A rate that is computed counts as 0.
        """
        additions = self.rates.additions
        if len(additions) > MANY_ADDITIONS:
            return max(_number(t.rate) for t in self.rates.tiers) + sum(
                _number(a.points) for a in additions
            )
        highest = Decimal(0)
        chosen: Sequence[Addition]
        for tier in self.rates.tiers:
            base = self.eligible & self._allowed(tests_of(self.rates, tier))
            for count in range(1, len(additions) + 1):
                for chosen in itertools.combinations(additions, count):
                    total = _number(tier.rate) + sum(_number(each.points) for each in chosen)
                    when = [test for addition in chosen for test in addition.when]
                    if total > highest and not (base & self._allowed(when)).contradictory:
                        highest = total
        return highest

    def _check_decided(self) -> None:
        decided = self.rates.decided
        if decided is not None:
            key = "rates.decided.column"
            found = self.tests.column_of_type(decided.column, key, "claim", ColumnType.SHARE)
            if found is not None and found.level != "claim":
                message = Text("要用代偿表的列", "a column of the claims table is needed")
                self.findings.add("wrong_place", key, message)


BY_A_CAP = Text(
    "；核定的比例写成上限：at_most 为基数乘以核定比例",
    "; a rate decided case by case is a cap: at_most, the base times that rate",
)


def _number(quantity: Quantity) -> Decimal:
    return quantity if isinstance(quantity, Decimal) else Decimal(0)


def first_value(cut: Cut) -> Text:
    """Return the first value above a cut, in words; no number here goes down without end."""
    value, side = cut
    if side < 0:
        return same(plain(value))
    return Text(f"刚超过 {plain(value)} 的值", f"a value just above {plain(value)}")


def _not_above(high: Quantity, low: Quantity) -> bool:
    """Return whether one end is surely not above another: both numbers, or parts of one amount."""
    (many, of), (fewer, also) = _multiple(high), _multiple(low)
    return of == also and 0 <= many <= fewer


def _multiple(quantity: Quantity) -> tuple[Decimal, list[Quantity]]:
    """Return the number in a quantity, and what it multiplies."""
    factors: tuple[Quantity, ...] = (quantity,)
    if isinstance(quantity, Operation) and quantity.times is not None:
        factors = quantity.times
    numbers = [each for each in factors if isinstance(each, Decimal)]
    return reduce(Decimal.__mul__, numbers, Decimal(1)), [
        each for each in factors if each not in numbers
    ]
