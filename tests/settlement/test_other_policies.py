"""Policies of other kinds than the examples: caps over years, budgets, triggers, payees."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import Policy, Settlement, assess, assess_policies, settle
from compensation.policy.catalogue import policy_of_texts
from tests import oracle_settlement
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.ledgers_of_years import DAYS, random_ledger
from tests.oracle_reading import Row, Tables
from tests.settlement.test_properties import LEGS, amounts, carried_out
from tests.settling import IDS, POLICIES, input_of, portfolio_of, results_of

CAP = """[[caps]]
id = "borrower"
per = ["contracts.institution_id", "contracts.borrower_id"]
years = "all"
at_most = 30_000
clause = "试算"
basis = "assumption"
note = { zh = "每户历年合计", en = "of a borrower over all years" }

[review]
"""
COLUMN = """[[columns]]
table = "claims"
name = "filed"
heading = "申报日期"
type = "date"
required = true
note = { zh = "申报", en = "filed" }

[trigger]
"""


def policy(changes: Mapping[str, str], id_: str = "trial-2022") -> Policy:
    """A policy of the examples with some of its text changed."""
    text = (POLICIES / f"{id_}.toml").read_text("utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return policy_of_texts({"policy.toml": text})


def settled(tables: Tables, to: str, *policies: Policy, budget: str | None = None) -> Settlement:
    return settle(portfolio_of(tables), policies, to, budget=budget)


def by_claim(settlement: Settlement) -> dict[str, Row]:
    return {row["claim_id"]: row for row in results_of(settlement)["settlement"]}


@pytest.mark.slow
def test_a_cap_over_all_years_counts_what_is_granted_for_earlier_years_only() -> None:
    capped, tables = policy({"[review]\n": CAP}), input_of("trial-1")
    first = next(row for row in tables["claims"] if row["claim_id"] == "A")
    later = {**first, "claim_id": "F", "payout_date": "2023-05-01", "principal": "1000"}
    contract = next(row for row in tables["contracts"] if row["contract_id"] == "K2021-01")
    contract["release_date"] = "2023-12-28"
    dates = {"finance_review_date": "", "industry_review_date": ""}
    tables["claims"].append(later | dates)
    tables["payments"] = [row for row in tables["payments"] if row["payment_id"] != "P2"]
    found = by_claim(settled(tables, "2023-12-31", capped))
    # 25,000 were paid for A, whose own year's cap is whole: the rest comes before the next year.
    assert (found["A"]["granted"], found["A"]["to_pay"]) == ("30000.00", "5000.00")
    assert found["F"]["compensation"] == "0.00"
    for claim in tables["claims"]:
        if claim["claim_id"] == "A":
            claim["approved_amount"] = "29950"
    assert by_claim(settled(tables, "2023-12-31", capped))["F"]["compensation"] == "50.00"
    nothing = {**tables, "claims": [{**row, "approved_amount": "0"} for row in tables["claims"]]}
    warnings = settled(nothing, "2023-12-31", capped).warnings
    assert "earlier_unpaid" not in {fault.kind for fault in warnings}, "what is granted counts"
    other = {"payment_id": "P8", "claim_id": "F", "payment_date": "2023-12-02", "amount": "60"}
    tables["payments"].append(other)
    after = by_claim(settled(tables, "2023-12-31", capped))
    assert after["A"]["compensation"] == "30000.00"
    assert (after["F"]["compensation"], after["F"]["to_recall"]) == ("50.00", "10.00")


@pytest.mark.slow
@given(
    st.integers(1, 160_000),
    st.booleans(),
    st.lists(st.none() | st.integers(0, 60_000), min_size=5, max_size=5),
    st.sets(st.sampled_from(["P1", "P2", "P3", "P4", "P5"])),
    st.sampled_from(["2023-12-31", "2024-12-31", "2025-12-31"]),
)
@settings(max_examples=2 * DEPTH, deadline=None)
def test_what_a_cap_over_years_leaves_is_never_recalled(
    most: int, times: bool, approved: list[int | None], paid: set[str], to: str
) -> None:
    """Once carried out nothing is due, and no year is granted more than earlier ones left."""
    most = most % 4 + 1 if times else most
    cap = CAP.replace("at_most = 30_000", f"at_most = {most}" + times * '\non = "cases"')
    cap = cap.replace(', "contracts.borrower_id"', "")
    policies, tables = [policy({"[review]\n": cap}, id_) for id_ in IDS], input_of("trial-1")
    for row, amount in zip(tables["claims"], approved, strict=True):
        row["approved_amount"] = "" if amount is None else str(amount)
    tables["payments"] = [row for row in tables["payments"] if row["payment_id"] in paid]
    tables["remittances"] = []
    found = results_of(settle(portfolio_of(tables), policies, to))["settlement"]
    for year in {row["year"] for row in found if row["status"] == "approved"}:
        earlier = counted([row for row in found if row["year"] < year], times)
        own = counted([row for row in found if row["year"] == year], times)
        assert own <= max(most - earlier, Decimal(0))
    day = date.fromisoformat(to)
    done = carried_out(oracle_settlement.as_of(tables, day), found, day)
    after = results_of(settle(portfolio_of(done), policies, to))["settlement"]
    assert [row["compensation"] for row in after] == [row["compensation"] for row in found]
    assert amounts(after, *LEGS) == [0] * 4


def counted(rows: list[Row], times: bool) -> Decimal:
    granted = [Decimal(row["granted"]) for row in rows]
    return Decimal(sum(amount > 0 for amount in granted)) if times else sum(granted, Decimal(0))


@pytest.mark.slow
def test_a_cap_over_all_years_is_the_same_in_an_assessment_and_a_settlement() -> None:
    """Whichever years the ledger has payments of; alone, and beside another policy."""
    capped, other = policy({"[review]\n": CAP}), policy({}, "trial-2024")
    tables = input_of("trial-1")
    first = next(row for row in tables["claims"] if row["claim_id"] == "A")
    dates = {"finance_review_date": "", "industry_review_date": ""}
    tables["claims"].append({**first, **dates, "claim_id": "F", "payout_date": "2023-05-01"})
    contract = next(row for row in tables["contracts"] if row["contract_id"] == "K2021-01")
    contract["release_date"] = "2023-12-28"
    paid = {"payment_id": "P9", "claim_id": "F", "payment_date": "2023-12-01", "amount": "500"}
    tables["payments"].append(paid)
    portfolio = portfolio_of(tables)
    due = {
        id_: row["compensation"]
        for id_, row in by_claim(settled(tables, "2024-12-31", capped)).items()
    }
    for year in (2022, 2023):
        for run in (
            assess(portfolio, capped, year, as_of="2024-12-31"),
            assess_policies(portfolio, [capped, other], year, as_of="2024-12-31"),
        ):
            rows = run.claims.to_dict("records")
            assert rows
            assert {r["claim_id"]: str(r["compensation"]) for r in rows} == {
                r["claim_id"]: due[r["claim_id"]] for r in rows
            }
            ids = [said["id"] for said in run.summary["assumptions"]]
            assert ids.count("cap_over_all_years") == 1


def test_a_base_of_the_policys_own_column_is_explained() -> None:
    column = COLUMN.replace('"filed"', '"recovered"').replace('"申报日期"', '"追回"')
    column = column.replace('"date"', '"money"')
    base = 'value = { minus = ["claims.payout", "claims.recovered"] }\nclause'
    less = policy({"[trigger]\n": column, 'value = "claims.payout"\nclause': base})
    tables = input_of("trial-1")
    for row in tables["claims"]:
        row["recovered"] = "1000" if row["claim_id"] == "B" else "0"
    explained = settled(tables, "2023-12-31", less).explain("B")
    values = recomputed(explained.arithmetic)
    assert values["claims_recovered"] == 1000
    assert values["base"] == values["payout"] - 1000


def test_who_comes_first_is_paid_first_across_years_and_policies() -> None:
    first_come = {'method = "pro_rata"': 'method = "first_come"\norder = "claims.payout_date"'}
    both = [policy(first_come, id_) for id_ in ("trial-2022", "trial-2024")]
    tables = input_of("trial-1")
    tables["payments"] = []
    found = by_claim(settled(tables, "2025-12-31", *both, budget="80000"))
    # A 30,000, B 45,000 and C 50,000 of 2022 and 2023 come before those of 2024.
    assert [found[id_]["to_pay"] for id_ in "ABCDE"] == [
        *("30000.00", "45000.00", "5000.00", "0.00", "0.00"),
    ]
    assert found["E"]["outstanding"] == "150000.00"


def test_a_claim_that_is_filed_later_is_not_covered_yet() -> None:
    by_filing = policy(
        {"[trigger]\n": COLUMN, '"claims.payout_date"\nclause': '"claims.filed"\nclause'}
    )
    tables = input_of("trial-1")
    for row in tables["claims"]:
        row["filed"] = "2023-02-01" if row["claim_id"] == "A" else row["payout_date"]
    before = by_claim(settled(tables, "2023-01-31", by_filing))["A"]
    assert (before["status"], before["year"], before["policy"]) == ("not_covered", "", "")
    assert before["granted"] == before["paid_to_date"] == "25000.00"
    after = by_claim(settled(tables, "2023-12-31", by_filing))["A"]
    assert (after["year"], after["policy"]) == ("2023", "trial-2022")


def test_what_another_party_is_paid_is_taken_off_what_it_bore() -> None:
    changes = {
        'party = "institution"': 'party = "reguarantor"',
        'borne_by = "institution"': 'borne_by = "reguarantor"',
    }
    tables = input_of("trial-1")
    found = by_claim(settled(tables, "2022-12-31", policy(changes)))["A"]
    # 15% of 200,000 of the re-guarantor's 40,000; 45,000 × 30/200 of the first recovery.
    assert (found["granted"], found["to_pay"]) == ("30000.00", "5000.00")
    assert found["government_share"] == "6750.00"


def test_a_claim_that_nothing_covers_returns_to_what_was_paid() -> None:
    tables = input_of("trial-1")
    late = policy({"from = 2022-01-01": "from = 2022-06-01"})
    found = by_claim(settled(tables, "2022-12-31", late))["A"]
    assert (found["status"], found["granted"], found["to_pay"]) == (
        "not_covered",
        "25000.00",
        "0.00",
    )
    assert found["government_share"] == "5625.00"  # 45,000 × 25/200, net of costs
    assert found["government_cost"] == "19375.00"


TOTAL = """[compensation]
per = ["contracts.institution_id"]
round_to = {}
rounding = "{}"
clause = "试算"
basis = "assumption"
note = {{ zh = "按机构合计取整", en = "an institution's total" }}

[review]
"""


def totalled(id_: str, unit: int = 10_000, way: str = "half_up") -> Policy:
    return policy({"[review]\n": TOTAL.format(unit, way)}, id_)


@pytest.mark.slow
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(DAYS),
    st.sampled_from([1, 100, 10_000]),
    st.sampled_from(["down", "half_up", "up"]),
)
@settings(max_examples=3 * DEPTH, deadline=None)
def test_totals_of_each_year_are_whole_and_stay_so(
    seed: int, to: date, unit: int, way: str
) -> None:
    """Of institutions, years and policies; once carried out nothing is due."""
    policies, tables = [totalled(id_, unit, way) for id_ in IDS], random_ledger(seed)
    found = results_of(settle(portfolio_of(tables), policies, to))["settlement"]
    totals: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row, claim in zip(found, oracle_settlement.as_of(tables, to)["claims"], strict=True):
        if row["status"] in ("approved", "pending"):
            counted = [Decimal(row["compensation"])]
            counted += [Decimal(claim["approved_amount"])] if claim.get("approved_amount") else []
            totals[row["institution_id"], row["year"], row["policy"]] += min(counted)
    assert all(total % unit == 0 for total in totals.values())
    done = carried_out(oracle_settlement.as_of(tables, to), found, to)
    after = results_of(settle(portfolio_of(done), policies, to))["settlement"]
    assert [row["compensation"] for row in after] == [row["compensation"] for row in found]
    assert amounts(after, *LEGS) == [0] * 4
