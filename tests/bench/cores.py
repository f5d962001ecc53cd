"""Keeping everything that is measured on a few cores: this process, what it starts, and the database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from tests.bench.celery_worker import family


@contextmanager
def on_cores(n_cores: int) -> Iterator[None]:
    """Let all of it share `n_cores` cores meanwhile, also what is started meanwhile.

    Raises RuntimeError if there are fewer, or if the database runs on another machine.
    """
    all_cores = sorted(os.sched_getaffinity(0))
    if len(all_cores) < n_cores:
        raise RuntimeError(f"{n_cores} cores are needed, there are {len(all_cores)}")
    _bind(set(all_cores[-n_cores:]))
    try:
        yield
    finally:
        _bind(set(all_cores))


def _bind(cores: set[int]) -> None:
    for pid in (0, *family(_postmaster())):
        try:
            os.sched_setaffinity(pid, cores)
        except ProcessLookupError:  # it has ended meanwhile
            continue


def _postmaster() -> int:
    """The process that starts all others of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = Path(f"/proc/{cursor.fetchone()[0]}")
    if not (backend / "comm").exists() or "postgres" not in (backend / "comm").read_text():
        raise RuntimeError("the database does not run on this machine")
    return int((backend / "stat").read_text().rpartition(")")[2].split()[1])
