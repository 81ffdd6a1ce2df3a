"""The result of a settlement, for its users: as DataFrames, as a summary, and explained."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from compensation.cards import Card, Shown
from compensation.faults.input_faults import Faults
from compensation.language import Text
from compensation.policy.case_words import words_of
from compensation.results import frame_of
from compensation.settlement.settled import Settled
from compensation.settlement.summary import summary_of
from compensation.settlement.tables import institutions_table, pool_table, settlement_table
from compensation.settlement.warnings import notes_of, warnings_of
from compensation.written_results import WrittenResult

if TYPE_CHECKING:
    import pandas as pd

    from compensation.settlement.explanation import SettledClaim


_TOTALS = (
    ("应拨付（元）", "to_pay"),
    ("应缴回（元）", "to_remit"),
    ("净额（元）", "net_due"),
)


class Settlement(Shown, WrittenResult, Settled):
    """The result of a settlement.

    `settlement`, `institutions`, `pool_statement`: DataFrames with Arrow-backed columns, in the
    order of the input; the same as Arrow tables in `tables`. `summary`: what
    settlement_summary.json holds. `warnings`: what is worth a look. `notes`: what the figures leave
    out because the ledger lacks it.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> settle(ledger, ["jiyuan-2022"], "2022-12-31").summary["totals"]["to_pay"]
    '132041.75'
    """

    def _card(self) -> Card:
        totals = self.summary["totals"]
        facts: list[tuple[Text, object]] = [
            (Text("清算日", "to"), self.to),
            (Text("本期起始日", "from"), self.from_),
            (words_of(self.policies).number, totals["claims"]),
            *((Text(zh, en), totals[en]) for zh, en in _TOTALS if en in totals),
        ]
        ids = ", ".join(policy.id for policy in self.policies)
        names = "、".join(policy.rules.name.zh for policy in self.policies)
        return Card(Text(names, ids), facts)

    @property
    def to(self) -> datetime.date:
        """The day on which it is settled."""
        return self.period.last

    @property
    def from_(self) -> datetime.date:
        """The first day of the period that it reports."""
        return self.period.first

    @cached_property
    def tables(self) -> Mapping[str, pa.Table]:
        """The three result tables as Arrow tables, by name."""
        return {
            "settlement": settlement_table(self),
            "settlement_institutions": institutions_table(self),
            "pool_statement": pool_table(self.statement),
        }

    @property
    def settlement(self) -> pd.DataFrame:
        """Every claim paid out by the day, one row each."""
        return frame_of(self.tables["settlement"])

    @property
    def institutions(self) -> pd.DataFrame:
        """Every institution with the sums of its claims, one row each."""
        return frame_of(self.tables["settlement_institutions"])

    @property
    def pool_statement(self) -> pd.DataFrame:
        """What the pool held, what came in and went out, and what is left; a row for each line."""
        return frame_of(self.tables["pool_statement"])

    @cached_property
    def warnings(self) -> Faults:
        """What was let through but is worth a look."""
        return warnings_of(self)

    @cached_property
    def notes(self) -> tuple[Text, ...]:
        """What the figures leave out because the ledger lacks it."""
        return tuple(notes_of(self))

    @cached_property
    def summary(self) -> dict[str, Any]:
        """What settlement_summary.json holds."""
        return summary_of(self, self.notes, self.warnings)

    def explain(self, claim_id: str, year: int | None = None) -> SettledClaim:
        """Explain one claim: its decision, payments, recoveries, and what is due.

        `year`: which of its years, of a contract or institution with several. Raises KeyError where
        the ledger, as it stood on the day, has no such claim, or of several years none is said.
        """
        # Most runs explain nothing, and start sooner without it.
        from compensation.settlement.explanation import explain_claim

        return explain_claim(self, claim_id, year)

    def explain_years(self, claim_id: str) -> tuple[SettledClaim, ...]:
        """Explain one claim in each of its years; of contracts or institutions alone several."""
        # As in `explain`.
        from compensation.settlement.explanation import explain_years

        return explain_years(self, claim_id)
