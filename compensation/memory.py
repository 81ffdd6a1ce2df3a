"""How a lack of memory shows: in one error of many kinds, or in one that led to another."""

from __future__ import annotations

import errno

_NO_THREAD = "can't start new thread"
"""The message of the RuntimeError that Python raises where a thread's stack cannot be allocated."""
_NOT_LOADED = ("failed to map segment", "cannot allocate memory")
"""Parts of the loader's message about a library that does not fit into memory."""


def lacks_memory(error: BaseException | None) -> bool:
    """Return whether an error, or one that led to it, means that there is not enough memory."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        text = str(error).casefold()
        if (
            isinstance(error, MemoryError)
            or (isinstance(error, RuntimeError) and text == _NO_THREAD)
            or (isinstance(error, ImportError) and any(said in text for said in _NOT_LOADED))
            or (isinstance(error, OSError) and error.errno == errno.ENOMEM)
        ):
            return True
        seen.append(error)
        error = error.__cause__ or error.__context__
    return False
