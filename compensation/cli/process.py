"""The process: exit codes, standard streams, signals."""

from __future__ import annotations

import codecs
import contextlib
import gc
import io
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from compensation.cli.arrow_functions import FunctionsWhenUsed
from compensation.language import visible

DONE, FOUND, WRONG, UNWRITABLE, DEFECT, INTERRUPTED = 0, 1, 2, 3, 70, 130
"""The exit codes; contract, section 8."""


REMOTE_FILES = tuple(f"pyarrow._{name}" for name in ("azurefs", "gcsfs", "hdfs", "s3fs"))
"""What Arrow loads to read files elsewhere, and does without where they are not installed."""


def spare_time() -> None:
    """Turn off what costs more time than a small run; for a process that ends with the command.

    A run creates hardly any reference cycles, so the garbage collector is off. No rule uses linear
    algebra, so OpenBLAS needs no threads. Pydantic need not search for plugins. Arrow's own
    allocator keeps more memory than the system's. Few of its functions are used, and no file system
    but the local one.
    """
    gc.disable()
    sys.meta_path.insert(0, FunctionsWhenUsed())
    sys.modules.update(dict.fromkeys(REMOTE_FILES))  # type: ignore[arg-type]
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def show(text: str) -> None:
    """Write to stdout; raises `OutputUnwritable` where that fails, except for a closed pipe."""
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        # Nothing that computes is imported before a command needs it.
        from compensation.report.output import OutputUnwritable

        raise OutputUnwritable(Path("stdout"), error) from error


def complain(text: str) -> None:
    """Write to stderr; do nothing where that fails."""
    with contextlib.suppress(OSError):
        sys.stderr.write(visible(text) + "\n")


def _nearest(error: UnicodeError) -> tuple[str, int]:
    """Write a hyphen for the minus sign, which GBK lacks, and escapes for what else is lacking."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end].replace("−", "-")
    return text.encode(error.encoding, "backslashreplace").decode(error.encoding), error.end


_NEAREST = "compensation.nearest"
codecs.register_error(_NEAREST, _nearest)


def prepare_streams() -> None:
    """Make every text printable, and replace streams that the shell has closed."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.StringIO())
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors=_NEAREST)


def close_streams() -> None:
    """Flush the streams, so that the interpreter does not report an error when it exits."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            with contextlib.suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


@contextlib.contextmanager
def terminable() -> Iterator[None]:
    """Handle SIGTERM and SIGHUP as Ctrl-C, so that files are cleaned up."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    taken = []
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # Only in the main thread, and not where the parent ignores the signal (nohup).
        with contextlib.suppress(ValueError):
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, interrupt)
                taken.append(number)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, signal.SIG_DFL)
