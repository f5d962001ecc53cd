"""What the seniors' room asks of the stored cells."""

from __future__ import annotations

from django.db import connection

from microcells.cells_table import TABLE


def delivers_second_age_set(delivery_id: int) -> bool:
    """Whether the delivery counts seniors as 60–64, 65–74 and 75+ instead of by decades."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT 1 FROM {TABLE} WHERE delivery_id = %s AND seniors_75plus IS NOT NULL)",  # noqa: S608
            [delivery_id],
        )
        return bool(cursor.fetchone()[0])
