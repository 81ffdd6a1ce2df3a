"""Taking a form (multipart/form-data) apart, also where a file has its name as filename* alone.

RFC 7578 has programs write ``filename``, and the parser takes nothing else for a file. Some write
``filename*`` of RFC 5987 instead, or both; it says the name exactly, so it counts.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

from starlette.formparsers import MultiPartParser

_PARAMETER = re.compile(r';\s*(?P<name>[^\s;="]+)\s*=\s*(?P<value>"(?:[^"\\]|\\.)*"|[^;"]*)')
_EXTENDED = re.compile(r"([^']*)'[^']*'(.*)", re.DOTALL)
_NAMES = ("filename", "filename*")


class FormParser(MultiPartParser):
    """Starlette's parser, which is given the name of every file as ``filename``."""

    def on_headers_finished(self) -> None:
        """Take the head of a part; its Content-Disposition is complete."""
        disposition = self._current_part.content_disposition
        if disposition is not None and b"*" in disposition:
            self._current_part.content_disposition = with_plain_name(disposition)
        super().on_headers_finished()


def with_plain_name(disposition: bytes) -> bytes:
    """Return a Content-Disposition with the name that filename* says as filename.

    >>> with_plain_name(b"form-data; name=file; filename*=utf-8''a%20b.xlsx")
    b'form-data; name=file; filename="a b.xlsx"'
    """
    text = disposition.decode("latin-1")
    parameters = [(m["name"], m["value"].strip()) for m in _PARAMETER.finditer(text)]
    extended = {name.lower(): value for name, value in parameters}.get("filename*")
    if extended is None:
        return disposition
    kept = [f"; {name}={value}" for name, value in parameters if name.lower() not in _NAMES]
    name = _decoded(extended.strip('"')).replace("\\", "\\\\").replace('"', '\\"')
    head = text.partition(";")[0] + "".join(kept)
    return head.encode("latin-1") + f'; filename="{name}"'.encode()


def _decoded(value: str) -> str:
    """Return what a value of RFC 5987 says: charset'language'percent-encoded."""
    found = _EXTENDED.fullmatch(value)
    charset, encoded = found.groups() if found else ("", value)
    raw = unquote_to_bytes(encoded.encode("latin-1"))
    try:
        return raw.decode(charset or "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")
