"""Explanations in the words of a policy: multiples, reasons that are no conditions."""

from __future__ import annotations

import pandas as pd
import pytest

from compensation import assess, portfolio_of_frames, settle
from compensation.language import Language
from compensation.policy.quantity_words import describe_test
from tests.policy.test_small_policies import CLAIM, CONTRACT, columns, small

LEVERAGE = """
[[indicators]]
id = "leverage"
name = {{ zh = "{name}", en = "leverage" }}
value = {{ over = ["institutions.balance", "institutions.capital"] }}
[[institution_conditions]]
id = "leverage"
value = "indicator.leverage"
{limit}
"""


@pytest.mark.parametrize(
    ("name", "limit", "said", "asked"),
    [
        ("放大倍数", "at_least = 1.2", "实际 1.1 倍，要求 ≥ 1.2 倍", "不低于 1.2 倍"),
        ("担保放大", "at_least = 10", "实际 1.1 倍，要求 ≥ 10 倍", "不低于 10 倍"),
        ("覆盖率", "at_least = 1.2", "实际 110%，要求 ≥ 120%", "不低于 120%"),
    ],
)
def test_a_multiple_is_one_by_its_name_or_its_limit(
    name: str, limit: str, said: str, asked: str
) -> None:
    own = columns("institutions", balance="money", capital="money")
    policy = small(own, LEVERAGE.format(name=name, limit=limit))
    institution = {"institution_id": "A", "government_backed": "true"}
    institution |= {"balance列": "110", "capital列": "100"}
    tables = {
        "institutions": institution,
        "contracts": CONTRACT,
        "claims": {**CLAIM, "claim_id": "c1"},
    }
    year = assess(
        portfolio_of_frames(**{table: pd.DataFrame([row]) for table, row in tables.items()}),
        policy,
        2022,
    )
    (condition,) = policy.rules.institution_conditions
    assert describe_test(policy, condition).zh == f"{name}{asked}"
    assert f"[不满足] {name} leverage：{said}" in year.explain_institution("A").describe("zh")


def test_why_a_claim_is_refused_is_said_in_words() -> None:
    cap = '[[caps]]\nid = "most"\nat_most = 100\nexceeding = "refuse"'
    when = '{ value = "claims.principal", at_least = 2000 }'
    rates = f'tiers = [{{ rate = 0.5, when = [{when}] }}]\notherwise = "ineligible"'
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT],
        "claims": [{**CLAIM, "claim_id": n, "principal": n} for n in ("1000", "3000")],
    }
    ledger = portfolio_of_frames(**{table: pd.DataFrame(rows) for table, rows in tables.items()})
    policy = small(cap, rates=rates)
    year, settled = assess(ledger, policy, 2022), settle(ledger, policy, "2022-12-31")
    said: dict[tuple[str, Language], str] = {
        ("1000", "zh"): "代偿 1000：不符合条件（未满足：有适用的补偿档次）",
        ("1000", "en"): "Claim 1000: ineligible (not met: a tier that applies)",
        ("3000", "zh"): "代偿 3000：不符合条件（未满足：单笔代偿不超过 100 元；超过的不予补偿）",
    }
    for (claim, language), head in said.items():
        for explained in (year.explain(claim), settled.explain(claim)):
            assert explained.describe(language).splitlines()[0] == head
