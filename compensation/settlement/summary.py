"""The summary of a settlement: what settlement_summary.json holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compensation.faults.input_faults import Faults
from compensation.language import Text
from compensation.ledger.digest import digest_of
from compensation.policy.catalogue import Policy
from compensation.results import assumptions, summary_warnings, text_digest
from compensation.rules.pool import lines_of
from compensation.rules.steps import Steps
from compensation.schema.dictionary import TABLES, WHERE_GIVEN
from compensation.settlement.settled import Settled
from compensation.settlement.tables import amounts_of
from compensation.values.printing import yuan
from compensation.version import __version__


def summary_of(of: Settled, notes: tuple[Text, ...], warnings: Faults) -> dict[str, Any]:
    """Return the summary; amounts are strings with two decimals."""
    return {
        "policies": [{"id": policy.id, "digest": policy.digest} for policy in of.policies],
        "from": of.period.first.isoformat(),
        "to": of.period.last.isoformat(),
        "budget": None if of.budget is None else yuan(of.budget),
        "reviews": list(of.ledgers.reviews),
        "version": __version__,
        "input_digest": of.input_digest,
        "inputs": {
            table.name: {
                "rows": of.digested[table.name].rows,
                "digest": digest_of({table.name: of.digested[table.name]}),
            }
            for table in TABLES
            if table not in WHERE_GIVEN or of.ledgers.present[table.name]
        },
        "parties": list(of.ledgers.parties),
        "rules": {name: text_digest(text) for name, text in of.texts.items()},
        "totals": totals_of(
            of.ledgers.rows("institutions"),
            len(of.payout),
            {name: int(fen.sum()) for name, fen in {"payout": of.payout, **amounts_of(of)}.items()},
            of.statement,
        ),
        "assumptions": [
            row
            for policy in of.policies
            for row in assumptions_of(policy, budget=of.budget is not None)
        ],
        "notes": list(map(note_row, notes)),
        "warnings": summary_warnings(warnings),
    }


def note_row(note: Text) -> dict[str, str]:
    """Return a note as the summary says it."""
    return {"message": note.zh, "message_en": note.en}


def totals_of(
    institutions: int, claims: int, amounts: Mapping[str, int], statement: Steps
) -> dict[str, Any]:
    """Return the totals of the three tables; `amounts`: those of all claims, in fen."""
    return {
        "institutions": institutions,
        "claims": claims,
        **{name: yuan(fen) for name, fen in amounts.items()},
        "pool_statement": {name: yuan(fen) for name, fen in lines_of(statement).items()},
    }


def assumptions_of(policy: Policy, *, budget: bool) -> list[dict[str, str]]:
    """Return what a run under a policy relies on that its text leaves open."""
    return [
        {
            "policy": policy.id,
            "id": citation.id,
            "clause": citation.cited.clause,
            "note": citation.cited.said.zh,
            "note_en": citation.cited.said.en,
        }
        for citation in assumptions(policy, budget=budget, settled=True)
    ]
