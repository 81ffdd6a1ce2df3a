"""The recoveries of one claim explained: what could be distributed to date, and to whom it went."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from compensation.columns import Integers
from compensation.engine.run import Run
from compensation.explanation.lines import Line, lines_of
from compensation.language import Text, same
from compensation.rules.returns import Returned
from compensation.rules.steps import PREVIOUS, Step

PROCEEDS = Text("{id} 追偿所得", "{id} proceeds")
COST = Text("{id} 追偿费用", "{id} cost")


class ClaimRecoveries(NamedTuple):
    """The recoveries of one claim, sorted by day and id, and what they came to; fen.

    `claim`: the claim's row of `returned.bearing`; `rows`: the recoveries' rows of `returned`.
    """

    ids: Sequence[str]
    proceeds: Integers
    cost: Integers
    returned: Returned
    claim: int
    rows: Sequence[int]


def recoveries_of(run: Run, claim: int) -> ClaimRecoveries | None:
    """Return the recoveries of a claim of the input, by its row; None where it has none."""
    portfolio, recovered = run.ledgers, run.recovered
    places = np.flatnonzero(portfolio.links.recovery_claim[recovered.order] == claim)
    if not len(places):
        return None
    rows = recovered.order[places]
    ids = portfolio.column("recoveries", "recovery_id")
    return ClaimRecoveries(
        [str(ids[row].as_py()) for row in rows.tolist()],
        portfolio.numbers("recoveries", "proceeds")[rows],
        portfolio.numbers("recoveries", "cost")[rows],
        recovered.sorted,
        claim,
        places.tolist(),
    )


def recovery_lines(recoveries: ClaimRecoveries) -> tuple[Line, ...]:
    """Return, recovery by recovery, what could be distributed to date and to whom it went."""
    return lines_of(recovery_steps(recoveries))


def recovery_steps(recoveries: ClaimRecoveries) -> list[Step]:
    """Return the steps that `recovery_lines` shows, with their values alone.

    The names of those of the second recovery begin with ``r2_``.
    """
    row = recoveries.claim
    steps = [step.alone(row) for step in recoveries.returned.bearing.at(row)]
    for number, id_ in enumerate(recoveries.ids, 1):
        amounts = {"proceeds": (PROCEEDS, recoveries.proceeds), "cost": (COST, recoveries.cost)}
        for name, (title, column) in amounts.items():
            fen = int(column[number - 1])
            steps.append(Step(f"r{number}_{name}", title.fill(id=same(id_)), fen))
    for number, row in enumerate(recoveries.rows, 1):
        own = recoveries.returned.steps.at(row)
        steps += _numbered(own, number, row)
    return steps


def _numbered(steps: Sequence[Step], number: int, row: int) -> list[Step]:
    """Return a recovery's steps with their names, and those in their formulas, numbered."""
    own = {"proceeds", *(step.name for step in steps)}

    def numbered(name: re.Match[str]) -> str:
        if name[0].startswith(PREVIOUS):
            return f"r{number - 1}_{name[0].removeprefix(PREVIOUS)}"
        return f"r{number}_{name[0]}" if name[0] in own else name[0]

    return [
        step._replace(
            name=f"r{number}_{step.name}",
            values=step.value(row),
            of=row,
            formula=re.sub(r"[^\W\d]\w*", numbered, step.formula),
        )
        for step in steps
    ]
