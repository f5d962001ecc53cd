"""The first look at real files: straight through if all is certain, else the file waits unharmed."""

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from kodala.core.models import Run
from kodala.dashboard.access import ADMIN
from kodala.pipeline import list_stages, start
from microcells.confirming import confirm_format, confirm_plan
from microcells.definitions import schema_of
from microcells.domain.choices import Choice, choices_of, plan_from_choices
from microcells.domain.plan import ReadingPlan
from microcells.models import ConfirmedPlan, Delivery
from microcells.uploads import upload_path
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
WAITING, COMPUTED, REJECTED = Delivery.State.AWAITING, Delivery.State.COMPUTED, Delivery.State.REJECTED


@pytest.fixture
def person(people):
    return people[ADMIN]


def cells(**more):
    return builders.make_cells({1: 12, 2: 12, 3: 12}).assign(**more)


def carry(raw, area_set, person, **given):
    delivery = builders.hand_in(raw, area_set, person, **given)
    start(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def answer(delivery, person, choices=None, name="", **changes):
    """Confirm what was proposed, with other choices for some headings; as the page does."""
    plan = ReadingPlan.from_json(delivery.plan | changes)
    headings = [column["heading"] for column in delivery.proposal["columns"]]
    chosen = [
        Choice(one.heading, *choices[one.heading]) if choices and one.heading in choices else one
        for one in choices_of(plan, headings)
    ]
    settled, problems = plan_from_choices(plan, chosen, frozenset(), schema_of(delivery.kind))
    assert not problems
    confirm_plan(delivery, settled, person, name)
    start(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def told(delivery):
    return " ".join(line.message for line in list_stages(delivery.pk))


def test_a_file_after_the_description_goes_straight_through(area_set, person):
    delivery = carry(builders.as_supplier_file(cells()), area_set, person)

    assert delivery.state == COMPUTED, told(delivery)
    assert delivery.proposal["questions"] == []
    assert {one["match"] for one in delivery.proposal["columns"]} == {"exact"}


def test_an_unknown_column_waits_for_a_person_and_nothing_is_lost(area_set, person):
    raw = builders.as_supplier_file(cells(dig_affin_p=50.5))

    waiting = carry(raw, area_set, person)
    assert (waiting.state, upload_path(waiting.pk).exists()) == (WAITING, True)
    assert "1 Spalte ist unbekannt." in told(waiting)
    start(waiting.pk)
    waiting.refresh_from_db()
    assert waiting.state == WAITING

    done = answer(waiting, person, {"dig_affin_p": ("-",)})
    assert done.state == COMPUTED, told(done)
    assert builders.count_cells(done.pk) == 36


def test_a_remembered_supplier_is_not_asked_again(area_set, person):
    table = cells(dig_affin_p=50.5).rename(columns={"haushalte": "HH gesamt", "personen": "Einwohner"})
    first = carry(builders.as_supplier_file(table), area_set, person)
    assert first.state == WAITING
    assert answer(first, person, {"dig_affin_p": ("-",)}, name="microm").state == COMPUTED

    table["Einwohner"] += 1
    second = carry(builders.as_supplier_file(table), area_set, person)

    assert second.state == COMPUTED, told(second)
    assert second.proposal["profile"] == "microm"


def test_shares_are_asked_about_and_become_per_cent(area_set, person):
    rng = np.random.default_rng(1)
    share = rng.uniform(0.02, 0.2, 36).round(4)
    as_share = builders.as_supplier_file(cells(alq=share))
    as_percent = builders.as_supplier_file(cells(alq=(share * 100).round(2)))

    waiting = carry(as_share, area_set, person)
    assert waiting.state == WAITING
    assert "Anteile von 0 bis 1" in told(waiting)
    done = answer(waiting, person)
    direct = carry(as_percent, area_set, person)

    assert (done.state, direct.state) == (COMPUTED, COMPUTED)
    assert done.canonical_digest == direct.canonical_digest


def test_the_other_kind_of_file_and_a_file_without_a_required_column_are_refused(area_set, person):
    houses = b"haus_id;strasse_id;hausnr\r\nH1;S1;1\r\n"
    without = builders.as_supplier_file(cells().drop(columns="erwachsene"))

    for raw, word in ((houses, "Hausliste"), (without, "erwachsene")):
        delivery = carry(raw, area_set, person)
        assert delivery.state == REJECTED
        assert word in told(delivery)
        assert not upload_path(delivery.pk).exists()


def test_data_of_persons_are_refused_before_anybody_is_asked(area_set, person):
    delivery = carry(builders.as_supplier_file(cells(vorname="x", frage=1.5)), area_set, person)

    assert delivery.state == REJECTED
    assert not upload_path(delivery.pk).exists()


def test_ranges_are_kept_coarse_and_those_of_house_lists_not_at_all(area_set, person):
    delivery = carry(builders.as_supplier_file(cells(kaufkraft_eur_ew=23_456.0, frage=1.5)), area_set, person)
    contents = {one["heading"]: one["content"] for one in delivery.proposal["columns"]}
    assert contents["kaufkraft_eur_ew"].startswith("ganze Zahl, 23.000 bis 24.000")

    ranges = {one["heading"]: (one["low"], one["high"]) for one in delivery.inspection["columns"]}
    assert ranges["kaufkraft_eur_ew"] == (23_000.0, 24_000.0)


def test_a_format_that_does_not_fit_is_asked_again_and_the_file_stays(area_set, person):
    waiting = carry(builders.as_supplier_file(cells(frage=1.5)), area_set, person)

    plan = ReadingPlan.from_json(waiting.plan | {"separator": "|"})
    confirm_format(waiting, plan, person)
    start(waiting.pk)
    waiting.refresh_from_db()

    assert (waiting.state, upload_path(waiting.pk).exists()) == (WAITING, True)
    assert answer(waiting, person, {"frage": ("-",)}).state == COMPUTED


FORGED = (
    {"columns": [{"name": "cell_key", "headings": ["/etc/passwd"]}]},
    {"columns": [{"name": "cell_key", "headings": ["mz_id"], "factor": 7}]},
    {"columns": [{"name": "nationality", "headings": ["frage"]}]},
    {"columns": "all", "shell": "true"},
    {"separator": ""},
    [],
    "text",
)


def test_a_forged_plan_harms_nothing(area_set, person):
    waiting = carry(builders.as_supplier_file(cells(frage=1.5)), area_set, person)
    honest = dict(waiting.plan)

    for forged in FORGED:
        plan = honest | forged if isinstance(forged, dict) else forged
        ConfirmedPlan.objects.create(delivery=waiting, plan=plan, confirmed_by=person)
        start(waiting.pk)
        waiting.refresh_from_db()
        assert waiting.state == WAITING, forged
        assert "passen nicht zur Datei" in told(waiting), forged

    assert Run.objects.filter(delivery_id=waiting.pk).count() == 1 + len(FORGED)
    assert answer(waiting, person, {"frage": ("-",)}).state == COMPUTED


def test_origin_in_a_file_is_left_aside_without_a_question(area_set, person):
    delivery = carry(builders.as_supplier_file(cells(met_p_tuerkei=12.5)), area_set, person)

    assert delivery.state == COMPUTED, told(delivery)
    assert "met_p_tuerkei" in delivery.plan["unused"]


def test_a_file_refused_for_its_mapping_may_come_again_and_is_asked_about(area_set, person):
    table = cells(frage=1.5)
    raw = builders.as_supplier_file(table)
    refused = answer(carry(raw, area_set, person), person, {"frage": ("households",), "haushalte": ("-",)})
    assert refused.state == REJECTED

    again = carry(raw, area_set, person)

    assert again.pk != refused.pk
    assert again.state == WAITING
    assert "schon einmal zurückgewiesen" in told(again)
    assert answer(again, person, {"frage": ("-",)}).state == COMPUTED
    assert carry(raw, area_set, person).pk == again.pk


def test_a_file_refused_by_itself_leads_to_the_old_result(area_set, person):
    raw = builders.as_supplier_file(cells().drop(columns="erwachsene"))

    refused = carry(raw, area_set, person)

    assert refused.state == REJECTED
    assert carry(raw, area_set, person).pk == refused.pk


@pytest.fixture
def console(area_set, person, tmp_path, capsys):
    """Gives a function that brings a table in on the console; it gives exit code and what was said."""

    def bring(raw, *arguments):
        path = tmp_path / "lieferung.csv"
        path.write_bytes(raw)
        try:
            call_command("import_delivery", str(path), *arguments)
            code, said = 0, ""
        except CommandError as error:
            code, said = error.returncode, str(error)
        return code, capsys.readouterr().out + said

    return bring


def test_the_console_says_what_is_open_and_goes_on_with_a_profile(console, person):
    table = cells(frage=1.5).rename(columns={"haushalte": "mba_a_haushalt"})
    raw = builders.as_supplier_file(table)

    code, said = console(raw)
    assert code == 3
    assert "Die Lieferung wartet auf Angaben:" in said
    assert "unbekannte Spalten: frage" in said

    code, said = console(raw, "--profile", "gibt es nicht")
    assert code == 1
    assert "Bekannt: „RWI-GEO-GRID (microm)“" in said

    # The shipped profile says nothing about the column: still open, and nothing is confirmed.
    code, said = console(raw, "--profile", "RWI-GEO-GRID (microm)")
    assert (code, ConfirmedPlan.objects.exists()) == (3, False)

    known = builders.as_supplier_file(table.drop(columns="frage"))
    code, said = console(known)
    assert code == 3
    code, said = console(known, "--profile", "RWI-GEO-GRID (microm)")
    assert code == 0, said
    assert "Bereit zur Freigabe: 36 Mikrozellen." in said
