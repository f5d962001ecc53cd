"""Whole cities: the goals of bundling hold for the invented city and for the real house list."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace

import numpy as np
import pytest

from microcells.demo.facts import bundling_rules
from microcells.demo.population import make_houses
from microcells.domain.bundling import bundle, bundle_houses, cells_from_houses
from microcells.domain.bundling_rules import BundlingRules
from microcells.domain.certificate import certify
from microcells.house_lists import rules_for
from tests.domain.houses import REAL_HOUSES, real_city

needs_real_city = pytest.mark.skipif(
    not REAL_HOUSES.exists(), reason="the census house list is not on this machine"
)


@pytest.fixture(scope="module", params=["invented", pytest.param("real", marks=needs_real_city)])
def houses(request):
    return make_houses() if request.param == "invented" else real_city()


@pytest.fixture(scope="module")
def bundled(houses):
    return bundle_houses(houses, bundling_rules())


def test_meets_every_goal(houses, bundled):
    cells = cells_from_houses(houses, bundled.cell)

    proof = certify(houses, bundled.cell, cells, bundled.rules)

    assert proof.holds
    assert proof.share_below_minimum == 0
    assert proof.cells_across_areas == proof.cells_apart == 0
    assert proof.households_mean == pytest.approx(6.0, abs=0.05)
    assert proof.households_in == houses["households"].sum()
    assert proof.cells_above_limits <= 2


def test_swaps_draw_the_cells_together(houses, bundled):
    without = bundle(houses, replace(bundled.rules, swap_passes=0))

    radius = [
        certify(houses, cell, cells_from_houses(houses, cell), bundled.rules).rms_radius_m
        for cell in (bundled.cell, without)
    ]

    assert radius[0] < 0.9 * radius[1]


def test_the_same_to_the_byte_in_any_order_of_rows(houses, bundled):
    shuffle = np.random.default_rng(7).permutation(len(houses))
    again = np.empty(len(houses), dtype=np.int64)

    again[shuffle] = bundle(houses.iloc[shuffle], bundling_rules())

    digests = {hashlib.sha256(cell.tobytes()).hexdigest() for cell in (bundled.cell, again)}
    assert len(digests) == 1


@needs_real_city
def test_bundles_a_real_city_within_seconds():
    houses = real_city()

    start = time.process_time()
    cell = bundle(houses, BundlingRules())
    seconds = time.process_time() - start

    households = np.bincount(cell, houses["households"])
    assert households.min() >= 4
    assert households.sum() == 69_437
    assert seconds < 4


def test_only_lists_longer_than_a_state_go_without_swaps():
    assert rules_for(5_000_000).swap_passes == 3
    assert rules_for(5_000_001).swap_passes == 0
