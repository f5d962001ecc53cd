"""Outlines that can, and outlines that cannot, divide a city."""

import numpy as np
import pytest
import shapely

from kodala.core.errors import InputError
from microcells.domain.area_check import check_areas


def square(x, y, size=100):
    return shapely.box(x, y, x + size, y + size)


def refusal(numbers, names, outlines):
    with pytest.raises(InputError) as caught:
        check_areas(numbers, names, np.array(outlines, dtype=object))
    return [finding.text for finding in caught.value.findings]


def test_neighbours_with_a_common_border_are_accepted():
    check_areas([1, 2], ["Norf", "Erfttal"], np.array([square(0, 0), square(100, 0)], dtype=object))


def test_a_hair_crack_from_rounding_is_accepted():
    check_areas([1, 2], ["Norf", "Erfttal"], np.array([square(0, 0), square(100.3, 0)], dtype=object))


def test_overlaps_name_both_areas():
    texts = refusal([1, 2], ["Norf", "Erfttal"], [square(0, 0), square(90, 0)])

    assert texts == ["Norf und Erfttal überlappen sich auf 1.000 m²."]


def test_a_hole_names_the_areas_around_it():
    ring = square(0, 0, 300).difference(square(100, 100))

    assert refusal([1], ["Norf"], [ring]) == ["In Norf liegt eine Lücke von 10.000 m²."]


def test_duplicate_numbers_name_their_areas():
    texts = refusal([7, 7], ["Norf", "Erfttal"], [square(0, 0), square(100, 0)])

    assert texts == ["Die Nummer 7 kommt 2-mal vor: Norf, Erfttal."]


@pytest.mark.parametrize(
    ("outline", "text"),
    [
        (shapely.Polygon(), "Norf hat keine Fläche."),
        (None, "Norf hat keine Fläche."),
        (shapely.Point(1, 1), "Norf ist keine Fläche."),
        (
            shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)]),
            "Der Umriss von Norf ist ungültig, zum Beispiel weil er sich selbst schneidet.",
        ),
    ],
)
def test_broken_outlines_are_named(outline, text):
    assert refusal([1], ["Norf"], [outline]) == [text]


def test_a_file_without_areas_is_refused():
    assert refusal([], [], []) == ["Die Datei enthält kein Gebiet."]
