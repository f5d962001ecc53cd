"""German numbers, differences and ranges."""

import pytest

from kodala.core.german import german_number
from kodala.publication.domain.wording import (
    interval_words,
    names_in_a_row,
    round_published,
    signed_number,
    with_unit,
)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(1234.5, 1, "1.234,5"), (155568, 0, "155.568"), (-0.4, 1, "−0,4"), (-0.04, 1, "0,0"), (0, 1, "0,0")],
)
def test_numbers_are_written_the_german_way(value, decimals, text):
    assert german_number(value, decimals) == text


def test_differences_carry_their_sign():
    assert [signed_number(value, 1) for value in (4.5, -0.4, 0.0, 0.04)] == ["+4,5", "−0,4", "±0,0", "±0,0"]


def test_a_unit_never_moves_to_the_next_line():
    assert with_unit("13,1", "%") == "13,1\u00a0%"


@pytest.mark.parametrize(
    ("value", "decimals", "round_to", "rounded"),
    [(13.05, 1, 1, 13.1), (7.25, 1, 1, 7.3), (-7.25, 1, 1, -7.3), (1094, 0, 10, 1090), (1095, 0, 10, 1100)],
)
def test_halves_are_rounded_away_from_zero(value, decimals, round_to, rounded):
    assert round_published(value, decimals, round_to) == pytest.approx(rounded)


def test_an_interval_without_bounds_says_nothing():
    assert interval_words(None, None, 1, "%") == ""
    assert interval_words(12.8, 13.5, 1, "%") == "12,8 bis 13,5\u00a0%"


def test_names_read_as_sentences():
    assert names_in_a_row(["Norf"]) == "Norf"
    assert names_in_a_row(["Norf", "Erfttal", "Holzheim"]) == "Norf, Erfttal und Holzheim"
