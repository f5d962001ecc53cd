"""Import of a delivery against a bare COPY of the same rows into the same table with the same indexes.

Import: from the received file on disk to checked, stored, indexed and attached cells with their totals,
stage by stage as the worker carries it out. Bare COPY: the rows lie ready in PostgreSQL's text format;
they are copied by psycopg into a table with the same columns, constraint and generated point, then the
same primary key and index are built, with the same memory for sorting. Both are measured in turn; the ratio
is the median of the turns. A file whose cells lie in no order is imported once: the cells of an area must be
brought together as well, which the bare COPY is spared.
"""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from django.db import connection

from microcells.cells_table import INDEX_SETTINGS, TABLE, partition_name, stored_columns
from microcells.models import Delivery
from tests.bench.city import City
from tests.bench.figures import Figure, Report, middle, peak_memory_mb
from tests.bench.generated import write_delivery

BARE = "bench_bare_copy"
PIECE = 1 << 20  # bytes handed to COPY at a time
RATIO_GOAL = 2.5
# All of Germany, 6.8 million cells, in a quarter of an hour.
CELLS_PER_SECOND_GOAL = 7_500
PEAK_MEMORY_GOAL_MB = 1_500


def measure(city: City, n_runs: int) -> Report:
    """Import and bare COPY in turn."""
    stages: list[dict[str, float]] = []
    bare: list[dict[str, float]] = []
    rows = city.folder / "rows.copy"
    for _ in range(n_runs):
        delivery, times = city.import_delivery()
        stages.append(times)
        if not rows.exists():
            _write_rows(delivery, rows)
        bare.append(_copy(rows))
        city.remove(delivery)
    rows.unlink()
    unordered = _import_unordered(city)
    totals = [sum(times.values()) for times in stages]
    ratio = middle([total / sum(times.values()) for total, times in zip(totals, bare, strict=True)])
    once = middle([sum(times.values()) for times in bare])
    figures = [
        Figure("import_ratio", ratio, RATIO_GOAL),
        Figure(
            "import_cells_per_second", city.n_cells / middle(totals), CELLS_PER_SECOND_GOAL, at_most=False
        ),
        Figure("import_unordered_ratio", sum(unordered.values()) / once, RATIO_GOAL),
        Figure("import_peak_memory_mb", peak_memory_mb(), PEAK_MEMORY_GOAL_MB),
    ]
    parts = _parts("Import", stages) + _parts("Ungeordnete Datei", [unordered])
    return Report(figures, parts + _parts("Blankes COPY", bare))


def _import_unordered(city: City) -> dict[str, float]:
    """Import as many cells in no order; seconds of each stage by its label."""
    file = write_delivery(city.folder / "unordered.csv", city.n_cells, in_order=False)
    delivery, times = replace(city, file=file).import_delivery()
    city.remove(delivery)
    file.unlink()
    return times


def _parts(what: str, runs: list[dict[str, float]]) -> list[tuple[str, float]]:
    return [(f"{what}: {label}", middle([run[label] for run in runs])) for label in runs[0]]


def _write_rows(delivery: Delivery, path: Path) -> None:
    """Write the stored rows of a delivery as COPY gives them, without the generated point."""
    statement = f"COPY {partition_name(delivery.pk)} ({_columns()}) TO STDOUT"
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for piece in copy:
            file.write(piece)


def _copy(rows: Path) -> dict[str, float]:
    """Copy the rows into a table of their own and index it; seconds of both parts."""
    with connection.cursor() as cursor:
        for setting, value in INDEX_SETTINGS.items():
            cursor.execute(f"SET {setting} = '{value}'")
        cursor.execute(f"DROP TABLE IF EXISTS {BARE}")
        start = time.perf_counter()
        cursor.execute(
            f"CREATE TABLE {BARE} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED)"
        )
        with rows.open("rb") as file, cursor.copy(f"COPY {BARE} ({_columns()}) FROM STDIN") as copy:
            while piece := file.read(PIECE):
                copy.write(piece)
        copied = time.perf_counter()
        cursor.execute(f"ALTER TABLE {BARE} ADD PRIMARY KEY (delivery_id, cell_key)")
        cursor.execute(f"CREATE INDEX ON {BARE} (area_id, cell_key)")
        indexed = time.perf_counter()
        cursor.execute(f"DROP TABLE {BARE}")
    return {"Zeilen": copied - start, "Indexe": indexed - copied}


def _columns() -> str:
    return ", ".join(stored_columns())
