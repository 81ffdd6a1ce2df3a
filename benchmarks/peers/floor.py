"""What any program must do: start Arrow, decode the columns the rules need, write the results.

    python -m benchmarks.peers.floor INPUT OUTPUT

It computes nothing: the results are columns of the input, as many and as wide as the real ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

TABLES = ("institutions", "contracts", "releases", "claims", "recoveries")
NOT_NEEDED = {"borrower_name", "lender"}


def read(folder: Path, table: str) -> pa.Table:
    """Decode a table's columns that the rules need."""
    path = folder / f"{table}.parquet"
    if not path.exists():
        from pyarrow import csv

        return csv.read_csv(folder / f"{table}.csv")
    file = pq.ParquetFile(path)
    return file.read([name for name in file.schema_arrow.names if name not in NOT_NEEDED])


def main() -> None:
    """Run as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    tables = {name: read(given.folder, name) for name in TABLES}
    given.output.mkdir(parents=True, exist_ok=True)
    for name, source, columns in (
        ("claims", "claims", 14),
        ("institutions", "institutions", 19),
        ("returns", "recoveries", 12),
    ):
        table = tables[source]
        wide = [table.column(place % table.num_columns) for place in range(columns)]
        result = pa.table(wide, [f"column_{place}" for place in range(columns)])
        pq.write_table(result, given.output / f"{name}.parquet", compression="zstd")


if __name__ == "__main__":
    main()
