"""Pieces of a run: shared by any number of workers, taken again from the dead, exact to the bit."""

import time

import pytest
from django.db import connection
from django.utils import timezone

from kodala.core.leases import hold
from kodala.core.models import Lease, Piece, Run
from kodala.core.pieces import cut, finish_pieces, help_with_pieces, take_pieces
from kodala.core.runs import carry_out
from kodala.dashboard.access import ADMIN
from kodala.pipeline import resume_all, start
from microcells import one_pass
from microcells.display_cells import display_works
from microcells.models import AreaTotal
from microcells.one_pass import go_through_areas, help_with_areas
from seniors.models import AreaScore
from seniors.services import SeniorScoring
from tests import builders
from tests.bench.celery_worker import PIECES_QUEUE, celery_worker, send
from tests.bench.city import City
from typology.models import AreaLabel, AreaType
from typology.services import TypeAssignment

pytestmark = pytest.mark.django_db(transaction=True)
CELLS = {1: 120, 2: 90, 3: 60}
STAGE = "areas.compute_figures"
FIELDS = (
    "indicator",
    "area",
    "value",
    "numerator",
    "denominator",
    "weight_sum",
    "lower",
    "upper",
    "coverage",
)


@pytest.fixture
def run():
    run = Run.objects.create(stage=STAGE, delivery_id=1, state=Run.State.RUNNING)
    cut(run, ["0-1", "1-2", "2-3"])
    return run


@pytest.fixture
def delivery(area_set, people):
    """A delivery with stored cells, carried to its draft."""
    raw = builders.as_supplier_file(builders.make_cells(CELLS))
    delivery = builders.hand_in(raw, area_set, people[ADMIN])
    start(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "computed"
    return delivery


def rooms(delivery):
    return TypeAssignment(delivery), SeniorScoring(delivery), *display_works(delivery)


def stored(run):
    """Every number that the rooms stored for a run, to the bit."""
    rows = [
        list(model.objects.filter(run=run).order_by("indicator", "area").values_list(*FIELDS))
        for model in (AreaType, AreaScore)
    ]
    labels = AreaLabel.objects.filter(run=run).order_by("area")
    return rows, list(labels.values_list("area", "leading_groups", "marking_types", "mixture"))


def compute(delivery, call_help):
    """Carry out the stage once more; gives its run."""

    def work(step):
        works = rooms(delivery)
        step.note(**{key: value for one in works for key, value in one.facts.items()})
        go_through_areas(step, works, call_help)

    assert carry_out(STAGE, delivery.pk, work) == Run.State.SUCCEEDED
    return Run.objects.latest("pk")


def call_nobody(run_id, n_tasks):
    """All workers are busy elsewhere."""


def wait_until(is_so, seconds=30.0):
    """Look again and again."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)


def tell_nobody(done):
    """Nobody looks at the progress."""


def test_results_come_in_the_order_of_cutting_whoever_was_first(run):
    last = Piece.objects.get(run=run, name="2-3")
    Piece.objects.filter(pk=last.pk).update(result="of a helper", ended_at=timezone.now())
    told = []

    results = finish_pieces(run, lambda name: f"own {name}", told.append)

    assert list(results.items()) == [("0-1", "own 0-1"), ("1-2", "own 1-2"), ("2-3", "of a helper")]
    assert sorted(told[-1]) == ["0-1", "1-2", "2-3"]


def test_a_piece_that_another_worker_holds_is_left_to_it(run):
    held = Piece.objects.get(run=run, name="1-2")

    with hold(f"piece:{held.pk}"):
        taken = list(take_pieces(run.pk, lambda name: name))

    assert taken == ["0-1", "2-3"]
    assert list(Piece.objects.filter(result__isnull=True).values_list("name", "attempts")) == [("1-2", 0)]


def test_the_piece_of_a_dead_helper_is_done_again_when_its_lease_has_run_out(run):
    orphan = Piece.objects.get(run=run, name="0-1")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_lease (key, holder, expires_at) VALUES (%s, gen_random_uuid(), "
            "clock_timestamp() + interval '1 second')",
            [f"piece:{orphan.pk}"],
        )
    order = []

    results = finish_pieces(run, lambda name: order.append(name) or name, tell_nobody)

    assert order == ["1-2", "2-3", "0-1"]
    assert set(results) == {"0-1", "1-2", "2-3"}
    assert not Lease.objects.exists()


def test_a_helper_that_fails_says_nothing_and_leaves_its_piece_to_the_run(run, caplog):
    def fail(name):
        raise ValueError("4711 Euro")

    assert help_with_pieces(run.pk, fail) == 0

    assert Piece.objects.filter(result__isnull=True).count() == 3
    assert "4711" not in caplog.text
    with pytest.raises(ValueError, match="4711"):
        finish_pieces(run, fail, tell_nobody)


def test_pieces_of_a_run_that_has_ended_are_not_taken(run):
    Run.objects.filter(pk=run.pk).update(state=Run.State.INTERRUPTED)

    assert help_with_pieces(run.pk, lambda name: name) == 0
    assert not Piece.objects.filter(result__isnull=False).exists()


def test_pieces_of_dead_runs_are_swept_away_with_what_they_found(run):
    dead = Run.objects.create(stage=STAGE, delivery_id=2, state=Run.State.INTERRUPTED)
    Piece.objects.create(run=dead, name="0-1", result="found")

    resume_all()

    assert set(Piece.objects.values_list("run_id", flat=True)) == {run.pk}


def test_a_helper_begins_in_the_middle_of_what_nobody_has_begun():
    run = Run.objects.create(stage=STAGE, delivery_id=1, state=Run.State.RUNNING)
    cut(run, "abcdefghij")
    Piece.objects.filter(run=run, name__in="adj").update(attempts=1)
    order = []

    help_with_pieces(run.pk, lambda name: order.append(name) or name)

    assert "".join(order) == "ghijabcdef"


def test_one_worker_and_several_store_the_same_numbers_to_the_bit(delivery, monkeypatch):
    whole = stored(compute(delivery, call_nobody))
    monkeypatch.setattr(one_pass, "CELLS_PER_PIECE", 70)
    monkeypatch.setattr("microcells.selectors.CELLS_PER_READ", 50)
    helped = []

    alone = stored(compute(delivery, call_nobody))
    shared = stored(compute(delivery, lambda run_id, _: helped.append(help_with_areas(run_id, rooms))))

    assert alone == whole
    assert shared == whole
    assert helped == [3]
    assert not Piece.objects.exists()


def test_a_worker_on_another_host_helps_over_queue_and_database_alone(delivery, monkeypatch, tmp_path):
    whole = stored(compute(delivery, call_nobody))
    monkeypatch.setattr(one_pass, "CELLS_PER_PIECE", 70)
    host = City(
        tmp_path, tmp_path / "media", tmp_path / "no-file", delivery.area_set, delivery.received_by, 270
    )
    done_there = []

    def call_the_host(run_id, n_tasks):
        send("areas.help_with_pieces", run_id, PIECES_QUEUE)
        wait_until(lambda: Piece.objects.filter(run_id=run_id, result__isnull=False).count() == 3)
        done_there.append(n_tasks + 1)

    with celery_worker(host, 1, elsewhere=True):
        shared = stored(compute(delivery, call_the_host))

    assert done_there == [3]
    assert shared == whole
    assert not list((tmp_path / "elsewhere" / "media").rglob("*.upload"))


def test_a_worker_of_another_version_or_definition_does_not_help(delivery, monkeypatch):
    monkeypatch.setattr(one_pass, "CELLS_PER_PIECE", 70)
    helped = []

    def call_strangers(run_id, n_tasks):
        with monkeypatch.context() as patch:
            patch.setattr("kodala.core.pieces.__version__", "0.0.0")
            helped.append(help_with_areas(run_id, rooms))
        Run.objects.filter(pk=run_id).update(parameters={"typology": "other"})
        helped.append(help_with_areas(run_id, rooms))

    compute(delivery, call_strangers)

    assert helped == [0, 0]


def test_totals_are_exact_and_do_not_depend_on_the_order_of_rows(area_set, people):
    table = builders.make_cells({1: 400})
    table["personen"] = (table["erwachsene"] + 0.1).round(3)
    totals = []
    for own in (table, table.sample(frac=1, random_state=3)):
        delivery = builders.hand_in(builders.as_supplier_file(own), area_set, people[ADMIN])
        start(delivery.pk)
        runs = Run.objects.filter(delivery_id=delivery.pk, stage="microcells.total_areas")
        totals.append(AreaTotal.objects.get(run__in=runs, indicator="persons", area__number=1).value)

    thousandths = (table["personen"] * 1000).round().astype(int).sum()
    assert totals == [thousandths / 1000] * 2
