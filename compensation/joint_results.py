"""The result tables and the summary of a year under several policies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, texts
from compensation.columns import Integers
from compensation.engine.run import Decided, digested_ledgers, with_size_tables
from compensation.faults.input_faults import Faults
from compensation.ledger.digest import digest_of
from compensation.ledger.portfolio import Ledgers
from compensation.policy.catalogue import Policy, texts_of_policies
from compensation.results import (
    GRANTS,
    PAYABLE_BY,
    WITHOUT,
    claims_table,
    institutions_table,
    money,
    recoveries_table,
    summary_warnings,
    text_digest,
)
from compensation.rules.indicators import year_ends
from compensation.rules.set_off import SET_OFF
from compensation.schema.dictionary import TABLES, WHERE_GIVEN
from compensation.settlement.in_force import Coverage
from compensation.settlement.returning import ReturnedToDate
from compensation.settlement.summary import assumptions_of
from compensation.values.dates import date_of
from compensation.values.printing import yuan
from compensation.version import __version__

NOT_COVERED = "not_covered"


@dataclass(frozen=True, eq=False)
class JointRun:
    """What policies decided together, in columns. `decided`: by policy that covers the year."""

    ledgers: Ledgers = field(repr=False)
    policies: tuple[Policy, ...]
    year: int
    budget: int | None
    covered: Coverage = field(repr=False)
    decided: tuple[Decided, ...] = field(repr=False)
    returned: ReturnedToDate = field(repr=False)
    warnings: Faults = field(repr=False)

    @property
    def claim_rows(self) -> Integers:
        """The claims of the year, whether a policy covers them or not."""
        return np.flatnonzero(self.covered.year == self.year).astype(np.int64)

    @property
    def texts(self) -> Mapping[str, str]:
        """The rules of the run as texts, by the names under which results keep them."""
        return with_size_tables(texts_of_policies(self.policies), self.ledgers)


def joint_tables(run: JointRun) -> Mapping[str, pa.Table]:
    """Return the three result tables by name."""
    return {
        "claims": _claims(run),
        "institutions": _institutions(run),
        "returns": _returns(run),
    }


def _claims(run: JointRun) -> pa.Table:
    """Return the claims of the year in the order of the input, with the policy of each."""
    left = np.flatnonzero((run.covered.year == run.year) & (run.covered.policy < 0))
    rows = [*(each.claim_rows for each in run.decided), left.astype(np.int64)]
    tables = [_with_policy(claims_table(each), each.policy.id) for each in run.decided]
    schema = tables[0].schema
    tables.append(_not_covered(run, rows[-1], schema))
    whole = _zero_where_blank(pa.concat_tables(tables, promote_options="default").combine_chunks())
    return whole.take(arrow(np.argsort(np.concatenate(rows), kind="stable")))


def _zero_where_blank(claims: pa.Table) -> pa.Table:
    """Return claims with 0 for payers and set-offs that the policy of the claim does not have."""
    for place, name in enumerate(claims.column_names):
        if name.startswith(PAYABLE_BY) or name == SET_OFF:
            nothing = pa.scalar(Decimal("0.00"), claims[name].type)
            claims = claims.set_column(place, name, pc.fill_null(claims[name], nothing))
    return claims


def _with_policy(table: pa.Table, id_: str | None) -> pa.Table:
    return table.append_column("policy", texts([id_] * len(table)))


def _not_covered(run: JointRun, rows: Integers, schema: pa.Schema) -> pa.Table:
    """Return the year's claims on days that no policy covers; their amounts are 0."""
    ledgers, nothing = run.ledgers, np.zeros(len(rows), dtype=np.int64)
    contract = ledgers.links.claim_contract[rows]
    institution = ledgers.links.contract_institution[contract]
    exposure = run.decided[0].inputs.exposures(rows)
    columns = {
        "claim_id": ledgers.column("claims", "claim_id").take(arrow(rows)),
        "contract_id": ledgers.column("claims", "contract_id").take(arrow(rows)),
        "institution_id": ledgers.column("institutions", "institution_id").take(arrow(institution)),
        "borrower_id": ledgers.column("contracts", "borrower_id").take(arrow(contract)),
        "payout_date": ledgers.column("claims", "payout_date").take(arrow(rows)),
        "payout": money(ledgers.payout[rows]),
        "borrower_exposure": money(exposure),
        "eligible": arrow(np.zeros(len(rows), dtype=np.bool_)),
        "status": texts([NOT_COVERED] * len(rows)),
        **dict.fromkeys(("base", "compensation", "payable", GRANTS[0]), money(nothing)),
        GRANTS[1]: arrow(ledgers.known("claims", "closed_date")[rows]),
    }
    for name in WITHOUT[run.policies[0].rules.record]:
        del columns[name]
    cells = [columns.get(name, pa.nulls(len(rows), kind)) for name, kind in _fields(schema)]
    return pa.table(cells, schema=schema)


def _fields(schema: pa.Schema) -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in schema]


def _institutions(run: JointRun) -> pa.Table:
    """Return a row for each institution and policy: by institution, then in the policies' order."""
    tables = [_with_policy(institutions_table(each), each.policy.id) for each in run.decided]
    whole = pa.concat_tables(tables, promote_options="default").combine_chunks()
    number = np.tile(np.arange(run.ledgers.rows("institutions")), len(tables))
    return whole.take(arrow(np.argsort(number, kind="stable")))


def _returns(run: JointRun) -> pa.Table:
    """Return all recoveries and what each returns to whom, by the policy of its claim."""
    rows, parties = run.ledgers.rows("recoveries"), len(run.ledgers.parties)
    distributed, surplus = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    parts = np.zeros((rows, 1 + parties), dtype=np.int64)
    for under in run.returned.under:
        distributed[under.recoveries] = under.recovered.distributed
        surplus[under.recoveries] = under.recovered.surplus
        parts[under.recoveries] = under.recovered.parts
    return recoveries_table(run.ledgers, distributed, surplus, parts)


def joint_summary(run: JointRun, tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    """Return what summary.json holds; amounts are strings with two decimals."""
    digested = digested_ledgers(run.ledgers)
    day = run.ledgers.day
    return {
        "policies": [{"id": policy.id, "digest": policy.digest} for policy in run.policies],
        "year": run.year,
        "budget": None if run.budget is None else yuan(run.budget),
        **({} if day is None else {"as_of": date_of(day).isoformat()}),
        "reviews": list(run.ledgers.reviews),
        "version": __version__,
        "input_digest": digest_of(digested),
        "inputs": {
            table.name: {
                "rows": digested[table.name].rows,
                "digest": digest_of({table.name: digested[table.name]}),
            }
            for table in TABLES
            if table not in WHERE_GIVEN or run.ledgers.present[table.name]
        },
        "parties": list(run.ledgers.parties),
        "rules": {name: text_digest(text) for name, text in run.texts.items()},
        "totals": _totals(run, tables),
        "assumptions": [
            row
            for policy in run.policies
            for row in assumptions_of(policy, budget=run.budget is not None)
        ],
        "warnings": summary_warnings(run.warnings),
    }


def _totals(run: JointRun, tables: Mapping[str, pa.Table]) -> dict[str, Any]:
    decisions = [each.decisions for each in run.decided]
    eligible = [each.verdicts.eligible for each in run.decided]
    before, last = year_ends(run.year)
    day = run.ledgers.numbers("recoveries", "recovery_date")
    in_year, government = (day > before) & (day <= last), 0
    for under in run.returned.under:
        government += int(under.recovered.parts[in_year[under.recoveries], 0].sum())
    return {
        "institutions": run.ledgers.rows("institutions"),
        "eligible_institutions": int(np.logical_or.reduce(eligible).sum()),
        "claims": len(tables["claims"]),
        "eligible_claims": sum(int(each.eligible.sum()) for each in decisions),
        "compensation": yuan(sum(int(each.compensation.sum()) for each in decisions)),
        "payable": yuan(sum(int(each.payable.sum()) for each in decisions)),
        "distributed": yuan(int(run.returned.distributed.sum())),
        "to_government": yuan(int(run.returned.government.sum())),
        "to_government_in_year": yuan(government),
        "surplus": yuan(int(run.returned.surplus.sum())),
    }
