"""Arrow in and out of PostgreSQL: whole columns, no object per row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import quote

from django.db import connection

if TYPE_CHECKING:
    from adbc_driver_postgresql.dbapi import Connection


def _address() -> str:
    """The address of Django's own database, as libpq wants it."""
    values = connection.settings_dict
    given = {
        "host": values["HOST"],
        "port": values["PORT"],
        "user": values["USER"],
        "password": values["PASSWORD"],
        "dbname": values["NAME"],
    }
    return "postgresql://?" + "&".join(
        f"{key}={quote(str(value), safe='')}" for key, value in given.items() if value
    )


@contextmanager
def arrow_connection() -> Iterator[Connection]:
    """A second connection to the same database that speaks Arrow; nothing is kept without commit()."""
    # Imported late: pyarrow costs the web process half a second it never needs.
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(_address()) as arrow:
        yield arrow
