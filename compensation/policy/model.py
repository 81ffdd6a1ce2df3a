"""What a policy file may say. The format is documented in docs/policy-format.md.

A policy is data: who is eligible, at what rate, on what base, up to which caps, and how recoveries
go back. Everything that a figure rests on is `Cited`: clause, basis and a note in two languages.
The model checks the form of each key; `policy.checks` checks what the keys say together.
"""

import datetime
import functools
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
    Number,
    Rate,
    Whole,
    Words,
)

Basis = Literal["text", "summary", "assumption"]
BASIS_NAMES: dict[Basis, Text] = {
    "text": Text("原文", "text"),
    "summary": Text("摘要", "summary"),
    "assumption": Text("假定", "assumption"),
}


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

    def _values(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._values() == other._values()

    @functools.cached_property
    def _hash(self) -> int:
        return hash(self._values())

    def __hash__(self) -> int:
        return self._hash

    def __getstate__(self) -> dict[str, object]:
        # A text has another hash in another process.
        return {name: value for name, value in vars(self).items() if name != "_hash"}

    def __repr__(self) -> str:
        values = zip(self.__dataclass_fields__, self._values(), strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in values)})"

    def __setattr__(self, name: str, value: object) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")


class Note(Strict):
    """A note in Chinese and English."""

    zh: Words
    en: Words

    @functools.cached_property
    def text(self) -> Text:
        """The note as a `Text`."""
        return Text(self.zh, self.en)


class Cited(Strict):
    """Something that a figure rests on: the clause, how sure it is, and why."""

    clause: Words
    basis: Basis
    note: Note


class SeriesLimit(Strict):
    """A limit taken from a reference series on a day, such as the LPR, plus a margin.

    `on`: the date column that says which day; `term`: the column of months that says which term.
    """

    series: Identifier
    on: Words
    term: Words | None = None
    plus: Number = Decimal(0)


class DatedValue(Strict):
    """One value of a limit and the day from which it holds."""

    from_: Day
    value: Number


class DatedLimit(Strict):
    """A limit that changes by date: the last value whose day has come on the day of column `on`."""

    on: Words
    values: Annotated[tuple[DatedValue, ...], Form(min_length=1)]


def _kind_of_limit(value: object) -> str:
    """Tell a number, a date and the two tables apart, as the file wrote them or once read."""
    if isinstance(value, SeriesLimit) or (isinstance(value, dict) and "series" in value):
        return "<series>"
    if isinstance(value, DatedLimit | dict):
        return "<dated>"
    return "<date>" if isinstance(value, datetime.date) else "<number>"


Limit = Annotated[
    Number | Day | SeriesLimit | DatedLimit,
    Kinds(
        {"<number>": Number, "<date>": Day, "<series>": SeriesLimit, "<dated>": DatedLimit},
        _kind_of_limit,
    ),
]


class Test(Strict):
    """One test of a column, of an indicator, of the institution, or any one of several.

    Exactly one of `column`, `indicator`, `institution` and `any` names what is tested; the other
    keys say how. Two bounds may stand together (`above` and `at_most`); a blank value passes none.
    """

    __test__ = False

    column: Words | None = None
    indicator: Identifier | None = None
    institution: Literal["eligible"] | None = None
    any: "tuple[Test, ...] | None" = None

    is_: Flag | None = None
    at_least: Limit | None = None
    above: Limit | None = None
    at_most: Limit | None = None
    below: Limit | None = None
    one_of: tuple[Words, ...] | None = None
    starts_with: tuple[Words, ...] | None = None
    given: Given | None = None
    within: Literal["effective"] | None = None
    within_days: Annotated[Whole, Form(ge=0, le=100_000)] | None = None
    of: Words | None = None


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
    """The days that the policy covers, both included; no `to`: no end is given."""

    from_: Day
    to: Day | None = None


class Definition(Cited):
    """What a term or a rule of the computation means here, where the text leaves it open."""

    id: Identifier


class ExtraColumn(Strict):
    """A column beyond the dictionary's that the policy tests."""

    table: Literal["institutions", "contracts", "claims"]
    name: Annotated[str, Form(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    heading: Words
    type: Literal["text", "boolean", "money", "integer", "date", "ratio"]
    required: Flag = False
    note: Note


class Measure(Strict):
    """An amount or a count of an institution: over the year (or `years` up to it), or at its end.

    `where`: only contracts that pass these tests are counted.
    """

    of: Literal[
        "opening_balance",
        "closing_balance",
        "average_balance",
        "opening_borrowers",
        "closing_borrowers",
        "new_guarantees",
        "released_amount",
        "payout_amount",
    ]
    years: Annotated[Whole, Form(ge=1, le=20)] = 1
    where: tuple[Test, ...] = ()


class Indicator(Cited):
    """An indicator of the policy's own: a measure, or one measure over another.

    `growth`: one less than the ratio. `zero_over_zero`: what the ratio is where both are 0.
    """

    id: Identifier
    name: Note
    numerator: Measure
    denominator: Measure | None = None
    growth: Flag = False
    zero_over_zero: Literal["undefined", "zero"] = "undefined"


class Base(Cited):
    """What the rate is applied to.

    `of`: the whole payout, or its principal. `party`: only that party's own part of it, by
    `split` over the shares. `less`: money columns of the claims table taken off first, down to 0.
    """

    of: Literal["payout", "principal"]
    party: Identifier | None = None
    less: tuple[Words, ...] = ()


class Beneficiary(Cited):
    """The party that the compensation is paid to, and from whose part it is taken off later."""

    party: Identifier = "institution"


class Tier(Cited):
    """One rate and what it takes: tests in a ladder (`when`), or a range of the key."""

    rate: Rate
    when: tuple[Test, ...] = ()
    at_least: Number | None = None
    above: Number | None = None
    at_most: Number | None = None
    below: Number | None = None


class Addition(Cited):
    """Points added to the tier's rate where all tests hold."""

    id: Identifier
    points: Rate
    when: Annotated[tuple[Test, ...], Form(min_length=1)]


class Decided(Cited):
    """The tiers are ceilings; the rate itself is decided case by case and given in a column.

    `above_ceiling`: whether a decided rate above the ceiling counts as the ceiling or makes the
    claim ineligible. A blank cell makes the claim ineligible: nothing was decided.
    """

    column: Words
    above_ceiling: Literal["ceiling", "ineligible"]


class RateBounds(Cited):
    """The range that the document gives for every rate."""

    at_least: Rate
    at_most: Rate


class Rates(Strict):
    """The tiers. `ladder`: the first tier whose tests all hold. `ranges`: by the value of `over`.

    `over`: a column, ``claims.borrower_exposure``, or an indicator, ``indicator.payout_rate``.
    """

    kind: Literal["ladder", "ranges"]
    over: Words | None = None
    otherwise: Literal["ineligible"] | None = None
    bounds: RateBounds | None = None
    tiers: Annotated[tuple[Tier, ...], Form(min_length=1)]
    additions: tuple[Addition, ...] = ()
    decided: Decided | None = None


class Cap(Cited):
    """A limit on the compensation, of one claim or of all claims of a group together.

    `share_of_borne`: of one claim, as a share of what the beneficiary bore. `amount`: yuan.
    `per`: what `amount` limits. `over`: a claim that goes over counts up to the cap, or is refused
    whole. `years`: a group's compensation of this year, or of all years (earlier ones by their
    compensation_paid). `less`: money columns of the claims table that count against the cap first,
    such as what other levels of government paid.
    """

    id: Identifier
    share_of_borne: Rate | None = None
    amount: Number | None = None
    per: Literal["claim", "borrower", "institution", "programme"] = "claim"
    over: Literal["count_up_to", "refuse"] = "count_up_to"
    years: Literal["this", "all"] = "this"
    less: tuple[Words, ...] = ()


class Trigger(Cited):
    """Which day puts a claim into a year: a date column of the claims table."""

    date: Words = "claims.payout_date"


class Review(Cited):
    """The decisions that a claim needs: all approved, or any rejected, else pending."""

    required: tuple[Literal["finance_review", "industry_review"], ...]


class Returns(Cited):
    """How recoveries go back: net of what collecting them cost, or gross."""

    costs: Literal["net", "gross"]


class Budget(Cited):
    """What happens when the payables pass the budget: all alike, or in order of a date column."""

    method: Literal["pro_rata", "first_come"]
    order: Words | None = None


class Payer(Cited):
    """One of several payers and its share of what is payable; the shares make 1."""

    id: Identifier
    name: Note
    share: Rate


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
    the last may be open (0).
    `checked_until`: the last day on which the points are known to be complete.
    """

    id: Identifier
    name: Note
    source: Note
    terms: Annotated[tuple[Whole, ...], Form(min_length=1)]
    checked_until: Day
    points: Annotated[tuple[SeriesPoint, ...], Form(min_length=1)]


class Clause(Strict):
    """One clause of the document and what becomes of it here."""

    id: Words
    treatment: Literal["computed", "input", "out_of_scope"]
    note: Note


class SeriesFile(Strict):
    """A file of reference series, given beside a policy or shipped with the package."""

    format: Format
    series: Annotated[tuple[Series, ...], Form(min_length=1)]


class PolicyFile(Strict):
    """A whole policy file."""

    format: Format
    id: Identifier
    name: Note
    issuer: Note
    document: Identity
    effective: Effective
    columns: tuple[ExtraColumn, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    institution_conditions: tuple[Condition, ...]
    claim_conditions: tuple[Condition, ...]
    trigger: Trigger
    base: Base
    beneficiary: Beneficiary
    rates: Rates
    caps: Annotated[tuple[Cap, ...], Form(min_length=1)]
    review: Review
    budget: Budget
    returns: Returns
    payers: tuple[Payer, ...] = ()
    expected_institutions: ExpectedInstitutions | None = None
    series: tuple[Series, ...] = ()
    definitions: tuple[Definition, ...] = ()
    clauses: tuple[Clause, ...] = ()
