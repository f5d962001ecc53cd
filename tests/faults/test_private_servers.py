"""The private servers of `./run`, really started: from nothing, twice at once, and after kill -9."""

import os
import signal

import psycopg
import pytest
import redis as redis_client

from kodala.local.errors import SetupError
from kodala.local.postgres import Postgres
from kodala.local.processes import list_processes
from kodala.local.redis import Redis
from kodala.local.services import Services, are_running, start_services, stop_services

CANARY = "KANARIENVOGEL-4711"


@pytest.fixture
def postgres(services: Services) -> Postgres:
    assert services.postgres
    start_services(services)
    return services.postgres


@pytest.fixture
def redis(services: Services) -> Redis:
    assert services.redis
    start_services(services)
    return services.redis


def connect(services: Services, user: str) -> psycopg.Connection:
    assert services.place
    return psycopg.connect(host=str(services.place.sockets), dbname="kodala", user=user, autocommit=True)


def process_number(postgres: Postgres) -> int:
    return int((postgres.data / "postmaster.pid").read_text().splitlines()[0])


def test_two_starts_at_once_give_one_server(services: Services):
    assert are_running(services)
    with connect(services, "kodala") as connection:
        assert connection.execute("SELECT postgis_lib_version()").fetchone() is not None


def test_a_new_database_of_the_owner_has_postgis(services: Services, postgres: Postgres):
    with connect(services, "kodala") as connection:
        connection.execute("CREATE DATABASE fresh")

    assert (
        postgres.execute("fresh", "SELECT extname FROM pg_extension WHERE extname = 'postgis';")
        == "postgis\n"
    )


def test_umlauts_compare_without_case(services: Services):
    with connect(services, "kodala") as connection:
        assert connection.execute("SELECT upper('ä') = 'Ä'").fetchone() == (True,)


def test_web_role_reads_nothing_it_was_not_given(services: Services):
    with connect(services, "kodala") as owner:
        owner.execute("CREATE TABLE raw (value text)")

    with connect(services, "kodala_web") as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("SELECT * FROM raw")


def test_failed_copy_leaves_no_value_in_the_log(services: Services, postgres: Postgres):
    with connect(services, "kodala") as owner:
        owner.execute("CREATE TABLE counts (households int CHECK (households >= 4))")
        with pytest.raises(psycopg.DataError, match=CANARY), owner.cursor() as cursor:
            copy_one_value(cursor, CANARY)
        with pytest.raises(psycopg.errors.CheckViolation):
            owner.execute("INSERT INTO counts SELECT 3 WHERE %s <> ''", [CANARY])

    assert CANARY not in postgres.log.read_text()


def copy_one_value(cursor: psycopg.Cursor, value: str) -> None:
    with cursor.copy("COPY counts FROM STDIN") as copy:
        copy.write(f"{value}\n")


def test_killed_postgres_comes_back_with_its_data(services: Services, postgres: Postgres):
    with connect(services, "kodala") as owner:
        owner.execute("CREATE TABLE kept AS SELECT 7 AS seven")
    os.kill(process_number(postgres), signal.SIGKILL)

    start_services(services)

    with connect(services, "kodala") as owner:
        assert owner.execute("SELECT seven FROM kept").fetchone() == (7,)


def test_foreign_process_with_the_old_number_does_not_stop_a_start(services: Services, postgres: Postgres):
    postgres.stop()
    lines = f"{os.getpid()}\n{postgres.data}\n1\n5432\n{postgres.place.sockets}\n\n"
    (postgres.data / "postmaster.pid").write_text(lines)
    (postgres.place.sockets / ".s.PGSQL.5432.lock").write_text(lines)

    start_services(services)

    assert postgres.is_running()


def test_killed_redis_comes_back(services: Services, redis: Redis):
    os.kill(redis_process_number(redis), signal.SIGKILL)

    start_services(services)

    assert redis.is_running()


def redis_process_number(redis: Redis) -> int:
    mine = [process for process in list_processes() if str(redis.place.redis_socket) in process.command]
    return mine[0].number


def test_one_slot_of_redis_is_emptied_without_the_others(redis: Redis):
    address = str(redis.place.redis_socket)
    for number in (1, 2):
        redis_client.Redis(unix_socket_path=address, db=number).set("task", "waiting")

    redis.empty(1)

    assert [redis_client.Redis(unix_socket_path=address, db=number).get("task") for number in (1, 2)] == [
        None,
        b"waiting",
    ]


def test_wrong_sql_is_reported_and_not_swallowed(postgres: Postgres):
    with pytest.raises(SetupError, match="abgelehnt"):
        postgres.execute("postgres", "SELECT nothing FROM nowhere;")


def test_stop_ends_both_servers(services: Services):
    start_services(services)

    assert stop_services(services)

    assert not stop_services(services)
