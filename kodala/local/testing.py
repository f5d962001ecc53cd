"""`./run test`: set up, then the checks, the JavaScript tests and the Python tests, all to their end."""

import ctypes
import os
import time
from collections.abc import Mapping
from pathlib import Path

from kodala.local.browser import find_browser
from kodala.local.checks import run_checks
from kodala.local.children import run_visibly
from kodala.local.compilation import compiling_meanwhile
from kodala.local.console import german_seconds, say, step
from kodala.local.javascript_packages import find_node
from kodala.local.preparation import prepare
from kodala.local.project import Project
from kodala.local.services_in_use import services_in_use
from kodala.local.slots import take_test_slot, take_test_slots

# Tests wait half their time for servers, other processes and browsers; more than two crowd a small machine.
SIDE_BY_SIDE = 2


def run_tests(project: Project, arguments: list[str]) -> int:
    """Run all checks and tests, or pytest alone with the given arguments; 0 only if all passed."""
    started = time.monotonic()
    prepare(project, for_tests=True)
    with (
        compiling_meanwhile(project) as compilation,
        services_in_use(project) as services,
        take_test_slots(project, services, 1 if arguments else SIDE_BY_SIDE) as slots,
    ):
        environment = slots | browser_environment(project)
        if arguments:
            compilation.wait()
            return _run_pytest(project, environment, arguments)
        failed = run_checks(project, environment)
        failed += _run_javascript_tests(project, environment)
        compilation.wait()
        with step("Python-Tests (pytest)", shows_output=True):
            side_by_side = ["--numprocesses", str(SIDE_BY_SIDE), "--dist", "loadfile"]
            failed += ["Python-Tests"] if _run_pytest(project, environment, side_by_side) else []
    return _sum_up(failed, time.monotonic() - started)


def run_checks_alone(project: Project, _arguments: list[str]) -> int:
    """Run the checks of the code alone."""
    started = time.monotonic()
    prepare(project, for_tests=True)
    with services_in_use(project) as services, take_test_slot(project, services) as environment:
        failed = run_checks(project, environment)
    return _sum_up(failed, time.monotonic() - started)


def run_javascript_tests(project: Project, _arguments: list[str]) -> int:
    """Run the JavaScript tests alone; they need no server."""
    started = time.monotonic()
    prepare(project, for_tests=True)
    failed = _run_javascript_tests(project, os.environ)
    return _sum_up(failed, time.monotonic() - started)


def browser_environment(project: Project) -> dict[str, str]:
    """Which browser the tests drive, and with which Node: Playwright's own needs libatomic."""
    variables = {"KODALA_CHROMIUM": str(find_browser(project))}
    try:
        ctypes.CDLL("libatomic.so.1")
    except OSError:
        variables["PLAYWRIGHT_NODEJS_PATH"] = str(find_node(project))
    return variables


def _run_pytest(project: Project, environment: Mapping[str, str], arguments: list[str]) -> int:
    return run_visibly([project.python, "-m", "pytest", *arguments], environment, project.root)


def _run_javascript_tests(project: Project, environment: Mapping[str, str]) -> list[str]:
    files: list[Path] = sorted((project.root / "tests" / "js").rglob("*.test.js"))
    if not files:
        return []
    with step(f"JavaScript-Tests ({len(files)} Dateien)", shows_output=True):
        code = run_visibly([find_node(project), "--test", *files], environment, project.root)
    return ["JavaScript-Tests"] if code else []


def _sum_up(failed: list[str], seconds: float) -> int:
    took = german_seconds(seconds)
    if failed:
        say(f"\nNICHT bestanden nach {took}: {', '.join(failed)}")
        return 1
    say(f"\nAlles bestanden nach {took}.")
    return 0
