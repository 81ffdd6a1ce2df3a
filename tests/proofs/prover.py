"""What holds in every world: a claim is proven by z3, refuted by an example, or the test fails.

A `World` is one way through a function: what is known of its inputs, and how each question that
the function asked was answered. z3 not knowing is a failure, as a refutation is. The budget of a
query is counted in z3's own steps, so that a busy machine proves what an idle one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import z3

Result = TypeVar("Result")

STEPS = 3_000_000
"""The steps that z3 may take for one query, some seconds; all proofs here take a fraction."""


class Refuted(AssertionError):
    """A claim does not hold. `example`: the value of each input for which it fails."""

    def __init__(self, what: str, example: dict[str, int]) -> None:
        super().__init__(f"refuted: {what}; by {example}")
        self.example = example


class Undecided(AssertionError):
    """z3 gave up: nothing is proven."""


class World:
    """One way through a function. `answers`: to its first questions; the rest are decided here."""

    def __init__(self, answers: tuple[bool, ...] = (), steps: int = STEPS) -> None:
        self.facts: list[z3.BoolRef] = []
        self.answers = list(answers)
        self.other_ways: list[tuple[bool, ...]] = []
        self.asked = 0
        self.proven = 0
        self.divided: dict[str, tuple[z3.ArithRef, z3.ArithRef]] = {}
        """Quotient and remainder of each division so far: the same question has one answer."""
        # One solver, asked again and again: z3 is many times quicker at it than with a new one.
        self._solver = z3.Solver()
        self._solver.set("rlimit", steps)
        self._told = 0
        self._names = 0
        self._inputs: list[z3.ArithRef] = []

    def fresh(self, name: str) -> z3.ArithRef:
        """An integer of which nothing is known yet; the mark keeps it out of examples."""
        self._names += 1
        return z3.Int(f"{name}'{self._names}")

    def given(self, name: str, least: int, most: int) -> z3.ArithRef:
        """An input: an integer in a range, by a name that examples show."""
        number = z3.Int(name)
        self._inputs.append(number)
        self.assume(number >= least, number <= most)
        return number

    def assume(self, *facts: z3.BoolRef) -> None:
        """Take as given; what `prove` says then holds under it."""
        self.facts += facts

    def prove(self, claim: z3.BoolRef, what: str) -> None:
        """Prove a claim from what is known, for all values of what is not.

        Raises `Refuted` with an example, `Undecided` where z3 doesn't know.
        """
        answer, model = self._search(z3.Not(claim))
        if answer == z3.unknown:
            # An example of small numbers is found where z3 gets lost among all numbers.
            answer, model = self._search(z3.And(z3.Not(claim), self._small()))
            answer = answer if answer == z3.sat else z3.unknown
        if answer == z3.sat:
            raise Refuted(what, _values(model))
        if answer != z3.unsat:
            raise Undecided(f"{what}: {answer}")
        self.proven += 1

    def prove_each(self, claims: dict[str, z3.BoolRef]) -> None:
        """Prove several claims at once; one by one where that fails, to say which it is."""
        try:
            self.prove(z3.And(*claims.values()), "; ".join(claims))
        except AssertionError:
            for what, claim in claims.items():
                self.prove(claim, what)
            raise

    def decide(self, question: z3.BoolRef) -> bool:
        """Answer a question; where both answers may be, remember the other for another world."""
        if self.asked == len(self.answers):
            may_hold = self._may_hold(question)
            if may_hold and self._may_hold(_opposite(question)):
                self.other_ways.append((*self.answers, False))
            self.answers.append(may_hold)
        answer = self.answers[self.asked]
        self.asked += 1
        self.facts.append(question if answer else _opposite(question))
        return answer

    def possible(self) -> bool:
        """Whether z3 finds inputs for which all this is so; small ones are found sooner."""
        tries = (self._small(), z3.BoolVal(True))
        return any(self._search(sought)[0] == z3.sat for sought in tries)

    def _small(self) -> z3.BoolRef:
        return z3.And(*(z3.And(name >= -8, name <= 8) for name in self._inputs))

    def _may_hold(self, question: z3.BoolRef) -> bool:
        """Whether a question may be so. What z3 doesn't know may: a world too many proves no less.

        What a fact denies word for word is not asked: next to products, z3 may search long for it.
        """
        opposite = _opposite(question)
        if any(opposite.eq(fact) for fact in self.facts):
            return False
        return bool(self._search(question)[0] != z3.unsat)

    def _search(self, more: z3.BoolRef) -> tuple[z3.CheckSatResult, z3.ModelRef | None]:
        self._solver.add(*self.facts[self._told :])
        self._told = len(self.facts)
        self._solver.push()
        self._solver.add(more)
        answer = self._solver.check()
        model = self._solver.model() if answer == z3.sat else None
        self._solver.pop()
        return answer, model


def _opposite(question: z3.BoolRef) -> z3.BoolRef:
    return question.arg(0) if z3.is_not(question) else z3.Not(question)


def _values(model: z3.ModelRef) -> dict[str, int]:
    values = {str(name): model[name] for name in model}
    return {
        name: value.as_long()
        for name, value in values.items()
        if "'" not in name and z3.is_int_value(value)
    }


def worlds(run: Callable[[World], Result], steps: int = STEPS) -> Iterator[tuple[World, Result]]:
    """Run a function in every world that there is, one for each way through it.

    `run` makes its inputs in the world that it is given, the same ones every time. Where what it
    takes as given can't be, everything would follow from it: that is an error.
    """
    ways: list[tuple[bool, ...]] = [()]
    possible = False
    while ways:
        world = World(ways.pop(), steps)
        result = run(world)
        possible = possible or world.possible()
        yield world, result
        ways += world.other_ways
    if not possible:
        raise Undecided("no world was found to be possible: what is taken as given may be wrong")
