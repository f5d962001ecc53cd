"""Looking at and reading files of any form; every file is parsed in a child process of its own."""

from __future__ import annotations

import errno
import json
import logging
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from kodala.core.errors import InputError, InterruptionError
from microcells.domain.dialect import refuse
from microcells.domain.plan import Inspection, ReadingPlan
from microcells.domain.rows import Block
from microcells.domain.schema import Schema
from microcells.domain.wanted import Wanted
from microcells.files import frames, limits
from microcells.files.sandbox import ENVIRONMENT, NO_MEMORY

logger = logging.getLogger("kodala.files")

ROOT = Path(__file__).resolve().parents[2]
# How a child ends that somebody else stopped: a person, the system out of memory, the end of the machine. The
# limits of the child end it in other ways.
STOPPED = (-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP, -signal.SIGQUIT)
SMALLER = "Bitte die Datei prüfen und als CSV-Datei liefern."
Message = tuple[bytes, pa.Buffer]


def inspect_file(path: Path, schema: Schema, given: ReadingPlan | None = None) -> Inspection:
    """The first look at a file.

    given: what a person said about the way it is written; only its columns are looked at anew
    Raises InputError if the file holds no table.
    """
    with _child("inspect", path, schema, given) as messages:
        for kind, body in messages:
            if kind == frames.ANSWER:
                return Inspection.from_json(json.loads(body.to_pybytes()))
    raise _broken()


def read_file(
    path: Path,
    plan: ReadingPlan,
    schema: Schema,
    tell: Callable[[float], None] | None = None,
    start: int = 0,
) -> Iterator[Block]:
    """The blocks of a file in the columns of the schema, in the order of the file, in bounded memory.

    tell:  is told the share of the file that has been read, before each block
    start: byte at which the first wanted row of a text table begins; lines then count from that row
    Raises InputError on the way for what cannot be used.
    """
    with _child("read", path, schema, plan, start) as messages:
        for kind, body in messages:
            if kind != frames.TABLE:
                continue
            try:
                block, share = frames.unpack_block(body)
            except frames.BrokenMessageError:
                raise _broken() from None
            if tell:
                tell(share)
            yield block


@contextmanager
def _child(
    do: str, path: Path, schema: Schema, plan: ReadingPlan | None, start: int = 0
) -> Iterator[Iterator[Message]]:
    """The messages of a child that carries out a task; it is gone when the block is left."""
    task = {
        "do": do,
        "path": str(path.resolve()),
        "wanted": Wanted.of(schema).as_json(),
        "plan": plan.as_json() if plan else None,
        "start": start,
    }
    reading, writing = os.pipe()
    process = None
    try:
        process = subprocess.Popen(  # noqa: S603  # our own program, without a shell
            [sys.executable, "-s", "-m", "microcells.files.child", str(writing), str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # libraries put values into their complaints
            pass_fds=(writing,),
            env=ENVIRONMENT,
            cwd=ROOT,
            start_new_session=True,  # a signal to the worker's group is for the worker to handle
        )
        os.close(writing)
        writing = -1
        _hand_over(process, task)
        size = path.stat().st_size / limits.MIB
        yield _messages(process, reading, limits.SILENCE_S + limits.SILENCE_S_PER_MIB * size)
    finally:
        if writing >= 0:
            os.close(writing)
        if process:
            process.kill()
            process.wait()
        os.close(reading)


def _hand_over(process: subprocess.Popen[bytes], task: dict[str, Any]) -> None:
    stdin = process.stdin
    if stdin is None:
        raise ValueError("the child has no input")
    try:
        stdin.write(json.dumps(task).encode())
        stdin.close()
    except BrokenPipeError:
        raise _died(process.wait()) from None


def _messages(process: subprocess.Popen[bytes], reading: int, patience_s: float) -> Iterator[Message]:
    """The messages up to the end; raises InputError for a refusal, a death and a long silence."""
    waiting: queue.Queue[Message | None] = queue.Queue(limits.BLOCKS_AHEAD)
    is_over = threading.Event()
    taker = threading.Thread(target=_take, args=(reading, waiting, is_over), daemon=True)
    taker.start()
    try:
        while True:
            try:
                message = waiting.get(timeout=patience_s)
            except queue.Empty:
                raise _too_slow() from None
            if message is None:
                raise _died(process.wait())
            kind, body = message
            if kind == frames.REFUSAL:
                raise InputError(_findings(body))
            if kind == frames.FULL_DISK:
                raise OSError(errno.ENOSPC, "no room to unpack")
            if kind == frames.DEFECT:
                logger.warning("a file could not be read: %s", _plain(body))
                raise _broken()
            if kind == frames.END:
                return
            yield kind, body
    finally:
        is_over.set()
        process.kill()
        taker.join()


def _take(reading: int, waiting: queue.Queue[Message | None], is_over: threading.Event) -> None:
    """Take messages from the pipe while the last ones are being worked on; None = there are no more."""
    with os.fdopen(reading, "rb", buffering=0, closefd=False) as stream:
        message: Message | None = (b"", pa.py_buffer(b""))
        while message and message[0] != frames.END:
            try:
                message = frames.read_message(stream.readinto)
            except (frames.BrokenMessageError, OSError):
                message = None
            while not is_over.is_set():
                try:
                    waiting.put(message, timeout=0.1)
                    break
                except queue.Full:
                    continue
            if is_over.is_set():
                return


def _findings(body: pa.Buffer) -> list[Any]:
    try:
        return frames.findings_from_json(body.to_pybytes())
    except frames.BrokenMessageError:
        raise _broken() from None


def _died(status: int) -> Exception:
    """What the end of the child in the middle of a file means."""
    if status == -signal.SIGXCPU:
        return _too_slow()
    if status in (-signal.SIGABRT, NO_MEMORY):
        text = "Die Datei braucht beim Lesen zu viel Speicher und wurde nicht gelesen."
        return refuse("E-SPEICHER", text, SMALLER)
    if status in STOPPED:
        return InterruptionError("the process that read the file was stopped")
    return _broken()


def _broken() -> InputError:
    return refuse("E-DATEI", "Die Datei ist beschädigt: Das Lesen brach ab.", SMALLER)


def _plain(body: pa.Buffer) -> str:
    """What the child says of a defect, as far as it is harmless."""
    return re.sub(r"[^\w .:>]", "", body.to_pybytes()[:300].decode("ascii", "replace"))


def _too_slow() -> InputError:
    text = "Das Lesen der Datei dauert zu lange und wurde abgebrochen."
    return refuse("E-ZEIT", text, SMALLER)
