"""Which form of an answer a client wants, by its Accept header."""

from __future__ import annotations

from collections.abc import Sequence

from api.problems import Problem
from compensation.language import Text


def chosen(accept: str | None, offered: Sequence[str]) -> str:
    """Return that of the media types offered which Accept likes best, the first of equals.

    Raises `Problem` (406) where it takes none of them.
    """
    if accept is None or not accept.strip():
        return offered[0]
    ranges = [_range(part) for part in accept.split(",")]
    best = max(offered, key=lambda kind: _weight(kind, ranges))
    if _weight(best, ranges) <= 0:
        message = Text("只能给出 {offered}", "{offered} is all that can be given")
        raise Problem("not-acceptable", message.fill(offered=", ".join(offered)))
    return best


def _range(part: str) -> tuple[str, float]:
    name, *parameters = part.split(";")
    weight = 1.0
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "q":
            try:
                weight = float(value)
            except ValueError:
                weight = 0.0
    return name.strip().lower(), weight


def _weight(kind: str, ranges: Sequence[tuple[str, float]]) -> float:
    """Return how much a media type is liked: by the range that names it most closely."""
    for name in (kind, kind.partition("/")[0] + "/*", "*/*"):
        weights = [weight for said, weight in ranges if said == name]
        if weights:
            return weights[0]
    return 0.0
