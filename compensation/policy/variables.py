"""What a policy may name in its tests: columns of the tables, computed columns, indicators.

The standard indicators are written in the same form as a policy's own, so that there is one
mechanism for both. Source: the contract, sections 2 and 3.
"""

from __future__ import annotations

import datetime
import difflib
import functools
from collections.abc import Container, Iterable
from decimal import Decimal
from typing import Literal, NamedTuple

from compensation.language import Text, same
from compensation.ledger.records import DECISION_COLUMNS, DECISIONS_BY_YEAR, TABLE_OF
from compensation.policy.kinds import (
    COMBINED,
    KIND_OF_TYPE,
    NO_NUMBERS,
    OF_DATES,
    TYPE_OF_KIND,
    Kind,
    together,
)
from compensation.policy.model import (
    BOUNDS,
    ExtraColumn,
    Indicator,
    Note,
    Operation,
    PolicyFile,
    Quantity,
    Test,
)
from compensation.policy.percent_slips import implausible_from
from compensation.policy.quantities import (
    CASE_AT_RATE,
    CASE_BASE,
    CASE_CAPPED,
    CASE_RATE,
    INDICATOR_PREFIX,
    OF_ROWS,
    PAID_EARLIER,
    PAYER_PREFIX,
    QUANTITY_PREFIX,
    MeasuredRatio,
    alike,
    day_measured,
    measured_ratio,
    names_in,
    operands,
    operations_in,
    operations_of,
    payer_names,
)
from compensation.schema.choices import AGRICULTURAL, SMALL_MICRO
from compensation.schema.column import Choice, Column, ColumnType
from compensation.schema.dictionary import (
    BY_YEAR,
    BY_YEAR_OF,
    CLAIMS,
    CONTRACTS,
    INSTITUTIONS,
    PAID_BEFORE,
    PAID_FOR_YEAR,
    PAYMENTS,
    Table,
)
from compensation.schema.parties import GOVERNMENT, GUARANTOR, PARTIES, SHARE_PREFIX
from compensation.schema.pool_lines import CLOSING, LINES, OPENING
from compensation.tables.headings import recogniser

Level = Literal["institution", "contract", "claim", "year", "case", "cap", "decided", "payer"]
"""What a variable has one value for; ``case``: whatever a case is; ``cap``: a group of one.

``decided``, ``payer``: a case, of which it is known once its base and rate, or its payers, are.
"""

YEAR_START, YEAR_END, YEAR_DAYS = "year.start", "year.end", "year.days"
"""1 January and 31 December of the year assessed, and the number of its days."""
AS_OF = "year.as_of"
"""The day as of which the ledgers are looked at; only cases have it, and only where it is said."""
YEAR_COLUMNS = {
    YEAR_START: (Text("年度首日", "the first day of the year"), ColumnType.DATE),
    YEAR_END: (Text("年度末日", "the last day of the year"), ColumnType.DATE),
    YEAR_DAYS: (Text("全年天数", "the days of the year"), ColumnType.COUNT),
    AS_OF: (Text("核算截止日", "the day as of which is computed"), ColumnType.DATE),
}
POOL_PREFIX = "pool."
POOL_COLUMNS = {
    f"{POOL_PREFIX}{name}": (Text(f"资金池{title.zh}", f"pool: {title.en}"), ColumnType.MONEY)
    for name, title in {"opening": OPENING, **LINES, "closing": CLOSING}.items()
}
"""The lines of the pool's statement of the year assessed, which all cases look at alike."""
PAID_EARLIER_TITLE = Text("同组以前年度的补偿", "compensation of the group in earlier years")
DECIDED_COLUMNS = {
    CASE_BASE: (Text("封顶后的补偿基数", "base after caps"), ColumnType.MONEY),
    CASE_RATE: (Text("补偿比例", "rate"), ColumnType.SHARE),
    CASE_AT_RATE: (Text("按比例计算的补偿", "compensation at the rate"), ColumnType.MONEY),
    CASE_CAPPED: (Text("其他上限内的补偿", "what the other caps leave"), ColumnType.MONEY),
}
PAID_BY_PAYER = Text("{payer}承担的补偿", "what the {payer} pays")
INSTITUTION = "institution.eligible"
"""Whether the institution of a case meets its own conditions in the year of the case."""
BORROWER_BALANCE = "contracts.borrower_balance"
INDUSTRY = "contracts.industry"
"""A code or a name of the national classification; its tests count classes to what they are of."""
INSTITUTION_ELIGIBLE = Text(
    "机构当年符合补偿条件", "the institution meets its conditions that year"
)

LEVELS: dict[str, Level] = {
    "institutions": "institution",
    "contracts": "contract",
    "claims": "claim",
    "institution_years": "institution",
    "contract_years": "contract",
}
TESTED_TABLES = (INSTITUTIONS, CONTRACTS, CLAIMS, *BY_YEAR)

COMPUTED_COLUMNS: dict[str, tuple[Column, ...]] = {
    "institutions": (),
    "institution_years": (),
    "contract_years": (),
    "contracts": (
        Column(
            "borrower_balance",
            "借款人年末在保余额",
            ColumnType.MONEY,
            note=Text(
                "该借款人在该机构的年末在保余额合计",
                "what is guaranteed for the borrower at that institution at the end of the year",
            ),
        ),
        Column(
            "borrower_since",
            "借款人首次担保日期",
            ColumnType.DATE,
            note=Text(
                "该借款人在该机构最早一份担保合同的起始日期",
                "the start of the borrower's first contract at that institution",
            ),
        ),
        Column(
            "borrower_exposure_at_start",
            "起始日单户担保余额",
            ColumnType.MONEY,
            note=Text(
                "合同起始日该借款人在该机构的担保余额，含本合同和当日起始的合同，当日解除的仍计入",
                "what is in force for the borrower at that institution on the contract's start "
                "day, with the contract itself and others that start then; what is released on "
                "that day still counts",
            ),
        ),
        Column(
            "enterprise_exposure_at_start",
            "起始日单户在各机构的担保余额",
            ColumnType.MONEY,
            note=Text(
                "合同起始日同一借款人代码在台账中全部机构的担保余额，口径同起始日单户担保余额",
                "the same of all institutions of the ledger, by the borrower's id",
            ),
        ),
        Column(
            "borrower_compensated_before",
            "借款人以前年度补偿次数",
            ColumnType.COUNT,
            note=Text(
                "该借款人在该机构以前年度已补偿的笔数（已补偿金额大于 0）；清算时按核准补偿",
                "how many cases of earlier years of the borrower at that institution were "
                "compensated (compensation_paid above 0); a settlement goes by what is granted",
            ),
        ),
        Column(
            "enterprise_compensated_before",
            "同一企业以前年度补偿次数",
            ColumnType.COUNT,
            note=Text(
                "同一借款人代码在台账中全部机构的，口径同借款人以前年度补偿次数",
                "the same at all institutions of the ledger, by the borrower's id",
            ),
        ),
        Column(
            "institution_compensated_before",
            "机构以前年度补偿次数",
            ColumnType.COUNT,
            note=Text(
                "该机构的，口径同借款人以前年度补偿次数", "the same of all cases of the institution"
            ),
        ),
        Column(
            "borrower_years_compensated_before",
            "借款人以前得到补偿的年数",
            ColumnType.COUNT,
            note=Text(
                "该借款人在该机构有几个以前年度得到过补偿（一年中不论几笔都算一年）；清算时按核准补偿",
                "in how many earlier years a case of the borrower at that institution was "
                "compensated, however many a year has; a settlement goes by what is granted",
            ),
        ),
        Column(
            "enterprise_years_compensated_before",
            "同一企业以前得到补偿的年数",
            ColumnType.COUNT,
            note=Text(
                "同一借款人代码在台账中全部机构的，口径同借款人以前得到补偿的年数",
                "the same at all institutions of the ledger, by the borrower's id",
            ),
        ),
        Column(
            "institution_years_compensated_before",
            "机构以前得到补偿的年数",
            ColumnType.COUNT,
            note=Text(
                "该机构的，口径同借款人以前得到补偿的年数",
                "the same of all cases of the institution",
            ),
        ),
    ),
    "claims": (
        Column(
            "payout",
            "代偿金额",
            ColumnType.MONEY,
            note=Text("代偿本金加代偿利息", "principal plus interest"),
        ),
        Column(
            "borrower_exposure",
            "单户担保余额",
            ColumnType.MONEY,
            note=Text(
                "代偿日该借款人在该机构的担保余额，当日解除的仍计入",
                "what is in force for the borrower at that institution on the payout day; what is "
                "released on that day still counts",
            ),
        ),
        Column(
            "enterprise_exposure",
            "单户在各机构的担保余额",
            ColumnType.MONEY,
            note=Text(
                "代偿日同一借款人代码在台账中全部机构的担保余额，口径同单户担保余额",
                "the same of all institutions of the ledger, by the borrower's id",
            ),
        ),
    ),
}
"""Columns that are computed for tests; the input does not have them."""
COMPUTED_NAMES = frozenset(
    f"{table}.{column.name}" for table, columns in COMPUTED_COLUMNS.items() for column in columns
)
"""The same by name: columns that the ledgers do not have."""

OF_ENTERPRISES = frozenset(
    {
        "contracts.enterprise_exposure_at_start",
        "contracts.enterprise_compensated_before",
        "contracts.enterprise_years_compensated_before",
        "claims.enterprise_exposure",
    }
)
"""What a borrower has at all institutions of the ledger together."""
YEARS_BEFORE = frozenset(
    f"contracts.{whose}_years_compensated_before"
    for whose in ("borrower", "enterprise", "institution")
)
"""In how many earlier years cases were compensated."""
COMPENSATED_BEFORE = YEARS_BEFORE | {
    f"contracts.{whose}_compensated_before" for whose in ("borrower", "enterprise", "institution")
}
"""How many cases of earlier years were compensated, or in how many years."""
OF_CASES = OF_ENTERPRISES | COMPENSATED_BEFORE | {"contracts.borrower_exposure_at_start"}
"""Computed for cases only, not for the contracts and claims that measures count."""

NEVER_BLANK = frozenset({"contracts.borrower_type"})
"""Columns that may be blank in the input but not once it has been checked."""


class VariableInfo(NamedTuple):
    """One thing that a policy may test.

    `floor`, `ceiling`: the least and the largest value there can be. `step`: the distance
    between neighbouring values, None where there is none. `indicator`: whether it is one. `time`:
    what a number of days or months counts.
    """

    name: str
    title: Text
    type: ColumnType
    level: Level
    may_be_blank: bool
    choices: tuple[Choice, ...] = ()
    floor: Decimal | None = None
    ceiling: Decimal | None = None
    step: Decimal | None = None
    indicator: bool = False
    time: Kind | None = None

    @property
    def kind(self) -> Kind:
        """What it counts, as quantities are told apart."""
        return self.time or KIND_OF_TYPE[self.type]


STEPS = {
    ColumnType.MONEY: Decimal("0.01"),
    ColumnType.COUNT: Decimal(1),
    ColumnType.SHARE: Decimal("0.000001"),
    ColumnType.DECIMAL: Decimal("0.0001"),
}


def _standard(id_: str, name: Text, note: Text, value: Operation) -> Indicator:
    return Indicator(
        id=id_,
        name=Note(zh=name.zh, en=name.en),
        clause="行业通行口径",
        basis="assumption",
        note=Note(zh=note.zh, en=note.en),
        value=value,
    )


def _over(part: Operation, whole: Operation, *, zero: bool = False) -> Operation:
    return Operation(over=(part, whole), zero_over_zero="zero" if zero else "undefined")


def _growth(closing: Operation, opening: Operation) -> Operation:
    return Operation(minus=(_over(closing, opening), Decimal(1)))


_SMALL_AGRI = Operation(
    measure="closing_balance",
    where=(Test(value="contracts.borrower_type", one_of=(SMALL_MICRO, AGRICULTURAL)),),
)

STANDARD_INDICATORS: dict[str, Indicator] = {
    indicator.id: indicator
    for indicator in (
        _standard(
            "opening_balance",
            Text("年初在保余额", "opening balance"),
            Text(
                "上年12月31日日终在保余额合计；机构表填写了的，以填写数为准",
                "guaranteed at the end of 31 December of the year before, or the figure given in "
                "the institutions table",
            ),
            Operation(measure="opening_balance"),
        ),
        _standard(
            "closing_balance",
            Text("年末在保余额", "closing balance"),
            Text(
                "当年12月31日日终在保余额合计", "guaranteed at the end of 31 December of the year"
            ),
            Operation(measure="closing_balance"),
        ),
        _standard(
            "opening_borrowers",
            Text("年初在保户数", "opening borrowers"),
            Text(
                "年初有在保余额的借款人数；机构表填写了的，以填写数为准",
                "borrowers with an opening balance, or the figure given in the institutions table",
            ),
            Operation(measure="opening_borrowers"),
        ),
        _standard(
            "closing_borrowers",
            Text("年末在保户数", "closing borrowers"),
            Text("年末有在保余额的借款人数", "borrowers with a closing balance"),
            Operation(measure="closing_borrowers"),
        ),
        _standard(
            "balance_growth",
            Text("在保余额增速", "growth of the balance"),
            Text(
                "年末在保余额÷年初在保余额-1；年初为0时无法计算",
                "closing over opening balance, less 1; undefined if the opening balance is 0",
            ),
            _growth(Operation(measure="closing_balance"), Operation(measure="opening_balance")),
        ),
        _standard(
            "borrower_growth",
            Text("在保户数增速", "growth of the borrowers"),
            Text(
                "年末在保户数÷年初在保户数-1；年初为0时无法计算",
                "closing over opening borrowers, less 1; undefined if there were none",
            ),
            _growth(Operation(measure="closing_borrowers"), Operation(measure="opening_borrowers")),
        ),
        _standard(
            "small_agri_balance",
            Text("支小支农余额", "small, micro and agricultural balance"),
            Text(
                "小微、三农借款人的年末在保余额",
                "the closing balance of small and micro and of agricultural borrowers",
            ),
            _SMALL_AGRI,
        ),
        _standard(
            "small_agri_share",
            Text("支小支农占比", "small, micro and agricultural share"),
            Text(
                "支小支农余额÷年末在保余额；年末余额为0时无法计算",
                "their balance over the closing balance; undefined if that is 0",
            ),
            _over(_SMALL_AGRI, Operation(measure="closing_balance")),
        ),
        _standard(
            "released_amount",
            Text("本年解除担保额", "released in the year"),
            Text(
                "解除日期在当年的担保额，含部分解除和到期解除的余额",
                "everything released with a date in the year, in part or at the end",
            ),
            Operation(measure="released_amount"),
        ),
        _standard(
            "payout_amount",
            Text("本年代偿额", "paid out in the year"),
            Text("代偿日期在当年的代偿金额合计", "the payouts with a date in the year"),
            Operation(measure="payout_amount"),
        ),
        _standard(
            "payout_rate",
            Text("代偿率", "payout rate"),
            Text(
                "本年代偿额÷本年解除担保额；都为0时为0，只有后者为0时无法计算",
                "paid out over released; 0 if both are 0, undefined if only the latter is",
            ),
            _over(
                Operation(measure="payout_amount"), Operation(measure="released_amount"), zero=True
            ),
        ),
        _standard(
            "new_guarantees",
            Text("本年新增担保额", "new guarantees"),
            Text(
                "起始日期在当年的担保合同的担保金额合计",
                "the guaranteed amounts of the contracts started in the year",
            ),
            Operation(measure="new_guarantees"),
        ),
    )
}
"""The indicators that every policy may use, in the order of the contract."""


def columns_of_decisions(rules: PolicyFile) -> dict[str, tuple[Column, ...]]:
    """Return the columns of decisions and payments where the cases are not those of claims."""
    if rules.record == "payout":
        return {}
    if rules.record == "contract" and rules.trigger.until is None:
        return {TABLE_OF[rules.record]: DECISION_COLUMNS}
    before = () if rules.record == "institution" else (PAID_BEFORE,)
    by_year = BY_YEAR_OF[TABLE_OF[rules.record]]
    own = {each for c in rules.columns if c.table == by_year for each in (c.name, c.heading)}
    return {
        TABLE_OF[rules.record]: (*DECISION_COLUMNS, *before),
        by_year: tuple(c for c in DECISIONS_BY_YEAR if own.isdisjoint((c.name, c.heading))),
        PAYMENTS.name: (PAID_FOR_YEAR,),
    }


def extra_columns(rules: PolicyFile) -> dict[str, tuple[Column, ...]]:
    """Return the columns that the policy adds to the dictionary, by table."""
    declared = columns_of_decisions(rules)
    for extra in rules.columns:
        column = Column(
            extra.name,
            extra.heading,
            ColumnType.CHOICE if extra.values else _held_as(extra),
            required=extra.required,
            agreed=bool(extra.agreed),
            choices=tuple(Choice(value, value) for value in extra.values),
            note=extra.note.text,
            implausible=implausible_from(rules, f"{extra.table}.{extra.name}")
            if extra.type == ColumnType.SHARE.value
            else None,
        )
        declared[extra.table] = (*declared.get(extra.table, ()), column)
    return declared


TIMES = {"days": Kind.DAYS, "months": Kind.MONTHS}
"""Types of columns that hold a whole number of days or months."""


def _held_as(extra: ExtraColumn) -> ColumnType:
    return ColumnType.COUNT if extra.type in TIMES else ColumnType(extra.type)


def undecided_dates(rules: PolicyFile) -> list[ExtraColumn]:
    """Return the date columns that may be agreed beforehand, where the file does not say so.

    Those that no row may lack, and those that are computed with. Dates that put cases into years or
    in order are events, and so is what is only tested.
    """
    operations = operations_of(rules)
    events = {rules.trigger.date, rules.trigger.order, rules.budget.order}
    events |= {
        each.on for each in operations if each.measure in OF_ROWS and isinstance(each.on, str)
    }
    counted = {name for operation in operations for name in names_in(operation)} - events
    dates = {f"{each.table}.{each.name}": each for each in rules.columns if each.type == "date"}
    return [
        column
        for name, column in dates.items()
        if column.agreed is None and name not in events and (column.required or name in counted)
    ]


def indicator_definition(rules: PolicyFile, id_: str) -> Indicator:
    """Return how an indicator is defined, the policy's own or a standard one.

    Raises KeyError if there is none of that id.
    """
    for indicator in rules.indicators:
        if indicator.id == id_:
            return indicator
    return STANDARD_INDICATORS[id_]


def measure_unit(measure: str) -> Literal["money", "count", "yuan_days"]:
    """Return what a measure is counted in."""
    if measure == "balance_days":
        return "yuan_days"
    return "count" if measure.endswith("borrowers") else "money"


@functools.lru_cache(maxsize=4096)
def inferred_kind(rules: PolicyFile, quantity: Quantity) -> Kind | None:
    """Return the kind of a quantity; None where it is unsound, see `check_quantities`."""
    if isinstance(quantity, Decimal):
        return Kind.NUMBER
    if isinstance(quantity, datetime.date):
        return Kind.DATE
    if isinstance(quantity, str):
        if quantity.startswith(QUANTITY_PREFIX):
            own = {QUANTITY_PREFIX + each.id: each.value for each in rules.quantities}
            return inferred_kind(rules, own[quantity]) if quantity in own else None
        info = variable_info(rules, quantity)
        return None if info is None else info.kind
    return _kind_of_operation(rules, quantity)


def _kind_of_operation(rules: PolicyFile, operation: Operation) -> Kind | None:
    named = operations_in(operation)
    if len(named) != 1:
        return None
    (name,) = named
    if name == "measure" and operation.measure != "sum":
        return Kind(measure_unit(operation.measure or ""))
    if name in OF_DATES:
        return OF_DATES[name]
    if name == "series":
        return Kind.RATIO
    if name in ("borne_by", "yuan"):
        return Kind.MONEY
    if name == "rank":
        return Kind.COUNT
    if name in ("total", "measure"):
        of = inferred_kind(rules, operation.total or operation.of or "")
        return Kind.COUNT if of is Kind.NUMBER else of
    if name in ("months_later", "days_later", "period_end"):
        return Kind.DATE
    if name in ("values", "choose"):
        listed = operation.values or operation.choose or ()
        kinds = [inferred_kind(rules, each.value) for each in listed]
    else:
        kinds = [inferred_kind(rules, each) for each in operands(operation)]
    found = [kind for kind in kinds if kind is not None]
    if not found or len(found) != len(kinds):
        return None
    return COMBINED.get(name, together)(found)


MULTIPLE = 2
"""From which value on a number is no percentage: a ratio of 5 is a multiple, 20 points are 20."""


@functools.lru_cache(maxsize=4096)
def is_mere_number(rules: PolicyFile, quantity: Quantity) -> bool:
    """Return whether a ratio or a number is neither a percentage nor a multiple: 60 points are 60.

    It is made of `decimal` columns, or of numbers that are no percentages.
    """
    if isinstance(quantity, Decimal):
        return abs(quantity) >= MULTIPLE
    if isinstance(quantity, str):
        own = {QUANTITY_PREFIX + each.id: each.value for each in rules.quantities}
        own |= {INDICATOR_PREFIX + each.id: each.value for each in rules.indicators}
        if quantity in own:
            return is_mere_number(rules, own[quantity])
        info = variable_info(rules, quantity)
        return info is not None and info.type is ColumnType.DECIMAL
    if not isinstance(quantity, Operation):
        return False
    kind = inferred_kind(rules, quantity)
    if kind not in (Kind.RATIO, Kind.NUMBER):
        return False
    if quantity.over is not None:
        part, whole = quantity.over
        return is_mere_number(rules, part) and (
            kind is Kind.NUMBER or inferred_kind(rules, whole) in (Kind.NUMBER, Kind.COUNT)
        )
    listed = [*alike(quantity), *(quantity.times or ())]
    if listed and all(isinstance(each, Decimal) and not each % 1 for each in listed):
        return True
    one_of = quantity.min or quantity.max or quantity.first_given
    if kind is Kind.RATIO and (one_of or quantity.times):
        # A ratio may have a number as its limit, and 4 times a rate is a rate.
        listed = [each for each in listed if not isinstance(each, Decimal)]
    of = quantity.of or quantity.total or quantity.year_before
    return any(is_mere_number(rules, each) for each in [*listed, *([] if of is None else [of])])


@functools.lru_cache(maxsize=4096)
def is_mere_test(rules: PolicyFile, test: Test) -> bool:
    """Return whether a test looks at a mere number, or compares a ratio with one."""
    if test.value is None or inferred_kind(rules, test.value) not in (Kind.RATIO, Kind.NUMBER):
        return False
    limits = (getattr(test, bound) for bound in BOUNDS)
    compared = [limit for limit in limits if isinstance(limit, str | Operation)]
    return any(is_mere_number(rules, each) for each in (test.value, *compared))


def is_whole(rules: PolicyFile, quantity: Quantity, kind: Kind) -> bool:
    """Return whether a quantity surely comes to whole fen, millionths or units, as its kind does.

    Not where it is a product, a quotient or half of two balances, unless `round_to` rounds it.
    """
    if isinstance(quantity, Decimal):
        return not quantity % STEPS[TYPE_OF_KIND[kind] or ColumnType.SHARE]
    if isinstance(quantity, str):
        own = {QUANTITY_PREFIX + each.id: each.value for each in rules.quantities}
        if quantity in own:
            return is_whole(rules, own[quantity], kind)
        if not quantity.startswith(INDICATOR_PREFIX):
            return True
        definition = indicator_definition(rules, quantity.removeprefix(INDICATOR_PREFIX))
        return is_whole(rules, definition.value, kind)
    if isinstance(quantity, Operation):
        (name,) = operations_in(quantity)
        if name in ("times", "over") or quantity.measure == "average_balance":
            return False
        added = quantity.of if quantity.measure == "sum" else quantity.year_before
        listed = alike(quantity) if added is None else [added]
        return all(is_whole(rules, each, kind) for each in listed)
    return True


def adds_up(rules: PolicyFile, quantity: Quantity) -> bool:
    """Return whether a quantity comes to fractions of the same few denominators on all rows.

    Not where it is divided by what differs from row to row, unless `round_to` rounds it.
    """
    if isinstance(quantity, str):
        own = {QUANTITY_PREFIX + each.id: each.value for each in rules.quantities}
        return quantity not in own or adds_up(rules, own[quantity])
    if not isinstance(quantity, Operation) or quantity.round_to is not None:
        return True
    if quantity.over is not None and not isinstance(quantity.over[-1], Decimal):
        return False
    return all(adds_up(rules, each) for each in operands(quantity))


def may_have_no_value(rules: PolicyFile, quantity: Quantity, sure: Container[str]) -> bool:
    """Return whether a quantity may be blank or undefined; `sure`: names that surely are not."""
    if isinstance(quantity, str):
        if quantity in sure:
            return False
        own = {QUANTITY_PREFIX + each.id: each.value for each in rules.quantities}
        own |= {INDICATOR_PREFIX + each.id: each.value for each in rules.indicators}
        if quantity in own:
            return may_have_no_value(rules, own[quantity], sure)
        info = variable_info(rules, quantity)
        return info is None or info.may_be_blank
    if not isinstance(quantity, Operation):
        return False
    if quantity.over and isinstance(quantity.over[1], Decimal):
        return may_have_no_value(rules, quantity.over[0], sure)
    if quantity.over or quantity.series or quantity.values or quantity.year_before:
        return True
    if quantity.choose and quantity.choose[-1].when:
        return True
    if quantity.measure is not None:
        made_of = (quantity.of, day_measured(quantity))
        return any(one is not None and may_have_no_value(rules, one, sure) for one in made_of)
    each = (may_have_no_value(rules, one, sure) for one in alike(quantity) or operands(quantity))
    return all(each) if quantity.first_given else any(each)


def indicator_info(rules: PolicyFile, id_: str) -> VariableInfo | None:
    """Return an indicator as something to test; None if there is none of that id."""
    try:
        indicator = indicator_definition(rules, id_)
    except KeyError:
        return None
    made_of = measured_ratio(indicator.value)
    kind = inferred_kind(rules, indicator.value)
    # A plain number or a wrong quantity counts as a ratio here; the checks speak of it.
    if kind in NO_NUMBERS and (before := _column_before(rules, indicator.value)) is not None:
        name, title = INDICATOR_PREFIX + id_, indicator.name.text
        return before._replace(name=name, title=title, may_be_blank=True, indicator=True)
    type_ = ColumnType.SHARE if kind is None else TYPE_OF_KIND.get(kind) or ColumnType.SHARE
    average = made_of is not None and made_of.numerator.of == "average_balance"
    ratio = type_ is ColumnType.SHARE
    return VariableInfo(
        INDICATOR_PREFIX + id_,
        indicator.name.text,
        type_,
        "institution",
        may_be_blank=ratio or made_of is None,
        floor=None if made_of is None else Decimal(-1 if made_of.growth else 0),
        ceiling=Decimal(1) if made_of is not None and _part_of_whole(made_of) else None,
        step=None if ratio or average or made_of is None else STEPS[type_],
        indicator=True,
    )


def _column_before(rules: PolicyFile, value: Quantity) -> VariableInfo | None:
    """Return what is read in the year before; None where a quantity is something else."""
    before = value.year_before if isinstance(value, Operation) else None
    return None if before is None else variable_info(rules, before)


def _part_of_whole(indicator: MeasuredRatio) -> bool:
    """Return whether the ratio is surely at most 1: the same measure, of fewer contracts.

    A given opening figure may be below what the contracts add up to, so openings are not sure.
    """
    part, whole = indicator.numerator, indicator.denominator
    if whole is None or indicator.growth or part.of.startswith(("opening", "average")):
        return False
    return (part.of, part.years) == (whole.of, whole.years) and set(whole.where) <= set(part.where)


def column_info(rules: PolicyFile, name: str) -> VariableInfo | None:
    """Return a ``table.column`` as something to test; None if no such column is known."""
    if name in YEAR_COLUMNS:
        level: Level = "case" if name == AS_OF else "year"
        time = Kind.DAYS if name == YEAR_DAYS else None
        return VariableInfo(name, *YEAR_COLUMNS[name], level, may_be_blank=False, time=time)
    if name in POOL_COLUMNS:
        step = STEPS[ColumnType.MONEY]
        return VariableInfo(name, *POOL_COLUMNS[name], "case", may_be_blank=False, step=step)
    if name == PAID_EARLIER:
        kind, step = ColumnType.MONEY, STEPS[ColumnType.MONEY]
        return VariableInfo(name, PAID_EARLIER_TITLE, kind, "cap", may_be_blank=False, step=step)
    if name in DECIDED_COLUMNS:
        return VariableInfo(name, *DECIDED_COLUMNS[name], "decided", may_be_blank=False)
    if name.startswith(PAYER_PREFIX):
        payer = payer_names(rules).get(name.removeprefix(PAYER_PREFIX))
        if payer is None:
            return None
        title, kind = PAID_BY_PAYER.fill(payer=payer.text), ColumnType.MONEY
        return VariableInfo(name, title, kind, "payer", may_be_blank=False, step=STEPS[kind])
    if name == INSTITUTION:
        kind = ColumnType.BOOLEAN
        return VariableInfo(name, INSTITUTION_ELIGIBLE, kind, "case", may_be_blank=False)
    table_name, _, column_name = name.partition(".")
    table = next((table for table in TESTED_TABLES if table.name == table_name), None)
    if table is None:
        return None
    computed = {column.name: column for column in COMPUTED_COLUMNS[table_name]}
    extra = {column.name: column for column in extra_columns(rules).get(table_name, ())}
    column = computed.get(column_name) or extra.get(column_name) or _column(table, column_name)
    if column is None:
        return None
    blank = column_name in extra or (column_name not in computed and name not in NEVER_BLANK)
    # A row without the day that puts it into a year is no case yet.
    alone = name == rules.trigger.date and rules.trigger.until is None
    blank = blank and not (column_name in extra and alone)
    blank = blank and not name.startswith(f"contracts.{SHARE_PREFIX}")  # a blank share is 0
    number = column.type in STEPS
    times = (
        TIMES.get(each.type)
        for each in rules.columns
        if (each.table, each.name) == (table_name, column_name)
    )
    return VariableInfo(
        name,
        column.title,
        column.type,
        LEVELS[table_name],
        may_be_blank=blank and not column.required and column.default is None,
        choices=column.choices,
        floor=Decimal(0) if number else None,
        ceiling=Decimal(1) if column.type is ColumnType.SHARE else None,
        step=STEPS.get(column.type),
        time=next(times, None),
    )


def _column(table: Table, name: str) -> Column | None:
    """Return a column of the dictionary; a share of another party than the known ones is one."""
    known = [column.name for column in table.columns]
    if name.startswith(SHARE_PREFIX) and name not in known:
        party = name.removeprefix(SHARE_PREFIX)
        if not table.any_share or not party or misspelt_party(party, (*PARTIES, GOVERNMENT)):
            return None
    try:
        return table.column(name)
    except KeyError:
        return None


@functools.lru_cache(maxsize=4096)
def variable_info(rules: PolicyFile, name: str) -> VariableInfo | None:
    """Return what ``table.column`` or ``indicator.id`` names; None if nothing."""
    if name.startswith(INDICATOR_PREFIX):
        return indicator_info(rules, name.removeprefix(INDICATOR_PREFIX))
    return column_info(rules, name)


def column_names(rules: PolicyFile) -> list[str]:
    """Return every column that a quantity may name, as ``table.column``."""
    extra = extra_columns(rules)
    return [
        f"{table.name}.{column.name}"
        for table in TESTED_TABLES
        for column in (
            *table.columns,
            *COMPUTED_COLUMNS[table.name],
            *extra.get(table.name, ()),
        )
    ]


def indicator_names(rules: PolicyFile) -> list[str]:
    """Return the id of every indicator that a test may name."""
    return [*STANDARD_INDICATORS, *(indicator.id for indicator in rules.indicators)]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that looks most like ``name``, if any looks like it."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def misspelt_party(party: str, known: Iterable[str]) -> str | None:
    """Return the known party that a name is one of, or a slip of the pen for; None of others."""
    return None if party.startswith(GUARANTOR) else nearest(party, known)


def most_like(name: str, known: Iterable[str]) -> Text:
    """Return the end of a message that names the nearest known name, or nothing."""
    found = nearest(name, known)
    return same("") if found is None else did_you_mean(found)


def did_you_mean(name: str) -> Text:
    """Return the end of a message that names what may be meant."""
    return Text(f"；是否为 {name}？", f"; did you mean {name}?")


def column_headed(rules: PolicyFile, table: str, heading: str) -> str | None:
    """Return the ``table.column`` that a ledger's heading names, the policy's own included."""
    for each in TESTED_TABLES:
        if each.name == table:
            own = extra_columns(rules).get(table, ())
            found = recogniser(each, own)(heading)
            return None if found is None else f"{table}.{found[0].name}"
    return None
