"""Settings of all tests, their marks, and the service that those of the API and the page ask.

Each run of the tests draws examples anew, so that many runs see many: few are enough for one that
people wait for. ``HYPOTHESIS_PROFILE=deep`` draws two hundred times as many, of tests that give a
number of their own where they say `DEPTH`; ``HYPOTHESIS_PROFILE=coverage`` twice as many. With CI
set, the same examples are drawn each time, so that what fails there is what the change broke.

A test that asks a browser, a server or Spark is run once more if it fails, since other programs
of a busy machine can fail it; the summary counts such tests as rerun.

`make quick` leaves out tests marked ``process`` or ``slow``. Those that use a fixture of `STARTING`
are marked by it; the others say so themselves, and one that starts a process without fails.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings

from tests.api.server import Server, running
from tests.page.browsing import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser

DEPTH = {"deep": 200, "coverage": 2}.get(os.environ.get("HYPOTHESIS_PROFILE", ""), 1)
"""How many times as many examples as usual."""


def seeds(first: int, end: int) -> range:
    """Return the seeds of a test's random ledgers: a quarter of these, all in the deep profile.

    The same each time, unlike Hypothesis's. Properties that Hypothesis draws ledgers for as well
    need few of them.
    """
    return range(first, end if DEPTH > 1 else first + max(2, (end - first) // 4))


# A deadline fails on a slow or busy machine, and no test here is about time.
CI = bool(os.environ.get("CI"))
settings.register_profile(
    "tests", deadline=None, max_examples=10 if DEPTH == 1 else 15 * DEPTH, derandomize=CI
)
settings.load_profile("tests")

# For `tools/mutants`, which runs the same tests a thousand times: the same examples each time, none
# made smaller, since that one fails is all that is asked.
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=20,
    phases=(Phase.explicit, Phase.generate),
)


STARTING = {"server", "guarded", "browser", "spark", "disk"}
"""Fixtures that start a process."""
ASKING = {*STARTING - {"disk"}, "hurried"}
"""Those of a process that tests ask and wait for."""
PROCESS_EVENTS = {"subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn"}
"""What Python tells an audit hook where a process starts."""
_started: list[str] = []
"""Those of the test that runs."""

sys.addaudithook(lambda event, _: _started.append(event) if event in PROCESS_EVENTS else None)


@pytest.hookimpl(tryfirst=True)  # before `-m` chooses
def pytest_collection_modifyitems(items: Sequence[pytest.Function]) -> None:
    """Mark the tests that use a fixture of `STARTING`, and those of `ASKING` for a rerun."""
    for item in items:
        if not STARTING.isdisjoint(item.fixturenames):
            item.add_marker("process")
        if not ASKING.isdisjoint(item.fixturenames):
            item.add_marker(pytest.mark.flaky(reruns=1))


# What is collected stays until the end: a search for what could be freed takes a second of each
# worker while it comes, and finds nothing.
gc.disable()


def pytest_collection_finish() -> None:
    """Free memory from now on, and leave what there is alone."""
    gc.freeze()
    # Seldom: nearly all that a test makes is freed by the counts of its references.
    gc.set_threshold(20_000, 20, 20)
    gc.enable()
    # The interpreter frees all of it: some libraries complain of what is left. Not before, since
    # pytest searches memory several times as it ends.
    atexit.register(gc.unfreeze)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Iterator[None]:
    """Forget the processes of the test before."""
    _started.clear()
    yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail a test that has started a process and is not marked."""
    yield
    if _started and item.get_closest_marker("process") is None:
        pytest.fail("this test starts a process: mark it with pytest.mark.process")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of pages.

    From then on Playwright's event loop is at work in this thread: `tests.api.server.completed`
    runs coroutines beside it.
    """
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One open service on loopback for all tests that only ask."""
    with running() as started:
        started.wait_until_ready()
        yield started
