"""A worker killed or stopped at any statement: the end is the same, and nothing is ever half there."""

import os
import signal

import pytest

from kodala.core.models import Lease, Run
from kodala.dashboard.access import ADMIN
from kodala.pipeline import resume_all, start
from microcells.models import Delivery
from tests import builders
from tests.faults import doomed
from tests.faults.state import digest, forget, leftovers, let_leases_run_out, seen_by_the_web

pytestmark = pytest.mark.django_db(transaction=True)
CELLS = {1: 40, 2: 30, 3: 20}
STAGES = 6


@pytest.fixture
def hand_in(area_set, people):
    """Hand in the same file as a new delivery."""
    raw = builders.as_supplier_file(builders.make_cells(CELLS))
    return lambda: builders.hand_in(raw, area_set, people[ADMIN]).pk


@pytest.fixture
def undisturbed(hand_in):
    """What an import leaves that nothing disturbs."""
    number = hand_in()
    start(number)
    whole = digest(number), seen_by_the_web(number)
    forget(number)
    return whole


def finish(number):
    """What the scheduler does after the lease of the dead has run out."""
    let_leases_run_out()
    resume_all()
    assert Delivery.objects.get(pk=number).state == Delivery.State.COMPUTED


def test_killed_when_a_stage_ends_an_import_ends_as_if_nothing_had_been(hand_in, undisturbed):
    number = hand_in()
    _, ends = doomed.listen_to(lambda: start(number))
    forget(number)
    whole, shown = undisturbed
    # `./run bench faults` takes every statement. Here it is where most is at stake: the results of a stage
    # are written, the end of its run is not, or it is and has not been kept.
    assert len(ends) == STAGES
    for at in sorted({*ends, *(end + 1 for end in ends[2::3])}):
        number = hand_in()

        code = doomed.wait(doomed.fork(lambda: start(number), at))  # noqa: B023

        assert code == -signal.SIGKILL, f"statement {at} was never reached"
        assert seen_by_the_web(number) in ((0, 0), shown), f"half a draft is seen after statement {at}"
        assert builders.count_cells(number) in (0, sum(CELLS.values()))
        finish(number)
        assert digest(number) == whole, f"killed at statement {at}"
        resume_all()
        assert leftovers() == []
        forget(number)


def test_killed_at_each_statement_in_turn_no_attempt_stumbles_over_the_one_before(
    hand_in, undisturbed, settings
):
    settings.STAGE_ATTEMPTS = 1_000
    number, kills = hand_in(), 0
    while doomed.wait(doomed.fork(resume_all, at=kills + 1)) != 0:
        kills += 1
        let_leases_run_out()
        if kills > 40:
            break
    finish(number)

    assert digest(number) == undisturbed[0]
    assert kills > 20
    resume_all()
    assert leftovers() == []


@pytest.mark.parametrize("share", [0.3, 0.6, 0.97])
def test_a_process_that_stood_still_does_not_write_over_the_one_that_took_over(
    hand_in, undisturbed, settings, share
):
    settings.LEASE_SECONDS, settings.LEASE_HEARTBEAT_SECONDS = 0.6, 0.15
    number = hand_in()
    n_statements = doomed.count_statements(lambda: start(number))
    forget(number)
    number = hand_in()
    child = doomed.fork(lambda: start(number), int(n_statements * share), doomed.stopped)
    try:
        assert doomed.wait_until_stopped(child)
        finish(number)
        after_takeover = digest(number)
        runs = list(Run.objects.order_by("pk").values_list("pk", "state", "ended_at"))

        os.kill(child, signal.SIGCONT)

        assert doomed.wait(child) == 0
        assert digest(number) == after_takeover == undisturbed[0]
        assert list(Run.objects.order_by("pk").values_list("pk", "state", "ended_at")) == runs
        assert not Lease.objects.exists()
    finally:
        doomed.end(child)
