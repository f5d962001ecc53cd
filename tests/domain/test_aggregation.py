"""From cells to areas to the city."""

import math
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kodala.statistics.aggregation import (
    Status,
    column,
    coverage_status,
    estimate,
    sum_mean,
    sum_ratio,
    sum_total,
    worst,
)

NAN = math.nan


def array(*values):
    return np.array(values, dtype=np.float64)


# The case of the methods: cells a, b, c in area 1, d in area 2, e in area 3.
HOUSEHOLDS = (array(4, 6, 10), array(5), array(4))
ADULTS = (array(7, 10, 18), array(9), array(0))
DEBTORS = (array(0.8, 2.0, NAN), array(0.0), array(0.0))
FEATURE = (array(22000, NAN, 30000), array(26000), array(NAN))
CLASS_5 = (array(20, 10, NAN), array(0), array(NAN))
AREAS = range(3)


def together(sums):
    """The city: the sums of its areas added up."""
    return reduce(add, sums)


def test_a_ratio_leaves_a_gap_out_of_both_sides():
    rate = estimate(sum_ratio(DEBTORS[0], ADULTS[0], HOUSEHOLDS[0]))

    assert rate.value == pytest.approx(2.8 / 17)
    assert (rate.numerator, rate.denominator, rate.base) == (pytest.approx(2.8), 17.0, 17.0)
    assert rate.coverage == 0.5
    assert rate.n_cells == 2
    assert rate.status is Status.UNCERTAIN


def test_a_mean_is_weighted_and_its_gap_makes_it_uncertain():
    mean = estimate(sum_mean(FEATURE[0], HOUSEHOLDS[0], HOUSEHOLDS[0]))

    assert mean.value == pytest.approx(27714.285714)
    assert mean.coverage == pytest.approx(0.7)
    assert mean.weight_sum == 14.0
    assert mean.status is Status.UNCERTAIN
    # s²_w = 13 061 224.5, n_eff = 14²/116, √(0.3 · s²_w / n_eff)
    assert mean.se == pytest.approx(1522.84, abs=0.01)


def test_a_true_zero_is_a_value():
    rate = estimate(sum_ratio(DEBTORS[1], ADULTS[1], HOUSEHOLDS[1]))

    assert rate.value == 0.0
    assert rate.status is Status.OK


def test_nothing_over_nothing_has_no_value():
    rate = estimate(sum_ratio(DEBTORS[2], ADULTS[2], HOUSEHOLDS[2]))
    mean = estimate(sum_mean(FEATURE[2], HOUSEHOLDS[2], HOUSEHOLDS[2]))

    assert (rate.value, rate.lower, rate.status) == (None, None, Status.NO_DATA)
    assert (mean.value, mean.coverage, mean.status) == (None, 0.0, Status.NO_DATA)


def test_the_city_is_made_from_added_sums():
    rate = estimate(together(sum_ratio(DEBTORS[a], ADULTS[a], HOUSEHOLDS[a]) for a in AREAS))
    mean = estimate(together(sum_mean(FEATURE[a], HOUSEHOLDS[a], HOUSEHOLDS[a]) for a in AREAS))
    share = estimate(together(sum_mean(CLASS_5[a], HOUSEHOLDS[a], HOUSEHOLDS[a]) for a in AREAS))

    assert rate.value == pytest.approx(0.10769230769)
    assert mean.value == pytest.approx(27263.157894736)
    assert share.numerator == pytest.approx(140.0)  # 9,33 with coverage 15/29
    assert share.value == pytest.approx(9.3333333333)


def test_a_total_is_never_filled_in():
    total = estimate(sum_total(array(3, NAN, 5), array(10, 10, 20)))

    assert total.value == 8.0
    assert total.coverage == 0.75
    assert total.status is Status.UNCERTAIN
    assert total.denominator is None


def test_full_coverage_leaves_no_error_of_the_missing_part():
    mean = estimate(sum_mean(array(1, 5), array(1, 1), array(4, 4)))

    assert (mean.value, mean.se, mean.lower, mean.upper) == (3.0, 0.0, 3.0, 3.0)


@pytest.mark.parametrize(
    ("coverage", "status"),
    [
        (1.0, Status.OK),
        (0.8, Status.OK),
        (0.79, Status.UNCERTAIN),
        (0.5, Status.UNCERTAIN),
        (0.49, Status.NO_DATA),
    ],
)
def test_coverage_decides_the_status(coverage, status):
    assert coverage_status(coverage) is status


def test_the_worst_status_wins():
    assert worst(Status.OK, Status.TOO_SMALL, Status.UNCERTAIN) is Status.TOO_SMALL
    assert worst(Status.TOO_SMALL, Status.NO_DATA) is Status.NO_DATA


def test_a_column_that_was_not_delivered_is_missing_everywhere():
    values = column({"households": array(4, 5)}, "purchasing_power_eur")

    assert np.isnan(values).tolist() == [True, True]


def test_sums_of_different_kinds_are_not_added():
    with pytest.raises(ValueError, match="cannot add sums of a total to sums of a mean"):
        _ = sum_mean(array(1), array(1), array(4)) + sum_total(array(1), array(4))


@pytest.mark.parametrize(
    ("weights", "shares", "published"),
    [
        ((2.33, 2.35), (72.8, 61.4), 67.1),
        ((2.12, 2.29), (59.7, 38.2), 48.5),
        ((1.84, 2.77), (31.7, 10.6), 19.0),
    ],
)
def test_published_poststratification_of_2009_comes_out(weights, shares, published):
    mean = estimate(sum_mean(array(*shares), array(*weights), array(*weights)))

    assert mean.value == pytest.approx(published, abs=0.06)


cells = st.lists(
    st.tuples(st.floats(0, 1e5), st.floats(0.1, 100), st.integers(4, 60)), min_size=1, max_size=30
)


@settings(max_examples=25)
@given(cells=cells, factor=st.floats(0.01, 100))
def test_a_mean_lies_between_its_values_and_only_relative_weights_count(cells, factor):
    values, weights, households = (array(*part) for part in zip(*cells, strict=True))

    mean = estimate(sum_mean(values, weights, households)).value
    scaled = estimate(sum_mean(values, weights * factor, households)).value

    assert values.min() - 1e-6 <= mean <= values.max() + 1e-6
    assert scaled == pytest.approx(mean)


@settings(max_examples=25)
@given(cells=cells, cut=st.integers(0, 30), share=st.floats(0.1, 0.9))
def test_neither_the_division_of_the_city_nor_of_a_cell_changes_a_rate(cells, cut, share):
    counts, base, households = (array(*part) for part in zip(*cells, strict=True))
    counts = np.minimum(counts, base)
    whole = sum_ratio(counts, base, households)

    parts = sum_ratio(counts[:cut], base[:cut], households[:cut]) + sum_ratio(
        counts[cut:], base[cut:], households[cut:]
    )
    split = [np.append(a[1:], [a[0] * share, a[0] * (1 - share)]) for a in (counts, base, households)]
    shuffled = sum_ratio(counts[::-1], base[::-1], households[::-1])

    for other in (parts, sum_ratio(*split), shuffled):
        assert other.numerator == pytest.approx(whole.numerator)
        assert estimate(other).value == pytest.approx(estimate(whole).value)
