"""Writing a result to its place, whole or not at all.

`overwriting` says where a result may be written. Source: the contract, section 8.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from compensation.language import Text, same
from compensation.refusals import Refused

if TYPE_CHECKING:
    import pyarrow as pa

    from compensation.joint_assessment import Assessed
    from compensation.outlook.forecast import Forecast
    from compensation.outlook.indicators import Indicators
    from compensation.settlement.settlement import Settlement
    from compensation.whatif.compare import Comparison

Form = Literal["csv", "parquet", "xlsx"]
WORKBOOK_SUFFIX = ".xlsx"

_REASONS = {
    errno.EACCES: Text("没有写入权限", "no permission to write there"),
    errno.EPERM: Text("没有写入权限", "no permission to write there"),
    errno.EROFS: Text("所在磁盘是只读的", "the disk is read-only"),
    errno.ELOOP: Text("符号链接成环", "its symbolic links form a loop"),
    errno.EFBIG: Text("超过允许的文件大小", "the file would be larger than is allowed"),
    errno.ENOSPC: Text("磁盘已满", "the disk is full"),
    errno.EDQUOT: Text("磁盘配额已用完", "the disk quota is used up"),
    errno.ENOTDIR: Text("路径中有一段不是文件夹", "a part of the path is not a folder"),
    errno.ENAMETOOLONG: Text("名称太长", "the name is too long"),
}


class OutputUnwritable(Refused):
    """The system does not let us write there; what was there is as it was."""

    def __init__(self, path: Path, error: OSError) -> None:
        reason = _REASONS.get(error.errno or 0, same(error.strerror or str(error)))
        message = Text("无法写入“{path}”：{reason}", "cannot write “{path}”: {reason}")
        super().__init__(message.fill(path=path, reason=reason))


def form_of(path: Path, form: Literal["csv", "parquet"] = "csv") -> Form:
    """Return what is written to ``path``: a workbook if it ends in .xlsx, else a folder."""
    return "xlsx" if path.suffix.lower() == WORKBOOK_SUFFIX else form


def real(path: Path) -> Path:
    """Return the path without symbolic links, whether or not it exists; a loop stays as it is."""
    return Path(os.path.realpath(path))


def is_stream(path: Path) -> bool:
    """Say whether a path is a device, a pipe or a socket: something that can't be replaced."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def parts(form: Form) -> int | None:
    """Return how often `write_output` says that a part is done; None: a workbook has no parts."""
    return None if form == "xlsx" else 4


def write_output(
    result: Assessed | Settlement | Comparison | Indicators | Forecast,
    path: Path,
    form: Form,
    done: Callable[[], object] = lambda: None,
) -> None:
    """Write a result to where `check_output` let it; `done` is called after each file of a folder.

    Raises `OutputUnwritable`; what was there is then as it was.
    """
    if form == "xlsx":
        # Each form imports what writes it: xlsxwriter for a workbook.
        from compensation.report.workbook import write_workbook

        write_new(path, lambda new: write_workbook(result, new))
    else:
        write_tables(result.tables, result.summary, path, form, result.texts, done)


def write_tables(
    tables: Mapping[str, pa.Table],
    summary: Mapping[str, Any],
    path: Path,
    form: Literal["csv", "parquet"],
    texts: Mapping[str, str],
    done: Callable[[], object] = lambda: None,
) -> None:
    """Write tables, a summary and texts as a folder, as `write_output` does."""
    # What writes Parquet and CSV is imported where something is written.
    from compensation.report.folder import write_folder

    with unwritable(path):
        write_folder(tables, summary, path, form, done, texts)


def write_new(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` make a file aside, and move it to ``path`` once it is whole.

    Raises `OutputUnwritable`; what was there is then as it was.
    """
    # A run that only prints starts sooner without `tempfile`.
    from compensation.report.atomic_write import atomic_write, replace_file

    with unwritable(path):
        if is_stream(path):
            write(path)
            return
        target = real(path)
        with atomic_write(target) as new:
            write(new / target.name)
            replace_file(new / target.name, target)


@contextmanager
def unwritable(path: Path) -> Iterator[None]:
    """Turn what the system says into `OutputUnwritable`."""
    try:
        yield
    except OSError as error:
        raise OutputUnwritable(path, error) from error
