"""Share the private servers between commands: who comes first starts them, who leaves last stops them."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kodala.local.console import say, step
from kodala.local.interrupts import ignored
from kodala.local.project import Project
from kodala.local.services import Services, are_running, choose_services, start_services, stop_services


@contextmanager
def services_in_use(project: Project) -> Iterator[Services]:
    """Private servers (or the user's own) that run as long as the block.

    They outlive it when another command uses them or `./run env` asked them to stay.
    """
    services = choose_services(project)
    with (project.services / "users.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        try:
            start_with_a_word(services)
            yield services
        finally:
            with ignored():
                _leave(services, file.fileno())


def start_with_a_word(services: Services) -> None:
    """Start the private servers, and say so if they did not run."""
    if services.place is None:
        return
    if are_running(services):
        start_services(services)
        return
    with step("Die privaten Server (PostgreSQL, Redis) werden gestartet"):
        start_services(services)


def staying_mark(project: Project) -> Path:
    """The file that lets the private servers run on after the last command."""
    return project.services / "servers.stay"


def _leave(services: Services, users: int) -> None:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Die privaten Server laufen weiter, weil ein anderer Befehl sie noch braucht.")
        return
    if services.place and not staying_mark(services.project).exists():
        stop_services(services)
