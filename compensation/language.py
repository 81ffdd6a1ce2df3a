"""The two languages that every message is written in."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Iterable
from pathlib import PurePath
from typing import Literal, NamedTuple

Language = Literal["zh", "en"]

LANGUAGE_VARIABLE = "COMPENSATION_LANG"

UNSEEN = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control codes, but for tab and line feed
    "\xad\u200b-\u200d\u2060-\u2065\ufeff\ufff9-\ufffb"  # of no width
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # those that turn the direction of writing
    "\u034f\u180b-\u180f\ufe00-\ufe0f\U000e0000-\U000e0fff"  # selectors and tags
    "\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"  # letters that look like a blank
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # controls of shorthand and of music
    "\u2028\u2029"  # ends of lines that nobody expects
)
"""Characters that nobody sees, as the inside of a class of a regular expression."""
_UNSEEN = re.compile(f"[{UNSEEN}\ud800-\udfff]")
"""With the halves of a character, which only a text of Python can hold."""


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

        A text or a path goes in as `in_line` has it: nothing in a file, or in its name, can pass
        for a line of a message.
        >>> Text("{what}有误", "{what} is wrong").fill(what=Text("金额", "the amount")).zh
        '金额有误'
        """

        def chosen(language: Language) -> dict[str, object]:
            return {name: _filled_in(value, language) for name, value in values.items()}

        return Text(self.zh.format(**chosen("zh")), self.en.format(**chosen("en")))


def language_wanted() -> Language:
    """Return the language in which Python prints errors: that of the environment, else Chinese."""
    return "en" if os.environ.get(LANGUAGE_VARIABLE) == "en" else "zh"


def _filled_in(value: object, language: Language) -> object:
    """Return what goes into a message; what nobody sees in a text of the input is written out."""
    if isinstance(value, Text):
        return value.get(language)
    return in_line(str(value)) if isinstance(value, str | PurePath) else value


def day(value: datetime.date) -> Text:
    """Return a day as people read it: 2022年8月30日, and 2022-08-30 in English.

    >>> day(datetime.date(2022, 8, 30)).zh
    '2022年8月30日'
    """
    return Text(f"{value.year}年{value.month}月{value.day}日", value.isoformat())


def same(text: str) -> Text:
    """Return a `Text` that reads alike in both languages: a name, a number, a code."""
    return Text(text, text)


def joined(parts: Iterable[Text | str], zh: str = "、", en: str = ", ") -> Text:
    """Return several texts as one, with a separator of each language; a `str` reads alike in both.

    >>> joined(["A", Text("甲", "B")])
    Text(zh='A、甲', en='A, B')
    """
    listed = [part if isinstance(part, Text) else same(part) for part in parts]
    return Text(zh.join(each.zh for each in listed), en.join(each.en for each in listed))


def visible(text: str) -> str:
    r"""Return the text with what nobody sees written out: control codes, marks of no width.

    A cell can't steer the terminal then, and two texts that differ look different.

    >>> print(visible("a\x1b[31m"))
    a\x1b[31m
    """
    return _UNSEEN.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def in_line(text: str) -> str:
    r"""Return the text with what nobody sees, and what would break its line, written out.

    >>> print(in_line("a\nb"))
    a\nb
    """
    return visible(text).replace("\t", "\\t").replace("\n", "\\n")
