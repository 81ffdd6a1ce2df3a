"""What reaches the driver: sums, counts, and the first hundred faults of each kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F  # noqa: N812, as everybody writes it

from compensation.faults.groups import FaultGroup
from compensation.faults.order import group_order
from compensation.ledger.ids_and_totals import TOTALS, total_faults
from compensation.schema.dictionary import TABLES
from compensation.spark.faults import EACH, LISTED, WHAT, Counted, counted
from compensation.spark.names import FOUND, TALLY
from compensation.spark.outline import Outline
from compensation.spark.worker import key_of


def tally_of(held: DataFrame) -> dict[str, int]:
    """Return what all parts counted, added up; see `worker.decide_parts`."""
    rows = held.where(F.col(TALLY).isNotNull()).select(f"{TALLY}.*")
    total = F.sum(F.col("value").cast("decimal(38,0)")).alias("value")
    return {row["name"]: int(row["value"]) for row in rows.groupBy("name").agg(total).collect()}


def found_in(held: DataFrame, *, warnings: bool) -> list[FaultGroup]:
    """Return the faults, or the warnings, of all parts, a group for each kind."""
    rows = held.where(F.col(FOUND).isNotNull()).select(f"{FOUND}.*")
    rows = rows.where(F.col("warning") == warnings)
    counts = rows.groupBy(*WHAT).agg(F.sum("count").alias("count")).collect()
    each = rows.select(*WHAT, F.explode("listed").alias("one")).select(*WHAT, "one.*")
    by_id = (F.col("id").asc_nulls_last(), F.col("value").asc_nulls_last())
    place = F.row_number().over(Window.partitionBy(*WHAT).orderBy(*by_id))
    first = each.withColumn("place", place).where(F.col("place") <= EACH)
    listed = first.groupBy(*WHAT).agg(F.collect_list(F.struct("place", *LISTED.names)).alias("of"))
    of = {tuple(row[name] for name in WHAT): row["of"] for row in listed.collect()}
    groups = []
    for row in counts:
        what = {name: row[name] for name in WHAT}
        in_place = sorted(of[tuple(what.values())], key=lambda one: int(one["place"]))
        groups.append(counted(what, row["count"], in_place))
    return groups


def faults_of(
    known: Outline, found: Iterable[FaultGroup], tally: Mapping[str, int]
) -> list[FaultGroup]:
    """Return the faults of headings, of tables as a whole, and of single rows, in order."""
    empty = [name for name in known.no_rows if not tally.get(f"rows.{name}")]
    faults = [*known.faults, *(known.no_rows[name] for name in empty)]
    faults += [group for group in known.lacking if tally.get(f"rows.{group.table}")]
    for name, columns in TOTALS:
        total = tally.get(f"total.{name}.{columns[0]}", 0)
        faults += total_faults(total, name, columns[0])
    said = {(group.kind, group.table, group.column) for group in faults}
    # That a table has no rows is said once, not again by every row that refers to it.
    nowhere = {key_of(table) for table in TABLES if table.name in empty}
    for group in found:
        again = not isinstance(group, Counted) and (group.kind, group.table, group.column) in said
        if not again and not (group.kind == "unknown_reference" and group.column in nowhere):
            faults.append(group)
    return sorted(faults, key=group_order)
