"""Classes of the map: words, letters and places along the legend."""

import pytest

from kodala.publication.domain.legend import class_code, class_letter, class_texts, position
from kodala.publication.shown import FigureState

LIMITS = [7.0, 9.0, 11.0, 14.0]


def test_an_upper_limit_belongs_to_the_lower_class():
    codes = [class_code(value, FigureState.VALUE, LIMITS) for value in (2.0, 7.0, 7.1, 14.0, 14.1)]

    assert codes == ["a", "a", "b", "d", "e"]


def test_the_words_say_the_same():
    assert class_texts(LIMITS, 0) == ["bis 7", "> 7 bis 9", "> 9 bis 11", "> 11 bis 14", "über 14"]


def test_withheld_and_missing_have_signs_of_their_own():
    assert class_code(None, FigureState.PROTECTED, LIMITS) == "protected"
    assert class_code(None, FigureState.NOT_DELIVERED, LIMITS) == "missing"
    assert [class_letter(code) for code in ("a", "protected", "missing")] == ["A", "•", "…"]


@pytest.mark.parametrize(
    ("value", "place"), [(8.0, 30.0), (9.0, 40.0), (12.5, 70.0), (999.0, 100.0), (-999.0, 0.0)]
)
def test_positions_run_linearly_inside_equally_wide_classes(value, place):
    assert position(value, LIMITS) == place
