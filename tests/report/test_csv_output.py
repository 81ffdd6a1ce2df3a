from __future__ import annotations

import csv
import datetime
import functools
import io
import re
import unicodedata
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.report.csv_output import write_csv


def written(table: pa.Table, batch_rows: int = 100) -> str:
    file = io.BytesIO()
    write_csv(table, file.write, batch_rows=batch_rows)
    return file.getvalue().decode("utf-8")


def field(text: str | None) -> str:
    """How one text stands in a file, between fields that need nothing."""
    table = pa.table({"a": ["x"], "b": pa.array([text], pa.string()), "c": ["y"]})
    heading, line = written(table).split("\n", 1)
    assert heading == "a,b,c"
    assert line.startswith("x,")
    assert line.endswith(",y\n")
    return line.removeprefix("x,").removesuffix(",y\n")


def test_each_type_is_written_in_its_form() -> None:
    table = pa.table(
        {
            "money": pa.array(
                [Decimal("-0.05"), Decimal("9999999999999.99"), None], pa.decimal128(18, 2)
            ),
            "ratio": pa.array([Decimal("0.8"), Decimal("-1"), None], pa.decimal128(18, 6)),
            "day": pa.array([datetime.date(2022, 3, 1), datetime.date(1, 1, 1), None]),
            "flag": [True, False, None],
            "count": [0, -7, None],
            "text": ["济源", "", None],
        }
    )
    assert written(table) == (
        "money,ratio,day,flag,count,text\n"
        "-0.05,0.800000,2022-03-01,true,0,济源\n"
        "9999999999999.99,-1.000000,0001-01-01,false,-7,\n"
        ",,,,,\n"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain", "plain"),
        ("no quotes 'needed' here; really", "no quotes 'needed' here; really"),
        ("a,b", '"a,b"'),
        ('say "so"', '"say ""so"""'),
        ("two\nlines", '"two\nlines"'),
        ("a\rb", '"a\rb"'),
        (" leading", '" leading"'),
        ("trailing ", '"trailing "'),
        ("\u3000全角", '"\u3000全角"'),
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("\u3000＝1+1", "'\u3000＝1+1"),
        ("\u200b@A1", "'\u200b@A1"),
        ("－5", "'－5"),
        ("＋86", "'＋86"),
        ("＠A1", "'＠A1"),
        ("\n=1+1", '"\'\n=1+1"'),
        ("a;=1+1", '"a;=1+1"'),
        ("a\t =1+1", '"a\t =1+1"'),
        ("a;b", "a;b"),
        ("+86", "'+86"),
        ("-5.00", "'-5.00"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", '"\'\rx"'),
        ('=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'),
        ("a=b", "a=b"),
        ("'quoted", "'quoted"),
        ("", ""),
        (None, ""),
    ],
)
def test_texts_are_quoted_where_needed_and_never_a_formula(text: str | None, expected: str) -> None:
    assert field(text) == expected


def test_an_empty_table_has_its_headings() -> None:
    assert (
        written(pa.table({"a": pa.array([], pa.string()), "b": pa.array([], pa.int64())}))
        == "a,b\n"
    )


@functools.cache
def beginning_of_a_formula() -> re.Pattern[str]:
    """Signs that may stand for a blank before what begins a formula are all those there are."""
    every = map(chr, range(0x110000))
    blank = {sign for sign in every if unicodedata.category(sign) in ("Zs", "Zl", "Zp", "Cf")}
    blank |= set("\t\n\f\r")
    return re.compile(rf"[{re.escape(''.join(blank))}]*[=+\-@＝＋－＠]|[\t\r\n]")


HOSTILE = st.text(
    st.one_of(
        st.sampled_from("=+-@＝－\t\r\n;,\"' \u3000\u200b"),
        st.characters(exclude_categories=["Cs"]),
    )
)


@pytest.mark.slow
@given(st.lists(st.tuples(HOSTILE, HOSTILE)), st.integers(1, 4))
def test_any_text_comes_back_but_for_its_apostrophe(
    rows: list[tuple[str, str]], batch: int
) -> None:
    columns = list(zip(*rows, strict=True)) or [(), ()]
    table = pa.table(
        {name: pa.array(c, pa.string()) for name, c in zip("ab", columns, strict=True)}
    )
    text = written(table, batch_rows=batch)
    got = list(csv.reader(io.StringIO(text, newline=""), strict=True))

    def guarded(cell: str) -> str:
        return "'" + cell if beginning_of_a_formula().match(cell) else cell

    assert got == [["a", "b"], *([guarded(a), guarded(b)] for a, b in rows)]
    assert text == written(table)  # however many rows at a time
