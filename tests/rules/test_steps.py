"""Steps: which are said of a row, and that formulas are written where the rules are, only."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from compensation.language import same
from compensation.rules.steps import Step, Steps, Unit, by_party, names_in_formulas, terms_of
from tests.rules.naive import integers

ROOT = Path(__file__).parent.parent.parent
SIGNS = ("half_up(", "floor(", "ratio(", "max(", "min(", " × ", " − ")
"""What a formula over steps has and no other text."""


def names(steps: Steps, row: int) -> list[str]:
    return [step.name for step in steps.at(row)]


def test_a_row_has_the_steps_that_are_said_of_it() -> None:
    first = np.array([True, False])
    steps, other = Steps(), Steps()
    steps.given("amount", same("amount"), integers([5, 7]))
    other.given("rate", same("rate"), 200_000, Unit.RATIO)
    steps.add(other, first)
    steps.follows("part", same("part"), "half_up(amount × rate)", integers([1, 0]), said=first)
    steps.follows("part", same("part"), "0", integers([1, 0]), said=~first)
    assert names(steps, 0) == ["amount", "rate", "part"]
    assert names(steps, 1) == ["amount", "part"]
    assert [step.formula for step in steps.at(1)] == ["", "0"]
    assert [step.value(0) for step in steps.at(0)] == [5, 200_000, 1]


def test_a_value_that_two_rules_record_is_shown_once() -> None:
    steps, other = Steps(), Steps()
    for each in (steps, other):
        each.given("principal", same("principal"), integers([3]))
    steps.add(other)
    assert names(steps, 0) == ["principal"]


def test_one_step_of_several_by_its_place() -> None:
    steps = Steps()
    tiers = [Step("rate", same(f"tier {n}"), n) for n in (1, 2)]
    steps.one_of(integers([1, -1, 0]), tiers)
    assert [[step.title.en for step in steps.at(row)] for row in range(3)] == [
        ["tier 2"],
        [],
        ["tier 1"],
    ]


def test_a_part_without_weight_is_nothing() -> None:
    parties = ("institution", "bank of A&B")
    titles, weights = (by_party(name, same("{party}"), parties) for name in ("borne", "share"))
    steps = Steps()
    steps.split("payout", titles, weights, np.array([[1, 0], [2, 3]]), np.array([[9, 0], [4, 5]]))
    assert list(names_in_formulas(parties).values()) == ["institution", "party_2"]
    assert [step.formula for step in steps.at(0)] == [
        "half_up(payout × share_institution / (share_institution + share_party_2))",
        "0",
    ]
    assert [step.value(1) for step in steps.at(1)] == [4, 5]


@pytest.mark.parametrize(
    ("formula", "terms"),
    [
        ("", ()),
        ("0", ()),
        ("max(base − base, 0)", ("base",)),
        ("half_up(补偿 × rate) + floor(r1_net / 2)", ("补偿", "rate", "r1_net")),
    ],
)
def test_terms_of_a_formula(formula: str, terms: tuple[str, ...]) -> None:
    assert terms_of(formula) == terms


def formulas_in(source: str) -> Iterator[str]:
    """Yield the texts of a module that look like a formula, but for its docstrings.

    A sign alone is none: `policy.quantity_words` joins the words of a policy's own operations with
    it.
    """
    tree = ast.parse(source)
    documented = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    for text in texts:
        said = text.value if isinstance(text.value, str) else ""
        alone = len(said.strip()) == 1
        if id(text) not in documented and not alone and any(sign in said for sign in SIGNS):
            yield said


@pytest.mark.slow
def test_formulas_are_written_beside_the_rules_only() -> None:
    paths = [
        path
        for package in ("compensation", "api")
        for path in (ROOT / package).rglob("*.py")
        if path.parent.name != "rules"
    ]
    assert len(paths) > 100
    found = {str(path): list(formulas_in(path.read_text("utf-8"))) for path in paths}
    assert not {path: texts for path, texts in found.items() if texts}


def test_the_search_finds_formulas() -> None:
    assert list(formulas_in('x = f"max({a} − b, 0)"\n"""max(a) is said here"""\n')) == [
        "max(",
        " − b, 0)",
    ]
    rules = (ROOT / "compensation" / "rules").glob("*.py")
    assert sum(len(list(formulas_in(path.read_text("utf-8")))) for path in rules) > 20
