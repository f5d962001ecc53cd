"""The schematic map of the invented city tiles its outline."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
import shapely

from microcells.demo.facts import FOLDER
from microcells.demo.geography import area_shapes, district_shapes, write_areas

ENLARGED = 1.0091  # the districts with a known size are stretched to fill the city of 99.53 km²


def test_twenty_four_areas_tile_the_city():
    areas = area_shapes()
    shapes = list(areas["shape"])

    assert len(areas) == 24
    assert shapely.coverage_is_valid(shapes)
    assert {shape.geom_type for shape in shapes} == {"Polygon"}
    assert sum(len(shape.interiors) for shape in shapes) == 0
    assert sum(shape.area for shape in shapes) / 1e6 == pytest.approx(99.40, abs=0.01)


def test_districts_keep_their_published_size():
    published = pd.read_csv(FOLDER / "districts.csv").set_index("number")["area_km2"].dropna()

    sizes = pd.Series({number: shape.area / 1e6 for number, shape in district_shapes().items()})

    assert (sizes[published.index] / published).to_numpy() == pytest.approx(ENLARGED, rel=0.01)


def test_joined_areas_carry_the_main_district_first():
    names = area_shapes().set_index("nummer")["name"]

    assert names[1] == "Innenstadt / Hafengebiet"
    assert names[14] == "Stadionviertel / Westfeld"
    assert names[18] == "Furth-Mitte / Morgensternsheide"
    assert names[25] == "Hoisten / Speck / Wehl / Helpenstein"
    assert names[12] == "Reuschenberg"


def test_neighbours_touch_as_on_the_real_map():
    shape = area_shapes().set_index("nummer")["shape"]

    assert shape[12].intersection(shape[11]).length > 30
    assert shape[24].intersection(shape[8]).is_empty


def test_the_file_holds_number_name_districts_and_whole_metres(tmp_path):
    collection = json.loads(write_areas(tmp_path / "gebiete.geojson").read_text(encoding="utf-8"))
    joined = collection["features"][12]

    corners = np.array(joined["geometry"]["coordinates"][0])
    assert collection["crs"]["properties"]["name"].endswith("25832")
    assert joined["properties"] == {"nummer": 14, "name": "Stadionviertel / Westfeld", "bezirke": "14,15"}
    assert (corners == corners.round()).all()
    assert len(collection["features"]) == 24
