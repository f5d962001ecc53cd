"""What a delivery has left in the database: all of it, as the web role sees it, and away with it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection

from kodala.core.models import Lease, Retry, Run
from kodala.pipeline import stages_of
from kodala.publication.models import Datenstand
from microcells.cells_table import STAGED, TABLE, drop_partition
from microcells.models import AreaTotal, Delivery
from microcells.uploads import list_uploads, remove_upload
from seniors.models import AreaScore
from typology.models import AreaType

OF_ITS_TIME = {"id", "run_id", "datenstand_id", "delivery_id", "received_at", "seconds", "pk"}


def digest(delivery_id: int) -> dict[str, str]:
    """Everything that counts, part by part, as a short hash; two imports of one file have the same."""
    delivery = Delivery.objects.get(pk=delivery_id)
    drafts = list(Datenstand.objects.filter(delivery=delivery))
    facts = ("state", "n_rows", "n_cells", "canonical_digest", "counts", "certificate", "reference_date")
    parts: dict[str, Any] = {
        "stages": _succeeded(delivery),
        "delivery": [getattr(delivery, name) for name in facts],
        "findings": list(delivery.findings.values_list("row", "column", "code", "severity", "text")),
        "cells": _rows(f"SELECT to_jsonb(c) FROM {TABLE} c WHERE delivery_id = %s", delivery_id),
        "results": [
            _plain(model.objects.filter(run__delivery_id=delivery_id, run__state=Run.State.SUCCEEDED))
            for model in (AreaTotal, AreaType, AreaScore)
        ],
        "drafts": [draft.state for draft in drafts],
        "figures": [_plain(draft.figures.all()) for draft in drafts],
        "labels": [_plain(draft.type_labels.all()) for draft in drafts],
    }
    return {name: _short(part) for name, part in parts.items()}


def _succeeded(delivery: Delivery) -> list[tuple[str, int]]:
    runs = Run.objects.filter(delivery_id=delivery.pk, state=Run.State.SUCCEEDED)
    names = list(runs.values_list("stage", flat=True))
    return [(stage.name, names.count(stage.name)) for stage in stages_of(delivery.kind)]


def _plain(rows: Any) -> list[str]:
    return sorted(_json({key: row[key] for key in row if key not in OF_ITS_TIME}) for row in rows.values())


def _rows(statement: str, delivery_id: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(statement, [delivery_id])
        rows = [json.loads(row) if isinstance(row, str) else row for (row,) in cursor.fetchall()]
    return sorted(_json({key: row[key] for key in row if key not in OF_ITS_TIME}) for row in rows)


def _json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _short(part: Any) -> str:
    return hashlib.sha256(_json(part).encode()).hexdigest()[:12]


def leftovers() -> list[str]:
    """What should not be there when nothing runs: unfinished runs, leases, tables on their way, files."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE %s", [f"{STAGED}%"])
        tables = [name for (name,) in cursor.fetchall()]
    runs = [str(run) for run in Run.objects.filter(state=Run.State.RUNNING)]
    return [*tables, *runs, *map(str, Lease.objects.all()), *(f"{pk}.upload" for pk in list_uploads())]


@contextmanager
def web_role() -> Iterator[psycopg.Connection[Any]]:
    """A connection with the rights of the web process."""
    values = connection.settings_dict
    with psycopg.connect(
        host=values["HOST"],
        port=values["PORT"],
        dbname=values["NAME"],
        user=settings.WEB_ROLE,
        password=values["PASSWORD"],
        autocommit=True,
    ) as web:
        yield web


def seen_by_the_web(delivery_id: int) -> tuple[int, int]:
    """How many Datenstände of the delivery, and figures of them, a page could show at this moment."""
    with web_role() as web:
        row = web.execute(
            "SELECT count(DISTINCT d.id), count(f.id) FROM publication_datenstand d "
            "LEFT JOIN publication_figure f ON f.datenstand_id = d.id WHERE d.delivery_id = %s",
            [delivery_id],
        ).fetchone()
    assert row
    return int(row[0]), int(row[1])


def forget(delivery_id: int) -> None:
    """Take a delivery away completely, so that the same file is new again."""
    drop_partition(delivery_id)
    remove_upload(delivery_id)
    Datenstand.objects.filter(delivery_id=delivery_id).delete()
    Run.objects.filter(delivery_id=delivery_id).delete()
    Retry.objects.filter(delivery_id=delivery_id).delete()
    Delivery.objects.filter(pk=delivery_id).delete()
    Lease.objects.all().delete()


def let_leases_run_out() -> None:
    """As if fifteen seconds had passed."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_lease SET expires_at = clock_timestamp() - interval '1 second'")
