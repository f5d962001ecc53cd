"""Files that cannot be used: a German sentence each, nothing stored, the file gone, the worker alive."""

import time

import pytest
from django.conf import settings
from django.db import connection

from kodala.core.errors import InputError, InterruptionError
from kodala.dashboard.access import ADMIN
from microcells.delivery_file import DeliveryFile
from microcells.models import AreaTotal, Delivery
from microcells.uploads import upload_path
from tests import builders
from tests.processes import WAIT_S, environment_for, real_worker, wait_for
from tests.stages.hostile_files import HOSTILE

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(tmp_path, settings):
    """A real Celery worker on the test's database, with its own queue and upload folder."""
    from kodala.celery import app

    environment = environment_for(connection.settings_dict["NAME"], tmp_path)
    settings.MEDIA_ROOT = tmp_path / "media"
    app.conf.task_always_eager = False
    app.conf.task_default_queue = environment["KODALA_QUEUE"]
    try:
        with real_worker(environment, tmp_path) as process:
            yield process
    finally:
        app.conf.task_always_eager = True
        app.conf.task_default_queue = settings.CELERY_TASK_DEFAULT_QUEUE


def good():
    return builders.make_cells({1: 60, 2: 60, 3: 60})


def renamed(column, name):
    return builders.as_supplier_file(good().rename(columns={column: name}))


def outside_the_city():
    table = good()
    table.loc[:, "x"] = table["x"] + 50_000
    return builders.as_supplier_file(table)


def two_dates():
    table = good()
    table.loc[100:, "stichtag"] = "01.10.2021"
    return builders.as_supplier_file(table)


def three_households():
    table = good()
    table.loc[7, "haushalte"] = 3
    return builders.as_supplier_file(table)


def without_adults():
    return builders.as_supplier_file(good().drop(columns="erwachsene"))


def wrong_encoding():
    return builders.as_supplier_file(good()).replace(b"mz_id", b"mz_id\x81", 1)


def hostile(name):
    """One of the files that want to do harm, and a word of the sentence that refuses it."""
    make, word = HOSTILE[name]
    return make(), word.split("|")[0]


BAD_FILES = {
    "missing required column": (without_adults(), "erwachsene"),
    "wrong encoding": (wrong_encoding(), "Zeichenkodierung"),
    "empty file": (b"", "leer"),
    "a broken ZIP file": (b"PK\x03\x04" + bytes(200), "beschädigt"),
    "a picture": (b"\x89PNG" + bytes(200), "Bild"),
    "a ZIP bomb": hostile("zip bomb"),
    "a billion laughs": hostile("billion laughs"),
    "a workbook beyond all memory": hostile("cell in the far corner"),
    "a cell of 10 MB": hostile("cell of 10 MB"),
    "a cell with 3 households": (three_households(), "weniger als 4 Haushalte"),
    "points outside the city": (outside_the_city(), "außerhalb"),
    "two reference dates": (two_dates(), "Stichtag"),
}


def told(delivery):
    """Everything a person reads about the delivery."""
    findings = [f"{one.text} {one.suggestion}" for one in delivery.findings.all()]
    from kodala.pipeline import list_stages

    return " ".join([*findings, *(line.message for line in list_stages(delivery.pk))])


def ended(delivery):
    delivery.refresh_from_db()
    return delivery.state not in (Delivery.State.RECEIVED, Delivery.State.RUNNING)


def carry_through(raw, area_set, person):
    from kodala.pipeline import start

    delivery = builders.hand_in(raw, area_set, person)
    assert start(delivery.pk)
    wait_for(lambda: ended(delivery), f"delivery is still {delivery.state}")
    return delivery


def test_bad_files_are_refused_one_after_the_other_and_the_worker_lives(worker, area_set, people):
    for name, (raw, word) in BAD_FILES.items():
        delivery = carry_through(raw, area_set, people[ADMIN])

        assert delivery.state == Delivery.State.REJECTED, name
        assert word in told(delivery), f"{name}: {told(delivery)}"
        # The worker deletes the file right after it has written the state down.
        path = upload_path(delivery.pk)
        wait_for(lambda path=path: not path.exists(), f"{name}: the file is still there")
        assert not AreaTotal.objects.exists(), name

    assert worker.poll() is None
    assert carry_through(builders.as_supplier_file(good()), area_set, people[ADMIN]).state == "computed"


def test_an_unknown_column_waits_for_a_person(worker, area_set, people):
    delivery = carry_through(renamed("haeuser", "haeusser"), area_set, people[ADMIN])

    assert delivery.state == Delivery.State.AWAITING
    assert "haeusser" in str(delivery.proposal)
    assert upload_path(delivery.pk).exists()


def zeros():
    block = bytes(1 << 20)
    return (block for _ in range(500))


def test_five_hundred_megabytes_of_zeros_are_refused_at_once(worker, area_set, people):
    from kodala.pipeline import start
    from microcells.services import receive_delivery

    delivery = receive_delivery(zeros(), "nullen.csv", "microcells", area_set.pk, None, people[ADMIN])
    began = time.monotonic()
    start(delivery.pk)
    wait_for(lambda: ended(delivery), "still running")

    assert delivery.state == Delivery.State.REJECTED
    assert delivery.size == 500 << 20
    assert time.monotonic() - began < WAIT_S
    assert "Text" in told(delivery) or "CSV" in told(delivery)
    assert worker.poll() is None


def test_settings_of_the_worker_are_those_of_the_product():
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT


def test_a_file_that_was_good_a_moment_ago_is_not_refused_but_read_again(area_set, people):
    raw = builders.as_supplier_file(builders.make_cells({1: 60}))
    delivery = builders.hand_in(raw, area_set, people[ADMIN])
    delivery.plan = DeliveryFile(delivery).plan.as_json()
    upload_path(delivery.pk).write_bytes(b"\x89PNG\r\n\x1a\n")

    with pytest.raises(InputError):
        DeliveryFile(delivery).check()
    with pytest.raises(InterruptionError):
        next(DeliveryFile(delivery).good_rows())
