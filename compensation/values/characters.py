"""Characters that mean the same: full and half width, and the blanks around a value."""

from __future__ import annotations

BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
)
"""What is ignored around a cell: every blank of Unicode, and three that cannot be seen at all
(zero-width space, word joiner, byte order mark), which come along when texts are copied."""

_HALF_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFFE5: 0xA5, 0x3000: 0x20}


def half_width(text: str) -> str:
    """Return the text with full-width letters, digits, signs and ￥ in their usual width.

    Narrower than Unicode's compatibility forms on purpose: those would read 10² as 102.
    """
    return text if text.isascii() else text.translate(_HALF_WIDTH)
