"""Policies compared over the same ledgers: what each costs, for whom, and what each change does."""

from __future__ import annotations

import datetime
import operator
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, texts
from compensation.assessment import budget_fen
from compensation.columns import Flags, Integers, group_sum
from compensation.engine.run import Decided
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger.portfolio import Portfolio
from compensation.policy.catalogue import POLICY_TEXT, Policy, load_policy
from compensation.policy.faults import PolicyFaults, policy_fault
from compensation.policy.variables import INSTITUTION
from compensation.results import (
    RATIO_DECIMALS,
    frame_of,
    institutions_table,
    money,
    reasons,
    text_digest,
)
from compensation.values.dates import date_of
from compensation.values.printing import decimal_column, yuan
from compensation.version import __version__
from compensation.whatif.measured import Measured, Outcome, measured
from compensation.whatif.variants import Setting, Variant, setting_of, vary

if TYPE_CHECKING:
    import pandas as pd

PolicyGiven = str | os.PathLike[str] | Policy | Variant

OF_INSTITUTIONS = (
    *("institution_id", "eligible", "reasons", "rate", "claims", "eligible_claims"),
    *("compensation", "payable"),
)
"""What a comparison takes over from the table of institutions of a run."""
SUMS = ("compensation", "payable", "paid", "returned_to_government", "net_cost")
"""Amounts of a year, in fen, of all institutions."""
COUNTS = ("eligible_institutions", "claims", "eligible_claims")
CHANGES = ("claims_gaining", "claims_losing", "claims_switching")
EFFECTS = ("becomes_eligible", "becomes_ineligible", "gains", "loses", "payable_only")
INTERPLAY = "interplay"
"""The row of what changes do only together: that of all less the sum of each alone."""


@dataclass(frozen=True, eq=False)
class Comparison:
    """Variants of a policy over the same ledgers; the first is what the others are held against.

    `totals`, `institutions`, `claims`, `changes`: DataFrames; `tables`: the same as Arrow tables.
    A row without a year is of all years together. `claims` has those that come out otherwise than
    under the first variant. `changes`: what each setting does alone, and all of them together.
    `strict_dates`: whether policies have their own days; else each is in force in every year.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> found = compare(ledger, "jiyuan-2022", [2022], ["rates.tiers[3].rate=0.12"])
    >>> [each.name for each in found.variants]
    ['jiyuan-2022', 'jiyuan-2022 rates.tiers[3].rate=0.12']
    """

    variants: tuple[Variant, ...]
    years: tuple[int, ...]
    budget: int | None
    strict_dates: bool
    tables: Mapping[str, pa.Table] = field(repr=False)
    measured: Measured = field(repr=False)

    @property
    def totals(self) -> pd.DataFrame:
        """What each variant comes to: a row for each year, and one for all years."""
        return frame_of(self.tables["totals"])

    @property
    def institutions(self) -> pd.DataFrame:
        """A row for each year, variant and institution."""
        return frame_of(self.tables["institutions"])

    @property
    def claims(self) -> pd.DataFrame:
        """The claims that gain, lose, or become eligible or ineligible, and by which conditions."""
        return frame_of(self.tables["claims"])

    @property
    def changes(self) -> pd.DataFrame:
        """What each variant costs more than the first; see `INTERPLAY`."""
        return frame_of(self.tables["changes"])

    @property
    def texts(self) -> Mapping[str, str]:
        """The files of the variants by name, and the series that they take from elsewhere."""
        return {
            f"variant-{number}.{'policy.toml' if name == POLICY_TEXT else name}": text
            for number, variant in enumerate(self.variants, 1)
            for name, text in variant.policy.texts.items()
        }

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What comparison_summary.json holds: variants, years, totals."""
        ledgers = self.measured.ledgers
        return {
            "variants": [
                {
                    "name": variant.name,
                    "policy": {"id": variant.policy.id, "digest": variant.policy.digest},
                    "settings": list(map(str, variant.settings)),
                }
                for variant in self.variants
            ],
            "years": list(self.years),
            "strict_dates": self.strict_dates,
            **({} if ledgers.day is None else {"as_of": date_of(ledgers.day).isoformat()}),
            "reviews": list(ledgers.reviews),
            "budget": None if self.budget is None else yuan(self.budget),
            "version": __version__,
            "input_digest": self.measured.digest,
            "rules": {name: text_digest(text) for name, text in self.texts.items()},
            "totals": [
                {
                    name: f"{cell}" if isinstance(cell, Decimal) else cell
                    for name, cell in row.items()
                }
                for row in self.tables["totals"].to_pylist()
            ],
        }


def compare(
    portfolio: Portfolio,
    policies: Sequence[PolicyGiven] | PolicyGiven,
    years: Sequence[int],
    settings: Sequence[str | Setting] = (),
    budget: Decimal | int | str | None = None,
    *,
    strict_dates: bool = False,
    as_of: datetime.date | str | None = None,
) -> Comparison:
    """Compare policies over the same ledgers, year by year.

    `policies`: ids, files, policies or variants; the first is what the others are held against.
    `settings`: changes ``PATH=VALUE`` of one policy; it is compared with each alone, and with all.
    `budget`: yuan for each year, as in `assess`. A policy is taken as in force in every year;
    `strict_dates` takes its days as they are. `as_of`: as in `assess`.
    Raises `InputFaults` and `PolicyFaults` as `assess` does, and where a year has no ledger, where
    settings are given for several policies, and where `vary` does.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> found = compare(ledger, "jiyuan-2022", [2022], ["rates.tiers[2].rate=0.12"])
    >>> found.totals["compensation"].tolist()
    [Decimal('200027.25'), Decimal('162468.71')]
    """
    asked = tuple(dict.fromkeys(map(operator.index, years)))
    variants = variants_of(policies, settings, () if strict_dates else asked)
    in_fen, faults = budget_fen(budget)
    policies_of = [each.policy for each in variants]
    found, wrong = measured(portfolio, policies_of, asked, strict_dates, as_of)
    if faults + wrong:
        raise InputFaults(faults + wrong)
    return compared(found, variants, asked, in_fen, strict_dates=strict_dates)


def variants_of(
    policies: Sequence[PolicyGiven] | PolicyGiven,
    settings: Sequence[str | Setting],
    in_force: Sequence[int],
) -> tuple[Variant, ...]:
    """Return what is compared: policies, or one policy as it is and with settings.

    `in_force`: the years in which each is to be in force. Raises `PolicyFaults`.
    """
    given = [policies] if isinstance(policies, str | os.PathLike | Policy | Variant) else policies
    chosen = tuple(setting_of(each) if isinstance(each, str) else each for each in settings)
    if chosen and len(given) != 1:
        message = Text(
            "--set 只用于一项政策；现有 {count} 项", "--set is for one policy; there are {count}"
        ).fill(count=len(given))
        raise PolicyFaults([policy_fault("settings_of_several", str(chosen[0]), "", message)])
    found = [_variant(each, (), in_force) for each in given]
    if chosen:
        base = given[0]
        # All of them first, so that everything wrong with them is said at once.
        together = _variant(base, chosen, in_force)
        alone = [_variant(base, (each,), in_force) for each in chosen] if len(chosen) > 1 else []
        found += [*alone, together]
    names: dict[str, int] = {}
    return tuple(_named(variant, names) for variant in found)


def _variant(given: PolicyGiven, settings: tuple[Setting, ...], in_force: Sequence[int]) -> Variant:
    if isinstance(given, Variant):
        varied = vary(given.policy, settings, in_force)
        name = " ".join([given.name, *map(str, settings)])
        return Variant(name, varied.policy, given.settings + settings)
    return vary(load_policy(given), settings, in_force)


def _named(variant: Variant, names: dict[str, int]) -> Variant:
    """Return a variant by a name that no other has; `names`: how often each was there so far."""
    names[variant.name] = names.get(variant.name, 0) + 1
    times = names[variant.name]
    return variant if times == 1 else variant._replace(name=f"{variant.name} ({times})")


class _Year(NamedTuple):
    """What a variant comes to in a year, as far as tables need it."""

    year: int
    variant: int
    institutions: pa.Table
    claims: pa.Table
    sums: Mapping[str, int]


def compared(
    found: Measured,
    variants: tuple[Variant, ...],
    years: tuple[int, ...],
    budget: int | None,
    *,
    strict_dates: bool,
) -> Comparison:
    """Compare variants over ledgers that have been measured; see `compare`."""
    rows = []
    for year in years:
        first: _Side | None = None
        for place, variant in enumerate(variants):
            outcome = found.outcome(variant.policy, year, budget)
            side = _side(outcome.decided)
            first = side if first is None else first
            rows.append(_year(year, place, outcome, changed_claims(first, side)))
    tables = {
        "totals": _totals(variants, years, rows),
        "institutions": _stacked(variants, rows, [row.institutions for row in rows]),
        "claims": _stacked(variants, rows, [row.claims for row in rows]),
        "changes": _changes(variants, years, rows),
    }
    return Comparison(variants, years, budget, strict_dates, tables, found)


def _year(year: int, place: int, outcome: Outcome, claims: pa.Table) -> _Year:
    change, effect = claims["change"], claims["effect"]
    sums = sums_of(outcome) | {
        "claims_gaining": _count(pc.greater(change, Decimal(0))),
        "claims_losing": _count(pc.less(change, Decimal(0))),
        "claims_switching": _count(pc.starts_with(effect, "becomes")),
    }
    return _Year(year, place, institutions_of(outcome), claims, sums)


def _count(flags: pa.ChunkedArray) -> int:
    return int(pc.sum(flags).as_py() or 0)


def sums_of(outcome: Outcome) -> dict[str, int]:
    """Return what a variant comes to in a year: `COUNTS`, and `SUMS` in fen."""
    decisions = outcome.decided.decisions
    return {
        "eligible_institutions": int(outcome.decided.verdicts.eligible.sum()),
        "claims": len(decisions.payout),
        "eligible_claims": int(decisions.eligible.sum()),
        "compensation": int(decisions.compensation.sum()),
        "payable": int(decisions.payable.sum()),
        "paid": int(outcome.paid.sum()),
        "returned_to_government": int(outcome.returned.sum()),
        "net_cost": int(outcome.net_cost.sum()),
    }


def figure_column(name: str, figures: Sequence[int]) -> pa.Array:
    """Return figures of a name as a column: yuan for those that are amounts, else a count."""
    values = np.array(figures, dtype=np.int64)
    return money(values) if name in SUMS else arrow(values)


def institutions_of(outcome: Outcome) -> pa.Table:
    """Return what a variant comes to in a year for each institution, in the order of the input."""
    table = institutions_table(outcome.decided).select(OF_INSTITUTIONS)
    of = outcome.decided.cases.institution
    amounts = (outcome.paid, outcome.returned, outcome.net_cost)
    for name, amount in zip(SUMS[2:], amounts, strict=True):
        table = table.append_column(name, money(group_sum(amount, of, len(table))))
    return table


class _Side(NamedTuple):
    """What one of two variants says of all claims of the ledger; nothing where it has no case."""

    decided: Decided
    eligible: Flags
    rate: Integers
    compensation: Integers
    payable: Integers


def changed_claims(before: _Side, after: _Side) -> pa.Table:
    """Return the claims that come out otherwise than under the first variant.

    `conditions`: those by which a claim becomes eligible or ineligible; of an institution's own,
    ``institution:`` and the id.
    """
    ledgers = after.decided.ledgers
    differs = (
        (before.eligible != after.eligible)
        | (before.compensation != after.compensation)
        | (before.payable != after.payable)
    )
    rows = np.flatnonzero(differs).astype(np.int64)
    change = (after.compensation - before.compensation)[rows]
    now, was = after.eligible[rows], before.eligible[rows]
    effect = np.select(
        [now & ~was, was & ~now, change > 0, change < 0], range(4), default=4
    ).astype(np.int8)
    contract = ledgers.links.claim_contract[rows]
    institution = ledgers.links.contract_institution[contract]
    pairs = {
        "rate": (before.rate, after.rate),
        "compensation": (before.compensation, after.compensation),
        "payable": (before.payable, after.payable),
    }
    columns = {
        "claim_id": ledgers.column("claims", "claim_id").take(arrow(rows)),
        "institution_id": ledgers.column("institutions", "institution_id").take(arrow(institution)),
        "effect": pa.DictionaryArray.from_arrays(arrow(effect), texts(EFFECTS)).cast(pa.string()),
        "conditions": pc.coalesce(
            _conditions(before.decided, rows, now & ~was),
            _conditions(after.decided, rows, was & ~now),
        ),
    }
    for name, (one, two) in pairs.items():
        for suffix, values, flags in (("_before", one, was), ("", two, now)):
            columns[name + suffix] = (
                decimal_column(values[rows], RATIO_DECIMALS, flags)
                if name == "rate"
                else money(values[rows])
            )
    return pa.table({**columns, "change": money(change)})


def _side(decided: Decided) -> _Side:
    decisions, rows = decided.decisions, decided.claim_rows
    claims = decided.ledgers.rows("claims")

    def spread(values: Integers) -> Integers:
        whole = np.zeros(claims, dtype=np.int64)
        whole[rows] = values
        return whole

    return _Side(
        decided,
        spread(decisions.eligible.astype(np.int64)) > 0,
        spread(decisions.rate),
        spread(decisions.compensation),
        spread(decisions.payable),
    )


def _conditions(decided: Decided, rows: Integers, switching: Flags) -> pa.Array:
    """Return what claims failed, at those of the rows of the ledger that switch; else null."""
    place = np.full(decided.ledgers.rows("claims"), -1, dtype=np.int64)
    place[decided.claim_rows] = np.arange(len(decided.claim_rows))
    of = place[rows[switching]]
    decided_here = of >= 0  # policies may put a claim into different years
    failed = {name: flags[of] & decided_here for name, flags in _failed(decided).items()}
    at = np.cumsum(switching) - 1
    return reasons(failed, len(of)).take(arrow(at, switching))


def _failed(decided: Decided) -> dict[str, Flags]:
    """Return which claims failed what; for their institution, which of its conditions it failed."""
    rules, verdicts = decided.policy.rules, decided.verdicts
    through = {each.id for each in rules.claim_conditions if each.value == INSTITUTION}
    found: dict[str, Flags] = {}
    for name, failed in decided.decisions.failed.items():
        if name not in through:
            found[name] = failed
            continue
        for own, outcome in zip(rules.institution_conditions, verdicts.conditions, strict=True):
            found[f"institution:{own.id}"] = ~outcome.passed[decided.cases.institution]
    return found


def _stacked(
    variants: Sequence[Variant], rows: Sequence[_Year], tables: Sequence[pa.Table]
) -> pa.Table:
    """Return the tables of each year and variant, one below the other."""
    return pa.concat_tables(
        table.add_column(
            0, "year", arrow(np.full(len(table), row.year, dtype=np.int64))
        ).add_column(
            1,
            "variant",
            texts([variants[row.variant].name]).take(arrow(np.zeros(len(table), dtype=np.int64))),
        )
        for row, table in zip(rows, tables, strict=True)
    )


def _with_all(
    years: Sequence[int], rows: Sequence[_Year]
) -> Iterator[tuple[int | None, int, dict[str, int]]]:
    """Yield year, variant and sums, then those of all years together, where there are several."""
    for row in rows:
        yield row.year, row.variant, dict(row.sums)
    if len(years) > 1:
        for place in sorted({row.variant for row in rows}):
            own = [row.sums for row in rows if row.variant == place]
            yield None, place, {name: sum(sums[name] for sums in own) for name in own[0]}


def _totals(variants: Sequence[Variant], years: Sequence[int], rows: Sequence[_Year]) -> pa.Table:
    found = list(_with_all(years, rows))
    sums = [each for _, _, each in found]
    columns = {
        "year": pa.array([year for year, _, _ in found], pa.int64()),
        "variant": texts([variants[place].name for _, place, _ in found]),
    }
    for name in (*COUNTS, *SUMS, *CHANGES):
        columns[name] = figure_column(name, [each[name] for each in sums])
    return pa.table(columns)


def _changes(variants: Sequence[Variant], years: Sequence[int], rows: Sequence[_Year]) -> pa.Table:
    """Return what each variant costs more than the first, and what changes do only together."""
    found: list[tuple[int | None, str, dict[str, int]]] = []
    by_year: dict[int | None, list[dict[str, int]]] = {}
    for year, _, sums in _with_all(years, rows):
        by_year.setdefault(year, []).append(sums)
    together = _is_of_all(variants)
    for year, (first, *others) in by_year.items():
        more = [{name: each[name] - first[name] for name in SUMS} for each in others]
        names = [variant.name for variant in variants[1:]]
        found += [(year, name, each) for name, each in zip(names, more, strict=True)]
        if together:
            *alone, all_ = more
            left = {name: all_[name] - sum(each[name] for each in alone) for name in SUMS}
            found.append((year, INTERPLAY, left))
    columns = {
        "year": pa.array([year for year, _, _ in found], pa.int64()),
        "variant": texts([name for _, name, _ in found]),
    }
    for name in SUMS:
        columns[name] = money(np.array([each[name] for _, _, each in found], dtype=np.int64))
    return pa.table(columns)


def _is_of_all(variants: Sequence[Variant]) -> bool:
    """Return whether the last variant has the settings of all others, which have one each."""
    if len(variants) < 2:
        return False
    _, *alone, together = (each.settings[len(variants[0].settings) :] for each in variants)
    return len(alone) > 1 and together == tuple(each for one in alone for each in one)
