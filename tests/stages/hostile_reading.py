"""Reads all hostile files and prints what came of each: `python -m tests.stages.hostile_reading <folder>`."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import sys
import threading
import time
from pathlib import Path

from kodala.core.errors import InputError
from microcells.domain.plan import ColumnSource
from microcells.files import inspect_file, read_file
from tests.domain.delivery_files import SCHEMAS
from tests.stages.hostile_files import HOSTILE


class Watch:
    """Notes the largest memory of this process's children.

    What the system says of a child afterwards counts the memory that it shared with its parent at first.
    """

    def __init__(self):
        self._peaks = {}
        threading.Thread(target=self._look, daemon=True).start()

    def most(self):
        """Megabytes of the largest child since the last question."""
        found, self._peaks = self._peaks, {}
        return max(found.values(), default=0) / 1024

    def _look(self):
        while True:
            for task in Path("/proc/self/task").iterdir():
                with contextlib.suppress(OSError):
                    for child in (task / "children").read_text().split():
                        self._note(child)
            time.sleep(0.002)

    def _note(self, child):
        with contextlib.suppress(OSError):
            status = dict(
                line.split(":", 1) for line in Path(f"/proc/{child}/status").read_text().splitlines()
            )
            is_child = b"microcells.files.child" in Path(f"/proc/{child}/cmdline").read_bytes()
            if is_child and "VmHWM" in status:
                self._peaks[child] = int(status["VmHWM"].split()[0])


def read_all(folder):
    """Look at each file and read it if it can be looked at; print what came of it."""
    schema, watch = SCHEMAS["microcells"], Watch()
    for number, (name, (make, _)) in enumerate(HOSTILE.items()):
        path = folder / f"{number}.upload"
        path.write_bytes(make())
        began, sentence = time.monotonic(), ""
        try:
            found = inspect_file(path, schema)
            known = [one.heading for one in found.columns if one.heading.lower() in schema.by_header]
            columns = [ColumnSource(schema.by_header[one.lower()].name, (one,)) for one in known]
            plan = dataclasses.replace(found.plan, columns=tuple(columns))
            for _ in read_file(path, plan, schema):
                continue
        except InputError as error:
            sentence = str(error)
        took = time.monotonic() - began
        said = {"name": name, "sentence": sentence, "seconds": took, "megabytes": watch.most()}
        sys.stdout.write(json.dumps(said) + "\n")
        path.unlink()


if __name__ == "__main__":
    read_all(Path(sys.argv[1]))
