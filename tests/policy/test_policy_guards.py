"""Cells that a policy may read otherwise than was meant are asked about, or refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from compensation import Assessment, Policy, assess_frames
from compensation.language import Language
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from tests.one_claim import faults
from tests.policy.test_small_policies import CLAIM, CONTRACT, HALF, HEAD, PRINCIPAL, columns

COLUMN = """[[columns]]
table = "contracts"
name = "sector"
heading = "门类"
type = "text"
note = { zh = "注", en = "note" }
"""
EXCLUDED = """[[claim_conditions]]
id = "sector"
not = { value = "contracts.sector", one_of = ["房地产业", "金融业"] }
"""
CAP = '[[caps]]\nid = "group"\nper = ["contracts.{}"]\nat_most = 600\n'
Row = dict[str, str]


def policy(*parts: str, head: str = HEAD) -> Policy:
    text = "\n".join([head, f"[base]\nvalue = {PRINCIPAL}", f"[rates]\n{HALF}", COLUMN, *parts])
    return policy_of_texts({POLICY_TEXT: text})


def run(of: Policy, *rows: Row) -> Assessment:
    """Assess a claim on each of some contracts; a row holds what differs of both."""
    institutions = [{"institution_id": id_, "government_backed": "true"} for id_ in "AB"]
    contracts, claims = [], []
    for number, row in enumerate(rows, 1):
        own = {
            name: row[name]
            for name in row
            if name not in CLAIM and name in (*CONTRACT, "sector", "limit")
        }
        contracts.append({"sector": "", **CONTRACT, **own, "contract_id": f"k{number}"})
        rest = {name: value for name, value in row.items() if name not in own}
        claims.append({**CLAIM, **rest, "claim_id": f"c{number}", "contract_id": f"k{number}"})
    frames: dict[str, Any] = {
        "institutions": institutions,
        "contracts": contracts,
        "claims": claims,
    }
    return assess_frames({name: pd.DataFrame(f) for name, f in frames.items()}, of, 2022)


def warned(of: Assessment, kind: str) -> list[tuple[str | None, int | None]]:
    return [(fault.column, fault.row) for fault in of.warnings if fault.kind == kind]


def test_a_word_like_one_that_is_listed_is_asked_about() -> None:
    words = ["房地产业", "房地产", "K 房地产业", "制造业", "金融", "金", "业", "", "ＡＢ"]
    found = run(policy(EXCLUDED), *({"sector": word} for word in words))
    assert warned(found, "near_word") == [("sector", 2), ("sector", 3), ("sector", 5)]
    (first, *_) = (w for w in found.warnings if w.kind == "near_word")
    said = first.describe("zh")
    assert said.startswith("担保合同（contracts） 第 2 行 门类（sector）：")
    assert "“房地产”，政策列有“房地产业”" in said


def test_a_word_that_another_test_lists_is_no_slip() -> None:
    both = EXCLUDED.replace('"sector"', '"other"', 1).replace("金融业", "房地产")
    assert not warned(run(policy(EXCLUDED, both), {"sector": "房地产"}), "near_word")


@pytest.mark.parametrize(
    ("second", "warnings"),
    [("91410000ab", [("borrower_id", 2)]), ("91410000AB", []), ("91410000AC", [])],
)
def test_a_borrower_written_in_two_ways_at_two_institutions_is_asked_about(
    second: str, warnings: list[tuple[str, int]]
) -> None:
    rows = [
        {"institution_id": "A", "borrower_id": "91410000AB"},
        {"institution_id": "B", "borrower_id": second},
    ]
    found = run(policy(CAP.format("borrower_id")), *rows)
    assert warned(found, "ids_alike") == warnings
    assert not warned(run(policy(), *rows), "ids_alike")
    together = [str(each) for each in found.claims["compensation"]]
    assert together == (["500.00", "100.00"] if second == "91410000AB" else ["500.00", "500.00"])


def test_a_blank_by_which_a_cap_groups_is_a_fault() -> None:
    rows = [{"sector": ""}, {"sector": "X"}, {"sector": ""}]
    found = faults(run, policy(CAP.format("sector")), *rows)
    assert found[0].describe("zh").startswith("担保合同（contracts） 第 1 行 门类（sector）：")
    assert [(fault.kind, fault.column, fault.row) for fault in found] == [
        ("blank", "sector", 1),
        ("blank", "sector", 3),
    ]


def test_a_blank_that_the_cap_is_not_for_is_none() -> None:
    given = CAP.format("sector") + 'when = [{ value = "contracts.sector", given = true }]\n'
    rows = [{"sector": ""}, {"sector": "X"}, {"sector": ""}, {"sector": "X"}]
    amounts = [str(each) for each in run(policy(given), *rows).claims["compensation"]]
    assert amounts == ["500.00", "500.00", "500.00", "100.00"]


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ({}, [("compensation_paid", 1)]),
        ({"approved_amount": "0"}, []),
        # Half of 1,000 was granted, where the policy was in force.
        ({"compensation_paid": "499.99"}, [("compensation_paid", 1)]),
        ({"compensation_paid": "500"}, []),
        ({"compensation_paid": "0.01", "payout_date": "2021-01-31"}, []),
        ({"compensation_paid": "99.99", "approved_amount": "100"}, [("compensation_paid", 1)]),
        ({"compensation_paid": "100", "approved_amount": "100"}, []),
        ({"finance_review": "rejected"}, []),
        ({"borrower_id": "other"}, []),
        ({"closed_date": "2021-12-31"}, []),
    ],
)
def test_what_was_granted_earlier_and_not_paid_is_asked_about_under_a_cap_of_all_years(
    earlier: Row, expected: list[tuple[str, int]]
) -> None:
    head = HEAD.replace("2022-03-01", "2021-02-01")
    capped = policy(CAP.format("borrower_id") + 'years = "all"\n', head=head)
    rows: tuple[Row, Row] = (
        {"payout_date": "2021-06-01"} | earlier,
        {"payout_date": "2022-06-01"},
    )
    assert warned(run(capped, *rows), "earlier_unpaid") == expected
    # A number of cases counts what was paid in part as one.
    number = CAP.format("borrower_id").replace("600", '9\non = "cases"') + 'years = "all"\n'
    unpaid = [] if earlier else expected
    assert warned(run(policy(number, head=head), *rows), "earlier_unpaid") == unpaid


@pytest.mark.parametrize("approved", ["", "500"])
@pytest.mark.parametrize(
    ("most", "paid", "expected"),
    [
        ("499.99", "499.99", []),
        ("500", "500", []),
        ("500.01", "500", [2]),  # the cap leaves the second a fen
        ("500", "0", [1]),
    ],
)
def test_a_case_of_which_a_cap_left_nothing_is_not_asked_about(
    most: str, paid: str, expected: list[int], approved: str
) -> None:
    head = HEAD.replace("2022-03-01", "2021-02-01")
    cap = CAP.format("borrower_id").replace("600", most) + 'years = "all"\n'
    rows: tuple[Row, ...] = (
        {"payout_date": "2021-06-01", "compensation_paid": paid},
        {"payout_date": "2021-06-02", "compensation_paid": "0", "approved_amount": approved},
        {"payout_date": "2022-06-01"},
    )
    asked = warned(run(policy(cap, head=head), *rows), "earlier_unpaid")
    assert asked == [("compensation_paid", row) for row in expected]
    # Of a year before the policy nothing is known: what was never paid may be due.
    assert ("compensation_paid", 2) in warned(run(policy(cap), *rows), "earlier_unpaid")


@pytest.mark.parametrize(
    ("approved", "second"),
    [("", "100.00"), ("100", "500.00"), ("100.01", "499.99"), ("9999", "100.00")],
)
def test_a_claim_uses_of_a_shared_cap_what_was_approved(approved: str, second: str) -> None:
    first: Row = {"approved_amount": approved, "payout_date": "2022-06-01"}
    rows = [first, {"approved_amount": "", "payout_date": "2022-06-02"}]
    for parts in ([CAP.format("borrower_id")], [CAP.format("borrower_id"), ALL]):
        found = run(policy(*parts), *rows)
        assert [str(each) for each in found.claims["compensation"]] == ["500.00", second]


ALL = '[[caps]]\nid = "all"\nper = []\nat_most = 600\n'


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        (["1", "0.05", "0.045"], [1]),
        (["0.5", "0.05", "0.1"], [1]),
        (["0.499999", "0.01", "0"], []),
        (["0.5", "0.050001", "0"], []),
        (["1", "1", "1"], []),
    ],
)
def test_a_ratio_without_limits_far_above_others_is_asked_about(
    cells: list[str], rows: list[int]
) -> None:
    looked_at = '[[claim_conditions]]\nid = "rate"\nvalue = "claims.rate"\ngiven = true'
    # Another institution's rates are no measure.
    given: list[Row] = [*({"rate列": cell} for cell in cells)]
    given.append({"rate列": "0.01", "institution_id": "B"})
    found = run(policy(columns(rate="ratio"), looked_at), *given)
    assert warned(found, "ratios_apart") == [("rate", row) for row in rows]


LIMIT = """[[columns]]
table = "contracts"
name = "limit"
heading = "限额"
type = "money"
note = { zh = "注", en = "note" }

[[caps]]
id = "group"
per = ["contracts.borrower_id"]
at_most = "contracts.limit"
"""


@pytest.mark.parametrize(("other", "found"), [("400", []), ("399.99", [("contract_id", 2)])])
def test_a_group_with_two_limits_is_asked_about(other: str, found: list[tuple[str, int]]) -> None:
    rows = [{"limit": "400"}, {"limit": other}, {"limit": "1", "borrower_id": "another"}]
    assert [row for _, row in warned(run(policy(LIMIT), *rows), "caps_differ")] == [
        row for _, row in found
    ]


USED_UP = {
    "cap on each institution": 'per = ["contracts.institution_id"]\nat_most = {}\n',
    "cap on all claims together": "per = []\nat_most = {}\n",
    "cap on each claim": "at_most = {{ times = [{{ max = [{{ minus = [{}, 1000] }}, 0] }}, 1] }}\n",
}


@pytest.mark.parametrize("title", USED_UP)
@pytest.mark.parametrize(("most", "expected"), [("1000", [2, 3]), ("1000.01", [3])])
def test_a_case_of_which_a_cap_leaves_nothing_says_which(
    title: str, most: str, expected: list[int]
) -> None:
    """The first uses 1,000 of the cap; the second has what is left, a fen or nothing."""
    rows = [{"principal": principal} for principal in ("2000", "1000", "1000")]
    if title == "cap on each claim":
        rows, expected = [{}, {}, {}], [1, 2, 3] if most == "1000" else []
    found = run(policy('[[caps]]\nid = "all"\n' + USED_UP[title].format(most)), *rows)
    assert warned(found, "capped_to_nothing") == [("claim_id", row) for row in expected]
    nothing = [int(row) + 1 for row in np.flatnonzero(found.claims["compensation"] == 0)]
    assert nothing == expected
    assert found.claims["eligible"].all()
    said = {each.message.en for each in found.warnings if each.kind == "capped_to_nothing"}
    assert all(title in text for text in said)


def test_so_it_does_of_caps_on_the_base_on_payers_and_of_pools() -> None:
    base = '[[caps]]\nid = "b"\non = "base"\nper = []\nat_most = 1000\n'
    payers = """
[[payers]]
id = "fund"
name = { zh = "基金", en = "fund" }
share = 1
[[caps]]
id = "p"
payer = "fund"
rest = "nobody"
per = []
at_most = 500
"""
    turns = '[{ value = "contracts.sector", one_of = ["甲"] }]'
    pool = f'[[caps]]\nid = "q"\nper = []\nexceeding = "pro_rata"\nat_most = 500\nfirst = {turns}'
    for part in (base, payers, pool):
        found = run(policy(part), {"sector": "甲"}, {"sector": "乙"})
        assert [str(each) for each in found.claims["compensation"]] == ["500.00", "0.00"]
        assert warned(found, "capped_to_nothing") == [("claim_id", 2)]


POOL = '[[caps]]\nid = "money"\nper = []\nexceeding = "pro_rata"\nat_most = {}\n'


def said_of_caps(of: Assessment, language: Language = "en") -> list[tuple[int | None, str]]:
    kind = "capped_to_nothing"
    found = [(each.row, each.message.get(language)) for each in of.warnings if each.kind == kind]
    return [(row, text.partition(": ")[2] or text) for row, text in found]


@pytest.mark.parametrize("most", ["499.99", "500", "500.01"])
def test_a_pool_that_falls_short_is_not_why_a_case_came_to_nothing_before(most: str) -> None:
    """The first uses all of the shared cap, the third has no base: the pool takes of neither."""
    group = '[[caps]]\nid = "group"\nper = ["contracts.borrower_id"]\nat_most = 500\n'
    rows = [{"borrower_id": "x"}, {"borrower_id": "x"}, {"principal": "0", "interest": "1"}]
    found = run(policy(group, POOL.format(most)), *rows)
    amounts = [str(each) for each in found.claims["compensation"]]
    assert amounts == [f"{min(float(most), 500):.2f}", "0.00", "0.00"]
    assert said_of_caps(found) == [(2, "the cap on each borrower (group) is 0 or used up")]
    little = run(policy("[compensation]\nat_least = 100", group, POOL.format(most)), *rows)
    reasons = little.tables["claims"].column("reasons").to_pylist()
    assert reasons == [None, "group", "minimum"]
    assert said_of_caps(little) == []


def test_a_pool_that_leaves_nothing_of_something_says_so() -> None:
    found = run(policy(POOL.format("0.01")), {}, {})
    assert [str(each) for each in found.claims["compensation"]] == ["0.01", "0.00"]
    assert said_of_caps(found) == [(2, "the cap on all claims together (money) is 0 or used up")]


def test_nor_is_it_why_review_approved_nothing() -> None:
    found = run(policy(POOL.format("100")), {}, {"approved_amount": "0"})
    assert [str(each) for each in found.claims["compensation"]] == ["100.00", "0.00"]
    assert said_of_caps(found) == []


DEDUCTIBLE = """[[caps]]
id = "deductible"
on = "base"
per = ["contracts.institution_id"]
above = 1000
{}
"""
BELOW = "nothing of it lies above where the cap on each institution (deductible) begins"
ABOVE = "the cap on each institution (deductible) is 0 or used up"


@pytest.mark.parametrize(
    ("principal", "said"), [("999.99", [(1, BELOW)]), ("1000", [(1, BELOW)]), ("1000.02", [])]
)
def test_what_lies_in_a_deductible_is_told_from_what_lies_above_a_limit(
    principal: str, said: list[tuple[int, str]]
) -> None:
    first = {"principal": principal}
    assert said_of_caps(run(policy(DEDUCTIBLE.format("")), first)) == said
    rows = (first, {"principal": "500"}, {"principal": "100"})
    found = run(policy(DEDUCTIBLE.format("at_most = 1500")), *rows)
    all_used = float(principal) >= 1000
    assert said_of_caps(found) == [*said, *([(3, ABOVE)] if all_used else [])]
    few = run(policy("[compensation]\nat_least = 1", DEDUCTIBLE.format("")), first)
    assert list(few.claims["reasons"]) == ["deductible" if said else "minimum"]


def test_so_is_what_a_payer_pays_only_above_an_amount() -> None:
    payers = """
[[payers]]
id = "fund"
name = { zh = "基金", en = "fund" }
share = 1
[[caps]]
id = "beyond"
payer = "fund"
rest = "nobody"
per = []
above = 500
"""
    found = run(policy(payers), {}, {"principal": "0.02"})
    assert [str(each) for each in found.claims["compensation"]] == ["0.00", "0.01"]
    assert said_of_caps(found, "zh") == [
        (1, "代偿符合条件，但计入的金额没有超过基金全部合计的上限（beyond）的起算点，补偿金额为 0")
    ]


def test_a_case_that_a_cap_refuses_says_so_by_its_reason() -> None:
    refuses = '[[caps]]\nid = "r"\nat_most = 499.99\nexceeding = "refuse"\n'
    found = run(policy(refuses), {})
    assert list(found.claims["reasons"]) == ["r"]
    assert not warned(found, "capped_to_nothing")
