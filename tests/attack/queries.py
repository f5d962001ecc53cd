"""SQL that an attacker would try who has taken over the web process: every relation, every way to read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psycopg
from django.db import connection

from kodala.core.wall import list_web_rights

PUBLIC_VIEWS = {"geometry_columns", "geography_columns"}  # of PostGIS: names of columns, no rows of ours
WAYS = (
    "SELECT * FROM {name}",
    "TABLE {name}",
    "SELECT count(*) FROM {name}",
    "SELECT to_jsonb(t) FROM {name} t",
    "SELECT query_to_xml('SELECT * FROM {name}', true, false, '')",
    "SELECT table_to_xml('{name}', true, false, '')",
    "COPY {name} TO STDOUT",
    "COPY (SELECT * FROM {name}) TO STDOUT",
    "WITH t AS (SELECT * FROM {name}) SELECT t FROM t",
    "EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM {name} ORDER BY 1",
    "SELECT * FROM {name} FOR UPDATE",
    "DELETE FROM {name} RETURNING *",
    "CREATE VIEW own_view AS SELECT * FROM {name}",
    "CREATE TEMPORARY TABLE own_table AS SELECT * FROM {name}",
    "DO $$ DECLARE r record; BEGIN SELECT * INTO r FROM {name}; RAISE EXCEPTION '%', r; END $$",
    "SELECT ts_stat('SELECT to_tsvector(t::text) FROM {name} t')",
    "SELECT * FROM dblink('dbname=' || current_database(), 'SELECT * FROM {name}') AS t (a text)",
    "SELECT pg_read_file(pg_relation_filepath('{name}'))",
    "SELECT lo_import(pg_relation_filepath('{name}'))",
    "SELECT most_common_vals, histogram_bounds FROM pg_stats WHERE tablename = '{bare}'",
    "SELECT s.* FROM pg_statistic s WHERE starelid = '{name}'::regclass",
    "SELECT * FROM pg_stats_ext WHERE tablename = '{bare}'",
    "SELECT ST_EstimatedExtent('public', '{bare}', 'location')",
    "SELECT ST_AsMVT(t) FROM {name} t",
    "SELECT ST_AsGeoJSON(t) FROM {name} t",
)
ONCE = (
    "SELECT query FROM pg_stat_activity",
    "SELECT lo_get(oid) FROM pg_largeobject_metadata",
    "SELECT * FROM pg_largeobject",
    "SELECT * FROM pg_authid",
    "SELECT * FROM pg_ls_dir('.')",
    "SELECT pg_read_file('postgresql.conf')",
    "SELECT database_to_xml(true, false, '')",
    "SELECT schema_to_xml('public', true, false, '')",
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "CREATE EXTENSION dblink",
    "CREATE EXTENSION pageinspect",
)


@dataclass(frozen=True)
class Answer:
    """What one statement gave; is_raw: it aims at a relation that is not meant for the web."""

    statement: str
    is_raw: bool
    is_refused: bool
    text: str


def list_queries() -> list[tuple[str, bool]]:
    """Every way to read every relation, function and role, and whether it aims at a raw one."""
    return [*_relations(), *_roles(), *_functions(), *((statement, False) for statement in ONCE)]


def _relations() -> Iterator[tuple[str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname !~ '^pg_' "
            "AND n.nspname <> 'information_schema' ORDER BY 1, 2"
        )
        found = cursor.fetchall()
    for schema, bare in found:
        is_raw = bare not in set(list_web_rights()) | PUBLIC_VIEWS
        for way in WAYS if is_raw else WAYS[:1]:
            yield way.format(name=f'{schema}."{bare}"', bare=bare), is_raw


def _roles() -> Iterator[tuple[str, bool]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolname <> 'kodala_web'")
        for (role,) in cursor.fetchall():
            for how in ("SET ROLE", "SET SESSION AUTHORIZATION"):
                yield f'{how} "{role}"; SELECT * FROM microcells_microcell', True


def _functions() -> Iterator[tuple[str, bool]]:
    """Functions that run with the rights of somebody else, called without arguments."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT oid::regproc::text FROM pg_proc WHERE prosecdef")
        yield from ((f"SELECT {name}()", False) for (name,) in cursor.fetchall())


def run_queries(own: psycopg.Connection, queries: Sequence[tuple[str, bool]]) -> list[Answer]:
    """Try every statement, each in a transaction that is taken back."""
    with own:
        return [_try(own, statement, is_raw) for statement, is_raw in queries]


def _try(own: psycopg.Connection, statement: str, is_raw: bool) -> Answer:
    own.execute("BEGIN")
    try:
        if statement.startswith("COPY") and "STDOUT" in statement:
            with own.cursor().copy(statement) as copy:
                return Answer(statement, is_raw, False, b"".join(copy).decode())
        cursor = own.execute(statement)
        while cursor.nextset():
            pass
        return Answer(statement, is_raw, False, repr(cursor.fetchall()) if cursor.description else "")
    except psycopg.Error as error:
        return Answer(statement, is_raw, True, str(error))
    finally:
        own.execute("ROLLBACK")
