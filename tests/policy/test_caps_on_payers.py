"""Caps on what a payer pays: the rest goes to another payer or falls away, one case after another.

The oracle walks through the cases with fractions; nothing of it is the library's.
"""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import decide_claim, portfolio_of_frames, settle
from compensation.policy.cap_words import cap_title, describe_cap
from compensation.policy.faults import PolicyFaults
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.one_claim import faults
from tests.policy.test_budgets import in_proportion
from tests.policy.test_small_policies import CLAIM, assessed, columns, first, frames, payers, small

PAYERS = """
[[payers]]
id = "province"
name = {{ zh = "省级", en = "province" }}
share = {province}
[[payers]]
id = "city"
name = {{ zh = "市级", en = "city" }}
share = {{ minus = [1, {province}] }}
"""
CAP = """
[[caps]]
id = "{payer}"
payer = "{payer}"
at_most = {most}
rest = "{rest}"
{per}
"""
SHARED = 'per = ["contracts.institution_id"]'


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def half_up(amount: Fraction) -> int:
    return math.floor(amount + Fraction(1, 2))


def one_after_another(
    claims: list[tuple[int, int | None, str]],
    share: Fraction,
    most: int,
    rest: str,
    city: int | None,
    *,
    shared: bool,
) -> list[tuple[int, int, int, int]]:
    """Return compensation, granted and what either payer pays of each claim, in fen."""
    found, used, used_by_city = [], 0, 0
    for principal, approved, review in claims:
        computed = half_up(Fraction(principal, 2))
        amount = computed if approved is None else min(computed, approved)
        province = half_up(amount * share)
        of_city = amount - province
        within = min(province, max(most - (used if shared else 0), 0))
        if rest == "city":
            of_city += province - within
        if city is not None:
            of_city = min(of_city, max(city - used_by_city, 0))
        total = within + of_city
        compensation = computed if total == amount else total
        if review != "rejected":
            used, used_by_city = used + within, used_by_city + of_city
        paid = (total, within, of_city) if review == "approved" else (0, 0, 0)
        found.append((compensation, *paid))
    return found


FEN = st.integers(1, 40_000)
CLAIMS = st.tuples(
    FEN,
    st.none() | st.integers(0, 20_000),
    st.sampled_from(["approved", "approved", "pending", "rejected"]),
)


@pytest.mark.slow
@given(
    st.lists(CLAIMS, min_size=1, max_size=5),
    st.sampled_from(["0.6", "0.3333", "1"]),
    st.integers(1, 30_000),
    st.sampled_from(["city", "nobody"]),
    st.none() | st.integers(1, 20_000),
    st.booleans(),
)
# The province's part of the second is one fen below, at and above what the first leaves.
@example([(20_000, None, "approved"), (9_999, None, "approved")], "0.6", 9_000, "city", None, True)
@example(
    [(20_000, None, "approved"), (10_001, None, "approved")], "0.6", 9_000, "city", 7_000, True
)
@example([(20_000, 9_000, "approved"), (20_000, None, "approved")], "0.6", 5_400, "nobody", 1, True)
def test_what_lies_above_goes_to_the_other_or_falls_away(
    claims: list[tuple[int, int | None, str]],
    share: str,
    most: int,
    rest: str,
    city: int | None,
    shared: bool,
) -> None:
    caps = [CAP.format(payer="province", most=yuan(most), rest=rest, per=SHARED if shared else "")]
    if city is not None:
        caps.append(CAP.format(payer="city", most=yuan(city), rest="nobody", per=SHARED))
    rows = [
        {
            "principal": yuan(principal),
            "approved_amount": "" if approved is None else yuan(approved),
            "finance_review": review,
        }
        for principal, approved, review in claims
    ]
    run = assessed(small(PAYERS.format(province=share), *caps), *rows)
    columns = ("compensation", "payable", "payable_province", "payable_city")
    found = [
        tuple(int(row[name] * 100) for name in columns) for row in run.claims.to_dict("records")
    ]
    assert found == one_after_another(claims, Fraction(share), most, rest, city, shared=shared)
    for number in range(1, len(claims) + 1):
        recomputed(run.explain(f"c{number}").arithmetic)


def test_what_was_paid_before_leaves_the_rest_in_the_proportion_of_the_parts() -> None:
    policy = small(
        PAYERS.format(province=0.6), CAP.format(payer="province", most=200, rest="city", per="")
    )
    row = first(policy, compensation_paid="250")
    assert [row[f"payable_{payer}"] for payer in ("province", "city")] == [100, 150]


@pytest.mark.parametrize(("most", "limited"), [("299.99", True), ("300", False)])
def test_one_claim_alone_says_which_payer_limits_it(most: str, limited: bool) -> None:
    cap = CAP.format(payer="province", most=most, rest="nobody", per=SHARED)
    claim: dict[str, Any] = {**CLAIM, "shares": {"institution": "0.6", "lender": "0.4"}}
    del claim["contract_id"]
    policy = small(PAYERS.format(province=0.6), cap)
    said = decide_claim(policy, {"government_backed": True}, claim).limited_by
    assert (said and said.zh) == ("省级每家机构的上限" if limited else None)


@pytest.mark.parametrize(
    ("most", "parts"), [("499.99", "499.99 0.01"), ("500", "500 0"), ("500.01", "500 0")]
)
def test_one_pays_first_and_another_what_is_left(most: str, parts: str) -> None:
    payers = PAYERS.replace("{{ minus = [1, {province}] }}", "0").format(province=1)
    cap = CAP.format(payer="province", most=most, rest="city", per="")
    row = first(small(payers, cap))
    paid = [row[f"payable_{payer}"] for payer in ("province", "city")]
    assert paid == [Decimal(part) for part in parts.split()]


THIRD = payers(province=0.5, city=0.5, county=0)
OF_CASE = columns(of_city="ratio")
REST = """[
    { payer = "city", share = %s },
    { payer = "county", share = 0.25 },
    { payer = "%s", share = { minus = [0.75, %s] } },
]"""


def divided(amount: int, shares: list[Fraction]) -> list[int]:
    parts, left = [], sum(shares)
    for share in shares:
        parts.append(half_up(amount * share / left) if share else 0)
        amount, left = amount - parts[-1], left - share
    return parts


@pytest.mark.slow
@given(
    st.lists(st.tuples(FEN, st.integers(0, 750_000)), min_size=1, max_size=4),
    st.sampled_from(['"claims.of_city"', "{ over = [2, 7] }"]),
    st.integers(1, 10_000),
)
@example([(20_000, 333_333), (3, 1), (4, 750_000), (2, 0)], '"claims.of_city"', 5_000)
def test_several_take_over_by_shares(claims: list[tuple[int, int]], share: str, most: int) -> None:
    rest = (REST % (share, "nobody", share)).replace("\n", "")
    cap = CAP.format(payer="province", most=yuan(most), rest="-", per=SHARED).replace('"-"', rest)
    rows = [
        {"principal": yuan(principal), "of_city": f"{of_city / 1_000_000:.6f}"}
        for principal, of_city in claims
    ]
    run = assessed(small(OF_CASE, THIRD, cap), *rows)
    used, expected = 0, []
    for principal, of_city in claims:
        amount = half_up(Fraction(principal, 2))
        province = half_up(Fraction(amount, 2))
        within = min(province, most - used)
        used += within
        city = Fraction(2, 7) if "over" in share else Fraction(of_city, 1_000_000)
        parts = divided(province - within, [city, Fraction(1, 4), Fraction(3, 4) - city])
        paid = [within, amount - province + parts[0], parts[1]]
        expected.append((sum(paid), *paid))
    names = ("compensation", "payable_province", "payable_city", "payable_county")
    rows_of = run.claims.to_dict("records")
    assert [tuple(int(row[name] * 100) for name in names) for row in rows_of] == expected
    for number in range(1, len(claims) + 1):
        recomputed(run.explain(f"c{number}").arithmetic)


def test_what_is_taken_over_makes_up_what_lies_above() -> None:
    rest = (REST % ('"claims.of_city"', "nobody", '"claims.of_city"')).replace("\n", "")
    cap = CAP.format(payer="province", most=1, rest="-", per="").replace('"-"', rest)
    policy = small(OF_CASE, THIRD, cap)
    fault, *more = faults(assessed, policy, {"of_city": "0.750001"}, {"of_city": "0.75"})
    assert (fault.kind, fault.row, fault.value, more) == ("payers_total", 1, "100%", [])


LEVELS = """
[[payers]]
id = "province"
name = { zh = "省级", en = "province" }
share = 0.3333
[[payers]]
id = "city"
name = { zh = "市级", en = "city" }
share = 0.25
[[payers]]
id = "county"
name = { zh = "县级", en = "county" }
share = 0.4167
"""
TOGETHER = """
[[caps]]
id = "levels"
payer = ["city", "province"]
at_most = {most}
rest = "{rest}"
{more}
"""
OF_LEVELS = ("compensation", "payable_province", "payable_city", "payable_county")


def by_levels(amount: int) -> list[int]:
    return divided(amount, [Fraction(each) for each in ("0.3333", "0.25", "0.4167")])


def within_together(province: int, city: int, within: int) -> tuple[int, int]:
    """Return what is left of both parts: as they are, the city's, which is named first, rounded."""
    of_city, of_province = divided(within, [Fraction(city), Fraction(province)])
    return of_province, of_city


@pytest.mark.slow
@settings(max_examples=15 * DEPTH)
@given(
    st.lists(CLAIMS, min_size=1, max_size=4),
    st.integers(0, 20_000),
    st.sampled_from(["county", "nobody"]),
    st.booleans(),
)
# Province and city pay 33.33 and 25.00 of 100.00, a fen less, exactly, and a fen more.
@example([(20_000, None, "approved"), (20_000, None, "approved")], 5_832, "county", False)
@example([(20_000, None, "approved"), (20_000, None, "approved")], 5_833, "nobody", False)
@example([(20_000, None, "approved"), (20_000, None, "approved")], 5_834, "county", True)
@example([(20_000, None, "approved"), (1, None, "approved")], 5_834, "nobody", True)
@example([(20_000, None, "approved")], 0, "nobody", True)
def test_a_cap_that_payers_share_cuts_their_parts_alike(
    claims: list[tuple[int, int | None, str]], most: int, rest: str, shared: bool
) -> None:
    cap = TOGETHER.format(most=yuan(most), rest=rest, more=SHARED if shared else "")
    rows = [
        {
            "principal": yuan(principal),
            "approved_amount": "" if approved is None else yuan(approved),
            "finance_review": review,
        }
        for principal, approved, review in claims
    ]
    policy = small(LEVELS, cap)
    run = assessed(policy, *rows)
    used, expected = 0, []
    for principal, approved, review in claims:
        computed = half_up(Fraction(principal, 2))
        amount = computed if approved is None else min(computed, approved)
        province, city, county = by_levels(amount)
        within = min(province + city, max(most - used, 0))
        used += within if shared and review != "rejected" else 0
        county += province + city - within if rest == "county" else 0
        paid = [*within_together(province, city, within), county]
        assert paid[0] <= province
        assert paid[1] <= city
        total = computed if sum(paid) == amount else sum(paid)
        expected.append((total, *(paid if review == "approved" else [0, 0, 0])))
    rows_of = run.claims.to_dict("records")
    assert [tuple(int(row[name] * 100) for name in OF_LEVELS) for row in rows_of] == expected
    for number in range(1, len(claims) + 1):
        recomputed(run.explain(f"c{number}").arithmetic)
    settled = settle(portfolio_of_frames(**frames(*rows)), policy, "2022-12-31").settlement
    for name in ("province", "city", "county"):
        assert list(settled[f"to_pay_{name}"]) == list(run.claims[f"payable_{name}"])


@pytest.mark.parametrize(
    ("assets", "parts"),
    [
        ("3500.10", "200 150 250"),
        ("3500", "200 150 250"),
        ("3499.90", "199.99 150 250.01"),
        ("2000", "114.29 85.71 400"),
    ],
)
def test_all_levels_of_finance_pay_at_most_a_tenth_of_net_assets(assets: str, parts: str) -> None:
    """Of 600 the province would pay 200 and the city 150."""
    shares = LEVELS.replace("0.3333", "{ over = [1, 3] }").replace("0.4167", "{ over = [5, 12] }")
    limit = '{ times = ["claims.assets", 0.1] }'
    cap = TOGETHER.format(most=limit, rest="county", more="").replace(
        '"city", "province"', '"province", "city"'
    )
    policy = small(columns(assets="money"), shares, cap)
    row = first(policy, principal="1200", assets=assets)
    paid = [row[f"payable_{name}"] for name in ("province", "city", "county")]
    assert paid == [Decimal(part) for part in parts.split()]


def test_money_that_payers_share_is_divided_in_proportion_or_along_what_is_lost() -> None:
    """The first two take 116.66 of the levels' money in all, or 1,000 of the payouts count."""
    more = f'{SHARED}\nexceeding = "pro_rata"'
    pool = small(LEVELS, TOGETHER.format(most="58.32", rest="county", more=more))
    run = assessed(pool, {"principal": "200"}, {"principal": "200"})
    assert [list(run.claims[name]) for name in OF_LEVELS[1:]] == [
        [Decimal(each)] * 2 for each in ("16.66", "12.50", "70.84")
    ]
    along = f'{SHARED}\nof = "claims.payout"'
    line = small(LEVELS, TOGETHER.format(most="300", rest="nobody", more=along))
    run = assessed(line, {"principal": "200"}, {"principal": "200"})
    paid = [[Decimal(each) for each in row] for row in run.claims[list(OF_LEVELS)].to_numpy()]
    assert paid[0] == [Decimal(each) for each in ("100", "33.33", "25", "41.67")]
    # Half of the second counts: 29.17 of 58.33, of which the city pays 12.50.
    assert paid[1] == [Decimal(each) for each in ("70.84", "16.67", "12.50", "41.67")]
    for each in ("c1", "c2"):
        recomputed(run.explain(each).arithmetic)


@pytest.mark.parametrize(
    ("left_over", "county"),
    [("largest_remainders", ["70.83", "70.84"]), ("nobody", ["70.84", "70.84"])],
)
def test_what_the_money_of_payers_leaves_over_goes_as_the_cap_says(
    left_over: str, county: list[str]
) -> None:
    more = f'{SHARED}\nexceeding = "pro_rata"\nleft_over = "{left_over}"'
    pool = small(LEVELS, TOGETHER.format(most="58.33", rest="county", more=more))
    run = assessed(pool, {"principal": "200"}, {"principal": "200"})
    assert list(run.claims["payable_county"]) == [Decimal(each) for each in county]
    assert recomputed(run.explain("c1").arithmetic)["payable_county"] == Fraction(county[0])


def test_the_words_name_all_payers_of_a_cap() -> None:
    (cap, *_) = small(LEVELS, TOGETHER.format(most="1", rest="county", more=SHARED)).rules.caps
    policy = small(LEVELS, TOGETHER.format(most="1", rest="county", more=SHARED))
    said = describe_cap(policy, cap)
    assert said.zh == ("单家机构由市级、省级合计承担的部分不超过 1 元；超出的部分由县级承担")
    assert said.en == (
        "each institution (part of city and province together): at most 1 yuan; county pays what "
        "lies above"
    )
    assert cap_title(policy, cap).zh == "市级、省级合计每家机构的上限"


@pytest.mark.parametrize(
    ("payer", "rest", "key", "kind"),
    [
        ('["city", "city"]', "county", "caps[levels].payer", "duplicate_id"),
        ('["city", "town"]', "county", "caps[levels].payer[2]", "unknown_payer"),
        ('["city", "province"]', "city", "caps[levels].rest", "cap_form"),
        ("[]", "county", "caps[levels].payer", None),
    ],
)
def test_whose_cap_it_is_is_said_once(payer: str, rest: str, key: str, kind: str | None) -> None:
    cap = TOGETHER.format(most="1", rest=rest, more="").replace('["city", "province"]', payer)
    with pytest.raises(PolicyFaults) as caught:
        small(LEVELS, cap)
    (fault,) = caught.value.faults
    assert fault.key == key
    assert kind in (None, fault.kind)


@pytest.mark.parametrize(
    ("keys", "wrong"),
    [
        ('exceeding = "stop_after"', "exceeding"),
        ('exceeding = "stop_after"\nper = []\nabove = 1', "exceeding"),
        ('exceeding = "stop_before"\nper = []\nyears = "all"', "years"),
        ('exceeding = "refuse"\nper = []', "exceeding"),
    ],
)
def test_a_payer_stops_for_the_cases_of_a_year(keys: str, wrong: str) -> None:
    cap = f'[[caps]]\nid = "stop"\npayer = "province"\nat_most = 5\nrest = "city"\n{keys}\n'
    with pytest.raises(PolicyFaults) as caught:
        small(PAYERS.format(province="0.6"), cap)
    assert {(fault.kind, fault.key) for fault in caught.value.faults} == {
        ("cap_form", f"caps[stop].{wrong}")
    }


LINE = """
[[claim_conditions]]
id = "fit"
value = "claims.fit"
is = true
[compensation]
at_least = {least}
[[caps]]
id = "line"
payer = "province"
{of}{above}{most}per = ["claims.who"]
{counts}rest = [{{ payer = "city", share = 0.6 }}, {{ payer = "nobody", share = 0.4 }}]
"""
OWN = columns(who="text", fit="boolean")


class Loss(NamedTuple):
    """A payout, in fen."""

    who: str
    principal: int
    interest: int
    fit: bool
    approved: int | None
    review: str


class Line(NamedTuple):
    """Of a cap, in fen; `of`: the payout, the payer's own part where it is left out."""

    of: bool
    above: int | None
    most: int | None
    every: bool
    least: int
    stops: str = ""
    reached: bool = False


def by_the_line(losses: list[Loss], share: Fraction, line: Line) -> list[tuple[int, ...]]:
    """Return compensation, and what either payer pays of each claim where it is approved."""
    found: list[tuple[int, ...]] = []
    counted = dict.fromkeys("xy", 0)
    for loss in losses:
        computed = half_up(Fraction(loss.principal, 2))
        little = computed < line.least
        computed = computed if loss.fit and not little else 0
        amount = computed if loss.approved is None else min(computed, loss.approved)
        province = half_up(amount * share)
        of = loss.principal + loss.interest if line.of else province
        before = counted[loss.who]
        uses = loss.fit and loss.review != "rejected" and (not little or line.above is not None)
        counted[loss.who] += of if uses or line.every else 0
        top = before + of if line.most is None else min(before + of, line.most)
        within = max(top - max(before, line.above or 0), 0)
        left = half_up(Fraction(province * within, of)) if line.of else within
        if line.stops:
            so_far = counted[loss.who] if line.stops == "stop_before" else before
            assert line.most is not None
            left = 0 if so_far > line.most - line.reached else province
        to_city, _ = divided(province - left, [Fraction("0.6"), Fraction("0.4")])
        city = amount - province + to_city
        compensation = computed if left + city == amount else left + city
        paid = (left, city) if loss.review == "approved" else (0, 0)
        found.append((compensation, *paid))
    return found


LOSSES = st.builds(
    Loss,
    st.sampled_from("xxy"),
    FEN,
    st.sampled_from([0, 1, 500]),
    st.booleans() | st.just(True),
    st.none() | st.integers(0, 20_000),
    st.sampled_from(["approved", "approved", "pending", "rejected"]),
)
LINES = st.builds(
    Line,
    st.booleans(),
    st.none() | st.integers(1, 20_000),
    st.none() | st.integers(20_001, 60_000),
    st.booleans(),
    st.sampled_from([1, 100, 5_000]),
    st.just(""),
    st.just(False),
).filter(lambda line: (line.above or line.most) and (line.of or (line.above and not line.every)))
LOSS = Loss("x", 30_000, 0, True, None, "approved")
UP_TO = Line(True, None, 30_000, True, 1)
STOPPING = st.builds(
    Line,
    st.booleans(),
    st.none(),
    st.integers(1, 60_000),
    st.booleans(),
    st.sampled_from([1, 100, 5_000]),
    st.sampled_from(["stop_before", "stop_after"]),
    st.booleans(),
).filter(lambda line: line.of or not line.every)
STOP = UP_TO._replace(stops="stop_after")


@pytest.mark.slow
@settings(max_examples=15 * DEPTH)
@given(
    st.lists(LOSSES, min_size=1, max_size=6),
    st.sampled_from(["0.6", "0.3333", "1"]),
    LINES | STOPPING,
)
# One fen less than the line, all of it, and one fen more came before, not compensated.
@example([LOSS._replace(principal=29_999, fit=False), LOSS], "1", UP_TO)
@example([LOSS._replace(principal=30_000, fit=False), LOSS], "1", UP_TO)
@example([LOSS._replace(principal=30_001, fit=False), LOSS], "1", UP_TO)
@example([LOSS._replace(principal=30_001, fit=False), LOSS], "1", UP_TO._replace(every=False))
# With a stop: one fen less than the line, all of it, and one fen more came before.
@example([LOSS._replace(principal=29_999), LOSS, LOSS], "0.6", STOP)
@example([LOSS, LOSS], "0.6", STOP)
@example([LOSS, LOSS], "0.6", STOP._replace(reached=True))
@example([LOSS._replace(principal=30_001), LOSS], "0.6", STOP)
@example([LOSS, LOSS], "0.6", STOP._replace(stops="stop_before"))
@example([LOSS, LOSS], "0.6", STOP._replace(stops="stop_before", reached=True))
# A deductible of 5,000 is used up to a fen, exactly, and by a fen more, too little to be paid.
@example([LOSS._replace(principal=4_999), LOSS], "0.6", Line(True, 5_000, None, False, 5_000))
@example([LOSS._replace(principal=5_000), LOSS], "0.6", Line(True, 5_000, None, False, 5_000))
@example([LOSS._replace(principal=5_001), LOSS], "0.6", Line(True, 5_000, None, False, 5_000))
@example([LOSS, LOSS], "0.6", Line(False, 9_000, 18_000, False, 1))
def test_a_payer_pays_of_what_lies_within_a_line(
    losses: list[Loss], share: str, line: Line
) -> None:
    limit = "below" if line.reached else "at_most"
    rules = LINE.format(
        least=yuan(line.least),
        of='of = "claims.payout"\n' if line.of else "",
        above="" if line.above is None else f"above = {yuan(line.above)}\n",
        most="" if line.most is None else f"{limit} = {yuan(line.most)}\n",
        counts=('counts = "all"\n' if line.every else "")
        + (f'exceeding = "{line.stops}"\n' if line.stops else ""),
    )
    policy = small(OWN, PAYERS.format(province=share), rules)
    rows = [
        {
            "who": loss.who,
            "fit": str(loss.fit).lower(),
            "principal": yuan(loss.principal),
            "interest": yuan(loss.interest),
            "approved_amount": "" if loss.approved is None else yuan(loss.approved),
            "finance_review": loss.review,
        }
        for loss in losses
    ]
    run = assessed(policy, *rows)
    expected = by_the_line(losses, Fraction(share), line)
    columns = ("compensation", "payable_province", "payable_city")
    found = [
        tuple(int(row[name] * 100) for name in columns) for row in run.claims.to_dict("records")
    ]
    assert found == expected
    for number in range(1, len(losses) + 1):
        recomputed(run.explain(f"c{number}").arithmetic)
    settled = settle(portfolio_of_frames(**frames(*rows)), policy, "2022-12-31")
    due = settled.tables["settlement"].to_pandas()
    names = ("to_pay_province", "to_pay_city")
    paid = [tuple(int(row[name] * 100) for name in names) for row in due.to_dict("records")]
    assert paid == [each[1:] for each in expected]


POOL = """
[[caps]]
id = "money"
payer = "province"
at_most = {most}
per = ["claims.who"]
exceeding = "pro_rata"
{form}rest = "{rest}"
"""
TURN = 'first = [{ value = "claims.fit", is = true }]\n'


@pytest.mark.slow
@settings(max_examples=10 * DEPTH)
@given(
    st.lists(LOSSES, min_size=1, max_size=6),
    st.integers(0, 30_000),
    st.sampled_from(["city", "nobody"]),
    st.sampled_from([1, 1, 500]),
    st.booleans(),
)
@example([LOSS, LOSS], 17_999, "city", 1, False)
@example([LOSS, LOSS], 18_000, "nobody", 1, False)
@example([LOSS, LOSS._replace(fit=False)], 9_001, "city", 1, True)
def test_a_payer_shares_its_money_in_proportion(
    losses: list[Loss], most: int, rest: str, unit: int, turns: bool
) -> None:
    form = TURN * turns + (f"round_to = {unit // 100}\n" if unit > 1 else "")
    cap = POOL.format(most=f"{{ yuan = {yuan(most)} }}", form=form, rest=rest)
    rows = [
        {
            "who": loss.who,
            "fit": str(loss.fit).lower(),
            "principal": yuan(loss.principal),
            "approved_amount": "" if loss.approved is None else yuan(loss.approved),
            "finance_review": loss.review,
        }
        for loss in losses
    ]
    run = assessed(small(OWN, PAYERS.format(province="0.6"), cap), *rows)
    computed = [half_up(Fraction(loss.principal, 2)) for loss in losses]
    amounts = [
        amount if loss.approved is None else min(amount, loss.approved)
        for amount, loss in zip(computed, losses, strict=True)
    ]
    whole = [half_up(Fraction(amount * 3, 5)) for amount in amounts]
    parts = list(whole)
    for who in "xy":
        left = most
        for turn in (True, False) if turns else (None,):
            places = [
                place
                for place, loss in enumerate(losses)
                if loss.who == who and loss.review != "rejected" and turn in (None, loss.fit)
            ]
            dues = [whole[place] for place in places]
            for place, part in zip(places, in_proportion(dues, max(left, 0), unit), strict=True):
                parts[place] = part
            left -= sum(dues)
    expected = []
    for loss, amount, of, part, computed_ in zip(
        losses, amounts, whole, parts, computed, strict=True
    ):
        city = amount - of + (of - part if rest == "city" else 0)
        paid = (part, city) if loss.review == "approved" else (0, 0)
        expected.append((computed_ if part + city == amount else part + city, *paid))
    names = ("compensation", "payable_province", "payable_city")
    found = [tuple(int(row[n] * 100) for n in names) for row in run.claims.to_dict("records")]
    assert found == expected
    for number in range(1, len(losses) + 1):
        recomputed(run.explain(f"c{number}").arithmetic)


@pytest.mark.parametrize(
    ("form", "parts"),
    [
        ("", [34, 33, 33]),
        ("round_to = 0.01\n", [33.34, 33.33, 33.33]),
        ('left_over = "nobody"\n', [33, 33, 33]),
    ],
)
def test_such_a_pool_is_shared_in_the_unit_of_the_compensation(
    form: str, parts: list[float]
) -> None:
    cap = POOL.format(most="100", form=form, rest="nobody")
    policy = small(OWN, PAYERS.format(province="1"), cap, "[compensation]\nround_to = 1")
    run = assessed(policy, *[{"principal": "200", "who": "x", "fit": "true"}] * 3)
    assert [float(each) for each in run.claims["payable_province"]] == parts
    for number in (1, 2, 3):
        recomputed(run.explain(f"c{number}").arithmetic)
