"""Which sheet or file holds which table: by its name, or by the headings that it has.

A table goes by its English or Chinese name. A sheet or file of another name is taken for a table
only if nothing speaks against it; what may be a table, and is not read, is a fault. So is one that
is not read and has amounts or reviews beside the ids of contracts or claims.

Kinds of fault: ``ambiguous_table``, ``records_not_read``.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from compensation.faults.groups import FaultGroup, whole
from compensation.language import Text, joined
from compensation.schema.column import ColumnType
from compensation.schema.dictionary import BY_YEAR, CLAIMS, CONTRACTS, POOL, TABLES, Table
from compensation.schema.units import split_unit
from compensation.tables.headings import heading_text, normalise, recogniser

if TYPE_CHECKING:
    from compensation.tables.unit_places import Merged

EXAMPLE = "示例-"
"""How the names of the template's filled example sheets begin; they are never read."""
LOOKED_AT = 200
"""Rows from the top of a sheet or file in which headings and a record are looked for."""
_NEAR = 0.75
_MOST_OF_THEM = 3
"""So many required columns of an optional table make a sheet or file one that may be the table."""

_SINGULAR = {
    "institutions": "institution",
    "contracts": "contract",
    "releases": "release",
    "claims": "claim",
    "recoveries": "recovery",
    "payments": "payment",
    "remittances": "remittance",
    "pool": "pool",
    "institution_years": "institution_year",
    "contract_years": "contract_year",
}
_ALSO_CALLED = {
    "releases": "|解除担保|担保解除|解除责任|责任解除",
    "recoveries": "|回款|清收|追回|追索|回收",
}
"""Other words for what a table holds."""
_WORDS = {
    name: rf"(?<![a-z])(?:{name}|{singular})(?![a-z])" + _ALSO_CALLED.get(name, "")
    for name, singular in _SINGULAR.items()
}
_FILLERS = (
    r"明细|台账|清单|列表|数据|信息|登记|业务|年度?|月份?|季度?|第|副本|复件|续|表|copy|of|list|data"
    r"|table|details?|sheet|ledger|final|new|\d+|[\s_.\-()\[\]~]+"
)
"""What may stand beside a table's name and says nothing of what the sheet or file holds."""
_NOTES = (
    r"说明|图|统计|汇总|透视|分析|模板|样表|公式|字典|目录|封面|notes?|charts?|pivot|summary|readme"
    r"|examples?|templates?"
)
"""What the names of sheets and files say that are about a table and hold none."""
_NOT_DONE = (
    r"[拟废旧]|未(?!解|到期|结清)|计划|预计|申请|模板|样表|草稿|取消|撤销|备份"
    r"|drafts?|plan(?:ned)?(?![a-z])|void(?:ed)?(?![a-z])|cancel|backup|template"
)
"""What the names of sheets and files say whose rows have not happened, or hold no longer."""
_ID = "(?:代偿|合同)编号|(?:claim|contract)_id"
"""What headings of ids hold that are none of the dictionary: 原代偿编号, 对应合同编号."""
_IDS = frozenset({"contract_id", "claim_id"})
_LONGEST_ID = 20
_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"[¥￥]?-?\d[\d,，]*(?:\.\d*)?[元万亿]*")
_AMOUNT = r"[额款费元]|本金|利息|所得|收入|支出|amount|principal|interest|proceeds|cost|paid"
"""What headings of amounts hold, and some others, below which no numbers stand."""
_BY_HEADINGS = tuple(table for table in TABLES if table not in BY_YEAR)
"""The tables that a sheet or file may be by its headings; an id and a year are of many others."""
_OF_RECORDS = _BY_HEADINGS[1 : _BY_HEADINGS.index(POOL)]
"""The tables that have records of contracts and claims."""
_OF_A_RESULT = frozenset({"distributed", "返还金额"})
"""Headings that only results have: their other columns may be those of a table."""


class Ids(NamedTuple):
    """Where ids of contracts or claims stand: the row of the heading, from 1, and the heading."""

    row: int
    heading: str


class Candidate(NamedTuple):
    """A sheet or file that may hold a table though it does not have a table's name.

    `name`: as messages say it; `stem`: the name without what says the form. `holds`: the table
    whose headings it has; `nearly`: the optional tables of which it has most of the
    headings; `blank`: whether nothing stands on it, or nothing below its headings; `ids`: where
    records of contracts or claims stand on it.
    """

    name: str
    stem: str
    holds: Table | None = None
    blank: bool = False
    nearly: tuple[Table, ...] = ()
    ids: Ids | None = None


def named(stem: str) -> Table | None:
    """Return the table that has exactly this name, in English or Chinese; None if none has."""
    key = normalise(stem)
    return next((t for t in TABLES if key in (normalise(t.name), normalise(t.heading))), None)


def nearly_named(stem: str) -> Table | None:
    """Return the table whose name this is but for a number, a year, 明细, 表 or the like."""
    core = re.sub(_FILLERS, "", normalise(stem))
    return next((t for t in TABLES if core in (t.name, t.heading, _SINGULAR[t.name])), None)


def like_a_table(stem: str) -> tuple[Table, ...]:
    """Return the tables whose names are in a name, or are much like it.

    The names of tables by year are much like those of the tables that they are of.
    """
    key = normalise(stem)
    core = re.sub(_FILLERS, "", key)
    found = []
    for table in TABLES:
        names = (table.name, table.heading, _SINGULAR[table.name])
        if (
            table.heading in key
            or re.search(_WORDS[table.name], key)
            or (table in _BY_HEADINGS and difflib.get_close_matches(core, names, 1, _NEAR))
        ):
            found.append(table)
    return tuple(found)


def candidate(
    name: str, stem: str, rows: Sequence[Sequence[object]], merged: Sequence[Merged] = ()
) -> Candidate:
    """Return a sheet or file of another name as a candidate.

    ``rows``: its first `LOOKED_AT`; ``merged``: the merged ranges of the sheet.
    """
    # What finds headings below titles is not needed where every file has its table's name.
    from compensation.readers.merged_cells import find_merged_head

    best, most = None, 0
    blank = True
    nearly = []
    for table in _BY_HEADINGS:
        head = find_merged_head(rows, table, merged)
        if head is None:
            break
        recognise = recogniser(table, further=True)
        found = {column.name for column, _ in filter(None, map(recognise, head.headings))}
        required = {column.name for column in table.columns if column.required}
        of_a_result = _OF_A_RESULT.intersection(map(normalise, head.headings))
        blank = blank and not any(map(_written, rows[head.row + 1 :]))
        if required <= found and len(found) > most and not of_a_result:
            best, most = table, len(found)
            blank = not any(map(_written, rows[head.row + 1 :]))
        elif table.optional and not of_a_result:
            in_doubt = found | _may_mean(head.headings, table)
            if len(required & in_doubt) >= _MOST_OF_THEM:
                nearly.append(table)
    return Candidate(name, stem, best, blank, () if best else tuple(nearly), _ids(rows))


def _ids(rows: Sequence[Sequence[object]]) -> Ids | None:
    """Return where ids of contracts or claims stand beside amounts or reviews; None if nowhere.

    Notes on single claims have neither; what only results have is left alone.
    """
    # What finds headings is not needed where every file has its table's name.
    from compensation.tables.layout import TITLE_ROWS

    for place, row in enumerate(rows[:TITLE_ROWS]):
        keys = [normalise(heading_text(cell)) for cell in row]
        ids = [column for column, key in enumerate(keys) if _is_id(key)]
        if not ids:
            continue
        if _OF_A_RESULT.intersection(keys):
            return None
        cells = list(zip_longest(*rows[place + 1 :]))[: len(keys)]
        below = [[heading_text(cell) for cell in column] for column in cells]
        held = next(
            (at for at in ids if at < len(below) and any(map(_DIGIT.search, below[at]))), None
        )
        if held is not None and any(map(_matters, keys, below)):
            return Ids(place + 1, heading_text(row[held]))
    return None


def _matters(heading: str, cells: Sequence[str]) -> bool:
    """Return whether a column holds amounts, or what a review decided."""
    if re.search(_AMOUNT, heading):
        return any(_NUMBER.fullmatch(cell) for cell in cells)
    found = recogniser(CLAIMS, further=True)(heading)
    return found is not None and found[0].type is ColumnType.CHOICE and any(cells)


def _is_id(heading: str) -> bool:
    """Return whether a heading names the id of a contract or a claim."""
    if not heading or len(heading) > _LONGEST_ID:
        return False
    found = (recogniser(table, further=True)(heading) for table in (CONTRACTS, CLAIMS))
    named = any(each is not None and each[0].name in _IDS for each in found)
    return named or re.search(_ID, heading) is not None


def _may_mean(headings: Sequence[str], table: Table) -> set[str]:
    """Return the columns that headings may mean, which are doubtful ones."""
    doubtful = {normalise(word): c.name for c in table.columns for word in c.doubtful}
    keys = (split_unit(normalise(heading))[0] for heading in headings)
    return {doubtful[key] for key in keys if key in doubtful}


def _written(row: Sequence[object]) -> bool:
    return any(cell is not None and normalise(str(cell)) for cell in row)


def sort_out(
    candidates: Sequence[Candidate], there: Mapping[str, Sequence[str]]
) -> tuple[dict[str, Candidate], list[FaultGroup]]:
    """Say which candidates are tables, and return a fault for each table that is in doubt.

    ``there``: the names under which tables are there by their own names. A candidate is taken
    where it is the only one, has the headings of a table that is not there otherwise, and no name
    of another table or of what has not happened.
    """
    taken: dict[str, Candidate] = {}
    faults: list[FaultGroup] = []
    others = [each for each in candidates if not each.blank]
    told: set[str] = set()
    for table in TABLES:
        present = bool(there.get(table.name))
        claimants = [each for each in others if _claims(each, table, present=present)]
        if not claimants:
            continue
        sure = [each for each in claimants if each.holds is table and _agrees(each, table)]
        if len(claimants) == len(sure) == 1 and not present:
            taken[table.name] = sure[0]
        else:
            names = [*there.get(table.name, ()), *(each.name for each in claimants)]
            faults.append(ambiguous_table(table, names))
            told.update(each.name for each in claimants)
    told.update(each.name for each in taken.values())
    faults += [_records_not_read(e.name, e.ids) for e in others if e.ids and e.name not in told]
    return taken, faults


def _claims(each: Candidate, table: Table, *, present: bool) -> bool:
    """Return whether a candidate may be this table."""
    if each.holds is not None:
        return each.holds is table or (not present and nearly_named(each.stem) is table)
    if present:
        return nearly_named(each.stem) is table
    if table in each.nearly:
        return True
    return table in like_a_table(each.stem) and not re.search(_NOTES, normalise(each.stem))


def _agrees(each: Candidate, table: Table) -> bool:
    """Return whether the name of a candidate speaks of this table, or of none."""
    if re.search(_NOT_DONE, normalise(each.stem)):
        return False
    near = nearly_named(each.stem)
    like = like_a_table(each.stem)
    return table is near if near is not None else not like or table in like


def _records_not_read(name: str, ids: Ids) -> FaultGroup:
    """Return the fault of a sheet or file that has rows under an id, and is no table."""
    message = Text(
        "“{name}”第 {row} 行有标题“{heading}”，其下有记录，但看不出是哪一张表，未读取",
        "“{name}” has the heading “{heading}” in row {row} and records below it, which are not"
        " read: it is not clear of which table they are",
    ).fill(name=name, row=ids.row, heading=ids.heading)
    expected = Text(
        "是台账的，并入"
        + "、".join(table.heading for table in _OF_RECORDS)
        + "中的相应一张；不是的，移到台账以外的文件",
        "one of the tables "
        + ", ".join(table.name for table in _OF_RECORDS)
        + " with these records; what is none of the ledger's, in a file of its own elsewhere",
    )
    return whole("records_not_read", message, value=ids.heading, expected=expected)


def ambiguous_table(table: Table, names: Sequence[str]) -> FaultGroup:
    """Return the fault of sheets or files that may be a table; none of them is read."""
    several = len(names) > 1
    message = (
        Text(
            "{names}都可能是这张表，无法确定应读取哪一个",
            "each of {names} may be this table; it is not clear which one to read",
        )
        if several
        else Text(
            "{names}可能是这张表，但名称或标题不完全相符",
            "{names} may be this table, but its name or its headings do not fit",
        )
    )
    required = [column for column in table.columns if column.required]
    expected = Text(
        f"一张名为 {table.heading} 或 {table.name} 的表，标题含"
        + "、".join(column.heading for column in required)
        + "；其他内容请改名或移出",
        f"one table called {table.name} or {table.heading} with the headings "
        + ", ".join(column.name for column in required)
        + "; rename or remove what is something else",
    )
    return whole(
        "ambiguous_table",
        message.fill(names=joined(f"“{n}”" for n in names)),
        table=table.name,
        expected=expected,
    )
