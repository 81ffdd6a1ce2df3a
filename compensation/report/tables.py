"""The sheets 机构, 代偿 and 返还: the result tables, cell for cell, under Chinese headings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, is_text, texts
from compensation.joint_assessment import Assessed
from compensation.policy.case_words import CASES, words_of
from compensation.policy.catalogue import Policy
from compensation.policy.party_words import party_of_all
from compensation.policy.quantities import payer_names
from compensation.policy.variables import STANDARD_INDICATORS
from compensation.report.sheet import Sheet, Write, text_width, widest
from compensation.report.wording import STATUS_NAMES, Reasons, case_heading
from compensation.results import PAYABLE_BY, TO_PARTY, TO_PAYER
from compensation.schema.dictionary import TABLES
from compensation.tables.headings import normalise
from compensation.values.printing import amount, percent_in_sheet

TITLE_ROWS = 2
"""Rows above the headings: the title, and a line about the run."""
BASED_ON = "依据："
"""What the line begins with that names the policies of a table of results."""
WIDEST, WIDEST_TEXT = 26, 60
"""Characters beyond which a text is broken into lines, in results and in tables of sentences."""
EXPLAINED = "未满足的条件"

RESULTS = {"institutions": "机构", "claims": CASES["payout"].sheet, "returns": "返还"}
"""The sheet of each result table, where cases are payouts."""
TITLES = {"institutions": "机构指标", "claims": "{case}补偿明细", "returns": "追偿返还明细"}

HEADINGS = {
    "payout": "代偿金额",
    "borrower_exposure": "单户担保余额",
    "eligible": "是否符合条件",
    "reasons": "不符合原因（编号）",
    "base": "补偿基数",
    "rate": "补偿比例",
    "compensation": "补偿金额",
    "status": "审核状态",
    "payable": "应付金额",
    "set_off": "本次抵扣",
    "granted": "核准金额",
    "closed": "已结案",
    "claims": "代偿笔数",
    "eligible_claims": "符合条件笔数",
    "policy": "政策",
    "distributed": "返还金额",
    "surplus": "超额追偿款",
}
"""Headings of result columns that are neither input columns nor indicators nor of a party."""

_STANDARD = {
    **{column.name: column.heading for table in reversed(TABLES) for column in table.columns},
    **{id_: indicator.name.zh for id_, indicator in STANDARD_INDICATORS.items()},
}
"""Headings of input columns and of indicators that every policy may use."""
_ADDED = {
    "institutions": {"claims", "eligible_claims", "compensation", "payable", "set_off"},
    "claims": {"payout", "base", "compensation", "payable", "set_off", "granted"},
    "returns": {"proceeds", "cost", "distributed", "surplus"},
}
"""The columns of each result that are added up, beside those of payers and parties."""
TOTAL = "合计"


@dataclass(frozen=True)
class Field:
    """One column of a sheet: its heading, the narrowest and widest it may be, how cells go in.

    `added`: whether a total stands below it.
    """

    heading: str
    write: Write
    column: pa.ChunkedArray
    least: int
    most: int = WIDEST
    shown: Callable[[object], object] = lambda value: value
    added: bool = False

    def width(self) -> int:
        """Return the width that the column takes: what fits, and the heading in two lines."""
        width = self.least
        if is_text(self.column.type) and self.heading != EXPLAINED:
            width = max(width, widest(self.column) + 3)
        heading = text_width(self.heading)
        return min(self.most, max(width, heading + 2 if heading <= 4 else -(-heading // 2) + 3))

    def wraps(self, width: int) -> bool:
        """Return whether a text of the column may need more than one line."""
        return is_text(self.column.type) and (
            self.heading == EXPLAINED or widest(self.column) + 2 > width
        )


def result_heading(policies: Sequence[Policy], name: str) -> str:
    """Return the Chinese heading of a result column; `policies`: those of the result.

    An indicator, a payer or a party that is called as another column is has its id behind it.
    """
    if (of_cases := case_heading(name, policies)) is not None:
        return of_cases
    if name in HEADINGS:
        return HEADINGS[name]
    own = _own_headings(policies)
    # The longest first: what goes to a payer is of what goes to government.
    prefix = next((each for each in (TO_PAYER, PAYABLE_BY, TO_PARTY) if name.startswith(each)), "")
    id_ = name.removeprefix(prefix)
    if prefix == TO_PAYER:
        own.setdefault(name, f"其中：返还{id_}")
    elif prefix == PAYABLE_BY:
        own.setdefault(name, f"{HEADINGS['payable']}（{id_}）")
    elif prefix:
        own.setdefault(name, f"返还{party_of_all(policies, id_).zh}")
    if name not in own:
        return _STANDARD.get(name, name)
    heading = own.pop(name)
    known = {
        normalise(word) for said in (HEADINGS, _STANDARD, own) for word in chain(*said.items())
    }
    return f"{heading}（{id_}）" if normalise(heading) in {*known, EXPLAINED} else heading


def _own_headings(policies: Sequence[Policy]) -> dict[str, str]:
    """Return the headings of the columns that policies bring: their indicators, their payers."""
    found: dict[str, str] = {}
    for rules in (policy.rules for policy in policies):
        for indicator in rules.indicators:
            found.setdefault(indicator.id, indicator.name.zh)
        for payer, said in payer_names(rules).items():
            found[PAYABLE_BY + payer] = f"{HEADINGS['payable']}（{said.zh}）"
            found[TO_PAYER + payer] = f"其中：返还{said.zh}"
    return found


def write_result(sheet: Sheet, assessment: Assessed, result: str) -> None:
    """Write one result table: title, headings, a row for each row of the result, and a total.

    The ids of reasons stand in a hidden column, from which a result is read back.
    """
    fields = _fields(sheet, assessment, result)
    # The indicators are too many to be read on one page's width: two, with the institution on both.
    wide = result == "institutions"
    about = BASED_ON + "、".join(map(named, assessment.policies))
    title = TITLES[result].format(case=words_of(assessment.policies).case.zh)
    titles = (f"{title}（{assessment.year} 年度）", about, "单位：元")
    first, end = (2, 10) if wide else (0, None)
    write_fields(
        sheet, fields, titles, first=first, end=end, wide=2 if wide else 1, repeated=0, total=True
    )
    for place, field in enumerate(fields):
        if field.heading == HEADINGS["reasons"]:
            sheet.hide(place)
    if wide:
        sheet.raw.repeat_columns(0, 1)


def write_fields(
    sheet: Sheet,
    fields: Sequence[Field],
    titles: Sequence[str],
    *,
    height: float = 34,
    first: int = 0,
    end: int | None = None,
    fixed: int = 1,
    wide: int = 1,
    repeated: int = TITLE_ROWS,
    total: bool = False,
) -> None:
    """Write columns: a title, a line about them, headings, a row for each of their rows.

    `titles`: the title, the line, and what stands at its right end, if anything. They reach from
    column `first` to `end`. `height`: of the headings. `fixed`: how many columns stay in sight.
    `wide`: how many pages there are side by side. `repeated`: the first of the rows that stand on
    every page. `total`: whether a row of sums follows.
    """
    last = len(fields) - 1
    end = last if end is None else end
    widths = [field.width() for field in fields]
    wrapping = [place for place, field in enumerate(fields) if field.wraps(widths[place])]
    sheet.widths(widths)
    title, about, *right = titles
    sheet.across(0, first, end, title, "title", 28)
    sheet.across(1, first, end - 2 * len(right), about, "caption", 18)
    for text in right:
        sheet.across(1, end - 1, end, text, "caption_right", 18)
    sheet.headings(TITLE_ROWS, [field.heading for field in fields], height)
    row = TITLE_ROWS + 1
    table = pa.table([field.column for field in fields], [str(i) for i in range(len(fields))])
    for batch in table.to_batches(max_chunksize=4096):
        cells = [column.to_pylist() for column in batch.columns]
        for record in zip(*cells, strict=True):
            sheet.fit_row(row, {place: fields[place].shown(record[place]) for place in wrapping})
            for place, value in enumerate(record):
                fields[place].write(row, place, value)
            row += 1
    if total and row > TITLE_ROWS + 1:
        _write_total(sheet, fields, row)
    sheet.raw.freeze_panes(TITLE_ROWS + 1, fixed)
    sheet.raw.autofilter(TITLE_ROWS, 0, max(TITLE_ROWS, row - 1), last)
    sheet.raw.repeat_rows(repeated, TITLE_ROWS)
    if wide > 1:
        sheet.raw.repeat_columns(0, fixed - 1)
    sheet.page(wide)


def table_rows(table: str) -> Callable[[Any], int]:
    """Return what tells how many rows of its sheet a table of a result takes, with a total."""
    return lambda of: TITLE_ROWS + 2 + len(of.tables[table])


def write_table(
    sheet: Sheet,
    title: str,
    about: str,
    headings: Sequence[str],
    table: pa.Table,
    *,
    fixed: int,
    wide: int,
) -> None:
    """Write a whole table with a column of years; `fixed`, `wide`: as for `write_fields`."""
    fields = [
        plain(sheet, heading, table[name])
        if name == "year"
        else replace(field_of(sheet, heading, table[name]), most=WIDEST_TEXT)
        for name, heading in zip(table.column_names, headings, strict=True)
    ]
    # The title stands on the first page of several side by side.
    end = None if wide == 1 else max(fixed, (len(fields) - 1) // wide)
    write_fields(sheet, fields, (title, about), height=46, end=end, fixed=fixed, wide=wide)


def _write_total(sheet: Sheet, fields: Sequence[Field], row: int) -> None:
    """Write the sums of the columns that are added up, below their last row."""
    sheet.raw.set_row(row, 22)
    sheet.text(row, 0, TOTAL, "total_label")
    for place, field in enumerate(fields[1:], 1):
        if field.added:
            sheet.total(row, place, sum_of(field.column), TITLE_ROWS + 1, row - 1)
        else:
            sheet.blank(row, place)


def sum_of(column: pa.Array | pa.ChunkedArray) -> Any:
    """Return the sum of a column of amounts or counts; 0 of its kind where there is none."""
    none = Decimal("0.00") if pa.types.is_decimal(column.type) else 0
    found = pc.sum(column).as_py()
    return none if found is None else found


def named(policy: Policy) -> str:
    """Return a policy's name, with the number of its document where it has one."""
    number = policy.rules.document.number
    return policy.rules.name.zh + ("" if number is None else f"（{number}）")


def _fields(sheet: Sheet, assessment: Assessed, result: str) -> list[Field]:
    """Return the columns of a result, each with how it is written; reasons are also explained."""
    fields = []
    for name, column in zip(*_columns(assessment, result), strict=True):
        heading = result_heading(assessment.policies, name)
        if name == "status":
            status = sheet.words(STATUS_NAMES)
            fields.append(
                Field(heading, status, column, 13, 13, lambda value: STATUS_NAMES[str(value)])
            )
            continue
        if name == "rate":
            fields.append(Field(heading, sheet.rate, column, 10))
            continue
        added = name in _ADDED[result] or name.startswith((TO_PARTY, PAYABLE_BY))
        fields.append(field_of(sheet, heading, column, added=added))
        if name == "reasons":
            explained = _explained(assessment, result)
            width = max(map(text_width, set(explained)), default=0) + 2
            written = pa.chunked_array([texts(explained)])
            fields.append(Field(EXPLAINED, sheet.text, written, width, 28))
    return fields


def _explained(assessment: Assessed, result: str) -> list[str]:
    """Return what the reasons of each row ask for, in the words of the policy of the row."""
    reasons = {policy.id: Reasons(policy) for policy in assessment.policies}
    unmet = {
        (of, institution): ids for of, institution, ids in _reasons(assessment, "institutions")
    }
    return [
        "" if ids is None else reasons[of].explain(result, ids, unmet[of, institution])
        for of, institution, ids in _reasons(assessment, result)
    ]


def _reasons(assessment: Assessed, result: str) -> Iterator[tuple[str, str, str | None]]:
    """Return the policy, the institution and the reasons of each row of a result."""
    table = assessment.tables[result]
    only = [assessment.policies[0].id] * len(table)
    policy = table["policy"].to_pylist() if "policy" in table.column_names else only
    return zip(policy, *(table[n].to_pylist() for n in ("institution_id", "reasons")), strict=True)


def _columns(assessment: Assessed, result: str) -> tuple[list[str], list[pa.ChunkedArray]]:
    """Return the names and columns of a result; institutions also have their names."""
    table = assessment.tables[result]
    names, columns = list(table.column_names), list(table.columns)
    if result == "institutions":
        named = assessment.ledgers.column("institutions", "institution_name").cast(pa.string())
        # An institution has a row for each policy.
        of_row = np.repeat(np.arange(len(named)), len(assessment.decided))
        names.insert(1, "institution_name")
        columns.insert(1, pa.chunked_array([named.take(arrow(of_row))]))
    return names, columns


def plain(sheet: Sheet, heading: str, column: pa.ChunkedArray) -> Field:
    """Return a column of years, which are no numbers to be grouped."""
    return Field(heading, sheet.words({}), column, 7, 7)


def field_of(sheet: Sheet, heading: str, column: pa.ChunkedArray, *, added: bool = False) -> Field:
    """Return a column as its type is written; `added`: with room for the total below it."""
    kind = column.type
    if pa.types.is_decimal(kind):
        write: Callable[..., None] = sheet.money if kind.scale == 2 else sheet.ratio
        shown: Callable[[Any], str] = amount if kind.scale == 2 else percent_in_sheet
        ends = [end for end in pc.min_max(column).as_py().values() if end is not None] or [0]
        ends += [sum_of(column)] if added else []
        least = max(8, *(len(shown(end)) + 3 for end in ends)) if len(column) else 10
        return Field(heading, write, column, least, added=added)
    if pa.types.is_date(kind):
        return Field(heading, sheet.date, column, 12)
    if pa.types.is_boolean(kind):
        return Field(heading, sheet.flag, column, 6)
    if pa.types.is_integer(kind):
        return Field(heading, sheet.count, column, 7, added=added)
    return Field(heading, sheet.text, column, 8)
