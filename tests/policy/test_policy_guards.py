"""Cells that a policy may read otherwise than was meant are asked about, or refused."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compensation import Assessment, Policy, assess, assess_frames, portfolio_of_frames, settle
from compensation.language import Language
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.model import Test
from compensation.policy.quantities import parts_of_test
from compensation.rules.conditions import holding
from compensation.rules.quantities import Evaluator
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType
from tests.one_claim import faults
from tests.policy.test_small_policies import (
    CLAIM,
    CONTRACT,
    HALF,
    HEAD,
    PRINCIPAL,
    assessed,
    columns,
    frames,
    small,
)

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


def run(of: Policy, *rows: Row, **more: list[Row]) -> Assessment:
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
        **more,
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


OWED_FIRST = '[budget]\nmethod = "pro_rata"\nunpaid = "{}"\n'
BY_BALANCE = '[[caps]]\nid = "balance"\nper = []\nat_most = "pool.{}"\nexceeding = "pro_rata"\n'


@pytest.mark.parametrize(
    ("part", "earlier", "rows"),
    [
        (OWED_FIRST.format("owed_first"), {}, [1]),
        (OWED_FIRST.format("owed_first"), {"compensation_paid": "499.99"}, [1]),
        (OWED_FIRST.format("owed_first"), {"compensation_paid": "500"}, []),
        (OWED_FIRST.format("owed_first"), {"finance_review": "rejected"}, []),
        (OWED_FIRST.format("owed"), {}, []),
        (BY_BALANCE.format("opening"), {}, [1]),
        (BY_BALANCE.format("budget"), {}, []),
    ],
)
def test_what_is_owed_of_earlier_years_is_asked_about_where_a_year_rests_on_it(
    part: str, earlier: Row, rows: list[int]
) -> None:
    """A budget that pays it first, and a limit by the pool that still holds it."""
    of = policy(part, head=HEAD.replace("2022-03-01", "2021-02-01"))
    entry = {"entry_id": "q", "entry_date": "2021-01-01", "kind": "opening", "amount": "9000"}
    claims: tuple[Row, Row] = ({"payout_date": "2021-06-01"} | earlier, {})
    found = run(of, *claims, pool=[entry])
    assert [row for _, row in warned(found, "earlier_unpaid")] == rows


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
NOTHING_LEFT = "the cap on each institution (deductible) is 0 or used up"


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
    assert said_of_caps(found) == [*said, *([(3, NOTHING_LEFT)] if all_used else [])]
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


# Tests of figures without a value

ABOVE = '{ value = "indicator.payout_rate", above = 0.05 }'
GIVEN = '{ value = "indicator.payout_rate", given = true }'
BLANK_TOO = f"{{ any = [{ABOVE}, {{ not = {GIVEN} }}] }}"
NOT_BLANK = f"{GIVEN}, {ABOVE}"
FACTOR = "{ choose = [{ value = LESS, when = [WHEN] }, { value = 1 }] }"
LESS = f"{{ times = [{PRINCIPAL}, {FACTOR}] }}"
OWN = """[[indicators]]
id = "factor"
name = { zh = "系数", en = "factor" }
value = { choose = [{ value = LESS, when = [WHEN] }, { value = 1 }] }
"""
BY_TIER = "tiers = [{ rate = LESS, when = [WHEN] }, { rate = 1 }]"
POINTS = 'additions = [{ id = "cut", points = { minus = [0, CUT] }, when = [WHEN] }]'
CAPPED = '[[caps]]\nid = "cut"\nat_most = MOST\nwhen = [WHEN]\n'
PAID = """[[payers]]
id = "city"
name = { zh = "市级", en = "city" }
share = { choose = [{ value = LESS, when = [WHEN] }, { value = 1 }] }
[[payers]]
id = "county"
name = { zh = "县级", en = "county" }
share = { choose = [{ value = { minus = [1, LESS] }, when = [WHEN] }, { value = 0 }] }
"""
STAGES = "[[stages]]\nshare = LESS\nwhen = [WHEN]\n[[stages]]\nshare = 1\n"
PLACES: dict[str, tuple[str, str, str]] = {
    "choice": (LESS, HALF, ""),
    "indicator": (f'{{ times = [{PRINCIPAL}, "indicator.factor"] }}', HALF, OWN),
    "tier": (PRINCIPAL, BY_TIER, ""),
    "slices": (PRINCIPAL, f'hit = "slices"\n{HALF}\n{POINTS}', ""),
    "addition": (PRINCIPAL, f"{HALF}\n{POINTS}", ""),
    "cap": (PRINCIPAL, HALF, CAPPED),
    "payers": (PRINCIPAL, HALF, PAID),
    "stages": (PRINCIPAL, HALF, STAGES),
}


def lowering(place: str, when: str, *, less: str = "0.4", more: str = "") -> Policy:
    """Return a policy that pays less where a test holds; ``less`` as 1: that changes nothing."""
    base, rates, parts = PLACES[place]
    most, cut = ("1000", "0") if less == "1" else ("400", "0.1")
    words = {"LESS": less, "WHEN": when, "MOST": most, "CUT": cut}
    texts = [base, rates, parts]
    for word, value in words.items():
        texts = [text.replace(word, value) for text in texts]
    base, rates, parts = texts
    return small(parts, more, base=base, rates=rates)


@pytest.mark.parametrize("place", PLACES)
def test_a_figure_without_a_value_that_lets_a_deduction_pass_is_told(place: str) -> None:
    # Nothing was released, so that the payout rate has no value.
    found = [w for w in assessed(lowering(place, ABOVE), {}).warnings if w.kind == "without_value"]
    assert [(each.table, each.row) for each in found] == [("institutions", 1)]
    assert "代偿率" in found[0].describe("zh")
    assert found[0].describe("zh").endswith("：A")
    named = lowering(place, ABOVE.replace("indicator", "quantity"), more=NAMED_RATE)
    same, decided = lowering(place, ABOVE, less="1"), [BLANK_TOO, NOT_BLANK]
    for policy in (same, *(lowering(place, when) for when in decided)):
        assert not warned(assessed(policy, {}), "without_value")
    if place != "indicator":
        assert len(warned(assessed(named, {}), "without_value")) == 1


NAMED_RATE = """[[quantities]]
id = "payout_rate"
name = { zh = "代偿率", en = "payout rate" }
value = { sum = ["indicator.payout_rate", 0] }
"""
REFUSING = '[[institution_conditions]]\nid = "rate"\nvalue = "indicator.payout_rate"\nat_most = 1\n'


@pytest.mark.parametrize("place", PLACES)
def test_one_that_shuts_the_case_out_is_not(place: str) -> None:
    found = assessed(lowering(place, ABOVE, more=REFUSING), {})
    assert found.claims["reasons"].tolist() == ["institution"]
    assert not warned(found, "without_value")


def test_a_blank_cell_is_told_at_its_case() -> None:
    of_case = '{ value = "claims.score", below = 60 }'
    policy = lowering("tier", of_case, more=columns(score="decimal"))
    rows = [{"score": score} for score in ("", "59.9999", "60", "")]
    found = [w for w in assessed(policy, *rows).warnings if w.kind == "without_value"]
    assert [(each.table, each.row) for each in found] == [("claims", 1), ("claims", 4)]
    assert [each.describe("en")[-4:] for each in found] == [": c1", ": c4"]


@pytest.mark.parametrize(("less", "told"), [("0.4", 1), ("1", 0)])
@pytest.mark.parametrize("test", ["is = true", 'one_of = ["a"]'])
def test_a_blank_that_may_mean_no_is_told_where_it_is_to_the_advantage(
    test: str, less: str, told: int
) -> None:
    type_ = "boolean" if "is" in test else "text"
    when = f'{{ value = "claims.late", {test} }}'
    rates = f"tiers = [{{ rate = {less}, when = [{when}] }}, {{ rate = 0.5 }}]"
    policy = small(columns(late=type_), rates=rates)
    assert len(warned(assessed(policy, {"late": ""}), "without_value")) == told


OTHER_KIND = '{ not = { value = "contracts.kind", one_of = ["贴息"] } }'
CHEAP = '{ value = "contracts.fee", at_most = 0.01 }'
BLANK_COUNTS = (
    f'{{ any = [{{ not = {{ value = "contracts.kind", given = true }} }}, {OTHER_KIND}] }}'
)
EXPOSED = 'measure = "exposure", on = "claims.payout_date", per = ["contracts.borrower_id"]'
OF_THE_GROUP = f'[[claim_conditions]]\nid = "own"\nvalue = {{ {EXPOSED}, where = [WHERE] }}\n'
OF_THE_INSTITUTION = """[[indicators]]
id = "own"
name = { zh = "余额", en = "balance" }
value = { measure = "closing_balance", where = [WHERE] }
[[institution_conditions]]
id = "own"
value = "indicator.own"
"""


@pytest.mark.parametrize("condition", [OF_THE_GROUP, OF_THE_INSTITUTION])
@pytest.mark.parametrize(
    ("where", "limit", "told"),
    [
        (OTHER_KIND, "at_most = 2999.99", [("kind", 2)]),
        (OTHER_KIND, "at_most = 3000", []),
        (OTHER_KIND, "at_least = 3000", []),
        (BLANK_COUNTS, "at_most = 2999.99", []),
        (CHEAP, "at_most = 2999.99", [("fee", 2)]),
        (CHEAP, "at_least = 3000", [("fee", 2)]),
        (f"{CHEAP}, {OTHER_KIND}", "at_most = 2999.99", [("fee", 2), ("kind", 2)]),
        (f"{CHEAP}, {OTHER_KIND}", "at_least = 2000.01", [("fee", 2)]),
        (f"{CHEAP}, {{ not = {OTHER_KIND} }}", "at_most = 2999.99", []),
    ],
)
def test_a_blank_for_which_a_measure_leaves_a_row_out_is_told(
    where: str, limit: str, told: list[tuple[str, int]], condition: str
) -> None:
    """Where a result rests on it: 2,000 yuan count for certain, and 1,000 of the second row may."""
    own = columns("contracts", kind="text", fee="ratio")
    of = small(own, condition.replace("WHERE", where) + limit)
    terms = CONTRACT | {"guaranteed_amount": "2000", "kind": "流贷", "fee": "0.01"}
    second = {"contract_id": "k2", "guaranteed_amount": "1000", "kind": "", "fee": ""}
    tables = frames({}) | {"contracts": pd.DataFrame([terms, terms | second])}
    portfolio = portfolio_of_frames(**tables)
    for found in (assess_frames(tables, of, 2022), assess(portfolio, of, 2022)):
        assert sorted(warned(found, "without_value")) == told


def test_a_settlement_tells_of_it_too() -> None:
    held = portfolio_of_frames(**frames({}))
    settled = settle(held, lowering("addition", ABOVE), "2022-12-31")
    assert [w.row for w in settled.warnings if w.kind == "without_value"] == [1]


BANK, HIGH = (
    '{ value = "claims.kind", one_of = ["银行"] }',
    '{ value = "claims.score", above = 60 }',
)
CHOICE = "{{ choose = [{{ value = {}, when = [{}] }}, {{ value = 1 }}] }}"
OF_SCORE = """[[quantities]]
id = "factor"
name = { zh = "系数", en = "factor" }
value = CHOICE
""".replace("CHOICE", CHOICE.format(0.9, HIGH))
NOT_BANK = f"{{ value = 1, when = [{{ not = {BANK} }}] }}"
FOR_BANKS = {
    "beside": CHOICE.format(0.9, f"{BANK}, {HIGH}"),
    "inside": CHOICE.format(CHOICE.format(0.9, HIGH), BANK),
    "named": CHOICE.format('"quantity.factor"', BANK),
    "later": CHOICE.format(0.9, HIGH).replace("[{", f"[{NOT_BANK}, {{", 1),
    "tested": CHOICE.format(0.9, f"{BANK}, {{ value = {CHOICE.format(2, HIGH)}, above = 1 }}"),
    "indicator": CHOICE.format('"indicator.factor"', BANK),
}
SHARED_POOL = '[[caps]]\nid = "pool"\nper = []\nat_most = 1000\nexceeding = "pro_rata"\n'


@pytest.mark.parametrize("form", FOR_BANKS)
@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["银行", "担保"]), st.sampled_from(["", "50"])), min_size=3)
)
def test_a_pool_names_the_cases_whose_own_elements_blanks_leave_open(
    form: str, drawn: list[tuple[str, str]]
) -> None:
    own = OWN.replace("LESS", "0.9").replace("WHEN", ABOVE) if form == "indicator" else ""
    more = OF_SCORE if form == "named" else ""
    base = f"{{ times = [{PRINCIPAL}, {FOR_BANKS[form]}] }}"
    of = small(columns(kind="text", score="decimal"), SHARED_POOL, own, more, base=base)
    # One with a score for certain: a blank makes amounts differ.
    rows = [*drawn, ("担保", "50")]
    found = assessed(of, *({"kind": kind, "score": score} for kind, score in rows))
    told = [w for w in found.warnings if w.kind == "without_value"]
    places = [n for n, row in enumerate(rows, 1) if row[0] == "银行" and not row[1]]
    expected = [("claims", place) for place in places]
    if form == "indicator":
        expected = [("institutions", 1)] if any(kind == "银行" for kind, _ in rows) else []
    assert [(each.table, each.row) for each in told] == expected


FEES = columns("contracts", fee="ratio", kind="text") + columns(fee="ratio", kind="text")
FACTOR_OF = "{ choose = [{ value = 0.5, when = [{ TEST }] }, { value = 1 }] }"
LOOKED_AT = {
    "ratio": 'value = "TABLE.fee", below = 0.01',
    "text": 'value = "TABLE.kind", one_of = ["首贷"]',
    "date": 'value = "contracts.start_date", below = 2021-06-01',
}
SUM = 'measure = "sum", on = "{}", years = 9, of = {{ times = ["{}", FACTOR] }}'
ON_TABLES = {
    "contracts": SUM.format("contracts.start_date", "contracts.guaranteed_amount"),
    "claims": SUM.format("claims.payout_date", "claims.principal"),
    "where": 'measure = "new_guarantees", years = 9, '
    'where = [{ value = "contracts.fee", at_most = FACTOR }]',
}


@pytest.mark.parametrize("record", ["payout", "contract", "institution"])
@pytest.mark.parametrize("measured", ON_TABLES)
@pytest.mark.parametrize("of", LOOKED_AT)
def test_choices_of_measures_look_at_rows_of_their_own(of: str, measured: str, record: str) -> None:
    table = "claims" if measured == "claims" else "contracts"
    factor = FACTOR_OF.replace("TEST", LOOKED_AT[of].replace("TABLE", table))
    value = ON_TABLES[measured].replace("FACTOR", factor)
    indicator = '[[indicators]]\nid = "sum"\nname = { zh = "合计", en = "sum" }\n'
    head = HEAD.replace("effective", f'record = "{record}"\neffective').replace("-03-", "-01-")
    base = f'[base]\nvalue = {{ sum = ["indicator.sum", {{ yuan = 1 }}] }}\n[rates]\n{HALF}'
    parts = [head, base, FEES, f"{indicator}value = {{ {value} }}", "[review]\nrequired = []"]
    tables = frames(*({"fee": fee, "kind": kind} for fee, kind in FEES_OF_ROWS))
    rows = enumerate(FEES_OF_ROWS, 1)
    contracts = [{**CONTRACT, "fee": f, "kind": k, "contract_id": f"k{n}"} for n, (f, k) in rows]
    tables["contracts"] = pd.DataFrame(contracts).assign(start_date="2022-02-01")
    found = assess_frames(tables, policy_of_texts({POLICY_TEXT: "\n".join(parts)}), 2022)
    assert found.claims["eligible"].all()
    asked = {("ratio", "ratios_apart"), ("text", "near_word")}
    told = {(w.kind, w.table, w.row) for w in found.warnings if w.kind in {k for _, k in asked}}
    expected = {(kind, table, 3) for by, kind in asked if by == of}
    if measured == "where":
        expected |= {("ratios_apart", "contracts", 3)}
    assert told == expected


FEES_OF_ROWS = [("", ""), ("0.001", "首贷"), ("0.9", "首 贷"), ("0.002", "")]


@st.composite
def formulas(draw: st.DrawFn, names: Iterator[str], depth: int = 2) -> Test:
    """Draw a test in which each column stands once."""
    form = draw(st.sampled_from(["leaf", "any", "all", "not"] if depth else ["leaf"]))
    if form == "leaf":
        return Test(value=f"claims.{next(names)}", at_least=Decimal(1))
    if form == "not":
        return Test(not_=draw(formulas(names, depth - 1)))
    parts = tuple(draw(formulas(names, depth - 1)) for _ in range(draw(st.integers(1, 3))))
    return Test(any=parts) if form == "any" else Test(all=parts)


@given(st.data())
@settings(max_examples=60)
def test_blanks_leave_open_what_some_value_of_theirs_would_decide(data: st.DataObject) -> None:
    numbers = (f"n{number}" for number in itertools.count())
    test = data.draw(formulas(numbers))
    names = sorted({str(part.value) for part in parts_of_test(test) if part.value is not None})
    cells = data.draw(
        st.lists(st.sampled_from([0, 1, None]), min_size=len(names), max_size=len(names))
    )
    assume(cells.count(None) <= 6)

    def holds(values: Sequence[int | None], *, supposing: bool = False) -> bool:
        variables = {
            name: Variable(
                np.array([100 * (value or 0)]),
                np.array([value is not None]),
                None,
                ColumnType.MONEY,
            )
            for name, value in zip(names, values, strict=True)
            for number in [np.array([100 * (value or 0)])]
        }
        own = small(columns(**{name.partition(".")[2]: "money" for name in names}))
        return bool(holding([test], Evaluator(own, variables, 1, supposing=supposing))[0])

    choices = [[0, 1] if value is None else [value] for value in cells]
    assert holds(cells, supposing=True) == any(map(holds, itertools.product(*choices)))
