"""The curve of an institution alone: that of a ledger whose claims all count in full."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from compensation import CaseFaults, assess, curve, judge_institution
from compensation.one_case.curve import institution_curve
from compensation.outlook.curve import Course
from compensation.refusals import Refused
from tests.assessing import portfolio_of
from tests.outlook.test_curve import top_tier

JIYUAN = "jiyuan-2022"
AMOUNTS = (
    *("opening_balance", "closing_balance", "opening_borrowers", "closing_borrowers"),
    *("small_agri_balance", "released_amount", "payout_amount"),
)
RATIOS: dict[str, Any] = {
    "government_backed": True,
    "small_agri_share": "0.92",
    "balance_growth": "0.25",
    "borrower_growth": "0.21",
    "payout_rate": "0.015",
}


def corners(found: Course) -> list[tuple[int, int]]:
    return [(before.units, after.units) for before, after in found.corners]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("along", "first", "last"),
    [
        ("payout_rate", "0", "0.08"),
        ("small_agri_share", "0.7", "1"),
        ("borrower_growth", "0", "0.5"),
    ],
)
def test_it_is_that_of_a_ledger_whose_claims_count_in_full(
    along: str, first: str, last: str
) -> None:
    portfolio = portfolio_of(top_tier())
    (row,) = assess(portfolio, JIYUAN, 2022).tables["institutions"].to_pylist()
    figures = {"government_backed": True, **{name: row[name] for name in AMOUNTS}}
    ours = institution_curve(JIYUAN, figures, along, first, last, 2022)
    theirs = curve(portfolio, JIYUAN, 2022, along, first, last)
    assert corners(ours) == corners(theirs)
    for one, other in zip(ours.path, theirs.path, strict=True):
        assert one[:4] == other[:4]  # units, whether eligible, why not, at what rate
        assert abs(one.compensation - other.compensation) <= other.claims
    assert ours.released == theirs.released == 5_000_000_000
    assert [jump.falls for jump in ours.jumps] == [jump.falls for jump in theirs.jumps]


def test_with_ratios_alone_it_is_of_a_million_released() -> None:
    found = institution_curve(JIYUAN, RATIOS, "payout_rate", "0", "0.08")
    per_100 = {
        row["value"]: row["compensation_per_100_released"]
        for row in reversed(found.tables["curve"].to_pylist())  # the last fen that prints so
    }
    assert (per_100[Decimal("0.02")], per_100[Decimal("0.03")]) == (Decimal("0.4"), Decimal("0.45"))
    assert corners(found) == [(n, n + 1) for n in (2_000_000, 3_000_000, 5_000_000)]
    for point in found.path:
        if point.units % 100 == 0:
            judged = judge_institution(
                JIYUAN, {**RATIOS, "payout_rate": Decimal(point.units // 100).scaleb(-6)}
            )
            assert (point.eligible, point.reasons) == (judged.eligible, judged.reasons)
    assert "按解除担保额 100 万元折算" in found.moves.zh


@pytest.mark.parametrize(
    ("policy", "changed", "along", "said"),
    [
        (JIYUAN, {}, "payout_rat", "是否为 payout_rate"),
        (JIYUAN, {"payout_rate": None}, "payout_rate", "没有填写或无法计算"),
        ("luoyang-2025", {}, "payout_rate", "须用台账测算"),
        ("reguarantee-2022", {}, "payout_rate", "须用台账测算"),  # a cap on all claims of a year
    ],
)
def test_what_takes_more_is_refused(
    policy: str, changed: dict[str, Any], along: str, said: str
) -> None:
    with pytest.raises(Refused) as caught:
        institution_curve(policy, {**RATIOS, **changed}, along, 0, "0.08")
    assert said in caught.value.message.zh
    with pytest.raises(CaseFaults):
        institution_curve(JIYUAN, {}, "payout_rate", 0, "0.08")
