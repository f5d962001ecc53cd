"""Run other programs to their end, in a process group of their own that never outlives us."""

import os
import signal
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from kodala.local.errors import SetupError
from kodala.local.interrupts import held_back, ignored

PATIENCE_SECONDS = 15
LINES_SHOWN = 25

Child = subprocess.Popen[str]
Command = Iterable[object]  # its words, taken by str()


@dataclass(frozen=True)
class Outcome:
    """How a program ended: its exit code and all it printed."""

    exit_code: int
    output: str


def start_child(
    command: Command,
    environment: Mapping[str, str],
    folder: Path | str,
    output: int | None,
    user_and_group: tuple[int, int] | None = None,
) -> Child:
    """Start a program in a process group of its own, without a shell.

    output:         where it prints to, as for Popen; None = our own terminal
    user_and_group: numbers of the user to run as; None = ourselves

    Its standard input is empty, or a pipe where its output is one.
    """
    user, group = user_and_group or (None, None)
    return subprocess.Popen(
        [str(part) for part in command],
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.PIPE if output == subprocess.PIPE else subprocess.DEVNULL,
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
        user=user,
        group=group,
        extra_groups=[] if user_and_group else None,
        text=True,
        errors="replace",
        start_new_session=True,
    )


def run_to_end(
    command: Command,
    environment: Mapping[str, str],
    folder: Path | str = "/",
    user_and_group: tuple[int, int] | None = None,
    typed: str = "",
) -> Outcome:
    """Run a program, wait for its end and give what it printed; `typed` is its standard input."""
    with held_back():
        child = start_child(command, environment, folder, subprocess.PIPE, user_and_group)
    try:
        printed, _ = child.communicate(typed)
    except BaseException:
        end_group(child)
        raise
    return Outcome(child.returncode, printed)


def run_visibly(command: Command, environment: Mapping[str, str], folder: Path) -> int:
    """Run a program that prints to our own terminal and give its exit code; Ctrl-C reaches it through us."""
    with held_back():
        child = start_child(command, environment, folder, output=None)
    try:
        return child.wait()
    except BaseException:
        end_group(child, first=signal.SIGINT)
        raise


def run_in_terminal(command: Command, environment: Mapping[str, str], folder: Path) -> int:
    """Run a program that may ask questions: it shares our terminal, and Ctrl-C is its own business."""
    words = [str(part) for part in command]
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        with held_back():
            child = subprocess.Popen(words, env=dict(environment), cwd=folder, text=True)
        return _wait_or_end(child)
    finally:
        signal.signal(signal.SIGINT, before)


def _wait_or_end(child: Child) -> int:
    try:
        return child.wait()
    except BaseException:
        with ignored():
            child.terminate()
            child.wait()
        raise


def must_succeed(outcome: Outcome, reason: str, mend: str) -> str:
    """Give what a program printed; if it failed, raise SetupError with its last lines."""
    if outcome.exit_code:
        shown = last_lines(outcome.output)
        raise SetupError(f"{reason}\n{shown}" if shown else reason, mend)
    return outcome.output


def last_lines(text: str, count: int = LINES_SHOWN) -> str:
    """The last lines of an output or log, indented for reading."""
    return "\n".join(f"    {line}" for line in text.strip().splitlines()[-count:])


def end_group(child: Child, first: int = signal.SIGTERM) -> None:
    """Ask a child to end, and see to it."""
    with ignored():
        ask_to_end(child, first)
        see_the_end(child)


def ask_to_end(child: Child, first: int = signal.SIGTERM) -> None:
    """Ask a child to end in its own way."""
    if child.poll() is None:
        child.send_signal(first)


def see_the_end(child: Child) -> None:
    """Wait for a child that was asked to end; then end it, and in any case all that it started."""
    with ignored():
        with suppress(subprocess.TimeoutExpired):
            child.wait(PATIENCE_SECONDS)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
