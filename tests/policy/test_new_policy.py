"""Policy files made of answers: on a sheet, or one by one."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from compensation.cli.policy_actions import new_policy
from compensation.policy.catalogue import POLICY_TEXT, load_policy, policy_of_texts
from compensation.policy.faults import PolicyFaults
from compensation.policy_tools.new_policy import (
    QUESTIONS,
    Answer,
    policy_of_answers,
    read_answers,
)
from compensation.report.question_sheet import write_questions

ALL: dict[str, Any] = {
    "id": "mine-2025",
    "name": "某市风险补偿",
    "issuer": "某市财政局",
    "title": "某市风险补偿办法",
    "number": "某财〔2025〕1号",
    "from": "2025-01-01",
    "to": "2027年12月31日",
    "payout_rate": "5%",
    "small_agri_share": 0.8,
    "balance_growth": "10%",
    "borrower_type": "小微、三农",
    "guaranteed_amount": "500万元",
    "borrower_exposure": 10_000_000,
    "fee_rate": "1.5%",
    "filed": "10个工作日",
    "base": "机构承担的代偿本金",
    "rate": "20%",
    "cap_claim": "200万元",
    "cap_borrower": "300万元",
    "cap_institution": "1,000万元",
    "costs": "不扣除",
}
NEEDED = ("id", "name", "issuer", "title", "from", "base", "rate")


def answers(**given: Any) -> dict[str, Answer]:
    return {id_: Answer(value) for id_, value in given.items()}


def test_every_question_is_answered_in_the_file() -> None:
    text = policy_of_answers(answers(**ALL))
    rules = policy_of_texts({POLICY_TEXT: text}).rules
    assert {question.id for question in QUESTIONS} == ALL.keys()
    assert [each.id for each in rules.institution_conditions] == [
        *("payout_rate", "small_agri_share", "balance_growth"),
    ]
    own = [each.id for each in rules.claim_conditions if each.basis != "default"]
    assert own == ["borrower_type", "guaranteed_amount", "borrower_exposure", "fee_rate", "filed"]
    assert [(cap.id, cap.at_most) for cap in rules.caps if cap.per is not None] == [
        ("borrower", Decimal(3_000_000)),
        ("institution_year", Decimal(10_000_000)),
    ]
    assert rules.rates.tiers[0].rate == Decimal("0.2")
    assert rules.returns.costs == "gross"
    assert rules.base[0].clause == "某财〔2025〕1号"
    for question in QUESTIONS[7:15]:
        assert f"# {question.what.zh}" in text


def test_what_is_left_blank_is_left_out() -> None:
    text = policy_of_answers(answers(**{id_: ALL[id_] for id_ in NEEDED}))
    rules = policy_of_texts({POLICY_TEXT: text}).rules
    assert rules.institution_conditions == ()
    assert {cap.basis for cap in rules.caps} == {"default"}
    assert rules.base[0].clause == "某市风险补偿办法"


@pytest.mark.parametrize("id_", NEEDED)
def test_what_must_be_answered(id_: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        policy_of_answers(answers(**{**ALL, id_: " "}))
    assert [fault.kind for fault in caught.value.faults] == ["missing"]


@pytest.mark.parametrize(
    ("id_", "value"),
    [
        ("id", "某市"),
        ("from", "明年"),
        ("rate", "120%"),
        ("guaranteed_amount", "很多"),
        ("guaranteed_amount", "0"),
        ("borrower_type", "小薇"),
        ("filed", "十天"),
        ("filed", "0天"),
        ("base", "损失"),
    ],
)
def test_what_is_no_answer(id_: str, value: str) -> None:
    with pytest.raises(PolicyFaults) as caught:
        policy_of_answers(answers(**{**ALL, id_: value}))
    assert [fault.kind for fault in caught.value.faults] == ["form"]


@pytest.mark.parametrize(
    ("value", "unit"), [("60天", "days"), (60, "days"), (60.0, "days"), ("3个月", "months")]
)
def test_times(value: object, unit: str) -> None:
    text = policy_of_answers(answers(**{**ALL, "filed": value}))
    assert f'unit = "{unit}"' in text


def filled(path: Path, rows: dict[str, tuple[object, str, str]]) -> Path:
    write_questions(path)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    for row in sheet.iter_rows(min_row=2, max_col=4):
        for cell, value in zip(row[1:], rows.get(str(row[0].value), ("", "", "")), strict=True):
            cell.value = value or None
    book.save(path)
    return path


def test_a_filled_sheet(tmp_path: Path) -> None:
    labels = {question.id: question.what.zh for question in QUESTIONS}
    rows: dict[str, tuple[object, str, str]] = {labels[i]: (v, "", "") for i, v in ALL.items()}
    rows[labels["rate"]] = (0.2, "第五条", "原文")
    path = filled(tmp_path / "filled.xlsx", rows)
    text = policy_of_answers(read_answers(path), path.name)
    tier = policy_of_texts({POLICY_TEXT: text}).rules.rates.tiers[0]
    assert (tier.clause, tier.basis) == ("第五条", "text")
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    assert load_policy(tmp_path / "mine.toml").id == "mine-2025"


def test_a_sheet_without_answers(tmp_path: Path) -> None:
    path = tmp_path / "other.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(PolicyFaults) as caught:
        read_answers(path)
    assert [fault.kind for fault in caught.value.faults] == ["missing"]


def test_an_item_that_is_no_question(tmp_path: Path) -> None:
    path = filled(tmp_path / "filled.xlsx", {})
    book = openpyxl.load_workbook(path)
    sheet = book.active
    assert sheet is not None
    sheet.cell(len(QUESTIONS) + 2, 1).value = "抽成"
    sheet.cell(len(QUESTIONS) + 2, 2).value = "5%"
    book.save(path)
    with pytest.raises(PolicyFaults) as caught:
        read_answers(path)
    assert [fault.key for fault in caught.value.faults] == ["抽成"]


def test_asked_on_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is no answer is asked for again; a clause is asked for where there is an answer."""
    said = {question.what.zh: iter([str(ALL[question.id])]) for question in QUESTIONS}
    said["补偿比例"] = iter(["很高", "20%"])

    def prompt(text: str, **_: object) -> str:
        return "第五条" if text.startswith(" ") else next(said[text.split(" [", maxsplit=1)[0]])

    monkeypatch.setattr("click.prompt", prompt)
    path = tmp_path / "mine.toml"
    assert new_policy("zh", None, None, path) == 0
    assert "比例，如 20% 或 0.2" in capsys.readouterr().err
    assert load_policy(path).rules.rates.tiers[0].clause == "第五条"
