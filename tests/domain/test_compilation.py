"""Compiling beside the set-up: done once, waited for by who needs it, and never silently failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kodala.local.compilation import compiling_meanwhile
from kodala.local.errors import SetupError
from kodala.local.project import Project, open_project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = open_project(tmp_path / "checkout", {})
    (project.root / "requirements.lock").write_text("numba==1")
    kernels = project.root / "microcells" / "domain" / "kernels"
    kernels.mkdir(parents=True)
    (kernels / "cutting.py").write_text("first = 1")
    project.python.parent.mkdir(parents=True)
    return project


def let_compiling(project: Project, commands: str) -> None:
    project.python.write_text(f"#!/bin/sh\n{commands}\n")
    project.python.chmod(0o755)


def times_compiled(project: Project) -> int:
    runs = project.root / "runs"
    return len(runs.read_text().split()) if runs.exists() else 0


def test_compiles_once_until_a_loop_changes(project: Project):
    let_compiling(project, "echo run >> runs")
    for _ in range(2):
        with compiling_meanwhile(project) as compilation:
            compilation.wait()
    assert times_compiled(project) == 1

    (project.root / "microcells" / "domain" / "kernels" / "cutting.py").write_text("first = 2")
    with compiling_meanwhile(project) as compilation:
        compilation.wait()

    assert times_compiled(project) == 2


def test_who_has_to_wait_is_told(project: Project, capsys: pytest.CaptureFixture[str]):
    let_compiling(project, "sleep 0.5")
    with compiling_meanwhile(project) as compilation:
        assert capsys.readouterr().out == ""
        compilation.wait()

    assert "wird noch in Maschinencode übersetzt" in capsys.readouterr().out


def test_a_failed_compilation_shows_its_log_and_is_tried_again(project: Project):
    let_compiling(project, "echo run >> runs; echo kaputt; exit 1")
    for _ in range(2):
        with (
            compiling_meanwhile(project) as compilation,
            pytest.raises(SetupError, match=r"(?s)ist gescheitert.*kaputt"),
        ):
            compilation.wait()

    assert times_compiled(project) == 2


def test_nothing_runs_on_when_nobody_waits(project: Project):
    let_compiling(project, "sleep 60")
    with compiling_meanwhile(project) as compilation:
        child = compilation.child

    assert child is not None
    assert child.returncode is not None
