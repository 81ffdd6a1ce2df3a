"""A contract, or an institution's year, as a single case comes to what its row of a ledger does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from compensation import Assessment, CaseFaults, decide_claim, examine_claim
from compensation.ledger.records import DECISION_COLUMNS
from compensation.one_case.form import form_of
from compensation.policy.catalogue import POLICY_TEXT, load_policy, policy_of_texts
from compensation.policy_tools.worked_cases import assess_case, cases_beside, read_cases
from tests.one_case.example import LOAN, kinds
from tests.one_case.feeding import Case, alone, institution_of, shares_of, value_of
from tests.policy.test_small_policies import HEAD

RECORDS = ["fujian-2008", "county-agri-2010", "xiamen-green-2021", "equipment-renewal-2024"]


def case_of(assessment: Assessment, row: int) -> tuple[Case, Case, int | None]:
    """Return the figures of the institution and of the case, and the year where one is said."""
    rules, form = assessment.policy.rules, form_of(assessment.policy)
    place = int(assessment.claim_rows[row])
    of = int(assessment.cases.institution[row])
    institution, claim = institution_of(assessment, of), {}
    if rules.record == "contract":
        looked_at = {rules.trigger.date, rules.trigger.until}
        for field in form.claim.values():
            if field.users or field.key in looked_at:
                claim[field.name] = value_of(assessment.inputs.column(field.key), place)
        claim["contract_id"] = assessment.ledgers.column("claims", "claim_id")[place].as_py()
        claim["shares"] = shares_of(assessment, assessment.cases.shares[row])
    decided = claim if rules.record == "contract" else institution
    for column in DECISION_COLUMNS:
        value = assessment.ledgers.column("claims", column.name)[place].as_py()
        if column.name.endswith("review"):
            value = ("approved", "rejected", "pending")[value]
        elif column.name == "compensation_paid":
            value = Decimal(value).scaleb(-2)
        decided[column.name] = value
    by_year = rules.record == "institution" or rules.trigger.until is not None
    return institution, claim, assessment.year if by_year else None


@pytest.mark.parametrize("policy", RECORDS)
def test_a_case_alone_is_what_its_row_is(policy: str) -> None:
    loaded, compared = load_policy(policy), 0
    for worked in read_cases(cases_beside(policy), loaded):
        assessment = assess_case(loaded, worked)
        for row, expected in enumerate(assessment.tables["claims"].to_pylist()):
            if not alone(assessment, row):
                continue
            figures = case_of(assessment, row)
            found = decide_claim(loaded, *figures)
            names = ("eligible", "base", "compensation", "status", "payable", "payout")
            assert [getattr(found, n) for n in names] == [expected[n] for n in names]
            assert ";".join(found.reasons) == (expected["reasons"] or "")
            assert (found.borne, found.borne_after) == ({}, {})
            theirs = assessment.explain(expected["claim_id"])
            assert found.explanation.conditions == theirs.conditions
            assert found.explanation.arithmetic == theirs.arithmetic
            assert found.explanation.describe("zh") == theirs.describe("zh")
            assert examine_claim(loaded, *figures).conditions == theirs.conditions
            compared += 1
    assert compared > 3


@pytest.mark.parametrize(
    ("own", "year", "fault"),
    [
        ({}, None, "missing"),
        ({}, 2023, "year_not_covered"),
        ({"release_date": "2021-12-31"}, 2022, "year_not_covered"),
        ({"release_date": "2022-01-01"}, 2022, None),
        ({"start_date": "2022-12-31"}, 2022, None),
        ({"start_date": "2022-12-31"}, 2021, "year_not_covered"),
    ],
)
def test_the_year_of_a_contract_that_belongs_to_several(
    own: Case, year: int | None, fault: str | None
) -> None:
    if fault is None:
        assert decide_claim("xiamen-green-2021", {}, {**LOAN, **own}, year).eligible
        return
    with pytest.raises(CaseFaults) as caught:
        decide_claim("xiamen-green-2021", {}, {**LOAN, **own}, year)
    assert [(each.kind, each.path) for each in caught.value.faults] == [(fault, ("year",))]


def test_what_a_case_may_not_be_given() -> None:
    def found(*of: Any) -> dict[Any, str]:
        return kinds(decide_claim, *of)

    assert found("county-agri-2010", {}, {"shares": {}}, 2010)["claim", "shares"] == (
        "unknown_member"
    )
    assert found("county-agri-2010", {}, {})["year",] == "missing"
    assert found("fujian-2008", {}, {}, 2008)["year",] == "year_not_needed"
    wrong = {**LOAN, "release_date": "2021-02-28"}
    assert found("xiamen-green-2021", {}, wrong, 2021) == {("claim", "release_date"): "date_order"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("own", "payable"),
    [
        ({"approved_amount": "7299.99"}, "7299.99"),
        ({"approved_amount": "7300"}, "7300.00"),
        ({"approved_amount": "7300.01"}, "7300.00"),
        ({"compensation_paid": "300", "approved_amount": "1000"}, "700.00"),
        ({"closed_date": "2022-06-30"}, "0.00"),
    ],
)
def test_what_was_approved_and_closed_of_a_case_counts(own: Case, payable: str) -> None:
    found = decide_claim("xiamen-green-2021", {}, {**LOAN, **own}, 2022)
    assert (str(found.compensation), str(found.payable)) == ("7300.00", payable)


@pytest.mark.parametrize(("before", "left"), [("4999.99", 1.01), ("5000", 1), ("5000.01", 0.99)])
def test_a_cap_over_all_years_counts_what_was_paid_before(before: str, left: float) -> None:
    text = "\n".join(
        [
            f'{HEAD}record = "contract"\nreview = {{ required = [] }}',
            '[trigger]\ndate = "contracts.start_date"\nuntil = "contracts.release_date"',
            '[base]\nvalue = "contracts.guaranteed_amount"\n[rates]\ntiers = [{ rate = 0.5 }]',
            '[[caps]]\nid = "x"\nper = ["contracts.borrower_id"]\nyears = "all"\nat_most = 5001',
        ]
    )
    claim = {
        "start_date": "2022-04-01",
        "release_date": None,
        "guaranteed_amount": 10000,
        "compensation_paid_before": before,
    }
    found = decide_claim(policy_of_texts({POLICY_TEXT: text}), {}, claim, 2022)
    assert float(found.compensation) == left
