"""Leases: the right of one process to work on something, for a few seconds at a time.

The row in the database decides, by the clock of the database, so that hosts need not agree on the time.
Whoever holds a lease renews it from a thread with a connection of its own. A process that was killed renews
nothing: its lease runs out and the next one takes it. A process that was only stopped for a while finds out
when it confirms: another holder stands in the row, and nothing of its transaction is kept.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import Error, connection
from django.db.backends.utils import CursorWrapper

from kodala.core.errors import LeaseLost

__all__ = ["HeldLease", "LeaseLost", "hold", "is_held", "length_s"]

logger = logging.getLogger("kodala.leases")

LENGTH_S = 15.0  # a delivery is to be taken up again within 30 s of its worker's death
HEARTBEAT_S = 4.0  # three may fail before the lease runs out
SHORTEST_PATIENCE_S = 3.0  # with the short leases of tests a busy machine is no standstill
PATIENCE = "idle_in_transaction_session_timeout"


class HeldLease:
    """A lease that this process has taken; `is_lost` once another process has it."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.holder = uuid.uuid4()
        self.is_lost = False
        self._has_limited = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease {key}", daemon=True)

    def take(self) -> bool:
        """Take the lease unless somebody has it."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO core_lease (key, holder, expires_at) "
                "VALUES (%s, %s, clock_timestamp() + make_interval(secs => %s)) ON CONFLICT DO NOTHING",
                [self.key, self.holder, length_s()],
            )
            if cursor.rowcount == 0:
                # A row that its holder is confirming at this moment is locked: it is not to be had.
                cursor.execute(
                    "UPDATE core_lease SET holder = %s, "
                    "expires_at = clock_timestamp() + make_interval(secs => %s) WHERE key = (SELECT key "
                    "FROM core_lease WHERE key = %s AND expires_at < clock_timestamp() "
                    "FOR UPDATE SKIP LOCKED)",
                    [self.holder, length_s(), self.key],
                )
            is_taken = bool(cursor.rowcount == 1)
            if is_taken:
                self._limit_patience(cursor)
            return is_taken

    def _limit_patience(self, cursor: CursorWrapper) -> None:
        """Let the database end a session that stands still inside a transaction for longer than a lease.

        A process that was stopped would otherwise keep its row locks, and whoever takes over wait for it.
        """
        limit_ms = int(max(length_s(), SHORTEST_PATIENCE_S) * 1000)
        cursor.execute(
            "SELECT set_config(%s, %s, false) WHERE current_setting(%s) = '0'",
            [PATIENCE, str(limit_ms), PATIENCE],
        )
        self._has_limited = cursor.rowcount == 1

    def confirm(self) -> None:
        """Make sure, as the last thing in a transaction, that the lease is still ours until the commit.

        Raises LeaseLost if another process has it; nothing of the transaction may be kept then.
        """
        if not connection.in_atomic_block:
            raise RuntimeError("a lease is confirmed inside a transaction")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM core_lease WHERE key = %s AND holder = %s FOR UPDATE", [self.key, self.holder]
            )
            if cursor.fetchone() is None:
                self.is_lost = True
                raise LeaseLost(self.key)

    def keep(self) -> None:
        """Begin to renew the lease until `give_back`."""
        self._thread.start()

    def give_back(self) -> None:
        """Let the next one have it at once; if the database is gone, the lease runs out by itself."""
        self._stop.set()
        self._thread.join(length_s())
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "DELETE FROM core_lease WHERE key = %s AND holder = %s", [self.key, self.holder]
                )
                if self._has_limited:
                    cursor.execute(f"RESET {PATIENCE}")
        except Error as error:
            logger.warning("lease %s runs out by itself: %s", self.key, type(error).__name__)

    def _beat(self) -> None:
        try:
            while not self._stop.wait(_heartbeat_s()):
                if not self._renew():
                    self.is_lost = True
                    logger.warning("lease %s is lost", self.key)
                    return
        finally:
            connection.close()

    def _renew(self) -> bool:
        """False if another process has the lease; an unreachable database says nothing about that."""
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE core_lease SET expires_at = clock_timestamp() + make_interval(secs => %s) "
                    "WHERE key = %s AND holder = %s",
                    [length_s(), self.key, self.holder],
                )
                return bool(cursor.rowcount == 1)
        except Error as error:
            logger.warning("lease %s could not be renewed: %s", self.key, type(error).__name__)
            connection.close()
            return True


@contextmanager
def hold(key: str) -> Iterator[HeldLease | None]:
    """Hold the lease of this name for the length of the block; None if somebody else has it.

    Raises django.db.OperationalError if the database cannot be reached.
    """
    lease = HeldLease(key)
    if not lease.take():
        yield None
        return
    lease.keep()
    try:
        yield lease
    finally:
        lease.give_back()


def is_held(key: str) -> bool:
    """Whether somebody holds the lease of this name at this moment."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM core_lease WHERE key = %s AND expires_at >= clock_timestamp()", [key])
        return cursor.fetchone() is not None


def length_s() -> float:
    """Seconds after which a lease that nobody renews is free."""
    return float(getattr(settings, "LEASE_SECONDS", LENGTH_S))


def _heartbeat_s() -> float:
    return float(getattr(settings, "LEASE_HEARTBEAT_SECONDS", HEARTBEAT_S))
