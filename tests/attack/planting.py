"""A delivery full of canaries through the real stages, and every trace it leaves outside raw tables."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

import psycopg
import redis
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client

from kodala.dashboard.access import ADMIN, PLANNER
from kodala.pipeline import start
from tests import builders
from tests.attack import site
from tests.attack.canaries import Listener, Marks, plant, read_folder
from tests.attack.crawler import crawl
from tests.attack.queries import Answer, list_queries, run_queries

LOGGERS = ("kodala", "microcells", "typology", "seniors", "celery", "django.request")
ADMIN_PAGES = ("", "1/", "1/status/", "1/befunde/", "1/befunde.csv", "1/rohdaten/", "2/", "2/befunde/",
               "2/befunde.csv")  # fmt: skip
RAW = "microcells_microcell"
CONSTANTS = "spatial_ref_sys"  # of PostGIS: numbers of coordinate systems, none of ours


@dataclass(frozen=True)
class Planted:
    """The marks, what was found by place, and what each role's SQL gave."""

    marks: Marks
    places: Mapping[str, Sequence[tuple[str, str]]]
    as_web: Sequence[Answer]
    as_owner: Sequence[Answer]


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()
    loggers = [logging.getLogger(name) for name in LOGGERS]
    before = [own.level for own in loggers]
    for own in loggers:
        own.addHandler(listener)
        own.setLevel(logging.DEBUG)
    try:
        yield listener
    finally:
        for own, level in zip(loggers, before, strict=True):
            own.removeHandler(listener)
            own.setLevel(level)


def plant_and_collect(folder: Path) -> Planted:
    """Build the site with canaries, hand in a broken file too, and collect every trace."""
    table, marks = plant(builders.make_cells({1: 150, 2: 150, site.SMALL: 80, 4: 30, 5: 30}, seed=5))
    broken = table.assign(personen=-table["personen"])
    temporary = folder / "tmp"
    temporary.mkdir()
    with (
        listening() as log,
        patch.object(tempfile, "tempdir", str(temporary)),
        site.standing(folder, table) as own,
    ):
        second = builders.hand_in(
            builders.as_supplier_file(broken), own.area_set, own.people[ADMIN], name="zweite.csv"
        )
        start(second.pk)
        places = {
            "pages": [(at, text.decode("latin-1")) for at, text in crawl(_as(own, PLANNER)).answers.items()],
            "pages of deliveries": list(_admin_pages(_as(own, ADMIN))),
            "tables": list(_tables()),
            "redis": list(_redis()),
            "temporary files": list(read_folder(temporary)),
            "media": list(read_folder(folder / "media")),
            "mails": [(one.subject, str(one.message())) for one in getattr(mail, "outbox", [])],
            "log": [(str(at), line) for at, line in enumerate(log.lines)],
        }
        queries = list_queries()
        as_web = run_queries(_connect(settings.WEB_ROLE), queries)
        as_owner = run_queries(_connect(connection.settings_dict["USER"]), queries)
    return Planted(marks, places, as_web, as_owner)


def _as(own: site.Site, group: str) -> Client:
    client = Client()
    client.force_login(own.people[group])
    return client


def _admin_pages(client: Client) -> Iterator[tuple[str, str]]:
    for part in (*(f"/lieferungen/{page}" for page in ADMIN_PAGES), "/freigaben/protokoll/"):
        answer = client.get(part)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        yield part, body.decode("latin-1")


def _tables() -> Iterator[tuple[str, str]]:
    """Every row of every table but the cells: runs, findings, figures, Datenstände, results."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace "
            "WHERE relkind IN ('r', 'p') AND nspname = 'public' AND relname !~ %s ORDER BY relname",
            [f"^({RAW}(_|$)|{CONSTANTS}$)"],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{name}" t')
            yield from ((name, row[0]) for row in cursor.fetchall())


def _redis() -> Iterator[tuple[str, str]]:
    server = redis.Redis.from_url(settings.REDIS_URL)
    for key in server.scan_iter():
        yield key.decode("latin-1"), (server.dump(key) or b"").decode("latin-1")


def _connect(role: str) -> psycopg.Connection:
    values = connection.settings_dict
    return psycopg.connect(
        host=values["HOST"],
        port=values["PORT"],
        dbname=values["NAME"],
        user=role,
        password=values["PASSWORD"],
        autocommit=True,
    )
