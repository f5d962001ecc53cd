"""Deliveries: upload, progress that ends by itself, findings without values, release by a second person."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kodala import pipeline
from kodala.dashboard.access import ADMIN, PLANNER
from kodala.publication.models import Datenstand
from microcells.models import Delivery, StoredFinding
from tests.web import published


@pytest.fixture
def admin(client, people):
    client.force_login(people[ADMIN])
    return client


@pytest.fixture
def delivery(area_set, people):
    return Delivery.objects.create(
        kind="microcells",
        area_set=area_set,
        file_name="probe.csv",
        size=10,
        sha256="1",
        received_by=people[ADMIN],
        state=Delivery.State.RUNNING,
    )


def test_progress_asks_again_only_while_something_runs(admin, delivery):
    address = reverse("delivery-status", args=[delivery.pk])

    running = admin.get(address).content.decode()
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.COMPUTED)
    ended = admin.get(address).content.decode()

    assert 'hx-trigger="every 1s"' in running
    assert "every 1s" not in ended


def test_an_upload_starts_the_pipeline_and_leads_to_its_page(admin, area_set, monkeypatch):
    started = []
    monkeypatch.setattr(pipeline, "start", started.append)
    file = SimpleUploadedFile("probe.csv", b"mz_id;haushalte\r\n1;5\r\n")

    answer = admin.post(
        reverse("delivery-list"), {"kind": "microcells", "area_set": area_set.pk, "file": file}
    )

    delivery = Delivery.objects.get()
    assert answer.url == reverse("delivery", args=[delivery.pk])
    assert started == [delivery.pk]


def test_a_house_list_without_a_day_is_sent_back_with_a_sentence(admin, area_set):
    file = SimpleUploadedFile("haeuser.csv", b"haus_id\r\n1\r\n")

    answer = admin.post(reverse("delivery-list"), {"kind": "houses", "area_set": area_set.pk, "file": file})

    assert answer.status_code == 400
    assert "Eine Hausliste braucht einen Stichtag." in answer.content.decode()
    assert not Delivery.objects.exists()


def test_an_empty_file_and_a_missing_file_get_a_sentence(admin, area_set):
    given = {"kind": "microcells", "area_set": area_set.pk}

    empty = admin.post(reverse("delivery-list"), given | {"file": SimpleUploadedFile("leer.csv", b"")})
    missing = admin.post(reverse("delivery-list"), given)

    assert "Die Datei ist leer." in empty.content.decode()
    assert "Bitte wählen Sie eine Datei." in missing.content.decode()


def test_a_file_that_is_too_large_is_refused(admin, area_set, settings):
    settings.UPLOAD_MAX_BYTES = 5
    file = SimpleUploadedFile("gross.csv", b"123456")

    answer = admin.post(
        reverse("delivery-list"), {"kind": "microcells", "area_set": area_set.pk, "file": file}
    )

    assert "Die Datei ist zu groß." in answer.content.decode()
    assert not Delivery.objects.exists()


def test_findings_can_be_narrowed_and_leafed_through(admin, delivery):
    StoredFinding.objects.bulk_create(
        [
            StoredFinding(
                delivery=delivery,
                row=row,
                column="alq",
                code="W-X",
                severity="warning",
                text=f"Auffällig {row}.",
                suggestion="Bitte prüfen.",
            )
            for row in range(2, 62)
        ]
        + [
            StoredFinding(
                delivery=delivery,
                row=9,
                column="haushalte",
                code="E-HH-MIN",
                severity="contract",
                text="Zu klein.",
                suggestion="Zusammenlegen.",
            )
        ]
    )
    address = reverse("delivery-findings", args=[delivery.pk])

    blocking = admin.get(f"{address}?art=contract").content.decode()
    second = admin.get(f"{address}?art=warning&seite=2").content.decode()

    assert "Zu klein." in blocking
    assert "Auffällig" not in blocking
    assert "Seite 2 von 2" in second
    assert second.count("Auffällig") == 10


def test_the_error_file_names_rows_and_rules(admin, delivery):
    StoredFinding.objects.create(
        delivery=delivery,
        row=9,
        column="haushalte",
        code="E-HH-MIN",
        severity="contract",
        text="Zu klein.",
        suggestion="Zusammenlegen.",
    )

    text = admin.get(reverse("delivery-findings-file", args=[delivery.pk])).content.decode("utf-8-sig")

    assert text.splitlines()[1] == "blockierend;9;haushalte;E-HH-MIN;Zu klein.;Zusammenlegen."


def test_a_failed_delivery_can_be_tried_again(admin, delivery, monkeypatch):
    resumed = []
    monkeypatch.setattr(pipeline, "resume", resumed.append)
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.FAILED)

    page = admin.get(reverse("delivery", args=[delivery.pk])).content.decode()
    admin.post(reverse("delivery-resume", args=[delivery.pk]))

    assert "Erneut versuchen" in page
    assert resumed == [delivery.pk]


def test_whoever_asked_sees_a_sentence_and_no_button(admin, area_set, people):
    draft = published.make_draft(area_set, people[ADMIN])

    own = admin.get(reverse("release", args=[draft.pk])).content.decode()

    assert "Sie haben diesen Datenstand beantragt." in own
    assert "V1 freigeben</button>" not in own


def test_whoever_asked_cannot_release_by_posting_either(admin, area_set, people):
    draft = published.make_draft(area_set, people[ADMIN])

    admin.post(reverse("release", args=[draft.pk]), {"is_compared": "on"})

    draft.refresh_from_db()
    assert draft.state == Datenstand.State.AUDITED


def test_a_second_person_confirms_and_releases(client, area_set, people):
    draft = published.make_draft(area_set, people[ADMIN])
    client.force_login(people[PLANNER])

    unconfirmed = client.post(reverse("release", args=[draft.pk]), {})
    client.post(reverse("release", args=[draft.pk]), {"is_compared": "on"})

    draft.refresh_from_db()
    assert unconfirmed.status_code == 400
    assert (draft.state, draft.released_by) == (Datenstand.State.RELEASED, people[PLANNER])
