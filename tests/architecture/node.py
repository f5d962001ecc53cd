"""Reading YAML with the parser that the JavaScript tools bring: Python has none."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from kodala.local.javascript_packages import find_node
from kodala.local.project import open_project

ROOT = Path(__file__).parents[2]
PROJECT = open_project(ROOT)
READ_YAML = "process.stdout.write(JSON.stringify(require('yaml').parse(process.argv[1], {merge: true})))"


def run_node(*words: object) -> subprocess.CompletedProcess[str]:
    """Run Node where the JavaScript tools are installed."""
    command = [str(word) for word in (find_node(PROJECT), *words)]
    return subprocess.run(command, cwd=PROJECT.javascript, capture_output=True, text=True, check=False)


def read_yaml(file: Path) -> dict[str, Any]:
    """The content of a YAML file, with merges carried out."""
    outcome = run_node("-e", READ_YAML, file.read_text())
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)
