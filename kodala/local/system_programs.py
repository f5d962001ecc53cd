"""The programs that no Python package brings: PostgreSQL with PostGIS, Redis, a browser, pip itself."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kodala.local.apt import install_as_root, install_privately
from kodala.local.browser import find_browser
from kodala.local.console import step
from kodala.local.errors import SetupError
from kodala.local.pip_wheel import find_pip
from kodala.local.postgres_programs import find_postgres
from kodala.local.project import Project
from kodala.local.redis import find_redis


@dataclass(frozen=True)
class Program:
    """One program: its Debian package, its German name and how it is found."""

    package: str
    label: str
    find: Callable[[Project], Path | None]


POSTGRES = Program("postgresql-postgis", "PostgreSQL mit PostGIS", find_postgres)
REDIS = Program("redis-server", "Redis", find_redis)
PIP = Program("python3-pip-whl", "pip für Python", find_pip)
BROWSER = Program("chromium", "Chromium für die Browser-Tests", find_browser)


def needed_programs(*, with_browser: bool, environment: Mapping[str, str] = os.environ) -> list[Program]:
    """The programs this run needs; servers the user has elsewhere are not among them."""
    programs = [PIP]
    if not environment.get("PGHOST"):
        programs.append(POSTGRES)
    if not environment.get("REDIS_URL"):
        programs.append(REDIS)
    return [*programs, BROWSER] if with_browser else programs


def ensure_programs(project: Project, *, with_browser: bool) -> None:
    """Install what is missing: as root by apt, else into the private tree in `var/system`."""
    missing = _missing(project, needed_programs(with_browser=with_browser))
    if not missing:
        return
    labels = ", ".join(program.label for program in missing)
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise _cannot_install(missing)
    packages = [program.package for program in missing]
    if os.geteuid() == 0:
        with step(f"{labels}: wird mit apt installiert"):
            install_as_root(packages)
    else:
        with step(f"{labels}: wird nach {project.system} entpackt (ohne Administratorrechte)"):
            install_privately(project, packages)
    still_missing = _missing(project, missing)
    if still_missing:
        raise _cannot_install(still_missing)


def _missing(project: Project, programs: list[Program]) -> list[Program]:
    return [program for program in programs if program.find(project) is None]


def _cannot_install(missing: list[Program]) -> SetupError:
    labels = ", ".join(program.label for program in missing)
    packages = " ".join(program.package for program in missing)
    return SetupError(
        f"Es fehlt: {labels}. Auf diesem System lässt es sich nicht von allein einrichten.",
        f"Bitte installieren (unter Debian heißen die Pakete: {packages}) und den Befehl wiederholen. "
        "Server, die anderswo laufen, nennen PGHOST und REDIS_URL; einen Browser nennt KODALA_CHROMIUM.",
    )
