"""What is said of a file that cannot be read at all, or of a table that is in two.

Kinds of fault: ``unreadable``, ``broken_file``, ``table_twice``.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path

from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text, same
from compensation.schema.dictionary import Table

_REASONS = {
    errno.EACCES: Text("没有读取权限", "no permission to read it"),
    errno.EPERM: Text("没有读取权限", "no permission to read it"),
    errno.ENAMETOOLONG: Text("路径太长", "the path is too long"),
    errno.ELOOP: Text("符号链接成环", "its symbolic links form a loop"),
    errno.EINVAL: Text("内容已损坏", "it is damaged"),  # an archive that begins before its start
}


def unreadable(path: Path, error: OSError, table: str | None = None) -> FaultGroup:
    """Return the fault of a file or folder that the system does not let us read."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        message = Text("找不到文件或文件夹“{path}”", "cannot find the file or folder “{path}”")
        return whole("unreadable", message.fill(path=path), table=table)
    reason = _REASONS.get(error.errno or 0, same(error.strerror or type(error).__name__))
    message = Text("无法读取“{path}”：{reason}", "cannot read “{path}”: {reason}")
    return whole("unreadable", message.fill(path=path, reason=reason), table=table)


def broken(path: Path, what: Text, table: str | None = None) -> FaultGroup:
    """Return the fault of a file that is not ``what`` its name says, or is damaged."""
    message = Text("“{name}”不是 {what}，或已损坏", "“{name}” is not {what}, or it is damaged")
    return whole("broken_file", message.fill(name=path.name, what=what), table=table)


def table_twice(table: Table, names: Sequence[str]) -> FaultGroup:
    """Return the fault of a table that is in two sheets or files; neither is read."""
    message = Text(
        "同一张表出现了多次：{names}；只能有一份", "the table appears more than once: {names}"
    ).fill(names=", ".join(names))
    return whole("table_twice", message, table=table.name)
