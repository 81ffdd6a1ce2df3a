"""Change the rules in small ways, one at a time, and see whether the tests notice: `tools/mutants`.

mutmut makes and tries the mutants; what it finds is written to results.json, from which
docs/mutation.md is made. Needs the packages of requirements-tools.lock.

    python -m tests.mutation.measure [MUTANT ...]

A run goes on where the last one stopped: only functions that have changed are tried again. With
names, only those mutants are tried; `compensation.money.*` is such a name. Of a module of which
none has been tried here, what results.json says stays.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.stats import status_by_exit_code
from mutmut.utils.file_utils import walk_mutatable_files

from tests.mutation.survivors import (
    BY_HAND,
    RESULTS,
    ROOT,
    Changed,
    Module,
    Results,
    digest,
    read_results,
    unexplained,
)

SETTLED = {"killed", "not checked"}
"""All else counts as a survivor, a mutant that runs for too long or that no test reaches, too."""
COPIED = ("compensation", "examples", "tests", "pyproject.toml")
"""What the tests of the rules need."""


def forget_survivors() -> None:
    """Have survivors of the last run tried again: mutmut lets them stand, though tests change."""
    for path in walk_mutatable_files():
        data = SourceFileMutationData(path=path)
        data.load()
        for name, code in data.exit_code_by_key.items():
            if status_by_exit_code[code] != "killed":
                data.exit_code_by_key[name] = None
        if data.exit_code_by_key:
            data.save()


def measured(before: Sequence[Module]) -> Iterator[Module]:
    """Yield what came of the mutants of each module; ``before``: what was known of them."""
    known = {module.path: module for module in before}
    for path in sorted(walk_mutatable_files()):
        data = SourceFileMutationData(path=path)
        data.load()
        status = {name: status_by_exit_code[code] for name, code in data.exit_code_by_key.items()}
        if not status:
            continue
        counts = Counter(status.values())
        if counts["not checked"] == len(status) and path.as_posix() in known:
            yield known[path.as_posix()]
            continue
        yield Module(
            path.as_posix(),
            digest(path.as_posix()),
            len(status),
            counts["not checked"],
            [changed(name, path) for name, found in status.items() if found not in SETTLED],
        )


def changed(mutant: str, path: Path) -> Changed:
    """Return what a mutant of mutmut changes."""
    lines = get_diff_for_mutant(mutant, path=path).splitlines()[2:]
    module, _, function = mutant.partition(".x_")
    return Changed(
        f"{module.removeprefix('compensation.')}.{function.rpartition('__mutmut_')[0]}",
        "\n".join(line[1:].strip() for line in lines if line.startswith("-")),
        "\n".join(line[1:].strip() for line in lines if line.startswith("+")),
    )


def survives(change: Changed, folder: Path) -> bool:
    """Return whether the tests pass with a change of ours, in a copy of the project."""
    path = folder / change.place
    text = path.read_text(encoding="utf-8")
    if text.count(change.old) != 1:
        raise SystemExit(f"{change.place}: not exactly once: {change.old}")
    path.write_text(text.replace(change.old, change.new), encoding="utf-8")
    settings = config()
    ran = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-x", "-q"),
            *settings.pytest_add_cli_args,
            *settings.pytest_add_cli_args_test_selection,
        ],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=600,
        check=False,
    )
    path.write_text(text, encoding="utf-8")
    if ran.returncode not in (0, 1, 2):
        raise SystemExit(ran.stdout)
    return ran.returncode == 0


def by_hand() -> list[Changed]:
    """Return which of the changes that we name ourselves survive."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in COPIED:
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
        return [change for change in BY_HAND if survives(change, folder)]


def main() -> None:
    """Run everything, write the results, and fail where a survivor has no explanation."""
    mutmut = Path(sys.executable).parent / "mutmut"
    forget_survivors()
    subprocess.run([mutmut, "run", *sys.argv[1:]], cwd=ROOT, check=True)
    known = read_results().modules
    results = Results(list(measured(known)), len(BY_HAND), by_hand())
    RESULTS.write_text(results.as_json(), encoding="utf-8", newline="\n")
    left = unexplained(read_results())
    for change in left:
        print(f"\n{change.place}\n- {change.old}\n+ {change.new}", file=sys.stderr)
    untried = sum(module.untried for module in results.modules)
    print(f"{len(left)} survivors that tests/mutation/survivors.toml does not explain")
    print(f"{untried} mutants that have not been tried")
    raise SystemExit(bool(left or untried))


if __name__ == "__main__":
    main()
