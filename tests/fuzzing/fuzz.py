"""Fuzzes one target: ``python -m tests.fuzzing.fuzz TARGET FOLDER [options of libFuzzer]``.

FOLDER takes what is found on the way; the corpus of the repository is where it starts from. The
process ends with what libFuzzer prints, with a line that says how many seconds of the processor it
took, and, where there is a fault, with a file ``TARGET-crash-…``, ``-oom-…`` or ``-timeout-…``.
"""

from __future__ import annotations

import atexit
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import atheris

with atheris.instrument_imports(
    include=["api", "compensation", "zipfile", "tomllib", "json", "csv", "tests.fuzzing.targets"]
):
    from tests.fuzzing.targets import TARGETS, clean_up
from tests.fuzzing.corpus import folder_of, word_list, write_seeds
from tests.fuzzing.mutations import archive_mutator

MOST_SECONDS = 20
ARCHIVES = ("workbook", "reviews", "upload")


def main() -> None:
    """Fuzz what the command line names."""
    _, name, folder, *options = sys.argv
    target = TARGETS[name]
    found = Path(folder) / name
    found.mkdir(parents=True, exist_ok=True)
    write_seeds(name, found)
    words = Path(folder) / f"{name}.words"
    words.write_text(word_list(name), encoding="ascii")
    arguments = [
        "fuzz",
        str(found),
        *([str(folder_of(name))] if folder_of(name).is_dir() else []),
        f"-artifact_prefix={Path(folder) / name}-",
        f"-dict={words}",
        *options,
    ]
    atexit.register(_count)
    if name in ARCHIVES:
        # Another function stands under this name once the fuzzing has begun.
        mutator = archive_mutator(lambda content, most: atheris.Mutate(content, most))  # noqa: PLW0108
        atheris.Setup(arguments, lambda content: _run(target, content), custom_mutator=mutator)
    else:
        atheris.Setup(arguments, lambda content: _run(target, content))
    atheris.Fuzz()


def _run(target: Callable[[bytes], str], content: bytes) -> None:
    """Run a case; one that takes too much of the processor is a fault, however long it waits."""
    before = time.process_time()
    target(bytes(content))
    assert time.process_time() - before < MOST_SECONDS, "too slow"


def _count() -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"CPU seconds: {used.ru_utime + used.ru_stime:.0f}", file=sys.stderr)
    clean_up()


if __name__ == "__main__":
    main()
