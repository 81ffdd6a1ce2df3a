"""What changed between two results: a corrected ledger, another policy, other options."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from compensation.language import Text
from compensation.policy.faults import PolicyFaults
from compensation.record.comparison import TableDifference, compared
from compensation.record.faults import ResultRefused
from compensation.record.policies import PolicyDifference, policies_difference
from compensation.record.reading import Result, as_read, read_result
from compensation.record.summaries import (
    ListDifference,
    ValueDifference,
    list_differences,
    value_differences,
)
from compensation.written_results import WrittenResult

OPTIONS = ("policy", "policies", "year", "from", "to", "budget", "as_of", "reviews", "parties")


@dataclass(frozen=True, eq=False)
class Difference:
    """What differs between two results; in each part the first result comes first.

    `options`: policies, year or period, budget, day, reviews, parties. `inputs`: tables of the
    input whose content differs, by how many rows they have. `rules`: the texts of rules that
    differ, by name. `policy`: what the policies say differently, of several those of one id; None
    where this version can't take one of them.
    `version`: of the program that wrote them. `totals`, `tables`, `lists`: what came out.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> one, other = (assess(ledger, "jiyuan-2022", 2022) for _ in range(2))
    >>> diff(one, other).same
    True
    """

    first: Result
    second: Result
    options: tuple[ValueDifference, ...]
    inputs: tuple[ValueDifference, ...]
    rules: tuple[str, ...]
    policy: PolicyDifference | None
    version: ValueDifference | None
    totals: tuple[ValueDifference, ...]
    tables: tuple[TableDifference, ...]
    lists: tuple[ListDifference, ...]

    @property
    def same(self) -> bool:
        """Whether both results are of the same input, rules and options, and say the same.

        Another version of the program may have written one of them.
        """
        return not (self.options or self.inputs or self.rules or self.totals or self.lists) and all(
            table.same for table in self.tables
        )


Compared = str | os.PathLike[str] | WrittenResult
"""A result that was written, or one in memory."""


def diff(first: Compared, second: Compared) -> Difference:
    """Compare two results: workbooks, folders of CSV or Parquet files, or what `assess` returns.

    Rows go by their ids. Raises `ResultRefused` where one can't be read, or is not as it was
    written, and where they are of two kinds: a settlement, a year under one policy or several.

    >>> ledger = read_portfolio("examples/jiyuan-2022.xlsx")
    >>> whole, cut = (assess(ledger, "jiyuan-2022", 2022, budget) for budget in (None, "100000"))
    >>> diff(whole, cut).totals[0]
    ValueDifference(key='totals.payable', first='132041.75', second='100000.00')
    """
    one, other = _read(first), _read(second)
    if one.layout != other.layout:
        raise ResultRefused(
            Text(
                "“{first}”和“{second}”是两种不同的结果，不能比较",
                "“{first}” and “{second}” are results of two kinds, which can't be compared",
            ).fill(first=one.path, second=other.path)
        )
    said, then = one.summary, other.summary
    options, others = _by_id(said), _by_id(then)
    versions = tuple(value_differences(said, then, ["version"]))
    return Difference(
        one,
        other,
        tuple(value_differences(options, others, OPTIONS)),
        tuple(_inputs(said["inputs"], then["inputs"])),
        tuple(name for name in _names(said["rules"], then["rules"])),
        _policies(one, other),
        versions[0] if versions else None,
        tuple(value_differences(said, then, ["totals"])),
        tuple(_compared(one, other, table) for table in one.layout.tables),
        list_differences(said, then),
    )


def _read(result: Compared) -> Result:
    if not isinstance(result, WrittenResult):
        return read_result(result)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder, type(result).__name__)
        result.to_parquet(path)
        return read_result(path)


def _by_id(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a summary says with its several policies, if there are such, by their ids."""
    if "policies" not in said:
        return said
    return {**said, "policies": {policy["id"]: policy["digest"] for policy in said["policies"]}}


def _names(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Return the names under which two mappings hold different things."""
    return [name for name in {**one, **other} if one.get(name) != other.get(name)]


def _inputs(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[ValueDifference]:
    def rows(inputs: Mapping[str, Any], table: str) -> str | None:
        return str(inputs[table]["rows"]) if table in inputs else None

    return [
        ValueDifference(name, rows(one, name), rows(other, name)) for name in _names(one, other)
    ]


def _policies(one: Result, other: Result) -> PolicyDifference | None:
    try:
        return policies_difference(one.policies, other.policies)
    except PolicyFaults:
        return None


def _compared(one: Result, other: Result, table: str) -> TableDifference:
    """Compare a table of both, as either reads back from the form of the other."""
    types = {**other.types(table), **one.types(table)}
    first = as_read(table, one.cells[table], types, other.form)
    second = as_read(table, other.cells[table], types, one.form)
    return compared(table, one.layout.key(table), first, second, types)
