"""What is set off from what is payable: premiums owed, money overpaid, recoveries not handed over.

What is granted stays; less is paid. The amount is the group's, and comes off its cases one after
another, each down to 0; what they are too little for is left.
"""

from __future__ import annotations

import numpy as np

from compensation.columns import Integers, group_sum
from compensation.language import Text
from compensation.policy.cap_words import cap_title
from compensation.rules import award
from compensation.rules.caps import cap_name, in_fen, order_of
from compensation.rules.decision import Cases, applying, why_applying
from compensation.rules.quantities import Evaluator
from compensation.rules.steps import Steps

WHOLE, SET_OFF = "due_before_set_off", "set_off"
"""The steps of what is due before anything is set off, and of what is; the latter a column, too."""
SET_OFF_IN_ALL = Text("本笔抵扣合计", "set off from this one, in all")
SET_OFF_BY_ONE = Text("从本笔抵扣", "set off from this one")
PAYABLE_BEFORE = Text("同组排在前面的应付", "payable for those of the group before it")
NOT_SET_OFF = Text("不适用这一抵扣", "this set-off does not apply")
AFTER_SET_OFF = Text("抵扣后应付", "payable after what is set off")


def set_off(
    evaluator: Evaluator, cases: Cases, due: Integers
) -> tuple[Integers, dict[str, Integers]]:
    """Return what is set off from each amount due, and by set-off what is left of its group's.

    What is due is the step `WHOLE`; what is set off is recorded.
    """
    policy, steps, rest = evaluator.policy, evaluator.steps, due
    left, formula, names = dict[str, Integers](), WHOLE, list[str]()
    for cap in (cap for cap in policy.rules.caps if cap.sets_off):
        assert cap.above is not None
        own, name = Steps(), cap_name(cap)
        amount, text, _ = in_fen(evaluator.with_steps(own), cap.above)
        said = applying(evaluator, cap.when)
        group = np.arange(len(due)) if cap.per is None else cases.groups[cap.per]
        payable = np.where(said, rest, 0)
        earlier = award.sum_before(payable, group, order_of(cases))
        taken = np.minimum(payable, np.maximum(amount - earlier, 0))
        why = why_applying(evaluator, cap.when, where=True)
        own.follows(name, cap_title(policy, cap), text, amount, cited=cap, deciding=why)
        own.given(f"before_{name}", PAYABLE_BEFORE, earlier)
        steps.add(own, said)
        names.append(f"{SET_OFF}_{name}")
        least = f"min({formula}, max({name} − before_{name}, 0))"
        steps.follows(names[-1], SET_OFF_BY_ONE, least, taken, cited=cap, said=said)
        why = why_applying(evaluator, cap.when, where=False)
        steps.follows(names[-1], NOT_SET_OFF, "0", taken, said=~said, deciding=why)
        total = group_sum(payable, group, int(group.max(initial=0)) + 1)[group]
        left[cap.id] = np.where(said, np.maximum(amount - total, 0), 0)
        rest, formula = rest - taken, f"{formula} − {names[-1]}"
    steps.follows(SET_OFF, SET_OFF_IN_ALL, " + ".join(names), due - rest)
    return due - rest, left
