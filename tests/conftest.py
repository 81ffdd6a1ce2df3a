"""Settings of all tests, and the service that those of the API and the page ask.

Each run of the tests draws examples anew, so that many runs see many: few are enough for one that
people wait for. ``HYPOTHESIS_PROFILE=deep`` draws a hundred times as many, of tests that give a
number of their own where they say `DEPTH`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, settings

if TYPE_CHECKING:
    from tests.api.server import Server

DEPTH = 100 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 1
"""How many times as many examples as usual."""

# A deadline fails on a slow or busy machine, and no test here is about time.
settings.register_profile("tests", deadline=None, max_examples=50 * DEPTH)
settings.load_profile("tests")

# For `make mutants`, which runs the same tests a thousand times: the same examples each time, none
# made smaller, since that one fails is all that is asked.
settings.register_profile(
    "mutants",
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=20,
    phases=(Phase.explicit, Phase.generate),
)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One open service on loopback for all tests that only ask."""
    from tests.api.server import running

    with running() as started:
        yield started
