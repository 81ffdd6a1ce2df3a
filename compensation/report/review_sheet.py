"""The sheet 审核表: for each institution the list that the two departments decide on and sign.

Filled, it comes back through `compensation.ledger.reviews`, which finds the headings again and
takes a row for a claim where its 代偿编号 is filled: nothing else may stand in that column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.arrays import arrow, flags, numbers, texts
from compensation.columns import Flags, Integers
from compensation.joint_assessment import Assessed
from compensation.ledger.portfolio import Ledgers
from compensation.ledger.reviews import REVIEWS
from compensation.policy.cap_words import cap_title
from compensation.policy.party_words import programme_title
from compensation.report.amount_in_words import in_words
from compensation.report.sheet import Sheet, Write, widest
from compensation.report.tables import HEADINGS, named, sum_of
from compensation.schema.choices import REVIEW_DECISIONS
from compensation.schema.column import Column
from compensation.schema.dictionary import CLAIMS, CONTRACTS
from compensation.values.printing import amount, decimal_column

DECISIONS = [choice.zh for choice in REVIEW_DECISIONS]
WIDTHS = (5, 12, 13, 17, 11, 14, 14, 8, 13, 13, 13, 13, 13, 10, 9, 16)
"""The least widths of the columns: all of them fill a page in its height, see `CLAIMS_A_PAGE`."""
WIDEST = {1: 20, 2: 20, 3: 30, 15: 36}
"""Characters beyond which a text is broken into lines, by column."""
ABOVE = 3
"""Rows of a page above its headings: the title, what it rests on, who fills it in."""
BELOW = 7
"""Rows below the claims: total, two in words, note, who fills it in, who decides, a blank one."""
CLAIM_HEIGHT = 26
CLAIMS_A_PAGE = 22
CLAIMS_ON_LAST_PAGE = 13
"""Claims that stand above what is signed: a page that holds no claim is nobody's."""
FILLED_IN = ("经办人：", "复核：", "单位负责人：", "联系电话：")
LIMITED = "受“{cap}”限制"
OPINION = (
    "{department}审核意见：\n\n\n经办人：\u3000\u3000\u3000\u3000\u3000负责人：\u3000\u3000\u3000\u3000\u3000"
    "（盖章）\u3000\u3000\u3000\u3000年\u3000\u3000月\u3000\u3000日"
)


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
    counts: list[int] = [n for n in _counts(assessment, _eligible(assessment)).tolist() if n] or [0]
    pages = sum(len(_pages(count)) for count in counts)
    return sum(counts) + pages * (ABOVE + 1) + len(counts) * BELOW


def _pages(claims: int) -> list[int]:
    """Return how many claims each page of a block has; the last one has room to sign.

    >>> _pages(0), _pages(13), _pages(14), _pages(40)
    ([0], [13], [7, 7], [22, 9, 9])
    """
    pages: list[int] = []
    while claims > CLAIMS_ON_LAST_PAGE:
        pages.append(CLAIMS_A_PAGE if claims > CLAIMS_A_PAGE else claims // 2)
        claims -= pages[-1]
    return [*pages, claims]


def write_reviews(sheet: Sheet, assessment: Assessed) -> None:
    """Write a block for each institution with eligible claims, each on pages of its own."""
    listed = _listed(assessment)
    institutions = [i for i, (a, b) in enumerate(_spans(listed.ends)) if b > a]
    kinds = _kinds(sheet)
    sheet.widths(_widths(listed.columns))
    breaks: list[int] = []
    row = 0
    blocks: list[int | None] = [*institutions] or [None]
    for institution in blocks:
        if row:
            breaks.append(row)
        row = _write_block(sheet, assessment, listed, institution, kinds, row, breaks)
    sheet.raw.set_h_pagebreaks(breaks)
    if not breaks:
        sheet.raw.freeze_panes(ABOVE + 1, 0)
    sheet.page()


def _write_block(
    sheet: Sheet,
    assessment: Assessed,
    listed: _Listed,
    institution: int | None,
    kinds: Sequence[tuple[str, Write]],
    row: int,
    breaks: list[int],
) -> int:
    """Write one block from ``row`` on; return the row after it. None: there is nothing to list."""
    start, end = (0, 0) if institution is None else list(_spans(listed.ends))[institution]
    at, first = start, row + ABOVE + 1
    for page in _pages(end - start):
        if at > start:
            breaks.append(row)
        row = _write_head(sheet, assessment, institution, kinds, row)
        row = _write_claims(sheet, listed, kinds, (start, at, at + page), row)
        at += page
    sums = {place: sum_of(listed.columns[place - 1].slice(start, end - start)) for place in _ADDED}
    row = _write_total(sheet, sums, first, row)
    ineligible = 0 if institution is None else int(listed.ineligible[institution])
    last = len(kinds) - 1
    sheet.across(row, 0, last, _note(assessment, end - start, ineligible), "note", 20)
    return _write_lines(sheet, last, row + 1) + 1


def _write_head(
    sheet: Sheet,
    assessment: Assessed,
    institution: int | None,
    kinds: Sequence[tuple[str, Write]],
    row: int,
) -> int:
    """Write what stands above the claims on every page; return the row after it."""
    last = len(kinds) - 1
    policies = "、".join(map(named, assessment.policies))
    basis = f"（{assessment.year} 年度）\u3000依据：{policies}"
    sheet.across(row, 0, last, f"{programme_title(assessment.policies)}审核表", "title", 30)
    sheet.across(row + 1, 0, last, basis, "caption_centre", 18)
    of = f"填报单位：{'' if institution is None else _institution_named(assessment, institution)}"
    sheet.across(row + 2, 0, 6, of, "caption", 20)
    sheet.across(
        row + 2, 7, 12, "填报日期：\u3000\u3000年\u3000\u3000月\u3000\u3000日", "caption_centre"
    )
    sheet.across(row + 2, 13, last, "单位：元", "caption_right")
    sheet.headings(row + ABOVE, [heading for heading, _ in kinds], 32)
    return row + ABOVE + 1


def _write_claims(
    sheet: Sheet,
    listed: _Listed,
    kinds: Sequence[tuple[str, Write]],
    rows: tuple[int, int, int],
    row: int,
) -> int:
    """Write claims ``rows``, numbered from the block's first on; return the row after them."""
    block, start, end = rows
    first = row
    cells = [column.slice(start, end - start).to_pylist() for column in listed.columns]
    for number, record in enumerate(zip(*cells, strict=True), start - block + 1):
        sheet.raw.set_row(row, CLAIM_HEIGHT)
        sheet.number(row, 0, number, "centre", "")
        for place, value in enumerate(record, 1):
            kinds[place][1](row, place, value)
        row += 1
    if row > first:
        _choose_from(sheet, first, row - 1, [heading for heading, _ in kinds])
    return row


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
        (HEADINGS["base"], sheet.money),
        (HEADINGS["rate"], sheet.rate),
        (AT_RATE, sheet.money),
        (LIMIT, sheet.money),
        (HEADINGS["compensation"], sheet.money),
        (claims("compensation_paid"), sheet.money),
        (PAYABLE, sheet.money),
        *((column.heading, decision) for column in REVIEWS),
        ("备注", sheet.text),
    )


AT_RATE, LIMIT, PAYABLE = "按比例计算", "上限", "本次应付"
_COMPENSATION, _PAYABLE = 10, 12
_ADDED = (5, 6, 8, _COMPENSATION, 11, _PAYABLE)
"""Columns of the sheet that are added up."""


def _listed(assessment: Assessed) -> _Listed:
    """Gather what is listed, by institution and else in the order of the input."""
    portfolio, result = assessment.ledgers, assessment.tables["claims"]
    eligible = _eligible(assessment)
    rows = np.flatnonzero(eligible).astype(np.int64)
    rows = rows[np.argsort(_institution(assessment)[rows], kind="stable")]
    taken = result.take(arrow(rows)).combine_chunks()
    of_input = arrow(assessment.claim_rows[rows])
    contract = arrow(portfolio.links.claim_contract[assessment.claim_rows[rows]])
    named = portfolio.column("contracts", "borrower_name").take(contract)
    columns = [
        taken["claim_id"],
        taken["contract_id"],
        pc.coalesce(named.cast(pa.string()), taken["borrower_id"].combine_chunks()),
        taken["payout_date"],
        taken["payout"],
        taken["base"],
        taken["rate"],
        *_limited(assessment, assessment.claim_rows[rows]),
        taken["compensation"],
        _yuan(portfolio, of_input),
        taken["payable"],
        *(_decisions(portfolio, review, of_input) for review in REVIEWS),
        _remarks(assessment, assessment.claim_rows[rows]),
    ]
    return _Listed(
        tuple(c.combine_chunks() if isinstance(c, pa.ChunkedArray) else c for c in columns),
        np.cumsum(_counts(assessment, eligible)),
        _counts(assessment, ~eligible),
    )


def listed_table(assessment: Assessed) -> pa.Table:
    """Return what the sheet says of each claim that it lists, but for the decisions."""
    names = ["claim_id", "contract_id", "borrower_name", "payout_date", "payout", "base", "rate"]
    names += ["at_rate", "limit", "compensation", "compensation_paid", "payable"]
    return pa.table(list(_listed(assessment).columns[: len(names)]), names)


def _limited(assessment: Assessed, rows: Integers) -> Iterator[pa.Array]:
    """Yield what claims of the input would get without caps, and the lowest cap on each."""
    at_rate = np.zeros(assessment.ledgers.rows("claims"), dtype=np.int64)
    limit = np.full_like(at_rate, -1)
    for each in assessment.decided:
        at_rate[each.claim_rows] = each.decisions.at_rate
        limit[each.claim_rows] = each.decisions.limit.fen
    yield decimal_column(at_rate[rows], 2)
    yield decimal_column(limit[rows], 2, limit[rows] >= 0)


def _remarks(assessment: Assessed, rows: Integers) -> pa.Array:
    """Return which cap keeps claims of the input from what they would get at their rate."""
    said = np.full(assessment.ledgers.rows("claims"), None, dtype=object)
    for each in assessment.decided:
        decisions = each.decisions
        less = decisions.compensation < decisions.at_rate
        for place, cap in enumerate(each.policy.rules.caps):
            by = each.claim_rows[less & (decisions.limit.cap == place)]
            said[by] = LIMITED.format(cap=cap_title(each.policy, cap).zh)
    return texts(said[rows].tolist())


def _yuan(portfolio: Ledgers, rows: pa.Array) -> pa.Array:
    """Return what was paid already for these claims, in yuan."""
    fen = portfolio.numbers("claims", "compensation_paid")[numbers(rows)]
    return decimal_column(fen, 2)


def _decisions(portfolio: Ledgers, review: Column, rows: pa.Array) -> pa.Array:
    """Return the decisions on these claims by their Chinese names."""
    places = portfolio.numbers("claims", review.name)[numbers(rows)]
    return texts(DECISIONS).take(arrow(places))


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


def _widths(columns: Sequence[pa.Array]) -> list[int]:
    """Return the widths of the sheet's columns: what fits, so far as all fit on a page."""
    widths = list(WIDTHS)
    for place, column in enumerate(columns, 1):
        if place in WIDEST:
            wanted = widest(pa.chunked_array([column])) + 2
            widths[place] = min(max(widths[place], wanted), WIDEST[place])
        elif pa.types.is_decimal(column.type) and column.type.scale == 2:
            widths[place] = max(widths[place], len(amount(sum_of(column))) + 2)
    return widths


def _institution_named(assessment: Assessed, institution: int) -> str:
    portfolio = assessment.ledgers
    code = portfolio.column("institutions", "institution_id")[institution].as_py()
    name = portfolio.column("institutions", "institution_name")[institution].as_py()
    return str(code) if name is None else f"{name}（{code}）"


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


def _write_total(sheet: Sheet, sums: Mapping[int, Decimal], first: int, row: int) -> int:
    """Write the row that adds up the block, and two amounts in words; return the row after them.

    What stands between the claims of several pages is text, which a sum passes over.
    """
    last = len(WIDTHS) - 1
    sheet.raw.set_row(row, 24)
    sheet.across(row, 0, 4, "合计", "total_label", 24)
    for place in range(5, last + 1):
        if place in sums and row > first:
            sheet.total(row, place, sums[place], first, row - 1)
        elif place in sums:
            sheet.money(row, place, sums[place], "total_money")
        else:
            sheet.blank(row, place)
    for place, what in ((_COMPENSATION, HEADINGS["compensation"]), (_PAYABLE, PAYABLE)):
        row += 1
        said = f"人民币{in_words(int(sums[place] * 100))}"
        sheet.across(row, 0, 4, f"{what}合计（大写）", "total_label", 22)
        sheet.across(row, 5, last, said, "total_text", 22)
    return row + 1


def _write_lines(sheet: Sheet, last: int, row: int) -> int:
    """Write who fills the sheet in, and a box for each department; return the row after them."""
    sheet.raw.set_row(row, 30)
    for place, line in zip((0, 4, 8, 12), FILLED_IN, strict=True):
        sheet.across(row, place, min(place + 3, last), line, "sign", 30)
    half = (0, 8, last + 1)
    for place, review in enumerate(REVIEWS):
        first, end = half[place], half[place + 1] - 1
        said = OPINION.format(department=review.heading.removesuffix("审核"))
        sheet.across(row + 1, first, end, said, "opinion", 30)
    return row + 2


def _note(assessment: Assessed, listed: int, ineligible: int) -> str:
    # A claim that no policy covers is only told apart under several.
    left_out = "不符合条件" if len(assessment.policies) == 1 else "不符合条件或无适用政策"
    return (
        f"说明：本表列出符合条件的代偿 {listed} 笔（含待审、不通过）；"
        f"{left_out}的 {ineligible} 笔未列入，见“代偿”表。补偿金额取“按比例计算”与“上限”中较低者。"
        f"审核意见请从下拉列表中选择（{'、'.join(DECISIONS)}），空白视为待审；"
        "填好后，本次应付须重新核算。"
    )
