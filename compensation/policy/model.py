"""What a policy file may say. The format is documented in docs/policy-format.md and docs/policy/.

A policy is data: who is eligible, at what rate, on what base, up to which caps, and how recoveries
go back. Everything that a figure rests on is `Cited`: clause, basis and a note in two languages.
The model checks the form of each key; `policy.checks` checks what the keys say together.
"""

import datetime
import functools
import itertools
from collections.abc import Mapping
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal, dataclass_transform

from compensation.language import Text
from compensation.policy.forms import (
    Day,
    Flag,
    Form,
    Format,
    Given,
    Identifier,
    Kinds,
    MonthDay,
    Number,
    Rate,
    SeriesFormat,
    Share,
    Whole,
    Words,
)
from compensation.policy.kinds import NUMERIC, Kind

Basis = Literal["text", "summary", "assumption", "default"]
BASIS_NAMES: dict[Basis, Text] = {
    "text": Text("原文", "text"),
    "summary": Text("摘要", "summary"),
    "assumption": Text("假定", "assumption"),
    "default": Text("默认", "default"),
}


Rounding = Literal["down", "up", "half_up"]
MeasureName = Literal[
    "opening_balance",
    "closing_balance",
    "average_balance",
    "opening_borrowers",
    "closing_borrowers",
    "new_guarantees",
    "released_amount",
    "payout_amount",
    "compensation_paid",
    "month_end_balances",
    "balance_days",
    "sum",
    "borrowers",
    "exposure",
]


def key_of_field(name: str) -> str:
    """Return the key of the file that a field holds: `from_` holds ``from``."""
    return name.removesuffix("_")


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Strict:
    """A part of the file in which an unknown key is refused: a frozen dataclass of keywords.

    It can be used without pydantic, which takes a while to import; pydantic finds in its fields
    what the file may hold. Its methods stand here once, since those that `dataclass` writes for
    every class take a while, too. `written`: the fields that the file names.
    """

    written: frozenset[str] = frozenset()

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    __pydantic_config__: ClassVar[Mapping[str, object]] = {
        "extra": "forbid",
        "alias_generator": key_of_field,
    }

    def __init_subclass__(cls) -> None:
        dataclass(init=False, repr=False, eq=False)(cls)

    def __init__(self, **values: object) -> None:
        known = self.__dataclass_fields__
        values = {name: values.get(name, field.default) for name, field in known.items()} | values
        wrong = [name for name, value in values.items() if name not in known or value is MISSING]
        if wrong:
            raise TypeError(f"{type(self).__name__}: missing or unknown: {', '.join(wrong)}")
        vars(self).update(values)

    @functools.cached_property
    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._values == other._values

    @functools.cached_property
    def _hash(self) -> int:
        return hash(self._values)

    def __hash__(self) -> int:
        return self._hash

    def __getstate__(self) -> dict[str, object]:
        # A text has another hash in another process.
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    def __repr__(self) -> str:
        values = zip(self.__dataclass_fields__, self._values, strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in values)})"

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")


class Note(Strict):
    """A note in Chinese and English; where the file has no English, that is the Chinese, too."""

    zh: Words
    en: Words = ""

    def __init__(self, *, zh: str, en: str | None = None) -> None:
        super().__init__(zh=zh, en=zh if en is None else en)

    @functools.cached_property
    def text(self) -> Text:
        """The note as a `Text`."""
        return Text(self.zh, self.en)


class Cited(Strict):
    """Something that a figure rests on: the clause, how sure it is, and why."""

    clause: Words
    basis: Basis
    note: Note | None = None

    @property
    def said(self) -> Text:
        """The note; empty where there is none."""
        return Text("", "") if self.note is None else self.note.text


class DatedValue(Strict):
    """One value of a quantity and the day from which it holds."""

    from_: Day
    value: "Quantity"


class Choice(Strict):
    """One value of a quantity, where all tests of `when` hold."""

    value: "Quantity"
    when: "tuple[Test, ...]" = ()


class Operation(Strict):
    """A quantity that is computed: exactly one of the operations, with what belongs to it.

    `first_given`: the first of several that is not blank. `days`, `months`: whole days or months
    from the first date to the second. `days_in_year`: the days of the year assessed from the first
    date to the second, both included unless `last` says otherwise. `working_days`: those of a
    `calendar` after the first date, up to the second. `balance_days`: the sum of what is guaranteed
    of the case's contract at the end of each day from the first date to the second, in yuan-days;
    `last` as for `days_in_year`. `months_later`, `days_later`: the date so many of them after
    another. `period_end`: the last day of the month, quarter, half-year or year (1, 3, 6 or 12
    months, counted from January) in which a date lies. `yuan`: a number that is an amount, whatever
    it stands beside. `choose`: the value of the first choice whose tests all hold. `round_to`: the
    quantity `of` in whole units of so much, by `rounding`. `borne_by`: a party's part of the amount
    `of`, by `split` over the shares. `series`: a reading of a reference series on a day, for a term
    in months. `values`: the last value whose day has come `on` a day. `measure`: an amount or a
    count of an institution, over the year (or `years` up to it) or at its end, of the contracts
    that pass `where`; ``sum`` and ``borrowers``, of the contracts or claims whose date `on` lies
    there: the quantity `of`, added up, or how many borrowers they have. Of the group of a case, by
    the columns `per`, some are measured `on` a day of the case; ``exposure``: what is in force
    then. `year_before`: an indicator, or a value by year, in the year before the one assessed, or
    so many `years` before it; `total`, `rank`: a figure of all institutions of the group `per`
    together, and its place among theirs, the largest first, where they are equal by the largest
    `then`; all four only in indicators. `zero_over_zero`: what `over` is where both are 0.
    """

    sum: "tuple[Quantity, ...] | None" = None
    minus: "tuple[Quantity, ...] | None" = None
    times: "tuple[Quantity, ...] | None" = None
    over: "tuple[Quantity, ...] | None" = None
    min: "tuple[Quantity, ...] | None" = None
    max: "tuple[Quantity, ...] | None" = None
    first_given: "tuple[Quantity, ...] | None" = None
    days: "tuple[Quantity, ...] | None" = None
    months: "tuple[Quantity, ...] | None" = None
    days_in_year: "tuple[Quantity, ...] | None" = None
    working_days: "tuple[Quantity, ...] | None" = None
    balance_days: "tuple[Quantity, ...] | None" = None
    months_later: "tuple[Quantity, ...] | None" = None
    days_later: "tuple[Quantity, ...] | None" = None
    period_end: "tuple[Quantity, ...] | None" = None
    yuan: Number | None = None
    choose: tuple[Choice, ...] | None = None
    round_to: Number | None = None
    borne_by: Identifier | None = None
    series: Identifier | None = None
    values: tuple[DatedValue, ...] | None = None
    measure: MeasureName | None = None
    year_before: Words | None = None
    total: "Quantity | None" = None
    rank: "Quantity | None" = None

    of: "Quantity | None" = None
    rounding: "Rounding" = "down"
    on: "Quantity | None" = None
    calendar: Identifier | None = None
    term: "Quantity | None" = None
    zero_over_zero: Literal["undefined", "zero"] = "undefined"
    last: Literal["included", "excluded"] = "included"
    then: "tuple[Quantity, ...]" = ()
    years: Annotated[Whole, Form(ge=1, le=20)] = 1
    where: "tuple[Test, ...]" = ()
    per: tuple[Words, ...] | None = None


def _kind_of_quantity(value: object) -> str:
    """Tell a number, a date, a name and an operation apart, as the file wrote them or once read."""
    if isinstance(value, Operation | dict):
        return "<operation>"
    if isinstance(value, str):
        return "<name>"
    return "<date>" if isinstance(value, datetime.date) else "<number>"


Quantity = Annotated[
    Number | Day | Words | Operation,
    Kinds(
        {"<number>": Number, "<date>": Day, "<name>": Words, "<operation>": Operation},
        _kind_of_quantity,
        "Quantity",
    ),
]
"""A number, a date, the name of a column, indicator or quantity, or an operation on quantities."""
RateQuantity = Annotated[
    Rate | Words | Operation,
    Kinds(
        {"<number>": Rate, "<date>": Rate, "<name>": Words, "<operation>": Operation},
        _kind_of_quantity,
        "RateQuantity",
    ),
]
"""A rate: a number from 0 to 1, or a quantity that is a ratio."""
ShareQuantity = Annotated[
    Share | Words | Operation,
    Kinds(
        {"<number>": Share, "<date>": Share, "<name>": Words, "<operation>": Operation},
        _kind_of_quantity,
        "ShareQuantity",
    ),
]
"""A share: a number from 0 to 1, or a quantity that is a ratio."""


class Test(Strict):
    """One test of a quantity, or several tests together.

    Exactly one of `value`, `any`, `all` and `not` says what is tested; the other keys say how. A
    file may name one of its `tests` instead, see `policy.named_tests`. Two
    bounds may stand together (`above` and `at_most`); a blank value passes none. `since`: the test
    is of the time from that date to the date `value`, in whole `unit`; 0 at least unless the test
    says so.
    """

    __test__ = False

    value: Quantity | None = None
    any: "tuple[Test, ...] | None" = None
    all: "tuple[Test, ...] | None" = None
    not_: "Test | None" = None
    test: Identifier | None = None

    is_: Flag | None = None
    at_least: Quantity | None = None
    above: Quantity | None = None
    at_most: Quantity | None = None
    below: Quantity | None = None
    one_of: tuple[Words, ...] | None = None
    starts_with: tuple[Words, ...] | None = None
    given: Given | None = None
    within: Literal["effective"] | None = None
    since: Quantity | None = None
    unit: Literal["days", "months"] | None = None

    @property
    def name(self) -> str | None:
        """The name of what is tested; None where it is computed, or where there are parts."""
        return self.value if isinstance(self.value, str) else None

    @property
    def parts(self) -> "tuple[Test, ...]":
        """The tests that `any`, `all` or `not` holds; none of a plain test."""
        return self.any or self.all or (() if self.not_ is None else (self.not_,))


class NamedTest(Test):
    """A test with a name, by which others stand for it."""

    id: Identifier


BOUNDS = ("at_least", "above", "at_most", "below")
"""The operators that compare with a quantity."""
OPERATORS: Mapping[Kind, tuple[str, ...]] = {
    Kind.BOOLEAN: ("is", "given"),
    Kind.TEXT: ("one_of", "starts_with", "given"),
    Kind.DATE: (*BOUNDS, "within", "since", "given"),
    **dict.fromkeys(NUMERIC, (*BOUNDS, "given")),
}
"""The keys of a test that fit a quantity of each kind."""


class Condition(Test, Cited):
    """A test that an institution or a claim must pass, with an id that reasons name."""

    id: Identifier


class Identity(Strict):
    """The document that a policy is read from; no `number`: it was not found."""

    number: Words | None = None
    title: Note
    part: Words | None = None
    issued: Day | None = None


class Effective(Cited):
    """The days that the policy covers, both included; no `to`: no end is given.

    `excludes`: whether a case whose day is not among them is not eligible.
    """

    from_: Day
    to: Day | None = None
    excludes: Flag = True


class Definition(Cited):
    """What a term or a rule of the computation means here, where the text leaves it open."""

    id: Identifier


class ExtraColumn(Strict):
    """A column beyond the dictionary's that the policy tests.

    Of a table by year, each decision looks at the value of its own year. `values`: the only ones
    that a text may be; any other cell is a fault. `agreed`: whether a date
    is known beforehand, such as a due date, so that no day as of which is computed blanks it.
    `constant`: whether its one value holds for all years, such as a region's.
    """

    table: Literal["institutions", "contracts", "claims", "institution_years", "contract_years"]
    name: Annotated[str, Form(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    heading: Words
    type: Literal[
        "text", "boolean", "money", "integer", "days", "months", "date", "ratio", "decimal"
    ]
    required: Flag = False
    values: Annotated[tuple[Words, ...], Form(max_length=100)] = ()
    agreed: Flag | None = None
    constant: Flag = False
    note: Note


class Named(Cited):
    """A quantity with a name."""

    id: Identifier
    name: Note
    value: Quantity


class Indicator(Named):
    """A figure of an institution in a year, of the policy's own."""


class RowQuantity(Named):
    """A figure of each case, of the policy's own."""


class Base(Cited):
    """What the rate is applied to, where all tests of `when` hold; 0 at least, to the fen."""

    value: Quantity
    when: tuple[Test, ...] = ()


class Beneficiary(Cited):
    """The party that the compensation is paid to, and from whose part it is taken off later.

    `name`: what it is called where it is not a party of a guarantee: a bank, the borrower.
    """

    party: Identifier = "institution"
    name: Note | None = None


class Tier(Cited):
    """One rate and what it takes: all tests of `when`, a range of what `by` names, or a slice.

    The bounds of ranges are numbers, those of slices quantities.
    """

    rate: RateQuantity
    when: tuple[Test, ...] = ()
    at_least: Quantity | None = None
    above: Quantity | None = None
    at_most: Quantity | None = None
    below: Quantity | None = None


class Addition(Cited):
    """Points added to the tier's rate: always, or where all tests hold."""

    id: Identifier
    points: RateQuantity
    when: Annotated[tuple[Test, ...], Form(min_length=1)] = ()


class Decided(Cited):
    """The tiers are ceilings; the rate itself is decided case by case and given in a column.

    `above_ceiling`: whether a decided rate above the ceiling counts as the ceiling or makes the
    claim ineligible. A blank cell makes the claim ineligible: nothing was decided.
    """

    column: Words
    above_ceiling: Literal["ceiling", "ineligible"]


class RateBounds(Cited):
    """The range of every rate: a sum of tier and points above it counts as `at_most`."""

    at_least: Rate = Decimal(0)
    at_most: Rate


Counts = Literal["compensated", "all"]
"""Which cases use what a group shares: those that are compensated, or all, whatever they get."""


class Rates(Strict):
    """The decision table of the rates, and the points that are added.

    `hit`: which tiers apply. ``first``: the first whose tests all hold. ``range``: the one whose
    range holds the value of `by`. ``slices``: each for the part of the base in its range.
    `by`: a quantity, for ``range``; for ``slices`` where it is not the base that counts. `per`: the
    slices are of what the cases of a group come to together, one after another, as for caps;
    `counts`: of which cases, as for caps.
    `otherwise`: what happens where no tier applies.
    """

    hit: Literal["first", "range", "slices"] = "first"
    by: Quantity | None = None
    per: tuple[Words, ...] | None = None
    counts: Counts = "compensated"
    otherwise: Literal["ineligible"] | None = None
    bounds: RateBounds | None = None
    tiers: Annotated[tuple[Tier, ...], Form(min_length=1)]
    additions: tuple[Addition, ...] = ()
    decided: Decided | None = None


Years = Annotated[
    Literal["this", "all"] | int,
    Kinds(
        {"<word>": Literal["this", "all"], "<number>": Annotated[Whole, Form(ge=2, le=20)]},
        lambda value: "<number>" if isinstance(value, int) else "<word>",
        "Years",
    ),
]
"""The year assessed, so many years up to it, or all years."""
NOBODY = "nobody"
"""Who pays what lies above a cap on a payer's part, where it falls away."""
LeftOver = Literal["largest_remainders", "nobody"]
"""Who gets what parts in whole units leave over of money that is shared; the first, if silent."""


class Taker(Strict):
    """A payer, or `NOBODY`, that takes over a share of what lies above a cap on another's part."""

    payer: Identifier
    share: ShareQuantity = Decimal(1)


Rest = Annotated[
    Identifier | tuple[Taker, ...],
    Kinds(
        {"<id>": Identifier, "<takers>": Annotated[tuple[Taker, ...], Form(min_length=1)]},
        lambda value: "<id>" if isinstance(value, str) else "<takers>",
        "Rest",
    ),
]
"""The payer of what lies above a cap, or several, each with its share."""


Together = Annotated[
    Identifier | tuple[Identifier, ...],
    Kinds(
        {"<id>": Identifier, "<ids>": Annotated[tuple[Identifier, ...], Form(min_length=1)]},
        lambda value: "<id>" if isinstance(value, str) else "<ids>",
        "Together",
    ),
]
"""The payer whose part a cap is on, or several, whose parts together it is on."""


class Cap(Cited):
    """A limit on the compensation or on the base, of each case or of all cases of a group together.

    Or, `on` the payment, what is set off from it: `above`, the amount that is not paid.

    `at_most`: the limit; `below`: one that may not even be reached, where it stops. `above`: only
    what lies above it counts. `of`: for a cap on the base, the quantity that counts towards the
    limit; the base is cut in the same proportion. `per`: the columns whose values make a group, in
    lists with the month, quarter or half-year of a date; left out: each case alone; empty: all
    together. `counts`: which cases of a group use a cap on the base. `years`: a group's
    compensation of this year, of so many years up to it, or of all (earlier ones by their
    compensation_paid). `net_of_returns`: less what recoveries had returned to government of the
    earlier ones by the end of the year before. `on` cases: how many of a group are compensated;
    the others are refused.
    `keep`: which of them, the first or those that come to most; `as_one`: the columns whose values
    make several cases one, which is compared by what they come to together.
    `exceeding`: a case that goes over counts up to the cap, or is refused whole, alone or with all
    cases of its group after it (`stop_before`), or only those after it are (`stop_after`); or the
    cap is a pool, of which all get their part in proportion. `first`: who comes first in a pool, as
    for a budget; `in_all`: what the pools of all groups hold together; what groups leave of it goes
    to the others; `round_to`: the unit in yuan of what it cuts; `ratio_to`: the unit of the ratio
    that all of its cases are cut by; `left_over`: who gets what that leaves; `at_least`: a case of
    which it leaves less gets nothing. `payer`: whose part of the compensation is limited, of one or
    of several together; `rest`: the payer that pays what lies above, or `NOBODY`; or several of
    them, whose shares make 1. `when`: the cases that it limits and counts.
    """

    id: Identifier
    on: Literal["compensation", "base", "cases", "payment"] = "compensation"
    at_most: Quantity | None = None
    below: Quantity | None = None
    above: Quantity | None = None
    of: Quantity | None = None
    per: tuple[Words, ...] | None = None
    counts: Counts = "compensated"
    years: Years = "this"
    net_of_returns: Flag = False
    keep: Literal["first", "highest"] = "first"
    as_one: tuple[Words, ...] = ()
    exceeding: Literal["count_up_to", "refuse", "stop_before", "stop_after", "pro_rata"] = (
        "count_up_to"
    )
    first: tuple[Test, ...] = ()
    in_all: Quantity | None = None
    round_to: Number | None = None
    ratio_to: Number | None = None
    left_over: LeftOver | None = None
    at_least: Number | None = None
    payer: Together | None = None
    rest: Rest | None = None
    when: tuple[Test, ...] = ()

    @property
    def refuses(self) -> bool:
        """Whether it refuses cases whole."""
        whole = self.exceeding == "refuse" or self.on == "cases" or self.stops
        return whole and self.payer is None

    @property
    def stops(self) -> bool:
        """Whether nothing is paid of a group's cases, or by a payer, once it passed the limit."""
        return self.exceeding in ("stop_before", "stop_after")

    @property
    def sets_off(self) -> bool:
        """Whether it is an amount that is set off from what is payable."""
        return self.on == "payment"

    @property
    def counts_all(self) -> bool:
        """Whether cases count towards it whatever becomes of them: as it says, or as it stops."""
        return self.counts == "all" or (self.stops and self.on == "base")

    @property
    def compared(self) -> tuple[str, ...]:
        """The columns whose values make one of the cases of which it keeps the highest."""
        return (*(self.per or ()), *self.as_one)

    @property
    def limit_key(self) -> str:
        """The key that says what the cases may come to, or may not even reach."""
        return "at_most" if self.below is None else "below"

    @property
    def limit(self) -> Quantity | None:
        """What the cases may come to, or may not even reach; or what is set off from them."""
        if self.sets_off:
            return self.above
        return self.at_most if self.below is None else self.below

    @property
    def payers(self) -> tuple[str, ...]:
        """Whose part of the compensation it limits, together; nobody's where it limits all."""
        if self.payer is None or isinstance(self.payer, tuple):
            return self.payer or ()
        return (self.payer,)

    @property
    def takers(self) -> tuple[Taker, ...]:
        """Who pays what lies above it; none where it is on no payer's part."""
        if self.rest is None or isinstance(self.rest, tuple):
            return self.rest or ()
        return (Taker(payer=self.rest),)

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What it computes with."""
        shares = (taker.share for taker in self.takers)
        each = (self.at_most, self.below, self.above, self.of, self.in_all, *shares)
        return tuple(quantity for quantity in each if quantity is not None)


class Compensation(Cited):
    """The form of what a case gets: to a unit in yuan, in one direction; and what is too little.

    `round_to`: the amount at the rate is rounded to it, and caps count in whole units. `at_least`:
    a case that comes to less is not compensated. `per`: not each case but the total of a group is
    rounded, by the columns whose values make it, as for caps.
    """

    per: tuple[Words, ...] | None = None
    round_to: Number | None = None
    rounding: Rounding = "down"
    at_least: Number | None = None


class Trigger(Cited):
    """Which day puts a case into a year: a date column of the table whose rows are the cases.

    `until`: the case belongs to every year from that day until this one; blank: without end.
    `order`: another date by which cases go through the caps that they share. `year_begins`: the
    month and day on which years begin, where that is not 1 January; a year is called by its end.
    `settled`: whether a settlement decides a case once its year is over, or ``by_case``, as the
    ledger stands, from the case's own day on.
    """

    date: Words = "claims.payout_date"
    order: Words | None = None
    until: Words | None = None
    year_begins: MonthDay | None = None
    settled: Literal["by_year", "by_case"] = "by_year"


class Review(Cited):
    """The decisions that a claim needs: all approved, or any rejected, else pending."""

    required: tuple[Literal["finance_review", "industry_review"], ...]


class ReturnShare(Strict):
    """The share of a recovery that a party or a payer gets: 4 of 4 : 3 : 2, or a ratio.

    A share that depends on the case is computed of columns of the claim and its contract.
    """

    party: Identifier
    share: Quantity


class ReturnStep(Strict):
    """One step of returns: who gets back together, and up to what, before the next step.

    `to`: parties or payers, by what each bears; all, where neither they nor `shares` are named.
    `of`: a part of the payout: each gets back what it bears of it. `up_to`: what each gets back at
    most.
    """

    of: Quantity | None = None
    to: Annotated[tuple[Identifier, ...], Form(min_length=1)] | None = None
    shares: Annotated[tuple[ReturnShare, ...], Form(min_length=2)] = ()
    up_to: Quantity | None = None

    @property
    def named(self) -> tuple[str, ...]:
        """Those whom it names; all get back where it names nobody."""
        return (*(self.to or ()), *(each.party for each in self.shares))

    @property
    def limited(self) -> bool:
        """Whether those whom it names may have something left to get back after it."""
        return self.of is not None or self.up_to is not None


def _kind_of_step(value: object) -> str:
    """Tell the name of a party and a step apart, as the file wrote them or once read."""
    return "<step>" if isinstance(value, ReturnStep | dict) else "<party>"


PartyOrStep = Annotated[
    Identifier | ReturnStep,
    Kinds({"<party>": Identifier, "<step>": ReturnStep}, _kind_of_step, "PartyOrStep"),
]
"""A party that gets back what it bears, or a step."""


class ReturnPart(Strict):
    """A part of the payout that only some bear, by their shares of the contract.

    Government bears what it has paid of the parts that name it and of what is in no part.
    """

    of: Quantity
    borne_by: Annotated[tuple[Identifier, ...], Form(min_length=1)]


class CostLimits(Strict):
    """How much of the costs is taken off, at most: a share of the proceeds, an amount, or both."""

    of_proceeds: ShareQuantity | None = None
    at_most: Quantity | None = None


def _kind_of_costs(value: object) -> str:
    return "<limits>" if isinstance(value, CostLimits | dict) else "<word>"


CostsOrLimits = Annotated[
    Literal["net", "gross"] | CostLimits,
    Kinds(
        {"<word>": Literal["net", "gross"], "<limits>": CostLimits}, _kind_of_costs, "CostsOrLimits"
    ),
]
"""Whether costs are taken off, or up to what."""


class Returns(Cited):
    """How recoveries go back: net of what collecting them cost, or gross.

    `recovered_before`: what had been recovered when compensation was applied for. It is in no row
    of the recoveries; what is left of the payout is what later ones are returned of. `first`: who
    gets back first, in order: parties or payers what they bear, or steps. `shares`: who gets back
    after them, by these shares, each up to what it bears. The others share the rest by what they
    bear. `parts`: parts of the payout that not all bear. `reward`: what share of the net whoever
    recovers keeps; the rest goes back.
    """

    costs: CostsOrLimits
    reward: Share | None = None
    recovered_before: Quantity | None = None
    parts: tuple[ReturnPart, ...] = ()
    first: tuple[PartyOrStep, ...] = ()
    shares: Annotated[tuple[ReturnShare, ...], Form(min_length=2)] = ()

    @property
    def steps(self) -> tuple[ReturnStep, ...]:
        """What gets back before the others, step after step; none where no step is written."""
        if all(isinstance(each, str) for each in self.first):
            return ()
        return tuple(
            ReturnStep(to=(each,)) if isinstance(each, str) else each for each in self.first
        )

    @property
    def parties_first(self) -> tuple[str, ...]:
        """The parties that get back first all that they bear, where no step is written."""
        return () if self.steps else tuple(each for each in self.first if isinstance(each, str))

    @property
    def named(self) -> tuple[str, ...]:
        """Those who get back before the others, in order."""
        first = [(each,) if isinstance(each, str) else each.named for each in self.first]
        return (*itertools.chain(*first), *(each.party for each in self.shares))

    @property
    def speaks_of(self) -> tuple[str, ...]:
        """Those who get back before the others, and those who bear parts that not all bear."""
        return (*self.named, *itertools.chain(*(part.borne_by for part in self.parts)))

    @property
    def parts_named(self) -> tuple[Quantity, ...]:
        """The parts of the payout that it speaks of, each once: those that not all bear first."""
        of_steps = (step.of for step in self.steps if step.of is not None)
        return tuple(dict.fromkeys([*(each.of for each in self.parts), *of_steps]))

    @property
    def amounts(self) -> tuple[Quantity, ...]:
        """The amounts that are computed for each claim, each once."""
        limits = [step.up_to for step in self.steps]
        if isinstance(self.costs, CostLimits):
            limits.append(self.costs.at_most)
        amounts = (*self.parts_named, *(each for each in limits if each is not None))
        return tuple(dict.fromkeys(each for each in amounts if not isinstance(each, Decimal)))

    @property
    def lists_of_shares(self) -> tuple[tuple[ReturnShare, ...], ...]:
        """The lists of shares, those of its steps first."""
        lists = (*(step.shares for step in self.steps), self.shares)
        return tuple(each for each in lists if each)

    @property
    def computed_shares(self) -> tuple[tuple[ReturnShare, ...], ...]:
        """The lists of shares of which one share depends on the case."""
        return tuple(
            each
            for each in self.lists_of_shares
            if not all(isinstance(share.share, Decimal) for share in each)
        )

    @property
    def cost_share(self) -> Quantity | None:
        """The share of the proceeds that costs come to at most, where the policy says one."""
        return self.costs.of_proceeds if isinstance(self.costs, CostLimits) else None

    @property
    def limits_of_costs(self) -> tuple[Quantity, ...]:
        """Up to what costs are taken off."""
        if not isinstance(self.costs, CostLimits):
            return ()
        limits = (self.costs.of_proceeds, self.costs.at_most)
        return tuple(limit for limit in limits if limit is not None)

    @property
    def quantities(self) -> tuple[Quantity, ...]:
        """What is computed for each claim, if anything is."""
        before = () if self.recovered_before is None else (self.recovered_before,)
        return (*before, *self.by_case)

    @property
    def by_case(self) -> tuple[Quantity, ...]:
        """The shares, amounts and limits that depend on the case."""
        share = self.cost_share
        costs = () if share is None or isinstance(share, Decimal) else (share,)
        shares = (each.share for listed in self.computed_shares for each in listed)
        return (*costs, *self.amounts, *shares)


class Budget(Cited):
    """What happens when the payables pass the budget: all alike, or in order of a date column.

    `at_most`: what may be paid, where a run is given no budget. `first`: tests, in order, of which
    cases come before all others. `round_to`: the unit in yuan of what is paid in part, where it is
    not that of the compensation; `ratio_to`: the unit of the ratio that all are cut by;
    `left_over`: who gets what that leaves of the budget; `at_least`: what is cut to less is not
    paid. `unpaid`: what is not paid is owed; or is owed, and comes before the cases of later years;
    or lapses, see `policy.lapsing`.
    """

    method: Literal["pro_rata", "first_come"]
    at_most: Quantity | None = None
    order: Words | None = None
    first: tuple[Test, ...] = ()
    round_to: Number | None = None
    ratio_to: Number | None = None
    left_over: LeftOver | None = None
    at_least: Number | None = None
    unpaid: Literal["owed", "owed_first", "lapses"] = "owed"

    @property
    def in_turns(self) -> bool:
        """Whether some cases come before others."""
        return bool(self.first) or self.unpaid == "owed_first"


class Payer(Cited):
    """One of several payers and its share of what is payable, where all tests of `when` hold.

    A payer whose share depends on the case is there several times, with tests of their own.
    The shares of those that pay a case make 1; a case where they do not is not eligible. `paid`:
    the amount column that says what the payer has paid of the case so far.
    """

    id: Identifier
    name: Note
    share: ShareQuantity
    paid: Words | None = None
    when: tuple[Test, ...] = ()


class Stage(Cited):
    """What part of the amount granted can be paid so far, where all tests of `when` hold.

    The first that holds counts; where none does, nothing is payable yet. The rest is paid later.
    A `share` that depends on the case is a quantity.
    """

    share: ShareQuantity
    when: tuple[Test, ...] = ()


class ExpectedInstitutions(Cited):
    """How many government-backed institutions the document expects; more is a warning."""

    at_most: Annotated[Whole, Form(ge=1)]


class SeriesPoint(Strict):
    """The values of a series, one for each term, from a day on."""

    from_: Day
    values: Annotated[tuple[Number, ...], Form(min_length=1)]


class Series(Cited):
    """A reference series: values by term, each in force from its day until the next.

    `source`: who announces it. `terms`: for each value the longest term it serves, in months;
    the last may be open (0). A calendar has no values: it says from a day on (`from_`) which days
    are worked, all from Monday to Friday but `days_off`, and `days_on` besides.
    `checked_until`: the last day on which the points are known to be complete.
    """

    id: Identifier
    name: Note
    source: Note
    terms: tuple[Whole, ...] = ()
    checked_until: Day
    points: tuple[SeriesPoint, ...] = ()
    from_: Day | None = None
    days_off: tuple[Day, ...] = ()
    days_on: tuple[Day, ...] = ()

    @property
    def first(self) -> datetime.date:
        """The first day with a value."""
        return self.points[0].from_ if self.from_ is None else self.from_


class Clause(Strict):
    """One clause of the document and what becomes of it here."""

    id: Words
    treatment: Literal["computed", "input", "out_of_scope"]
    note: Note


class SeriesFile(Strict):
    """A file of reference series, given beside a policy or shipped with the package."""

    format: SeriesFormat
    series: Annotated[tuple[Series, ...], Form(min_length=1)]


class PolicyFile(Strict):
    """A whole policy file.

    `record`: what a case is: a claim, a contract, or an institution in a year.
    """

    format: Format
    id: Identifier
    name: Note
    issuer: Note
    document: Identity
    record: Literal["payout", "contract", "institution"] = "payout"
    effective: Effective
    columns: tuple[ExtraColumn, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    quantities: tuple[RowQuantity, ...] = ()
    tests: tuple[NamedTest, ...] = ()
    institution_conditions: tuple[Condition, ...]
    claim_conditions: tuple[Condition, ...]
    trigger: Trigger
    base: Annotated[tuple[Base, ...], Form(min_length=1)]
    beneficiary: Beneficiary
    rates: Rates
    caps: tuple[Cap, ...]
    compensation: Compensation | None = None
    review: Review
    budget: Budget
    returns: Returns
    payers: tuple[Payer, ...] = ()
    stages: tuple[Stage, ...] = ()
    expected_institutions: ExpectedInstitutions | None = None
    series: tuple[Series, ...] = ()
    definitions: tuple[Definition, ...] = ()
    clauses: tuple[Clause, ...] = ()
