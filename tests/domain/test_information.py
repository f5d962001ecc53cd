"""How much of the differences between houses is lost inside cells."""

from __future__ import annotations

import numpy as np
import pytest

from microcells.domain.information import information_loss


def test_loss_is_the_weighted_spread_inside_over_the_spread_of_all():
    values = np.array([[0.0], [4.0], [10.0], [10.0]])
    households = np.array([3, 1, 2, 2])

    loss = information_loss(values, households, np.array([0, 0, 1, 1]))

    # Mean of all 5.5, of the first cell 1: inside 3·1 + 1·9 = 12, around 3·30.25 + 2.25 + 4·20.25 = 174.
    assert loss.tolist() == [pytest.approx(12 / 174)]


def test_nothing_is_lost_where_every_house_is_a_cell_and_all_in_one_single_cell():
    values = np.random.default_rng(1).normal(size=(20, 3))
    households = np.arange(1, 21)

    assert information_loss(values, households, np.arange(20)).tolist() == pytest.approx([0, 0, 0])
    assert information_loss(values, households, np.zeros(20, dtype=int)).tolist() == pytest.approx([1, 1, 1])


def test_a_value_that_is_the_same_everywhere_has_nothing_to_lose():
    assert information_loss(np.ones((3, 1)), np.array([4, 4, 4]), np.array([0, 0, 1])).tolist() == [0]
