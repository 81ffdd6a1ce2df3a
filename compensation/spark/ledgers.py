"""From DataFrames of ledgers to rows brought together by institution.

Which column is which is settled once, from the schemas. Ids are compared as everywhere: read by the
library, whole columns at a time, before anything is joined by them. A contract goes to the group of
its institution, a release or claim to its contract's, a recovery to its claim's; what refers to
nothing goes anywhere, and is found to refer to nothing there, because nothing in its group has the
id. What rows are not sent anywhere for, ids that are there twice, is counted here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import pyarrow as pa
from pyarrow.lib import ArrowException
from pyspark.errors import PySparkTypeError
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812, as everybody writes it
from pyspark.sql.pandas.types import to_arrow_type

from compensation.ledger.dictionary import TABLES, Table
from compensation.ledger.faults import FaultGroup
from compensation.ledger.frames import SOURCE
from compensation.ledger.intake import not_given
from compensation.ledger.parquet import column_type, raw_of_array
from compensation.ledger.raw import RawTable
from compensation.ledger.table_reader import TableReader
from compensation.policy.catalogue import Policy
from compensation.policy.subjects import extra_columns
from compensation.spark.worker import GROUP, REPEATED, read_ids

ROW = "row"
"""The first field of every packed row: a table of which nothing is read has rows all the same."""
OWN, OTHER = "own_id", "other_id"
"""The id of a row, and the id of what it refers to, as they are compared."""
REFERS = {
    "contracts": "institution_id",
    "releases": "contract_id",
    "claims": "contract_id",
    "recoveries": "claim_id",
}
"""The column by which a table's rows find their institution."""
TARGETS = {"releases": "contracts", "claims": "contracts", "recoveries": "claims"}
"""The table whose rows they find it by; a contract names it itself."""
AGAIN = "struct<table: string, id: string, times: long>"


@dataclass(frozen=True)
class Ledger:
    """One table on Spark. `head`: its columns without rows; `cells`: those that are read.

    `rows`: the columns read, as ``c0``, ``c1``, …, and the row's ids.
    """

    table: Table
    head: RawTable
    cells: tuple[str, ...]
    headings: tuple[str, ...]
    rows: DataFrame
    faults: list[FaultGroup] = field(default_factory=list)


def open_ledgers(
    tables: Mapping[str, DataFrame | None], policy: Policy
) -> tuple[dict[str, Ledger], list[FaultGroup]]:
    """Open the tables that are given; return them by name, and what is wrong with them so far."""
    unknown = set(tables).difference(table.name for table in TABLES)
    if unknown:
        raise TypeError(f"no such tables: {', '.join(sorted(unknown))}")
    ledgers: dict[str, Ledger] = {}
    faults: list[FaultGroup] = []
    for table in TABLES:
        frame = tables.get(table.name)
        if frame is not None:
            ledgers[table.name] = _open(frame, table, policy)
            faults += ledgers[table.name].faults
        elif not table.optional:
            faults.append(not_given(table))
    return ledgers, faults


def _open(frame: DataFrame, table: Table, policy: Policy) -> Ledger:
    """Say which columns of a DataFrame are read, and read the ids; nothing is computed yet."""
    columns, places, faults = [], [], []
    for place, held in enumerate(frame.schema.fields):
        try:
            nothing = pa.array([], to_arrow_type(held.dataType))
            columns.append(raw_of_array(held.name, nothing))
            places.append(place)
        except (ArrowException, PySparkTypeError):
            faults.append(column_type(held.name, held.dataType.simpleString(), table))
    head = RawTable(table.name, tuple(columns), 0, source=SOURCE)
    reader = TableReader(table, head, extra_columns(policy.rules).get(table.name, ()))
    in_head = dict(zip(reader.names, reader.places(reader.names), strict=True))
    # Two columns of a DataFrame may go by one name; by their places they are told apart.
    placed = frame.toDF(*(f"c{place}" for place in range(len(frame.columns))))

    def ids(name: str | None) -> Column:
        if name is None or name not in reader.present:
            return F.lit(None).cast("string")
        return F.arrow_udf(read_ids(table.column(name)), "string")(f"c{places[in_head[name]]}")

    own = next((column.name for column in table.columns if column.unique), None)
    cells = tuple(f"c{places[place]}" for place in in_head.values())
    rows = placed.select(*cells, ids(own).alias(OWN), ids(REFERS.get(table.name, own)).alias(OTHER))
    headings = tuple(columns[place].heading for place in in_head.values())
    return Ledger(table, head, cells, headings, rows, faults)


def by_institution(spark: SparkSession, ledgers: Mapping[str, Ledger]) -> DataFrame:
    """Return the rows of all tables, each packed in a column of its table's name, in groups.

    A group is whole within a partition and its rows follow one another; in the same way come the
    ids that are there more than once.
    """
    homes: dict[str, DataFrame] = {}
    packed = [spark.createDataFrame([], f"{GROUP} long, {REPEATED} {AGAIN}")]
    for table in TABLES:
        if table.name not in ledgers:
            continue
        ledger = ledgers[table.name]
        rows = _with_group(ledger, homes.get(TARGETS.get(table.name, "")))
        packed.append(rows.select(GROUP, _packed(ledger)))
        if any(column.unique for column in table.columns):
            homes[table.name] = _homes(rows)
            packed.append(_repeated(homes[table.name], table.name))
    together = reduce(lambda a, b: a.unionByName(b, allowMissingColumns=True), packed)
    return together.repartition(GROUP).sortWithinPartitions(GROUP)


def _with_group(ledger: Ledger, homes: DataFrame | None) -> DataFrame:
    """Return the rows with their group: that of what they refer to, or by what they refer to."""
    anywhere = F.when(F.col(OTHER).isNotNull(), F.xxhash64(OTHER)).otherwise(
        F.xxhash64(F.lit(ledger.table.name), *ledger.cells)
    )
    if homes is None:
        return ledger.rows.withColumn(GROUP, anywhere)
    # Never a broadcast: ids of contracts and claims would come to the driver.
    of = homes.select(F.col(OWN).alias(OTHER), F.col(GROUP)).hint("merge")
    joined = ledger.rows.join(of, OTHER, "left")
    return joined.withColumn(GROUP, F.coalesce(F.col(GROUP), anywhere))


def _homes(rows: DataFrame) -> DataFrame:
    """Return every id of a table once: its group, and how often it is there."""
    known = rows.where(F.col(OWN).isNotNull())
    return known.groupBy(OWN).agg(F.min(GROUP).alias(GROUP), F.count("*").alias("times"))


def _repeated(homes: DataFrame, table: str) -> DataFrame:
    again = F.struct(F.lit(table).alias("table"), F.col(OWN).alias("id"), F.col("times"))
    return homes.where("times > 1").select(GROUP, again.alias(REPEATED))


def _packed(ledger: Ledger) -> Column:
    cells: Sequence[Column] = [F.lit(True).alias(ROW), *map(F.col, ledger.cells)]
    return F.struct(*cells).alias(ledger.table.name)
