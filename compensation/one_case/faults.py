"""What is wrong with a case: every fault at once, each with the path to the figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compensation.language import Language, Text, visible
from compensation.ledger.fault_groups import NO_TEXT

Path = tuple[str | int, ...]
"""From the name of the argument inwards: ``("claim", "shares", "lender")``."""


@dataclass(frozen=True)
class CaseFault:
    """One thing that is wrong with a case.

    `kind`: a stable name for programs, such as ``missing``. `path`: from the argument inwards,
    ``("claim", "shares", "lender")``. `value`: what was given, as text; None where nothing was.
    """

    kind: str
    path: Path
    message: Text
    expected: Text = NO_TEXT
    value: str | None = None

    def describe(self, language: Language = "zh") -> str:
        """Return the fault as one line for people."""
        zh = language == "zh"
        line = ".".join(map(str, self.path)) + ("：" if zh else ": ") + self.message.get(language)
        if self.value is not None:
            line += f"（值 {self.value!r}）" if zh else f" (value {self.value!r})"
        if self.expected != NO_TEXT:
            line += ("；应为 " if zh else "; expected ") + self.expected.get(language)
        return visible(line)

    def __str__(self) -> str:
        return self.describe()


class CaseFaults(ValueError):
    """A case is wrong, and nothing was computed. `.faults` holds every `CaseFault`."""

    def __init__(self, faults: Sequence[CaseFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(self.describe())

    def describe(self, language: Language = "zh") -> str:
        """Return how many faults there are, and a line for each."""
        count = len(self.faults)
        many = "" if count == 1 else "s"
        head = f"{count} 处错误：" if language == "zh" else f"{count} fault{many}:"
        return "\n".join([head, *(fault.describe(language) for fault in self.faults)])
