"""Recomputation of types and participation against reading the columns they need once.

Recomputation: the stage as a real Celery worker carries it out, with as many processes as the machine has
cores, from the row of its run: cutting, reading, computing, putting together, storing. Reading once: one
statement over the whole delivery that fetches the union of the columns as Arrow, block by block, and throws
it away. Both are measured in turn; the ratio is the median of the turns.
"""

from __future__ import annotations

import os
from dataclasses import replace

from kodala.core.arrow import arrow_connection
from microcells.cells_table import partition_name
from microcells.models import Delivery
from seniors.domain.sums import NEEDED_COLUMNS as SENIOR_COLUMNS
from tests.bench.celery_worker import MemoryWatch, celery_worker, send
from tests.bench.city import City
from tests.bench.figures import Figure, Report, middle, seconds_of
from tests.bench.generated import write_delivery
from typology.domain.classification import NEEDED_COLUMNS as TYPE_COLUMNS

COLUMNS = tuple(dict.fromkeys((*TYPE_COLUMNS, *SENIOR_COLUMNS)))
RATIO_GOAL = 1.5
# All of Germany, 6.8 million cells, in five minutes.
CELLS_PER_SECOND_GOAL = 23_000
PEAK_MEMORY_GOAL_MB = 1_500


def measure(city: City, n_runs: int) -> Report:
    """Recomputation and reading in turn, on imported deliveries: area by area, and in no order."""
    n_processes = os.cpu_count() or 1
    with celery_worker(city, n_processes) as worker, MemoryWatch(worker) as watch:
        computing, reading = _measure_in_turn(city, n_runs)
        file = write_delivery(city.folder / "unordered.csv", city.n_cells, in_order=False)
        unordered = _measure_in_turn(replace(city, file=file), n_runs)
    file.unlink()
    speed = city.n_cells / middle(computing)
    figures = [
        Figure("recompute_ratio", _ratio(computing, reading), RATIO_GOAL),
        Figure("recompute_unordered_ratio", _ratio(*unordered), RATIO_GOAL),
        Figure("recompute_cells_per_second", speed, CELLS_PER_SECOND_GOAL, at_most=False),
        Figure("recompute_peak_memory_mb", watch.peak_mb, PEAK_MEMORY_GOAL_MB),
    ]
    parts = [
        (f"Neu berechnen mit {n_processes} Prozessen", middle(computing)),
        ("Spalten einmal lesen", middle(reading)),
        ("Neu berechnen, ungeordnete Datei", middle(unordered[0])),
        ("Spalten einmal lesen, ungeordnete Datei", middle(unordered[1])),
    ]
    return Report(figures, parts)


def _measure_in_turn(city: City, n_runs: int) -> tuple[list[float], list[float]]:
    """Seconds of recomputing and of reading the city's delivery, run by run."""
    delivery = city.receive()
    city.carry(send, delivery)
    computing: list[float] = []
    reading: list[float] = []
    for _ in range(n_runs):
        computing.append(city.recompute(send, delivery))
        reading.append(seconds_of(lambda: _read_once(delivery)))
    city.remove(delivery)
    return computing, reading


def _ratio(computing: list[float], reading: list[float]) -> float:
    return middle([total / once for total, once in zip(computing, reading, strict=True)])


def _read_once(delivery: Delivery) -> int:
    """Fetch the needed columns of all cells; gives the number of cells."""
    wanted = ", ".join(f"{column}::float8" for column in COLUMNS)
    with arrow_connection() as arrow, arrow.cursor() as cursor:
        cursor.execute(f"SELECT {wanted} FROM {partition_name(delivery.pk)}")
        return sum(batch.num_rows for batch in cursor.fetch_record_batch())
