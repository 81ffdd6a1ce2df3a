"""What is wrong with a case: every fault at once, each with the path to the figure."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from compensation.issues import Issue, IssuesFound, Place
from compensation.rules.rationals import TooLarge


class CaseFaults(IssuesFound):
    """A case is wrong, and nothing was computed. `.faults` holds every `Issue`, by its path.

    >>> try:
    ...     judge_institution("jiyuan-2022", {})
    ... except CaseFaults as wrong:
    ...     print(wrong.count("en"))
    5 faults:
    """


@contextmanager
def refusing_too_large() -> Iterator[None]:
    """Raise `CaseFaults` for amounts that are more than a result can hold."""
    try:
        yield
    except TooLarge as error:
        fault = Issue("total_too_large", error.message, Place(path=("claim",)), None)
        raise CaseFaults([fault]) from None
