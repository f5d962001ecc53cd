"""The table of microcells: made from the extract's definition, partitioned by delivery.

A delivery's cells are copied into a table of their own that nobody sees, and become a partition in
one statement when they are complete. What a killed worker leaves is dropped at the next start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection, transaction

from kodala.core.arrow import arrow_connection
from microcells.definitions import extract_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

TABLE = "microcells_microcell"
NOT_STORED = ("reference_date", "area_number")  # the delivery has the one, area_id says the other
SMALLEST_CELL = 4  # households; the contract's floor, methods §0, which no definition may lower


def stored_columns() -> dict[str, str]:
    """Names and SQL types of the columns that a delivery fills, in table order."""
    columns = {
        column.name: column.sql for column in extract_schema().columns if column.name not in NOT_STORED
    }
    return {"delivery_id": "bigint", "area_id": "bigint", **columns}


def create_table_sql() -> str:
    """The statement that makes the partitioned table."""
    needed = {"delivery_id", "area_id", "cell_key", "households", "persons", "adults"}
    columns = ", ".join(
        f"{name} {kind}{' NOT NULL' if name in needed else ''}" for name, kind in stored_columns().items()
    )
    return (
        f"CREATE TABLE {TABLE} ({columns}, "
        "location geometry(Point, 25832) GENERATED ALWAYS AS (ST_SetSRID(ST_MakePoint(x, y), 25832)) STORED, "
        f"CONSTRAINT microcell_not_too_small CHECK (households >= {SMALLEST_CELL}), "
        "PRIMARY KEY (delivery_id, cell_key)) PARTITION BY LIST (delivery_id)"
    )


def partition_name(delivery_id: int) -> str:
    """The table that holds the cells of one delivery."""
    return f"{TABLE}_d{int(delivery_id)}"


def drop_partition(delivery_id: int) -> None:
    """Remove all cells of a delivery, complete or not."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {partition_name(delivery_id)}")


def store_cells(delivery_id: int, blocks: Iterable[pa.Table]) -> int:
    """Copy the cells of a delivery into a new partition and attach it; gives the number of cells.

    blocks: tables with the columns of `stored_columns()` except delivery_id, in any order.
    Nothing is visible before all blocks are in. Raises the database's error if a cell is too small.
    """
    drop_partition(delivery_id)
    name = partition_name(delivery_id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED)"
        )
        cursor.execute(f"ALTER TABLE {name} ALTER delivery_id SET DEFAULT {int(delivery_id)}")
    n_cells = 0
    with arrow_connection() as arrow, arrow.cursor() as cursor:
        for block in blocks:
            n_cells += block.num_rows
            cursor.adbc_ingest(name, block, mode="append")
        arrow.commit()
    _attach(delivery_id, name)
    return n_cells


def _attach(delivery_id: int, name: str) -> None:
    """Index the complete table and make it a partition, in one transaction."""
    number = int(delivery_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (delivery_id, cell_key)")
        cursor.execute(f"CREATE INDEX ON {name} (area_id)")
        # With this check PostgreSQL need not read the table again to attach it.
        cursor.execute(f"ALTER TABLE {name} ADD CONSTRAINT one_delivery CHECK (delivery_id = {number})")
        cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES IN ({number})")
        cursor.execute(f"ALTER TABLE {name} DROP CONSTRAINT one_delivery")
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {name}")
