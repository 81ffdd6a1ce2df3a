"""The filled review sheet (审核表) coming back: the decisions of the two departments.

Kinds of fault: those of a workbook, ``missing_sheet``, ``table_twice``, ``no_headings``,
``records_above_headings``, ``missing_column``, ``duplicate_column``, ``error_cell``,
``formula_without_value``, ``duplicate``, ``unknown_reference``, ``merged_across``, and those of
cells. Kinds of warning: those of `hidden`.
Source: the contract, section 8.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa

from compensation.arrays import arrow, numbers
from compensation.faults.groups import FaultGroup, whole
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger import ids
from compensation.ledger.digest import digest
from compensation.ledger.portfolio import Ledgers
from compensation.ledger.table_reader import sorted_out
from compensation.readers.archive import open_archive
from compensation.readers.changing_input import unchanged
from compensation.readers.files import table_twice, unreadable
from compensation.readers.hidden import hidden_columns, hidden_rows, hidden_sheet
from compensation.readers.merged_cells import Filler, covers, is_blank
from compensation.readers.sheet import Content, Sheet, open_workbook
from compensation.readers.sheet_xml import sheet_parts
from compensation.readers.xlsx import BROKEN, hidden_sheets, refusal, unread
from compensation.schema.choices import REVIEW_DECISIONS
from compensation.schema.column import Column
from compensation.schema.dictionary import CLAIMS, Table
from compensation.tables.headings import Found, heading_text, normalise, recogniser, resolve
from compensation.tables.layout import Head, Positions
from compensation.tables.misplaced_rows import records_above, shown_row
from compensation.tables.raw import Locate, RawColumn, RawTable, column_of_cells, count_from_one
from compensation.tables.total_rows import is_total
from compensation.tables.values import parse

REVIEW_SHEET = "审核表"
CLAIM = CLAIMS.column("claim_id")
REVIEWS = (CLAIMS.column("finance_review"), CLAIMS.column("industry_review"))
Held = TypeVar("Held", bound=Ledgers)
READ = Table(
    REVIEW_SHEET, REVIEW_SHEET, tuple(c._replace(required=True) for c in (CLAIM, *REVIEWS))
)
"""What is looked for in the sheet; its other columns are for people."""


REVIEWS_NAME = "reviews"
"""What the table of decisions is called in its digest."""
_COLUMNS = tuple(column.name for column in READ.columns)


@dataclass(frozen=True)
class Reviews:
    """What a review sheet says, a row for each claim in it.

    `claim_id`: text. `finance_review`, `industry_review`: places in `REVIEW_DECISIONS`, int8; a
    blank cell is pending. `locate`: turns positions into the rows of the sheet. `warnings`: what is
    hidden of the sheet.
    """

    claim_id: pa.Array
    finance_review: pa.Array
    industry_review: pa.Array
    locate: Locate = field(default=count_from_one, repr=False, compare=False)
    warnings: tuple[FaultGroup, ...] = field(default=(), repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.claim_id)

    @property
    def digest(self) -> str:
        """The digest of the decisions, in the order of the sheet; see `ledger.digest`."""
        return digest({REVIEWS_NAME: {name: getattr(self, name) for name in _COLUMNS}})


@dataclass(frozen=True)
class _Block:
    """Rows below one row of headings, and in which columns of the sheet the three of `READ` are."""

    head: Head
    end: int
    places: tuple[int, ...]


def read_reviews(path: str | os.PathLike[str]) -> Reviews:
    """Read the decisions in the sheet 审核表 of a workbook.

    The sheet may hold several blocks, each below headings of its own, with anything around them:
    a row counts where its 代偿编号 is filled. Raises `InputFaults` with everything that is wrong.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> write_workbook(assess(ledger, "jiyuan-2022", 2022), "filled.xlsx")
    >>> len(read_reviews("filled.xlsx"))
    9
    """
    file = Path(path)
    try:
        why = refusal(file)
        if why is not None:
            raise InputFaults([why])
        with (
            unchanged(file),
            open_archive(file) as archive,
            open_workbook(file) as workbook,
        ):
            names = [n for n in workbook.sheet_names if normalise(n) == normalise(REVIEW_SHEET)]
            if not names:
                raise InputFaults([_no_sheet(file, workbook.sheet_names)])
            alike = [n for n in workbook.sheet_names if normalise(REVIEW_SHEET) in normalise(n)]
            if len(alike) > 1:
                raise InputFaults([table_twice(READ, alike)])
            member = sheet_parts(archive).get(names[0], "")
            content = Sheet(file, archive, workbook, names[0], member).read()
            hidden = names[0] in hidden_sheets(workbook)
    except InputFaults:
        raise
    except OSError as error:
        raise InputFaults([unreadable(file, error)]) from error
    except BROKEN as error:
        raise InputFaults([unread(file, error)]) from error
    reviews = _reviews(content)
    if hidden:
        warning = hidden_sheet(names[0], REVIEW_SHEET)
        return replace(reviews, warnings=(warning, *reviews.warnings))
    return reviews


def apply_reviews(portfolio: Held, reviews: Reviews) -> Held:
    """Return the portfolio with the decisions of ``reviews`` in place of its own.

    Claims that the reviews do not name keep theirs. Raises `InputFaults` with every claim that the
    portfolio lacks, by its row of the review sheet.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> write_workbook(assess(ledger, "jiyuan-2022", 2022), "filled.xlsx")
    >>> apply_reviews(ledger, read_reviews("filled.xlsx"))
    <Portfolio ledgers: institutions 1, contracts 150, releases 47, claims 12, recoveries 8>
    """
    claims = dict(portfolio.tables[CLAIMS.name])
    positions = ids.positions_of(reviews.claim_id, claims[CLAIM.name])
    unknown = np.flatnonzero(positions == ids.UNKNOWN).astype(np.int64)
    if len(unknown):
        message = Text("代偿表中没有这个编号", "there is no such claim in the claims table")
        expected = Text("代偿表中已有的代偿编号", "the id of a claim in the claims table")
        raise InputFaults(
            [
                _group(
                    "unknown_reference",
                    message,
                    expected,
                    unknown,
                    reviews.claim_id,
                    reviews.locate,
                )
            ]
        )
    for column in REVIEWS:
        decided = np.array(portfolio.numbers(CLAIMS.name, column.name), dtype=np.int8)
        decided[positions] = numbers(getattr(reviews, column.name))
        claims[column.name] = arrow(decided)
    given = portfolio.present[CLAIMS.name].union(column.name for column in REVIEWS)
    return replace(
        portfolio,
        tables={**portfolio.tables, CLAIMS.name: claims},
        present={**portfolio.present, CLAIMS.name: given},
        reviews=(*portfolio.reviews, reviews.digest),
        warnings=(*portfolio.warnings, *reviews.warnings),
    )


def _reviews(content: Content) -> Reviews:
    """Return what a sheet says; raises `InputFaults`."""
    rows, found = content.rows, content.scan
    if found.too_large:
        message = Text("工作表的内容范围过大", "the sheet spans too many cells")
        raise InputFaults([whole("sheet_too_large", message, table=REVIEW_SHEET)])
    blocks, faults = _blocks(rows)
    if not blocks:
        raise InputFaults(faults or [_no_headings()])
    faults += _above(rows, blocks[0])
    unread = {(cell.row, cell.column): cell for cell in found.unreadable}
    cells: tuple[list[object], ...] = ([], [], [])
    numbers: list[int] = []
    for block in blocks:
        records: list[int] = []
        for row in range(block.head.row + 1, block.end):
            wrong = [unread.get((row, place)) for place in block.places]
            if not _counts(content, row, block.places, claim_unread=wrong[0] is not None):
                continue
            for column, cell in zip(READ.columns, wrong, strict=True):
                if cell is not None:
                    faults.append(_unread(cell.kind, column, row + 1, cell.shown))
            records.append(row)
        filled, refused = _filled_in(content, block, np.array(records, dtype=np.int64))
        faults += refused
        numbers += (row + 1 for row in records)
        for column_cells, place in zip(cells, block.places, strict=True):
            own = (rows[row][place] for row in records)
            column_cells.extend(filled.get(place, own))
    numbered = np.array(numbers, dtype=np.int64)
    raw = RawTable(REVIEW_SHEET, (), len(numbers), locate=lambda positions: numbered[positions])
    parsed = [
        parse(Found(column, column_of_cells(column.heading, values)), raw)
        for column, values in zip((CLAIM._replace(required=False), *REVIEWS), cells, strict=True)
    ]
    faults += [group for each in parsed for group in each.faults]
    claim_id, finance, industry = (each.values for each in parsed)
    look = content.look
    hidden = hidden_rows(look.hidden_rows, numbered - 1, REVIEW_SHEET)
    hidden += hidden_columns(look.hidden_columns, blocks[0].head.headings, REVIEW_SHEET)
    warnings, _ = sorted_out(hidden, REVIEW_SHEET, recogniser(READ))
    reviews = Reviews(claim_id, finance, industry, raw.locate, tuple(warnings))
    again, _ = ids.duplicates(reviews.claim_id)
    if len(again):
        message = Text("同一笔代偿出现了多次", "this claim appears more than once")
        expected = Text("每笔代偿一行", "one row for each claim")
        faults.append(
            _group("duplicate", message, expected, again, reviews.claim_id, reviews.locate)
        )
    if faults:
        raise InputFaults(faults)
    return reviews


def _blocks(rows: Sequence[Sequence[object]]) -> tuple[list[_Block], list[FaultGroup]]:
    """Find the rows of headings: those that name 代偿编号 and at least one of the two reviews."""
    heads = [(row, texts) for row, texts in _texts(rows) if _is_head(texts)]
    ends = [*(row for row, _ in heads), len(rows)][1:]
    blocks: list[_Block] = []
    faults: list[FaultGroup] = []
    for (row, texts), end in zip(heads, ends, strict=True):
        columns = tuple(RawColumn(text) for text in texts)
        resolved = resolve(RawTable(REVIEW_SHEET, columns, 0), READ)
        if resolved.faults:
            faults += resolved.faults
            continue
        at = {id(column): place for place, column in enumerate(columns)}
        places = tuple(at[id(resolved.columns[column.name].raw)] for column in READ.columns)
        head = Head(row, tuple(texts), len(places), (), ())
        blocks.append(_Block(head, end, places))
    return blocks, faults


def _above(rows: Sequence[Sequence[object]], block: _Block) -> list[FaultGroup]:
    """Return the fault of decisions above all headings, which would be passed over."""
    words = {normalise(w) for c in REVIEW_DECISIONS for w in (c.value, c.zh, *c.also)}
    claim, *reviews = block.places
    found = [
        (place, shown_row(row))
        for place, row in enumerate(rows[: block.head.row])
        if not is_blank(row[claim])
        and any(isinstance(row[at], str) and normalise(str(row[at])) in words for at in reviews)
    ]
    if not found:
        return []
    places, shown = zip(*found, strict=True)
    return [records_above(places, shown, REVIEW_SHEET, count_from_one)]


def _texts(rows: Sequence[Sequence[object]]) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows that have a cell which names the claim's id, as texts."""
    names = {normalise(CLAIM.heading), normalise(CLAIM.name)}
    for row, cells in enumerate(rows):
        if any(isinstance(cell, str) and normalise(cell) in names for cell in cells):
            yield row, [heading_text(cell) for cell in cells]


def _is_head(texts: Sequence[str]) -> bool:
    """Return whether a row also names one of the two reviews."""
    names = {normalise(name) for column in REVIEWS for name in (column.heading, column.name)}
    return any(normalise(text) in names for text in texts)


def _counts(content: Content, row: int, places: Sequence[int], *, claim_unread: bool) -> bool:
    """Return whether a row is of a claim: its id is filled, and it is no row of totals.

    An id that is merged over several rows counts in each of them in which there is a decision.
    """
    if claim_unread:
        return True
    cells = content.rows[row]
    claim, *decisions = places
    if is_blank(cells[claim]):
        decided = any(not is_blank(cells[place]) for place in decisions)
        if not (decided and covers(content.merged, row, claim)):
            return False
    first = next(cell for cell in cells if not is_blank(cell))
    return not (isinstance(first, str) and is_total(first))


def _filled_in(
    content: Content, block: _Block, records: Positions
) -> tuple[dict[int, list[object]], list[FaultGroup]]:
    """Return the columns of a block that have merged cells, filled in, and what is refused."""
    filler = Filler(content.rows, block.head, records, READ)
    for merged in content.merged:
        filler.take(merged)
    faults, _ = sorted_out(
        filler.faults(lambda at: records[at] + 1), REVIEW_SHEET, recogniser(READ)
    )
    return filler.cells, faults


def _no_sheet(path: Path, names: Sequence[str]) -> FaultGroup:
    message = Text(
        "“{file}”中没有工作表“{sheet}”；现有：{names}",
        "“{file}” has no sheet “{sheet}”; it has {names}",
    ).fill(file=path.name, sheet=REVIEW_SHEET, names=", ".join(names))
    return whole("missing_sheet", message, table=REVIEW_SHEET)


def _no_headings() -> FaultGroup:
    message = Text("没有找到标题行", "there is no row of headings")
    expected = Text(
        "标题 " + "、".join(column.heading for column in READ.columns),
        "the headings " + ", ".join(column.name for column in READ.columns),
    )
    return whole("no_headings", message, table=REVIEW_SHEET, expected=expected)


def _unread(kind: str, column: Column, row: int, shown: str) -> FaultGroup:
    message = Text(
        "单元格是错误值，或公式没有计算结果",
        "the cell holds an error, or a formula that was never calculated",
    )
    only = np.zeros(1, dtype=np.int64)
    return FaultGroup(
        kind,
        message,
        REVIEW_SHEET,
        column.name,
        column.expected,
        only,
        (shown,),
        lambda at: at + row,
    )


def _group(
    kind: str,
    message: Text,
    expected: Text,
    rows: np.ndarray[tuple[int], np.dtype[np.int64]],
    values: pa.Array,
    locate: Locate,
) -> FaultGroup:
    shown = values.take(arrow(rows)).to_pylist()
    return FaultGroup(kind, message, REVIEW_SHEET, CLAIM.name, expected, rows, shown, locate)
