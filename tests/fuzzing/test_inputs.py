"""What the fuzzer found, read again: whole inputs, odd ones, and those that once made a fault."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from tests.fuzzing.corpus import inputs_of, seeds_of
from tests.fuzzing.targets import TARGETS, clean_up

MEMORY = 2**30
"""Bytes that reading all inputs may add to what the process takes."""


@pytest.fixture(scope="module", autouse=True)
def _cleaned() -> Iterator[None]:
    yield
    clean_up()


@pytest.mark.slow
@pytest.mark.parametrize("target", TARGETS)
def test_all_inputs_are_read_or_refused(target: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    said = [TARGETS[target](content) for content in (*seeds_of(target), *inputs_of(target))]
    assert not all(said), "no input is whole"
    assert any(said), "nothing is wrong with any"
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < MEMORY
