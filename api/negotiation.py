"""Which form of an answer a client wants, by its Accept header."""

from __future__ import annotations

from collections.abc import Sequence

from api.language import weighted
from api.problems import Problem
from compensation.language import Text


def chosen(accept: str | None, offered: Sequence[str]) -> str:
    """Return that of the media types offered which Accept likes best, the first of equals.

    Raises `Problem` (406) where it takes none of them.
    """
    weights = dict(reversed(weighted((accept or "").strip() or "*/*")))

    def weight(kind: str) -> float:
        """Return how much a media type is liked: by the range that names it most closely."""
        ranges = (kind, kind.partition("/")[0] + "/*", "*/*")
        return next((weights[name] for name in ranges if name in weights), 0.0)

    best = max(offered, key=weight)
    if not weight(best):
        message = Text("只能给出 {offered}", "{offered} is all that can be given")
        raise Problem("not-acceptable", message.fill(offered=", ".join(offered)))
    return best
