"""What any program must do: start Arrow, decode the columns the rules need, write the results.

    python -m benchmarks.peers.floor INPUT OUTPUT

It computes nothing. A row group is decoded at a time, its columns on all cores, and only what is
written again is kept: holding everything would cost the system's time for fresh memory as well. The
results are columns of the input, as many and as wide as the real ones.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

NOT_NEEDED = {"borrower_name", "lender"}
RESULTS = {
    "claims": ("claims", 14),
    "institutions": ("institutions", 19),
    "recoveries": ("returns", 12),
}
"""What is written: the table its columns come from, its name and how many columns it has."""


def decode(folder: Path, table: str) -> pa.Table:
    """Decode the columns that the rules need; return a table only where it is written again."""
    path = folder / f"{table}.parquet"
    if not path.exists():
        # What importing takes is part of the measured process; a run on Parquet has no use for it.
        from pyarrow import csv

        return csv.read_csv(folder / f"{table}.csv")
    file = pq.ParquetFile(path, memory_map=True)
    needed = [name for name in file.schema_arrow.names if name not in NOT_NEEDED]
    groups = (file.read_row_group(place, needed) for place in range(file.num_row_groups))
    if table in RESULTS:
        return pa.concat_tables(groups)
    for _ in groups:
        pass
    return None


def main() -> None:
    """Run as the arguments say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("output", type=Path)
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    for name in ("contracts", "releases", *RESULTS):
        table = decode(given.folder, name)
        if name not in RESULTS:
            continue
        result, columns = RESULTS[name]
        wide = [table.column(place % table.num_columns) for place in range(columns)]
        headings = [f"column_{place}" for place in range(columns)]
        target = given.output / f"{result}.parquet"
        pq.write_table(pa.table(wide, headings), target, compression="zstd")


if __name__ == "__main__":
    main()
