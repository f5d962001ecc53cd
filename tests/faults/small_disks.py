"""Small file systems in memory that are quickly full."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(size: str, parent: Path | None = None) -> Iterator[Path]:
    """A folder on a file system of this size, as `mount` writes it; skips the test where none may be made."""
    folder = Path(tempfile.mkdtemp(prefix="kodala-small-", dir=parent))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "tmpfs", str(folder)]
    try:
        done = shutil.which("mount") and subprocess.run(mount, capture_output=True, check=False)
        if not done or done.returncode:
            pytest.skip("hier darf kein kleines Dateisystem eingehängt werden (mount -t tmpfs)")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], capture_output=True, check=False)
    finally:
        folder.rmdir()


def fill(folder: Path, leave: int = 0) -> Path:
    """Fill a file system but for some bytes; gives the file that does it."""
    filler = folder / "filler"
    with filler.open("wb") as file:
        file.write(bytes(max(shutil.disk_usage(folder).free - leave, 0)))
    return filler
