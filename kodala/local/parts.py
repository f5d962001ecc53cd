"""The long-running parts of the demo: what they are called, how they start and where they log."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from kodala.local.children import Child, Command, ask_to_end, last_lines, see_the_end, start_child
from kodala.local.interrupts import held_back, ignored
from kodala.local.leftovers import forget_process, note_process
from kodala.local.project import Project


@dataclass(frozen=True)
class Part:
    """One program of the demo.

    name: English, of its files · label: German, in sentences · log: None = our own terminal
    """

    name: str
    label: str
    command: Command
    environment: Mapping[str, str]
    log: Path | None


def start_part(project: Project, part: Part) -> Child:
    """Start a part and note its number, so that a later command finds it even if we are killed."""
    with held_back():
        log = None if part.log is None else os.open(part.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        child = start_child(part.command, part.environment, project.root, log)
        note_process(project, part.name, child.pid)
        if log is not None:
            os.close(log)
    return child


def end_parts(project: Project, parts: Iterable[tuple[Part, Child]]) -> None:
    """End parts side by side, each with all its children."""
    with ignored():
        started = list(parts)
        for _, child in started:
            ask_to_end(child)
        for part, child in started:
            see_the_end(child)
            forget_process(project, part.name)


def run_part(project: Project, part: Part) -> int:
    """Run a part that ends by itself, and give its exit code."""
    child = start_part(project, part)
    try:
        return child.wait()
    finally:
        end_parts(project, [(part, child)])


def log_end(part: Part) -> str:
    """The last lines a part has logged, for reading."""
    if part.log is None or not part.log.exists():
        return ""
    return last_lines(part.log.read_text(errors="replace")) or "    (leer)"
