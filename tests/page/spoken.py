"""Reads amounts in words back into fen: an independent way, for what the page says."""

from __future__ import annotations

import re

DIGITS = {digit: value for value, digit in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1000}
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
ENGLISH = {word: value for value, word in enumerate(_ONES.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), start=2)
}
SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}


def fen_of_chinese(words: str) -> int:
    """Return the fen of 壹万零伍元零叁分; words that a bank would not write are refused."""
    found = re.fullmatch(r"(?:(.+)元)?(?:整|零?(?:(.)角)?(?:零?(.)分)?)", words)
    assert found is not None, words
    whole, jiao, fen = found.groups()
    assert (jiao or fen or "") == "" or not words.endswith("整")
    yuan = _integer(whole) if whole else 0
    return yuan * 100 + DIGITS[jiao or "零"] * 10 + DIGITS[fen or "零"]


def _integer(words: str) -> int:
    """Read from left to right; 万 and 亿 multiply all of what came since a greater unit."""
    assert "零零" not in words
    if words == "零":
        return 0
    total = since_hundred_million = four = digit = 0
    for sign in words:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in PLACES:
            four += digit * PLACES[sign]
            digit = 0
        elif sign == "万":
            since_hundred_million = (since_hundred_million + four + digit) * 10**4
            four = digit = 0
        else:
            assert sign == "亿", sign
            total = (total + since_hundred_million + four + digit) * 10**8
            since_hundred_million = four = digit = 0
    return total + since_hundred_million + four + digit


def fen_of_english(words: str) -> int:
    """Return the fen of `one hundred five yuan and three fen`."""
    total = 0
    for part in words.split(" and "):
        number, _, unit = part.rpartition(" ")
        total += _number(number) * {"yuan": 100, "fen": 1}[unit]
    return total


def _number(words: str) -> int:
    total = below = 0
    for word in words.replace("-", " ").split():
        if word == "hundred":
            below *= 100
        elif word in SCALES:
            total += below * SCALES[word]
            below = 0
        else:
            below += ENGLISH[word]
    return total + below
