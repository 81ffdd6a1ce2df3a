"""A workbook as an archive, looked through before the parser gets it.

The parser takes whatever memory the content asks for, and stops the whole process where there is
none. So nothing may unpack to more than the directory says, or than a ledger can be, and what is
looked at here must be what the parser will see.
"""

from __future__ import annotations

import copy
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHUNK = 2**20
MAX_UNPACKED = 2**33
"""Bytes to which a workbook may unpack: ten sheets as large as they get."""
ALWAYS = 2**26
"""Bytes to which any workbook may unpack, however small it is."""
MAX_RATIO = 100
"""How many times its own size a workbook may unpack to, beyond `ALWAYS`. A ledger unpacks to ten
times its size, and one with the same row a million times to thirty."""

_STRINGS = b"uniqueCount"
_SAID = re.compile(_STRINGS + rb"\s*=\s*[\"']\+?(\d*)")
_SHARED_STRINGS = "sharedstrings.xml"
_MARKUP = re.compile(rb"<t(?:\s[^<>]*)?>[^<]*<[!?]")
_LONGEST_NUMBER = 12
_SEAM = 256
"""Bytes in which the number of strings fits, with what stands around it."""
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class UnsafeArchive(ValueError):
    """The archive unpacks without end, or readers may come to find different things in it."""


class TooLarge(UnsafeArchive):
    """The archive would unpack to more than is read. `size` and `most`: bytes."""

    def __init__(self, size: int, most: int) -> None:
        self.size: int = size
        self.most: int = most
        super().__init__(f"it unpacks to {size} bytes, more than {most}")


@contextmanager
def open_archive(path: Path) -> Iterator[zipfile.ZipFile]:
    """Yield the archive, all of it checked.

    Raises `UnsafeArchive`, OSError, and what `zipfile` and zlib raise of a damaged archive.
    """
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        if len(members_of(archive)) < len(members):
            raise UnsafeArchive("two members by the same name")
        size = sum(member.file_size for member in members)
        most = min(MAX_UNPACKED, max(ALWAYS, MAX_RATIO * path.stat().st_size))
        if size > most:
            raise TooLarge(size, most)
        for member in members:
            _check(archive, member)
        yield archive


def members_of(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the names of the members by how readers compare them: with slashes, no capitals.

    Old writers use backslashes, which `zipfile` keeps.
    """
    return {name.replace("\\", "/").casefold(): name for name in archive.namelist()}


def _check(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Unpack a member once, to see that it is as large as the directory says, and undamaged."""
    if member.compress_type not in _PACKINGS:
        raise UnsafeArchive("packed in an unusual way")
    # `zipfile` stops at the size that the directory says, other programs do not.
    longer = copy.copy(member)
    longer.file_size += 1
    of_strings = member.filename.casefold().endswith(_SHARED_STRINGS)
    size, before = 0, b""
    with archive.open(longer) as stream:
        while piece := stream.read(CHUNK):
            size += len(piece)
            if _STRINGS in (near := before + piece):
                _check_strings(near, member)
            if of_strings and _MARKUP.search(near):
                raise UnsafeArchive("markup within a text, which readers drop")
            before = near[-_SEAM:]
    if size != member.file_size:
        raise UnsafeArchive("a member is not as large as the directory says")


def _check_strings(near: bytes, member: zipfile.ZipInfo) -> None:
    """Refuse a number of strings that the member has no room for: the parser would make room."""
    for number in _SAID.findall(near):
        if len(number) > _LONGEST_NUMBER or int(number or 0) > member.file_size:
            raise UnsafeArchive("more strings than there is room for")
