"""What an institution lacks is the least that is enough; what a tier up is worth is recomputed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from math import ceil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from compensation.assessment import Assessment, assess
from compensation.explanation.lines import ConditionLine
from compensation.ledger.portfolio_input import read_portfolio
from compensation.policy.catalogue import load_policy
from tests import oracle, oracle_luoyang
from tests.assessing import EXAMPLE_NAMES, EXAMPLES, assessed, params, read_rows, results_of
from tests.conftest import DEPTH, seeds
from tests.explanation.checks import LANGUAGES, check_institutions, values_of
from tests.oracle import Indicators
from tests.oracle_reading import Tables, half_up, money_text, ratio_text, read
from tests.portfolios import portfolios, random_portfolio
from tests.portfolios_luoyang import random_luoyang_portfolio


def ratio(part: int, whole: int) -> Fraction | None:
    return Fraction(part, whole) if whole else None


RAISED: dict[str, Callable[[Indicators, int], Fraction | None]] = {
    "small_agri_share": lambda i, x: ratio(i.small_agri_balance + x, i.closing_balance + x),
    "balance_growth": lambda i, x: ratio(
        i.closing_balance + x - i.opening_balance, i.opening_balance
    ),
    "borrower_growth": lambda i, x: ratio(
        i.closing_borrowers + x - i.opening_borrowers, i.opening_borrowers
    ),
    "payout_rate": lambda i, x: (
        Fraction(0)
        if i.payout_amount == i.released_amount + x == 0
        else ratio(i.payout_amount, i.released_amount + x)
    ),
}
"""Each indicator once its measure has risen by x; 支小支农 business raises the total too."""
LIMITS = {
    "small_agri_share": ("0.80", "0.85", "0.90"),
    "balance_growth": ("0.10", "0.15", "0.20"),
    "borrower_growth": ("0.10", "0.15", "0.20"),
    "payout_rate": ("0.05", "0.03", "0.02"),
}
"""Of the condition, of the middle tier and of the highest."""
RATES = (Fraction(10, 100), Fraction(15, 100), Fraction(20, 100))


def met(id_: str, figures: Indicators, x: int, limit: Fraction) -> bool:
    value = RAISED[id_](figures, x)
    if value is None:
        return False
    return value <= limit if id_ == "payout_rate" else value >= limit


def check_needed(line: ConditionLine, figures: Indicators, limit: Fraction) -> None:
    """The rise that is named is enough, and a fen or a borrower less is not."""
    assert line.passed == met(line.id, figures, 0, limit)
    value = RAISED[line.id](figures, 0)
    if line.passed or value is None:
        assert line.gap is None
    else:
        assert line.gap == ratio_text(abs(value - limit))
    if line.passed:
        assert line.needed is None
        return
    assert line.needed is not None
    count = line.id == "borrower_growth"
    assert line.needed.unit == ("borrowers" if count else "yuan")
    if line.needed.value is None:
        assert not any(met(line.id, figures, x, limit) for x in (0, 1, 10**6, 10**18, 10**24))
        assert "无法" in line.needed.message.zh
        return
    x = int(line.needed.value) if count else int(Decimal(line.needed.value) * 100)
    assert met(line.id, figures, x, limit)
    assert not met(line.id, figures, x - 1, limit)
    for language in LANGUAGES:
        message = line.needed.message.get(language)
        assert line.needed.value in message
        assert message in line.describe(language)
    if line.id == "small_agri_share" and figures.closing_balance:
        within = ceil(limit * figures.closing_balance) - figures.small_agri_balance
        same_total = f"年末在保余额不变时，至少还需增加 {money_text(within)} 元"
        assert same_total in line.needed.message.zh


def worth(tables: Tables, results: Tables, institution: str, rate: Fraction) -> tuple[int, int]:
    """This year's compensation, and what it would be at a rate if the institution qualified."""
    now = then = 0
    own = read(tables)
    place = own.parties.index("institution")
    claims = {claim.id: claim for claim in own.claims}
    for row in results["claims"]:
        if row["institution_id"] != institution:
            continue
        now += int(Fraction(row["compensation"]) * 100)
        if set(row["reasons"].split(";")) <= {"", "institution"}:
            claim = claims[row["claim_id"]]
            at_rate = half_up(claim.payout * rate.numerator, rate.denominator)
            then += min(at_rate, claim.borne[place])
    return now, then


def check(tables: Tables, assessment: Assessment) -> set[str]:
    """Check every institution under jiyuan-2022; return what was seen."""
    check_institutions(assessment)
    results, portfolio = results_of(assessment), read(tables)
    seen = set()
    for institution, row in zip(portfolio.institutions, results["institutions"], strict=True):
        figures = oracle.indicators(portfolio, institution, 2022)
        explanation = assessment.explain_institution(institution.id)
        for line in explanation.conditions:
            if line.id in LIMITS:
                check_needed(line, figures, Fraction(LIMITS[line.id][0]))
                if not line.passed:
                    seen.add(line.id if line.needed and line.needed.value else f"no {line.id}")
        step = explanation.next_tier
        if row["rate"] == "0.200000":
            assert step is None
            seen.add("highest")
            continue
        assert step is not None
        if row["rate"]:
            tier = RATES.index(Fraction(row["rate"])) + 1
            tested = step.conditions
        else:
            # Where it does not qualify: the tier that it would have if it did.
            tier = RATES.index(oracle.jiyuan_rate(figures))
            tested = step.conditions[len(explanation.conditions) :]
            assert step.conditions[: len(explanation.conditions)] == explanation.conditions
        assert Fraction(step.rate) == RATES[tier]
        assert step.number == 3 - tier
        assert [line.id for line in tested] == (list(LIMITS) if tier else [])
        for line in tested:
            check_needed(line, figures, Fraction(LIMITS[line.id][tier]))
        now, then = worth(tables, results, institution.id, RATES[tier])
        values = values_of(step.worth)
        assert values["compensation_now"] == money_text(now) == row["compensation"]
        assert values["compensation_then"] == money_text(then)
        gain = f"{'-' if then < now else ''}{money_text(abs(then - now))}"
        assert values["gain"] == gain
        seen.add(f"{row['rate'] or 'none'} to {step.rate}")
        if then > now:
            seen.add("a gain")
    return seen


@pytest.mark.slow
@pytest.mark.parametrize("name", EXAMPLE_NAMES)
def test_every_institution_of_the_examples(name: str) -> None:
    run = params(name)
    folder = EXAMPLES / name / "input"
    tables = {path.stem: read_rows(path) for path in folder.glob("*.csv")}
    check(tables, assess(read_portfolio(folder), "jiyuan-2022", run["year"], run["budget"]))


@pytest.mark.slow
def test_random_portfolios_of_every_kind() -> None:
    seen = set()
    for seed in range(200, 230):
        tables = random_portfolio(seed, 60)
        seen |= check(tables, assessed(tables))
    assert seen >= {
        *LIMITS,
        *("no balance_growth", "no borrower_growth", "highest", "a gain"),
        *("none to 0.100000", "0.100000 to 0.150000", "0.150000 to 0.200000"),
    }


@pytest.mark.slow
@given(portfolios())
@settings(max_examples=8 * DEPTH, suppress_health_check=[HealthCheck.too_slow])
def test_small_portfolios(tables: Tables) -> None:
    check(tables, assessed(tables))


@pytest.mark.slow
@pytest.mark.parametrize("seed", seeds(200, 206))
def test_luoyang(seed: int) -> None:
    """Rates differ by claim, so there is no tier of the institution's own."""
    tables = random_luoyang_portfolio(seed)
    assessment = assessed(tables, 2025, None, "luoyang-2025")
    check_institutions(assessment)
    rows = results_of(assessment)["institutions"]
    for row in rows:
        explanation = assessment.explain_institution(row["institution_id"])
        assert explanation.next_tier is None
        assert explanation.rate is None
        (line,) = [c for c in explanation.conditions if c.id == "new_guarantees"]
        sums = int(Fraction(row["new_guarantees"]) * 100)
        assert line.passed == (sums >= 5_000_000_000)
        missing = None if line.passed else money_text(5_000_000_000 - sums)
        assert line.gap == missing == (line.needed and line.needed.value)
    assert oracle_luoyang.assess(tables)["institutions"][0]["rate"] == ""


ROW = {
    "contract_id": "K1",
    "institution_id": "I1",
    "borrower_id": "B1",
    "borrower_type": "farmer",
    "guaranteed_amount": "790",
    "start_date": "2021-01-01",
}


def shares(small_agri: str, other: str) -> Assessment:
    """An institution with so much 支小支农 balance and so much of the rest."""
    rest = {**ROW, "contract_id": "K2", "borrower_id": "B2", "borrower_type": "other"}
    tables = {
        "institutions": [{"institution_id": "I1", "government_backed": "是"}],
        "contracts": [
            {**ROW, "guaranteed_amount": small_agri},
            {**rest, "guaranteed_amount": other},
        ],
        "claims": [],
    }
    return assessed(tables)


def small_agri_line(assessment: Assessment) -> ConditionLine:
    lines = assessment.explain_institution("I1").conditions
    return next(line for line in lines if line.id == "small_agri_share")


def test_the_smallest_rise_counts_that_it_also_raises_the_total() -> None:
    line = small_agri_line(shares("790", "210"))
    assert line.actual is not None
    assert line.actual.zh == "0.790000"
    assert line.needed is not None
    assert line.needed.value == "50.00"
    assert "50.00" in line.describe("zh")
    assert "支小支农" in line.describe("zh")


def test_a_share_that_prints_as_its_limit_and_misses_it_says_so() -> None:
    line = small_agri_line(shares("799999999.99", "200000000.01"))
    assert line.actual is not None
    assert line.actual.zh == "0.800000"
    assert not line.passed
    assert line.gap == "0.000000"
    assert line.needed is not None
    assert line.needed.value == "0.05"
    assert "四舍五入" in line.why.zh
    assert "rounded" in line.why.en
    assert line.why.zh in line.describe("zh")


def test_an_undefined_indicator_says_why() -> None:
    explanation = shares("790", "210").explain_institution("I1")
    by_id = {line.id: line for line in explanation.conditions}
    assert by_id["payout_rate"].passed, "0 / 0 is 0"
    tables = {
        "institutions": [{"institution_id": "I1", "government_backed": "是"}],
        "contracts": [{**ROW, "start_date": "2022-03-01", "release_date": "2023-03-01"}],
        "claims": [
            {"claim_id": "C", "contract_id": "K1", "payout_date": "2022-05-05", "principal": "1"}
        ],
    }
    explanation = assessed(tables).explain_institution("I1")
    by_id = {line.id: line for line in explanation.conditions}
    for id_, zh, en in [
        ("balance_growth", "年初在保余额", "opening balance"),
        ("borrower_growth", "年初在保户数", "opening borrowers"),
        ("payout_rate", "本年解除担保额", "released amount"),
    ]:
        line = by_id[id_]
        assert not line.passed
        assert line.actual is None
        assert line.gap is None
        assert zh in line.why.zh
        assert en in line.why.en
        assert line.why.zh in line.describe("zh")
        assert line.why.en in line.describe("en")
    assert by_id["payout_rate"].needed is not None
    assert by_id["payout_rate"].needed.value == "20.00"
    assert by_id["balance_growth"].needed is not None
    assert by_id["balance_growth"].needed.value is None


INDICATOR = """
[[indicators]]
id = "average_balance"
name = { zh = "平均在保余额", en = "average balance" }
value = { measure = "average_balance" }
clause = "2"
basis = "text"
note = { zh = "虚构", en = "invented" }
"""
COLUMN = """
[[columns]]
table = "institutions"
name = "filed"
heading = "备案日期"
type = "date"
note = { zh = "虚构", en = "invented" }
"""
BY_DAY = 'at_most = { on = "institutions.filed", values = [{ from = 2022-01-01, value = 0.01 }] }'


@pytest.mark.parametrize(
    ("indicator", "limit", "own", "gap", "needed"),
    [
        ("payout_rate", "below = 0.0501", "", None, None),
        ("payout_rate", "below = 0.05", "", None, "0.01"),
        ("payout_rate", "at_most = 0.0499", "", "0.000100", "0.21"),
        ("payout_rate", BY_DAY, COLUMN, None, None),
        ("payout_amount", "below = 5", "", None, None),
        ("payout_amount", "at_most = 4.99", "", "0.01", None),
        ("released_amount", "above = 100", "", None, "0.01"),
        ("average_balance", "at_least = 1_000_000", INDICATOR, "998370.00", None),
    ],
)
def test_what_is_lacking_under_other_limits(
    indicator: str, limit: str, own: str, gap: str | None, needed: str | None, tmp_path: Path
) -> None:
    """No gap where the limit itself fails; nothing is needed where no rise is sure to do."""
    text = load_policy("jiyuan-2022").text
    shipped = 'value = "indicator.payout_rate"\nat_most = 0.05\n'
    assert text.count(shipped) == 1
    path = tmp_path / "other.toml"
    own_limit = f'value = "indicator.{indicator}"\n{limit}\n'
    path.write_text(text.replace(shipped, own_limit) + own, encoding="utf-8")
    kept = {**ROW, "release_date": ""}
    paid = {**kept, "contract_id": "K2", "borrower_id": "B2"}
    released = {**kept, "contract_id": "K3", "guaranteed_amount": "100"}
    tables = {
        "institutions": [{"institution_id": "I1", "government_backed": "是", "filed": ""}],
        "contracts": [kept, paid, {**released, "release_date": "2022-06-30"}],
        "claims": [
            {"claim_id": "C", "contract_id": "K2", "payout_date": "2022-05-05", "principal": "5"}
        ],
    }
    line = assessed(tables, policy=str(path)).explain_institution("I1").conditions[-1]
    assert line.passed == (limit == "below = 0.0501")
    assert line.gap == gap
    assert (line.needed and line.needed.value) == needed


def test_the_single_ticket_share_is_for_information() -> None:
    """The share of the 支小支农 balance with borrowers of 5 million or less at the year's end."""
    limit = "5000000"
    tables = {
        "institutions": [{"institution_id": "I1", "government_backed": "是"}],
        "contracts": [
            {**ROW, "guaranteed_amount": limit},
            {**ROW, "contract_id": "K2", "borrower_id": "B2", "guaranteed_amount": "4000000"},
            {**ROW, "contract_id": "K3", "borrower_id": "B2", "guaranteed_amount": "1000000.01"},
            {**ROW, "contract_id": "K4", "borrower_id": "B3", "borrower_type": "other"},
        ],
        "claims": [],
    }
    *parts, line = assessed(tables).explain_institution("I1").information
    assert [part.value for part in parts] == ["5000000.00", "10000000.01"]
    assert line.name == "single_ticket_share"
    assert line.value == ratio_text(Fraction(500_000_000, 1_000_000_001))


def test_an_institution_that_only_lacks_its_status_is_shown_the_tier_it_would_have() -> None:
    tables = {
        "institutions": [
            {
                "institution_id": "I1",
                "government_backed": "否",
                "opening_balance": "1",
                "opening_borrowers": "0",
            }
        ],
        "contracts": [ROW, {**ROW, "contract_id": "K2", "borrower_id": "B2"}],
        "claims": [],
    }
    tables["institutions"][0]["opening_borrowers"] = "1"
    explanation = assessed(tables).explain_institution("I1")
    assert [line.id for line in explanation.conditions if not line.passed] == ["government_backed"]
    assert explanation.next_tier is not None
    assert explanation.next_tier.rate == "0.200000"
