"""Which industry of the size classification a code or name of the national one belongs to.

Source: ``industries.csv``, the sections and divisions of GB/T 4754-2017, and the groups where the
size classification (统计上大中小微型企业划分办法(2017)) tells groups apart. A code is found by its
longest known beginning, so a group or class counts as part of its division whether or not the
national classification has such a group.

Assumptions, where the size classification leaves it open:

- division 59 (装卸搬运和仓储业) without its group is warehousing; only 591 (装卸搬运) is transport;
- group 704 (房地产租赁经营) is what the size classification excludes under an earlier name,
  dealing in one's own property (自有房地产经营活动).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from compensation.arrays import numbers
from compensation.classification.size_table import read_rows, size_table
from compensation.language import Text, joined

Industries = npt.NDArray[np.int8]

UNKNOWN_INDUSTRY: Final = -1
NOT_COVERED: Final = -2
AMBIGUOUS_INDUSTRY: Final = -3
MISSING_INDUSTRY: Final = -4

_CODE: Final = re.compile(r"(?P<section>[a-z])?(?P<digits>[0-9]{1,4})|(?P<alone>[a-z])")
_HALF_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SEPARATORS: Final = str.maketrans("", "", "、,")

_UNKNOWN: Final = Text(
    "“{given}”不是已知的行业：请填国民经济行业分类（GB/T 4754-2017）的代码（如 C、C13、5211）"
    "或门类、大类名称",
    "“{given}” is not a known industry: give a code of the national classification GB/T 4754-2017"
    " (such as C, C13, 5211) or the Chinese name of a section or division",
)
_AMBIGUOUS: Final = Text(
    "行业“{given}”（{name}）分得不够细，不能划分企业规模：请填其中之一：{finer}",
    "industry “{given}” ({name}) is too broad to tell a size: give one of {finer}",
)
_UNCOVERED: Final = Text(
    "统计上大中小微型企业划分办法（2017）不适用于行业“{given}”（{name}）：{reason}",
    "the size classification (统计上大中小微型企业划分办法(2017)) does not apply to industry"
    " “{given}” ({name}): {reason}",
)
_REASONS: Final = {
    "finance": Text("金融业另有划型标准", "finance has a size standard of its own"),
    "excluded": Text("办法明确将其排除", "it is excluded expressly"),
    "not_listed": Text("办法未列入该行业", "it is not among the industries listed"),
}
_BLANK_INDUSTRY: Final = Text("未填行业", "the industry is blank")


class _Entry(NamedTuple):
    """One row of ``industries.csv``: exactly one of the last three is filled."""

    code: str
    name: str
    industry: str
    needs: tuple[str, ...]
    not_covered: str


class _Catalogue(NamedTuple):
    by_code: dict[str, _Entry]  # "c" for a section, "13" and "591" for divisions and groups
    by_name: dict[str, _Entry]


@functools.cache
def _catalogue() -> _Catalogue:
    by_code: dict[str, _Entry] = {}
    by_name: dict[str, _Entry] = {}
    for row in read_rows("industries.csv"):
        needs = tuple(row["needs"].split())
        entry = _Entry(row["code"], row["name_zh"], row["industry"], needs, row["not_covered"])
        by_code[entry.code[1:] or entry.code.casefold()] = entry
        by_name.setdefault(_plain_name(entry.name), entry)
    table = size_table()
    for key, name in zip(table.keys, table.names, strict=True):
        entry = _Entry("", name.zh, key, (), "")
        by_name[key] = entry
        by_name[_plain_name(name.zh)] = entry
    return _Catalogue(by_code, by_name)


def _plain(text: str) -> str:
    """Drop blanks, narrow full-width letters, digits and brackets, and lower the case."""
    return "".join(text.translate(_HALF_WIDTH).split()).casefold()


def _plain_name(text: str) -> str:
    """Like `_plain`, and without the commas that people leave out of names (农林牧渔业)."""
    return _plain(text).translate(_SEPARATORS)


def _by_code(section: str, digits: str) -> _Entry | None:
    """Find the longest known beginning of a code; its letter, if it has one, must agree."""
    if len(digits) == 1 and not section:
        digits = "0" + digits  # a spreadsheet took 01 for a number
    known = _catalogue().by_code
    for length in range(len(digits), 1, -1):
        entry = known.get(digits[:length])
        if entry is not None:
            return entry if section in ("", entry.code[0].casefold()) else None
    return None


def _find(text: str) -> _Entry | None:
    coded = _CODE.fullmatch(_plain(text))
    if coded is None:
        return _catalogue().by_name.get(_plain_name(text))
    if coded["alone"]:
        return _catalogue().by_code.get(coded["alone"])
    return _by_code(coded["section"] or "", coded["digits"])


def _outcome(text: str | None) -> int:
    """Return the position of an industry in the size table, or a negative outcome."""
    if text is None or not text.strip():
        return MISSING_INDUSTRY
    entry = _find(text)
    if entry is None:
        return UNKNOWN_INDUSTRY
    if entry.industry:
        return size_table().keys.index(entry.industry)
    return AMBIGUOUS_INDUSTRY if entry.needs else NOT_COVERED


def industry_keys(industry: Sequence[str | None] | npt.NDArray[np.object_] | Any) -> Industries:
    """Return, for every row, the position of its industry in `size_table`, or a negative outcome.

    ``industry`` is a sequence or object array of texts, or an Arrow array (chunked and
    dictionary-encoded ones, too). A text is a code of GB/T 4754-2017 (section, division, group or
    class: ``C``, ``C13``, ``13``, ``1311``; ``1`` is ``01``), a key of the size table (``retail``),
    or a Chinese name of the size table, of a section or of a division. The outcomes are
    `UNKNOWN_INDUSTRY`, `NOT_COVERED`, `AMBIGUOUS_INDUSTRY` and `MISSING_INDUSTRY` (null or blank).
    Every distinct text is looked up once.

    >>> industry_keys(["C13", "零售业", "701", "J", "F", None, "?"]).tolist()
    [1, 4, 12, -2, -3, -4, -1]
    """
    column = industry
    if not isinstance(column, (pa.Array, pa.ChunkedArray)):
        column = pa.array(column, type=pa.string(), from_pandas=True)
    encoded = column.dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
    texts = encoded.dictionary.to_pylist()
    outcomes = np.array([*map(_outcome, texts), MISSING_INDUSTRY], np.int8)
    rows: npt.NDArray[np.int64] = numbers(encoded.indices, len(texts)).astype(np.int64)
    return outcomes[rows]


@functools.cache
def class_codes(text: str) -> tuple[str, ...]:
    """Return the classes of GB/T 4754 that a code or a name stands for; none where it is unknown.

    A section that is one division is that division. A name of the size table may be of several.

    >>> class_codes("房地产业"), class_codes("7010"), class_codes("c"), class_codes("?")
    (('K70',), ('K7010',), ('C',), ())
    """
    entry, coded = _find(text), _CODE.fullmatch(_plain(text))
    if entry is None:
        return ()
    if not entry.code:
        known = sorted(
            e.code for e in _catalogue().by_code.values() if e.industry == entry.industry
        )
        return tuple(code for code in known if not code.startswith(tuple({*known} - {code})))
    if coded is not None and coded["digits"]:
        return (entry.code[0] + coded["digits"].zfill(2),)
    below = {e.code[:3] for e in _catalogue().by_code.values() if e.code[0] == entry.code}
    divisions = below - {entry.code}
    return (divisions.pop() if len(divisions) == 1 else entry.code,)


def belongs(industry: str, to: Sequence[str]) -> bool | None:
    """Return whether an industry is one of some, or a class of one of them.

    Both are codes or names. None where it is not known, or is a class of which only a part is.

    >>> belongs("7010", ["房地产业"]), belongs("C13", ["房地产业"]), belongs("K", ["K701"])
    (True, False, None)
    """
    own = class_codes(industry)
    listed_codes = tuple(code for each in to for code in class_codes(each))
    if own and all(code.startswith(listed_codes) for code in own):
        return True
    apart = not any(
        one.startswith(other) or other.startswith(one) for one in own for other in listed_codes
    )
    return False if own and apart else None


def industry_problem(industry: str | None) -> Text | None:
    """Say why an industry has no size limits: unknown, not covered, too broad or blank.

    None if it has them.

    >>> industry_problem("H").zh
    '行业“H”（住宿和餐饮业）分得不够细，不能划分企业规模：请填其中之一：61 住宿业、62 餐饮业'
    >>> industry_problem("餐饮业") is None
    True
    """
    if industry is None or not industry.strip():
        return _BLANK_INDUSTRY
    entry = _find(industry)
    given = industry.strip()
    if entry is None:
        return _UNKNOWN.fill(given=given)
    if entry.needs:
        finer = [_finer(_catalogue().by_code[code]) for code in entry.needs]
        return _AMBIGUOUS.fill(given=given, name=entry.name, finer=joined(finer))
    if entry.not_covered:
        reason = _REASONS[entry.not_covered]
        return _UNCOVERED.fill(given=given, name=entry.name, reason=reason)
    return None


def _finer(entry: _Entry) -> Text:
    code = entry.code[1:]
    if entry.not_covered:
        return Text(f"{code} {entry.name}（办法不适用）", f"{code} {entry.name} (not covered)")
    english = size_table().names[size_table().keys.index(entry.industry)].en
    return Text(f"{code} {entry.name}", f"{code} {entry.name} ({english})")
