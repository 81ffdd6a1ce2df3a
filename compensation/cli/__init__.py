"""The command ``compensation``: its commands, their options, and its exit codes.

0 done; 1 verify, diff, or `policies check`, `test` or `diff` found something; 2 the input or the
arguments are wrong; 3 the output cannot be written; 70 internal error, or not enough memory; 130
interrupted.
Source: the contract, section 8.

The modules that compute, and the faults that they raise, are imported inside functions, so that
``--help`` is quick.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import click

from compensation.cli.commands import commands
from compensation.cli.process import (
    DEFECT,
    DONE,
    INTERRUPTED,
    UNWRITABLE,
    WRONG,
    close_streams,
    complain,
    prepare_streams,
    spare_time,
    terminable,
)
from compensation.cli.usage import Refusal, language_of, translate_click, usage_error_text
from compensation.language import Language, Text
from compensation.memory import lacks_memory
from compensation.refusals import Refused

TRACEBACK_VARIABLE = "COMPENSATION_TRACEBACK"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""Error numbers of a disk, or a quota, that is full."""
NO_MEMORY = Text("内存不足", "there is not enough memory")
_NOT_UTF8 = Text(
    "“{text}”不是 UTF-8 编码，无法处理；请改用其他名称",
    "“{text}” is not UTF-8 and cannot be used; choose another name",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with ``arguments`` and return the exit code.

    Without arguments it is that of the process, which ends with it.
    """
    if arguments is None:
        spare_time()
    given = list(sys.argv[1:] if arguments is None else arguments)
    language = language_of(given, os.environ)
    translate_click(language)
    prepare_streams()
    try:
        with terminable():
            code = _run(given, language)
            sys.stdout.flush()
    except BrokenPipeError:
        # The reader of our output has closed the pipe; results were written before.
        code = DONE
    except KeyboardInterrupt:
        code = _say(INTERRUPTED, Text("已中断", "interrupted"), language)
    except Exception as error:  # noqa: BLE001 - the one place where every failure gets its exit code
        code = _failed(error, language)
    close_streams()
    if arguments is None:
        # Freeing every object, one after another, takes a twentieth of a small run.
        os._exit(code)
    return code


def _run(arguments: list[str], language: Language) -> int:
    """Parse the arguments and run the command; return its exit code."""
    try:
        with commands(language).make_context("compensation", arguments) as context:
            return cast("int", context.command.invoke(context))
    except click.exceptions.Exit as done:
        return done.exit_code


def _failed(error: Exception, language: Language) -> int:
    """Report an error; return its exit code."""
    if lacks_memory(error):  # first: there may be no memory left for imports
        return _say(DEFECT, NO_MEMORY, language)
    try:
        code = _refused(error, language)
    except MemoryError:
        return _say(DEFECT, NO_MEMORY, language)
    except ImportError as broken:
        if lacks_memory(broken):
            return _say(DEFECT, NO_MEMORY, language)
        code = None  # a broken installation: `error` will be of the same kind
    return _defect(error, language) if code is None else code


def _refused(error: Exception, language: Language) -> int | None:
    """Report an error that the user can correct; return None for any other."""
    if isinstance(error, click.UsageError):
        return _say(WRONG, usage_error_text(error), language)
    if isinstance(error, Refusal):
        return _say(WRONG, error.message, language)

    from compensation.faults.input_faults import InputFaults
    from compensation.policy.faults import PolicyFaults
    from compensation.report.output import OutputUnwritable
    from compensation.report.sheet import TooManyRows

    if isinstance(error, OutputUnwritable | TooManyRows):
        return _say(UNWRITABLE, error.describe(language), language)
    if isinstance(error, InputFaults | PolicyFaults | Refused):
        return _say(WRONG, error.describe(language), language)
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        from tempfile import gettempdir

        place = Path(error.filename or gettempdir())
        return _say(UNWRITABLE, OutputUnwritable(place, error).describe(language), language)
    if isinstance(error, UnicodeEncodeError) and _is_of_system(error.object):
        return _say(WRONG, _NOT_UTF8.fill(text=error.object), language)
    return None


def _is_of_system(text: str) -> bool:
    """Return whether a text stands for bytes that are not UTF-8: an argument or a file name."""
    return any("\udc80" <= character <= "\udcff" for character in text)


def _defect(error: Exception, language: Language) -> int:
    """Report an internal error in both languages, and how to get its traceback."""
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(error)
    kind = f"{type(error).__name__}: {error}"
    return _say(
        DEFECT,
        f"程序内部错误，不是您的输入有误：{kind}\n"
        f"设置环境变量 {TRACEBACK_VARIABLE}=1 再运行一次，可以看到出错位置。\n"
        f"Internal error, not caused by your input: {kind}\n"
        f"Run again with {TRACEBACK_VARIABLE}=1 in the environment to see where it is.",
        language,
    )


def _say(code: int, message: Text | str, language: Language) -> int:
    """Write a message to stderr; return the code."""
    complain(message if isinstance(message, str) else message.get(language))
    return code
