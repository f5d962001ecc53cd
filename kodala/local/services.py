"""PostgreSQL and Redis for everything `./run` does: the user's own servers, else private ones."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from kodala.local.database import ensure_database
from kodala.local.places import Place, prepare_place
from kodala.local.postgres import Postgres
from kodala.local.project import Project
from kodala.local.redis import Redis


@dataclass(frozen=True)
class Services:
    """Which servers are ours to run; None = the user has one of his own (PGHOST, REDIS_URL)."""

    project: Project
    place: Place | None
    own_postgres: bool
    own_redis: bool

    @property
    def postgres(self) -> Postgres | None:
        return Postgres(self.project, self.place) if self.place and self.own_postgres else None

    @property
    def redis(self) -> Redis | None:
        return Redis(self.project, self.place) if self.place and self.own_redis else None

    def has_cluster(self) -> bool:
        """Whether a private cluster was ever made."""
        return self.place is not None and (self.place.home / "postgres").exists()


def choose_services(project: Project, environment: Mapping[str, str] = os.environ) -> Services:
    """Servers that the environment names win; the others are private ones in `var`."""
    own_postgres = not environment.get("PGHOST")
    own_redis = not environment.get("REDIS_URL")
    place = prepare_place(project) if own_postgres or own_redis else None
    return Services(project, place, own_postgres, own_redis)


def are_running(services: Services) -> bool:
    """Whether every private server answers."""
    return all(server.is_running() for server in (services.postgres, services.redis) if server)


def start_services(services: Services) -> None:
    """Start what does not run yet, with roles and database. Several callers at once give one server."""
    with _one_at_a_time(services.project):
        if postgres := services.postgres:
            if not postgres.is_made():
                postgres.make()
            if not postgres.is_running():
                postgres.start()
            ensure_database(postgres)
        redis = services.redis
        if redis and not redis.is_running():
            redis.start()


def stop_services(services: Services) -> bool:
    """Stop the private servers; True if one of them ran."""
    with _one_at_a_time(services.project):
        ran = False
        if redis := services.redis:
            ran |= redis.is_running()
            redis.stop()
        if services.has_cluster() and (postgres := services.postgres):
            ran |= postgres.is_running()
            postgres.stop()
        return ran


@contextmanager
def _one_at_a_time(project: Project) -> Iterator[None]:
    with (project.services / "servers.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
