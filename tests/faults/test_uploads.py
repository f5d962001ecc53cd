"""Uploads that break off, find no room or come twice at once: a German page, and nothing left over."""

import io
import os
import threading
import time
import zipfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError, connections
from django.test import RequestFactory
from django.urls import reverse

from kodala.core.models import Run
from kodala.dashboard.access import ADMIN
from kodala.pipeline import resume, resume_all, start
from microcells import services, uploads
from microcells.models import Delivery
from tests import builders
from tests.faults.small_disks import fill, small_disk

pytestmark = pytest.mark.django_db(transaction=True)
LARGE = 4 * 1024**2  # more than Django keeps in memory


@pytest.fixture(autouse=True)
def incoming(settings):
    """The folder of uploads on their way, beside those that have arrived."""
    return arrive_in(settings, Path(settings.MEDIA_ROOT))


def arrive_in(settings, folder):
    settings.MEDIA_ROOT = folder
    settings.FILE_UPLOAD_TEMP_DIR = str(folder / "incoming")
    Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True)
    return folder / "incoming"


def files_in(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and path.name != "filler")


def supplier_file():
    return builders.as_supplier_file(builders.make_cells({1: 30, 2: 30, 3: 30}))


def send(client, area_set, raw):
    file = SimpleUploadedFile("lieferung.csv", raw)
    return client.post(
        reverse("delivery-list"), {"kind": "microcells", "area_set": area_set.pk, "file": file}
    )


def test_on_a_full_disk_the_upload_is_answered_in_german_and_leaves_nothing(
    client, people, area_set, settings
):
    client.force_login(people[ADMIN])
    client.raise_request_exception = False
    with small_disk("1m") as disk:
        arrive_in(settings, disk)
        answer = send(client, area_set, bytes(LARGE))

        assert answer.status_code == 507
        assert "Der Speicherplatz auf dem Server ist voll" in answer.content.decode()
        assert files_in(disk) == []
    assert not Delivery.objects.exists()


def test_a_disk_that_is_full_only_for_the_second_copy_leaves_nothing_either(
    client, people, area_set, settings
):
    client.force_login(people[ADMIN])
    client.raise_request_exception = False
    with small_disk("6m") as disk:
        arrive_in(settings, disk)
        answer = send(client, area_set, bytes(LARGE))

        assert answer.status_code == 507
        assert files_in(disk) == []
    assert not Delivery.objects.exists()


def test_an_upload_that_breaks_off_is_no_delivery_and_leaves_nothing(client, people, area_set, incoming):
    client.force_login(people[ADMIN])
    whole = RequestFactory().post(
        reverse("delivery-list"),
        {"kind": "microcells", "area_set": area_set.pk, "file": SimpleUploadedFile("a.csv", bytes(LARGE))},
    )
    half = whole.environ["wsgi.input"].read(LARGE // 2)
    environ = {**whole.environ, "wsgi.input": io.BytesIO(half), "HTTP_HOST": "testserver"}
    environ["HTTP_COOKIE"] = "; ".join(f"{name}={one.value}" for name, one in client.cookies.items())
    environ["REMOTE_ADDR"] = "127.0.0.1"
    statuses = []

    list(WSGIHandler()(environ, lambda status, _: statuses.append(status)))

    assert statuses[0][:3] in ("400", "403")
    assert files_in(incoming.parent) == []
    assert not Delivery.objects.exists()


def test_a_database_that_fails_meanwhile_leaves_no_file(area_set, people, monkeypatch, settings):
    def gone(*_):
        raise OperationalError

    monkeypatch.setattr(services, "keep_upload", gone)

    with pytest.raises(OperationalError):
        builders.hand_in(supplier_file(), area_set, people[ADMIN])

    assert files_in(Path(settings.MEDIA_ROOT)) == []


def test_what_a_killed_process_left_is_swept_after_an_hour_and_not_before(settings, incoming):
    old, young = incoming / "alt.upload.csv", incoming / "jung.upload.csv"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (time.time() - 2 * uploads.UNFINISHED_S,) * 2)

    assert uploads.sweep_uploads() == 1
    assert files_in(Path(settings.MEDIA_ROOT)) == ["jung.upload.csv"]


def test_a_file_whose_delivery_is_done_is_swept(area_set, people):
    delivery = builders.hand_in(supplier_file(), area_set, people[ADMIN])
    start(delivery.pk)
    uploads.upload_path(delivery.pk).write_bytes(b"from a second upload of the same file")

    resume_all()

    assert uploads.list_uploads() == []


@pytest.mark.parametrize(("kind", "is_kept"), [("microcells", True), ("houses", False)])
def test_a_house_list_does_not_wait_for_an_answer_for_ever(area_set, people, kind, is_kept):
    day = builders.REFERENCE_DATE
    delivery = builders.hand_in(b"x", area_set, people[ADMIN], kind=kind, reference_date=day)
    Delivery.objects.update(state=Delivery.State.AWAITING)
    path = uploads.upload_path(delivery.pk)
    resume_all()
    assert path.exists()

    os.utime(path, (time.time() - 8 * 86_400,) * 2)
    resume_all()

    assert path.exists() == is_kept


def test_two_uploads_of_the_same_file_at_once_are_one_delivery_with_one_file(area_set, people, settings):
    raw, numbers, both = supplier_file(), [], threading.Barrier(2)

    def upload():
        both.wait()
        numbers.append(builders.hand_in(raw, area_set, people[ADMIN]).pk)
        connections.close_all()

    threads = [threading.Thread(target=upload) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(numbers) == 2
    assert numbers[0] == numbers[1] == Delivery.objects.get().pk
    assert files_in(Path(settings.MEDIA_ROOT)) == [f"{numbers[0]}.upload"]


def test_a_full_disk_for_unpacking_is_named_and_the_delivery_goes_on_when_there_is_room(
    area_set, people, settings
):
    packed, table = io.BytesIO(), io.BytesIO()
    builders.make_cells({1: 200, 2: 200, 3: 200}).to_parquet(table)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lieferung.parquet", table.getvalue())
    with small_disk("4m") as disk:
        arrive_in(settings, disk)
        delivery = builders.hand_in(packed.getvalue(), area_set, people[ADMIN], name="lieferung.zip")
        filler = fill(disk, leave=8_192)
        start(delivery.pk)
        delivery.refresh_from_db()
        run = Run.objects.filter(delivery_id=delivery.pk).latest("pk")
        assert (delivery.state, run.state) == (Delivery.State.FAILED, Run.State.FAILED)
        assert "Bitte auf dem Datenträger der Lieferungen Platz schaffen" in run.message

        filler.unlink()
        resume(delivery.pk)

        delivery.refresh_from_db()
        assert delivery.state == Delivery.State.COMPUTED
        assert files_in(disk) == []
