"""The policies known by summaries against their oracles, on random ledgers near the limits."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compensation import assess
from tests.explanation.recompute import recomputed
from tests.policy.ledgers_of_policies import ledgers, portfolio
from tests.policy.ledgers_of_records import ledgers_of_records
from tests.policy.oracles import ORACLES
from tests.policy.oracles_of_records import ORACLES_OF_RECORDS

ALL = {**ORACLES, **ORACLES_OF_RECORDS}


@pytest.mark.slow
@pytest.mark.parametrize("policy", ALL)
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_claim_as_the_oracle_says(policy: str, data: st.DataObject) -> None:
    drawn = ledgers(policy) if policy in ORACLES else ledgers_of_records(policy)
    ledger = data.draw(drawn)
    assessment = assess(portfolio(ledger), policy, ledger.year)
    found = {
        row["claim_id"]: (row["reasons"] or "", int(row["compensation"] * 100))
        for row in assessment.tables["claims"].to_pylist()
    }
    expected = ALL[policy](ledger)
    assert found == expected
    for id_, (_, due) in expected.items():
        values = recomputed(assessment.explain(id_).arithmetic)
        assert values["compensation"] == Fraction(due, 100)
