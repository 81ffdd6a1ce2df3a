"""Recoveries that go back step by step, of parts that not all bear, net of costs up to limits.

The oracle knows no column and no step of the library: for one claim it fills who gets back, step
after step, with whole fen and fractions.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
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
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy.return_words import describe_returns
from compensation.policy_tools.doubts import doubts
from compensation.refusals import Refused
from tests.conftest import DEPTH
from tests.explanation.recompute import recomputed
from tests.oracle_reading import split
from tests.policy.test_payers_paid import COLUMNS as PAID
from tests.policy.test_payers_paid import PAYERS, fen, run
from tests.policy.test_small_policies import CLAIM, CONTRACT, columns, small
from tests.rules.test_returns import divided as by_level

SHARES = {"institution": "0.5", "lender": "0.3", "reguarantor": "0.2"}
EVERYBODY = ("government", *SHARES)
MILLIONTHS = dict(zip(SHARES, (500_000, 300_000, 200_000), strict=True))
COLUMNS = columns(penalty="money", fee="money", far="boolean")
PENALTY = '"claims.penalty"'
INTEREST = '{ minus = ["claims.interest", "claims.penalty"] }'


@dataclass(frozen=True)
class Step:
    """One step of the oracle: of what part, to whom, by which shares, up to how many fen each."""

    of: str = ""
    to: tuple[str, ...] = ()
    shares: tuple[tuple[str, int], ...] = ()
    up_to: str | int = ""


@dataclass(frozen=True)
class Rule:
    """Returns as a policy writes them, and as the oracle reads them."""

    said: str
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    steps: tuple[Step, ...] = ()
    shares: tuple[tuple[str, int], ...] = ()
    costs: str = "net"
    reward: Fraction = Fraction(0)


RULES = [
    Rule('first = [{ of = "claims.principal" }]', steps=(Step("principal"),)),
    Rule(
        'parts = [{ of = "claims.interest", borne_by = ["institution"] }]',
        parts=(("interest", ("institution",)),),
    ),
    Rule(
        'parts = [{ of = "claims.interest", borne_by = ["lender", "institution"] }]\n'
        'first = [{ of = "claims.principal", to = ["government", "reguarantor"] }, '
        '{ of = "claims.principal" }, { of = "claims.interest" }]',
        parts=(("interest", ("institution", "lender")),),
        steps=(
            Step("principal", ("government", "reguarantor")),
            Step("principal"),
            Step("interest"),
        ),
    ),
    Rule(
        f'first = [{{ of = "claims.principal" }}, {{ of = {INTEREST}, to = ["lender"] }}, '
        f"{{ of = {PENALTY} }}]",
        steps=(Step("principal"), Step("net interest", ("lender",)), Step("penalty")),
    ),
    Rule(
        'first = [{ to = ["institution"], up_to = 100.01 }, "government", '
        '{ of = "claims.principal", shares = [{ party = "lender", share = 1 }, '
        '{ party = "institution", share = 2 }] }]\n'
        'shares = [{ party = "institution", share = 1 }, { party = "reguarantor", share = 3 }]',
        steps=(
            Step(to=("institution",), up_to=10_001),
            Step(to=("government",)),
            Step("principal", shares=(("lender", 1), ("institution", 2))),
        ),
        shares=(("institution", 1), ("reguarantor", 3)),
    ),
    Rule(
        'parts = [{ of = "claims.interest", borne_by = ["government", "institution"] }]\n'
        'first = [{ of = "claims.interest" }, { up_to = "claims.fee" }]\n'
        'costs = { of_proceeds = 0.1, at_most = "claims.fee" }',
        parts=(("interest", ("government", "institution")),),
        steps=(Step("interest"), Step(up_to="fee")),
        costs="limited",
    ),
    Rule(
        "costs = { of_proceeds = { choose = [{ value = 0.3, when = "
        '[{ value = "claims.far", is = true }] }, { value = 0.015 }] } }',
        costs="by case",
    ),
    Rule("costs = { at_most = 20.05 }", costs="fixed"),
    Rule(
        'first = [{ to = ["lender", "institution", "government"], up_to = 100.01 }, '
        '{ to = ["institution", "government", "lender"] }]',
        steps=(
            Step(to=("government", "institution", "lender"), up_to=10_001),
            Step(to=("government", "institution", "lender")),
        ),
    ),
    Rule(
        'reward = 0.150001\nfirst = [{ of = "claims.principal" }]',
        steps=(Step("principal"),),
        reward=Fraction(150_001, 10**6),
    ),
    Rule('reward = 0.1\ncosts = "gross"', costs="gross", reward=Fraction(1, 10)),
    Rule(
        'first = [{ of = 100.5, to = ["government"] }, { of = "claims.interest" }]',
        steps=(Step("fixed", ("government",)), Step("interest")),
    ),
    Rule(
        'first = [{ of = "claims.principal", to = ["government"] }, { of = "claims.principal" }]',
        steps=(Step("principal", ("government",)), Step("principal")),
    ),
]
FEN = st.sampled_from([0, 1, 2, 99, 10_000, 10_001]) | st.integers(0, 60_000)


@dataclass(frozen=True)
class Case:
    """A claim in fen, and its recoveries: days after the payout, proceeds, costs."""

    principal: int
    interest: int
    penalty: int
    fee: int
    far: bool
    recoveries: tuple[tuple[int, int, int], ...]

    @property
    def parts(self) -> Mapping[str, int]:
        return {
            "principal": self.principal,
            "interest": self.interest,
            "net interest": self.interest - self.penalty,
            "penalty": self.penalty,
            "fee": self.fee,
            "fixed": 10_050,
        }


CASES = st.builds(
    lambda p, i, penalty, fee, far, rows: Case(
        p + 1, i, min(penalty, i), fee, far, tuple(sorted(rows))
    ),
    FEN,
    FEN,
    FEN,
    FEN,
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 1200), FEN, FEN), max_size=5),
)


def policy(rule: Rule) -> Policy:
    costs = "" if "costs =" in rule.said else '\ncosts = "net"'
    return small(
        COLUMNS,
        f"[returns]\n{rule.said}{costs}",
        base='"claims.payout"',
        rates="tiers = [{ rate = 0.2 }]",
    )


def ledger(*cases: Case, **own: str) -> Any:
    """Return a portfolio of the cases; `own`: cells of their claims that are others."""
    claims, recoveries = [], []
    shares = {f"share_{party}": share for party, share in SHARES.items()}
    for number, case in enumerate(cases, 1):
        claim = {"claim_id": f"c{number}", "principal": yuan(case.principal)}
        claim |= {"interest": yuan(case.interest), "penalty": yuan(case.penalty)}
        claim |= {"fee": yuan(case.fee), "far": str(case.far).lower()}
        claims.append(CLAIM | claim | own)
        for place, (day, proceeds, cost) in enumerate(case.recoveries):
            recoveries.append(
                {
                    "recovery_id": f"r{number}-{place}",
                    "claim_id": f"c{number}",
                    "recovery_date": str(date(2022, 6, 1) + timedelta(day)),
                    "proceeds": yuan(proceeds),
                    "cost": yuan(cost),
                }
            )
    tables: dict[str, list[dict[str, str]]] = {
        "institutions": [{"institution_id": "A", "government_backed": "true"}],
        "contracts": [CONTRACT | shares],
        "claims": claims,
        "recoveries": recoveries,
    }
    return portfolio_of_frames(
        **{name: pd.DataFrame(rows) for name, rows in tables.items() if rows}
    )


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def half_up(value: Fraction) -> int:
    return math.floor(value + Fraction(1, 2))


def distributable(rule: Rule, case: Case, until: int) -> list[int]:
    """What can be returned to date after each recovery up to a day."""
    highest, found = 0, []
    rows = [row for row in case.recoveries if row[0] <= until]
    for place, (day, _, _) in enumerate(rows):
        received = sum(proceeds for _, proceeds, _ in rows[: place + 1])
        costs = sum(cost for on, _, cost in rows if on <= day)
        if rule.costs == "limited":
            costs = min(costs, half_up(Fraction(received, 10)), case.fee)
        elif rule.costs == "by case":
            share = Fraction(3, 10) if case.far else Fraction(15, 1000)
            costs = min(costs, half_up(received * share))
        elif rule.costs == "fixed":
            costs = min(costs, 2005)
        elif rule.costs == "gross":
            costs = 0
        net = received - costs
        highest = max(highest, net - half_up(max(net, 0) * rule.reward))
        found.append(min(highest, case.principal + case.interest))
    return found


def bearing(rule: Rule, case: Case) -> tuple[dict[str, list[int]], list[int]]:
    """What each party bears of each part and of all, once government has paid a fifth."""
    payout = case.principal + case.interest
    borne = {}
    left = payout
    for name, by in rule.parts:
        amount = min(case.parts[name], left)
        weights = [MILLIONTHS[party] if party in by else 0 for party in SHARES]
        borne[name] = split(amount, weights)
        left -= amount
    borne["rest"] = split(left, list(MILLIONTHS.values()))
    paid = min(half_up(Fraction(payout, 5)), split(payout, list(MILLIONTHS.values()))[0])
    of_government = [name for name, by in rule.parts if "government" in by] + ["rest"]
    names = list(borne)
    weights = [borne[name][0] if name in of_government else 0 for name in names]
    first = split(min(paid, sum(weights)), weights)
    others = [borne[name][0] if name not in of_government else 0 for name in names]
    more = split(paid - sum(first), others)
    after = {}
    for place, name in enumerate(names):
        own = first[place] + more[place]
        after[name] = [own, borne[name][0] - own, *borne[name][1:]]
    return after, [sum(part[n] for part in after.values()) for n in range(4)]


def parts_and_whole(rule: Rule, case: Case) -> tuple[dict[str, list[int]], list[int]]:
    """What each bears of each part that steps name, and of all."""
    parts, bears = bearing(rule, case)
    rest, so_far, named = parts["rest"], 0, dict(parts)
    for step in rule.steps:
        if step.of and step.of not in named:
            here = min(so_far + case.parts[step.of], sum(rest))
            before, after = split(so_far, rest), split(here, rest)
            named[step.of] = [b - a for a, b in zip(before, after, strict=True)]
            so_far = here
    return named, bears


def expected(rule: Rule, case: Case, amount: int) -> list[int]:
    """What each gets to date of an amount: step after step, each up to its limit."""
    named, bears = parts_and_whole(rule, case)
    left, got = list(bears), [0, 0, 0, 0]
    of_part = {name: list(borne) for name, borne in named.items()}
    for step in (*rule.steps, Step(shares=rule.shares, to=EVERYBODY)):
        who = {*step.to, *(party for party, _ in step.shares)} or set(EVERYBODY)
        limits = [own if party in who else 0 for party, own in zip(EVERYBODY, left, strict=True)]
        if step.of:
            limits = [min(pair) for pair in zip(limits, of_part[step.of], strict=True)]
        if step.up_to != "":
            most = step.up_to if isinstance(step.up_to, int) else case.parts[step.up_to]
            limits = [min(limit, most) for limit in limits]
        if step.of:
            pairs = zip(of_part[step.of], limits, strict=True)
            of_part[step.of] = [part - limit for part, limit in pairs]
        here = min(amount, sum(limits))
        parts_here = by_level(here, limits, (), dict(step.shares), EVERYBODY)
        got = [own + part for own, part in zip(got, parts_here, strict=True)]
        left = [own - limit for own, limit in zip(left, limits, strict=True)]
        amount -= here
    return got


EDGES = [
    Case(40_000, 10_000, 4_000, 5_000, True, ((0, 39_999, 0), (400, 1, 0), (800, 1, 0))),
    Case(40_000, 10_000, 0, 0, False, ((0, 30_000, 4_500), (0, 15_000, 1), (1, 9_000, 0))),
]


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=range(len(RULES)))
@settings(max_examples=4 * DEPTH)
@given(st.lists(CASES, min_size=6, max_size=8))
@example(EDGES)
def test_returns_step_by_step(rule: Rule, cases: list[Case]) -> None:
    """A ledger of seven claims takes little longer than one of two: few show as much."""
    chosen, portfolio = policy(rule), ledger(*cases)
    year = assess(portfolio, chosen, 2022)
    rows = year.returns.to_dict("records")
    for number, case in enumerate(cases, 1):
        own = [row for row in rows if row["claim_id"] == f"c{number}"]
        before = [0, 0, 0, 0]
        for row, amount in zip(own, distributable(rule, case, 10_000), strict=True):
            now = expected(rule, case, amount)
            assert sum(now) == amount
            got = [int(row[f"to_{party}"] * 100) for party in EVERYBODY]
            assert got == [a - b for a, b in zip(now, before, strict=True)]
            assert min(got) >= 0
            before = now
        recomputed(year.explain(f"c{number}").recoveries)
    joint = assess_policies(portfolio, [chosen], 2022).tables["returns"]
    assert joint.equals(year.tables["returns"])
    _settled_alike(rule, chosen, portfolio, cases)


def _settled_alike(rule: Rule, chosen: Policy, portfolio: Any, cases: Sequence[Case]) -> None:
    """What is government's of all that has come back, as of the end of each of three years."""
    for year in (2022, 2023, 2025):
        until = (date(year, 12, 31) - date(2022, 6, 1)).days
        settled = settle(portfolio, chosen, f"{year}-12-31")
        for row, case in zip(settled.settlement.to_dict("records"), cases, strict=True):
            amount = ([0, *distributable(rule, case, until)])[-1]
            assert int(row["government_share"] * 100) == expected(rule, case, amount)[0]
            recomputed(settled.explain(row["claim_id"]).arithmetic)
    cost = compare(portfolio, [chosen], [2022]).institutions.to_dict("records")[0]
    back = sum(
        expected(rule, case, ([0, *distributable(rule, case, 10_000)])[-1])[0] for case in cases
    )
    assert int(cost["returned_to_government"] * 100) == back


def in_words(said: str) -> tuple[str, str]:
    chosen = policy(Rule(said))
    text = describe_returns(chosen, chosen.rules.returns)
    return text.zh, text.en


def test_steps_and_limits_in_words() -> None:
    zh, en = in_words(RULES[2].said)
    assert zh == (
        "扣除追偿费用后，代偿利息只由银行、担保机构承担；"
        "第 1 步返还政府、再担保机构，以各自承担的代偿本金为限；"
        "第 2 步返还各方，以各自承担的代偿本金为限；第 3 步返还各方，以各自承担的代偿利息为限；"
        "其余按政府补偿后各方承担的部分返还"
    )
    assert en == (
        "net of the costs of recovery, interest is borne by the lender and the institution alone; "
        "step 1: to the government and the reguarantor, up to what each bears of principal; "
        "step 2: to all by what each bears, up to what each bears of principal; "
        "step 3: to all by what each bears, up to what each bears of interest; "
        "the rest by what each bears once government has paid"
    )
    zh, en = in_words("costs = { of_proceeds = 0.1, at_most = 50 }\nfirst = [{ up_to = 20 }]")
    assert zh.startswith(
        "扣除追偿费用（累计不超过累计追偿所得的 10%，也不超过 50 元）后，"
        "第 1 步返还各方，以每方 20 元为限；"
    )
    assert en.startswith(
        "net of the costs of recovery, at most 10% of the proceeds to date and at most 50 yuan, "
        "step 1: to all by what each bears, up to 20 yuan each; "
    )
    zh, en = in_words("reward = 0.05")
    assert zh == "扣除追偿费用后，其中 5% 奖励追偿方，按政府补偿后各方承担的部分返还"
    assert en == (
        "net of the costs of recovery, less 5% of it that whoever recovers keeps, "
        "by what each bears once government has paid"
    )


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("first = [{}]", "first[1]"),
        ('first = [{ to = ["reguarantor"], shares = [S] }]', "first[1]"),
        ('first = ["lender", { to = ["lender"], up_to = 5 }]', "first[2].to[1]"),
        ('first = [{ to = ["lender"] }, { shares = [S], up_to = 5 }]', "first[2].shares[1].party"),
        ('first = [{ to = ["lender", "lender"], up_to = 5 }]', "first[1].to[2]"),
        ('first = [{ to = ["lendr"], up_to = 5 }]', "first[1].to[1]"),
        ("first = [{ shares = [S, { party = 'government', share = 0.5 }] }]", "first[1].shares"),
        ("first = [{ up_to = 0 }]", "first[1].up_to"),
        ("first = [{ up_to = 1.001 }]", "first[1].up_to"),
        ('first = [{ of = "claims.payout_date" }]', "first[1].of"),
        ('first = [{ of = "indicator.payout_amount" }]', "first[1].of"),
        ('first = [{ of = { times = [2, "contracts.borrower_balance"] } }]', "first[1].of"),
        ('first = [{ off = "claims.interest" }]', "first[1].off"),
        ('parts = [{ of = "claims.interest", borne_by = ["government"] }]', "parts[1].borne_by"),
        ('parts = [{ of = "claims.interest", borne_by = ["lendr"] }]', "parts[1].borne_by[1]"),
        (
            'parts = [{ of = "claims.fee", borne_by = ["lender", "lender"] }]',
            "parts[1].borne_by[2]",
        ),
        ("parts = [P, P]", "parts[2].of"),
        ("costs = {}", "costs"),
        ("costs = { of_proceeds = 2 }", "costs.of_proceeds"),
        ('costs = { of_proceeds = "claims.fee" }', "costs.of_proceeds"),
        ('costs = { of_proceeds = "indicator.payout_rate" }', "costs.of_proceeds"),
        ("costs = { at_most = -1 }", "costs.at_most"),
        ('costs = "nett"', "costs"),
        ("reward = 0", "reward"),
        ("reward = 1", "reward"),
        ("reward = 10", "reward"),
        ("reward = 0.0000001", "reward"),
    ],
)
def test_one_fault_where_returns_make_no_sense(said: str, keys: str) -> None:
    said = said.replace("[S", '[{ party = "lender", share = 1 }')
    said = said.replace("share = 1 }]", 'share = 1 }, { party = "institution", share = 2 }]')
    said = said.replace("P", '{ of = "claims.interest", borne_by = ["institution"] }')
    with pytest.raises(PolicyFaults) as caught:
        policy(Rule(said))
    assert [fault.key for fault in caught.value.faults] == [f"returns.{keys}"]


@pytest.mark.parametrize(
    ("old", "new", "returns", "key"),
    [
        (
            "",
            "",
            'parts = [{ of = "claims.interest", borne_by = ["institution", "city"] }]',
            "returns.parts[1].borne_by[2]",
        ),
        (
            "effective =",
            'record = "contract"\neffective =',
            "first = [{ up_to = 5 }]",
            "returns.first[1].up_to",
        ),
    ],
)
def test_payers_bear_no_part_and_contracts_have_no_returns(
    old: str, new: str, returns: str, key: str
) -> None:
    payers = "".join(line for line in PAYERS.splitlines(keepends=True) if "paid" not in line)
    sound = small(payers, base='"contracts.guaranteed_amount"').text.replace(old, new)
    with pytest.raises(PolicyFaults) as caught:
        policy_of_texts({POLICY_TEXT: f'{sound}\n[returns]\ncosts = "net"\n{returns}'})
    assert [fault.key for fault in caught.value.faults] == [key]


ONE = Case(60_000, 40_000, 0, 0, False, ((0, 50_000, 0),))


@pytest.mark.parametrize(
    ("value", "kinds"),
    [("-0.01", ["return_share"]), ("0", []), ("0.01", []), ("", ["blank"])],
)
def test_amounts_that_no_recovery_can_be_returned_by_are_a_fault(
    value: str, kinds: list[str]
) -> None:
    limit = '{ minus = ["claims.fee", 100] }' if value else '"claims.fee"'
    chosen = policy(Rule(f"first = [{{ up_to = {limit} }}]"))
    portfolio = ledger(ONE, fee=str(100 + Decimal(value)) if value else "")
    for compute in (partial(assess, year=2022), partial(settle, to="2022-12-31")):
        if not kinds:
            compute(portfolio, chosen)
            continue
        with pytest.raises(InputFaults) as caught:
            compute(portfolio, chosen)
        assert [fault.kind for fault in caught.value.faults] == kinds


def test_a_party_that_bears_a_part_has_shares() -> None:
    said = 'parts = [{ of = "claims.interest", borne_by = ["institution", "national_fund"] }]'
    with pytest.raises(InputFaults) as caught:
        assess(ledger(ONE), policy(Rule(said)), 2022)
    (fault,) = caught.value.faults
    assert (fault.kind, fault.column) == ("missing_policy_column", "share_national_fund")


def test_a_beneficiary_that_bears_no_interest_is_compensated_within_the_principal() -> None:
    """Of 600 of principal the institution bears 300, of 400 of interest none: the bank does."""
    said = 'parts = [{ of = "claims.interest", borne_by = ["lender"] }]'
    chosen = small(
        COLUMNS,
        f'[returns]\ncosts = "net"\n{said}',
        base='"claims.payout"',
        rates="tiers = [{ rate = 0.4 }]",
    )
    year = assess(ledger(ONE), chosen, 2022)
    assert year.claims["compensation"].to_list() == [300]
    (row,) = year.returns.to_dict("records")
    # Of 1,000 government bears 300, the institution 0, the lender 180 and 400, the reguarantor 120.
    assert [row[f"to_{party}"] for party in EVERYBODY] == [150, 0, 290, 60]


def test_fixed_limits_need_no_ledger() -> None:
    """Government has paid 100 of 1,000; costs come to 30, of which a tenth of 200 counts."""
    said = 'first = [{ to = ["lender"], up_to = 50.01 }, "government"]\n'
    chosen = policy(Rule(said + "costs = { of_proceeds = 0.1 }", costs="limited"))
    recovery = {"recovery_id": "r1", "recovery_date": "2023-01-01", "proceeds": "200", "cost": "30"}
    found = share_recoveries("1000", "100", SHARES, [recovery], chosen)
    (row,) = found.returns
    # Of the 29.99 left 400 : 249.99 : 200 go to those who bear them.
    assert [f"{row.to[party]:.2f}" for party in EVERYBODY] == ["100.00", "14.11", "58.83", "7.06"]
    recomputed(found.explanation)
    with pytest.raises(CaseFaults) as caught:
        share_recoveries("1000", "100", SHARES, [recovery], policy(RULES[0]))
    assert [fault.kind for fault in caught.value.faults] == ["takes_a_ledger"]


def test_payers_get_back_step_by_step() -> None:
    """The province paid 300 of the principal of 1,000, the city 200; the lender bears 400."""
    steps = '{ to = ["province"], up_to = 100 }, { to = ["city", "lender"], up_to = 120 }, "city"'
    chosen = small(PAYERS, PAID, f'[returns]\ncosts = "net"\nfirst = [{steps}]')
    claim = {"claim_id": "c1", "compensation_paid": "500", "closed_date": "2022-07-01"}
    claim |= {"paid_province": "300", "paid_city": "200"}
    recoveries = [
        {"recovery_id": f"r{n}", "claim_id": "c1", "proceeds": proceeds, "cost": "0"}
        | {"recovery_date": f"2022-12-{n:02}"}
        for n, proceeds in enumerate(("99.99", "0.02", "239.99", "80.01", "580"), 1)
    ]
    found = run([claim], recoveries, chosen)
    # After the steps, the province bears 200, the institution 100, the lender 280.
    assert fen(found, "returns", "to_government_province") == [9_999, 1, 0, 0, 20_000]
    assert fen(found, "returns", "to_government_city") == [0, 1, 11_999, 8_000, 0]
    assert fen(found, "returns", "to_lender") == [0, 0, 12_000, 1, 27_999]
    assert fen(found, "returns", "to_institution") == [0, 0, 0, 0, 10_000]
    recomputed(found.explain("c1").recoveries)


def test_a_forecast_says_nothing_of_parts_of_payouts() -> None:
    with pytest.raises(Refused, match="无法按追偿比例推算"):
        forecast(ledger(ONE), 2022, 1, "0.1", 0, "0.3", policy(RULES[0]))


@pytest.mark.parametrize(
    ("part", "asked"),
    [('"claims.principal"', True), ('{ minus = ["claims.principal", "claims.fee"] }', False)],
)
def test_a_part_without_what_was_recovered_before_is_asked_about(part: str, asked: bool) -> None:
    chosen = small(
        COLUMNS,
        f'[returns]\ncosts = "net"\nrecovered_before = "claims.fee"\nfirst = [{{ of = {part} }}]',
        base='{ minus = ["claims.payout", "claims.fee"] }',
    )
    found = [doubt for doubt in doubts(chosen) if doubt.key == "returns.recovered_before"]
    assert ["减去（minus）" in doubt.message.zh for doubt in found] == [True] * asked


def test_what_is_left_after_a_recovery_before_filing_is_returned_step_by_step() -> None:
    """Of 600 of principal 500 came back before; 100 are left of it, and 400 of interest."""
    chosen = small(
        COLUMNS,
        '[returns]\ncosts = "net"\nrecovered_before = "claims.fee"\n'
        'first = [{ of = { minus = ["claims.principal", "claims.fee"] } }, "government"]',
        base='{ minus = ["claims.payout", "claims.fee"] }',
        rates="tiers = [{ rate = 0.2 }]",
    )
    portfolio = ledger(ONE, fee="500")
    (row,) = assess(portfolio, chosen, 2022).returns.to_dict("records")
    # They bear 100, 150, 150, 100 of 500: a fifth of the 100 first, then government all of its own.
    assert [row[f"to_{party}"] for party in EVERYBODY] == [100, 150, 150, 100]
    half = Case(60_000, 40_000, 0, 0, False, ((0, 15_000, 0),))
    (row,) = assess(ledger(half, fee="500"), chosen, 2022).returns.to_dict("records")
    assert [row[f"to_{party}"] for party in EVERYBODY] == [70, 30, 30, 20]


@pytest.mark.parametrize(
    ("far", "parts"),
    [
        (True, {"lender": [60, 120, 0], "institution": [40, 80, 60], "government": [0, 0, 0.01]}),
        (False, {"lender": [100, 80, 0], "institution": [0, 0, 0], "government": [0, 120, 60.01]}),
    ],
)
def test_shares_of_a_step_that_depend_on_the_case(
    far: bool, parts: Mapping[str, list[float]]
) -> None:
    """Of the principal of 600 the institution and the lender bear 180 each; government comes next.

    Whose share is 0 is not in the step.
    """
    rule = (
        'first = [{ of = "claims.principal", shares = ['
        '{ party = "lender", share = { choose = [{ value = 0.6, WHEN }, { value = 1 }] } }, '
        '{ party = "institution", share = { choose = [{ value = 0.4, WHEN }, { value = 0 }] } }'
        '] }, "government"]'
    ).replace("WHEN", 'when = [{ value = "claims.far", is = true }]')
    recoveries = ((0, 10_000, 0), (300, 20_000, 0), (600, 6_001, 0))
    portfolio = ledger(Case(60_000, 40_000, 0, 0, far, recoveries))
    chosen = policy(Rule(rule))
    year = assess(portfolio, chosen, 2022)
    for party, expected_parts in parts.items():
        got = [float(each) for each in year.returns[f"to_{party}"]]
        assert got == expected_parts
    recomputed(year.explain("c1").recoveries)
    cost = compare(portfolio, [chosen], [2022]).institutions.to_dict("records")[0]
    assert float(cost["returned_to_government"]) == sum(parts["government"])
