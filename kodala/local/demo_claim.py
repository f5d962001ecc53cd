"""Only one demo per checkout: who runs it holds a lock, and a note says where it can be seen."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from kodala.local.project import Project

STOP_SECONDS = 60


@contextmanager
def claim_demo(project: Project) -> Iterator[bool]:
    """Claim the demo for the block; False if another command has it. A killed one loses its claim."""
    with _lock_file(project).open("a") as file:
        claimed = _lock(file)
        if claimed:
            note_address(project, "")
        try:
            yield claimed
        finally:
            if claimed:
                _note(project).unlink(missing_ok=True)


def note_address(project: Project, address: str) -> None:
    """Note who runs the demo and where it can be seen; "" while it is being set up."""
    _note(project).write_text(json.dumps({"process": os.getpid(), "address": address}))


def running_address(project: Project) -> str:
    """The address of the running demo; "" while it is not to be seen yet."""
    return str(_read(project).get("address", ""))


def stop_running_demo(project: Project) -> bool:
    """End the demo of another command and wait for it; True if there was one."""
    with _lock_file(project).open("a") as file:
        if _lock(file):
            return False
        number = int(_read(project).get("process", 0))
        if number:
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        while not _lock(file):
            if number and time.monotonic() > deadline:
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGKILL)
            time.sleep(0.2)
        _note(project).unlink(missing_ok=True)
        return True


def _lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(project: Project) -> dict[str, str | int]:
    try:
        return dict(json.loads(_note(project).read_text()))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}


def _lock_file(project: Project) -> Path:
    return project.services / "demo.lock"


def _note(project: Project) -> Path:
    return project.services / "demo.json"
