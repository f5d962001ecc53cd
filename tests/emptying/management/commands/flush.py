"""Empty the test database after a test; Django's own way takes most of a second for tables without a row."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import flush
from django.db import connections, transaction
from django.db.backends.utils import CursorWrapper

from microcells.cells_table import TABLE

# What migrations and their signals made: the same for every test, so nothing has to make it anew.
KEPT = {"auth_permission", "auth_group", "auth_group_permissions", "django_content_type"}


class Command(flush.Command):
    """Remove the rows of every table of ours that holds any, and the partitions made at run time."""

    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        names = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            _drop_partitions(cursor)
            for name in _filled(cursor, sorted(names - KEPT)):
                cursor.execute(f'DELETE FROM "{name}"')
            if options.get("reset_sequences"):
                _count_from_one(cursor, names - KEPT)


def _drop_partitions(cursor: CursorWrapper) -> None:
    cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [TABLE])
    for (partition,) in cursor.fetchall():
        cursor.execute(f"DROP TABLE {partition}")


def _filled(cursor: CursorWrapper, names: list[str]) -> list[str]:
    cursor.execute(
        " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in names)
    )
    return [name for (name,) in cursor.fetchall()]


def _count_from_one(cursor: CursorWrapper, names: set[str]) -> None:
    cursor.execute(
        "SELECT pg_get_serial_sequence(format('%%I', table_name), column_name) "
        "FROM information_schema.columns WHERE is_identity = 'YES' AND table_name = ANY(%s)",
        [sorted(names)],
    )
    for (sequence,) in cursor.fetchall():
        cursor.execute(f"ALTER SEQUENCE {sequence} RESTART")
