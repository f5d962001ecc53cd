"""The table of microcells: made from the extract's definition, partitioned by delivery.

Each run copies its cells into a table of its own that nobody sees, so that a worker given up for dead and
its successor never write into the same one. Several workers may copy pieces into it, each piece in a
transaction that also ends the piece. When the cells are complete, the table becomes the delivery's
partition in the transaction that ends the run. What a killed worker leaves is dropped by the scheduler.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import Error, connection, transaction

from kodala.core.models import Run
from microcells.copying import CopiedCells
from microcells.definitions import extract_schema

TABLE = "microcells_microcell"
STAGED = "microcells_staged"  # _d<delivery>_r<run>: cells on their way
NOT_STORED = ("reference_date", "area_number")  # the delivery has the one, area_id says the other
# Enough to sort the keys of 6.8 million cells in memory, by two processes of the database together.
INDEX_SETTINGS = {"maintenance_work_mem": "512MB", "max_parallel_maintenance_workers": "2"}
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
class StagedCells:
    """The cells of one run in a table of their own that nobody sees."""

    delivery_id: int
    run_id: int
    copied: CopiedCells = field(default_factory=CopiedCells)

    @property
    def name(self) -> str:
        """The table."""
        return staged_name(self.delivery_id, self.run_id)

    def attach(self) -> None:
        """Make the table the delivery's partition; belongs into the transaction that ends the run."""
        final = partition_name(self.delivery_id)
        _end_left_writers(self.name)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {final}")
            cursor.execute(f"ALTER TABLE {self.name} RENAME TO {final}")
            cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {final} FOR VALUES IN ({self.delivery_id})")
            cursor.execute(f"ALTER TABLE {final} DROP CONSTRAINT one_delivery")


def staged_name(delivery_id: int, run_id: int) -> str:
    """The table into which the cells of one run are copied, by one worker or several."""
    return f"{STAGED}_d{int(delivery_id)}_r{int(run_id)}"


@contextmanager
def staged_cells(delivery_id: int, run_id: int, fill: Callable[[str], CopiedCells]) -> Iterator[StagedCells]:
    """Make a table of the run, have the cells of a delivery copied and index them; `attach` shows them.

    fill: copies all cells into the table of this name and says what they were
    A table that was not attached is dropped. Raises the database's error if a cell is too small.
    """
    staged = StagedCells(int(delivery_id), int(run_id))
    try:
        _create(staged)
        staged.copied = fill(staged.name)
        _index(staged)
        yield staged
    except BaseException:
        _drop(staged.name)  # at once: it may be what fills the disk
        raise
    with connection.cursor() as cursor:
        # Only these are ever asked for by value.
        cursor.execute(f"ANALYZE {partition_name(delivery_id)} (area_id, cell_key)")


def drop_left_tables() -> int:
    """Drop the tables of runs that go on no more; gives their number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ %s", [f"^{STAGED}_d"])
        runs = {name: int(re.sub(r".*_r", "", name)) for (name,) in cursor.fetchall()}
    running = set(
        Run.objects.filter(pk__in=runs.values(), state=Run.State.RUNNING).values_list("pk", flat=True)
    )
    return sum(_drop(name) for name, run in runs.items() if run not in running)


def _drop(name: str) -> bool:
    """Drop a table unless somebody still holds it: a stopped process may, and must not stop us too."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '500ms'")
            cursor.execute(f"DROP TABLE IF EXISTS {name}")
    except Error:
        return False
    return True


def _end_left_writers(name: str) -> None:
    """End the sessions that still write into a table of ours: helpers whose pieces others have done.

    One that stands still would otherwise keep its lock on the table, and its rows are never kept anyway.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'relation' AND relation = "
            "%s::regclass AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid() AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())",
            [name],
        )


def _create(staged: StagedCells) -> None:
    name, number = staged.name, staged.delivery_id
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS "
            # With this check PostgreSQL need not read the table again to attach it.
            f"INCLUDING GENERATED, CONSTRAINT one_delivery CHECK (delivery_id = {number}))"
        )
        cursor.execute(f"ALTER TABLE {name} ALTER delivery_id SET DEFAULT {number}")
        # PostGIS hands out its statistics of a column to roles that may not read the column.
        cursor.execute(f"ALTER TABLE {name} ALTER location SET STATISTICS 0")


def _index(staged: StagedCells) -> None:
    """Index the complete table, before the transaction that makes it visible, which is to be short."""
    name = staged.name
    _end_left_writers(name)
    with transaction.atomic(), connection.cursor() as cursor:
        for setting, value in INDEX_SETTINGS.items():
            cursor.execute(f"SET LOCAL {setting} = '{value}'")
        cursor.execute(f"CREATE INDEX {name}_area ON {name} (area_id, cell_key)")
        if not staged.copied.lies_together:
            # Reading the cells of an area would else go through most of the table each time.
            cursor.execute(f"CLUSTER {name} USING {name}_area")
        cursor.execute(f"ALTER TABLE {name} ADD PRIMARY KEY (delivery_id, cell_key)")
