"""Columns of few words in a Parquet file are read word by word, and mean what texts mean."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from compensation.ledger.table_reader import TableReader
from compensation.readers.parquet import open_parquet
from compensation.schema.dictionary import CLAIMS, CONTRACTS, Table
from compensation.tables.raw import RawColumn
from compensation.tables.values import Parsed

ROWS = 600

WORDS = [
    (CONTRACTS, "borrower_type", ["farmer", "农户", " other "]),
    (CONTRACTS, "borrower_type", ["farmer", None, ""]),
    (CONTRACTS, "borrower_type", ["farmer", "whale"]),
    (CONTRACTS, "institution_id", ["A1", " A1", "济源"]),
    (CONTRACTS, "institution_id", ["A1", "", None]),
    (CONTRACTS, "institution_id", [None]),
    (CONTRACTS, "guaranteed_amount", ["100.50", "１００", "20万元", "0", "x" * 200]),
    (CONTRACTS, "start_date", ["2022-01-31", "2022年2月3日", "2022-02-30"]),
    (CONTRACTS, "share_lender", ["20%", "0.2", "40", "250%"]),
    (CLAIMS, "finance_review", ["approved", "通过", None]),
    (CLAIMS, "finance_review", ["approved", "perhaps"]),
]


@pytest.mark.parametrize(
    ("table", "name", "words"), WORDS, ids=lambda given: getattr(given, "name", None)
)
def test_words_mean_what_texts_mean(
    table: Table, name: str, words: list[str | None], tmp_path: Path
) -> None:
    cells = pa.array([words[row * row % 7 % len(words)] for row in range(ROWS)], pa.string())
    pq.write_table(pa.table({name: cells}), tmp_path / "a.parquet")
    pieces, faults = open_parquet(tmp_path / "a.parquet", table)
    assert pieces is not None
    assert not faults
    (piece,) = pieces.read([0])
    assert piece.columns[0].words is not None
    as_texts = piece._replace(columns=(RawColumn(name, text=cells),))
    reader = TableReader(table, pieces.head)
    by_word, by_cell = (reader.column(name, each) for each in (piece, as_texts))
    assert by_word.values.equals(by_cell.values)
    assert seen(by_word) == seen(by_cell)


def seen(parsed: Parsed) -> list[tuple[object, ...]]:
    """What there is to tell two readings' faults apart by."""
    return [(group.kind, repr(group.rows), list(group.values or ())) for group in parsed.faults]


def test_a_word_that_no_row_of_a_piece_has_is_not_held_against_it(tmp_path: Path) -> None:
    """A row group holds the words of all its rows, a piece some of the rows."""
    cells = pa.array(["farmer"] * ROWS + ["whale"], pa.string())
    pq.write_table(pa.table({"borrower_type": cells}), tmp_path / "a.parquet")
    pieces, _ = open_parquet(tmp_path / "a.parquet", CONTRACTS)
    assert pieces is not None
    reader = TableReader(CONTRACTS, pieces.head)
    (piece,) = pieces.read([0])
    assert piece.columns[0].words is not None
    (fault,) = reader.column("borrower_type", piece).faults
    assert fault.rows is not None
    assert fault.rows.tolist() == [ROWS]
