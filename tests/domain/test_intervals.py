"""Intervals of rates and counts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kodala.statistics.intervals import byar, half_width_se, wilson


def test_wilson_gives_the_example_of_the_methods():
    lower, upper = wilson(278 / 2300, 2300)

    assert lower == pytest.approx(0.1082, abs=5e-5)
    assert upper == pytest.approx(0.1348, abs=5e-5)


def test_wilson_of_nobody_and_of_everybody_stays_inside_0_and_1():
    assert wilson(0.0, 10)[0] == 0.0
    assert wilson(1.0, 10)[1] == 1.0
    assert wilson(0.0, 10)[1] == pytest.approx(3.8416 / 13.8416)


def test_byar_of_ten():
    lower, upper = byar(10)

    assert lower == pytest.approx(4.787, abs=2e-3)
    assert upper == pytest.approx(18.392, abs=2e-3)


def test_byar_of_zero_begins_at_zero():
    lower, upper = byar(0)

    assert lower == 0.0
    assert upper == pytest.approx((1 - 1 / 9 + 1.96 / 3) ** 3)


def test_standard_error_is_the_width_over_3_92():
    assert half_width_se(1.0, 4.92) == pytest.approx(1.0)


@pytest.mark.parametrize(("share", "n"), [(1.2, 5), (-0.1, 5)])
def test_wilson_refuses_what_is_no_share(share, n):
    with pytest.raises(ValueError, match="must lie in"):
        wilson(share, n)


def test_wilson_refuses_an_empty_base():
    with pytest.raises(ValueError, match="must be positive"):
        wilson(0.5, 0)


def test_byar_refuses_a_negative_count():
    with pytest.raises(ValueError, match="must not be negative"):
        byar(-1)


@settings(max_examples=40)
@given(share=st.floats(0, 1), n=st.floats(0.5, 1e6), count=st.floats(0, 1e6))
def test_intervals_contain_their_value(share, n, count):
    lower, upper = wilson(share, n)
    least, most = byar(count)

    assert 0 <= lower <= share <= upper <= 1
    assert 0 <= least <= count <= most
