"""Deliveries: upload, progress that ends by itself, and a page for every step."""

from __future__ import annotations

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kodala import pipeline
from kodala.core.errors import Finding, Severity
from kodala.core.models import Run
from kodala.dashboard.access import ADMIN
from microcells.definitions import schema_of
from microcells.keeping import keep_findings
from microcells.models import Delivery


@pytest.fixture
def delivery(delivery):
    """The delivery while it is under way."""
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.RUNNING, n_rows=None)
    delivery.refresh_from_db()
    return delivery


def test_progress_asks_again_only_while_something_runs(admin, delivery):
    address = reverse("delivery-status", args=[delivery.pk])

    running = admin.get(address).content.decode()
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.COMPUTED)
    ended = admin.get(address).content.decode()

    assert 'hx-trigger="every 1s"' in running
    assert "every 1s" not in ended


def test_findings_are_shown_as_soon_as_they_are_there(admin, delivery):
    page = reverse("delivery", args=[delivery.pk])
    address = reverse("delivery-status", args=[delivery.pk])

    before = admin.get(page, {"schritt": "pruefung"}).content.decode()
    answers = [admin.get(address, {"geprueft": "nein"}, headers={"HX-Request": "true"})]
    Delivery.objects.filter(pk=delivery.pk).update(n_rows=900)
    for said in ("nein", "ja"):
        answers.append(admin.get(address, {"geprueft": said}, headers={"HX-Request": "true"}))

    assert "<dt>Fehler</dt><dd>" in before
    assert "</svg> –</dd>" in before
    assert "Befunde nach Art" not in before
    assert "geprueft=nein" in before
    assert ["HX-Refresh" in answer for answer in answers] == [False, True, False]


def test_the_first_look_is_at_work_before_the_check(admin, delivery):
    page = admin.get(reverse("delivery", args=[delivery.pk])).content.decode()
    looking = page.partition('id="verarbeitung"')[0]
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.REJECTED)
    stopped = admin.get(reverse("delivery", args=[delivery.pk])).content.decode()

    assert step(looking, "Format") == "läuft"
    assert step(looking, "Prüfung") == "noch nicht gestartet"
    assert step(stopped, "Format") == "nicht lesbar"


def step(page, label):
    """What stands below a step's name."""
    return re.search(rf'{label}<.*?<p class="tiny muted">(.*?)</p>', page, re.S)[1]


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


def test_a_failed_delivery_can_be_tried_again(admin, delivery, monkeypatch):
    resumed = []
    monkeypatch.setattr(pipeline, "resume", resumed.append)
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.FAILED)

    page = admin.get(reverse("delivery", args=[delivery.pk])).content.decode()
    admin.post(reverse("delivery-resume", args=[delivery.pk]))

    assert "Erneut versuchen" in page
    assert resumed == [delivery.pk]


def test_the_same_file_twice_leads_to_the_old_result(admin, area_set, monkeypatch):
    monkeypatch.setattr(pipeline, "start", lambda _: True)
    given = {"kind": "microcells", "area_set": area_set.pk}
    raw = b"mz_id;haushalte\r\n1;5\r\n"
    admin.post(reverse("delivery-list"), given | {"file": SimpleUploadedFile("erst.csv", raw)})
    Delivery.objects.update(state=Delivery.State.COMPUTED)

    answer = admin.post(
        reverse("delivery-list"), given | {"file": SimpleUploadedFile("noch_einmal.csv", raw)}, follow=True
    )

    assert Delivery.objects.count() == 1
    assert "Genau diese Datei liegt schon vor, als „erst.csv“" in answer.content.decode()


def test_an_upload_that_fails_says_that_nothing_is_lost(admin, area_set):
    answer = admin.post(reverse("delivery-list"), {"kind": "microcells", "area_set": area_set.pk})

    assert "Es wurde nichts gespeichert, und nichts ist verloren" in answer.content.decode()


def test_a_corrected_file_finds_kind_areas_and_day_filled_in(admin, area_set, people):
    old = Delivery.objects.create(
        kind="houses",
        area_set=area_set,
        stated_date="2025-10-01",
        file_name="haeuser.csv",
        size=1,
        sha256="2",
        received_by=people[ADMIN],
        state=Delivery.State.REJECTED,
    )

    page = admin.get(reverse("delivery", args=[old.pk])).content.decode()
    form = admin.get(f"{reverse('delivery-list')}?korrektur={old.pk}").content.decode()

    assert "Korrigierte Datei hochladen" in page
    assert "Ersetzt die Datei „haeuser.csv“" in form
    assert '<option value="houses" selected>' in form
    assert 'value="2025-10-01"' in form


def refused(delivery, code, text, **changes):
    """The delivery as the worker leaves it when a stage refuses it with one finding about the whole file."""
    keep_findings(delivery, [Finding(0, "", code, Severity.CONTRACT, text, "Vorschlag dazu.")])
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.REJECTED, **changes)
    return reverse("delivery", args=[delivery.pk])


def test_a_house_list_by_mistake_is_offered_as_a_house_list(admin, delivery):
    page = admin.get(refused(delivery, "E-VERWECHSELT", "Eine Hausliste."), {"schritt": "pruefung"})
    form = admin.get(reverse("delivery-list"), {"korrektur": delivery.pk}).content.decode()

    assert "steht unten neben dem Befund" in page.content.decode()
    assert "beim Lieferanten eine korrigierte Datei" not in page.content.decode()
    assert '<option value="houses" selected>' in form


def test_a_later_stage_that_refuses_a_file_says_why(admin, delivery):
    Run.objects.create(
        stage="microcells.build_microcells",
        delivery_id=delivery.pk,
        state=Run.State.REJECTED,
        message="Ein Gebiet hat zu wenige Haushalte.",
    )

    page = admin.get(refused(delivery, "W-X", "Etwas.", n_rows=9, message=""), {"schritt": "pruefung"})

    verdict = page.content.decode().partition('id="urteil"')[2].partition("</div>")[0]
    assert "Ein Gebiet hat zu wenige Haushalte." in verdict


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "abc", "²", "-1"])
def test_a_correction_of_nothing_is_an_ordinary_form(admin, area_set, number):
    answer = admin.get(f"{reverse('delivery-list')}?korrektur={number}")

    assert answer.status_code == 200
    assert "Neue Lieferung" in answer.content.decode()


@pytest.mark.parametrize("part", ["datei", "spalten", "pruefung", "unsinn", ""])
def test_every_step_of_a_delivery_that_is_not_read_yet_has_a_page(admin, delivery, part):
    assert admin.get(f"{reverse('delivery', args=[delivery.pk])}?schritt={part}").status_code == 200


@pytest.mark.parametrize("kind", ["microcells", "houses", "statistics"])
def test_who_names_an_unknown_area_is_led_to_the_list_of_numbers(admin, area_set, kind):
    suggestion = schema_of(kind).texts["E-GEBIET"].suggestion
    menu, link, heading = "Lieferungen", "Aufbau der Dateien", "Gebiete und ihre Nummern"

    start = admin.get(reverse("delivery-list")).content.decode()
    page = admin.get(reverse("help-delivery", args=[kind])).content.decode()

    assert all(f"„{words}“" in suggestion for words in (menu, link, heading))
    assert f'{reverse("help-delivery", args=["microcells"])}">{link}</a>' in start
    assert f"{heading}</h2>" in page
    assert area_set.label in page
    for area in area_set.areas.all():
        assert f'<td class="num">{area.number}</td><th scope="row">{area.name}</th>' in page
