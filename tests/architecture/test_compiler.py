"""The compiler of the bundling loops: loaded where houses are bundled, nowhere else."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from microcells.compiling import compile_loops, remove_older
from microcells.domain.bundling import bundle_houses
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.kernels import cutting, joining, nearness, swapping
from tests.architecture.node import ROOT
from tests.domain.houses import random_village

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


def test_bundling_finds_everything_compiled_beforehand():
    compile_loops()
    houses = random_village(1, 100, n_areas=2)
    bundle_houses(houses, BundlingRules(mean=6.0))
    bundle_houses(houses, BundlingRules(mean=6.0), earlier=np.arange(len(houses)) // 4)

    loops = [
        loop
        for module in (cutting, joining, nearness, swapping)
        for loop in vars(module).values()
        if hasattr(loop, "signatures") and loop.stats.cache_path
    ]
    assert len(loops) == 8
    assert [len(loop.signatures) for loop in loops] == [1] * 8


def test_loops_of_older_sources_go_after_a_day(tmp_path):
    for name, age in (("now", 0), ("yesterday", 90_000), ("today", 80_000)):
        (tmp_path / name).mkdir()
        os.utime(tmp_path / name, (1e9 - age, 1e9 - age))

    remove_older(tmp_path / "now", 1e9)

    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["now", "today"]
