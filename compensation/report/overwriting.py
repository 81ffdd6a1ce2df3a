"""What stands where something is to be written, and whether it may be written over.

The content of a file decides what it is. Its name alone says nothing: input tables, an edited
policy and anybody's workbook may have the names of a result's files. A folder that holds nothing
but parts of results may be written over even where parts are missing: a killed run leaves such
folders. All of this is checked before any input is read. Source: the contract, section 8.

What looks into files is imported inside functions: most runs write where nothing is.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from compensation.language import Text
from compensation.refusals import Refused
from compensation.report.output import Form, is_stream, real, unwritable
from compensation.report.record import (
    ASSESSMENT,
    Layout,
)


class OutputRefused(Refused, ValueError):
    """Writing there would overwrite something that is not a result; nothing was written."""


def check_output(
    path: Path,
    form: Form,
    source: Path,
    spared: Sequence[Path] = (),
    texts: Mapping[str, str] | None = None,
    layout: Layout = ASSESSMENT,
) -> None:
    """Refuse an output that would overwrite what is not an earlier result.

    `source`: the input, a file or a folder. `spared`: other files that the run reads. `texts`: the
    rules of the run (`Policy.texts`), of which a copy in the output may be written over. `layout`:
    the kind of result that is written.
    Raises `OutputRefused`, or `OutputUnwritable` where it is plain that nothing can be written.
    """
    with unwritable(path):
        _refuse_loop(path)
        _refuse_source(path, source, spared)
        if form == "xlsx":
            _check_workbook(path, layout)
        else:
            _check_folder(path, texts or {}, layout)
        _check_rights(real(path))


def check_new(path: Path) -> None:
    """Refuse a file that exists already. Raises as `check_output` does."""
    with unwritable(path):
        if os.path.lexists(path):
            raise OutputRefused(
                Text(
                    "“{path}”已经存在，不会覆盖；请换一个文件名",
                    "“{path}” exists and is not overwritten; choose another name",
                ).fill(path=path)
            )
        _refuse_loop(path)
        _check_rights(real(path))


def check_replaceable(
    path: Path, beginning: bytes, source: Path, output: Path | None, spared: Sequence[Path] = ()
) -> None:
    """Refuse a file that exists and is not one of ours, which begin with ``beginning``.

    It must not lie in the input or in the output. A device or a pipe is written to as it is.
    Raises as `check_output` does.
    """
    with unwritable(path):
        if is_stream(path):
            return
        _refuse_loop(path)
        _refuse_source(path, source, spared)
        if output is not None and _lies_in(real(path), real(output)):
            raise OutputRefused(
                Text("“{path}”在结果输出之中", "“{path}” is, or lies in, the output").fill(
                    path=path
                )
            )
        if path.is_dir():
            raise OutputRefused(
                Text("“{path}”是文件夹，不是文件", "“{path}” is a folder, not a file").fill(
                    path=path
                )
            )
        if path.exists():
            with path.open("rb") as file:
                if file.read(len(beginning)) != beginning:
                    raise OutputRefused(
                        Text(
                            "“{path}”已经存在，不是本程序写出的错误清单，不会覆盖",
                            "“{path}” exists and is not such a list of faults; it stays",
                        ).fill(path=path)
                    )
        _check_rights(real(path))


def _refuse_source(path: Path, source: Path, spared: Sequence[Path]) -> None:
    target, origin = real(path), real(source)
    if _lies_in(target, origin) or _lies_in(origin, target):
        raise OutputRefused(
            Text(
                "输出“{path}”就是输入、包含输入或在输入之中；请换一个地方",
                "the output “{path}” is, contains or lies in the input; choose another place",
            ).fill(path=path)
        )
    for other in spared:
        if _lies_in(real(other), target):
            raise OutputRefused(
                Text(
                    "输出“{path}”会覆盖本次要读的文件“{other}”；请换一个地方",
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


def _check_workbook(path: Path, layout: Layout) -> None:
    if not path.exists():
        return
    if not path.is_file():
        raise OutputRefused(Text("“{path}”不是文件", "“{path}” is not a file").fill(path=path))
    if not _is_result_workbook(path, layout):
        raise OutputRefused(
            Text(
                "“{path}”已经存在，不是本程序写出的结果工作簿，不会覆盖",
                "“{path}” exists and is no result workbook; it is not overwritten",
            ).fill(path=path)
        )


def _is_result_workbook(path: Path, layout: Layout) -> bool:
    from compensation.ledger.reviews import REVIEW_SHEET
    from compensation.readers.xlsx import BROKEN, sheet_names
    from compensation.report.former_names import SHEETS as FORMER_SHEETS
    from compensation.report.workbook import KINDS

    sheets = list(KINDS[layout.summary].sheets)
    # Cases that are no payouts have no sheet of reviews.
    unreviewed = [name for name in sheets if name != REVIEW_SHEET]
    try:
        names = [FORMER_SHEETS.get(name, name) for name in sheet_names(path)]
        return names in (sheets, unreviewed)
    except BROKEN:
        return False


def _check_folder(path: Path, texts: Mapping[str, str], layout: Layout) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise OutputRefused(
            Text(
                "“{path}”是文件；结果要写到文件夹，或名称以 .xlsx 结尾的工作簿",
                "“{path}” is a file; results go to a folder, or to a workbook (.xlsx)",
            ).fill(path=path)
        )
    strangers = _strangers(path, texts, layout)
    if strangers:
        raise OutputRefused(
            Text(
                "文件夹“{path}”中有不属于计算结果的文件（{names}），不会写入",
                "the folder “{path}” holds files that belong to no result: {names};"
                " nothing is written there",
            ).fill(path=path, names=", ".join(strangers[:5]) + (" …" if len(strangers) > 5 else ""))
        )


def _strangers(folder: Path, texts: Mapping[str, str], layout: Layout) -> list[str]:
    """Return the names in a folder that no result has, or whose content is no result's."""
    from compensation.report.atomic_write import PREFIX
    from compensation.report.folder import is_result_file, table_files

    names = sorted(e.name for e in folder.iterdir() if not e.name.startswith(PREFIX))
    others = [name for name in names if not is_result_file(name, layout)]
    if others:
        return others
    known, tables = _Rules(folder, texts, layout), table_files(layout)

    def belongs(name: str) -> bool:
        path = folder / name
        if not path.is_file():
            return False
        if name == layout.summary:
            return _summary(path, layout) is not None
        if name in tables:
            return _is_result_table(path, layout.columns[path.stem])
        return known.holds(path)

    return [name for name in names if not belongs(name)]


class _Rules:
    """The texts of rules of which results keep copies, as far as anything here vouches for them.

    Those are the run's own, the package's, and those that a summary names: that of the folder, or
    one that a killed run had set aside while it replaced the result. Of any other text the copy in
    the folder may be the only one: somebody may have edited it there.
    """

    def __init__(self, folder: Path, texts: Mapping[str, str], layout: Layout) -> None:
        from compensation.results import text_digest

        self._digests = {(name, text_digest(text)) for name, text in texts.items()}
        for path in _summaries(folder, layout.summary):
            rules = (_summary(path, layout) or {}).get("rules")
            if isinstance(rules, dict):
                self._digests |= {(name, str(digest)) for name, digest in rules.items()}

    def holds(self, path: Path) -> bool:
        """Return whether a file holds one of these texts."""
        from compensation.classification.size_table import DATA, read_data
        from compensation.policy.catalogue import was_validated
        from compensation.results import text_digest

        try:
            text = path.read_bytes().decode()
        except UnicodeDecodeError:
            return False
        if (path.name, text_digest(text)) in self._digests:
            return True
        return text == read_data(path.name) if path.name in DATA else was_validated(text)


def _summaries(folder: Path, name: str) -> Iterator[Path]:
    """Yield where summaries of results in a folder may be: there, or aside after a killed run."""
    from compensation.report.atomic_write import left_behind
    from compensation.report.folder import REPLACED

    yield folder / name
    for aside in left_behind(real(folder)):
        yield aside / name
        yield aside / REPLACED / name


_LONGEST_HEADINGS = 2**20
"""Bytes of the first line of a table beyond which nobody looks."""


def _is_result_table(path: Path, columns: Sequence[str]) -> bool:
    """Return whether the headings are those of a result table; rows are not looked at."""
    with path.open("rb") as file:
        if path.suffix == ".csv":
            line = file.readline(_LONGEST_HEADINGS).decode(errors="replace")
            names = line.rstrip("\r\n").split(",")
        else:
            import pyarrow as pa
            import pyarrow.parquet as pq

            try:
                names = pq.read_schema(file).names
            except (pa.ArrowException, OSError, UnicodeDecodeError):
                return False
    return set(names).issuperset(columns)


def _summary(path: Path, layout: Layout) -> Mapping[str, Any] | None:
    """Return what the summary of a result says; None if it is no such summary."""
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None
    said = {layout.said, "totals", "input_digest", "files"}
    known = isinstance(content, dict) and said <= set(content)
    return content if known else None


def _refuse_loop(path: Path) -> None:
    """Raise OSError where symbolic links lead nowhere: writing would replace one of them."""
    try:
        path.stat()
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise


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
