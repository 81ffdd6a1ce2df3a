"""From the headings of a table as it was read to the columns of the dictionary.

Kinds of fault: ``missing_column``, ``duplicate_column``, ``share_refused``, ``unknown_unit``,
``ambiguous_heading``, ``unknown_share``. Kinds of warning: ``similar_heading``,
``headings_not_read``. Source: the contract of the ledgers, sections 1 and 2.
"""

from __future__ import annotations

import datetime
import difflib
import re
import unicodedata
from collections.abc import Callable, Container, Iterable, Sequence, Set
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import NamedTuple

from compensation.faults.groups import FaultGroup, whole
from compensation.language import UNSEEN, Text, in_line, same
from compensation.schema import trade_words
from compensation.schema.column import NUMBERS, Column, ColumnType
from compensation.schema.dictionary import Table
from compensation.schema.parties import (
    GOVERNMENT,
    GUARANTOR,
    PARTIES,
    PARTY_NAMES,
    SHARE_PREFIX,
    share_column,
)
from compensation.schema.units import split_unit, unit_of
from compensation.tables.raw import RawColumn, RawTable

COUNTED = frozenset({"人", "户", "天", "日", "月", "个月"})
"""Units that say nothing new on a column of counts."""
SHARE_HEADING = "分担比例"
SIMILAR = 0.75
"""From here on a heading that is unknown is taken for a slip of the pen, and warned of."""
SIMILAR_PARTY = 0.8
"""From here on a party of one's own is taken for a slip of the pen of a known party's name."""
FAINTLY_SIMILAR = 0.4
"""From here on a heading is worth naming beside a required column that is missing."""

COMPARED, LONGEST_COMPARED = 256, 64
"""How many unknown headings are compared with the known ones, and how much of each: a file made to
take time has a million of them, or one as long as a book."""

LISTED = 20
"""How many headings that were not read a warning names; it counts the others."""

LONGEST = 1_000
"""How long a text is at most whose letters are put in usual forms, which takes time that grows with
the square of the length."""

_INVISIBLE = re.compile(f"[{UNSEEN}]")
_MARKED = re.compile(
    r"(?:[*\u203b\u2605\u2606]+|\d{1,2}[.\u3001)]?|\(\d{1,2}\)|[一二三四五六七八九十]{1,3}\u3001)?"
    r"(?P<heading>.+?)"
    r"(?:[*\u203b\u2605\u2606:]|\((?:必填项?|选填项?|非必填|可选|required|optional)\)){0,2}",
    re.IGNORECASE,
)
"""A heading with its number, and with the marks of columns that must or may be filled."""
_OF_A_SHARE = re.compile(
    r"(?:分担|分险|承担|责任|分摊).*(?:比例|份额)|(?:比例|份额).*(?:分担|分险|承担|责任|分摊)"
    r"|(?:risk|loss)_?shar(?:e|ing)|shar(?:e|ing)_?(?:ratio|percent)"
)
"""What a heading says of a share of the payout, whoever's."""
_PART_OF_A_WHOLE = re.compile(
    r"(?:的|所|风险|实际|应|责任|代偿|补偿|承保){0,2}"
    r"(?:分担|分险|承担|负担|分摊|份额|比例|比率|比重|占比|权重|系数|率|责任|[(]?%[)]?|_?share|_?ratio){1,2}"
    r"(?:风险)?"
)
"""What may stand behind the name of a party where a heading says its share in few words."""
_OF_ALL_SHARES = re.compile(
    r"风险(?:比例|份额|占比)|代偿(?:比例|份额|占比)|(?:分担|分险|分摊|承担).*(?:方式|模式)"
)
"""What a heading says of shares, or of how all are shared, where the table has no share at all."""


class Found(NamedTuple):
    """A column of the dictionary and the column of the file that holds it.

    `unit`: what one unit of a money column is worth in yuan, a power of ten. `again`: columns of
    the file whose headings are other words for the same column; they must hold the same.
    """

    column: Column
    raw: RawColumn
    unit: int = 1
    again: tuple[Found, ...] = ()


@dataclass(frozen=True)
class Resolved:
    """The columns that were recognised, by name, and what is wrong.

    `asked`: faults of headings that may mean a column which is not there, each with the heading as
    its value. They do not count where a policy declares a column with that heading. `worded`: the
    headings that were read because they are other words for a column, and that column.
    """

    columns: dict[str, Found]
    faults: list[FaultGroup] = field(default_factory=list)
    warnings: list[FaultGroup] = field(default_factory=list)
    asked: list[FaultGroup] = field(default_factory=list)
    worded: list[tuple[str, Column]] = field(default_factory=list)


def normalise(heading: str) -> str:
    r"""Return a heading as headings are compared.

    Blanks and characters that nobody sees are dropped; full-width letters, digits and brackets
    and other compatibility forms become the usual ones, capitals small letters.

    >>> normalise(" 担保\u200b金额 \uff08万元\uff09")
    '担保金额(万元)'
    """
    # Rows are looked through for headings: the same cells again and again, but for long ones.
    return (_normalised if len(heading) <= LONGEST_COMPARED else _normalised.__wrapped__)(heading)


@lru_cache(maxsize=4096)
def _normalised(heading: str) -> str:
    while (key := _squeezed(heading).casefold()) != heading:
        heading = key
    return key


def heading_text(cell: object) -> str:
    """Return a cell of the heading row as text: 2022.0 is 2022, and a day is written as one."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _squeezed(heading: str) -> str:
    """Return a heading in usual forms without blanks, its capitals as written."""
    if not (heading.isascii() and heading.isprintable()):
        heading = _INVISIBLE.sub("", heading)
        if len(heading) <= LONGEST:
            heading = _INVISIBLE.sub("", unicodedata.normalize("NFKC", heading))
    return "".join(heading.split())


def _unmarked(heading: str) -> str:
    """Return a heading without its number (1. 合同编号) and marks (*合同编号, 合同编号(必填))."""
    squeezed = _squeezed(heading)
    marked = None if len(squeezed) > LONGEST_COMPARED else _MARKED.fullmatch(squeezed)
    return squeezed if marked is None else marked["heading"]


Recognise = Callable[[str], tuple[Column, str | None] | None]


def recogniser(table: Table, extra: Sequence[Column] = (), *, further: bool = False) -> Recognise:
    """Return what tells the column that a heading names, and the unit in its brackets, if any.

    It gives None for a heading that names no column of ``table`` or ``extra``. A unit is looked for
    on money, counts and shares only: 合同编号(新) is not 合同编号. ``further``: whether the further
    headings of the dictionary count as well.
    """
    known = _known(table, tuple(extra))
    words = _further(table) if further else {}

    def recognise(heading: str) -> tuple[Column, str | None] | None:
        if (key := normalise(heading)) in known:
            return known[key], None
        if not extra and key.isascii() and key.upper() == key:
            return None  # no heading of the dictionary is without a letter
        plain = _unmarked(heading)
        found = _recognise(plain, known, table)
        if found is None and plain != heading:
            found = _recognise(heading, known, table)
        if found is None and words:
            found = _by_word(normalise(plain), words)
        return found

    return recognise


def column_name(heading: str, table: Table) -> str:
    """Return the dictionary's name of the column that a heading names, else the heading itself."""
    recognised = recogniser(table)(heading)
    return heading if recognised is None else recognised[0].name


_JOINTS = str.maketrans("", "", "_-")


def _recognise(
    heading: str, known: dict[str, Column], table: Table
) -> tuple[Column, str | None] | None:
    """Return the column that a standard heading names, and its unit; None if it names none."""
    key = normalise(heading)
    if key in known:
        return known[key], None
    base, unit = split_unit(key)
    for name in (key, base):
        party = _squeezed(heading)[len(SHARE_PREFIX) : len(name)]
        if table.any_share and name.startswith(SHARE_PREFIX) and party and "(" not in party:
            # The party goes by its name as written: it heads a column of the results.
            refused = party.casefold() == GOVERNMENT
            share = share_column(SHARE_PREFIX + (GOVERNMENT if refused else party))
            return share, None if name == key else unit
    column = known.get(base)
    return None if column is None or column.type not in NUMBERS else (column, unit)


def _by_word(key: str, words: dict[str, Column]) -> tuple[Column, str | None] | None:
    """Return the column that a further heading names, and its unit; None if it names none."""
    if key in words:
        return words[key], None
    base, unit = split_unit(key)
    joined = base.translate(_JOINTS)
    if base.isascii() and joined in words:
        return words[joined], unit
    # A share may have its party behind it: 分险比例(银行), 分险比例-银行.
    for what, who in ((base, unit), key.partition("-")[::2]):
        column = words.get(f"{who}{what}") if who else None
        if column is not None and column.type is ColumnType.SHARE:
            return column, None
    column = words.get(base)
    return None if column is None or column.type not in NUMBERS else (column, unit)


def resolve(raw: RawTable, table: Table, extra: Sequence[Column] = ()) -> Resolved:
    """Say which columns of ``table`` (and of ``extra``, which a policy tests) the headings name.

    Columns that nobody knows are left out, with a warning where one looks like a known column.
    Nothing is raised: what is wrong is in `Resolved.faults`.
    """
    result = Resolved({})
    refused: set[str] = set()
    recognise = recogniser(table, extra)

    def take(column: RawColumn, meaning: Column, unit_text: str | None, *, again: bool) -> None:
        said = {} if again else result.columns
        fault = _refusal(table, column.heading, meaning, unit_text, said)
        if fault is not None:
            result.faults.append(fault)
            refused.add(meaning.name)
            return
        unit = 1
        if meaning.type is ColumnType.MONEY:
            above = raw.unit if column.unit is None else column.unit
            unit = above if unit_text is None else unit_of(unit_text) or above
        found = Found(meaning, column, unit)
        if again:
            first = result.columns[meaning.name]
            found = first._replace(again=(*first.again, found))
        result.columns[meaning.name] = found

    others: list[RawColumn] = []
    for column in raw.columns:
        recognised = recognise(column.heading)
        if recognised is None:
            others.append(column)
        else:
            take(column, *recognised, again=False)
    standard = refused.union(result.columns)
    words, unread = _further(table) if others else {}, []
    for column in others:
        recognised = _by_word(normalise(_unmarked(column.heading)), words)
        if recognised is None or recognised[0].name in standard:
            unread.append(column.heading)
        else:
            result.worded.append((column.heading, recognised[0]))
            take(column, *recognised, again=recognised[0].name in result.columns)
    asked = _asked(table, unread, refused.union(result.columns), standard)
    result.asked.extend(fault for column, fault in asked if not column.required)
    told = refused.union(column.name for column, _ in asked)
    result.faults.extend(fault for column, fault in asked if column.required)
    unknown = [heading.strip()[:LONGEST_COMPARED] for heading in unread if normalise(heading)]
    unknown = unknown[:COMPARED]
    for wanted in (*table.columns, *extra):
        if wanted.required and wanted.name not in result.columns and wanted.name not in told:
            result.faults.append(_missing(table, wanted, unknown))
    said = {_value(fault) for _, fault in asked}
    result.warnings.extend(_similar(table, extra, [h for h in unknown if h not in said]))
    result.warnings.extend(_similar_parties(table, result.columns))
    return result


def not_read(table: Table, headings: Iterable[str]) -> list[FaultGroup]:
    """Return the warning that names the headings of a table which nothing uses; none if none.

    Blank ones count: the label of a frame's column may be missing.
    """
    named = [heading.strip()[:LONGEST_COMPARED] for heading in headings]
    if not named:
        return []
    more = len(named) - LISTED
    zh = "、".join(f"“{in_line(heading)}”" for heading in named[:LISTED])
    en = ", ".join(f"“{in_line(heading)}”" for heading in named[:LISTED])
    shown = Text(
        zh + (f"，另有 {more} 列" if more > 0 else ""),
        en + (f" and {more} more" if more > 0 else ""),
    )
    message = Text("以下标题未使用：{headings}", "headings that are not used: {headings}")
    return [whole("headings_not_read", message.fill(headings=shown), table=table.name)]


@cache
def _known(table: Table, extra: tuple[Column, ...]) -> dict[str, Column]:
    """Return the columns by their normalised names and headings; the table's own come first."""
    known: dict[str, Column] = {}
    for column in (*table.columns, *extra):
        known.setdefault(normalise(column.name), column)
        known.setdefault(normalise(column.heading), column)
    if table.any_share:
        government = share_column(SHARE_PREFIX + GOVERNMENT)
        known.setdefault(normalise(government.heading), government)
    return known


@cache
def _further(table: Table) -> dict[str, Column]:
    """Return the columns of a table by their further headings, normalised."""
    words = {normalise(word): column for column in table.columns for word in column.further}
    # English names are also written as Contract ID or contract-id.
    words |= {word.translate(_JOINTS): column for word, column in words.items() if word.isascii()}
    words |= {column.name.translate(_JOINTS): column for column in table.columns}
    if table.any_share:
        # With the party behind it, as in 分担比例(银行), the standard heading is another word.
        words |= {normalise(c.heading): c for c in map(share_column, _PARTY_SHARES)}
    return words


_PARTY_SHARES = tuple(SHARE_PREFIX + party for party in (*PARTIES, GOVERNMENT))


def _asked(
    table: Table, unread: Sequence[str], here: Set[str], standard: Container[str]
) -> list[tuple[Column, FaultGroup]]:
    """Return a fault for each heading that may mean a column which is not there, and the column.

    ``here``: the columns that are read; ``standard``: those of them by their standard headings. One
    part of a column makes a further heading doubtful: 诉讼费 beside 律师费 is not the whole cost.
    """
    doubtful = {
        normalise(word): column
        for column in table.columns
        if column.name not in standard
        for word in (column.parts if column.name in here else column.doubtful)
    }
    absent = [column for column in table.columns if column.name not in here]
    bare = _bare_parties(unread) if table.any_share and not _has_shares(here) else {}
    asked: list[tuple[Column, FaultGroup]] = []
    for heading in unread:
        key = normalise(_unmarked(heading))
        column = doubtful.get(key) or doubtful.get(split_unit(key)[0]) or _suspected(key, absent)
        if column is not None:
            asked.append((column, ambiguous_heading(table, column, heading)))
        elif table.any_share and (
            heading in bare or (len(key) <= LONGEST_COMPARED and _is_share(key, here))
        ):
            asked.append((share_column(heading), _unknown_share(table, heading)))
    return asked


def _suspected(key: str, absent: Sequence[Column]) -> Column | None:
    """Return the column that a heading may mean by what it holds; None if it means none of them."""
    for column in absent:
        if column.suspect is not None and len(key) <= LONGEST_COMPARED:
            holds, holds_not = column.suspect
            if re.search(holds, key) and not re.search(holds_not, key):
                return column
    return None


def _has_shares(here: Iterable[str]) -> bool:
    return any(name.startswith(SHARE_PREFIX) for name in here)


def _bare_parties(unread: Sequence[str]) -> Container[str]:
    """Return the headings that are a party's name and no more, if they name two parties or more.

    Where a table has no other shares, 担保|银行|再担保 are probably these.
    """
    names = trade_words.PARTY_NAMES_IN_HEADINGS
    party_of = {word: party for party, words in names.items() for word in words}
    party_of["担保"] = PARTIES[0]  # 担保比例 is what is guaranteed of a loan
    parties = {heading: party_of.get(normalise(_unmarked(heading))) for heading in unread}
    bare = {heading: party for heading, party in parties.items() if party is not None}
    return bare if len(set(bare.values())) > 1 else {}


def _is_share(key: str, here: Set[str]) -> bool:
    """Return whether a heading may be a share: 风险承担比例, or 银行占比 where it has no other."""
    if _OF_A_SHARE.search(key) or (not _has_shares(here) and _OF_ALL_SHARES.search(key)):
        return True
    for party, words in trade_words.PARTY_NAMES_IN_HEADINGS.items():
        if SHARE_PREFIX + party in here:
            continue
        of_party = (key[len(word) :] for word in words if key.startswith(word))
        if any(rest and _PART_OF_A_WHOLE.fullmatch(rest) for rest in of_party):
            return True
    return False


def ambiguous_heading(table: Table, column: Column, heading: str) -> FaultGroup:
    """Return the fault of a heading that may mean a column, or something less or else."""
    message = Text(
        "标题“{heading}”含义不明确：可能就是“{zh}”，也可能只是其中一部分，或是其他内容",
        "the heading “{heading}” may mean “{en}” ({zh}), a part of it, or something else",
    ).fill(heading=heading.strip(), zh=column.heading, en=column.name)
    expected = Text(
        f"标题“{column.heading}”；如不是该列，请另设“{column.heading}”列",
        f"the heading {column.name} or {column.heading}; if this is another figure,"
        f" add a column {column.name}",
    )
    return whole(
        "ambiguous_heading",
        message,
        table=table.name,
        column=column.name,
        value=heading.strip()[:LONGEST_COMPARED],
        expected=expected,
    )


def _unknown_share(table: Table, heading: str) -> FaultGroup:
    parties = [party for party in PARTY_NAMES if party != GOVERNMENT]
    message = Text(
        "这一列像是分担比例，但看不出由哪一方承担",
        "this looks like a share of the payout, but not whose",
    )
    expected = Text(
        "、".join(f"{PARTY_NAMES[party].zh}分担比例" for party in parties)
        + "，其他承担方写作“share_名称”",
        ", ".join(f"share_{party}" for party in parties) + ", or share_ and another party's name",
    )
    value = heading.strip()[:LONGEST_COMPARED]
    return whole("unknown_share", message, table=table.name, value=value, expected=expected)


def _value(fault: FaultGroup) -> str | None:
    return fault.values[0] if fault.values else None


def _refusal(
    table: Table, heading: str, column: Column, unit: str | None, found: dict[str, Found]
) -> FaultGroup | None:
    """Return why a column that was recognised cannot be taken, or None if it can."""
    heading = heading.strip()
    if column.name == SHARE_PREFIX + GOVERNMENT:
        message = Text(
            "不能有政府的分担比例：政府按政策补偿，不参加分担",
            "government has no share of its own: it comes in by the policy",
        )
        return whole("share_refused", message, table=table.name, column=column.name, value=heading)
    # Parties keep their capitals, but two that differ in nothing else are one, written twice.
    twin = next((name for name in found if name.casefold() == column.name.casefold()), None)
    if twin is not None:
        message = Text(
            "同一列出现了两次：“{first}”和“{second}”",
            "duplicate column: “{first}” and “{second}”",
        ).fill(first=found[twin].raw.heading.strip(), second=heading)
        return whole("duplicate_column", message, table=table.name, column=column.name)
    if unit is None or (column.type is ColumnType.COUNT and unit in COUNTED):
        return None
    if column.type is ColumnType.MONEY and unit_of(unit) is not None:
        return None
    expected = {
        ColumnType.MONEY: Text(
            "（元）、（千元）、（万元）、（百万元）或（亿元）",
            "(元), (千元), (万元), (百万元) or (亿元)",
        ),
        ColumnType.COUNT: Text(
            "不带单位，或（人）、（户）、（天）、（月）", "no unit, or (人), (户), (天) or (月)"
        ),
        ColumnType.DECIMAL: Text(
            "不带单位，或与政策文件中的标题相同", "no unit, or the policy's own heading"
        ),
    }.get(column.type, Text("不带单位，如 0.4 或 40%", "no unit: 0.4 or 40%"))
    message = Text(
        "标题括号中的单位无法识别", "the unit in the heading's brackets is not understood"
    )
    return whole(
        "unknown_unit",
        message,
        table=table.name,
        column=column.name,
        value=heading,
        expected=expected,
    )


def _missing(table: Table, column: Column, unknown: Sequence[str]) -> FaultGroup:
    """Return the fault of a required column that is not there, naming what looks most like it."""
    best = max(unknown, key=lambda heading: _likeness(heading, column), default=None)
    if best is None or _likeness(best, column) < FAINTLY_SIMILAR:
        message = Text("缺少这一列", "this column is missing")
    else:
        message = Text(
            "缺少这一列；是否为“{best}”？",
            "this column is missing; did you mean “{best}”?",
        ).fill(best=best)
    expected = Text(
        f"标题 {column.heading} 或 {column.name}", f"a heading {column.name} or {column.heading}"
    )
    return whole("missing_column", message, table=table.name, column=column.name, expected=expected)


def _similar(table: Table, extra: Sequence[Column], unknown: Sequence[str]) -> Iterable[FaultGroup]:
    """Yield a warning for each unknown heading that looks like a known one."""
    columns = (*table.columns, *extra)
    for heading in unknown:
        best = max(columns, key=lambda column: _likeness(heading, column))
        if _likeness(heading, best) < SIMILAR:
            continue
        message = Text(
            "标题“{heading}”不认识，很像“{zh}”（{en}）；未作为该列读取",
            "the heading “{heading}” is unknown but looks like “{en}” ({zh}); it was not read",
        ).fill(heading=heading, zh=best.heading, en=best.name)
        expected = same(f"{best.heading} / {best.name}")
        yield whole("similar_heading", message, table=table.name, value=heading, expected=expected)


def _similar_parties(table: Table, found: dict[str, Found]) -> Iterable[FaultGroup]:
    """Yield a warning for each party of one's own that may be a known one, misspelt: share_lende.

    What is meant for the institution would otherwise go to another party without a word.
    """
    absent = [party for party in PARTIES if SHARE_PREFIX + party not in found]
    for name, one in found.items():
        party = name.removeprefix(SHARE_PREFIX).casefold()[:LONGEST_COMPARED]
        own = party in PARTIES or party.startswith(GUARANTOR)
        if not name.startswith(SHARE_PREFIX) or own or not absent:
            continue
        best = max(absent, key=lambda known: _ratio(party, known))
        if _ratio(party, best) < SIMILAR_PARTY:
            continue
        meant = share_column(SHARE_PREFIX + best)
        heading = one.raw.heading.strip()[:LONGEST_COMPARED]
        message = Text(
            "标题“{heading}”读作另一承担方的分担比例，但很像“{en}”（{zh}）",
            "the heading “{heading}” is read as the share of another party, but looks like “{en}”"
            " ({zh})",
        ).fill(heading=heading, zh=meant.heading, en=meant.name)
        expected = same(f"{meant.heading} / {meant.name}")
        yield whole("similar_heading", message, table=table.name, value=heading, expected=expected)


@lru_cache(maxsize=4096)  # a heading is compared for a warning, for a fault, and in each file
def _ratio(heading: str, name: str) -> float:
    return difflib.SequenceMatcher(None, heading, name).ratio()


def _likeness(heading: str, column: Column) -> float:
    """Return how much a heading looks like a column's name or heading, from 0 to 1."""
    base, _ = split_unit(normalise(heading))
    return max(_alike(base, normalise(name)) for name in (column.heading, column.name))


def _alike(heading: str, name: str) -> float:
    """Return how much two headings look alike; one that is part of the other always does."""
    ratio = _ratio(heading[:LONGEST_COMPARED], name)
    part = len(heading) > 1 and (heading in name or name in heading)
    return max(ratio, SIMILAR) if part else ratio
