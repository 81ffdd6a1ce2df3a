"""The years after a base year, if business grows and payouts move as is assumed.

Simple rules, each of which is a line with its formula: amounts grow from year to year, half up to
the fen; the payout rate is that of the base year, shifted; the claims of the base year stand for
those of a later one, their payouts scaled by one factor; shares and growth stay those of the base
year, and so does all that conditions test but amounts. No chance and no fitted model: claims are
too few for one. With no growth and no shift every year is the base year, to the fen.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from compensation.assessment import year_faults
from compensation.columns import group_sum
from compensation.engine.movements import is_there
from compensation.engine.run import refusing_too_large
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger.portfolio import Portfolio
from compensation.outlook import changed
from compensation.outlook.assumptions import Assumption, Given, assumptions_of
from compensation.outlook.changed import BaseYear
from compensation.outlook.forecast_tables import forecast_tables
from compensation.outlook.projection import ForecastYear, Start, as_it_is, project
from compensation.outlook.years import span
from compensation.policy.catalogue import Policy, PolicyPath
from compensation.refusals import Refused
from compensation.results import frame_of, text_digest
from compensation.rules.indicators import year_ends
from compensation.rules.pool import lines_of
from compensation.settlement.settle import settle
from compensation.values.dates import date_of
from compensation.values.printing import ratio
from compensation.version import __version__
from compensation.whatif.variants import IN_FORCE, vary

if TYPE_CHECKING:
    import pandas as pd

MOST_YEARS = 20
YEARS = Text("年数 {n} 不在 1 至 {most} 之间", "the number of years, {n}, is not from 1 to {most}")
RATIOS_STAY = Text(
    "占比和增速沿用基年的数值；机构数、每笔业务的条件和分担比例不变，只有金额变动",
    "shares and growth stay those of the base year, and so do the institutions, the conditions of"
    " each claim and who bears it: only amounts change",
)
PAID_IN_FULL = Text(
    "补偿视为全部审核通过、当年付清", "all compensation is taken as approved and paid in its year"
)
POOL_OPENS = Text(
    "资金池期初余额为基年末清算后的可用余额",
    "the pool begins with what is available once the end of the base year is settled",
)
NO_POOL = Text(
    "台账没有资金池表，期初余额按 0 计", "the ledger has no table pool: its balance begins with 0"
)
NO_PAYOUTS = Text(
    "在 {year} 年没有代偿的机构，以后年度也按没有代偿计：{ids}",
    "institutions that paid nothing out in {year} pay nothing out later: {ids}",
)
NO_RELEASES = Text(
    "在 {year} 年有代偿而没有解除担保额的机构，代偿额只随增速变动：{ids}",
    "where nothing was released in {year} payouts only grow: {ids}",
)


@dataclass(frozen=True, eq=False)
class Forecast:
    """The years after a base year under three assumptions; see `forecast`.

    `years`, `institutions`, `lines`: DataFrames with Arrow-backed columns; the same as Arrow tables
    in `tables`. `summary`: what forecast_summary.json holds. `notes`: what the figures rest on.
    `all_years`: the base year, then the years of each assumption.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> [each.name for each in forecast(ledger, 2022, 1, "0.1", policy="jiyuan-2022").assumptions]
    ['low', 'middle', 'high']
    """

    start: Start = field(repr=False)
    assumptions: tuple[Assumption, ...]
    all_years: tuple[ForecastYear, ...] = field(repr=False)

    @cached_property
    def tables(self) -> Mapping[str, pa.Table]:
        """The years, the institutions and the lines of arithmetic as Arrow tables, by name."""
        return forecast_tables(self.all_years, self.start.base.institutions())

    @property
    def years(self) -> pd.DataFrame:
        """A row for each assumption and year: compensation, what returns, the pool."""
        return frame_of(self.tables["forecast_years"])

    @property
    def institutions(self) -> pd.DataFrame:
        """A row for each assumption, year and institution: its tier, and what one up is worth."""
        return frame_of(self.tables["forecast_institutions"])

    @property
    def lines(self) -> pd.DataFrame:
        """Every line of arithmetic, with its formula."""
        return frame_of(self.tables["forecast_lines"])

    @property
    def texts(self) -> Mapping[str, str]:
        """The policy as a text, and the series that it uses."""
        return self.start.base.policy.texts

    @cached_property
    def notes(self) -> tuple[Text, ...]:
        """What the figures rest on, and what they leave out."""
        return tuple(self._notes())

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What forecast_summary.json holds."""
        base, policy = self.start.base, self.start.base.policy
        return {
            "base_year": base.inputs.year,
            "assumptions": [
                {
                    "name": each.name,
                    "growth": ratio(each.growth),
                    "payout_rate": ratio(each.shift),
                    "recovery_rate": None if each.recovery is None else ratio(each.recovery),
                }
                for each in self.assumptions
            ],
            "policy": {"id": policy.id, "digest": policy.digest},
            "strict_dates": base.strict,
            "pool": self.start.has_pool,
            "version": __version__,
            "input_digest": base.decided.input_digest,
            "rules": {name: text_digest(text) for name, text in policy.texts.items()},
            "totals": {"years": len(self.all_years), "institutions": len(base.institutions())},
            "notes": [{"message": note.zh, "message_en": note.en} for note in self.notes],
        }

    def _notes(self) -> Iterator[Text]:
        base = self.start.base
        if not base.strict:
            yield IN_FORCE
        yield RATIOS_STAY
        yield PAID_IN_FULL
        yield POOL_OPENS if self.start.has_pool else NO_POOL
        paid, released = base.amount("payout_amount"), base.amount("released_amount")
        for which, note in ((paid == 0, NO_PAYOUTS), ((paid > 0) & (released == 0), NO_RELEASES)):
            ids = [base.institutions()[row] for row in np.flatnonzero(which).tolist()]
            if ids:
                more = "" if len(ids) <= 5 else " …"
                yield note.fill(ids=", ".join(ids[:5]) + more, year=base.inputs.year)


@refusing_too_large()
def forecast(
    portfolio: Portfolio,
    base_year: int,
    years: int,
    growth: Given,
    payout_rate: Given = 0,
    recovery_rate: Given | None = None,
    policy: PolicyPath | Policy = "jiyuan-2022",
    *,
    strict_dates: bool = False,
) -> Forecast:
    """Return the years after a base year, if business grows and payouts move as is assumed.

    `growth`: of amounts and borrowers in a year, such as ``"0.10"``. `payout_rate`: by how much the
    payout rate is above that of the base year. `recovery_rate`: how much of each payout is
    recovered; None: what comes back goes on as in the base year, and grows. Each is one number,
    never a float, or three: low, middle, high. The policy is taken as in force in every year unless
    `strict_dates`.

    Raises `InputFaults` where the ledger has nothing of the base year or lacks what the policy
    needs, or the policy covers no day of a year with `strict_dates`; `Refused` for an assumption
    that cannot be; `PolicyFaults`; TypeError for anything but a `Portfolio`.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> ahead = forecast(ledger, 2022, 1, "0.1", policy="jiyuan-2022")
    >>> ahead.years["compensation"].tolist()
    [Decimal('200027.25'), Decimal('200027.25'), Decimal('220029.96'), Decimal('240032.69')]
    """
    if not isinstance(portfolio, Portfolio):
        raise TypeError(f"forecast takes a Portfolio, not {type(portfolio).__name__}")
    assumed = assumptions_of(growth, payout_rate, recovery_rate)
    year, years = operator.index(base_year), operator.index(years)
    if not 1 <= years <= MOST_YEARS:
        raise Refused(YEARS.fill(n=years, most=MOST_YEARS))
    base = changed.base_year(portfolio, policy, year, strict_dates=strict_dates, later=years)
    later = (year + number for number in range(1, years + 1))
    faults = [fault for each in later for fault in year_faults(base.policy, each)]
    if faults:
        raise InputFaults(faults)
    start = _start(portfolio, base)
    found = [as_it_is(start)]
    for assumption in assumed:
        found += project(start, assumption, years)
    return Forecast(start, assumed, tuple(found))


def _start(portfolio: Portfolio, base: BaseYear) -> Start:
    """Return where forecasts begin: what the pool holds once the base year is settled."""
    has_pool, opening = is_there(portfolio, "pool"), 0
    if has_pool:
        last = date_of(year_ends(base.inputs.year)[1])
        earlier = () if base.strict else range(span(portfolio)[0].year, last.year + 1)
        policy = vary(base.policy, (), earlier).policy
        opening = lines_of(settle(portfolio, policy, last).statement)["available"]
    ledgers, recovered = base.decided.ledgers, base.decided.recovered
    before, end = year_ends(base.inputs.year)
    day = ledgers.numbers("recoveries", "recovery_date")
    within = np.where((day > before) & (day <= end), recovered.parts[:, 0], 0)
    contract = ledgers.links.claim_contract[ledgers.links.recovery_claim]
    of = ledgers.links.contract_institution[contract]
    returned = group_sum(within, of, ledgers.rows("institutions"))
    return Start(base, opening, has_pool, returned)
