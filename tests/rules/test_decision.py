"""Rates with additions and bounds, and caps on groups over years, against loops over the claims."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from compensation.ledger.portfolio import NO_DAY
from compensation.policy.catalogue import Policy, load_policy
from compensation.policy.variables import INSTITUTION
from compensation.rules import decision
from compensation.rules.caps import cap_name
from compensation.rules.compensation import budget_turn, decide
from compensation.rules.conditions import effective_days, holding
from compensation.rules.decision import (
    NO_RATE_DECIDED,
    NO_TIER,
    Cases,
    examine,
    judge,
    rate_is_institutions,
    rates_of,
)
from compensation.rules.quantities import Evaluator
from compensation.rules.variables import Variable
from compensation.schema.choices import BORROWER_TYPES
from compensation.schema.column import ColumnType
from tests.rules.naive import integers

INVENTED = Path(__file__).parent.parent / "policy" / "invented"
APPROVED, REJECTED, PENDING = 0, 1, 2
PER = {
    "borrower": ("contracts.institution_id", "contracts.borrower_id"),
    "institution": ("contracts.institution_id",),
    "programme": (),
}


def variant(folder: Path, name: str, *changes: tuple[str, str]) -> Policy:
    """An invented policy with some of its text changed."""
    text = (INVENTED / f"{name}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "variant.toml"
    path.write_text(text, encoding="utf-8")
    return load_policy(path)


def changed(policy: Policy, **rules: Any) -> Policy:
    """The policy with other rules and digest: what a policy needs is remembered by its digest."""
    made = replace(policy.rules, **rules)
    return replace(policy, rules=made, digest=repr(made))


def additions() -> dict[str, Variable]:
    """Four contracts: neither addition, the one, the other, both."""
    types = [choice.value for choice in BORROWER_TYPES]
    other, farmer = types.index("other"), types.index("farmer")
    sure = np.ones(4, dtype=np.bool_)
    return {
        "contracts.first_loan": Variable(integers([0, 1, 0, 1]), sure, None, ColumnType.BOOLEAN),
        "contracts.borrower_type": Variable(
            integers([other, other, farmer, farmer]), sure, None, ColumnType.CHOICE, tuple(types)
        ),
    }


@pytest.mark.parametrize(
    ("points", "rates"),
    [
        ("0.05", [200_000, 250_000, 230_000, 280_000]),
        ("0.0699", [200_000, 269_900, 230_000, 299_900]),
        ("0.07", [200_000, 270_000, 230_000, 300_000]),
    ],
)
def test_additions_up_to_the_documents_bound(tmp_path: Path, points: str, rates: list[int]) -> None:
    """A policy whose additions could pass the bound is refused when it is loaded."""
    policy = variant(tmp_path, "additions", ("points = 0.05", f"points = {points}"))
    assert rates_of(policy, integers([0] * 4), additions()).tolist() == rates
    assert rates_of(policy, integers([-1] * 4), additions()).tolist() == [0] * 4, "no tier"


def test_no_rate_is_above_the_documents_bound() -> None:
    """Nor where the policy was made in memory, which nobody checks."""
    policy = load_policy(INVENTED / "additions.toml")
    bounds = policy.rules.rates.bounds
    assert bounds is not None
    lower = replace(policy.rules.rates, bounds=replace(bounds, at_most=Decimal("0.24")))
    policy = changed(policy, rates=lower)
    rates = rates_of(policy, integers([0] * 4), additions())
    assert rates.tolist() == [200_000, 240_000, 230_000, 240_000]


def cases(seed: int, policy: Policy) -> Cases:
    """Forty approved, rejected and pending claims of three borrowers at two institutions."""
    source = np.random.default_rng(seed)
    rows = 40
    borrower = source.integers(0, 3, rows)
    groups = {
        PER["borrower"]: borrower,
        PER["institution"]: borrower % 2,
        PER["programme"]: np.zeros(rows, dtype=np.int64),
    }
    variables = {
        name: Variable(source.integers(0, 2, rows), np.ones(rows, dtype=np.bool_))
        for name in decision.variables_needed(policy)
    }
    variables[INSTITUTION] = Variable(
        (source.random(rows) < 0.9).astype(np.int64), np.ones(rows, dtype=np.bool_)
    )
    return Cases(
        parties=("institution",),
        variables=variables,
        principal=source.integers(1, 10**8, rows),
        interest=source.integers(0, 10**6, rows),
        shares=np.full((rows, 1), 1_000_000),
        reviews=(
            source.choice([APPROVED, APPROVED, REJECTED, PENDING], rows),
            source.choice([APPROVED, APPROVED, APPROVED, REJECTED], rows),
        ),
        compensation_paid=np.zeros(rows, dtype=np.int64),
        institution=borrower % 2,
        day=source.integers(100, 104, rows),
        rank=source.permutation(rows),
        groups=groups,
        earlier={
            cap.id: source.integers(0, 10**7, 3)[groups[cap.per]]
            for cap in policy.rules.caps
            if cap.per is not None
        },
    )


@pytest.mark.parametrize("name", ["cap-per-borrower", "cap-per-institution", "cap-per-programme"])
@pytest.mark.parametrize("amount", ["10_000", "400_000", "3_000_000", "90_000_000"])
@pytest.mark.parametrize("over", ["count_up_to", "refuse"])
def test_a_cap_on_a_group(name: str, amount: str, over: Literal["count_up_to", "refuse"]) -> None:
    policy = load_policy(INVENTED / f"{name}.toml")
    (cap,) = [cap for cap in policy.rules.caps if cap.per is not None]
    other = replace(cap, at_most=Decimal(amount), exceeding=over)
    policy = changed(policy, caps=tuple(other if own is cap else own for own in policy.rules.caps))
    for seed in range(6):
        check_cap(cases(seed, policy), policy, name.rpartition("-")[2], over)


def check_cap(given: Cases, policy: Policy, per: str, over: str) -> None:
    """One claim after another, by day and then by id; rejected ones take nothing of the cap."""
    uncapped = changed(policy, caps=tuple(c for c in policy.rules.caps if c.per is None))
    before, after = decide(uncapped, given), decide(policy, given)
    (cap,) = [c for c in policy.rules.caps if c.per is not None]
    assert cap.per == PER[per]
    assert isinstance(cap.at_most, Decimal)
    group = given.groups[PER[per]]
    left: dict[int, int] = {}
    for row, of in enumerate(group.tolist()):
        paid = int(given.earlier[cap.id][row]) if cap.years == "all" else 0
        left[of] = max(0, int(cap.at_most) * 100 - paid)
    for row in np.lexsort((given.rank, given.day)).tolist():
        of, wanted = int(group[row]), int(before.compensation[row])
        rejected = any(review[row] == REJECTED for review in given.reviews)
        if over == "refuse":
            expected = wanted if wanted <= left[of] else 0
        else:
            expected = min(wanted, left[of])
        if not rejected:
            left[of] -= expected
        assert int(after.compensation[row]) == expected, (row, wanted, left)
        refused = over == "refuse" and wanted > expected
        assert bool(after.eligible[row]) == (bool(before.eligible[row]) and not refused)


def test_the_steps_say_what_each_cap_let_through() -> None:
    """One cap on each claim, one on each borrower."""
    policy = load_policy(INVENTED / "cap-per-borrower.toml")
    given = cases(1, policy)
    made = decide(policy, given)
    shared_and_used = 0
    for row in np.flatnonzero(made.eligible).tolist():
        value = {step.name: step.value(row) for step in made.steps.at(row)}
        before = value["compensation_at_rate"]
        for cap in policy.rules.caps:
            name = cap_name(cap)
            after = value[f"compensation_after_{name.removeprefix('cap_')}"]
            used = value.get(f"used_{name}", 0)
            assert (f"used_{name}" in value) == (cap.per is not None)
            assert after <= before
            assert 0 <= used <= used + after <= value[name]
            shared_and_used += used > 0
            before = after
        assert before == value["compensation"] == made.compensation[row]
    assert shared_and_used
    assert made.total_due == int(made.due.sum()) > 0


def test_a_share_of_what_the_beneficiary_bore_may_cap_a_group() -> None:
    policy = load_policy("jiyuan-2022")
    (cap,) = policy.rules.caps
    shared = changed(policy, caps=(replace(cap, per=PER["borrower"]),))
    given = cases(2, shared)
    made, borne = decide(shared, given), decide(policy, given).borne[:, 0]
    for row in np.flatnonzero(made.eligible).tolist():
        (limit,) = (step for step in made.steps.at(row) if step.name == cap_name(cap))
        assert limit.value(row) == borne[row]


# Rates that are decided case by case, and tiers


BOUNDS = 'bounds = { at_least = 0.05, at_most = 0.2, clause = "1", basis = "text"'
BOUNDS += ', note = { zh = "虚构", en = "invented" } }\n'


@pytest.mark.parametrize("name", ["decided-rate", "decided-rate-refused"])
def test_a_decided_rate_around_the_documents_bounds(tmp_path: Path, name: str) -> None:
    """The last rate is blank; the one before it is of a claim that fails another condition."""
    policy = variant(tmp_path, name, ("decided = {", f"{BOUNDS}decided = {{"))
    decided = [49_999, 50_000, 50_001, 199_999, 200_000, 200_001, 1, 0]
    known = np.array([*[True] * 7, False])
    variables = {
        INSTITUTION: Variable(integers([*[1] * 6, 0, 1]), np.ones(8, dtype=np.bool_)),
        "claims.decided_rate": Variable(integers(decided), known, None, ColumnType.SHARE),
    }
    got = examine(Evaluator(policy, variables, 8), integers([0] * 8))
    above = name == "decided-rate-refused"
    refused = [True, False, False, False, False, above, False, True]
    assert got.failed[NO_RATE_DECIDED].tolist() == refused
    assert got.failed["institution"].tolist() == [False] * 6 + [True, False]
    assert got.rate.tolist() == [min(rate, 200_000) for rate in decided]


def test_no_tier_is_a_reason_only_where_nothing_else_is(tmp_path: Path) -> None:
    policy = variant(tmp_path, "tiers-by-exposure", ("hit = ", 'otherwise = "ineligible"\nhit = '))
    variables = {INSTITUTION: Variable(integers([1, 1, 1, 0]), np.ones(4, dtype=np.bool_))}
    got = examine(Evaluator(policy, variables, 4), integers([0, 1, -1, -1]))
    assert got.failed[NO_TIER].tolist() == [False, False, True, False]


THEIRS_ALONE = {
    "tiers-by-growth": True,
    "tiers-by-indicator": True,
    "base-principal": True,  # one tier without a test
    "tiers-by-exposure": False,
    "tiers-by-sector": False,
    "decided-rate": False,
    "decided-rate-refused": False,
    "additions": False,
}


@pytest.mark.parametrize(("name", "alone"), THEIRS_ALONE.items())
def test_whose_the_tier_is(name: str, alone: bool) -> None:
    """An institution has no tier where its claims decide it, one by one."""
    policy = load_policy(INVENTED / f"{name}.toml")
    assert rate_is_institutions(policy) is alone
    sure = np.ones(2, dtype=np.bool_)
    growing = Variable(integers([1, 1]), sure, integers([1, 1]))
    variables = {
        name: Variable(integers([1, 1]), sure)
        if name == "institutions.government_backed"
        else growing
        for name in decision.variables_needed(policy)
    }
    tier = judge(policy, variables, 2).tier
    assert tier.dtype == np.int64
    if not alone:
        assert tier.tolist() == [-1, -1]


def test_who_comes_first_by_the_policys_column_or_by_the_day_of_the_trigger() -> None:
    policy = load_policy(INVENTED / "budget-first-come.toml")
    given = cases(1, policy)
    accepted = given.variables["claims.accepted_on"]
    blank = accepted._replace(known=np.arange(len(accepted.known)) > 0)
    given = given._replace(variables={**given.variables, "claims.accepted_on": blank})
    day = budget_turn(policy, given, 2022)
    assert day[1:].tolist() == accepted.numerator[1:].tolist()
    assert day[0] == NO_DAY, "what has not come is last"
    unordered = changed(policy, budget=replace(policy.rules.budget, order=None))
    assert budget_turn(unordered, given, 2022).tolist() == given.day.tolist()


# What a policy looks at


PAYOUT = {"claims.payout_date": ["trigger"]}
INSTITUTIONS = {
    "institutions.government_backed": ["government_backed"],
    INSTITUTION: ["institution"],
}


@pytest.mark.parametrize(
    ("name", "looked_at"),
    [
        ("additions", {"contracts.first_loan": ["first_loan"]}),
        ("additions", {"contracts.borrower_type": ["agricultural"]}),
        ("base-net-of-recoveries", {"claims.recovered_before": ["base"]}),
        ("base-net-of-recoveries", {"claims.deposit": ["base"]}),
        ("budget-first-come", {"claims.accepted_on": ["budget"]}),
        ("cap-all-levels", {"claims.provincial_aid": ["all_levels"]}),
        ("decided-rate", {"indicator.small_agri_share": ["rates.tiers[1]"]}),
        ("decided-rate", {"claims.decided_rate": ["rates.decided"]}),
        ("indicator-variants", {"contracts.borrower_balance": ["single_ticket_share"]}),
        (
            "indicator-variants",
            {"contracts.borrower_type": ["new_small_agri_share", "small_agri_growth", "farmers"]},
        ),
        ("tiers-by-indicator", {"indicator.payout_rate": ["rates.tiers[1]", "rates.tiers[2]"]}),
    ],
)
def test_what_a_policy_looks_at_and_what_for(name: str, looked_at: dict[str, list[str]]) -> None:
    needed = decision.variables_needed(load_policy(INVENTED / f"{name}.toml"))
    assert needed.items() >= {**INSTITUTIONS, **looked_at, **PAYOUT}.items()


def test_what_a_policys_own_indicators_count_by_can_be_left_out() -> None:
    policy = load_policy(INVENTED / "indicator-variants.toml")
    both = decision.variables_needed(policy), decision.variables_needed(policy, measures=False)
    assert both[0].keys() - both[1].keys() == {
        "contracts.borrower_type",
        "contracts.borrower_balance",
    }


def test_tests_by_what_they_belong_to() -> None:
    tests = decision.tests_by_id(load_policy("jiyuan-2022"))
    assert list(tests) == [
        *("government_backed", "small_agri_share", "balance_growth", "borrower_growth"),
        *("payout_rate", "institution", "borrower_type", "borrower_exposure", "payout_date"),
        *("rates.tiers[1]", "rates.tiers[2]", "rates.tiers[3]"),
    ]
    assert [len(found) for found in tests.values()] == [1] * 9 + [4, 4, 0]
    assert len(decision.tests_by_id(load_policy("luoyang-2025"))["borrower_type"]) == 1


def test_a_condition_of_institutions_and_one_of_claims_may_share_an_id() -> None:
    policy = load_policy("jiyuan-2022")
    first, second = policy.rules.institution_conditions[0], policy.rules.claim_conditions[1]
    same = changed(policy, claim_conditions=(replace(second, id=first.id),))
    assert decision.tests_by_id(same)[first.id] == (first, replace(second, id=first.id))


def test_without_conditions_every_institution_qualifies() -> None:
    policy = load_policy("jiyuan-2022")
    nothing = changed(policy, institution_conditions=())
    sure = np.ones(2, dtype=np.bool_)
    variables = {
        name: Variable(integers([0, 0]), sure, integers([1, 1]))
        for name in decision.variables_needed(nothing)
    }
    verdicts = judge(nothing, variables, 2)
    assert verdicts.eligible.dtype == np.bool_
    assert verdicts.eligible.tolist() == [True, True]


def test_whether_an_institution_qualifies_is_a_whole_number() -> None:
    variable = decision.institution_variable(np.array([True, False]))
    assert variable.numerator.dtype == np.int64
    assert variable.numerator.tolist() == [1, 0]


def test_what_holds_looks_at_series_and_at_the_effective_days() -> None:
    policy = load_policy("luoyang-2025")
    tests = [c for c in policy.rules.claim_conditions if c.id in ("loan_rate", "payout_date")]
    assert len(tests) == 2
    first, _ = effective_days(policy)
    sure = np.ones(3, dtype=np.bool_)
    variables = {
        "contracts.loan_rate": Variable(
            integers([30_000, 990_000, 30_000]), sure, None, ColumnType.SHARE
        ),
        "contracts.start_date": Variable(integers([first] * 3), sure, None, ColumnType.DATE),
        "contracts.loan_term_months": Variable(integers([12] * 3), sure, None, ColumnType.COUNT),
        "claims.payout_date": Variable(
            integers([first, first, first - 1]), sure, None, ColumnType.DATE
        ),
    }
    assert holding(tests, Evaluator(policy, variables, 3)).tolist() == [True, False, False]


def test_a_policy_without_an_end_covers_every_later_day() -> None:
    policy = load_policy("jiyuan-2022")
    first, last = effective_days(policy)
    assert last - first == 364
    policy = changed(policy, effective=replace(policy.rules.effective, to=None))
    assert effective_days(policy) == (first, NO_DAY)
