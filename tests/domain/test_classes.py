"""Class limits of maps and the class of a value."""

import csv
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kodala.statistics.classes import (
    class_of,
    count_classes,
    equal_interval_limits,
    fisher_jenks_limits,
    five_class_limits,
    pretty,
    quantile_limits,
    standard_deviation_limits,
)

CALEMP = Path(__file__).parents[3] / "shared/data/reference/calemp_density.csv"
numbers = st.lists(st.integers(-1000, 1000), min_size=1, max_size=40).map(lambda v: [x / 7 for x in v])


@pytest.fixture(scope="module")
def calemp():
    if not CALEMP.exists():
        pytest.skip("the published reference file is not beside the repository")
    with CALEMP.open(encoding="utf-8") as lines:
        return [float(row["emp_per_sqkm"]) for row in csv.DictReader(lines)]


def test_a_limit_belongs_to_the_lower_class():
    limits = [7.0, 9.0, 11.0, 14.0]

    assert [class_of(value, limits) for value in (7.0, 7.1, 9.0, 14.0, 14.2)] == [0, 1, 1, 3, 4]


def test_rounding_noise_does_not_change_the_class():
    assert class_of(0.1 + 0.2, [0.3]) == 0
    assert class_of(0.3001, [0.3]) == 1


def test_first_and_last_class_are_open_and_nothing_has_no_class():
    assert class_of(-50.0, [0.0, 10.0]) == 0
    assert class_of(5000.0, [0.0, 10.0]) == 2
    assert class_of(None, [0.0, 10.0]) is None
    assert class_of(3.0, []) == 0


def test_empty_classes_are_counted_as_zero():
    assert count_classes([1.0, 2.0, None, 9.0], [2.0, 5.0]) == [2, 0, 1]


@pytest.mark.parametrize(
    ("lo", "hi", "limits"),
    [
        (0, 97, [0, 20, 40, 60, 80, 100]),
        (4.9, 24.1, [0, 5, 10, 15, 20, 25]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-3.2, 8.9, [-4, -2, 0, 2, 4, 6, 8, 10]),
        (0.15, 0.35, [0.15, 0.2, 0.25, 0.3, 0.35]),
        (5, 5, [5]),
    ],
)
def test_pretty_steps(lo, hi, limits):
    assert pretty(lo, hi) == limits


def test_pretty_refuses_a_reversed_range():
    with pytest.raises(ValueError, match="no round steps from 3 to 1"):
        pretty(3, 1)


def test_five_classes_from_pretty_steps():
    assert five_class_limits([4.9, 8, 12, 17, 19, 24.1]) == [5, 10, 15, 20]


def test_five_classes_from_other_round_steps_where_pretty_gives_four_or_ten():
    # pretty steps of 5 make four classes of 10,2 … 29,5, steps of 2 make ten; steps of 4 from 8 make six
    assert five_class_limits([10.2, 14, 17, 19, 22, 25, 26, 29.5]) == [12, 16, 20, 24]


def test_fewer_values_make_fewer_classes():
    assert five_class_limits([3.0]) == []
    assert five_class_limits([3.0, 3.0, 3.0]) == []
    assert len(five_class_limits([1.0, 9.0, 9.0])) == 1


def test_no_values_make_no_classes():
    with pytest.raises(ValueError, match="no values"):
        five_class_limits([])


@settings(max_examples=60)
@given(values=numbers)
def test_five_classes_cover_every_value_with_equal_steps(values):
    limits = five_class_limits(values)

    assert len(limits) == min(5, len(set(values))) - 1
    assert limits == sorted(set(limits))
    steps = [b - a for a, b in pairwise(limits)]
    assert all(step == pytest.approx(steps[0]) for step in steps)
    classes = [class_of(value, limits) for value in sorted(values)]
    assert classes == sorted(classes)
    assert sum(count_classes(values, limits)) == len(values)


def test_quantiles_of_the_published_example(calemp):
    limits = quantile_limits(calemp, 5)

    assert limits == pytest.approx([1.464, 5.798, 13.278, 54.616, 4111.45])
    assert count_classes(calemp, limits[:-1]) == [12, 11, 12, 11, 12]


def test_equal_intervals_of_the_published_example(calemp):
    limits = equal_interval_limits(calemp, 5)

    assert limits == pytest.approx([822.394, 1644.658, 2466.922, 3289.186, 4111.45])
    assert count_classes(calemp, limits[:-1]) == [57, 0, 0, 0, 1]


def test_fisher_jenks_of_the_published_example(calemp):
    limits = fisher_jenks_limits(calemp, 5)

    assert limits == pytest.approx([75.29, 192.05, 370.5, 722.85, 4111.45])
    assert count_classes(calemp, limits[:-1]) == [49, 3, 4, 1, 1]


def test_standard_deviations_of_the_published_example(calemp):
    limits = standard_deviation_limits(calemp)

    assert limits == pytest.approx([-967.3623538, -420.7171251, 672.5733321, 1219.2185607, 4111.45])
    assert count_classes(calemp, limits[:-1]) == [0, 0, 56, 1, 1]


def within_squares(values, limits):
    groups = {}
    for value in values:
        groups.setdefault(class_of(value, limits[:-1]), []).append(value)
    return sum(sum((v - sum(g) / len(g)) ** 2 for v in g) for g in groups.values())


@settings(max_examples=40, deadline=None)
@given(values=st.lists(st.integers(0, 60), min_size=4, max_size=10), k=st.integers(1, 4))
def test_fisher_jenks_is_not_beaten_by_any_other_division(values, k):
    distinct = sorted(set(values))
    k = min(k, len(distinct))

    found = within_squares(values, fisher_jenks_limits(values, k))

    others = (within_squares(values, [*inner, distinct[-1]]) for inner in combinations(distinct[:-1], k - 1))
    assert found <= min(others) + 1e-9


def test_fisher_jenks_lowers_the_number_of_classes():
    assert fisher_jenks_limits([2, 2, 8], 5) == [2, 8]


def test_limits_need_values():
    with pytest.raises(ValueError, match="cannot make 5 classes of 0 values"):
        quantile_limits([], 5)
