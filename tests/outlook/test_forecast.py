"""A forecast without change repeats its base year to the fen; each line of another is a formula."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from compensation import InputFaults, Policy, assess, forecast, load_policy, settle
from compensation.explanation.lines import lines_at
from compensation.outlook.assumptions import TITLES, assumptions_of
from compensation.outlook.forecast import Forecast
from compensation.outlook.projection import with_days_before
from compensation.policy.catalogue import policy_of_texts
from compensation.refusals import Refused
from compensation.report import forecast_console, forecast_workbook
from compensation.report.forecast_console import forecast_text
from compensation.rules.pool import lines_of
from compensation.whatif.variants import IN_FORCE, vary
from tests.assessing import portfolio_of
from tests.command import run_here
from tests.conftest import seeds
from tests.explanation.recompute import recomputed
from tests.ledgers_of_years import random_ledger
from tests.oracle_reading import half_up, split
from tests.outlook.ledgers import two_institutions
from tests.outlook.test_curve import institution_row, top_tier, unpaid, with_payouts
from tests.portfolios import write_csv

JIYUAN = "jiyuan-2022"
SHARED = ("eligible", "reasons", "rate", "claims", "eligible_claims", "compensation", "payout_rate")
"""What a row of the forecast has in common with one of `assess`."""


def rows(found: Forecast, table: str, assumption: str) -> list[dict[str, Any]]:
    return [row for row in found.tables[table].to_pylist() if row["assumption"] == assumption]


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(0, 24))
def test_without_change_every_year_is_the_base_year_to_the_fen(seed: int) -> None:
    portfolio = portfolio_of(random_ledger(seed))
    found = forecast(portfolio, 2022, 2, 0)
    assessed = assess(portfolio, JIYUAN, 2022)
    expected = assessed.tables["institutions"].to_pylist()
    for name in ("base", "low", "middle", "high"):
        years = rows(found, "forecast_institutions", name)
        for place, row in enumerate(years):
            own = expected[place % len(expected)]
            assert {key: row[key] for key in SHARED} == {key: own[key] for key in SHARED}
        for row in rows(found, "forecast_years", name):
            assert str(row["compensation"]) == assessed.summary["totals"]["compensation"]
            returned = assessed.summary["totals"]["to_government_in_year"]
            assert str(row["returned_to_government"]) == returned


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(40, 56))
def test_a_shift_alone_is_a_ledger_with_these_payouts(seed: int) -> None:
    tables = unpaid(random_ledger(seed))
    tables.pop("payments", None)
    found = forecast(portfolio_of(tables), 2022, 1, 0, ("-0.005", "0.01", "0.02"))
    base = rows(found, "forecast_institutions", "base")
    for name in ("low", "high"):
        for place, row in enumerate(rows(found, "forecast_institutions", name)):
            total = int(row["payout_amount"] * 100)
            if not base[place]["payout_amount"] or not base[place]["released_amount"]:
                continue
            changed = with_payouts(tables, row["institution_id"], 2022, total)
            if changed is None:
                continue
            # The other institutions stay as they are: they share no cap under this policy.
            own = institution_row(changed, JIYUAN, 2022, place)
            assert {key: row[key] for key in SHARED} == {key: own[key] for key in SHARED}


def test_growth_and_shift_worked_by_hand() -> None:
    found = forecast(portfolio_of(top_tier()), 2022, 2, "0.1", "0.009", "0.25")
    first, second = rows(found, "forecast_institutions", "middle")
    rate = Fraction(50_000_100, 5_000_000_000) + Fraction(9, 1000)
    for row, released in ((first, 5_500_000_000), (second, 6_050_000_000)):
        payout = rate * released // 1
        parts = split(payout, [30_000_000, 0, 20_000_001, 0, 99, 0])
        compensation = sum(half_up(part * 2, 10) for part in parts)
        # The institution bears all, so that government's share of what returns is the rate.
        returned = [
            split(half_up(p, 4), [half_up(p * 2, 10), p - half_up(p * 2, 10)]) for p in parts
        ]
        assert row["released_amount"] * 100 == released
        assert row["payout_amount"] * 100 == payout
        assert (row["rate"], row["tier"], row["next_tier"]) == (Decimal("0.2"), 1, None)
        assert row["compensation"] * 100 == compensation
        assert row["returned_to_government"] * 100 == sum(part[0] for part in returned)
    high = rows(found, "forecast_institutions", "high")[0]
    assert high["payout_rate"] == Decimal("0.028000")
    assert (high["tier"], high["rate"], high["next_rate"]) == (2, Decimal("0.15"), Decimal("0.2"))
    gain = high["next_tier_gain"] / high["compensation"]
    assert abs(gain - Decimal(1) / 3) < Decimal("0.0001")
    years = rows(found, "forecast_years", "middle")
    assert years[0]["budget_need"] == years[0]["compensation"] - years[0]["returned_to_government"]
    assert years[0]["pool_closing"] == 0


def test_every_line_is_its_formula() -> None:
    found = forecast(portfolio_of(two_institutions()), 2023, 3, "0.1", "-0.013", "0.3")
    checked = 0
    for year in found.all_years:
        for lines in (*(lines_at(year.steps, row) for row in (0, 1)), lines_at(year.pool, 0)):
            checked += len(recomputed(lines))
    assert checked > 50


def test_the_pool_begins_with_what_is_available_once_the_base_year_is_settled() -> None:
    tables = two_institutions()
    tables["pool"] = [
        {"entry_id": "E1", "entry_date": "2021-01-01", "kind": "opening", "amount": "100000"}
    ]
    portfolio = portfolio_of(tables)
    found = forecast(portfolio, 2022, 2, 0)
    always = vary(load_policy(JIYUAN), (), range(2021, 2023)).policy
    available = lines_of(settle(portfolio, always, datetime.date(2022, 12, 31)).statement)
    assert rows(found, "forecast_years", "base")[0]["pool_closing"] * 100 == available["available"]
    balance = available["available"]
    for row in rows(found, "forecast_years", "low"):
        assert row["pool_opening"] * 100 == balance
        need = max(row["compensation"] - row["returned_to_government"] - row["pool_opening"], 0)
        assert row["budget_need"] == need
        balance += (need + row["returned_to_government"] - row["compensation"]) * 100
        assert row["pool_closing"] * 100 == balance


def test_days_as_written_move_with_the_year() -> None:
    portfolio = portfolio_of(top_tier())
    with pytest.raises(InputFaults, match="2023"):
        forecast(portfolio, 2022, 1, 0, strict_dates=True)
    policy = with_days_before(load_policy("luoyang-2025"), 1)
    assert policy.rules.effective.from_ == datetime.date(2024, 7, 16)
    assert policy.rules.effective.to is None
    leap = datetime.date(2024, 2, 29)
    text = load_policy(JIYUAN).text.replace("to = 2022-12-31", "to = 2024-02-29")
    longer = policy_of_texts({"policy.toml": text})
    assert longer.rules.effective.to == leap
    assert with_days_before(longer, 1).rules.effective.to == datetime.date(2023, 2, 28)
    found = forecast(portfolio, 2022, 2, 0, policy=longer, strict_dates=True)
    # The claims are of November: in 2024 the policy has ended by then.
    low = rows(found, "forecast_institutions", "low")
    assert [row["eligible_claims"] for row in low] == [3, 0]
    assert IN_FORCE not in found.notes


def test_who_paid_nothing_out_and_who_released_nothing_is_said() -> None:
    tables = two_institutions()
    tables["contracts"][0]["release_date"] = ""  # nothing is released in 2022, and C1 is paid out
    found = forecast(portfolio_of(tables), 2022, 1, "0.1", "0.01")
    said = " ".join(note.zh for note in found.notes)
    assert "以后年度也按没有代偿计：I2" in said
    assert "代偿额只随增速变动：I1" in said
    first, second = rows(found, "forecast_institutions", "middle")
    assert first["payout_amount"] == Decimal("55000.00")
    assert first["payout_rate"] is None
    assert second["payout_amount"] == 0


def test_everything_may_end() -> None:
    found = forecast(portfolio_of(top_tier()), 2022, 1, ("-1", "-1", "-1"))
    for row in rows(found, "forecast_years", "middle"):
        assert row["released_amount"] == row["payout_amount"] == row["compensation"] == 0


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("低于 -100%", {"growth": "-0.6"}),
        ("低于 -100%", {"growth": ("-1.000001", 0, 0)}),
        ("高于 1000%", {"growth": "5.1"}),
        ("代偿率变动 200%", {"growth": 0, "payout_rate": 1}),
        ("不在 0 至 100%", {"growth": 0, "recovery_rate": "1.1"}),
        ("给了 2 个", {"growth": (0, 1)}),
        ("小数超过六位", {"growth": "0.0000001"}),
        ("年数 0", {"growth": 0, "years": 0}),
        ("年数 21", {"growth": 0, "years": 21}),
        ("不按代偿计算", {"growth": 0, "policy": "fujian-2008"}),
    ],
)
def test_what_cannot_be_assumed_is_said(said: str, given: dict[str, Any]) -> None:
    with pytest.raises(Refused) as caught:
        forecast(portfolio_of(top_tier()), 2022, **{"years": 1, **given})
    assert said in caught.value.message.zh
    assert caught.value.message.en


def test_other_wrong_arguments() -> None:
    portfolio = portfolio_of(top_tier())
    with pytest.raises(TypeError, match="float"):
        forecast(portfolio, 2022, 1, 0.1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Portfolio"):
        forecast({}, 2022, 1, 0)  # type: ignore[arg-type]
    with pytest.raises(InputFaults, match="2030"):
        forecast(portfolio, 2030, 1, 0)
    with pytest.raises(InputFaults, match="9,999"):
        forecast(portfolio, 2022, 20, 5)


def test_assumptions_of_one_number_and_of_three() -> None:
    low, middle, high = assumptions_of("0.1", "-0.01", "0.3")
    assert [each.growth for each in (low, middle, high)] == [0, 100_000, 200_000]
    assert [each.shift for each in (low, middle, high)] == [0, -10_000, -20_000]
    assert [each.recovery for each in (low, middle, high)] == [300_000] * 3
    given = assumptions_of((1, "0.5", Decimal(0)), 0, None)
    assert [each.growth for each in given] == [1_000_000, 500_000, 0]
    assert given[0].recovery is None


@pytest.mark.slow
def test_what_is_printed_and_written(tmp_path: Path) -> None:
    ledger, output = tmp_path / "ledger", tmp_path / "out"
    write_csv(top_tier(), ledger)
    given = (
        "forecast",
        ledger,
        "--policy",
        "jiyuan-2022",
        "--base-year",
        "2022",
        "--growth",
        "0.10",
        "-o",
        output,
    )
    done = run_here(*given, "--payout-rate", "+0.01", "--recovery-rate", "30%")
    assert done.returncode == 0
    assert "中：增速 10%，代偿率 +1 个百分点，追偿回收率 30%" in done.stdout
    assert "政策视为在所测算的各年度均有效" in done.stdout
    names = [f"forecast_{name}" for name in ("institutions.csv", "lines.csv", "summary.json")]
    names += ["forecast_years.csv", "policy.toml"]
    assert sorted(path.name for path in output.iterdir()) == names
    before = {path.name: path.read_bytes() for path in output.iterdir()}
    assert run_here(*given, "--payout-rate", "0.01", "--recovery-rate", "0.3").returncode == 0
    assert {path.name: path.read_bytes() for path in output.iterdir()} == before
    said = run_here(*given[:-2], "--lang", "en", "--growth", "0,0.1,0.3").stdout
    assert "recovery rate as in the base year" in said
    for wrong in (
        ("--growth", "0.1,0.2"),
        ("--years", "three"),
        ("--growth", "-2"),
        ("--strict-dates",),
        ("--policy", "jiyuan"),
    ):
        assert run_here(*given, *wrong).returncode == 2, wrong


def test_frames_are_the_tables_and_institutions_beyond_the_screen_are_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = forecast(portfolio_of(two_institutions()), 2022, 1, "0.1")
    assert len(found.years) == 4
    assert len(found.institutions) == 8
    assert set(found.lines["assumption"]) == {"base", "low", "middle", "high"}
    monkeypatch.setattr(forecast_console, "INSTITUTIONS_SHOWN", 1)
    assert "… 1 more institutions" in forecast_text(found, None, "en", io.StringIO())


def test_a_rate_that_is_each_claims_own_is_not_an_institutions() -> None:
    """And an indicator that is computed from several cannot be carried on."""
    text = load_policy(JIYUAN).text
    by_claim = text.replace('value = "indicator.small_agri_share", at_least = 0.90', PRINCIPAL)
    found = forecast(portfolio_of(top_tier()), 2022, 1, 0, policy=policy_of_text(by_claim))
    for row in rows(found, "forecast_institutions", "middle"):
        assert row["rate"] is row["next_tier"] is row["next_tier_gain"] is None
        assert row["compensation"] > 0
    computed = text.replace(SINGLE_TICKET, 'value = { max = ["indicator.payout_rate", 0] }\n\n')
    computed = computed.replace(
        '"indicator.payout_rate"\nat_most', '"indicator.single_ticket_share"\nat_most'
    )
    with pytest.raises(Refused, match="由多项计算"):
        forecast(portfolio_of(top_tier()), 2022, 1, 0, policy=policy_of_text(computed))


PRINCIPAL = 'value = "claims.principal", at_least = 0'
SINGLE_TICKET = load_policy(JIYUAN).text.partition("[[indicators]]")[2]
SINGLE_TICKET = "value = { over" + SINGLE_TICKET.partition("value = { over")[2].partition("\n\n")[0]


def policy_of_text(text: str) -> Policy:
    return policy_of_texts({"policy.toml": text})


def test_a_rate_of_payouts_of_the_policys_own_is_carried_on() -> None:
    """Of three years: what other years paid out grows, what is paid out in the year is scaled."""
    text = load_policy(JIYUAN).text
    years = (
        'value = { over = [ { measure = "payout_amount", years = 3 },'
        ' { measure = "released_amount", years = 3 } ] }'
    )
    own = text.replace(SINGLE_TICKET, years)
    own = own.replace(
        '"indicator.payout_rate"\nat_most', '"indicator.single_ticket_share"\nat_most'
    )
    found = forecast(
        portfolio_of(two_institutions()), 2023, 1, (0, "0.1", 0), policy=policy_of_text(own)
    )
    year = next(each for each in found.all_years if each.assumption == "middle")
    variable = year.decided.indicators["single_ticket_share"]
    assert variable.denominator is not None
    # 50,000 of 2022 and 100,000 of 2023, both a tenth more, over 3,000,000 released.
    assert int(variable.numerator[0]) == 5_500_000 + 11_000_000
    assert int(variable.denominator[0]) == 330_000_000
    assert not variable.known[1]


@pytest.mark.slow
def test_the_workbook_says_what_the_tables_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = two_institutions()
    ledger, book = tmp_path / "ledger", tmp_path / "book.xlsx"
    write_csv(tables, ledger)
    asked = ("--policy", "jiyuan-2022", "--base-year", "2022", "--growth", "0.1")
    given = ("forecast", ledger, *asked, "-o", book)
    assert run_here(*given).returncode == 0
    first = book.read_bytes()
    assert run_here(*given).returncode == 0  # its own earlier result is replaced
    assert book.read_bytes() == first
    assert run_here("indicators", ledger, "--years", "2022", "-o", book).returncode == 2
    found = forecast(portfolio_of(tables), 2022, 3, "0.1")
    sheets = CalamineWorkbook.from_path(str(book))
    assert sheets.sheet_names == list(forecast_workbook.SHEETS)
    years = sheets.get_sheet_by_name("各年").to_python()[3:]
    for row, own in zip(years, found.tables["forecast_years"].to_pylist(), strict=True):
        assert row[0] == TITLES[own["assumption"]].zh
        assert row[1] == str(own["year"])
        assert row[2:] == ["" if v is None else float(v) for v in list(own.values())[2:]]
    institutions = sheets.get_sheet_by_name("各机构").to_python()[3:]
    assert len(institutions) == len(found.institutions)
    assert "支小支农占比不低于 80%" in str(institutions)
    said = [row[3] for row in sheets.get_sheet_by_name("算式").to_python()[3:]]
    assert said == list(found.lines["said"])
    notes = [row[0] for row in sheets.get_sheet_by_name("假定与说明").to_python()[1:]]
    assert notes[1:3] == [
        "中：增速 10%，代偿率不变，追偿回收率沿用基年",
        "高：增速 20%，代偿率不变，追偿回收率沿用基年",
    ]
    assert notes[3:] == [note.zh for note in found.notes]
    monkeypatch.setattr("compensation.report.sheet.MAX_ROWS", 4)
    assert run_here(*given[:-1], tmp_path / "other.xlsx").returncode == 3
