"""Make the pictures of docs/self-check.zh-CN.md: the page in Chromium, with the service running.

Needs Chromium, so it is run by hand after the page has changed.

    python -m docs.make_page_pictures
"""

from __future__ import annotations

from pathlib import Path

from tests.api.server import running
from tests.page.browsing import chromium
from tests.page.ledgers import EXAMPLE, faulty, to_settle
from tests.page.visitor import Visitor

IMAGES = Path(__file__).parent / "images"
WIDTH = 900
PHONE = 360
PAUSE = 600
"""Milliseconds until what was typed has been said back."""


def main() -> None:
    """Do the four tasks, taking a picture of each page that the guide shows."""
    with running() as server, chromium() as browser:
        for pictures in (_self_check, _one_case, _portfolio, _settlement, _phone):
            context = browser.new_context(viewport={"width": WIDTH, "height": 700})
            visitor = Visitor(context, server.url, "zh", WIDTH)
            pictures(visitor)
            visitor.leave()


def _picture(visitor: Visitor, name: str, height: int | None = None) -> None:
    """Save the page, down to ``height`` pixels where that is given."""
    visitor.page.wait_for_timeout(PAUSE)
    visitor.page.evaluate("document.activeElement.blur()")
    clip = None
    if height is not None:
        clip = {"x": 0.0, "y": 0.0, "width": float(visitor.width), "height": float(height)}
    visitor.page.screenshot(path=IMAGES / f"page-{name}.png", full_page=True, clip=clip)  # type: ignore[arg-type]


def _self_check(visitor: Visitor) -> None:
    _picture(visitor, "home")
    visitor.to_figures()
    visitor.fill_figures(payout_amount="", closing_borrowers="329")
    visitor.proceed()
    _picture(visitor, "errors", 900)
    visitor.fill_figures(closing_borrowers="329")
    visitor.proceed()
    visitor.page.locator(".panel").first.wait_for()
    _picture(visitor, "institution", 1150)


def _one_case(visitor: Visitor) -> None:
    visitor.to_claim()
    visitor.fill_claim()
    _picture(visitor, "claim", 900)
    visitor.compute_claim()
    _picture(visitor, "claim-result", 1000)
    visitor.page.locator("figure").screenshot(path=IMAGES / "page-borne.png")
    visitor.compute_returns()
    _picture(visitor, "returns", 900)


def _portfolio(visitor: Visitor) -> None:
    visitor.to_ledger()
    visitor.at("ledger-file").set_input_files(faulty())
    visitor.proceed()
    visitor.page.locator("table").wait_for()
    _picture(visitor, "faults")
    visitor.page.locator("main a.button").click()
    visitor.compute_ledger(EXAMPLE)
    _picture(visitor, "ledger", 1500)


def _settlement(visitor: Visitor) -> None:
    visitor.settle(to_settle(), "2023-12-31")
    visitor.at("download").wait_for()
    _picture(visitor, "settlement", 1500)


def _phone(visitor: Visitor) -> None:
    visitor.resize(PHONE)
    visitor.check_institution()
    _picture(visitor, "phone", 700)


if __name__ == "__main__":
    main()
