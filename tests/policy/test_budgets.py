"""A budget that falls short: who comes first, in which units, and after which caps."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import assess_frames, compare, decide_claim, portfolio_of_frames, settle
from compensation.one_case.faults import CaseFaults
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy_tools.doubts import doubts
from compensation.report.comparison_console import facts_of
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_small_policies import (
    HALF,
    HEAD,
    PRINCIPAL,
    assessed,
    columns,
    frames,
    small,
)

COLUMNS = columns(farm="boolean", little="boolean")
TURNS = 'first = [{ value = "claims.farm", is = true }, { value = "claims.little", is = true }]\n'
LARGEST = "largest_remainders"
IDS = [f"c{number}" for number in range(1, 7)]
Case = tuple[int, int, bool, bool, int]
"""What is compensated and what was paid, in fen; whether a farm, whether little; the day."""


def in_proportion(
    dues: Sequence[int], budget: int, unit: int, left_over: str = LARGEST
) -> list[int]:
    """Return the parts of a budget in whole units, by largest remainder, ties to the first.

    Who is short of less than a unit gets that. Or nobody gets what is left over.
    """
    total = sum(dues)
    if total <= budget:
        return list(dues)
    exact = [Fraction(due * budget, total * unit) for due in dues]
    units = [math.floor(each) for each in exact]
    if left_over == "nobody":
        return [each * unit for each in units]
    order = sorted(range(len(dues)), key=lambda place: (units[place] - exact[place], place))
    parts, left = [each * unit for each in units], budget - sum(units) * unit
    for place in order:
        more = min(unit, dues[place] - parts[place])
        if more > left:
            break
        parts[place], left = parts[place] + more, left - more
    assert 0 <= left < unit
    return parts


def expected(
    cases: Sequence[Case],
    budget: int,
    unit: int,
    method: str,
    turns: bool,
    left_over: str,
    least: int = 0,
) -> list[int]:
    """Return what is payable of each case, one turn after another; cut below the least, nothing."""
    dues = [max(case[0] - case[1], 0) for case in cases]
    turn = [(0 if case[2] else 1 if case[3] else 2) * turns for case in cases]
    found, left = [0] * len(cases), budget
    if sum(dues) <= budget:
        return dues
    for each in range(3):
        places = [place for place in range(len(cases)) if turn[place] == each]
        if method == "pro_rata":
            parts = in_proportion([dues[place] for place in places], max(left, 0), unit, left_over)
            for place, part in zip(places, parts, strict=True):
                found[place] = part
            left -= sum(dues[place] for place in places)
            continue
        for place in sorted(places, key=lambda place: cases[place][4]):
            whole = dues[place] <= left
            found[place] = dues[place] if whole else max(left, 0) // unit * unit
            left -= dues[place]
    return [
        0 if part < due and part < least * (method == "pro_rata") else part
        for part, due in zip(found, dues, strict=True)
    ]


CASES = st.tuples(
    st.integers(1, 500), st.integers(0, 300), st.booleans(), st.booleans(), st.integers(1, 3)
)


@pytest.mark.slow
@settings(max_examples=12 * DEPTH)
@given(
    st.lists(CASES, min_size=1, max_size=len(IDS)),
    st.integers(0, 200_000),
    st.sampled_from([1, 700]),
    st.sampled_from(["pro_rata", "first_come"]),
    st.booleans(),
    st.none() | st.sampled_from([1, 100, 1_000, 30_000]),
    st.sampled_from([LARGEST, "nobody"]),
    st.sampled_from([0, 7_000, 15_000]),
)
@example(
    [(100, 0, True, False, 1), (100, 0, False, False, 1)],
    9_999,
    1,
    "pro_rata",
    True,
    None,
    LARGEST,
    0,
)
@example(
    [(100, 0, True, False, 1), (100, 0, False, False, 1)],
    10_001,
    1,
    "pro_rata",
    True,
    None,
    LARGEST,
    0,
)
@example([(100, 1, False, False, 1)] * 2, 19_799, 700, "pro_rata", False, None, LARGEST, 0)
# One fen short of all: in units of 100 yuan a case gets its whole part, the other 0 or one unit.
@example([(100, 1, False, False, 1)] * 2, 19_799, 1, "pro_rata", False, 10_000, LARGEST, 0)
@example([(99, 0, False, False, 1)] * 3, 20_000, 1, "pro_rata", False, 10_000, LARGEST, 0)
@example(
    [(100, 0, True, True, 2), (100, 0, False, True, 1)],
    10_700,
    700,
    "first_come",
    True,
    None,
    LARGEST,
    0,
)
@example([(100, 0, False, False, 1)] * 3, 20_999, 1, "pro_rata", False, 700, "nobody", 0)
@example([(100, 0, False, False, 1)] * 3, 21_000, 1, "pro_rata", False, 700, "nobody", 0)
@example([(100, 0, False, False, 1)] * 3, 21_001, 1, "pro_rata", False, 700, "nobody", 0)
@example([(100, 0, False, False, 1)] * 2, 13_998, 1, "pro_rata", False, None, LARGEST, 7_000)
@example([(100, 0, False, False, 1)] * 2, 13_999, 1, "pro_rata", False, None, LARGEST, 7_000)
@example([(100, 0, False, False, 1)] * 2, 14_000, 1, "pro_rata", False, None, LARGEST, 7_000)
def test_a_budget_goes_turn_by_turn_in_whole_units(
    cases: list[Case],
    budget: int,
    unit: int,
    method: str,
    turns: bool,
    own: int | None,
    left_over: str,
    least: int,
) -> None:
    form = f"[compensation]\nround_to = {unit // 100}\n" if unit > 1 else ""
    order = 'order = "claims.payout_date"\n' if method == "first_come" else ""
    rule = f'[budget]\nmethod = "{method}"\n{order}{TURNS * turns}'
    if own is not None:
        rule += f"round_to = {own / 100}\n"
    if method == "pro_rata":
        rule += f'left_over = "{left_over}"\n'
        rule += f"at_least = {least / 100}\n" if least else ""
    # In whole units as computed; what was paid before need not be.
    scale = max(unit, 100)
    cases = [
        (due * scale, min(paid * 100, due * scale), farm, little, day)
        for due, paid, farm, little, day in cases
    ]
    rows = [
        {
            "principal": f"{due * 2 // 100}",
            "compensation_paid": f"{paid // 100}",
            "farm": str(farm).lower(),
            "little": str(little).lower(),
            "payout_date": f"2022-03-0{day}",
        }
        for due, paid, farm, little, day in cases
    ]
    money = f"{budget // 100}.{budget % 100:02}"
    run = assessed(small(COLUMNS, rule, form), *rows, budget=money)
    found = [int(each * 100) for each in run.claims["payable"]]
    assert found == expected(cases, budget, own or unit, method, turns, left_over, least)
    for id_, payable in zip(IDS, found, strict=False):
        assert recomputed(run.explain(id_).arithmetic)["payable"] * 100 == payable


TO_NOBODY = 'round_to = 1\nleft_over = "nobody"\n'
POOL = '[[caps]]\nid = "pool"\nper = []\nexceeding = "pro_rata"\nat_most = {}\n'


@settings(max_examples=12)
@given(
    st.lists(st.integers(1, 50_000), min_size=1, max_size=4),
    st.integers(0, 100_000),
    st.sampled_from([1, 100, 700]),
    st.sampled_from([LARGEST, "nobody"]),
    st.booleans(),
)
@example([10_000] * 3, 19_999, 100, "nobody", True)
@example([10_000] * 3, 20_000, 100, "nobody", True)
@example([10_000] * 3, 20_100, 100, "nobody", False)
@example([10_000] * 3, 30_000, 100, "nobody", False)
def test_what_a_pool_leaves_over_goes_to_nobody_if_it_says_so(
    amounts: list[int], money: int, unit: int, left_over: str, own: bool
) -> None:
    """`own`: whether the unit is the pool's own, or that of the compensation."""
    if not own:
        amounts = [max(amount // unit, 1) * unit for amount in amounts]
    written = f"round_to = {unit / 100}\n"
    form = "" if own else f"[compensation]\n{written}"
    pool = POOL.format(money / 100) + (written if own else "") + f'left_over = "{left_over}"\n'
    policy = small(form, pool)
    rows = [{"principal": f"{amount * 2 / 100:.2f}"} for amount in amounts]
    run = assessed(policy, *rows)
    found = [int(each * 100) for each in run.claims["compensation"]]
    held = money if own or left_over == "nobody" else money // unit * unit
    assert found == in_proportion(amounts, held, unit, left_over)
    settled = settle(portfolio_of_frames(**frames(*rows)), policy, "2022-12-31")
    assert [int(each * 100) for each in settled.settlement["to_pay"]] == found
    for id_, amount in zip(IDS, found, strict=False):
        assert recomputed(run.explain(id_).arithmetic)["compensation"] * 100 == amount


def test_what_a_budget_leaves_over_to_nobody_is_still_owed() -> None:
    policy = small('[budget]\nmethod = "pro_rata"\n' + TO_NOBODY)
    rows = [{"principal": "200"}] * 3
    run = assessed(policy, *rows, budget="200")
    assert list(run.claims["payable"]) == [66, 66, 66]
    step = next(line for line in run.explain("c1").arithmetic if line.name == "payable")
    assert step.formula == "floor(due × budget / total_due, 1)"
    settled = settle(portfolio_of_frames(**frames(*rows)), policy, "2022-12-31", budget="200")
    assert list(settled.settlement["to_pay"]) == [66, 66, 66]
    assert list(settled.settlement["outstanding"]) == [34, 34, 34]
    assert recomputed(settled.explain("c1").arithmetic)["to_pay"] == 66


def test_who_gets_what_is_left_over_is_listed_where_the_policy_does_not_say() -> None:
    def listed(part: str, budget: str | None = None) -> list[str]:
        run = assessed(small(part), {}, budget=budget)
        return [row["id"] for row in run.summary["assumptions"]]

    shared = '[budget]\nmethod = "pro_rata"\nbasis = "text"\n'
    lapses = f'{shared}at_most = 400\nunpaid = "lapses"\n'
    assert "left_over" in listed(POOL.format(400))
    assert "left_over" in listed(lapses)
    assert "left_over" in listed(shared, "400")
    assert "left_over" in listed("", "400")
    assert "left_over" not in listed(shared)
    for said in TO_NOBODY, 'left_over = "largest_remainders"\n':
        assert "left_over" not in listed(POOL.format(400) + said)
        assert "left_over" not in listed(lapses + said)
        assert "left_over" not in listed(shared + said, "400")


@pytest.mark.parametrize(
    ("part", "key"),
    [
        ('[[caps]]\nid = "all"\nper = []\nat_most = 1\n' + TO_NOBODY[13:], "caps[all].left_over"),
        (
            POOL.format(1).replace("[]", '["contracts.borrower_id"]') + "in_all = 5\n" + TO_NOBODY,
            "caps[pool].left_over",
        ),
        (
            '[budget]\nmethod = "first_come"\norder = "claims.payout_date"\n' + TO_NOBODY,
            "budget.left_over",
        ),
        ('[[caps]]\nid = "all"\nper = []\nat_most = 1\nat_least = 1', "caps[all].at_least"),
        (POOL.format(1) + "at_least = 0", "caps[pool].at_least"),
        ('[budget]\nmethod = "pro_rata"\nat_least = 0.001', "budget.at_least"),
        (
            '[budget]\nmethod = "first_come"\norder = "claims.payout_date"\nat_least = 5',
            "budget.at_least",
        ),
        (
            POOL.format(1) + 'at_least = 5\npayer = "city"\nrest = "nobody"\n[[payers]]\n'
            'id = "city"\nname = { zh = "市", en = "city" }\nshare = 1',
            "caps[pool].at_least",
        ),
    ],
)
def test_what_is_left_over_is_of_money_shared_in_proportion(part: str, key: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        small(part)
    assert [fault.key for fault in caught.value.faults] == [key]


@pytest.mark.parametrize("other", ['left_over = "nobody"', "at_least = 5"])
def test_policies_that_leave_over_differently_share_no_budget(other: str) -> None:
    shared = f'[base]\nvalue = {PRINCIPAL}\n[rates]\n{HALF}\n[budget]\nmethod = "pro_rata"\n'
    one = (HEAD + shared).replace("2029-12-31", "2022-12-31")
    two = (HEAD + shared + other).replace('"small"', '"later"')
    two = two.replace("2022-03-01", "2023-01-01")
    policies = [policy_of_texts({POLICY_TEXT: text}) for text in (one, two)]
    portfolio = portfolio_of_frames(**frames({}))

    def both() -> object:
        return settle(portfolio, policies, "2023-12-31", budget="10")

    assert [each.kind for each in faults(both)] == ["budget_methods_differ"]


def test_a_budget_comes_after_caps_on_payers_and_settles_alike() -> None:
    """The province pays at most 60 of 100 and 200; the budget cuts what is left, in turn."""
    payers = """
[[payers]]
id = "province"
name = { zh = "省", en = "province" }
share = 0.5
[[payers]]
id = "city"
name = { zh = "市", en = "city" }
share = 0.5
[[caps]]
id = "most"
payer = "province"
rest = "nobody"
at_most = 60
[budget]
method = "pro_rata"
first = [{ value = "claims.farm", is = true }]
"""
    policy = small(COLUMNS, payers)
    rows = [{"principal": "200"}, {"principal": "400", "farm": "true"}]
    rows = [{"farm": "false", "little": "false", **row} for row in rows]
    run = assessed(policy, *rows, budget="200")
    assert list(run.claims["compensation"]) == [100, 160]
    assert list(run.claims["payable"]) == [40, 160]
    assert list(run.claims["payable_province"]) == [20, 60]
    settled = settle(portfolio_of_frames(**frames(*rows)), policy, "2022-12-31", budget="200")
    assert list(settled.settlement["to_pay"]) == [40, 160]
    assert recomputed(settled.explain("c1").arithmetic)["to_pay"] == 40


OF_THE_POOL = """
[[caps]]
id = "pool"
at_most = { times = ["pool.opening", 0.3] }
per = []
exceeding = "pro_rata"
[budget]
method = "first_come"
order = "claims.payout_date"
at_most = { min = [{ minus = [{ on = "year.start", values = [
    { from = 2022-01-01, value = 900 }, { from = 2023-01-01, value = 1 },
] }, "pool.paid"] }, "pool.closing"] }
"""
SIGNS = {"opening": 1, "budget": 1, "interest": 1, "fee": -1}
Entry = tuple[str, str, int]
"""What came into the pool or went out of it: the day, the kind, the yuan."""
DAYS = ("2021-12-31", "2022-01-01", "2022-12-31", "2023-01-01")
PAID_ON = ("2022-03-01", "2022-12-31", "2023-01-01")


def from_the_pool(entries: Sequence[Entry], paid: Sequence[tuple[str, int]]) -> dict[str, Any]:
    """Return ledgers with a pool, two claims, and payments for the first, which was paid out."""
    tables = frames(
        {"principal": "1000", "payout_date": PAID_ON[0]},
        {"principal": "3000", "payout_date": "2022-06-02"},
    )
    tables["pool"] = pd.DataFrame(
        [
            {"entry_id": f"q{number}", "entry_date": day, "kind": kind, "amount": str(amount)}
            for number, (day, kind, amount) in enumerate(entries)
        ]
    )
    tables["payments"] = pd.DataFrame(
        [
            {"payment_id": f"p{n}", "claim_id": "c1", "payment_date": day, "amount": str(amount)}
            for n, (day, amount) in enumerate(paid)
        ],
        columns=["payment_id", "claim_id", "payment_date", "amount"],
    )
    return tables


@pytest.mark.slow
@settings(max_examples=12 * DEPTH)
@given(
    st.integers(0, 4000),
    st.lists(
        st.tuples(
            st.sampled_from(DAYS),
            st.sampled_from(["budget", "interest", "fee"]),
            st.integers(1, 2000),
        ),
        max_size=4,
    ),
    st.lists(st.tuples(st.sampled_from(PAID_ON), st.integers(1, 90)), max_size=2),
)
@example(5000, [], [])
@example(4999, [], [])
@example(0, [("2022-12-31", "fee", 100)], [])
def test_a_cap_and_a_budget_by_what_the_pool_holds(
    opening: int, entries: list[Entry], paid: list[tuple[str, int]]
) -> None:
    rows = [(DAYS[0], "opening", opening), *entries]
    policy = small(OF_THE_POOL)
    run = assess_frames(from_the_pool(rows, paid), policy, 2022)
    before = sum(SIGNS[kind] * amount for day, kind, amount in rows if day < "2022")
    within = sum(SIGNS[kind] * amount for day, kind, amount in rows if "2022" < day < "2023")
    of_year = sum(amount for day, amount in paid if day < "2023")
    pool = max(before * 30, 0)
    parts = in_proportion([50_000, 150_000], pool, 1)
    assert [int(each * 100) for each in run.claims["compensation"]] == parts
    budget = max(min(900 - of_year, before + within - of_year) * 100, 0)
    assert run.budget == budget
    dues = [max(parts[0] - 100 * sum(amount for _, amount in paid), 0), parts[1]]
    first = min(dues[0], budget)
    payable = [first, min(dues[1], budget - first)]
    assert [int(each * 100) for each in run.claims["payable"]] == payable
    for id_, amount in zip(IDS, payable, strict=False):
        assert recomputed(run.explain(id_).arithmetic)["payable"] * 100 == amount


def test_a_budget_that_is_given_counts_instead_of_the_policys() -> None:
    ledgers = from_the_pool([(DAYS[0], "opening", 5000)], [])
    run = assess_frames(ledgers, small(OF_THE_POOL), 2022, "700")
    assert list(run.claims["payable"]) == [375, 325]
    assert run.summary["budget"] == "700.00"
    shown = {line.name: line.formula for line in run.explain("c2").arithmetic}
    assert not shown["budget"]
    variants = compare(portfolio_of_frames(**ledgers), small(OF_THE_POOL), [2022])
    assert list(variants.totals["payable"]) == [900]
    facts = {name.en: said.en for name, said in facts_of(variants)}
    assert facts["Budget of each"] == "as the policies say"


@pytest.mark.parametrize(("less", "asked"), [('"pool.refunded"', 1), ('"pool.paid"', 0)])
def test_a_budget_that_each_run_may_pay_anew_is_asked_about(less: str, asked: int) -> None:
    budget = f'[budget]\nmethod = "pro_rata"\nat_most = {{ minus = [900, {less}] }}'
    assert [doubt.key for doubt in doubts(small(budget))] == ["budget.at_most"] * asked


OWN = '[[quantities]]\nid = "q"\nname = {{ zh = "钱", en = "q" }}\nvalue = {}\n'
BY_SUM = '[budget]\nmethod = "pro_rata"\nat_most = "quantity.q"'
BY_CLASS = '[budget]\nmethod = "pro_rata"\nfirst = [{ value = "quantity.q", above = 1 }]'


@pytest.mark.parametrize(
    ("budget", "values", "given"),
    [
        (BY_SUM, ("{ yuan = 1000 }", "{ yuan = 50 }"), None),
        (BY_CLASS, ('"claims.principal"', '"claims.interest"'), "1200"),
    ],
)
def test_budgets_that_differ_by_a_quantity_of_the_same_name_are_two(
    budget: str, values: tuple[str, str], given: str | None
) -> None:
    base = [f"[base]\nvalue = {PRINCIPAL}", f"[rates]\n{HALF}", budget]
    texts = ["\n".join([HEAD, *base, OWN.format(value)]) for value in values]
    one = texts[0].replace("2029-12-31", "2022-12-31")
    same, other = (
        text.replace('"small"', '"later"').replace("2022-03-01", "2023-01-01") for text in texts
    )
    opening = [("2022-01-01", "opening", 1)]
    portfolio = portfolio_of_frames(**from_the_pool(opening, []))

    def both(second: str) -> object:
        policies = [policy_of_texts({POLICY_TEXT: text}) for text in (one, second)]
        return settle(portfolio, policies, "2023-12-31", budget=given)

    both(same)
    assert [each.kind for each in faults(both, other)] == ["budget_methods_differ"]


@pytest.mark.parametrize(
    ("line", "asked"), [("closing", 1), ("paid", 1), ("opening", 0), ("interest", 0)]
)
def test_a_cap_may_not_look_at_what_a_settlement_changes(line: str, asked: int) -> None:
    """Paid, the money is no longer in the pool, and a part of it would be recalled."""
    cap = f'[[caps]]\nid = "pool"\nper = []\nat_most = {{ times = ["pool.{line}", 0.3] }}'
    if not asked:
        small(cap)
        return
    with pytest.raises(PolicyFaults) as caught:
        small(cap)
    assert [fault.kind for fault in caught.value.faults] == ["wrong_place"]


def test_a_settlement_pays_what_the_pool_holds_and_then_nothing() -> None:
    policy = small(
        '[budget]\nmethod = "pro_rata"\nat_most = "pool.closing"\nfirst = '
        '[{ value = "claims.principal", above = 1000 }]'
    )
    ledgers = from_the_pool([("2023-02-01", "opening", 1600)], [])
    portfolio = portfolio_of_frames(**ledgers)
    for settled in (
        settle(portfolio, policy, "2023-02-01"),
        settle(portfolio, policy, "2023-02-01", budget="1600"),
    ):
        assert list(settled.settlement["to_pay"]) == [100, 1500]
        shown = {line.name: line.formula for line in settled.explain("c1").arithmetic}
        assert shown["budget"] == "max(pool_closing, 0)"
        assert recomputed(settled.explain("c1").arithmetic)["to_pay"] == 100
    for id_, amount in (("c1", "100"), ("c2", "1500")):
        ledgers["payments"].loc[len(ledgers["payments"])] = [id_, id_, "2023-02-01", amount]
    again = settle(portfolio_of_frames(**ledgers), policy, "2023-02-01")
    assert list(again.settlement["to_pay"]) == [0, 0]
    assert list(again.settlement["outstanding"]) == [400, 0]


def test_a_pool_that_is_not_known_is_a_fault() -> None:
    policy, ledgers = small(OF_THE_POOL), from_the_pool([("2023-01-01", "opening", 1)], [])
    late = faults(assess_frames, ledgers, policy, 2022)
    in_june = from_the_pool([("2022-06-30", "opening", 1)], [])
    assess_frames(in_june, policy, 2022, as_of="2022-06-30")
    (not_yet,) = faults(functools.partial(assess_frames, as_of="2022-06-29"), in_june, policy, 2022)
    assert (not_yet.kind, not_yet.table) == ("pool_unknown", "pool")
    del ledgers["payments"]
    ledgers["claims"]["compensation_paid"] = ["1", "0"]
    undated = faults(assess_frames, ledgers, policy, 2022)
    del ledgers["pool"]
    none = faults(assess_frames, ledgers, policy, 2022)
    assert [(fault.kind, fault.table) for fault in (*late, *undated, *none)] == [
        ("pool_unknown", "pool"),
        ("pool_unknown", "payments"),
        ("pool_unknown", "pool"),
        ("missing_table", "pool"),
    ]
    undefined = (
        '[budget]\nmethod = "pro_rata"\n'
        'at_most = { times = [{ yuan = 1 }, { over = ["pool.interest", "pool.fee"] }] }'
    )
    ledgers = from_the_pool([(DAYS[0], "opening", 1)], [])
    (unknown,) = faults(assess_frames, ledgers, small(undefined), 2022)
    assert unknown.kind == "budget"
    with pytest.raises(CaseFaults) as raised:
        decide_claim(policy, {}, {})
    assert "takes_a_ledger" in [fault.kind for fault in raised.value.faults]


CARRIED = """
[[caps]]
id = "year"
per = ["claims.city"]
years = 2
at_most = { sum = [1000, { times = [0.5, { max = [{ minus = [900, "cap.paid_before"] }, 0] }] }] }
exceeding = "EXCEEDING"
"""
Past = tuple[str, int, int]
"""A claim's city, its year, and what it is compensated with, or was paid, in yuan."""


@pytest.mark.slow
@settings(max_examples=12 * DEPTH)
@given(
    st.lists(
        st.tuples(st.sampled_from("甲乙"), st.integers(2022, 2024), st.integers(1, 1600)),
        min_size=1,
        max_size=len(IDS),
    ),
    st.sampled_from(["count_up_to", "pro_rata"]),
)
@example([("甲", 2023, 899), ("甲", 2024, 1000), ("甲", 2024, 1)], "count_up_to")
@example([("甲", 2023, 900), ("甲", 2024, 1000), ("甲", 2024, 1)], "count_up_to")
@example([("甲", 2023, 901), ("乙", 2024, 1449), ("乙", 2024, 2)], "pro_rata")
@example([("甲", 2022, 1600), ("甲", 2024, 1450), ("甲", 2024, 50)], "pro_rata")
def test_half_of_what_a_group_left_of_the_year_before_is_added(
    cases: list[Past], exceeding: str
) -> None:
    rows = [
        {
            "city": city,
            "payout_date": f"{year}-06-01",
            "principal": str(amount * 2),
            "compensation_paid": str(amount if year < 2024 else 0),
        }
        for city, year, amount in cases
    ]
    policy = small(columns(city="text"), CARRIED.replace("EXCEEDING", exceeding))
    run = assess_frames(frames(*rows), policy, 2024)
    expected: dict[str, int] = {}
    for city in "甲乙":
        paid = sum(amount for of, year, amount in cases if (of, year) == (city, 2023))
        limit = 100_000 + max(90_000 - paid * 100, 0) // 2
        places = [n for n, (of, year, _) in enumerate(cases) if (of, year) == (city, 2024)]
        amounts = [cases[place][2] * 100 for place in places]
        if exceeding == "pro_rata":
            amounts = in_proportion(amounts, limit, 1)
        for place, amount in zip(places, amounts, strict=True):
            expected[IDS[place]] = min(amount, limit)
            limit -= expected[IDS[place]] if exceeding == "count_up_to" else 0
    found = dict(zip(run.claims["claim_id"], run.claims["compensation"], strict=True))
    assert {id_: int(amount * 100) for id_, amount in found.items()} == expected
    for id_, amount in list(expected.items())[-2:]:
        assert recomputed(run.explain(id_).arithmetic)["compensation"] * 100 == amount


def test_a_settlement_carries_over_what_was_not_granted() -> None:
    """Of 2023, 800 are granted and 100 left: 50 are added to the 1000 of 2024, paid or not."""
    policy = small(columns(city="text"), CARRIED.replace("EXCEEDING", "count_up_to"))
    rows = [
        {"city": "甲", "payout_date": f"{year}-06-01", "principal": principal}
        for year, principal in ((2023, "1600"), (2024, "4000"))
    ]
    settled = settle(portfolio_of_frames(**frames(*rows)), policy, "2024-12-31")
    assert list(settled.settlement["to_pay"]) == [800, 1050]
    rows[0]["compensation_paid"] = "800"
    run = assess_frames(frames(*rows), policy, 2024)
    assert list(run.claims["compensation"]) == [1050]


FARMS_FIRST = 'first = [{ value = "claims.farm", is = true }]\n'
LITTLE_FIRST = 'first = [{ value = "claims.principal", above = 5 }]\n'
LAPSES = '[budget]\nmethod = "{}"\nat_most = {}\n{}unpaid = "lapses"\n'
DUES = st.lists(st.tuples(st.integers(1, 500), st.booleans()), min_size=1, max_size=len(IDS))


@pytest.mark.slow
@settings(max_examples=10 * DEPTH)
@given(DUES, st.integers(1, 100_000), st.sampled_from([1, 1_000]), st.booleans())
@example([(100, False), (100, False)], 19_999, 1, True)
@example([(100, False), (100, False)], 20_000, 1, True)
@example([(100, False), (100, False)], 20_001, 1, True)
def test_what_lapses_is_granted_to_nobody_and_owed_to_nobody(
    cases: list[tuple[int, bool]], money: int, unit: int, pro_rata: bool
) -> None:
    dues = [due * 100 for due, _ in cases]
    if pro_rata:
        form = f"round_to = {unit // 100}\n" if unit > 1 else ""
        rule = LAPSES.format("pro_rata", money / 100, FARMS_FIRST + form)
    else:
        rule = LAPSES.format("first_come", money / 100, 'order = "claims.payout_date"\n')
    expected, left = [0] * len(cases), money
    for turn in (True, False) if pro_rata else (None,):
        places = [n for n, case in enumerate(cases) if turn in (None, case[1])]
        if pro_rata:
            parts = in_proportion([dues[n] for n in places], max(left, 0), unit)
        else:
            before = [sum(dues[:n]) for n in places]
            parts = [min(dues[n], max(money - b, 0)) for n, b in zip(places, before, strict=True)]
        for place, part in zip(places, parts, strict=True):
            expected[place] = part
        left -= sum(dues[n] for n in places)
    policy = small(columns(farm="boolean"), rule)
    rows = [{"principal": str(due * 2), "farm": str(farm).lower()} for due, farm in cases]
    run = assessed(policy, *rows)
    for name in ("compensation", "payable"):
        assert [int(each * 100) for each in run.claims[name]] == expected
    for id_ in IDS[: len(cases)]:
        recomputed(run.explain(id_).arithmetic)
    # Paid so, nothing is due in the year after, nor to be recalled.
    paid = [
        {**row, "compensation_paid": f"{fen // 100}.{fen % 100:02}"}
        for row, fen in zip(rows, expected, strict=True)
    ]
    for day in ("2022-12-31", "2023-12-31"):
        found = settle(portfolio_of_frames(**frames(*paid)), policy, day).settlement
        assert not found[["to_pay", "to_recall", "outstanding"]].any(axis=None)


def test_a_budget_given_to_a_run_is_beside_one_that_lapses() -> None:
    run = assessed(small(LAPSES.format("pro_rata", 600, "")), {}, {}, budget="400")
    assert list(run.claims["compensation"]) == [300, 300]
    assert list(run.claims["payable"]) == [200, 200]


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ('method = "pro_rata"\n', "budget.unpaid"),
        ('method = "pro_rata"\nat_most = { minus = [9, "pool.paid"] }\n', "budget.at_most"),
        ('method = "first_come"\nat_most = 9\norder = "claims.filed"\n', "budget.unpaid"),
        (
            f'method = "first_come"\nat_most = 9\norder = "claims.payout_date"\n{LITTLE_FIRST}',
            "budget.unpaid",
        ),
        (
            'method = "first_come"\nat_most = 9\norder = "claims.payout_date"\nround_to = 10\n',
            "budget.unpaid",
        ),
    ],
)
def test_what_lapses_is_of_one_sum_in_the_order_of_cases(keys: str, key: str) -> None:
    filed = columns(filed="date").replace("note =", "required = true\nnote =")
    with pytest.raises(PolicyFaults) as raised:
        small(filed, f'[budget]\n{keys}unpaid = "lapses"')
    assert [each.key for each in raised.value.faults] == [key]


def test_what_lapses_in_the_order_of_cases_stands_beside_no_pool() -> None:
    """It would come before the pool, and what the pool then leaves would be lost."""
    pool = '[[caps]]\nid = "a"\nper = ["contracts.institution_id"]\nat_most = 40\n'
    lapses = '[budget]\nmethod = "{}"\nat_most = 100\n{}unpaid = "lapses"\n'
    order = 'order = "claims.payout_date"\n'
    with pytest.raises(PolicyFaults) as raised:
        small(f'{pool}exceeding = "pro_rata"', lapses.format("first_come", order))
    assert [each.key for each in raised.value.faults] == ["budget.unpaid"]
    small(pool, lapses.format("first_come", order))
    small(f'{pool}exceeding = "pro_rata"', lapses.format("pro_rata", ""))


@pytest.mark.slow
@settings(max_examples=8 * DEPTH)
@given(
    st.lists(st.tuples(st.integers(1, 500), st.booleans()), min_size=1, max_size=len(IDS)),
    st.integers(0, 100_000),
    st.sampled_from(["pro_rata", "first_come"]),
)
@example([(100, True), (100, False)], 9_999, "pro_rata")
@example([(100, True), (100, False)], 10_001, "pro_rata")
def test_what_was_not_paid_before_comes_before_later_years(
    cases: list[tuple[int, bool]], budget: int, method: str
) -> None:
    order = 'order = "claims.payout_date"\n' if method == "first_come" else ""
    policy = small(f'[budget]\nmethod = "{method}"\n{order}unpaid = "owed_first"')
    rows = [
        {"principal": str(due * 2), "payout_date": "2022-06-01" if earlier else "2023-06-01"}
        for due, earlier in cases
    ]
    found = settle(
        portfolio_of_frames(**frames(*rows)), policy, "2023-12-31", budget=f"{budget / 100:.2f}"
    )
    expected, left = [0] * len(cases), budget
    for turn in (True, False):
        places = [place for place, case in enumerate(cases) if case[1] == turn]
        dues = [cases[place][0] * 100 for place in places]
        parts = in_proportion(dues, max(left, 0), 1)
        if method == "first_come":
            before = [sum(dues[:n]) for n in range(len(dues))]
            parts = [min(d, max(left - b, 0)) for d, b in zip(dues, before, strict=True)]
        for place, part in zip(places, parts, strict=True):
            expected[place] = part
        left -= sum(dues)
    assert [int(each * 100) for each in found.settlement["to_pay"]] == expected
    for id_ in IDS[: len(cases)]:
        recomputed(found.explain(id_).arithmetic)
