"""The table of microcells: made from the extract's definition, partitioned by delivery.

A delivery's cells are copied into a table of their own that nobody sees, and become a partition in
one statement when they are complete. What a killed worker leaves is dropped at the next start.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
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
    # Texts last: PostgreSQL finds a column at once only if all before it have a fixed length.
    ordered = sorted(extract_schema().columns, key=lambda column: column.type == "text")
    columns = {column.name: column.sql for column in ordered if column.name not in NOT_STORED}
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


@dataclass
class Stored:
    """What was stored: the number of cells, and the columns with at least one value."""

    n_cells: int = 0
    columns: set[str] = field(default_factory=set)


def store_cells(delivery_id: int, blocks: Iterable[pa.Table]) -> Stored:
    """Copy the cells of a delivery into a new partition and attach it.

    blocks: tables with the columns of `stored_columns()` except delivery_id, in any order.
    Nothing is visible before all blocks are in. Raises the database's error if a cell is too small.
    """
    drop_partition(delivery_id)
    name, number = partition_name(delivery_id), int(delivery_id)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS "
            # With this check PostgreSQL need not read the table again to attach it.
            f"INCLUDING GENERATED, CONSTRAINT one_delivery CHECK (delivery_id = {number}))"
        )
        cursor.execute(f"ALTER TABLE {name} ALTER delivery_id SET DEFAULT {number}")
        # PostGIS hands out its statistics of a column to roles that may not read the column.
        cursor.execute(f"ALTER TABLE {name} ALTER location SET STATISTICS 0")
    stored, is_by_area = _copy(name, blocks)
    _attach(number, name, is_by_area=is_by_area)
    return stored


def _copy(name: str, blocks: Iterable[pa.Table]) -> tuple[Stored, bool]:
    """Copy blocks while the next one is being made; also whether the cells came area by area."""
    stored, last_area, is_by_area = Stored(), 0, True
    with arrow_connection() as arrow, arrow.cursor() as cursor, ThreadPoolExecutor(1) as copier:
        copying: Future[int] | None = None
        for block in blocks:
            areas = np.concatenate([[last_area], block["area_id"].to_numpy()])
            is_by_area, last_area = is_by_area and bool((areas[1:] >= areas[:-1]).all()), areas[-1]
            stored.n_cells += block.num_rows
            stored.columns |= {one for one in block.column_names if block[one].null_count < block.num_rows}
            if copying:
                copying.result()
            copying = copier.submit(cursor.adbc_ingest, name, block, mode="append")
        if copying:
            copying.result()
        arrow.commit()
    return stored, is_by_area


def _attach(number: int, name: str, *, is_by_area: bool) -> None:
    """Index the complete table and make it a partition, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE INDEX {name}_area ON {name} (area_id, cell_key)")
        if not is_by_area:
            # The cells of an area lie together, or reading them would go through the whole table each time.
            cursor.execute(f"CLUSTER {name} USING {name}_area")
        cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (delivery_id, cell_key)")
        cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES IN ({number})")
        cursor.execute(f"ALTER TABLE {name} DROP CONSTRAINT one_delivery")
    with connection.cursor() as cursor:
        # Only these are ever asked for by value.
        cursor.execute(f"ANALYZE {name} (area_id, cell_key)")
