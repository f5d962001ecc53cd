"""The whole product on servers of its own: real worker, real scheduler, looked at from outside."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import redis

from kodala.local.services import Services, start_services
from tests.processes import ROOT, environment_for, running, wait_for

DATABASE = "kodala"
QUEUE = "kodala"
N_CELLS = 100  # per area
SLOW_STAGE = "microcells.build_microcells"  # see slowed.py
PREPARE = """
import django; django.setup()
from django.core.management import call_command
from tests import builders
call_command("migrate", verbosity=0)
builders.make_area_set(); builders.make_people()
"""
CONSOLE = """
import json, sys, django; django.setup()
from django.contrib.auth.models import User
from django.db import close_old_connections
from kodala import pipeline
from microcells.models import AreaSet
from tests import builders

def hand_in(name, seed, n_cells):
    table = builders.make_cells({1: n_cells, 2: n_cells, 3: n_cells}, seed=seed)
    person = User.objects.get(username="datenpflege")
    raw = builders.as_supplier_file(table)
    delivery = builders.hand_in(raw, AreaSet.objects.get(), person, name=name)
    pipeline.start(delivery.pk)
    return delivery.pk

def send_all(number, times):
    return len([task.delay(number) for task in pipeline._TASKS.values() for _ in range(times)])

commands = {"hand_in": hand_in, "resume": pipeline.resume, "send_all": send_all}
for line in sys.stdin:
    close_old_connections()  # as before each page
    command, *given = json.loads(line)
    print(json.dumps(commands[command](*given)), flush=True)
"""


@dataclass
class Site:
    """One installation: its servers, its folder, the environment of its processes."""

    services: Services
    folder: Path
    environment: dict[str, str]
    console: subprocess.Popen[str]
    n_files: int = 0

    @property
    def redis(self) -> redis.Redis:
        """The queue's server, asked directly."""
        assert self.services.place
        return redis.Redis(unix_socket_path=str(self.services.place.redis_socket))

    def rows(self, statement: str, *given: Any) -> list[tuple[Any, ...]]:
        """What the database answers to its owner."""
        assert self.services.place
        with psycopg.connect(
            host=str(self.services.place.sockets), dbname=DATABASE, user="kodala", autocommit=True
        ) as connection:
            answer = connection.execute(statement, given or None)
            return answer.fetchall() if answer.description else []

    def ask(self, command: str, *given: Any) -> Any:
        """Let the product do something, as a page would: hand_in, resume, send_all."""
        assert self.console.stdin
        assert self.console.stdout
        self.console.stdin.write(json.dumps([command, *given]) + "\n")
        self.console.stdin.flush()
        return json.loads(self.console.stdout.readline())

    def hand_in(self, name: str = "lieferung.csv", n_cells: int = N_CELLS) -> int:
        """Hand in a file that nobody has seen before; gives the number of its delivery."""
        self.n_files += 1
        return int(self.ask("hand_in", name, self.n_files, n_cells))

    def state(self, number: int) -> str:
        """How far a delivery is."""
        return str(self.rows("SELECT state FROM microcells_delivery WHERE id = %s", number)[0][0])

    def runs(self, number: int) -> list[tuple[str, str]]:
        """Stage and state of every run of a delivery, in their order."""
        return self.rows("SELECT stage, state FROM core_run WHERE delivery_id = %s ORDER BY id", number)

    def wait(self, number: int, seconds: float = 60, state: str = "computed") -> None:
        """Wait until the delivery has come to this state."""

        def is_there() -> bool:
            now = self.state(number)
            assert now == state or now not in ("failed", "rejected"), self.runs(number)
            return now == state

        wait_for(is_there, f"delivery {number} is not {state}: {self.log()}", seconds)

    def log(self) -> str:
        """The end of the worker's log."""
        path = self.folder / "worker.log"
        return path.read_text()[-3000:] if path.exists() else ""

    @contextmanager
    def worker(self, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """A Celery worker with one child, whose stages take a moment, and the scheduler beside it."""
        ready = self.folder / "services" / "worker.ready"
        ready.unlink(missing_ok=True)
        environment = {**self.environment, **more}
        queues = ["-Q", f"{QUEUE},{QUEUE}_pieces", "-c", "1", "-l", "WARNING"]
        work = [
            "celery",
            "-A",
            "tests.faults.slowed",
            "worker",
            *queues,
            "--without-gossip",
            "--without-mingle",
        ]
        look = ["celery", "-A", "kodala", "beat", "-s", str(self.folder / "beat"), "--pidfile="]
        with ExitStack() as stack:
            process = stack.enter_context(running(work, environment, self.folder / "worker.log"))
            stack.callback(_kill_children, process.pid)
            stack.enter_context(running([*look, "-l", "WARNING"], environment, self.folder / "beat.log"))
            wait_for(ready.exists, "the worker did not start")
            yield process


@contextmanager
def open_site(services: Services) -> Iterator[Site]:
    """Tables, areas and people on the private servers, and a console to the product."""
    start_services(services)
    assert services.place
    folder = services.project.var
    environment = environment_for(
        DATABASE,
        folder,
        PGHOST=str(services.place.sockets),
        PGPORT="5432",
        PGUSER="kodala",
        REDIS_URL=f"unix://{services.place.redis_socket}?db=0",
        KODALA_QUEUE=QUEUE,
        KODALA_SECRET_KEY="only-for-tests-" + "x" * 50,
        DJANGO_SETTINGS_MODULE="tests.faults.fast_settings",
    )
    subprocess.run([sys.executable, "-c", PREPARE], cwd=ROOT, env=environment, check=True)
    console = subprocess.Popen(
        [sys.executable, "-c", CONSOLE],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Site(services, folder, environment, console)
    finally:
        console.kill()
        console.communicate()


def children_of(number: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(after_name[1]) == number and after_name[0] not in "ZX":
            found.append(int(folder.name))
    return found


def kill_child(worker: subprocess.Popen[bytes]) -> None:
    """Kill the process in which the worker carries out its tasks."""
    for number in children_of(worker.pid):
        os.kill(number, signal.SIGKILL)


def kill_whole(worker: subprocess.Popen[bytes]) -> None:
    """Kill the worker with all its children at once."""
    numbers = [worker.pid, *children_of(worker.pid)]
    for number in numbers:
        os.kill(number, signal.SIGKILL)
    worker.wait(10)


def _kill_children(number: int) -> None:
    for child in children_of(number):
        os.kill(child, signal.SIGKILL)


def seconds_until(is_reached: Callable[[], bool], complaint: str, at_most: float) -> float:
    """How long something took."""
    start = time.monotonic()
    wait_for(is_reached, complaint, at_most)
    return time.monotonic() - start
