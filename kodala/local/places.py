"""Where the private servers keep their data and sockets, and as whom they run."""

import hashlib
import os
import pwd
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

from kodala.local.children import run_to_end
from kodala.local.errors import SetupError
from kodala.local.project import Project

LONGEST_SOCKET_PATH = 103 if sys.platform == "darwin" else 107  # bytes, size of sun_path without its NUL
SOCKET_NAME = ".s.PGSQL.5432"


@dataclass(frozen=True)
class Place:
    """Folders and user of the private servers.

    home: data and logs · sockets: closed folder of the sockets · owner: (user, group), None = ourselves
    """

    home: Path
    sockets: Path
    owner: tuple[int, int] | None

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"


def prepare_place(project: Project) -> Place:
    """Make the folders of the private servers, readable only for the user they run as."""
    usual = project.services / "servers"
    owner = choose_owner(usual)
    elsewhere = Path("/var/tmp") / f"kodala-{_mark(project)}"  # noqa: S108 — owner and mode are checked
    home = usual if _can_enter(project.services, owner) else elsewhere
    _make_closed_folder(home, owner)
    sockets = home / "run"
    if not can_hold_sockets(sockets):
        user = owner[0] if owner else os.getuid()
        sockets = Path("/tmp") / f"kodala-{user}-{_mark(project)}"  # noqa: S108 — owner and mode are checked
    _make_closed_folder(sockets, owner)
    return Place(home, sockets, owner)


def can_hold_sockets(folder: Path) -> bool:
    """A socket's path is limited, and PostgreSQL's clients read a comma as the end of a path."""
    return len(os.fsencode(folder / SOCKET_NAME)) <= LONGEST_SOCKET_PATH and "," not in str(folder)


def _mark(project: Project) -> str:
    return hashlib.sha256(os.fsencode(project.var)).hexdigest()[:10]


def choose_owner(home: Path) -> tuple[int, int] | None:
    """PostgreSQL refuses to run as root; then whoever owns its data already, else `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return None
    if home.exists() and home.stat().st_uid != 0:
        found = home.stat()
        return found.st_uid, found.st_gid
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise SetupError(
        "PostgreSQL läuft nicht als root, und es gibt keinen Benutzer „postgres“ oder „nobody“.",
        "Bitte als gewöhnlicher Benutzer starten.",
    )


def _can_enter(folder: Path, owner: tuple[int, int] | None) -> bool:
    """Whether the servers' user may enter `folder`: a closed folder above it (say /root) forbids that."""
    if owner is None:
        return True
    for made_by_us in (folder.parent, folder):
        made_by_us.chmod(made_by_us.stat().st_mode | stat.S_IXGRP | stat.S_IXOTH)
    return run_to_end(["test", "-x", folder], os.environ, user_and_group=owner).exit_code == 0


def _make_closed_folder(folder: Path, owner: tuple[int, int] | None) -> None:
    try:
        folder.mkdir(mode=0o700)
        if owner:
            os.chown(folder, *owner)
    except FileExistsError:
        pass  # judged below like a new one
    found = folder.lstat()
    wanted = owner[0] if owner else os.getuid()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != wanted:
        raise SetupError(
            f"Der Ordner {folder} gehört einem anderen Benutzer.",
            "Bitte als dieser Benutzer starten oder den Ordner löschen.",
        )
    folder.chmod(0o700)
