"""The walk through a city: which house comes after which."""

from __future__ import annotations

import numpy as np
import pytest

from microcells.domain.ordering import hilbert_index, walk_through, walking_order
from tests.domain.houses import random_village, row_of_houses


def test_walks_up_the_odd_side_and_down_the_even_side():
    houses = row_of_houses(
        [4] * 6, range(6), house_number=[2, 1, 4, 3, 3, 3], house_suffix=["", "", "", "b", None, "a"]
    )

    order, _ = walking_order(houses)

    assert order.tolist() == [1, 4, 5, 3, 2, 0]


def test_a_delivered_side_overrules_the_number():
    houses = row_of_houses([4] * 3, range(3), house_number=[1, 2, 3], street_side=["r", "l", None])

    order, _ = walking_order(houses)

    assert order.tolist() == [1, 2, 0]


def test_columns_without_any_suffix_or_side_are_as_good_as_none():
    houses = row_of_houses(
        [4] * 3, range(3), house_number=[1, 2, 3], house_suffix=[np.nan] * 3, street_side=[None] * 3
    )

    order, _ = walking_order(houses)

    assert order.tolist() == [0, 2, 1]


def test_hilbert_curve_visits_the_four_quarters_in_a_row():
    column, row = np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0])

    assert hilbert_index(column, row, order=1).tolist() == [0, 1, 2, 3]


def test_hilbert_curve_steps_to_a_neighbouring_square_each_time():
    column, row = (axis.ravel() for axis in np.meshgrid(np.arange(16), np.arange(16)))

    along = np.argsort(hilbert_index(column, row, order=4))

    steps = np.abs(np.diff(column[along])) + np.abs(np.diff(row[along]))
    assert steps.tolist() == [1] * 255


def test_houses_of_one_number_come_in_the_order_of_their_keys():
    houses = row_of_houses([4] * 4, range(4), house_number=[7, 7, 5, 7], house_key=["b", "c", "z", "a"])

    order, _ = walking_order(houses)

    assert order.tolist() == [2, 3, 0, 1]


def test_numbers_far_too_long_for_one_code_sort_just_the_same():
    numbers = np.array([4 * 10**18 + 1, 3, 4 * 10**18 + 1, 5])
    houses = row_of_houses(
        [4] * 4, range(4), house_number=numbers, house_suffix=["c", "", "b", ""], street=["s"] * 4
    )

    order, _ = walking_order(houses)

    assert order.tolist() == [1, 3, 2, 0]


@pytest.mark.parametrize("seed", range(3))
def test_a_sort_by_column_after_column_gives_the_same_walk(seed):
    houses = random_village(seed, 300, n_areas=3).assign(house_number=np.arange(300) % 17)

    walk, order = walk_through(houses)
    own = houses.iloc[order].assign(street=walk.street)
    is_even = own["house_number"] % 2 == 0
    keys = (own["house_key"], own["house_number"].mask(is_even, -own["house_number"]), is_even, own["street"])

    assert (np.lexsort(keys) == np.arange(300)).all()
    assert (np.diff(walk.area) >= 0).all()
