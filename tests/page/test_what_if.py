"""政策测算 in a browser: numbers are moved; the cost and who changes are those of the library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from compensation import compare, load_policy, read_portfolio
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


@pytest.mark.parametrize("language", ["zh", "en"])
def test_limits_are_moved_and_the_cost_is_seen(visit: Visit, language: str, tmp_path: Path) -> None:
    visitor = opened(visit(language))
    visitor.at(RATE).fill("12")
    visitor.at(EXPOSURE).fill("300万" if language == "zh" else "3,000,000")
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
    for width in (360, 1280):
        visitor.resize(width)
        assert violations(visitor.page) == []
        assert visitor.fits()


def test_what_is_wrong_is_said_and_a_ledger_that_is_gone_is_sent_again(visit: Visit) -> None:
    visitor = opened(visit())
    visitor.at(RATE).fill("30")
    visitor.page.locator(".error-summary").wait_for()
    assert "方案 1：比例 0.3 不在 rates.bounds" in visitor.text()
    visitor.page.route(
        "**/v1/comparisons/*",
        lambda route: route.fulfill(status=404, json={"title": "gone"}),
        times=1,
    )
    visitor.at(RATE).fill("12")
    visitor.page.locator("text=-19,635.94").wait_for(timeout=60_000)
    assert visitor.page.locator(".error-summary").count() == 0
