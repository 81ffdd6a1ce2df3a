"""The two languages that every message is written in."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Text(NamedTuple):
    """One message in Chinese and in English; the two say the same.

    >>> Text("机构", "institution").get("en")
    'institution'
    """

    zh: str
    en: str

    def get(self, language: Language) -> str:
        """Return the message in ``language``."""
        return self.zh if language == "zh" else self.en

    def fill(self, **values: object) -> Text:
        """Fill the braces of both messages; a value that is a `Text` goes in by its language.

        >>> Text("{what}有误", "{what} is wrong").fill(what=Text("金额", "the amount")).zh
        '金额有误'
        """

        def chosen(language: Language) -> dict[str, object]:
            return {k: v.get(language) if isinstance(v, Text) else v for k, v in values.items()}

        return Text(self.zh.format(**chosen("zh")), self.en.format(**chosen("en")))


def same(text: str) -> Text:
    """Return a `Text` that reads alike in both languages: a name, a number, a code."""
    return Text(text, text)


def visible(text: str) -> str:
    r"""Return the text with control codes written out, so that a cell can't steer the terminal.

    >>> print(visible("a\x1b[31m"))
    a\x1b[31m
    """
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
