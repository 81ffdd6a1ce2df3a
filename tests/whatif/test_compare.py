"""Variants compared: their figures are those of `assess` with the variant's file, cell by cell."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compensation import (
    InputFaults,
    Policy,
    PolicyFaults,
    assess,
    compare,
    load_policy,
    read_portfolio,
)
from compensation.ledger.portfolio import Portfolio
from compensation.policy.reading import parse
from compensation.results import claims_table
from compensation.whatif.compare import OF_INSTITUTIONS, Comparison, institutions_of
from compensation.whatif.measured import Measured, measured
from compensation.whatif.variants import Variant, paths, vary
from tests.conftest import DEPTH
from tests.ledgers_of_years import random_portfolio
from tests.policy.ledgers_of_policies import ledgers, portfolio
from tests.policy.ledgers_of_records import ledgers_of_records
from tests.settling import portfolio_of

EXAMPLE = Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx"
JIYUAN = load_policy("jiyuan-2022")
OTHERS = [
    *("chongqing-small-loans", "qingdao-2015", "guangzhou-2025"),
    *("fujian-2008", "county-agri-2010", "xiamen-green-2021"),
]


def payout(id_: str) -> bool:
    return load_policy(id_).rules.record == "payout"


FACTORS = [Decimal(2), Decimal("0.5"), Decimal(1), Decimal("0.3")]
"""What a value is multiplied by. A rate's limit ten times as low would make its cells implausible:
`assess` would refuse them.
"""
slow = settings(max_examples=5 * DEPTH, suppress_health_check=list(HealthCheck))


def drawn(source: random.Random, policy: Policy, years: list[int]) -> Variant:
    """A variant with up to three values changed, at random, that the checks of a file let pass."""
    data = parse(policy.text, policy.source)
    numbers = [
        (path, value)
        for path, value in paths(data)
        if isinstance(value, int | Decimal) and not isinstance(value, bool) and path != "format"
    ]
    chosen = source.sample(numbers, k=min(len(numbers), source.randint(1, 3)))
    options = [f"{path}={Decimal(value) * source.choice(FACTORS):f}" for path, value in chosen]
    kept: list[str] = []
    for each in options:
        try:
            vary(policy, [*kept, each], years)
        except PolicyFaults:
            continue
        kept.append(each)
    return vary(policy, kept, years)


def same_as_assessed(
    found: Measured, ledger: Portfolio, policy: Policy, year: int, budget: int | None
) -> None:
    """Hold the figures of a variant against those of `assess` with its file."""
    yuan = None if budget is None else Decimal(budget).scaleb(-2)
    outcome = found.outcome(policy, year, budget)
    run = assess(ledger, policy, year, yuan)
    assert claims_table(outcome.decided).equals(run.tables["claims"])
    institutions = institutions_of(outcome)
    assert institutions.select(OF_INSTITUTIONS).equals(
        run.tables["institutions"].select(OF_INSTITUTIONS)
    )
    rows = run.tables["claims"]["claim_id"].to_pylist()
    of_year = set(rows)
    returned = sum(
        row["to_government"]
        for row in run.tables["returns"].to_pylist()
        if row["claim_id"] in of_year
    )
    total = Decimal(int(outcome.returned.sum())).scaleb(-2)
    assert total == returned
    assert sum(institutions["returned_to_government"].to_pylist()) == returned
    paid = Decimal(int(outcome.paid.sum())).scaleb(-2)
    cost = paid + sum(rows_payable(run.tables["claims"].to_pylist())) - returned
    assert sum(institutions["net_cost"].to_pylist()) == cost


def rows_payable(rows: list[dict[str, Decimal]]) -> list[Decimal]:
    return [row["payable"] for row in rows]


@pytest.mark.slow
@given(st.integers(0, 2**32 - 1), st.sampled_from([None, 0, 12345, 10**9]))
@slow
def test_figures_are_those_of_assess_with_the_file(seed: int, budget: int | None) -> None:
    source = random.Random(seed)
    ledger = portfolio_of(random_portfolio(seed))
    years = [2021, 2022]
    variants = [drawn(source, JIYUAN, years) for _ in range(2)]
    found, _ = measured(ledger, [each.policy for each in variants], years, strict_dates=False)
    for variant in variants:
        for year in years:
            same_as_assessed(found, ledger, variant.policy, year, budget)


@pytest.mark.slow
@given(st.data(), st.sampled_from(OTHERS))
@settings(slow, max_examples=12 * DEPTH)
def test_so_are_those_of_other_policies(data: st.DataObject, id_: str) -> None:
    policy = load_policy(id_)
    drawn_ledger = data.draw(ledgers(id_) if payout(id_) else ledgers_of_records(id_))
    ledger = portfolio(drawn_ledger)
    source = random.Random(data.draw(st.integers(0, 2**32 - 1)))
    years = [drawn_ledger.year]
    variants = [drawn(source, policy, years) for _ in range(2)]
    found, _ = measured(ledger, [each.policy for each in variants], years, strict_dates=False)
    for variant in variants:
        same_as_assessed(found, ledger, variant.policy, years[0], None)


def example(*settings: str, **options: object) -> Comparison:
    return compare(read_portfolio(EXAMPLE), "jiyuan-2022", [2022], settings, **options)  # type: ignore[arg-type]


@pytest.mark.slow
def test_each_change_alone_together_and_what_they_do_only_together() -> None:
    found = example(
        "rates.tiers[2].rate=0.12", "claim_conditions[borrower_exposure].at_most=3000000"
    )
    assert found.changes["variant"].tolist() == [
        *(variant.name for variant in found.variants[1:]),
        "interplay",
    ]
    assert list(map(str, found.changes["compensation"])) == [
        "-37558.54",
        "-37894.50",
        "-67874.14",
        "7578.90",
    ]
    one, other, both, left = found.changes["net_cost"]
    assert one + other + left == both


@pytest.mark.slow
def test_who_switches_and_by_which_condition() -> None:
    found = example("institution_conditions[payout_rate].at_most=0.01")
    claims = found.tables["claims"].to_pylist()
    assert {row["effect"] for row in claims} == {"becomes_ineligible"}
    assert {row["conditions"] for row in claims} == {"institution:payout_rate"}
    assert all(row["rate"] is None and row["compensation"] == 0 for row in claims)
    assert found.totals["claims_switching"].tolist() == [0, len(claims)] == [0, 9]
    back = compare(read_portfolio(EXAMPLE), [found.variants[1], "jiyuan-2022"], [2022]).tables[
        "claims"
    ]
    assert set(back["effect"].to_pylist()) == {"becomes_eligible"}
    assert set(back["conditions"].to_pylist()) == {"institution:payout_rate"}


def test_policies_side_by_side_have_names_of_their_own() -> None:
    found = compare(read_portfolio(EXAMPLE), ["jiyuan-2022", "jiyuan-2022"], [2022])
    assert [variant.name for variant in found.variants] == ["jiyuan-2022", "jiyuan-2022 (2)"]
    assert found.claims.empty


def test_a_year_that_the_policy_does_not_cover() -> None:
    ledger = read_portfolio(EXAMPLE)
    found = compare(ledger, "jiyuan-2022", [2021, 2022])
    assert [str(variant.policy.rules.effective.from_) for variant in found.variants] == [
        "2021-01-01"
    ]
    assert found.totals["year"].tolist()[:2] == [2021, 2022]
    one, other, all_ = found.totals["compensation"]
    assert one + other == all_
    with pytest.raises(InputFaults, match="2021"):
        compare(ledger, "jiyuan-2022", [2021, 2022], strict_dates=True)


def test_years_without_ledger_and_settings_of_several_policies_are_refused() -> None:
    ledger = read_portfolio(EXAMPLE)
    with pytest.raises(InputFaults) as refused:
        compare(ledger, "jiyuan-2022", [2022, 1999, 2050])
    assert [group.kind for group in refused.value.faults.groups] == ["year_without_ledger"] * 2
    with pytest.raises(PolicyFaults, match="--set"):
        compare(ledger, ["jiyuan-2022", "luoyang-2025"], [2022], ["budget.method=first_come"])
    with pytest.raises(InputFaults):
        compare(ledger, ["jiyuan-2022", "fujian-2008"], [2022])


def test_files_of_the_variants_are_kept(tmp_path: Path) -> None:
    found = example("rates.tiers[2].rate=0.12")
    (tmp_path / "kept.toml").write_text(found.texts["variant-2.policy.toml"], "utf-8")
    assert load_policy(tmp_path / "kept.toml").digest == found.variants[1].policy.digest
    assert found.texts["variant-1.policy.toml"] == JIYUAN.text
