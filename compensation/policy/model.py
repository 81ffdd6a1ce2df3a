"""What a policy file may say. The format is documented in docs/policy-format.md.

A policy is data: who is eligible, at what rate, on what base, up to which caps, and how recoveries
go back. Everything that a figure rests on is `Cited`: clause, basis and a note in two languages.
The model checks the form of each key; `policy.checks` checks what the keys say together.
"""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
)
from pydantic_core import PydanticCustomError

from compensation.language import Text

Basis = Literal["text", "summary", "assumption"]
BASIS_NAMES: dict[Basis, Text] = {
    "text": Text("原文", "text"),
    "summary": Text("摘要", "summary"),
    "assumption": Text("假定", "assumption"),
}
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


Flag = Annotated[bool, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]

LARGEST = Decimal(10) ** 16
"""The largest number a policy may name: totals of amounts stay below it, in yuan."""


def _number(value: object) -> Decimal:
    """Take integers and decimals as the file writes them; never text, a truth value, inf or nan."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError("number", "a number is expected")
    number = Decimal(value)
    if not number.is_finite() or abs(number) > LARGEST:
        raise PydanticCustomError("number_size", "a number up to 10^16 is expected")
    if number % Decimal("0.000001"):
        raise PydanticCustomError("number_decimals", "a number has at most six decimals")
    return number


def _rate(value: object) -> Decimal:
    """Take a rate: from 0 to 1, at most four decimals."""
    number = _number(value)
    if not 0 <= number <= 1:
        raise PydanticCustomError("rate_range", "a rate lies between 0 and 1")
    if number % Decimal("0.0001"):
        raise PydanticCustomError("rate_decimals", "a rate has at most four decimals")
    return number


def _day(value: object) -> datetime.date:
    """Take a date of the file; never a text, a number, or a date with a time of day."""
    if isinstance(value, datetime.datetime) or not isinstance(value, datetime.date):
        raise PydanticCustomError("day", "a date is expected, unquoted")
    return value


def _format(value: object) -> int:
    """Take the version of the format: the integer 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value != 1:
        raise PydanticCustomError("format", "the version of the format is 1")
    return value


def _given(value: object) -> bool:
    """Take only `true`: a column that must be blank is nothing a policy says."""
    if value is not True:
        raise PydanticCustomError("given", "`given` is true or left out")
    return True


Format = Annotated[Literal[1], BeforeValidator(_format)]
Given = Annotated[Literal[True], BeforeValidator(_given)]
Day = Annotated[datetime.date, BeforeValidator(_day)]
Number = Annotated[Decimal, BeforeValidator(_number)]
Rate = Annotated[Decimal, BeforeValidator(_rate)]


class Strict(BaseModel):
    """A part of the file in which an unknown key is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, defer_build=True)


class Note(Strict):
    """A note in Chinese and English."""

    zh: Words
    en: Words

    @property
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

    from_: Day = Field(alias="from")
    value: Number


class DatedLimit(Strict):
    """A limit that changes by date: the last value whose day has come on the day of column `on`."""

    on: Words
    values: Annotated[tuple[DatedValue, ...], Field(min_length=1)]


def _kind_of_limit(value: object) -> str:
    """Tell a number, a date and the two tables apart by what the file wrote."""
    if isinstance(value, SeriesLimit) or (isinstance(value, dict) and "series" in value):
        return "<series>"
    if isinstance(value, DatedLimit | dict):
        return "<dated>"
    return "<date>" if isinstance(value, datetime.date) else "<number>"


Limit = Annotated[
    Annotated[Number, Tag("<number>")]
    | Annotated[Day, Tag("<date>")]
    | Annotated[SeriesLimit, Tag("<series>")]
    | Annotated[DatedLimit, Tag("<dated>")],
    Discriminator(_kind_of_limit),
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
    any: tuple[Test, ...] | None = None

    is_: Flag | None = Field(default=None, alias="is")
    at_least: Limit | None = None
    above: Limit | None = None
    at_most: Limit | None = None
    below: Limit | None = None
    one_of: tuple[Words, ...] | None = None
    starts_with: tuple[Words, ...] | None = None
    given: Given | None = None
    within: Literal["effective"] | None = None
    within_days: Annotated[Whole, Field(ge=0, le=100_000)] | None = None
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

    from_: Day = Field(alias="from")
    to: Day | None = None


class Definition(Cited):
    """What a term or a rule of the computation means here, where the text leaves it open."""

    id: Identifier


class ExtraColumn(Strict):
    """A column beyond the dictionary's that the policy tests."""

    table: Literal["institutions", "contracts", "claims"]
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
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
    years: Annotated[Whole, Field(ge=1, le=20)] = 1
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
    when: Annotated[tuple[Test, ...], Field(min_length=1)]


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
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)]
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

    at_most: Annotated[Whole, Field(ge=1)]


class SeriesPoint(Strict):
    """The values of a series, one for each term, from a day on."""

    from_: Day = Field(alias="from")
    values: Annotated[tuple[Number, ...], Field(min_length=1)]


class Series(Cited):
    """A reference series: values by term, each in force from its day until the next.

    `source`: who announces it. `terms`: for each value the longest term it serves, in months;
    the last may be open (0).
    `checked_until`: the last day on which the points are known to be complete.
    """

    id: Identifier
    name: Note
    source: Note
    terms: Annotated[tuple[Whole, ...], Field(min_length=1)]
    checked_until: Day
    points: Annotated[tuple[SeriesPoint, ...], Field(min_length=1)]


class Clause(Strict):
    """One clause of the document and what becomes of it here."""

    id: Words
    treatment: Literal["computed", "input", "out_of_scope"]
    note: Note


class SeriesFile(Strict):
    """A file of reference series, given beside a policy or shipped with the package."""

    format: Format
    series: Annotated[tuple[Series, ...], Field(min_length=1)]


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
    caps: Annotated[tuple[Cap, ...], Field(min_length=1)]
    review: Review
    budget: Budget
    returns: Returns
    payers: tuple[Payer, ...] = ()
    expected_institutions: ExpectedInstitutions | None = None
    series: tuple[Series, ...] = ()
    definitions: tuple[Definition, ...] = ()
    clauses: tuple[Clause, ...] = ()
