"""Indicators in the year before: what that year itself has, where the ledger knows of it."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path
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
    curve,
    judge_institution,
    portfolio_of_frames,
    read_portfolio,
    settle,
    verify,
    write_workbook,
)
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy.variables import STANDARD_INDICATORS
from compensation.refusals import Refused
from compensation.rules.variables import Variable
from tests.policy.test_small_policies import CLAIM, CONTRACT, HALF, columns, frames, small

OWN = """
[[indicators]]
id = "{id}_before"
name = {{ zh = "上年", en = "before" }}
value = {{ year_before = "indicator.{id}" }}
"""
SHARE = """
[[indicators]]
id = "payouts_3y"
name = { zh = "三年", en = "three years" }
value = { over = [{ measure = "payout_amount", years = 3 }, { measure = "opening_balance" }] }
"""
PAID = """
[[indicators]]
id = "paid_3y"
name = { zh = "三年已补偿", en = "paid in three years" }
value = { measure = "compensation_paid", years = 3, where = [
    { value = "contracts.borrower_id", starts_with = ["b"] },
] }
"""
NAMES = [*STANDARD_INDICATORS, "payouts_3y", "paid_3y"]
TESTS = ", ".join(f'{{ value = "indicator.{id_}_before", given = true }}' for id_ in NAMES)
CONDITION = f'[[institution_conditions]]\nid = "given"\nall = [{TESTS}]'
TEXT = small(SHARE, PAID, *(OWN.format(id=id_) for id_ in NAMES), CONDITION).text
POLICY = policy_of_texts({POLICY_TEXT: TEXT.replace("from = 2022-03-01", "from = 2020-01-01")})
CONTRACTS = st.lists(
    st.tuples(
        st.sampled_from("AB"),
        st.sampled_from([2019, 2020, 2021, 2022]),
        st.sampled_from(["", "2021-05-01", "2021-12-31", "2022-01-01"]),
        st.integers(0, 400),
        st.sampled_from([2020, 2021, 2022]),
    ),
    min_size=1,
    max_size=6,
)


def run(year: int, tables: dict[str, list[dict[str, Any]]]) -> Assessment:
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    return assess_frames(frames, POLICY, year)


@pytest.mark.slow
@given(CONTRACTS, st.sampled_from([None, 2021, 2022]))
def test_it_is_what_the_year_before_has_itself(
    contracts: list[tuple[str, int, str, int, int]], opening: int | None
) -> None:
    rows, claims = [], []
    for number, (institution, start, release, paid, payout) in enumerate(contracts):
        own = {"contract_id": f"k{number}", "start_date": f"{start}-03-01"}
        of = {"institution_id": institution, "borrower_id": f"{'xbb'[number % 3]}{number}"}
        release_date = release if release > own["start_date"] else ""
        rows.append({**CONTRACT, **own, **of, "release_date": release_date})
        day = {"payout_date": f"{max(payout, start)}-04-01", "principal": f"{paid}.01"}
        day |= {"claim_id": f"c{number}", "compensation_paid": str(paid // 2)}
        claims.append({**CLAIM, **day, "contract_id": f"k{number}"})
    tables = {
        "institutions": [
            {
                "institution_id": id_,
                "government_backed": "true",
                "opening_balance": "" if opening is None else "12345.67",
                "opening_year": "" if opening is None else str(opening),
            }
            for id_ in "AB"
        ],
        "contracts": rows,
        "claims": claims,
    }
    now, before = run(2022, tables), run(2021, tables)
    for place, institution in enumerate("AB"):
        paid_in_three_years = sum(
            paid // 2
            for number, (of, _, _, paid, _) in enumerate(contracts)
            if of == institution and number % 3 and claims[number]["payout_date"] >= "2020-01-01"
        )
        assert _exact(now.inputs.indicator("paid_3y"), place) == 100 * paid_in_three_years
        older = any(of == institution and start < 2022 for of, start, *_ in contracts)
        for id_ in NAMES:
            there, here = before.inputs.indicator(id_), now.indicators[f"{id_}_before"]
            assert here.known[place] == (older and there.known[place]), id_
            if here.known[place]:
                assert _exact(here, place) == _exact(there, place), id_


def _exact(variable: Variable, row: int) -> Fraction:
    bottom = 1 if variable.denominator is None else int(variable.denominator[row])
    return Fraction(int(variable.numerator[row]), bottom)


def test_an_opening_figure_of_the_year_assessed_is_not_of_the_year_before() -> None:
    contract = {**CONTRACT, "start_date": "2019-01-01", "guaranteed_amount": "1000"}
    institution = {"institution_id": "A", "government_backed": "true", "opening_balance": "77"}
    tables = {"institutions": [institution], "contracts": [contract]}
    claims = {**CLAIM, "claim_id": "c1"}
    found = run(2022, {**tables, "claims": [claims]}).indicators
    assert _exact(found["opening_balance"], 0) == 7_700
    assert _exact(found["opening_balance_before"], 0) == 100_000


def test_what_was_paid_in_a_year_is_not_known_of_years_of_institutions() -> None:
    text = small(PAID, base='"indicator.new_guarantees"').text
    assert policy_of_texts({POLICY_TEXT: f'record = "payout"\n{text}'}).id == "small"
    with pytest.raises(PolicyFaults) as caught:
        policy_of_texts({POLICY_TEXT: f'record = "institution"\n{text}'})
    (fault,) = caught.value.faults
    assert fault.key == "indicators[paid_3y].value.measure"


RATING = """[[columns]]
table = "institution_years"
name = "rating"
heading = "监管评级"
type = "{}"
note = {{ zh = "当年评级", en = "the rating of the year" }}
{}
[[indicators]]
id = "before"
name = {{ zh = "上年评级", en = "last year's rating" }}
value = {}
"""
COLUMN = '"institution_years.rating"'
BEFORE = f"{{ year_before = {COLUMN} }}"
RATED = '[[institution_conditions]]\nid = "rated"\nvalue = "indicator.before"\n'
BETTER = (
    'tiers = [{{ rate = 0.5, when = [{{ value = "indicator.before", {} }}] }}, {{ rate = 0.2 }}]'
)
KINDS = [
    ("text", "", 'one_of = ["A", "B"]', "A", "C"),
    ("text", 'values = ["A", "B", "C"]', 'one_of = ["A", "B"]', "B", "C"),
    ("text", "", 'starts_with = ["A"]', "AA", "BA"),
    ("boolean", "", "is = true", "yes", "no"),
    ("date", "agreed = true", "at_least = 2021-03-01", "2021-03-01", "2021-02-28"),
    ("date", "agreed = false", "given = true", "2021-03-01", ""),
]


def rated(rates: str, *parts: str, type_: str = "text", more: str = "") -> Policy:
    return small(RATING.format(type_, more, BEFORE), *parts, rates=rates)


def rated_tables(before: str, now: str) -> dict[str, pd.DataFrame]:
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "institution_years": [
            {"institution_id": "A", "year": str(year), "rating": value}
            for year, value in ((2021, before), (2022, now))
        ],
        "contracts": [CONTRACT],
        "claims": [{**CLAIM, "claim_id": "c1"}],
    }
    return {name: pd.DataFrame(rows) for name, rows in tables.items()}


@pytest.mark.parametrize(("type_", "more", "test", "good", "bad"), KINDS)
def test_what_a_column_said_in_the_year_before(
    type_: str, more: str, test: str, good: str, bad: str
) -> None:
    by_tier = rated(BETTER.format(test), type_=type_, more=more)
    refusing = rated(HALF, RATED + test, type_=type_, more=more)
    for before, now, holds in ((good, bad, True), (bad, good, False), ("", good, False)):
        tables = rated_tables(before, now)
        found = assess_frames(tables, refusing, 2022)
        assert found.claims["eligible"].tolist() == [holds]
        found = assess_frames(tables, by_tier, 2022)
        assert found.claims["rate"].tolist() == [Fraction(1, 2) if holds else Fraction(1, 5)]
        said = [line.title.zh for line in found.explain("c1").arithmetic]
        assert "补偿比例" in "".join(said)
        settled = settle(portfolio_of_frames(**tables), by_tier, "2022-12-31")
        assert settled.tables["settlement"]["granted"].to_pylist() == [500 if holds else 200]
        value = {"yes": True, "no": False, "": None}.get(before, before)
        judged = judge_institution(refusing, {"government_backed": True, "before": value})
        assert judged.eligible == holds


def test_results_show_what_it_was(tmp_path: Path) -> None:
    texts = {"text": "A", "boolean": "yes", "date": "2021-03-01"}
    shown = {"text": "A", "boolean": True, "date": datetime.date(2021, 3, 1)}
    for type_, value in texts.items():
        more = "agreed = true" if type_ == "date" else ""
        policy = rated(HALF, RATED + "given = true", type_=type_, more=more)
        file = tmp_path / f"{type_}.toml"
        file.write_text(policy.text, "utf-8")
        for before, expected in ((value, shown[type_]), ("", None)):
            run = assess_frames(rated_tables(before, value), policy, 2022)
            assert run.tables["institutions"]["before"].to_pylist() == [expected]
            line = run.explain_institution("A").conditions[0]
            assert (line.actual is None) == (expected is None)
            ledger, result = tmp_path / f"in{type_}{before}", tmp_path / f"out{type_}{before}.xlsx"
            ledger.mkdir()
            for name, table in rated_tables(before, value).items():
                table.to_csv(ledger / f"{name}.csv", index=False)
            write_workbook(assess(read_portfolio(ledger), policy, 2022), result)
            assert verify(result, ledger, policy=file).same


def test_words_of_a_column_with_values_are_held_to_them() -> None:
    with pytest.raises(PolicyFaults):
        rated(HALF, RATED + 'one_of = ["D"]', more='values = ["A", "B", "C"]')
    with pytest.raises(PolicyFaults):
        rated(HALF, RATED + "at_least = 1")


def test_no_curve_goes_along_words() -> None:
    ledger = portfolio_of_frames(**rated_tables("A", "B"))
    with pytest.raises(Refused):
        curve(ledger, rated(HALF, RATED + 'one_of = ["A"]'), 2022, "before", 0, 1)


def test_two_years_before() -> None:
    second = RATING[RATING.index("[[indicators]]") :].format('{ year_before = "indicator.before" }')
    second = second.replace('"before"', '"earlier"', 1)
    test = RATED.replace("before", "earlier") + 'one_of = ["A"]'
    policy = rated(HALF, second, test)
    tables = rated_tables("B", "C")
    earlier = pd.DataFrame([{"institution_id": "A", "year": "2020", "rating": "A"}])
    tables["institution_years"] = pd.concat([tables["institution_years"], earlier])
    column = '{ year_before = "institution_years.rating"'
    direct = rated(HALF, second.replace('{ year_before = "indicator.before"', column), test)
    at_once = second.replace('{ year_before = "indicator.before"', f"{column}, years = 2")
    twice = rated(HALF, at_once, test)
    for start in ("2020-12-31", "2022-01-01"):
        tables["contracts"]["start_date"] = start
        for of, eligible in ((policy, True), (twice, True), (direct, False)):
            assert assess_frames(tables, of, 2022).claims["eligible"].tolist() == [eligible]


@pytest.mark.parametrize("type_", ["text", "boolean", "date"])
def test_an_indicator_that_is_no_number_is_refused_otherwise(type_: str) -> None:
    with pytest.raises(PolicyFaults) as refused:
        small(RATING.format(type_, "", COLUMN), RATED + "given = true")
    (fault,) = refused.value.faults
    assert (fault.kind, fault.key) == ("indicator_kind", "indicators[before].value")


SCORE = (
    columns("institution_years", score="decimal")
    + """
[[indicators]]
id = "before"
name = { zh = "上年得分", en = "score before" }
value = BEFORE
"""
)
TWICE = """
[[indicators]]
id = "twice"
name = { zh = "上年得分的两倍", en = "twice the score" }
value = { times = ["indicator.before", 2] }
"""
YEAR_BEFORE = '{ year_before = "institution_years.score" }'
FACTOR = '{ over = ["indicator.twice", 400] }'
BASE = f'{{ times = ["claims.principal", {FACTOR}] }}'
RESTING: dict[str, tuple[str, str, str]] = {
    "base": (BASE, HALF, ""),
    "rate": ('"claims.principal"', f"tiers = [{{ rate = {FACTOR} }}]", ""),
    "cap": ('"claims.principal"', HALF, f'[[caps]]\nid = "most"\nat_most = {BASE}'),
    "institution": (
        '"claims.principal"',
        HALF,
        '[[institution_conditions]]\nid = "before"\nvalue = "indicator.twice"\nat_least = 1\n',
    ),
    "case": (
        '"claims.principal"',
        HALF,
        '[[claim_conditions]]\nid = "before"\nvalue = "indicator.before"\nat_least = 1\n',
    ),
}
PAID_BEFORE = (
    '[[claim_conditions]]\nid = "late"\nvalue = "claims.payout_date"\nbelow = 2022-06-01\n'
)


def warned_of(
    place: str,
    score: str | None,
    more: str = "",
    before: str = YEAR_BEFORE,
    start: str = "2021-12-31",
) -> list[tuple[Any, ...]]:
    """Assess an institution with a score of the year before, one in doubt, and return warnings."""
    base, rates, parts = RESTING[place]
    declared = SCORE.replace("BEFORE", before) + ("" if place == "case" else TWICE)
    of = small(declared, parts, more, base=base, rates=rates)
    tables = frames({}, {"contract_id": "k2"})
    tables["institutions"] = pd.DataFrame(
        [{"institution_id": id_, "government_backed": "true"} for id_ in "AB"]
    )
    contracts = [("k1", "A"), ("k2", "B")]
    tables["contracts"] = pd.DataFrame(
        [{**CONTRACT, "contract_id": k, "institution_id": i} for k, i in contracts]
    ).assign(start_date=start)
    years = [("A", "2022", "1"), ("B", "2022", "1"), ("A", "2021", "100")]
    years += [] if score is None else [("B", "2021", score)]
    rows = [dict(zip(("institution_id", "year", "score"), row, strict=True)) for row in years]
    tables["institution_years"] = pd.DataFrame(rows)
    found = assess_frames(tables, of, 2022)
    eligible = not more and (score == "100" or before != YEAR_BEFORE)
    assert bool(found.claims["eligible"][1]) == eligible
    if place == "case" and score != "100" and before == YEAR_BEFORE:
        said = found.explain("c2").describe("en")
        assert "the cell is blank, or there is no row of that year" in said
        assert "no contract had begun" not in said
    kind = "no_value_before"
    return [(w.table, w.row, w.describe("en")) for w in found.warnings if w.kind == kind]


@pytest.mark.parametrize("place", RESTING)
def test_a_value_of_the_year_before_for_which_alone_a_case_is_refused_is_told(place: str) -> None:
    ((table, row, said),) = warned_of(place, None)
    assert (table, row) == ("institutions", 2)
    assert "has no row of this institution and 2021" in said
    assert said.endswith(": B")
    of_condition = place in {"institution", "case"}
    blank = warned_of(place, "")
    assert [(t, r) for t, r, _ in blank] == ([] if of_condition else [("institutions", 2)])
    assert all("of 2021 is blank" in each for *_, each in blank)
    assert not warned_of(place, "100")
    for score in (None, ""):
        assert not warned_of(place, score, PAID_BEFORE)
        assert not warned_of(place, score, before=INSTEAD, start="2022-01-01")
    assert not warned_of(place, "", before=INSTEAD)
    assert not warned_of(place, None, PAID_BEFORE, INSTEAD)
    ((_, row, said),) = warned_of(place, None, before=INSTEAD)
    assert row == 2
    assert "check whether the row was forgotten" in said


INSTEAD = f"{{ first_given = [{YEAR_BEFORE}, 100] }}"
