"""What is wrong with the tests of a policy file: names, operators, limits, bounds."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Mapping
from decimal import Decimal
from typing import Literal

from compensation.language import Text, same
from compensation.ledger.choices import BORROWER_GROUPS
from compensation.ledger.column import TYPE_NAMES, ColumnType
from compensation.policy.faults import Findings
from compensation.policy.model import DatedLimit, Limit, PolicyFile, Series, SeriesLimit, Test
from compensation.policy.regions import BOUNDS, allowed
from compensation.policy.subjects import (
    Level,
    SubjectInfo,
    column_info,
    column_names,
    indicator_info,
    indicator_names,
    most_like,
)

Place = Literal["institution", "claim", "contract"]
"""Where a test stands: what it decides about."""

SEEN_FROM: dict[Place, frozenset[Level]] = {
    "institution": frozenset({"institution", "year"}),
    "claim": frozenset({"institution", "contract", "claim", "year"}),
    "contract": frozenset({"contract"}),
}
"""What a test may look at, by where it stands."""
PLACE_NAMES: dict[Place, Text] = {
    "institution": Text(
        "机构条件只能用机构表的列和指标",
        "conditions of institutions look at columns of the institutions table and indicators only",
    ),
    "claim": Text("业务条件", "conditions of claims"),
    "contract": Text(
        "where 只能用担保合同表的列", "`where` looks at columns of the contracts table only"
    ),
}
OPERATORS: dict[ColumnType, tuple[str, ...]] = {
    ColumnType.BOOLEAN: ("is", "given"),
    ColumnType.TEXT: ("one_of", "starts_with", "given"),
    ColumnType.CHOICE: ("one_of", "given"),
    ColumnType.MONEY: (*BOUNDS, "given"),
    ColumnType.COUNT: (*BOUNDS, "given"),
    ColumnType.SHARE: (*BOUNDS, "given"),
    ColumnType.DATE: (*BOUNDS, "within", "within_days", "given"),
}
DECIMALS = {ColumnType.MONEY: 2, ColumnType.SHARE: 4, ColumnType.COUNT: 0}
"""How many decimals a limit of each type may have."""
LARGEST_RATIO = Decimal(10) ** 12
"""The largest limit of a ratio: rules hold it as an int64, in millionths or ten-thousandths."""
FIELDS = {"is": "is_"}
"""Keys of the file whose fields go by another name."""


class TestChecker:
    """Checks the tests of one policy file; ``series``: those that its limits may name, by id."""

    __test__ = False

    def __init__(self, rules: PolicyFile, series: Mapping[str, Series], findings: Findings) -> None:
        self.rules = rules
        self.series = series
        self.findings = findings
        self.effective = (rules.effective.from_, rules.effective.to)

    def check(self, test: Test, key: str, place: Place, *, eligibility: bool = False) -> None:
        """Check one test. ``eligibility``: whether it may ask if the institution is eligible."""
        named = [
            name
            for name in ("column", "indicator", "institution", "any")
            if getattr(test, name) is not None
        ]
        if len(named) != 1:
            self.findings.add(
                "test_subject",
                key,
                Text(
                    "column、indicator、institution、any 四个键要写且只写一个，这里有 {found}",
                    "one of column, indicator, institution and any is needed, not {found}",
                ),
                found=same(", ".join(named)) if named else Text("0 个", "none"),
            )
        elif test.any is not None:
            self._check_any(test, test.any, key, place)
        elif test.institution is not None:
            self._check_institution(test, key, eligibility)
        else:
            self._check_subject(test, key, place)

    def _check_any(self, test: Test, parts: tuple[Test, ...], key: str, place: Place) -> None:
        self._no_operators(test, key, "any")
        if len(parts) < 2:
            message = Text(
                "any 至少要有两项，满足其一即可",
                "any needs two tests or more, of which one must hold",
            )
            self.findings.add("any_too_short", f"{key}.any", message)
        for position, part in enumerate(parts, 1):
            part_key = f"{key}.any[{position}]"
            if part.any is not None:
                message = Text("any 里面不能再套 any", "an any may not stand inside an any")
                self.findings.add("any_nested", part_key, message)
            else:
                self.check(part, part_key, place)

    def _check_institution(self, test: Test, key: str, eligibility: bool) -> None:
        self._no_operators(test, key, "institution")
        if not eligibility:
            message = Text(
                '只有业务条件本身可以写 institution = "eligible"，不能在这里写',
                'institution = "eligible" stands only in a claim condition itself, not here',
            )
            self.findings.add("institution_test", key, message)

    def _no_operators(self, test: Test, key: str, alone: str) -> None:
        for operator in operators_of(test):
            message = Text(
                "有 {alone} 就不能再写 {operator}", "{operator} may not stand with {alone}"
            )
            self.findings.add(
                "operator", f"{key}.{operator}", message, alone=alone, operator=operator
            )

    def _check_subject(self, test: Test, key: str, place: Place) -> None:
        subject = self._subject(test, key, place)
        if subject is None:
            return
        before = len(self.findings.faults)
        operators = operators_of(test)
        if not [name for name in operators if name != "of"]:
            message = Text(
                "没有写要怎样才算满足；{title}可用 {allowed}",
                "nothing says what makes it hold; {title} takes {allowed}",
            )
            self.findings.add(
                "no_operator", key, message, title=subject.title, allowed=self._operators(subject)
            )
        for operator in operators:
            self._check_operator(test, operator, subject, key, place)
        for first, second in (("at_least", "above"), ("at_most", "below")):
            if getattr(test, first) is not None and getattr(test, second) is not None:
                message = Text(
                    "{first} 和 {second} 只能写一个",
                    "only one of {first} and {second} may be given",
                )
                self.findings.add(
                    "two_bounds", f"{key}.{second}", message, first=first, second=second
                )
        if len(self.findings.faults) == before:
            self._check_possible(test, key)

    def _check_possible(self, test: Test, key: str) -> None:
        let_through = allowed([test], self.subject, self.effective)
        if let_through.contradictory:
            message = Text(
                "没有任何值能满足这项条件", "there is no value for which this test holds"
            )
            self.findings.add("never_holds", key, message)

    def subject(self, name: str) -> SubjectInfo | None:
        """Return what ``table.column`` or ``indicator.id`` names, without a fault."""
        if name.startswith("indicator."):
            return indicator_info(self.rules, name.removeprefix("indicator."))
        return column_info(self.rules, name)

    def _subject(self, test: Test, key: str, place: Place) -> SubjectInfo | None:
        if test.indicator is None:
            return self.column(test.column or "", f"{key}.column", place)
        if place == "contract":
            self.findings.add("wrong_place", f"{key}.indicator", PLACE_NAMES[place])
            return None
        return self.indicator(test.indicator, f"{key}.indicator")

    def indicator(self, id_: str, key: str) -> SubjectInfo | None:
        """Return what an indicator's id names; a fault if there is none."""
        found = indicator_info(self.rules, id_)
        if found is None:
            self.findings.add(
                "unknown_indicator",
                key,
                Text("没有指标 {name}{nearest}", "there is no indicator {name}{nearest}"),
                name=id_,
                nearest=most_like(id_, indicator_names(self.rules)),
            )
        return found

    def column(self, name: str, key: str, place: Place) -> SubjectInfo | None:
        """Return what a column's name names; a fault if there is none, or not to be seen here."""
        found = column_info(self.rules, name)
        if found is None:
            self.findings.add(
                "unknown_column",
                key,
                Text(
                    "没有列 {name}（要写成 表.列，本政策自己的列要先在 columns 中声明）{nearest}",
                    "there is no column {name} (write table.column, and declare a column of your "
                    "own under columns){nearest}",
                ),
                name=name,
                nearest=most_like(name, column_names(self.rules)),
            )
            return None
        if found.level not in SEEN_FROM[place]:
            self.findings.add("wrong_place", key, PLACE_NAMES[place])
            return None
        return found

    def date_column(self, name: str, key: str, place: Place) -> None:
        """Check that a name is that of a column of dates."""
        self.column_of_type(name, key, place, ColumnType.DATE)

    def column_of_type(
        self, name: str, key: str, place: Place, type_: ColumnType
    ) -> SubjectInfo | None:
        """Return a column that must be of the given type; a fault if it is not."""
        found = self.column(name, key, place)
        if found is not None and found.type is not type_:
            message = Text(
                "要用类型为“{wanted}”的列，{title}的类型是“{type}”",
                "a column of type {wanted} is needed; {title} is of type {type}",
            )
            self.findings.add(
                "column_type",
                key,
                message,
                wanted=TYPE_NAMES[type_],
                title=found.title,
                type=TYPE_NAMES[found.type],
            )
            return None
        return found

    def _operators(self, subject: SubjectInfo) -> str:
        return ", ".join(BOUNDS if subject.indicator else OPERATORS[subject.type])

    def _check_operator(
        self, test: Test, operator: str, subject: SubjectInfo, key: str, place: Place
    ) -> None:
        here = f"{key}.{operator}"
        if operator == "of":
            if test.within_days is None:
                message = Text("of 只和 within_days 一起写", "of stands only with within_days")
                self.findings.add("operator", here, message)
            else:
                self.date_column(test.of or "", here, place)
        elif operator not in (BOUNDS if subject.indicator else OPERATORS[subject.type]):
            message = Text(
                "{operator} 不适用于{title}（类型：{type}）；可用 {allowed}",
                "{operator} does not fit {title} (type: {type}); it takes {allowed}",
            )
            self.findings.add(
                "operator",
                here,
                message,
                operator=operator,
                title=subject.title,
                type=TYPE_NAMES[subject.type],
                allowed=self._operators(subject),
            )
        elif operator in BOUNDS:
            self._check_limit(getattr(test, operator), subject, here, place)
        elif operator == "within_days" and test.of is None:
            message = Text(
                "within_days 要用 of 写明从哪个日期起算",
                "within_days needs `of`: the date it counts from",
            )
            self.findings.add("missing_of", here, message)
        elif operator == "one_of" and subject.choices:
            self._check_choices(test.one_of or (), subject, here)

    def _check_choices(self, values: tuple[str, ...], subject: SubjectInfo, key: str) -> None:
        known = [choice.value for choice in subject.choices]
        if any(choice.group for choice in subject.choices):
            known += BORROWER_GROUPS
        for value in values:
            if value not in known:
                message = Text(
                    "{title}没有 {value} 这个值{nearest}；可用 {known}",
                    "{title} has no value {value}{nearest}; it takes {known}",
                )
                self.findings.add(
                    "unknown_value",
                    key,
                    message,
                    title=subject.title,
                    value=value,
                    nearest=most_like(value, known),
                    known=", ".join(known),
                )

    def _check_limit(self, limit: Limit, subject: SubjectInfo, key: str, place: Place) -> None:
        if isinstance(limit, SeriesLimit):
            self._check_series_limit(limit, subject, key, place)
        elif isinstance(limit, DatedLimit):
            self._check_dated_limit(limit, subject, key, place)
        elif isinstance(limit, datetime.date) != (subject.type is ColumnType.DATE):
            date = Text("日期（不加引号）", "a date, unquoted")
            message = Text("{title}的限值要写{wanted}", "a limit of {title} is written as {wanted}")
            wanted = date if subject.type is ColumnType.DATE else Text("数", "a number")
            self.findings.add("limit_type", key, message, title=subject.title, wanted=wanted)
        elif isinstance(limit, Decimal):
            self.check_number(limit, subject, key)

    def check_number(self, limit: Decimal, subject: SubjectInfo, key: str) -> None:
        """Check that a limit has no more decimals and digits than its subject's may have."""
        if subject.type is ColumnType.SHARE and abs(limit) > LARGEST_RATIO:
            message = Text("{title}的限值不能超过 10^12", "a limit of {title} is 10^12 or less")
            self.findings.add("limit_size", key, message, title=subject.title)
        places = DECIMALS[subject.type]
        if limit % Decimal(10) ** -places:
            self.findings.add(
                "limit_decimals",
                key,
                Text(
                    "{title}的限值最多 {places} 位小数",
                    "a limit of {title} has at most {places} decimals",
                ),
                title=subject.title,
                places=places,
            )

    def _check_series_limit(
        self, limit: SeriesLimit, subject: SubjectInfo, key: str, place: Place
    ) -> None:
        if subject.type is not ColumnType.SHARE or subject.indicator or place != "claim":
            message = Text(
                "参考利率只能作业务条件和档次中比例列的限值",
                "a reference series limits only columns of ratios, in tests of claims",
            )
            self.findings.add("series_place", key, message)
            return
        self.check_number(limit.plus, subject, f"{key}.plus")
        if limit.on.startswith(("institutions.", "year.")):
            message = Text(
                "要用担保合同表或代偿表的日期列", "a date column of contracts or claims is needed"
            )
            self.findings.add("wrong_place", f"{key}.on", message)
        else:
            self.date_column(limit.on, f"{key}.on", place)
        if limit.term is not None:
            self.column_of_type(limit.term, f"{key}.term", place, ColumnType.COUNT)
        series = self.series.get(limit.series)
        if series is None:
            self.findings.add(
                "unknown_series",
                f"{key}.series",
                Text(
                    "没有参考利率序列 {name}{nearest}",
                    "there is no reference series {name}{nearest}",
                ),
                name=limit.series,
                nearest=most_like(limit.series, self.series),
            )
        elif limit.term is None and len(series.terms) > 1:
            message = Text(
                "序列 {name} 按期限有 {count} 个值，要用 term 写明期限（月）在哪一列",
                "series {name} has {count} values by term: name the column of months with term",
            )
            self.findings.add("missing_term", key, message, name=series.id, count=len(series.terms))

    def _check_dated_limit(
        self, limit: DatedLimit, subject: SubjectInfo, key: str, place: Place
    ) -> None:
        if subject.type is ColumnType.DATE:
            message = Text(
                "日期列的限值不能再随日期变化", "a limit of dates cannot itself change by date"
            )
            self.findings.add("limit_type", key, message)
            return
        self.date_column(limit.on, f"{key}.on", place)
        for position, value in enumerate(limit.values, 1):
            self.check_number(value.value, subject, f"{key}.values[{position}].value")
        days = [value.from_ for value in limit.values]
        check_ascending(days, f"{key}.values", self.findings)
        if days[0] > self.effective[0]:
            message = Text(
                "从 {first} 才有限值，而政策自 {effective} 起施行，中间没有限值",
                "the first value holds from {first} only, the policy from {effective}",
            )
            self.findings.add(
                "dated_limit_gap",
                f"{key}.values[1].from",
                message,
                first=days[0],
                effective=self.effective[0],
            )


def check_ascending(days: list[datetime.date], key: str, findings: Findings) -> None:
    """Note each date of a list that is not after the one before it."""
    for position, (before, day) in enumerate(itertools.pairwise(days), 2):
        if day <= before:
            message = Text(
                "日期 {day} 不晚于前一个 {before}；要按先后排列，不能重复",
                "{day} is not after {before} before it; dates go up and do not repeat",
            )
            findings.add("dates_order", f"{key}[{position}].from", message, day=day, before=before)


def operators_of(test: Test) -> list[str]:
    """Return the keys of a test that say how, as the file writes them."""
    names = ("is", *BOUNDS, "one_of", "starts_with", "given", "within", "within_days", "of")
    return [name for name in names if getattr(test, FIELDS.get(name, name)) is not None]
