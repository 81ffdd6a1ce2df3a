"""Functions of the package with a fault put in, for a proof to find."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable
from typing import Any


def mutated(function: Callable[..., Any], old: str, new: str) -> str:
    """The source of a function, with something that stands in it once replaced."""
    source = textwrap.dedent(inspect.getsource(function))
    assert source.count(old) == 1, f"{old!r} does not stand once in {function.__name__}"
    return source.replace(old, new)


def mutant(function: Callable[..., Any], old: str, new: str) -> Callable[..., Any]:
    """The function with a fault put in; it calls the package's functions as the original does."""
    names = dict(function.__globals__)
    code = compile(mutated(function, old, new), f"<mutant of {function.__name__}>", "exec")
    exec(code, names)
    made: Callable[..., Any] = names[function.__name__]
    return made
