"""Interest on a falling balance, and averages of balances, against sums day by day in fractions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation import (
    Assessment,
    Policy,
    assess,
    assess_frames,
    assess_policies,
    decide_claim,
    portfolio_of_frames,
    settle,
)
from compensation.one_case.faults import CaseFaults
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy_tools.doubt import Doubt
from compensation.policy_tools.doubts import doubts
from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_small_policies import CLAIM, CONTRACT, HEAD, small

LOANS = """
record = "contract"
trigger = { date = "contracts.start_date", until = "contracts.release_date" }
review = { required = [] }
rates = { tiers = [{ rate = 1 }] }
base = { value = BASE }
"""
YEAR = '["year.start", "year.end"]'
INTEREST = f"{{ over = [{{ times = [{{ balance_days = {YEAR} }}, 0.045] }}, 360] }}"
NEXT = '{ months_later = ["year.start", 12] }'
INSTITUTION = {"institution_id": "A", "government_backed": "true"}
Repaid = Sequence[tuple[date, int]]
Loan = tuple[int, date, date | None, Repaid]
"""Principal in fen, first day, day of the release, and what was repaid in parts before."""


def loans(base: str = INTEREST, *parts: str) -> Policy:
    return policy_of_texts({POLICY_TEXT: loans_text(base) + "\n".join(parts)})


def loans_text(base: str = INTEREST) -> str:
    head = HEAD.replace("2029-12-31", "2029-12-31, excludes = false")
    return head + LOANS.replace("BASE", base)


def frames(*loans: tuple[dict[str, str], Repaid], **more: Any) -> dict[str, Any]:
    contracts = [
        {**CONTRACT, "contract_id": f"k{n}", "borrower_id": f"b{n}", **loan}
        for n, (loan, _) in enumerate(loans, 1)
    ]
    repaid = [
        {"contract_id": f"k{n}", "release_date": day.isoformat(), "amount": yuan(fen)}
        for n, (_, parts) in enumerate(loans, 1)
        for day, fen in parts
    ]
    releases = pd.DataFrame(repaid, columns=["contract_id", "release_date", "amount"])
    tables = {"institutions": pd.DataFrame([INSTITUTION]), "contracts": pd.DataFrame(contracts)}
    return {**tables, "releases": releases, **more}


def yuan(fen: int) -> str:
    return str(Decimal(fen) / 100)


def row_of(loan: Loan) -> tuple[dict[str, str], Repaid]:
    principal, start, end, repaid = loan
    released = "" if end is None else end.isoformat()
    days = {"start_date": start.isoformat(), "release_date": released}
    return {"guaranteed_amount": yuan(principal), **days}, repaid


def daily(loan: Loan, days: list[date]) -> int:
    """Return Σ balance at the end of each of some days, in fen."""
    principal, start, end, repaid = loan
    total = 0
    for day in days:
        if start <= day and (end is None or day < end):
            total += principal - sum(fen for on, fen in repaid if on <= day)
    return total


def rounded(value: Fraction) -> Fraction:
    return Fraction(int(value * 100 + Fraction(1, 2)), 100)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(n) for n in range((date(year + 1, 1, 1) - first).days)]


def one(run: Assessment, column: str = "compensation", row: int = 0) -> Fraction:
    return Fraction(run.claims[column][row])


@st.composite
def falling(draw: st.DrawFn) -> Loan:
    """A loan of some years, repaid in parts."""
    start = date(2022, 1, 1) + timedelta(draw(st.integers(0, 800)))
    end = draw(st.none() | st.integers(0, 900).map(lambda n: start + timedelta(n)))
    principal = draw(st.integers(1, 10**11))
    left, repaid = principal, []
    for _ in range(draw(st.integers(0, 3))):
        part = draw(st.integers(0, left))
        latest = 900 if end is None else (end - start).days
        if part:
            repaid.append((start + timedelta(draw(st.integers(0, latest))), part))
        left -= part
    return principal, start, end, repaid


@pytest.mark.slow
@given(st.lists(falling(), min_size=1, max_size=3))
def test_interest_is_of_each_days_balance(cases: list[Loan]) -> None:
    """Also through a portfolio; the explanation comes to the same by its own lines."""
    policy, tables = loans(), frames(*map(row_of, cases))
    run = assess_frames(tables, policy, 2024)
    expected = {
        f"k{n}": rounded(Fraction(daily(case, days_of(2024)), 100) * Fraction(45, 1000) / 360)
        for n, case in enumerate(cases, 1)
    }
    found = dict(
        zip(run.claims["claim_id"], map(Fraction, run.claims["compensation"]), strict=True)
    )
    assert found == {id_: expected[id_] for id_ in found}
    assert all(expected[id_] == 0 for id_ in expected.keys() - found.keys())
    for id_ in found:
        assert recomputed(run.explain(id_).arithmetic)["compensation"] == expected[id_]
    claims = pd.DataFrame(columns=["claim_id", "contract_id", "payout_date", "principal"])
    again = assess(portfolio_of_frames(**tables, claims=claims), policy, 2024)
    assert again.tables["claims"].equals(run.tables["claims"])


HALF_REPAID = ({"start_date": "2024-01-01"}, [(date(2024, 7, 1), 50_000_000)])


def test_what_a_tier_up_is_worth_is_of_the_institution_s_own_balances() -> None:
    large = '{ value = "indicator.new_guarantees", at_least = 1_000_000_000 }'
    tiers = f"[{{ rate = 0.5, when = [{large}] }}, {{ rate = 0.4 }}]"
    policy = policy_of_texts({POLICY_TEXT: loans_text().replace("[{ rate = 1 }]", tiers)})
    tables = frames(HALF_REPAID, ({"start_date": "2024-03-01", "institution_id": "B"}, []))
    tables["institutions"] = pd.DataFrame([{**INSTITUTION, "institution_id": id_} for id_ in "AB"])
    run = assess_frames(tables, policy, 2024)
    for id_, compensation in zip("AB", run.claims["compensation"], strict=True):
        step = run.explain_institution(id_).next_tier
        assert step is not None
        # 0.5 instead of 0.4; both amounts are whole yuan.
        *_, last = recomputed(step.worth).values()
        assert last == Fraction(compensation) / 4


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        # 1,000,000 on 182 days and 500,000 on 184.
        (YEAR, 182_000_000 + 92_000_000),
        (f'["contracts.start_date", {NEXT}], last = "excluded"', 274_000_000),
        ("[2024-06-30, 2024-07-01]", 1_500_000),
        ('[2024-06-30, 2024-07-01], last = "excluded"', 1_000_000),
        # What a document says of its own end; nothing where it ends before it begins.
        ('[2024-01-01, { min = ["year.end", 2024-07-31] }]', 182_000_000 + 31 * 500_000),
        ("[2024-07-02, 2024-07-01]", 0),
        ("[2024-07-03, 2024-07-01]", 0),
    ],
)
def test_which_days_count(days: str, expected: int) -> None:
    policy = loans(f"{{ over = [{{ balance_days = {days} }}, 1] }}")
    assert one(assess_frames(frames(HALF_REPAID), policy, 2024)) == expected


@pytest.mark.parametrize(("fen", "expected"), [(-1, "0.00"), (0, "0.01"), (1, "0.01")])
def test_one_fen_of_principal_at_half_a_fen_of_interest(fen: int, expected: str) -> None:
    """40.00 yuan for a day at 4.5% over 360 is half a fen."""
    loan = {"guaranteed_amount": yuan(4_000 + fen), "start_date": "2024-12-31"}
    run = assess_frames(frames((loan, [])), loans(), 2024)
    assert str(run.claims["compensation"][0]) == expected


def test_the_average_balance_of_a_contract_and_of_a_claim() -> None:
    average = f'{{ over = [{{ balance_days = {YEAR} }}, "year.days"] }}'
    run = assess_frames(frames(HALF_REPAID), loans(average), 2024)
    assert one(run) == rounded(Fraction(274_000_000, 366))
    claim = [{**CLAIM, "claim_id": "c1", "payout_date": "2024-06-01"}]
    policy = small(base=f"{{ min = [{average}, {{ yuan = 999 }}] }}")
    run = assess_frames(frames(HALF_REPAID, claims=pd.DataFrame(claim)), policy, 2024)
    assert one(run) == Fraction("499.5")


OF_INSTITUTIONS = """
record = "institution"
review = { required = [] }
rates = { tiers = [{ rate = 1 }] }
base = { value = "indicator.average" }
"""
AVERAGE = """
[[indicators]]
id = "average"
name = { zh = "日均余额", en = "daily average" }
value = { over = [{ measure = "balance_days" WHERE }, DAYS] }
"""


@pytest.mark.parametrize(
    ("where", "days", "loans_counted", "over"),
    [
        ("", '"year.days"', (0, 1), (2024,)),
        (
            ', where = [{ value = "contracts.guaranteed_amount", above = 300 }]',
            "366",
            (0,),
            (2024,),
        ),
        (", years = 2", "731", (0, 1), (2023, 2024)),
    ],
    ids=["all", "some", "two years"],
)
def test_the_daily_average_of_an_institution(
    where: str, days: str, loans_counted: Sequence[int], over: Sequence[int]
) -> None:
    cases: list[Loan] = [
        (100_000_00, date(2023, 5, 6), date(2024, 10, 1), [(date(2024, 2, 29), 33_333_33)]),
        (300_00, date(2024, 2, 29), None, [(date(2024, 12, 31), 1)]),
    ]
    own = AVERAGE.replace("WHERE", where).replace("DAYS", days)
    policy = policy_of_texts({POLICY_TEXT: f"{HEAD}{OF_INSTITUTIONS}{own}"})
    run = assess_frames(frames(*map(row_of, cases)), policy, 2024)
    every = [day for year in over for day in days_of(year)]
    total = sum(daily(cases[n], every) for n in loans_counted)
    assert one(run) == rounded(Fraction(total, 100) / len(every))
    assert recomputed(run.explain("A").arithmetic)["compensation"] == one(run)


def test_the_monthly_average_and_the_year_before() -> None:
    loan: Loan = (100_000_00, date(2023, 5, 6), date(2024, 10, 1), [(date(2024, 2, 29), 33_333_33)])
    year = '{ measure = "month_end_balances" }'
    before = f"{{ minus = [{year.replace(' }', ', years = 2 }')}, {year}] }}"
    found = []
    for value in (year, before):
        own = AVERAGE.replace('{ measure = "balance_days" WHERE }', value).replace("DAYS", "12")
        policy = policy_of_texts({POLICY_TEXT: f"{HEAD}{OF_INSTITUTIONS}{own}"})
        found.append(one(assess_frames(frames(row_of(loan)), policy, 2024)))
    # Eight month ends in 2023; one in 2024 before the part that was repaid, eight after it.
    whole, rest = Fraction(100_000), Fraction("66666.67")
    assert found == [rounded((whole + 8 * rest) / 12), rounded(8 * whole / 12)]


def test_releases_must_be_there() -> None:
    """They may be empty: that nothing was repaid is said, not assumed."""
    tables = frames(({"start_date": "2024-01-01"}, []))
    assert one(assess_frames(tables, loans(), 2024)) == rounded(Fraction(366_000_000 * 45, 360_000))
    del tables["releases"]
    (fault,) = faults(assess_frames, tables, loans(), 2024)
    assert (fault.kind, fault.table) == ("missing_table", "releases")
    average = AVERAGE.replace("WHERE", "").replace("DAYS", '"year.days"')
    measured = loans('"contracts.guaranteed_amount"', average)
    (fault,) = faults(assess_frames, tables, measured, 2024)
    assert (fault.kind, fault.table) == ("missing_table", "releases")


@pytest.mark.parametrize(
    ("repaid", "kind"),
    [
        ((date(2023, 12, 31), 1), "date_order"),
        ((date(2025, 1, 1), 1), "date_order"),
        ((date(2024, 5, 1), 100_000_001), "over_released"),
    ],
)
def test_what_cannot_have_been_repaid(repaid: tuple[date, int], kind: str) -> None:
    loan = {"start_date": "2024-01-01", "release_date": "2024-12-31"}
    (fault,) = faults(assess_frames, frames((loan, [repaid])), loans(), 2024)
    assert fault.kind == kind


@pytest.mark.parametrize(
    ("end", "expected"), [("2024-07-30", 29), ("2024-07-31", 30), ("2024-08-01", 30)]
)
def test_days_end_with_the_policy(end: str, expected: int) -> None:
    """Days of the year that are cut where the loan is not released yet, and the policy ends."""
    last = '{ min = [{ first_given = ["contracts.release_date", "year.end"] }, 2024-07-31] }'
    days = f'{{ days_in_year = [{{ max = ["contracts.start_date", 2024-07-02] }}, {last}] }}'
    policy = loans(f"{{ over = [{{ times = [{{ yuan = 1 }}, {days}] }}, 1] }}")
    for release, found in ((end, expected), ("", 30)):
        loan = {"start_date": "2024-06-01", "release_date": release}
        assert one(assess_frames(frames((loan, [])), policy, 2024)) == found


SUM = f"{{ balance_days = {YEAR} }}"
DAYS = '{ days = ["contracts.start_date", "year.end"] }'
AMOUNT = '"contracts.guaranteed_amount"'


@pytest.mark.parametrize(
    "base",
    [
        f"{{ balance_days = {YEAR} }}",
        f"{{ times = [{AMOUNT}, 0.045, {DAYS}] }}",
        f"{{ times = [{AMOUNT}, {DAYS.replace('days', 'months')}] }}",
        f"{{ times = [{{ over = [{AMOUNT}, 360] }}, {DAYS}] }}",
    ],
)
def test_yuan_times_days_are_no_yuan(base: str) -> None:
    with pytest.raises(PolicyFaults) as raised:
        loans(base)
    assert [fault.key for fault in raised.value.faults] == ["base.value"]
    assert "360、365、12" in raised.value.faults[0].message.zh


@pytest.mark.parametrize(
    ("base", "said"),
    [
        (f"{{ sum = [{SUM}, {AMOUNT}] }}", "sum 不能把"),
        (f"{{ times = [{SUM}, {DAYS}] }}", "times 不能把"),
        (f"{{ over = [{SUM}, {DAYS.replace('days', 'months')}] }}", "over 不能把"),
        (f"{{ over = [{AMOUNT}, {SUM}] }}", "over 不能把"),
        ('{ over = [{ balance_days = ["year.start"] }, 360] }', "balance_days 要有 2 项"),
        (
            f'{{ over = [{{ balance_days = {YEAR}, last = "excluded" }}, 360] }}',
            'last = "excluded"',
        ),
    ],
)
def test_what_yuan_days_do_not_go_with(base: str, said: str) -> None:
    with pytest.raises(PolicyFaults) as raised:
        loans(base)
    (fault,) = raised.value.faults
    assert fault.message.zh.startswith(said)


@pytest.mark.parametrize(
    "base",
    [
        f"{{ over = [{{ times = [{AMOUNT}, 0.045, {DAYS}] }}, 360] }}",
        f"{{ times = [{AMOUNT}, 0.045, {{ over = [{DAYS}, 360] }}] }}",
        f"{{ times = [{AMOUNT}, {{ over = [{SUM}, {SUM}] }}] }}",
        f"{{ over = [{{ times = [{AMOUNT}, {{ over = [{SUM}, {AMOUNT}] }}] }}, 1] }}",
    ],
)
def test_yuan_days_over_days_are_yuan(base: str) -> None:
    assert loans(base).rules.base


def test_an_indicator_is_no_yuan_days() -> None:
    alone = AVERAGE.replace("{ over = [{ measure", "{ measure").replace(" WHERE }, DAYS] }", " }")
    with pytest.raises(PolicyFaults) as raised:
        loans(AMOUNT, alone)
    assert [fault.key for fault in raised.value.faults] == ["indicators[average].value"]


def test_an_institutions_year_has_no_balance_of_a_contract() -> None:
    rules = 'record = "institution"\nrates = { tiers = [{ rate = 1 }] }\n'
    with pytest.raises(PolicyFaults) as raised:
        policy_of_texts({POLICY_TEXT: f"{HEAD}{rules}base = {{ value = {INTEREST} }}"})
    assert "measure" in raised.value.faults[0].message.zh


def test_a_single_case_takes_a_ledger() -> None:
    with pytest.raises(CaseFaults) as raised:
        decide_claim(loans(), {}, {"guaranteed_amount": "1"}, 2024)
    assert "takes_a_ledger" in [fault.kind for fault in raised.value.faults]


def test_a_contract_of_several_years_that_counts_in_one_is_asked_about() -> None:
    once = LOANS.replace(', until = "contracts.release_date"', "")
    found = []
    for base in (INTEREST, AMOUNT, f"{{ over = [{{ times = [{AMOUNT}, {DAYS}] }}, 360] }}"):
        text = f"{HEAD}{once.replace('BASE', base)}"
        found.append([doubt.key for doubt in asked(policy_of_texts({POLICY_TEXT: text}))])
    assert found == [["trigger"], [], []]
    assert asked(loans()) == []


def asked(policy: Policy) -> list[Doubt]:
    """Return what `policies check` asks but for days that are counted beyond a day."""
    return [doubt for doubt in doubts(policy) if "--as-of" not in doubt.message.en]


START, DUE = '"contracts.start_date"', '"contracts.release_date"'
CUT = f'{{ max = [{START}, "year.start"] }}'


@pytest.mark.parametrize(
    ("counted", "line"),
    [
        (f"balance_days = [{START}, {DUE}]", f'balance_days = [{CUT}, {{ min = [{DUE}, "year.end"'),
        (f'balance_days = [{CUT}, {DUE}], last = "excluded"', "{ months_later"),
        (f'balance_days = [{START}, "year.end"]', f"balance_days = [{CUT}, "),
        (f'balance_days = [{CUT}, {{ min = [{DUE}, "year.end"] }}]', None),
        (f"times = [{AMOUNT}, {{ days = [{START}, {DUE}] }}]", f"days_in_year = [{START}, {DUE}]"),
        (f"times = [{AMOUNT}, {{ days_in_year = [{START}, {DUE}] }}]", None),
    ],
)
def test_a_year_of_a_contract_that_counts_days_beyond_it_is_asked_about(
    counted: str, line: str | None
) -> None:
    named = f'[[quantities]]\nid = "q"\nname = {{ zh = "甲", en = "q" }}\nvalue = {{ {counted} }}'
    for base, *more in ((f"{{ {counted} }}",), ('"quantity.q"', named)):
        found = asked(loans(f"{{ over = [{base}, 360] }}", *more))
        assert [doubt.key for doubt in found] == ["base"] * (line is not None)
        assert line is None or line in found[0].message.zh


@pytest.mark.parametrize(
    ("over", "unusual"), [("360", False), ("365", False), ("1", False), ("100", True), ("12", True)]
)
def test_an_unusual_number_of_days_is_asked_about(over: str, unusual: bool) -> None:
    found = [doubt.key for doubt in asked(loans(INTEREST.replace("360", over)))]
    assert found == ["base"] * unusual


AS_OF = '{ first_given = ["year.as_of", "year.end"] }'
ENDS = {
    "included": ('"year.end"', f'{{ min = [{AS_OF}, "year.end"] }}'),
    "excluded": (NEXT, f"{{ days_later = [{AS_OF}, 1] }}"),
}


def ahead(policy: Policy, loan: dict[str, str], day: str | None) -> list[tuple[str | None, Any]]:
    """Return where it is told that days after a day are counted."""
    run = assess_frames(frames((loan, [])), policy, 2024, as_of=day)
    return [(w.table, w.row) for w in run.warnings if w.kind == "days_to_come"]


@pytest.mark.parametrize("last", ENDS)
@pytest.mark.parametrize("counted", ["balance_days", "days_in_year", "days"])
def test_days_after_the_day_as_of_which_is_computed(counted: str, last: str) -> None:
    beside = "" if counted == "days" else f', last = "{last}"'
    # From one day to another, the last does not count.
    until = "2024-12-30" if (counted, last) == ("days", "included") else "2024-12-31"
    for end, may_be in zip(ENDS[last], (True, False), strict=True):
        days = f"{{ {counted} = [{CUT}, {end}]{beside} }}"
        grown = days if counted == "balance_days" else f"{{ times = [{AMOUNT}, {days}] }}"
        policy = loans(f"{{ over = [{grown}, 360] }}")
        assert may_be == any("--as-of" in each.message.en for each in doubts(policy))
        for day in ("2024-03-31", "2024-12-29", "2024-12-30", "2024-12-31", "2025-01-01", None):
            told = ahead(policy, {"start_date": "2024-01-01"}, day)
            assert told == [("contracts", 1)] * (may_be and day is not None and day < until)


def test_a_loan_that_is_repaid_has_no_days_ahead() -> None:
    """As of the day before, the release is as if it were not known yet."""
    loan = {"start_date": "2024-01-01", "release_date": "2024-03-31"}
    assert ahead(loans(), loan, "2024-03-30") == [("contracts", 1)]
    assert ahead(loans(), loan, "2024-03-31") == []


def test_days_ahead_are_told_of_several_policies_and_of_a_settlement_too() -> None:
    loan = frames(({"start_date": "2024-01-01"}, []))
    loan["claims"] = pd.DataFrame([{**CLAIM, "claim_id": "c"}])[:0]
    ledger = portfolio_of_frames(**loan)
    by_case = loans().text.replace(', until = "contracts.release_date"', ', settled = "by_case"')
    policy = policy_of_texts({POLICY_TEXT: by_case})
    for day, told in (("2024-12-30", [1]), ("2024-12-31", [])):
        joint = assess_policies(ledger, [policy], 2024, as_of=day)
        for run in (joint, settle(ledger, policy, day)):
            assert [w.row for w in run.warnings if w.kind == "days_to_come"] == told
