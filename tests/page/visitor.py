"""Somebody who uses the page: goes to a task, fills in its forms, reads its result.

Playwright is imported inside functions, since pages are only seen where there is a browser.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Locator

POLICY = "jiyuan-2022"
FIGURES = {
    "opening_balance": "4亿",
    "closing_balance": "500,000,000",
    "opening_borrowers": "300",
    "closing_borrowers": "363",
    "small_agri_balance": "46000 万元",
    "released_amount": "3.2亿",
    "payout_amount": "480万",
}
RATIOS = {
    "small_agri_share": "92",
    "balance_growth": "25%",
    "borrower_growth": "21",
    "payout_rate": "1.5",
}
CLAIM = {
    "payout_date": "2022/6/30",
    "principal": "100万",
    "interest": "20,000",
    "borrower_exposure": "300万",
}
SHARES = {"institution": "40", "lender": "20", "reguarantor": "20", "national_fund": "20"}
TIMEOUT = 30_000


class Visitor:
    """One visitor: a page in a browser, in a language, at a width.

    What the page logs as an error, and any request to another origin, fails the test at the end.
    """

    def __init__(self, context: BrowserContext, url: str, language: str, width: int) -> None:
        self.url, self.language, self.width = url.rstrip("/") + "/", language, width
        self.context = context
        self.page = context.new_page()
        self.page.set_default_timeout(TIMEOUT)
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("request", lambda request: self._see(request.url))
        self.page.goto(self.url)
        if language == "en":
            self.language = "zh"
            self.switch_language()

    def _hear(self, message: Any) -> None:
        # A 401 or 422 is an answer like any other, but the browser calls it an error.
        if message.type in ("error", "warning") and "Failed to load" not in message.text:
            self.wrong.append(message.text)

    def _see(self, address: str) -> None:
        if not address.startswith((self.url, "blob:")):
            self.wrong.append(f"asked for {address}")

    def leave(self) -> None:
        # Answers that a test holds back, or that come when nobody waits any more, are of no matter.
        self.page.unroute_all(behavior="ignoreErrors")
        self.context.unroute_all(behavior="ignoreErrors")
        self.context.close()
        assert self.wrong == []

    def at(self, id_: str) -> Locator:
        return self.page.locator(f"#{id_}")

    def rows(self) -> list[Locator]:
        return self.page.locator("main table tbody tr").all()

    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def reads(self, text: str, *, within: str | Locator = "main") -> None:
        """Wait until a part of the page holds the text: the page changes after a click."""
        from playwright.sync_api import expect

        part = self.page.locator(within) if isinstance(within, str) else within
        expect(part).to_contain_text(text, use_inner_text=True, timeout=TIMEOUT)

    def counts(self, found: Locator, number: int) -> None:
        """Wait until so many are found."""
        from playwright.sync_api import expect

        expect(found).to_have_count(number, timeout=TIMEOUT)

    def is_refused(self, *messages: str) -> None:
        """Wait until the list of errors on top holds exactly these messages."""
        from playwright.sync_api import expect

        expect(self.page.locator("#errors li")).to_have_text(list(messages), timeout=TIMEOUT)

    def focuses(self, id_: str) -> None:
        """Wait until an element has the focus."""
        from playwright.sync_api import expect

        expect(self.at(id_)).to_be_focused(timeout=TIMEOUT)

    def proceed(self) -> None:
        self.page.locator("main form button[type=submit]").click()

    def go(self, task: str) -> None:
        self.page.locator(f"#tasks a[href='#/{task}']").click()
        self.at("start-year").wait_for()

    def fill(self, form: str, values: dict[str, str]) -> None:
        for name, value in values.items():
            self.at(f"{form}-{name}").fill(value)

    def choose(self, name: str) -> None:
        """Choose a radio button by its value."""
        self.tick(self.page.locator(f"main input[type=radio][value='{name}']"))

    def choose_policy(self, policy: str, year: int) -> None:
        """Choose a year, then one of the policies in force in it."""
        self.at("start-year").select_option(str(year))
        self.choose(policy)

    def set_up(self, task: str, **choices: str) -> None:
        """Go to a task and past its first page, under jiyuan-2022."""
        self.go(task)
        self.choose_policy(POLICY, 2022)
        for value in choices.values():
            self.choose(value)
        self.proceed()

    def to_figures(self) -> None:
        self.set_up("self-check", how="amounts")
        self.at("institution-opening_balance").wait_for()

    def fill_figures(self, **changes: str) -> None:
        self.tick(self.at("institution-government_backed"))
        self.fill("institution", {**FIGURES, **changes})

    def check_institution(self, **changes: str) -> None:
        """Do 机构自查 with the figures, up to the result."""
        self.to_figures()
        self.fill_figures(**changes)
        self.proceed()
        self.page.locator(".panel").first.wait_for()

    def to_claim(self) -> None:
        self.set_up("one-case")
        self.at("claim-principal").wait_for()

    def fill_claim(self, **changes: str) -> None:
        self.fill("claim", {**CLAIM, **changes})
        self.at("claim-borrower_type").select_option("small_enterprise")
        self.tick(self.at("claim-finance_review"))
        self.tick(self.at("claim-industry_review"))

    def compute_claim(self, **changes: str) -> None:
        """Do 单笔测算, up to the result."""
        self.to_claim()
        self.fill_claim(**changes)
        self.proceed()
        self.at("sharing-lender").wait_for()
        self.fill("sharing", SHARES)
        self.proceed()
        self.at("institution-opening_balance").wait_for()
        self.fill_figures()
        self.proceed()
        self.page.locator(".panel").first.wait_for()

    def tick(self, box: Locator) -> None:
        """Choose by the keyboard: a click misses what moves at that moment, as lines below do."""
        box.press("Space")
        assert box.is_checked()

    def compute_returns(self) -> None:
        """Go on from the result of a claim to the returns of one recovery."""
        self.page.locator("a[href='#/one-case/recoveries']").click()
        self.fill(
            "recoveries",
            {"recovery_date-0": "2023-03-01", "proceeds-0": "30万", "cost-0": "15000"},
        )
        self.proceed()
        title = "追偿返还结果" if self.language == "zh" else "Returns of recoveries"
        self.page.locator("h1", has_text=title).wait_for()

    def to_ledger(self) -> None:
        self.set_up("portfolio")
        self.at("ledger-file").wait_for()

    def compute_ledger(self, file: Any) -> None:
        """Do 批量测算 with a file, up to the result."""
        self.to_ledger()
        self.at("ledger-file").set_input_files(file)
        self.proceed()
        self.at("download").wait_for(timeout=60_000)

    def settle(self, file: Any, day: str, *policies: str) -> None:
        """Do 年度清算 with a file, up to sending it."""
        self.page.locator("#tasks a[href='#/settlement']").click()
        self.at("settlement-file").set_input_files(file)
        for policy in policies or (POLICY,):
            self.tick(self.page.locator(f"main input[type=checkbox][value='{policy}']"))
        self.at("settlement-to").fill(day)
        self.proceed()

    def resize(self, width: int) -> None:
        self.width = width
        self.page.set_viewport_size({"width": width, "height": 800})

    def switch_language(self) -> None:
        self.at("language").click()
        self.language = "en" if self.language == "zh" else "zh"
        self.page.locator(f"html[lang^={self.language}] main:not([aria-busy])").wait_for()

    def fits(self) -> bool:
        """Whether nothing sticks out to the side."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
