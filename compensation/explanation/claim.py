"""One claim explained: its conditions, its arithmetic to the last fen, and its recoveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow
from compensation.cards import Card, Shown, no_such
from compensation.engine.run import Run
from compensation.explanation.conditions import condition_lines, unmet_of, with_reasons
from compensation.explanation.lines import (
    CONDITIONS,
    POLICY,
    RECOVERIES,
    ConditionLine,
    Line,
    lines_at,
    section,
    titled,
)
from compensation.explanation.recoveries import recoveries_of, recovery_lines
from compensation.language import Language, Text, joined
from compensation.ledger.records import Record
from compensation.policy.case_words import CASES
from compensation.policy.catalogue import Policy
from compensation.rules import award
from compensation.rules.compensation import Decisions
from compensation.rules.decision import Cases

LINE_HEADINGS = (
    Text("项目", "line"),
    Text("公式", "formula"),
    Text("值", "value"),
    Text("条款", "clause"),
)
ARITHMETIC = pa.schema(
    [
        ("claim_id", pa.string()),
        ("line", pa.int64()),
        *(
            (n, pa.string())
            for n in ("name", "title", "formula", "value", "clause", "basis", "note")
        ),
    ]
)
STATUS_NAMES = {
    "ineligible": Text("不符合条件", "ineligible"),
    "rejected": Text("审核不通过", "rejected"),
    "approved": Text("审核通过", "approved"),
    "pending": Text("待审", "pending"),
}


@dataclass(frozen=True, repr=False)
class ClaimExplanation(Shown):
    """Why a claim is, or is not, compensated, and with how much.

    `record`: what the case is. `claim_id`: None for a single case that has none. `conditions`: each
    one of the policy, in its order. `arithmetic`: down to `payable`, as in the result, and what
    each payer pays of it. `recoveries`: the arithmetic of what each recovery returned. `unmet`:
    what each of the `reasons` asks for.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> result = assess(ledger, "jiyuan-2022", 2022)
    >>> result.explain("DC2022-07").describe("en").splitlines()[0]
    'Claim DC2022-07: approved'
    """

    claim_id: str | None
    eligible: bool
    status: Text
    reasons: tuple[str, ...]
    conditions: tuple[ConditionLine, ...]
    arithmetic: tuple[Line, ...]
    recoveries: tuple[Line, ...]
    policy_id: str
    policy_digest: str
    record: Record = "payout"
    unmet: tuple[Text, ...] = ()

    def _card(self) -> Card:
        facts: list[tuple[Text, object]] = [(Text("审核状态", "status"), self.status)]
        if self.reasons:
            facts.append((Text("未满足的条件", "not met"), joined(self.unmet, "；", "; ")))
        last = self.arithmetic[-1] if self.arithmetic else None
        if last is not None:
            facts.append((last.title, last.value))
        rows = [(line.title, line.formula, line.value, line.clause) for line in self.arithmetic]
        title = Text(f"{CASES[self.record].case.zh} {self.claim_id}", str(self.claim_id))
        return Card(title, facts, LINE_HEADINGS, rows)

    def describe(self, language: Language = "zh") -> str:
        """Return the explanation as text for people."""
        name = "" if self.claim_id is None else f" {self.claim_id}"
        head = joined([titled(CASES[self.record].case, name), self.status], "：", ": ")
        lines = [with_reasons(head, self.unmet), *section(CONDITIONS, self.conditions, language)]
        lines += section(Text("计算（元）", "Arithmetic (yuan)"), self.arithmetic, language)
        if self.recoveries:
            lines += section(RECOVERIES, self.recoveries, language)
        lines.append(POLICY.fill(id=self.policy_id, digest=self.policy_digest))
        return joined(lines, "\n", "\n").get(language)

    def as_dict(self, language: Language = "zh") -> dict[str, Any]:
        """Return the explanation for JSON."""
        return {
            "claim_id": self.claim_id,
            "eligible": self.eligible,
            "status": self.status.get(language),
            "reasons": list(self.reasons),
            "conditions": [condition.as_dict(language) for condition in self.conditions],
            "arithmetic": [line.as_dict(language) for line in self.arithmetic],
            "recoveries": [line.as_dict(language) for line in self.recoveries],
        }


def explain_claim(run: Run, claim_id: str) -> ClaimExplanation:
    """Explain a claim of the year; KeyError where the year has no claim of that id."""
    row = _row_of(run, claim_id)
    recovered = recoveries_of(run, int(run.claim_rows[row]))
    recoveries = () if recovered is None else recovery_lines(recovered)
    policy, verdicts = run.policy, run.verdicts
    asked, of = policy.rules.institution_conditions, int(run.cases.institution[row])
    institution = condition_lines(policy, asked, verdicts.conditions, of)
    return explain_row(policy, run.cases, run.decisions, row, claim_id, institution, recoveries)


def _row_of(run: Run, claim_id: str) -> int:
    """Return the claim's place among the claims of the year."""
    ids = run.ledgers.column("claims", "claim_id").take(arrow(run.claim_rows))
    place = int(pc.index(ids, claim_id).as_py())
    if place < 0:
        of_year = Text(" {year} 年度的{case}", "{case} of {year}")
        case = of_year.fill(year=run.year, case=CASES[run.policy.rules.record].case)
        raise no_such(case, claim_id, ids.to_pylist())
    return place


def arithmetic_table(run: Run, language: Language) -> pa.Table:
    """Return the arithmetic of every claim of the year, a row for each line."""
    ids = run.ledgers.column("claims", "claim_id").take(arrow(run.claim_rows)).to_pylist()
    rows = [
        {"claim_id": id_, "line": number, **line.as_dict(language)}
        for row, id_ in enumerate(ids)
        for number, line in enumerate(lines_at(run.decisions.steps, row), 1)
    ]
    return pa.Table.from_pylist(rows, ARITHMETIC)


def explain_row(
    policy: Policy,
    cases: Cases,
    decisions: Decisions,
    row: int,
    claim_id: str | None,
    institution: Sequence[ConditionLine],
    recoveries: tuple[Line, ...] = (),
) -> ClaimExplanation:
    """Explain the claim at a row of what was decided, a portfolio's or the only one.

    `institution`: the conditions of its institution.
    """
    asked, found = policy.rules.claim_conditions, decisions.conditions
    conditions = condition_lines(policy, asked, found, row, institution=institution)
    return ClaimExplanation(
        claim_id,
        bool(decisions.eligible[row]),
        STATUS_NAMES[award.STATUSES[int(decisions.status[row])]],
        tuple(reason for reason, flags in decisions.failed.items() if flags[row]),
        conditions,
        lines_at(decisions.steps, row),
        recoveries,
        policy.id,
        policy.digest,
        policy.rules.record,
        unmet_of(policy, cases, decisions, row),
    )
