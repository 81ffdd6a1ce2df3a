"""The indicators of every institution over years, and its place among the others.

No policy decides anything here. The indicators that policies test too are computed by the functions
that `assess` uses; `definitions` says what each one means.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, texts
from compensation.columns import Flags, Integers
from compensation.engine.input_variables import indicator_variable
from compensation.engine.inputs import RuleInputs, rule_inputs
from compensation.engine.run import digested_ledgers
from compensation.faults.input_faults import InputFaults
from compensation.ledger.digest import digest_of
from compensation.ledger.extra_columns import with_extra_columns
from compensation.ledger.portfolio import Ledgers, Portfolio
from compensation.outlook.definitions import FILE, Better, Definition, Definitions, definitions
from compensation.outlook.measures import Measured, measured
from compensation.outlook.years import span, year_faults, years_of
from compensation.policy.kinds import Kind
from compensation.policy.model import Indicator
from compensation.policy.quantities import Measure
from compensation.policy.variables import inferred_kind
from compensation.results import frame_of, indicator_column, text_digest
from compensation.rules.indicators import Ratio
from compensation.rules.variables import Variable
from compensation.settlement.deciding import opening_faults
from compensation.version import __version__

if TYPE_CHECKING:
    import pandas as pd

RANK = "rank_"
"""How the name of a column of ranks begins."""


class Year(NamedTuple):
    """The indicators of a year by id, and by reason which institutions lack each."""

    year: int
    values: Mapping[str, Variable]
    lacking: Mapping[str, Mapping[str, Flags]]


@dataclass(frozen=True, eq=False)
class Indicators:
    """The indicators of institutions over years; see `indicators`.

    `indicators`, `definitions`: DataFrames with Arrow-backed columns; the same as Arrow tables in
    `tables`. `summary`: what indicators_summary.json holds.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> indicators(ledger, [2022]).indicators["institution_id"].tolist()
    ['SL-001']
    """

    ledgers: Ledgers = field(repr=False)
    years: tuple[Year, ...] = field(repr=False)
    defined: Definitions = field(repr=False)

    @cached_property
    def tables(self) -> Mapping[str, pa.Table]:
        """The indicators and their definitions as Arrow tables, by name."""
        return {
            "indicators": pa.concat_tables([self._of_year(year) for year in self.years]),
            "definitions": _definitions_table(self.defined),
        }

    @property
    def indicators(self) -> pd.DataFrame:
        """A row for each year and institution: its indicators, its ranks, why one is undefined."""
        return frame_of(self.tables["indicators"])

    @property
    def definitions(self) -> pd.DataFrame:
        """What each indicator means, where that comes from, and on what basis."""
        return frame_of(self.tables["definitions"])

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The data file of the definitions, by its name."""
        return {FILE.name: self.defined.text}

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What indicators_summary.json holds."""
        first, last = span(self.ledgers)
        return {
            "years": [year.year for year in self.years],
            "ledger": {"from": first.isoformat(), "to": last.isoformat()},
            "version": __version__,
            "input_digest": digest_of(digested_ledgers(self.ledgers)),
            "rules": {name: text_digest(text) for name, text in self.texts.items()},
            "totals": {"institutions": self.ledgers.rows("institutions"), "years": len(self.years)},
        }

    def _of_year(self, of: Year) -> pa.Table:
        institutions = self.ledgers.rows("institutions")
        columns = {
            "institution_id": self.ledgers.column("institutions", "institution_id"),
            "institution_name": self.ledgers.column("institutions", "institution_name"),
            "year": arrow(np.full(institutions, of.year, dtype=np.int64)),
        }
        for name, variable in of.values.items():
            columns[name] = indicator_column(variable)
        for each in self.defined.indicators:
            if each.better is not None:
                ranks, ranked = ranks_of(of.values[each.indicator.id], each.better)
                columns[RANK + each.indicator.id] = arrow(ranks, ranked)
        columns["undefined"] = _undefined(of, institutions)
        for name in ("institution_id", "institution_name"):
            columns[name] = columns[name].cast(pa.string())
        return pa.table(columns)


def indicators(portfolio: Portfolio, years: int | Iterable[int]) -> Indicators:
    """Return the indicators of every institution of a portfolio over some years.

    Amounts in yuan, ratios with six decimals; what cannot be computed is blank, and the column
    `undefined` says why. Raises `InputFaults` where the ledger has nothing of a year, or says
    opening figures without their year though several years are asked for; TypeError for anything
    but a `Portfolio`.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> indicators(ledger, [2022]).indicators["payout_rate"].tolist()
    [Decimal('0.022605')]
    """
    if not isinstance(portfolio, Portfolio):
        raise TypeError(f"indicators takes a Portfolio, not {type(portfolio).__name__}")
    chosen, defined = years_of(years), definitions()
    if not chosen:
        raise ValueError("no year is given")
    ledgers, faults = with_extra_columns(portfolio, defined.columns)
    faults += year_faults(ledgers, chosen)
    faults += opening_faults(ledgers, chosen)
    if faults:
        raise InputFaults(faults)
    found = (year_of(rule_inputs(ledgers, defined.language, year), defined) for year in chosen)
    return Indicators(ledgers, tuple(found), defined)


def year_of(inputs: RuleInputs, defined: Definitions) -> Year:
    """Return the indicators of one year."""
    values: dict[str, Variable] = {}
    lacking: dict[str, Mapping[str, Flags]] = {}
    for definition in defined.indicators:
        id_ = definition.indicator.id
        values[id_], lacking[id_] = _value(definition, inputs)
    return Year(inputs.year, values, lacking)


def _value(definition: Definition, inputs: RuleInputs) -> tuple[Variable, Mapping[str, Flags]]:
    """Return an indicator of each institution, and by reason who has none."""
    reasons: dict[str, Flags] = {}

    def ratio(of: Measure) -> Ratio:
        found: Measured = measured(of, inputs)
        for reason, rows in found.lacking.items():
            reasons[reason] = reasons.get(reason, np.zeros_like(rows)) | rows
        return found.ratio

    variable = indicator_variable(definition.indicator, ratio)
    assert variable is not None, definition
    known = variable.known.copy()
    for rows in reasons.values():
        known &= ~rows
    told = np.logical_or.reduce([*reasons.values(), np.zeros_like(known)])
    return variable._replace(known=known), {**reasons, "zero_denominator": ~known & ~told}


def ranks_of(variable: Variable, better: Better) -> tuple[Integers, Flags]:
    """Return each institution's place, 1 for the best, and who has one; equal values share one.

    Values are compared exactly. An undefined one has no place.
    """
    values = {
        row: Fraction(int(variable.numerator[row]), variable.whole(row))
        for row in np.flatnonzero(variable.known).tolist()
    }
    ordered = sorted(values.values(), reverse=better == "higher")
    place: dict[Fraction, int] = {}
    for number, value in enumerate(ordered, 1):
        place.setdefault(value, number)
    ranks = np.zeros(len(variable.known), dtype=np.int64)
    for row, value in values.items():
        ranks[row] = place[value]
    return ranks, variable.known


def _undefined(of: Year, institutions: int) -> pa.Array:
    """Return for each institution its undefined indicators with the reason of each."""
    said: list[list[str]] = [[] for _ in range(institutions)]
    for name, reasons in of.lacking.items():
        for reason, rows in reasons.items():
            for row in np.flatnonzero(rows).tolist():
                said[row].append(f"{name}:{reason}")
    return texts([";".join(each) or None for each in said])


def _definitions_table(defined: Definitions) -> pa.Table:
    """Return what each indicator means, in the order of the data file."""
    rows = [
        {
            "id": indicator.id,
            "name": indicator.name.zh,
            "name_en": indicator.name.en,
            "unit": unit_of(indicator).value,
            "clause": indicator.clause,
            "basis": indicator.basis,
            "note": indicator.said.zh,
            "note_en": indicator.said.en,
            "better": better,
        }
        for indicator, better in defined.indicators
    ]
    return pa.table({name: texts([row[name] for row in rows]) for name in rows[0]})


def unit_of(indicator: Indicator) -> Kind:
    """Return what an indicator counts: yuan, borrowers, or nothing as a ratio."""
    kind = inferred_kind(definitions().language.rules, indicator.value)
    assert kind is not None, indicator.id
    return kind
