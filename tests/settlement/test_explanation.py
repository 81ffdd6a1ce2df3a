"""A settled claim explained: each line follows from those above it and agrees with the table."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import Settlement
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.ledgers_of_years import DAYS, random_ledger
from tests.settling import EXAMPLE_NAMES, input_of, params, results_of, settled

SHOWN = (
    *("granted", "paid_to_date", "to_pay", "to_recall", "outstanding", "government_share"),
    *("remitted_to_date", "to_remit", "to_refund", "net_due", "government_cost"),
)


def check(settlement: Settlement) -> None:
    for row in results_of(settlement)["settlement"]:
        explained = settlement.explain(row["claim_id"])
        values = recomputed(explained.arithmetic)
        assert {name: values[name] for name in SHOWN} == {
            name: Fraction(row[name]) for name in SHOWN
        }
        assert explained.arithmetic[-1].name == "government_cost"
        assert (explained.policy_id or "") == row["policy"]
        assert bool(explained.conditions) is (row["status"] not in ("not_covered", "year_open"))
        for language in ("zh", "en"):
            assert explained.claim_id in explained.describe(language)


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_every_claim_of_the_examples(name: str) -> None:
    run = params(name)
    check(settled(input_of(name), run["to"], run["from"], run["budget"]))


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.sampled_from(DAYS), st.sampled_from([None, "0.03", "1000"]))
@settings(max_examples=4 * DEPTH)
def test_every_claim_of_random_ledgers(seed: int, to: object, budget: str | None) -> None:
    check(settled(random_ledger(seed), str(to), budget=budget))


def test_payments_and_remittances_are_listed() -> None:
    explained = settled(input_of("trial-1"), "2024-12-31").explain("A")
    titles = [line.title.en for line in explained.arithmetic]
    assert "P2 2023-07-10 paid" in titles
    assert "S2 2024-01-20 remitted" in titles
    assert explained.as_dict("en")["sections"][1]["title"] == "Granted and paid (yuan)"


def test_a_claim_that_is_not_there_on_the_day() -> None:
    with pytest.raises(KeyError):
        settled(input_of("trial-1"), "2022-12-31").explain("E")
