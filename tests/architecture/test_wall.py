"""The wall between raw and published data, tried as the web role itself."""

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings

from kodala.core.wall import list_web_rights
from kodala.dashboard.access import ADMIN
from kodala.pipeline import start
from microcells.cells_table import partition_name
from tests import builders
from tests.attack.site import empty_database

pytestmark = pytest.mark.django_db
PUBLIC_VIEWS = {"geometry_columns", "geography_columns"}  # of PostGIS: names of columns, no rows of ours


@pytest.fixture
def web_role():
    """A connection as the web process has it, to the same database."""
    values = connection.settings_dict
    with psycopg.connect(
        host=values["HOST"],
        port=values["PORT"],
        dbname=values["NAME"],
        user=settings.WEB_ROLE,
        password=values["PASSWORD"],
        autocommit=True,
    ) as web:
        yield web


def all_relations():
    """Every table, view, partition and foreign table outside PostgreSQL's own schemas."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relkind IN ('r', 'v', 'm', 'f', 'p') AND n.nspname !~ '^pg_' "
            "AND n.nspname <> 'information_schema'"
        )
        return cursor.fetchall()


def may_read(web, schema, relation):
    try:
        web.execute(f'SELECT 1 FROM "{schema}"."{relation}" LIMIT 1')
    except psycopg.errors.InsufficientPrivilege:
        return False
    return True


@pytest.fixture(scope="module")
def delivery(django_db_setup, django_db_blocker, tmp_path_factory):
    """A delivery with a small area and its draft, committed, so that other connections see them."""
    raw = builders.as_supplier_file(builders.make_cells({1: 60, 2: 60, 3: 2}))
    with django_db_blocker.unblock(), override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")):
        empty_database()
        delivery = builders.hand_in(raw, builders.make_area_set(), builders.make_people()[ADMIN])
        start(delivery.pk)
    yield delivery
    with django_db_blocker.unblock():
        empty_database()


def test_the_web_role_reads_the_listed_tables_and_no_other(delivery, web_role):
    readable = {relation for schema, relation in all_relations() if may_read(web_role, schema, relation)}

    assert readable == set(list_web_rights()) | PUBLIC_VIEWS


@pytest.mark.parametrize(
    "relation",
    [
        "microcells_microcell",
        "microcells_areatotal",
        "microcells_areastatistic",
        "microcells_displayseeds",
        "microcells_displaycellsum",
        "typology_areatype",
        "seniors_areascore",
    ],
)
def test_no_raw_table_can_be_read(delivery, web_role, relation):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        web_role.execute(f"SELECT * FROM {relation}")


def test_a_partition_made_at_run_time_is_closed_from_its_first_moment(delivery, web_role):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        web_role.execute(f"SELECT * FROM {partition_name(delivery.pk)}")


def test_statistics_of_raw_columns_cannot_be_read_either(delivery, web_role):
    own = web_role.execute(
        "SELECT count(*) FROM pg_stats WHERE tablename LIKE 'microcells_microcell%'"
    ).fetchone()

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stats WHERE tablename LIKE 'microcells_microcell%'")
        assert cursor.fetchone()[0] > 0
    assert own == (0,)


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE kodala",
        "UPDATE publication_figure SET value = 1",
        "DELETE FROM publication_datenstand",
        "UPDATE publication_datenstand SET certificate = '{}'",
        "UPDATE microcells_delivery SET state = 'computed'",
        "INSERT INTO core_run (stage) VALUES ('x')",
        "CREATE TABLE own (a int)",
        "CREATE TEMPORARY TABLE own (a int)",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "UPDATE auth_user SET is_superuser = true",
        "INSERT INTO auth_user_groups (user_id, group_id) VALUES (1, 1)",
    ],
)
def test_the_web_role_cannot_write_beyond_its_own(delivery, web_role, statement):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        web_role.execute(statement)


def test_not_even_where_cells_lie_can_be_estimated(delivery, web_role):
    name = partition_name(delivery.pk)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {name}")
        cursor.execute("SELECT attname FROM pg_stats WHERE tablename = %s", [name])
        known = {row[0] for row in cursor.fetchall()}
    assert "households" in known
    assert "location" not in known

    box = web_role.execute(f"SELECT ST_EstimatedExtent('public', '{name}', 'location')").fetchone()
    assert box == (None,)


def test_protected_values_are_not_in_any_table_the_web_role_reads(delivery, web_role):
    rows = web_role.execute(
        "SELECT f.state, f.value, f.lower, f.upper FROM publication_figure f "
        "JOIN microcells_observationarea a ON a.id = f.area_id "
        "WHERE a.number = 3 AND f.indicator = 'debt_rate'"
    ).fetchall()
    assert rows == [("protected", None, None, None)]
