"""A real Chromium for the tests of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.missing import missing, program

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FEATURES = (
    # Pages of the browser's own that each window would load, for suggestions that nobody asks for:
    # a third of what a visit takes.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    # The last list counts, so it holds those of Playwright's that bear on pages or ask a network.
    *("HttpsUpgrades", "LensOverlay", "MediaRouter", "NetworkTimeServiceQuerying"),
    *("OptimizationHints", "PaintHolding", "PreconnectToSearch"),
)
"""Of the browser, turned off."""
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    f"--disable-features={','.join(FEATURES)}",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium, driven by Playwright."""
    path = program("chromium", "chromium-browser", package="chromium")
    try:
        # A machine may lack it.
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        missing("the package playwright")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()
