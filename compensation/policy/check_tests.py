"""What is wrong with the tests of a policy file: operators, limits, bounds that leave nothing."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from decimal import Decimal

from compensation.language import Text, joined, same
from compensation.policy.check_quantities import PLACE_NAMES, Place, QuantityChecker, yuan_hint
from compensation.policy.faults import Findings, element
from compensation.policy.kinds import KIND_NAMES, Kind, together
from compensation.policy.model import (
    BOUNDS,
    OPERATORS,
    Operation,
    PolicyFile,
    Quantity,
    Series,
    Test,
    Tier,
)
from compensation.policy.quantities import number
from compensation.policy.regions import allowed
from compensation.policy.variables import (
    INDUSTRY,
    INSTITUTION,
    VariableInfo,
    did_you_mean,
    most_like,
    variable_info,
)
from compensation.schema.choices import BORROWER_GROUPS
from compensation.schema.column import TYPE_NAMES, ColumnType

DECIMALS = {Kind.MONEY: 2, Kind.RATIO: 6, Kind.COUNT: 0, Kind.DAYS: 0, Kind.MONTHS: 0}
"""How many decimals a limit of each kind may have."""
LARGEST_RATIO = Decimal(10) ** 12
"""The largest limit of a ratio."""
LONGEST = 100_000
"""The longest time that a test may ask for, in days or months."""
FIELDS = {"is": "is_", "not": "not_"}
"""Keys of the file whose fields go by another name."""
VARIABLES = ("value", "any", "all", "not")
HOW: tuple[str, ...] = tuple(
    key for key in (field.name.removesuffix("_") for field in fields(Test)) if key not in VARIABLES
)
"""The keys that say what makes a test hold, and how it counts."""


class TestChecker:
    """Checks the tests of one policy file; ``series``: those that it may read, by id."""

    __test__ = False

    def __init__(self, rules: PolicyFile, series: Mapping[str, Series], findings: Findings) -> None:
        self.rules = rules
        self.findings = findings
        self.quantities: QuantityChecker = QuantityChecker(
            rules, series, findings, self._check_counted
        )
        self.effective: tuple[datetime.date, datetime.date | None] = (
            rules.effective.from_,
            rules.effective.to,
        )

    def _check_counted(self, test: Test, key: str, place: Place) -> None:
        self.check(test, key, place)

    def check_all(self, tests: Sequence[Test], key: str, place: Place) -> None:
        """Check a list of tests under a key, such as ``when``."""
        for position, test in enumerate(tests):
            self.check(test, element(key, position), place)

    def check(self, test: Test, key: str, place: Place, *, eligibility: bool = False) -> None:
        """Check one test. ``eligibility``: whether it may ask if the institution is eligible."""
        named = [name for name in VARIABLES if getattr(test, FIELDS.get(name, name)) is not None]
        if test.test is not None:
            self._named(test.test, key)
        elif len(named) != 1:
            self.findings.add(
                "test_variable",
                key,
                Text(
                    "value、any、all、not 四个键要写且只写一个，这里有 {found}",
                    "one of value, any, all and not is needed, not {found}",
                ),
                found=same(", ".join(named)) if named else Text("0 个", "none"),
            )
        elif test.value is None:
            self._check_parts(test, named[0], key, place)
        else:
            self._check_value(test, test.value, key, place, eligibility)

    def _named(self, id_: str, key: str) -> None:
        """Note a name that could not be put in its place."""
        known = [each.id for each in self.rules.tests]
        message = Text(
            "没有检验 {name}，要先在 tests 中写明{nearest}",
            "there is no test {name}; declare it under tests{nearest}",
        )
        if id_ in known:
            message = Text(
                "检验 {name} 用到了它自己，或旁边还写了别的检验",
                "the test {name} is made of itself, or stands beside another test",
            )
        nearest = most_like(id_, known)
        self.findings.add("unknown_test", f"{key}.test", message, name=id_, nearest=nearest)

    def _check_parts(self, test: Test, name: str, key: str, place: Place) -> None:
        for operator in operators_of(test):
            message = Text(
                "有 {alone} 就不能再写 {operator}", "{operator} may not stand with {alone}"
            )
            here = f"{key}.{operator}"
            self.findings.add("operator", here, message, alone=name, operator=operator)
        if name != "not" and len(test.parts) < 2:
            message = Text("{name} 至少要有两项", "{name} needs two tests or more")
            self.findings.add("too_few_tests", f"{key}.{name}", message, name=name)
        for position, part in enumerate(test.parts):
            here = f"{key}.not" if name == "not" else element(f"{key}.{name}", position)
            self.check(part, here, place)

    def _check_value(
        self, test: Test, value: Quantity, key: str, place: Place, eligibility: bool
    ) -> None:
        if value == INSTITUTION and not eligibility:
            message = Text(
                "只有业务条件本身可以用 institution.eligible，不能在这里用",
                "institution.eligible stands only in a claim condition itself, not here",
            )
            self.findings.add("institution_test", f"{key}.value", message)
            return
        kind = self.quantities.kind(value, f"{key}.value", place)
        if kind is None:
            return
        before = len(self.findings.faults)
        operators = operators_of(test)
        title = self._title(value, kind)
        if not set(operators) - {"since", "unit"}:
            message = Text(
                "没有写要怎样才算满足；{title}可用 {allowed}",
                "nothing says what makes it hold; {title} takes {allowed}",
            )
            shown = ", ".join(self._operators(value, kind))
            self.findings.add("no_operator", key, message, title=title, allowed=shown)
        for operator in operators:
            self._check_operator(test, operator, kind, key, place)
        if value == INSTITUTION and test.is_ is False:
            message = Text(
                "institution.eligible 只能写 true", "institution.eligible takes only true"
            )
            self.findings.add("institution_test", f"{key}.is", message)
        self.check_bounds(test, key)
        if len(self.findings.faults) == before:
            self._check_possible(test, key)

    def _title(self, value: Quantity, kind: Kind) -> Text:
        info = variable_info(self.rules, value) if isinstance(value, str) else None
        return KIND_NAMES[kind] if info is None else info.title

    def _operators(self, value: Quantity, kind: Kind) -> tuple[str, ...]:
        if value == INSTITUTION:
            return ("is",)
        info = variable_info(self.rules, value) if isinstance(value, str) else None
        if value == INDUSTRY or (info is not None and info.type is ColumnType.CHOICE):
            return ("one_of", "given")
        named = isinstance(value, str)
        return OPERATORS[kind] if named else tuple(o for o in OPERATORS[kind] if o != "given")

    def check_bounds(self, test: Test | Tier, key: str) -> None:
        """Check that there is one lower bound at most, and one upper."""
        for first, second in (("at_least", "above"), ("at_most", "below")):
            if getattr(test, first) is not None and getattr(test, second) is not None:
                message = Text(
                    "{first} 和 {second} 只能写一个",
                    "only one of {first} and {second} may be given",
                )
                here = f"{key}.{second}"
                self.findings.add("two_bounds", here, message, first=first, second=second)

    def _check_since(self, test: Test, key: str) -> None:
        """Check that a test of a time names its unit, and no test of the date itself beside it."""
        if test.unit is None:
            message = Text(
                '要用 unit 写明单位："days"（天）或 "months"（月）',
                '`unit` says what is counted: "days" or "months"',
            )
            self.findings.add("missing_unit", f"{key}.unit", message)
        if test.within is not None:
            message = Text("within 不能和 since 一起写", "within does not stand beside since")
            self.findings.add("operator", f"{key}.within", message)

    def _check_possible(self, test: Test, key: str) -> None:
        let_through = allowed([test], self.variable, self.effective)
        if let_through.contradictory or (test.since is not None and not _leaves_time(test)):
            message = Text(
                "没有任何值能满足这项条件{how}", "there is no value for which this test holds{how}"
            )
            self.findings.add("never_holds", key, message, how=self._above_ratios(test))

    def _above_ratios(self, test: Test) -> Text:
        """Return what to say of a column of ratios that is to be above 1; else nothing."""
        info = None if test.name is None else self.variable(test.name)
        least = number(test.at_least if test.at_least is not None else test.above)
        if info is None or info.type is not ColumnType.SHARE or least is None or least < 1:
            return same("")
        return _OF_RATIOS.fill(title=info.title)

    def variable(self, name: str) -> VariableInfo | None:
        """Return what ``table.column`` or ``indicator.id`` names, without a fault."""
        return variable_info(self.rules, name)

    def _check_operator(
        self, test: Test, operator: str, kind: Kind, key: str, place: Place
    ) -> None:
        here = f"{key}.{operator}"
        value = test.value
        assert value is not None
        if operator == "unit":
            if test.since is None:
                message = Text("unit 只和 since 一起写", "unit stands only with since")
                self.findings.add("operator", here, message)
        elif operator not in self._operators(value, kind):
            message = Text(
                "{operator} 不适用于{title}（类型：{type}）；可用 {allowed}",
                "{operator} does not fit {title} (type: {type}); it takes {allowed}",
            )
            info = variable_info(self.rules, value) if isinstance(value, str) else None
            self.findings.add(
                "operator",
                here,
                message,
                operator=operator,
                title=self._title(value, kind),
                type=KIND_NAMES[kind] if info is None else TYPE_NAMES[info.type],
                allowed=", ".join(self._operators(value, kind)),
            )
        elif operator == "since":
            assert test.since is not None
            self.quantities.wanted(test.since, here, place, Kind.DATE)
            self._check_since(test, key)
        elif operator in BOUNDS and test.since is not None:
            self._check_time(getattr(test, operator), here)
        elif operator in BOUNDS:
            self._check_limit(getattr(test, operator), value, kind, here, place)
        elif operator == "one_of":
            self._check_choices(test.one_of or (), value, here)

    def _check_time(self, limit: Quantity, key: str) -> None:
        if not isinstance(limit, Decimal) or limit % 1 or abs(limit) > LONGEST:
            message = Text(
                "和 since 一起写的界限要是不超过 {most} 的整数（天数或月数）",
                "a limit beside since is a whole number of days or months, {most} at most",
            )
            self.findings.add("limit_type", key, message, most=LONGEST)

    def _check_choices(self, values: tuple[str, ...], value: Quantity, key: str) -> None:
        variable = variable_info(self.rules, value) if isinstance(value, str) else None
        if value == INDUSTRY:
            self._check_industries(values, key)
        if variable is None or not variable.choices:
            return
        named = {choice.value: choice.name for choice in variable.choices}
        if any(choice.group for choice in variable.choices):
            named |= BORROWER_GROUPS
        meant = {name.zh: value for value, name in named.items()}
        known = joined(
            Text(value if value == name.zh else f"{value}（{name.zh}）", value)
            for value, name in named.items()
        )
        for each in values:
            if each not in named:
                message = Text(
                    "{title}没有 {value} 这个值；可用 {known}{nearest}",
                    "{title} has no value {value}; it takes {known}{nearest}",
                )
                self.findings.add(
                    "unknown_value",
                    key,
                    message,
                    title=variable.title,
                    value=each,
                    nearest=did_you_mean(meant[each]) if each in meant else most_like(each, named),
                    known=known,
                )

    def _check_industries(self, values: tuple[str, ...], key: str) -> None:
        # Few policies ask for industries, and the classification takes long to load.
        from compensation.classification.industries import class_codes

        for each in values:
            if not class_codes(each):
                message = Text(
                    "国民经济行业分类（GB/T 4754-2017）中没有行业“{value}”；写代码（如 C、C13、"
                    "7010）或门类、大类名称；不按该分类的，用自定的列",
                    "GB/T 4754-2017 has no industry “{value}”: write a code (such as C, C13, 7010) "
                    "or the Chinese name of a section or division; for another classification use "
                    "a column of your own",
                )
                self.findings.add("unknown_value", key, message, value=each)

    def _check_limit(
        self, limit: Quantity, value: Quantity, kind: Kind, key: str, place: Place
    ) -> None:
        found = self.quantities.kind(limit, key, place)
        if found is None:
            return
        title = self._title(value, kind)
        if isinstance(limit, datetime.date) and kind is not Kind.DATE:
            message = Text("{title}的限值要写数", "a limit of {title} is written as a number")
            self.findings.add("limit_type", key, message, title=title)
        elif kind is Kind.DATE and found is not Kind.DATE:
            message = Text(
                "{title}的限值要写日期（不加引号）",
                "a limit of {title} is written as a date, unquoted",
            )
            self.findings.add("limit_type", key, message, title=title)
        elif together([kind, found]) is None:
            message = Text(
                "{title}是{own}，不能和{found}比较{hint}",
                "{title} is {own} and can't be compared with {found}{hint}",
            )
            said = self.quantities.with_kind(limit, found)
            names = {"own": KIND_NAMES[kind], "found": said, "hint": yuan_hint([kind, found])}
            self.findings.add("mixed_kinds", key, message, title=title, **names)
        else:
            for each, here in _numbers_in(limit, key):
                self.check_number(each, title, kind, here)

    def check_number(self, limit: Decimal, title: Text, kind: Kind, key: str) -> None:
        """Check that a limit has no more decimals and digits than what it limits may have."""
        if kind is Kind.RATIO and abs(limit) > LARGEST_RATIO:
            message = Text("{title}的限值不能超过 10^12", "a limit of {title} is 10^12 or less")
            self.findings.add("limit_size", key, message, title=title)
        places = DECIMALS.get(kind, 6)
        if limit % Decimal(10) ** -places:
            message = Text(
                "{title}的限值最多 {places} 位小数",
                "a limit of {title} has at most {places} decimals",
            )
            self.findings.add("limit_decimals", key, message, title=title, places=places)

    def column_of_type(
        self, name: str, key: str, place: Place, type_: ColumnType
    ) -> VariableInfo | None:
        """Return a column that must be of the given type; a fault if it is not."""
        if self.quantities.kind(name, key, place) is None:
            return None
        found = variable_info(self.rules, name)
        assert found is not None
        if found.type is not type_:
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


_OF_RATIOS = Text(
    "：{title}是比例，只有 0 到 1 的值，5% 写 0.05；会大于 1 的数（如倍数、分数），列的类型用 "
    "decimal",
    ": {title} is a ratio, of 0 to 1, where 5% is 0.05; numbers above 1, such as multiples "
    "and scores, are a column of type decimal",
)


def _leaves_time(test: Test) -> bool:
    """Return whether a whole number of days or months meets the limits of a test of a time."""
    least, above, most, below = (number(getattr(test, name)) for name in BOUNDS)
    first = least if least is not None else above + 1 if above is not None else Decimal(0)
    last = most if most is not None else below - 1 if below is not None else first
    return first <= last


def _numbers_in(limit: Quantity, key: str) -> Iterator[tuple[Decimal, str]]:
    """Yield the numbers of a limit that are of its own kind, each with its key."""
    if isinstance(limit, Decimal):
        yield limit, key
    elif isinstance(limit, Operation):
        for number, dated in enumerate(limit.values or (), 1):
            yield from _numbers_in(dated.value, f"{key}.values[{number}].value")
        for name in ("sum", "minus", "min", "max", "first_given"):
            for number, each in enumerate(getattr(limit, name) or (), 1):
                yield from _numbers_in(each, f"{key}.{name}[{number}]")


def operators_of(test: Test) -> list[str]:
    """Return the keys of a test that say how, as the file writes them."""
    return [name for name in HOW if getattr(test, FIELDS.get(name, name)) is not None]


__all__ = ["PLACE_NAMES", "TestChecker"]
