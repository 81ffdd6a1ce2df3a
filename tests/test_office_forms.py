"""The ledger of the tutorial's picture: office forms, and the result of the same rows plainly."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from compensation.assessment import Assessment, assess
from compensation.ledger.portfolio_input import portfolio_of_frames, read_portfolio
from compensation.streaming import assess_files
from examples.office_forms import PLAIN, write_office_forms
from tests.assessing import results_of

POLICY, YEAR = "jiyuan-2022", 2022


def plain() -> Assessment:
    frames = {
        name: pd.DataFrame([dict(zip(headings, row, strict=True)) for row in rows])
        for name, (headings, *rows) in PLAIN.items()
    }
    portfolio = portfolio_of_frames(
        institutions=frames["institutions"],
        contracts=frames["contracts"],
        claims=frames["claims"],
    )
    return assess(portfolio, POLICY, YEAR)


@pytest.mark.slow
def test_office_forms_give_the_same_result(tmp_path: Path) -> None:
    write_office_forms(tmp_path / "台账.xlsx")
    expected = plain()
    assert expected.decisions.compensation.any()
    for found in (
        assess(read_portfolio(tmp_path / "台账.xlsx"), POLICY, YEAR),
        assess_files(tmp_path / "台账.xlsx", POLICY, YEAR),
    ):
        assert results_of(found) == results_of(expected)
        totals = json.dumps(found.summary["totals"])
        assert totals == json.dumps(expected.summary["totals"])
        assert {warning.kind for warning in found.warnings} == {"headings_not_read"}
    assert not expected.warnings
