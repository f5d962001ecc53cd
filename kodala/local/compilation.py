"""The loops of bundling are compiled beside the rest of the set-up; only who needs them waits for the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kodala.local.children import Child
from kodala.local.console import step
from kodala.local.environment import application_environment
from kodala.local.errors import SetupError
from kodala.local.parts import Part, end_parts, log_end, start_part
from kodala.local.project import Project
from kodala.local.stamps import fingerprint, is_done, set_done

UNNOTICED_S = 0.2  # so short a wait needs no word


@dataclass(frozen=True)
class Compilation:
    """A compilation on its way; None = everything is compiled already."""

    part: Part
    child: Child | None
    stamp: Path
    mark: str

    def wait(self) -> None:
        """Wait for the end, with a word if that takes a moment; SetupError with the log if it failed."""
        if self.child is None or is_done(self.stamp, self.mark):
            return
        time.sleep(UNNOTICED_S)
        if self.child.poll() is None:
            with step("Die Zellbildung wird noch in Maschinencode übersetzt, nur dieses eine Mal"):
                self.child.wait()
        if self.child.returncode:
            raise SetupError(
                f"{self.part.label} ist gescheitert.\n{log_end(self.part)}",
                f"Das Protokoll steht in {self.part.log}.",
            )
        set_done(self.stamp, self.mark)


@contextmanager
def compiling_meanwhile(project: Project) -> Iterator[Compilation]:
    """Compile while the block runs, unless the sources are as after the last time."""
    command = [project.python, "-m", "microcells.compiling"]
    log = project.services / "compiling.log"
    part = Part(
        "compiling", "Die Übersetzung der Zellbildung", command, application_environment(project), log
    )
    stamp, mark = project.var / "numba" / "stamp", _mark(project)
    if is_done(stamp, mark):
        yield Compilation(part, None, stamp, mark)
        return
    log.unlink(missing_ok=True)
    child = start_part(project, part)
    try:
        yield Compilation(part, child, stamp, mark)
    finally:
        end_parts(project, [(part, child)])


def _mark(project: Project) -> str:
    """What the compiled loops depend on; the compiler also looks at the times of the files."""
    files = sorted((project.root / "microcells" / "domain" / "kernels").glob("*.py"))
    times = (str(file.stat().st_mtime_ns) for file in files)
    return fingerprint(*times, files=[*files, project.root / "requirements.lock"])
