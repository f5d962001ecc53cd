"""Why an area has its type, and what would have to change."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kodala.core.definitions import read_definition
from typology.domain.explanation import explain, in_units
from typology.domain.rules import typology_rules

RULES = typology_rules(read_definition(Path(__file__).parents[2] / "typology/definitions.toml").content)


def distance(z, k):
    return float(RULES.weights @ (np.array(z) - RULES.prototypes[k]) ** 2)


@settings(max_examples=25)
@given(z=st.lists(st.floats(-3, 3), min_size=8, max_size=8))
def test_contributions_sum_to_the_difference_and_tipping_equalises_the_distances(z):
    found = explain(z, RULES)

    gap = distance(z, found.second) - distance(z, found.first)
    assert gap >= -1e-9
    assert sum(found.contributions) == pytest.approx(gap, abs=1e-9)
    for j, step in enumerate(found.tipping):
        if step is not None:
            assume(abs(step) < 1e4)
            moved = [value + step * (i == j) for i, value in enumerate(z)]
            assert distance(moved, found.first) == pytest.approx(
                distance(moved, found.second), rel=1e-6, abs=1e-6
            )


def test_the_point_of_a_prototype_is_explained_by_it():
    found = explain(tuple(RULES.prototypes[2]), RULES)

    assert found.first == 2
    assert len(found.strongest) == 3
    assert found.contributions[found.strongest[0]] == max(found.contributions)


def test_the_origin_is_nearest_to_type_seven():
    # d²(7) = .36+.49+.04+.25 + .5·(1.0+0+.01+.16) = 1.725; next is type 5 or 8 or farther
    found = explain((0.0,) * 8, RULES)

    assert found.first == 6
    assert distance((0.0,) * 8, 6) == pytest.approx(1.725)


def test_the_nearest_change_is_the_smallest_within_three():
    found = explain((0.0,) * 8, RULES)

    steps = [abs(step) for step in found.tipping if step is not None]
    assert abs(found.tipping[found.nearest]) == min(steps) <= 3


def test_an_unknown_dimension_speaks_for_nobody():
    found = explain((0.2, -0.3, None, 0.1, 0.4, 0.0, 0.3, 0.1), RULES)

    assert found.contributions[2] == 0.0
    assert found.tipping[2] is None


def test_too_few_known_dimensions_cannot_be_explained():
    assert explain((None, None, None, 0.1, 0.4, 0.0, 0.3, 0.1), RULES) is None


def test_changes_are_told_in_units():
    mean = (0.0,) * 8
    found = explain(mean, RULES)

    duration = in_units(found, 1, mean, RULES, 2021)
    income = in_units(found, 6, mean, RULES, 2023)
    reason = in_units(found, 2, mean, RULES, 2021)

    assert duration.before == pytest.approx(6.284, abs=1e-3)  # e^1.838 years
    assert duration.unit == "Jahre"
    assert income.before == pytest.approx(26010 * 0.980199, rel=1e-5)  # 25 000 · 1.02² · e^−.020
    assert 0 < reason.before < 100
    assert 0 < reason.after < 100
