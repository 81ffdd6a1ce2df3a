"""Results that write themselves: a workbook, or a folder of CSV or Parquet files."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path


class WrittenResult:
    """What every result can do: appear whole at a path, or leave what was there as it was."""

    def to_excel(self, path: str | os.PathLike[str]) -> None:
        """Write the result workbook, replacing what is at ``path``.

        Raises `TooManyRows`, and `Refused` where the system does not let us write.
        """
        self._write(path, "xlsx")

    def to_csv(self, folder: str | os.PathLike[str]) -> None:
        """Write a folder of CSV files with the summary, as the command does. Raises `Refused`."""
        self._write(folder, "csv")

    def to_parquet(self, folder: str | os.PathLike[str]) -> None:
        """Write a folder of Parquet files with the summary. Raises `Refused`."""
        self._write(folder, "parquet")

    def _write(self, path: str | os.PathLike[str], form: str) -> None:
        # By name: what writes results knows all kinds of them, and most runs write none.
        import_module("compensation.report.output").write_output(self, Path(path), form)
