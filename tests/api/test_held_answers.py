"""What a held ledger answers: the library's figures, and what is wrong with a question."""

from __future__ import annotations

from typing import Any

import pytest

from api.assessing.held_answers import Held, answer
from api.assessing.questions import (
    CurveQuestion,
    ForecastQuestion,
    IndicatorsQuestion,
    Question,
    SolveQuestion,
)
from api.assessing.requests import ComparisonForm
from api.models import AnswerModel
from api.problems import Problem
from api.routes import held_answers as shapes
from compensation import curve, forecast, indicators, load_policy, read_portfolio, solve
from compensation.report.curve_svg import curve_svg
from compensation.whatif.measured import measured
from compensation.whatif.variants import vary
from tests.api.test_comparisons import RATE, WORKBOOK, texts
from tests.outlook.ledgers import two_institutions
from tests.settling import portfolio_of

YEARS = (2021, 2022)
SETTING = f"{RATE}=0.12"
VARIANT = [{"path": RATE, "value": "0.12"}]
CURVE = {"year": 2022, "along": "payout_rate", "from": "0", "to": "0.08"}
OWN = {**CURVE, "institution": "I1"}
FORECAST = {"base_year": 2022, "years": 2, "growth": ["0.10"]}
SOLVE = {"path": RATE, "target": "compensation<=190000"}


def held_of(ledger: Any) -> Held:
    base = vary(load_policy("jiyuan-2022"), [], YEARS)
    ledgers, _ = measured(ledger, [base.policy], YEARS, strict_dates=False)
    form = ComparisonForm(file="ledger.xlsx", policy="jiyuan-2022", years="2021-2022")
    return Held(form, ledger, ledgers, YEARS, base)


@pytest.fixture(scope="module")
def held() -> Held:
    return held_of(read_portfolio(WORKBOOK))


def asked(
    held: Held, kind: type[Question], shape: type[AnswerModel], **members: Any
) -> dict[str, Any]:
    said = answer(held, kind.model_validate(members), "zh")
    shape.model_validate({"ledger": {"id": "A", "seconds": 1}, **said})
    return said


def same(said: dict[str, Any], found: Any) -> None:
    """Hold the tables and the summary of an answer against those of a result."""
    assert said["summary"] == found.summary
    for name, table in found.tables.items():
        assert list(map(texts, said[name])) == list(map(texts, table.to_pylist())), name


@pytest.mark.slow
def test_a_curve_is_that_of_the_library(held: Held) -> None:
    said = asked(held, CurveQuestion, shapes.Curve, settings=VARIANT, **CURVE)
    policy = vary(held.base.policy, [SETTING]).policy
    found = curve(held.portfolio, policy, 2022, "payout_rate", 0, "0.08")
    same(said, found)
    assert said["picture"] == curve_svg(found, "zh")
    assert said["curve"][-1]["reasons"] == ["payout_rate"]


def test_indicators_are_those_of_the_library(held: Held) -> None:
    same(asked(held, IndicatorsQuestion, shapes.Indicators), indicators(held.portfolio, YEARS))
    said = asked(held, IndicatorsQuestion, shapes.Indicators, years="2021-2023")
    same(said, indicators(held.portfolio, range(2021, 2024)))


def test_a_forecast_is_that_of_the_library(held: Held) -> None:
    assumed = {"payout_rate": ["0.01"], "recovery_rate": ["0.2", "0.3", "0.4"]}
    said = asked(held, ForecastQuestion, shapes.Forecast, **FORECAST, **assumed, settings=VARIANT)
    policy = vary(held.base.policy, [SETTING]).policy
    found = forecast(held.portfolio, 2022, 2, "0.1", "0.01", ("0.2", "0.3", "0.4"), policy)
    same(said, found)


@pytest.mark.slow
def test_a_solution_is_that_of_the_library(held: Held) -> None:
    said = asked(held, SolveQuestion, shapes.Solved, **SOLVE, low="0.14", budget="1000000")
    found = solve(
        held.portfolio, "jiyuan-2022", YEARS, RATE, SOLVE["target"], budget=1000000, low="0.14"
    )
    assert said["summary"] == found.comparison.summary
    assert (said["met"], said["monotone"]) == (found.met, found.monotone)
    figures = found.probes["compensation"].tolist()
    assert [each["figure"] for each in said["tried"]] == list(map(str, figures))
    assert said["found"]["value"] == f"{found.value:f}"


WRONG: list[tuple[type[Question], dict[str, Any], str | None, str]] = [
    (
        CurveQuestion,
        {**CURVE, "along": "payout_rat", "institution": "I1"},
        "",
        "；是否为 payout_rate？",
    ),
    (CurveQuestion, {**CURVE, "institution": "I3"}, "", "没有机构 I3"),
    (CurveQuestion, {**OWN, "from": "1"}, "", "起点 1 大于终点 0.08"),
    (CurveQuestion, CURVE, "", "请指定其中一家"),
    (CurveQuestion, {**CURVE, "year": 2030}, None, "2030"),
    (IndicatorsQuestion, {"years": "2024-2022"}, "/years", "前后颠倒"),
    (IndicatorsQuestion, {"years": "2019,2022"}, None, "2019"),
    (ForecastQuestion, {**FORECAST, "growth": ["0.1", "0.2"]}, "", "给了 2 个"),
    (ForecastQuestion, {**FORECAST, "growth": ["-0.6"]}, "", "低于 -100%"),
    (SolveQuestion, {**SOLVE, "path": "rates.tiers[2].rat"}, "/path", RATE),
    (SolveQuestion, {**SOLVE, "target": "compensation=1"}, "/target", "compensation<=500000"),
    (
        ForecastQuestion,
        {**FORECAST, "settings": [*VARIANT, {"path": "rates.rate", "value": "1"}]},
        "/settings/1/value",
        "没有这一项",
    ),
]


@pytest.mark.parametrize(("kind", "members", "pointer", "said"), WRONG)
def test_what_is_wrong_is_said_where_it_stands(
    kind: type[Question], members: dict[str, Any], pointer: str | None, said: str
) -> None:
    tables = two_institutions()
    with pytest.raises(Problem) as caught:
        answer(held_of(portfolio_of(tables)), kind.model_validate(members), "zh")
    (issue,) = caught.value.errors
    assert issue.where.pointer == pointer
    assert said in issue.message.zh
    assert issue.message.en not in ("", issue.message.zh)
