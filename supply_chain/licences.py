"""The licence of every locked package, as listed here and as the packages themselves declare it."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions

from supply_chain.locks import LOCKS, ROOT, SHIPPED, locked

LISTED = ROOT / "supply_chain" / "licences.csv"
"""Package and licence (SPDX), a line each. A new package is listed by hand: somebody has looked."""

_BSD = {"0BSD", "BSD-2-Clause", "BSD-3-Clause"}
PERMISSIVE = frozenset({"Apache-2.0", "CC0-1.0", "ISC", "MIT", "PSF-2.0", "Zlib"} | _BSD)
"""What a package that users run may be under: nothing that binds the user's own work."""

OF_TOOLS = PERMISSIVE | {"MPL-2.0"}
"""What a package that only works on the project may be under."""

CLASSIFIERS = {
    "Apache Software License": "Apache-2.0",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
"""Classifiers that name one licence; "BSD License", for one, does not."""


def listed() -> dict[str, str]:
    """Return the listed licences by normalised name of the package."""
    with LISTED.open(encoding="utf-8", newline="") as file:
        return {row["package"]: row["licence"] for row in csv.DictReader(file)}


def allows(allowed: frozenset[str], licence: str) -> bool:
    """Whether an SPDX expression can be met with allowed licences only.

    Brackets and exceptions (WITH) are not understood, and so not allowed.
    """
    return any(
        all(name in allowed for name in choice.split(" AND ")) for choice in licence.split(" OR ")
    )


def declared(package: Distribution) -> str | None:
    """Return the licence that a package's metadata names; None where they name none clearly."""
    metadata = package.metadata
    if "License-Expression" in metadata:
        return str(metadata["License-Expression"])
    named = {value.split(" :: ")[-1] for value in metadata.get_all("Classifier") or ()}
    from_classifiers = {CLASSIFIERS[name] for name in named & CLASSIFIERS.keys()}
    if len(from_classifiers) == 1:
        return from_classifiers.pop()
    stated = str(metadata["License"]) if "License" in metadata else ""
    return stated if stated in OF_TOOLS else None


def faults_of_the_list() -> Iterator[str]:
    """Yield packages without a line, lines without a package, and licences that are refused."""
    licences = listed()
    known: set[str] = set()
    for file in LOCKS:
        allowed = PERMISSIVE if file in SHIPPED else OF_TOOLS
        for name in locked(file):
            known.add(name)
            if name not in licences:
                yield f"{file}: {name} has no line in {LISTED.name}"
            elif not allows(allowed, licences[name]):
                yield f"{file}: {name} is under {licences[name]}, which is not allowed there"
    for name in licences.keys() - known:
        yield f"{LISTED.name}: {name} is in no lock file"


def faults_of_what_is_installed() -> Iterator[str]:
    """Yield where an installed package declares another licence than the list has for it."""
    licences = listed()
    for package in distributions():
        name = re.sub(r"[-_.]+", "-", package.name).lower()
        says = declared(package)
        if name in licences and says not in (None, licences[name]):
            yield f"{name} {package.version} declares {says}; {LISTED.name} has {licences[name]}"


def main() -> None:
    """Check the list, and the packages of the environment that runs this; exit code 1: faults."""
    faults = [*faults_of_the_list(), *faults_of_what_is_installed()]
    print("\n".join(faults) or f"licences: {len(listed())} packages, all listed and allowed")
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
