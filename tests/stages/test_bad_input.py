"""Files that cannot be used: a German sentence each, nothing stored, the file gone, the worker alive."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from kodala.dashboard.access import ADMIN
from microcells.models import AreaTotal, Delivery
from microcells.uploads import upload_path
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[2]
WAIT_S = 60


@pytest.fixture
def worker(tmp_path, settings):
    """A real Celery worker on the test's database, its own queue and its own upload folder."""
    settings.CELERY_TASK_ALWAYS_EAGER = False
    values = connection.settings_dict
    queue = f"kodala-test-{os.getpid()}"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
        "PGDATABASE": values["NAME"],
        "KODALA_MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "KODALA_VAR": str(tmp_path),
        "KODALA_TEST_QUEUE": queue,
    }
    from kodala.celery import app

    app.conf.task_always_eager = False
    app.conf.task_default_queue = queue
    log = (tmp_path / "worker.log").open("w")
    command = [
        sys.executable,
        "-m",
        "celery",
        "-A",
        "kodala",
        "worker",
        "-c",
        "1",
        "-l",
        "WARNING",
        "-Q",
        queue,
    ]
    process = subprocess.Popen(
        [*command, "--without-gossip", "--without-mingle"], cwd=ROOT, env=environment, stdout=log, stderr=log
    )
    try:
        _wait_for(lambda: (tmp_path / "services" / "worker.ready").exists(), "the worker did not start")
        yield process
    finally:
        process.terminate()
        process.wait(20)
        app.conf.task_always_eager = True
        app.conf.task_default_queue = "kodala"


def _wait_for(is_reached, complaint):
    end = time.monotonic() + WAIT_S
    while not is_reached():
        assert time.monotonic() < end, complaint
        time.sleep(0.1)


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


def wrong_encoding():
    table = good().assign(strassenabschnitt="Straße")
    return table.to_csv(sep=";", decimal=",", index=False).encode("utf-16")


BAD_FILES = {
    "unknown column": (renamed("haeuser", "haeusser"), "haeusser"),
    "missing required column": (renamed("erwachsene", "haeuser2"), "erwachsene"),
    "wrong encoding": (wrong_encoding(), "UTF-16"),
    "empty file": (b"", "leer"),
    "a file of another kind": (b"PK\x03\x04" + bytes(200), "CSV"),
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
    _wait_for(lambda: ended(delivery), f"delivery is still {delivery.state}")
    return delivery


def test_bad_files_are_refused_one_after_the_other_and_the_worker_lives(worker, area_set, people):
    for name, (raw, word) in BAD_FILES.items():
        delivery = carry_through(raw, area_set, people[ADMIN])

        assert delivery.state == Delivery.State.REJECTED, name
        assert word in told(delivery), f"{name}: {told(delivery)}"
        assert not upload_path(delivery.pk).exists(), name
        assert not AreaTotal.objects.exists(), name

    assert worker.poll() is None
    assert carry_through(builders.as_supplier_file(good()), area_set, people[ADMIN]).state == "computed"


def zeros():
    block = bytes(1 << 20)
    return (block for _ in range(500))


def test_five_hundred_megabytes_of_zeros_are_refused_at_once(worker, area_set, people):
    from kodala.pipeline import start
    from microcells.services import receive_delivery

    delivery = receive_delivery(zeros(), "nullen.csv", "microcells", area_set.pk, None, people[ADMIN])
    began = time.monotonic()
    start(delivery.pk)
    _wait_for(lambda: ended(delivery), "still running")

    assert delivery.state == Delivery.State.REJECTED
    assert delivery.size == 500 << 20
    assert time.monotonic() - began < WAIT_S
    assert "Text" in told(delivery) or "CSV" in told(delivery)
    assert worker.poll() is None


def test_settings_of_the_worker_are_those_of_the_product():
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_TASK_SOFT_TIME_LIMIT < settings.CELERY_TASK_TIME_LIMIT
