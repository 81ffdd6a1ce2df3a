"""Measures of the contracts of a case's own group, against sums over the rows in fractions."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation import (
    CaseFaults,
    InputFaults,
    Policy,
    assess,
    assess_frames,
    compare,
    curve,
    decide_claim,
    forecast,
    portfolio_of_frames,
    settle,
)
from compensation.policy.catalogue import POLICY_TEXT, load_policy, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy_tools.worked_cases import cases_beside, frames_of, read_cases
from compensation.refusals import Refused
from docs.cookbook_page import RECIPES
from tests.explanation.recompute import recomputed
from tests.policy.test_small_policies import CONTRACT, HEAD

YEAR = 2024
CITY = {"A": "p", "B": "p", "C": "q"}
OWN, LENDER = '["contracts.institution_id", "contracts.lender"]', '["contracts.lender"]'
COUNTY = '["contracts.lender", "contracts.county"]'
BALANCE = '{ value = "contracts.borrower_balance", at_least = 20 }'
LARGE = '{ value = "contracts.guaranteed_amount", at_least = 50 }'
BORROWER, START = '["contracts.borrower_id"]', '"contracts.start_date"'
BEFORE = f"{{ days_later = [{START}, -20] }}"
MEASURES = {
    "released": f'{{ measure = "released_amount", per = {OWN} }}',
    "paid": f'{{ measure = "payout_amount", years = 3, per = {LENDER} }}',
    "new": f'{{ measure = "new_guarantees", per = {COUNTY}, where = [{LARGE}] }}',
    "closing": f'{{ measure = "closing_balance", per = {OWN}, where = [{BALANCE}] }}',
    "opening": '{ measure = "opening_balance", per = ["institutions.city"] }',
    "average": f'{{ measure = "average_balance", per = {LENDER} }}',
    "all": '{ measure = "payout_amount", per = [] }',
    "borrowers": f'{{ measure = "closing_borrowers", per = {LENDER} }}',
    "count": f'{{ measure = "sum", of = 1, on = "claims.payout_date", per = {OWN} }}',
    "exposure": f'{{ measure = "exposure", on = {START}, per = {BORROWER}, where = [{LARGE}] }}',
    "on_closing": f'{{ measure = "closing_balance", on = {START}, per = {LENDER} }}',
    "on_opening": f'{{ measure = "opening_balance", on = {BEFORE}, per = {OWN} }}',
    "on_new": f'{{ measure = "new_guarantees", on = {BEFORE}, per = {LENDER} }}',
    "on_released": f'{{ measure = "released_amount", on = {BEFORE}, years = 2, per = {OWN} }}',
    "on_paid": f'{{ measure = "payout_amount", on = {BEFORE}, per = {LENDER} }}',
}
COLUMNS = """
review = { required = [] }
columns = [
    { table = "contracts", name = "county", heading = "县区", type = "text", NOTE },
    { table = "institutions", name = "city", heading = "城市", type = "text", NOTE },
]
"""
RATES = "[rates]\ntiers = [{ rate = 1 }]\n"
NUMBERS = {"borrowers", "count"}
BASE = ", ".join(
    f"{{ times = [{value}, {{ yuan = 1 }}] }}" if name in NUMBERS else value
    for name, value in MEASURES.items()
)
RATE = (
    f'{{ over = [{{ measure = "payout_amount", per = {OWN} }}, {MEASURES["released"]}], '
    'zero_over_zero = "zero" }'
)
CONDITION = f'[[claim_conditions]]\nid = "rate"\nvalue = {RATE}\nat_most = 0.5\n'


def policy(*parts: str) -> Policy:
    text = HEAD + "".join(parts)
    return policy_of_texts({POLICY_TEXT: text.replace("NOTE", 'note = { zh = "注", en = "note" }')})


OF_CONTRACTS = policy(
    'record = "contract"\n', COLUMNS, f"[base]\nvalue = {{ sum = [{BASE}] }}\n", RATES
)
ON_PAYOUT = (
    '{ measure = "exposure", on = "claims.payout_date", per = ["contracts.borrower_id"OTHER] }'
)
SAME_EXPOSURES = "".join(
    f'[[claim_conditions]]\nid = "{column}"\nat_least = 0\nat_most = 0\n'
    f'value = {{ minus = [{ON_PAYOUT.replace("OTHER", other)}, "claims.{column}"] }}\n'
    for column, other in (
        ("enterprise_exposure", ""),
        ("borrower_exposure", ', "contracts.institution_id"'),
    )
)
PRINCIPAL = '[base]\nvalue = "claims.principal"\n'
OF_PAYOUTS = policy(COLUMNS, CONDITION, SAME_EXPOSURES, PRINCIPAL, RATES)


class Contract(NamedTuple):
    institution: str
    borrower: str
    lender: str
    county: str
    fen: int
    start: date
    released: date | None
    part: tuple[date, int] | None
    payouts: Sequence[tuple[date, int]]

    def parts(self) -> int:
        return self.part[1] if self.part else 0

    def held(self, day: date) -> int:
        if self.start > day or (self.released is not None and self.released <= day):
            return 0
        return self.fen - (self.parts() if self.part and self.part[0] <= day else 0)

    def released_in(self, year: int) -> int:
        found = self.parts() if self.part and self.part[0].year == year else 0
        if self.released is not None and self.released.year == year:
            found += self.fen - self.parts()
        return found

    def changes(self) -> list[tuple[date, int]]:
        """What is released, and when."""
        found = [self.part] if self.part else []
        return (
            found if self.released is None else [*found, (self.released, self.fen - self.parts())]
        )

    def paid(self, *years: int) -> int:
        return sum(fen for day, fen in self.payouts if day.year in years)


@st.composite
def contract(draw: st.DrawFn) -> Contract:
    fen = draw(st.integers(4, 10**4))
    start = date(2022, 1, 1) + timedelta(draw(st.integers(0, 1095)))
    # The cases of contracts are those of the year, whose group is never blank.
    lender = draw(st.sampled_from("甲乙" if start.year == YEAR else ["甲", "乙", ""]))
    payouts = [
        (start + timedelta(draw(st.integers(0, 300))), draw(st.integers(1, fen // 4)))
        for _ in range(draw(st.integers(0, 2)) if lender else 0)
    ]
    released = draw(st.none() | st.integers(1, 700)) if not payouts else None
    end = None if released is None else start + timedelta(released)
    part = draw(st.none() | st.integers(0, released or 400)) if not payouts else None
    partial = None if part is None else (start + timedelta(part), draw(st.integers(1, fen // 2)))
    who = (draw(st.sampled_from("ABC")), draw(st.sampled_from("xy")))
    return Contract(*who, lender, draw(st.sampled_from("东西")), fen, start, end, partial, payouts)


def yuan(fen: int) -> str:
    return str(Decimal(fen).scaleb(-2))


def frames(contracts: Sequence[Contract], order: Sequence[int]) -> dict[str, Any]:
    rows, claims, releases = [], [], []
    for number in order:
        each, id_ = contracts[number], f"k{number}"
        row = CONTRACT | {"contract_id": id_, "institution_id": each.institution}
        row |= {"borrower_id": each.borrower, "lender": each.lender, "县区": each.county}
        row |= {"guaranteed_amount": yuan(each.fen), "start_date": str(each.start)}
        row |= {"share_institution": "1", "share_lender": "0"}
        rows.append(row | {"release_date": "" if each.released is None else str(each.released)})
        if each.part is not None:
            day, fen = each.part
            releases.append({"contract_id": id_, "release_date": str(day), "amount": yuan(fen)})
        for place, (day, fen) in enumerate(each.payouts):
            claim = {"claim_id": f"{id_}-{place}", "contract_id": id_, "payout_date": str(day)}
            claims.append(claim | {"principal": yuan(fen), "interest": "0"})
    columns = ["claim_id", "contract_id", "payout_date", "principal", "interest"]
    institutions = [
        {"institution_id": id_, "城市": city, "government_backed": "true", "opening_balance": "7"}
        | {"opening_year": str(YEAR)}
        for id_, city in CITY.items()
    ]
    return {
        "institutions": pd.DataFrame(institutions),
        "contracts": pd.DataFrame(rows),
        "claims": pd.DataFrame(claims, columns=columns),
        "releases": pd.DataFrame(releases, columns=["contract_id", "release_date", "amount"]),
    }


def base_of(contracts: Sequence[Contract], case: Contract) -> Fraction:
    """Return the base of a contract in fen, from the rows alone."""
    end, before = date(YEAR, 12, 31), date(YEAR - 1, 12, 31)

    def alike(key: Callable[[Contract], object]) -> list[Contract]:
        return [each for each in contracts if key(each) == key(case)]

    def of_borrower(each: Contract) -> int:
        own = (other for other in contracts if other[:2] == each[:2])
        return sum(other.held(end) for other in own)

    own = alike(lambda each: (each.institution, each.lender))
    lender = alike(lambda each: each.lender)
    county = alike(lambda each: (each.lender, each.county))
    city = alike(lambda each: CITY[each.institution])
    years = (YEAR - 2, YEAR - 1, YEAR)
    fen = sum(each.released_in(YEAR) for each in own)
    fen += sum(each.paid(*years) for each in lender)
    fen += sum(each.fen for each in county if each.start.year == YEAR and each.fen >= 5000)
    fen += sum(each.held(end) for each in own if of_borrower(each) >= 2000)
    fen += sum(each.held(before) for each in city)
    fen += sum(each.paid(YEAR) for each in contracts)
    fen += 100 * len({each[:2] for each in lender if each.held(end)})
    fen += 100 * sum(day.year == YEAR for each in own for day, _ in each.payouts)
    start, before = case.start, case.start - timedelta(20)
    fen += sum(each.held(start) for each in lender)
    for each in alike(lambda each: each.borrower):
        if each.fen >= 5000 and each.start <= start:
            fen += each.fen - sum(part for day, part in each.changes() if day < start)
    fen += sum(each.held(date(before.year - 1, 12, 31)) for each in own)
    fen += sum(each.fen for each in lender if date(before.year, 1, 1) <= each.start <= before)
    changes = [change for each in own for change in each.changes()]
    fen += sum(part for day, part in changes if date(before.year - 1, 1, 1) <= day <= before)
    paid = [payout for each in lender for payout in each.payouts]
    fen += sum(part for day, part in paid if date(before.year, 1, 1) <= day <= before)
    before = date(YEAR - 1, 12, 31)
    return fen + Fraction(sum(each.held(end) + each.held(before) for each in lender), 2)


def orders(count: int) -> list[list[int]]:
    forward = list(range(count))
    shuffled = random.Random(count).sample(forward, count)
    return [forward[::-1], shuffled]


@pytest.mark.slow
@given(st.lists(contract(), min_size=1, max_size=7))
def test_measures_are_sums_over_the_contracts_of_the_group(contracts: list[Contract]) -> None:
    """In whatever order the rows stand; what is explained comes to the same."""
    expected = {
        f"k{number}": Fraction(int(base_of(contracts, each) + Fraction(1, 2)), 100)
        for number, each in enumerate(contracts)
        if each.start.year == YEAR
    }
    for order in orders(len(contracts)):
        tables = frames(contracts, order)
        whole = assess(portfolio_of_frames(**tables), OF_CONTRACTS, YEAR)
        for run in (assess_frames(tables, OF_CONTRACTS, YEAR), whole):
            rows = zip(run.claims["contract_id"], run.claims["compensation"], strict=True)
            assert {id_: Fraction(amount) for id_, amount in rows} == expected
    for id_ in list(expected)[:1]:
        assert recomputed(run.explain(id_).arithmetic)["compensation"] == expected[id_]


@pytest.mark.slow
@given(st.lists(contract(), min_size=1, max_size=7))
def test_a_rate_of_a_group_refuses_its_cases(contracts: list[Contract]) -> None:
    """Whether all contracts are held or only those of claims, and whatever is compared."""
    eligible = {}
    for number, case in enumerate(contracts):
        own = [e for e in contracts if (e.institution, e.lender) == (case.institution, case.lender)]
        paid = sum(each.paid(YEAR) for each in own)
        released = sum(each.released_in(YEAR) for each in own)
        for place, (day, _) in enumerate(case.payouts):
            if day.year == YEAR:
                eligible[f"k{number}-{place}"] = paid * 2 <= released
    for order in orders(len(contracts)):
        tables = frames(contracts, order)
        portfolio = portfolio_of_frames(**tables)
        for run in (assess_frames(tables, OF_PAYOUTS, YEAR), assess(portfolio, OF_PAYOUTS, YEAR)):
            found = zip(run.claims["claim_id"], run.claims["eligible"], strict=True)
            assert dict(found) == eligible
    if eligible:
        stricter = compare(portfolio, OF_PAYOUTS, [YEAR], ["claim_conditions[rate].at_most=0"])
        count = stricter.totals["eligible_claims"].tolist()
        assert count[0] == sum(eligible.values())
        assert count[1] == 0


DAY = date(2024, 3, 1)
TWO = [
    Contract("A", "x", "甲", "东", 1000, date(2023, 1, 1), date(2024, 5, 1), None, ()),
    Contract("B", "x", "甲", "东", 9000, date(2023, 1, 1), date(2023, 5, 1), None, ()),
    Contract("A", "y", "甲", "东", 9000, date(2023, 1, 1), None, None, [(DAY, 500)]),
]


def test_each_year_of_a_settlement_has_its_own_figures() -> None:
    """At B 90.00 was released in 2023, so that 45.00 paid out is half of it, and more is not."""
    paid = TWO[2]._replace(institution="B", payouts=[(date(2023, 6, 1), 4500)])
    for fen, granted in ((4500, "45.00"), (4501, "0.00")):
        other = paid._replace(payouts=[(date(2023, 6, 1), fen)])
        portfolio = portfolio_of_frames(**frames([*TWO, other], range(4)))
        claims = settle(portfolio, OF_PAYOUTS, date(2024, 12, 31)).tables["settlement"]
        found = dict(
            zip(*(map(str, claims[name]) for name in ("claim_id", "granted")), strict=True)
        )
        assert found == {"k2-0": "5.00", "k3-0": granted}


def test_a_case_without_a_group_is_a_fault_other_contracts_are_of_none() -> None:
    tables = frames([*TWO, TWO[0]._replace(lender="")], range(4))
    assert assess_frames(tables, OF_PAYOUTS, YEAR).claims["eligible"].tolist() == [True]
    tables["contracts"].loc[2, "lender"] = ""
    with pytest.raises(InputFaults) as caught:
        assess_frames(tables, OF_PAYOUTS, YEAR)
    (fault,) = caught.value.faults
    assert (fault.kind, fault.table, fault.column) == ("blank", "contracts", "lender")
    tables["contracts"] = tables["contracts"].drop(columns="lender")
    with pytest.raises(InputFaults) as caught:
        assess_frames(tables, OF_PAYOUTS, YEAR)
    (fault,) = caught.value.faults
    assert (fault.kind, fault.column) == ("missing_policy_column", "lender")


def test_names_of_a_group_that_are_like_another_are_warned_of() -> None:
    """Also where the other one has no case."""
    tables = frames([*TWO, TWO[0]._replace(lender="甲 银行")], range(4))
    tables["contracts"].loc[2, "lender"] = "甲银行"
    kinds = [each.kind for each in assess_frames(tables, OF_PAYOUTS, YEAR).warnings]
    assert "ids_alike" in kinds


def test_without_payouts_there_is_no_figure_of_them() -> None:
    """A policy on contracts need not have the table of claims, unless a measure counts it."""
    tables = frames(TWO, range(3))
    del tables["claims"]
    with pytest.raises(InputFaults) as caught:
        assess_frames(tables, OF_CONTRACTS, 2023)
    assert "claims" in [fault.table for fault in caught.value.faults]


def test_what_takes_a_ledger_is_refused_where_there_is_none() -> None:
    with pytest.raises(CaseFaults) as caught:
        decide_claim(OF_PAYOUTS, {"institution_id": "A"}, {"lender": "甲"})
    assert "takes_a_ledger" in [fault.kind for fault in caught.value.faults]
    with pytest.raises(Refused, match="业务所在组"):
        forecast(portfolio_of_frames(**frames(TWO, range(3))), YEAR, 1, "0.1", policy=OF_PAYOUTS)


MONEY = '{ measure = "payout_amount", per = ["contracts.lender"] }'
INDICATOR = '[[indicators]]\nid = "own"\nname = { zh = "名", en = "name" }\nvalue = '
OF_INSTITUTION = '[[institution_conditions]]\nid = "own"\nat_least = 1\nvalue = '


WHERE = f'{{ measure = "payout_amount", where = [{{ value = {MONEY}, above = 1 }}] }}'
OF_YEARS = f"""
[[caps]]
id = "c"
on = "base"
of = {MONEY}
per = ["contracts.lender"]
years = 2
at_most = 5
"""
SHARES = f"""
[[returns.shares]]
party = "institution"
share = {RATE}
[[returns.shares]]
party = "government"
share = {{ minus = [1, {RATE}] }}
"""


def on(day: str, measure: str = "exposure", per: str = ', per = ["contracts.lender"]') -> str:
    value = f'{{ measure = "{measure}"{per}{day} }}'
    return f'[[claim_conditions]]\nid = "rate"\nvalue = {value}\nat_most = 1\n'


def by(column: str) -> str:
    return CONDITION.replace("contracts.lender", column)


@pytest.mark.parametrize(
    ("before", "part", "key"),
    [
        ("", INDICATOR + MONEY, "indicators"),
        ("", INDICATOR + WHERE, "indicators"),
        ("", OF_INSTITUTION + MONEY, "institution_conditions"),
        ("", OF_INSTITUTION + '{ measure = "payout_amount" }', "institution_conditions"),
        ("", by("claims.claim_id"), "claim_conditions"),
        ("", by("contracts.borrower_balance"), "claim_conditions"),
        ("", by("contracts.start_date"), "claim_conditions"),
        ("", by("contracts.bank"), "claim_conditions"),
        ("", CONDITION.replace("released_amount", "compensation_paid"), "claim_conditions"),
        ('trigger = { year_begins = "11-01" }\n', CONDITION, "claim_conditions"),
        ('record = "institution"\n', by("institutions.city"), "claim_conditions"),
        ("", on(""), "claim_conditions"),
        ("", on(', on = "contracts.lender"'), "claim_conditions"),
        ("", on(', on = "contracts.start_date"', "month_end_balances"), "claim_conditions"),
        ("", on(', on = "contracts.start_date", years = 2'), "claim_conditions"),
        ("", INDICATOR + '{ measure = "exposure" }\n', "indicators"),
        ("", INDICATOR + '{ measure = "exposure", on = "year.end" }\n', "indicators"),
        ("", INDICATOR + '{ measure = "closing_balance", on = "year.end" }\n', "indicators"),
        ("", f"[budget]\nat_most = {MONEY}\n", "budget"),
        ("", OF_YEARS, "caps"),
        ("", SHARES, "returns"),
    ],
)
def test_a_measure_of_groups_is_of_cases_of_a_year(before: str, part: str, key: str) -> None:
    base = "\n[base]\nvalue = { yuan = 1 }\n"
    with pytest.raises(PolicyFaults) as caught:
        policy(before, COLUMNS, part, base, RATES)
    assert {fault.key.partition("[")[0].partition(".")[0] for fault in caught.value.faults} == {key}


GIVEN = """
[[quantities]]
id = "before"
name = { zh = "起始日", en = "at the start" }
value = { measure = "exposure", on = "contracts.start_date", per = ["contracts.borrower_id"] }
[[quantities]]
id = "after"
name = { zh = "代偿日", en = "on the payout" }
value = { measure = "exposure", on = "claims.payout_date", per = ["contracts.borrower_id"] }
[[claim_conditions]]
id = "more"
value = { minus = ["quantity.after", "quantity.before"] }
at_least = 0
"""


@given(st.lists(contract(), min_size=1, max_size=5))
def test_a_single_case_takes_the_named_figures_of_its_group(contracts: list[Contract]) -> None:
    """It comes to the same as in its ledger, with each figure by its own name."""
    of = policy("review = { required = [] }\n", GIVEN, PRINCIPAL, RATES)
    run = assess_frames(frames(contracts, range(len(contracts))), of, YEAR)
    for row in run.claims.to_dict("records"):
        lines = {line.name: line.value for line in run.explain(row["claim_id"]).arithmetic}
        case: dict[str, Any] = {name: lines[f"quantity_{name}"] for name in ("before", "after")}
        case |= {"payout_date": row["payout_date"], "borrower_id": row["borrower_id"]}
        case |= {"principal": lines["principal"]}
        start = contracts[int(row["contract_id"].removeprefix("k"))].start
        case |= {"start_date": start, "interest": "0", "shares": {"institution": "1"}}
        found = decide_claim(of, {"institution_id": "A"}, case)
        assert (found.eligible, found.compensation) == (row["eligible"], row["compensation"])
        assert found.reasons == (() if row["eligible"] else ("more",))
        assert recomputed(found.explanation.arithmetic)["compensation"] == row["compensation"]


def test_what_was_in_force_stays_as_it_is_whatever_is_paid_out() -> None:
    """So the curve and the forecast are those of a policy on the computed column."""
    own = ON_PAYOUT.replace("OTHER", ', "contracts.institution_id"')
    more = '[[claim_conditions]]\nid = "exposure"\nat_most = 90\nvalue = '
    found = []
    for value in (own, '"claims.borrower_exposure"'):
        of = policy(COLUMNS, f"{more}{value}\n", PRINCIPAL, RATES)
        portfolio = portfolio_of_frames(**frames(MORE, range(len(MORE))))
        ahead = forecast(portfolio, YEAR, 2, "0.1", policy=of)
        line = curve(portfolio, of, YEAR, "payout_rate", 0, 1, institution="A")
        found.append((ahead.years.to_dict(), line.points.to_dict()))
    assert found[0] == found[1]
    assert any(found[0][0]["compensation"].values())


MORE = [*TWO, TWO[2]._replace(borrower="z", fen=9001)]


def test_what_a_refused_case_fails_by_is_shown_with_its_parts() -> None:
    recipe = load_policy(RECIPES / "by-lender.toml")
    case = read_cases(cases_beside(RECIPES / "by-lender.toml"), recipe)[1]
    run = assess_frames({n: t.to_pandas() for n, t in frames_of(case).items()}, recipe, case.year)
    lines = [line for line in run.explain("c4").arithmetic if line.name.startswith("measure")]
    assert [(line.title.zh, line.value) for line in lines] == [
        ("同一县区的本年代偿额（北区）", "80000.01"),
        ("同一县区的本年解除担保额（北区）", "1000000.00"),
    ]
