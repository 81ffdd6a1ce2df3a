"""What a run says of figures that may rest on a mistake; each guard with a near case."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compensation import assess, assess_frames, assess_policies
from compensation.assessment import Assessment
from compensation.engine.guards import GUARDS
from compensation.issues import Issue
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from tests.assessing import assessed
from tests.command import JIYUAN, run_here
from tests.one_claim import CLAIM, CONTRACT, RECOVERY, small
from tests.oracle_reading import Row, Tables
from tests.settling import portfolio_of, trial


def found(run: Assessment, kind: str) -> list[Issue]:
    return [warning for warning in run.warnings if warning.kind == kind]


def places(warnings: list[Issue]) -> list[tuple[str | None, int | None, str | None]]:
    return [(warning.table, warning.row, warning.column) for warning in warnings]


# Paid without a grant


def compensation_of(tables: Tables) -> str:
    return str(assessed(tables).summary["totals"]["compensation"])


@pytest.fixture(name="granted")
def granted_tables() -> Tables:
    """A claim of 20,000 yuan of which 20% is compensated."""
    old = {**CONTRACT, "contract_id": "K0", "borrower_id": "B0", "release_date": "2022-06-01"}
    tables = small(contracts={"guaranteed_amount": "4000000"}, claims={"interest": ""})
    tables["contracts"].append(old)
    more = {**CONTRACT, "start_date": "2022-02-01"}
    tables["contracts"] += [
        {**more, "contract_id": f"K{n}", "borrower_id": f"B{n}", "guaranteed_amount": "3000000"}
        for n in range(2, 6)
    ]
    tables["claims"][0] |= {"principal": "20000", "interest": ""}
    return tables


OF_CONTRACTS = """
format = 2
id = "of-contracts"
name = {{ zh = "贴息", en = "subsidy" }}
issuer = {{ zh = "某市", en = "a city" }}
document = {{ title = {{ zh = "贴息", en = "subsidy" }} }}
clause = "1"
basis = "assumption"
record = "{record}"
effective = {{ from = 2022-01-01 }}
[base]
value = {base}
[rates]
tiers = [{{ rate = 0.01 }}]
"""


@pytest.mark.parametrize(
    ("record", "base"),
    [("contract", '"contracts.guaranteed_amount"'), ("institution", '"indicator.new_guarantees"')],
)
@pytest.mark.parametrize(("paid", "more"), [("40000", None), ("40000.01", "0.01")])
def test_more_is_paid_for_a_contract_or_an_institution(
    record: str, base: str, paid: str, more: str | None
) -> None:
    text = OF_CONTRACTS.format(record=record, base=base)
    tables = small(contracts={"guaranteed_amount": "4000000", "start_date": "2022-02-01"})
    tables = {name: tables[name] for name in ("institutions", "contracts")}
    reviewed = {"finance_review": "approved", "industry_review": "approved"}
    tables[f"{record}s"][0] |= {**reviewed, "compensation_paid": paid}
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    run = assess_frames(frames, policy_of_texts({POLICY_TEXT: text}), 2022)
    assert run.summary["totals"]["compensation"] == "40000.00"
    warnings = found(run, "paid_without_grant")
    if more is None:
        assert not warnings
        return
    assert places(warnings) == [(f"{record}s", 1, "compensation_paid")]
    assert more in str(warnings[0])


@pytest.mark.parametrize(("paid", "more"), [("4000", None), ("4000.01", "0.01")])
def test_more_is_paid_than_the_compensation(granted: Tables, paid: str, more: str | None) -> None:
    assert compensation_of(granted) == "4000.00"
    granted["claims"][0]["compensation_paid"] = paid
    warnings = found(assessed(granted), "paid_without_grant")
    if more is None:
        assert not warnings
        return
    assert places(warnings) == [("claims", 1, "compensation_paid")]
    assert f"已补偿 {paid} 元，应补偿 4000.00 元，超出 {more} 元" in warnings[0].describe("zh")
    assert f"{paid} yuan of 4000.00 yuan, {more} yuan too much" in warnings[0].describe("en")


@pytest.mark.parametrize(
    ("changes", "paid", "warned"),
    [
        ({"finance_review": "rejected"}, "0.01", True),
        ({"finance_review": "rejected"}, "", False),
        ({"finance_review": "rejected"}, "0", False),
        ({"industry_review": "rejected"}, "4000", True),
        ({"finance_review": "pending"}, "4000", False),
    ],
)
def test_something_is_paid_for_a_rejected_claim(
    granted: Tables, changes: Row, paid: str, *, warned: bool
) -> None:
    granted["claims"][0] |= {**changes, "compensation_paid": paid}
    warnings = found(assessed(granted), "paid_without_grant")
    assert bool(warnings) == warned
    for warning in warnings:
        assert "ineligible or rejected" in warning.describe("en")


def test_something_is_paid_for_an_ineligible_claim(granted: Tables) -> None:
    granted["claims"][0]["compensation_paid"] = "1"
    granted["contracts"][0]["borrower_type"] = "large_enterprise"
    (warning,) = found(assessed(granted), "paid_without_grant")
    assert "已补偿 1.00 元" in warning.describe("zh")


def test_what_was_paid_in_another_year_is_not_looked_at(granted: Tables) -> None:
    granted["claims"][0] |= {"compensation_paid": "4000.01", "payout_date": "2021-12-31"}
    assert not found(assessed(granted), "paid_without_grant")


# Recoveries without payment


@pytest.mark.parametrize(
    ("claim", "recovered", "warned"),
    [
        ({}, True, True),
        ({"compensation_paid": "0"}, True, True),
        ({"payout_date": "2021-03-01"}, True, True),
        ({"compensation_paid": "0.01"}, True, False),
        ({"payout_date": "2022-01-01"}, True, False),
        ({"finance_review": ""}, True, False),
        ({"industry_review": "rejected"}, True, False),
        ({}, False, False),
    ],
)
def test_an_approved_claim_of_an_earlier_year_has_recoveries_and_nothing_paid(
    claim: Row, *, recovered: bool, warned: bool
) -> None:
    tables = small(claims={"payout_date": "2021-12-31", **claim})
    tables["recoveries"] = [{**RECOVERY, "recovery_date": "2022-07-01"}] if recovered else []
    warnings = found(assessed(tables), "unpaid_with_recoveries")
    assert places(warnings) == ([("claims", 1, "compensation_paid")] if warned else [])


TRIAL = trial(("2021-01-01", "2023-12-31"), ("2024-01-01", None))


def earlier_claim(*, growing: bool = True, **changes: Row) -> Tables:
    """A claim of 2021 that was never paid, with a recovery; its institution grew, or it did not."""
    started = {"contracts": {"start_date": "2020-03-01", "guaranteed_amount": "4000000"}}
    tables = small(**{**started, "claims": {"payout_date": "2021-12-31", "principal": "20000"}})
    tables["contracts"][0]["release_date"] = "2021-12-31"
    more = {**CONTRACT, "start_date": "2021-02-01" if growing else "2020-02-01"}
    tables["contracts"] += [
        {**more, "contract_id": f"K{n}", "borrower_id": f"B{n}", "guaranteed_amount": "3000000"}
        for n in range(2, 6)
    ]
    for table, cells in changes.items():
        tables[table][0] |= cells
    return tables


def unpaid(tables: Tables, year: int = 2022) -> list[Issue]:
    run = assess(portfolio_of(tables), TRIAL[0], year)
    return found(run, "unpaid_with_recoveries")


def test_an_ineligible_claim_of_an_earlier_year_is_not_warned_of() -> None:
    assert places(unpaid(earlier_claim())) == [("claims", 1, "compensation_paid")]
    for ineligible in (
        earlier_claim(contracts={"borrower_type": "large_enterprise"}),
        earlier_claim(contracts={"guaranteed_amount": "5000000.01"}),
        earlier_claim(institutions={"government_backed": "否"}),
        earlier_claim(growing=False),
    ):
        assert not unpaid(ineligible)


def test_figures_that_the_ledger_does_not_have_find_no_claim_ineligible() -> None:
    """Without contracts of before its year, an institution's growth is unknown, not nothing."""
    first = {"start_date": "2021-02-01"}
    assert unpaid(earlier_claim(contracts=first))
    assert not unpaid(earlier_claim(contracts={**first, "borrower_type": "large_enterprise"}))


def test_an_opening_figure_of_the_year_assessed_is_not_one_of_the_claims_year() -> None:
    given: Row = {"opening_balance": "90000000", "opening_borrowers": "90"}
    assert unpaid(earlier_claim(institutions=given))
    assert not unpaid(earlier_claim(institutions={**given, "opening_year": "2021"}))


def test_a_claim_that_a_policy_of_the_run_covers_is_judged_by_it() -> None:
    both = trial(("2021-01-01", "2021-12-31"), ("2022-01-01", None))
    for claim, warned in ((earlier_claim(), True), (earlier_claim(growing=False), False)):
        warnings = assess_policies(portfolio_of(claim), both, 2022).warnings
        assert [w.kind for w in warnings].count("unpaid_with_recoveries") == warned


# Opening figures


@pytest.mark.parametrize(
    ("given", "start", "columns"),
    [
        ({"opening_balance": "1000000", "opening_borrowers": "1"}, "2021-12-31", []),
        ({"opening_balance": "1000000.01"}, "2021-12-31", ["opening_balance"]),
        ({"opening_balance": "0"}, "2021-12-31", ["opening_balance"]),
        ({"opening_borrowers": "2"}, "2021-12-31", ["opening_borrowers"]),
        (
            {"opening_balance": "7", "opening_borrowers": "2"},
            *("2021-12-31", ["opening_balance", "opening_borrowers"]),
        ),
        ({"opening_balance": "7", "opening_borrowers": "2"}, "2022-01-01", []),
        ({}, "2021-12-31", []),
    ],
)
def test_a_given_opening_figure_differs_from_the_derived_one(
    given: Row, start: str, columns: list[str]
) -> None:
    warnings = found(
        assessed(small(institutions=given, contracts={"start_date": start})), "stale_opening"
    )
    assert places(warnings) == [("institutions", 1, column) for column in columns]
    derived = {"opening_balance": "1000000.00", "opening_borrowers": "1"}
    for warning, column in zip(warnings, columns, strict=True):
        assert f"推算 {derived[column]}" in warning.describe("zh")


OPENINGS = {"opening_balance": "1000000.01", "opening_borrowers": "2", "opening_year": "2021"}
GROWTH = '"indicator.balance_growth"'
BEFORE = f"{{ year_before = {GROWTH} }}"
SOME = 'where = [{ value = "contracts.borrower_id", given = true }]'


@pytest.mark.parametrize(
    ("given", "looked_at", "columns"),
    [
        ({}, GROWTH, ["opening_balance"]),
        ({}, '"indicator.borrower_growth"', ["opening_borrowers"]),
        ({}, '{ measure = "average_balance" }', ["opening_balance"]),
        ({}, '"indicator.payout_rate"', []),
        ({}, f'{{ measure = "opening_balance", {SOME} }}', []),
        ({}, BEFORE, []),
        ({"opening_year": "2020"}, BEFORE, ["opening_balance"]),
        ({"opening_year": "2022"}, GROWTH, []),
        ({"opening_year": ""}, GROWTH, []),
        ({"opening_balance": "1000000"}, GROWTH, []),
        ({"opening_balance": "999999.99"}, GROWTH, ["opening_balance"]),
    ],
)
def test_an_opening_figure_of_another_year_that_a_policy_would_look_at(
    given: Row, looked_at: str, columns: list[str]
) -> None:
    """The contracts come to 1,000,000 yuan and one borrower at the beginning of 2022."""
    text = OF_CONTRACTS.format(record="payout", base='{ sum = ["claims.payout", "quantity.own"] }')
    own = f'[[indicators]]\nid = "own"\nname = {{ zh = "自定", en = "own" }}\nvalue = {looked_at}\n'
    text += own + own.replace("indicators", "quantities").replace(looked_at, AS_MONEY)
    run = assess(
        portfolio_of(small(institutions=OPENINGS | given)),
        policy_of_texts({POLICY_TEXT: text}),
        2022,
    )
    assert places(found(run, "opening_not_used")) == [
        ("institutions", 1, column) for column in columns
    ]


AS_MONEY = """{ choose = [
    { value = 1, when = [{ value = "indicator.own", given = true }] },
    { value = 0 },
] }"""


@pytest.mark.slow
def test_a_contract_released_before_the_year_still_reaches_back() -> None:
    tables = small(institutions={"opening_balance": "5"}, contracts={"start_date": "2022-01-01"})
    gone = {"contract_id": "K0", "start_date": "2020-03-01", "release_date": "2021-03-01"}
    tables["contracts"].append({**CONTRACT, **gone})
    (warning,) = found(assessed(tables), "stale_opening")
    assert "given 5.00, derived 0.00" in warning.describe("en")


# Nothing in force


@pytest.mark.parametrize(
    ("release", "warned"), [("2022-06-29", True), ("2022-06-30", False), ("", False)]
)
def test_nothing_of_the_borrower_is_in_force(release: str, *, warned: bool) -> None:
    warnings = found(assessed(small(contracts={"release_date": release})), "nothing_in_force")
    assert places(warnings) == ([("claims", 1, "payout_date")] if warned else [])


# Other years


def with_claims(*days: str) -> Tables:
    tables = {**small(), "recoveries": []}
    tables["claims"] = [
        {**CLAIM, "claim_id": f"C{n}", "payout_date": day} for n, day in enumerate(days, 1)
    ]
    return tables


def test_claims_of_other_years_are_counted_once_for_the_table() -> None:
    days = ["2021-12-31", "2022-01-01", "2032-11-15", "2022-12-31", "2021-06-30"]
    (warning,) = found(assessed(with_claims(*days)), "other_years")
    assert places([warning]) == [("claims", None, "payout_date")]
    assert "5 笔代偿中有 3 笔不属于 2022 年度" in warning.describe("zh")
    assert "2021 年 2 笔、2032 年 1 笔" in warning.describe("zh")
    assert "of other years than 2022, not assessed: 3 of 5" in warning.describe("en")
    assert "(2021: 2, 2032: 1)" in warning.describe("en")


def test_claims_of_the_year_alone_are_not_warned_of() -> None:
    assert not found(assessed(with_claims("2022-01-01", "2022-12-31")), "other_years")


def test_not_all_of_many_years_are_named() -> None:
    days = [f"{year}-05-01" for year in range(2023, 2043)]
    (warning,) = found(assessed(with_claims(*days)), "other_years")
    assert "2032 年 1 笔等 20 个年度" in warning.message.zh
    assert "2032: 1 and 10 more years" in warning.message.en


# Contracts that are entered twice


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({}, True),
        ({"lender": "甲银行", "borrower_type": "micro_enterprise"}, True),
        ({"guaranteed_amount": "1"}, False),
        ({"start_date": "2022-02-02"}, False),
        ({"release_date": "2023-01-01"}, False),
        ({"borrower_id": "B9"}, False),
    ],
)
def test_a_contract_of_a_borrower_with_claims_is_entered_again(
    changes: Row, *, warned: bool
) -> None:
    tables = small()
    tables["contracts"].append({**CONTRACT, "contract_id": "K2", **changes})
    warnings = found(assessed(tables), "entered_twice")
    assert places(warnings) == ([("contracts", 2, "contract_id")] if warned else [])
    if warned:
        assert warnings[0].describe("en").count("the same as row 1") == 1


def test_equal_contracts_of_a_borrower_without_claims_are_warned_of() -> None:
    tables = small()
    other = {**CONTRACT, "borrower_id": "B9"}
    tables["contracts"] += [{**other, "contract_id": f"K{n}"} for n in (2, 3)]
    warnings = found(assessed(tables), "entered_twice")
    assert places(warnings) == [("contracts", 3, "contract_id")]


# Years that are probably mistyped


@pytest.mark.parametrize(
    ("table", "column", "day", "warned"),
    [
        ("contracts", "start_date", "2029-12-31", False),
        ("contracts", "start_date", "2030-01-01", True),
        ("contracts", "start_date", "1992-12-31", True),
        ("contracts", "start_date", "1993-01-01", False),
        ("contracts", "release_date", "2029-12-31", False),
        ("contracts", "release_date", "2032-06-30", True),
        ("releases", "release_date", "2027-10-01", False),
        ("releases", "release_date", "2122-10-01", True),
        ("recoveries", "recovery_date", "2029-12-31", False),
        ("recoveries", "recovery_date", "2032-04-01", True),
    ],
)
def test_a_year_far_from_the_one_assessed(
    table: str, column: str, day: str, *, warned: bool
) -> None:
    tables = small()
    tables["contracts"].append({**CONTRACT, "contract_id": "K2", "start_date": "2021-01-01"})
    tables["recoveries"] = [{**RECOVERY}]
    if table == "releases":
        tables["releases"] = [{"contract_id": "K2", "amount": "1"}]
    tables[table][-1][column] = day
    row = len(tables[table])
    expected = [(table, row, column)] if warned else []
    assert places(found(assessed(tables), "far_date")) == expected


# Units that were probably read wrongly


@pytest.mark.parametrize(
    ("table", "column", "far", "near"),
    [
        ("claims", "principal", "1000", "1000.01"),
        ("claims", "compensation_paid", "400", "400.01"),
        ("releases", "amount", "1000", "1000.01"),
        ("recoveries", "proceeds", "400", "400.01"),
        ("recoveries", "proceeds", "400000000", "399999999.99"),
    ],
)
def test_most_amounts_of_a_column_are_of_another_order(
    table: str, column: str, far: str, near: str
) -> None:
    """The guaranteed amounts are 1,000,000 yuan, and the principals 400,000 yuan."""
    tables = small()
    extra = {**CONTRACT, "contract_id": "K2", "start_date": "2021-01-01", "release_date": ""}
    tables["contracts"] = [
        {**extra, "contract_id": f"K{n}", "guaranteed_amount": "1000000"} for n in (1, 2, 3)
    ]
    tables["claims"] = [
        {**CLAIM, "claim_id": f"C{n}", "contract_id": f"K{n}", "principal": "400000"}
        for n in (1, 2, 3)
    ]
    for claim in tables["claims"]:
        claim["compensation_paid"] = ""
    tables["releases"] = [
        {"contract_id": f"K{n}", "release_date": "2021-06-01", "amount": "500000"}
        for n in (1, 2, 3)
    ]
    tables["recoveries"] = [
        {**RECOVERY, "recovery_id": f"R{n}", "claim_id": f"C{n}", "proceeds": "9000"}
        for n in (1, 2, 3)
    ]
    for row in tables[table]:
        row[column] = near
    assert not found(assessed(tables), "amounts_apart")
    tables[table][1][column] = tables[table][2][column] = far
    warnings = found(assessed(tables), "amounts_apart")
    assert (table, 2, column) in places(warnings)
    assert f"{far}.00" in next(w for w in warnings if w.table == table).describe("zh")


@pytest.mark.parametrize("ended", ["release", "parts", "claim"])
def test_an_old_contract_that_has_ended_is_no_mistake(ended: str) -> None:
    tables = small()
    tables["contracts"].append({**CONTRACT, "contract_id": "K2", "start_date": "1990-01-01"})
    old = tables["contracts"][-1]
    match ended:
        case "release":
            old["release_date"] = "2013-01-01"
        case "parts":
            amount = old["guaranteed_amount"]
            release = {"contract_id": "K2", "release_date": "2012-03-01", "amount": amount}
            tables["releases"] = [release]
        case _:
            tables["claims"].append(
                {**CLAIM, "claim_id": "C2", "contract_id": "K2", "payout_date": "2012-01-01"}
            )
    assert not found(assessed(tables), "far_date")


# A whole ledger, in which a single thing is odd

HEADINGS = ("contract_id", "borrower_id", "borrower_type", "guaranteed_amount", "start_date")
CONTRACTS = [
    ("K1", "00101", "小型企业", "1000000", "2021-06-01", "2022-05-31"),
    ("K2", "00102", "小型企业", "3000000", "2022-03-01", ""),
    ("K3", "00103", "微型企业", "2000000", "2022-04-01", ""),
    ("K4", "00104", "农户", "3000000", "2022-01-10", ""),
    ("K5", "00105", "小型企业", "2500000", "2022-02-01", ""),
    ("K6", "00105", "小型企业", "2600000", "2022-05-01", ""),
    ("K7", "00106", "小型企业", "9000000", "2021-07-01", "2022-06-30"),
]
CLAIMS = [
    ("C1", "K1", "2022-05-20", "19000", "1000", "通过", ""),
    ("C2", "K6", "2022-11-15", "100000", "", "通过", ""),
    ("C3", "K4", "2022-12-31", "80000", "", "待审", ""),
    ("C4", "K2", "2022-12-01", "50000", "", "通过", "1000"),
]
RECOVERIES = [
    ("R1", "C1", "2023-03-01", "5000", "300"),
    ("R2", "C2", "2023-04-01", "40000", ""),
]


def whole_ledger() -> Tables:
    """Seven contracts of one institution, with four claims; the odd figures are the control."""

    def shares(contract: str) -> Row:
        names = ("institution", "lender", "reguarantor", "national_fund")
        values = ("0.1", "0.3", "0.3", "0.3") if contract == "K6" else ("0.4", "0.2", "0.2", "0.2")
        return {f"share_{name}": value for name, value in zip(names, values, strict=True)}

    claim = ("claim_id", "contract_id", "payout_date", "principal", "interest")
    paid = ("industry_review", "compensation_paid")
    recovery = ("recovery_id", "claim_id", "recovery_date", "proceeds", "cost")
    return {
        "institutions": [
            {
                "institution_id": "A",
                "government_backed": "是",
                "opening_balance": "10000000",
                "opening_borrowers": "3",
            }
        ],
        "contracts": [
            {
                "institution_id": "A",
                **shares(row[0]),
                **dict(zip((*HEADINGS, "release_date"), row, strict=True)),
            }
            for row in CONTRACTS
        ],
        "releases": [{"contract_id": "K5", "release_date": "2022-10-01", "amount": "500000"}],
        "claims": [
            {"finance_review": "通过", **dict(zip((*claim, *paid), row, strict=True))}
            for row in CLAIMS
        ],
        "recoveries": [dict(zip(recovery, row, strict=True)) for row in RECOVERIES],
    }


def totals(run: Assessment, *names: str) -> list[str]:
    return [str(run.summary["totals"][name]) for name in names]


FIGURES = ("compensation", "payable", "distributed", "to_government")


def test_the_ledger_says_only_that_its_opening_borrowers_are_not_those_of_the_contracts() -> None:
    run = assessed(whole_ledger())
    assert totals(run, *FIGURES) == ["32500.00", "19500.00", "44700.00", "4705.00"]
    assert [(w.kind, w.column) for w in run.warnings] == [("stale_opening", "opening_borrowers")]


@pytest.mark.parametrize("written", ["91410100ma3x00001x", "105"])
def test_a_borrower_written_in_two_ways_stays_two_with_a_warning(written: str) -> None:
    tables = whole_ledger()
    tables["releases"] = []
    tables["contracts"][4]["borrower_id"] = written.upper() if len(written) > 3 else "00105"
    tables["contracts"][5]["borrower_id"] = written
    run = assessed(tables)
    assert totals(run, *FIGURES) == ["32500.00", "19500.00", "44700.00", "4705.00"]
    (warning,) = found(run, "ids_alike")
    assert places([warning]) == [("contracts", 6, "borrower_id")]
    exposure = dict(zip(run.claims["claim_id"], run.claims["borrower_exposure"], strict=True))
    assert str(exposure["C2"]) == "2600000.00"


def test_one_borrower_above_the_limit_is_not_warned_of() -> None:
    tables = whole_ledger()
    tables["releases"] = []
    run = assessed(tables)
    assert totals(run, *FIGURES) == ["22500.00", "9500.00", "44700.00", "705.00"]
    assert not found(run, "ids_alike")


def test_a_claim_entered_twice_is_paid_twice_with_a_warning() -> None:
    tables = whole_ledger()
    tables["claims"].append({**tables["claims"][1], "claim_id": "C5"})
    run = assessed(tables)
    assert totals(run, *FIGURES) == ["35000.00", "26000.00", "44700.00", "4470.00"]
    (warning,) = found(run, "entered_twice")
    assert places([warning]) == [("claims", 5, "claim_id")]
    assert "与第 2 行相同" in warning.message.zh


def test_a_year_typed_wrong_is_said() -> None:
    tables = whole_ledger()
    tables["claims"][1]["payout_date"] = "2032-11-15"
    tables["recoveries"].pop()
    run = assessed(tables)
    assert totals(run, *FIGURES) == ["30000.00", "13000.00", "4700.00", "940.00"]
    (warning,) = found(run, "other_years")
    assert "4 笔代偿中有 1 笔不属于 2022 年度" in warning.message.zh


# What returns to government in the year


def test_only_recoveries_dated_in_the_year_count_for_it() -> None:
    tables = whole_ledger()
    first = tables["recoveries"][0]
    dates = ["2022-05-31", "2022-12-31", "2023-01-01"]
    tables["recoveries"] = [
        {**first, "recovery_id": f"R{n}", "recovery_date": date} for n, date in enumerate(dates)
    ]
    run = assessed(tables)
    by_day = [str(amount) for amount in run.returns["to_government"]]
    assert by_day == ["705.00", "705.00", "705.00"]
    assert totals(run, "to_government", "to_government_in_year") == ["2115.00", "1410.00"]


# Many at once


@pytest.mark.slow
def test_a_hundred_thousand_double_entries_are_counted_not_listed(tmp_path: Path) -> None:
    tables = small()
    count = 100_000
    for name, rows in tables.items():
        held = pa.Table.from_pylist(rows)
        if name == "claims":
            held = held.take(pa.array([0] * count))
            held = held.set_column(0, "claim_id", pa.array([f"C{n}" for n in range(1, count + 1)]))
            held = held.set_column(3, "principal", pa.array(["1"] * count))
        if rows:
            pq.write_table(held, tmp_path / f"{name}.parquet")
    done = run_here("assess", tmp_path, *JIYUAN, "-o", tmp_path.parent / "out")
    assert done.returncode == 0
    assert "同类提示另有" in done.stdout
    assert len(done.stdout) < 20_000
    summary = json.loads((tmp_path.parent / "out" / "summary.json").read_text("utf-8"))
    twice = [w for w in summary["warnings"] if "录入了不止一次" in w["message"]]
    assert len(twice) == 101
    assert "99899 处" in twice[-1]["message"]


def test_every_guard_has_a_case() -> None:
    tests = Path(__file__).parent
    tested = "".join(path.read_text("utf-8") for path in tests.rglob("test_*.py"))
    assert all(f'"{kind}"' in tested for kind in GUARDS)
