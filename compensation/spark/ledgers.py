"""From DataFrames of ledgers to rows brought together by institution.

Which column is which is settled once, from the schemas. Ids are compared as everywhere: read by the
library, whole columns at a time, before anything is joined by them. A contract goes to the group of
its institution, a release or claim to its contract's, a recovery or payment to its claim's; what
refers to nothing goes anywhere, and is found to refer to nothing there, because nothing in its
group has the id. What rows are not sent anywhere for, ids that are there twice, is counted here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce

import pyarrow as pa
from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812, as everybody writes it
from pyspark.sql.types import DataType, DecimalType

from compensation.faults.groups import FaultGroup
from compensation.ledger.portfolio_input import not_given
from compensation.ledger.table_reader import TableReader
from compensation.readers.frames import SOURCE
from compensation.readers.parquet import column_type, raw_of_array
from compensation.schema.column import Column as LedgerColumn
from compensation.schema.dictionary import INSTITUTIONS, POOL, TABLES, Table
from compensation.spark.names import GROUP, REPEATED, TABLE
from compensation.spark.worker import read_cells
from compensation.tables.raw import RawTable

OWN, OTHER = "own_id", "other_id"
"""The id of a row, and the id of what it refers to, as they are compared."""
ANYWHERE, TIMES = "anywhere", "times"
ARROW_TYPES = {
    "string": pa.string(),
    "boolean": pa.bool_(),
    "byte": pa.int8(),
    "short": pa.int16(),
    "integer": pa.int32(),
    "long": pa.int64(),
    "float": pa.float32(),
    "double": pa.float64(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us", "UTC"),
    "timestamp_ntz": pa.timestamp("us"),
    "void": pa.null(),
}
REPEATED_CELLS = ("table", OWN, TIMES)


@dataclass(frozen=True)
class Ledger:
    """One table on Spark. `head`: its columns without rows; `cells`: those that are read.

    `rows`: the columns read, as ``c0``, ``c1``, …, and the row's ids. `named`: which of them a
    column of the dictionary or of a policy is.
    """

    table: Table
    head: RawTable
    cells: tuple[str, ...]
    headings: tuple[str, ...]
    rows: DataFrame
    named: Mapping[str, str]
    faults: list[FaultGroup] = field(default_factory=list)


@dataclass(frozen=True)
class Together:
    """The rows of all tables; see `by_institution` and `Packing`."""

    rows: DataFrame
    places: Mapping[str, tuple[str, ...]]


def open_ledgers(
    tables: Mapping[str, DataFrame | None], extra: Mapping[str, Sequence[LedgerColumn]]
) -> tuple[dict[str, Ledger], list[FaultGroup]]:
    """Open the tables that are given; return them by name, and what is wrong with them so far.

    `extra`: by table, the columns that policies add.
    """
    unknown = set(tables).difference(table.name for table in TABLES)
    if unknown:
        raise TypeError(f"no such tables: {', '.join(sorted(unknown))}")
    ledgers: dict[str, Ledger] = {}
    faults: list[FaultGroup] = []
    for table in TABLES:
        frame = tables.get(table.name)
        if frame is not None:
            ledgers[table.name] = _open(frame, table, extra.get(table.name, ()))
            faults += ledgers[table.name].faults
        elif not table.optional:
            faults.append(not_given(table))
    return ledgers, faults


def _open(frame: DataFrame, table: Table, extra: Sequence[LedgerColumn]) -> Ledger:
    """Say which columns of a DataFrame are read, and read the ids; nothing is computed yet."""
    columns, places, faults = [], [], []
    for place, held in enumerate(frame.schema.fields):
        kind = _arrow_type(held.dataType)
        if kind is None:
            faults.append(column_type(held.name, held.dataType.simpleString(), table))
        else:
            columns.append(raw_of_array(held.name, pa.array([], kind)))
            places.append(place)
    head = RawTable(table.name, tuple(columns), 0, source=SOURCE)
    reader = TableReader(table, head, extra)
    in_head = dict(zip(reader.names, reader.places(reader.names), strict=True))
    # Two columns of a DataFrame may go by one name; by their places they are told apart.
    placed = frame.toDF(*(f"c{place}" for place in range(len(frame.columns))))

    def ids(name: str | None) -> Column:
        if name is None or name not in reader.present:
            return F.lit(None).cast("string")
        return _read(table.column(name), f"c{places[in_head[name]]}", pa.string(), "string")

    own = next((column.name for column in table.columns if column.unique), None)
    refers = own if table.reference is None else table.reference.name
    cells = tuple(f"c{places[place]}" for place in reader.read_places)
    rows = placed.select(*cells, ids(own).alias(OWN), ids(refers).alias(OTHER))
    headings = tuple(columns[place].heading for place in reader.read_places)
    faults, _ = reader.sort_out(faults)
    named = {name: f"c{places[place]}" for name, place in in_head.items()}
    return Ledger(table, head, cells, headings, rows, named, faults)


def _read(column: LedgerColumn, cell: str, kind: pa.DataType, on_spark: str) -> Column:
    """Return the cells of a column as the library reads them."""
    # It is deterministic; but what Spark takes to be so, it may compute again for a filter.
    read = F.arrow_udf(read_cells(column, kind), on_spark).asNondeterministic()
    return read(cell)


def days_of(ledger: Ledger, column: LedgerColumn) -> Column:
    """Return the days of a column of dates; null where one is blank or could not be read."""
    return _read(column, ledger.named[column.name], pa.date32(), "date")


def _arrow_type(kind: DataType) -> pa.DataType | None:
    """Return how cells of a type come to a worker; None if it is no type of cells."""
    if isinstance(kind, DecimalType):
        return pa.decimal128(kind.precision, kind.scale)
    return ARROW_TYPES.get(kind.typeName())


def by_institution(spark: SparkSession, ledgers: Mapping[str, Ledger]) -> Together:
    """Return the rows of all tables together, in groups; and the ids that are there repeatedly.

    A group is whole within a partition, and its rows follow one another.
    """
    homes: dict[str | None, DataFrame] = {}
    packing = Packing()
    repeated = f"{GROUP} long, table string, {OWN} string, {TIMES} long"
    packed = [packing.pack(spark.createDataFrame([], repeated), REPEATED, REPEATED_CELLS)]
    for table in TABLES:
        if table.name not in ledgers:
            continue
        ledger = ledgers[table.name]
        # A contract names its institution; other rows find theirs by what they refer to.
        target = None if table.reference is None else table.reference.refers_to
        rows = _with_group(ledger, homes.get(target) if target != INSTITUTIONS.name else None)
        packed.append(packing.pack(rows, table.name, ledger.cells))
        if any(column.unique for column in table.columns):
            homes[table.name] = _homes(rows)
            again = homes[table.name].where(F.col(TIMES) > 1)
            again = again.withColumn("table", F.lit(table.name))
            packed.append(packing.pack(again, REPEATED, REPEATED_CELLS))
    together = reduce(lambda a, b: a.unionByName(b, allowMissingColumns=True), packed)
    return Together(together.repartition(GROUP).sortWithinPartitions(GROUP), packing.places)


def _with_group(ledger: Ledger, homes: DataFrame | None) -> DataFrame:
    """Return the rows with their group: that of what they refer to, or by what they refer to."""
    if ledger.table is POOL:  # at most one opening, whoever looks after the pool
        return ledger.rows.withColumn(GROUP, F.lit(0).cast("long"))
    # Rows that refer to nothing at all must not pile up in one place.
    nowhere = F.spark_partition_id().cast("long")
    anywhere = F.when(F.col(OTHER).isNotNull(), F.xxhash64(OTHER)).otherwise(nowhere)
    if homes is None:
        return ledger.rows.withColumn(GROUP, anywhere)
    # Never a broadcast: ids of contracts and claims would come to the driver. Because `times` is
    # looked at, everything that needs homes needs the same of them, and shares one shuffle.
    of = homes.withColumnRenamed(OWN, OTHER).hint("merge")
    joined = ledger.rows.withColumn(ANYWHERE, anywhere).join(of, OTHER, "left")
    return joined.withColumn(
        GROUP, F.when(F.col(TIMES) > 0, F.col(GROUP)).otherwise(F.col(ANYWHERE))
    )


def _homes(rows: DataFrame) -> DataFrame:
    """Return every id of a table once: its group, and how often it is there."""
    known = rows.where(F.col(OWN).isNotNull())
    return known.groupBy(OWN).agg(F.min(GROUP).alias(GROUP), F.count("*").alias(TIMES))


class Packing:
    """Puts the rows of several tables into the same columns, a column for cells of one type.

    So a row has few columns that its table does not use. `places`: by table, the columns that its
    cells went to.
    """

    def __init__(self) -> None:
        self.places: dict[str, tuple[str, ...]] = {}
        self._columns: dict[tuple[str, int], str] = {}

    def pack(self, rows: DataFrame, table: str, cells: Sequence[str]) -> DataFrame:
        """Return the rows with their group, the table's name, and the cells."""
        used: Counter[str] = Counter()
        places = []
        for cell in cells:
            kind = rows.schema[cell].dataType.simpleString()
            key = (kind, used[kind])
            used[kind] += 1
            places.append(self._columns.setdefault(key, f"cell{len(self._columns)}"))
        self.places[table] = tuple(places)
        packed = [F.col(cell).alias(place) for cell, place in zip(cells, places, strict=True)]
        return rows.select(GROUP, F.lit(table).alias(TABLE), *packed)
