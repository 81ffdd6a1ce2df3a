"""Settings of all tests."""

from __future__ import annotations

from hypothesis import Phase, settings

# A deadline fails on a slow or busy machine, and no test here is about time.
settings.register_profile("tests", deadline=None)
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
