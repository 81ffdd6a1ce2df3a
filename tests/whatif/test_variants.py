"""A policy file with other values: what changes in it, and what is refused."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from compensation import PolicyFaults, list_policies, load_policy
from compensation.policy.reading import parse
from compensation.record.policies import policy_difference
from compensation.whatif.variants import find, paths, setting_of, vary

JIYUAN = load_policy("jiyuan-2022")


def faults(*settings: str) -> list[tuple[str, str]]:
    with pytest.raises(PolicyFaults) as refused:
        vary(JIYUAN, settings)
    return [(fault.kind, fault.key) for fault in refused.value.faults]


@pytest.mark.parametrize("policy", list_policies())
def test_every_path_of_a_file_leads_to_its_value(policy: str) -> None:
    data = parse(load_policy(policy).text, policy)
    for path, value in paths(data):
        place = find(data, path)
        assert place is not None, path
        assert place.value is value, path


@pytest.mark.parametrize("policy", list_policies())
def test_a_file_without_changes_stays_as_it_is(policy: str) -> None:
    chosen = load_policy(policy)
    assert vary(chosen, []).policy is chosen
    year = chosen.rules.effective.from_.year + 1
    if chosen.rules.effective.to is None:
        assert vary(chosen, [], [year]).policy is chosen


def test_a_change_changes_that_value_and_says_that_it_is_assumed() -> None:
    varied = vary(JIYUAN, ["claim_conditions[borrower_exposure].at_most=3_000_000"]).policy
    found = policy_difference(JIYUAN, varied)
    assert [(each.key, each.first, each.second) for each in found.figures] == [
        ("claim_conditions[borrower_exposure].at_most", "5000000", "3000000")
    ]
    condition = next(c for c in varied.rules.claim_conditions if c.id == "borrower_exposure")
    assert condition.basis == "assumption"
    assert condition.said.zh.startswith("测算：at_most 由 5_000_000 改为 3_000_000；单户")
    assert condition.said.en.startswith("what if: at_most 3_000_000 instead of 5_000_000; ")


def test_elements_go_by_id_or_number_and_texts_need_no_quotes() -> None:
    by_number = vary(JIYUAN, ["claim_conditions[3].at_most=1", "returns.costs=gross"])
    assert by_number.policy.rules.claim_conditions[2].at_most == 1
    assert by_number.policy.rules.returns.costs == "gross"
    nested = vary(JIYUAN, ["rates.tiers[1].when[4].at_most=0.03"]).policy
    assert nested.rules.rates.tiers[0].when[3].at_most == Decimal("0.03")
    assert nested.rules.rates.tiers[0].basis == "assumption"


def test_the_file_that_is_kept_gives_the_same_policy(tmp_path: Path) -> None:
    varied = vary(JIYUAN, ["rates.tiers[2].rate=0.12"], [2021, 2024]).policy
    file = tmp_path / "varied.toml"
    file.write_text(varied.text, "utf-8")
    assert load_policy(file).digest == varied.digest
    assert "# 把握程度" in varied.text


def test_a_policy_is_in_force_in_every_year_only_if_asked() -> None:
    effective = vary(JIYUAN, [], [2024, 2021]).policy.rules.effective
    assert effective.from_ == datetime.date(2021, 1, 1)
    assert effective.to == datetime.date(2024, 12, 31)
    assert vary(JIYUAN, [], [2022]).policy is JIYUAN


def test_what_is_wrong_with_settings_is_said_at_once() -> None:
    assert faults("rates.tier[2].rate=0.12", "rates.tiers[2].rate=x", "rates.tiers[2].rate=1") == [
        ("unknown_path", "rates.tier[2].rate"),
        ("value_kind", "rates.tiers[2].rate"),
        ("setting_twice", "rates.tiers[2].rate"),
    ]
    with pytest.raises(PolicyFaults, match=r"是否为 rates\.tiers\[2\]\.rate"):
        vary(JIYUAN, ["rates.tier[2].rate=0.12"])


@pytest.mark.parametrize(
    ("setting", "kind", "key"),
    [
        ("rates.tiers[0].rate=0.1", "unknown_path", "rates.tiers[0].rate"),
        ("rates.tiers[4].rate=0.1", "unknown_path", "rates.tiers[4].rate"),
        ("rates.tiers[2].rate.=0.1", "unknown_path", "rates.tiers[2].rate."),
        ("rates.tiers[2].rate=true", "value_kind", "rates.tiers[2].rate"),
        ("rates.tiers[2].rate=0.1\nformat = 3", "value_kind", "rates.tiers[2].rate"),
        ("effective.to=2022-13-01", "value_kind", "effective.to"),
        ("caps[borne].at_most=5", "value_kind", "caps[borne].at_most"),
    ],
)
def test_paths_and_values_that_do_not_fit_the_file(setting: str, kind: str, key: str) -> None:
    assert faults(setting) == [(kind, key)]


def test_a_value_is_checked_as_the_file_is() -> None:
    with pytest.raises(PolicyFaults) as refused:
        vary(JIYUAN, ["rates.tiers[2].rate=0.25"])
    (fault,) = refused.value.faults
    assert (fault.file, fault.key) == ("jiyuan-2022.toml", "rates.tiers[2].rate")
    assert "rates.bounds" in fault.message.zh


@pytest.mark.parametrize("text", ["rates", "=1", "rates.tiers[1].rate=", " = "])
def test_a_setting_is_a_path_and_a_value(text: str) -> None:
    with pytest.raises(PolicyFaults):
        setting_of(text)


def test_days_are_set_only_where_they_count() -> None:
    with pytest.raises(PolicyFaults, match="--strict-dates"):
        vary(JIYUAN, ["effective.to=2023-12-31"], [2022])
    assert vary(JIYUAN, ["effective.to=2023-12-31"]).policy.rules.effective.to is not None
