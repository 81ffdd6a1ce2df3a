"""Cases that are settled one by one, also in a year that is not over."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation import Policy
from compensation.policy.catalogue import load_policy, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy_tools.doubts import doubts
from docs.cookbook_page import RECIPES
from tests import oracle_settlement
from tests.ledgers_of_years import DAYS, random_ledger
from tests.oracle_reading import Row, Tables
from tests.policy.test_small_policies import HALF, HEAD, columns, small
from tests.settlement.test_properties import LEGS, amounts, carried_out, periods, seeds, some
from tests.settling import results_of, settled, trial, trial_rules

BY_CASE = 'settled = "by_case"\n'
RECIPE = load_policy(RECIPES / "case-by-case.toml")
NAMES = "claim_id,contract_id,payout_date,principal,litigation_ended,finance_review,industry_review"


def by_case(of: Policy) -> Policy:
    text = of.texts["policy.toml"]
    assert "[trigger]\n" in text
    return policy_of_texts({"policy.toml": text.replace("[trigger]\n", "[trigger]\n" + BY_CASE)})


@pytest.mark.slow
@given(seeds, st.sampled_from(DAYS) | st.dates(date(2022, 1, 1), date(2025, 1, 2)), periods)
@some
def test_every_cell_as_the_oracle_has_it_and_nothing_is_due_once_carried_out(
    seed: int, to: date, period: list[tuple[str, str | None]]
) -> None:
    """The first policy goes case by case, the second by the year."""
    tables, policies, rules = random_ledger(seed), list(trial(*period)), trial_rules(*period)
    policies[0], rules = by_case(policies[0]), [replace(rules[0], by_case=True), *rules[1:]]
    found = results_of(settled(tables, to, policies=policies))
    assert found == oracle_settlement.settle(tables, rules, to)
    done = carried_out(oracle_settlement.as_of(tables, to), found["settlement"], to)
    after = results_of(settled(done, to, policies=policies))["settlement"]
    assert amounts(after, *LEGS, "net_due") == [0] * 5


def ledger(*claims: str) -> Tables:
    """A bank's cases: `claims` in the columns of `NAMES`."""
    institution = {"institution_id": "B", "government_backed": "yes"}
    contract = {
        "contract_id": "k1",
        "institution_id": "B",
        "borrower_id": "b",
        "start_date": "2023-1-5",
        "borrower_type": "small_enterprise",
        "guaranteed_amount": "9000000",
        "share_institution": "1",
    }
    names = NAMES.split(",")
    rows = [dict(zip(names, each.split(","), strict=True)) for each in claims]
    return {
        "institutions": [institution],
        "contracts": [contract],
        "claims": rows,
        "recoveries": [],
        "payments": [],
    }


def pay(tables: Tables, row: Row, day: str) -> None:
    payment = {"claim_id": row["claim_id"], "payment_date": day, "amount": row["to_pay"]}
    tables["payments"].append({"payment_id": f"P{len(tables['payments'])}", **payment})


def rows(tables: Tables, to: str, policy: Policy = RECIPE) -> dict[str, Row]:
    found = results_of(settled(tables, to, policies=[policy]))["settlement"]
    return {row["claim_id"]: row for row in found}


def test_seventy_percent_now_and_the_rest_later() -> None:
    tables = ledger(
        "c1,k1,2024-03-01,800000.01,2024-08-01,approved,approved",
        "c2,k1,2024-09-02,1500000,,approved,approved",
    )
    first = rows(tables, "2024-03-20")
    assert list(first) == ["c1"]
    assert (first["c1"]["granted"], first["c1"]["to_pay"]) == ("400000.01", "280000.01")
    pay(tables, first["c1"], "2024-03-20")
    assert rows(tables, "2024-03-20")["c1"]["to_pay"] == "0.00"
    second = rows(tables, "2024-09-30")
    assert [second[id_]["to_pay"] for id_ in ("c1", "c2")] == ["120000.00", "419999.99"]
    for row in second.values():
        pay(tables, row, "2024-09-30")
    for to in ("2024-09-30", "2024-12-31", "2025-06-30"):
        after = rows(tables, to)
        assert {row["to_pay"] for row in after.values()} == {"0.00"}
        assert {row["to_recall"] for row in after.values()} == {"0.00"}
        assert (after["c2"]["granted"], after["c2"]["paid_to_date"]) == ("599999.99", "419999.99")
    # A case of an earlier day that is entered later comes before the second, of which it takes.
    tables["claims"] += ledger("c3,k1,2024-04-01,400000,2024-05-01,approved,approved")["claims"]
    changed = rows(tables, "2024-12-31")
    assert (changed["c3"]["to_pay"], changed["c2"]["granted"]) == ("200000.00", "399999.99")
    assert changed["c2"]["to_recall"] == "20000.00"


@pytest.mark.parametrize("to", ["2024-01-01", "2024-12-30", "2024-12-31"])
def test_from_the_first_day_of_the_year_on(to: str) -> None:
    tables = ledger("c1,k1,2024-01-01,100,,approved,approved")
    assert rows(tables, to)["c1"]["status"] == "approved"
    text = RECIPE.texts["policy.toml"].replace("by_case", "by_year")
    by_year = policy_of_texts({"policy.toml": text})
    expected = "year_open" if to < "2024-12-31" else "approved"
    assert rows(tables, to, by_year)["c1"]["status"] == expected


LIMIT = '[[claim_conditions]]\nid = "rate"\nvalue = "indicator.payout_rate"\nat_most = 0.05\n'
BEFORE = """[[indicators]]
id = "before"
name = { zh = "上年代偿率", en = "the year before's payout rate" }
value = { year_before = "indicator.payout_rate" }

[[claim_conditions]]
id = "rate"
value = "indicator.before"
at_most = 0.05
"""
MEASURED = """[[quantities]]
id = "volume"
name = { zh = "该行代偿额", en = "payouts of the lender" }
value = { measure = "payout_amount", per = ["contracts.institution_id"] }

[[claim_conditions]]
id = "volume"
value = "quantity.volume"
at_most = 500
"""


@pytest.mark.parametrize(
    ("part", "words"),
    [("", None), (BEFORE, None), (LIMIT, "payout rate"), (MEASURED, "payouts of the lender")],
)
def test_figures_of_the_year_so_far_are_told(part: str, words: str | None) -> None:
    """By `check`, and by each settlement of a year that is not over."""
    policy = small(f"{part}\n[trigger]\n{BY_CASE}")
    asked = [each for each in doubts(policy) if each.key == "trigger.settled"]
    assert [words in each.message.en for each in asked if words] == [True] * bool(words)
    assert bool(asked) == bool(words)
    tables = ledger("c1,k1,2024-05-01,100,,approved,approved")
    for row in tables["claims"]:
        del row["litigation_ended"]
    for to, over in (("2024-12-30", False), ("2024-12-31", True)):
        warned = [
            each
            for each in settled(tables, to, policies=[policy]).warnings
            if each.kind == "part_of_year"
        ]
        assert len(warned) == (bool(words) and not over)
        assert all(str(words) in each.message.en for each in warned)


def test_of_compensation_that_is_paid_nothing_is_computed() -> None:
    """What was paid in the year changes with each payment; that of the year before does not."""
    paid = '{ measure = "compensation_paid" }'
    text = BEFORE.replace('{ year_before = "indicator.payout_rate" }', paid).replace("0.05", "5")
    with pytest.raises(PolicyFaults, match=r"indicator\.before"):
        small(f"{text}\n[trigger]\n{BY_CASE}")
    earlier = f'[[indicators]]\nid = "paid"\nname = {{ zh = "已补偿" }}\nvalue = {paid}\n\n'
    text = BEFORE.replace("indicator.payout_rate", "indicator.paid").replace("0.05", "5")
    assert small(f"{earlier}{text}\n[trigger]\n{BY_CASE}").rules.trigger.settled == "by_case"


@pytest.mark.parametrize(
    ("record", "trigger"),
    [
        ("institution", ""),
        ("contract", 'until = "contracts.release_date"\n'),
        ("contract", 'year_begins = "11-01"\n'),
    ],
)
def test_what_is_of_a_year_is_not_settled_case_by_case(record: str, trigger: str) -> None:
    value, date_ = f'"institutions.own"\n{columns("institutions", own="money")}', ""
    if record == "contract":
        value, date_ = '"contracts.guaranteed_amount"', 'date = "contracts.start_date"\n'
    text = f'{HEAD}record = "{record}"\nreview = {{ required = [] }}\n[trigger]\n{BY_CASE}{date_}'
    with pytest.raises(PolicyFaults) as raised:
        policy_of_texts({"policy.toml": f"{text}{trigger}[rates]\n{HALF}\n[base]\nvalue = {value}"})
    assert [fault.key for fault in raised.value.faults] == ["trigger.settled"]
