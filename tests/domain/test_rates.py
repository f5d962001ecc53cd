"""Debt rates of an area."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kodala.statistics.aggregation import Status
from typology.domain.rates import estimate_rates, sum_rates


def cells(*rows):
    names = ("households", "adults", "debtors_hard", "debtors_soft")
    return dict(zip(names, np.array(rows, dtype=np.float64).T, strict=True))


def test_rates_of_the_example():
    rates = estimate_rates(
        sum_rates(cells((4, 7, 0.5, 0.3), (6, 10, 1.2, 0.8), (10, 18, math.nan, math.nan)))
    )

    assert rates.total.value == pytest.approx(2.8 / 17)
    assert rates.hard.value == pytest.approx(1.7 / 17)
    assert rates.soft.value == pytest.approx(1.1 / 17)
    assert rates.hard_share.value == pytest.approx(1.7 / 2.8)
    assert rates.debtors.value == pytest.approx(2.8)
    assert rates.total.status is Status.UNCERTAIN


def test_a_cell_without_soft_debtors_counts_in_no_rate():
    rates = estimate_rates(sum_rates(cells((10, 20, 1.0, 1.0), (4, 10, 5.0, math.nan))))

    assert rates.hard.value == pytest.approx(1 / 20)
    assert rates.hard_share.value == pytest.approx(0.5)


def test_an_area_without_debt_columns_has_no_rate_and_not_zero():
    rates = estimate_rates(sum_rates({"households": np.array([5.0]), "adults": np.array([9.0])}))

    assert rates.total.value is None
    assert rates.total.status is Status.NO_DATA
    assert rates.debtors.value is None


def test_interval_of_the_rate_is_wilsons():
    rates = estimate_rates(sum_rates(cells((1200, 2300, 178, 100))))

    assert rates.total.lower == pytest.approx(0.1082, abs=5e-5)
    assert rates.total.upper == pytest.approx(0.1348, abs=5e-5)


@settings(max_examples=50)
@given(
    rows=st.lists(
        st.tuples(st.integers(4, 40), st.floats(8, 90), st.floats(0, 4), st.floats(0, 4)),
        min_size=2,
        max_size=20,
    )
)
def test_hard_and_soft_make_the_total_and_areas_make_the_city(rows):
    whole = sum_rates(cells(*rows))
    parts = sum_rates(cells(*rows[:1])) + sum_rates(cells(*rows[1:]))
    rates = estimate_rates(whole)

    assert rates.hard.value + rates.soft.value == pytest.approx(rates.total.value)
    assert 0 <= rates.total.lower <= rates.total.value <= rates.total.upper <= 1
    assert estimate_rates(parts).total.value == pytest.approx(rates.total.value)
