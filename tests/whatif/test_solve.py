"""The value of a path that meets a target: beside trying every value."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import compensation.whatif.solve as module
from compensation import InputFaults, PolicyFaults, assess, load_policy, read_portfolio, solve
from compensation.policy.kinds import Kind
from compensation.whatif.adjustable import adjustable, kind_at
from compensation.whatif.solve import Solution, Target, target_of
from compensation.whatif.variants import vary

LEDGER = read_portfolio(Path(__file__).parents[2] / "examples" / "jiyuan-2022.xlsx")
JIYUAN = load_policy("jiyuan-2022")
RATE, EXPOSURE = "rates.tiers[2].rate", "claim_conditions[borrower_exposure].at_most"


def solved(path: str, target: str, **options: str) -> Solution:
    return solve(LEDGER, "jiyuan-2022", [2022], path, target, **options)  # type: ignore[arg-type]


def compensation(path: str, value: Decimal) -> int:
    policy = vary(JIYUAN, [f"{path}={value:f}"]).policy
    return int(assess(LEDGER, policy, 2022).decisions.compensation.sum())


@pytest.mark.slow
@pytest.mark.parametrize("yuan", ["149949.19", "149949.20", "149949.21"])
def test_the_last_value_that_meets_a_limit_is_found_to_the_fen(yuan: str) -> None:
    found = solved(RATE, f"compensation<={yuan}")
    values = [Decimal(n).scaleb(-4) for n in range(1095, 1105)]
    limit = int(Decimal(yuan) * 100)
    expected = max(value for value in values if compensation(RATE, value) <= limit)
    assert found.met
    assert found.monotone
    assert found.value == expected
    for probe in (found.below, found.found, found.above):
        assert probe is not None
        assert probe.figure == compensation(RATE, probe.value)
    assert found.below is not None
    assert found.below.value == expected - Decimal("0.0001")
    assert found.above is not None
    assert found.above.figure > limit


@pytest.mark.slow
def test_an_amount_goes_to_the_fen() -> None:
    found = solved(EXPOSURE, "compensation<=150000")
    assert str(found.value) == "299999.99"
    assert found.above is not None
    assert found.above.figure > 15_000_000


@pytest.mark.slow
def test_at_least_is_met_by_the_least_value() -> None:
    found = solved(RATE, "compensation>=149949.20")
    assert (found.met, str(found.value)) == (True, "0.1100")


@pytest.mark.slow
def test_the_range_ends_where_the_checks_of_a_file_do() -> None:
    found = solved(RATE, "compensation<=1")
    assert (found.low, found.high) == (Decimal("0.1"), Decimal("0.2"))
    assert (found.met, found.value, found.below) == (False, Decimal("0.1"), None)
    assert [variant.name for variant in found.comparison.variants][1:] == [
        "jiyuan-2022 rates.tiers[2].rate=0.1"
    ]


@pytest.mark.slow
def test_a_value_that_meets_it_already_stays() -> None:
    found = solved("institution_conditions[payout_rate].at_most", "eligible_claims>=1")
    assert (found.met, found.value) == (True, Decimal("0.05"))
    assert len(found.comparison.variants) == 1


@pytest.mark.slow
def test_a_figure_that_rises_and_falls_is_tried_on_a_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    def sums(outcome: object) -> dict[str, int]:
        rate = outcome.decided.policy.rules.rates.tiers[1].rate  # type: ignore[attr-defined]
        return {"compensation": 1000 - abs(int(rate * 10_000) - 1500)}

    monkeypatch.setattr(module, "sums_of", sums)
    found = solved(RATE, "compensation>=9.90")
    assert not found.monotone
    assert found.met
    assert len(found.tried) > 100


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (RATE, Kind.RATIO),
        (EXPOSURE, Kind.MONEY),
        ("institution_conditions[balance_growth].at_least", Kind.RATIO),
        ("rates.tiers[1].when[4].at_most", Kind.RATIO),
        ("rates.bounds.at_most", Kind.RATIO),
        ("indicators[single_ticket_share].value.over[1].where[2].at_most", Kind.MONEY),
    ],
)
def test_what_kind_of_number_a_path_names(path: str, kind: Kind) -> None:
    assert kind_at(JIYUAN, path) is kind


def test_kinds_in_other_files() -> None:
    chongqing = load_policy("chongqing-small-loans")
    assert kind_at(chongqing, "claim_conditions[filed].at_least") is Kind.DAYS
    assert kind_at(chongqing, "caps[small_enterprise].at_most") is Kind.MONEY
    assert kind_at(chongqing, "claim_conditions[loan_rate].at_most.times[2]") is Kind.NUMBER
    assert kind_at(chongqing, "payers[city].share") is Kind.RATIO


def test_targets() -> None:
    assert target_of("compensation<=500000") == Target(
        "compensation", at_most=True, value=50_000_000
    )
    assert target_of(" eligible_claims >= 3 ") == Target("eligible_claims", False, 3)
    for text in ("compensation=5", "cost<=5", "compensation<=-1", "claims<=1.5", "payable<=0.001"):
        with pytest.raises(PolicyFaults):
            target_of(text)


def test_what_cannot_be_solved_for() -> None:
    with pytest.raises(PolicyFaults, match="这一项不是数"):
        solved("budget.method", "compensation<=1")
    with pytest.raises(PolicyFaults, match="是否为 rates"):
        solved("rates.tier[2].rate", "compensation<=1")
    with pytest.raises(InputFaults):
        solve(LEDGER, "jiyuan-2022", [1999], RATE, "compensation<=1")


def test_numbers_that_can_be_changed_say_what_they_are() -> None:
    found = {each.path: each for each in adjustable(JIYUAN)}
    assert (found[RATE].value, found[RATE].label.zh) == (Decimal("0.15"), "补偿比例")
    assert found[RATE].element.zh == "补偿档次（第 2 档）"
    assert found[EXPOSURE].label.zh == "单户担保余额不超过 500 万元"
    assert found[EXPOSURE].element.zh == "代偿条件"
    assert "effective.from" not in found
    assert not any(path.startswith("indicators") for path in found)
