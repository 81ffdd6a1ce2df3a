"""A policy of 2022 for tests of the rules, with a reference series of its own."""

from __future__ import annotations

from compensation.policy.catalogue import POLICY_TEXT, Policy, policy_of_texts
from tests.policy.texts import BASE, CITED

LPR = """
[[series]]
id = "lpr"
name = { zh = "利率", en = "rate" }
source = { zh = "来源", en = "source" }
clause = "x"
basis = "assumption"
note = { zh = "注", en = "note" }
terms = [60, 0]
checked_until = 2022-12-31
points = [
    { from = 2022-01-20, values = [0.0370, 0.0460] },
    { from = 2022-05-20, values = [0.0370, 0.0445] },
]
"""
SCORE = (
    'columns = [\n    { table = "contracts", name = "score", heading = "评分", type = "decimal", '
    'note = { zh = "分", en = "points" } },\n'
)


def policy_with_series() -> Policy:
    """Return the policy that the broken ones were made of, for 2022, reading a series."""
    reading = '{ series = "lpr", on = "contracts.start_date", term = "contracts.months" }'
    condition = (
        f'    {{ id = "rate", value = "contracts.loan_rate", at_most = {reading}, {CITED} }},\n'
    )
    text = BASE.replace("2024-", "2022-")
    text = text.replace("claim_conditions = [\n", "claim_conditions = [\n" + condition, 1)
    text = text.replace("columns = [\n", SCORE, 1)
    return policy_of_texts({POLICY_TEXT: text + LPR})
