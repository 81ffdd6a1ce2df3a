"""What is wrong with the quantities of a policy file: names, kinds, operations, places."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Literal

from compensation.language import Text, joined, same
from compensation.ledger.records import Record
from compensation.policy.faults import Findings, element
from compensation.policy.kinds import (
    COMBINED,
    KIND_NAMES,
    NUMERIC,
    OF_DATES,
    TIME_OF,
    Kind,
    together,
)
from compensation.policy.model import Operation, PolicyFile, Quantity, Series, Test
from compensation.policy.quantities import (
    CASE_RATE,
    FLOWS,
    INDICATOR_PREFIX,
    MONTHS_OF,
    ON_A_DAY,
    OPERATIONS,
    PAYER_PREFIX,
    QUANTITY_PREFIX,
    dated,
    day_measured,
    measures_group,
    operands,
    operations_in,
    payer_names,
)
from compensation.policy.variables import (
    BORROWER_BALANCE,
    COMPENSATED_BEFORE,
    COMPUTED_NAMES,
    LEVELS,
    OF_CASES,
    POOL_PREFIX,
    YEAR_END,
    Level,
    adds_up,
    column_headed,
    column_info,
    column_names,
    did_you_mean,
    indicator_info,
    indicator_names,
    inferred_kind,
    is_whole,
    misspelt_party,
    most_like,
    nearest,
)
from compensation.schema.dictionary import CONTRACT_YEARS, INSTITUTION_YEARS
from compensation.schema.parties import GOVERNMENT, PARTIES

Place = Literal["institution", "claim", "contract", "payout", "cap", "own_cap", "payer_cap"]
"""What a quantity is computed for; ``contract``, ``payout``: the rows that a measure counts.

``own_cap``, ``payer_cap``: the limit of a cap on each case alone, and on a payer's part of it.
"""
DECIDED: tuple[Level, ...] = ("decided", "payer")
SEEN_FROM: dict[Place, frozenset[Level]] = {
    "institution": frozenset({"institution", "year"}),
    "claim": frozenset({"institution", "contract", "claim", "year", "case"}),
    "contract": frozenset({"contract"}),
    "payout": frozenset({"contract", "claim"}),
    "cap": frozenset({"institution", "contract", "claim", "year", "case", "cap"}),
    "own_cap": frozenset({"institution", "contract", "claim", "year", "case", "decided"}),
    "payer_cap": frozenset({"institution", "contract", "claim", "year", "case", *DECIDED}),
}
PLACES_OF_CASES: tuple[Place, ...] = ("claim", "cap", "own_cap", "payer_cap")
"""The places that look at cases."""
SEEN_BY_RECORD: dict[Record, frozenset[Level]] = {
    "payout": SEEN_FROM["claim"],
    "contract": frozenset({"institution", "contract", "year", "case"}),
    "institution": frozenset({"institution", "year", "case"}),
}
"""What the quantities of a case may look at, by what a case is."""
RECORD_NAMES: dict[Record, Text] = {
    "payout": Text("代偿业务", "claims"),
    "contract": Text("担保合同（贷款）", "contracts"),
    "institution": Text("机构年度", "institutions in a year"),
}
CALENDAR_YEARS = Text(
    "指标和年末余额按公历年度，写有 year_begins 的政策不能用；可以设一列填写，或用写有 per 和 on "
    '的 measure（如 on = "year.end"），按政策的年度计',
    "indicators and balances at the year's end are of calendar years, not for a policy with "
    "year_begins; a column can hold such a figure, and a measure with `per` and `on` (such as "
    "year.end) is of the policy's own year",
)
PLACE_NAMES: dict[Place, Text] = {
    "institution": Text(
        "机构条件和指标只能用机构表的列和指标",
        "conditions of institutions and indicators look at columns of the institutions table and "
        "indicators only",
    ),
    "claim": Text("业务条件", "conditions of claims"),
    "contract": Text(
        "measure 中只能用担保合同表的列；按代偿表的日期（on）计的，还能用代偿表的列",
        "a measure looks at columns of the contracts table only; one by a date of the claims "
        "(`on`), at those of the claims, too",
    ),
    "cap": Text("封顶", "caps"),
    "own_cap": Text("每笔的封顶", "caps on each case"),
    "payer_cap": Text("出资方每笔的上限", "caps on payers, of each case"),
    "payout": Text(
        "这里只能用代偿表和担保合同表的列",
        "columns of the claims and the contracts table only are used here",
    ),
}


OF_CASES_ALONE = Text(
    "{title}只对核算的业务计算，measure 中用不了；按户合计或分段的，可以按合同计算（record = "
    '"contract"），用 per 按借款人合计',
    "{title} is known of the cases alone, and not of what a measure counts; for totals or slices "
    'of a household make contracts the cases (record = "contract"), with `per` the borrower',
)


SETTLED_LINES = frozenset(
    f"{POOL_PREFIX}{line}" for line in ("closing", "paid", "recalled", "remitted", "refunded")
)
"""The lines of the pool that a settlement itself changes once it is carried out."""
AS_YUAN = Text(
    "；要作为金额的数写 { yuan = 500 }，数量乘以 { yuan = 1 } 才是金额",
    "; a number of yuan is written { yuan = 500 }, and a count becomes an amount when it is "
    "multiplied by { yuan = 1 }",
)
RATE_OF_SLICES = Text(
    "{name} 不用于分段：各段的比例不同，用 case.at_rate",
    "{name} is no single rate where slices have rates of their own: use case.at_rate",
)
BUDGET_ALONE = Text(
    "{name} 因清算的支付而变，金额按它计算的，付了又要收回；只能直接写在 budget.at_most 中，"
    "其他地方用 pool.opening",
    "{name} changes with what a settlement pays, so that an amount computed from it is recalled "
    "once it is paid: write it in budget.at_most itself; elsewhere pool.opening",
)
OF_A_CAP = Text(
    "{name} 只用于写有 years 的补偿金额（或出资方）上限的 at_most、below：同组以前年度的补偿",
    "{name} stands in `at_most` or `below` of a cap on the compensation with `years` only: it is "
    "what was paid for the group in the earlier ones",
)
OF_DECIDED: Mapping[Level, Text] = {
    "cap": OF_A_CAP,
    "decided": Text(
        "{name} 核算到封顶时才知道：只用于每笔的补偿金额（或出资方）上限的 at_most、above",
        "{name} is known once a case comes to its caps: it stands in `at_most` or `above` of a cap "
        "on the compensation (or on a payer) of each case, without `per`",
    ),
    "payer": Text(
        "{name} 只用于出资方每笔的上限（payer）的 at_most、above",
        "{name} stands in `at_most` or `above` of a cap on a payer of each case (`payer`, without "
        "`per`)",
    ),
}
"""Where figures may stand that are known to caps alone, by their level."""
NOT_OF_GROUPS = Text(
    "按组计（measure 写有 per）的数属于业务，这里不能用：机构条件和指标写不带 per 的 measure，几家"
    "机构合计的用 total",
    "a measure with `per` is of the group of a case and is not known here: conditions of "
    "institutions and indicators take a measure without it, and several institutions `total`",
)
NO_GROUPS = Text(
    "本政策的业务是机构年度，没有合同可以分组；几家机构合计的，在 indicators 中用 total",
    "the cases of this policy are institutions in a year, which have no contract to group; figures "
    "of several of them are a `total` in indicators",
)
OF_A_DAY = Text(
    "exposure 是某一天的担保余额，要写 per（哪些合同合在一起）和 on（业务的哪一天）",
    "`exposure` is what is in force for a group (`per`) on a day of the case (`on`): it needs both",
)
PAID_BY_GROUPS = Text(
    "已补偿金额因清算的支付而变，不能按组计；按组限制补偿的，用 caps 的 per 和 years",
    "what was paid changes with what a settlement pays, and is not measured by groups: a cap with "
    "`per` and `years` limits the compensation of a group",
)


def yuan_hint(kinds: Sequence[Kind]) -> Text:
    """Return how a number becomes an amount, where numbers stand beside amounts."""
    plain = {Kind.NUMBER, Kind.COUNT}.intersection(kinds)
    return AS_YUAN if Kind.MONEY in kinds and plain else same("")


COMPANIONS: Mapping[str, tuple[str, ...]] = {
    "round_to": ("of", "rounding"),
    "borne_by": ("of",),
    "series": ("on", "term"),
    "days_in_year": ("last",),
    "balance_days": ("last",),
    "working_days": ("calendar",),
    "values": ("on",),
    "measure": ("of", "on", "years", "where", "per"),
    "total": ("per",),
    "rank": ("per", "then"),
    "over": ("zero_over_zero",),
    "year_before": ("years",),
}
"""The keys that stand beside an operation."""
REQUIRED = {
    "round_to": "of",
    "borne_by": "of",
    "series": "on",
    "values": "on",
    "working_days": "calendar",
    "total": "per",
    "rank": "per",
}
ROUNDED = (Kind.MONEY, Kind.RATIO, Kind.COUNT, Kind.DAYS, Kind.MONTHS)
"""What `round_to` rounds."""
SMALLEST_UNIT: Mapping[Kind, tuple[Decimal, Text]] = {
    Kind.MONEY: (Decimal("0.01"), Text("金额以分的整数倍为单位", "amounts: a multiple of 0.01")),
    **dict.fromkeys(
        (Kind.COUNT, Kind.DAYS, Kind.MONTHS),
        (Decimal(1), Text("个数、天数、月数以整数为单位", "counts, days, months: a whole number")),
    ),
}
"""What the units of `round_to` are multiples of, by the kind that is rounded."""


OF_INSTITUTION_YEARS = f"{INSTITUTION_YEARS.name}."
EXPOSURE = "claims.borrower_exposure"
"""It is computed of the cases of a year alone."""
LATER: Mapping[str, tuple[Kind, int]] = {
    "months_later": (Kind.MONTHS, 1200),
    "days_later": (Kind.DAYS, 36_500),
}
"""What the operations that give a later date count, and the most that they do."""
HOW_TO_CONVERT: Mapping[Kind, Text] = {
    Kind.MONEY: Text(
        "；用 times 乘以一个金额才是金额",
        "; times an amount (`times`) it is one",
    ),
    Kind.RATIO: Text(
        "；用 over 除以同一种量才是比例",
        "; over another of its kind (`over`) it is one",
    ),
    **dict.fromkeys(
        TIME_OF,
        Text(
            "；用 over 除以利率所按的天数或月数（360、365、12）才是金额；按每天、每月固定金额计算"
            "的，除以 1",
            "; over the days or months that the rate is for (`over`: 360, 365, 12) it is one; of "
            "an amount a day or a month, over 1",
        ),
    ),
}
"""What makes a quantity of another kind one of this, or one of this kind an amount."""


def _without_quotes(name: str) -> Text | None:
    """Return what to say of a name that is a number or a date in quotes; None if it is none."""
    if re.fullmatch(r"[0-9]{4}([-/.年])[0-9]{1,2}[-/.月][0-9]{1,2}日?", name):
        return Text("日期不加引号，如 2024-01-01", "a date stands without quotes: 2024-01-01")
    if re.fullmatch(r"-?[0-9][0-9,，_.]*[%％万亿千元]*", name):
        return Text(
            "数不加引号，也不带逗号和单位：5000000、0.05",
            "a number stands without quotes, commas and units: 5000000, 0.05",
        )
    return None


def _did_you_mean(rules: PolicyFile, name: str) -> Text:
    """Return the end of a message that names the column meant: by its heading, else by its name."""
    table, _, heading = name.partition(".")
    headed, known = column_headed(rules, table, heading), column_names(rules)
    if headed in known:
        return did_you_mean(headed)
    # What stands before the dot makes any two columns of a table look alike.
    columns = [(each, *each.partition(".")[::2]) for each in known]
    meant = [each for each, _, column in columns if column == heading]
    near = nearest(heading, [column for _, of, column in columns if of == table])
    if meant or near is not None:
        return did_you_mean(meant[0] if meant else f"{table}.{near}")
    return same("") if table in LEVELS else most_like(name, known)


class QuantityChecker:
    """Tells the kind of each quantity of a policy, and notes what is wrong with it.

    `series`: the reference series that it may use, by id. `check_test`: checks a test of `where`.
    """

    def __init__(
        self,
        rules: PolicyFile,
        series: Mapping[str, Series],
        findings: Findings,
        check_test: Callable[[Test, str, Place], None] = lambda _test, _key, _place: None,
    ) -> None:
        self.rules = rules
        self.series = series
        self.findings = findings
        self.check_test = check_test
        self._named = {QUANTITY_PREFIX + each.id: each for each in rules.quantities}
        self._own: dict[tuple[str, Place], tuple[Kind | None, list[Text]]] = {}

    def kind(self, quantity: Quantity, key: str, place: Place) -> Kind | None:
        """Return the kind of a quantity; None where something is wrong, which is noted."""
        if isinstance(quantity, Decimal):
            return Kind.NUMBER
        if isinstance(quantity, datetime.date):
            return Kind.DATE
        if isinstance(quantity, str):
            return self._kind_of_name(quantity, key, place)
        return self._kind_of_operation(quantity, key, place)

    def wanted(self, quantity: Quantity, key: str, place: Place, *kinds: Kind) -> bool:
        """Check that a quantity is of one of some kinds; a number alone fits any but dates."""
        found = self.kind(quantity, key, place)
        if found is None or found in kinds or (found is Kind.NUMBER and kinds != (Kind.DATE,)):
            return found is not None
        message = Text(
            "这里要用{wanted}，现为{found}{how}", "{wanted} is needed here, not {found}{how}"
        )
        names = {"wanted": KIND_NAMES[kinds[0]], "found": KIND_NAMES[found]}
        known = HOW_TO_CONVERT.get(kinds[0], same("")) if found in NUMERIC else same("")
        how = HOW_TO_CONVERT[found] if found in TIME_OF and Kind.MONEY in kinds else known
        self.findings.add("wrong_kind", key, message, **names, how=how)
        return False

    def _kind_of_name(self, name: str, key: str, place: Place) -> Kind | None:
        if name.startswith(QUANTITY_PREFIX):
            return self._kind_of_own(name, key, place)
        if name.startswith(INDICATOR_PREFIX):
            id_ = name.removeprefix(INDICATOR_PREFIX)
            found = indicator_info(self.rules, id_)
            if found is None:
                self.findings.add(
                    "unknown_indicator",
                    key,
                    Text("没有指标 {name}{nearest}", "there is no indicator {name}{nearest}"),
                    name=id_,
                    nearest=most_like(id_, indicator_names(self.rules)),
                )
                return None
        else:
            found = column_info(self.rules, name)
        if found is None and name.startswith(PAYER_PREFIX):
            message = Text("没有出资方 {name}{nearest}", "there is no payer {name}{nearest}")
            known, id_ = payer_names(self.rules), name.removeprefix(PAYER_PREFIX)
            near = most_like(id_, known)
            self.findings.add("unknown_payer", key, message, name=id_, nearest=near)
            return None
        if found is None and (unquoted := _without_quotes(name)) is not None:
            self.findings.add("quoted", key, unquoted)
            return None
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
                nearest=_did_you_mean(self.rules, name),
            )
            return None
        of_calendar = name.startswith(INDICATOR_PREFIX) or name == BORROWER_BALANCE
        if of_calendar and self.rules.trigger.year_begins is not None:
            self.findings.add("wrong_place", key, CALENDAR_YEARS)
            return None
        if name in SETTLED_LINES and not key.startswith("budget.at_most"):
            self.findings.add("wrong_place", key, BUDGET_ALONE, name=name)
            return None
        if found.level in OF_DECIDED and found.level not in SEEN_FROM[place]:
            self.findings.add("wrong_place", key, OF_DECIDED[found.level], name=name)
            return None
        if name == CASE_RATE and self.rules.rates.hit == "slices":
            self.findings.add("wrong_place", key, RATE_OF_SLICES, name=name)
            return None
        if name in COMPENSATED_BEFORE and self.rules.trigger.until is not None:
            message = Text(
                "跨几个年度的合同，以前年度已补偿金额是一个合计，分不出次数",
                "of contracts of several years one sum of all earlier years is known, not how "
                "often",
            )
            self.findings.add("wrong_place", key, message)
            return None
        of_cases = place == "contract" and name in OF_CASES
        of_cases |= place in ("contract", "payout") and name.startswith(f"{CONTRACT_YEARS.name}.")
        of_payouts = place == "payout" and name in OF_CASES | {EXPOSURE}
        if found.level not in SEEN_FROM[place] or of_cases or of_payouts:
            alone = OF_CASES_ALONE if name in OF_CASES | {EXPOSURE} else PLACE_NAMES[place]
            self.findings.add("wrong_place", key, alone.fill(title=found.title))
            return None
        seen = SEEN_BY_RECORD[self.rules.record] | OF_DECIDED.keys()
        if place in PLACES_OF_CASES and found.level not in seen:
            message = Text(
                "本政策按{record}计算，这里用不了{title}",
                "the cases of this policy are {record}, which have no {title}",
            )
            record = RECORD_NAMES[self.rules.record]
            self.findings.add("wrong_place", key, message, record=record, title=found.title)
            return None
        return found.kind

    def _kind_of_own(self, name: str, key: str, place: Place) -> Kind | None:
        """Return the kind of one of the policy's own quantities, which may use others."""
        if name not in self._named:
            message = Text(
                "没有 {name}，要先在 quantities 中写明{nearest}",
                "there is no {name}; declare it under quantities{nearest}",
            )
            near = most_like(name, self._named)
            self.findings.add("unknown_quantity", key, message, name=name, nearest=near)
            return None
        kind, faults = self._kind_in_place(name, place)
        for message in faults:
            # What else is wrong with its value is noted where it is declared.
            self.findings.add("wrong_place", key, message)
        return kind

    def _kind_in_place(self, name: str, place: Place) -> tuple[Kind | None, list[Text]]:
        """Return the kind of an own quantity, and what it uses that can't be seen from a place."""
        if (name, place) not in self._own:
            silent = QuantityChecker(self.rules, self.series, Findings(""))
            silent._own = self._own
            kind = silent.kind(self._named[name].value, "", place)
            wrong = [f.message for f in silent.findings.faults if f.kind == "wrong_place"]
            self._own[name, place] = kind, wrong[:1]
        return self._own[name, place]

    def _kind_of_operation(self, operation: Operation, key: str, place: Place) -> Kind | None:
        named = operations_in(operation)
        if len(named) != 1:
            message = Text(
                "一个算式要写且只写一种运算，这里有 {found}；可用 {known}",
                "exactly one operation is needed here, not {found}; known are {known}",
            )
            shown = joined(named) if named else Text("0 种", "none")
            known = ", ".join(OPERATIONS)
            self.findings.add("one_operation", key, message, found=shown, known=known)
            return None
        (name,) = named
        if name == "working_days":
            # Where the file says `since`, this stands for it, see `with_defaults`.
            key = key.removesuffix(".all[2].value")
        if not self._companions(operation, name, key):
            return None
        if name in COMBINED:
            return self._combined(operation, name, key, place)
        if name in OF_DATES:
            return self._of_dates(operation, name, key, place)
        if name in LATER:
            return self._later(operation, name, key, place)
        if name == "period_end":
            return self._period_end(operation, f"{key}.{name}", place)
        if name == "yuan":
            return self._yuan(operation, key)
        if name == "choose":
            return self._chosen(operation, key, place)
        if name == "round_to":
            return self._rounded(operation, key, place)
        if name == "borne_by":
            return self._borne(operation, key, place)
        if name == "series":
            return self._reading(operation, key, place)
        if name == "values":
            return self._dated(operation, key, place)
        if measures_group(operation):
            return self._of_group(operation, key, place)
        if not key.startswith("indicators[") and name == "measure":
            message = Text(
                "机构的 measure 只能写在 indicators 中，别处用 indicator.编号；按业务所在的组计的，"
                "用 per 写明按哪几列分组",
                "a `measure` of institutions stands in indicators only, elsewhere write "
                "indicator.id; one of the group of a case says in `per` by which columns",
            )
            self.findings.add("wrong_place", f"{key}.{name}", message)
            return None
        if not key.startswith("indicators["):
            message = Text(
                "{name} 只能写在 indicators 中；别处用 indicator.编号",
                "`{name}` stands in indicators only; elsewhere write indicator.id",
            )
            self.findings.add("wrong_place", f"{key}.{name}", message, name=name)
            return None
        if name == "year_before":
            return self._year_before(operation, key)
        if name in ("total", "rank"):
            return self._among_institutions(operation, name, key)
        return self._measured(operation, key)

    def _year_before(self, operation: Operation, key: str) -> Kind | None:
        """Check that what is read in the year before has a year: an indicator, a value by year."""
        name, key = operation.year_before or "", f"{key}.year_before"
        kind = self.kind(name, key, "institution")
        if kind is not None and not name.startswith((INDICATOR_PREFIX, OF_INSTITUTION_YEARS)):
            message = Text(
                "上年的数只能用指标（indicator.编号）或机构分年数据表的列；机构表的列没有以前年度",
                "an indicator (indicator.id) or a column of institution_years is needed: columns "
                "of the institutions have no earlier years",
            )
            self.findings.add("wrong_place", key, message)
            return None
        return kind

    def _among_institutions(self, operation: Operation, name: str, key: str) -> Kind | None:
        """Check a figure of several institutions, and the columns whose values take them together.

        A total is of what comes to whole fen, millionths or units, so that it is exact.
        """
        for number, column in enumerate(operation.per or (), 1):
            here = f"{key}.per[{number}]"
            if self.kind(column, here, "institution") and not column.startswith("institutions."):
                message = Text("要用机构表的列", "a column of the institutions is needed")
                self.findings.add("wrong_place", here, message)
        of, here = operation.total if name == "total" else operation.rank, f"{key}.{name}"
        assert of is not None
        sound = self.wanted(of, here, "institution", *ROUNDED)
        for number, tie in enumerate(operation.then, 1):
            sound &= self._breaks_ties(tie, (of, *operation.then[: number - 1]), key, number)
        if not sound:
            return None
        kind = inferred_kind(self.rules, operation)
        if name == "total" and kind is not None and not is_whole(self.rules, of, kind):
            message = Text(
                "先用 round_to 取整再合计：round_to = 0.0001，of 写这里的算式",
                "what is added up is rounded first: round_to = 0.0001, and this as its `of`",
            )
            self.findings.add("operands", here, message)
            return None
        return kind

    def _breaks_ties(
        self, tie: Quantity, before: Sequence[Quantity], key: str, number: int
    ) -> bool:
        """Check a figure by which institutions that are equal so far are put in order."""
        here = f"{key}.then[{number}]"
        if isinstance(tie, Decimal) or tie in before:
            message = Text(
                "then 写相同时再比较的数；固定的数、前面已比较的数分不出先后",
                "`then` is what is compared next where institutions are equal: a number, or what "
                "was compared before, tells none apart",
            )
            self.findings.add("operands", here, message)
            return False
        return self.wanted(tie, here, "institution", *ROUNDED)

    def _companions(self, operation: Operation, name: str, key: str) -> bool:
        """Check that what stands beside an operation belongs to it."""
        before = len(self.findings.faults)
        allowed = COMPANIONS.get(name, ())
        for other in sorted(operation.written - {name, *allowed}):
            message = Text("{other} 不能和 {name} 一起写", "{other} does not belong to {name}")
            self.findings.add("operator", f"{key}.{other}", message, other=other, name=name)
        needed = REQUIRED.get(name)
        if needed is not None and getattr(operation, needed) is None:
            message = Text("{name} 要和 {needed} 一起写", "{name} needs {needed}")
            self.findings.add("missing", key, message, name=name, needed=needed)
        return len(self.findings.faults) == before

    def _each(self, operation: Operation, name: str, key: str, place: Place) -> list[Kind] | None:
        """Return the kinds of the quantities that an operation lists; None if one is wrong."""
        listed: Sequence[Quantity] = getattr(operation, name)
        needed = 2 if name in ("over", *OF_DATES) else None
        if (needed and len(listed) != needed) or len(listed) < 2:
            message = Text("{name} 要有 {count} 项", "{name} takes {count}")
            count = Text("2", "two") if needed else Text("至少 2", "two or more")
            self.findings.add("operands", f"{key}.{name}", message, name=name, count=count)
            return None
        kinds = [
            self.kind(each, f"{key}.{name}[{number}]", place)
            for number, each in enumerate(listed, 1)
        ]
        found = [kind for kind in kinds if kind is not None]
        return found if len(found) == len(kinds) else None

    def _combined(self, operation: Operation, name: str, key: str, place: Place) -> Kind | None:
        kinds = self._each(operation, name, key, place)
        if kinds is None:
            return None
        found = COMBINED[name](kinds)
        numbers = name in ("sum", "minus", "times", "over")
        wrong = {Kind.TEXT, Kind.BOOLEAN} | ({Kind.DATE} if numbers else set())
        if found is None or wrong & set(kinds):
            message = Text(
                "{name} 不能把{kinds}放在一起算{hint}",
                "{name} can't combine {kinds}{hint}",
            )
            listed = zip(getattr(operation, name), kinds, strict=True)
            shown, hint = joined(self.with_kind(*each) for each in listed), yuan_hint(kinds)
            here = f"{key}.{name}"
            self.findings.add("mixed_kinds", here, message, name=name, kinds=shown, hint=hint)
            return None
        return found

    @staticmethod
    def with_kind(quantity: Quantity, kind: Kind) -> Text:
        """Return of what kind a quantity is, before its name or the number that it is."""
        said = KIND_NAMES[kind]
        if isinstance(quantity, str | Decimal):
            return Text(f"{said.zh}“{quantity}”", f"{said.en} {quantity}")
        return said

    def _of_dates(self, operation: Operation, name: str, key: str, place: Place) -> Kind | None:
        kinds = self._each(operation, name, key, place)
        if kinds is None:
            return None
        for number, kind in enumerate(kinds, 1):
            if kind is not Kind.DATE:
                message = Text(
                    "{name} 要用两个日期，这里是{found}", "{name} takes two dates, not {found}"
                )
                here = f"{key}.{name}[{number}]"
                self.findings.add("wrong_kind", here, message, name=name, found=KIND_NAMES[kind])
                return None
        if name == "working_days" and not self._of_calendar(operation, key):
            return None
        if name == "balance_days" and (
            place not in PLACES_OF_CASES or self.rules.record == "institution"
        ):
            message = Text(
                "balance_days 用于代偿业务和合同；机构的在 indicators 中写 measure",
                "balance_days is for claims and contracts; of institutions, indicators measure it",
            )
            self.findings.add("wrong_place", f"{key}.{name}", message)
            return None
        if operation.last == "excluded" and self._may_be_year_end(getattr(operation, name)[1]):
            message = Text(
                'last = "excluded" 连年末当天也不计，业务继续到下一年的就少算一天；请把 year.end '
                '改为下一年的首日 {{ months_later = ["year.start", 12] }}',
                'last = "excluded" leaves out the last day of the year, too, of cases that go on; '
                'instead of year.end write the first day after it, {{ months_later = ["year.start",'
                " 12] }}",
            )
            self.findings.add("operands", f"{key}.{name}[2]", message)
            return None
        return OF_DATES[name]

    def _may_be_year_end(self, date: Quantity) -> bool:
        """Return whether a date is the last day of the year where it is no other."""
        if isinstance(date, str) and date in self._named:
            return self._may_be_year_end(self._named[date].value)
        if not isinstance(date, Operation):
            return date == YEAR_END
        if listed := date.choose or date.values:
            return any(self._may_be_year_end(each.value) for each in listed)
        later = not LATER.keys().isdisjoint(operations_in(date))
        return not later and any(map(self._may_be_year_end, operands(date)))

    def _later(self, operation: Operation, name: str, key: str, place: Place) -> Kind | None:
        """Check a date some time after another; the time is a whole number, or a count."""
        here, (kind, most) = f"{key}.{name}", LATER[name]
        said = KIND_NAMES[kind]
        listed: Sequence[Quantity] = getattr(operation, name)
        if len(listed) != 2:
            message = Text("{name} 要有 2 项：日期、{said}", "{name} takes two: a date and {said}")
            self.findings.add("operands", here, message, name=name, said=said)
            return None
        date, count = listed
        sound = self.wanted(date, f"{here}[1]", place, Kind.DATE)
        sound = self.wanted(count, f"{here}[2]", place, kind, Kind.COUNT) and sound
        if isinstance(count, Decimal) and (count % 1 or abs(count) > most):
            message = Text("{said}要是不超过 {most} 的整数", "{said} is whole, {most} at most")
            self.findings.add("limit_type", f"{here}[2]", message, said=said, most=most)
            return None
        return Kind.DATE if sound else None

    def _period_end(self, operation: Operation, here: str, place: Place) -> Kind | None:
        listed = operation.period_end or ()
        if len(listed) != 2 or listed[1] not in (*MONTHS_OF.values(), 12):
            message = Text(
                "period_end 要有 2 项：日期、期间的月数（月 1、季度 3、半年 6、年 12）",
                "period_end takes two: a date and the months of the period (1, 3, 6 or 12)",
            )
            self.findings.add("operands", here, message)
            return None
        return Kind.DATE if self.wanted(listed[0], f"{here}[1]", place, Kind.DATE) else None

    def _yuan(self, operation: Operation, key: str) -> Kind:
        assert operation.yuan is not None
        if operation.yuan % Decimal("0.01"):
            message = Text("金额最多 2 位小数", "an amount has at most 2 decimals")
            self.findings.add("limit_decimals", f"{key}.yuan", message)
        return Kind.MONEY

    def _rounded(self, operation: Operation, key: str, place: Place) -> Kind | None:
        assert operation.round_to is not None
        assert operation.of is not None
        if not self.wanted(operation.of, f"{key}.of", place, *ROUNDED):
            return None
        kind = inferred_kind(self.rules, operation.of)
        smallest, said = SMALLEST_UNIT.get(kind or Kind.NUMBER, (None, same("")))
        if operation.round_to <= 0 or (smallest and operation.round_to % smallest):
            message = Text("单位要大于 0{said}", "the unit is above 0{said}")
            said = Text(f"；{said.zh}", f"; {said.en}") if smallest else said
            self.findings.add("limit_decimals", f"{key}.round_to", message, said=said)
            return None
        return kind

    def _of_calendar(self, operation: Operation, key: str) -> bool:
        """Check that there is the calendar."""
        found = self.series.get(operation.calendar or "")
        if found is None or found.points:
            message = Text(
                "没有日历 {name}（包内、政策文件和 --series 中都没有）{nearest}",
                "there is no calendar {name} (not in the package, the policy file or --series)"
                "{nearest}",
            )
            known = [id_ for id_, series in self.series.items() if not series.points]
            near = most_like(operation.calendar or "", known)
            here = f"{key}.calendar"
            self.findings.add(
                "unknown_series", here, message, name=operation.calendar, nearest=near
            )
            return False
        return True

    def _borne(self, operation: Operation, key: str, place: Place) -> Kind | None:
        party = operation.borne_by
        assert party is not None
        assert operation.of is not None
        if place not in PLACES_OF_CASES or self.rules.record != "payout":
            message = Text(
                "borne_by 只用于代偿业务：合同和机构年度没有分担",
                "borne_by is for claims: contracts and institutions have no shares",
            )
            self.findings.add("wrong_place", f"{key}.borne_by", message)
            return None
        known = self.party(party, f"{key}.borne_by")
        sound = self.wanted(operation.of, f"{key}.of", place, Kind.MONEY)
        return Kind.MONEY if known and sound else None

    def party(self, party: str, key: str) -> bool:
        """Check that a party is one that shares can be of."""
        if party in PARTIES or misspelt_party(party, (*PARTIES, GOVERNMENT)) is None:
            return True
        message = Text(
            "没有 {party} 这一方；已有 {known}；其他各方按 share_ 后面的名称写",
            "there is no party {party}; known are {known}, and others by what follows share_",
        )
        known = ", ".join(PARTIES)
        self.findings.add("unknown_party", key, message, party=party, known=known)
        return False

    def _day(self, operation: Operation, key: str, place: Place) -> bool:
        assert operation.on is not None
        return self.wanted(operation.on, f"{key}.on", place, Kind.DATE)

    def _reading(self, operation: Operation, key: str, place: Place) -> Kind | None:
        sound = self._day(operation, key, place)
        found = self.series.get(operation.series or "")
        if found is None or not found.points:
            message = Text(
                "没有序列 {name}（包内、政策文件和 --series 中都没有）{nearest}",
                "there is no series {name} (not in the package, the policy file or --series)"
                "{nearest}",
            )
            near = most_like(operation.series or "", self.series)
            self.findings.add(
                "unknown_series", f"{key}.series", message, name=operation.series, nearest=near
            )
            return None
        if operation.term is not None:
            months = (Kind.COUNT, Kind.MONTHS)
            sound = self.wanted(operation.term, f"{key}.term", place, *months) and sound
        elif len(found.terms) > 1:
            message = Text(
                "序列 {name} 按期限有几个值，要用 term 写明期限（月数）",
                "the series {name} has values by term; `term` says which, in months",
            )
            self.findings.add("missing_term", key, message, name=found.id)
            return None
        return Kind.RATIO if sound else None

    def _dated(self, operation: Operation, key: str, place: Place) -> Kind | None:
        assert operation.values is not None
        sound = self._day(operation, key, place)
        kinds = [
            self.kind(value.value, f"{key}.values[{number}].value", place)
            for number, value in enumerate(operation.values, 1)
        ]
        days = dated(operation.values)
        check_ascending(days, f"{key}.values", self.findings)
        if days and days[0] > self.rules.effective.from_:
            message = Text(
                "从 {first} 才有限值，而政策自 {effective} 起施行，中间没有限值",
                "the first value holds from {first} only, the policy from {effective}",
            )
            self.findings.add(
                "dated_limit_gap",
                f"{key}.values[1].from",
                message,
                first=days[0],
                effective=self.rules.effective.from_,
            )
        kind = self._one_kind(kinds, f"{key}.values")
        return kind if sound else None

    def _chosen(self, operation: Operation, key: str, place: Place) -> Kind | None:
        kinds = []
        for number, choice in enumerate(operation.choose or (), 1):
            here = f"{key}.choose[{number}]"
            kinds.append(self.kind(choice.value, f"{here}.value", place))
            for position, test in enumerate(choice.when):
                self.check_test(test, element(f"{here}.when", position), place)
        return self._one_kind(kinds, f"{key}.choose")

    def _one_kind(self, kinds: Sequence[Kind | None], key: str) -> Kind | None:
        """Return the kind that the values of a list have in common."""
        if not kinds:
            message = Text("至少要有一个值", "one value at least is needed")
            self.findings.add("operands", key, message)
            return None
        found = [kind for kind in kinds if kind is not None]
        if len(found) != len(kinds):
            return None
        if (kind := together(found)) is None:
            message = Text("各个值不是同一种量", "the values are not all of one kind")
            self.findings.add("mixed_kinds", key, message)
        return kind

    def _measured(self, operation: Operation, key: str) -> Kind | None:
        assert operation.measure is not None
        if operation.years > 1 and operation.measure not in FLOWS:
            message = Text(
                "{of} 是某一天的数，不能跨年累计；years 只用于 {flows}",
                "{of} is the figure of a day and not added up over years; `years` is for {flows}",
            )
            flows = ", ".join(sorted(FLOWS))
            self.findings.add("years", f"{key}.years", message, of=operation.measure, flows=flows)
        several = self.rules.record == "institution" or self.rules.trigger.until is not None
        if operation.measure == "compensation_paid" and several:
            message = Text(
                "机构年度、跨几个年度的合同，台账分不出各年度的已补偿金额；另设一列填写",
                "of institutions and of contracts of several years the ledger does not say what "
                "was paid for which year; it is a column of your own",
            )
            self.findings.add("wrong_place", f"{key}.measure", message)
        claims = isinstance(operation.on, str) and operation.on.startswith("claims.")
        place: Place = "payout" if claims else "contract"
        for position, test in enumerate(operation.where):
            self.check_test(test, element(f"{key}.where", position), place)
        if not self._rows_measured(operation, key, place):
            return None
        return inferred_kind(self.rules, operation)

    def _of_group(self, operation: Operation, key: str, place: Place) -> Kind | None:
        """Check a measure of the contracts of a case's group, and the columns that make groups."""
        wrong = None
        if place not in PLACES_OF_CASES:
            wrong = NOT_OF_GROUPS
        elif self.rules.record == "institution":
            wrong = NO_GROUPS
        elif self.rules.trigger.year_begins is not None and day_measured(operation) is None:
            wrong = CALENDAR_YEARS
        elif operation.measure == "compensation_paid":
            wrong = PAID_BY_GROUPS
        if wrong is not None:
            self.findings.add("wrong_place", f"{key}.measure", wrong)
            return None
        sound = True
        for number, column in enumerate(operation.per or (), 1):
            here = f"{key}.per[{number}]"
            kind, of = self.kind(column, here, "claim"), ("contracts.", "institutions.")
            if kind is None:
                sound = False
            elif kind is not Kind.TEXT or not column.startswith(of):
                message = Text(
                    "要用担保合同表或机构表的文字列",
                    "a text or a choice of the contracts or the institutions table is needed",
                )
                self.findings.add("wrong_place", here, message)
                sound = False
        day = day_measured(operation)
        if day is not None:
            sound = self.wanted(day, f"{key}.on", place, Kind.DATE) and sound
        return self._measured(operation, key) if sound else None

    def _rows_measured(self, operation: Operation, key: str, place: Place) -> bool:
        """Check which rows a measure counts, and what of them it adds up."""
        of_group = operation.per is not None and day_measured(operation) is not None
        rows = {"sum": ("of", "on"), "borrowers": ("on",)}.get(operation.measure or "", ())
        wanted = ("on",) if of_group else rows
        if operation.measure == "exposure" and not of_group:
            self.findings.add("missing", f"{key}.measure", OF_A_DAY)
            return False
        for name in ("of", "on"):
            if (getattr(operation, name) is None) == (name in wanted):
                message = Text(
                    'measure = "sum" 要写 of（把什么相加）和 on（按哪个日期归入年度），'
                    '"borrowers" 只写 on；其他的不写 of，on（业务的哪一天）只与 per 同用：{days}',
                    'measure = "sum" needs `of` (what is added up) and `on` (the date that puts a '
                    'row into the year), "borrowers" needs `on` alone; others take no `of`, and '
                    "`on`, the day of the case, only beside `per`: {days}",
                )
                days = ", ".join(sorted(ON_A_DAY))
                self.findings.add("operands", f"{key}.{name}", message, days=days)
                return False
        if operation.on is None or of_group:
            return True
        kind = self.kind(operation.on, f"{key}.on", place)
        if kind is not None and (
            kind is not Kind.DATE
            or not isinstance(operation.on, str)
            or operation.on in COMPUTED_NAMES
        ):
            message = Text(
                "要用担保合同表或代偿表的日期列", "a date column of contracts or claims is needed"
            )
            self.findings.add("wrong_kind", f"{key}.on", message)
            return False
        if operation.of is None or kind is None:
            return kind is not None
        sound = self.wanted(operation.of, f"{key}.of", place, *ROUNDED, *TIME_OF)
        if sound and not adds_up(self.rules, operation.of):
            message = Text(
                "每行的商要先取整才能相加：round_to = 0.0001，of 写这里的算式",
                "a quotient of each row is rounded before it is added up: round_to = 0.0001, and "
                "this as its `of`",
            )
            self.findings.add("operands", f"{key}.of", message)
            return False
        return sound


def check_ascending(days: Sequence[datetime.date], key: str, findings: Findings) -> None:
    """Note each date of a list that is not after the one before it."""
    for position in range(1, len(days)):
        before, day = days[position - 1], days[position]
        if day <= before:
            message = Text(
                "日期 {day} 不晚于前一个 {before}；要按先后排列，不能重复",
                "{day} is not after {before} before it; dates go up and do not repeat",
            )
            key_of_day = f"{key}[{position + 1}].from"
            findings.add("dates_order", key_of_day, message, day=day, before=before)


def reached(name: str, uses: Mapping[str, set[str]]) -> set[str]:
    """Return the names that what goes by a name is made of, all the way down."""
    found, waiting = set[str](), [name]
    while waiting:
        new = uses[waiting.pop()] - found
        found |= new
        waiting += new
    return found
