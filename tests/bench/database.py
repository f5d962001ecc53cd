"""A database of its own for measuring, so that no bench touches the city's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

NAME = "kodala_bench"


@contextmanager
def own_database() -> Iterator[None]:
    """Make the database with all tables, work in it, drop it; what a killed run left is replaced."""
    connection.settings_dict["TEST"]["NAME"] = NAME
    given = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(given, verbosity=0)
