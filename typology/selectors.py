"""What the typology asks of the stored cells."""

from __future__ import annotations

from django.db import connection

from microcells.cells_table import TABLE


def delivers_type_shares(delivery_id: int) -> bool:
    """Whether any cell of the delivery comes with type shares of the supplier's own."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM {TABLE} WHERE delivery_id = %s AND type_1 IS NOT NULL)",  # noqa: S608
            [delivery_id],
        )
        return bool(cursor.fetchone()[0])
