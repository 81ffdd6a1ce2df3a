"""Conditions whose value or limit has no value name the figure, and why it has none."""

from __future__ import annotations

import pytest

from tests.explanation.test_indicators import MEMBERS, assessed, indicator
from tests.policy.test_small_policies import assessed as assessed_claims
from tests.policy.test_small_policies import columns, small

CONDITION = '[[claim_conditions]]\nid = "asked"\n{}\n'
CELLS = columns(some="money", other="money", day="date", early="date", term="months", who="text")
OWN = (
    '[[quantities]]\nid = "part"\nname = { zh = "所占比例", en = "part" }\n'
    'value = { over = ["claims.some", "claims.other"] }\n'
)


@pytest.mark.parametrize(
    ("condition", "limit", "why"),
    [
        # Of what is tested, a column is what is asked about; of a limit it is named.
        ('value = "claims.some"\nat_most = "claims.other"', "无法确定：other列：未填", ""),
        ('value = "claims.other"\nat_most = 5', "5.00", "未填"),
        (
            'value = "claims.some"\nat_most = { times = ["claims.other", 0.5] }',
            "无法确定：other列：未填",
            "",
        ),
        (
            'value = 0.5\nat_most = { over = ["claims.some", { minus = ["claims.some", 0] }] }',
            "无法计算：分母（some列 − 0 元）为 0",
            "",
        ),
        ('value = "quantity.part"\nat_most = 0.5', "0.500000", "other列：未填"),
        ('value = 0.5\nat_most = "quantity.part"', "无法确定：other列：未填", ""),
        (
            'value = "claims.payout_date"\nsince = "claims.day"\nunit = "days"\nat_most = 9',
            "无法确定：day列：未填",
            "",
        ),
        (
            (
                'value = 0.05\nat_least = { series = "lpr", on = "claims.payout_date", '
                'term = "claims.term" }'
            ),
            "无法确定：term列：未填",
            "",
        ),
        (
            (
                'value = 0.05\nat_least = { on = "claims.early", values = '
                "[{ from = 2022-01-01, value = 0.01 }] }"
            ),
            "没有这一天（或这一期限）的值",
            "",
        ),
        (
            (
                "value = 5\nat_most = { choose = [{ value = 9, "
                'when = [{ value = "claims.who", one_of = ["x"] }] }] }'
            ),
            "没有一项的条件成立",
            "",
        ),
    ],
)
def test_what_has_no_value_is_named(condition: str, limit: str, why: str) -> None:
    policy = small(CELLS, OWN, CONDITION.format(condition))
    row = {"some": "0", "other": "", "day": "", "who": "y"}
    row |= {"term": "", "early": "2021-12-31"}
    found = assessed_claims(policy, row)
    (line,) = (each for each in found.explain("c1").conditions if each.id == "asked")
    assert not line.passed
    assert limit in line.limit.zh
    assert line.why.zh == why
    assert "{" not in line.limit.en + line.why.en
    assert ("未填" in limit + why) == ("blank" in line.limit.en + line.why.en)


def test_each_part_of_a_test_says_why_it_has_no_value() -> None:
    tests = 'any = [{ value = "quantity.part", at_most = 1 }, { value = "claims.some", above = 5 }]'
    found = assessed_claims(small(CELLS, OWN, CONDITION.format(tests)), {"some": "3", "other": "0"})
    (line,) = (each for each in found.explain("c1").conditions if each.id == "asked")
    assert line.actual is not None
    assert "无法计算：分母（other列）为 0" in line.actual.zh
    assert line.actual.zh.endswith("、some列 3.00")


def test_a_limit_that_is_an_indicator_says_what_it_is_over() -> None:
    policy = small(
        MEMBERS,
        indicator("growth", '{ over = ["institutions.now", "institutions.before"] }'),
        '[[institution_conditions]]\nid = "asked"\nvalue = "institutions.now"\n'
        'at_most = { times = ["institutions.now", "indicator.growth"] }\n',
    )
    found = assessed(policy, [{"before": "0", "now": "9", "new": "true"}])
    (line,) = (each for each in found.explain_institution("A").conditions if each.id == "asked")
    assert line.limit.zh == "≤（无法确定：growth：无法计算：缺少数据或分母为 0）"
