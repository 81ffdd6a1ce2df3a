"""政策测算 in a browser: numbers are moved; the cost and who changes are those of the library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from compensation import compare, curve, forecast, load_policy, read_portfolio, solve, vary
from tests.page.axe import violations
from tests.page.ledgers import EXAMPLE
from tests.page.visitor import POLICY, Visitor

Visit = Callable[..., Visitor]
RATE = "what-if-1-rates-tiers-2-rate"
EXPOSURE = "what-if-2-claim_conditions-borrower_exposure-at_most"


def opened(visitor: Visitor) -> Visitor:
    visitor.page.locator("#tasks a[href='#/what-if']").click()
    visitor.at("what-if-years").wait_for()
    visitor.choose(POLICY)
    visitor.fill("what-if", {"years": "2022"})
    visitor.at("what-if-file").set_input_files(EXAMPLE)
    visitor.proceed()
    visitor.at("what-if-who").wait_for(timeout=60_000)
    return visitor


def test_limits_are_moved_and_the_cost_is_seen(visit: Visit, tmp_path: Path) -> None:
    visitor = opened(visit())
    visitor.at(RATE).fill("12")
    visitor.at(EXPOSURE).fill("300万")
    visitor.at("download-1").wait_for()
    visitor.page.locator("text=-19,635.94").wait_for()
    text = visitor.text()
    for figure in ("105,564.25", "85,928.31", "67,669.75", "-37,894.50", "DC2022-08"):
        assert figure in text, figure
    assert "--set 'rates.tiers[2].rate=0.12'" in text
    ours = compare(
        read_portfolio(EXAMPLE), load_policy(POLICY), [2022], ["rates.tiers[2].rate=0.12"]
    )
    with visitor.page.expect_download() as download:
        visitor.at("download-1").click()
    download.value.save_as(tmp_path / "variant.toml")
    assert load_policy(tmp_path / "variant.toml").digest == ours.variants[1].policy.digest
    ask_further(visitor)
    visitor.resize(360)
    assert violations(visitor.page) == []
    assert visitor.fits()
    visitor.switch_language()
    visitor.at(EXPOSURE).fill("5,000,000")
    change = visitor.page.locator("text=-37,894.50")
    visitor.counts(change, 0)
    visitor.at(EXPOSURE).fill("3,000,000")
    change.first.wait_for()
    visitor.resize(1280)
    assert violations(visitor.page) == []
    assert visitor.fits()


def same_as_the_library(visitor: Visitor) -> None:
    """Hold what the further questions show of variant 1 against the library's figures."""
    page, ledger = visitor.page, read_portfolio(EXAMPLE)
    policy = vary(load_policy(POLICY), ["rates.tiers[2].rate=0.12"]).policy
    cliffs = curve(ledger, policy, 2022, "payout_rate", 0, "0.08").cliffs["said"].tolist()
    assert page.locator("#curve-answer li").all_inner_texts() == cliffs
    years = forecast(ledger, 2022, 3, "0.10", 0, ("0.2", "0.3", "0.4"), policy).years
    rows = page.locator("#forecast-answer table").first.locator("tbody tr").all_inner_texts()
    for row, amount in zip(rows, years["returned_to_government"], strict=True):
        assert f"{amount:,}" in row
    found = solve(ledger, policy, [2022], "rates.tiers[3].rate", "compensation<=120000").found
    visitor.reads(f"{found.figure / 100:,.2f}", within="#solve-answer")
    visitor.reads("14.847%", within="#history-answer")


def ask_further(visitor: Visitor) -> None:
    """Ask each further question, of variant 1 where it is of one."""
    page = visitor.page
    visitor.tick(visitor.at("which-variant-1"))
    for question in ("solve", "curve", "forecast", "history"):
        page.locator(f"#{question} > summary").click()
    visitor.at("curve-to").fill("x")
    page.locator("#curve button[type=submit]").click()
    page.locator("#curve .error-summary").wait_for()
    visitor.at("curve-to").fill("8")
    visitor.at("solve-path").select_option("rates.tiers[3].rate")
    visitor.fill("solve", {"value": "12万"})
    visitor.fill("forecast", {"growth": "10", "recovery_rate": "20,30,40"})
    visitor.fill("history", {"years": "2021-2023"})
    for question in ("solve", "curve", "forecast", "history"):
        page.locator(f"#{question} button[type=submit]").click()
        page.locator(f"#{question}-answer table").first.wait_for()
    same_as_the_library(visitor)
    visitor.counts(page.locator("#curve-answer svg polyline"), 3)
    assert "jiyuan" not in page.locator("#curve-answer").inner_text()


def test_what_is_wrong_is_said_and_a_ledger_that_is_gone_is_sent_again(visit: Visit) -> None:
    visitor = opened(visit())
    visitor.at(RATE).fill("30")
    visitor.page.locator(".error-summary").wait_for()
    visitor.reads("方案 1：比例 0.3 不在 rates.bounds")
    visitor.page.route(
        "**/v1/comparisons/*",
        lambda route: route.fulfill(status=404, json={"title": "gone"}),
        times=1,
    )
    visitor.at(RATE).fill("12")
    visitor.page.locator("text=-19,635.94").wait_for(timeout=60_000)
    visitor.counts(visitor.page.locator(".error-summary"), 0)
