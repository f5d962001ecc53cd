"""The steps „Format“ and „Spalten“: what is shown, what is asked, and that nothing posted is trusted."""

from __future__ import annotations

import pytest
from django.urls import reverse

from kodala import pipeline
from kodala.dashboard.access import ADMIN
from kodala.dashboard.column_table import ColumnTable
from kodala.dashboard.format_form import FormatForm
from microcells.domain.plan import ColumnSummary, ReadingPlan
from microcells.models import ConfirmedPlan, Delivery, SupplierProfile
from tests.web.waiting import make_waiting, summaries


@pytest.fixture
def started(monkeypatch):
    """The deliveries that were sent on."""
    numbers = []
    monkeypatch.setattr(pipeline, "start", numbers.append)
    return numbers


@pytest.fixture
def delivery(area_set, people):
    """One unknown column, one proposed, one of shares, one that is never taken."""
    more = (
        ColumnSummary("dig_affin_p", "number", 0.0, 100.0),
        ColumnSummary("met_p_tuerkei", "number", 0.0, 100.0),
        ColumnSummary("alq", "number", 0.0, 0.31),
    )
    columns = summaries(*more, renamed={"haushalte": "HH_gesamt"})
    return make_waiting(area_set, people[ADMIN], columns, doubtful=("thousands",))


def form_of(delivery, **changes):
    """What the page would post if only the named fields were changed."""
    table, form = ColumnTable(delivery), FormatForm(delivery)
    given = {f"format-{name}": form[name].value() for name in form.fields}
    for row in table.rows:
        if row.is_free:
            given[f"field-{row.number}"] = row.choice.field
        if row.conversions:
            given[f"conversion-{row.number}"] = row.choice.conversion
    return given | {"headings": table.headings_mark, "profile": "microm", "action": "confirm"} | changes


def number_of(delivery, heading):
    return next(row.number for row in ColumnTable(delivery).rows if row.heading == heading)


def post(admin, delivery, **changes):
    return admin.post(reverse("delivery-confirm", args=[delivery.pk]), form_of(delivery, **changes))


def test_the_page_shows_what_is_certain_and_what_is_asked(admin, delivery):
    page = admin.get(reverse("delivery", args=[delivery.pk])).content.decode()

    assert "Format und Spalten bestätigen" in page
    assert "bitte prüfen" in page
    assert "1 Spalte ist noch offen:" in page
    assert "Zweckbindung: nicht vereinbart" in page
    assert "Anteil statt Prozent" in page
    assert f'name="field-{number_of(delivery, "met_p_tuerkei")}"' not in page
    assert '<option value="x100" selected>' in page
    assert "every 1s" not in page


def test_a_field_that_must_be_there_is_asked_for_before_anything_is_posted(admin, area_set, people):
    columns = tuple(column for column in summaries() if column.heading != "stichtag")
    waiting = make_waiting(area_set, people[ADMIN], columns, doubtful=("thousands",))

    page = admin.get(reverse("delivery", args=[waiting.pk])).content.decode()

    assert "Die Spalte „stichtag“ (Stichtag) fehlt." in page


def test_every_choice_has_a_label_and_the_form_needs_no_script(admin, delivery):
    page = admin.get(reverse("delivery", args=[delivery.pk])).content.decode()

    for row in ColumnTable(delivery).rows:
        if row.is_free:
            assert (
                f'<label class="visually-hidden" for="feld-{row.number}">Feld für {row.heading}</label>'
                in page
            )
    assert f'action="{reverse("delivery-confirm", args=[delivery.pk])}"' in page


def test_an_open_column_is_told_and_nothing_is_kept(admin, delivery, started):
    answer = post(admin, delivery)

    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Es ist noch nichts gespeichert." in page
    assert "Die Spalte „dig_affin_p“ ist noch offen." in page
    assert not ConfirmedPlan.objects.exists()
    assert not SupplierProfile.objects.exists()
    assert started == []


def test_a_confirmed_mapping_is_kept_remembered_and_sent_on(admin, delivery, started, people):
    at = number_of(delivery, "dig_affin_p")

    answer = post(admin, delivery, **{f"field-{at}": "-"})

    plan = ReadingPlan.from_json(ConfirmedPlan.objects.get().plan)
    by_name = {source.name: source for source in plan.columns}
    assert answer.url == reverse("delivery", args=[delivery.pk])
    assert by_name["households"].headings == ("HH_gesamt",)
    assert by_name["unemployment_percent"].factor == 100.0
    assert {"dig_affin_p", "met_p_tuerkei"} == set(plan.unused)
    assert ConfirmedPlan.objects.get().confirmed_by == people[ADMIN]
    assert [(one.name, one.kind) for one in SupplierProfile.objects.all()] == [("microm", "microcells")]
    assert started == [delivery.pk]


def test_the_scale_is_the_persons_choice(admin, delivery, started):
    at, alq = number_of(delivery, "dig_affin_p"), number_of(delivery, "alq")

    post(admin, delivery, **{f"field-{at}": "-", f"conversion-{alq}": ""})

    plan = ReadingPlan.from_json(ConfirmedPlan.objects.get().plan)
    assert next(one for one in plan.columns if one.name == "unemployment_percent").factor == 1.0


def test_without_a_name_nothing_is_remembered(admin, delivery, started):
    post(admin, delivery, profile="", **{f"field-{number_of(delivery, 'dig_affin_p')}": "-"})

    assert ConfirmedPlan.objects.exists()
    assert not SupplierProfile.objects.exists()


def test_two_columns_for_one_field_are_told_and_can_be_added_up(admin, delivery, started):
    at = number_of(delivery, "dig_affin_p")

    twice = post(admin, delivery, **{f"field-{at}": "households"})
    added = post(admin, delivery, **{f"field-{at}": "households"}, added="households")

    page = twice.content.decode()
    assert "Das Feld „Haushalte“ ist mehrfach zugeordnet" in page
    assert "Haushalte: Werte der Spalten zusammenzählen" in page
    assert added.status_code == 302
    plan = ReadingPlan.from_json(ConfirmedPlan.objects.get().plan)
    assert next(one for one in plan.columns if one.name == "households").headings == (
        "HH_gesamt",
        "dig_affin_p",
    )


def test_a_required_field_without_a_column_is_told(admin, delivery, started):
    given = {f"field-{number_of(delivery, heading)}": "-" for heading in ("HH_gesamt", "dig_affin_p")}

    page = post(admin, delivery, **given).content.decode()

    assert "Die Spalte „haushalte“ (Haushalte) fehlt." in page
    assert started == []


def test_another_separator_is_tried_out_before_any_column_is_taken(admin, delivery, started):
    at = number_of(delivery, "dig_affin_p")

    post(admin, delivery, **{"format-separator": "comma", f"field-{at}": "-"})

    plan = ReadingPlan.from_json(ConfirmedPlan.objects.get().plan)
    assert (plan.separator, plan.columns) == (",", ())
    assert not SupplierProfile.objects.exists()
    assert started == [delivery.pk]


def test_the_format_alone_can_be_tried_out(admin, delivery, started):
    post(admin, delivery, **{"action": "format", "format-thousands": "point", "format-missing": ". x"})

    plan = ReadingPlan.from_json(ConfirmedPlan.objects.get().plan)
    assert (plan.thousands, plan.missing, plan.columns) == (".", (".", "x"), ())


@pytest.mark.parametrize(
    "change",
    [
        {"format-separator": "§"},
        {"format-encoding": "rot13"},
        {"format-header_line": "0"},
        {"format-crs": "1"},
        {"format-missing": " ".join("abcdefghijklm")},
        {"format-missing": "einewirklichlangekennung"},
    ],
)
def test_a_format_that_was_not_offered_is_refused(admin, delivery, started, change):
    answer = post(admin, delivery, **change)

    assert answer.status_code == 400
    assert not ConfirmedPlan.objects.exists()


@pytest.mark.parametrize("forged", ["nationality", "=", "__class__", "households; DROP"])
def test_a_field_that_was_not_offered_counts_as_open(admin, delivery, started, forged):
    answer = post(admin, delivery, **{f"field-{number_of(delivery, 'dig_affin_p')}": forged})

    assert answer.status_code == 400
    assert not ConfirmedPlan.objects.exists()


def test_what_is_never_taken_cannot_be_posted_either(admin, delivery, started):
    given = {f"field-{number_of(delivery, 'dig_affin_p')}": "-"}

    post(admin, delivery, **given, **{f"field-{number_of(delivery, 'met_p_tuerkei')}": "digital_use"})

    plan = ReadingPlan.from_json(ConfirmedPlan.objects.get().plan)
    assert "met_p_tuerkei" not in {heading for one in plan.columns for heading in one.headings}


def test_an_unknown_factor_is_refused(admin, delivery, started):
    at, alq = number_of(delivery, "dig_affin_p"), number_of(delivery, "alq")

    answer = post(admin, delivery, **{f"field-{at}": "-", f"conversion-{alq}": "1000000"})

    assert answer.status_code == 400
    assert not ConfirmedPlan.objects.exists()


def test_a_form_from_before_the_file_was_read_anew_is_not_taken(admin, delivery, started):
    answer = post(admin, delivery, headings="0" * 16, **{f"field-{number_of(delivery, 'dig_affin_p')}": "-"})

    assert answer.status_code == 302
    assert not ConfirmedPlan.objects.exists()


def test_a_delivery_that_went_on_takes_no_more_answers(admin, delivery, started):
    given = form_of(delivery, **{f"field-{number_of(delivery, 'dig_affin_p')}": "-"})
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.RUNNING)

    answer = admin.post(reverse("delivery-confirm", args=[delivery.pk]), given, follow=True)

    assert "Die Lieferung wartet nicht mehr auf Angaben" in answer.content.decode()
    assert not ConfirmedPlan.objects.exists()


def test_afterwards_the_page_says_how_the_file_was_read(admin, delivery):
    Delivery.objects.filter(pk=delivery.pk).update(state=Delivery.State.COMPUTED)

    page = admin.get(f"{reverse('delivery', args=[delivery.pk])}?schritt=spalten").content.decode()

    assert "So ist die Datei gelesen" in page
    assert "<select" not in page.split("<main")[1]
    assert "Haushalte" in page


def test_the_status_of_a_waiting_delivery_asks_for_a_new_page_and_no_more(admin, delivery):
    answer = admin.get(reverse("delivery-status", args=[delivery.pk]), headers={"HX-Request": "true"})

    assert answer["HX-Refresh"] == "true"
    assert "every 1s" not in answer.content.decode()
