"""Explanations under every invented policy: caps of groups, decided rates, payers, gross."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from compensation.assessment import Assessment, assess
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.model import ExtraColumn
from compensation.policy.quantities import parts_of_test
from compensation.rules import decision
from tests.assessing import portfolio_of, results_of
from tests.conftest import DEPTH
from tests.explanation.checks import check_claims, check_institutions
from tests.oracle_reading import Row, Tables, money, money_text
from tests.portfolios import random_portfolio

INVENTED = sorted((Path(__file__).parent.parent / "policy" / "invented").glob("*.toml"))
SHARES = [
    {"institution": "0.4", "lender": "0.2", "reguarantor": "0.2", "national_fund": "0.2"},
    {"institution": "0.333333", "lender": "0.166667", "reguarantor": "0.5", "national_fund": ""},
    {"institution": "1", "lender": "", "reguarantor": "0", "national_fund": ""},
    {"institution": "0.7", "lender": "0.3", "reguarantor": "", "national_fund": ""},
]
CELLS: dict[str, Callable[[random.Random, Row], str]] = {
    "boolean": lambda source, _: source.choice(["是", "否"]),
    "money": lambda source, row: money_text(
        source.randint(0, max(1, money(row.get("principal", "") or "1000")) // 3)
    ),
    "integer": lambda source, _: str(source.choice([0, 1, 12, 60, 61, 500])),
    "ratio": lambda source, _: source.choice(["0", "0.05", "0.1", "0.15", "0.2", "0.25", "0.3"]),
}


def later(day: str) -> str:
    """The same day two years on; the end of February is the 28th."""
    if not day:
        return ""
    year, month, number = map(int, day.split("-"))
    return date(year + 2, month, min(number, 28) if month == 2 else number).isoformat()


def cell(policy: Policy, column: ExtraColumn, row: Row, source: random.Random) -> str:
    """A cell of a column that the policy adds; dates lie around the payout."""
    if column.type == "date":
        if "payout_date" not in row:
            return source.choice(["2024-01-01", "2024-12-31"])
        payout = date.fromisoformat(row["payout_date"])
        return (payout + timedelta(days=source.choice([0, 1, 30, 60, 61]))).isoformat()
    if column.type == "text":
        return source.choice([*words_of(policy, f"{column.table}.{column.name}"), "别的"])
    return CELLS[column.type](source, row)


def words_of(policy: Policy, column: str) -> list[str]:
    """The words that the policy's tests of a column accept."""
    tests = [test for tests in decision.tests_by_id(policy).values() for test in tests]
    own = [part for test in tests for part in parts_of_test(test) if part.name == column]
    return [word for test in own for word in (*(test.one_of or ()), *(test.starts_with or ()))]


def portfolio_for(policy: Policy, seed: int) -> Tables:
    rules = policy.rules
    contracts = 40 if DEPTH == 1 else 60
    tables, source = random_portfolio(seed, contracts, big=seed % 3 == 0), random.Random(seed)
    for rows in tables.values():
        for row in rows:
            row.update({name: later(row[name]) for name in row if name.endswith("_date")})
    for number, row in enumerate(tables["contracts"]):
        for column in [name for name in row if name.startswith("share_")]:
            del row[column]
        row.update({f"share_{k}": v for k, v in SHARES[number % len(SHARES)].items()})
    for row in tables["claims"]:
        row["compensation_paid"] = ""
        if rules.beneficiary.party == "institution" and source.random() < 0.3:
            row["compensation_paid"] = money_text(money(row["principal"]) // 4)
    for extra in rules.columns:
        for row in tables[extra.table]:
            row[extra.name] = cell(policy, extra, row, source)
    return tables


def check_titles(assessment: Assessment) -> None:
    """No title is an id of the policy file; a column alone has its English name beside it."""
    for row in results_of(assessment)["claims"]:
        for line in assessment.explain(row["claim_id"]).arithmetic:
            assert re.fullmatch(r"([^A-Za-z]|（\w+）)+", line.title.zh), line.title.zh


@pytest.mark.slow
@pytest.mark.parametrize("path", INVENTED, ids=lambda path: path.stem)
def test_every_line_recomputes(path: Path) -> None:
    policy, compensated = load_policy(path), 0
    for seed in (1, 2):
        portfolio = portfolio_of(portfolio_for(policy, seed))
        total = assess(portfolio, policy, 2024).decisions.total_due
        assessment = assess(portfolio, policy, 2024, money_text(total * 2 // 3))
        check_claims(assessment)
        check_institutions(assessment)
        check_titles(assessment)
        compensated += int((assessment.decisions.compensation > 0).sum())
        if compensated and DEPTH == 1:
            break  # one ledger shows every line, where something is paid
    assert compensated


def test_there_are_invented_policies() -> None:
    assert len(INVENTED) > 20


@pytest.mark.slow
def test_a_column_that_base_and_cap_take_off_is_one_line(tmp_path: Path) -> None:
    text = next(path for path in INVENTED if path.stem == "cap-all-levels").read_text("utf-8")
    twice = text.replace(
        'value = "claims.payout",',
        'value = { minus = ["claims.payout", "claims.provincial_aid"] },',
    )
    assert twice != text
    (tmp_path / "twice.toml").write_text(twice, encoding="utf-8")
    policy = load_policy(tmp_path / "twice.toml")
    assessment = assess(portfolio_of(portfolio_for(policy, 1)), policy, 2024)
    check_claims(assessment)
    eligible = [row["claim_id"] for row in results_of(assessment)["claims"] if row["rate"]]
    assert eligible
    for id_ in eligible:
        names = [line.name for line in assessment.explain(id_).arithmetic]
        assert names.count("claims_provincial_aid") == 1
