"""The result tables and the summary, in the columns of the contract, section 6."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, texts
from compensation.columns import Flags, Integers, group_sum, numbered
from compensation.engine.case_years import REVIEWS_OF_EVERY_YEAR
from compensation.engine.earlier_years import counts_earlier_years
from compensation.engine.measures_needed import REPORTED_INDICATORS
from compensation.engine.run import Decided, Run
from compensation.faults.groups import FaultGroup
from compensation.faults.input_faults import Faults
from compensation.ledger.digest import digest_of
from compensation.ledger.later_rows import LATER_ROWS
from compensation.ledger.portfolio import Ledgers
from compensation.ledger.records import Record
from compensation.money import half_up, printed_ratio
from compensation.policy.catalogue import Citation, Policy
from compensation.policy.quantities import payer_names
from compensation.rules.award import STATUSES
from compensation.rules.caps import LOSSES_COUNT, counts_losses
from compensation.rules.decision import rate_is_institutions, rates_of
from compensation.rules.payers import RETURNED_IN_ORDER, SHARED_ALIKE
from compensation.rules.set_off import SET_OFF
from compensation.rules.sharing import silent_on_sharing
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import TABLES, WHERE_GIVEN
from compensation.values.dates import date_of
from compensation.values.printing import decimal_column, ratio_of, yuan
from compensation.version import __version__

if TYPE_CHECKING:
    import pandas as pd

MONEY_DECIMALS = 2
RATIO_DECIMALS = 6
RECOVERY_IDS = ("recovery_id", "claim_id", "recovery_date")
RECOVERY_AMOUNTS = ("proceeds", "cost")
"""What the returns take over from the recoveries as it is."""
GRANTS = ("granted", "closed")
"""What claims have at the end where the ledger says what was approved, or which are closed."""
WARNINGS_EACH = 100
"""How many warnings of each kind the summary lists; the rest are counted."""


def money(fen: Integers) -> pa.Array:
    """Return fen as a decimal(18,2) column of yuan."""
    return decimal_column(fen, MONEY_DECIMALS)


def frame_of(table: pa.Table) -> pd.DataFrame:
    """Return a result table as a DataFrame with Arrow-backed columns."""
    # pandas takes half a second to import, and files are written without it.
    import pandas as pd

    frame: pd.DataFrame = table.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


PAYABLE_BY, TO_PARTY, TO_PAYER = "payable_", "to_", "to_government_"
"""What columns are called before an id: what a payer pays; what a party gets back, and a payer."""
WITHOUT: Mapping[Record, tuple[str, ...]] = {
    "payout": (),
    "contract": ("payout", "borrower_exposure"),
    "institution": ("contract_id", "borrower_id", "payout", "borrower_exposure"),
}
"""The columns of claims that are blank, by what a case is."""


def claims_table(run: Decided) -> pa.Table:
    """Return the claims of the year; one row each, in the order of the input."""
    portfolio, decisions = run.ledgers, run.decisions
    claim = arrow(run.claim_rows)
    contract = portfolio.links.claim_contract[run.claim_rows]
    institution = portfolio.links.contract_institution[contract]
    columns = {
        "claim_id": portfolio.column("claims", "claim_id").take(claim),
        "contract_id": portfolio.column("claims", "contract_id").take(claim),
        "institution_id": portfolio.column("institutions", "institution_id").take(
            arrow(institution)
        ),
        "borrower_id": portfolio.column("contracts", "borrower_id").take(arrow(contract)),
        "payout_date": portfolio.column("claims", "payout_date").take(claim),
        "payout": money(decisions.payout),
        "borrower_exposure": money(run.cases.variables["claims.borrower_exposure"].numerator),
        "eligible": arrow(decisions.eligible),
        "reasons": reasons(decisions.failed, len(contract)),
        "base": money(decisions.base),
        "rate": decimal_column(decisions.rate, RATIO_DECIMALS, decisions.eligible),
        "compensation": money(decisions.compensation),
        "status": pa.DictionaryArray.from_arrays(
            arrow(decisions.status.astype(np.int8)), texts(STATUSES)
        ).cast(pa.string()),
        "payable": money(decisions.payable),
    }
    for name in WITHOUT[run.policy.rules.record]:
        columns[name] = pa.nulls(len(contract), columns[name].type)
    columns |= payer_columns(run.policy, decisions.payers)
    if decisions.set_off is not None:
        columns[SET_OFF] = money(decisions.set_off)
    if portfolio.present["claims"] & {"approved_amount", "closed_date"}:
        closed = portfolio.known("claims", "closed_date")[run.claim_rows]
        grants = (money(decisions.granted), arrow(closed))
        columns |= dict(zip(GRANTS, grants, strict=True))
    return pa.table(columns)


def payer_columns(policy: Policy, payers: Integers) -> dict[str, pa.Array]:
    """Return what each payer of the policy pays; `payers`: (claims, payers) fen."""
    return {
        f"{PAYABLE_BY}{payer}": money(payers[:, place])
        for place, payer in enumerate(payer_names(policy.rules))
    }


def institutions_table(run: Decided) -> pa.Table:
    """Return the institutions; one row each, in the order of the input."""
    portfolio, decisions, verdicts = (
        run.ledgers,
        run.decisions,
        run.verdicts,
    )
    rows = portfolio.rows("institutions")
    of = run.cases.institution
    failed = {
        condition.id: ~outcome.passed
        for condition, outcome in zip(
            run.policy.rules.institution_conditions, verdicts.conditions, strict=True
        )
    }
    columns: dict[str, pa.Array] = {
        "institution_id": portfolio.column("institutions", "institution_id")
    }
    later = [name for name in run.indicators if name not in REPORTED_INDICATORS]
    for name, variable in run.indicators.items():
        if name not in later:
            columns[name] = indicator_column(variable)
    has_rate = verdicts.eligible & (verdicts.tier >= 0)
    rate = (
        rates_of(run.policy, verdicts.tier, run.institution_variables)
        if (rate_is_institutions(run.policy))
        else np.zeros(rows, dtype=np.int64)
    )
    columns |= {
        "eligible": arrow(verdicts.eligible),
        "reasons": reasons(failed, rows),
        "rate": decimal_column(rate, RATIO_DECIMALS, has_rate),
        "claims": arrow(group_sum(np.ones_like(of), of, rows)),
        "eligible_claims": arrow(group_sum(decisions.eligible.astype(np.int64), of, rows)),
        "compensation": money(group_sum(decisions.compensation, of, rows)),
        "payable": money(group_sum(decisions.payable, of, rows)),
    }
    for name in later:
        columns[name] = indicator_column(run.indicators[name])
    if decisions.set_off is not None:
        columns[SET_OFF] = money(group_sum(decisions.set_off, of, rows))
    return pa.table(columns)


def returns_table(run: Run) -> pa.Table:
    """Return all recoveries and what each returns to whom, in the order of the input."""
    recovered = run.recovered
    parts = (recovered.distributed, recovered.surplus, recovered.parts)
    returned = recoveries_table(run.ledgers, *parts)
    if recovered.payers is None:
        return returned
    for place, payer in enumerate(payer_names(run.policy.rules)):
        column = money(recovered.payers[:, place])
        returned = returned.append_column(f"{TO_PAYER}{payer}", column)
    return returned


def recoveries_table(
    ledgers: Ledgers, distributed: Integers, surplus: Integers, parts: Integers
) -> pa.Table:
    """Return all recoveries with what each distributes, its surplus, and what goes to whom.

    `parts`: (recoveries, 1 + parties), government first.
    """
    columns = {name: ledgers.column("recoveries", name) for name in RECOVERY_IDS}
    for name in RECOVERY_AMOUNTS:
        columns[name] = money(ledgers.numbers("recoveries", name))
    return pa.table(columns | returned_columns(distributed, surplus, parts, ledgers.parties))


def returned_columns(
    distributed: Integers, surplus: Integers, parts: Integers, parties: Sequence[str]
) -> dict[str, pa.Array]:
    """Return what each recovery distributes, its surplus, and what goes to whom."""
    columns = {"distributed": money(distributed), "surplus": money(surplus)}
    for place, party in enumerate(("government", *parties)):
        columns[f"{TO_PARTY}{party}"] = money(parts[:, place])
    return columns


def indicator_column(variable: Variable) -> pa.Array:
    """Return an indicator as printed: yuan, a count, or a ratio; blank where undefined.

    Or what a column of the year before says: a text, yes or no, a date.
    """
    if variable.type in (ColumnType.TEXT, ColumnType.CHOICE):
        places = arrow(np.where(variable.known, variable.numerator, 0), variable.known)
        return texts(variable.words or ("",)).take(places)
    if variable.type is ColumnType.BOOLEAN:
        return arrow(variable.numerator == 1, variable.known)
    if variable.type is ColumnType.DATE:
        return arrow(variable.numerator.astype(np.int32), variable.known).cast(pa.date32())
    if variable.type in (ColumnType.COUNT, ColumnType.MONEY):
        units = variable.numerator if variable.denominator is None else _rounded(variable)
        if variable.type is ColumnType.COUNT:
            return arrow(units, variable.known)
        return decimal_column(units, MONEY_DECIMALS, variable.known)
    assert variable.denominator is not None
    return ratio_column(variable.numerator, variable.denominator, variable.known)


def _rounded(variable: Variable) -> Integers:
    """Return an average in whole fen, or a number, half up."""
    assert variable.denominator is not None
    return half_up(variable.numerator, variable.denominator)


def ratio_column(numerator: Integers, denominator: Integers, known: Flags) -> pa.Array:
    """Return ratios with six decimals as decimal(18,6); wider only where a ratio passes 10^12."""
    printed = printed_ratio(np.where(known, numerator, 0), np.where(known, denominator, 1))
    if printed.dtype == np.int64 and not (np.abs(printed) >= 10**18).any():
        return decimal_column(printed, RATIO_DECIMALS, known)
    wide = [ratio_of(value) if sure else None for value, sure in zip(printed, known, strict=True)]
    return pa.array(wide, pa.decimal128(38, RATIO_DECIMALS))


def reasons(failed: Mapping[str, Flags], rows: int) -> pa.Array:
    """Return the ids of what each row failed, in order, joined by ``;``; null for none."""
    if not failed or not rows:
        return pa.nulls(rows, pa.string())
    numbers, one_of_each = numbered(np.zeros(rows, dtype=np.int64))
    for flags in failed.values():
        numbers, one_of_each = numbered(numbers * 2 + flags)
    words = [
        ";".join(name for name, flags in failed.items() if flags[row]) or None
        for row in one_of_each.tolist()
    ]
    codes = arrow(numbers.astype(np.int32))
    return pa.DictionaryArray.from_arrays(codes, texts(words)).cast(pa.string())


def summary_of(run: Run) -> dict[str, Any]:
    """Return what summary.json holds; amounts are strings with two decimals."""
    decisions, recovered, policy = run.decisions, run.recovered, run.policy
    portfolio = run.ledgers
    return {
        "policy": {"id": policy.id, "digest": policy.digest},
        "year": run.year,
        "budget": None if run.budget is None else yuan(run.budget),
        **({} if portfolio.day is None else {"as_of": date_of(portfolio.day).isoformat()}),
        "reviews": list(portfolio.reviews),
        "version": __version__,
        "input_digest": run.input_digest,
        "inputs": {
            table.name: _input_of(run, table.name)
            for table in TABLES
            if table not in WHERE_GIVEN or portfolio.present[table.name]
        },
        "parties": list(portfolio.parties),
        "rules": {name: text_digest(text) for name, text in run.texts.items()},
        "totals": {
            "institutions": portfolio.rows("institutions"),
            "eligible_institutions": int(run.verdicts.eligible.sum()),
            "claims": len(decisions.payout),
            "eligible_claims": int(decisions.eligible.sum()),
            "compensation": yuan(int(decisions.compensation.sum())),
            "payable": yuan(int(decisions.payable.sum())),
            "distributed": yuan(int(recovered.distributed.sum())),
            "to_government": yuan(int(recovered.parts[:, 0].sum())),
            "to_government_in_year": yuan(to_government_in_year(run)),
            "surplus": yuan(int(recovered.surplus.sum())),
        },
        "assumptions": [
            {
                "id": citation.id,
                "clause": citation.cited.clause,
                "note": citation.cited.said.zh,
                "note_en": citation.cited.said.en,
            }
            for citation in assumptions(policy, budget=run.budget is not None)
        ],
        "warnings": summary_warnings(run.warnings),
    }


def to_government_in_year(run: Run) -> int:
    """Return what recoveries dated in the year return to government under this run, in fen."""
    before, last = run.inputs.ends
    day = run.ledgers.numbers("recoveries", "recovery_date")
    return int(run.recovered.parts[(day > before) & (day <= last), 0].sum())


def _input_of(run: Run, table: str) -> dict[str, Any]:
    """Return how many rows a table of the input has, and the digest of it alone."""
    digested = run.digested[table]
    return {"rows": digested.rows, "digest": digest_of({table: digested})}


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def assumptions(policy: Policy, *, budget: bool, settled: bool = False) -> list[Citation]:
    """Return what a run relies on that the policy's text leaves open, in the policy's order.

    The defaults of the program come last. `budget`: whether there is one. `settled`: whether the
    run is a settlement.
    """
    cited = [each for each in policy.cited() if budget or each.key != "budget"]
    cited += [Citation("caps", each) for each in counts_earlier_years(policy)]
    if settled and (policy.rules.trigger.until is not None or policy.rules.record == "institution"):
        cited.append(Citation("trigger", REVIEWS_OF_EVERY_YEAR))
    if settled and policy.rules.payers:
        cited.append(Citation("payers", SHARED_ALIKE))
        if not payer_names(policy.rules).keys().isdisjoint(policy.rules.returns.named):
            cited.append(Citation("returns", RETURNED_IN_ORDER))
    if counts_losses(policy):
        cited.append(Citation("compensation", LOSSES_COUNT))
    silent = silent_on_sharing(policy, budget=budget)
    cited += [Citation("budget", definition) for definition in silent]
    return [
        citation
        for basis in ("assumption", "default")
        for citation in cited
        if citation.cited.basis == basis
    ]


def summary_warnings(warnings: Faults) -> list[dict[str, Any]]:
    """Return the warnings as a summary lists them, but for rows that come after the run's day.

    Those are no part of a result: it comes out the same from a ledger that has only grown.
    """
    groups = (group for group in warnings.groups if group.kind != LATER_ROWS)
    return [row for group in groups for row in warning_rows(group)]


def warning_rows(group: FaultGroup) -> list[dict[str, Any]]:
    """Return the first warnings of a kind as the summary lists them, and how many are left."""
    rows: list[dict[str, Any]] = [
        {
            "table": fault.table,
            "row": fault.row,
            **({} if fault.id is None else {"id": fault.id}),
            "column": fault.column,
            "message": fault.message.zh,
            "message_en": fault.message.en,
        }
        for fault in group.take(0, WARNINGS_EACH)
    ]
    left = len(group) - len(rows)
    if left > 0:
        rows.append(
            {
                "table": group.table,
                "row": None,
                "column": group.column,
                "message": f"同类提示另有 {left} 处：{group.message.zh}",
                "message_en": f"{left} more of this kind: {group.message.en}",
            }
        )
    return rows
