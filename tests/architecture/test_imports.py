"""The house as import contracts: they hold, and each of them catches a planted violation."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("kodala", "microcells", "typology", "seniors")
LINTER = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]


def lint(folder):
    return subprocess.run(LINTER, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy_of_the_house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_all_contracts_hold():
    found = lint(ROOT)

    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("microcells/services.py", "import typology.models", "Storeys"),
        ("typology/services.py", "import seniors.models", "Storeys"),
        ("kodala/core/runs.py", "import microcells.models", "Storeys"),
        ("microcells/domain/bundling.py", "import django.db", "Pure"),
        ("kodala/statistics/classes.py", "import django.conf", "Pure"),
        ("seniors/services.py", "import celery", "Rooms compute"),
        ("kodala/publication/services.py", "import kodala.pipeline", "Rooms compute"),
        ("kodala/publication/domain/rules.py", "import kodala.publication.models", "Publication"),
        ("microcells/selectors.py", "import microcells.services", "Rooms: services"),
    ],
)
def test_a_planted_violation_is_caught(copy_of_the_house, file, line, broken):
    path = copy_of_the_house / file
    kept = path.read_text()
    path.write_text(
        kept.replace(
            "from __future__ import annotations\n", f"from __future__ import annotations\n\n{line}\n", 1
        )
    )
    try:
        found = lint(copy_of_the_house)
    finally:
        path.write_text(kept)

    assert found.returncode == 1
    assert any(row.startswith(broken) and "BROKEN" in row for row in found.stdout.splitlines()), found.stdout
