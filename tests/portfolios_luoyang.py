"""Valid portfolios with the further columns that luoyang-2025 tests, near its limits."""

from __future__ import annotations

import random
from datetime import date

from hypothesis import strategies as st

from tests.oracle_luoyang import LPR, lpr
from tests.oracle_reading import Tables, money
from tests.portfolio_rows import Maker, Pick, Setting
from tests.portfolios import build

LUOYANG = Setting(
    year=2025,
    exposure_limits=(5_000_000_00, 10_000_000_00),
    days=(date(2025, 7, 15), date(2025, 7, 16), date(2025, 7, 16)),
    first=date(2025, 7, 16),
    share_forms=(1, 2, 1, 2, 1, 2, 0, 3, 4),
    share_columns=(
        ["national_fund", "reguarantor", "institution", "lender"],
        ["institution", "lender"],
        ["lender"],
        ["institution", "lender", "city_fund"],
    ),
    late_claims=False,
)
"""No claim on a contract that starts after the year: the last LPR would not be known."""


def extend(maker: Maker) -> None:
    for row in maker.tables["institutions"]:
        if not maker.chance(4):
            new_guarantees_at_limit(maker, row["institution_id"])
    for row in maker.tables["contracts"]:
        start = date.fromisoformat(row["start_date"])
        months = maker.choice([12, 36, 60, 61, 120])
        row["borrower_region"] = maker.choice(["洛阳", "洛阳市", "洛阳市涧西区", "洛阳高新区"])
        row["technology_innovation"] = maker.choice(["", "否", "false", "true", "是"])
        row["loan_term_months"] = str(months)
        row["loan_rate"] = maker.share(maker.choice([30_000, 43_500, 1]))
        if LPR[0][0] <= row["start_date"] <= "2025-12-31":
            limit = int(lpr(start, months) * 1_000_000) + 20_000
            row["loan_rate"] = maker.share(limit + maker.choice([0, 0, 0, -1, -1, 1]))
        row["fee_rate"] = (
            maker.share(15_000 - maker.choice([0, 0, 1, 1, 10_000, 10_000, 15_000, -1])) or "0"
        )
        row["reguaranteed"] = maker.choice(["是", "true", "yes", "1"])
        if maker.chance(8):
            column = maker.choice(
                ["borrower_region", "loan_term_months", "loan_rate", "fee_rate", "reguaranteed"]
            )
            row[column] = ""
        if maker.chance(12):
            row["borrower_region"] = maker.choice(["济源", "河南省洛阳市", "洛 阳"])
        if maker.chance(12):
            row["reguaranteed"] = maker.choice(["否", "false", "no", "0"])
    for row in maker.tables["claims"]:
        paid = ["2025-12-31", "2024-01-01", "2026-03-01"]
        row["reguarantor_paid_date"] = "" if maker.chance(8) else maker.choice(paid)


def new_guarantees_at_limit(maker: Maker, institution: str) -> None:
    """A contract more, so that those started in the year are near 50 million yuan."""
    year = str(maker.setting.year)
    sums = sum(
        money(row["guaranteed_amount"])
        for row in maker.tables["contracts"]
        if row["institution_id"] == institution and row["start_date"].startswith(year)
    )
    need = 50_000_000_00 + maker.choice([0, 0, 1, -1]) - sums
    if need > 0:
        maker.contract(institution, maker.id(), maker.chance(2), need, maker.day())


def random_luoyang_portfolio(seed: int, contracts: int = 150) -> Tables:
    pick: Pick = random.Random(seed).randint
    big = pick(1, 8) == 8
    return build(pick, contracts, big, medium=contracts > 20, setting=LUOYANG, extend=extend)


@st.composite
def luoyang_portfolios(draw: st.DrawFn, contracts: int = 6) -> Tables:
    def pick(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    return build(pick, pick(1, contracts), setting=LUOYANG, extend=extend)
