"""The certificate of a bundling tells the truth, also about a bad one."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from microcells.domain.bundling import bundle, cells_from_houses
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.cell_sizes import CellSizes
from microcells.domain.certificate import certify

RULES = BundlingRules()


@pytest.fixture
def houses():
    return pd.DataFrame(
        {
            "house_key": ["a", "b", "c", "d", "e"],
            "street_key": ["1", "1", "2", "2", "3"],
            "house_number": [1, 3, 1, 3, 1],
            "x": [0.0, 10.0, 200.0, 210.0, 900.0],
            "y": [0.0] * 5,
            "area_number": [1, 1, 1, 1, 2],
            "households": [3, 3, 3, 3, 30],
        }
    )


def certificate_of(houses, cell, rules=RULES):
    return certify(houses, np.asarray(cell), cells_from_houses(houses, np.asarray(cell)), rules)


def test_counts_a_good_bundling(houses):
    proof = certificate_of(houses, bundle(houses, RULES))

    assert proof.holds
    assert (proof.n_houses, proof.n_cells) == (5, 3)
    assert (proof.households_in, proof.households_out) == (42, 42)
    assert (proof.households_min, proof.households_mean, proof.households_max) == (6, 14.0, 30)
    assert proof.households_cv == pytest.approx(np.sqrt(128) / 14)
    assert (proof.share_below_minimum, proof.cells_across_areas, proof.cells_over_streets) == (0, 0, 0)
    assert proof.rms_radius_m == pytest.approx(5.0)
    assert proof.cost == pytest.approx(0.2625)
    assert (proof.cells_apart, proof.cells_with_long_step, proof.longest_step_m) == (0, 0, 0)
    assert (proof.mean_of_several, proof.target) == (6.0, 6.0)
    assert (proof.cells_kept, proof.jaccard_previous, proof.seconds) == (None, None, None)


def test_names_small_cells_and_cells_across_streets_and_areas(houses):
    proof = certificate_of(houses, [0, 1, 1, 2, 2])

    assert not proof.holds
    assert proof.share_below_minimum == pytest.approx(1 / 3)
    assert proof.cells_across_areas == 1
    assert proof.cells_over_streets == 2
    assert proof.cells_above_limits == 1
    assert proof.cells_apart == 2


def test_notices_lost_households(houses):
    cell = bundle(houses, RULES)
    cells = cells_from_houses(houses, cell).assign(households=[6, 6, 29])

    assert not certify(houses, cell, cells, RULES).holds


def test_hashes_depend_on_content_and_not_on_the_order_of_rows(houses):
    cell = bundle(houses, RULES)
    shuffle = [3, 1, 4, 0, 2]
    grown = houses.assign(households=[3, 3, 3, 4, 30])

    proof = certificate_of(houses, cell)
    again = certificate_of(houses.iloc[shuffle], cell[shuffle])
    other = certificate_of(grown, bundle(grown, RULES))

    assert (proof.sha256_input, proof.sha256_output) == (again.sha256_input, again.sha256_output)
    assert proof.sha256_input != other.sha256_input
    assert proof.sha256_input != certificate_of(houses, cell, BundlingRules(target=7)).sha256_input


def test_a_bridge_to_a_lonely_house_is_named_with_its_length(houses):
    lonely = houses.assign(households=[3, 1, 3, 3, 30], x=[0.0, 100.0, 170.0, 180.0, 900.0])

    proof = certificate_of(lonely, bundle(lonely, RULES))

    assert proof.holds
    assert proof.cells_with_long_step == 1
    assert proof.longest_step_m == pytest.approx(100.0)


def test_a_cell_torn_in_two_is_refused(houses):
    torn = houses.assign(households=[4, 4, 4, 4, 30])

    proof = certificate_of(torn, [0, 1, 0, 1, 2])

    assert proof.cells_apart == 2
    assert not proof.holds


def test_delivered_cells_are_measured_block_by_block():
    sizes = CellSizes()
    for block in ([4.0, 6.0], [], [9.0, 3.0, 8.0]):
        sizes.add(np.array(block))

    proof = sizes.certify(minimum=4)

    assert (proof.n_cells, proof.households_out, proof.cells_below_minimum) == (5, 30, 1)
    assert (proof.households_min, proof.households_mean, proof.households_max) == (3, 6.0, 9)
    assert proof.households_cv == pytest.approx(np.std([4, 6, 9, 3, 8]) / 6)
    assert CellSizes().certify(4).n_cells == 0
