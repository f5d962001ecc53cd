"""The wall: what the web role may read and write, and nothing else.

Every app lists its tables in its AppConfig (`web_may_read`, `web_may_write`). A table that no list
names stays closed, partitions made at run time among them.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections
from psycopg import sql

# Tables of Django and its companions that the web process needs for login and sessions.
COMPANIONS_READ = ("auth_group", "auth_group_permissions", "auth_permission", "auth_user", "auth_user_groups",
                   "auth_user_user_permissions", "django_content_type", "django_migrations",
                   "spatial_ref_sys")  # fmt: skip
COMPANIONS_WRITE = {
    "django_session": "INSERT, UPDATE, DELETE",
    "auth_user": "UPDATE (last_login, password)",
    "axes_accessattempt": "INSERT, UPDATE, DELETE",
    "axes_accessattemptexpiration": "INSERT, UPDATE, DELETE",
    "axes_accessfailurelog": "INSERT, UPDATE, DELETE",
    "axes_accesslog": "INSERT, UPDATE, DELETE",
}


def list_web_rights() -> dict[str, set[str]]:
    """Every table the web role may use, with its rights, from the lists of all apps."""
    rights = {table: {"SELECT"} for table in COMPANIONS_READ}
    for table, writes in COMPANIONS_WRITE.items():
        rights.setdefault(table, {"SELECT"}).add(writes)
    for config in apps.get_app_configs():
        for table in getattr(config, "web_may_read", ()):
            rights.setdefault(table, {"SELECT"})
        for table, writes in getattr(config, "web_may_write", {}).items():
            rights.setdefault(table, {"SELECT"}).add(writes)
    return rights


def build_wall(using: str = "default", **_: Any) -> None:
    """Take every right from the web role, then grant the listed ones. Runs after each migrate."""
    connection = connections[using]
    role = sql.Identifier(settings.WEB_ROLE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.WEB_ROLE])
        if cursor.fetchone() is None:
            cursor.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role))
        for statement in (
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}",
            "REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {}",
            "GRANT USAGE ON SCHEMA public TO {}",
        ):
            cursor.execute(sql.SQL(statement).format(role))
        database = sql.Identifier(connection.settings_dict["NAME"])
        cursor.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(database))
        present = set(connection.introspection.table_names(cursor))
        for table, rights in sorted(list_web_rights().items()):
            if table in present:
                _grant(cursor, role, table, rights)


def _grant(cursor: Any, role: sql.Identifier, table: str, rights: set[str]) -> None:
    for right in sorted(rights):
        cursor.execute(sql.SQL(f"GRANT {right} ON {{}} TO {{}}").format(sql.Identifier(table), role))
    if any("INSERT" in right for right in rights):
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id') WHERE EXISTS (SELECT 1 FROM pg_attribute "
                       "WHERE attrelid = %s::regclass AND attname = 'id')", [table, table])  # fmt: skip
        row = cursor.fetchone()
        if row and row[0]:
            cursor.execute(sql.SQL("GRANT USAGE ON SEQUENCE {} TO {}").format(sql.SQL(row[0]), role))
