"""A filled 审核表 in the way of a result: no opinion in it is lost that the run was not given."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from compensation.arrays import arrow, numbers
from compensation.faults.input_faults import InputFaults
from compensation.language import Text
from compensation.ledger import ids
from compensation.money import Flags
from compensation.report.overwriting import OutputRefused
from compensation.schema.choices import REVIEW_DECISIONS
from compensation.schema.dictionary import CLAIMS

if TYPE_CHECKING:
    from compensation.joint_assessment import Assessed
    from compensation.ledger.reviews import Reviews

PENDING = next(at for at, choice in enumerate(REVIEW_DECISIONS) if choice.value == "pending")
IDS_SHOWN = 3

_GO_ON = Text(
    "请先用 --reviews {path} 读入其中的审核意见，或另选输出文件名",
    "read its reviews with --reviews {path}, or choose another output",
)


def check_reviews_kept(path: Path, assessment: Assessed) -> None:
    """Refuse to overwrite a result workbook that holds reviews which the run does not have.

    The run has those of its claims table and of ``--reviews``. A blank or pending review is none.
    Raises `OutputRefused`.
    """
    if not path.exists():
        return
    # Most runs overwrite no workbook.
    from compensation.ledger.reviews import REVIEW_SHEET, read_reviews
    from compensation.readers.xlsx import sheet_names

    if REVIEW_SHEET not in sheet_names(path):  # of cases that are no payouts
        return
    try:
        held = read_reviews(path)
    except InputFaults as wrong:
        message = Text(
            "“{path}”的审核表中有无法识别的内容，可能是填写的审核意见，不会覆盖：{why}\n{go_on}",
            "“{path}” has a review sheet that is not understood and may hold reviews; it is not"
            " overwritten: {why}\n{go_on}",
        )
        why = Text(*(next(iter(wrong.faults)).describe(language) for language in ("zh", "en")))
        raise OutputRefused(
            message.fill(path=path, why=why, go_on=_GO_ON.fill(path=path))
        ) from None
    lost = held.claim_id.filter(arrow(_differs(held, assessment)))
    if len(lost):
        message = Text(
            "“{path}”的审核表中有 {count} 笔代偿的审核意见未用于本次计算（{ids}），不会覆盖；"
            "{go_on}",
            "“{path}” holds reviews of {count} claims that this run was not given ({ids}); it is"
            " not overwritten: {go_on}",
        )
        shown = "、".join(lost[:IDS_SHOWN].to_pylist()) + ("……" if len(lost) > IDS_SHOWN else "")
        raise OutputRefused(
            message.fill(path=path, count=len(lost), ids=shown, go_on=_GO_ON.fill(path=path))
        )


def _differs(held: Reviews, assessment: Assessed) -> Flags:
    """Return of which claims a review is held that is not the run's."""
    # As in `check_reviews_kept`.
    from compensation.ledger.reviews import CLAIM, REVIEWS

    portfolio = assessment.ledgers
    rows = ids.positions_of(held.claim_id, portfolio.column(CLAIMS.name, CLAIM.name))
    rows[rows == ids.UNKNOWN] = portfolio.rows(CLAIMS.name)
    differs = np.zeros(len(rows), dtype=np.bool_)
    for column in REVIEWS:
        own = numbers(getattr(held, column.name))
        # The run has no opinion on a claim that it does not know.
        given = np.append(portfolio.numbers(CLAIMS.name, column.name), PENDING)[rows]
        differs |= (own != PENDING) & (own != given)
    return differs
