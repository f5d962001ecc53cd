"""The checks of the code that come before the tests."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from kodala.local.children import Command, run_to_end
from kodala.local.console import german_seconds, say
from kodala.local.project import Project

# The settings a server of a city has, so that the deployment check judges those
AS_IN_SERVICE = {"KODALA_DEBUG": "0", "KODALA_TLS": "1"}
LINTER = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@dataclass(frozen=True)
class Check:
    """One check: German label, command, and variables it needs beside the usual ones."""

    label: str
    command: Command
    variables: Mapping[str, str]


def list_checks(project: Project) -> list[Check]:
    """All checks, quick ones first."""
    python, cache = project.python, project.cache
    brief = ["-q", "--output-format", "concise"]
    return [
        Check(
            "Regeln für den Quelltext (ruff)",
            [python, "-m", "ruff", "check", *brief],
            {},
        ),
        Check("Form des Quelltextes (ruff format)", [python, "-m", "ruff", "format", "--check", *brief], {}),
        Check(
            "Wer wen einbinden darf (import-linter)",
            [python, "-c", LINTER, "--cache-dir", cache / "imports"],
            {},
        ),
        Check("Typen (mypy)", [python, "-m", "mypy"], {}),
        Check("Fehlende Migrationen", [python, "manage.py", "makemigrations", "--check", "--dry-run"], {}),
        Check(
            "Sicherheit der Einstellungen (check --deploy)",
            [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
            AS_IN_SERVICE,
        ),
    ]


def run_checks(project: Project, environment: Mapping[str, str]) -> list[str]:
    """Run every check to its end and give the labels of those that failed."""
    return [check.label for check in list_checks(project) if not _passes(check, project, environment)]


def _passes(check: Check, project: Project, environment: Mapping[str, str]) -> bool:
    started = time.monotonic()
    outcome = run_to_end(check.command, {**environment, **check.variables}, folder=project.root)
    took = german_seconds(time.monotonic() - started)
    if outcome.exit_code == 0:
        say(f"• {check.label}: in Ordnung ({took})")
        return True
    say(f"• {check.label}: NICHT in Ordnung ({took})\n{outcome.output.rstrip()}")
    return False
