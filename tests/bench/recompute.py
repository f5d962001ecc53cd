"""Recomputation of types and participation against reading the columns they need once.

Recomputation: the stages as the worker carries them out, with their reading and their results stored.
Reading once: one statement over the whole delivery that fetches the union of the columns as Arrow,
block by block, and throws it away. Both are measured in turn; the ratio is the median of the turns.
"""

from __future__ import annotations

from kodala.core.arrow import arrow_connection
from microcells.cells_table import partition_name
from microcells.models import Delivery
from seniors.domain.sums import NEEDED_COLUMNS as SENIOR_COLUMNS
from tests.bench.city import City
from tests.bench.figures import Figure, Report, middle, peak_memory_mb, seconds_of
from typology.domain.classification import NEEDED_COLUMNS as TYPE_COLUMNS

COLUMNS = tuple(dict.fromkeys((*TYPE_COLUMNS, *SENIOR_COLUMNS)))
RATIO_GOAL = 1.5
# All of Germany, 6.8 million cells, in five minutes.
CELLS_PER_SECOND_GOAL = 23_000
PEAK_MEMORY_GOAL_MB = 1_500


def measure(city: City, n_runs: int) -> Report:
    """Recomputation and reading in turn, on one imported delivery."""
    delivery, _ = city.import_delivery()
    stages: list[dict[str, float]] = []
    reading: list[float] = []
    for _ in range(n_runs):
        stages.append(city.recompute(delivery))
        reading.append(seconds_of(lambda: _read_once(delivery)))
    city.remove(delivery)
    totals = [sum(times.values()) for times in stages]
    ratio = middle([total / once for total, once in zip(totals, reading, strict=True)])
    figures = [
        Figure("recompute_ratio", ratio, RATIO_GOAL),
        Figure(
            "recompute_cells_per_second", city.n_cells / middle(totals), CELLS_PER_SECOND_GOAL, at_most=False
        ),
        Figure("recompute_peak_memory_mb", peak_memory_mb(), PEAK_MEMORY_GOAL_MB),
    ]
    parts = [(f"Neu berechnen: {label}", middle([run[label] for run in stages])) for label in stages[0]]
    return Report(figures, [*parts, ("Spalten einmal lesen", middle(reading))])


def _read_once(delivery: Delivery) -> int:
    """Fetch the needed columns of all cells; gives the number of cells."""
    wanted = ", ".join(f"{column}::float8" for column in COLUMNS)
    with arrow_connection() as arrow, arrow.cursor() as cursor:
        cursor.execute(f"SELECT {wanted} FROM {partition_name(delivery.pk)}")
        return sum(batch.num_rows for batch in cursor.fetch_record_batch())
