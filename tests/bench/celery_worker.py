"""Real Celery workers for measuring: processes of their own, a queue of their own, and their memory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from celery.exceptions import AlwaysEagerIgnored
from django.db import connection

from kodala.celery import app
from tests.bench.city import City

QUEUE = f"bench-{os.getpid()}"  # nobody else's worker takes these tasks
PIECES_QUEUE = f"{QUEUE}_pieces"
ROOT = Path(__file__).parents[2]
READY_S, END_S = 60.0, 30.0
LOOK_S = 0.1


def send(task: str, number: int, queue: str = QUEUE) -> None:
    """Put a task into a queue, whatever the settings of this process say about Celery."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AlwaysEagerIgnored)  # that is wanted
        app.send_task(task, (number,), queue=queue)


@contextmanager
def celery_worker(
    city: City, n_processes: int, *, elsewhere: bool = False, name: str = "worker"
) -> Iterator[int]:
    """A worker that takes tasks, ended at the end; gives the id of its process.

    elsewhere: like a worker on another host: folders of its own, without the received files; it helps only
    name:      tells workers apart that run at the same time
    """
    folder = city.folder / ("elsewhere" if elsewhere else name)
    ready = folder / "services" / "worker.ready"
    ready.unlink(missing_ok=True)
    queues = PIECES_QUEUE if elsewhere else f"{QUEUE},{PIECES_QUEUE}"
    command = [sys.executable, "-m", "celery", "-q", "-A", "kodala", "worker", "-Q", queues]
    command += ["-c", str(n_processes), "-l", "WARNING", "--without-gossip", "--without-mingle"]
    command += ["-n", f"{folder.name}@bench-{os.getpid()}"]
    media = folder / "media" if elsewhere else city.media
    process = subprocess.Popen(
        command,
        env=_environment(folder, media),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,  # figures only
        start_new_session=True,
    )
    try:
        _wait_for(ready, process)
        yield process.pid
    finally:
        _end(process)


def _environment(folder: Path, media: Path) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "kodala.settings",
        "PGDATABASE": connection.settings_dict["NAME"],
        "KODALA_QUEUE": QUEUE,
        "PYTHONWARNINGS": "ignore",
        "KODALA_VAR": str(folder),
        "KODALA_MEDIA_ROOT": str(media),
    }


def _wait_for(ready: Path, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + READY_S
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError("the worker did not start")
        time.sleep(LOOK_S)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class MemoryWatch:
    """Looks at a process and all it starts, again and again, and remembers the most any of them held.

    Looking takes a tenth of a core.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look_again, daemon=True)
        self.peak_mb = 0.0

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self._look()

    def _look_again(self) -> None:
        while not self._end.wait(LOOK_S):
            self._look()

    def _look(self) -> None:
        for pid in family(self._pid):
            self.peak_mb = max(self.peak_mb, _peak_mb(pid))


def family(pid: int) -> set[int]:
    """A process and its descendants, as /proc shows them."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            fields = _read(folder / "stat").rpartition(")")[2].split()
            parents[int(folder.name)] = int(fields[1]) if fields else 0
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _peak_mb(pid: int) -> float:
    lines = _read(Path(f"/proc/{pid}/status")).splitlines()
    kib = next((line.split()[1] for line in lines if line.startswith("VmHWM:")), "0")
    return int(kib) * 1024 / 1e6


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # the process has ended meanwhile
        return ""
