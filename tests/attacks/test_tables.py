"""CSV and Parquet made to do harm: refused with what is wrong, in little memory and time."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.attacks.limited import SECONDS, Outcome, under_limits
from tests.fuzzing import seeds

pytestmark = pytest.mark.process

CSV, PARQUET = "contracts.csv", "contracts.parquet"
WHOLE = seeds.csv_text(seeds.TABLES["contracts"]).encode()


def undecodable(column: int) -> bytes:
    """Return contracts with a column of texts that are no UTF-8."""
    rows = seeds.TABLES["contracts"]
    table = pa.table({h: list(c) for h, *c in zip(*rows, strict=True)})
    cells = pa.array([b"D1", b"D\xff", b"\xed\xa0\x80"], pa.binary())
    texts = pa.Array.from_buffers(pa.string(), 3, cells.buffers())
    return stored(table.set_column(column, rows[0][column], texts))


def stored(table: pa.Table, **options: object) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file, **options)
    return file.getvalue()


def long_claim() -> bytes:
    """Return contracts of nothing but blanks: a hundred million rows in a kilobyte."""
    blanks = pa.nulls(100_000_000, pa.int8())
    return stored(pa.table({"contract_id": blanks}), row_group_size=100_000_000)


def with_footer(size: int) -> bytes:
    """Return a file that says of its footer that it is so long."""
    return seeds.parquet()[:-8] + size.to_bytes(4, "little") + b"PAR1"


def nested() -> bytes:
    kind: pa.DataType = pa.int8()
    for _ in range(4):
        kind = pa.list_(kind)
    return stored(pa.table({"contract_id": pa.nulls(1, kind)}))


ATTACKS: Mapping[str, tuple[str, Callable[[], bytes], str]] = {
    "a hundred thousand columns": (
        CSV,
        lambda: ",".join(f"c{i}" for i in range(100_000)).encode() + b"\n",
        "列数过多",
    ),
    "headings as long as a book": (
        CSV,
        lambda: WHOLE.replace("合同编号".encode(), "合同".encode() * 250_000),
        "缺少这一列",
    ),
    "halves of characters": (CSV, lambda: WHOLE.replace(b"D2", b"D\xed\xa0\x80"), "编码"),
    "a null byte": (CSV, lambda: WHOLE.replace(b"D2", b"D\0"), "空字节"),
    "UTF-16 without a mark": (CSV, lambda: WHOLE.decode().encode("utf-16-le"), "空字节"),
    "a quote that stays open": (CSV, lambda: WHOLE + b'"' + b"x,\n" * 500_000, "引号没有闭合"),
    "a line without an end": (CSV, lambda: WHOLE + b"x," * 500_000, "列数与标题行不同"),
    "an id that turns": (CSV, lambda: WHOLE.replace(b"J1", "J\u202e1".encode()), "J\\u202e1"),
    "an id with nothing in it": (
        CSV,
        lambda: WHOLE.replace(b"J1", "J\u200b1".encode()),
        "J\\u200b1",
    ),
    **{
        f"no text in column {column}": (
            PARQUET,
            lambda column=column: undecodable(column),  # type: ignore[misc]
            "不是 UTF-8 的文本",
        )
        for column in range(0, 13, 3)
    },
    "a hundred million blanks": (PARQUET, long_claim, "不是 Parquet 文件"),
    "a footer of four gigabytes": (PARQUET, lambda: with_footer(2**32 - 1), "不是 Parquet 文件"),
    "a footer of nothing": (PARQUET, lambda: with_footer(0), "不是 Parquet 文件"),
    "a footer cut short": (PARQUET, lambda: with_footer(100), "不是 Parquet 文件"),
    "lists in lists": (PARQUET, nested, "这种类型的列无法读取"),
    "a workbook": (PARQUET, seeds.workbook, "不是 Parquet 文件"),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    whole = tmp_path_factory.mktemp("whole")
    for name, rows in seeds.TABLES.items():
        (whole / f"{name}.csv").write_text(seeds.csv_text(rows), encoding="utf-8")
    folders = []
    for i, (name, make, _) in enumerate(ATTACKS.values()):
        folder = whole.with_name(f"attack-{i}")
        shutil.copytree(whole, folder)
        (folder / CSV).unlink()
        (folder / name).write_bytes(make())
        folders.append(folder)
    return dict(zip(ATTACKS, under_limits(folders), strict=True))


@pytest.mark.parametrize("name", ATTACKS)
def test_a_table_that_wants_to_do_harm(name: str, outcomes: dict[str, Outcome]) -> None:
    outcome = outcomes[name]
    assert outcome.code == 2, outcome.err[:1000]
    assert ATTACKS[name][2] in outcome.err
    assert "Traceback" not in outcome.err
    assert outcome.seconds < SECONDS


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "contracts.csv").mkdir()
    (outcome,) = under_limits([tmp_path], "en")
    assert outcome.code == 2
