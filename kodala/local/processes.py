"""Which processes live on this machine: from /proc, or from `ps` where there is none."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kodala.local.children import run_to_end

PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One process; `command` is its whole command line with blanks between the words."""

    number: int
    group: int
    is_zombie: bool
    command: str


def find_process(number: int) -> Process | None:
    """The process with this number, or None."""
    return next((process for process in list_processes() if process.number == number), None)


def list_processes() -> Iterator[Process]:
    """All processes we may see."""
    return _from_proc() if (PROC / "self" / "stat").exists() else _from_ps()


def _from_proc() -> Iterator[Process]:
    for folder in PROC.iterdir():
        if folder.name.isdigit():
            # A process may end while we read about it.
            with suppress(FileNotFoundError, ProcessLookupError, PermissionError):
                yield read_proc(folder)


def read_proc(folder: Path) -> Process:
    """Read one /proc/<number> folder. The name in `stat` may itself hold blanks and brackets."""
    after_name = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
    words = os.fsdecode((folder / "cmdline").read_bytes()).split("\0")
    return Process(int(folder.name), int(after_name[2]), after_name[0] in "ZX", " ".join(words).strip())


def _from_ps() -> Iterator[Process]:
    listing = run_to_end(["ps", "-axo", "pid=,pgid=,stat=,args="], os.environ).output
    for line in listing.splitlines():
        number, group, state, *command = line.split(None, 3)
        yield Process(int(number), int(group), state.startswith("Z"), " ".join(command))
