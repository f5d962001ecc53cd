"""Memberships of cells and type counts of areas."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kodala.core.definitions import read_definition
from kodala.statistics.aggregation import Status
from typology.domain.classification import NEEDED_COLUMNS, classify_area
from typology.domain.membership import area_memberships, memberships, squared_distances, usable_weights
from typology.domain.rules import typology_rules
from typology.domain.shares import (
    count_estimates,
    group_estimates,
    location_quotients,
    mixture,
    share_estimates,
    type_shares,
)

RULES = typology_rules(read_definition(Path(__file__).parents[2] / "typology/definitions.toml").content)
REASONS = [name for name in NEEDED_COLUMNS if name.startswith("reason_")]


def build_cells(n=60, seed=1, debtors=4.0):
    """Invented cells around the frozen means."""
    rng = np.random.Generator(np.random.PCG64(seed))
    income = 25000 * np.exp(rng.normal(-0.05, 0.1, n))
    reasons = rng.dirichlet(np.full(7, 30.0), n).T * 100
    both = rng.gamma(4.0, debtors / 4.0, n)
    share = rng.uniform(0.5, 0.65, n)
    return {
        "households": rng.integers(4, 15, n).astype(np.float64),
        "adults": rng.uniform(30, 40, n),
        "debtors_hard": both * share,
        "debtors_soft": both * (1 - share),
        "creditors_per_debtor": np.exp(rng.normal(1.194, 0.11, n)),
        "purchasing_power_eur": income,
        "mean_debt_eur": income * np.exp(rng.normal(0.152, 0.25, n)),
        "debt_duration_years": np.exp(rng.normal(1.838, 0.2, n)),
        "mean_adult_age": rng.normal(49.963, 1.9, n),
        **dict(zip(REASONS, reasons, strict=True)),
    }


def with_gaps(cells, columns, rows):
    result = {name: values.copy() for name, values in cells.items()}
    for name in columns:
        result[name][rows] = np.nan
    return result


def test_two_types_at_distances_two_and_three():
    shares = memberships(np.array([[4.0], [9.0]]), np.ones(2), exponent=2.0)

    assert shares[:, 0] == pytest.approx([0.835, 0.165], abs=5e-4)


def test_a_prior_multiplies_the_membership():
    shares = memberships(np.array([[4.0], [4.0]]), np.array([3.0, 1.0]), exponent=2.0)

    assert shares[:, 0] == pytest.approx([0.75, 0.25])


def test_a_cell_on_a_prototype_belongs_to_it_alone():
    for k, prototype in enumerate(RULES.prototypes):
        assert area_memberships(prototype, RULES)[k] == pytest.approx(1.0, abs=1e-15)


def test_distances_by_hand():
    z = np.array([[1.0], [2.0]])

    distances = squared_distances(z, np.array([[0.0, 0.0], [1.0, 4.0]]), np.array([1.0, 0.5]))

    assert distances[:, 0] == pytest.approx([3.0, 2.0])  # 1 + .5·4 and 0 + .5·4


def test_known_dimensions_take_over_the_weight_of_the_missing():
    known = np.array([True, True, False, True, True, True, True, True])

    weights = usable_weights(known, RULES.weights, 0.6)

    assert weights[2] == 0.0
    assert weights.sum() == pytest.approx(6.0)
    assert weights[0] == pytest.approx(6.0 / 5.5)


@pytest.mark.parametrize(("missing", "usable"), [((0, 1), True), ((0, 1, 2), False)])
def test_sixty_percent_of_the_weight_must_be_known(missing, usable):
    known = np.array([j not in missing for j in range(8)])  # 4 of 6, then 3.5 of 6

    assert (usable_weights(known, RULES.weights, 0.6) is not None) is usable


@settings(max_examples=25)
@given(
    points=st.lists(st.lists(st.floats(-3, 3), min_size=8, max_size=8), min_size=1, max_size=12),
    order=st.permutations(range(8)),
)
def test_memberships_are_shares_and_follow_their_prototypes(points, order):
    z = np.array(points).T
    distances = squared_distances(z, RULES.prototypes, RULES.weights)

    shares = memberships(distances, RULES.priors, RULES.exponent)
    turned = memberships(distances[order], RULES.priors[order], RULES.exponent)

    assert shares.min() >= 0
    assert shares.sum(axis=0) == pytest.approx(np.ones(len(points)))
    assert turned == pytest.approx(shares[order])


def test_counts_add_up_to_the_debtors_and_areas_to_the_city():
    first, second = (classify_area(build_cells(seed=s), RULES, 2021).sums for s in (1, 2))
    city = first + second

    assert first.counts.sum() == pytest.approx(first.debtors)
    assert city.counts == pytest.approx(first.counts + second.counts)
    assert sum(e.value for e in share_estimates(city, RULES)) == pytest.approx(1.0)
    assert sum(e.value for e in group_estimates(city, RULES)) == pytest.approx(1.0)


def test_full_shrinking_gives_the_membership_of_the_area_mean():
    rules = dataclasses.replace(RULES, kappa=0.0)

    area = classify_area(build_cells(), rules, 2021)

    assert type_shares(area.sums) == pytest.approx(area_memberships(np.array(area.mean_z), rules))


def test_order_and_doubling_of_cells_change_no_share():
    cells = build_cells()
    plain = classify_area(cells, RULES, 2021).sums

    reversed_cells = classify_area({name: v[::-1].copy() for name, v in cells.items()}, RULES, 2021).sums
    doubled = classify_area({name: np.tile(v, 2) for name, v in cells.items()}, RULES, 2021).sums

    assert reversed_cells.counts == pytest.approx(plain.counts)
    assert reversed_cells.covariance == pytest.approx(plain.covariance)
    assert type_shares(doubled) == pytest.approx(type_shares(plain))


def test_a_missing_value_is_replaced_by_the_area_mean():
    cells = build_cells(n=3)
    cells["mean_adult_age"] = np.array([48.0, 52.0, np.nan])
    cells["debtors_hard"], cells["debtors_soft"] = np.array([3.0, 1.0, 1.0]), np.array([3.0, 1.0, 1.0])
    filled = {**cells, "mean_adult_age": np.array([48.0, 52.0, 49.0])}  # (6·48 + 2·52) / 8

    gap, whole = (classify_area(c, RULES, 2021) for c in (cells, filled))

    assert gap.sums.counts == pytest.approx(whole.sums.counts)
    assert gap.mean_z[7] == pytest.approx((49.0 - 49.963) / 1.868)


def test_gaps_lower_the_coverage_by_households_and_weight():
    cells = build_cells(n=40)
    cells["households"][:] = 5.0
    cells = with_gaps(cells, ["mean_adult_age"], slice(0, 10))

    area = classify_area(cells, RULES, 2021)

    assert area.sums.coverage == pytest.approx(
        1 - 0.25 / 6
    )  # one of six weights, a quarter of the households


def test_a_dimension_that_most_households_lack_is_dropped():
    cells = with_gaps(build_cells(), ["mean_adult_age"], slice(0, 45))

    area = classify_area(cells, RULES, 2021)

    assert area.mean_z[7] is None
    assert area.sums.counts.sum() == pytest.approx(area.sums.debtors)


def test_cells_without_debtors_columns_have_no_types():
    cells = {"households": np.full(30, 6.0), "adults": np.full(30, 11.0)}

    area = classify_area(cells, RULES, 2021)

    assert area.status is Status.NO_DATA
    assert area.mean_z == (None,) * 8
    assert [e.value for e in share_estimates(area.sums, RULES)] == [None] * 8
    assert [e.value for e in count_estimates(area.sums, RULES)] == [None] * 8


def test_an_area_without_cells_has_no_data():
    area = classify_area({name: np.array([]) for name in NEEDED_COLUMNS}, RULES, 2021)

    assert area.status is Status.NO_DATA


@pytest.mark.parametrize(
    ("n", "debtors", "status"),
    [(60, 4.0, Status.OK), (19, 40.0, Status.TOO_SMALL), (60, 0.2, Status.TOO_SMALL)],
)
def test_few_cells_or_few_debtors_are_too_small(n, debtors, status):
    assert classify_area(build_cells(n=n, debtors=debtors), RULES, 2021).status is status


def test_delivered_types_are_added_with_the_debtors():
    percent = np.zeros((8, 2))
    percent[0], percent[1] = [50, 0], [50, 100]
    cells = {
        "households": np.array([6.0, 6.0]),
        "debtors_hard": np.array([1.0, 0.5]),
        "debtors_soft": np.array([1.0, 0.5]),
        **{f"type_{k + 1}": percent[k] for k in range(8)},
    }

    area = classify_area(cells, RULES, 2021)

    assert area.method == "delivered"
    assert area.sums.counts[:2].tolist() == [1.0, 2.0]
    # (1 + .04)·Σ x² − (Σ x)²/2 with x = 1, 0 and 1, 1
    assert area.sums.covariance[0, 0] == pytest.approx(1.04 - 0.5)
    assert area.sums.covariance[1, 1] == pytest.approx(2.08 - 2.0)


def test_a_gap_in_delivered_types_lowers_the_coverage():
    cells = {
        "households": np.array([6.0, 4.0, 10.0]),
        "debtors_hard": np.array([1.0, 1.0, 0.0]),
        "debtors_soft": np.array([1.0, 1.0, 0.0]),
        **{f"type_{k}": np.array([12.5, math.nan, math.nan]) for k in range(1, 9)},
    }

    area = classify_area(cells, RULES, 2021)

    assert area.sums.coverage == pytest.approx(0.8)  # nobody in the third cell needs a type
    assert area.sums.debtors == 2.0


def test_location_quotients_average_to_one():
    areas = [classify_area(build_cells(seed=s, n=40 + 10 * s), RULES, 2021).sums for s in (1, 2, 3)]
    city = areas[0] + areas[1] + areas[2]

    quotients = np.array([location_quotients(area, city) for area in areas])

    weights = np.array([area.counts.sum() for area in areas])
    assert weights @ quotients / weights.sum() == pytest.approx(np.ones(8))


def test_mixture_lies_between_one_type_and_all_types():
    assert mixture(np.array([1.0, 0, 0, 0, 0, 0, 0, 0])) == 0.0
    assert mixture(np.full(8, 0.125)) == pytest.approx(1.0)
    assert mixture(np.array([0.5, 0.5, 0, 0, 0, 0, 0, 0])) == pytest.approx(1 / 3)
