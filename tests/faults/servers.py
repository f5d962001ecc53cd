"""Private servers that may be stopped, killed and filled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kodala.local.project import open_project
from kodala.local.services import Services, choose_services, stop_services
from tests.processes import ROOT

USUAL_VAR = Path(os.environ.get("KODALA_VAR", ROOT / "var"))
START = """
import sys
from pathlib import Path
from kodala.local.project import open_project
from kodala.local.services import choose_services, start_services
start_services(choose_services(open_project(Path.cwd(), {"KODALA_VAR": sys.argv[1]}), {}))
"""


@contextmanager
def private_services() -> Iterator[Services]:
    """A new PostgreSQL and a new Redis in a folder of their own, started twice at once."""
    # Not below pytest's own folder: when root runs the tests, the servers' user must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="kodala-test-"))
    (folder / "system").symlink_to(USUAL_VAR / "system")
    services = choose_services(open_project(folder, {"KODALA_VAR": str(folder)}), {})
    starts = [subprocess.Popen([sys.executable, "-c", START, str(folder)], cwd=ROOT) for _ in range(2)]
    try:
        assert [start.wait(120) for start in starts] == [0, 0]
        yield services
    finally:
        stop_services(services)
        shutil.rmtree(folder)
