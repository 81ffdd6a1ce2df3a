from __future__ import annotations

import datetime
import hashlib
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from compensation.ledger import digest as digest_module
from compensation.ledger.digest import Blocks, DigestedTable, digest, digest_of, hashed

# The layout again, from its description, one value at a time.

EPOCH = datetime.date(1970, 1, 1)


def number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little", signed=value < 0)


def written(text: str) -> bytes:
    return number(len(text.encode()), 4) + text.encode()


def content(values: list[Any], kind: pa.DataType) -> tuple[str, bytes]:
    blocks = [
        content_of_block(values[at : at + digest_module.BLOCK], kind)
        for at in range(0, len(values), digest_module.BLOCK)
    ]
    return blocks[0][0], b"".join(hashlib.sha256(data).digest() for _, data in blocks)


def content_of_block(values: list[Any], kind: pa.DataType) -> tuple[str, bytes]:
    bits = "".join("0" if value is None else "1" for value in values)
    bits += "0" * (-len(bits) % 8)
    valid = bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8))
    if kind in (pa.string(), pa.large_string()):
        encoded = [(value or "").encode() for value in values]
        lengths = b"".join(number(len(text), 4) for text in encoded)
        return "text", valid + lengths + b"".join(encoded)
    tag, size = {
        pa.bool_(): ("boolean", 1),
        pa.int8(): ("int8", 1),
        pa.int64(): ("int64", 8),
        pa.date32(): ("date", 4),
    }[kind]
    plain = [(v - EPOCH).days if isinstance(v, datetime.date) else int(v or 0) for v in values]
    return tag, valid + b"".join(number(value, size) for value in plain)


def recomputed(tables: dict[str, dict[str, pa.Array]]) -> str:
    document = b"guarantee-ledgers/2\n"
    for table in sorted(tables):
        columns = tables[table]
        rows = max((len(column) for column in columns.values()), default=0)
        if rows == 0:
            continue
        filled = [n for n in sorted(columns) if any(v is not None for v in columns[n].to_pylist())]
        document += written(table) + number(rows, 8) + number(len(filled), 8)
        for name in filled:
            tag, data = content(columns[name].to_pylist(), columns[name].type)
            document += written(name) + written(tag) + hashlib.sha256(data).digest()
    return "sha256:" + hashlib.sha256(document).hexdigest()


VALUES: dict[pa.DataType, st.SearchStrategy[Any]] = {
    pa.string(): st.text(max_size=5),
    pa.large_string(): st.text(max_size=5),
    pa.bool_(): st.booleans(),
    pa.int8(): st.integers(-128, 127),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.date32(): st.dates(),
}


@st.composite
def columns(draw: st.DrawFn, rows: int) -> pa.Array:
    kind = draw(st.sampled_from(list(VALUES)))
    values = st.none() | VALUES[kind]
    return pa.array(draw(st.lists(values, min_size=rows, max_size=rows)), kind)


@st.composite
def ledgers(draw: st.DrawFn) -> dict[str, dict[str, pa.Array]]:
    tables = {}
    for name in draw(st.lists(st.text(max_size=3), unique=True, max_size=3)):
        rows = draw(st.integers(0, 20))
        names = draw(st.lists(st.text(max_size=3), unique=True, max_size=4))
        tables[name] = {column: draw(columns(rows)) for column in names}
    return tables


def garbled(column: pa.Array) -> pa.Array:
    """Return an equal array that lies otherwise in memory: at an offset, with garbage in nulls."""
    filler = {pa.bool_(): True, pa.int8(): 7, pa.int64(): 7, pa.date32(): EPOCH}
    noise = pa.scalar(filler.get(column.type, "garbage"), column.type)
    full = pa.concat_arrays([pa.array([noise.as_py()] * 5, column.type), column.fill_null(noise)])
    valid = np.ones(len(full), np.bool_)
    valid[5:] = column.is_valid().to_numpy(zero_copy_only=False)
    bitmap = pa.py_buffer(np.packbits(valid, bitorder="little"))
    return pa.Array.from_buffers(full.type, len(full), [bitmap, *full.buffers()[1:]]).slice(5)


@pytest.mark.slow
@given(ledgers(), st.data())
def test_the_digest_is_that_of_the_described_bytes(
    tables: dict[str, dict[str, pa.Array]], data: st.DataObject
) -> None:
    expected = recomputed(tables)
    assert digest(tables) == expected
    turned = {table: dict(reversed(columns.items())) for table, columns in reversed(tables.items())}
    assert digest(turned) == expected
    garbage = {t: {n: garbled(c) for n, c in columns.items()} for t, columns in tables.items()}
    for table, columns_ in garbage.items():
        assert all(c.equals(tables[table][n]) for n, c in columns_.items())
    assert digest(garbage) == expected
    pieces = {table: in_pieces(columns, data) for table, columns in garbage.items()}
    assert digest_of(pieces) == expected


def in_pieces(columns: dict[str, pa.Array], data: st.DataObject) -> DigestedTable:
    """The digest of a table that comes a piece at a time."""
    rows = max(map(len, columns.values()), default=0)
    ends = sorted(data.draw(st.lists(st.integers(0, rows), max_size=3)))
    blocks, table = Blocks(), DigestedTable()
    found: list[dict[str, list[pa.Array]]] = []
    for start, stop in zip([0, *ends], [*ends, rows], strict=True):
        found += blocks.add({name: column[start:stop] for name, column in columns.items()})
    for block in (*found, *blocks.rest()):
        table.add(hashed(block))
    return table


@pytest.mark.slow
@given(ledgers(), st.data())
def test_any_change_of_a_value_changes_the_digest(
    tables: dict[str, dict[str, pa.Array]], data: st.DataObject
) -> None:
    places = [(t, n) for t, columns in tables.items() for n, c in columns.items() if len(c)]
    if not places:
        return
    table, name = data.draw(st.sampled_from(places))
    column = tables[table][name]
    row = data.draw(st.integers(0, len(column) - 1))
    values = column.to_pylist()
    other = data.draw((st.none() | VALUES[column.type]).filter(lambda v: v != values[row]))
    changed = pa.array([*values[:row], other, *values[row + 1 :]], column.type)
    assert digest({**tables, table: {**tables[table], name: changed}}) != digest(tables)


def of(*values: Any) -> str:
    return digest({"t": {"c": pa.array(values)}})


def test_what_must_not_be_confused() -> None:
    assert of("ab", "c") != of("a", "bc")
    assert of("", "a") != of(None, "a")
    assert of(0, 1) != of(None, 1)
    assert of(1, 2) != of(2, 1)
    assert of(1, 2) != of(1, 2, None)
    assert of(0, 1) != of(False, True)
    assert digest({"a": {"c": pa.array([1])}}) != digest({"b": {"c": pa.array([1])}})
    assert digest({"a": {"bc": pa.array([1])}}) != digest({"ab": {"c": pa.array([1])}})
    assert digest({"a": {"c": pa.array([1])}}) != digest({"a": {"d": pa.array([1])}})


def test_a_column_without_a_value_is_as_none_and_a_table_without_rows_likewise() -> None:
    column = pa.array([1, None])
    bare = digest({"t": {"c": column}})
    assert digest({"t": {"c": column, "d": pa.nulls(2, pa.string())}}) == bare
    assert digest({"t": {"c": column, "d": pa.nulls(2)}}) == bare
    assert digest({"t": {"c": column}, "u": {"c": pa.array([], pa.int64())}, "v": {}}) == bare
    assert digest({"t": {"c": pa.nulls(2)}}) != digest({"t": {"c": pa.nulls(3)}})


def test_columns_longer_than_a_block(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = 100
    tables = {
        "t": {
            "n": pa.array([None if row % 7 == 0 else row for row in range(rows)]),
            "s": pa.array([None if row % 5 == 0 else "文" * (row % 4) for row in range(rows)]),
            "b": pa.array([row % 3 == 0 for row in range(rows)]),
        }
    }
    digests = set()
    for block in (1, 3, 8, 100, 1000):
        monkeypatch.setattr(digest_module, "BLOCK", block)
        assert digest(tables) == recomputed(tables)
        digests.add(digest(tables))
    assert len(digests) == 4, "the length of a block is part of the format, where it matters"


def test_what_is_not_a_ledger_is_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        digest({"t": {"a": pa.array([1]), "b": pa.array([1, 2])}})
    with pytest.raises(TypeError, match="double"):
        digest({"t": {"a": pa.array([0.5])}})


def test_a_digest_of_record() -> None:
    """The layout is a promise: this value changes only together with the name in its first line."""
    tables = {
        "contracts": {
            "contract_id": pa.array(["HT001", "HT002", None]),
            "guaranteed_amount": pa.array([100_000_000, None, 5]),
            "start_date": pa.array([datetime.date(2022, 3, 1)] * 3),
        }
    }
    assert (
        digest(tables)
        == recomputed(tables)
        == ("sha256:081b59b419f5ae343fd16ca8e07f3a2cc48b46c0641341af24a3c9abc43e7144")
    )
