"""What is wrong with a policy file: which file, which key, and why. All of it at once."""

from __future__ import annotations

from collections.abc import Collection

from compensation.issues import Issue, IssuesFound, Place
from compensation.language import Text


class PolicyFaults(IssuesFound):
    """A policy cannot be used. `.faults` holds every `Issue`, by file and key.

    >>> try:
    ...     load_policy("jiyuan")
    ... except PolicyFaults as wrong:
    ...     print(wrong.count("en"))
    1 fault in the policy:
    """

    IN = Text("政策文件有 ", " in the policy")


def policy_fault(kind: str, file: str, key: str, message: Text) -> Issue:
    """Return what is wrong at a key of a policy file or a series file; see `Place`."""
    return Issue(kind, message, Place(file=file, key=key))


class Findings:
    """Collects the faults of one file; ``lost``: names that it declares in parts that are wrong."""

    def __init__(self, file: str, lost: Collection[str] = ()) -> None:
        self.file = file
        self.lost = lost
        self.faults: list[Issue] = []
        self.told: list[Issue] = []

    def add(self, kind: str, key: str, message: Text, **values: object) -> None:
        """Note a fault; ``values`` fill the braces of the message."""
        fault = policy_fault(kind, self.file, key, message.fill(**values))
        self.faults.append(fault)
        if not any(value in self.lost for value in values.values() if isinstance(value, str)):
            self.told.append(fault)


def element(key: str, position: int, id_: object = None) -> str:
    """Return the key of a list's element: by its id, else by its number from 1.

    >>> element("caps", 0, "borne"), element("rates.tiers", 1)
    ('caps[borne]', 'rates.tiers[2]')
    """
    return f"{key}[{id_ if isinstance(id_, str) and id_ else position + 1}]"


def base_element(position: int, count: int) -> str:
    """Return the key of one of ``count`` bases: a file that has one writes it as a table."""
    return element("base", position) if count > 1 else "base"
