"""What holds of every explanation, whatever the policy: it recomputes, and equals the results."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction

from compensation.assessment import Assessment
from compensation.explanation.claim import ClaimExplanation
from compensation.explanation.institution import InstitutionExplanation
from compensation.explanation.lines import Line
from compensation.language import Language, same
from tests.assessing import results_of
from tests.explanation.recompute import half_up, recomputed
from tests.oracle_reading import Row, Tables, money_text

LANGUAGES: tuple[Language, ...] = ("zh", "en")


def values_of(lines: Iterable[Line]) -> dict[str, str]:
    """Recompute the lines; return their values as printed."""
    lines = list(lines)
    recomputed(lines)
    return {line.name: line.value for line in lines}


def check_texts(explanation: ClaimExplanation | InstitutionExplanation) -> None:
    """Both languages say something, nothing is left to fill in, and JSON can hold it."""
    for language in LANGUAGES:
        text = explanation.describe(language)
        for other in {"zh": ["undefined"], "en": ["无法计算"]}[language]:
            assert other not in text
            assert other not in json.dumps(explanation.as_dict(language), ensure_ascii=False)
        assert "{" not in text
        assert "}" not in text
        assert all(line.strip() for line in text.splitlines())
        assert explanation.policy_digest in text
        json.dumps(explanation.as_dict(language))
    for condition in explanation.conditions:
        assert condition.limit.zh
        assert condition.limit.en
        assert condition.clause
        assert condition.note.zh
        assert condition.note.en
        assert condition.basis in ("text", "summary", "assumption")
        assert condition.actual is not None or (condition.why.zh and condition.why.en)


NUMBER = r"\d{4}-\d\d-\d\d|-?[\d.]+(?:%| times)?"
ASKED = re.compile(
    rf"^.* (?P<value>{NUMBER}), limit (?P<limits>(?:[≥>≤<] (?:{NUMBER})(?: and )?)+)$"
)
HOLDS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "≥": operator.ge,
    ">": operator.gt,
    "≤": operator.le,
    "<": operator.lt,
}


def number(text: str) -> Fraction:
    """Return a number, a percentage or a day as it is shown."""
    if text.count("-") == 2:
        return Fraction(date.fromisoformat(text).toordinal())
    if text.endswith("%"):
        return Fraction(text[:-1]) / 100
    return Fraction(text.removesuffix(" times"))


def check_why(lines: Iterable[Line]) -> int:
    """Whoever reads why an element applies finds it so in the figures; return how many were read.

    What does not apply names the tests that fail alone.
    """
    read = 0
    for line in lines:
        for said in line.why:
            applies = "does not apply: " not in said.en
            assert not (applies and line.title.en == "this cap does not apply")
            for asked in re.split("; ", said.en.partition("apply: ")[2] or said.en):
                found = ASKED.match(asked)
                if found is None or "undefined" in asked:
                    continue
                limits = re.findall(rf"([≥>≤<]) ({NUMBER})", found["limits"])
                value = number(found["value"])
                held = [HOLDS[sign](value, number(limit)) for sign, limit in limits]
                assert all(held) == applies, (line.name, said)
                read += 1
    return read


def check_texts_of_why(explanation: InstitutionExplanation) -> None:
    """Only its own tier applies, which is the last; one without tests says nothing."""
    for each in explanation.why:
        number, verdict = re.findall(r"^tier (\d+) (applies|does not apply): ", each.en)[0]
        assert (int(number) == explanation.tier) == (verdict == "applies")
        assert int(number) <= (explanation.tier or 0)
    check_why([Line("rate", same("rate"), "0", why=explanation.why)])


def check_claims(assessment: Assessment) -> int:
    """Check every claim of a run against its row and its recoveries; return how many there are."""
    results = results_of(assessment)
    conditions = [condition.id for condition in assessment.policy.rules.claim_conditions]
    for row in results["claims"]:
        explanation = assessment.explain(row["claim_id"])
        check_texts(explanation)
        reasons = row["reasons"].split(";") if row["reasons"] else []
        assert list(explanation.reasons) == reasons
        assert explanation.eligible == (row["eligible"] == "true") == (not reasons)
        assert explanation.status.en == row["status"]
        assert [line.id for line in explanation.conditions] == conditions
        for line in explanation.conditions:
            assert line.passed == (line.id not in reasons)
        check_why(explanation.arithmetic)
        values = values_of(explanation.arithmetic)
        for column in ("payout", "base", "compensation"):
            assert values[column] == row[column], column
        if row["eligible"] == "true":
            assert values["rate"] == row["rate"]
        paid = {name: value for name, value in row.items() if name.startswith("payable")}
        assert {name: values[name] for name in paid} == paid
        _check_recoveries(explanation, row, results)
    return len(results["claims"])


def _check_recoveries(explanation: ClaimExplanation, claim: Row, results: Tables) -> None:
    own = [row for row in results["returns"] if row["claim_id"] == claim["claim_id"]]
    own.sort(key=lambda row: (row["recovery_date"], [ord(c) for c in row["recovery_id"]]))
    values = values_of(explanation.recoveries)
    assert bool(values) == bool(own)
    if own:
        bears = [Fraction(text) for name, text in values.items() if name.startswith("bears_")]
        assert sum(bears) == Fraction(claim["payout"])
    for number, row in enumerate(own, 1):
        for column in row:
            if column in ("proceeds", "cost", "distributed", "surplus") or column[:3] == "to_":
                shown = values[f"r{number}_{column}"]
                assert shown == row[column], (row["recovery_id"], column)
    assert f"r{len(own) + 1}_net" not in values


def in_fen(text: str) -> str:
    """An average may end in half a fen, shown as it is; the result rounds it, half up."""
    whole, _, decimals = text.partition(".")
    if whole.isdigit() and len(decimals) == 3:
        return money_text(int(half_up(Fraction(text)) * 100))
    return text


def check_institutions(assessment: Assessment) -> int:
    """Check every institution against its row; return how many there are."""
    rows = results_of(assessment)["institutions"]
    ids = [condition.id for condition in assessment.policy.rules.institution_conditions]
    for row in rows:
        explanation = assessment.explain_institution(row["institution_id"])
        check_texts(explanation)
        reasons = row["reasons"].split(";") if row["reasons"] else []
        assert explanation.eligible == (row["eligible"] == "true") == (not reasons)
        assert (explanation.rate or "") == row["rate"]
        assert [line.id for line in explanation.conditions] == ids
        for condition in explanation.conditions:
            assert condition.passed == (condition.id not in reasons)
            actual = condition.actual
            if condition.id in row and actual is not None:
                assert actual.zh == actual.en
                assert in_fen(actual.zh) == row[condition.id]
        check_texts_of_why(explanation)
        values = values_of(explanation.indicators)
        for name in set(row) & set(assessment.indicators):
            assert in_fen(values[name]) == (row[name] or "无法计算/undefined"), name
    return len(rows)
