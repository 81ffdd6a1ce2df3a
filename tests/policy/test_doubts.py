"""What a sound policy file says that is probably not meant is asked about."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest

from compensation import assess_frames
from compensation.policy.catalogue import POLICY_TEXT, Policy, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy_tools.doubts import doubts
from tests.policy.test_small_policies import HALF, HEAD, columns, frames, small

RATE = """[[columns]]
table = "contracts"
name = "loan_rate"
heading = "贷款利率"
type = "ratio"
note = { zh = "注", en = "note" }

[[claim_conditions]]
id = "loan"
value = "contracts.loan_rate"
"""
OF_INDICATOR = '[[claim_conditions]]\nid = "loan"\nvalue = "indicator.payout_rate"\n'
NAMED = '[[{}]]\nid = "a"\n{}value = "contracts.guaranteed_amount"\n'


@pytest.mark.parametrize(
    ("limit", "words"),
    [("4.35", ["0.0435", "435%"]), ("1.0001", ["0.010001"]), ("1", []), ("0.0435", [])],
)
def test_a_percentage_written_as_a_number_is_asked_about(limit: str, words: list[str]) -> None:
    for rate in (RATE, OF_INDICATOR):
        found = doubts(small(rate + f"at_most = {limit}"))
        assert [doubt.key for doubt in found] == ["claim_conditions[loan]"] * bool(words)
        assert all(word in found[0].message.zh for word in words)
    assert doubts(small(OF_INDICATOR + "at_least = 2")) == []


BY_PAYOUTS = 'hit = "range"\nby = "indicator.payout_rate"\notherwise = "ineligible"\n'
WHEN = 'when = [{ value = "indicator.payout_rate", at_most = LIMIT }]'


@pytest.mark.parametrize(
    ("rates", "part", "key"),
    [
        (BY_PAYOUTS + "tiers = [{ at_most = LIMIT, rate = 0.5 }]", "", "rates.tiers[1]"),
        ("tiers = [{ rate = 0.5, " + WHEN + " }, { rate = 0.4 }]", "", "rates.tiers[1]"),
        (HALF, '[[caps]]\nid = "a"\nat_most = 9\n' + WHEN, "caps[a]"),
    ],
)
def test_so_is_one_of_tiers_and_caps(rates: str, part: str, key: str) -> None:
    for limit, keys in (("3", [key]), ("1", [])):
        policy = small(part.replace("LIMIT", limit), rates=rates.replace("LIMIT", limit))
        assert [doubt.key for doubt in doubts(policy) if "百分之" in doubt.message.zh] == keys


@pytest.mark.parametrize(
    ("part", "keys"),
    [
        (RATE.partition("\n\n")[0], ["columns[loan_rate]"]),
        (RATE + "at_most = 1", []),
        (NAMED.format("quantities", 'name = { zh = "甲", en = "a" }\n'), ["quantities[a]"]),
        (NAMED.format("tests", "at_most = 1\n"), ["tests[a]"]),
        (NAMED.format("tests", "at_most = 1\n") + '[[claim_conditions]]\nid = "b"\ntest = "a"', []),
    ],
)
def test_what_is_declared_and_never_used_is_asked_about(part: str, keys: list[str]) -> None:
    assert [doubt.key for doubt in doubts(small(part))] == keys


def of_institutions(days: str) -> Policy:
    head = HEAD.replace("2029-12-31", days) + 'record = "institution"\n'
    base = '[base]\nvalue = "indicator.closing_balance"'
    return policy_of_texts({POLICY_TEXT: "\n".join([head, base, f"[rates]\n{HALF}"])})


@pytest.mark.parametrize(
    ("days", "keys"),
    [
        ("2026-12-30", ["effective.to"]),
        ("2026-12-31", []),
        ("2026-06-30, excludes = false", []),
    ],
)
def test_a_last_year_without_its_end_covers_no_institution(days: str, keys: list[str]) -> None:
    assert [doubt.key for doubt in doubts(of_institutions(days))] == keys


@pytest.mark.parametrize(
    ("base", "asked"),
    [
        ('{ over = [{ times = ["claims.principal", 31] }, 365] }', True),
        ('{ times = ["claims.principal", 0.5] }', True),
        ('{ sum = [1, { times = ["claims.principal", "contracts.loan_rate"] }] }', True),
        ('{ times = ["claims.principal", 2] }', False),
        ('{ round_to = 100, of = { over = ["claims.principal", 3] } }', False),
        ('{ max = ["claims.principal", "claims.interest"] }', False),
    ],
)
def test_a_base_that_is_rounded_before_the_amount_is_asked_about(base: str, asked: bool) -> None:
    column = RATE.partition("\n\n")[0]
    found = doubts(small(column, "[compensation]\nround_to = 100", base=base))
    assert ("base" in {doubt.key for doubt in found}) == asked
    assert "base" not in {doubt.key for doubt in doubts(small(column, base=base))}


CITY = '[[payers]]\nid = "city"\nname = { zh = "市", en = "city" }\nshare = 1\n'
HALVES = CITY.replace("= 1", "= 0.5") + CITY.replace("= 1", "= 0.5").replace("city", "county")
UP_TO = '[[caps]]\nid = "a"\nper = []\nat_most = 500\n'
POOLED = UP_TO + 'exceeding = "pro_rata"\n'
FALLS = 'payer = "city"\nrest = "nobody"\n'
FORM = "[compensation]\nround_to = 100\n"
LAPSES = '[budget]\nmethod = "{}"\nat_most = 500\nunpaid = "lapses"\n'


@pytest.mark.parametrize(
    ("parts", "asked"),
    [
        ([POOLED], "a"),
        ([UP_TO], ""),
        ([CITY, UP_TO + FALLS], "a"),
        ([CITY, POOLED + FALLS], "a"),
        ([HALVES, POOLED + FALLS.replace("nobody", "county")], ""),
        ([LAPSES.format("pro_rata")], "budget"),
        ([LAPSES.format("first_come") + 'order = "claims.payout_date"'], ""),
    ],
)
def test_what_may_leave_less_than_the_least_amount_is_asked_about(
    parts: list[str], asked: str
) -> None:
    found = doubts(small("[compensation]\nat_least = 100", *parts))
    messages = [doubt.message.en for doubt in found if doubt.key == "compensation.at_least"]
    assert [f"({asked}) come after" in message for message in messages] == [True] * bool(asked)
    keys = {doubt.key for doubt in doubts(small(*parts))}
    assert "compensation.at_least" not in keys


@pytest.mark.parametrize(
    ("parts", "asked"),
    [
        ([CITY, UP_TO + FALLS], False),
        ([CITY, UP_TO.replace("500", "550") + FALLS], True),
        ([CITY, UP_TO.replace("500", '{ round_to = 200, of = "pool.opening" }') + FALLS], False),
        ([CITY, UP_TO.replace("500", '"pool.opening"') + FALLS], True),
        ([CITY, POOLED + FALLS], False),
        ([CITY, POOLED + FALLS + "round_to = 200"], False),
        ([CITY, POOLED + FALLS + "round_to = 50"], True),
        ([HALVES, POOLED + FALLS], True),
        ([HALVES, UP_TO + FALLS], True),
        ([HALVES, UP_TO + FALLS.replace("nobody", "county")], False),
        ([CITY, UP_TO + "above = 100\n" + FALLS], True),
    ],
)
def test_caps_on_payers_that_leave_no_whole_units_are_asked_about(
    parts: list[str], asked: bool
) -> None:
    found = {doubt.key for doubt in doubts(small(FORM, *parts))}
    assert ("caps[a].rest" in found) == asked
    assert "caps[a].rest" not in {doubt.key for doubt in doubts(small(*parts))}


@pytest.mark.parametrize(("rest", "asked"), [("nobody", True), ("county", False)])
def test_a_cap_of_nothing_is_asked_about_unless_it_hands_a_part_over(
    rest: str, asked: bool
) -> None:
    nothing = UP_TO.replace("500", "0") + FALLS.replace("nobody", rest)
    found = {doubt.key for doubt in doubts(small(HALVES, nothing))}
    assert ("caps[a].at_most" in found) == asked


KIND = """[[columns]]
table = "institutions"
name = "kind"
heading = "机构类别"
type = "text"
note = { zh = "注", en = "note" }

[[institution_conditions]]
id = "kind"
value = "institutions.kind"
one_of = ["WORD"]
"""
NAMED_BANK = '[beneficiary]\nname = { zh = "合作银行", en = "bank" }\n'


@pytest.mark.parametrize(
    ("part", "title", "asked"),
    [
        (KIND.replace("WORD", "银行"), "小", True),
        (KIND.replace("WORD", "银行") + NAMED_BANK, "小", False),
        (KIND.replace("WORD", "担保机构"), "小", False),
        ("", "合作银行贷款风险补偿办法", True),
        (NAMED_BANK, "合作银行贷款风险补偿办法", False),
        ("", "银担合作、银行贷款担保风险补偿办法", False),
    ],
)
def test_banks_that_would_be_called_guarantors_are_asked_about(
    part: str, title: str, *, asked: bool
) -> None:
    head = HEAD.replace('title = { zh = "小"', f'title = {{ zh = "{title}"')
    base = '[base]\nvalue = "claims.principal"\n'
    policy = policy_of_texts({POLICY_TEXT: "\n".join([head, base, f"[rates]\n{HALF}", part])})
    assert [doubt.key for doubt in doubts(policy)] == ["beneficiary"] * asked


@pytest.mark.parametrize(("rate", "keys"), [("0", ["rates.tiers[2]"]), ("0.0001", [])])
def test_a_tier_that_pays_nothing_is_asked_about(rate: str, keys: list[str]) -> None:
    some = '{ rate = 0.5, when = [{ value = "claims.principal", at_most = 10 }] }'
    policy = small(rates=f"tiers = [{some}, {{ rate = {rate} }}]")
    assert [doubt.key for doubt in doubts(policy)] == keys
    sliced = '"slices"\ntiers = [{ rate = 0, at_most = 10 }, { rate = 0.5 }]'
    assert doubts(small(rates=f"hit = {sliced}")) == []


BEFORE = """
[[indicators]]
id = "before"
name = { zh = "上年解除额", en = "released the year before" }
value = VALUE

[[quantities]]
id = "limit"
name = { zh = "限额", en = "limit" }
value = { times = ["indicator.before", 0.03] }
"""
YEAR_BEFORE = '{ year_before = "indicator.released_amount" }'


@pytest.mark.parametrize(
    ("value", "limit", "asked"),
    [
        (YEAR_BEFORE, '"quantity.limit"', True),
        (f"{{ first_given = [{YEAR_BEFORE}, 0] }}", '"quantity.limit"', False),
        (YEAR_BEFORE, '{ first_given = ["quantity.limit", { yuan = 0 }] }', False),
        ('{ measure = "released_amount" }', '"quantity.limit"', False),
    ],
)
def test_a_figure_that_new_institutions_lack_is_asked_about(
    value: str, limit: str, *, asked: bool
) -> None:
    rates = f'hit = "slices"\ntiers = [{{ rate = 0.5, at_most = {limit} }}, {{ rate = 0.1 }}]'
    found = doubts(small(BEFORE.replace("VALUE", value), rates=rates))
    assert [doubt.key for doubt in found] == ["indicators[before]"] * asked
    assert all("tier 1" in doubt.message.en for doubt in found)


LOW = 'when = [{ value = "indicator.payout_rate", above = 0.05 }]'
CONDITION = (
    '[[institution_conditions]]\nid = "rate"\nvalue = "indicator.payout_rate"\nat_most = 1\n'
)
CUT = '[[rates.additions]]\nid = "cut"\npoints = { minus = [0, 0.05] }\n'
OF_QUANTITY = """[[caps]]
id = "x"
at_most = { times = ["claims.principal", "quantity.left"] }
"""
QUANTITY = """[[quantities]]
id = "left"
name = { zh = "余", en = "left" }
value = { choose = [{ value = 0.8, WHEN }, { value = 1 }] }
"""


@pytest.mark.parametrize(
    ("part", "key"),
    [
        (CUT + "WHEN", "rates.additions[cut]"),
        ('[[caps]]\nid = "low"\nat_most = 9\nWHEN', "caps[low]"),
        ("[[stages]]\nshare = 0.5\nWHEN\n[[stages]]\nshare = 1", "stages"),
        (
            QUANTITY
            + '[[caps]]\nid = "x"\nat_most = { times = ["claims.principal", "quantity.left"] }',
            "quantities[left]",
        ),
    ],
)
def test_an_element_that_a_figure_without_a_value_passes_over_is_asked_about(
    part: str, key: str
) -> None:
    given = 'when = [{ value = "indicator.payout_rate", given = true }, ' + LOW.partition("[")[2]
    other = LOW.replace("indicator.payout_rate", "indicator.small_agri_balance")
    found = doubts(small(part.replace("WHEN", LOW)))
    assert [doubt.key for doubt in found] == [key]
    assert '{ value = "indicator.payout_rate", given = true }' in found[0].message.zh
    for settled in (part.replace("WHEN", given), part.replace("WHEN", other)):
        assert not doubts(small(settled))
    assert not doubts(small(CONDITION, part.replace("WHEN", LOW)))


def test_a_figure_that_surely_has_a_value_passes_over_nothing() -> None:
    zero = """[[indicators]]
id = "own"
name = { zh = "率", en = "rate" }
value = VALUE
"""
    rate = '{ over = [{ measure = "payout_amount" }, { measure = "released_amount" }] }'
    when = CUT + LOW.replace("payout_rate", "own")
    first_given = f"{{ first_given = [{rate}, 0] }}"
    for value, keys in ((rate, 1), (first_given, 0)):
        assert len(doubts(small(zero.replace("VALUE", value), when))) == keys


PRINCIPAL_FIRST = '[{ of = "claims.principal", to = ["government"] }, { of = "claims.principal" }]'
EIGHT_TO_TWO = '[{ party = "government", share = 0.8 }, { party = "institution", share = 0.2 }]'
INTEREST = '[{ of = "claims.interest", borne_by = ["institution"] }]'


@pytest.mark.parametrize(
    ("base", "said", "asked"),
    [
        ('"claims.principal"', "", "claims.interest"),
        ('"claims.interest"', "", "claims.principal"),
        ('{ times = [0.5, "claims.principal"] }', "", "claims.interest"),
        ('"claims.principal"', f"first = {PRINCIPAL_FIRST}", "claims.interest"),
        ('"claims.principal"', 'first = ["institution"]', "claims.interest"),
        ('"claims.principal"', f"first = {PRINCIPAL_FIRST}\nparts = {INTEREST}", ""),
        ('"claims.principal"', f"parts = {INTEREST}", ""),
        ('"claims.principal"', f"shares = {EIGHT_TO_TWO}", ""),
        ('"claims.principal"', 'first = ["government"]', ""),
        ('"claims.principal"', 'first = [{ to = ["government"] }, { of = "claims.interest" }]', ""),
        ('"claims.principal"', 'basis = "assumption"', ""),
        ('"claims.payout"', "", ""),
        ('{ sum = ["claims.principal", "claims.interest"] }', "", ""),
        ('"contracts.guaranteed_amount"', "", ""),
    ],
)
def test_a_base_that_leaves_out_a_part_of_the_payout(base: str, said: str, asked: str) -> None:
    basis = "" if "basis" in said else 'basis = "text"\n'
    found = doubts(small(f'[returns]\ncosts = "net"\n{basis}{said}', base=base))
    assert [doubt.key for doubt in found] == ["base"] * bool(asked)
    part = f'parts = [{{ of = "{asked}", borne_by = ["institution"] }}]'
    assert all(part in doubt.message.get(language) for doubt in found for language in ("zh", "en"))
    if not asked:
        return
    (rest,) = {"claims.principal", "claims.interest"} - {asked}
    shared_first = f'first = [{{ of = "{rest}" }}]'
    assert all(shared_first in found[0].message.get(language) for language in ("zh", "en"))
    first = "" if "first" in said else shared_first
    assert not doubts(small(f'[returns]\ncosts = "net"\n{basis}{said}\n{first}\n{part}', base=base))


@pytest.mark.parametrize("recovered", [1, 30_000, 79_999, 80_000, 80_001, 99_999, 100_000])
def test_what_is_borne_by_one_comes_back_beside_the_rest_or_after_it(recovered: int) -> None:
    """Of 800 yuan of principal and 200 of interest, government pays half of the principal."""
    parts = f'[returns]\ncosts = "net"\nparts = {INTEREST}'
    for first, expected in (
        ("", Fraction(40_000 * recovered, 100_000)),
        ('first = [{ of = "claims.principal" }]', min(Fraction(recovered, 2), Fraction(40_000))),
    ):
        policy = small(f"{parts}\n{first}", base='"claims.principal"')
        tables = frames({"principal": "800", "interest": "200"})
        tables["claims"]["compensation_paid"] = "400"
        tables["recoveries"] = pd.DataFrame(
            [
                {
                    "recovery_id": "r1",
                    "claim_id": tables["claims"]["claim_id"][0],
                    "recovery_date": "2022-09-01",
                    "proceeds": str(Decimal(recovered) / 100),
                    "cost": "0",
                }
            ]
        )
        (got,) = assess_frames(tables, policy, 2022).tables["returns"]["to_government"].to_pylist()
        whole = (2 * expected.numerator + expected.denominator) // (2 * expected.denominator)
        assert 100 * got == whole


def test_none_is_asked_about_where_the_file_says_nothing_of_returns() -> None:
    assert doubts(small()) == []


LESS = '{ minus = ["claims.interest", 500] }'


@pytest.mark.parametrize(
    ("base", "value", "asked"),
    [
        (f'{{ sum = ["claims.principal", {LESS}] }}', "0", True),
        ('{ sum = ["claims.principal", "quantity.own"] }', LESS, True),
        ('{ sum = ["claims.principal", "quantity.own"] }', f"{{ max = [{LESS}, 0] }}", False),
        (f'{{ sum = ["claims.principal", {{ max = [0, {LESS}] }}] }}', "0", False),
        ('{ minus = ["claims.payout", 500] }', "0", False),
        ('{ times = ["claims.payout", { sum = [1, { minus = [1, 0.5] }] }] }', "0", False),
    ],
)
def test_a_difference_that_would_lower_the_rest_of_a_base(
    base: str, value: str, *, asked: bool
) -> None:
    own = f'[[quantities]]\nid = "own"\nname = {{ zh = "自定", en = "own" }}\nvalue = {value}'
    found = [doubt for doubt in doubts(small(own, base=base)) if "max = " in doubt.message.en]
    assert [doubt.key for doubt in found] == ["base"] * asked


RATE_OF_ALL = '{ over = ["claims.score", "claims.other"] }'
NAMED_FIGURE = """[[quantities]]
id = "figure"
name = {{ zh = "数", en = "figure" }}
value = {}
"""


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ('{ minus = ["indicator.payout_rate", 0.1] }', ["indicator.payout_rate"]),
        ('{ minus = ["claims.score", "claims.other"] }', ["claims.other", "claims.score"]),
        (RATE_OF_ALL, ["quantity.figure"]),
        ('{ first_given = ["claims.score", "claims.other"] }', ["quantity.figure"]),
    ],
)
def test_the_tests_that_settle_a_computed_figure_can_be_pasted(
    value: str, names: list[str]
) -> None:
    used = [name for name in ("score", "other") if f"claims.{name}" in value]
    own, named = columns(**dict.fromkeys(used, "decimal")), NAMED_FIGURE.format(value)
    test = f"{{ value = {value}, above = 0.05 }}"
    (found,) = doubts(small(own, f"{CUT}when = [{test}]"))
    zh, en = found.message.zh, found.message.en
    assert ('id = "figure"' in zh) == ('id = "figure"' in en) == (names == ["quantity.figure"])
    if names == ["quantity.figure"]:
        own, test = own + named, '{ value = "quantity.figure", above = 0.05 }'
    blank = en.partition("any = [the test, ")[2].partition("]; if it should not")[0]
    given = en.partition("add ")[2]
    for pasted in (f"{{ any = [{test}, {blank}] }}", f"{given}, {test}"):
        assert [name for name in names if name in pasted] == names
        assert not doubts(small(own, f"{CUT}when = [{pasted}]"))
    assert blank in zh
    assert given in zh


NEW_BUSINESS = """[[indicators]]
id = "new"
name = {{ zh = "新增额", en = "new business" }}
value = {{ measure = "sum", on = "contracts.start_date", of = {{ choose = [
    {{ value = "contracts.guaranteed_amount", when = [{{ value = "{}", at_most = 5_000_000 }}] }},
    {{ value = 0 }} ] }} }}
[[claim_conditions]]
id = "new"
value = "indicator.new"
above = 0
"""


def test_new_business_by_what_is_left_of_it_at_the_end_of_the_year_is_asked_about() -> None:
    for column, keys in (
        ("contracts.borrower_balance", ["indicators[new]"]),
        ("contracts.guaranteed_amount", []),
    ):
        assert [each.key for each in doubts(small(NEW_BUSINESS.format(column)))] == keys
    with pytest.raises(PolicyFaults, match="按户合计或分段的"):
        small(NEW_BUSINESS.format("contracts.borrower_exposure_at_start"))
