"""Processes that carry a delivery and meet with an accident at a chosen statement.

A child is forked from the warm test process; every statement, commit and Arrow call of its main work is
counted, and the accident happens just before the one that was chosen. The product knows nothing of this.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from adbc_driver_manager import dbapi
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper

Accident = Callable[[], None]
ARROW_CALLS = ((dbapi.Cursor, "execute"), (dbapi.Cursor, "adbc_ingest"), (dbapi.Connection, "commit"))
DIED_OTHERWISE = 70


def killed() -> None:
    """What the kernel does to a process that takes too much memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def stopped() -> None:
    """The process stands still until somebody lets it go on."""
    os.kill(os.getpid(), signal.SIGSTOP)


@dataclass
class Counter:
    """Counts statements and lets the accident happen before number `at`; 0 = never."""

    at: int
    accident: Accident
    seen: int = 0
    ends: list[int] = field(default_factory=list)  # numbers of the statements that write down a run's end

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._worker = threading.get_ident()

    def count(self) -> None:
        """One more statement of the work; those of the heartbeat have a thread of their own."""
        with self._lock:
            self.seen += 1
            is_now = self.seen == self.at
        if is_now:
            self.accident()

    def install(self) -> None:
        """Listen to everything that goes to the database in this process, for the rest of its life."""
        heard = self

        def listen(execute: Any, *call: Any) -> Any:
            if threading.get_ident() == heard._worker:
                heard.count()
                if call[0].startswith('UPDATE "core_run"') and '"ended_at"' in call[0]:
                    heard.ends.append(heard.seen)
            return execute(*call)

        connection.execute_wrappers.append(listen)
        self._wrap(DatabaseWrapper, "_commit")
        for kind, name in ARROW_CALLS:
            self._wrap(kind, name)

    def _wrap(self, kind: type, name: str) -> None:
        inner = getattr(kind, name)

        def counted(*given: Any, **named: Any) -> Any:
            if not threading.current_thread().name.startswith("lease "):
                self.count()
            return inner(*given, **named)

        setattr(kind, name, counted)


def fork(work: Callable[[], object], at: int = 0, accident: Accident = killed) -> int:
    """Carry out `work` in a child with an accident at statement `at`; gives the child's number."""
    connections.close_all()  # an open connection must not be shared with the child
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return child
    code = DIED_OTHERWISE
    try:
        Counter(at, accident).install()
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def wait(child: int) -> int:
    """Wait for a child's end; its exit code, negative = the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def wait_until_stopped(child: int) -> bool:
    """Wait until a child stands still; False if it has come to its end instead."""
    return os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])


def end(child: int) -> None:
    """End a child that may stand still or be gone."""
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def count_statements(work: Callable[[], object]) -> int:
    """How many statements `work` takes, counted in a child that comes to its natural end."""
    return listen_to(work)[0]


def listen_to(work: Callable[[], object]) -> tuple[int, list[int]]:
    """How many statements `work` takes, and which of them write down the end of a run."""
    reading, writing = os.pipe()

    def counted() -> None:
        counter = Counter(0, killed)
        counter.install()
        work()
        os.write(writing, json.dumps([counter.seen, counter.ends]).encode())

    code = wait(fork(counted))
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    if code or not text:
        raise AssertionError(f"the undisturbed work ended with code {code}")
    n_statements, ends = json.loads(text)
    return int(n_statements), list(ends)
