"""What a settlement refuses, what it lets through but says, and what its figures leave out."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from compensation import InputFaults, load_policy, settle
from compensation.ledger.as_of import as_of
from compensation.policy.catalogue import policy_of_texts
from tests.oracle_reading import Tables
from tests.settling import POLICIES, input_of, portfolio_of, results_of, settled, trial


def refused(*arguments: Any, tables: Tables | None = None, **options: Any) -> list[str]:
    """The kinds of faults of a settlement, and its messages in English."""
    with pytest.raises(InputFaults) as wrong:
        settle(portfolio_of(tables or input_of("trial-1")), *arguments, **options)
    return [f"{fault.kind}: {fault.message.en}" for fault in wrong.value.faults]


def policy(changes: dict[str, str], id_: str = "trial-2024") -> Any:
    """A policy of the examples with some of its text changed."""
    text = (POLICIES / f"{id_}.toml").read_text("utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return policy_of_texts({"policy.toml": text})


def test_the_period_must_not_be_reversed() -> None:
    (fault,) = refused(trial(), "2024-12-31", "2025-01-01")
    assert fault.startswith("period_reversed: ")
    assert "2025-01-01, after its end on 2024-12-31" in fault
    assert settled(input_of("trial-1"), "2024-12-31", "2024-12-31").from_ == datetime.date(
        2024, 12, 31
    )


@pytest.mark.parametrize("day", ["2024-02-30", "20241231x", "", "yesterday"])
def test_a_day_must_be_a_date(day: str) -> None:
    assert refused(trial(), day)[0].startswith("as_of: ")
    assert refused(trial(), "2024-12-31", day)[0].startswith("as_of: ")
    assert len(refused(trial(), day, day)) == 2


def test_a_ledger_of_an_earlier_day_is_not_settled_later() -> None:
    earlier = as_of(portfolio_of(input_of("trial-1")), "2023-12-31")
    with pytest.raises(InputFaults, match="2023-12-31"):
        settle(earlier, trial(), "2024-12-31")
    whole = settled(input_of("trial-1"), "2022-12-31")
    assert results_of(settle(earlier, trial(), "2022-12-31")) == results_of(whole)
    assert settle(earlier, trial(), "2022-12-31").input_digest == whole.input_digest


def test_policies_must_not_be_in_force_on_the_same_day() -> None:
    both = [*trial(), policy({'id = "trial-2024"': 'id = "other"', "2024-01-01": "2023-12-31"})]
    faults = refused(both, "2024-12-31")
    said = "both_in_force: policies {} and other are both in force from {} to {}".format
    assert faults == [
        said("trial-2022", "2023-12-31", "2023-12-31"),
        said("trial-2024", "2024-01-01", "(no end given)"),
    ]


def test_policies_must_have_different_ids_and_one_trigger() -> None:
    first, second = trial()
    assert refused([first, first], "2024-12-31")[0].startswith("same_policy_id: ")
    column = (
        '[[columns]]\ntable = "claims"\nname = "filed"\nheading = "申报日期"\ntype = "date"\n'
        'required = true\nnote = { zh = "申报", en = "filed" }\n\n[trigger]\n'
    )
    filed = policy(
        {"[trigger]\n": column, '"claims.payout_date"\nclause': '"claims.filed"\nclause'}
    )
    tables = input_of("trial-1")
    for row in tables["claims"]:
        row["filed"] = row["payout_date"]
    (fault,) = refused([first, filed], "2024-12-31", tables=tables)
    assert fault.startswith("different_triggers: ")
    assert "claims.filed" in fault
    assert refused([], "2024-12-31")[0].startswith("no_policy: ")
    assert second.id == "trial-2024"


def test_a_column_that_policies_declare_differently_is_refused() -> None:
    columns = (
        '[[columns]]\ntable = "claims"\nname = "filed"\nheading = "{}"\ntype = "date"\n'
        'note = {{ zh = "申报", en = "{}" }}\n\n[trigger]\n'
    )

    def both(heading: str) -> list[Any]:
        return [
            policy({"[trigger]\n": columns.format("申报日期", "filed")}, "trial-2022"),
            policy({"[trigger]\n": columns.format(heading, "a note of its own")}),
        ]

    (fault,) = refused(both("受理日期"), "2024-12-31")
    assert fault.startswith("declared_differently: ")
    assert len(settled(input_of("trial-1"), "2024-12-31", policies=both("申报日期")).settlement)


def test_a_budget_needs_one_way_to_share_it() -> None:
    first = trial()[0]
    method = 'method = "first_come"\norder = "claims.payout_date"'
    other = policy({'method = "pro_rata"': method})
    (fault,) = refused([first, other], "2024-12-31", budget="5")
    assert fault.startswith("budget_methods_differ: ")
    assert "trial-2022, trial-2024" in fault
    assert len(settled(input_of("trial-1"), "2024-12-31", policies=[first, other]).settlement)


@pytest.mark.parametrize("budget", ["-1", "0.001", "much", 1.5])
def test_a_budget_is_an_amount(budget: object) -> None:
    assert refused(trial(), "2024-12-31", budget=budget)[0].startswith("budget: ")


def test_everything_that_is_wrong_is_said_at_once() -> None:
    faults = refused([*trial(), trial()[0]], "2023-12-31", "2024-12-31", budget="-1")
    assert {fault.partition(":")[0] for fault in faults} == {
        *("period_reversed", "budget", "same_policy_id"),
    }


def test_only_a_portfolio_is_settled() -> None:
    with pytest.raises(TypeError, match="Portfolio"):
        settle(input_of("trial-1"), trial(), "2024-12-31")  # type: ignore[arg-type]


def test_opening_figures_need_their_year_where_several_are_decided() -> None:
    tables = input_of("trial-1")
    tables["institutions"][0] |= {"opening_balance": "1000000", "opening_year": ""}
    (fault,) = refused(trial(), "2023-12-31", tables=tables)
    assert fault.startswith("opening_without_year: ")
    assert "2022, 2023" in fault
    assert len(settled(tables, "2022-12-31").settlement)
    tables["institutions"][0]["opening_year"] = "2022"
    assert len(settled(tables, "2023-12-31").settlement)


def test_more_than_the_beneficiary_bore_is_a_fault_also_after_the_day() -> None:
    tables = input_of("trial-1")
    late = {"payment_id": "P9", "claim_id": "A", "payment_date": "2030-01-01", "amount": "50000.01"}
    tables["payments"].append(late)
    (fault,) = refused(trial(), "2022-12-31", tables=tables)
    assert fault.startswith("paid_above_borne: ")
    tables["payments"][-1]["amount"] = "50000"
    assert len(settled(tables, "2022-12-31").settlement)


def test_a_day_before_every_claim_gives_empty_tables_and_says_so() -> None:
    found = settled(input_of("trial-1"), "2022-05-09")
    rows = results_of(found)
    assert rows["settlement"] == []
    assert len(found.settlement.columns) == 28
    assert {row["claims"] for row in rows["settlement_institutions"]} == {"0"}
    assert any("no claim was paid out" in note.en for note in found.notes)
    assert settled(input_of("trial-1"), "2015-01-01").summary["totals"]["claims"] == 0


@pytest.mark.parametrize("table", ["payments", "remittances", "pool"])
def test_a_table_that_is_not_there_is_said(table: str) -> None:
    tables = input_of("trial-1")
    assert not settled(tables, "2024-12-31").notes
    del tables[table]
    found = settled(tables, "2024-12-31")
    assert [f"has no table {table}" in note.en for note in found.notes] == [True]
    assert found.summary["notes"][0]["message"] == found.notes[0].zh


def _closed(tables: Tables, day: str) -> None:
    next(row for row in tables["claims"] if row["claim_id"] == "A")["closed_date"] = day


def _entry(kind: str, amount: str) -> Callable[[Tables], None]:
    def change(tables: Tables) -> None:
        row = {"entry_id": "new", "entry_date": "2024-12-31", "kind": kind, "amount": amount}
        tables["pool"].append(row)

    return change


@pytest.mark.parametrize(
    ("kind", "triggers", "near"),
    [
        (
            "paid_after_closed",
            lambda tables: _closed(tables, "2023-07-10"),
            lambda tables: _closed(tables, "2023-07-11"),
        ),
        ("negative_closing", _entry("fee", "47543.46"), _entry("fee", "47543.45")),
        ("negative_available", _entry("fee", "81543.46"), _entry("fee", "81543.45")),
    ],
)
def test_a_warning_has_a_case_and_a_near_one_without(
    kind: str, triggers: Callable[[Tables], None], near: Callable[[Tables], None]
) -> None:
    def kinds(change: Callable[[Tables], None]) -> set[str]:
        tables = input_of("trial-1")
        change(tables)
        return {group.kind for group in settled(tables, "2024-12-31").warnings.groups}

    assert kind in kinds(triggers)
    assert kind not in kinds(near)


def test_the_pool_is_named_with_grouped_digits() -> None:
    tables = input_of("trial-1")
    _entry("fee", "1234567.89")(tables)
    groups = {group.kind: group for group in settled(tables, "2024-12-31").warnings.groups}
    assert "-1,187,024.44 元" in groups["negative_closing"].message.zh
    assert "-1,153,024.44 yuan" in groups["negative_available"].message.en


def test_a_ledger_without_entries_of_the_pool_has_no_balance_that_could_be_negative() -> None:
    tables = input_of("trial-1")
    tables["pool"] = []
    emptied = settled(tables, "2024-12-31")
    assert not any(group.kind.startswith("negative") for group in emptied.warnings.groups)
    del tables["pool"]
    without = settled(tables, "2024-12-31")
    assert not any(group.kind.startswith("negative") for group in without.warnings.groups)
    assert any("资金池收支表从零开始" in note.zh for note in without.notes)
    assert without.pool_statement.equals(emptied.pool_statement)


def test_a_recall_after_the_closing_is_no_payment() -> None:
    tables = input_of("trial-1")
    _closed(tables, "2023-07-11")
    recalled = {"payment_id": "P9", "claim_id": "A", "payment_date": "2023-08-01", "amount": "1"}
    tables["payments"].append(recalled | {"kind": "recalled"})
    groups = settled(tables, "2024-12-31").warnings.groups
    assert "paid_after_closed" not in {group.kind for group in groups}


def test_policy_files_and_ids_are_taken_too() -> None:
    path: Path = POLICIES / "trial-2022.toml"
    ledger = portfolio_of(input_of("trial-1"))
    by_path, loaded = settle(ledger, path, "2022-12-31"), load_policy(path)
    assert by_path.policies == (loaded,)
    assert settle(ledger, "jiyuan-2022", "2022-12-31").policies[0].id == "jiyuan-2022"


def test_claims_for_which_nothing_is_decided_are_said() -> None:
    """None of them is passed over: with a policy of 2024 alone, four claims are of earlier days."""
    found = settle(portfolio_of(input_of("trial-1")), trial()[1], "2024-06-30")
    said = [note.en for note in found.notes]
    statuses = found.settlement["status"].tolist()
    assert [statuses.count(status) for status in ("not_covered", "year_open")] == [4, 1]
    assert [note.split(":")[1].split(";")[0] for note in said] == [" 4", " 1"]
    assert "not_covered" in said[0]
    assert "year_open" in said[1]
