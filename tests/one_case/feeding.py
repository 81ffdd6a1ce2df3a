"""From an assessed portfolio to its claims, institutions and recoveries as single cases."""

from __future__ import annotations

import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from compensation.assessment import Assessment
from compensation.money import MAX_FEN
from compensation.one_case.form import form_of
from compensation.rules.variables import Variable
from compensation.schema.column import ColumnType

Case = dict[str, Any]


def value_of(variable: Variable, row: int) -> Any:
    """A value in natural units, as a caller would give it; None where it is blank."""
    if not variable.known[row]:
        return None
    number = int(variable.numerator[row])
    if variable.denominator is not None:
        ratio = Fraction(number, int(variable.denominator[row]))
        millionths = ratio * 1_000_000
        if millionths.denominator != 1:
            raise NotSayable
        return Decimal(int(millionths)).scaleb(-6)
    if variable.words:
        return variable.words[number]
    if variable.type is ColumnType.MONEY:
        if number > MAX_FEN:
            raise NotSayable
        return Decimal(number).scaleb(-2)
    if variable.type is ColumnType.SHARE:
        return str(Decimal(number).scaleb(-6))
    if variable.type is ColumnType.DECIMAL:
        return str(Decimal(number).scaleb(-4))
    if variable.type is ColumnType.DATE:
        return datetime.date(1970, 1, 1) + datetime.timedelta(days=number)
    return bool(number) if variable.type is ColumnType.BOOLEAN else number


class NotSayable(Exception):
    """A ratio that no six decimals say exactly, or a total above the largest amount."""


def institution_of(assessment: Assessment, row: int) -> Case:
    """The figures of an institution: amounts and counts, and what no amounts give."""
    form = form_of(assessment.policy)
    case: Case = {}
    for name, variable in assessment.indicators.items():
        figure = form.figures[name]
        if figure.amounts:
            continue
        if figure.column is not None or figure.users:
            case[name] = value_of(variable, row)
    for field in form.columns.values():
        if field.users:
            case[field.name] = value_of(assessment.inputs.column(field.key), row)
    portfolio = assessment.portfolio
    for name in ("institution_id", "institution_name"):
        case[name] = portfolio.column("institutions", name)[row].as_py()
    return case


def claim_of(assessment: Assessment, row: int) -> Case:
    """The figures of a claim, by its row among the claims of the year."""
    portfolio, form = assessment.portfolio, form_of(assessment.policy)
    cases, claim = assessment.cases, int(assessment.claim_rows[row])
    case: Case = {"claim_id": portfolio.column("claims", "claim_id")[claim].as_py()}
    for field in form.claim.values():
        if field.users:
            case[field.name] = value_of(cases.variables[field.key], row)
    for name, column in (("principal", cases.principal), ("interest", cases.interest)):
        case[name] = Decimal(int(column[row])).scaleb(-2)
    case["compensation_paid"] = Decimal(int(cases.compensation_paid[row])).scaleb(-2)
    for name in ("finance_review", "industry_review"):
        place = int(portfolio.numbers("claims", name)[claim])
        case[name] = ("approved", "rejected", "pending")[place]
    case["shares"] = shares_of(assessment, cases.shares[row])
    return case


def shares_of(assessment: Assessment, millionths: np.ndarray) -> dict[str, str]:
    texts = (str(Decimal(int(share)).scaleb(-6)) for share in millionths)
    return dict(zip(assessment.portfolio.parties, texts, strict=True))


def recoveries_of(assessment: Assessment, claim: int) -> list[Case]:
    """The recoveries of a claim of the input, in the order of the input."""
    portfolio = assessment.portfolio
    rows = np.flatnonzero(portfolio.links.recovery_claim == claim)
    return [
        {
            "recovery_id": portfolio.column("recoveries", "recovery_id")[row].as_py(),
            "recovery_date": portfolio.column("recoveries", "recovery_date")[row].as_py(),
            "proceeds": Decimal(int(portfolio.numbers("recoveries", "proceeds")[row])).scaleb(-2),
            "cost": Decimal(int(portfolio.numbers("recoveries", "cost")[row])).scaleb(-2),
        }
        for row in rows.tolist()
    ]


def alone(assessment: Assessment, row: int) -> bool:
    """Whether no cap that other claims share had been used when the claim came."""
    used = ("used_cap_", "earlier_")
    steps = assessment.decisions.steps.at(row)
    return all(step.value(row) == 0 for step in steps if step.name.startswith(used))
