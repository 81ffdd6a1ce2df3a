"""The sheet 审核表: for each institution the list that the two departments decide on and sign.

Filled, it comes back through `compensation.ledger.reviews`, which finds the headings again and
takes a row for a claim where its 代偿编号 is filled: nothing else may stand in that column.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import flags
from compensation.columns import Flags, Integers
from compensation.joint_assessment import Assessed
from compensation.ledger.choices import REVIEW_DECISIONS
from compensation.ledger.column import Column
from compensation.ledger.dictionary import CLAIMS, CONTRACTS
from compensation.ledger.portfolio import Ledgers
from compensation.ledger.reviews import REVIEWS
from compensation.policy.catalogue import Policy
from compensation.report.sheet import Sheet, Write, text_width, widest
from compensation.report.tables import HEADINGS
from compensation.values.printing import amount, decimal_column

TITLE = "政府性融资担保风险补偿审核表"
DECISIONS = [choice.zh for choice in REVIEW_DECISIONS]
LINES = ("经办人：", "负责人：", "日 期：      年   月   日", "（盖章）")
ABOVE = 2
"""Rows of a block above its headings: the title, and a line about the institution."""
BELOW = 2 + 1 + len(LINES) + 1
"""Rows below the claims: total, note; who signs, lines to sign on; a blank one."""


@dataclass(frozen=True)
class _Listed:
    """What the sheet lists: claims that are eligible, grouped by institution.

    `columns`: a value for each listed claim. `ends`: by institution, how many are listed up to it.
    """

    columns: tuple[pa.Array, ...]
    ends: Integers
    ineligible: Integers


def review_rows(assessment: Assessed) -> int:
    """Return how many rows the sheet takes."""
    per_institution = _counts(assessment, _eligible(assessment))
    blocks = max(1, int(np.count_nonzero(per_institution)))
    return int(per_institution.sum()) + blocks * (ABOVE + 1 + BELOW)


def write_reviews(sheet: Sheet, assessment: Assessed) -> None:
    """Write a block for each institution with eligible claims, each on pages of its own."""
    listed = _listed(assessment)
    institutions = [i for i, (a, b) in enumerate(_spans(listed.ends)) if b > a]
    kinds = _kinds(sheet)
    headings = [heading for heading, _ in kinds]
    widths = _widths(listed.columns, headings)
    sheet.widths(widths)
    breaks: list[int] = []
    row = 0
    blocks: list[int | None] = [*institutions] or [None]
    for institution in blocks:
        if row:
            breaks.append(row)
        row = _write_block(sheet, assessment, listed, institution, kinds, row)
    sheet.raw.set_h_pagebreaks(breaks)
    if not breaks:
        sheet.raw.freeze_panes(ABOVE + 1, 0)
        sheet.raw.repeat_rows(ABOVE)
    sheet.page()


def _write_block(
    sheet: Sheet,
    assessment: Assessed,
    listed: _Listed,
    institution: int | None,
    kinds: Sequence[tuple[str, Write]],
    row: int,
) -> int:
    """Write one block from ``row`` on; return the row after it. None: there is nothing to list."""
    last = len(kinds) - 1
    start, end = (0, 0) if institution is None else list(_spans(listed.ends))[institution]
    sheet.across(row, 0, last, TITLE, "title", 30)
    sheet.across(row + 1, 0, last, _about(assessment, institution), "caption", 22)
    sheet.headings(row + ABOVE, [heading for heading, _ in kinds], 32)
    row = first = row + ABOVE + 1
    for at in range(start, end, 4096):
        cells = [column.slice(at, min(4096, end - at)).to_pylist() for column in listed.columns]
        for record in zip(*cells, strict=True):
            sheet.raw.set_row(row, 26)
            sheet.number(row, 0, row - first + 1, "centre", "")
            for place, value in enumerate(record, 1):
                kinds[place][1](row, place, value)
            sheet.blank(row, last)
            row += 1
    if row > first:
        _choose_from(sheet, first, row - 1, [heading for heading, _ in kinds])
    _write_total(sheet, listed, start, end, row)
    ineligible = 0 if institution is None else int(listed.ineligible[institution])
    sheet.across(row + 1, 0, last, _note(assessment, end - start, ineligible), "note", 20)
    row += 2
    thirds = [0, 4, 8, last + 1]
    signers = ("担保机构", *(column.heading.removesuffix("审核") for column in REVIEWS))
    for lines in (tuple(f"{signer}：" for signer in signers), *([line] * 3 for line in LINES)):
        for place, line in enumerate(lines):
            sheet.across(row, thirds[place], thirds[place + 1] - 1, line, "sign", 24)
        row += 1
    return row + 1


def _kinds(sheet: Sheet) -> tuple[tuple[str, Write], ...]:
    """Return the headings of the sheet and how the cells below them are written."""

    def decision(row: int, column: int, value: object) -> None:
        sheet.text(row, column, value, "entry")

    def claims(name: str) -> str:
        return CLAIMS.column(name).heading

    return (
        ("序号", sheet.count),
        (claims("claim_id"), sheet.text),
        (claims("contract_id"), sheet.text),
        (CONTRACTS.column("borrower_name").heading, sheet.text),
        (claims("payout_date"), sheet.date),
        (HEADINGS["payout"], sheet.money),
        (HEADINGS["rate"], sheet.ratio),
        (HEADINGS["compensation"], sheet.money),
        (claims("compensation_paid"), sheet.money),
        *((column.heading, decision) for column in REVIEWS),
        ("备注", sheet.text),
    )


_PAYOUT, _COMPENSATION, _PAID = 5, 7, 8
"""Columns of the sheet that are added up."""


def _listed(assessment: Assessed) -> _Listed:
    """Gather what is listed, by institution and else in the order of the input."""
    portfolio, result = assessment.ledgers, assessment.tables["claims"]
    eligible = _eligible(assessment)
    rows = np.flatnonzero(eligible).astype(np.int64)
    rows = rows[np.argsort(_institution(assessment)[rows], kind="stable")]
    taken = result.take(pa.array(rows)).combine_chunks()
    of_input = pa.array(assessment.claim_rows[rows])
    contract = pa.array(portfolio.links.claim_contract[assessment.claim_rows[rows]])
    named = portfolio.column("contracts", "borrower_name").take(contract)
    columns = [
        taken["claim_id"],
        taken["contract_id"],
        pc.coalesce(named.cast(pa.string()), taken["borrower_id"].combine_chunks()),
        taken["payout_date"],
        taken["payout"],
        taken["rate"],
        taken["compensation"],
        _yuan(portfolio, of_input),
        *(_decisions(portfolio, review, of_input) for review in REVIEWS),
    ]
    return _Listed(
        tuple(c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for c in columns),
        np.cumsum(_counts(assessment, eligible)),
        _counts(assessment, ~eligible),
    )


def listed_table(assessment: Assessed) -> pa.Table:
    """Return what the sheet says of each claim that it lists, but for the decisions."""
    names = [*("claim_id", "contract_id", "borrower_name", "payout_date", "payout", "rate")]
    names += [*("compensation", "compensation_paid")]
    return pa.table(list(_listed(assessment).columns[: len(names)]), names)


def _yuan(portfolio: Ledgers, rows: pa.Array) -> pa.Array:
    """Return what was paid already for these claims, in yuan."""
    fen = portfolio.numbers("claims", "compensation_paid")[rows.to_numpy()]
    return decimal_column(fen, 2)


def _decisions(portfolio: Ledgers, review: Column, rows: pa.Array) -> pa.Array:
    """Return the decisions on these claims by their Chinese names."""
    places = portfolio.numbers("claims", review.name)[rows.to_numpy()]
    return pa.array(DECISIONS).take(pa.array(places))


def _eligible(assessment: Assessed) -> Flags:
    """Return which claims of the year are eligible."""
    return flags(assessment.tables["claims"]["eligible"].combine_chunks())


def _institution(assessment: Assessed) -> Integers:
    """Return the institution of each claim of the year."""
    links = assessment.ledgers.links
    institution: Integers = links.contract_institution[links.claim_contract[assessment.claim_rows]]
    return institution


def _counts(assessment: Assessed, which: Flags) -> Integers:
    """Return how many claims of ``which`` each institution has."""
    rows = assessment.ledgers.rows("institutions")
    return np.bincount(_institution(assessment)[which], minlength=rows).astype(np.int64)


def _spans(ends: Integers) -> Iterator[tuple[int, int]]:
    start = 0
    for end in ends.tolist():
        yield start, end
        start = end


def _widths(columns: Sequence[pa.Array], headings: Sequence[str]) -> list[int]:
    """Return the widths of the sheet's columns: what fits, so far as all fit on a page."""
    least = [5, 12, 12, 16, 12, 16, 10, 16, 16, 12, 12, 14]
    most = [5, 20, 20, 30, 12, 24, 10, 24, 24, 12, 12, 14]
    widths = []
    for place, heading in enumerate(headings):
        width = max(least[place], (text_width(heading) + 1) // 2 + 2)
        column = columns[place - 1] if 0 < place <= len(columns) else None
        if column is not None and pa.types.is_string(column.type):
            width = max(width, widest(pa.chunked_array([column])) + 2)
        elif column is not None and pa.types.is_decimal(column.type) and len(column):
            width = max(width, len(amount(pc.max(column).as_py())) + 2)
        widths.append(min(width, most[place]))
    return widths


def _about(assessment: Assessed, institution: int | None) -> str:
    """Return the line below the title: institution, year, policy, unit."""
    named = "、".join(map(_named, assessment.policies))
    policy = f"{assessment.year} 年度\u3000政策：{named}\u3000金额单位：元"
    if institution is None:
        return policy
    portfolio = assessment.ledgers
    code = portfolio.column("institutions", "institution_id")[institution].as_py()
    name = portfolio.column("institutions", "institution_name")[institution].as_py()
    return f"担保机构：{code if name is None else f'{name}（{code}）'}\u3000{policy}"


def _named(policy: Policy) -> str:
    number = policy.rules.document.number
    return policy.rules.name.zh + ("" if number is None else f"（{number}）")


def _choose_from(sheet: Sheet, first: int, last: int, headings: Sequence[str]) -> None:
    """Give the decision cells a list to choose from."""
    places = [headings.index(column.heading) for column in REVIEWS]
    sheet.raw.data_validation(
        first,
        min(places),
        last,
        max(places),
        {
            "validate": "list",
            "source": DECISIONS,
            "error_title": "审核意见",
            "error_message": "请选择：" + "、".join(DECISIONS),
        },
    )


def _write_total(sheet: Sheet, listed: _Listed, start: int, end: int, row: int) -> None:
    """Write the row that adds up the block."""
    sheet.across(row, 0, 4, "合计", "total_label", 24)
    sums = {
        place: sum(listed.columns[place - 1].slice(start, end - start).to_pylist(), Decimal("0.00"))
        for place in (_PAYOUT, _COMPENSATION, _PAID)
    }
    for place in range(_PAYOUT, len(listed.columns) + 2):
        if place in sums:
            sheet.money(row, place, sums[place], "total_money")
        else:
            sheet.blank(row, place)


def _note(assessment: Assessed, listed: int, ineligible: int) -> str:
    # A claim that no policy covers is only told apart under several.
    left_out = "不符合条件" if len(assessment.policies) == 1 else "不符合条件或无适用政策"
    return (
        f"说明：本表列出符合条件的代偿 {listed} 笔（含待审、不通过）；"
        f"{left_out}的 {ineligible} 笔未列入，见“代偿”表。"
        f"审核意见请从下拉列表中选择（{'、'.join(DECISIONS)}），空白视为待审；"
        "填好的工作簿可作为 --reviews 的参数交回。"
    )
