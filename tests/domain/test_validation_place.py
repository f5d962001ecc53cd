"""Where a row belongs: areas named, derived from districts, derived from points."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from microcells.domain.area_index import AreaIndex
from microcells.domain.validation import Validator
from tests.domain.delivery_files import CITY, HOUSE, SCHEMAS, TODAY, as_file, cells, codes_of, read, validate

SMALL_BLOCK = 700  # bytes, less than two rows


def area_of(change):
    """The area that a row ends up in."""
    raw = as_file(cells(change))
    validator = Validator(SCHEMAS["microcells"], CITY, invented=False, today=TODAY)
    (block,) = read(raw)
    return validator.check(block).rows.numbers["area_number"].tolist()


def test_the_area_follows_from_number_then_district_then_point():
    assert area_of({}) == [1.0]
    assert area_of({"gebiet_nr": "", "bezirk_nr": "15"}) == [14.0]
    assert area_of({"gebiet_nr": "", "bezirk_nr": "", "x": "341200"}) == [14.0]
    assert area_of({"gebiet_nr": "", "bezirk_nr": "", "x": "339960"}) == [1.0]


@pytest.mark.parametrize(
    ("x", "codes"),
    [
        ("341000", []),  # on the border
        ("341050", []),  # 50 m inside the neighbour
        ("341051", ["E-BEREICH"]),
        ("339950", []),  # 50 m outside the city
        ("339949", ["E-BEREICH"]),
    ],
)
def test_a_point_may_lie_fifty_metres_beside_its_area(x, codes):
    assert codes_of({"x": x}) == codes


def texts(change):
    return [finding.text for finding in validate(as_file(cells(change))).findings]


def test_says_whether_a_point_lies_outside_the_city_or_in_another_area():
    assert texts({"x": "339000"}) == ["Der Punkt liegt mehr als 50 m außerhalb der Stadt."]
    assert texts({"x": "341500"}) == [
        "Der Punkt liegt mehr als 50 m außerhalb des Beobachtungsgebiets der Zeile."
    ]
    assert texts({"gebiet_nr": "", "bezirk_nr": "", "x": "339000"}) == [
        "Der Punkt liegt mehr als 50 m außerhalb der Stadt."
    ]


def test_half_a_point_is_named():
    assert texts({"y": ""}) == ["Die Zeile nennt nur eine der beiden Koordinaten."]


def test_an_unreadable_coordinate_is_not_half_a_point_as_well():
    assert codes_of({"y": "hier"}) == ["E-ZAHL"]


def test_points_in_degrees_refuse_the_file_with_one_finding():
    result = validate(as_file(cells({"x": "6.69", "y": "51.2"}, {"x": "6.7", "y": "51.19"})))

    assert [finding.text for finding in result.findings] == ["Die Koordinaten sind in Grad angegeben."]
    assert result.reasons[0].startswith("Die Koordinaten sind in Grad angegeben; gelesen werden Meter")


@pytest.mark.parametrize("named", ["1", "5", "99", ""])
def test_no_row_of_a_file_in_degrees_counts(named):
    point = {"x": "51.2", "y": "6.69", "gebiet_nr": named}

    result = validate(as_file(cells(point, point, point)))

    assert [finding.code for finding in result.findings] == ["E-BEREICH"]
    assert (result.n_ok, result.profile.n_cells.tolist()) == (0, [0, 0])


def test_a_house_list_in_degrees_is_refused():
    houses = [{**HOUSE, "haus_id": f"H{number}", "x": "51.2", "y": "6.69"} for number in (1, 2)]

    result = validate(as_file(houses), "houses")

    assert result.reasons[0].startswith("Die Koordinaten sind in Grad angegeben")
    assert result.n_ok == 0


def test_points_of_zero_are_no_degrees_even_in_a_block_of_their_own():
    raw = as_file(cells({}, {"x": "0", "y": "0"}, {"x": "0", "y": "0"}))
    assert len(read(raw, block_bytes=SMALL_BLOCK)) > len(read(raw)) == 1

    result = validate(raw, block_bytes=SMALL_BLOCK)

    assert {finding.text for finding in result.findings} == {
        "Der Punkt liegt mehr als 50 m außerhalb der Stadt."
    }
    assert result.findings == validate(raw).findings


def test_swapped_coordinates_lie_outside_the_city():
    assert codes_of({"x": "5670500", "y": "340500"}) == ["E-BEREICH"]


def test_without_an_area_set_numbers_are_taken_as_named():
    assert codes_of({"gebiet_nr": "7", "x": "1000", "y": "1000"}, areas=None) == []


def test_without_districts_in_the_area_set_a_named_area_decides():
    plain = AreaIndex(CITY.numbers, CITY.outlines)

    assert codes_of({"bezirk_nr": "14"}, areas=plain) == []


def test_a_point_equally_near_to_two_areas_belongs_to_the_lower_number():
    gap = AreaIndex(np.array([9, 2]), np.array([shapely.box(0, 0, 10, 10), shapely.box(20, 0, 30, 10)]))

    assert gap.locate(np.array([15.0, 14.0, 100.0, np.nan]), np.array([5.0] * 4), 50.0).tolist() == [
        2,
        9,
        0,
        0,
    ]


@pytest.mark.parametrize(
    ("numbers", "message"),
    [([1], "do not name 2 outlines"), ([1, 1], "do not name 2 outlines"), ([0, 1], "not positive")],
)
def test_an_area_index_must_fit_together(numbers, message):
    with pytest.raises(ValueError, match=message):
        AreaIndex(np.array(numbers), CITY.outlines)


coordinate = st.integers(-1000, 2000).map(lambda tenth: tenth / 10)


@settings(max_examples=60, deadline=None)
@given(
    points=st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=20),
    tolerance=st.integers(0, 60).map(lambda metres: metres + 0.05),
)
def test_location_agrees_with_plain_distances(points, tolerance):
    outlines = [shapely.box(0, 0, 50, 100), shapely.Point(100, 50).buffer(40), shapely.box(50, 120, 90, 160)]
    areas = AreaIndex(np.array([4, 2, 7]), np.array(outlines))
    x, y = np.array(points).T

    found = areas.locate(x, y, tolerance)

    for place, point in enumerate(points):
        distances = {
            number: shapely.distance(outline, shapely.Point(point))
            for number, outline in zip([4, 2, 7], outlines, strict=True)
        }
        nearest = min(distances.values())
        if found[place]:
            assert distances[int(found[place])] == nearest
        else:
            assert nearest >= tolerance
        for number, distance in distances.items():
            is_near = areas.are_near(
                np.array([number]), x[place : place + 1], y[place : place + 1], tolerance
            )
            assert is_near.tolist() == [distance <= tolerance]
