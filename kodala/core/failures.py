"""What an unexpected error means: a full disk, something that passes, or a defect. Never its text.

The text of an error may quote a value of the raw data; its kind and its place cannot.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator

from django.db import InterfaceError, OperationalError

from kodala.core.errors import InterruptionError

DISK_FULL_SQLSTATE = "53100"
RETRY = "„Erneut versuchen“ wählen"
DATABASE_FULL = (
    "Der Speicherplatz der Datenbank ist voll. Es ist nichts verloren, der freigegebene Datenstand gilt "
    f"weiter. Bitte auf dem Datenträger der Datenbank Platz schaffen, dann {RETRY}."
)
FOLDER_FULL = (
    "Der Speicherplatz für hochgeladene Dateien oder Zwischenergebnisse ist voll. Es ist nichts verloren, "
    "der freigegebene Datenstand gilt weiter. Bitte auf dem Datenträger der Lieferungen Platz schaffen, dann "
    f"{RETRY}."
)
# Classes of SQLSTATE after which the same statement may succeed: connection lost, transaction to be
# repeated, resources short, locks, operator's intervention (stopped, terminated, starting up).
PASSING_CLASSES = ("08", "40", "53", "55", "57")
ENDED_FOR_STANDING_STILL = "25P03"  # by the limit that a held lease sets


def full_disk_message(error: BaseException) -> str:
    """What to do about a full disk, in German; "" if the error is something else."""
    for one in _chain(error):
        if _sqlstate(one) == DISK_FULL_SQLSTATE:
            return DATABASE_FULL
        if isinstance(one, OSError) and one.errno in (errno.ENOSPC, errno.EDQUOT):
            return FOLDER_FULL
    return ""


def is_passing(error: BaseException) -> bool:
    """Whether the database or a helper was gone for a while, so that the same work may succeed later."""
    return any(_is_passing(one) for one in _chain(error))


def _is_passing(error: BaseException) -> bool:
    state = _sqlstate(error)
    if state:
        return state[:2] in PASSING_CLASSES or state == ENDED_FOR_STANDING_STILL
    # Without a state it was the connection: psycopg and ADBC both say so by the kind of error alone.
    if isinstance(error, OperationalError | InterfaceError | InterruptionError):
        return True
    return type(error).__name__ in ("OperationalError", "InterfaceError")


def _sqlstate(error: BaseException) -> str:
    return getattr(error, "sqlstate", None) or ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error and what it was raised from."""
    seen: set[int] = set()
    one: BaseException | None = error
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or one.__context__


def place_of(error: BaseException) -> str:
    """Name the kind of an error and where it was raised, never its text."""
    places = []
    trace = error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' > '.join(places[-4:])}"
