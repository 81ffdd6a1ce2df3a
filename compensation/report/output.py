"""Where a result may be written, and writing it there whole or not at all.

What must not be overwritten is refused before anything is read; see `check_output`. Source: the
contract, section 8.
"""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from compensation.language import Language, Text, same

if TYPE_CHECKING:
    from compensation.assessment import Assessment

Form = Literal["csv", "parquet", "xlsx"]
WORKBOOK_SUFFIX = ".xlsx"

_REASONS = {
    errno.EACCES: Text("没有写入权限", "no permission to write there"),
    errno.EPERM: Text("没有写入权限", "no permission to write there"),
    errno.EROFS: Text("所在磁盘是只读的", "the disk is read-only"),
    errno.ENOSPC: Text("磁盘已满", "the disk is full"),
    errno.EDQUOT: Text("磁盘配额已用完", "the disk quota is used up"),
    errno.ENOTDIR: Text("路径中有一段不是文件夹", "a part of the path is not a folder"),
    errno.ENAMETOOLONG: Text("名称太长", "the name is too long"),
}


class OutputRefused(ValueError):
    """Writing there would overwrite something that is not a result; nothing was written."""

    def __init__(self, message: Text) -> None:
        self.message = message
        super().__init__(message.zh)

    def describe(self, language: Language = "zh") -> str:
        """Return what was refused, and why."""
        return self.message.get(language)


class OutputUnwritable(Exception):
    """The system does not let us write there; what was there is as it was."""

    def __init__(self, path: Path, error: OSError) -> None:
        reason = _REASONS.get(error.errno or 0, same(error.strerror or str(error)))
        self.message = Text("无法写入“{path}”:{reason}", "cannot write “{path}”: {reason}").fill(
            path=path, reason=reason
        )
        super().__init__(self.message.zh)

    def describe(self, language: Language = "zh") -> str:
        """Return what could not be written, and why."""
        return self.message.get(language)


def form_of(path: Path, form: Literal["csv", "parquet"] = "csv") -> Form:
    """Return what is written to ``path``: a workbook if it ends in .xlsx, else a folder."""
    return "xlsx" if path.suffix.lower() == WORKBOOK_SUFFIX else form


def real(path: Path) -> Path:
    """Return the path without symbolic links, whether or not it exists; a loop stays as it is."""
    return Path(os.path.realpath(path))


def check_output(path: Path, form: Form, source: Path, spared: Sequence[Path] = ()) -> None:
    """Refuse an output that would overwrite what is not an earlier result.

    `source`: the input, a file or a folder. `spared`: other files that the run reads.
    Raises `OutputRefused`, or `OutputUnwritable` where it is plain that nothing can be written.
    """
    with _unwritable(path):
        _refuse_source(path, source, spared)
        if form == "xlsx":
            _check_workbook(path)
        else:
            _check_folder(path)
        _check_rights(real(path))


def check_new(path: Path) -> None:
    """Refuse a file that exists already. Raises as `check_output` does."""
    with _unwritable(path):
        if os.path.lexists(path):
            raise OutputRefused(
                Text(
                    "“{path}”已经存在,不会覆盖;请换一个文件名",
                    "“{path}” exists and is not overwritten; choose another name",
                ).fill(path=path)
            )
        _check_rights(real(path))


def check_replaceable(
    path: Path, beginning: bytes, source: Path, output: Path | None, spared: Sequence[Path] = ()
) -> None:
    """Refuse a file that exists and is not one of ours, which begin with ``beginning``.

    It must not lie in the input or in the output. A device or a pipe is written to as it is.
    Raises as `check_output` does.
    """
    with _unwritable(path):
        if is_stream(path):
            return
        _refuse_source(path, source, spared)
        if output is not None and _lies_in(real(path), real(output)):
            raise OutputRefused(
                Text("“{path}”在结果输出之中", "“{path}” is, or lies in, the output").fill(
                    path=path
                )
            )
        if path.is_dir():
            raise OutputRefused(
                Text("“{path}”是文件夹,不是文件", "“{path}” is a folder, not a file").fill(
                    path=path
                )
            )
        if path.exists():
            with path.open("rb") as file:
                if file.read(len(beginning)) != beginning:
                    raise OutputRefused(
                        Text(
                            "“{path}”已经存在,不是本程序写出的错误清单,不会覆盖",
                            "“{path}” exists and is not such a list of faults; it stays",
                        ).fill(path=path)
                    )
        _check_rights(real(path))


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
    assessment: Assessment, path: Path, form: Form, done: Callable[[], object] = lambda: None
) -> None:
    """Write a result to where `check_output` let it; `done` is called after each file of a folder.

    Raises `OutputUnwritable`; what was there is then as it was.
    """
    if form == "xlsx":
        from compensation.report.workbook import write_workbook

        write_new(path, lambda new: write_workbook(assessment, new))
    else:
        from compensation.report.folder import write_folder

        with _unwritable(path):
            write_folder(assessment.tables, assessment.summary, path, form, done, assessment.texts)


def write_new(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` make a file aside, and move it to ``path`` once it is whole.

    Raises `OutputUnwritable`; what was there is then as it was.
    """
    from compensation.report.aside import aside, replace_file

    with _unwritable(path):
        if is_stream(path):
            write(path)
            return
        target = real(path)
        with aside(target) as new:
            write(new / target.name)
            replace_file(new / target.name, target)


@contextmanager
def _unwritable(path: Path) -> Iterator[None]:
    """Turn what the system says into `OutputUnwritable`."""
    try:
        yield
    except OSError as error:
        raise OutputUnwritable(path, error) from error


def _refuse_source(path: Path, source: Path, spared: Sequence[Path]) -> None:
    target, origin = real(path), real(source)
    if _lies_in(target, origin) or _lies_in(origin, target):
        raise OutputRefused(
            Text(
                "输出“{path}”就是输入、包含输入或在输入之中;请换一个地方",
                "the output “{path}” is, contains or lies in the input; choose another place",
            ).fill(path=path)
        )
    for other in spared:
        if _lies_in(real(other), target):
            raise OutputRefused(
                Text(
                    "输出“{path}”会覆盖本次要读的文件“{other}”;请换一个地方",
                    "the output “{path}” would overwrite “{other}”, which this run reads;"
                    " choose another place",
                ).fill(path=path, other=other)
            )


def _lies_in(inner: Path, outer: Path) -> bool:
    """Say whether a path is another or lies in it; links and the case of letters don't matter."""
    return any(_is_same(path, outer) for path in (inner, *inner.parents))


def _is_same(one: Path, other: Path) -> bool:
    if one == other:
        return True
    try:
        return one.samefile(other)
    except OSError:
        return False


def _check_workbook(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_file():
        raise OutputRefused(Text("“{path}”不是文件", "“{path}” is not a file").fill(path=path))
    if not _is_result_workbook(path):
        raise OutputRefused(
            Text(
                "“{path}”已经存在,不是本程序写出的结果工作簿,不会覆盖",
                "“{path}” exists and is no result workbook; it is not overwritten",
            ).fill(path=path)
        )


def _is_result_workbook(path: Path) -> bool:
    from compensation.ledger.xlsx import BROKEN, sheet_names
    from compensation.report.workbook import SHEETS

    try:
        return sheet_names(path) == list(SHEETS)
    except BROKEN:
        return False


def _check_folder(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise OutputRefused(
            Text(
                "“{path}”是文件;结果要写到文件夹,或名称以 .xlsx 结尾的工作簿",
                "“{path}” is a file; results go to a folder, or to a workbook (.xlsx)",
            ).fill(path=path)
        )
    strangers = _strangers(path)
    if strangers:
        raise OutputRefused(
            Text(
                "文件夹“{path}”中有不是计算结果的文件({names}),不会写入",
                "the folder “{path}” holds what is no result: {names}; nothing is written there",
            ).fill(path=path, names=", ".join(strangers[:5]) + (" …" if len(strangers) > 5 else ""))
        )


def _strangers(folder: Path) -> list[str]:
    """Return the names in a folder that no result has, or whose content is no result's.

    Input tables may bear the names of result tables, so the headings are looked at; and a policy
    that somebody is writing may bear the name of a kept one, so its content must be a kept one's.
    """
    from compensation.report.aside import PREFIX
    from compensation.report.folder import TABLE_FILES, is_result_file
    from compensation.report.record import SUMMARY

    names = sorted(e.name for e in folder.iterdir() if not e.name.startswith(PREFIX))
    others = [name for name in names if not is_result_file(name)]
    if others:
        return others
    summary = _summary(folder / SUMMARY) if SUMMARY in names else {}
    if summary is None:
        return [SUMMARY]
    return [
        name
        for name in names
        if name != SUMMARY
        and not (
            _is_result_table(folder / name)
            if name in TABLE_FILES
            else _is_kept(folder / name, summary)
        )
    ]


def _is_kept(path: Path, summary: Mapping[str, Any]) -> bool:
    """Return whether a text of rules is the one that the result kept, or one of the package's."""
    from compensation.policy.catalogue import was_validated
    from compensation.results import text_digest

    try:
        text = path.read_bytes().decode() if path.is_file() else None
    except UnicodeDecodeError:
        text = None
    if text is None:
        return False
    rules = summary.get("rules")
    kept = isinstance(rules, dict) and rules.get(path.name) == text_digest(text)
    return kept or was_validated(text)


_BEGINNINGS = {
    "claims": ("claim_id", "contract_id", "institution_id", "borrower_id", "payout_date", "payout"),
    "institutions": ("institution_id", "opening_balance", "closing_balance"),
    "returns": ("recovery_id", "claim_id", "recovery_date", "proceeds", "cost", "distributed"),
}
"""The first headings of each result table, as far as tells it from an input table."""


def _is_result_table(path: Path) -> bool:
    wanted = _BEGINNINGS[path.stem]
    if not path.is_file():
        return False
    if path.suffix == ".csv":
        line = ",".join(wanted).encode()
        with path.open("rb") as file:
            return file.read(len(line) + 1).removesuffix(b"\n").removesuffix(b",") == line
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
    except pa.ArrowInvalid:
        return False
    return tuple(names[: len(wanted)]) == wanted


def _summary(path: Path) -> Mapping[str, Any] | None:
    """Return what the summary of a result says; None if it is no such summary."""
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        return None
    known = isinstance(content, dict) and {"policy", "totals", "input_digest", "files"} <= set(
        content
    )
    return content if known else None


def _check_rights(target: Path) -> None:
    """Say now what would otherwise be said after the work: nothing can be written there."""
    place = target if target.is_dir() else target.parent
    while not place.exists():
        place = place.parent
    if not place.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    if not os.access(place, os.W_OK | os.X_OK):
        why = errno.EROFS if _is_read_only(place) else errno.EACCES
        raise OSError(why, os.strerror(why))


def _is_read_only(place: Path) -> bool:
    return hasattr(os, "statvfs") and bool(os.statvfs(place).f_flag & os.ST_RDONLY)
