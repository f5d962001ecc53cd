"""Display cells through the pipeline: made once, added up, and the same for every later delivery."""

import datetime as dt

import numpy as np
import pytest
from django.db import connection

from kodala.core.runs import get_result_run
from kodala.dashboard.access import ADMIN
from kodala.pipeline import start
from microcells.cells_table import partition_name
from microcells.display_cells import NO_COORDINATES, TOO_MANY, prepare_display_cells, why_no_display_cells
from microcells.house_lists import bundling_definition
from microcells.models import AreaTotal, DisplayCell, DisplayCellSum, DisplaySeeds
from seniors.models import AreaScore
from tests import builders
from typology.models import AreaType

pytestmark = pytest.mark.django_db(transaction=True)
CELLS = {1: 120, 2: 90, 3: 60}
STAGE = "areas.compute_figures"
EARLIER = dt.date(2022, 10, 1)


def carried(table, area_set, person):
    delivery = builders.hand_in(builders.as_supplier_file(table), area_set, person)
    start(delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == "computed"
    return delivery


def sums(delivery, indicator):
    """Area id -> numerator and denominator, added up over the display cells."""
    rows = DisplayCellSum.objects.filter(run=get_result_run(STAGE, delivery.pk), indicator=indicator)
    found = {}
    for area, numerator, denominator in rows.values_list("display_cell__area", "numerator", "denominator"):
        above, below = found.get(area, (0.0, 0.0))
        found[area] = (above + numerator, below + (denominator or 0.0))
    return found


def test_display_cells_add_up_to_every_result_of_their_area(area_set, people):
    delivery = carried(builders.make_cells(CELLS), area_set, people[ADMIN])

    for indicator, model, stage in (
        ("households", AreaTotal, "microcells.total_areas"),
        ("persons", AreaTotal, "microcells.total_areas"),
        ("adults", AreaTotal, "microcells.total_areas"),
        ("seniors", AreaTotal, "microcells.total_areas"),
        ("debt_rate", AreaType, STAGE),
        ("offline_share", AreaScore, STAGE),
    ):
        results = model.objects.filter(
            run=get_result_run(stage, delivery.pk), indicator=indicator, area__isnull=False
        )
        own = sums(delivery, indicator)
        assert len(own) == 3
        for area, numerator, denominator in results.values_list("area", "numerator", "denominator"):
            assert own[area][0] == pytest.approx(numerator, rel=1e-9), indicator
            assert own[area][1] == pytest.approx(denominator or 0.0, rel=1e-9), indicator


def test_every_display_cell_holds_a_hundred_households_and_has_its_outline(area_set, people):
    table = builders.make_cells(CELLS)
    delivery = carried(table, area_set, people[ADMIN])

    cells = list(DisplayCell.objects.filter(area_set=area_set))
    households = DisplayCellSum.objects.filter(
        run=get_result_run(STAGE, delivery.pk), indicator="households"
    ).values_list("numerator", flat=True)
    assert [cell.number for cell in cells] == list(range(1, len(cells) + 1))
    assert min(households) >= 100
    assert sum(households) == table["haushalte"].sum()
    assert sum(cell.outline.area for cell in cells) == pytest.approx(3 * builders.SIDE_M**2)


def test_a_second_delivery_keeps_the_partition(area_set, people):
    carried(builders.make_cells(CELLS, reference_date=EARLIER), area_set, people[ADMIN])
    before = list(DisplayCell.objects.values_list("pk", "number", "outline"))
    seeds = [bytes(one) for one in DisplaySeeds.objects.order_by("pk").values_list("seeds", flat=True)]

    other = carried(builders.make_cells({1: 150, 2: 70, 3: 60}, seed=9), area_set, people[ADMIN])

    assert list(DisplayCell.objects.values_list("pk", "number", "outline")) == before
    assert [
        bytes(one) for one in DisplaySeeds.objects.order_by("pk").values_list("seeds", flat=True)
    ] == seeds
    rows = DisplayCellSum.objects.filter(run=get_result_run(STAGE, other.pk), indicator="debt_rate")
    assert set(rows.values_list("display_cell", flat=True)) == {pk for pk, *_ in before}


def test_an_area_without_cells_so_far_gets_its_display_cells_later(area_set, people):
    carried(builders.make_cells({1: 120, 2: 90}, reference_date=EARLIER), area_set, people[ADMIN])
    before = set(DisplayCell.objects.values_list("pk", flat=True))
    assert not DisplayCell.objects.filter(area__number=3).exists()

    carried(builders.make_cells(CELLS), area_set, people[ADMIN])

    assert before < set(DisplayCell.objects.values_list("pk", flat=True))
    assert DisplayCell.objects.filter(area__number=3).exists()


def test_without_coordinates_there_are_no_display_cells(area_set, people):
    delivery = carried(builders.make_cells(CELLS).drop(columns=["x", "y"]), area_set, people[ADMIN])

    assert get_result_run(STAGE, delivery.pk).parameters["no_display_cells"] == NO_COORDINATES
    assert not DisplayCell.objects.exists()
    assert not DisplayCellSum.objects.exists()


def test_one_microcell_without_coordinates_is_enough(area_set, people):
    delivery = carried(builders.make_cells(CELLS), area_set, people[ADMIN])
    assert why_no_display_cells(delivery) == ""

    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {partition_name(delivery.pk)} SET x = NULL WHERE cell_key = 'Z-00007'")

    assert why_no_display_cells(delivery) == NO_COORDINATES


def test_a_delivery_of_a_whole_country_has_no_display_cells(area_set, people, monkeypatch):
    monkeypatch.setitem(bundling_definition().content["display_cells"], "most_cells", 269)

    delivery = carried(builders.make_cells(CELLS), area_set, people[ADMIN])

    assert get_result_run(STAGE, delivery.pk).parameters["no_display_cells"] == TOO_MANY
    assert not DisplayCellSum.objects.exists()


def test_the_order_of_the_rows_changes_no_display_cell(area_set, people):
    table = builders.make_cells(CELLS)
    delivery = carried(table, area_set, people[ADMIN])
    before = list(DisplayCell.objects.order_by("number").values_list("number", "outline"))

    shuffled = table.iloc[np.random.default_rng(3).permutation(len(table))]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE microcells_displaycell, microcells_displayseeds CASCADE")
    again = carried(shuffled.assign(personen=table["personen"] + 1), area_set, people[ADMIN])

    assert again.pk != delivery.pk
    assert list(DisplayCell.objects.order_by("number").values_list("number", "outline")) == before
    assert prepare_display_cells(again) == ""
    assert list(DisplayCell.objects.order_by("number").values_list("number", "outline")) == before
