"""What of the amount granted can be paid so far: the stage that a claim has come to, and its share.

The first stage whose tests all hold counts. Its share is a number of the policy, or a quantity of
the claim, exact until the amount is rounded to the fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from compensation.columns import Flags, Integers
from compensation.language import Text
from compensation.money import PRINTED_SCALE
from compensation.policy.model import Stage
from compensation.rules import award, rationals
from compensation.rules.deciding import Deciding, deciding
from compensation.rules.decision import applying
from compensation.rules.quantities import Computed, Evaluator
from compensation.rules.rationals import Rationals
from compensation.rules.steps import Steps, Unit

STAGE_SHARE, TO_DATE = "stage_share", "due_to_date"
STAGE = Text("分期支付（第 {n} 期）", "share that is payable (stage {n})")
STAGE_OF_CASE = Text("分期支付的份额", "share that is payable")
NO_STAGE = Text("尚未到任何一期，暂不支付", "no stage is reached, so nothing is payable yet")
NO_SHARE = Text(
    "份额无法计算，或不在 0 和 100% 之间，暂不支付",
    "the share is undefined or not between 0 and 100%, so nothing is payable yet",
)
DUE_TO_DATE = Text("累计应付", "due to date")


class Reached(NamedTuple):
    """(rows,) the stage that each claim has come to, −1 for none, and its share of 1.

    `sound`: where that share has a value from 0 to 1; elsewhere it counts as 0. `steps`: of it.
    """

    place: Integers
    share: Rationals
    sound: Flags
    steps: Steps


def reached(evaluator: Evaluator) -> Reached | None:
    """Return the stage of each claim; None where the policy pays at once.

    What shares are computed with is recorded by the evaluator.
    """
    stages, rows = evaluator.policy.rules.stages, evaluator.rows
    if not stages:
        return None
    place = award.first_tier([applying(evaluator, each.when) for each in stages], rows)
    nothing, whole = rationals.constant(0, rows), rationals.constant(1, rows)
    share, sound, steps = nothing, np.ones(rows, dtype=np.bool_), Steps()
    fixed = [each.share for each in stages if isinstance(each.share, Decimal)]
    # The file names the stages in the order in which they are asked for, often the last one first.
    instalments = sorted({*fixed, Decimal(0)}) if len(fixed) == len(stages) else []
    why = deciding(evaluator.silent(), [each.when for each in stages])
    for number, each in enumerate(stages):
        own, here = Steps(), place == number
        computed = evaluator.with_steps(own).compute(each.share)._replace(mere=False)
        values = computed.values
        from_0_to_1 = (rationals.sign(values, nothing) >= 0) & (rationals.sign(values, whole) <= 0)
        sound &= ~here | (values.known & from_0_to_1)
        share = rationals.chosen(here & sound, values, share)
        if not isinstance(each.share, Decimal):
            evaluator.steps.add(own, here)
        steps.add(_share(each, instalments, computed, evaluator, why), here & sound)
        steps.follows(STAGE_SHARE, NO_SHARE, "0", 0, Unit.RATIO, each, here & ~sound, why)
    steps.follows(STAGE_SHARE, NO_STAGE, "", 0, Unit.RATIO, said=place < 0, deciding=why)
    return Reached(place, share, sound, steps)


def _share(
    stage: Stage,
    instalments: Sequence[Decimal],
    computed: Computed,
    evaluator: Evaluator,
    why: Deciding | None,
) -> Steps:
    """Return the step of a stage's share; `instalments`: all shares, where none is computed."""
    steps = Steps()
    if isinstance(stage.share, Decimal):
        numbered = STAGE.fill(n=instalments.index(stage.share)) if instalments else STAGE_OF_CASE
        title = numbered if stage.share else NO_STAGE
        steps.given(STAGE_SHARE, title, int(stage.share * PRINTED_SCALE), Unit.RATIO, stage, why)
    else:
        evaluator.with_steps(steps).record(STAGE_SHARE, STAGE_OF_CASE, computed, stage, why)
    return steps


def record_to_date(stage: Reached, to_date: Integers) -> Steps:
    """Return how what can be paid so far comes about; `granted` is a step before."""
    stage.steps.follows(TO_DATE, DUE_TO_DATE, f"half_up(granted × {STAGE_SHARE})", to_date)
    return stage.steps
