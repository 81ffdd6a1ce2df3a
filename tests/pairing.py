"""Pairs of a test's parameters, where each value with each other would prove the same again."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import cycle
from typing import Any


def in_turn(values: Iterable[object], cases: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Put the next of the values, over and over, before each case: each occurs, not each pair."""
    return [(value, *case) for value, case in zip(cycle(values), cases, strict=False)]
