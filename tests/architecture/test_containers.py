"""The container files: linted and read here, never run, because no container runtime is at hand."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kodala.local.demo_parts import worker_part
from kodala.local.postgres_settings import SETTINGS
from tests.architecture.node import PROJECT, ROOT, read_yaml, run_node

COMPOSE = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
# Matters of taste, and `name`, which older versions of Compose do not know
RULES_OFF = (
    "service-keys-order",
    "services-alphabetical-order",
    "require-project-name-field",
    "require-quotes-in-ports",
)


def lint_compose(file: Path) -> subprocess.CompletedProcess[str]:
    options = [word for rule in RULES_OFF for word in ("--disable-rule", rule)]
    return run_node("node_modules/.bin/dclint", file, "--max-warnings", "0", *options)


def lint_dockerfile(file: Path) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "hadolint", "-t", "style", file]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return read_yaml(ROOT / "docker-compose.yml")


@pytest.fixture(scope="module")
def services(compose) -> dict[str, Any]:
    return compose["services"]


def test_dclint_has_nothing_to_say():
    outcome = lint_compose(ROOT / "docker-compose.yml")

    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("healthcheck:", "healthchek:", "invalid-schema"),
        ("redis:7.4-alpine", "redis", "service-image-require-explicit-tag"),
        ("127.0.0.1:8000:8000", "8000:8000", "no-unbound-port-interfaces"),
    ],
)
def test_dclint_catches_a_planted_fault(tmp_path, right, wrong, rule):
    file = tmp_path / "docker-compose.yml"
    file.write_text(COMPOSE.replace(right, wrong))

    outcome = lint_compose(file)

    assert outcome.returncode != 0
    assert rule in outcome.stdout


def test_hadolint_has_nothing_to_say():
    outcome = lint_dockerfile(ROOT / "Dockerfile")

    assert outcome.returncode == 0, outcome.stdout


@pytest.mark.parametrize(
    ("right", "wrong", "rule"),
    [
        ("USER 10001:10001", "USER root", "DL3002"),
        ("python:3.11-slim-bookworm", "python", "DL3006"),
        ("COPY manage.py", "ADD manage.py", "DL3020"),
        ('CMD ["gunicorn"', "CMD gunicorn #", "DL3025"),
    ],
)
def test_hadolint_catches_a_planted_fault(tmp_path, right, wrong, rule):
    file = tmp_path / "Dockerfile"
    file.write_text(DOCKERFILE.replace(right, wrong))

    outcome = lint_dockerfile(file)

    assert outcome.returncode != 0
    assert rule in outcome.stdout


def test_the_image_runs_as_a_numbered_user_without_rights():
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)

    assert users == ["10001:10001"]


def test_the_web_service_is_the_web_role_and_does_not_know_the_owners_password(services):
    environment = services["web"]["environment"]

    assert environment["PGUSER"] == "kodala_web"
    assert environment["PGPASSWORD"].startswith("${KODALA_WEB_PASSWORD:?")
    assert "${PGPASSWORD" not in json.dumps(services["web"])
    assert "env_file" not in services["web"]


def test_worker_and_migration_are_the_owner_and_the_scheduler_needs_no_database(services):
    users = {name: services[name]["environment"].get("PGUSER") for name in ("worker", "migrate", "scheduler")}

    assert users == {"worker": "kodala", "migrate": "kodala", "scheduler": None}


def test_no_secret_stands_in_the_file(compose):
    secret = re.compile(r"PASSWORD$|SECRET_KEY$")
    values = [
        value
        for service in compose["services"].values()
        for name, value in service.get("environment", {}).items()
        if secret.search(name)
    ]

    assert len(values) == 9
    assert all(re.fullmatch(r"\$\{[A-Z_]+:\?[^}]+\}", value) for value in values)


def test_every_variable_that_must_be_set_stands_in_the_example():
    needed = set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSE))
    offered = set(re.findall(r"^#? ?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))

    assert needed == {"KODALA_SECRET_KEY", "KODALA_ALLOWED_HOSTS", "PGPASSWORD", "KODALA_WEB_PASSWORD"}
    assert needed <= offered


def test_the_database_logs_no_values_just_as_the_private_one(services):
    private = dict(line.split(" = ") for line in SETTINGS.splitlines() if line.startswith("log_"))
    command = services["db"]["command"]

    assert len(private) == 7
    assert {f"{name}={value}" for name, value in private.items()} <= set(command)
    assert services["db"]["shm_size"] == "256mb"


def test_the_database_is_made_with_the_script_of_the_readme(services):
    mounted = [volume.split(":")[0] for volume in services["db"]["volumes"] if volume.startswith("./")]

    assert mounted == ["./kodala/local/create_roles.sql"]
    assert (ROOT / mounted[0]).is_file()


def test_the_worker_starts_as_in_the_demo(services):
    demo = list(map(str, worker_part(PROJECT, {}).command))
    # The demo bounds its processes; a server gives the worker one for each core, which is Celery's default.
    bound = demo.index("-c")
    del demo[bound : bound + 2]

    assert set(demo[demo.index("-A") :]) <= set(services["worker"]["command"])
    assert "-c" not in services["worker"]["command"]


def test_only_the_web_service_can_be_reached_from_outside(compose):
    outside = [name for name, service in compose["services"].items() if "outside" in service["networks"]]

    assert compose["networks"]["inside"] == {"internal": True}
    assert outside == ["web"]
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["web"]


def test_everything_the_image_copies_is_there_and_not_ignored():
    copied = re.findall(r"^COPY (?!--)(\S+)", DOCKERFILE, re.MULTILINE)
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]

    assert copied
    assert sorted(copied) == sorted(allowed)
    assert all((ROOT / name).exists() for name in copied)
