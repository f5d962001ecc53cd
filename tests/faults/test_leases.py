"""Leases: one holder at a time, by the clock of the database; who has lost one keeps nothing."""

import errno
import threading
import time
from contextlib import suppress
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection, connections, transaction
from psycopg.errors import IdleInTransactionSessionTimeout

from kodala.core.errors import DecisionNeeded, LeaseLost
from kodala.core.leases import HeldLease, hold, is_held
from kodala.core.models import Retry, Run
from kodala.core.runs import carry_out
from kodala.dashboard.access import ADMIN, PLANNER
from kodala.flow import list_unfinished
from kodala.pipeline import list_stages, resume_all, start
from kodala.publication import services as publication
from kodala.publication.models import Datenstand
from kodala.publication.releasing import accept_open_warnings, release_datenstand
from microcells import inspection
from microcells.cells_table import drop_partition, staged_cells
from microcells.copying import CopiedCells
from microcells.models import ConfirmedPlan, Delivery
from tests import builders
from tests.faults import doomed
from tests.faults.state import let_leases_run_out

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "delivery:7"


@pytest.fixture
def short(settings):
    """A lease that runs out while one waits for it."""
    settings.LEASE_SECONDS, settings.LEASE_HEARTBEAT_SECONDS = 0.6, 0.15


def in_threads(*works):
    """Carry out works at the same time, each with a connection of its own."""

    def closing(work):
        try:
            work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=closing, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_of_twenty_that_ask_at_once_one_holds_the_lease():
    holders, everybody = [], threading.Barrier(20)

    def ask():
        everybody.wait()
        with hold(KEY) as lease:
            holders.append(lease)
            everybody.wait()

    in_threads(*[ask] * 20)

    assert len([lease for lease in holders if lease]) == 1
    assert not is_held(KEY)


def test_a_lease_outlives_its_length_while_its_holder_lives(short):
    with hold(KEY) as lease:
        time.sleep(1.5)
        assert is_held(KEY)
        assert not lease.is_lost
        with hold(KEY) as second:
            assert second is None


def test_a_lease_whose_holder_is_dead_is_free_when_it_has_run_out(short):
    dead = HeldLease(KEY)
    assert dead.take()
    assert is_held(KEY)
    time.sleep(0.7)

    with hold(KEY) as lease:
        assert lease


def test_what_was_written_under_a_lost_lease_is_not_kept(people):
    zombie = HeldLease(KEY)
    zombie.take()
    let_leases_run_out()

    def write_too_late():
        with transaction.atomic():
            Run.objects.create(stage="written.too_late", delivery_id=7)
            zombie.confirm()

    with hold(KEY), pytest.raises(LeaseLost):
        write_too_late()

    assert not Run.objects.exists()
    assert zombie.is_lost


@pytest.mark.parametrize("block", ["writing", "closing"])
def test_a_stage_whose_lease_is_lost_keeps_nothing_of_what_it_writes(block):
    zombie = HeldLease(KEY)
    zombie.take()

    def work(step):
        let_leases_run_out()
        with hold(KEY), getattr(step, block)():
            Retry.objects.create(delivery_id=7, after_run=0)

    end = carry_out("some.stage", 7, work, zombie)

    assert end is None
    assert not Retry.objects.exists()
    assert not Run.objects.filter(state=Run.State.SUCCEEDED).exists()


def test_nobody_can_take_a_lease_between_its_confirmation_and_the_commit():
    taken = []

    def take():
        with hold(KEY) as lease:
            taken.append(lease is not None)

    with hold(KEY) as lease:
        let_leases_run_out()
        with transaction.atomic():
            lease.confirm()
            in_threads(take)
        in_threads(take)

    assert taken == [False, True]


def test_the_holder_learns_from_its_heartbeat_that_the_lease_is_gone(short):
    with hold(KEY) as lease:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE core_lease SET holder = gen_random_uuid()")
        time.sleep(0.5)
        assert lease.is_lost


def failing_with(error):
    def work(_step):
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "states", "words"),
    [
        (
            OperationalError("server closed the connection: 4711 Euro"),
            "interrupted interrupted failed",
            "3-mal",
        ),
        (IdleInTransactionSessionTimeout("4711"), "interrupted interrupted failed", "3-mal unterbrochen"),
        (OSError(errno.ENOSPC, "4711"), "failed failed failed", "Bitte auf dem Datenträger der Lieferungen"),
        (RuntimeError("4711 Euro"), "failed failed failed", "unerwartet abgebrochen"),
    ],
)
def test_how_an_attempt_ends_says_whether_it_is_made_again(error, states, words):
    for _ in range(3):
        carry_out("some.stage", 7, failing_with(error))

    runs = list(Run.objects.order_by("pk"))
    assert [run.state for run in runs] == states.split()
    assert words in runs[-1].message
    assert "4711" not in " ".join(run.message for run in runs)


def test_trying_again_counts_three_new_attempts():
    gone = failing_with(OperationalError())
    for _ in range(3):
        carry_out("some.stage", 7, gone)
    Retry.objects.create(delivery_id=7, after_run=Run.objects.latest("pk").pk)

    for _ in range(3):
        carry_out("some.stage", 7, gone)

    states = list(Run.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["interrupted", "interrupted", "failed"] * 2


def test_waiting_for_an_answer_is_no_interruption():
    for error in [DecisionNeeded("?"), DecisionNeeded("?"), *[OperationalError()] * 3]:
        carry_out("some.stage", 7, failing_with(error))

    states = list(Run.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["waiting", "waiting", "interrupted", "interrupted", "failed"]


def test_a_stage_that_needs_an_answer_waits_and_goes_on_when_there_is_one(area_set, people, monkeypatch):
    raw = builders.as_supplier_file(builders.make_cells({1: 30, 2: 30, 3: 30}))
    delivery = builders.hand_in(raw, area_set, people[ADMIN])
    with monkeypatch.context() as patch:
        patch.setattr(inspection, "_settle", failing_with_question)
        start(delivery.pk)
        resume_all()
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.AWAITING
    assert [line.state for line in list_stages(delivery.pk)][:2] == ["waiting", "waiting"]
    assert list_stages(delivery.pk)[0].message == "Was ist Spalte 3?"

    # The page was killed before it could send the task: the scheduler sees the answer.
    ConfirmedPlan.objects.create(delivery=delivery, plan={}, confirmed_by=people[ADMIN])
    assert [one.pk for one in list_unfinished()] == [delivery.pk]
    resume_all()

    assert Run.objects.filter(delivery_id=delivery.pk, stage="microcells.inspect_delivery").count() == 2


def failing_with_question(*_):
    raise DecisionNeeded("Was ist Spalte 3?")


def test_remaining_time_is_told_from_the_pace_so_far(monkeypatch):
    clock = iter([0.0, 30.0, 60.0])
    monkeypatch.setattr("kodala.core.runs.time", SimpleNamespace(monotonic=lambda: next(clock)))
    told = []

    def work(step):
        for share in (0.0, 0.1, 0.25):
            step.tell(share, "…")
            told.append(Run.objects.get().remaining_s)

    carry_out("some.stage", 7, work)

    assert told == [None, 270, 180]


def nothing(table):
    """A delivery without cells."""
    return CopiedCells()


def test_cells_of_a_run_given_up_for_dead_and_its_successor_do_not_mix(area_set, people):
    with staged_cells(999, 1, nothing) as first, staged_cells(999, 2, nothing) as second:
        assert first.name != second.name
        second.attach()
        first.attach()  # and in real life its transaction would not be kept
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE tablename ~ '^microcells_(staged.*|microcell)_d999'"
        )
        assert cursor.fetchall() == [("microcells_microcell_d999",)]
    drop_partition(999)


def test_two_drafts_at_once_get_two_versions(area_set, people, monkeypatch):
    numbers, both, store = [], threading.Barrier(2), publication._create

    def meet_and_store(*given):
        with suppress(threading.BrokenBarrierError):
            both.wait(1.5)
        return store(*given)

    monkeypatch.setattr(publication, "_create", meet_and_store)
    for seed in (1, 2):
        raw = builders.as_supplier_file(builders.make_cells({1: 30, 2: 30, 3: 30}, seed=seed))
        numbers.append(builders.hand_in(raw, area_set, people[ADMIN]).pk)

    in_threads(*[lambda number=number: start(number) for number in numbers])
    resume_all()

    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.COMPUTED}
    assert sorted(Datenstand.objects.values_list("version", flat=True)) == [1, 2]


def test_a_releaser_killed_at_any_statement_releases_once_or_not_at_all(area_set, people):
    raw = builders.as_supplier_file(builders.make_cells({1: 30, 2: 30, 3: 30}))
    delivery = builders.hand_in(raw, area_set, people[ADMIN])
    start(delivery.pk)
    draft = Datenstand.objects.get()
    accept_open_warnings(draft, "Geprüft und so gewollt.", people[ADMIN])

    def release():
        release_datenstand(draft.pk, people[PLANNER])

    at, is_released = 0, False
    while not is_released:
        at += 1
        code = doomed.wait(doomed.fork(release, at))
        draft.refresh_from_db()
        is_released = draft.state == Datenstand.State.RELEASED
        assert is_released or (code != 0 and draft.released_by is None)
        assert at < 50
    assert draft.released_by == people[PLANNER]
