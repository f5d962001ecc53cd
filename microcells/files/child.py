"""The child process: `python -m microcells.files.child`. It parses what a stranger sent, and nothing else.

It gets the number of the pipe to answer on, its parent's id, and the task as JSON on its standard input.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any, BinaryIO

from kodala.core.errors import InputError
from microcells.domain.plan import ReadingPlan
from microcells.domain.rows import Block
from microcells.domain.wanted import Wanted
from microcells.files import sandbox
from microcells.files.archives import DiskFullError
from microcells.files.frames import (
    ANSWER,
    DEFECT,
    END,
    FULL_DISK,
    REFUSAL,
    TABLE,
    findings_as_json,
    pack_block,
    write_message,
)
from microcells.files.looking import Table, inspect_table
from microcells.files.moving import to_house_system
from microcells.files.opening import open_table
from microcells.files.text import TextTable


class _WithoutPandas(MetaPathFinder):
    """Arrow and GDAL load pandas if it is there: a second and 50 MB for nothing."""

    def find_spec(self, fullname: str, *_: object) -> None:
        if fullname in ("pandas", "geopandas"):
            raise ModuleNotFoundError(fullname)


def main() -> int:
    """Do the one task and end."""
    pipe, parent = int(sys.argv[1]), int(sys.argv[2])
    sys.meta_path.insert(0, _WithoutPandas())
    sandbox.begin(parent)
    task = json.load(sys.stdin)
    with os.fdopen(pipe, "wb") as answers:
        try:
            _carry_out(task, answers)
        except InputError as error:
            write_message(answers, REFUSAL, findings_as_json(error.findings))
        except DiskFullError:
            write_message(answers, FULL_DISK)
        except MemoryError:
            os._exit(sandbox.NO_MEMORY)
        except Exception as error:
            write_message(answers, DEFECT, _place_of(error).encode())
        write_message(answers, END)
    return 0


def _place_of(error: BaseException) -> str:
    """Kind and place of an error, never its text, which may quote a value."""
    places = []
    trace = error.__traceback__
    while trace:
        places.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__} at {' > '.join(places[-4:])}"


def _carry_out(task: dict[str, Any], answers: BinaryIO) -> None:
    path, wanted = Path(task["path"]), Wanted.from_json(task["wanted"])
    plan = ReadingPlan.from_json(task["plan"]) if task["plan"] else None
    size = path.stat().st_size
    sandbox.limit_time(size)
    table = open_table(path)
    if task["do"] == "inspect":
        found = inspect_table(table, wanted, plan)
        write_message(answers, ANSWER, json.dumps(found.as_json()).encode())
        return
    if plan is None:
        raise ValueError("reading needs a plan")
    for block, share in _blocks(table, task["start"], plan, wanted):
        write_message(answers, TABLE, *pack_block(to_house_system(block, plan.crs), share))
        sandbox.limit_time(size)


def _blocks(table: Table, start: int, plan: ReadingPlan, wanted: Wanted) -> Iterator[tuple[Block, float]]:
    if not start:
        return table.read(plan, wanted)
    if not isinstance(table, TextTable):
        raise TypeError("only a text table is read from its middle")
    return table.read_rest(start, plan, wanted)


if __name__ == "__main__":
    # Without the interpreter's own end: it would take libraries down one by one, which a file may have hurt.
    status = main()
    sys.stdout.flush()
    os._exit(status)
