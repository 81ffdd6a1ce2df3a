"""By keyboard alone, on paper, at other sizes, below a path, and with nothing from outside."""

from __future__ import annotations

import gzip
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.api.server import Server
from tests.missing import program
from tests.page.visitor import CLAIM, FIGURES, SHARES, Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Route

Visit = Callable[..., Visitor]


class Keyboard:
    """A person who has a keyboard only, and looks where the focus is."""

    def __init__(self, visitor: Visitor) -> None:
        self.page = visitor.page
        self.press = visitor.page.keyboard.press

    def focused(self) -> str:
        found: str = self.page.evaluate("document.activeElement.id || document.activeElement.name")
        return found

    def tab_to(self, id_: str) -> None:
        for _ in range(60):
            if self.focused() == id_:
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not lead to {id_}")

    def type_into(self, form: str, values: dict[str, str]) -> None:
        for name, value in values.items():
            self.tab_to(f"{form}-{name}")
            self.page.keyboard.type(value)

    def follow(self, href: str) -> None:
        for _ in range(60):
            if self.page.evaluate("document.activeElement.getAttribute('href')") == href:
                self.press("Enter")
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not lead to {href}")


def test_one_claim_by_keyboard_alone(visit: Visit) -> None:
    visitor = visit()
    keys = Keyboard(visitor)
    keys.press("Tab")
    assert keys.focused() == "skip"
    keys.press("Enter")
    visitor.page.locator("h1:focus").wait_for()
    keys.follow("#/one-case")
    visitor.at("start-year").wait_for()
    visitor.page.locator("h1:focus").wait_for()
    keys.tab_to("start-year")
    while visitor.at("start-year").input_value() != "2022":
        keys.press("ArrowDown")
    keys.tab_to("start-policy")
    # jiyuan-2022 is not the first: the arrows choose among radio buttons.
    while not visitor.page.locator("input[value='jiyuan-2022']").is_checked():
        keys.press("ArrowDown")
    keys.press("Enter")
    visitor.at("claim-principal").wait_for()
    keys.type_into(
        "claim", {name: CLAIM[name] for name in ("payout_date", "principal", "interest")}
    )
    keys.tab_to("claim-borrower_type")
    while visitor.at("claim-borrower_type").input_value() != "small_enterprise":
        keys.press("ArrowDown")
    keys.type_into("claim", {"borrower_exposure": CLAIM["borrower_exposure"]})
    for review in ("finance_review", "industry_review"):
        # Pending, the last, is chosen beforehand; the arrows go round.
        keys.tab_to(f"claim-{review}-pending")
        keys.press("ArrowDown")
    keys.press("Enter")
    visitor.at("sharing-lender").wait_for()
    keys.type_into("sharing", SHARES)
    keys.press("Enter")
    visitor.at("institution-opening_balance").wait_for()
    keys.tab_to("institution-government_backed")
    keys.press("Space")
    keys.type_into("institution", FIGURES)
    keys.press("Enter")
    visitor.page.locator(".panel", has_text="204,000.00 元").wait_for()
    visitor.page.locator("h1:focus").wait_for()
    the_focus_is_always_seen(visitor, keys)


def the_focus_is_always_seen(visitor: Visitor, keys: Keyboard) -> None:
    """From the heading of a page to its last element."""
    visitor.go("self-check")
    visitor.page.locator("h1:focus").wait_for()
    keys.press("Tab")
    while visitor.page.evaluate("document.activeElement !== document.body"):
        style = visitor.page.evaluate(
            """() => { const style = getComputedStyle(document.activeElement);
              return [style.outlineStyle, style.boxShadow]; }"""
        )
        assert style[0] == "solid" or style[1] != "none", keys.focused()
        keys.press("Tab")


def test_on_paper_and_back(visit: Visit, tmp_path: Path) -> None:
    """The printed result holds the answer, what it rests on, and no button.

    From it, back goes one page back and keeps what was typed.
    """
    visitor = visit()
    visitor.compute_claim()
    left = with_rows_left_out(visitor)
    assert not left.is_visible()
    visitor.page.emulate_media(media="print")
    assert left.is_visible()
    for selector in ("#language", "#tasks", ".button", ".back"):
        assert not visitor.page.locator(selector).first.is_visible(), selector
    path = tmp_path / "one-case-result.pdf"
    visitor.page.pdf(path=path, format="A4", prefer_css_page_size=True)
    pdftotext = program("pdftotext", package="poppler-utils")
    text = subprocess.run(
        [pdftotext, "-layout", path, "-"], capture_output=True, check=True, encoding="utf-8"
    ).stdout
    assert "204,000.00" in text
    assert "贰拾万肆仟元整" in text
    assert "打印本页" not in text
    # What is folded on the screen is unfolded on paper.
    assert "年度为公历1月1日至12月31日" in text
    visitor.page.emulate_media(media="screen")
    for step in ("institution", "sharing", "claim"):
        visitor.page.go_back()
        visitor.page.wait_for_url(f"**/#/one-case/{step}")
    assert visitor.at("claim-principal").input_value() == "100万"


def with_rows_left_out(visitor: Visitor) -> Locator:
    """Put a long table at the end of the page; return what counts the rows it leaves out."""
    visitor.page.evaluate(
        """async (tables) => {
          const { longTable } = await import(tables);
          const rows = [...Array(205).keys()];
          document.querySelector("main").append(
            longTable("a", [{ title: "b" }], rows, (row) => [String(row)]));
        }""",
        f"{visitor.url}page/js/tables.js",
    )
    return visitor.page.get_by_text("另有 5 行没有列在这里")


def test_nothing_to_press_is_smaller_than_a_finger_and_results_are_announced(visit: Visit) -> None:
    visitor = visit("zh", 360)
    visitor.to_claim()
    small = visitor.page.evaluate(
        """() => [...document.querySelectorAll('main input, main button, main select')]
          .filter((node) => node.getBoundingClientRect().height < (node.type === 'radio' ? 24 : 44))
          .map((node) => node.id || node.textContent)"""
    )
    assert small == []
    visitor.proceed()
    assert visitor.at("errors").get_attribute("role") == "alert"
    assert visitor.at("claim-principal-said").evaluate("node => node.tagName") == "OUTPUT"
    assert visitor.at("announcer").get_attribute("role") == "status"
    at_twice_the_letter_size_nothing_is_cut_off(visitor)


def at_twice_the_letter_size_nothing_is_cut_off(visitor: Visitor) -> None:
    visitor.switch_language()
    visitor.resize(640)
    visitor.page.evaluate("document.documentElement.style.fontSize = '200%'")
    visitor.to_figures()
    visitor.fill_figures()
    assert visitor.fits()


def test_the_page_is_strict_about_where_things_come_from(server: Server) -> None:
    headers = server.client.get("/").headers
    policy = headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-cache"


def test_below_a_path_of_a_proxy(visit: Visit, server: Server) -> None:
    """A visitor fails at the end if anything was asked for outside of the path.

    There, too, a result is not shown for another policy.
    """

    def passed_on(route: Route) -> None:
        inner = route.request.url.replace("/compensation/", "/", 1)
        route.fulfill(response=route.fetch(url=inner))

    visitor = visit(url=f"{server.url}/compensation", routes={"**/compensation/**": passed_on})
    visitor.check_institution()
    visitor.go("self-check")
    visitor.choose_policy("henan-provincial-2020", 2022)
    visitor.page.evaluate("location.hash = '#/self-check/result'")
    visitor.reads("机构 2022 年的情况", within="h1")


STATIC = Path(__file__).parents[2] / "api" / "page" / "static"


def test_every_module_is_asked_for_at_once() -> None:
    """What main.js leads to is in the page's head: a slow line is waited for once."""
    asked, found = {STATIC / "js" / "main.js"}, set[Path]()
    while asked:
        module = asked.pop()
        found.add(module)
        imports = re.findall(r'from "(\.[^"]+)"', module.read_text(encoding="utf-8"))
        asked |= {(module.parent / path).resolve() for path in imports} - found
    index = (STATIC / "index.html").read_text(encoding="utf-8")
    linked = re.findall(
        r'<(?:link rel="modulepreload" href|script type="module" src)="page/(.+?)"', index
    )
    assert {STATIC / path for path in linked} == found
    assert len(linked) == len(found)
    files = [path for path in STATIC.rglob("*.*") if path.suffix != ".html"]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < 150_000


def test_files_of_the_page_name_no_other_place() -> None:
    for path in STATIC.rglob("*.*"):
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text, path
        assert "innerHTML" not in text, path
