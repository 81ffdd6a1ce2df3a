"""What a settlement decided, in columns; results and explanations are made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from compensation.columns import Integers
from compensation.engine.movements import Movements
from compensation.engine.run import Decided, digested_ledgers, with_size_tables
from compensation.ledger.digest import DigestedTable, digest_of
from compensation.ledger.portfolio import Ledgers
from compensation.policy.catalogue import Policy, texts_of_policies
from compensation.rules.lateness import LateReturns
from compensation.rules.settlement import Claims, Due, Granted
from compensation.rules.steps import Steps
from compensation.settlement.in_force import Coverage
from compensation.settlement.period import Period
from compensation.settlement.returning import ReturnedToDate


@dataclass(frozen=True, eq=False)
class Settled:
    """What a settlement decided; amounts are (claims,) fen.

    `ledgers`: the ledger as it stood on the day. `budget`: fen. `remitted`: net remittances to
    date. `statement`: of the pool. `late`: what is charged on late returns, where policies do.
    """

    ledgers: Ledgers = field(repr=False)
    policies: tuple[Policy, ...]
    period: Period
    budget: int | None
    covered: Coverage = field(repr=False)
    decided: tuple[Decided, ...] = field(repr=False)
    claims: Claims = field(repr=False)
    payout: Integers = field(repr=False)
    granted: Granted = field(repr=False)
    returned: ReturnedToDate = field(repr=False)
    legs: Due = field(repr=False)
    payments: Movements = field(repr=False)
    remittances: Movements = field(repr=False)
    remitted: Integers = field(repr=False)
    statement: Steps = field(repr=False)
    late: LateReturns | None = field(repr=False)

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The rules of the settlement as texts, by the names under which results keep them."""
        return with_size_tables(texts_of_policies(self.policies), self.ledgers)

    @cached_property
    def digested(self) -> Mapping[str, DigestedTable]:
        """What the digest knows of each table of the ledger as it stood, and of the parties."""
        return digested_ledgers(self.ledgers)

    @property
    def input_digest(self) -> str:
        """The digest of the ledger as it stood on the day."""
        return digest_of(self.digested)
