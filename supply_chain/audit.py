"""Ask an advisory service for known vulnerabilities of everything that the lock files pin.

Silence proves nothing: a mirror of the package index may answer without knowing any advisory, and
pip-audit then reports that nothing was found. So each service is first asked about a release with
a vulnerability known for years; who doesn't name it is not asked further.

    python -m supply_chain.audit [--ignore-vuln ID ...]

Exit codes: 0 all were asked about and nothing is known; 1 something is known; 3 no service
answered, or not for every package.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from supply_chain.locks import LOCKS, ROOT

CLEAN, FOUND, NOT_ASKED = 0, 1, 3

SERVICES = (("--vulnerability-service", "pypi"), ("--vulnerability-service", "osv"))
"""The services, as options of pip-audit, in the order in which they are tried."""

KNOWN = "jinja2==2.4.1"
"""A release with vulnerabilities known for years (CVE-2014-1402, CVE-2016-10745 and others)."""

Ask = Callable[[Sequence[str], Sequence[Path]], "Answer"]
"""Asks about files of requirements, with options of pip-audit."""


class Answer(NamedTuple):
    """What a service said: packages asked about, vulnerabilities, and packages it doesn't know."""

    asked: int
    found: list[str]
    unknown: list[str]


def ask_with_pip_audit(options: Sequence[str], files: Sequence[Path]) -> Answer:
    """Run pip-audit on files of requirements; nothing was asked if it can't reach the service."""
    command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--format", "json"]
    command += ["--progress-spinner", "off", *options]
    for file in files:
        command += ["--requirement", str(file)]
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    try:
        return answer_of(json.loads(run.stdout))
    except ValueError:
        print(run.stderr.strip().rpartition("\n")[2], file=sys.stderr)
        return Answer(0, [], [])


def answer_of(report: dict[str, Any]) -> Answer:
    """Read pip-audit's report."""
    packages = report["dependencies"]
    return Answer(
        asked=sum("skip_reason" not in package for package in packages),
        found=[
            f"{package['name']} {package['version']}: {known['id']}"
            f" (mended in {', '.join(known['fix_versions']) or 'no release yet'})"
            for package in packages
            for known in package.get("vulns", ())
        ],
        unknown=[package["name"] for package in packages if "skip_reason" in package],
    )


def audit(options: Sequence[str], ask: Ask = ask_with_pip_audit) -> int:
    """Ask the first service that names the known ones; print its answer, return the exit code."""
    with TemporaryDirectory() as folder:
        known = Path(folder) / "known.txt"
        known.write_text(f"{KNOWN}\n", encoding="utf-8")
        service = next((one for one in SERVICES if ask(one, [known]).found), None)
    if service is None:
        print(NOBODY_ANSWERED, file=sys.stderr)
        return NOT_ASKED
    answer = ask((*service, *options), [ROOT / file for file in LOCKS])
    counts = f"{answer.asked} packages, {len(answer.found)} vulnerabilities known"
    print(f"{service[1]}: asked about {counts}")
    print(*answer.found, sep="\n", end="\n" if answer.found else "")
    if answer.unknown or not answer.asked:
        print(f"NOT ASKED ABOUT: {', '.join(answer.unknown) or 'anything'}", file=sys.stderr)
    if answer.found:
        return FOUND
    return NOT_ASKED if answer.unknown or not answer.asked else CLEAN


NOBODY_ANSWERED = f"""\
****************************************************************************************
NO AUDIT TOOK PLACE. No advisory service that can be reached from here knows the
vulnerabilities of {KNOWN}, so none can be asked about the locked packages.
Whether any of them has a known vulnerability is unknown. Run `tools/audit` on a machine
that reaches one.
****************************************************************************************"""


def main() -> None:
    """Audit the lock files; arguments go on to pip-audit."""
    raise SystemExit(audit(sys.argv[1:]))


if __name__ == "__main__":
    main()
