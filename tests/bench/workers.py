"""Two workers against one: the same delivery computed anew by real Celery workers with one process each.

The second worker runs as on another host: it has folders of its own, sees none of the received files, and
takes pieces over the queue and the database alone. The database works on the same cores, for one worker as
for two; from one core to two, all of it shares as many cores as there are workers. Seconds are those of the
run, from its beginning to its stored results.
"""

from __future__ import annotations

from tests.bench.celery_worker import celery_worker, send
from tests.bench.city import City
from tests.bench.cores import on_cores
from tests.bench.figures import Figure, Report, middle

SPEEDUP_GOAL = 1.6


def measure(city: City, n_runs: int) -> Report:
    """One worker on one core several times, then on two, then two workers."""
    delivery = city.receive()
    runs = range(n_runs)
    with on_cores(1), celery_worker(city, 1):
        city.carry(send, delivery)
        on_one = middle([city.recompute(send, delivery) for _ in runs])
    with on_cores(2), celery_worker(city, 1):
        alone = middle([city.recompute(send, delivery) for _ in runs])
        with celery_worker(city, 1, elsewhere=True):
            together = middle([city.recompute(send, delivery) for _ in runs])
    city.remove(delivery)
    speedups = {"workers_from_one_core_to_two": on_one / together, "workers_speedup": alone / together}
    figures = [Figure(name, own, SPEEDUP_GOAL, at_most=False) for name, own in speedups.items()]
    parts = [("ein Worker, ein Kern", on_one), ("ein Worker, zwei Kerne", alone)]
    return Report(figures, [*parts, ("zwei Worker, zwei Kerne", together)])
