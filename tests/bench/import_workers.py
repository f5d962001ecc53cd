"""Two workers against one at importing one large file: checked and copied in pieces by real Celery workers.

Each worker has one process, which has a child that reads; both workers see the file. From one core to two:
one worker and two, all of it on as many cores as there are workers: workers, readers, and the database. The
other figure gives one worker both cores as well, which its three processes (reader, worker, database) fill
by themselves; more workers gain there what is left. Seconds are those of the runs that check and store.
"""

from __future__ import annotations

from contextlib import ExitStack

from kodala.core.models import Run
from tests.bench.celery_worker import celery_worker, send
from tests.bench.city import City
from tests.bench.cores import on_cores
from tests.bench.figures import Figure, Report, middle

SPEEDUP_GOAL = 1.6
SHARED = ("microcells.check_delivery", "microcells.build_microcells")
CASES = {"ein Worker, ein Kern": (1, 1), "ein Worker, zwei Kerne": (1, 2), "zwei Worker, zwei Kerne": (2, 2)}


def measure(city: City, n_runs: int) -> Report:
    """All cases in turn; each figure is the median of the turns."""
    turns = [[_import(city, *case) for case in CASES.values()] for _ in range(n_runs)]
    speedups = {
        "import_from_one_core_to_two": [slow / fast for slow, _, fast in turns],
        "import_workers_speedup": [slow / fast for _, slow, fast in turns],
    }
    figures = [Figure(name, middle(own), SPEEDUP_GOAL, at_most=False) for name, own in speedups.items()]
    return Report(figures, list(zip(CASES, map(middle, zip(*turns, strict=True)), strict=True)))


def _import(city: City, n_workers: int, n_cores: int) -> float:
    """Let so many workers carry the delivery; seconds of checking and storing."""
    with on_cores(n_cores), ExitStack() as workers:
        for number in range(n_workers):
            workers.enter_context(celery_worker(city, 1, name=f"worker{number}"))
        # Only now: the first worker to begin would take it up while the other is still being loaded.
        delivery = city.receive()
        city.carry(send, delivery)
    runs = Run.objects.filter(delivery_id=delivery.pk, state=Run.State.SUCCEEDED, stage__in=SHARED)
    seconds = sum(run.seconds or 0.0 for run in runs)
    city.remove(delivery)
    return seconds
