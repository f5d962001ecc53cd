"""The real worker and the real scheduler on servers of their own, while everything around them breaks.

Leases and scheduler are quick here; `./run bench faults` measures the real ones.
"""

import os
import time
from contextlib import contextmanager

import pytest
from redis.exceptions import ConnectionError as RedisGone

from kodala.local.services import start_services
from tests.faults.site import N_CELLS, SLOW_STAGE, kill_child, kill_whole
from tests.faults.small_disks import small_disk
from tests.processes import wait_for

STAGES = 6


@pytest.fixture(scope="module")
def worker(site):
    """One worker for all tests that leave it alive."""
    with site.worker() as process:
        yield process


def carried_once(site, number, n_cells=N_CELLS):
    """Whether the delivery is there completely, and nothing of it twice."""
    drafts = site.rows("SELECT count(*) FROM publication_datenstand WHERE delivery_id = %s", number)
    cells = site.rows("SELECT count(*) FROM microcells_microcell WHERE delivery_id = %s", number)
    succeeded = [stage for stage, state in site.runs(number) if state == "succeeded"]
    assert (drafts, cells) == ([(1,)], [(3 * n_cells,)])
    assert len(succeeded) == len(set(succeeded)) == STAGES
    return True


def in_the_middle(site, number):
    """Wait until the delivery's cells are being stored."""

    def is_there():
        assert site.state(number) in ("received", "running"), site.runs(number)
        return (SLOW_STAGE, "running") in site.runs(number)

    wait_for(is_there, "the stage was not met in its middle")


def test_a_task_that_comes_five_times_is_carried_out_once(site, worker):
    number = site.hand_in()
    site.ask("send_all", number, 5)

    site.wait(number)

    wait_for(lambda: site.redis.llen("kodala") == 0, "the tasks are not used up")
    assert carried_once(site, number)


def test_a_flushed_queue_forgets_nothing(site, worker):
    first, second = site.hand_in(), site.hand_in()
    site.redis.flushall()

    site.wait(first)
    site.wait(second)

    assert carried_once(site, first)
    assert carried_once(site, second)


def test_while_the_queue_is_stopped_or_full_a_delivery_waits(site, worker):
    assert site.services.redis
    site.services.redis.stop()
    with pytest.raises(RedisGone):
        site.redis.ping()
    stopped = site.hand_in()
    assert site.state(stopped) == "received"
    start_services(site.services)
    site.wait(stopped)

    site.redis.config_set("maxmemory", 1)
    refused = site.hand_in()
    time.sleep(2)
    assert site.state(refused) == "received"
    site.redis.config_set("maxmemory", 256 * 1024**2)
    site.wait(refused)

    assert carried_once(site, stopped)
    assert carried_once(site, refused)


def test_the_database_may_end_sessions_and_stop_for_ten_seconds(site, worker):
    number = site.hand_in()
    in_the_middle(site, number)
    end_sessions(site)
    wait_for(lambda: (SLOW_STAGE, "interrupted") in site.runs(number), "the run does not know of it")
    in_the_middle(site, number)
    site.services.postgres.stop()
    time.sleep(10)
    start_services(site.services)

    site.wait(number)

    assert carried_once(site, number)


def test_a_file_that_kills_its_worker_stops_after_three_attempts_and_bars_no_other(site, worker):
    (site.folder / "poison").touch()
    numbers = [site.hand_in(name) for name in ("gut.csv", "gift.csv", "auch_gut.csv")]
    for number in (numbers[0], numbers[2]):
        site.wait(number)
    site.wait(numbers[1], state="failed")

    runs = site.rows(
        "SELECT state, message FROM core_run WHERE delivery_id = %s AND stage = 'microcells.check_delivery' "
        "ORDER BY id",
        numbers[1],
    )
    assert [state for state, _ in runs] == ["interrupted", "interrupted", "failed"]
    assert "3-mal unterbrochen" in runs[-1][1]
    assert (site.folder / "media" / "deliveries" / f"{numbers[1]}.upload").exists()

    (site.folder / "poison").unlink()
    site.ask("resume", numbers[1])
    wait_for(lambda: site.state(numbers[1]) == "computed", "the mended delivery does not go on")
    assert carried_once(site, numbers[1])


def test_a_full_disk_of_the_database_is_named_and_nothing_is_lost(site, worker):
    with small_disk("1m", site.services.place.home) as disk, all_new_tables_on(site, disk):
        number = site.hand_in(n_cells=3_000)
        wait_for(lambda: site.state(number) == "failed", f"{site.runs(number)}")

        messages = site.rows("SELECT message FROM core_run WHERE delivery_id = %s ORDER BY id", number)
        assert "Der Speicherplatz der Datenbank ist voll" in messages[-1][0]
        assert (site.folder / "media" / "deliveries" / f"{number}.upload").exists()
        assert site.rows("SELECT 1 FROM pg_tables WHERE tablename LIKE 'microcells_staged%'") == []
    site.ask("resume", number)
    wait_for(lambda: site.state(number) == "computed", f"{site.runs(number)}")

    assert carried_once(site, number, 3_000)


@contextmanager
def all_new_tables_on(site, disk):
    """Let the owner's new tables lie on this disk."""
    postgres = site.services.postgres
    if site.services.place.owner:
        os.chown(disk, *site.services.place.owner)
    postgres.execute("kodala", f"CREATE TABLESPACE small OWNER kodala LOCATION '{disk}';")
    postgres.execute("kodala", "ALTER ROLE kodala SET default_tablespace = small;")
    end_sessions(site)
    try:
        yield
    finally:
        postgres.execute("kodala", "ALTER ROLE kodala RESET default_tablespace;")
        end_sessions(site)
        postgres.execute("kodala", "DROP TABLESPACE small;")


def end_sessions(site):
    """End the sessions of worker and console, who open new ones."""
    site.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE usename = 'kodala' AND pid <> pg_backend_pid()"
    )


def test_a_killed_child_and_a_killed_worker_are_replaced(site, worker):
    number = site.hand_in()
    in_the_middle(site, number)
    kill_child(worker)
    wait_for(lambda: (SLOW_STAGE, "interrupted") in site.runs(number), "nobody took over")
    in_the_middle(site, number)
    kill_whole(worker)
    with site.worker():  # as the supervisor would start it; the scheduler is a process of its own
        site.wait(number)

    assert carried_once(site, number)
