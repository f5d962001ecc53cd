"""The compiler of the bundling loops: loaded where houses are bundled, nowhere else."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from tests.architecture.node import ROOT

LOADS = """
import sys, django
django.setup()
{loads}
print("numba" in sys.modules)
"""


def loads_compiler(lines: str) -> bool:
    """Whether a fresh process has loaded the compiler after some lines."""
    command = [sys.executable, "-c", LOADS.format(loads=lines)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True)
    return done.stdout.split()[-1] == "True"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("import kodala.wsgi, kodala.urls, microcells.services, microcells.house_lists", False),
        ("import microcells.domain.kernels.prices", True),
    ],
)
def test_only_bundling_itself_loads_the_compiler(lines, expected):
    assert loads_compiler(lines) is expected


def test_no_module_outside_names_a_kernel_in_its_head():
    files = [file for file in (ROOT / "microcells").rglob("*.py") if "kernels" not in file.parts]
    heads = re.compile(r"^(from|import) microcells\.domain\.kernels", re.MULTILINE)

    assert len(files) > 50
    assert [file.name for file in files if heads.search(file.read_text())] == []
