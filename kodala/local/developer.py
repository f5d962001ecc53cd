"""Commands for people who work on the code: the environment for one's own shell, and manage.py inside it."""

import shlex
import sys

from kodala.local.children import run_in_terminal
from kodala.local.environment import owner_environment
from kodala.local.preparation import prepare
from kodala.local.project import Project
from kodala.local.services import choose_services, start_services
from kodala.local.services_in_use import services_in_use, staying_mark

PRINTED = ("KODALA_", "PG", "REDIS_URL")


def print_environment(project: Project, _arguments: list[str]) -> int:
    """Start the private servers, let them run on, and print lines for `eval "$(./run env)"`."""
    services = choose_services(project)
    start_services(services)
    staying_mark(project).touch()
    for name, value in sorted(owner_environment(project, services).items()):
        if name.startswith(PRINTED):
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    return 0


def manage(project: Project, arguments: list[str]) -> int:
    """Run one command of manage.py as the role that owns the data."""
    prepare(project, for_tests=False)
    with services_in_use(project) as services:
        command = [project.python, "manage.py", *arguments]
        return run_in_terminal(command, owner_environment(project, services), project.root)
