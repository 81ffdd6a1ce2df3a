"""Years that begin on another day than 1 January, against days that are counted one by one."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import (
    InputFaults,
    assess_frames,
    assess_policies,
    compare,
    decide_claim,
    portfolio_of_frames,
)
from compensation import settle as settled
from compensation.policy.catalogue import POLICY_TEXT, Policy, policy_of_texts
from compensation.policy.faults import PolicyFaults
from tests.conftest import DEPTH
from tests.policy.ledgers_of_policies import NO_CLAIMS
from tests.policy.test_small_policies import CLAIM, CONTRACT, HEAD, small

RULES = """
record = "contract"
trigger = {{ date = "contracts.start_date", until = "contracts.release_date", year_begins = "{}" }}
review = {{ required = [] }}
base = {{ value = {{ over = [
    {{ times = ["contracts.guaranteed_amount", {{ days_in_year = [
        "contracts.start_date", {{ first_given = ["contracts.release_date", "year.end"] }},
    ] }}] }}, 1,
] }} }}
rates = {{ tiers = [{{ rate = 1 }}] }}
"""
HEAD_OF_ALL = HEAD.replace("from = 2022-03-01", "from = 2000-01-01, excludes = false")
FACTOR = "base.value.over[1].times[1]"
ONE_DAY = datetime.timedelta(1)
DAYS = st.dates(datetime.date(2021, 6, 1), datetime.date(2025, 6, 30))
INSTITUTIONS = [{"institution_id": "A", "government_backed": "true"}]


def of_contracts(begins: str) -> Policy:
    return policy_of_texts({POLICY_TEXT: HEAD_OF_ALL + RULES.format(begins)})


FLOW = """
trigger = {{ date = "claims.payout_date", year_begins = "{}" }}
review = {{ required = [] }}
rates = {{ tiers = [{{ rate = 1 }}] }}
[base]
value = {{ measure = "payout_amount", on = "year.end", years = {}, per = ["contracts.lender"] }}
"""


@pytest.mark.slow
@settings(max_examples=10 * DEPTH)
@given(
    st.lists(st.tuples(DAYS, st.sampled_from("ab")), min_size=1, max_size=6),
    st.sampled_from(["01-02", "09-21", "12-28"]),
    st.integers(1, 2),
)
def test_a_measure_on_the_last_day_is_of_the_policys_own_year(
    drawn: list[tuple[datetime.date, str]], begins: str, years: int
) -> None:
    """What is of the day before it begins, or of the next year's first, is of other years."""
    month, of_month = map(int, begins.split("-"))
    first, after = (datetime.date(year, month, of_month) for year in (2023 - years, 2023))
    drawn = [*drawn, (first, "a"), (first - ONE_DAY, "a"), (after - ONE_DAY, "b"), (after, "b")]
    of = policy_of_texts({POLICY_TEXT: HEAD_OF_ALL + FLOW.format(begins, years)})
    contracts = [CONTRACT | {"contract_id": f"k{k}", "lender": k} for k in "ab"]
    claims = [
        CLAIM | {"claim_id": f"c{n}", "contract_id": f"k{k}", "payout_date": str(day)}
        for n, (day, k) in enumerate(drawn)
    ]
    run = assess_frames(frames(contracts=contracts, claims=claims), of, 2023)
    counted = [k for day, k in drawn if first <= day < after]
    expected = {f"k{k}": Decimal(1000 * counted.count(k)) for k in "ab"}
    assert all(row["base"] == expected[row["contract_id"]] for row in run.claims.to_dict("records"))
    assert set(run.claims["contract_id"]) <= set(expected)


def frames(**tables: list[dict[str, Any]]) -> dict[str, pd.DataFrame]:
    return {n: pd.DataFrame(rows) for n, rows in ({"institutions": INSTITUTIONS} | tables).items()}


@pytest.mark.slow
@settings(max_examples=10 * DEPTH)
@given(
    st.lists(st.tuples(DAYS, st.none() | st.integers(1, 900)), min_size=1, max_size=5),
    st.sampled_from(["01-02", "03-01", "09-21", "11-01", "12-28"]),
    st.sampled_from([2023, 2024]),
)
def test_days_of_the_year_are_those_from_its_first_day_to_the_day_before_the_next(
    contracts: list[tuple[datetime.date, int | None]], begins: str, year: int
) -> None:
    month, of_month = map(int, begins.split("-"))
    days = pd.date_range(
        f"{year - 1}-{begins}", datetime.date(year, month, of_month), inclusive="left"
    )
    rows, expected = [], {}
    for number, (start, length) in enumerate(contracts):
        release = None if length is None else start + datetime.timedelta(length)
        ends = {"start_date": str(start), "release_date": "" if release is None else str(release)}
        rows.append({**CONTRACT, **ends, "contract_id": f"k{number}", "guaranteed_amount": "1"})
        own = [d for d in days.date if start <= d and (release is None or d <= release)]
        if own:
            expected[f"k{number}"] = Decimal(len(own))
    found = assess_frames(frames(contracts=rows), of_contracts(begins), year).claims
    assert dict(zip(found["claim_id"], found["compensation"], strict=True)) == expected


@pytest.mark.slow
@settings(max_examples=8 * DEPTH)
@given(
    st.lists(st.tuples(DAYS, st.none() | st.integers(1, 900)), min_size=1, max_size=4),
    st.sampled_from(["01-02", "09-21", "12-21"]),
    st.dates(datetime.date(2022, 9, 1), datetime.date(2025, 1, 31)),
)
def test_a_settlement_decides_the_years_that_are_over(
    contracts: list[tuple[datetime.date, int | None]], begins: str, day: datetime.date
) -> None:
    """Each as it is assessed; what is due is paid, for its year, and then nothing is."""
    policy, rows = of_contracts(begins), []
    for number, (start, length) in enumerate(contracts):
        release = None if length is None else start + datetime.timedelta(length)
        ends = {"start_date": str(start), "release_date": "" if release is None else str(release)}
        rows.append({**CONTRACT, **ends, "contract_id": f"k{number}", "guaranteed_amount": "1"})
    expected: dict[tuple[str, int], Decimal] = {}
    for year in range(2021, 2026):
        if str(day) >= str(datetime.date(year, *map(int, begins.split("-"))) - ONE_DAY):
            found = assess_frames(frames(contracts=rows), policy, year, as_of=day).claims
            amounts = zip(found["claim_id"], found["compensation"], strict=True)
            expected |= {(id_, year): amount for id_, amount in amounts if amount}
    held = {"claims": NO_CLAIMS, **frames(contracts=rows)}
    settlement = settled(portfolio_of_frames(**held), policy, day).settlement
    due = settlement[settlement["to_pay"] > 0]
    keys = list(zip(due["claim_id"], due["year"], strict=True))
    assert dict(zip(keys, due["to_pay"], strict=True)) == expected
    payments = [
        {"payment_id": f"p{n}", "claim_id": id_, "payment_date": str(day), "kind": "paid"}
        | {"amount": str(amount), "year": str(year)}
        for n, ((id_, year), amount) in enumerate(expected.items())
    ]
    if payments:
        held["payments"] = pd.DataFrame(payments)
        again = settled(portfolio_of_frames(**held), policy, day)
        assert not again.settlement[["to_pay", "to_recall"]].to_numpy().any()
        assert "far_date" not in [each.kind for each in again.warnings]


def test_a_payout_belongs_to_the_year_that_ends_after_it() -> None:
    trigger = '[trigger]\ndate = "claims.payout_date"\nyear_begins = "11-01"'
    cap = '[[caps]]\nid = "all"\nper = []\nyears = "all"\nat_most = 700'
    policy = policy_of_texts(
        {POLICY_TEXT: small(trigger, cap).text.replace("2022-03-01", "2021-01-01")}
    )
    days = {"c1": "2021-10-31", "c2": "2021-11-01", "c3": "2022-10-31", "c4": "2022-11-01"}
    rows = [{**CLAIM, "claim_id": id_, "payout_date": day} for id_, day in days.items()]
    rows[0]["compensation_paid"] = "500"
    tables = frames(contracts=[CONTRACT], claims=rows)
    found = assess_frames(tables, policy, 2022).claims
    amounts = dict(zip(found["claim_id"], map(str, found["compensation"]), strict=True))
    assert amounts == {"c2": "200.00", "c3": "0.00"}
    for run in (
        lambda: assess_policies(portfolio_of_frames(**tables), [policy], 2022),
        lambda: compare(portfolio_of_frames(**tables), [policy], [2022]),
    ):
        with pytest.raises(InputFaults) as caught:
            run()
        assert "only_alone" in [fault.kind for fault in caught.value.faults]
    of_day = {
        day: settled(portfolio_of_frames(**tables), policy, day).settlement.set_index("claim_id")
        for day in ("2022-10-30", "2022-10-31")
    }
    statuses = {day: found["status"].to_dict() for day, found in of_day.items()}
    assert statuses["2022-10-30"] == {"c1": "approved", "c2": "year_open"}
    assert statuses["2022-10-31"] == {"c1": "approved", "c2": "approved", "c3": "approved"}
    assert of_day["2022-10-31"]["year"].to_dict() == {"c1": 2021, "c2": 2022, "c3": 2022}
    assert of_day["2022-10-31"]["compensation"].map(str).to_dict() == {
        "c1": "500.00",
        "c2": "200.00",
        "c3": "0.00",
    }


def test_a_single_case_belongs_to_the_same_year() -> None:
    days = '{ over = [{ days = ["claims.payout_date", "year.end"] }, 365] }'
    trigger = '[trigger]\ndate = "claims.payout_date"\nyear_begins = "11-01"'
    policy = small(trigger, base=f'{{ times = ["claims.principal", {days}] }}')
    claim: dict[str, Any] = {n: value for n, value in CLAIM.items() if n != "contract_id"}
    own = {"shares": {"institution": "0.6", "lender": "0.4"}, "payout_date": "2022-11-01"}
    case = claim | own | {"principal": "1000"}
    decided = decide_claim(policy, {"government_backed": True}, case)
    assert decided.base == Decimal("997.26")  # 364 days, to 31 October 2023


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("09-21", "01-01", "trigger.year_begins"),
        ("09-21", "02-30", "trigger.year_begins"),
        ("contracts.guaranteed_amount", "contracts.borrower_balance", FACTOR),
        ("contracts.guaranteed_amount", "indicator.new_guarantees", FACTOR),
    ],
)
def test_what_a_policy_with_years_of_its_own_may_not_say(old: str, new: str, key: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        policy_of_texts({POLICY_TEXT: (HEAD_OF_ALL + RULES.format("09-21")).replace(old, new)})
    assert [fault.key for fault in caught.value.faults] == [key]


def test_indicators_are_of_calendar_years() -> None:
    own = """
[[indicators]]
id = "own"
name = { zh = "自定", en = "own" }
value = { measure = "new_guarantees" }
"""
    with pytest.raises(PolicyFaults) as caught:
        policy_of_texts({POLICY_TEXT: HEAD_OF_ALL + RULES.format("09-21") + own})
    assert [fault.key for fault in caught.value.faults] == ["indicators"]


BY_YEARS = 'trigger = { date = "claims.payout_date", year_begins = "04-01" }'
FAILED = '[[claim_conditions]]\nid = "small"\nvalue = "claims.principal"\nbelow = 1000'


def by_own_years(*parts: str) -> Policy:
    text = small(*parts).text
    head = HEAD.replace("from = 2022-03-01", "from = 2021-04-01")
    return policy_of_texts({POLICY_TEXT: text.replace(HEAD, head + BY_YEARS)})


def of_days(*days: str, **more: Any) -> dict[str, pd.DataFrame]:
    claims = [{**CLAIM, "claim_id": f"c{n}", "payout_date": day} for n, day in enumerate(days, 1)]
    return frames(contracts=[CONTRACT], claims=claims, **more)


@pytest.mark.parametrize(("day", "year"), [("03-31", 2023), ("04-01", 2024)])
def test_cases_left_out_are_of_other_years_as_the_policy_has_them(day: str, year: int) -> None:
    run = assess_frames(of_days(f"2023-{day}", f"2024-{day}"), by_own_years(), year)
    assert list(run.claims["claim_id"]) == ["c1"]
    (said,) = (each.message for each in run.warnings if each.kind == "other_years")
    assert f"2 笔代偿中有 1 笔不属于 {year} 年度，本次不予核算：{year + 1} 年 1 笔" in said.zh
    alone = assess_frames(of_days(f"2023-{day}"), by_own_years(), year)
    assert "other_years" not in [each.kind for each in alone.warnings]


@pytest.mark.parametrize("condition", [FAILED, FAILED.replace("1000", "1000.01")])
def test_a_case_is_looked_at_in_its_own_year(condition: str) -> None:
    """One that was ineligible in its own year is not asked about, whatever has come back."""
    back = [{"recovery_id": "r", "claim_id": "c1", "recovery_date": "2023-06-01", "proceeds": "1"}]
    tables = of_days("2022-05-01", "2023-05-01", recoveries=back)
    run = assess_frames(tables, by_own_years(condition), 2024)
    asked = "unpaid_with_recoveries" in [each.kind for each in run.warnings]
    assert asked == ("1000.01" in condition)
