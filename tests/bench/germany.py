"""All of Germany: from the received file to a released Datenstand, on a real Celery worker.

6.8 million cells in 400 squares as large as districts, the largest with 4.4 % of all cells. The same worker
first carries deliveries of one city: 13,000 cells in 24 areas. Cost is the seconds of all stages by their
runs, over the number of cells; nothing is subtracted, so the city pays for every stage's fixed part too.
Because that makes the comparison easy, 20 cities at once are measured beside it, in the same 400 areas.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.models import User
from django.db import connection

from kodala.core.models import Run
from kodala.publication import selectors
from kodala.publication.models import Datenstand
from kodala.publication.releasing import accept_open_warnings, release_datenstand
from microcells.models import Delivery
from tests.bench.celery_worker import MemoryWatch, celery_worker, send
from tests.bench.city import City, build_city
from tests.bench.figures import Figure, Report, middle, seconds_of
from tests.bench.generated import invented_country

CITY_CELLS = 13_000
CITIES = 20
COST_GOAL = 1.2
MEMORY_GOAL_MB = 1.5 * 2**30 / 1e6
# A quarter of an hour for the import, five minutes for the rest.
CELLS_PER_SECOND_GOAL = 5_600
ESTIMATE_GOAL = 0.3
LOOK_S = 1.0


def measure(city: City, n_runs: int) -> Report:
    """One city, twenty, and then the country of `city`, with its release."""
    n_city = min(CITY_CELLS, city.n_cells)
    n_cities = min(CITIES * CITY_CELLS, city.n_cells)
    with celery_worker(city, os.cpu_count() or 1) as worker, MemoryWatch(worker) as watch:
        with build_city(n_city, beside=city) as small:
            small_cost = middle([_carry(small) for _ in range(n_runs)]) / n_city
        with build_city(n_cities, invented_country(), beside=city) as several:
            several_cost = _carry(several) / n_cities
        error, parts = _carry_and_release(city)
    cost = sum(parts.values()) / city.n_cells
    figures = [
        Figure("germany_cost_per_cell_to_city", cost / small_cost, COST_GOAL),
        Figure("germany_cost_per_cell_to_cities", cost / several_cost, COST_GOAL),
        Figure("germany_cells_per_second", 1 / cost, CELLS_PER_SECOND_GOAL, at_most=False),
        Figure("germany_peak_memory_mb", watch.peak_mb, MEMORY_GOAL_MB),
        Figure("germany_remaining_time_error", error, ESTIMATE_GOAL),
    ]
    return Report(figures, [(f"Deutschland: {label}", seconds) for label, seconds in parts.items()])


def _carry(city: City) -> float:
    """Seconds of all stages of a small delivery, which is forgotten again."""
    delivery = city.receive()
    times = city.carry(send, delivery)
    city.remove(delivery)
    return sum(times.values())


def _carry_and_release(city: City) -> tuple[float, dict[str, float]]:
    """By how much the announced rest was wrong, and the seconds of each stage and of the release."""
    delivery = city.receive()
    city.file.unlink()  # a second copy of 2.5 GB is not needed
    with _watch_estimates(delivery) as estimates:
        times = city.carry(send, delivery)
    times["Freigabe"] = seconds_of(lambda: _release(delivery))
    error = estimates.error()
    city.remove(delivery)
    return error, times


def _release(delivery: Delivery) -> None:
    """A second person makes the draft the current Datenstand. Raises RuntimeError if it is not."""
    person, _ = User.objects.get_or_create(username="bench-second")
    draft = Datenstand.objects.get(delivery=delivery)
    accept_open_warnings(draft, "Nur zum Messen so angenommen.", person)
    release_datenstand(draft.pk, person)
    if selectors.get_datenstand().pk != draft.pk:
        raise RuntimeError("the released Datenstand is not the current one")


class Estimates:
    """What the progress page said of each run in its middle: run -> (when, seconds to go)."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery_id = delivery.pk
        self._said: dict[int, tuple[float, float]] = {}

    def look(self) -> None:
        """Note what is said of a run that is half done."""
        for run in Run.objects.filter(delivery_id=self._delivery_id, state=Run.State.RUNNING):
            if run.progress >= 0.5 and run.remaining_s:
                self._said.setdefault(run.pk, (time.time(), float(run.remaining_s)))

    def error(self) -> float:
        """By what share of the true rest the estimate of the longest run was wrong; 0 if none was made."""
        runs = {run.pk: run for run in Run.objects.filter(pk__in=self._said) if run.ended_at}
        if not runs:
            return 0.0
        longest = max(runs.values(), key=lambda run: run.seconds or 0.0)
        when, said = self._said[longest.pk]
        rest = longest.ended_at.timestamp() - when if longest.ended_at else 0.0
        return abs(said - rest) / max(rest, 1.0)


@contextmanager
def _watch_estimates(delivery: Delivery) -> Iterator[Estimates]:
    estimates, end = Estimates(delivery), threading.Event()

    def look_again() -> None:
        while not end.wait(LOOK_S):
            estimates.look()
        connection.close()  # this thread's own

    thread = threading.Thread(target=look_again, daemon=True)
    thread.start()
    try:
        yield estimates
    finally:
        end.set()
        thread.join()
