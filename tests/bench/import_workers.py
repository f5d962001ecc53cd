"""Two workers against one at importing one large file: checked and copied in pieces by real Celery workers.

Each worker has one process, which has a child that reads. Both workers see the file. One figure lets all of
them use every core of the machine, as in real life, where one worker's three processes (reader, worker,
database) fill two cores already. The other binds a worker and its reader to a core of its own, which tells
how the work itself divides; the database may use both. Seconds are those of the runs that check and store.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from kodala.core.models import Run
from tests.bench.celery_worker import celery_worker, send
from tests.bench.city import City
from tests.bench.figures import Figure, Report, middle

SPEEDUP_GOAL = 1.6
SHARED = ("microcells.check_delivery", "microcells.build_microcells")


def measure(city: City, n_runs: int) -> Report:
    """One worker and two in turn, several times, first free and then bound."""
    figures, parts = [], []
    for name, label, is_bound in (("", "", False), ("_one_core_each", ", je ein Kern", True)):
        alone, together = [], []
        for _ in range(n_runs):
            alone.append(_import(city, 1, is_bound=is_bound))
            together.append(_import(city, 2, is_bound=is_bound))
        figures.append(_speedup(f"import_workers_speedup{name}", alone, together, SHARED))
        for stage in SHARED:
            parts.append((f"ein Worker{label}: {stage}", middle([run[stage] for run in alone])))
            parts.append((f"zwei Worker{label}: {stage}", middle([run[stage] for run in together])))
    return Report(figures, parts)


def _speedup(
    name: str, alone: list[dict[str, float]], together: list[dict[str, float]], stages: tuple[str, ...]
) -> Figure:
    """The median of the turns."""
    ratios = [
        sum(one[stage] for stage in stages) / sum(two[stage] for stage in stages)
        for one, two in zip(alone, together, strict=True)
    ]
    return Figure(name, middle(ratios), SPEEDUP_GOAL, at_most=False)


def _import(city: City, n_workers: int, *, is_bound: bool) -> dict[str, float]:
    """Let so many workers carry the delivery; seconds of each stage by its name."""
    delivery = city.receive()
    with ExitStack() as workers:
        for number in range(n_workers):
            with _bound_to(number if is_bound else None):
                workers.enter_context(celery_worker(city, 1, name=f"worker{number}"))
        city.carry(send, delivery)
    runs = Run.objects.filter(delivery_id=delivery.pk, state=Run.State.SUCCEEDED)
    seconds = {run.stage: run.seconds or 0.0 for run in runs}
    city.remove(delivery)
    return seconds


@contextmanager
def _bound_to(core: int | None) -> Iterator[None]:
    """What is started meanwhile stays on one core, and all that it starts."""
    before = os.sched_getaffinity(0)
    if core is not None:
        os.sched_setaffinity(0, {sorted(before)[core % len(before)]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
