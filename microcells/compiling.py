"""`python -m microcells.compiling`: compile the loops of bundling before anybody waits for them."""

from __future__ import annotations

import gc
import os
import shutil
import time
from pathlib import Path

import numpy as np
from django.conf import settings

from microcells.domain.bundling import bundle_walk
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.neighbours import connect_houses
from microcells.domain.ordering import Walk

DAY_S = 24 * 60 * 60


def compile_loops() -> None:
    """Bundle a few houses, as every loop is compiled by its first call and kept for later processes."""
    n = 20
    place = np.arange(n)
    # One house stands so far out that it needs a bridge.
    x = np.where(place < n - 1, 10.0 * place, 1000.0)
    walk = Walk(
        np.ones(n, dtype=np.int64), x, np.zeros(n), street=np.zeros(n, dtype=np.int64), area=place // n
    )
    rules = BundlingRules()
    bundle_walk(walk, connect_houses(walk, rules.near_m, rules.minimum), rules)


def remove_older(folder: Path, now: float) -> None:
    """Remove what was compiled for other states of the sources.

    folder: of the present state; now: seconds since 1970. Others go after a day, because a worker that
    still runs with its sources may need them.
    """
    for other in folder.parent.glob("*/"):
        if other != folder and now - other.stat().st_mtime > DAY_S:
            shutil.rmtree(other)


def main() -> None:
    """Compile for the present settings; they name the folder, so they are read before the compiler is."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kodala.settings")
    folder = settings.COMPILED_DIR
    # Compiling makes very many objects that stay: looking for garbage among them is a tenth of the time.
    gc.disable()
    compile_loops()
    remove_older(folder, time.time())


if __name__ == "__main__":
    main()
