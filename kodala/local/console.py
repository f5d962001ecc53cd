"""What `./run` says: one German line for each step, with the time it took."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from kodala.local.interrupts import StopRequest


def say(sentence: str, end: str = "\n") -> None:
    """Print one sentence at once, also into a pipe."""
    sys.stdout.write(sentence + end)
    sys.stdout.flush()


def german_seconds(seconds: float) -> str:
    """Write a duration the German way: 0,4 s below ten seconds, else 73 s."""
    return (f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}").replace(".", ",") + " s"


@contextmanager
def step(sentence: str, *, shows_output: bool = False) -> Iterator[None]:
    """Say what is being done, and how long it took when it is done.

    shows_output: the step prints lines of its own, so the time gets a line too
    """
    say(f"• {sentence} …", end="\n" if shows_output else " ")
    started = time.monotonic()
    try:
        yield
    except StopRequest:
        say("abgebrochen.")
        raise
    except BaseException:
        say("gescheitert.")
        raise
    took = german_seconds(time.monotonic() - started)
    say(f"  Fertig nach {took}." if shows_output else f"fertig ({took}).")
