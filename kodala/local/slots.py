"""Test runs side by side: each takes a slot of its own, that is a test database and a Redis number."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from kodala.local.database import disconnect_all
from kodala.local.environment import owner_environment, redis_address
from kodala.local.errors import SetupError
from kodala.local.project import Project
from kodala.local.services import Services

# Redis has 16 numbered databases; the demo uses number 0
SLOTS = range(1, 16)


@contextmanager
def take_test_slot(project: Project, services: Services) -> Iterator[dict[str, str]]:
    """The environment of one test run, whose database and queue nobody else uses meanwhile.

    A slot keeps its names, so what a killed run left behind is found and used up by the next one.
    """
    for slot in SLOTS:
        with (project.services / f"test-slot-{slot}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            yield _environment(project, services, slot)
            return
    raise SetupError(
        "Es laufen schon zu viele Tests nebeneinander.", "Bitte warten, bis einer davon fertig ist."
    )


@contextmanager
def take_test_slots(project: Project, services: Services, count: int) -> Iterator[dict[str, str]]:
    """The environment of one test run whose parts run side by side, each in a slot of its own.

    KODALA_TEST_SLOTS holds what differs from part to part, as a JSON list; the first slot's is set already.
    """
    with ExitStack() as stack:
        slots = [stack.enter_context(take_test_slot(project, services)) for _ in range(count)]
        yield slots[0] | {"KODALA_TEST_SLOTS": json.dumps([_own_part(slot) for slot in slots])}


def _own_part(slot: dict[str, str]) -> dict[str, str]:
    return {name: slot[name] for name in ("KODALA_TEST_DATABASE", "REDIS_URL")}


def _environment(project: Project, services: Services, slot: int) -> dict[str, str]:
    database = f"test_kodala_{slot}"
    if postgres := services.postgres:
        disconnect_all(postgres, database)
    if redis := services.redis:
        redis.empty(slot)
    return owner_environment(project, services) | {
        "KODALA_TEST_DATABASE": database,
        "KODALA_HASHED_STATIC": "0",
        "REDIS_URL": redis_address(services, slot),
    }
