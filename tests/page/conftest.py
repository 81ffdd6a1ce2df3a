from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.server import Server
from tests.page.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture
def visit(browser: Browser, server: Server) -> Iterator[Callable[..., Visitor]]:
    """Open the page as somebody new: ``visit("zh", 360)``."""
    visitors: list[Visitor] = []

    def open_page(
        language: str = "zh",
        width: int = 1280,
        url: str = server.url,
        routes: dict[str, Callable[[Any], None]] | None = None,
    ) -> Visitor:
        context = browser.new_context(viewport={"width": width, "height": 800})
        for pattern, handler in (routes or {}).items():
            context.route(pattern, handler)
        visitors.append(Visitor(context, url, language, width))
        return visitors[-1]

    yield open_page
    for visitor in visitors:
        visitor.leave()
