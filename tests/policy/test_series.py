"""Reference series: every day has the value that was in force, or none."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import numpy as np
import pytest

from compensation import Policy, assess_frames, decide_claim, judge_institution
from compensation.one_case.faults import CaseFaults
from compensation.policy.catalogue import load_policy
from compensation.policy.model import Series
from compensation.policy.series import value_on
from tests.one_claim import faults
from tests.oracle_luoyang import LPR
from tests.policy.test_small_policies import CLAIM, HALF, assessed, columns, first, frames, small

FIRST, CHECKED = date(2019, 8, 20), date(2025, 12, 31)
EPOCH = date(1970, 1, 1)


def lpr() -> Series:
    return load_policy("luoyang-2025").series["lpr"]


def expected(day: date, months: int) -> int | None:
    if not FIRST <= day <= CHECKED:
        return None
    row = [row for row in LPR if date.fromisoformat(row[0]) <= day][-1]
    return int(Fraction(row[1] if months <= 60 else row[2]) * 10_000)


@pytest.mark.parametrize("months", [1, 12, 60, 61, 360])
def test_every_day_of_the_lpr(months: int) -> None:
    days = [FIRST - timedelta(days=400) + timedelta(days=n) for n in range(3200)]
    assert days[-1] > CHECKED + timedelta(days=300)
    numbers = np.array([(day - EPOCH).days for day in days], dtype=np.int64)
    values, outside = value_on(lpr(), numbers, np.full(len(days), months, dtype=np.int64))
    wanted = [expected(day, months) for day in days]
    assert outside.tolist() == [value is None for value in wanted]
    assert values.tolist() == [value or 0 for value in wanted]
    assert values.dtype == np.int64


def test_terms_that_end_leave_longer_ones_without_a_value() -> None:
    closed = replace(lpr(), terms=(60, 120))
    day = np.full(4, (date(2022, 6, 1) - EPOCH).days, dtype=np.int64)
    values, outside = value_on(closed, day, np.array([60, 61, 120, 121], dtype=np.int64))
    assert values.tolist() == [37_000, 44_500, 44_500, 0]
    assert outside.tolist() == [False, False, False, True]


def test_a_series_without_terms_needs_no_months() -> None:
    series = lpr()
    points = tuple(replace(point, values=point.values[:1]) for point in series.points)
    plain = replace(series, terms=(0,), points=points)
    day = np.array([(date(2020, 4, 19) - EPOCH).days, (date(2020, 4, 20) - EPOCH).days])
    values, outside = value_on(plain, day, None)
    assert values.tolist() == [40_500, 38_500]
    assert not outside.any()


def test_no_days_give_no_values() -> None:
    none = np.array([], dtype=np.int64)
    values, outside = value_on(lpr(), none, none)
    assert (len(values), len(outside)) == (0, 0)


LATER = '{ months_later = ["claims.payout_date", MONTHS] }'
NAMED = '[[quantities]]\nid = "later"\nname = {{ zh = "重定价日", en = "repriced" }}\nvalue = {}\n'
READ = '{{ times = ["claims.principal", {{ series = "lpr", term = 12, on = {} }}] }}'
DATED = """{{ times = ["claims.principal", {{ on = {}, values = [
    {{ from = 2022-01-01, value = 0.0365 }}, {{ from = 2023-06-20, value = 0.0355 }} ] }}] }}"""


def repriced(base: str, on: str, months: int) -> Policy:
    later = LATER.replace("MONTHS", str(months))
    return small(NAMED.format(later), base=base.format(later if on == "later" else on))


@pytest.mark.parametrize("base", [READ, DATED])
@pytest.mark.parametrize("on", ["later", '"quantity.later"'])
@pytest.mark.parametrize(("day", "due"), [("2022-06-19", "18.25"), ("2022-06-20", "17.75")])
def test_a_value_is_read_on_a_day_that_is_computed(base: str, on: str, day: str, due: str) -> None:
    assert str(first(repriced(base, on, 12), payout_date=day)["compensation"]) == due


def test_a_computed_day_that_no_series_covers_is_a_fault() -> None:
    policy = repriced(READ, "later", 43)  # checked until the end of 2025
    assert str(first(policy, payout_date="2022-05-31")["compensation"]) == "15.00"
    (fault,) = faults(assessed, policy, {"payout_date": "2022-06-01"})
    assert (fault.kind, fault.table, fault.row, fault.value) == (
        *("series_gap", "claims", 1, "2026-01-01"),
    )
    case = {name: value for name, value in CLAIM.items() if name != "contract_id"}
    shares = {"institution": "0.6", "lender": "0.4"}
    with pytest.raises(CaseFaults) as raised:
        decide_claim(policy, {"government_backed": True}, {**case, "shares": shares})
    assert [fault.kind for fault in raised.value.faults] == ["series_gap"]


ON_START = '{ series = "lpr", on = "contracts.start_date", term = 12 }'
ONLY_BEFORE = """
[[claim_conditions]]
id = "price"
value = "contracts.rate"
at_most = { choose = [
    { value = 0.065, when = [{ value = "contracts.start_date", below = 2019-08-20 }] },
    { value = { sum = [ON_START, 0.015] } },
] }
""".replace("ON_START", ON_START)
OTHER_LINE = """
[[claim_conditions]]
id = "price"
any = [
    { value = "contracts.rate", at_most = 0.04 },
    { value = "contracts.rate", at_most = ON_START },
]
""".replace("ON_START", ON_START)
SECOND_TIER = """tiers = [
    { rate = 0.5, when = [{ value = "contracts.start_date", below = 2019-08-20 }] },
    { rate = ON_START },
]""".replace("ON_START", ON_START)
CAPPED = """
[[caps]]
id = "fee"
at_most = { times = ["claims.principal", ON_START] }
when = [{ value = "contracts.rate", above = 0.04 }]
""".replace("ON_START", ON_START)
BY_BLANK = """
[[claim_conditions]]
id = "price"
value = { first_given = ["contracts.rate", ON_START] }
at_most = 0.065
""".replace("ON_START", ON_START)


@pytest.mark.parametrize(
    ("part", "start", "rate", "told"),
    [
        (ONLY_BEFORE, "2018-06-01", "0.065", False),  # the choice before it is taken
        (ONLY_BEFORE, "2019-08-19", "0.065", False),
        (ONLY_BEFORE, "2026-01-01", "0.065", True),
        (OTHER_LINE, "2018-06-01", "0.04", False),  # the other alternative holds
        (OTHER_LINE, "2018-06-01", "0.040001", True),
        (OTHER_LINE, "2018-06-01", "", False),  # neither holds, whatever the value
        (CAPPED, "2018-06-01", "0.04", False),  # the cap does not apply
        (CAPPED, "2018-06-01", "0.040001", True),
        (BY_BLANK, "2018-06-01", "0.065", False),  # what stands before is given
        (BY_BLANK, "2018-06-01", "", True),
        (f"[rates]\n{SECOND_TIER}", "2019-08-19", "0.04", False),  # the tier before it is taken
        (f"[rates]\n{SECOND_TIER}", "2026-01-01", "0.04", True),
    ],
)
def test_a_day_that_a_series_lacks_matters_only_where_it_decides(
    part: str, start: str, rate: str, told: bool
) -> None:
    rates = part.removeprefix("[rates]\n") if part.startswith("[rates]") else HALF
    own = "" if part.startswith("[rates]") else part
    policy = small(columns("contracts", rate="ratio"), own, rates=rates)
    tables = frames({"payout_date": "2028-06-01"})
    tables["contracts"] = tables["contracts"].assign(start_date=start, rate=rate or None)
    case: dict[str, str | None] = dict(CLAIM)
    del case["contract_id"]
    case |= {"payout_date": "2028-06-01", "start_date": start, "rate": rate or None}
    shares = {"shares": {"institution": "0.6", "lender": "0.4"}}
    if told:
        (fault,) = faults(assess_frames, tables, policy, 2028)
        assert (fault.kind, fault.column, fault.value) == ("series_gap", "start_date", start)
        with pytest.raises(CaseFaults) as raised:
            decide_claim(policy, {"government_backed": True}, {**case, **shares})
        assert [each.path for each in raised.value.faults] == [("claim", "start_date")]
        return
    (row,) = assess_frames(tables, policy, 2028).claims.to_dict("records")
    found = decide_claim(policy, {"government_backed": True}, {**case, **shares})
    assert found.compensation == row["compensation"]
    assert row["reasons"] == ("price" if not rate else None)


@pytest.mark.parametrize(("day", "before"), [("2019-08-19", True), ("2026-01-01", False)])
def test_a_day_before_the_first_value_asks_for_no_newer_file(day: str, before: bool) -> None:
    policy = small(columns("contracts", rate="ratio"), OTHER_LINE)
    tables = frames({"payout_date": "2028-06-01"})
    tables["contracts"] = tables["contracts"].assign(start_date=day, rate="0.05")
    (fault,) = faults(assess_frames, tables, policy, 2028)
    assert ("newer" in fault.message.en) != before
    assert ("no value before 2019-08-20" in fault.message.en) == before
    assert ("更新的序列" in fault.message.zh) != before


def test_a_condition_of_institutions_is_told_of_them() -> None:
    condition = OTHER_LINE.replace("claim_conditions", "institution_conditions")
    condition = condition.replace("contracts.rate", "institutions.rate")
    condition = condition.replace("contracts.start_date", "institutions.founded")
    policy = small(columns("institutions", rate="ratio", founded="date"), condition)
    for rate, told in (("0.04", False), ("0.05", True)):
        tables = frames({})
        of = tables["institutions"]
        tables["institutions"] = of.assign(rate=rate, founded="2018-06-01")
        founded = date(2018, 6, 1)
        if told:
            (fault,) = faults(assess_frames, tables, policy, 2022)
            assert (fault.kind, fault.table, fault.column) == (
                *("series_gap", "institutions", "founded"),
            )
            with pytest.raises(CaseFaults):
                judge_institution(
                    policy, {"government_backed": True, "rate": rate, "founded": founded}
                )
        else:
            assert len(assess_frames(tables, policy, 2022).claims) == 1
            assert judge_institution(
                policy, {"government_backed": True, "rate": rate, "founded": founded}
            ).eligible
