"""In which unit a value is written: mere numbers as they are, amounts as amounts, days as days."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compensation import assess_frames
from compensation.explanation.lines import Line
from compensation.policy.variables import is_mere_number
from compensation.policy.wording import describe_quantity, describe_test
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import PRINCIPAL, assessed, columns, frames, small

NUMBERS = columns(score="decimal", size="decimal", fee="ratio")
SCORE = """{ sum = [ { choose = [
    { value = 20, when = [{ value = "claims.score", at_least = 5 }] },
    { value = { round_to = 0.01, rounding = "half_up", of = { times = [
        { over = ["claims.score", 5] }, 20] } } } ] },
    { minus = [25, { times = [100, "claims.fee"] }] } ] }"""
CONDITION = """
[[quantities]]
id = "score"
name = { zh = "得分", en = "score" }
value = VALUE

[[claim_conditions]]
id = "score"
value = "quantity.score"
at_least = 40
""".replace("VALUE", " ".join(SCORE.split()))


def lines_of(policy: object, **claim: str) -> dict[str, Line]:
    """Return the arithmetic of a claim by name, recomputed."""
    lines = assessed(policy, claim).explain("c1").arithmetic  # type: ignore[arg-type]
    recomputed(lines)
    return {line.name: line for line in lines}


@given(st.integers(0, 60_000), st.integers(0, 100_000))
@settings(max_examples=10 * DEPTH)
def test_a_score_is_a_mere_number_with_all_its_parts(units: int, millionths: int) -> None:
    score, fee = Fraction(units, 10_000), Fraction(millionths, 1_000_000)
    cells = {"score": f"{units / 10_000:.4f}", "fee": f"{millionths / 1_000_000:.6f}", "size": "1"}
    explanation = assessed(small(NUMBERS, CONDITION), cells).explain("c1")
    points = Fraction(20) if score >= 5 else Fraction(int(score * 4 * 100 + Fraction(1, 2)), 100)
    expected = points + 25 - 100 * fee
    assert recomputed(explanation.arithmetic)["quantity_score"] == expected
    assert explanation.conditions[0].passed == (expected >= 40)
    for language in ("zh", "en"):
        (text, *_) = explanation.conditions[0].describe(language).split(" [")
        assert "%" not in text
        assert "倍" not in text
        assert "times" not in text
        for line in explanation.arithmetic:
            if line.name.startswith(("quantity_score", "choose")):
                assert not line.describe(language).endswith("%")
                assert "倍" not in line.describe(language)


@pytest.mark.parametrize(
    ("value", "zh"),
    [
        ('"claims.score"', "score不低于 90"),
        ('{ over = ["claims.score", 100] }', "score ÷ 100不低于 90"),
        ('{ over = ["claims.score", "claims.size"] }', "score ÷ size不低于 90 倍"),
        ('{ over = ["claims.principal", "claims.payout"] }', "代偿本金 ÷ 代偿金额不低于 90 倍"),
        ('{ times = [4, "claims.fee"] }', "4 × fee不低于 90 倍"),
        ('{ minus = [25, "claims.fee"] }', "25 − fee不低于 90"),
        ('{ min = [5, { over = ["claims.principal", 100] }] }', "不低于 90 元"),
    ],
)
def test_what_is_a_mere_number(value: str, zh: str) -> None:
    condition = f'[[claim_conditions]]\nid = "x"\nvalue = {value}\nat_least = 90'
    policy = small(NUMBERS, condition)
    said = describe_test(policy, policy.rules.claim_conditions[0]).zh.replace("列", "")
    assert said.endswith(zh)


def test_a_ratio_compared_with_a_mere_number_is_one() -> None:
    condition = (
        '[[claim_conditions]]\nid = "x"\nvalue = { over = ["claims.principal", "claims.payout"] }\n'
    )
    policy = small(NUMBERS, condition + 'at_most = "claims.size"')
    explanation = assessed(policy, {"score": "1", "fee": "0", "size": "2.5"}).explain("c1")
    text = explanation.conditions[0].describe("en")
    assert "actual 1, limit ≤ 2.5" in text


def test_whole_units_of_a_mere_number_are_no_percentages() -> None:
    policy = small(NUMBERS, CONDITION)
    said = describe_quantity(policy, policy.rules.quantities[0].value)
    assert "（以 0.01 为单位，四舍五入）" in said.zh
    assert "倍" not in said.zh
    assert is_mere_number(policy.rules, "quantity.score")


@pytest.mark.parametrize("end", ["1000.49", "1000.5", "1000.51"])
def test_the_end_of_a_slice_is_an_amount(end: str) -> None:
    tiers = f"tiers = [{{ rate = 0.5, at_most = {end} }}, {{ rate = 0.25 }}]"
    rates = f'hit = "slices"\nper = ["contracts.institution_id"]\n{tiers}'
    lines = lines_of(small(rates=rates), principal="2000")
    assert f"= {float(end):.2f}" in lines["slice_1_to"].describe("zh").partition("max(")[2]
    assert not any(
        line.value.endswith("000000") for line in lines.values() if "rate" not in line.name
    )


DUE = '[[columns]]\ntable = "contracts"\nname = "due"\nheading = "到期日"\ntype = "date"\n'
DUE += 'agreed = true\nnote = { zh = "注", en = "note" }\n'
TERM = """
[[quantities]]
id = "term_end"
name = { zh = "届满日", en = "end of the term" }
value = { months_later = ["contracts.start_date", MONTHS] }

[[quantities]]
id = "last"
name = { zh = "止日", en = "last day" }
value = { FOLD = ["quantity.term_end", { first_given = ["contracts.due", "year.end"] }, DAY] }
"""


@given(
    st.sampled_from(["min", "max"]),
    st.integers(1, 40),
    st.none() | st.dates(date(2021, 2, 1), date(2024, 1, 1)),
    st.dates(date(2021, 2, 1), date(2024, 1, 1)),
)
@settings(max_examples=10 * DEPTH)
def test_the_first_or_last_of_dates_names_each(
    fold: str, months: int, due: date | None, day: date
) -> None:
    """Named, composed and written dates alike; the days are counted to the one that is told."""
    text = TERM.replace("MONTHS", str(months)).replace("FOLD", fold).replace("DAY", str(day))
    base = (
        "{ over = [{ times = [{ yuan = 1 }, "
        '{ days = ["contracts.start_date", "quantity.last"] }] }, 1] }'
    )
    policy = small(DUE, text, base=base)
    tables = assessed_with_due(policy, due)
    values = recomputed(tables)
    term = date(2021 + months // 12, months % 12 + 1, 1)
    dates = [term, due or date(2022, 12, 31), day]
    last = min(dates) if fold == "min" else max(dates)
    assert values["quantity_last"] == last.toordinal()
    line = next(line for line in tables if line.name == "quantity_last")
    assert sorted((line.terms or {}).values()) == sorted(each.isoformat() for each in dates)
    assert values["base"] == (last - date(2021, 1, 1)) / timedelta(days=1)


def assessed_with_due(policy: object, due: date | None) -> tuple[Line, ...]:
    tables = frames({})
    tables["contracts"]["due"] = "" if due is None else due.isoformat()
    return assess_frames(tables, policy, 2022).explain("c1").arithmetic  # type: ignore[arg-type]


def test_a_composed_date_without_a_name_has_a_line_of_its_own() -> None:
    dates = '["contracts.start_date", { min = ["year.end", { months_later = ["year.start", 6] }] }]'
    lines = lines_of(
        small(base=f"{{ over = [{{ times = [{PRINCIPAL}, {{ days = {dates} }}] }}, 1000] }}")
    )
    (line,) = (line for name, line in lines.items() if name.startswith("min_"))
    assert line.value == "2022-07-01"
    assert sorted((line.terms or {}).values()) == ["2022-07-01", "2022-12-31"]


def test_a_rate_that_depends_on_a_multiple_is_a_percentage() -> None:
    size = columns(size="decimal").replace("size列", "放大倍数")
    some = '{ value = "claims.size", at_least = 5 }'
    share = f"{{ choose = [{{ value = 0.03, when = [{some}] }}, {{ value = 0.01 }}] }}"
    policy = small(size, base=f"{{ times = [{PRINCIPAL}, {share}] }}")
    line = lines_of(policy, size="5")["choose_1"]
    assert line.describe("zh").startswith("放大倍数不低于 5 的，3%；其余的，1% choose_1 = ")
    assert line.describe("zh").split("\n")[0].endswith("= 3%")
