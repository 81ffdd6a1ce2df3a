"""A curve's point is what `assess` gives of a ledger so changed; its corners are exact."""

from __future__ import annotations

import copy
import io
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from compensation import InputFaults, Policy, assess, curve, load_policy, read_portfolio
from compensation.outlook.axis import axis_of, decided_at, indicators_of
from compensation.outlook.changed import base_year
from compensation.outlook.curve import Curve
from compensation.outlook.path import Point, point_of
from compensation.refusals import Refused
from compensation.report import curve_console
from compensation.report import curve_svg as curve_svg_module
from compensation.report.curve_console import curve_text
from compensation.report.curve_svg import curve_svg
from compensation.whatif.variants import vary
from tests.assessing import portfolio_of
from tests.command import run_here
from tests.conftest import seeds
from tests.ledgers_of_years import random_portfolio
from tests.oracle_reading import Tables, money, money_text, split
from tests.outlook.ledgers import contract, two_institutions
from tests.portfolios import write_csv
from tests.portfolios_luoyang import random_luoyang_portfolio

JIYUAN, LUOYANG = "jiyuan-2022", "luoyang-2025"


def top_tier() -> Tables:
    """One institution far within the other limits of the top tier; it released 50 million."""
    contracts = [
        contract("OLD", "I1", "50000000", "2021-01-01", release_date="2022-12-01"),
        contract("STAYS", "I1", "1000000", "2021-01-01"),
        *(contract(f"NEW{n}", "I1", "4000000", "2022-02-01") for n in range(40)),
    ]
    for row in contracts:
        row["share_institution"], row["share_lender"] = "1", "0"
    claim = {"interest": "0", "finance_review": "通过", "industry_review": "待审"}
    return {
        "institutions": [{"institution_id": "I1", "government_backed": "是"}],
        "contracts": contracts,
        "claims": [
            {
                "claim_id": f"C{n}",
                "contract_id": f"NEW{n}",
                "payout_date": "2022-11-11",
                "principal": amount,
                **claim,
            }
            for n, amount in enumerate(("300000", "200000.01", "0.99"))
        ],
    }


def with_payouts(tables: Tables, institution: str, year: int, total: int) -> Tables | None:
    """The ledger with the payouts of a year split anew; None where a claim would be of nothing."""
    changed = copy.deepcopy(tables)
    of = {row["contract_id"]: row["institution_id"] for row in tables["contracts"]}
    own = [
        row
        for row in changed["claims"]
        if of[row["contract_id"]] == institution and row["payout_date"].startswith(str(year))
    ]
    weights = [money(row.get(name) or "0") for row in own for name in ("principal", "interest")]
    parts = iter(split(total, weights))
    for row in own:
        amounts = [next(parts), next(parts)]
        if not sum(amounts):
            return None
        row["principal"], row["interest"] = map(money_text, amounts)
    return changed


@pytest.fixture(scope="module")
def drawn() -> Curve:
    return curve(portfolio_of(top_tier()), JIYUAN, 2022, "payout_rate", 0, "0.08")


def unpaid(tables: Tables) -> Tables:
    """The ledger before anything was paid, without which no claim can be below what it was paid."""
    for row in tables["claims"]:
        row["compensation_paid"] = ""
    return tables


def institution_row(tables: Tables, policy: str | Policy, year: int, row: int) -> dict[str, Any]:
    found = assess(portfolio_of(tables), policy, year).tables["institutions"]
    line: dict[str, Any] = found.to_pylist()[row]
    return line


def told(point: Point) -> dict[str, Any]:
    """What a point says, in the columns of the result table."""
    return {
        "eligible": point.eligible,
        "reasons": ";".join(point.reasons) or None,
        "rate": None if point.rate is None else Decimal(point.rate).scaleb(-6),
        "claims": point.claims,
        "eligible_claims": point.eligible_claims,
        "compensation": Decimal(point.compensation).scaleb(-2),
    }


def same(point: Point, line: dict[str, Any]) -> None:
    said = told(point)
    assert said == {name: line[name] for name in said}


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(0, 24))
def test_a_point_is_what_assess_gives_of_a_ledger_with_these_payouts(seed: int) -> None:
    tables = unpaid(random_portfolio(seed))
    base = base_year(portfolio_of(tables), JIYUAN, 2022, strict_dates=True)
    for row, id_ in enumerate(base.institutions()):
        try:
            axis = axis_of(base, "payout_rate", id_)
        except Refused:
            continue
        same(
            point_of(decided_at(base, axis, axis.units), row, 0),
            institution_row(tables, JIYUAN, 2022, row),
        )
        limit = axis.floor(Fraction(3, 100))
        for total in {axis.units * 3 // 2, axis.units - 1, limit + 1}:
            changed = with_payouts(tables, id_, 2022, total)
            if changed is not None:
                point = point_of(decided_at(base, axis, total), row, total)
                same(point, institution_row(changed, JIYUAN, 2022, row))


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(0, 8))
def test_a_point_is_what_assess_gives_where_rates_are_of_claims(seed: int) -> None:
    tables = unpaid(random_luoyang_portfolio(seed))
    base = base_year(portfolio_of(tables), LUOYANG, 2025, strict_dates=True)
    for row, id_ in enumerate(base.institutions()):
        try:
            axis = axis_of(base, "payout_rate", id_)
        except Refused:
            continue
        total = axis.units // 2  # more than what there is may be more than a cell holds
        changed = with_payouts(tables, id_, 2025, total)
        if changed is not None:
            point = point_of(decided_at(base, axis, total), row, total)
            same(point, institution_row(changed, LUOYANG, 2025, row))


@pytest.mark.parametrize("opening", [40_000_000, 60_000_000, 100_000_000, 134_166_666, 150_000_000])
def test_along_a_growth_only_the_growth_moves(opening: int) -> None:
    """As where the opening balance is given, from which nothing else but the growth follows."""
    tables = top_tier()
    base = base_year(portfolio_of(tables), JIYUAN, 2022, strict_dates=True)
    axis = axis_of(base, "balance_growth", None)
    tables["institutions"][0]["opening_balance"] = str(opening)
    growth = Fraction(161_000_000, opening) - 1
    point = point_of(decided_at(base, axis, axis.floor(growth)), 0, 0)
    same(point, institution_row(tables, JIYUAN, 2022, 0))


@pytest.mark.slow
def test_compensation_per_100_released_under_jiyuan_2022(drawn: Curve) -> None:
    found = drawn
    rows = found.tables["curve"].to_pylist()
    printed = {"0.02": "0.40", "0.03": "0.45", "0.05": "0.50", "0.08": "0"}
    for value, per_100 in printed.items():
        # Of the points that print as this value, the second is a fen above the limit.
        first = next(row for row in rows if row["value"] == Decimal(value))
        assert first["compensation_per_100_released"] == Decimal(per_100), value
    exact = {"0.0201": "0.3015", "0.0301": "0.301", "0.0501": "0"}
    for value, per_100 in exact.items():
        units = found.axis.floor(Fraction(value))
        point = point_of(decided_at(found.base, found.axis, units), 0, units)
        assert Fraction(point.compensation, 50_000_000) == Fraction(per_100)


def test_corners_are_the_fen_before_and_after_each_limit(drawn: Curve) -> None:
    found = drawn
    pairs = [(before.units, after.units) for before, after in found.corners]
    assert pairs == [(n, n + 1) for n in (100_000_000, 150_000_000, 250_000_000)]
    assert [cliff.before.rate for cliff in found.jumps] == [200_000, 150_000, 100_000]
    cliffs = found.tables["cliffs"].to_pylist()
    assert cliffs[0]["payout_amount_before"] == Decimal("1000000.00")
    assert cliffs[0]["payout_amount_after"] == Decimal("1000000.01")
    assert cliffs[0]["compensation_before"] == Decimal("200000.00")
    assert cliffs[0]["said"] == (
        "代偿率为 2% 时补偿 200,000.00 元；再高 0.01 个百分点，补偿少 49,250.00 元"
    )
    assert cliffs[2]["said_en"] == (
        "at a payout rate of 5% compensation is 250,000.01; 0.01 percentage points more costs"
        " 250,000.01"
    )
    before, after = (
        institution_row(with_payouts(top_tier(), "I1", 2022, n) or {}, JIYUAN, 2022, 0)["rate"]
        for n in (100_000_000, 100_000_001)
    )
    assert (before, after) == (Decimal("0.2"), Decimal("0.15"))


@pytest.mark.slow
def test_corners_of_a_share_are_found_from_below() -> None:
    tables = top_tier()
    found = curve(portfolio_of(tables), JIYUAN, 2022, "small_agri_share", "0.7", 1)
    closing = 16_100_000_000
    limits = [closing * n // 100 for n in (80, 85, 90)]
    assert [(a.units, b.units) for a, b in found.corners] == [(n - 1, n) for n in limits]
    assert "再低 0.01 个百分点，补偿少 50,000.10 元" in found.tables["cliffs"]["said"][0].as_py()
    borrowers = curve(portfolio_of(tables), JIYUAN, 2022, "borrower_growth", 0, "0.5")
    assert borrowers.axis.denominator == 2  # a borrower is half of the opening two


@pytest.mark.slow
def test_a_cap_bends_the_line_at_the_exact_fen_and_is_no_cliff() -> None:
    tables = top_tier()
    for row in tables["contracts"]:
        row |= {"share_institution": "0.8", "share_lender": "0.2", "reguaranteed": "是"}
    portfolio = portfolio_of(tables)
    found = curve(portfolio, "reguarantee-2022", 2022, "payout_rate", 0, "0.08")
    assert found.jumps == ()
    ((before, after),) = found.corners
    assert (before.units, after.units) == (250_000_000, 250_000_001)
    assert before.compensation == after.compensation == found.path[-1].compensation == 100_000_000
    # The same cap, as what was released falls: 5% of 10,000,020.00 yuan released is what was paid.
    by_volume = curve(portfolio, "reguarantee-2022", 2022, "released_amount", 1, 50_000_000)
    ((before, after),) = by_volume.corners
    assert (before.units, after.units) == (1_000_001_999, 1_000_002_000)
    assert by_volume.jumps == ()
    ElementTree.fromstring(curve_svg(by_volume, "zh"))


@pytest.mark.slow
def test_a_policy_is_in_force_in_every_year_unless_its_days_are_asked_for() -> None:
    tables = two_institutions()
    del tables["payments"], tables["remittances"]
    portfolio = portfolio_of(tables)
    always = vary(load_policy(JIYUAN), (), [2022, 2023]).policy
    for year in (2022, 2023):
        found = curve(portfolio, JIYUAN, year, "payout_rate", 0, "0.1", institution="I1")
        same(found.actual, institution_row(tables, always, year, 0))
    with pytest.raises(InputFaults, match="2023"):
        curve(portfolio, JIYUAN, 2023, "payout_rate", 0, 1, institution="I1", strict_dates=True)


def refusals() -> Iterator[tuple[str, dict[str, Any]]]:
    fine = {"along": "payout_rate", "from_": "0", "to": "0.08", "year": 2022, "institution": "I1"}
    yield "是否为 payout_rate", {**fine, "along": "payout_rat"}
    yield "可用的有", {**fine, "along": "leverage"}
    yield "起点 0.09 大于终点 0.08", {**fine, "from_": "0.09"}
    yield "不能低于 0%", {**fine, "from_": "-0.01"}
    yield "没有机构 I3", {**fine, "institution": "I3"}
    yield "有 2 家机构", {**fine, "institution": None}
    yield "I2 在 2022 年没有代偿", {**fine, "institution": "I2"}
    yield "无法计算", {**fine, "institution": "I2", "along": "balance_growth"}
    yield "数值过大", {**fine, "to": "10000000000000"}
    yield (
        "没有“在保户数增速”能取的值",
        {
            **fine,
            "along": "borrower_growth",
            "from_": "0.1",
            "to": "0.2",
        },
    )


@pytest.mark.parametrize(("said", "given"), list(refusals()))
def test_what_cannot_be_drawn_is_said(said: str, given: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        curve(portfolio_of(two_institutions()), JIYUAN, **given)
    assert said in caught.value.message.zh
    assert caught.value.message.en


def test_other_wrong_arguments() -> None:
    portfolio = portfolio_of(top_tier())
    with pytest.raises(TypeError, match="float"):
        curve(portfolio, JIYUAN, 2022, "payout_rate", 0.0, 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Portfolio"):
        curve({}, JIYUAN, 2022, "payout_rate", 0, 1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="x"):
        curve(portfolio, JIYUAN, 2022, "payout_rate", "x", 1)
    with pytest.raises(Refused, match="不按代偿计算"):
        curve(portfolio, "fujian-2008", 2022, "payout_rate", 0, 1)
    with pytest.raises(InputFaults, match="2030"):
        curve(portfolio, JIYUAN, 2030, "payout_rate", 0, 1)
    assert indicators_of(load_policy("luoyang-2025")) == ["payout_rate", "new_guarantees"]


def test_the_picture_is_well_formed_and_the_same_each_time(drawn: Curve) -> None:
    picture = curve_svg(drawn, "zh")
    assert picture == curve_svg(drawn, "zh")
    root = ElementTree.fromstring(picture)
    words = " ".join(element.text or "" for element in root.iter())
    assert "代偿率为 2% 时补偿 200,000.00 元" in words
    assert "not eligible" in curve_svg(drawn, "en")
    lines = [e for e in root.iter() if e.tag.endswith("polyline")]
    assert len(lines) == len(drawn.segments) == 4


def test_a_name_does_not_break_the_picture() -> None:
    tables = top_tier()
    for name in ("institutions", "contracts"):
        for row in tables[name]:
            row["institution_id"] = "<I&1>\u202e"
    picture = curve_svg(curve(portfolio_of(tables), JIYUAN, 2022, "payout_rate", 0, "0.08"), "zh")
    assert "<I&1>" not in picture
    ElementTree.fromstring(picture)


def test_one_value_alone() -> None:
    point = curve(portfolio_of(top_tier()), JIYUAN, 2022, "payout_rate", "0.01", "0.01")
    assert len(point.path) == 1
    ElementTree.fromstring(curve_svg(point, "en"))


@pytest.mark.slow
def test_what_is_printed_and_written(tmp_path: Path, drawn: Curve) -> None:
    ledger, output = tmp_path / "ledger", tmp_path / "out"
    write_csv(top_tier(), ledger)
    given = (
        "curve",
        ledger,
        "--policy",
        "jiyuan-2022",
        "--year",
        "2022",
        "--along",
        "payout_rate",
        "--from",
        "0",
    )
    done = run_here(*given, "--to", "8%", "-o", output)
    assert done.returncode == 0
    assert "政策视为在所测算的各年度均有效" in done.stdout
    assert "突变点：3 处" in done.stdout
    assert "strict" not in run_here(*given, "--to", "8%", "--strict-dates", "--lang", "en").stdout
    names = ["cliffs.csv", "curve.csv", "curve.svg", "curve_summary.json", "policy.toml"]
    assert sorted(path.name for path in output.iterdir()) == names
    assert (output / "curve.svg").read_text("utf-8") == curve_svg(drawn, "zh")
    before = {path.name: path.read_bytes() for path in output.iterdir()}
    assert run_here(*given, "--to", "0.08", "-o", output).returncode == 0
    assert {path.name: path.read_bytes() for path in output.iterdir()} == before
    for wrong in (
        ("--to", "much"),
        ("--to", "0.08", "-o", tmp_path / "out.xlsx"),
        ("--to", "0.08", "--institution", "I9"),
        ("--to", "0.08", "-o", ledger),
    ):
        assert run_here(*given, *wrong).returncode == 2
    assert read_portfolio(ledger).rows("claims") == 3


def test_frames_are_the_tables(drawn: Curve) -> None:
    assert list(drawn.points.columns) == drawn.tables["curve"].column_names
    assert len(drawn.cliffs) == 3


def test_a_few_cliffs_are_told_and_the_others_counted(
    drawn: Curve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curve_svg_module, "CLIFFS_SHOWN", 1)
    assert "……另有 2 处" in curve_svg(drawn, "zh")
    monkeypatch.setattr(curve_console, "CLIFFS_SHOWN", 1)
    assert "… 2 more" in curve_text(drawn, None, "en", io.StringIO())


@pytest.mark.slow
def test_indicators_in_yuan_and_in_borrowers(tmp_path: Path) -> None:
    text = load_policy(JIYUAN).text
    for name, limit in (("new_guarantees", "1_000_000.01"), ("closing_borrowers", "30")):
        changed = text.replace("indicator.small_agri_share", f"indicator.{name}", 1)
        changed = changed.replace("at_least = 0.80", f"at_least = {limit}", 1)
        (tmp_path / "own.toml").write_text(changed, "utf-8")
        found = curve(portfolio_of(top_tier()), tmp_path / "own.toml", 2022, name, 0, 2_000_000)
        value = Decimal("1000000.01") if name == "new_guarantees" else 30
        (cliff,) = found.tables["cliffs"].to_pylist()
        assert cliff["value_after"] == value
        step = "0.01 元" if name == "new_guarantees" else "1 户"
        assert f"再低 {step}，补偿少 100,000.20 元" in cliff["said"]
        ElementTree.fromstring(curve_svg(found, "zh"))


@pytest.mark.slow
def test_a_cap_that_begins_above_nothing_bends_the_line_twice() -> None:
    """A bank's losses between 1% and 3% of its loans, 161 million yuan at the year's end."""
    tables = top_tier()
    tables["institutions"][0]["kind"] = "银行"
    for row in tables["claims"]:
        row |= {"recovered": "0", "filed_date": ""}
    found = curve(portfolio_of(tables), "qingdao-2015", 2022, "payout_rate", 0, "0.2")
    assert [a.units for a, _ in found.corners] == [161_000_000, 483_000_000]
    assert [a.compensation for a, _ in found.corners] == [0, 96_600_000]
    assert found.jumps == ()
    assert found.path[-1].compensation == 96_600_000
