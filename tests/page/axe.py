"""axe-core in the page, with all its rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.missing import missing

if TYPE_CHECKING:
    from playwright.sync_api import Page

FIND = "() => axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations)"


def violations(page: Page) -> list[str]:
    """Return what axe-core finds, a line for each element."""
    try:
        # A machine may lack it.
        from axe_playwright_python.base import AXE_SCRIPT
    except ModuleNotFoundError:
        missing("the package axe-playwright-python")
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[Any] = page.evaluate(FIND)
    return [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]
