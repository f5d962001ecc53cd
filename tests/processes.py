"""Real processes for tests: the Celery worker and the web server, each with an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
WAIT_S = 60


def wait_for(is_reached: Callable[[], bool], complaint: str, seconds: float = WAIT_S) -> None:
    """Wait until something is reached, or fail with the complaint."""
    end = time.monotonic() + seconds
    while not is_reached():
        assert time.monotonic() < end, complaint
        time.sleep(0.1)


def environment_for(database: str, folder: Path, **more: str) -> dict[str, str]:
    """The product's own settings on a database, a folder and a queue that no other test uses."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "kodala.settings",
        "PGDATABASE": database,
        "KODALA_MEDIA_ROOT": str(folder / "media"),
        "KODALA_VAR": str(folder),
        "KODALA_STATIC_ROOT": str(folder / "static"),
        "KODALA_QUEUE": f"kodala-{database}-{os.getpid()}",
        "OPENBLAS_NUM_THREADS": "1",
        **more,
    }


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A process from the project's folder that never outlives the test."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=dict(environment), stdout=out, stderr=out
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


@contextmanager
def real_worker(environment: Mapping[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker that is ready to take tasks."""
    command = [
        "celery",
        "-A",
        "kodala",
        "worker",
        "-c",
        "1",
        "-l",
        "WARNING",
        "-Q",
        environment["KODALA_QUEUE"],
    ]
    log = folder / "worker.log"
    with running([*command, "--without-gossip", "--without-mingle"], environment, log) as process:
        ready = Path(environment["KODALA_VAR"]) / "services" / "worker.ready"
        wait_for(lambda: ready.exists() or process.poll() is not None, "the worker did not start")
        assert process.poll() is None, log.read_text()
        yield process
