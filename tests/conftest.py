"""Settings of all tests."""

from __future__ import annotations

from hypothesis import settings

# A deadline fails on a slow or busy machine, and no test here is about time.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")
