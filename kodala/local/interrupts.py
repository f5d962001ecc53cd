"""Ctrl-C, SIGTERM and SIGHUP become one exception that can be held back for a moment."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StopRequest(BaseException):
    """Somebody wants `./run` to end; passes every `except Exception` like KeyboardInterrupt."""

    def __init__(self, signal_number: int) -> None:
        super().__init__(signal.Signals(signal_number).name)
        self.signal_number = signal_number

    @property
    def exit_code(self) -> int:
        return 128 + self.signal_number


class _Gate:
    held = 0
    waiting: int | None = None


def listen() -> None:
    """From now on raise StopRequest on Ctrl-C, SIGTERM and SIGHUP; `nohup` keeps its meaning."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _receive)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _receive)


def _receive(number: int, _frame: FrameType | None) -> None:
    if _Gate.held:
        _Gate.waiting = number
    else:
        raise StopRequest(number)


@contextmanager
def held_back() -> Iterator[None]:
    """Keep a stop request waiting until the block is done, then raise it.

    Without this a request between the start of a child and the note of its
    number would leave a child that nobody ends.
    """
    _Gate.held += 1
    try:
        yield
    finally:
        _Gate.held -= 1
    if not _Gate.held and _Gate.waiting is not None:
        number, _Gate.waiting = _Gate.waiting, None
        raise StopRequest(number)


@contextmanager
def ignored() -> Iterator[None]:
    """Ignore stop requests while everything is being stopped anyway."""
    _Gate.held += 1
    try:
        yield
    finally:
        _Gate.held -= 1
        _Gate.waiting = None
