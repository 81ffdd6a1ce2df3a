"""What is wrong with a policy file: which file, which key, and why. All of it at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compensation.language import Language, Text


@dataclass(frozen=True)
class PolicyFault:
    """One thing that is wrong with a policy file or a series file.

    `key`: the place in the file's own words, such as ``claim_conditions[loan_rate].at_most``;
    elements of a list go by their id, or by their number from 1; empty for the file as a whole.
    `kind` is a stable name for programs, such as ``unknown_key``.
    """

    kind: str
    file: str
    key: str
    message: Text

    def describe(self, language: Language = "zh") -> str:
        """Return the fault as one line for people."""
        where = f"{self.file} {self.key}".rstrip()
        return where + ("：" if language == "zh" else ": ") + self.message.get(language)

    def __str__(self) -> str:
        return self.describe()


class PolicyFaults(ValueError):
    """A policy cannot be used. `.faults` holds everything that was found."""

    def __init__(self, faults: Sequence[PolicyFault]) -> None:
        self.faults: list[PolicyFault] = list(faults)
        super().__init__(self.describe())

    def describe(self, language: Language = "zh") -> str:
        """Return the count and every fault, a line for each."""
        total = len(self.faults)
        head = (
            f"政策文件有 {total} 处错误："
            if language == "zh"
            else f"{total} fault{'s' if total > 1 else ''} in the policy:"
        )
        return "\n".join([head, *(fault.describe(language) for fault in self.faults)])


class Findings:
    """Collects the faults of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[PolicyFault] = []

    def add(self, kind: str, key: str, message: Text, **values: object) -> None:
        """Note a fault; ``values`` fill the braces of the message."""
        self.faults.append(PolicyFault(kind, self.file, key, message.fill(**values)))


def element(key: str, position: int, id_: object = None) -> str:
    """Return the key of a list's element: by its id, else by its number from 1.

    >>> element("caps", 0, "borne"), element("rates.tiers", 1)
    ('caps[borne]', 'rates.tiers[2]')
    """
    return f"{key}[{id_ if isinstance(id_, str) and id_ else position + 1}]"


def base_element(position: int, count: int) -> str:
    """Return the key of one of ``count`` bases: a file that has one writes it as a table."""
    return element("base", position) if count > 1 else "base"
