"""Which cells came, went and changed between two deliveries: counted by the database over two partitions."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection, transaction

from microcells.cells_table import TABLE, partition_name, stored_columns
from microcells.models import Delivery

KEYS = ("delivery_id", "cell_key")
# For this one count: sorting or hashing the cells of a whole country on disk takes several times as long.
WORK_MEMORY = "192MB"


@dataclass(frozen=True)
class CellChanges:
    """Numbers of cells by their key; `changed` differ in at least one stored column."""

    added: int
    removed: int
    changed: int
    kept: int


def has_cells(delivery: Delivery) -> bool:
    """Whether the cells of a delivery are stored at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_inherits WHERE inhparent = %s::regclass "
            "AND inhrelid = to_regclass(%s))",
            [TABLE, partition_name(delivery.pk)],
        )
        return bool(cursor.fetchone()[0])


def count_cell_changes(before: Delivery, after: Delivery) -> CellChanges | None:
    """Compare two deliveries cell by cell; None if the cells of one of them are not stored (any more)."""
    if not (has_cells(before) and has_cells(after)):
        return None
    old, new = partition_name(before.pk), partition_name(after.pk)
    columns = [name for name in stored_columns() if name not in KEYS]
    rows = [f"({', '.join(f'{side}.{name}' for name in columns)})" for side in ("old", "new")]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('work_mem', %s, true)", [WORK_MEMORY])
        cursor.execute(
            f"SELECT count(*), count(*) FILTER (WHERE {rows[0]} IS DISTINCT FROM {rows[1]}) "  # noqa: S608
            f"FROM {old} AS old JOIN {new} AS new USING (cell_key)"
        )
        both, changed = cursor.fetchone()
        cursor.execute(f"SELECT (SELECT count(*) FROM {old}), (SELECT count(*) FROM {new})")  # noqa: S608
        n_old, n_new = cursor.fetchone()
    return CellChanges(added=n_new - both, removed=n_old - both, changed=changed, kept=both - changed)
