"""Values by year: each year is decided by the rows of its own, and by nothing of another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.assessing.json_tables import frames_of
from api.assessing.requests import AssessmentBody
from compensation import (
    InputFaults,
    Policy,
    PolicyFaults,
    assess,
    assess_files,
    compare,
    decide_claim,
    load_policy,
    portfolio_of_frames,
    read_portfolio,
    settle,
    settle_frames,
    verify,
    write_workbook,
)
from compensation.ledger.as_of import as_of
from compensation.ledger.digest import digest
from compensation.policy.catalogue import POLICY_TEXT, policy_of_texts
from compensation.policy_tools.doubts import doubts
from compensation.report.continued_ledger import write_continued
from compensation.report.template import write_template
from compensation.settlement.drafts import continued
from tests.conftest import DEPTH
from tests.policy.ledgers_of_policies import NO_CLAIMS
from tests.policy.test_small_policies import CONTRACT, HEAD, columns

RECIPES = Path(__file__).parents[2] / "docs" / "recipes"
YEARS = (2021, 2022, 2023)
EVE = "2023-12-31"
IDS = ("A", "B")
NPL = [None, 0, 29_999, 30_000, 30_001, 40_000]
"""Millionths around the limit of 3%; None: a blank."""
Values = Mapping[tuple[str, int], int | None]
"""By id and year: millionths, or fen."""


def policy(table: str, more: str = "", condition: str = "", rest: str = "") -> Policy:
    """Return a policy by which institutions with a ratio of at most 3% get 40% of the principal."""
    text = (
        HEAD.replace("2022-03-01", "2021-01-01")
        + f'review = {{ required = [] }}\n[[columns]]\ntable = "{table}"\nname = "npl"\n'
        + f'heading = "不良率"\ntype = "ratio"\n{more}\nnote = {{ zh = "当年的" }}\n'
        + f'[[institution_conditions]]\nid = "npl"\nvalue = "{condition or f"{table}.npl"}"\n'
        + 'at_most = 0.03\n[base]\nvalue = "claims.principal"\n'
        + f"[rates]\ntiers = [{{ rate = 0.4 }}]\n{rest}"
    )
    return policy_of_texts({POLICY_TEXT: text})


BY_YEAR = policy("institution_years")


def text(units: int, decimals: int) -> str:
    return f"{Decimal(units).scaleb(-decimals):f}"


def rows_of(values: Values, id_: str, name: str, decimals: int) -> pd.DataFrame:
    """Return the rows of a table by year; a value that is None is blank."""
    rows = [
        {id_: of, "year": str(year), name: "" if value is None else text(value, decimals)}
        for (of, year), value in values.items()
    ]
    return pd.DataFrame(rows, columns=[id_, "year", name], dtype=str)


def ledger(claims: Sequence[tuple[str, int, int]], values: Values | None) -> dict[str, Any]:
    """Return the tables of claims: the institution, the year, the principal in fen."""
    institutions = [{"institution_id": id_, "government_backed": "yes"} for id_ in IDS]
    contract = {**CONTRACT, "share_institution": "1", "share_lender": "0"}
    contracts = [{**contract, "contract_id": f"k{id_}", "institution_id": id_} for id_ in IDS]
    rows = [
        {
            "claim_id": f"c{number}",
            "contract_id": f"k{id_}",
            "payout_date": f"{year}-06-01",
            "principal": text(fen, 2),
        }
        for number, (id_, year, fen) in enumerate(claims)
    ]
    tables: dict[str, Any] = {
        "institutions": pd.DataFrame(institutions),
        "contracts": pd.DataFrame(contracts),
        "claims": pd.DataFrame(rows, columns=list(NO_CLAIMS.columns), dtype=str),
    }
    if values is not None:
        tables["institution_years"] = rows_of(values, "institution_id", "npl", 6)
    return tables


CLAIMS = st.lists(
    st.tuples(st.sampled_from(IDS), st.sampled_from(YEARS), st.integers(1, 10_000_000)),
    min_size=1,
    max_size=5,
)
RATIOS = st.fixed_dictionaries({(id_, year): st.sampled_from(NPL) for id_ in IDS for year in YEARS})


@given(CLAIMS, RATIOS)
@settings(max_examples=12 * DEPTH, deadline=None)
def test_a_settlement_decides_each_year_by_its_own_values(
    claims: list[tuple[str, int, int]], values: Values
) -> None:
    settled = settle(portfolio_of_frames(**ledger(claims, values)), BY_YEAR, EVE)
    for row, (id_, year, fen) in zip(settled.tables["settlement"].to_pylist(), claims, strict=True):
        ratio = values[id_, year]
        passes = ratio is not None and Fraction(ratio, 1_000_000) <= Fraction(3, 100)
        exact = Fraction(2 * fen, 5) if passes else Fraction(0)
        assert int(row["compensation"] * 100) == (2 * exact + 1) // 2
    assert "one_value" not in {warning.kind for warning in settled.warnings}


@given(CLAIMS, RATIOS, st.sampled_from(YEARS))
@settings(max_examples=8 * DEPTH, deadline=None)
def test_a_year_is_as_a_column_of_its_values_would_be(
    claims: list[tuple[str, int, int]], values: Values, year: int
) -> None:
    alone = ledger(claims, None)
    ratios = [values[id_, year] for id_ in IDS]
    cells = ["" if each is None else text(each, 6) for each in ratios]
    alone["institutions"]["npl"] = cells
    by_column = assess(portfolio_of_frames(**alone), policy("institutions"), year)
    by_year = assess(portfolio_of_frames(**ledger(claims, values)), BY_YEAR, year)
    assert by_year.tables == by_column.tables


TWO_YEARS = (("k1", 2023), ("k1", 2024))
INTEREST = load_policy(RECIPES / "interest-by-year.toml")


@given(st.tuples(*[st.sampled_from([0, 1, 2_399_998, 2_400_000, 2_400_002])] * 2))
@settings(max_examples=8 * DEPTH, deadline=None)
def test_a_contract_of_several_years_is_paid_by_what_each_year_has(fen: tuple[int, int]) -> None:
    settled = settle(loans(dict(zip(TWO_YEARS, fen, strict=True))), INTEREST, "2024-12-31")
    found = {row["year"]: row["compensation"] for row in settled.tables["settlement"].to_pylist()}
    expected = {
        year: min((of + 1) // 2, 12_000_00) for (_, year), of in zip(TWO_YEARS, fen, strict=True)
    }
    assert {year: int(yuan * 100) for year, yuan in found.items()} == expected


LOAN = {**CONTRACT, "start_date": "2023-01-01", "release_date": "2024-12-31"}


def loans(values: Values) -> Any:
    institutions = pd.DataFrame([{"institution_id": "A", "government_backed": "yes"}])
    return portfolio_of_frames(
        institutions=institutions,
        contracts=pd.DataFrame([LOAN]),
        claims=NO_CLAIMS,
        contract_years=rows_of(values, "contract_id", "interest_paid", 2),
    )


def test_the_year_before_is_that_of_the_row_before() -> None:
    values = {("A", 2021): 30_001, ("A", 2022): 20_000, ("B", 2022): 0, ("B", 2023): 0}
    said = '[[indicators]]\nid = "before"\nname = { zh = "上年" }\n'
    said += 'value = { year_before = "institution_years.npl" }\n'
    before = policy("institution_years", condition="indicator.before", rest=said)
    claims = [(id_, year, 100) for id_ in IDS for year in (2022, 2023)]
    rows = settle(portfolio_of_frames(**ledger(claims, values)), before, EVE)
    # A: 3.0001% in 2021, 2% in 2022; B: no row of 2021, 0 in 2022.
    found = [int(row["compensation"] * 100) for row in rows.tables["settlement"].to_pylist()]
    assert found == [0, 40, 0, 40]


def place(of: InputFaults) -> list[tuple[str, str | None, int | None, str | None]]:
    return [(f.kind, f.table, f.row, f.column) for f in of.faults]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([("A", "2021", "1%"), ("A", "2021", "1%")], ("year_twice", 2, "year")),
        ([("A", "2021", "1%"), ("C", "2021", "1%")], ("unknown_reference", 2, "institution_id")),
        ([("A", "", "1%")], ("blank", 1, "year")),
        ([("A", "1899", "1%")], ("year_out_of_range", 1, "year")),
        ([("A", "2021", "1.1")], ("out_of_range", 1, "npl")),
    ],
)
def test_what_is_wrong_in_the_table_names_the_row(
    rows: list[tuple[str, str, str]], expected: tuple[str, int, str]
) -> None:
    tables = ledger([("A", 2021, 100)], None)
    headings = pd.Index(["institution_id", "year", "npl"])
    tables["institution_years"] = pd.DataFrame(rows, columns=headings)
    kind, row, column = expected
    with pytest.raises(InputFaults) as caught:
        settle_frames(tables, BY_YEAR, EVE)
    assert place(caught.value) == [(kind, "institution_years", row, column)]


def test_a_ledger_without_the_table_lacks_the_column() -> None:
    tables = ledger([("A", 2021, 100)], None)
    wanted = [("missing_policy_column", "institution_years", None, "npl")]
    with pytest.raises(InputFaults) as caught:
        settle_frames(tables, BY_YEAR, EVE)
    assert place(caught.value) == wanted
    with pytest.raises(InputFaults) as caught:
        settle(portfolio_of_frames(**tables), BY_YEAR, EVE)
    assert place(caught.value) == wanted
    assert "机构分年数据（institution_years） 不良率（npl）" in str(caught.value)


def test_a_required_value_needs_a_row_of_each_year_with_a_case() -> None:
    required = policy("institution_years", more="required = true")
    values = {("A", 2021): 0, ("A", 2022): 0, ("B", 2021): 0}
    claims = [("A", 2021, 100), ("A", 2022, 100), ("B", 2021, 100)]
    settle(portfolio_of_frames(**ledger(claims, values)), required, EVE)
    with pytest.raises(InputFaults) as caught:
        settle_frames(ledger([*claims, ("B", 2022, 100)], values), required, EVE)
    (fault,) = caught.value.faults
    assert place(caught.value) == [("no_row_of_year", "institutions", 2, "institution_id")]
    assert fault.value == "B"
    assert "2022" in fault.message.zh


def test_a_figure_without_a_row_of_its_year_is_a_fault() -> None:
    with pytest.raises(InputFaults) as caught:
        settle(loans({("k1", 2023): 100}), INTEREST, "2024-12-31")
    assert place(caught.value) == [("no_row_of_year", "contracts", 1, "contract_id")]
    assert "2024" in caught.value.faults[0].message.zh


def test_a_figure_of_an_institution_without_a_row_is_a_fault_where_it_counts() -> None:
    text = BY_YEAR.texts[POLICY_TEXT].replace(
        '"claims.principal"', '{ times = ["claims.principal", "%s"] }'
    )
    times = policy_of_texts({POLICY_TEXT: text % "institution_years.npl"})
    claims = [("A", 2021, 100), ("B", 2022, 100)]
    with pytest.raises(InputFaults) as caught:
        settle_frames(ledger(claims, {("A", 2021): 0, ("B", 2021): 0}), times, EVE)
    assert place(caught.value) == [("no_row_of_year", "institutions", 2, "institution_id")]


@pytest.mark.parametrize(
    ("cells", "rows"),
    [
        # Of A in 2021, 2022 and 2023; the rates of B are no measure.
        (["0.05", "1", "0.045"], [2]),
        (["0.5", "0.05", "0.5"], [1, 3]),
        (["0.5", "0.050001", "0"], []),
        (["", "0.499999", "0.01"], []),
    ],
)
def test_a_ratio_far_above_those_of_other_years_is_asked_about(
    cells: list[str], rows: list[int]
) -> None:
    free = policy("institution_years").texts[POLICY_TEXT].replace("at_most = 0.03", "given = true")
    tables = ledger([("A", year, 100) for year in YEARS], None)
    values = [
        {"institution_id": "A", "year": str(y), "npl": c} for y, c in zip(YEARS, cells, strict=True)
    ]
    values.append({"institution_id": "B", "year": "2021", "npl": "0.001"})
    tables["institution_years"] = pd.DataFrame(values)
    settled = settle_frames(tables, policy_of_texts({POLICY_TEXT: free}), EVE)
    found = [(w.table, w.row) for w in settled.warnings if w.kind == "ratios_apart"]
    assert sorted(found) == [("institution_years", row) for row in rows]


OF_CONTRACTS = """
record = "contract"
review = { required = [] }
base = { value = { times = [{ yuan = 100 }, "contract_years.rate"] } }
rates = { tiers = [{ rate = 0.5 }] }
"""


def test_a_ratio_of_a_contract_in_the_year_is_compared_with_those_of_others() -> None:
    text = HEAD.replace("2022-03-01", "2021-01-01") + OF_CONTRACTS
    of = policy_of_texts({POLICY_TEXT: text + columns("contract_years", rate="ratio")})
    tables = ledger([], None)
    contracts = tables["contracts"].assign(start_date="2022-03-01")
    other = contracts.iloc[[0]].assign(contract_id="kA2")
    tables["contracts"] = pd.concat([contracts, other])
    rows = [("kA", "1"), ("kB", "0.01"), ("kA2", "0.05")]
    values = [{"contract_id": id_, "year": "2022", "rate列": rate} for id_, rate in rows]
    tables["contract_years"] = pd.DataFrame(values)
    found = settle_frames(tables, of, "2022-12-31").warnings
    assert [w.row for w in found if w.kind == "ratios_apart"] == [1]


ONE_VALUE = [("one_value", "institutions", None, "npl")]


@pytest.mark.parametrize(("last", "warned"), [(2021, []), (2022, ONE_VALUE)])
def test_one_value_for_several_years_is_warned_of(last: int, warned: list[object]) -> None:
    tables = ledger([("A", year, 100) for year in range(2021, last + 1)], None)
    tables["institutions"]["npl"] = "1%"
    settled = settle_frames(tables, policy("institutions"), EVE)
    found = [(w.kind, w.table, w.row, w.column) for w in settled.warnings if w.kind == "one_value"]
    assert found == warned
    for each in (w for w in settled.warnings if w.kind == "one_value"):
        assert "2021、2022" in each.message.zh
        assert "机构分年数据" in each.message.zh
    constant = policy("institutions", more="constant = true")
    told = settle_frames(tables, constant, EVE)
    assert "one_value" not in {warning.kind for warning in told.warnings}
    assert told.tables["settlement"].equals(settled.tables["settlement"])
    assert [*map(len, map(doubts, (policy("institutions"), constant)))] == [1, 0]


def test_one_value_of_a_contract_of_several_years_is_warned_of() -> None:
    text = INTEREST.texts[POLICY_TEXT].replace("contract_years", "contracts")
    written = policy_of_texts({POLICY_TEXT: text})
    frame = pd.DataFrame([{**LOAN, "interest_paid": "30000"}])
    institutions = pd.DataFrame([{"institution_id": "A", "government_backed": "yes"}])
    of = portfolio_of_frames(institutions=institutions, contracts=frame, claims=NO_CLAIMS)
    for day, warned in (("2023-12-31", False), ("2024-12-31", True)):
        kinds = {warning.kind for warning in settle(of, written, day).warnings}
        assert ("one_value" in kinds) == warned
    assert [doubt.key for doubt in doubts(written)] == ["columns[interest_paid]"]
    assert doubts(INTEREST) == []


ON = 'on = "contracts.start_date"'
INDICATOR = '[[indicators]]\nid = "own"\nname = { zh = "合计" }\nvalue = '


def test_check_asks_about_numbers_of_institutions() -> None:
    assert [doubt.key for doubt in doubts(policy("institutions"))] == ["columns[npl]"]
    assert doubts(BY_YEAR) == []


@pytest.mark.parametrize(
    ("rest", "kind", "key"),
    [
        (
            '[trigger]\ndate = "institution_years.day"\n',
            "required_day",
            "trigger.date",
        ),
        (
            '[[caps]]\nid = "group"\nper = ["institution_years.npl"]\nat_most = 5\n',
            "wrong_place",
            "caps[group].per[1]",
        ),
        (
            INDICATOR
            + '{ measure = "sum", of = "contract_years.fee", on = "contracts.start_date" }\n',
            "wrong_place",
            "indicators[own].value.of",
        ),
        (
            INDICATOR + '{ total = "institution_years.fee", per = ["institution_years.npl"] }\n',
            "wrong_place",
            "indicators[own].value.per[1]",
        ),
        (
            '[returns]\ncosts = "net"\nrecovered_before = "contract_years.fee"\n',
            "wrong_place",
            "returns.recovered_before",
        ),
    ],
)
def test_what_has_no_year_of_its_own_takes_no_values_by_year(
    rest: str, kind: str, key: str
) -> None:
    columns = "".join(
        f'[[columns]]\ntable = "{table}"\nname = "{name}"\nheading = "{name}列"\n'
        f'type = "{type_}"\nrequired = true\nnote = {{ zh = "注" }}\n'
        for table, name, type_ in (
            ("institution_years", "day", "date"),
            ("institution_years", "fee", "money"),
            ("contract_years", "fee", "money"),
        )
    )
    with pytest.raises(PolicyFaults) as caught:
        policy("institution_years", rest=columns + rest)
    assert (kind, key) in {(fault.kind, fault.key) for fault in caught.value.faults}


def test_rows_of_later_years_change_nothing_as_of_a_day() -> None:
    values: dict[tuple[str, int], int | None] = {("A", 2021): 0, ("A", 2022): 0}
    claims = [("A", 2021, 100), ("A", 2022, 100)]
    now = portfolio_of_frames(**ledger(claims, values))
    grown = portfolio_of_frames(**ledger(claims, {**values, ("A", 2023): 0, ("B", 2023): 0}))
    digests = [
        settle(each, BY_YEAR, day).input_digest
        for each, day in ((now, "2022-12-31"), (grown, "2022-12-31"), (grown, EVE))
    ]
    assert digests[0] == digests[1] != digests[2]
    assert as_of(grown, "2022-12-31").left_out["institution_years"] == 2


def test_a_table_without_rows_leaves_the_digest_as_it_is() -> None:
    tables = ledger([("A", 2021, 100)], {})
    with_it = portfolio_of_frames(**tables)
    del tables["institution_years"]
    assert digest(with_it.tables) == digest(portfolio_of_frames(**tables).tables)


def folder_of(tables: Mapping[str, pd.DataFrame], path: Path) -> Path:
    path.mkdir()
    for name, frame in tables.items():
        frame.to_csv(path / f"{name}.csv", index=False)
    return path


def test_files_of_the_ledger_come_to_the_same(tmp_path: Path) -> None:
    values = {("A", 2021): 30_000, ("A", 2022): 30_001, ("B", 2022): 1}
    tables = ledger([("A", 2021, 100), ("A", 2022, 100), ("B", 2022, 100)], values)
    path = folder_of(tables, tmp_path / "ledger")
    held = assess(portfolio_of_frames(**tables), BY_YEAR, 2022)
    of_files = assess_files(path, BY_YEAR, 2022)
    assert of_files.tables == held.tables
    assert of_files.input_digest == held.input_digest
    result = tmp_path / "result.xlsx"
    write_workbook(of_files, result)
    assert verify(result, path).same
    tables["institution_years"].loc[0, "npl"] = "0.02"
    changed = folder_of(tables, tmp_path / "changed")
    assert not verify(result, changed).same


def test_json_tables_are_the_same_ledger() -> None:
    values = {("A", 2021): 30_000, ("A", 2022): 30_001}
    tables = ledger([("A", 2021, 100), ("A", 2022, 100)], values)
    members = {name: frame.to_dict("records") for name, frame in tables.items()}
    body = AssessmentBody.model_validate({"policy": "jiyuan-2022", "year": 2022, **members})
    found = portfolio_of_frames(**frames_of(body))
    assert digest(found.tables) == digest(portfolio_of_frames(**tables).tables)
    assert assess(found, BY_YEAR, 2022).claims["compensation"].tolist() == [0]


def test_variants_are_compared_year_by_year() -> None:
    values = {("A", 2021): 30_000, ("A", 2022): 40_000}
    of = portfolio_of_frames(**ledger([("A", 2021, 100_00), ("A", 2022, 100_00)], values))
    wider = ["institution_conditions[npl].at_most=0.04"]
    rows = compare(of, BY_YEAR, [2021, 2022], wider).tables["institutions"].to_pylist()
    found = [
        (row["year"], int(row["compensation"])) for row in rows if row["institution_id"] == "A"
    ]
    # 3% in 2021, 4% in 2022: as the policy is, and up to 4%.
    assert found == [(2021, 40), (2021, 40), (2022, 0), (2022, 40)]


def test_a_word_nearly_that_of_the_policy_is_found_in_the_row_of_its_year() -> None:
    rating = '[[columns]]\ntable = "institution_years"\nname = "rating"\nheading = "评级"\n'
    rating += 'type = "text"\nnote = { zh = "当年的" }\n[[claim_conditions]]\nid = "rating"\n'
    rated = policy(
        "institution_years",
        rest=f'{rating}value = "institution_years.rating"\none_of = ["优秀等级"]\n',
    )
    tables = ledger([("A", 2022, 100)], {("A", 2021): 0, ("B", 2022): 0, ("A", 2022): 0})
    tables["institution_years"]["rating"] = ["优秀等级", "优秀等级", "优秀"]
    rows = [w for w in settle_frames(tables, rated, EVE).warnings if w.kind == "near_word"]
    assert [(w.table, w.row, w.column) for w in rows] == [("institution_years", 3, "rating")]


def test_a_single_case_is_given_the_value_of_its_year() -> None:
    claim: dict[str, Any] = {"payout_date": "2022-06-01", "principal": 100}
    claim |= {"shares": {"institution": 1}}
    claim |= {"borrower_exposure": 100, "borrower_type": "farmer"}
    for npl, granted in (("0.03", 40), ("0.030001", 0)):
        figures: dict[str, Any] = {"government_backed": True, "npl": npl}
        found = decide_claim(BY_YEAR, figures, claim)
        assert found.compensation == granted


def test_the_template_has_the_sheets_that_the_policy_needs(tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    write_template(path, BY_YEAR)
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book["机构分年数据"][1]] == ["机构代码", "年度", "不良率"]
    assert "合同分年数据" not in book.sheetnames


def test_a_continued_ledger_keeps_the_values_by_year(tmp_path: Path) -> None:
    values = {("A", 2021): 30_000, ("A", 2022): 30_001}
    of = portfolio_of_frames(**ledger([("A", 2021, 100), ("A", 2022, 100)], values))
    path = tmp_path / "continued.xlsx"
    write_continued(continued(of, settle(of, BY_YEAR, EVE)), [BY_YEAR], path)
    book = openpyxl.load_workbook(path)
    rows = [[str(cell.value) for cell in row] for row in book["机构分年数据"].iter_rows()]
    assert rows == [
        ["机构代码", "年度", "不良率"],
        ["A", "2021", "3%"],
        ["A", "2022", "3.0001%"],
    ]
    book.remove(book["拨付"])  # the drafts, which have no date yet
    book.save(path)
    again = settle(read_portfolio(path), BY_YEAR, EVE)
    assert again.tables["settlement"] == settle(of, BY_YEAR, EVE).tables["settlement"]


@pytest.mark.parametrize(
    ("day", "years"),
    [
        ("2021-12-31", None),
        ("2022-12-30", None),
        ("2022-12-31", "2021"),
        ("2024-06-30", "2021、2022"),
    ],
)
def test_years_of_institutions_that_are_not_decided_are_told(day: str, years: str | None) -> None:
    """Only the last that is over is; what is due of the others is not in the figures."""
    text = HEAD.replace("from = 2022-03-01", "from = 2021-03-01") + 'record = "institution"\n'
    parts = "review = { required = [] }\n[base]\nvalue = 500\n[rates]\ntiers = [{ rate = 0.5 }]\n"
    one = policy_of_texts({POLICY_TEXT: text + parts})
    row = {"institution_id": "A", "government_backed": "true"}
    tables = {"institutions": pd.DataFrame([row]), "contracts": pd.DataFrame([CONTRACT])}
    settled = settle_frames(tables, one, day)
    assert settled.tables["settlement"]["to_pay"].to_pylist() == [250]
    said = [note.zh for note in settled.notes if "机构年度只核定" in note.zh]
    assert len(said) == (years is not None)
    decided = int(day[:4]) - (not day.endswith("12-31"))
    for note in said:
        assert f"只核定 {decided} 年度；政策有效的 {years} 年度没有核定" in note
