"""A portfolio that grows step by step, as a ledger does, beside the oracle after every step."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    precondition,
    rule,
)

from tests import oracle
from tests.assessing import assessed, results_of
from tests.conftest import DEPTH
from tests.oracle_reading import Row, Tables, half_up, money, money_text, parties_of, shares_of
from tests.oracle_reading import split as split_

DAYS = [
    date.fromisoformat(text)
    for text in (
        *("2020-02-28", "2020-02-29", "2020-03-01", "2021-02-28", "2021-03-01", "2021-12-30"),
        *("2021-12-31", "2022-01-01", "2022-02-28", "2022-03-01", "2022-12-30", "2022-12-31"),
        *("2023-01-01", "2024-02-28", "2024-02-29", "2024-03-01", "2024-12-31"),
    )
]
"""Ends of years and of February, in leap years and others."""
days = st.sampled_from(DAYS)
amounts = st.sampled_from([1, 2, 3, 100, 99_999, 1_000_000_00, 4_999_999_99, 5_000_000_00]) | (
    st.integers(1, 6_000_000_00)
)
SHARES = [("1", ""), ("0.4", "0.6"), ("0.333333", "0.666667"), ("", ""), ("0.5", "0.5"), ("0", "1")]
MARKS = ["", "a", "A", "é", "e\u0301", "｡", "𠮷", "-10", "-9"]
"""Beginnings of ids, so that the order of coming is not that of sorting."""


class GrowingPortfolio(RuleBasedStateMachine):
    """One year's claims at a few institutions; each step adds a row or changes one."""

    institutions = Bundle("institutions")
    contracts = Bundle("contracts")
    claims = Bundle("claims")

    def __init__(self) -> None:
        super().__init__()
        self.tables: Tables = {name: [] for name in ("institutions", "contracts", "releases")}
        self.tables |= {"claims": [], "recoveries": []}
        self.numbers = 0
        self.results: Tables = {}

    def id(self, mark: str) -> str:
        self.numbers += 1
        return f"{mark}{self.numbers}"

    def step(self, *changed: str) -> None:
        """Assess, compare with the oracle; tables of results not named must be as before."""
        results = results_of(assessed(self.tables))
        assert results == oracle.assess(self.tables)
        for name in set(self.results) - set(changed):
            assert results[name] == self.results[name], f"{name} was not to change"
        self.results = results

    def open_contract(self, institution: str, borrower: str, mark: str, amount: int) -> Row:
        row = {
            "contract_id": self.id(mark),
            "institution_id": institution,
            "borrower_id": borrower,
            "borrower_type": "small_enterprise",
            "guaranteed_amount": money_text(amount),
            "start_date": "2020-02-29",
            "release_date": "",
            "share_institution": "",
            "share_lender": "",
        }
        self.tables["contracts"].append(row)
        return row

    @initialize(target=institutions)
    def first_institution(self) -> str:
        institution = self.add("")
        self.open_contract(institution, "B0", "", 1_000_000_00)
        self.step()
        return institution

    def day_for(self, contract: Row, day: date | None) -> date:
        """A day that the contract has seen; none: that of its last payout, if there was one."""
        own = [r for r in self.tables["claims"] if r["contract_id"] == contract["contract_id"]]
        if day is None and own:
            day = date.fromisoformat(own[-1]["payout_date"])
        return max(day or DAYS[0], date.fromisoformat(contract["start_date"]))

    def add(self, mark: str) -> str:
        row = {"institution_id": self.id(mark), "government_backed": "是"}
        self.tables["institutions"].append({**row, "opening_balance": "", "opening_borrowers": ""})
        return row["institution_id"]

    @rule(target=institutions, mark=st.sampled_from(MARKS))
    def add_institution(self, mark: str) -> str:
        before = self.results["institutions"]
        institution = self.add(mark)
        self.step("institutions")
        assert self.results["institutions"][:-1] == before
        return institution

    @rule(
        target=contracts,
        institution=institutions,
        borrower=st.integers(0, 3),
        mark=st.sampled_from(MARKS),
        amount=amounts,
        kind=st.sampled_from(["small_enterprise", "farmer", "farmer", "other"]),
        start=days,
        shares=st.sampled_from(SHARES),
    )
    def add_contract(
        self,
        institution: str,
        borrower: int,
        mark: str,
        amount: int,
        kind: str,
        start: date,
        shares: tuple[str, str],
    ) -> Row:
        row = self.open_contract(institution, f"B{borrower}", mark, amount)
        row |= {"borrower_type": kind, "start_date": start.isoformat()}
        row |= {"share_institution": shares[0], "share_lender": shares[1]}
        self.step("institutions", "claims", "returns")
        return row

    @rule(contract=contracts, day=days | st.none(), part=st.integers(1, 4))
    def release(self, contract: Row, day: date | None, part: int) -> None:
        """A part of what is left of a contract that is open."""
        released = sum(
            money(row["amount"])
            for row in self.tables["releases"]
            if row["contract_id"] == contract["contract_id"]
        )
        left = money(contract["guaranteed_amount"]) - released
        if left // part > 0:
            row = {
                "release_date": self.day_for(contract, day).isoformat(),
                "amount": money_text(left // part),
            }
            self.tables["releases"].append({"contract_id": contract["contract_id"], **row})
        self.step("institutions", "claims", "returns")

    @rule(contract=consumes(contracts), day=days | st.none())
    def close_contract(self, contract: Row, day: date | None) -> None:
        """Whatever is left, on a day not before anything that has been released."""
        own = [r for r in self.tables["releases"] if r["contract_id"] == contract["contract_id"]]
        earlier = [contract["start_date"], *(row["release_date"] for row in own)]
        contract["release_date"] = max(self.day_for(contract, day).isoformat(), *earlier)
        self.step("institutions", "claims", "returns")

    @rule(
        target=claims,
        contract=contracts,
        mark=st.sampled_from(MARKS),
        later=st.sampled_from([0, 1, 365, 731]) | st.integers(0, 800),
        principal=amounts,
        interest=st.sampled_from([0, 1, 99]),
        paid=st.booleans(),
    )
    def pay_out(
        self, contract: Row, mark: str, later: int, principal: int, interest: int, paid: bool
    ) -> Row:
        parties = parties_of(self.tables["contracts"])
        own = split_(principal + interest, shares_of(contract, parties))[0]
        day = date.fromisoformat(contract["start_date"]) + timedelta(days=later)
        row = {
            "claim_id": self.id(mark),
            "contract_id": contract["contract_id"],
            "payout_date": day.isoformat(),
            "principal": money_text(principal),
            "interest": money_text(interest),
            "finance_review": "",
            "industry_review": "",
            "compensation_paid": money_text(half_up(own, 10)) if paid else "",
        }
        self.tables["claims"].append(row)
        self.step("institutions", "claims", "returns")
        return row

    @rule(
        claim=claims,
        review=st.sampled_from(["finance_review", "industry_review"]),
        word=st.sampled_from(["approved", "approved", "approved", "rejected", "pending"]),
    )
    def decide(self, claim: Row, review: str, word: str) -> None:
        claim[review] = word
        self.step("institutions", "claims", "returns")

    @rule(
        claim=claims,
        mark=st.sampled_from(MARKS),
        rows=st.lists(
            st.tuples(
                st.sampled_from([0, 0, 1, 366]) | st.integers(0, 800),
                amounts | st.just(0),
                st.sampled_from([0, 0, 1, 500_00]) | amounts,
            ),
            min_size=1,
            max_size=3,
        ),
    )
    def recover(self, claim: Row, mark: str, rows: list[tuple[int, int, int]]) -> None:
        """Days after the payout, proceeds and cost of each."""
        for later, proceeds, cost in rows:
            day = date.fromisoformat(claim["payout_date"]) + timedelta(days=later)
            self.tables["recoveries"].append(
                {
                    "recovery_id": self.id(mark),
                    "claim_id": claim["claim_id"],
                    "recovery_date": day.isoformat(),
                    "proceeds": money_text(proceeds),
                    "cost": money_text(cost) if cost else "",
                }
            )
        self.step("returns")

    @precondition(lambda self: bool(self.results.get("claims")))
    @rule(tenths=st.integers(0, 12))
    def with_a_budget(self, tenths: int) -> None:
        """One that binds and one that does not, as things stand."""
        due = sum(money(row["payable"]) for row in self.results["claims"])
        budget = money_text(due * tenths // 10)
        results = results_of(assessed(self.tables, 2022, budget))
        assert results == oracle.assess(self.tables, 2022, budget)

    @rule(institution=institutions, given=st.integers(0, 2_000_000_00))
    def opening_figures(self, institution: str, given: int) -> None:
        (row,) = [r for r in self.tables["institutions"] if r["institution_id"] == institution]
        row |= {"opening_balance": money_text(given), "opening_borrowers": str(given % 3)}
        self.step("institutions", "claims", "returns")


TestGrowingPortfolio = pytest.mark.slow(GrowingPortfolio.TestCase)
TestGrowingPortfolio.settings = settings(
    max_examples=3 * DEPTH, stateful_step_count=25, deadline=None
)
