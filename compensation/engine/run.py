"""What one run decided, and everything it rests on; results and explanations are made of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from compensation.arrays import texts
from compensation.columns import Integers
from compensation.engine.inputs import RuleInputs
from compensation.faults.groups import whole
from compensation.faults.input_faults import Faults, InputFaults
from compensation.ledger.digest import DigestedTable, digest_of, digested
from compensation.ledger.portfolio import Ledgers, columns_digested
from compensation.policy.catalogue import Policy
from compensation.rules import returns
from compensation.rules.compensation import Decisions
from compensation.rules.decision import Cases, Verdicts
from compensation.rules.rationals import TooLarge
from compensation.rules.variables import Variable


@contextmanager
def refusing_too_large() -> Iterator[None]:
    """Raise `InputFaults` for amounts that are more than a result can hold."""
    try:
        yield
    except TooLarge as error:
        raise InputFaults([whole("total_too_large", error.message, table="claims")]) from None


class Recovered(NamedTuple):
    """What recoveries return: by recovery, in the order of the input; fen.

    `order`: the recoveries sorted by claim, day and id, as the rules see them; `claim`: the claim
    of each, in this order. `weights`: (claims,
    1 + parties) what government and each party bears of each claim of the input. `payers`:
    (recoveries, payers) what each payer gets of government's part, where the policy can tell.
    """

    order: Integers
    claim: Integers
    weights: Integers
    sorted: returns.Returned
    distributed: Integers
    surplus: Integers
    parts: Integers
    payers: Integers | None = None


@dataclass(frozen=True, eq=False)
class Decided:
    """The claims of a year that one policy decides, in columns.

    `ledgers`: the tables it rests on, of contracts at least those that claims name. `claim_rows`:
    the claims decided, which `cases` and `decisions` are of.
    """

    ledgers: Ledgers = field(repr=False)
    policy: Policy
    year: int
    inputs: RuleInputs = field(repr=False)
    claim_rows: Integers = field(repr=False)
    cases: Cases = field(repr=False)
    decisions: Decisions = field(repr=False)
    indicators: Mapping[str, Variable] = field(repr=False)
    institution_variables: Mapping[str, Variable] = field(repr=False)
    verdicts: Verdicts = field(repr=False)


@dataclass(frozen=True, eq=False)
class Run(Decided):
    """What one run decided, in columns.

    `budget`: fen. `warnings`: what is worth a look.
    """

    budget: int | None
    recovered: Recovered = field(repr=False)
    warnings: Faults = field(repr=False)

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The policy of the run, as a run under several has its policies."""
        return (self.policy,)

    @property
    def decided(self) -> tuple[Decided, ...]:
        """What the policy decided, as a run under several has it of each."""
        return (self,)

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """The rules of the run as texts, by the names under which results keep them."""
        return with_size_tables(self.policy.texts, self.ledgers)

    @cached_property
    def input_digest(self) -> str:
        """The digest of the input's content, whatever the form it came in."""
        return digest_of(self.digested)

    @cached_property
    def digested(self) -> Mapping[str, DigestedTable]:
        """What the digest knows of each table of the input, and of the parties."""
        return digested_ledgers(self.ledgers)


def with_size_tables(policies: Mapping[str, str], ledgers: Ledgers) -> Mapping[str, str]:
    """Return the texts of policies, and of the size classification if contracts could need it."""
    if "industry" not in ledgers.present["contracts"]:
        return policies
    # Most inputs give all types of borrowers; see `ledger.table_checks.borrower_types_of`.
    from compensation.classification.size_table import DATA, read_data

    return {**policies, **{name: read_data(name) for name in DATA}}


def digested_ledgers(ledgers: Ledgers) -> Mapping[str, DigestedTable]:
    """Return what the digest knows of each table of ledgers, and of their parties."""
    # A share column without any value makes a party all the same, and a column of results.
    tables = [name for name in ledgers.tables if name not in ledgers.digests]
    held = {name: digested(columns_digested(ledgers, name)) for name in tables}
    parties = digested({"name": texts(ledgers.parties)})
    return {"parties": parties, **held, **ledgers.digests}
