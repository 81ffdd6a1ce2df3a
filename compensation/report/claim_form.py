"""代偿项目明细表: what a ledger says of one claim, as the forms of the programmes ask for it."""

from __future__ import annotations

import os

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from compensation.cards import no_such
from compensation.language import Text
from compensation.ledger.portfolio import Ledgers, Portfolio
from compensation.ledger.reviews import REVIEWS
from compensation.report.amount_in_words import in_words
from compensation.report.form_sheet import Pair, Row, section, signatures, start, wide, with_asked
from compensation.report.sheet import Sheet, new_workbook
from compensation.rules import award
from compensation.schema.choices import BORROWER_TYPES, REVIEW_DECISIONS
from compensation.schema.parties import party_name
from compensation.values.dates import date_of
from compensation.values.printing import percent, ratio_of, yuan_of

TITLE = "代偿项目明细表"
MOST_RECOVERIES = 30
"""Recoveries that a form lists; of more it says how many there are."""


def write_claim_form(portfolio: Portfolio, claim_id: str, path: str | os.PathLike[str]) -> None:
    """Write the form of a claim as a workbook to ``path``, replacing what is there.

    What the ledger does not say is left blank. Raises KeyError where it has no such claim, and
    `InputFaults` where a cell that the form asks for cannot be read.
    """
    ledgers = with_asked(portfolio)
    ids = ledgers.column("claims", "claim_id")
    place = int(pc.index(ids, pa.scalar(claim_id, ids.type)).as_py())
    if place < 0:
        raise no_such(Text("代偿", "claim"), claim_id, ids.to_pylist())
    with new_workbook(path, f"{TITLE} {claim_id}", streamed=True) as book:
        write_claim(Sheet(book, TITLE), ledgers, place)


def write_claim(sheet: Sheet, ledgers: Ledgers, place: int) -> None:
    """Write the form of the claim at a row of the ledger."""
    claim = Row(ledgers, "claims", place)
    at = int(ledgers.links.claim_contract[place])
    contract = Row(ledgers, "contracts", at)
    institution = Row(ledgers, "institutions", int(ledgers.links.contract_institution[at]))
    name = institution.text("institution_name") or institution.text("institution_id")
    row = start(sheet, TITLE, f"填报单位：{name}")
    payout = int(ledgers.books.payout[place])
    kind = BORROWER_TYPES[int(ledgers.borrower_type[at])].zh
    row = section(
        sheet,
        row,
        "一、借款人",
        [
            ("名称", contract.text("borrower_name")),
            ("借款人代码", contract.text("borrower_id")),
            ("类型", kind),
            ("统一社会信用代码", contract.text("borrower_code")),
            ("行业", contract.text("industry")),
            ("联系电话", contract.text("borrower_phone")),
            ("贷款用途", contract.text("loan_purpose")),
        ],
    )
    row = section(
        sheet,
        row,
        "二、债权与担保",
        [
            ("债权人（贷款银行）", contract.text("lender")),
            ("借款合同编号", contract.text("loan_contract")),
            ("担保合同编号", contract.text("contract_id")),
            ("担保金额", contract.yuan("guaranteed_amount")),
            ("起始日期", contract.date("start_date")),
            ("解除日期", contract.date("release_date")),
        ],
    )
    row = wide(sheet, row, "反担保措施", contract.text("counter_guarantee"), 34)
    row = section(
        sheet,
        row,
        "三、代偿",
        [
            ("代偿编号", claim.text("claim_id")),
            ("代偿日期", claim.date("payout_date")),
            ("代偿本金", claim.yuan("principal")),
            ("代偿利息", claim.yuan("interest")),
            ("代偿金额", yuan_of(payout)),
            ("已补偿金额", claim.yuan("compensation_paid")),
        ],
    )
    row = wide(sheet, row, "代偿金额（大写）", f"人民币{in_words(payout)}")
    row = wide(sheet, row, "代偿原因", claim.text("cause"), 48)
    row = section(sheet, row, "四、分担", _shares(ledgers, place, at))
    reviews: list[Pair] = [
        (review.heading, REVIEW_DECISIONS[int(ledgers.numbers("claims", review.name)[place])].zh)
        for review in REVIEWS
    ]
    row = section(sheet, row, "五、审核", reviews)
    row = section(sheet, row, "六、追偿", _recovered(ledgers, place))
    row = wide(sheet, row, "追偿计划", claim.text("recovery_plan"), 48)
    signatures(sheet, row)


def _shares(ledgers: Ledgers, place: int, contract: int) -> list[Pair]:
    """Return what each party shares and bore; one that shares nothing is left out."""
    pairs: list[Pair] = []
    payout = ledgers.books.payout[place : place + 1]
    borne = award.borne(payout, ledgers.shares[contract : contract + 1])[0]
    for party, share, fen in zip(ledgers.parties, ledgers.shares[contract], borne, strict=True):
        if share:
            named = party_name(party).zh
            pairs.append((f"{named}分担比例", percent(ratio_of(int(share)))))
            pairs.append((f"{named}承担金额", yuan_of(int(fen))))
    return pairs


def _recovered(ledgers: Ledgers, place: int) -> list[Pair]:
    """Return the recoveries of a claim, day by day, and what they come to."""
    rows = np.flatnonzero(ledgers.links.recovery_claim == place)
    proceeds = ledgers.numbers("recoveries", "proceeds")[rows]
    costs = ledgers.numbers("recoveries", "cost")[rows]
    days = ledgers.numbers("recoveries", "recovery_date")[rows]
    pairs: list[Pair] = []
    for at in np.argsort(days, kind="stable")[:MOST_RECOVERIES].tolist():
        day = date_of(int(days[at])).isoformat()
        pairs.append((f"{day} 所得", yuan_of(int(proceeds[at]))))
        pairs.append((f"{day} 费用", yuan_of(int(costs[at]))))
    if len(rows) > MOST_RECOVERIES:
        pairs += [("追偿笔数", str(len(rows))), ("", None)]
    pairs.append(("追偿所得合计", yuan_of(int(proceeds.sum()))))
    pairs.append(("追偿费用合计", yuan_of(int(costs.sum()))))
    return pairs
