"""Stored cells: the same whatever the order of the file, area by area on disk, read back completely."""

import numpy as np
import pandas as pd
import pytest
from django.db import connection

from kodala.dashboard.access import ADMIN
from kodala.pipeline import start
from kodala.publication.models import Figure
from microcells.cells_table import partition_name
from microcells.selectors import list_areas, list_delivered_columns, load_cells
from tests import builders

pytestmark = pytest.mark.django_db(transaction=True)
CELLS = {1: 120, 2: 90}  # area 3 has none


def carried(table, area_set, person):
    delivery = builders.hand_in(builders.as_supplier_file(table), area_set, person)
    start(delivery.pk)
    return delivery


def figures_of(delivery):
    rows = Figure.objects.filter(datenstand__delivery=delivery).order_by("indicator", "area")
    return list(rows.values_list("indicator", "area", "value", "lower", "upper", "state"))


def areas_on_disk(delivery):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT area_id FROM {partition_name(delivery.pk)} ORDER BY ctid")
        return [area_id for (area_id,) in cursor.fetchall()]


def test_rows_in_any_order_give_the_same_figures_and_lie_area_by_area(area_set, people):
    table = builders.make_cells(CELLS)
    shuffled = table.sample(frac=1, random_state=7)

    in_order, out_of_order = (carried(one, area_set, people[ADMIN]) for one in (table, shuffled))

    assert out_of_order.pk != in_order.pk
    assert figures_of(out_of_order) == figures_of(in_order) != []
    assert areas_on_disk(out_of_order) == sorted(areas_on_disk(out_of_order))


def test_rows_that_blocks_cannot_bring_together_are_put_in_order_in_the_table(area_set, people, monkeypatch):
    monkeypatch.setattr("microcells.copying._by_area", lambda block: block)  # as if blocks were tiny
    table = builders.make_cells(CELLS).sample(frac=1, random_state=7)

    delivery = carried(table, area_set, people[ADMIN])

    assert areas_on_disk(delivery) == sorted(areas_on_disk(delivery))


def test_every_area_is_read_with_its_cells_in_the_order_of_their_keys(area_set, people):
    table = builders.make_cells(CELLS).sample(frac=1, random_state=7)
    areas = list_areas(area_set.pk)
    delivery = carried(table, area_set, people[ADMIN])

    read = list(load_cells(delivery.pk, ["adults", "type_1"], [area.pk for area in areas]))

    assert [cells.area_id for cells in read] == [area.pk for area in areas]
    for area, cells in zip(areas, read, strict=True):
        own = table[table["gebiet_nr"] == area.number].sort_values("mz_id")
        assert cells.columns["adults"].tolist() == own["erwachsene"].tolist()
        assert np.isnan(cells.columns["type_1"]).all()
    assert len(read[2].columns["adults"]) == 0


def test_a_column_without_any_value_does_not_count_as_delivered(area_set, people):
    table = pd.concat([builders.make_cells(CELLS), pd.DataFrame({"alq": [-1] * 210})], axis=1)
    delivery = carried(table, area_set, people[ADMIN])

    columns = list_delivered_columns(delivery.pk)

    assert {"adults", "mean_debt_eur"} <= columns
    assert columns.isdisjoint({"unemployment_percent", "type_1", "seniors_75plus"})
