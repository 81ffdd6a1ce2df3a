"""Small policies on one claim of 1,000 yuan: figures and explanations where they could slip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from compensation import Assessment, Policy, assess_frames, decide_claim
from compensation.one_case.faults import CaseFaults
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from tests.explanation.recompute import recomputed
from tests.one_claim import faults

HEAD = """
format = 2
id = "small"
name = { zh = "小", en = "small" }
issuer = { zh = "某市", en = "a city" }
document = { number = "1", title = { zh = "小", en = "small" } }
clause = "1"
basis = "assumption"
effective = { from = 2022-03-01, to = 2029-12-31 }
"""
ONE_A_DAY = "{{ over = [{{ times = [{{ yuan = 1 }}, {}] }}, 1] }}"
PRINCIPAL, HALF = '"claims.principal"', "tiers = [{ rate = 0.5 }]"
CONTRACT = {
    "contract_id": "k1",
    "institution_id": "A",
    "borrower_id": "b",
    "borrower_type": "small_enterprise",
    "guaranteed_amount": "1000000",
    "start_date": "2021-01-01",
    "share_institution": "0.6",
    "share_lender": "0.4",
}
CLAIM = {
    "contract_id": "k1",
    "payout_date": "2022-06-01",
    "principal": "1000",
    "interest": "0",
    "finance_review": "approved",
    "industry_review": "approved",
}


def columns(table: str = "claims", **types: str) -> str:
    """Return columns that a policy adds to a table, by their names; their headings end in 列."""
    return "".join(
        f'[[columns]]\ntable = "{table}"\nname = "{name}"\nheading = "{name}列"\n'
        f'type = "{type_}"\nnote = {{ zh = "注", en = "note" }}\n'
        for name, type_ in types.items()
    )


PAYER_NAMES = {"province": "省级", "city": "市级", "county": "县级", "town": "乡镇", "fund": "基金"}


def payers(**shares: float) -> str:
    """Return payers of a policy with their shares, by their ids."""
    return "".join(
        f'[[payers]]\nid = "{id_}"\nname = {{ zh = "{PAYER_NAMES[id_]}", en = "{id_}" }}\n'
        f"share = {share}\n"
        for id_, share in shares.items()
    )


def small(*parts: str, base: str = PRINCIPAL, rates: str = HALF) -> Policy:
    text = "\n".join([HEAD, f"[base]\nvalue = {base}", f"[rates]\n{rates}", *parts])
    return policy_of_texts({POLICY_TEXT: text})


def assessed(policy: Policy, *claims: Mapping[str, str], budget: str | None = None) -> Assessment:
    return assess_frames(frames(*claims), policy, 2022, budget)


def frames(*claims: Mapping[str, str]) -> dict[str, Any]:
    """Return the tables of claims c1, c2, … of one contract."""
    ids = [f"c{number}" for number in range(1, len(claims) + 1)]
    rows = [{**CLAIM, "claim_id": id_, **own} for id_, own in zip(ids, claims, strict=True)]
    tables = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT],
        "claims": rows,
    }
    return {name: _frame(table) for name, table in tables.items()}


def _frame(rows: Iterable[Mapping[str, Any]]) -> Any:
    return pd.DataFrame(list(rows))


def first(policy: Policy, **claim: str) -> dict[Any, Any]:
    assessment = assessed(policy, claim)
    values = recomputed(assessment.explain("c1").arithmetic)
    (row,) = assessment.claims.to_dict("records")
    assert values["compensation"] == Fraction(row["compensation"])
    return row


@pytest.mark.parametrize(
    "beside",
    [
        'since = "contracts.start_date"\nunit = "days"\nat_most = 9000',
        'at_least = "contracts.start_date"',
        "given = true",
    ],
)
@pytest.mark.parametrize(("day", "reasons"), [("2022-02-28", "effective"), ("2022-03-01", "")])
def test_the_effective_days_hold_beside_a_condition_on_the_day(
    beside: str, day: str, reasons: str
) -> None:
    condition = f'[[claim_conditions]]\nid = "soon"\nvalue = "claims.payout_date"\n{beside}'
    row = first(small(condition), payout_date=day)
    assert (row["reasons"] or "") == reasons
    assert row["compensation"] == (0 if reasons else 500)


def test_two_numbers_of_days_are_two_steps() -> None:
    days = '{{ over = [{{ days = ["contracts.start_date", "{}"] }}, {}] }}'
    base = f"{{ times = [{PRINCIPAL}, {days.format('claims.payout_date', 1000)}] }}"
    rates = f"bounds = {{ at_most = 1 }}\ntiers = [{{ rate = {days.format('year.end', 2000)} }}]"
    limit = f"{{ times = [{PRINCIPAL}, {days.format('year.end', 9000)}] }}"
    cap = f'[[caps]]\nid = "x"\nat_most = {limit}'
    row = first(small(cap, base=base, rates=rates))
    assert (row["base"], row["compensation"]) == (516, Decimal("81.00"))  # 729 / 9000 of 1,000


def test_two_amounts_that_are_shared_are_two_steps() -> None:
    part = '{{ borne_by = "institution", of = {{ times = [{}, {}] }} }}'
    borne = '[[caps]]\nid = "borne"\nat_most = { borne_by = "institution", of = "claims.payout" }'
    cap = f'[[caps]]\nid = "x"\nat_most = {part.format(PRINCIPAL, 0.25)}'
    row = first(small(borne, cap, base=part.format(PRINCIPAL, 0.5)))
    assert (row["base"], row["compensation"]) == (300, 150)


def test_the_part_of_an_amount_below_zero_is_zero() -> None:
    loss = f'{{ borne_by = "institution", of = {{ minus = [{PRINCIPAL}, 1500] }} }}'
    row = first(small(base=loss))
    assert (row["base"], row["eligible"], row["compensation"]) == (0, True, 0)


@pytest.mark.parametrize(
    ("above", "interest", "base"),
    [("", "0", 1000), ("", "0.01", 1000), ("above = 100", "0", 0), ("above = 100", "0.01", 0)],
)
def test_a_cap_of_which_nothing_counts(above: str, interest: str, base: int) -> None:
    cap = f'[[caps]]\nid = "x"\non = "base"\nof = "claims.interest"\nat_most = 5000\n{above}'
    assert first(small(cap), interest=interest)["base"] == base


def test_days_beyond_the_calendar_are_explained() -> None:
    test = '[[claim_conditions]]\nid = "soon"\nvalue = "claims.payout_date"\n'
    far = 'since = "contracts.start_date"\nunit = "months"\nat_most = 100000\nat_least = -100000'
    assert first(small(test + far))["compensation"] == 500


TIMES = "{{ times = [" + PRINCIPAL + ", {}] }}"
Figures = dict[str, Any]
MOST = 10_000_000_000_000
"""1,000 yuan as often is one fen more than a result holds."""


@pytest.mark.parametrize(("times", "kinds"), [(MOST - 1, set()), (MOST, {"total_too_large"})])
def test_an_amount_that_no_result_holds_is_a_fault(times: int, kinds: set[str]) -> None:
    base = small(base=TIMES.format(times))
    cap = small(f'[[caps]]\nid = "x"\nat_most = {TIMES.format(times)}')
    for policy in (base, cap):
        if kinds:
            assert {fault.kind for fault in faults(assessed, policy, {})} == kinds
        else:
            assert len(assessed(policy, {}).claims) == 1


def test_amounts_whose_sum_no_result_holds_are_a_fault() -> None:
    group = '[[caps]]\nid = "x"\non = "base"\nper = ["contracts.borrower_id"]\nat_most = 5000'
    policy = small(group, base=TIMES.format(MOST - 1))
    assert [fault.kind for fault in faults(assessed, policy, {}, {})] == ["total_too_large"]


def test_an_amount_of_one_case_that_no_result_holds_is_a_fault() -> None:
    institution: Figures = {"institution_id": "A", "government_backed": True}
    claim: Figures = {
        "payout_date": "2022-06-01",
        "principal": "1000",
        "interest": "0",
        "shares": {"institution": "1"},
    }
    decided = decide_claim(small(base=TIMES.format(MOST - 1)), institution, claim)
    assert decided.base == Decimal("9999999999999000.00")
    with pytest.raises(CaseFaults) as raised:
        decide_claim(small(base=TIMES.format(MOST)), institution, claim)
    assert [fault.kind for fault in raised.value.faults] == ["total_too_large"]


RECOVERED = columns(recovered="money")
NET = f'{{ minus = [{PRINCIPAL}, {{ first_given = ["claims.recovered", 0] }}] }}'
QUANTITY = '[[quantities]]\nid = "{}"\nname = {{ zh = "数", en = "number" }}\nvalue = {}'


@pytest.mark.parametrize("base", [NET, '"quantity.net"'])
def test_a_blank_that_first_given_does_without_is_no_fault(base: str) -> None:
    named = QUANTITY.format("net", NET)
    policy = small(RECOVERED, named, base=base)
    assert first(policy, recovered="")["compensation"] == 500
    assert first(policy, recovered="100")["compensation"] == 450


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f'{{ minus = [{PRINCIPAL}, "claims.recovered"] }}', "没有发生的，填 0"),
        (f'{{ times = [{PRINCIPAL}, {{ over = ["quantity.days", 365] }}] }}', "first_given"),
    ],
)
def test_a_blank_that_is_computed_with_is_a_fault_also_by_name(value: str, expected: str) -> None:
    days = QUANTITY.format("days", '{ days = ["claims.payout_date", "claims.filed"] }')
    own = columns(recovered="money", filed="date")
    policy = small(own, days, QUANTITY.format("x", value), base='"quantity.x"')
    (fault,) = faults(assessed, policy, {"recovered": "", "filed": ""})
    assert (fault.kind, fault.row) == ("blank", 1)
    assert fault.expected is not None
    assert expected in fault.expected.zh


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "reasons", "rate"), [(151, None, 1), (150, "tier", None), (302, None, Fraction(1, 2))]
)
def test_a_rate_above_one_is_cut_to_a_bound_of_the_policy_and_to_no_other(
    days: int, reasons: str | None, rate: Fraction | None
) -> None:
    """From the first day of 2022 to the first of June there are 151."""
    over = f'{{ over = [{{ days = ["year.start", "claims.payout_date"] }}, {days}] }}'
    row = first(small(rates=f"tiers = [{{ rate = {over} }}]"))
    assert row["reasons"] == reasons
    # The institution bears 600 of the 1,000, which caps the compensation.
    assert row["compensation"] == (0 if rate is None else min(rate * 1000, 600))
    bound = f"bounds = {{ at_most = 0.5 }}\ntiers = [{{ rate = {over} }}]"
    assert first(small(rates=bound))["compensation"] == 500


def test_a_quantity_that_no_decimal_is_exactly_is_a_line_of_its_own() -> None:
    named = QUANTITY.format("thirds", f"{{ over = [{{ times = [{PRINCIPAL}, 2] }}, 3] }}")
    half = QUANTITY.format("half", '{ times = ["quantity.thirds", 0.5] }')
    run = assessed(small(named, half, base='"quantity.half"'), {})
    lines = {line.name: line for line in run.explain("c1").arithmetic}
    assert lines["quantity_thirds"].value == "2000/3"
    assert lines["quantity_half"].formula == "(quantity_thirds × number_0_5)"
    assert lines["base"].formula == "half_up(quantity_half)"
    assert lines["base"].value == "333.33"
    assert "= ((2000/3) × 50%) = 1000/3 ≈ 333.333333" in lines["quantity_half"].describe("zh")


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ("{ yuan = 800.01 }", "800.01"),
        (
            ONE_A_DAY.format('{ days = ["claims.payout_date", "year.end"] }, 2'),
            "426.00",
        ),
        ('{ max = [{ yuan = 800 }, "claims.principal"] }', "1000.00"),
    ],
)
def test_a_number_may_be_said_to_be_yuan(base: str, expected: str) -> None:
    row = first(small(base=base))
    assert str(row["base"]) == expected


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [("2022-06-01", 1, 30), ("2022-01-31", 1, 28), ("2022-01-31", -1, -31), ("2022-06-01", 0, 0)],
)
@pytest.mark.parametrize("unit", ["months", "days"])
def test_a_date_some_time_later(day: str, months: int, expected: int, unit: str) -> None:
    count = months if unit == "months" else expected
    later = f'{{ {unit}_later = ["claims.payout_date", {count}] }}'
    days = f'{{ days = ["claims.payout_date", {later}] }}'
    over = ONE_A_DAY.format(f"{{ minus = [{days}, -100] }}")
    effective = HEAD.replace("2022-03-01", "2021-01-01")
    text = "\n".join([effective, f"[base]\nvalue = {over}", f"[rates]\n{HALF}"])
    run = assessed(policy_of_texts({POLICY_TEXT: text}), {"payout_date": day})
    assert run.claims["base"][0] == 100 + expected


@pytest.mark.parametrize("months", [1, 3, 6, 12])
@pytest.mark.parametrize("day", ["2022-03-31", "2022-04-01", "2022-06-30", "2022-07-01"])
def test_days_up_to_the_last_of_a_period(day: str, months: int) -> None:
    end = f'{{ period_end = ["claims.payout_date", {months}] }}'
    days = f'{{ days = ["claims.payout_date", {end}] }}'
    period = pd.Period(day, freq="M")
    last = period + (-period.month % months)
    expected = (last.end_time.normalize() - pd.Timestamp(day)).days
    over = ONE_A_DAY.format(f"{{ minus = [{days}, -1] }}")
    assert first(small(base=over), payout_date=day)["base"] == expected + 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("last", "expected"), [("", 154), ('last = "included"', 154), ('last = "excluded"', 153)]
)
def test_the_last_day_may_not_count(last: str, expected: int) -> None:
    days = f"{{ days_in_year = [2022-07-31, 2022-12-31]{', ' if last else ''}{last} }}"
    assert first(small(base=ONE_A_DAY.format(days)))["base"] == expected
    none = days.replace("2022-12-31", "2022-07-31")
    assert first(small(base=ONE_A_DAY.format(none)))["base"] == (0 if "excluded" in last else 1)
    for later in ("2023-01-01", '{ months_later = ["year.start", 12] }'):
        beyond = days.replace("2022-12-31", later)
        assert first(small(base=ONE_A_DAY.format(beyond)))["base"] == 154


FILED = """
[[columns]]
table = "claims"
name = "filed"
heading = "申报日期"
type = "date"
required = true
note = { zh = "申报", en = "filed" }

[[caps]]
id = "all"
per = []
at_most = 600
"""
BY_FILING = '[trigger]\ndate = "claims.payout_date"\norder = "claims.filed"'


@pytest.mark.parametrize(
    ("order", "filed", "expected"),
    [
        ("", "2022-07-01", [500, 100]),
        (BY_FILING, "2022-07-03", [500, 100]),
        (BY_FILING, "2022-07-02", [500, 100]),  # the same day: by id
        (BY_FILING, "2022-07-01", [100, 500]),
    ],
)
def test_shared_caps_go_in_order_of_the_date_that_the_policy_names(
    order: str, filed: str, expected: list[int]
) -> None:
    run = assessed(small(FILED, order), {"filed": "2022-07-02"}, {"filed": filed})
    assert list(run.claims["compensation"]) == expected
    assert recomputed(run.explain("c2").arithmetic)["compensation"] == expected[1]


REGION = """
[[columns]]
table = "contracts"
name = "region"
heading = "地区"
type = "text"
values = ["东部", "中西部", "小微"]
note = { zh = "地区", en = "region" }
"""
BY_REGION = 'tiers = [{ rate = 0.5, when = [{ value = "contracts.region", one_of = ["东部"] }] }, '


def test_a_column_with_a_list_takes_these_values_only() -> None:
    def policy_by(region: str) -> Policy:
        return small(REGION, rates=BY_REGION.replace("东部", region) + "{ rate = 0.2 }]")

    def tables(region: str) -> dict[str, Any]:
        return {
            "institutions": _frame([{"institution_id": "A", "government_backed": "true"}]),
            "contracts": _frame([{**CONTRACT, "region": region}]),
            "claims": _frame([{**CLAIM, "claim_id": "c1"}]),
        }

    for region, expected in ((" 东部", 500), ("小微", 200), ("", 200)):
        run = assess_frames(tables(region), policy_by("东部"), 2022)
        assert run.claims["compensation"][0] == expected
    (fault,) = faults(assess_frames, tables("东部地区"), policy_by("东部"), 2022)
    assert (fault.kind, fault.column) == ("unknown_choice", "region")
    assert fault.expected.zh == "东部、中西部或小微"
    with pytest.raises(PolicyFaults, match="没有 东部地区 这个值"):
        policy_by("东部地区")


@pytest.mark.parametrize(
    "wrong",
    [('"中西部", "小微"]', '"东部 "]'), ('"东部", "中西部", ', ""), ('"text"', '"money"')],
)
def test_a_list_of_values_that_is_none(wrong: tuple[str, str]) -> None:
    with pytest.raises(PolicyFaults) as raised:
        small(REGION.replace(*wrong))
    assert [fault.key for fault in raised.value.faults] == ["columns[1].values"]


@pytest.mark.parametrize(("day", "expected"), [("05-31", 400), ("06-01", 350)])
def test_points_may_be_taken_off(day: str, expected: int) -> None:
    when = '{ value = "claims.payout_date", at_least = 2022-06-01 }'
    late = f'additions = [{{ id = "late", points = {{ minus = [0, 0.05] }}, when = [{when}] }}]'
    row = first(small(rates=f"tiers = [{{ rate = 0.4 }}]\n{late}"), payout_date=f"2022-{day}")
    assert row["compensation"] == expected
    none = first(small(rates=f"tiers = [{{ rate = 0.03 }}]\n{late}"), payout_date="2022-06-01")
    assert (none["eligible"], none["compensation"]) == (True, 0)


def test_days_of_a_column_are_taken_off_days_between_dates() -> None:
    """Interest of 4% on 1,000 yuan over 31 days, less those that a column says, over 360."""
    days = '{ minus = [{ days = [2022-08-01, 2022-09-01] }, "claims.late"] }'
    base = f'{{ over = [{{ times = ["claims.principal", {days}, 0.04] }}, 360] }}'
    policy = small(columns(late="days"), base=base, rates="tiers = [{ rate = 1 }]")
    for late, paid in (("0", "3.44"), ("1", "3.33"), ("31", "0.00"), ("32", "0.00")):
        assert first(policy, late=late)["compensation"] == Decimal(paid)
    with pytest.raises(PolicyFaults, match="月数"):
        small(columns(late="months"), base=base)
    with pytest.raises(PolicyFaults, match="个数"):
        small(columns(late="integer"), base=base)


def test_the_heading_of_days_may_say_so() -> None:
    months = small(
        columns(term="months"),
        '[[claim_conditions]]\nid = "term"\nvalue = "claims.term"\nat_most = 36',
    )
    tables = frames({"term列（月）": "36"}, {"term列（月）": "37"})
    found = assess_frames(tables, months, 2022).claims
    assert list(found["eligible"]) == [True, False]
