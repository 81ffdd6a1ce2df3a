"""What a case under a policy is made of: the figures that may be given, and those that must be.

Names are those of the data dictionary and of the policy's own columns and indicators; all that is
said here follows from them and from what the policy looks at.
"""

from __future__ import annotations

import functools
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from compensation.engine.case_faults import industries_named
from compensation.engine.measures_needed import PAYOUT, REPORTED_INDICATORS
from compensation.engine.needed_values import figures_used
from compensation.ledger.records import Record
from compensation.one_case.reading import MAX_RATIO
from compensation.policy.catalogue import Policy
from compensation.policy.kinds import Kind
from compensation.policy.model import Indicator, PolicyFile
from compensation.policy.quantities import (
    INDICATOR_PREFIX,
    MEASURED_GROUPS,
    QUANTITY_PREFIX,
    Measure,
    MeasuredRatio,
    group_measures,
    measure_of,
    measured_ratio,
    parties_named,
)
from compensation.policy.variables import (
    COMPUTED_COLUMNS,
    STANDARD_INDICATORS,
    YEAR_COLUMNS,
    column_info,
    columns_of_decisions,
    extra_columns,
    indicator_definition,
    indicator_info,
    inferred_kind,
    is_whole,
)
from compensation.rules.decision import rate_is_institutions, variables_needed
from compensation.rules.indicators import year_ends
from compensation.schema.column import Column, ColumnType
from compensation.schema.dictionary import CLAIMS, CONTRACTS, INSTITUTIONS, ROWS_OF
from compensation.schema.parties import SHARE_PREFIX
from compensation.values.dates import date_of

IMPLAUSIBLE_GROWTH, IMPLAUSIBLE_PAYOUT_RATE = Decimal(10), Decimal(2)
PRINCIPAL = "claims.principal"
JOINING = "claims.contract_id"
TABLES: Mapping[Record, tuple[str, ...]] = {
    "payout": ("contracts", "claims", "contract_years"),
    "contract": ("contracts", "contract_years"),
    "institution": (),
}
"""The tables whose columns are figures of a case itself, by what a case is."""
OF_INSTITUTION = ("institutions", "institution_years")
"""The tables whose columns are figures of the institution; those by year are of the case's."""
_DEFINITIONS = {
    Measure(of="average_balance"): ("opening_balance", "closing_balance"),
    **{
        ratio.numerator: (name,)
        for name, definition in STANDARD_INDICATORS.items()
        for ratio in [measured_ratio(definition.value)]
        if ratio is not None and ratio.denominator is None
    },
}
"""The standard amounts that each measure is made of; other measures are of some contracts only."""


class Field(NamedTuple):
    """A column of the dictionary or the policy, as a figure of a case.

    `name`: the member of the case. `key`: the column as policies name it. `users`: what of the
    policy looks at it. `needed`: whether it must be there; `may_be_blank`: whether it may be None.
    """

    name: str
    key: str
    column: Column
    users: tuple[str, ...]
    needed: bool
    may_be_blank: bool
    words: tuple[str, ...]


class Figure(NamedTuple):
    """An indicator of an institution: given itself, or computed from the amounts it is made of.

    `column`: how an amount or a count is read; None for a ratio, which lies between `least` and
    `most`. `part`, `whole`: the amounts of numerator and denominator; empty where it can only be
    given itself. `users`: what of the policy tests it.
    """

    name: str
    definition: Indicator
    column: Column | None
    least: Decimal
    most: Decimal
    part: tuple[str, ...]
    whole: tuple[str, ...]
    users: tuple[str, ...]

    @property
    def plausible(self) -> Decimal | None:
        """From where on a ratio that is given itself may be a percentage; None if nowhere.

        Growth of 1,000% and a payout rate of 200% are not credible without the amounts; of other
        ratios a policy says itself what they are.
        """
        made_of = self.made_of
        if made_of is None:
            return None
        if made_of.growth:
            return IMPLAUSIBLE_GROWTH
        return IMPLAUSIBLE_PAYOUT_RATE if made_of.numerator.of == "payout_amount" else None

    @property
    def made_of(self) -> MeasuredRatio | None:
        """The measures that it is made of; None where it is made in another way."""
        return measured_ratio(self.definition.value)

    @property
    def amounts(self) -> tuple[str, ...]:
        """The amounts that it is computed from."""
        return tuple(dict.fromkeys((*self.part, *self.whole)))

    def amounts_given(self, given: Container[str]) -> bool:
        """Return whether it can be computed from what is given."""
        return bool(self.part) and all(name in given for name in (*self.part, *self.whole))


@dataclass(frozen=True, eq=False)
class Form:
    """The figures of a case under a policy, by the name of the member that gives them.

    `columns`, `figures`: of the institution. `claim`: of the case, but for its `shares`.
    `parties`: those that the policy speaks of. `by_year`: whether it looks at the year's last day.
    `rate_is_institutions`: whether the rate follows from the institution alone. `industries`: the
    lists of industries that its tests name. `measured`: the keys of the policy's own quantities
    that are measures of the case's group, and are given themselves.
    """

    policy: Policy
    columns: Mapping[str, Field]
    figures: Mapping[str, Figure]
    claim: Mapping[str, Field]
    parties: frozenset[str]
    by_year: bool
    rate_is_institutions: bool
    industries: frozenset[tuple[str, ...]]
    measured: Mapping[Measure, str]

    def ends(self, day: int) -> tuple[int, int]:
        """Return the last day of the year before the one that a day is in, and of that one."""
        begins, year = self.policy.rules.trigger.year_begins, date_of(day).year
        before, last = year_ends(year, begins)
        return (before, last) if day <= last else year_ends(year + 1, begins)


@functools.lru_cache(maxsize=64)
def form_of(policy: Policy) -> Form:
    """Return what a case under a policy is made of."""
    rules = policy.rules
    needed = variables_needed(policy, measures=False)
    figures = {name: _figure(rules, name, needed) for name in _indicators(rules)}
    taken = frozenset(figures)
    tested = {key for key in needed if key.startswith(f"contracts.{SHARE_PREFIX}")}
    parties = {key.partition(SHARE_PREFIX)[2] for key in tested}
    parties |= {rules.beneficiary.party, *parties_named(rules)}
    claim = {field.name: field for field in _columns(policy, TABLES[rules.record], needed)}
    measured = dict(_measured(rules, claim))
    claim |= {field.name: field for field in measured.values()}
    return Form(
        policy,
        {field.name: field for field in _columns(policy, OF_INSTITUTION, needed, taken)},
        figures,
        claim,
        frozenset(parties),
        not YEAR_COLUMNS.keys().isdisjoint(needed),
        rate_is_institutions(policy),
        industries_named(rules),
        {of: field.key for of, field in measured.items()},
    )


def _indicators(rules: PolicyFile) -> list[str]:
    """Return the reported indicators, then the other standard ones, then the policy's own."""
    own = (indicator.id for indicator in rules.indicators)
    return list(dict.fromkeys((*REPORTED_INDICATORS, *STANDARD_INDICATORS, *own)))


def _figure(rules: PolicyFile, name: str, needed: Mapping[str, list[str]]) -> Figure:
    definition, info = indicator_definition(rules, name), indicator_info(rules, name)
    assert info is not None
    users = tuple(needed.get(INDICATOR_PREFIX + name, ()))
    made_of = measured_ratio(definition.value)
    part = () if made_of is None else _DEFINITIONS.get(made_of.numerator, ())
    least, most = info.floor or Decimal(0), info.ceiling or Decimal(MAX_RATIO)
    if info.type is not ColumnType.SHARE:
        column = Column(name, definition.name.zh, info.type, choices=info.choices)
        amounts = () if part == (name,) else part
        return Figure(name, definition, column, least, most, amounts, (), users)
    denominator = None if made_of is None else made_of.denominator
    whole = () if denominator is None else _DEFINITIONS.get(denominator, ())
    if not part or not whole:
        part = whole = ()
    return Figure(name, definition, None, least, most, part, whole, users)


def _measured(rules: PolicyFile, taken: Container[str]) -> Iterator[tuple[Measure, Field]]:
    """Yield the measures of the case's group that the policy names, as figures of the case.

    Those in whole fen or numbers, so that what is given is exact.
    """
    types = {Kind.MONEY: ColumnType.MONEY, Kind.COUNT: ColumnType.COUNT}
    for own in reversed(rules.quantities):
        of, kind = measure_of(own.value), inferred_kind(rules, own.value)
        if of in group_measures(rules) and kind in types and is_whole(rules, own.value, kind):
            key = QUANTITY_PREFIX + own.id
            column = Column(own.id, own.name.zh, types[kind], note=own.said)
            name = key if own.id in taken else own.id
            yield of, Field(name, key, column, (MEASURED_GROUPS,), True, False, ())


def _columns(
    policy: Policy,
    tables: tuple[str, ...],
    needed: Mapping[str, list[str]],
    taken: frozenset[str] = frozenset(),
) -> Iterator[Field]:
    """Yield the columns of some tables; a name of two things goes by ``table.name``.

    A case is of one year: what is decided of it stands in the columns of its own table.
    """
    rules = policy.rules
    extra = extra_columns(rules)
    decided = columns_of_decisions(rules)
    for name in ROWS_OF.keys() & decided.keys():
        left = (c for c in extra[name] if c not in decided[name] or f"{name}.{c.name}" in needed)
        extra[name] = tuple(left)
    known = {each.name: each.columns for each in (INSTITUTIONS, CONTRACTS, CLAIMS)}
    columns = {
        table: [*known.get(table, ()), *COMPUTED_COLUMNS[table], *extra.get(table, ())]
        for table in tables
    }
    if JOINING not in needed:  # the contract's own id says the same
        columns = {
            table: [c for c in columns[table] if f"{table}.{c.name}" != JOINING] for table in tables
        }
    names = [column.name for table in tables for column in columns[table]]
    always = {*figures_used(policy), rules.trigger.date, PRINCIPAL}
    looked_at = {*always, rules.trigger.until}
    for table in tables:
        for column in columns[table]:
            key = f"{table}.{column.name}"
            if key == PAYOUT or key.startswith(f"contracts.{SHARE_PREFIX}"):
                continue
            info = column_info(rules, key)
            assert info is not None
            short = names.count(column.name) == 1 and column.name not in taken
            users = tuple(needed.get(key, ()))
            wanted = bool(users) or key in looked_at
            yield Field(
                column.name if short else key,
                key,
                column,
                users,
                wanted and column.default is None,
                not wanted or (info.may_be_blank and key not in always),
                tuple(c.value for c in column.choices) if column.type is ColumnType.CHOICE else (),
            )
