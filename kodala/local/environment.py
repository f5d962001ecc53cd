"""The environment variables with which the parts of the application run."""

import os
import secrets
from pathlib import Path
from urllib.parse import quote

from kodala.local.database import DATABASE, OWNER, WEB
from kodala.local.project import Project
from kodala.local.services import Services

FOLDERS = {"KODALA_MEDIA_ROOT": "media", "KODALA_STATIC_ROOT": "static"}


def owner_environment(project: Project, services: Services) -> dict[str, str]:
    """For commands and the worker: the role that owns the data."""
    return application_environment(project) | _tools(project) | _servers(services, OWNER)


def application_environment(project: Project) -> dict[str, str]:
    """For programs that need neither database nor queue."""
    return os.environ | _application(project)


def web_environment(project: Project, services: Services) -> dict[str, str]:
    """For the web process: the role that may read only what is published.

    With servers of one's own, KODALA_WEB_ROLE and KODALA_WEB_PASSWORD name that role.
    """
    environment = owner_environment(project, services)
    environment["PGUSER"] = os.environ.get("KODALA_WEB_ROLE", WEB)
    if "KODALA_WEB_PASSWORD" in os.environ:
        environment["PGPASSWORD"] = os.environ["KODALA_WEB_PASSWORD"]
    return environment


def redis_address(services: Services, number: int) -> str:
    """The address of one of the 16 numbered databases, for redis-py."""
    if services.place and services.own_redis:
        return f"unix://{quote(str(services.place.redis_socket))}?db={number}"
    return os.environ["REDIS_URL"]


def _servers(services: Services, user: str) -> dict[str, str]:
    variables = {"REDIS_URL": redis_address(services, 0)}
    if services.place and services.own_postgres:
        variables |= {"PGHOST": str(services.place.sockets), "PGPORT": "5432"}
        variables |= {"PGDATABASE": DATABASE, "PGUSER": user}
    else:
        variables["PGDATABASE"] = os.environ.get("PGDATABASE", DATABASE)
        variables["PGUSER"] = os.environ.get("PGUSER", user)
    return variables


def _application(project: Project) -> dict[str, str]:
    variables = {
        "KODALA_SECRET_KEY": os.environ.get("KODALA_SECRET_KEY") or _secret_key(project.var / "secret_key"),
        "KODALA_ALLOWED_HOSTS": os.environ.get("KODALA_ALLOWED_HOSTS", "127.0.0.1,localhost"),
        "KODALA_VAR": str(project.var),
    }
    for name, folder in FOLDERS.items():
        variables[name] = os.environ.get(name) or str(project.var / folder)
        Path(variables[name]).mkdir(mode=0o700, parents=True, exist_ok=True)
    return variables


def _tools(project: Project) -> dict[str, str]:
    """Keep the caches of the tools in var/cache instead of the checkout."""
    return {
        "RUFF_CACHE_DIR": str(project.cache / "ruff"),
        "MYPY_CACHE_DIR": str(project.cache / "mypy"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(project.cache / "hypothesis"),
    }


def _secret_key(file: Path) -> str:
    """The key of this checkout, made once and readable only for its user."""
    if not file.exists():
        with open(file, "x", opener=lambda path, flags: os.open(path, flags, 0o600)) as new:
            new.write(secrets.token_urlsafe(50))
    return file.read_text()
