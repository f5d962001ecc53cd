"""Two workers against one: the same delivery computed anew by real Celery workers with one process each.

The second worker runs as on another host: it has folders of its own, sees none of the received files, and
takes pieces over the queue and the database alone. The database works on the same cores, for one worker as
for two. Seconds are those of the run, from its beginning to its stored results.
"""

from __future__ import annotations

from tests.bench.celery_worker import celery_worker, send
from tests.bench.city import City
from tests.bench.figures import Figure, Report, middle

SPEEDUP_GOAL = 1.6


def measure(city: City, n_runs: int) -> Report:
    """One worker several times, then two."""
    delivery = city.receive()
    with celery_worker(city, 1):
        city.carry(send, delivery)
        alone = [city.recompute(send, delivery) for _ in range(n_runs)]
        with celery_worker(city, 1, elsewhere=True):
            together = [city.recompute(send, delivery) for _ in range(n_runs)]
    city.remove(delivery)
    speedup = Figure("workers_speedup", middle(alone) / middle(together), SPEEDUP_GOAL, at_most=False)
    return Report([speedup], [("ein Worker", middle(alone)), ("zwei Worker", middle(together))])
