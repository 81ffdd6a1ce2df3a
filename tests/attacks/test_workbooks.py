"""Workbooks made to do harm: read or refused with what is wrong, in little memory and time."""

from __future__ import annotations

import pytest

from tests.attacks.limited import SECONDS, Outcome, under_limits
from tests.attacks.workbooks import ATTACKS

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("attacks")
    files = [folder / f"{i}.xlsx" for i in range(len(ATTACKS))]
    for file, (make, _, _) in zip(files, ATTACKS.values(), strict=True):
        file.write_bytes(make())
    return dict(zip(ATTACKS, under_limits(files), strict=True))


@pytest.mark.parametrize("name", ATTACKS)
def test_a_workbook_that_wants_to_do_harm(name: str, outcomes: dict[str, Outcome]) -> None:
    _, code, said = ATTACKS[name]
    outcome = outcomes[name]
    assert outcome.code == code, outcome.err[:1000]
    assert said in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.seconds < SECONDS
