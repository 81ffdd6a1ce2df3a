"""axe-core finds no violation: each task at its start, with errors, with its result.

In Chinese on a phone and in English on a desktop; in all four ways nothing sticks out.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.page.axe import violations
from tests.page.ledgers import EXAMPLE, faulty
from tests.page.visitor import Visitor

Visit = Callable[..., Visitor]
WIDTHS = (360, 1280)
MIXED = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (/\\p{Script=Han}/u.test(data) && parentElement.closest("[lang]").lang === "en") {
      found.push(data);
    }
  }
  return found;
}"""
"""The texts that hold Chinese and would be read out as English."""


def look(visitor: Visitor, name: str) -> None:
    """Nothing sticks out to the side, and axe finds nothing in what is seen at one of the widths.

    A screen reader is told what is Chinese in an English result.
    The pages of this language are looked at on a phone, those of the other one on a desktop in
    the dark.
    """
    for looked_at in WIDTHS:
        for width in WIDTHS:
            visitor.resize(width)
            way = f"{name} {visitor.language} {width}"
            assert visitor.fits(), way
            if visitor.language == "en" and "result" in name:
                assert visitor.page.evaluate(MIXED) == [], way
            if width == looked_at:
                visitor.page.emulate_media(color_scheme="light" if width == 360 else "dark")
                assert violations(visitor.page) == [], way
        visitor.switch_language()


def test_institution(visit: Visit) -> None:
    visitor = visit()
    look(visitor, "home")
    visitor.go("self-check")
    look(visitor, "self-check-1-start")
    visitor.to_figures()
    visitor.fill_figures(closing_balance="5,0000", released_amount="")
    visitor.proceed()
    look(visitor, "self-check-2-errors")
    visitor.fill_figures(closing_balance="4.32亿", small_agri_balance="3.8亿")
    visitor.proceed()
    visitor.page.locator(".panel").first.wait_for()
    visitor.page.locator("#curve > summary").click()
    visitor.page.locator("#curve button[type=submit]").click()
    visitor.page.locator("#curve-answer svg").wait_for()
    look(visitor, "self-check-3-result")
    axe_would_find_something(visitor)


def axe_would_find_something(visitor: Visitor) -> None:
    visitor.page.evaluate("document.querySelector('#language').textContent = ''")
    assert any(found.startswith("button-name") for found in violations(visitor.page))


def test_one_claim(visit: Visit) -> None:
    visitor = visit()
    visitor.go("one-case")
    look(visitor, "one-case-1-start")
    visitor.to_claim()
    visitor.fill_claim(principal="0.001", payout_date="2022-02-30")
    visitor.proceed()
    look(visitor, "one-case-2-errors")
    visitor.compute_claim()
    look(visitor, "one-case-3-result")
    visitor.compute_returns()
    look(visitor, "one-case-4-returns")


def test_ledger(visit: Visit) -> None:
    visitor = visit()
    visitor.to_ledger()
    look(visitor, "portfolio-1-file")
    visitor.page.route("**/v1/assessments", lambda _: None)
    visitor.at("ledger-file").set_input_files(EXAMPLE)
    visitor.proceed()
    visitor.at("cancel").wait_for()
    look(visitor, "portfolio-2-working")
    visitor.at("cancel").click()
    visitor.page.unroute("**/v1/assessments")
    visitor.at("ledger-file").set_input_files(faulty())
    visitor.proceed()
    visitor.page.locator("table").wait_for(timeout=60_000)
    look(visitor, "portfolio-3-errors")
    visitor.page.locator("main a.button").click()
    visitor.at("ledger-file").set_input_files(EXAMPLE)
    visitor.proceed()
    visitor.at("download").wait_for(timeout=60_000)
    visitor.reads("济源示例融资担保有限公司")
    look(visitor, "portfolio-4-result")
    assert visitor.at("announcer").inner_text() == ""


def test_the_guide(visit: Visit) -> None:
    """It opens beside the page, at the heading of the task, and serves a phone as well."""
    visitor = visit()
    for _ in range(2):
        guides = set()
        for task in range(1, 6):
            visitor.page.locator(f"#tasks li:nth-child({task}) a").click()
            visitor.page.locator(f"#tasks li:nth-child({task}) a[aria-current]").wait_for()
            guides.add(str(visitor.at("guide").get_attribute("href")))
        assert visitor.at("guide").get_attribute("target") == "_blank"
        assert len(guides) == 5
        other = visitor.page
        visitor.page = visitor.context.new_page()
        for guide in guides:
            visitor.page.goto(visitor.url + guide)
            visitor.counts(visitor.page.locator("h2:target"), 1)
        for width in WIDTHS:
            visitor.resize(width)
            assert visitor.fits()
        assert violations(visitor.page) == []
        visitor.page = other
        visitor.switch_language()
