"""Uploaded files: a workbook, or a zip of tables, which is unpacked within limits."""

from __future__ import annotations

import errno
import re
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from api.problems import Problem, wrong_values_problem
from compensation.issues import Issue, Place
from compensation.language import Text
from compensation.readers.folders import concerns

MAX_MEMBERS = 10_000
"""The most members of an archive."""
LONGEST_NAME = 255
"""The most bytes of a file name; longer members are skipped, since no table is named so."""
_FILE = Place(parameter="file")
_WORKBOOK_PART = "[Content_Types].xml"
_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
"""The first bytes of .xls and encrypted workbooks; the reader reports what is wrong with them."""
_UTF8_NAME = 0x800
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    RuntimeError,  # a member that is encrypted, or packed in an unknown way
    UnicodeDecodeError,  # the name of a member
)
_PIECE = 2**20


def input_of(content: Path, name: str, most_bytes: int, field: str = "file") -> Path:
    """Return an uploaded file as an input of the library; a zip is unpacked.

    `name`: what the client called the file; `field`: the field of the form. Raises `Problem` where
    the file is neither a workbook nor a zip, or is too large.
    """
    with content.open("rb") as file:
        if file.read(len(_OLE)) == _OLE:
            return _renamed(content, name)
    try:
        with zipfile.ZipFile(content) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            if unpacked > most_bytes or len(members) > MAX_MEMBERS:
                raise _too_large_unpacked(most_bytes)
            if _WORKBOOK_PART not in archive.namelist():
                return _unpack(archive, content.parent / "tables", most_bytes)
    except _BROKEN as error:
        raise _no_input(field) from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # the directory sends us to a place before the file
            raise
        raise _no_input(field) from error
    return _renamed(content, name)


def _renamed(content: Path, name: str) -> Path:
    """Rename the file to the name that the client gave it, without special characters."""
    stem = re.sub(r"[^\w.()\-]", "_", Path(name.replace("\\", "/")).stem)[:60] or "upload"
    path = content.parent / "workbook" / f"{stem}.xlsx"
    path.parent.mkdir()
    return content.rename(path)


def _unpack(archive: zipfile.ZipFile, folder: Path, most_bytes: int) -> Path:
    """Unpack the members that may hold a table into one folder; return the folder."""
    folder.mkdir()
    left = most_bytes
    for member in archive.infolist():
        path = PurePosixPath(_member_name(member).replace("\\", "/"))
        hidden = "__MACOSX" in path.parts or not path.name or not concerns(path.name)
        if hidden or member.is_dir() or len(path.name.encode()) > LONGEST_NAME:
            continue
        target = folder / path.name
        if target.exists():
            raise _twice(path.name)
        with archive.open(member) as source, target.open("xb") as file:
            while piece := source.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise _too_large_unpacked(most_bytes)
                file.write(piece)
    return folder


def _member_name(member: zipfile.ZipInfo) -> str:
    """Return a member's name; Chinese Windows writes names in GB18030 without marking them."""
    if member.flag_bits & _UTF8_NAME:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def _too_large_unpacked(most_bytes: int) -> Problem:
    message = Text("文件解压后超过 {most} 字节", "the file, unpacked, is larger than {most} bytes")
    return Problem("too-large", message.fill(most=most_bytes))


def _twice(name: str) -> Problem:
    message = Text("压缩包里有两个这样的文件", "there are two such files in the zip")
    return wrong_values_problem([Issue("table_twice", message, _FILE, name)])


def _no_input(field: str) -> Problem:
    message = Text("不是可以读取的文件，或已损坏", "no file that can be read, or it is damaged")
    expected = Text(
        "一个 .xlsx 工作簿，或一个装有 CSV 文件的 zip 压缩包",
        "one .xlsx workbook, or a zip of CSV files",
    )
    where = Place(parameter=field)
    return wrong_values_problem([Issue("not_an_input", message, where, expected=expected)])
