"""Compare two folders of results cell by cell, whatever types the Parquet files hold them in.

python -m benchmarks.compare RESULT_A RESULT_B
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq


def differences(one: Path, other: Path) -> list[str]:
    """Return what differs, a line for each column at most; nothing if every cell is the same."""
    found = []
    for name in sorted(path.stem for path in one.glob("*.parquet")):
        left, right = (pq.read_table(folder / f"{name}.parquet") for folder in (one, other))
        if left.column_names != right.column_names:
            found.append(f"{name}: columns {left.column_names} and {right.column_names}")
            continue
        if left.num_rows != right.num_rows:
            found.append(f"{name}: {left.num_rows} and {right.num_rows} rows")
            continue
        for column in left.column_names:
            mine, theirs = left[column], right[column]
            if pa.types.is_dictionary(theirs.type):
                theirs = theirs.cast(theirs.type.value_type)
            if theirs.type != mine.type:
                # A safe cast: a cell that would lose anything raises.
                theirs = theirs.cast(mine.type)
            same = pc.fill_null(pc.equal(mine, theirs), False)
            both_blank = pc.and_(pc.is_null(mine), pc.is_null(theirs))
            wrong = pc.indices_nonzero(pc.invert(pc.or_(same, both_blank)))
            if len(wrong):
                row = wrong[0].as_py()
                found.append(
                    f"{name}.{column}: {len(wrong)} cells, first in row {row}: "
                    f"{mine[row].as_py()} and {theirs[row].as_py()}"
                )
    return found


def main() -> None:
    """Print the differences; exit 1 if there are any."""
    found = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    print("\n".join(found) or "every cell is the same")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
