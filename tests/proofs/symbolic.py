"""Columns whose cells are open: the package's own functions run on them, and z3 hears what they do.

A `Cell` is an integer that nobody knows. Put into a `Column` (a NumPy array of objects), it goes
through the shipped functions as a number would: NumPy calls its operators, and each notes a term of
z3. Where a function has to know more, in a mask or a maximum, the cell is asked for the truth of a
comparison; the `World` then decides, and `prover.worlds` runs the function again for the other
answer. What is proven in every world holds for every input.

A cell that stands for an int64 has to prove, at each operation, that its result is within int64:
that is what an overflow would break. After ``astype(object)`` it stands for one of Python's
integers and has nothing to prove. Whole division is by its definition: n = d·q + r and 0 ≤ r < d,
with d > 0 to be proven.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import z3

from tests.proofs.prover import World

LEAST, MOST = -(2**63), 2**63 - 1


class Truth:
    """A comparison of cells. Python may ask it for its value, and is given one for each world."""

    def __init__(self, world: World, term: z3.BoolRef) -> None:
        self.world, self.term = world, term

    def __bool__(self) -> bool:
        return self.world.decide(self.term)


class Cell:
    """An integer that is not known; `word`: whether it stands for an int64."""

    def __init__(self, world: World, term: Any, word: bool = True) -> None:
        self.world, self.term, self.word = world, term, word

    def __repr__(self) -> str:
        return f"Cell({self.term})"

    def unbounded(self) -> Cell:
        """The same number as one of Python's integers."""
        return Cell(self.world, self.term, word=False)

    def word64(self) -> Cell:
        """The same number as an int64, within which it has to be."""
        self.world.prove(z3.And(self.term >= LEAST, self.term <= MOST), f"an int64: {self.term}")
        return Cell(self.world, self.term)

    def _new(self, term: Any, *operands: object) -> Cell:
        word = any(isinstance(operand, Cell) and operand.word for operand in operands)
        if word:
            self.world.prove(z3.And(term >= LEAST, term <= MOST), f"within int64: {term}")
        return Cell(self.world, term, word)

    def __add__(self, other: object) -> Cell:
        return self._new(self.term + term(other), self, other)

    __radd__ = __add__

    def __sub__(self, other: object) -> Cell:
        return self._new(self.term - term(other), self, other)

    def __rsub__(self, other: object) -> Cell:
        return self._new(term(other) - self.term, self, other)

    def __mul__(self, other: object) -> Cell:
        return self._new(self.term * term(other), self, other)

    __rmul__ = __mul__

    def __neg__(self) -> Cell:
        return self._new(-self.term, self)

    def __abs__(self) -> Cell:
        return self._new(z3.If(self.term < 0, -self.term, self.term), self)

    def __floordiv__(self, other: object) -> Cell:
        return self._new(self._divided(self.term, term(other))[0], self, other)

    def __rfloordiv__(self, other: object) -> Cell:
        return self._new(self._divided(term(other), self.term)[0], self, other)

    def __mod__(self, other: object) -> Cell:
        return self._new(self._divided(self.term, term(other))[1], self, other)

    def _divided(self, n: Any, d: Any) -> tuple[Any, Any]:
        self.world.prove(d > 0, f"divides by more than 0: {d}")
        asked = f"{n} by {d}"
        if asked not in self.world.divided:
            q, r = self.world.fresh("quotient"), self.world.fresh("remainder")
            self.world.assume(n == d * q + r, r >= 0, r < d)
            self.world.divided[asked] = q, r
        return self.world.divided[asked]

    def __lt__(self, other: object) -> Truth:
        return Truth(self.world, self.term < term(other))

    def __le__(self, other: object) -> Truth:
        return Truth(self.world, self.term <= term(other))

    def __gt__(self, other: object) -> Truth:
        return Truth(self.world, self.term > term(other))

    def __ge__(self, other: object) -> Truth:
        return Truth(self.world, self.term >= term(other))

    def __eq__(self, other: object) -> Truth:  # type: ignore[override]
        return Truth(self.world, self.term == term(other))

    def __ne__(self, other: object) -> Truth:  # type: ignore[override]
        return Truth(self.world, self.term != term(other))

    __hash__ = None  # type: ignore[assignment]


def term(value: object) -> Any:
    """The z3 term of a cell, or the number itself."""
    return value.term if isinstance(value, Cell) else int(value)  # type: ignore[call-overload]


def whole(value: object) -> object:
    """`int` as the package uses it on a sum; an open number is whole already."""
    return value if isinstance(value, Cell) else int(value)  # type: ignore[call-overload]


WITHOUT_ASKING: dict[np.ufunc, tuple[Callable[..., Any], Callable[..., Any]]] = {
    np.maximum: (lambda x, y: (x, y), lambda z, x, y: z3.And(z >= x, z >= y)),
    np.minimum: (lambda x, y: (x, y), lambda z, x, y: z3.And(z <= x, z <= y)),
    np.absolute: (lambda x: (x, -x), lambda z, _: z >= 0),
}
"""What NumPy would find by comparing cells, each time into two worlds: one of the first, such that
the second. A number that is said to be so needs no world of its own."""


def _found(ufunc: np.ufunc, *operands: Any) -> Any:
    cells = [operand for operand in operands if isinstance(operand, Cell)]
    if not cells:
        return ufunc(*operands)
    world, known = cells[0].world, [term(operand) for operand in operands]
    choices, holds = WITHOUT_ASKING[ufunc]
    number = world.fresh(ufunc.__name__)
    world.assume(z3.Or(*(number == choice for choice in choices(*known))), holds(number, *known))
    return cells[0]._new(number, *operands)


def unbounded(value: object) -> object:
    """`int` as the package uses it on a number of a column, from where on it has no bounds."""
    return value.unbounded() if isinstance(value, Cell) else int(value)  # type: ignore[call-overload]


class Column(np.ndarray):
    """A NumPy array of cells.

    ``astype(object)`` makes them Python's integers, as it does int64; ``astype(np.int64)`` has to
    prove of each that it is within int64.
    """

    def astype(self, dtype: Any, *args: Any, **kwargs: Any) -> Any:
        if dtype is np.int64:
            return column([c.word64() if isinstance(c, Cell) else c for c in self.tolist()])
        cells = super().astype(dtype, *args, **kwargs)
        if dtype is object:
            for place, cell in np.ndenumerate(cells):
                cells[place] = cell.unbounded() if isinstance(cell, Cell) else cell
        return cells

    def __array_function__(self, function: Any, types: Any, given: Any, named: Any) -> Any:
        result = super().__array_function__(function, types, given, named)
        holds_cells = isinstance(result, np.ndarray) and result.dtype == object
        return result.view(Column) if holds_cells else result

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        columns = [np.asarray(each) if isinstance(each, Column) else each for each in inputs]
        if "out" in kwargs:
            kwargs["out"] = tuple(np.asarray(each) for each in kwargs["out"])
        if ufunc in WITHOUT_ASKING and method == "__call__":
            one_by_one = np.frompyfunc(functools.partial(_found, ufunc), ufunc.nin, 1)
            result = one_by_one(*columns, **kwargs)
        else:
            result = getattr(ufunc, method)(*columns, **kwargs)
        holds_cells = isinstance(result, np.ndarray) and result.dtype == object
        return result.view(Column) if holds_cells else result


def column(cells: Sequence[Any]) -> Any:
    """A column of cells, or of rows of cells."""
    return np.array(cells, dtype=object).view(Column)


def terms(cells: Any) -> list[Any]:
    """The z3 terms of a column, to state laws in: their arithmetic has no bounds."""
    return [term(cell) for cell in cells]
