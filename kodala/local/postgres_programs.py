"""Find the programs of a PostgreSQL server that has PostGIS."""

import glob
import os
import re
import shutil
from pathlib import Path

from kodala.local.private_system import tree_of
from kodala.local.project import Project

# Debian and Ubuntu, Homebrew (Apple silicon, Intel), Red Hat, Postgres.app
USUAL_PLACES = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/pgsql-*/bin",
    "/Applications/Postgres.app/Contents/Versions/latest/bin",
)


def find_postgres(project: Project, major: int | None = None) -> Path | None:
    """The folder of initdb, pg_ctl and postgres of the newest server with PostGIS; None if there is none.

    major: only a server of this version, because the cluster on disk was made by it
    """
    whole = [folder for folder in _candidates(project) if _is_server(folder) and _has_postgis(folder)]
    if major is not None:
        whole = [folder for folder in whole if version_of(folder) == major]
    return max(whole, key=version_of, default=None)


def version_of(programs: Path) -> int:
    """Major version of the server in this folder, read from the name of a folder above it; 0 if unnamed."""
    numbers = re.findall(r"(?:postgresql[/@]|pgsql-)(\d+)", str(programs))
    return int(numbers[-1]) if numbers else 0


def _candidates(project: Project) -> list[Path]:
    folders = [Path(found) for place in USUAL_PLACES for found in glob.glob(place)]  # noqa: PTH207 — absolute patterns
    folders += tree_of(project, "postgresql-postgis").glob("usr/lib/postgresql/*/bin")
    on_path = shutil.which("initdb")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    return folders


def _is_server(folder: Path) -> bool:
    return all(os.access(folder / name, os.X_OK) for name in ("initdb", "pg_ctl", "postgres", "psql"))


def _has_postgis(folder: Path) -> bool:
    control = Path("extension") / "postgis.control"
    debian = Path("share") / "postgresql" / folder.parent.name
    homebrew = Path("share") / folder.parent.name
    elsewhere = (Path("share") / "postgresql", Path("share"))
    return any(
        (above / share / control).exists()
        for above in folder.parents[:4]
        for share in (debian, homebrew, *elsewhere)
    )
