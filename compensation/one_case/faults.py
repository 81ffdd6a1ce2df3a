"""What is wrong with a case: every fault at once, each with the path to the figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from compensation.issues import Issue, Place
from compensation.language import Language
from compensation.rules.rationals import TooLarge


class CaseFaults(ValueError):
    """A case is wrong, and nothing was computed. `.faults` holds every `Issue`, by its path."""

    def __init__(self, faults: Sequence[Issue]) -> None:
        self.faults: tuple[Issue, ...] = tuple(faults)
        super().__init__(self.describe())

    def describe(self, language: Language = "zh") -> str:
        """Return how many faults there are, and a line for each."""
        count = len(self.faults)
        many = "" if count == 1 else "s"
        head = f"{count} 处错误：" if language == "zh" else f"{count} fault{many}:"
        return "\n".join([head, *(fault.describe(language) for fault in self.faults)])


@contextmanager
def refusing_too_large() -> Iterator[None]:
    """Raise `CaseFaults` for amounts that are more than a result can hold."""
    try:
        yield
    except TooLarge as error:
        fault = Issue("total_too_large", error.message, Place(path=("claim",)), None)
        raise CaseFaults([fault]) from None
