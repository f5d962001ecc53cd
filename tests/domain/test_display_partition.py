"""Display cells over the years: one partition, found again by the nearest place, tiling its area."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
import shapely

from microcells.domain.display_outlines import outline_cells
from microcells.domain.display_partition import (
    Seeds,
    assign_cells,
    display_cell_rules,
    find_parts,
    make_seeds,
)
from tests.domain.test_display_cells import RULES

SQUARE = shapely.box(0, 0, 1000, 1000)


def scatter(seed, n=300, side=1000):
    rng = np.random.default_rng(seed)
    return rng.uniform(0, side, n).round(1), rng.uniform(0, side, n).round(1), rng.integers(4, 12, n)


@pytest.fixture(scope="module")
def seeds():
    return make_seeds(*scatter(1), RULES)


def test_the_microcells_that_made_the_seeds_get_back_their_own_display_cell(seeds):
    x, y, households = scatter(1)

    own = assign_cells(x, y, seeds)

    sizes = np.bincount(own, households)
    assert sizes.min() >= 100
    assert len(sizes) == len(np.unique(seeds.number))
    at = {(a, b): number for a, b, number in zip(seeds.x, seeds.y, seeds.number, strict=True)}
    assert own.tolist() == [at[a, b] for a, b in zip(np.rint(x), np.rint(y), strict=True)]


def test_other_microcells_go_with_the_nearest_place(seeds):
    x, y, _ = scatter(2, n=500)

    own = assign_cells(x, y, seeds)

    for a, b, number in zip(np.rint(x), np.rint(y), own, strict=True):
        squared = (seeds.x - a) ** 2 + (seeds.y - b) ** 2
        assert number == seeds.number[squared == squared.min()].min()


def test_a_later_delivery_moves_no_microcell_that_stayed(seeds):
    x, y, _ = scatter(1)
    other = scatter(2, n=500)
    before = assign_cells(x, y, seeds)

    together = assign_cells(np.append(other[0], x), np.append(other[1], y), seeds)

    assert together[500:].tolist() == before.tolist()


@pytest.mark.parametrize("numbers", list(permutations([5, 7, 9, 11])))
def test_of_equally_near_places_the_lowest_number_wins(numbers):
    seeds = Seeds(np.array([10, 0, -10, 0]), np.array([0, 10, 0, -10]), np.array(numbers))

    assert assign_cells(np.array([0.0]), np.array([0.0]), seeds).tolist() == [5]


def test_microcells_at_one_place_are_never_parted():
    x, y, households = np.array([5.0, 5.3, 300.0]), np.array([5.0, 5.2, 300.0]), np.array([120, 120, 150])

    seeds = make_seeds(x, y, households, RULES)

    assert (seeds.x.tolist(), seeds.number.tolist()) == ([5, 300], [0, 1])


@pytest.mark.parametrize(("households", "n_cells"), [([5, 5], None), ([6, 5], 1), ([60, 39], 1)])
def test_a_small_area_is_one_display_cell_and_a_tiny_one_is_none(households, n_cells):
    seeds = make_seeds(np.array([0.0, 900.0]), np.array([0.0, 900.0]), np.array(households), RULES)

    assert (None if seeds is None else len(np.unique(seeds.number))) == n_cells


def test_no_definition_lowers_the_floor_of_eleven_households():
    assert display_cell_rules(replace(RULES, minimum=11)).minimum == 11
    with pytest.raises(ValueError, match="needs 11 households, not 10"):
        display_cell_rules(replace(RULES, minimum=10))


def test_sums_over_display_cells_leave_out_what_is_missing():
    seeds = Seeds(np.array([0, 100]), np.array([0, 0]), np.array([41, 42]))
    parts = find_parts(np.array([99.0, 1.0, 2.0]), np.zeros(3), seeds)

    assert parts.sum(np.array([5.0, np.nan, 2.0])).tolist() == [2.0, 5.0]
    assert parts.coverage(np.array([5.0, np.nan, 2.0]), np.array([10.0, 30.0, 10.0])).tolist() == [0.25, 1.0]


AREAS = {
    "square": SQUARE,
    "with a hole": SQUARE.difference(shapely.box(400, 400, 600, 600)),
    "two parts": shapely.MultiPolygon([shapely.box(0, 0, 450, 1000), shapely.box(550, 0, 1000, 1000)]),
    "smaller than its microcells": shapely.box(200, 200, 800, 800),
}


@pytest.mark.parametrize("area", AREAS.values(), ids=AREAS)
def test_display_cells_tile_their_area_without_overlap(seeds, area):
    outlines = outline_cells(seeds, area)

    assert len(outlines) == len(np.unique(seeds.number))
    assert all(isinstance(one, shapely.MultiPolygon) and one.is_valid for one in outlines)
    assert sum(one.area for one in outlines) == pytest.approx(area.area, rel=1e-9)
    assert shapely.union_all(outlines).symmetric_difference(area).area < 1e-6 * area.area
    assert shapely.coverage_is_valid([one for one in outlines if not one.is_empty])


def test_outlines_hold_their_microcells_and_have_few_corners_of_the_exact_borders(seeds):
    outlines = np.array(outline_cells(seeds, SQUARE), dtype=object)

    points = shapely.multipoints(np.column_stack([seeds.x, seeds.y]).astype(float))
    around = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=SQUARE, ordered=True))
    exact = [
        shapely.union_all(around[seeds.number == number]).intersection(SQUARE)
        for number in np.unique(seeds.number)
    ]
    holds = shapely.covers(outlines[seeds.number], shapely.points(seeds.x, seeds.y))
    assert holds.mean() > 0.95
    assert shapely.get_num_coordinates(outlines).sum() < 0.7 * shapely.get_num_coordinates(exact).sum()


def test_a_display_cell_outside_its_area_has_no_outline(seeds):
    outlines = outline_cells(seeds, shapely.box(0, 0, 100, 100))

    assert any(one.is_empty for one in outlines)
    assert sum(one.area for one in outlines) == pytest.approx(10_000)
