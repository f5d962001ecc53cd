"""Notes on what the demo started, so that the next command finds what a killed one left behind."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from kodala.local.processes import Process, list_processes
from kodala.local.project import Project

PATIENCE_SECONDS = 10


def note_process(project: Project, name: str, number: int) -> None:
    """Note the number of a process group that we started."""
    _folder(project).mkdir(parents=True, exist_ok=True)
    (_folder(project) / name).write_text(str(number))


def forget_process(project: Project, name: str) -> None:
    """Drop the note when the process has ended in good order."""
    (_folder(project) / name).unlink(missing_ok=True)


def end_leftovers(project: Project) -> int:
    """End every noted process group that is still ours; gives how many processes that were.

    A number may have been used again by a stranger, so only processes of this
    checkout's own Python count.
    """
    ended = 0
    for note in sorted(_folder(project).glob("*")):
        group = int(note.read_text() or 0)
        ended += len(_members(project, group))
        _end(project, group)
        note.unlink(missing_ok=True)
    return ended


def _members(project: Project, group: int) -> list[Process]:
    return [
        process
        for process in list_processes()
        if process.group == group and not process.is_zombie and str(project.python) in process.command
    ]


def _end(project: Project, group: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    kind = signal.SIGTERM
    while members := _members(project, group):
        for process in members:
            with suppress(ProcessLookupError):
                os.kill(process.number, kind)
        if time.monotonic() > deadline:
            kind = signal.SIGKILL
        time.sleep(0.2)


def _folder(project: Project) -> Path:
    return project.services / "processes"
