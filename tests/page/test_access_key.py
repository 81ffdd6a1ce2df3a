"""Where the service wants a key, the page asks for it and keeps it for the tab alone."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from tests.api.server import running
from tests.page.axe import violations
from tests.page.visitor import Visitor

Visit = Callable[..., Visitor]
KEY = "k" * 43


def test_a_key_is_asked_for_and_kept_for_the_tab(visit: Visit, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text(f"desk sha256:{hashlib.sha256(KEY.encode()).hexdigest()}\n", encoding="utf-8")
    with running(keys_file=keys) as server:
        visitor = visit(url=server.url)
        visitor.page.locator("#tasks a[href='#/self-check']").click()
        # Whoever would rather not is told, and can come back to it.
        visitor.at("access-key").wait_for()
        visitor.page.keyboard.press("Escape")
        visitor.page.get_by_role("button", name="再试一次").click()

        visitor.at("access-key").fill("wrong")
        visitor.page.keyboard.press("Enter")
        visitor.at("access-error").wait_for()
        assert violations(visitor.page) == []
        visitor.at("access-key").fill(KEY)
        visitor.page.keyboard.press("Enter")
        visitor.at("start-year").wait_for()
        assert visitor.page.evaluate("sessionStorage.length") == 1
        assert KEY not in visitor.page.evaluate("JSON.stringify(localStorage)")
        assert visitor.context.cookies() == []

        visitor.page.reload()
        visitor.at("start-year").wait_for()
        other = visitor.context.new_page()
        other.goto(visitor.url + "#/self-check")
        other.locator("#access-key").wait_for()
