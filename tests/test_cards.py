"""How values show in a Python session: one short line, a card in notebooks, names for users."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pytest

import compensation
from compensation.cards import Card, html_of
from compensation.language import Text
from compensation.report.workbook import write_workbook
from compensation.schema.dictionary import TABLES
from tests.report.results import HOSTILE, small

LEDGER = Path(__file__).parents[1] / "examples" / "jiyuan-2022.xlsx"
SEED = Path(__file__).parent / "data" / "examples" / "seed-1" / "input"


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    portfolio = compensation.read_portfolio(LEDGER)
    assessment = compensation.assess(portfolio, "jiyuan-2022", 2022, "100000")
    with pytest.raises(compensation.InputFaults) as wrong:
        compensation.read_portfolio({"contracts": pa.table({"contract_id": ["A", "A"]})})
    return {
        "portfolio": portfolio,
        "assessment": assessment,
        "policy": assessment.policy,
        "warnings": assessment.warnings,
        "faults": wrong.value.faults,
        "claim": assessment.explain("DC2022-07"),
        "institution": assessment.explain_institution("SL-001"),
        "settlement": compensation.settle(portfolio, ["jiyuan-2022"], "2023-12-31"),
        "joint": compensation.assess_policies(portfolio, ["jiyuan-2022"], 2022),
    }


class Balanced(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, _attrs: object) -> None:
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_a_line_and_a_card(found: dict[str, Any]) -> None:
    for name, value in found.items():
        line = repr(value)
        assert "\n" not in line, name
        assert len(line) < 300, name
        assert line.startswith(f"<{type(value).__name__} "), name
        parser = Balanced()
        parser.feed(value._repr_html_())
        assert parser.open == [], name
    assert repr(found["assessment"]) == (
        "<Assessment jiyuan-2022: year 2022, claims 11, eligible 9, compensation 200027.25, "
        "payable 100000.00, budget 100000.00, warnings 6>"
    )
    assert repr(found["claim"]).startswith("<ClaimExplanation DC2022-07: status approved, payable ")


def test_nothing_in_a_card_is_markup() -> None:
    for text in ("<script>alert(1)</script>", '"><b>', *HOSTILE):
        said = html_of(
            Card(Text(text, text), [(Text(text, "x"), text)], [Text(text, text)], [[text]])
        )
        parser = Balanced()
        parser.feed(said)
        assert "<script" not in said
        assert "<b>" not in said


def test_names_are_those_for_users(found: dict[str, Any]) -> None:
    names = {name for name in dir(found["assessment"]) if not name.startswith("_")}
    assert {"claims", "explain", "explain_all", "to_excel", "summary", "policy"} <= names
    assert names.isdisjoint({"cases", "decisions", "inputs", "ledgers", "held"})
    assert "links" not in dir(found["portfolio"])


def test_all_lines_are_those_of_each_explanation(found: dict[str, Any]) -> None:
    assessment = found["assessment"]
    frame = assessment.explain_all("en")
    for id_ in assessment.claims["claim_id"]:
        own = frame[frame["claim_id"] == id_]
        lines = assessment.explain(id_).as_dict("en")["arithmetic"]
        assert own["line"].tolist() == [*range(1, len(lines) + 1)]
        for column in ("name", "title", "formula", "value", "clause", "basis", "note"):
            said = [None if cell is None else str(cell) for cell in (x[column] for x in lines)]
            assert own[column].astype(object).where(own[column].notna(), None).tolist() == said


def test_an_id_that_is_not_there_names_those_like_it(found: dict[str, Any]) -> None:
    with pytest.raises(KeyError, match="DC2022-07"):
        found["assessment"].explain("DC2022-7")
    with pytest.raises(KeyError, match="SL-001"):
        found["assessment"].explain_institution("SL-01")
    with pytest.raises(KeyError, match="DC2022-07"):
        found["settlement"].explain("DC2022-7")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "csv", "parquet"])
def test_results_write_themselves(found: dict[str, Any], tmp_path: Path, kind: str) -> None:
    for name in ("assessment", "joint", "settlement"):
        path = tmp_path / f"{name}.{kind}"
        {
            "xlsx": found[name].to_excel,
            "csv": found[name].to_csv,
            "parquet": found[name].to_parquet,
        }[kind](path)
        read = compensation.read_result(path)
        assert read.form == kind
    if kind == "xlsx":
        write_workbook(found["assessment"], tmp_path / "same.xlsx")
        same = (tmp_path / "same.xlsx").read_bytes()
        assert (tmp_path / "assessment.xlsx").read_bytes() == same


@pytest.mark.slow
def test_tables_in_memory_of_every_kind() -> None:
    names = [table.name for table in TABLES if (SEED / f"{table.name}.csv").exists()]
    wanted = compensation.read_portfolio(SEED)
    lazy = {n: pl.scan_csv(SEED / f"{n}.csv", infer_schema=False) for n in names}
    eager = {name: frame.collect() for name, frame in lazy.items()}
    arrow = {name: pa.table(frame) for name, frame in eager.items()}
    with duckdb.connect() as base:
        queries = {
            name: base.sql(f"select * from read_csv('{SEED}/{name}.csv', all_varchar = true)")
            for name in names
        }
        inputs: list[dict[str, Any]] = [lazy, eager, arrow, queries]
        inputs.append({name: pa.RecordBatchReader.from_stream(arrow[name]) for name in names})
        digests = [
            compensation.assess(compensation.read_portfolio(each), "jiyuan-2022", 2022).input_digest
            for each in inputs
        ]
    assert set(digests) == {compensation.assess(wanted, "jiyuan-2022", 2022).input_digest}


def test_small_results_show_too() -> None:
    assessment = compensation.assess(small([]), "jiyuan-2022", 2022)
    assert "claims 0" in repr(assessment)
    assert assessment.explain_all().empty
