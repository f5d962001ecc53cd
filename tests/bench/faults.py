"""Crash safety at full length: killed and stopped at every statement, and the real time until resumption.

An import is carried out as often as it has statements; each time its process is killed with -9 just before
another one, then the scheduler takes it up. The same with a process that stands still while another takes
over, and then goes on. Last, the child of a real worker is killed on servers of its own, with lease and
scheduler as they are. tests/faults has the short form.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import partial

from django.test import override_settings

from kodala.pipeline import resume_all, start
from tests.bench.city import City
from tests.bench.figures import Figure, Report, seconds_of
from tests.faults import doomed, state
from tests.faults.servers import private_services
from tests.faults.site import SLOW_STAGE, kill_child, open_site, seconds_until
from tests.processes import wait_for

LAST_ONES = 2  # statements that an import may have more or less, for what it finds already made
ENOUGH_STATEMENTS = 100  # fewer would mean that the counting is broken
RESUMED_GOAL_S = 30.0
PRODUCT = "kodala.settings"

End = tuple[dict[str, str], list[str]]  # digest, leftovers


def measure(city: City, n_runs: int) -> Report:
    """Every statement once; the real worker as often as asked for."""
    with override_settings(CELERY_TASK_ALWAYS_EAGER=True):
        n_statements, whole = _undisturbed(city)
        places = range(1, n_statements + 1)
        killed, stopped = partial(_other_ends, city, whole, _kill), partial(_other_ends, city, whole, _stop)
        others: list[int] = []
        parts = [
            ("Fehler: kill -9 vor jeder Anweisung", seconds_of(lambda: others.append(killed(places)))),
            ("Fehler: angehalten vor jeder Anweisung", seconds_of(lambda: others.append(stopped(places)))),
        ]
    figures = [
        Figure("faults_statements", float(n_statements), ENOUGH_STATEMENTS, at_most=False),
        Figure("faults_other_end_when_killed", float(others[0]), 0.0),
        Figure("faults_other_end_when_stopped", float(others[1]), 0.0),
        Figure("faults_seconds_to_resume", max(_real_seconds() for _ in range(n_runs)), RESUMED_GOAL_S),
    ]
    return Report(figures, parts)


def _undisturbed(city: City) -> tuple[int, End]:
    """How many statements an import has, and what it leaves. The first one makes what all others find."""
    for _ in range(2):
        number = city.receive().pk
        n_statements = doomed.count_statements(partial(start, number)) - LAST_ONES
        whole = _end(number)
    return n_statements, whole


def _end(number: int) -> End:
    """What a delivery has come to; it is forgotten afterwards."""
    resume_all()
    end = state.digest(number), state.leftovers()
    state.forget(number)
    return end


def _other_ends(city: City, whole: End, meet: Callable[[int, int], None], places: range) -> int:
    """At how many statements an accident led to another end than none; each is told on the error output."""
    n_others = 0
    for at in places:
        number = city.receive().pk
        meet(number, at)
        if _end(number) != whole:
            print(f"  another end at statement {at}", file=sys.stderr, flush=True)
            n_others += 1
    return n_others


def _kill(number: int, at: int) -> None:
    """Kill the process of an import before a statement, and let the scheduler take over."""
    doomed.wait(doomed.fork(partial(start, number), at))
    state.let_leases_run_out()
    resume_all()


def _stop(number: int, at: int) -> None:
    """Stop the process of an import before a statement, and let it go on when another has taken over."""
    with override_settings(LEASE_SECONDS=0.6, LEASE_HEARTBEAT_SECONDS=0.15):
        child = doomed.fork(partial(start, number), at, doomed.stopped)
        if doomed.wait_until_stopped(child):
            state.let_leases_run_out()
            resume_all()
            os.kill(child, signal.SIGCONT)
            doomed.wait(child)


def _real_seconds() -> float:
    """How long it takes until a stage whose process was killed is carried out again."""
    with (
        private_services() as services,
        open_site(services) as site,
        site.worker(DJANGO_SETTINGS_MODULE=PRODUCT) as worker,
    ):
        number = site.hand_in()
        wait_for(lambda: (SLOW_STAGE, "running") in site.runs(number), "the stage was not met")
        kill_child(worker)
        before = len(site.runs(number))
        seconds = seconds_until(lambda: len(site.runs(number)) > before, "nobody took over", 60)
        site.wait(number)
    return seconds
