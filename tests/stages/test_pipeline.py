"""From a received file to a released Datenstand, through every stage on real PostGIS."""

import pytest
from django.db import connection

from kodala.core.errors import StateError
from kodala.core.models import Run
from kodala.dashboard.access import ADMIN, PLANNER
from kodala.pipeline import STAGES, list_stages, resume, start
from kodala.publication import selectors
from kodala.publication.models import Datenstand, Figure
from kodala.publication.services import release_datenstand, withdraw_datenstand
from microcells.cells_table import partition_name
from microcells.models import AreaTotal, Delivery, StoredFinding
from microcells.uploads import upload_path
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
CELLS = {1: 120, 2: 90, 3: 60}


def carried(table, area_set, person):
    delivery = builders.hand_in(builders.as_supplier_file(table), area_set, person)
    start(delivery.pk)
    delivery.refresh_from_db()
    return delivery


def test_a_good_file_becomes_a_draft_whose_sums_are_those_of_the_file(area_set, people):
    table = builders.make_cells(CELLS)

    delivery = carried(table, area_set, people[ADMIN])

    draft = Datenstand.objects.get(delivery=delivery)
    households = {area.number: None for area in area_set.areas.all()} | {
        figure.area.number: figure.value
        for figure in draft.figures.filter(indicator="households", area__isnull=False)
    }
    assert delivery.state == Delivery.State.COMPUTED
    assert draft.state == Datenstand.State.AUDITED
    assert households == table.groupby("gebiet_nr")["haushalte"].sum().to_dict()
    assert builders.count_cells(delivery.pk) == delivery.n_cells == 270


def test_the_debt_rate_is_debtors_over_adults(area_set, people):
    table = builders.make_cells(CELLS)
    one = table[table["gebiet_nr"] == 1]
    expected = 100 * (one["schuldner_hart"] + one["schuldner_weich"]).sum() / one["erwachsene"].sum()

    delivery = carried(table, area_set, people[ADMIN])

    figure = Figure.objects.get(datenstand__delivery=delivery, indicator="debt_rate", area__number=1)
    assert figure.value == pytest.approx(expected, abs=0.05)
    assert figure.lower < figure.value < figure.upper


def test_every_stage_leaves_a_run_and_the_file_is_deleted(area_set, people):
    delivery = carried(builders.make_cells(CELLS), area_set, people[ADMIN])

    assert [line.state for line in list_stages(delivery.pk)] == ["succeeded"] * len(STAGES)
    assert all(line.seconds is not None for line in list_stages(delivery.pk))
    assert Run.objects.filter(delivery_id=delivery.pk).exclude(code_version="").count() == len(STAGES)
    assert not upload_path(delivery.pk).exists()


def test_the_same_file_twice_is_the_same_delivery(area_set, people):
    table = builders.make_cells(CELLS)

    first = carried(table, area_set, people[ADMIN])
    second = carried(table, area_set, people[ADMIN])

    assert second.pk == first.pk
    assert Datenstand.objects.count() == 1
    assert not upload_path(first.pk).exists()


def test_a_rejected_file_handed_in_again_stays_rejected_with_its_findings(area_set, people):
    table = builders.make_cells(CELLS)
    table.loc[7, "haushalte"] = 3

    first = carried(table, area_set, people[ADMIN])
    second = carried(table, area_set, people[ADMIN])

    assert (second.pk, second.state) == (first.pk, Delivery.State.REJECTED)
    assert Run.objects.filter(delivery_id=first.pk).count() == 2  # looked at, then refused by the check


@pytest.mark.parametrize("code", ["E-SPEICHER", "E-ZEIT"])
def test_a_file_that_was_too_much_for_the_machine_may_come_again(area_set, people, code):
    table = builders.make_cells(CELLS)
    first = builders.hand_in(builders.as_supplier_file(table), area_set, people[ADMIN])
    Delivery.objects.filter(pk=first.pk).update(state=Delivery.State.REJECTED)
    StoredFinding.objects.create(
        delivery=first, row=0, code=code, severity="contract", text="zu viel", suggestion="später"
    )

    second = carried(table, area_set, people[ADMIN])

    assert second.pk != first.pk
    assert second.state == Delivery.State.AWAITING  # a file that was refused before is asked about


def test_one_cell_below_the_minimum_refuses_the_file_and_stores_nothing(area_set, people):
    table = builders.make_cells(CELLS)
    table.loc[5, "haushalte"] = 3

    delivery = carried(table, area_set, people[ADMIN])

    assert delivery.state == Delivery.State.REJECTED
    assert [finding.row for finding in delivery.findings.filter(code="E-HH-MIN")] == [7]
    assert builders.count_cells(delivery.pk) == 0
    assert not AreaTotal.objects.exists()
    assert not upload_path(delivery.pk).exists()
    later = list_stages(delivery.pk)[2:]
    assert [(line.state, line.state_text) for line in later] == [("waiting", "angehalten")] * len(later)


def test_an_area_without_debt_data_says_not_delivered_and_never_zero(area_set, people):
    table = builders.make_cells(CELLS)
    table.loc[table["gebiet_nr"] == 2, ["schuldner_hart", "schuldner_weich"]] = -1

    delivery = carried(table, area_set, people[ADMIN])

    figure = Figure.objects.get(datenstand__delivery=delivery, indicator="debt_rate", area__number=2)
    assert (figure.state, figure.value) == ("not_delivered", None)


def test_a_failed_stage_stops_the_later_ones_and_starting_again_resumes_there(area_set, people, monkeypatch):
    from microcells import one_pass

    def broken(*_):
        raise RuntimeError("4711 Euro")

    with monkeypatch.context() as patch:
        patch.setattr(one_pass, "load_cells", broken)
        delivery = carried(builders.make_cells(CELLS), area_set, people[ADMIN])
    assert delivery.state == Delivery.State.FAILED
    assert [line.state for line in list_stages(delivery.pk)] == ["succeeded"] * 4 + ["failed"] + ["waiting"]
    assert "4711" not in " ".join(line.message for line in list_stages(delivery.pk))

    resume(delivery.pk)

    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.COMPUTED
    assert Run.objects.filter(delivery_id=delivery.pk, stage="microcells.build_microcells").count() == 1


def test_cells_half_stored_by_a_killed_worker_are_not_seen_and_are_replaced(area_set, people):
    raw = builders.as_supplier_file(builders.make_cells(CELLS))
    delivery = builders.hand_in(raw, area_set, people[ADMIN])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {partition_name(delivery.pk)} (LIKE microcells_microcell)")

    assert builders.count_cells(delivery.pk) == 0
    start(delivery.pk)

    assert builders.count_cells(delivery.pk) == 270


def test_a_second_person_releases_and_whoever_asked_cannot(area_set, people):
    delivery = carried(builders.make_cells(CELLS), area_set, people[ADMIN])
    draft = Datenstand.objects.get(delivery=delivery)

    with pytest.raises(StateError, match="nicht selbst freigeben"):
        release_datenstand(draft.pk, people[ADMIN])
    with pytest.raises(Datenstand.DoesNotExist):
        selectors.get_datenstand()
    builders.release(draft.pk, people[PLANNER])

    assert selectors.get_datenstand().pk == draft.pk
    with pytest.raises(StateError, match="bereits freigegeben"):
        release_datenstand(draft.pk, people[PLANNER])


def test_taking_back_makes_the_one_before_current_again(area_set, people):
    released = []
    for seed in (1, 2):
        delivery = carried(builders.make_cells(CELLS, seed=seed), area_set, people[ADMIN])
        released.append(Datenstand.objects.get(delivery=delivery))
        builders.release(released[-1].pk, people[PLANNER])
    assert selectors.get_datenstand().pk == released[1].pk

    withdraw_datenstand(released[1].pk, people[PLANNER])

    assert selectors.get_datenstand().pk == released[0].pk
