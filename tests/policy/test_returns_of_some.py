"""Recoveries of which some alone go back, and steps that are of some recoveries alone.

The oracle goes through the recoveries of one claim one after another, with whole fen and fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from compensation import (
    InputFaults,
    Policy,
    assess,
    assess_policies,
    compare,
    forecast,
    portfolio_of_frames,
    settle,
    share_recoveries,
)
from compensation.one_case.faults import CaseFaults
from compensation.policy.faults import PolicyFaults
from compensation.policy.return_words import describe_returns
from compensation.refusals import Refused
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.policy.test_return_steps import (
    EVERYBODY,
    FEN,
    SHARES,
    Case,
    Rule,
    Step,
    distributable,
    parts_and_whole,
    yuan,
)
from tests.policy.test_small_policies import CLAIM, CONTRACT, columns, small
from tests.rules.test_returns import divided as by_level

WAY = (
    columns("recoveries", far="boolean")
    + '[[columns]]\ntable = "recoveries"\nname = "way"\nheading = "追偿方式"\ntype = "text"\n'
    + 'values = ["处置抵押物", "现金"]\nnote = { zh = "注", en = "note" }\n'
)
COLLATERAL, CASH = "处置抵押物", "现金"
NET = '{ minus = ["recoveries.proceeds", "recoveries.cost"] }'
SMALL = f"when = [{{ value = {NET}, at_least = 100 }}]"


def of(way: str) -> str:
    return f'when = [{{ value = "recoveries.way", one_of = ["{way}"] }}]'


@dataclass(frozen=True)
class OfSome(Rule):
    """A rule, by the way of the recoveries that each of its steps is of; blank: of all."""

    ways: tuple[str, ...] = ()
    least: int = -(10**9)


RULES = [
    OfSome(SMALL, least=10_000),
    OfSome(
        f'first = [{{ to = ["lender"], {of(COLLATERAL)} }}]',
        steps=(Step(to=("lender",)),),
        ways=(COLLATERAL,),
    ),
    OfSome(
        f'{SMALL}\nparts = [{{ of = "claims.interest", borne_by = ["institution", "lender"] }}]\n'
        f'first = [{{ of = "claims.principal", to = ["lender", "government"], {of(COLLATERAL)} }}, '
        f'{{ shares = [{{ party = "lender", share = 1 }}, {{ party = "institution", share = 2 }}], '
        f'up_to = 100.01, {of(CASH)} }}, {{ of = "claims.principal" }}, "reguarantor"]\n'
        'shares = [{ party = "lender", share = 1 }, { party = "government", share = 3 }]',
        parts=(("interest", ("institution", "lender")),),
        steps=(
            Step("principal", ("government", "lender")),
            Step(shares=(("lender", 1), ("institution", 2)), up_to=10_001),
            Step("principal"),
            Step(to=("reguarantor",)),
        ),
        shares=(("lender", 1), ("government", 3)),
        ways=(COLLATERAL, CASH, "", ""),
        least=10_000,
    ),
]


def policy(said: str) -> Policy:
    rates = "tiers = [{ rate = 0.2 }]"
    return small(WAY, f'[returns]\ncosts = "net"\n{said}', base='"claims.payout"', rates=rates)


def ledger(*cases: Case, ways: Sequence[str], **own: str) -> Any:
    return portfolio_of_frames(**tables(*cases, ways=ways, **own))


def tables(*cases: Case, ways: Sequence[str], **own: str) -> dict[str, pd.DataFrame]:
    """Return tables of the cases, whose recoveries have these ways, one after another."""
    claims, recoveries = [], []
    for number, case in enumerate(cases, 1):
        claim = {"claim_id": f"c{number}", "principal": yuan(case.principal)}
        claims.append(CLAIM | claim | {"interest": yuan(case.interest)})
        for place, (day, proceeds, cost) in enumerate(case.recoveries):
            recovery = {"recovery_id": f"r{number}-{place}", "claim_id": f"c{number}"}
            recovery |= {"recovery_date": str(date(2022, 6, 1) + timedelta(day))}
            recovery |= {"proceeds": yuan(proceeds), "cost": yuan(cost), "far": "true"}
            recoveries.append(recovery | {"way": ways[place]} | own)
    shares = {f"share_{party}": share for party, share in SHARES.items()}
    found = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT | shares],
        "claims": claims,
        "recoveries": recoveries,
    }
    return {name: pd.DataFrame(rows) for name, rows in found.items() if rows}


def counted(rule: OfSome, case: Case) -> Case:
    """The case with what counts of its recoveries: nothing of one that comes to too little."""
    rows = [
        row if not row[1] or row[1] - row[2] >= rule.least else (row[0], 0, 0)
        for row in case.recoveries
    ]
    return replace(case, recoveries=tuple(rows))


def expected(rule: OfSome, case: Case, ways: Sequence[str]) -> list[list[int]]:
    """What each gets of each recovery: in each step of it, at most what it still bears."""
    named, bears = parts_and_whole(rule, case)
    steps = [*rule.steps, Step(shares=rule.shares, to=EVERYBODY)]
    got, in_steps, found, before = [0] * 4, [[0] * 4 for _ in steps], [], 0
    amounts = distributable(rule, counted(rule, case), 10_000)
    for amount, way in zip(amounts, ways, strict=False):
        left, before, now = amount - before, amount, [0] * 4
        for place, step in enumerate(steps):
            if place < len(rule.ways) and rule.ways[place] not in ("", way):
                continue
            who = {*step.to, *(party for party, _ in step.shares)} or set(EVERYBODY)
            room = [b - g if p in who else 0 for p, b, g in zip(EVERYBODY, bears, got, strict=True)]
            if step.of:
                same = [own for own, s in zip(in_steps, steps, strict=True) if s.of == step.of]
                used = [sum(each) for each in zip(*same, strict=True)]
                limits = [a - b for a, b in zip(named[step.of], used, strict=True)]
                room = [min(pair) for pair in zip(room, limits, strict=True)]
            if step.up_to != "":
                room = [
                    min(r, int(step.up_to) - o) for r, o in zip(room, in_steps[place], strict=True)
                ]
            here = min(left, sum(room))
            parts = by_level(here, room, (), dict(step.shares), EVERYBODY)
            left -= here
            for each in (got, in_steps[place], now):
                each[:] = [a + b for a, b in zip(each, parts, strict=True)]
        assert left == 0
        found.append(now)
    return found


CASES = st.builds(
    lambda p, i, rows: Case(p + 1, i, 0, 0, False, tuple(sorted(rows))),
    FEN,
    FEN,
    st.lists(st.tuples(st.integers(0, 1200), FEN, st.sampled_from([0, 1, 4_500])), max_size=5),
)
EDGE = ((0, 14_499, 4_500), (0, 0, 1), (9, 14_500, 4_500), (9, 14_501, 4_500), (10, 30_000, 0))


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=range(len(RULES)))
@settings(max_examples=8 * DEPTH)
@given(
    st.lists(CASES, min_size=1, max_size=3),
    st.lists(st.sampled_from([COLLATERAL, CASH]), min_size=5, max_size=5),
)
@example([Case(40_000, 10_000, 0, 0, False, EDGE)], [CASH, CASH, COLLATERAL, CASH, COLLATERAL])
@example(
    # What the third step gave of the principal is not there for the first step later on.
    [Case(1, 40_789, 0, 0, False, ((0, 23_324, 0), (187, 17_995, 0)))],
    [CASH, COLLATERAL],
)
def test_what_goes_back_of_each_recovery(rule: OfSome, cases: list[Case], ways: list[str]) -> None:
    chosen, portfolio = policy(rule.said), ledger(*cases, ways=ways)
    year = assess(portfolio, chosen, 2022)
    rows, government = year.returns.to_dict("records"), 0
    for number, case in enumerate(cases, 1):
        own = [row for row in rows if row["claim_id"] == f"c{number}"]
        got = [[int(row[f"to_{party}"] * 100) for party in EVERYBODY] for row in own]
        assert got == expected(rule, case, ways)
        assert [sum(parts) for parts in got] == [int(row["distributed"] * 100) for row in own]
        recomputed(year.explain(f"c{number}").recoveries)
        government += sum(parts[0] for parts in got)
    joint = assess_policies(portfolio, [chosen], 2022).tables["returns"]
    assert joint.equals(year.tables["returns"])
    settled = settle(portfolio, chosen, "2026-12-31")
    assert int(settled.settlement["government_share"].sum() * 100) == government
    recomputed(settled.explain("c1").arithmetic)
    cost = compare(portfolio, [chosen], [2022]).institutions.to_dict("records")[0]
    assert int(cost["returned_to_government"] * 100) == government


def test_in_words() -> None:
    chosen = policy(f'{SMALL}\nfirst = [{{ to = ["lender"], {of(COLLATERAL)} }}]')
    text = describe_returns(chosen, chosen.rules.returns)
    assert text.zh == (
        "只返还符合条件的追偿：追偿所得 − 追偿费用不低于 100 元；扣除追偿费用后，"
        "第 1 步（限追偿方式为处置抵押物的追偿）返还银行，以各自承担的金额为限；"
        "其余按政府补偿后各方承担的部分返还"
    )
    assert text.en == (
        "only recoveries that meet this go back: proceeds − cost at least 100 yuan; net of the "
        "costs of recovery, step 1 (recoveries of which way is 处置抵押物): to the lender, up to "
        "what each bears; the rest by what each bears once government has paid"
    )


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        (f"first = [{{ {of(CASH)} }}]", ["returns.first[1]"]),
        ('when = [{ value = "recoveries.wey", one_of = ["现金"] }]', ["returns.when[1].value"]),
        (of("抵押"), ["returns.when[1].one_of"]),
        (
            'when = [{ value = "institutions.government_backed", is = true }]',
            ["returns.when[1].value"],
        ),
        ('when = [{ value = "claims.borrower_exposure", at_least = 1 }]', ["returns.when"]),
        ('first = [{ of = "recoveries.proceeds" }]', ["returns.first[1].of"]),
        (
            f'first = ["lender", {{ to = ["lender"], {of(CASH)} }}]',
            ["returns.first[2].to[1]"],
        ),
    ],
)
def test_one_fault_where_tests_of_recoveries_make_no_sense(said: str, keys: list[str]) -> None:
    with pytest.raises(PolicyFaults) as caught:
        policy(said)
    assert [fault.key for fault in caught.value.faults] == keys


def test_columns_of_recoveries_stand_nowhere_else() -> None:
    with pytest.raises(PolicyFaults) as caught:
        small(WAY, base='"recoveries.proceeds"')
    (fault,) = caught.value.faults
    assert fault.kind == "wrong_place"
    assert "returns" in fault.message.zh


ONE = Case(60_000, 40_000, 0, 0, False, ((0, 50_000, 0),))


@pytest.mark.parametrize(
    "compute",
    [
        partial(assess, year=2022),
        partial(settle, to="2022-12-31"),
        lambda portfolio, chosen: compare(portfolio, [chosen], [2022]),
        lambda portfolio, chosen: assess_policies(portfolio, [chosen], 2022),
    ],
)
def test_a_blank_cell_that_decides_is_a_fault(compute: Any) -> None:
    chosen = policy(f'first = [{{ to = ["lender"], {of(COLLATERAL)} }}]')
    with pytest.raises(InputFaults) as caught:
        compute(ledger(ONE, ways=[""]), chosen)
    (fault,) = caught.value.faults
    assert (fault.kind, fault.table, fault.column) == ("blank", "recoveries", "way")
    given = policy(
        'first = [{ to = ["lender"], when = [{ value = "recoveries.way", given = true }] }]'
    )
    compute(ledger(ONE, ways=[""]), given)


def test_a_column_that_the_ledger_lacks_is_a_fault() -> None:
    chosen = policy('when = [{ value = "recoveries.far", is = true }]')
    portfolio = ledger(ONE, ways=[CASH])
    assess(portfolio, chosen, 2022)
    other = small(
        WAY.replace('"far"', '"near"').replace("far列", "近"),
        '[returns]\ncosts = "net"\nwhen = [{ value = "recoveries.near", is = true }]',
    )
    with pytest.raises(InputFaults) as caught:
        assess(portfolio, other, 2022)
    (fault,) = caught.value.faults
    assert (fault.kind, fault.column) == ("missing_policy_column", "near")


def test_one_claim_alone_and_forecasts_refuse() -> None:
    recovery = {"recovery_id": "r1", "recovery_date": "2023-01-01", "proceeds": "200", "cost": "0"}
    with pytest.raises(CaseFaults) as caught:
        share_recoveries("1000", "100", SHARES, [recovery], policy(SMALL))
    assert [fault.kind for fault in caught.value.faults] == ["takes_a_ledger"]
    with pytest.raises(Refused, match="无法按追偿比例推算"):
        forecast(ledger(ONE, ways=[CASH]), 2022, 1, "0.1", 0, "0.3", policy(SMALL))


WORDS = columns("recoveries", kind="text", rate="ratio")


def test_words_and_ratios_of_recoveries_are_looked_at() -> None:
    """A word like one of the policy's, a ratio far above the others, whatever year the claim is."""
    chosen = small(
        WORDS,
        '[returns]\ncosts = "net"\nwhen = [{ value = "recoveries.kind", one_of = ["抵押物"] }, '
        '{ value = { times = ["recoveries.rate", 2] }, at_least = "recoveries.rate" }]',
    )
    case = replace(ONE, recoveries=((0, 100, 0), (1, 100, 0), (2, 100, 0)))
    frames = tables(case, ways=[CASH] * 3)
    frames["recoveries"][["kind", "rate"]] = [["抵押物", "0.01"], ["抵押", "0.01"], ["无", "1"]]
    year = assess(portfolio_of_frames(**frames), chosen, 2022)
    told = [(each.kind, each.table, each.row) for each in year.warnings]
    assert ("near_word", "recoveries", 2) in told
    assert ("ratios_apart", "recoveries", 3) in told


@pytest.mark.parametrize(("years", "kinds"), [(3, []), (4, ["return_share"])])
def test_a_recovery_on_a_day_that_a_series_lacks_is_a_fault(years: int, kinds: list[str]) -> None:
    """The LPR is known until the end of 2025."""
    reading = '{ series = "lpr", on = "recoveries.recovery_date", term = 12 }'
    chosen = policy(f"when = [{{ value = {reading}, at_least = 0 }}]")
    portfolio = ledger(replace(ONE, recoveries=((years * 365, 100, 0),)), ways=[CASH])
    if not kinds:
        assess(portfolio, chosen, 2022)
        return
    for compute in (partial(assess, year=2022), partial(settle, to="2027-12-31")):
        with pytest.raises(InputFaults) as caught:
            compute(portfolio, chosen)
        assert [(f.kind, f.table) for f in caught.value.faults] == [("return_share", "recoveries")]
