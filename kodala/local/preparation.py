"""All that must be there before anything can start, in the right order, by one command at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from kodala.local.console import say
from kodala.local.javascript_packages import ensure_javascript_packages
from kodala.local.project import Project
from kodala.local.python_packages import ensure_python_packages
from kodala.local.system_programs import ensure_programs


def prepare(project: Project, *, for_tests: bool) -> None:
    """Install whatever is missing; tests also need a browser and JavaScript tools."""
    with _one_at_a_time(project):
        ensure_programs(project, with_browser=for_tests)
        ensure_python_packages(project)
        if for_tests:
            ensure_javascript_packages(project)


@contextmanager
def _one_at_a_time(project: Project) -> Iterator[None]:
    with (project.var / "preparation.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Ein anderer Befehl richtet gerade ein; dieser wartet darauf.")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
