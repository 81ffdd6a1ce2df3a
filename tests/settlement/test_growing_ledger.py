"""A programme over years, day by day: each row is entered on its day, beside the oracle.

After every step the settlement of the day is what the oracle says, and the settlement of an earlier
day is what it was then, with the same digest of the input, until something of the past is
corrected. At the end of a year its assessment says what the settlement does. The policy changes
with the year 2024.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from compensation import assess_policies
from tests import oracle_settlement
from tests.assessing import rows_of
from tests.conftest import DEPTH
from tests.oracle_reading import Row, Tables, money, money_text, parties_of, shares_of, split
from tests.settlement.test_properties import LEGS, carried_out
from tests.settling import input_of, portfolio_of, results_of, settled, trial, trial_rules

ENDS = [date(year, 12, 31) for year in (2022, 2023, 2024, 2025)]
SHORT = st.sampled_from([0, 1, 30, 31, 200])
amounts = st.sampled_from([1, 2, 100, 50_000_00]) | st.integers(1, 300_000_00)


class GrowingLedger(RuleBasedStateMachine):
    """The contracts of an example, and what happens to them from 2022 on."""

    tables: Tables
    today: date

    @initialize()
    def begin(self) -> None:
        self.tables = {name: input_of("trial-1")[name] for name in ("institutions", "contracts")}
        self.tables |= {"claims": [], "recoveries": [], "payments": [], "remittances": []}
        self.tables["pool"] = []
        self.today = date(2022, 3, 1)
        self.numbers = 0
        self.then: dict[date, tuple[Tables, str]] = {}

    def id(self) -> str:
        self.numbers += 1
        return f"{self.numbers}"

    def step(self) -> None:
        """Compare today's settlement with the oracle, and remember it."""
        found = settled(self.tables, self.today)
        results = results_of(found)
        assert results == oracle_settlement.settle(self.tables, trial_rules(), self.today)
        assert all(money(row["government_cost"]) >= 0 for row in results["settlement"])
        self.then[self.today] = (results, found.input_digest)

    @rule(days=SHORT)
    def later(self, days: int) -> None:
        self.today += timedelta(days=days)

    @precondition(lambda self: self.today <= ENDS[-1])
    @rule()
    def end_of_the_year(self) -> None:
        self.today = next(day for day in ENDS if day >= self.today)
        self.step()
        year = self.today.year
        assessed = assess_policies(portfolio_of(self.tables), trial(), year, as_of=self.today)
        of_year = rows_of(assessed.tables["claims"])
        results, _ = self.then[self.today]
        dues = [row for row in results["settlement"] if row["year"] == str(year)]
        returned = Counter[str]()
        for row in rows_of(assessed.tables["returns"]):
            returned[row["claim_id"]] += money(row["to_government"])
        for row, due in zip(of_year, dues, strict=True):
            names = ("claim_id", "compensation", "status", "closed", "policy")
            assert [row[name] for name in names] == [due[name] for name in names]
            assert row["payable"] == due["to_pay"]
            if due["to_recall"] == "0.00":
                assert returned[row["claim_id"]] == money(due["government_share"])

    @rule(data=st.data(), amount=amounts)
    def claim(self, data: st.DataObject, amount: int) -> None:
        started = [
            row
            for row in self.tables["contracts"]
            if date.fromisoformat(row["start_date"]) <= self.today
        ]
        contract = data.draw(st.sampled_from(started))
        row = {"claim_id": self.id(), "contract_id": contract["contract_id"]}
        row |= {"payout_date": self.today.isoformat(), "principal": money_text(amount)}
        blank = ("finance_review", "finance_review_date", "industry_review")
        row |= dict.fromkeys((*blank, "industry_review_date", "approved_amount", "closed_date"), "")
        self.tables["claims"].append(row)
        self.step()

    def one_claim(self, data: st.DataObject) -> Row:
        return data.draw(st.sampled_from(self.tables["claims"]))

    @precondition(lambda self: self.tables["claims"])
    @rule(data=st.data(), decision=st.sampled_from(["approved", "approved", "rejected"]))
    def review(self, data: st.DataObject, decision: str) -> None:
        claim = self.one_claim(data)
        for review in ("finance_review", "industry_review"):
            if not claim[review]:
                claim |= {review: decision, f"{review}_date": self.today.isoformat()}
        self.step()

    @precondition(lambda self: self.tables["claims"])
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        claim = self.one_claim(data)
        claim["closed_date"] = claim["closed_date"] or self.today.isoformat()
        self.step()

    @precondition(lambda self: self.tables["claims"])
    @rule(data=st.data(), proceeds=amounts, cost=st.sampled_from([0, 0, 1, 10_000_00]))
    def recover(self, data: st.DataObject, proceeds: int, cost: int) -> None:
        row = {"recovery_id": self.id(), "claim_id": self.one_claim(data)["claim_id"]}
        row |= {"recovery_date": self.today.isoformat(), "proceeds": money_text(proceeds)}
        self.tables["recoveries"].append(row | {"cost": money_text(cost)})
        self.step()

    @precondition(lambda self: self.tables["claims"])
    @rule(data=st.data(), amount=amounts)
    def pay(self, data: st.DataObject, amount: int) -> None:
        """Pay too early, or too much, but no more than the institution bore."""
        claim = self.one_claim(data)
        contract = next(
            row for row in self.tables["contracts"] if row["contract_id"] == claim["contract_id"]
        )
        parties = parties_of(self.tables["contracts"])
        own = split(money(claim["principal"]), shares_of(contract, parties))[0]
        room = own - oracle_settlement.net(self.tables["payments"], claim["claim_id"])
        if room > 0:
            row = {"payment_id": self.id(), "claim_id": claim["claim_id"], "kind": "paid"}
            row |= {"payment_date": self.today.isoformat(), "amount": money_text(min(amount, room))}
            self.tables["payments"].append(row)
        self.step()

    @rule(amount=amounts, kind=st.sampled_from(["budget", "interest", "fee", "other_expense"]))
    def pool(self, amount: int, kind: str) -> None:
        row = {"entry_id": self.id(), "entry_date": self.today.isoformat(), "kind": kind}
        self.tables["pool"].append(row | {"amount": money_text(amount)})
        self.step()

    @precondition(lambda self: self.tables["claims"])
    @rule(data=st.data(), kind=st.sampled_from(["medium_enterprise", "farmer"]))
    def correct(self, data: st.DataObject, kind: str) -> None:
        """Correct the borrower of a claim, or take back its reviews: what was paid is recalled."""
        claim = self.one_claim(data)
        (contract,) = (
            row for row in self.tables["contracts"] if row["contract_id"] == claim["contract_id"]
        )
        if contract["borrower_type"] == kind:
            claim["finance_review"] = "rejected"
        contract["borrower_type"] = kind
        self.then.clear()
        self.step()

    @rule(short_by=st.none() | amounts)
    def carry_out(self, short_by: int | None) -> None:
        """Enter what is due today, if need be within a budget: then nothing is."""
        whole = results_of(settled(self.tables, self.today))["settlement"]
        budget = None
        if short_by is not None:
            budget = max(sum(money(row["to_pay"]) for row in whole) - short_by, 0)
        found = self.within(budget)
        for row in carried_out({**self.tables}, found, self.today)["claims"]:
            del row["compensation_paid"]
        for table, id_ in (("payments", "payment_id"), ("remittances", "remittance_id")):
            for row in self.tables[table]:
                if row[id_].startswith("new-"):
                    row[id_] = self.id()
        self.step()
        after = self.then[self.today][0]["settlement"]
        if budget is not None:
            after = self.within(budget - sum(money(row["to_pay"]) for row in found))
        for row in after:
            assert {row[leg] for leg in LEGS} == {"0.00"}

    def within(self, budget: int | None) -> list[Row]:
        """Return today's settlement within a budget, which is the oracle's."""
        text = None if budget is None else money_text(budget)
        found = results_of(settled(self.tables, self.today, None, text))
        assert found == oracle_settlement.settle(self.tables, trial_rules(), self.today, None, text)
        return found["settlement"]

    @precondition(lambda self: any(day < self.today for day in self.then))
    @rule(data=st.data())
    def look_back(self, data: st.DataObject) -> None:
        day = data.draw(st.sampled_from(sorted(day for day in self.then if day < self.today)))
        found = settled(self.tables, day)
        assert (results_of(found), found.input_digest) == self.then[day]


GrowingLedger.TestCase.settings = settings(
    max_examples=3 * DEPTH, stateful_step_count=20, deadline=None
)
TestGrowingLedger = pytest.mark.slow(GrowingLedger.TestCase)
