"""The shipped files say what the facts say; the facts stand here a second time."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from importlib import resources

import pytest

from compensation.policy.catalogue import list_policies, load_policy
from compensation.policy.model import Operation, PolicyFile, Quantity, Rates, Test
from compensation.policy.wording import figure_of

JIYUAN_INSTITUTION = [
    ("government_backed", "institutions.government_backed", "is", True, "text"),
    ("small_agri_share", "indicator.small_agri_share", "at_least", "0.80", "text"),
    ("balance_growth", "indicator.balance_growth", "at_least", "0.10", "assumption"),
    ("borrower_growth", "indicator.borrower_growth", "at_least", "0.10", "assumption"),
    ("payout_rate", "indicator.payout_rate", "at_most", "0.05", "assumption"),
]
JIYUAN_TIERS = [  # the least share, growth of balance, growth of borrowers; the most payout rate
    ("0.20", ("0.90", "0.20", "0.20"), "0.02"),
    ("0.15", ("0.85", "0.15", "0.15"), "0.03"),
]
JIYUAN_LAST_RATE = "0.10"
LUOYANG_CLAIM = [
    ("institution", "text"),
    ("borrower_region", "summary"),
    ("borrower_type", "summary"),
    ("borrower_exposure", "summary"),
    ("loan_rate", "summary"),
    ("fee_rate", "summary"),
    ("lender_share", "summary"),
    ("reguaranteed", "summary"),
    ("reguarantor_paid", "summary"),
    ("payout_date", "assumption"),
]
LUOYANG_COLUMNS = {
    ("contracts", "borrower_region", "注册地", "text"),
    ("contracts", "technology_innovation", "科技创新", "boolean"),
    ("contracts", "loan_rate", "贷款利率", "ratio"),
    ("contracts", "fee_rate", "担保费率", "ratio"),
    ("contracts", "loan_term_months", "贷款期限(月)", "integer"),
    ("contracts", "reguaranteed", "纳入再担保体系", "boolean"),
    ("claims", "reguarantor_paid_date", "再担保代偿补偿到账日", "date"),
}


def rules(policy: str) -> PolicyFile:
    return load_policy(policy).rules


def by_id(policy: str) -> dict[str, Test]:
    return {condition.id: condition for condition in rules(policy).claim_conditions}


def said(test: Test) -> dict[str, object]:
    """Return what a test says, without what it is cited from."""
    parts = ((part.name, getattr(test, part.name), part.default) for part in fields(Test))
    return {name: value for name, value, default in parts if value != default}


def borne_by(party: str, of: str) -> Quantity:
    return Operation(borne_by=party, of=of)


def test_the_catalogue_is_the_folder() -> None:
    assert {"henan-provincial-2020", "jiyuan-2022", "luoyang-2025"} <= set(list_policies())
    for policy in list_policies():
        loaded = load_policy(policy)
        assert (loaded.id, loaded.source) == (policy, f"{policy}.toml")
        assert loaded.text.startswith("# ")


def test_jiyuan_conditions_of_institutions() -> None:
    found = []
    for condition in rules("jiyuan-2022").institution_conditions:
        [(how, limit)] = [
            (name, value) for name, value in said(condition).items() if name != "value"
        ]
        found.append((condition.id, condition.value, how.strip("_"), limit, condition.basis))
    assert found == [
        (id_, variable, how, Decimal(limit) if isinstance(limit, str) else limit, basis)
        for id_, variable, how, limit, basis in JIYUAN_INSTITUTION
    ]


def test_jiyuan_conditions_of_claims() -> None:
    jiyuan = rules("jiyuan-2022")
    assert [(c.id, c.basis, said(c)) for c in jiyuan.claim_conditions] == [
        ("institution", "text", {"value": "institution.eligible", "is_": True}),
        (
            "borrower_type",
            "text",
            {"value": "contracts.borrower_type", "one_of": ("small_micro", "agricultural")},
        ),
        (
            "borrower_exposure",
            "text",
            {"value": "claims.borrower_exposure", "at_most": Decimal(5_000_000)},
        ),
        ("payout_date", "assumption", {"value": "claims.payout_date", "within": "effective"}),
    ]
    assert (jiyuan.effective.from_, jiyuan.effective.to) == (date(2022, 1, 1), date(2022, 12, 31))
    assert jiyuan.effective.basis == "assumption"


def test_jiyuan_tiers() -> None:
    rates = rules("jiyuan-2022").rates
    assert (rates.hit, rates.otherwise) == ("first", None)
    assert rates.bounds is not None
    assert (rates.bounds.at_least, rates.bounds.at_most) == (Decimal("0.1"), Decimal("0.2"))
    assert rates.bounds.basis == "text"
    names = ("small_agri_share", "balance_growth", "borrower_growth")
    for tier, (rate, least, most) in zip(rates.tiers, JIYUAN_TIERS, strict=False):
        assert tier.rate == Decimal(rate)
        assert [said(test) for test in tier.when] == [
            *(
                {"value": f"indicator.{name}", "at_least": Decimal(limit)}
                for name, limit in zip(names, least, strict=True)
            ),
            {"value": "indicator.payout_rate", "at_most": Decimal(most)},
        ]
    last = rates.tiers[len(JIYUAN_TIERS)]
    assert (len(rates.tiers), last.rate, last.when) == (3, Decimal(JIYUAN_LAST_RATE), ())
    assert {tier.basis for tier in rates.tiers} == {"assumption"}


def test_jiyuan_amounts() -> None:
    jiyuan = rules("jiyuan-2022")
    [base] = jiyuan.base
    assert (base.value, base.when) == ("claims.payout", ())
    assert (base.basis, jiyuan.beneficiary.party) == ("assumption", "institution")
    [cap] = jiyuan.caps
    assert (cap.on, cap.at_most) == ("compensation", borne_by("institution", "claims.payout"))
    assert (cap.per, cap.exceeding, cap.when) == (None, "count_up_to", ())
    assert jiyuan.caps[0].basis == "assumption"
    assert jiyuan.review.required == ("finance_review", "industry_review")
    assert (jiyuan.review.basis, jiyuan.returns.basis) == ("text", "text")
    assert (jiyuan.budget.method, jiyuan.returns.costs) == ("pro_rata", "net")
    assert jiyuan.expected_institutions is not None
    assert jiyuan.expected_institutions.at_most == 1


def test_jiyuan_marks_what_the_plan_leaves_open() -> None:
    assumed = {c.id for c in load_policy("jiyuan-2022").cited() if c.cited.basis == "assumption"}
    assert assumed >= {
        "effective",
        "balance_growth",
        "borrower_growth",
        "payout_rate",
        "payout_date",
        "base",
        "borne",
        "calendar_year",
        "closing_balance",
        "released_amount",
        "exposure_one_institution",
        "return_cap",
        "surplus",
    }


def test_luoyang_conditions() -> None:
    luoyang = rules("luoyang-2025")
    assert (luoyang.effective.from_, luoyang.effective.to) == (date(2025, 7, 16), None)
    assert [(c.id, c.basis) for c in luoyang.claim_conditions] == LUOYANG_CLAIM
    assert [(c.id, c.basis) for c in luoyang.institution_conditions] == [
        ("government_backed", "text"),
        ("new_guarantees", "summary"),
    ]
    assert luoyang.institution_conditions[1].at_least == 50_000_000
    tests = by_id("luoyang-2025")
    assert said(tests["borrower_region"]) == {
        "value": "contracts.borrower_region",
        "starts_with": ("洛阳",),
    }
    parts = tests["borrower_type"].any
    assert parts is not None
    assert [said(part) for part in parts] == [
        {"value": "contracts.borrower_type", "one_of": ("small_micro", "agricultural")},
        {"value": "contracts.technology_innovation", "is_": True},
    ]
    assert tests["borrower_exposure"].at_most == 10_000_000
    lpr = Operation(series="lpr", on="contracts.start_date", term="contracts.loan_term_months")
    assert tests["loan_rate"].at_most == Operation(sum=(lpr, Decimal("0.02")))
    assert tests["fee_rate"].at_most == Decimal("0.015")
    assert tests["lender_share"].at_least == Decimal("0.2")
    assert (tests["reguaranteed"].is_, tests["reguarantor_paid"].given) == (True, True)
    found = {(c.table, c.name, c.heading, c.type) for c in luoyang.columns}
    assert found == LUOYANG_COLUMNS


def tiers(rates: Rates) -> list[tuple[Quantity, Quantity | None, Quantity | None]]:
    return [(tier.rate, tier.above, tier.at_most) for tier in rates.tiers]


def test_luoyang_amounts() -> None:
    luoyang = rules("luoyang-2025")
    assert [base.value for base in luoyang.base] == [borne_by("institution", "claims.principal")]
    assert (luoyang.rates.hit, luoyang.rates.by) == ("range", "claims.borrower_exposure")
    assert luoyang.rates.otherwise == "ineligible"
    assert tiers(luoyang.rates) == [
        (Decimal("0.50"), None, Decimal(5_000_000)),
        (Decimal("0.25"), Decimal(5_000_000), Decimal(10_000_000)),
    ]
    for cited in (luoyang.caps[0], luoyang.review, luoyang.returns, luoyang.budget):
        assert cited.basis == "assumption"


def test_henan_pays_the_reguarantor_half_of_what_it_bore() -> None:
    henan = rules("henan-provincial-2020")
    bore = borne_by("reguarantor", "claims.payout")
    assert [base.value for base in henan.base] == [bore]
    assert (henan.beneficiary.party, henan.caps[0].at_most) == ("reguarantor", bore)
    assert [(tier.rate, tier.basis) for tier in henan.rates.tiers] == [(Decimal("0.5"), "summary")]
    [direct] = [clause for clause in henan.clauses if clause.treatment == "out_of_scope"][:1]
    assert "20%" in direct.note.zh
    assert "20%" in direct.note.en


@pytest.mark.parametrize("policy", list_policies())
def test_every_figure_has_a_clause_and_notes(policy: str) -> None:
    """What is read in the text or assumed has a note; elsewhere what it says is words enough."""
    read = load_policy(policy)
    for citation in read.cited():
        assert citation.cited.clause
        said = citation.cited.said
        if citation.cited.note is None:
            assert citation.cited.basis == "summary"
            said = figure_of(read, citation.cited)
        assert said.zh
        assert said.en


@pytest.mark.parametrize("policy", list_policies())
def test_every_file_says_in_chinese_what_it_is_and_how_sure(policy: str) -> None:
    text = load_policy(policy).text
    head = text[: text.index("\nformat")]
    assert "把握程度" in head


def test_series_file_says_that_it_must_be_checked() -> None:
    path = resources.files("compensation.policy") / "series" / "lpr.toml"
    assert "核对" in path.read_text(encoding="utf-8").split("format")[0]
