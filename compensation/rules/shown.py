"""The steps of one row that a reader needs, in order.

Before a step that was chosen by tests stands how what these looked at came about. A value that
could have been taken and was not is left out, with all that only it rests on.
"""

from __future__ import annotations

from collections.abc import Iterable

from compensation.rules.quantities import Evaluator
from compensation.rules.steps import Step, Steps, terms_of


def steps_shown(steps: Steps, row: int) -> list[Step]:
    """Return the steps of a row that a reader needs, in order."""
    found: dict[str, Step] = {}
    tested: dict[str, list[str]] = {}
    for step in steps.at(row):
        _add(step, row, found, tested)
    needed: set[str] = set()
    shown = []
    for name, step in reversed(found.items()):
        if not step.aside or name in needed:
            shown.append(step)
            needed.update(terms_of(step.formula), tested.get(name, ()))
    return shown[::-1]


def _add(step: Step, row: int, found: dict[str, Step], tested: dict[str, list[str]]) -> None:
    """Add a step to those found; `tested`: by its name, those of what its tests looked at."""
    known = found.get(step.name)
    if known is not None:
        if known.aside and not step.aside:
            found[step.name] = known._replace(aside=False)
        return
    for part in _looked_at(step, row):
        _add(part._replace(aside=True), row, found, tested)
        if not part.aside:
            tested.setdefault(step.name, []).append(part.name)
    found[step.name] = step


def _looked_at(step: Step, row: int) -> Iterable[Step]:
    """Return the steps of what the tests looked at by which a row has a step."""
    if step.deciding is None:
        return ()
    own = row if step.of is None else step.of
    tests = [outcome.test for each in step.deciding.at(own) for outcome in each.outcomes]
    evaluator = step.deciding.evaluator
    assert isinstance(evaluator, Evaluator)
    steps = evaluator.looked_at(tests).at(own)
    return steps if step.of is None else [each.alone(own) for each in steps]
