"""Recomputation of types and participation against reading the columns they need once.

Recomputation: the stage as a real Celery worker carries it out, with as many processes as the machine has
cores, from the row of its run: cutting, reading, computing, putting together, storing. Reading once: one
statement over the whole delivery that fetches the union of the columns as Arrow, block by block, and throws
it away. Both are measured in turn; the ratio is the median of the turns.
"""

from __future__ import annotations

import os

from kodala.core.arrow import arrow_connection
from microcells.cells_table import partition_name
from microcells.models import Delivery
from seniors.domain.sums import NEEDED_COLUMNS as SENIOR_COLUMNS
from tests.bench.celery_worker import MemoryWatch, celery_worker, send
from tests.bench.city import City
from tests.bench.figures import Figure, Report, middle, seconds_of
from typology.domain.classification import NEEDED_COLUMNS as TYPE_COLUMNS

COLUMNS = tuple(dict.fromkeys((*TYPE_COLUMNS, *SENIOR_COLUMNS)))
RATIO_GOAL = 1.5
# All of Germany, 6.8 million cells, in five minutes.
CELLS_PER_SECOND_GOAL = 23_000
PEAK_MEMORY_GOAL_MB = 1_500


def measure(city: City, n_runs: int) -> Report:
    """Recomputation and reading in turn, on one imported delivery."""
    n_processes = os.cpu_count() or 1
    delivery = city.receive()
    computing: list[float] = []
    reading: list[float] = []
    with celery_worker(city, n_processes) as worker, MemoryWatch(worker) as watch:
        city.carry(send, delivery)
        for _ in range(n_runs):
            computing.append(city.recompute(send, delivery))
            reading.append(seconds_of(lambda: _read_once(delivery)))
    city.remove(delivery)
    ratio = middle([total / once for total, once in zip(computing, reading, strict=True)])
    speed = city.n_cells / middle(computing)
    figures = [
        Figure("recompute_ratio", ratio, RATIO_GOAL),
        Figure("recompute_cells_per_second", speed, CELLS_PER_SECOND_GOAL, at_most=False),
        Figure("recompute_peak_memory_mb", watch.peak_mb, PEAK_MEMORY_GOAL_MB),
    ]
    parts = [(f"Neu berechnen mit {n_processes} Prozessen", middle(computing))]
    return Report(figures, [*parts, ("Spalten einmal lesen", middle(reading))])


def _read_once(delivery: Delivery) -> int:
    """Fetch the needed columns of all cells; gives the number of cells."""
    wanted = ", ".join(f"{column}::float8" for column in COLUMNS)
    with arrow_connection() as arrow, arrow.cursor() as cursor:
        cursor.execute(f"SELECT {wanted} FROM {partition_name(delivery.pk)}")
        return sum(batch.num_rows for batch in cursor.fetch_record_batch())
