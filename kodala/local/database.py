"""The roles and the database inside the private cluster."""

from kodala.local.postgres import Postgres

OWNER = "kodala"
WEB = "kodala_web"
DATABASE = "kodala"

# PostGIS goes into template1, so that test databases have it without a superuser.
# The database comes last: where it exists, all before it exists too.
ROLES = f"""\
SELECT 'CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE'
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{OWNER}') \\gexec
SELECT 'CREATE ROLE {WEB} LOGIN'
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{WEB}') \\gexec
"""  # noqa: S608 — constants only
IS_THERE = f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}';"  # noqa: S608 — a constant
POSTGIS = "SET client_min_messages = warning; CREATE EXTENSION IF NOT EXISTS postgis;"


def ensure_database(postgres: Postgres) -> None:
    """Make the two roles, PostGIS for every new database, and the database, where they are missing."""
    if postgres.execute("postgres", IS_THERE).strip():
        return
    postgres.execute("postgres", ROLES)
    postgres.execute("template1", POSTGIS)
    postgres.execute("postgres", f"CREATE DATABASE {DATABASE} OWNER {OWNER};")


def disconnect_all(postgres: Postgres, database: str) -> None:
    """End every connection to a database, so that it can be dropped."""
    sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :'name';"
    postgres.execute("postgres", f"\\set name {database}\n{sql}")
